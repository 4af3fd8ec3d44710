"""An entry for all formats: the version of record if there is one, else the preprint; pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from enrich import identifiers
from enrich.export.authors import Authors, authors_of
from enrich.model import Entry, EntryType, LinkKind, Scheme
from enrich.text.venue_names import is_journal, is_unpublished, venues_agree

_NOT_CITED = (EntryType.PERSON, EntryType.LAB)
_DATE = re.compile(r"\d{4}(?:-\d\d){0,2}")
# Types in Crossref and DataCite that are not articles: https://api.crossref.org/types
_TYPES = {
    "journal-article": "article",
    "proceedings-article": "inproceedings",
    "conference-paper": "inproceedings",
    "book-chapter": "incollection",
    "book-section": "incollection",
    "book": "book",
    "monograph": "book",
    "edited-book": "book",
    "reference-book": "book",
    "dissertation": "phdthesis",
    "report": "techreport",
    "posted-content": "misc",
    "preprint": "misc",
}


def is_cited(entry: Entry) -> bool:
    """Whether bibliographies include the entry: persons and labs are not works."""
    return entry.type not in _NOT_CITED


@dataclass(frozen=True)
class CitedWork:
    """An entry with one-line texts; None and () if unknown."""

    entry: Entry

    def text(self, name: str) -> str | None:
        """Return an enriched field as one line; a value on the entry comes first."""
        value = self.entry.known(name)
        return printable(str(value)) or None if value not in (None, ()) else None

    def of_record(self, name: str) -> str:
        """Return a field of the version of record; empty if only a preprint is known."""
        return (self.text(name) or "") if self.bibtex_type != "misc" else ""

    @cached_property
    def title(self) -> str:
        """The title: the entry's own, the enriched one, its name, or its key."""
        entry = self.entry
        return printable(entry.title or "") or self.text("title") or printable(entry.name or "") or printable(entry.key)

    @cached_property
    def authors(self) -> tuple[str, ...]:
        """The names as listed, including an `et al.`."""
        listed = self.entry.known("authors")
        return tuple(map(printable, map(str, listed))) if isinstance(listed, tuple) else ()

    @cached_property
    def people(self) -> Authors:
        """The authors' names in parts."""
        return authors_of(self.authors)

    @cached_property
    def superseded(self) -> bool:
        """Whether the list has a preprint that has been published since."""
        found = self.entry.enriched
        published = found is not None and found.venue and not is_unpublished(found.venue)
        return bool(published and self.entry.venue and is_unpublished(self.entry.venue))

    @cached_property
    def venue(self) -> str | None:
        """The venue as listed, else as found; for a listed preprint, the place of publication."""
        return printable(self.entry.venue) if self.entry.venue and not self.superseded else self.text("venue")

    @cached_property
    def container(self) -> str | None:
        """The full name of the journal or proceedings, if it is known for the listed venue."""
        full = (self.text("container"), printable((self.entry.enriched and self.entry.enriched.venue) or ""))
        listed = None if self.superseded else self.entry.venue
        for name in filter(None, full):
            if not listed or (len(name) > len(listed) and venues_agree(listed, name) is True):
                return name
        return self.venue

    @cached_property
    def short_venue(self) -> str | None:
        """The venue as listed, if `container` is its full name."""
        return self.venue if self.venue != self.container else None

    @cached_property
    def preprint(self) -> bool:
        """Whether only a preprint of the work is known."""
        if self.venue:
            return is_unpublished(self.venue)
        return self.arxiv_id is not None or self.kind == "misc"

    @cached_property
    def kind(self) -> str | None:
        """The registry's type of the work, as BibTeX's type of entry."""
        return _TYPES.get(self.text("publication_type") or "")

    @cached_property
    def bibtex_type(self) -> str:
        """The type of BibTeX entry."""
        if self.entry.type is not EntryType.PAPER or self.preprint or not (self.venue or self.kind):
            return "misc"
        if self.kind and self.kind != "misc" and (self.venue or self.kind in ("book", "phdthesis", "techreport")):
            return self.kind
        return "article" if self.in_journal else "inproceedings"

    @cached_property
    def in_journal(self) -> bool:
        """Whether the venue is a journal."""
        return is_journal(self.container or "", self.venue or "")

    @cached_property
    def year(self) -> str | None:
        """The year; of the version of record if there is one."""
        own, issued = self.entry.own, self._issued
        if self.superseded and issued:
            return issued[:4]
        dated = own.published if own.published and not own.year else None
        published = self.text("published")
        return (dated and dated[:4]) or self.text("year") or (published[:4] if published else None)

    @property
    def _issued(self) -> str | None:
        """The date of the version of record; for a published preprint, not the listed date."""
        found = self.entry.enriched and self.entry.enriched.issued
        return printable(found) if found and self.superseded else self.text("issued")

    @cached_property
    def date(self) -> str | None:
        """The ISO date as precise as known for this version: a preprint's day is not used for its journal article."""
        own = self.entry.own
        dates = [self._issued, self.text("published") if self.bibtex_type == "misc" or own.published else None]
        if own.published:
            dates.reverse()
        fitting = (d for d in dates if d and _DATE.fullmatch(d) and self.year and d.startswith(self.year))
        return next(fitting, self.year if self.year and _DATE.fullmatch(self.year) else None)

    @cached_property
    def doi(self) -> str | None:
        """The DOI; for a version of record not the preprint's, which follows from the arXiv ID."""
        known = [self.text("doi"), printable((self.entry.enriched and self.entry.enriched.doi) or "")]
        of_record = (doi for doi in known if doi and not doi.lower().startswith("10.48550/arxiv."))
        return known[0] if self.bibtex_type == "misc" else next(of_record, None)

    @cached_property
    def arxiv_id(self) -> str | None:
        """The preprint's arXiv ID."""
        return self.text("arxiv_id")

    @cached_property
    def url(self) -> str | None:
        """Where to read it: the paper's link, but the DOI instead of the link to a preprint that was published."""
        first = min(
            self.entry.links,
            key=lambda link: (link.kind is not LinkKind.PAPER, self._is_superseded(link.url)),
            default=None,
        )
        if self.doi and self.entry.type is EntryType.PAPER and (first is None or self._is_superseded(first.url)):
            identifier = identifiers.doi(self.doi)
            if identifier and identifier.scheme is Scheme.DOI:
                return identifiers.url_of(identifier)
        if first is None and self.arxiv_id and (preprint := identifiers.parse(f"arXiv:{self.arxiv_id}")):
            return identifiers.url_of(preprint)
        return printable(first.url) if first else None

    def _is_superseded(self, url: str) -> bool:
        """Whether a URL belongs to a preprint that was published."""
        schemes = {identifier.scheme for identifier in identifiers.of_url(url)}
        return self.bibtex_type != "misc" and bool(schemes & {Scheme.ARXIV, Scheme.SEMANTIC_SCHOLAR})


def printable(text: str) -> str:
    """Return one line without control characters and other invisible ones; joiners of scripts and emoji stay."""
    shown = " ".join(text.split())
    if shown.isprintable():
        return shown
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return "".join(c for c in shown if c in "\u200c\u200d" or unicodedata.category(c) not in hidden).strip()
