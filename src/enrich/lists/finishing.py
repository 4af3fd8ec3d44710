"""The last steps after all items of a list were read: drop repetitions, and find venues in remarks; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from enrich.lists import headings
from enrich.lists.document import Document
from enrich.model import Entry, EntryType
from enrich.text import venues
from enrich.text.folding import fold

_PIECES = re.compile(r"\s[|/]\s|;\s")


def finished(entries: Iterable[Entry], document: Document) -> Iterator[Entry]:
    """Yield the entries of a list as they are kept."""
    title = _title_of(document)
    for entry in entries:
        yield with_plain_labels(_with_venue(_below_title(entry, title)))


def with_plain_labels(entry: Entry) -> Entry:
    """Return the entry without labels of links that repeat its title."""
    title = fold(entry.title or "")
    if not title:
        return entry
    links = (replace(link, label="") if link.label and fold(link.label) == title else link for link in entry.links)
    return replace(entry, links=tuple(links))


def _title_of(document: Document) -> str | None:
    """Return the title of the list: its first heading if no other has the same level."""
    found = list(document.headings())
    if not found or found[0].level != 1 or sum(block.level == 1 for block in found) > 1:
        return None
    return headings.text_of_heading(found[0].spans)


def _below_title(entry: Entry, title: str | None) -> Entry:
    """Return the entry with its section path without the list's title, unless there is no other section."""
    if not title:
        return entry
    return replace(entry, sections=tuple(section.removeprefix(f"{title} / ") for section in entry.sections))


def _with_venue(entry: Entry) -> Entry:
    """Return a paper without a venue with the venue at either end of its remarks."""
    if entry.type is not EntryType.PAPER or entry.venue or not entry.remarks:
        return entry
    pieces = _PIECES.split(entry.remarks)
    for piece in (pieces[-1], pieces[0]):
        if venues.is_venue_with_year(piece) and (venue := venues.venue_in(piece)):
            start = entry.remarks.rfind(piece) if piece is pieces[-1] else 0
            rest = entry.remarks[:start] + entry.remarks[start + len(piece) :]
            return replace(entry, venue=venue, remarks=rest.strip(" |/;") or None)
    return entry
