"""The nodes of a YAML text with their positions as lines and columns."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from enrich.catalog.text import Text
from enrich.model import EnrichError, Place

NULLS = frozenset(("", "~", "null", "Null", "NULL"))
"""Scalars that mean nothing if they are plain."""

NUMBER = re.compile(r"[+-]?[0-9]{1,15}")
"""An integer of a catalog."""


class CatalogError(EnrichError):
    """A catalog cannot be read or written; the message begins with `file:line` if there is a place."""


@dataclass(slots=True)
class Scalar:
    """A text from `start` to `end`; `plain` is false if quotes or a tag show that it is not null."""

    start: int
    end: int
    column: int
    value: str
    plain: bool
    style: str
    flow: bool

    @property
    def absent(self) -> bool:
        """Whether it is null."""
        return self.plain and self.value in NULLS


@dataclass(slots=True)
class SequenceNode:
    """A list; `tail` is where its last item ends, `end` where it ends itself (behind the bracket in flow style)."""

    start: int
    column: int
    flow: bool
    end: int = 0
    tail: int = 0
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class MappingNode:
    """Keys and values in order; positions as in `SequenceNode`."""

    start: int
    column: int
    flow: bool
    end: int = 0
    tail: int = 0
    pairs: list[tuple[Node, Node]] = field(default_factory=list)


Node = Scalar | SequenceNode | MappingNode


@dataclass(slots=True)
class YamlDocument:
    """A catalog's top-level mapping; the items of its `entries` were yielded and are not kept."""

    root: MappingNode
    keys: dict[str, tuple[Scalar, Node]]


class Lines:
    """Convert offsets in a text to places and back; lines end as in editors (LF, CRLF or CR)."""

    def __init__(self, text: Text, path: str) -> None:
        self.path = path
        self._text = text
        self._starts = text.line_starts()

    def place(self, offset: int) -> Place:
        """Return the line and column (from 1) of a character."""
        line = bisect_right(self._starts, self._text.byte(offset))
        return Place(self.path, line, offset - self._text.character(self._starts[line - 1]) + 1)

    def offset(self, place: Place) -> int:
        """Return the character at a place from `place`."""
        return self._text.character(self._starts[place.line - 1]) + place.column - 1

    def error(self, offset: int, message: str) -> CatalogError:
        """Return an error about the text at a character."""
        return CatalogError(f"{self.place(offset)}: {message}")
