"""Find the lines on which a TOML file sets its settings, for errors; tomllib does not give them."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]
"""The path of a setting: names, and the number of a table among all of one name."""

_NAME = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_NAMES = rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*"
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_NAMES})[ \t]*\]")
_ASSIGNMENT = re.compile(rf"[ \t]*({_NAMES})[ \t]*=")


def setting_lines(text: str) -> Mapping[KeyPath, int]:
    """Return the lines on which settings are set, as far as the syntax shows.

    Settings that seem to be set twice are left out: one of the two is inside a multi-line string.
    """
    found: dict[KeyPath, int] = {}
    twice: set[KeyPath] = set()
    tables: Counter[KeyPath] = Counter()
    table: KeyPath = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            table = _unquoted(header[2])
            for end in range(1, len(table)):
                found.setdefault(table[:end], number)
            if header[1] == "[[":
                tables[table] += 1
                table = (*table, tables[table] - 1)
            found.setdefault(table, number)
        elif assignment := _ASSIGNMENT.match(line):
            keys = (*table, *_unquoted(assignment[1]))
            twice |= {keys} & found.keys()
            found.setdefault(keys, number)
    return {keys: number for keys, number in found.items() if keys not in twice}


def _unquoted(names: str) -> KeyPath:
    try:
        value: object = tomllib.loads(f"{names} = 0")
    except ValueError:  # a line inside a multi-line string
        return (names,)
    keys: list[str] = []
    while isinstance(value, dict):
        ((key, value),) = value.items()
        keys.append(key)
    return tuple(keys)


def setting_line(lines: Mapping[KeyPath, int], keys: KeyPath) -> int | None:
    """Return the line of a setting, or of what contains it: the tables of an array may begin on one line."""
    return next((line for end in range(len(keys), 0, -1) if (line := lines.get(keys[:end]))), None)
