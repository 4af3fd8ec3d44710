"""What an entry says about its paper: identifiers, pages that present it, a DOI that it may have; pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from enrich.identifiers import of_text, of_url, parse
from enrich.model import IDENTIFIER_FIELDS, Entry, EntryType, Identifier, LinkKind, Scheme
from enrich.text.dates import find_year
from enrich.text.urls import host_of, is_at
from enrich.text.venue_names import has_no_dois, venues_agree

# Links of these kinds lead to the paper itself; a code or blog link with a DOI in it may not.
PAPER_KINDS = frozenset({LinkKind.PAPER, LinkKind.OTHER})

MATCHED_BY: Mapping[Scheme, str] = {
    **IDENTIFIER_FIELDS,
    Scheme.OPENREVIEW: "openreview",
    Scheme.ACL: "acl",
    # Registered nowhere, but Semantic Scholar accepts it like a DOI.
    Scheme.ACM: "doi",
    Scheme.PMID: "pmid",
    Scheme.PMC: "pmid",
}
"""The schemes by which a paper can be looked up, and the names of matches by them in the catalog."""


SURE = frozenset({Scheme.ARXIV, Scheme.DOI, Scheme.SEMANTIC_SCHOLAR, Scheme.ACL, Scheme.PMID, Scheme.PMC})
"""Schemes with a registry; others can be looked up nowhere, or hardly ever with a result."""


def is_paper(entry: Entry) -> bool:
    """Whether the entry can have a paper's metadata: papers, and entries with a paper's identifier."""
    return entry.type is EntryType.PAPER or bool(entry.own.arxiv_id or entry.own.doi or entry.own.semantic_scholar_id)


_OWN = tuple(IDENTIFIER_FIELDS.values())


@dataclass(frozen=True, slots=True)
class Clue:
    """An identifier of an entry's paper, its place on the entry, and the name of a match by it in the catalog.

    `where` is the URL of a link or the name of a field (`doi`, `venue`); None for a match of an earlier run.
    """

    identifier: Identifier
    where: str | None
    matched_by: str

    @property
    def is_own(self) -> bool:
        """Whether a person wrote the identifier on the entry: it is more reliable than a link."""
        return self.where in _OWN


def has_sure_clue(clues: Iterable[Clue]) -> bool:
    """Whether a registry has one of the identifiers."""
    return any(clue.identifier.scheme in SURE for clue in clues)


def clues(entry: Entry, aliases: Mapping[Identifier, Identifier] = {}) -> tuple[Clue, ...]:
    """Return the identifiers of the entry's paper, the surest first; aliases resolved.

    First come those written on the entry, then those of its paper links, then an arXiv ID in its venue; the match of an
    earlier run is only used without any of these.
    """
    own = [(parse(text), name) for name in _OWN if (text := getattr(entry.own, name))]
    linked = [(i, link.url) for link in entry.links if link.kind in PAPER_KINDS for i in of_url(link.url)]
    listed = [(i, "venue") for i in of_text(entry.venue or "")]
    found: dict[Identifier, Clue] = {}
    read = (
        (aliases.get(identifier, identifier), where) for identifier, where in (*own, *linked, *listed) if identifier
    )
    for identifier, where in read:
        if identifier.scheme in MATCHED_BY:
            found.setdefault(identifier, Clue(identifier, where, MATCHED_BY[identifier.scheme]))
    before = entry.enriched
    if not found and before and before.matched_by:
        known = main_identifier([before.doi], [before.arxiv_id], [before.semantic_scholar_id])
        return (Clue(known, None, before.matched_by),) if known else ()
    return tuple(found.values())


# PDFs whose own page has a fixed address: pattern of the PDF's address, the page's.
_PRESENTED_AT = tuple(
    (re.compile(pattern), page)
    for pattern, page in (
        (
            r"https?://(?:www\.)?usenix\.org/system/files/(?:conference/\w+/)?([a-z]+\d\d)-(?:paper-)?([\w-]+?)(?:_\d)?\.pdf$",
            r"https://www.usenix.org/conference/\1/presentation/\2",
        ),
        (r"https?://openreview\.net/(?:pdf|attachment)\?id=([\w-]+).*$", r"https://openreview.net/forum?id=\1"),
        (
            r"(https?://proceedings\.(?:mlsys\.org|neurips\.cc)/paper(?:_files/paper)?/\d{4})/file/([0-9a-f]{32})-Paper(.*)\.pdf$",
            r"\1/hash/\2-Abstract\3.html",
        ),
        (r"(https?://proceedings\.mlr\.press/v\d+)/([\w-]+)/\2\.pdf$", r"\1/\2.html"),
        (r"(https?://openaccess\.thecvf\.com(?:/[^/]+){1,5})/papers/([^/]+)\.pdf$", r"\1/html/\2.html"),
    )
)


def presented_at(url: str) -> str | None:
    """Return the page that presents the paper of a PDF, if it follows from the PDF's URL."""
    return next((pattern.sub(page, url) for pattern, page in _PRESENTED_AT if pattern.match(url)), None)


_REGISTERING = ("acm.org", "ieee.org", "springer.com", "sciencedirect.com", "wiley.com", "nature.com", "computer.org")


def has_doi(entry: Entry) -> bool | None:
    """Whether the entry's paper certainly has a DOI, judged by its venue and links; None if unknown.

    It only decides whom to ask first: an ACM page with an ACM-internal ID is about others' publications.
    """
    if has_no_dois(entry.venue or ""):
        return False
    linked = [link.url for link in entry.links if link.kind in PAPER_KINDS]
    if any(identifier.scheme is Scheme.ACM for url in linked for identifier in of_url(url)):
        return False
    return True if any(is_at(host_of(url), _REGISTERING) for url in linked) else None


_IEEE_DOCUMENT = re.compile(r"https?://ieeexplore\.ieee\.org/(?:abstract/)?document/(\d+)")
_IEEE_DOI = re.compile(r"(10\.1109/([a-z-]+)\d*\.(\d{4})\.)\d{6,}")


class IeeeStem(NamedTuple):
    """The prefix of the DOIs of an IEEE conference, its short name, and its year."""

    text: str
    conference: str
    year: str


def ieee_stems(dois: Iterable[str]) -> frozenset[IeeeStem]:
    """Return the prefixes of the DOIs of IEEE conferences.

    They end in the document's number since about 2017: 10.1109/INFOCOM53939.2023.10228920.
    """
    return frozenset(IeeeStem(*match.groups()) for doi in dois if (match := _IEEE_DOI.fullmatch(doi)))


def ieee_documents(entry: Entry) -> list[str]:
    """Return the numbers of the IEEE documents that the entry links to."""
    return [match[1] for link in entry.links if (match := _IEEE_DOCUMENT.match(link.url))]


def ieee_dois(entry: Entry, stems: Iterable[IeeeStem]) -> tuple[Identifier, ...]:
    """Return the DOI that a linked IEEE document would have, by the pattern of other DOIs of its conference.

    Only the registry knows whether it is registered, and for that venue.
    """
    numbers = ieee_documents(entry)
    fitting = sorted(stem.text for stem in stems if _is_of(entry, stem)) if numbers else ()
    return tuple(Identifier(Scheme.DOI, f"{text}{number}") for text in fitting for number in numbers)


def _is_of(entry: Entry, stem: IeeeStem) -> bool:
    venue = entry.venue or ""
    return find_year(venue) == int(stem.year) and venues_agree(venue, stem.conference.upper()) is True


def main_identifier(
    dois: Iterable[str | None], arxiv_ids: Iterable[str | None], others: Iterable[str | None]
) -> Identifier | None:
    """Return the identifier for looking up a paper: the publisher's DOI, else the arXiv ID, else Semantic Scholar's."""
    ranked = (Scheme.DOI, dois), (Scheme.ARXIV, arxiv_ids), (Scheme.SEMANTIC_SCHOLAR, others)
    read = ((scheme, parse(text)) for scheme, texts in ranked for text in texts if text)
    return next((identifier for scheme, identifier in read if identifier and identifier.scheme is scheme), None)


def lookup_hash(entry: Entry) -> str:
    """Return a short hash of everything that a lookup of the entry depends on: after an edit, it is looked up again."""
    own = entry.own
    said = (entry.title, entry.name, entry.venue, own.arxiv_id, own.doi, own.semantic_scholar_id, own.authors, own.year)
    urls = [link.url for link in entry.links if link.kind in PAPER_KINDS]
    return hashlib.sha256(repr((said, urls)).encode()).hexdigest()[:16]
