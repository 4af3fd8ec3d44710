"""Semantic Scholar's Academic Graph: https://api.semanticscholar.org/api-docs/graph."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote_plus

from semanticscholar.Paper import Paper

from enrich import identifiers
from enrich.cleaning.texts import (
    LONGEST_ABSTRACT,
    author_names,
    clean_title,
    doi_in,
    one_line,
    plain_text,
    rank_by_shared_words,
    search_words,
)
from enrich.model import Found, Identifier, Missing, Outcome, Record, Reply, Scheme, Unknown
from enrich.services import SEMANTIC_SCHOLAR
from enrich.sources.asking.batches import batches_of, batches_within_chars, retry_in_halves, split_supported
from enrich.sources.asking.lookup import Lookup, candidates, now, one_by_one
from enrich.sources.asking.replies import (
    KEYED_JSON,
    TOO_LONG_STATUSES,
    NoAnswerError,
    UnreadableError,
    load_json,
    require_status,
)
from enrich.sources.asking.stored import RECORD, RECORDS
from enrich.text.dates import bounded_int, checked_year, leading_date
from enrich.text.venue_names import is_preprint_server
from enrich.web import Web

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NAME, BASE = SEMANTIC_SCHOLAR.name, SEMANTIC_SCHOLAR.base

_BATCH = 500
_ROOM = 4_000  # characters of a query: servers refuse URLs above 8,000
_TITLES = 50  # in one bulk search
_NAMESAKES = 20  # candidates for a name
_FIELDS = "externalIds,title,abstract,authors,year,publicationDate,venue,publicationVenue,journal,citationCount"

_FORMS = {
    Scheme.ARXIV: "ARXIV:{}",
    Scheme.DOI: "DOI:{}",
    Scheme.ACL: "ACL:{}",
    Scheme.ACM: "DOI:{}",  # registered nowhere, and yet taken over from the ACM's pages
    Scheme.SEMANTIC_SCHOLAR: "{}",
    Scheme.PMID: "PMID:{}",
    Scheme.PMC: "PMCID:{}",
}
_PAPER_ID = re.compile(r"[0-9a-f]{40}")


# Where a row names what else than arXiv id and DOI a paper can be asked for by.
_NAMED_AS = {Scheme.ACL: "ACL", Scheme.PMID: "PubMed", Scheme.PMC: "PubMedCentral", Scheme.SEMANTIC_SCHOLAR: "CorpusId"}


class _Row(NamedTuple):
    """A row, and the ids in other registries that it names, in lower case and without the words before them."""

    record: Record
    ids: Mapping[Scheme, str]


def parse(body: bytes) -> list[Record | None]:
    """Return the rows of a batch (null where the id is unknown) or of a search, in their order.

    Raises:
        UnreadableError: the body is no such reply.
    """
    return [row and row.record for row in _rows(body)]


def _rows(body: bytes) -> list[_Row | None]:
    value = load_json(body)
    if isinstance(value, dict) and ("data" in value or value.get("total") == 0):
        value = value.get("data", [])  # a search without results has no `data`
    if not isinstance(value, list):
        raise UnreadableError("the response has no papers")
    return [_Row(_record(row), _ids(row)) if isinstance(row, dict) else None for row in value]


def _ids(row: Mapping[str, object]) -> dict[Scheme, str]:
    external = row.get("externalIds")
    named = external if isinstance(external, dict) else {}
    return {scheme: _bare(str(named[name])) for scheme, name in _NAMED_AS.items() if named.get(name)}


def _bare(text: str) -> str:
    return text.lower().removeprefix("pmc").removeprefix("corpusid:")


def _record(row: Mapping[str, object]) -> Record:
    paper = Paper(_sound(row))
    external = paper.externalIds or {}
    arxiv_id = identifiers.parse(f"arxiv:{external.get('ArXiv')}")
    published = leading_date(row.get("publicationDate"))
    names = [paper.publicationVenue and paper.publicationVenue.name, paper.venue, paper.journal and paper.journal.name]
    venues = [venue for name in names if (venue := plain_text(name)) and not is_preprint_server(venue)]
    return Record(
        source=NAME,
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
    """Return the row as `Paper` expects it: it trusts the types of what it is given."""
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


async def look_up(wanted: Sequence[Identifier], web: Web, *, base: str = BASE) -> dict[Identifier, Outcome[Record]]:
    """Ask Semantic Scholar for each paper (schemes ARXIV, DOI, ACL, ACM, PMID, PMC, SEMANTIC_SCHOLAR).

    That it knows a DOI is no proof that the DOI is registered. A row that names another paper than was asked for is
    not taken: Missing.
    """
    able, others = split_supported(_FORMS, wanted)
    lookup: Lookup[Identifier, Record] = Lookup(
        service=NAME,
        kind=NAME,
        ask=lambda batch: retry_in_halves(batch, partial(_ask, web=web, base=base), TOO_LONG_STATUSES | {500}),
        form=RECORD,
        batches=batches_of(_BATCH),
    )
    return {**await lookup.outcomes(able, web), **others}


async def _ask(batch: Sequence[Identifier], *, web: Web, base: str) -> dict[Identifier, Outcome[Record]]:
    reply = await web.fetch(
        f"{base}/graph/v1/paper/batch",
        KEYED_JSON,
        method="POST",
        params={"fields": _FIELDS},
        json={"ids": [_FORMS[i.scheme].format(i.value.removeprefix("PMC")) for i in batch]},
    )
    if reply.status == 400 and "no valid paper ids" in _message(reply):
        return {identifier: Missing("not a valid paper ID", status=400, at=reply.at) for identifier in batch}
    rows = _rows(_accepted(reply, web, base).body)
    return {identifier: _outcome(place, batch, rows, reply) for place, identifier in enumerate(batch)}


def _outcome(place: int, batch: Sequence[Identifier], rows: Sequence[_Row | None], reply: Reply) -> Outcome[Record]:
    """Rows come in the order of the ids; that was broken once: https://github.com/allenai/s2-folks/issues/158.

    So a row that names the identifier goes before the row at its place, and that one is not taken where it names
    another identifier of the batch that is before another row.
    """
    identifier = batch[place]
    row = rows[place] if place < len(rows) else None
    if not row or not _agrees(identifier, row):
        named = next((other for other in rows if other and _agrees(identifier, other)), None)
        if not named and place < len(rows) and row is None:
            return Missing("not found", status=200, at=reply.at)
        row = named or (row if row and _may_be(identifier, row, batch, rows) else None)
    if row:
        return Found(replace(row.record, asked_at=reply.at), at=reply.at)
    if place >= len(rows):
        return Unknown(f"sent {len(rows)} rows for {len(batch)} IDs", at=reply.at)
    return Missing("not found: the response is about another paper", status=200, at=reply.at)  # and will tomorrow


def _may_be(identifier: Identifier, row: _Row, batch: Sequence[Identifier], rows: Sequence[_Row | None]) -> bool:
    if _agrees(identifier, row) is False or not (row.record.title or row.record.semantic_scholar_id):
        return False
    return not any(_agrees(other, row) and theirs != row for other, theirs in zip(batch, rows, strict=False))


def _agrees(identifier: Identifier, row: _Row) -> bool | None:
    """Whether the row names the identifier: None where it says nothing of that scheme, or may differ by a merger."""
    record = row.record
    if identifier.scheme is Scheme.ARXIV and record.arxiv_id:
        return record.arxiv_id == identifier.value
    if identifier.scheme is Scheme.DOI and record.doi:
        return record.doi.lower() == identifier.value
    if identifier.scheme is Scheme.SEMANTIC_SCHOLAR and record.semantic_scholar_id == identifier.value:
        return True
    is_hash = identifier.scheme is Scheme.SEMANTIC_SCHOLAR and not identifier.value.startswith("CorpusId:")
    if is_hash or identifier.scheme not in row.ids:
        return None
    return row.ids[identifier.scheme] == _bare(identifier.value)


def _accepted(reply: Reply, web: Web, base: str) -> Reply:
    if reply.status in (401, 403) and web.has_key(base):
        why = f"invalid key (HTTP {reply.status}); check {SEMANTIC_SCHOLAR.key}"
        raise NoAnswerError(why, status=reply.status, final=True)
    return require_status(reply)


def _message(reply: Reply) -> str:
    try:
        value = load_json(reply.body)
    except UnreadableError:
        return ""
    return str(value.get("error") or value.get("message") or "").lower() if isinstance(value, dict) else ""


async def search(titles: Sequence[str], web: Web, *, base: str = BASE) -> dict[str, Outcome[tuple[Record, ...]]]:
    """Candidates for each title, the likeliest first, at most 5; many titles in one request.

    A Missing is weak: title or abstract must hold the phrase word for word.
    """
    lookup: Lookup[str, tuple[Record, ...]] = Lookup(
        service=NAME,
        kind="search",
        ask=lambda batch: retry_in_halves(batch, partial(_search, web=web, base=base), TOO_LONG_STATUSES | {500}),
        form=RECORDS,
        batches=batches_within_chars(_ROOM, lambda title: len(quote_plus(_phrase(title))) + 3, _TITLES),
        key=lambda title: f"{NAME}:bulk:{title}",
    )
    return await lookup.outcomes(titles, web)


async def _search(titles: Sequence[str], *, web: Web, base: str) -> dict[str, Outcome[tuple[Record, ...]]]:
    phrases = [phrase for title in titles if (phrase := _phrase(title))]
    if not phrases:
        return {title: Missing("no words to search for", at=now(web)) for title in titles}
    params = {"query": " | ".join(phrases), "fields": _FIELDS}
    reply = await web.fetch(f"{base}/graph/v1/paper/search/bulk", KEYED_JSON, params=params)
    rows = parse(_accepted(reply, web, base).body)
    found = [row for row in rows if row]
    return {title: candidates(rank_by_shared_words(title, found), reply) for title in titles}


async def match(titles: Sequence[str], web: Web, *, base: str = BASE) -> dict[str, Outcome[tuple[Record, ...]]]:
    """Ask Semantic Scholar for the candidate closest to each title, one request per title.

    It is lenient: a confident hit may be another paper.
    """

    async def ask(title: str) -> tuple[Reply, Iterable[Record]] | None:
        if not (query := one_line(title, 300)):
            return None
        params = {"query": query, "fields": _FIELDS}
        reply = await web.fetch(f"{base}/graph/v1/paper/search/match", KEYED_JSON, params=params)
        if reply.status == 404 and "not found" in _message(reply):
            return reply, ()
        return reply, filter(None, parse(_accepted(reply, web, base).body))

    return await one_by_one(titles, web, ask, service=NAME, key=lambda title: f"{NAME}:match:{title}")


async def named(
    names: Sequence[tuple[str, int | None]], web: Web, *, base: str = BASE
) -> dict[tuple[str, int | None], Outcome[tuple[Record, ...]]]:
    """Candidates for the names of systems, each with the year that its paper is of (None: any); one request each.

    At most 20, first the ones whose titles begin with the name: a single best match would be that of any namesake.
    """

    async def ask(wanted: tuple[str, int | None]) -> tuple[Reply, Iterable[Record]] | None:
        name, year = wanted
        # Hyphens are read as operators: https://api.semanticscholar.org/api-docs/graph
        if not (query := search_words(name)):
            return None
        # It dates papers by their preprints.
        years = {"year": f"{year - 2}-{year + 1}"} if year else {}
        params = {"query": " ".join(query), "fields": _FIELDS, "limit": str(_NAMESAKES), **years}
        reply = await web.fetch(f"{base}/graph/v1/paper/search", KEYED_JSON, params=params)
        titled = [(search_words(row.title or ""), row) for row in parse(_accepted(reply, web, base).body) if row]
        bearing = [(title, row) for title, row in titled if f" {' '.join(query)} " in f" {' '.join(title)} "]
        return reply, [row for _, row in sorted(bearing, key=lambda pair: pair[0][: len(query)] != query)]

    return await one_by_one(
        names, web, ask, service=NAME, key=lambda wanted: f"{NAME}:name:{wanted[0]}:{wanted[1] or ''}"
    )


def _phrase(title: str) -> str:
    """Return the title in quotes, without the query language's operators (+ - | * ~ and brackets)."""
    words = re.sub(r'["“”„+|*~()\\[\]{}<>:;^-]', " ", title).split()
    while len(" ".join(words)) > 300:
        words.pop()
    return f'"{" ".join(words)}"' if any(re.search(r"\w", word) for word in words) else ""
