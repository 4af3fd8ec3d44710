"""OpenAlex (https://developers.openalex.org), which requires a key: https://openalex.org/settings/api."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from enrich import identifiers
from enrich.cleaning.texts import (
    LONGEST_ABSTRACT,
    arxiv_doi,
    author_names,
    clean_title,
    doi_in,
    plain_text,
    rank_by_shared_words,
    search_words,
)
from enrich.model import Found, Identifier, Missing, Outcome, Record, Reply, Scheme
from enrich.services import OPENALEX
from enrich.sources.asking.batches import batches_of, retry_in_halves, split_supported
from enrich.sources.asking.lookup import Lookup, one_by_one
from enrich.sources.asking.replies import (
    KEYED_JSON,
    TOO_LONG_STATUSES,
    NoAnswerError,
    UnreadableError,
    load_json,
    require_status,
)
from enrich.sources.asking.stored import RECORD
from enrich.text.dates import bounded_int, checked_year, leading_date
from enrich.text.venue_names import is_preprint_server
from enrich.web import Web

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NAME, BASE = OPENALEX.name, OPENALEX.base

_BATCH = 50  # 100 values are allowed in one filter, and DOIs are long
_ROWS = 5
# Its documentation uses 403 for too many requests; a rejected key is answered with 401.
_TERMS = replace(KEYED_JSON, refusals=(403,))
_FIELDS = (
    "doi,title,display_name,publication_year,publication_date,authorships,abstract_inverted_index,cited_by_count,"
    "primary_location"
)
_LONGEST = 5_000  # words of an abstract


def parse(body: bytes) -> list[Record]:
    """Return the works of a list.

    Raises:
        UnreadableError: the body is not a list from OpenAlex.
    """
    value = load_json(body)
    works = value.get("results") if isinstance(value, dict) else None
    if not isinstance(works, list):
        raise UnreadableError("the response has no works")
    return [_record(work) for work in works if isinstance(work, dict)]


def _record(work: Mapping[str, object]) -> Record:
    """Return a record without `is_retracted`, which misses some; Crossref has the same with its reasons.

    https://github.com/poemswe/co-researcher/pull/23 counted 37 of 40 retracted papers.
    """
    doi = doi_in(work.get("doi"))
    identifier = identifiers.parse(doi or "")
    people = work.get("authorships")
    names = [
        person.get("raw_author_name") or (isinstance(who := person.get("author"), dict) and who.get("display_name"))
        for person in (people if isinstance(people, list) else [])
        if isinstance(person, dict)
    ]
    return Record(
        source=NAME,
        title=clean_title(work.get("title")) or clean_title(work.get("display_name")),
        authors=author_names(names),
        abstract=_abstract(work.get("abstract_inverted_index")),
        year=checked_year(work.get("publication_year")),
        published=leading_date(work.get("publication_date")),
        venue=_venue(work.get("primary_location")),
        doi=doi,
        arxiv_id=identifier.value if identifier and identifier.scheme is Scheme.ARXIV else None,
        citation_count=bounded_int(work.get("cited_by_count")),
        url=f"https://doi.org/{doi}" if doi else None,
    )


def _abstract(index: object) -> str | None:
    """Rebuild the abstract from its inverted index: each word with its positions."""
    placed: dict[int, str] = {}
    for word, places in index.items() if isinstance(index, dict) else ():
        for place in places if isinstance(places, list) else ():
            if type(place) is int and 0 <= place < _LONGEST:
                placed[place] = str(word)
    return plain_text(" ".join(placed[place] for place in sorted(placed)), LONGEST_ABSTRACT)


def _venue(location: object) -> str | None:
    source = location.get("source") if isinstance(location, dict) else None
    name = plain_text(source.get("display_name")) if isinstance(source, dict) else None
    return None if name and is_preprint_server(name) else name


async def look_up(wanted: Sequence[Identifier], web: Web, *, base: str = BASE) -> dict[Identifier, Outcome[Record]]:
    """Ask OpenAlex for each work (schemes DOI, and ARXIV by its DOI 10.48550/arXiv.…).

    Some records are merged there, and have another work's title: compare before use.
    """
    able, others = split_supported((Scheme.DOI, Scheme.ARXIV), wanted)
    lookup: Lookup[Identifier, Record] = Lookup(
        service=NAME,
        kind=NAME,
        ask=lambda batch: retry_in_halves(batch, partial(_ask, web=web, base=base), TOO_LONG_STATUSES),
        form=RECORD,
        batches=batches_of(_BATCH),
    )
    return {**await lookup.outcomes(able, web), **others}


async def _ask(batch: Sequence[Identifier], *, web: Web, base: str) -> dict[Identifier, Outcome[Record]]:
    # A comma or a bar would end the value: such DOIs are left out, and count as absent.
    dois = [doi for identifier in batch if not set(doi := _doi(identifier)) & set(",|")]
    params = {"filter": f"doi:{'|'.join(dois)}", "per-page": str(2 * _BATCH), "select": _FIELDS}
    reply = await web.fetch(f"{base}/works", _TERMS, params=params)
    known = {record.doi.lower(): record for record in parse(_accepted(reply).body) if record.doi}
    return {
        identifier: Found(replace(record, asked_at=reply.at), at=reply.at)
        if (record := known.get(_doi(identifier)))
        else Missing("not found", status=reply.status, at=reply.at)
        for identifier in batch
    }


async def search(titles: Sequence[str], web: Web, *, base: str = BASE) -> dict[str, Outcome[tuple[Record, ...]]]:
    """Candidates for each title, the likeliest first, at most 5; one request a title."""

    async def ask(title: str) -> tuple[Reply, Iterable[Record]] | None:
        # Commas separate filters, bars separate alternatives: only words are sent.
        if not (words := " ".join(search_words(title))[:300]):
            return None
        params = {"filter": f"title.search:{words}", "per-page": str(_ROWS), "select": _FIELDS}
        reply = _accepted(await web.fetch(f"{base}/works", _TERMS, params=params))
        return reply, rank_by_shared_words(title, parse(reply.body))

    return await one_by_one(titles, web, ask, service=NAME, key=lambda title: f"{NAME}:{title}", at_once=2)


def _accepted(reply: Reply) -> Reply:
    if reply.status == 401:
        raise NoAnswerError(f"invalid API key (HTTP 401); check {OPENALEX.key}", status=401, final=True)
    if reply.status == 403:
        raise NoAnswerError("rate limited, or the key has no access (HTTP 403)", status=403)
    if reply.status == 429:  # the day's budget, not a rate limit
        raise NoAnswerError("daily budget used up (HTTP 429)", status=429, final=True)
    return require_status(reply)


def _doi(identifier: Identifier) -> str:
    is_arxiv = identifier.scheme is Scheme.ARXIV
    return (arxiv_doi(identifier.value) if is_arxiv else identifier.value).lower()
