"""The Markdown that enrich exports, back to the entries that it was made from; pure."""

from __future__ import annotations

import re
from dataclasses import replace

from enrich.lists import keys
from enrich.lists.drafts import Context, Draft
from enrich.model import Enriched, Entry, Link, LinkKind, Place
from enrich.text import listing, venues

_HEADING = re.compile(r"## (.+)")
_LONGEST_AUTHOR = 8
"""Words; what is longer is no name."""
_KINDS = {kind.value: kind for kind in LinkKind}


def read(text: str, path: str) -> tuple[Entry, ...] | None:
    """Return the entries of a list that enrich wrote; None where any line is not as it writes them."""
    if "](<" not in text:
        return None
    found: list[Entry] = []
    section = ""
    for number, line in enumerate(text.split("\n"), 1):
        if heading := _HEADING.fullmatch(line):
            section = listing.unescaped(heading[1])
        elif line.strip():
            item = listing.read(line)
            entry = _entry(item, section, Place(path, number)) if item else None
            if entry is None:
                return None
            found.append(entry)
    return tuple(found)


def _entry(item: listing.Listed, section: str, place: Place) -> Entry | None:
    if any(link.kind not in _KINDS for link in item.links) or not _are_authors(item):
        return None
    entry = Entry(
        key="",
        name=item.name or None,
        title=item.title or None,
        venue=item.venue or None,
        sections=(section,) if section else (),
        remarks=item.remarks or None,
        links=tuple(Link(link.url, _KINDS[link.kind], link.label, place) for link in item.links),
        own=Enriched(authors=item.authors if item.complete else (), year=int(item.year) if item.year else None),
        place=place,
    )
    nameless = replace(entry, title=None)
    if not item.name and entry.links and re.fullmatch(rf"{re.escape(keys.slug(nameless))}(?:-\d+)?", item.title):
        # What has neither name nor title is listed by its key.
        entry = nameless
    return replace(entry, type=_draft(entry).type())


def _are_authors(item: listing.Listed) -> bool:
    """Whether what stands for authors is neither prose nor a venue, as it may be in a list of a similar style."""
    if any(len(author.split()) > _LONGEST_AUTHOR for author in item.authors):
        return False
    return bool(item.venue) or not any(map(venues.venue_in, item.authors))


def _draft(entry: Entry) -> Draft:
    """Return the entry in the making, which knows what it is an entry of."""
    called = entry.title or entry.name or ""
    return Draft(
        Context(
            entry.place.path if entry.place else "", tuple(entry.sections[0].split(" / ")) if entry.sections else ()
        ),
        entry.place.line if entry.place else 1,
        name=entry.name,
        title=entry.title,
        venue=entry.venue,
        year=entry.own.year,
        links=list(entry.links),
        authors=entry.own.authors,
        title_kind=next((link.kind for link in entry.links if link.label.startswith(called)), None) if called else None,
    )
