"""Write clean titles into a list; every other byte stays; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from enrich.lists.formats import read_any
from enrich.model import EnrichError, Entry, Place

_BREAK = re.compile(r"\r\n|\r|\n")
_MOST_READINGS = 40
"""How often a list is read at most to find out which titles cannot be written."""


@dataclass(frozen=True, slots=True)
class Retitle:
    """A title that replaced another."""

    place: Place
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Retitled:
    """The new text of a list, the titles written, and the places of titles that could not be written."""

    text: str
    done: tuple[Retitle, ...] = ()
    left: tuple[Place, ...] = ()


def retitled(text: str, path: str, titles: Mapping[str, str]) -> Retitled:
    """Return a list with new titles, where an item's title is written in one piece.

    Args:
        text: all of the file, byte order mark and line ends included.
        path: its path; the suffix determines the format.
        titles: the new title of each old one.
    """
    items = _read(text, path)
    wanted = [item for item in items if item.title in titles and item.place]
    if not wanted:
        return Retitled(text)
    starts = [0, *(match.end() for match in _BREAK.finditer(text))]
    ends = _ends(items, len(starts))
    done: list[tuple[int, Retitle]] = []
    left: list[Place] = []
    for item in wanted:
        found = _found(text, item, titles, starts, ends)
        if found is not None and len(done) + len(left) < _MOST_READINGS:
            after = _read(_spliced(text, [*done, found]), path)
            changed = {item.place, *(change.place for _, change in done)}
            if list(map(_unplaced, after)) == [_expected(each, titles, changed) for each in items]:
                done.append(found)
                continue
        if item.place:
            left.append(item.place)
    return Retitled(_spliced(text, done), tuple(change for _, change in done), tuple(left))


def _read(text: str, path: str) -> tuple[Entry, ...]:
    try:
        return read_any(_BREAK.sub("\n", text.removeprefix("\ufeff")), path)
    except EnrichError:
        return ()


def _ends(items: Sequence[Entry], lines: int) -> dict[int, int]:
    """Return the line at which the next item begins, by the line of each item."""
    places = sorted({item.place.line for item in items if item.place})
    return dict(zip(places, [*places[1:], lines + 1], strict=True))


def _found(
    text: str, item: Entry, titles: Mapping[str, str], starts: Sequence[int], ends: Mapping[int, int]
) -> tuple[int, Retitle] | None:
    """Return where an item's title is written; None unless it is there exactly once."""
    if item.place is None or item.title is None or item.place.line > len(starts):
        return None
    line = item.place.line
    start = starts[line - 1]
    end = starts[ends[line] - 1] if ends[line] <= len(starts) else len(text)
    at = text.find(item.title, start, end)
    if at < 0 or text.find(item.title, at + 1, end) >= 0:
        return None
    return at, Retitle(item.place, item.title, titles[item.title])


def _spliced(text: str, changes: Sequence[tuple[int, Retitle]]) -> str:
    parts, place = [], 0
    for at, change in sorted(changes, key=lambda each: each[0]):
        parts += [text[place:at], change.new]
        place = at + len(change.old)
    return "".join((*parts, text[place:]))


def _expected(item: Entry, titles: Mapping[str, str], changed: set[Place | None]) -> Entry:
    """Return an item as it should be read from the new text."""
    bare = _unplaced(item)
    if item.place not in changed or item.title is None or item.title not in titles:
        return bare
    new = titles[item.title]
    links = tuple(replace(link, label=new) if link.label == item.title else link for link in bare.links)
    return replace(bare, title=new, links=links)


def _unplaced(item: Entry) -> Entry:
    return replace(item, place=None, links=tuple(replace(link, place=None) for link in item.links))
