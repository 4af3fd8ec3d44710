"""What a list or a source says about a paper that helps to identify it."""

from __future__ import annotations

from dataclasses import dataclass

from enrich.model import Entry, Record
from enrich.text.dates import find_year


@dataclass(frozen=True)
class Description:
    """What a list or a record says about a paper; None and () if it says nothing.

    `name` is the name of its system or method as lists use it (`FlexGen`); `other_titles` are earlier or variant titles
    of the same paper; `abstract` is a source's abstract of it.
    """

    title: str | None = None
    name: str | None = None
    authors: tuple[str, ...] = ()
    year: int | None = None
    venue: str | None = None
    other_titles: tuple[str, ...] = ()
    abstract: str | None = None

    @property
    def titles(self) -> tuple[str, ...]:
        """All known titles, the current one first."""
        return tuple(title for title in (self.title, *self.other_titles) if title)


def describe(entry: Entry) -> Description:
    """Return what the list says about an entry's paper."""
    year = entry.own.year or find_year(entry.venue or "")
    return Description(entry.title, entry.name, entry.own.authors, year, entry.venue)


def described(record: Record) -> Description:
    """Return what a record says about its paper."""
    return Description(
        title=record.title,
        authors=record.authors,
        year=record.year,
        venue=record.venue,
        other_titles=record.other_titles,
        abstract=record.abstract,
    )
