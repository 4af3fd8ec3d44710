"""Searches at Semantic Scholar: titles and names together, or each alone."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote_plus

from enrich.cleaning.texts import one_line, rank_by_shared_words, search_words
from enrich.model import Found, Missing, Outcome, Record, Reply
from enrich.services import SEMANTIC_SCHOLAR
from enrich.sources.asking.batches import batches_within_chars, retry_in_halves
from enrich.sources.asking.lookup import Lookup, candidates, now, one_by_one
from enrich.sources.asking.replies import KEYED_JSON, TOO_LONG_STATUSES, load_json
from enrich.sources.asking.stored import RECORDS
from enrich.sources.semantic_scholar.reading import FIELDS, accepted, message, parse
from enrich.web import Web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

_K = TypeVar("_K", bound="str | Name")

Name = tuple[str, int | None]
"""The name of a system, and the year of its paper (None: unknown)."""

_NAME, _BASE = SEMANTIC_SCHOLAR.name, SEMANTIC_SCHOLAR.base

_ROOM = 4_000  # characters of a query: servers reject URLs above 8,000
_TITLES = 50  # in one bulk search
_NAMESAKES = 20  # candidates for a name that is searched alone
_NAMES, _SPAN = 20, 5  # names in one bulk search, and the range of their years
_MOST = 100  # candidates for a name in a bulk search


async def search(titles: Sequence[str], web: Web, *, base: str = _BASE) -> dict[str, Outcome[tuple[Record, ...]]]:
    """Return candidates for each title, the likeliest first, at most 5; many titles in one request.

    A Missing is weak: title or abstract must contain the phrase word for word.
    """
    ask = partial(_search, web=web, base=base)
    return await _bulk(ask, title_batches, lambda title: f"{_NAME}:bulk:{title}").outcomes(titles, web)


def _bulk(
    ask: Callable[[Sequence[_K]], Awaitable[Mapping[_K, Outcome[tuple[Record, ...]]]]],
    batches: Callable[[Sequence[_K]], Iterable[Sequence[_K]]],
    key: Callable[[_K], str],
) -> Lookup[_K, tuple[Record, ...]]:
    """Return a lookup that searches for many titles or names in each request, in halves where one is too long."""
    return Lookup(
        service=_NAME,
        kind="search",
        ask=lambda batch: retry_in_halves(batch, ask, TOO_LONG_STATUSES | {500}),
        form=RECORDS,
        batches=batches,
        key=key,
    )


def title_batches(titles: Sequence[str]) -> Iterable[Sequence[str]]:
    """Divide titles into groups that `search` sends in one request each."""
    divide = batches_within_chars(_ROOM, _room, _TITLES)
    return divide(titles)


async def _search(titles: Sequence[str], *, web: Web, base: str) -> dict[str, Outcome[tuple[Record, ...]]]:
    phrases = [phrase for title in titles if (phrase := _phrase(title))]
    if not phrases:
        return {title: Missing("no words to search for", at=now(web)) for title in titles}
    params = {"query": " | ".join(phrases), "fields": FIELDS}
    reply = await web.fetch(f"{base}/graph/v1/paper/search/bulk", KEYED_JSON, params=params)
    rows = parse(accepted(reply, web, base).body)
    found = [row for row in rows if row]
    return {title: candidates(rank_by_shared_words(title, found), reply) for title in titles}


async def match(titles: Sequence[str], web: Web, *, base: str = _BASE) -> dict[str, Outcome[tuple[Record, ...]]]:
    """Ask Semantic Scholar for the candidate closest to each title, one request per title.

    It is lenient: a confident hit may be another paper.
    """

    async def ask(title: str) -> tuple[Reply, Iterable[Record]] | None:
        if not (query := one_line(title, 300)):
            return None
        params = {"query": query, "fields": FIELDS}
        reply = await web.fetch(f"{base}/graph/v1/paper/search/match", KEYED_JSON, params=params)
        if reply.status == 404 and "not found" in message(reply):
            return reply, ()
        return reply, filter(None, parse(accepted(reply, web, base).body))

    return await one_by_one(titles, web, ask, service=_NAME, key=lambda title: f"{_NAME}:match:{title}")


async def named(names: Sequence[Name], web: Web, *, base: str = _BASE) -> dict[Name, Outcome[tuple[Record, ...]]]:
    """Return candidates for names of systems, each with the year of its paper (None: any); one request each.

    At most 20, with titles that begin with the name first: a single best match could be any namesake's.
    """

    async def ask(wanted: Name) -> tuple[Reply, Iterable[Record]] | None:
        # Hyphens are read as operators: https://api.semanticscholar.org/api-docs/graph
        if not (query := search_words(wanted[0])):
            return None
        params = {"query": " ".join(query), "fields": FIELDS, "limit": str(_NAMESAKES), **_years([wanted])}
        reply = await web.fetch(f"{base}/graph/v1/paper/search", KEYED_JSON, params=params)
        return reply, _bearing(wanted[0], _titled(filter(None, parse(accepted(reply, web, base).body))))

    return await one_by_one(
        names, web, ask, service=_NAME, key=lambda wanted: f"{_NAME}:name:{wanted[0]}:{wanted[1] or ''}"
    )


async def search_names(
    names: Sequence[Name], web: Web, *, base: str = _BASE
) -> dict[Name, Outcome[tuple[Record, ...]]]:
    """Return candidates for names of systems, as `named` does; several names in one request.

    A request returns the 1,000 most cited papers. If there are more, all of its names are Found and partial, with the
    candidates that came; otherwise a Missing means that no paper of the name's years has it.
    """
    ask = partial(_search_names, web=web, base=base)
    return await _bulk(ask, _near_in_time, lambda name: f"{_NAME}:names:{name[0]}:{name[1] or ''}").outcomes(names, web)


def _near_in_time(names: Sequence[Name]) -> Iterable[Sequence[Name]]:
    """Divide names into batches of similar years; names without a year are separate."""
    dated: list[list[tuple[int, str]]] = []
    known = [(year, name) for name, year in names if year is not None]
    for year, name in sorted(known):
        if not dated or year - dated[-1][0][0] > _SPAN:
            dated.append([])
        dated[-1].append((year, name))
    groups: list[list[Name]] = [[(name, year) for year, name in group] for group in dated]
    groups.append([each for each in names if each[1] is None])
    divide = batches_within_chars(_ROOM, _room_of_name, _NAMES)
    return (batch for group in groups for batch in divide(group))


async def _search_names(names: Sequence[Name], *, web: Web, base: str) -> dict[Name, Outcome[tuple[Record, ...]]]:
    phrases = {_phrase(" ".join(search_words(name))): None for name, _ in names}
    query = " | ".join(filter(None, phrases))
    if not query:
        return {name: Missing("no words to search for", at=now(web)) for name in names}
    params = {"query": query, "fields": FIELDS, "sort": "citationCount:desc", **_years(names)}
    reply = await web.fetch(f"{base}/graph/v1/paper/search/bulk", KEYED_JSON, params=params)
    body = accepted(reply, web, base).body
    rows = parse(body)
    titled, is_whole = _titled(filter(None, rows)), _is_whole(body, rows)
    found: dict[Name, Outcome[tuple[Record, ...]]] = {}
    for name, year in names:
        bearing = _bearing(name, (each for each in titled if _is_near(each[1].year, year)))
        found[name, year] = outcome = candidates(bearing[:_MOST], reply)
        if not is_whole or len(bearing) > _MOST:
            some = outcome.value if isinstance(outcome, Found) else ()
            found[name, year] = Found(some, at=reply.at, is_partial=True)
    return found


def _is_whole(body: bytes, rows: Sequence[Record | None]) -> bool:
    """Whether a bulk search returned all results: `total` is approximate, `token` leads to the next rows."""
    value = load_json(body)
    if not isinstance(value, dict) or value.get("token"):
        return False
    total = value.get("total")
    return isinstance(total, int) and total <= len(rows)


def _years(names: Iterable[Name]) -> dict[str, str]:
    """Return the years in which papers of these names are searched: papers are dated by their preprints."""
    years = [year for _, year in names]
    known = [year for year in years if year]
    return {"year": f"{min(known) - 2}-{max(known) + 1}"} if known and len(known) == len(years) else {}


def _is_near(published: int | None, year: int | None) -> bool:
    return published is None or year is None or year - 2 <= published <= year + 1


def _titled(records: Iterable[Record]) -> list[tuple[tuple[str, ...], Record]]:
    return [(search_words(record.title or ""), record) for record in records]


def _bearing(name: str, titled: Iterable[tuple[tuple[str, ...], Record]]) -> list[Record]:
    """Return the papers with the name in their titles, first those whose titles begin with it."""
    words = search_words(name)
    bearing = [pair for pair in titled if f" {' '.join(words)} " in f" {' '.join(pair[0])} "]
    return [record for _, record in sorted(bearing, key=lambda pair: pair[0][: len(words)] != words)]


def _room(title: str) -> int:
    return len(quote_plus(_phrase(title))) + 3


def _room_of_name(name: Name) -> int:
    return _room(name[0])


def _phrase(title: str) -> str:
    """Return the title in quotes, without the query language's operators (+ - | * ~ and brackets)."""
    words = re.sub(r'["“”„+|*~()\\[\]{}<>:;^-]', " ", title).split()
    while len(" ".join(words)) > 300:
        words.pop()
    return f'"{" ".join(words)}"' if any(re.search(r"\w", word) for word in words) else ""
