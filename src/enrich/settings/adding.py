"""Add `[[ignore]]` tables to a settings file; every existing byte stays."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from enrich.settings import SettingsError

_PYPROJECT = "pyproject.toml"


def with_ignores(text: str, blocks: Sequence[str], path: Path) -> str:
    """Return the text of a settings file with tables at its end, in the file's own line ends.

    Args:
        text: What the file holds now.
        blocks: `[[ignore]]` tables, each as lines without an end.
        path: The file: in a pyproject.toml the tables belong to `[tool.enrich]`.

    Raises:
        SettingsError: The file sets `ignore` in a form to which no table can be added, or is not TOML.
    """
    is_project = path.name == _PYPROJECT
    named = [block.replace("[[ignore]]", "[[tool.enrich.ignore]]", 1) if is_project else block for block in blocks]
    end = "\r\n" if "\r\n" in text else "\n"
    added = "".join(f"\n{block}\n" for block in named).replace("\n", end)
    gap = "" if not text or text.endswith("\n") else end
    whole = text + gap + (added if text else added.removeprefix(end))
    try:
        before, after = (_ignored(tomllib.loads(each.removeprefix("\ufeff")), is_project) for each in (text, whole))
    except ValueError:
        after, before = [], []
    if len(after) != len(before) + len(blocks):
        raise SettingsError(
            f"{path}: no `[[ignore]]` table can be added; write `ignore = [...]` as such tables, and fix the file if "
            "it is not TOML"
        )
    return whole


def _ignored(data: Mapping[str, object], is_project: bool) -> list[object]:
    for name in ("tool", "enrich") if is_project else ():
        inner = data.get(name)
        data = inner if isinstance(inner, dict) else {}
    rows = data.get("ignore")
    return rows if isinstance(rows, list) else []
