"""Repositories on GitHub by their URLs; pure."""

from __future__ import annotations

import re
from urllib.parse import unquote

from enrich.model import Identifier, Scheme
from enrich.text.urls import split_url

# First path segments on GitHub that belong to the site, not to an owner.
GITHUB_RESERVED = frozenset(
    re.findall(
        r"[a-z-]+",
        """about account advisories apps blog business codespaces collections contact contributing copilot
        customer-stories dashboard discussions enterprise events explore features gist git-guides github-copilot home
        issues join login logout marketplace mcp mobile models new newsroom nonprofit notifications open-source orgs
        organizations partners premium-support pricing pulls readme resources search security sessions settings signup
        site solutions spark sponsors stars storage stories support team teams terms topics tos trending users watching
        why-github wiki""",
    )
)
GITHUB_HOSTS = ("github.com", "www.github.com", "raw.githubusercontent.com", "codeload.github.com")
_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_NAME = re.compile(r"(?!\.{0,2}$)[A-Za-z0-9._-]+")


def repository_part(url: str) -> str:
    """Return the part of a repository in a GitHub URL: `tree/main/docs`, `issues/7`; empty for the whole of it.

    Raw files are named as on the site: `raw/main/README.md`.
    """
    parts = split_url(url.strip())
    host = parts.hostname or ""
    segments = [segment for segment in unquote(parts.path).split("/") if segment]
    if not repository(host, unquote(parts.path)) or len(segments) < 3:
        return ""
    return "/".join(["raw", *segments[2:]] if host == "raw.githubusercontent.com" else segments[2:])


def repository(host: str, path: str) -> Identifier | None:
    """Return the repository in a path on one of GitHub's hosts."""
    if host not in GITHUB_HOSTS:
        return None
    segments = [segment for segment in path.split("/") if segment]
    if len(segments) < 2 or segments[0].lower() in GITHUB_RESERVED:
        return None
    owner, name = segments[0], segments[1].removesuffix(".git")
    if not _OWNER.fullmatch(owner) or not _NAME.fullmatch(name):
        return None
    return Identifier(Scheme.GITHUB, f"{owner}/{name}".lower())
