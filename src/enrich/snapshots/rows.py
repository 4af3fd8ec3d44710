"""The output of dump readers: rows, and what could not be read, each with its place in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from enrich.errors import EnrichError


class SnapshotError(EnrichError):
    """A snapshot cannot be built, opened or removed; the message has the file and the fix."""


class Row(NamedTuple):
    """One item of a dump: its identifier, its title (None without one), its facts as JSON values, its date.

    The title is the first of the facts. `updated` is the day of its last change (`2026-11-20`), None if the dump does
    not say.
    """

    id: str
    title: str | None
    facts: list[object] | None
    updated: str | None = None


class Malformed(NamedTuple):
    """A row that cannot be read: its place (`papers.jsonl:12`), and why."""

    place: str
    why: str


Item = Row | Malformed | None
"""What a reader yields for one item of a dump; None if it is left out, such as the draft of a DOI."""

LONGEST_LISTS = 500_000
"""Characters of all lists of a row together; the names of a paper by 5,000 people have a fifth of that."""


def within(texts: Iterable[str], most: int) -> Iterator[str]:
    """Yield the texts that have at most `most` characters together."""
    left = most
    for text in texts:
        left -= len(text)
        if left < 0:
            return
        yield text


def storable_text(value: object, most: int) -> str | None:
    """Return a text that UTF-8 can represent, of at most `most` characters; None for anything else or nothing."""
    if not isinstance(value, str):
        return None
    text = value[:most]
    return (text if text.isascii() else text.encode("utf-8", "ignore").decode()) or None
