"""Read Semantic Scholar's replies."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from enrich import identifiers
from enrich.cleaning.texts import LONGEST_ABSTRACT, author_names, clean_title, doi_in, plain_text
from enrich.model import Record, Reply, Scheme
from enrich.services import SEMANTIC_SCHOLAR
from enrich.sources.asking.replies import NoAnswerError, UnreadableError, load_json, require_status
from enrich.text.dates import bounded_int, checked_year, leading_date
from enrich.text.venue_names import is_preprint_server
from enrich.web import Web

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS = "externalIds,title,abstract,authors,year,publicationDate,venue,publicationVenue,journal,citationCount"
"""The fields requested for each paper."""

_PAPER_ID = re.compile(r"[0-9a-f]{40}")


# Where a row has the identifiers, other than arXiv ID and DOI, by which a paper can be requested.
_NAMED_AS = {Scheme.ACL: "ACL", Scheme.PMID: "PubMed", Scheme.PMC: "PubMedCentral", Scheme.SEMANTIC_SCHOLAR: "CorpusId"}


class Row(NamedTuple):
    """A row, and the IDs in other registries that it has, in lower case and without their prefixes."""

    record: Record
    ids: Mapping[Scheme, str]


def parse(body: bytes) -> list[Record | None]:
    """Return the rows of a batch (null where the id is unknown) or of a search, in their order.

    Raises:
        UnreadableError: the body is not such a reply.
    """
    return [row and row.record for row in read_rows(body)]


def read_rows(body: bytes) -> list[Row | None]:
    """Return the same with the IDs in each row."""
    value = load_json(body)
    if isinstance(value, dict) and ("data" in value or value.get("total") == 0):
        value = value.get("data", [])  # a search without results has no `data`
    if not isinstance(value, list):
        raise UnreadableError("the response has no papers")
    return [Row(_record(row), _ids(row)) if isinstance(row, dict) else None for row in value]


def _ids(row: Mapping[str, object]) -> dict[Scheme, str]:
    external = row.get("externalIds")
    named = external if isinstance(external, dict) else {}
    return {scheme: bare(str(named[name])) for scheme, name in _NAMED_AS.items() if named.get(name)}


def bare(text: str) -> str:
    """Return an ID without the words that may precede it."""
    return text.lower().removeprefix("pmc").removeprefix("corpusid:")


def _record(row: Mapping[str, object]) -> Record:
    # Imported late: the package includes an HTTP client.
    paper = import_module("semanticscholar.Paper").Paper(_sound(row))
    external = paper.externalIds or {}
    arxiv_id = identifiers.parse(f"arxiv:{external.get('ArXiv')}")
    published = leading_date(row.get("publicationDate"))
    names = [paper.publicationVenue and paper.publicationVenue.name, paper.venue, paper.journal and paper.journal.name]
    venues = [venue for name in names if (venue := plain_text(name)) and not is_preprint_server(venue)]
    return Record(
        source=SEMANTIC_SCHOLAR.name,
        title=clean_title(paper.title),
        authors=author_names(author.name for author in paper.authors or ()),
        abstract=plain_text(paper.abstract, LONGEST_ABSTRACT),
        year=checked_year(paper.year),
        published=published,
        venue=venues[0] if venues else None,
        doi=doi_in(external.get("DOI")),
        arxiv_id=arxiv_id.value if arxiv_id and arxiv_id.scheme is Scheme.ARXIV else None,
        semantic_scholar_id=paper.paperId,
        citation_count=bounded_int(paper.citationCount),
        url=f"https://www.semanticscholar.org/paper/{paper.paperId}" if paper.paperId else None,
    )


def _sound(row: Mapping[str, object]) -> dict[str, object]:
    """Return the row in the form that `Paper` expects, which does not check types."""
    authors = row.get("authors")
    paper_id = row.get("paperId")
    return {
        **{name: row.get(name) for name in ("title", "abstract", "year", "venue", "citationCount")},
        "paperId": paper_id if isinstance(paper_id, str) and _PAPER_ID.fullmatch(paper_id) else None,
        "authors": [author for author in authors if isinstance(author, dict)] if isinstance(authors, list) else [],
        **{
            name: value if isinstance(value := row.get(name), dict) else None
            for name in ("externalIds", "publicationVenue", "journal")
        },
    }


def accepted(reply: Reply, web: Web, base: str) -> Reply:
    """Return a reply that is an answer.

    Raises:
        NoAnswerError: It is not; `final` if the key is rejected.
    """
    if reply.status in (401, 403) and web.has_key(base):
        why = f"invalid key (HTTP {reply.status}); check {SEMANTIC_SCHOLAR.key}"
        raise NoAnswerError(why, status=reply.status, final=True)
    return require_status(reply)


def message(reply: Reply) -> str:
    """Return the error message of a reply, in lower case; empty without one."""
    try:
        value = load_json(reply.body)
    except UnreadableError:
        return ""
    return str(value.get("error") or value.get("message") or "").lower() if isinstance(value, dict) else ""
