"""The content of a catalog: entries, their links, and what was found out about them."""

from __future__ import annotations

import re
from array import array
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from operator import eq
from typing import get_type_hints, overload

from enrich.model.metadata import DATE, Metadata, Shape


class EntryType(StrEnum):
    """The type of an item of the catalog."""

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
    """The kind of page that a link leads to."""

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
    """A place in a file; line and column count from 1."""

    path: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Link:
    """A link of an entry, as listed."""

    url: str
    kind: LinkKind = LinkKind.OTHER
    label: str = ""
    place: Place | None = None


class Links(Sequence[Link]):
    """The links of a long document, each made when it is asked for."""

    __slots__ = ("_columns", "_lines", "_others", "_path", "urls")

    def __init__(self, links: Iterable[Link] = ()) -> None:
        self.urls: list[str] = []
        self._path = ""
        self._lines, self._columns = array("I"), array("I")
        self._others: dict[int, Link] = {}  # links with more than a URL and a place
        for link in links:
            self.append(link)

    def append(self, link: Link) -> None:
        """Add a link, while the document is read."""
        place = link.place or _NOWHERE
        self._path = self._path or place.path
        if (
            link.label
            or link.kind is not LinkKind.OTHER
            or (link.place and (place.path != self._path or not place.line))
        ):
            self._others[len(self.urls)] = link
        self.urls.append(link.url)
        self._lines.append(place.line)
        self._columns.append(place.column)

    @overload
    def __getitem__(self, at: int) -> Link: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Link, ...]: ...

    def __getitem__(self, at: int | slice) -> Link | tuple[Link, ...]:
        if isinstance(at, slice):
            return tuple(map(self._made, range(len(self))[at]))
        return self._made(range(len(self))[at])

    def __iter__(self) -> Iterator[Link]:
        return map(self._made, range(len(self)))

    def _made(self, number: int) -> Link:
        if self._others and (link := self._others.get(number)):
            return link
        line = self._lines[number]
        return Link(self.urls[number], place=Place(self._path, line, self._columns[number]) if line else None)

    def __len__(self) -> int:
        return len(self.urls)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def to(self, urls: Container[str]) -> Iterator[Link]:
        """Yield the links to any of some URLs."""
        return (self._made(number) for number, url in enumerate(self.urls) if url in urls)


def urls_of(links: Sequence[Link]) -> Iterable[str]:
    """Return the addresses of links, without making each."""
    return links.urls if isinstance(links, Links) else (link.url for link in links)


_NOWHERE = Place("", 0, 0)

_BY_ENRICH = {"by_enrich": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Enriched(Metadata):
    """What enrich has found out about an entry: the block `enriched:`, field by field.

    `sources` maps a field's name to the source that filled it; `enriched_on` is the day on which another field changed.
    """

    citation_count_as_of: str | None = field(default=None, metadata=DATE)
    matched_by: str | None = field(default=None, metadata=_BY_ENRICH)
    enriched_on: str | None = field(default=None, metadata=DATE | _BY_ENRICH)
    sources: Mapping[str, str] = field(default_factory=dict, metadata=_BY_ENRICH)


FACT_FIELDS = tuple(each.name for each in fields(Metadata))
"""The enriched fields that describe the paper, rather than the block itself."""

WANTED_FIELDS = ("authors", "abstract", "doi", "citation_count")
"""An entry of type paper is incomplete without one of these."""


_AND_OTHERS = re.compile(r"(?:^|[\s,;])(?:et\.? ?al\.?|(?:and |& )?others)\s*$", re.IGNORECASE)


# Names in some scripts are one word: 张三.
_FAMILY_NAME = re.compile(r"[A-Z\u00c0-\u024f][a-zA-Z\u00c0-\u024f’'-]+")


def is_open_ended(authors: Sequence[str]) -> bool:
    """Whether a list of authors is open-ended: `M. Abadi et al.`, `others`."""
    return bool(authors) and _AND_OTHERS.search(authors[-1]) is not None


def may_be_completed(authors: Sequence[str]) -> bool:
    """Whether a list of authors is clearly incomplete: `M. Abadi et al.`, or `Hopper`, `Liskov`.

    A single word may be the whole name of a person or a group; then a record decides.
    """
    return is_open_ended(authors) or (len(authors) > 1 and _all_family_names(authors))


def _all_family_names(authors: Sequence[str]) -> bool:
    return all(map(_FAMILY_NAME.fullmatch, authors))


def _completes(found: Sequence[str], listed: Sequence[str]) -> bool:
    """Whether a complete list of authors has all family names of one that is open-ended or has only family names."""
    if not (found and (is_open_ended(listed) or _all_family_names(listed))):
        return False
    names = filter(None, (_AND_OTHERS.sub("", name).strip(" ,;") for name in listed))
    return {_family_name(name) for name in names} <= {_family_name(name) for name in found}


def _family_name(name: str) -> str:
    """Return the family name in `Hopper, Grace` or `Grace Hopper`, folded."""
    return name.casefold().partition(",")[0].rpartition(" ")[2]


_NOTHING = Enriched()


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of the catalog.

    `own` has the enriched fields (by their names, without `title` and `venue`) that a person wrote on the entry; they
    win over `enriched` everywhere.
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
    links: Sequence[Link] = ()
    own: Enriched = _NOTHING
    enriched: Enriched | None = None
    place: Place | None = None

    def known(self, name: str) -> object:
        """Return the value of an enriched field, the one on the entry before enrich's; None or () if unknown.

        Of two lists of authors, enrich's wins if it has all family names of the entry's, which only has family names or
        is open-ended.
        """
        own = getattr(self.own, name)
        found = getattr(self.enriched or _NOTHING, name)
        if own in (None, ()) or (name == "authors" and _completes(found, own)):
            return found
        return own

    @property
    def urls(self) -> Iterable[str]:
        """The addresses of its links."""
        return urls_of(self.links)

    def links_to(self, urls: Container[str]) -> Iterator[Link]:
        """Yield its links to one of some URLs."""
        return (
            self.links.to(urls) if isinstance(self.links, Links) else (each for each in self.links if each.url in urls)
        )

    @property
    def full_title(self) -> str | None:
        """The paper's title as listed, else as found, else the entry's name."""
        return self.title or (self.enriched and self.enriched.title) or self.name

    @property
    def label(self) -> str:
        """The label of the entry in a report: name, else title, else key."""
        return self.name or self.title or (self.enriched and self.enriched.title) or self.key


_SHAPES_BY_TYPE: Mapping[object, Shape] = {
    str | None: Shape.TEXT,
    tuple[str, ...]: Shape.TEXTS,
    int | None: Shape.NUMBER,
    Mapping[str, str]: Shape.SOURCES,
}
_TYPES = get_type_hints(Enriched)

ENRICHED_FIELDS: Mapping[str, Shape] = {
    each.name: each.metadata.get("shape") or _SHAPES_BY_TYPE[_TYPES[each.name]] for each in fields(Enriched)
}
"""The fields of the block `enriched:` with what they hold, in the order in which they are written."""

OWN_FIELDS = tuple(
    each.name
    for each in fields(Enriched)
    if "by_enrich" not in each.metadata and each.name not in {each.name for each in fields(Entry)}
)
"""The enriched fields in `Entry.own`; title and venue are fields of `Entry`."""
