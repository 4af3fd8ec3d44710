"""What a catalog holds: entries, their links, and what was found out about them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class EntryType(StrEnum):
    """What an item of the catalog is."""

    PAPER = "paper"
    REPOSITORY = "repository"
    DATASET = "dataset"
    BLOG = "blog"
    PERSON = "person"
    LAB = "lab"
    LIST = "list"
    VIDEO = "video"
    BENCHMARK = "benchmark"
    FRAMEWORK = "framework"
    OTHER = "other"


class LinkKind(StrEnum):
    """What a link of an entry leads to."""

    PAPER = "paper"
    CODE = "code"
    HOMEPAGE = "homepage"
    NOTES = "notes"
    ARTIFACT = "artifact"
    BENCHMARK = "benchmark"
    SLIDES = "slides"
    VIDEO = "video"
    BLOG = "blog"
    VENUE = "venue"
    OTHER = "other"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in a file; line and column count from 1."""

    path: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Link:
    """One link of an entry, as listed."""

    url: str
    kind: LinkKind = LinkKind.OTHER
    label: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Enriched:
    """What enrich has found out about an entry: the block `enriched:`, field by field.

    Dates are ISO 8601 texts (`2023-03-13`); `sources` maps a field's name to the source that filled it.
    """

    title: str | None = None
    authors: tuple[str, ...] = ()
    abstract: str | None = None
    year: int | None = None
    published: str | None = None
    venue: str | None = None
    doi: str | None = None
    arxiv_id: str | None = None
    semantic_scholar_id: str | None = None
    citation_count: int | None = None
    citation_count_as_of: str | None = None
    matched_by: str | None = None
    enriched_on: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)


ENRICHED_FIELDS = (
    "title",
    "authors",
    "abstract",
    "year",
    "published",
    "venue",
    "doi",
    "arxiv_id",
    "semantic_scholar_id",
    "citation_count",
    "citation_count_as_of",
    "matched_by",
    "enriched_on",
    "sources",
)
"""The fields of the block `enriched:`, in the order in which they are written."""

WANTED_FIELDS = ("authors", "abstract", "doi", "citation_count")
"""An entry of type paper that lacks one of these is incomplete."""


_AND_OTHERS = re.compile(r"(?:^|[\s,;])(?:et\.? ?al\.?|(?:and |& )?others)\s*$", re.IGNORECASE)


def is_open_ended(authors: Sequence[str]) -> bool:
    """Whether a list of authors says that there are more of them: `M. Abadi et al.`, `others`."""
    return bool(authors) and _AND_OTHERS.search(authors[-1]) is not None


def _completes(found: Sequence[str], listed: Sequence[str]) -> bool:
    """Whether a whole list of authors has all family names of an open-ended one."""
    names = filter(None, (_AND_OTHERS.sub("", name).strip(" ,;") for name in listed))
    known = {word for name in found for word in re.split(r"[\s,]+", name.casefold())}
    return bool(found) and all(name.casefold().partition(",")[0].rpartition(" ")[2] in known for name in names)


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of the catalog.

    `own` holds the enriched fields (by their names, `title` and `venue` aside) that a person wrote on the
    entry itself; they win over `enriched` everywhere.
    """

    key: str
    type: EntryType = EntryType.PAPER
    name: str | None = None
    title: str | None = None
    venue: str | None = None
    institutions: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    remarks: str | None = None
    links: tuple[Link, ...] = ()
    own: Enriched = Enriched()
    enriched: Enriched | None = None
    place: Place | None = None

    def known(self, name: str) -> object:
        """The value of an enriched field, the person's own before ours; None or () where nobody knows it.

        Of two lists of authors ours counts where theirs ends in "et al." and ours has the names that it gives.
        """
        own = getattr(self.own, name)
        found = getattr(self.enriched or Enriched(), name)
        if own in (None, ()) or (name == "authors" and is_open_ended(own) and _completes(found, own)):
            return found
        return own

    @property
    def label(self) -> str:
        """What to call the entry in a report: name, else title, else key."""
        return self.name or self.title or (self.enriched and self.enriched.title) or self.key
