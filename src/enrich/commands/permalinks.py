"""The URL under which files of the working directory can be read, based on the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

REPOSITORY_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
"""The owner and the name of a repository on GitHub."""


def permalink(environment: Mapping[str, str]) -> str | None:
    """Return the address on GitHub of the working directory at the commit of a workflow run; None outside of one."""
    repository = environment.get("GITHUB_REPOSITORY", "")
    if not REPOSITORY_NAME.fullmatch(repository):
        return None
    server = environment.get("GITHUB_SERVER_URL") or "https://github.com"
    commit = quote(environment.get("GITHUB_SHA") or "HEAD")
    return f"{server}/{repository}/blob/{commit}/{_folder(environment)}"


def _folder(environment: Mapping[str, str]) -> str:
    """Return the working directory inside the repository, `""` or `papers/`."""
    workspace = environment.get("GITHUB_WORKSPACE")
    here = Path.cwd()
    if not workspace or not here.is_relative_to(workspace):
        return ""
    inside = here.relative_to(workspace).as_posix()
    return "" if inside == "." else quote(f"{inside}/")
