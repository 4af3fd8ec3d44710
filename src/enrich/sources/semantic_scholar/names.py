"""Searches for names of systems at Semantic Scholar: many together, with titles, or each alone."""

from __future__ import annotations

from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING

from enrich.cleaning.texts import rank_by_shared_words, search_words
from enrich.model import Found, Missing, Outcome, Record, Reply
from enrich.services import SEMANTIC_SCHOLAR
from enrich.sources.asking.batches import batches_within_chars
from enrich.sources.asking.lookup import candidates, now, one_by_one
from enrich.sources.asking.replies import KEYED_JSON, load_json
from enrich.sources.semantic_scholar.reading import FIELDS, accepted, parse
from enrich.sources.semantic_scholar.searches import (
    ROOM,
    TITLES,
    bulk_lookup,
    phrase_of,
    room_for,
)
from enrich.web import Web

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Name = tuple[str, int | None]
"""The name of a system, and the year of its paper (None: unknown)."""

_NAME, _BASE = SEMANTIC_SCHOLAR.name, SEMANTIC_SCHOLAR.base

_NAMESAKES = 20  # candidates for a name that is searched alone
_NAMES, _SPAN = 20, 5  # names in one bulk search, and the range of their years
_MOST = 100  # candidates for a name in a bulk search


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
    wanted: Sequence[Name | str], web: Web, *, base: str = _BASE
) -> dict[Name | str, Outcome[tuple[Record, ...]]]:
    """Return candidates for names of systems, as `named` does, several in one request, and for titles along with them.

    A request returns the 1,000 most cited papers. If there are more, all that it searched for is Found and partial,
    with the candidates that came; otherwise a Missing means that no paper of the name's years has it. Titles are
    searched in the years of the names, too, and only as far as requests for names have room: the others are left out.
    """
    ask = partial(_search_names, web=web, base=base)
    return await bulk_lookup(ask, _batches, _key).outcomes(wanted, web)


def _key(wanted: Name | str) -> str:
    return f"{_NAME}:along:{wanted}" if isinstance(wanted, str) else f"{_NAME}:names:{wanted[0]}:{wanted[1] or ''}"


def _batches(wanted: Sequence[Name | str]) -> Iterator[Sequence[Name | str]]:
    """Divide names into batches of similar years, and add titles where there is room."""
    titles = [each for each in wanted if isinstance(each, str)]
    names = _near_in_time([each for each in wanted if not isinstance(each, str)])
    for batch in reversed(list(names)):  # names without a year first, whose batch has papers of all years
        lengths = accumulate(map(room_for, titles), initial=sum(map(_room_of_name, batch)))
        fitting = sum(length <= ROOM for length in list(lengths)[1 : TITLES + 1])
        yield [*batch, *titles[:fitting]]
        titles = titles[fitting:]


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
    divide = batches_within_chars(ROOM, _room_of_name, _NAMES)
    return (batch for group in groups for batch in divide(group))


async def _search_names(
    wanted: Sequence[Name | str], *, web: Web, base: str
) -> dict[Name | str, Outcome[tuple[Record, ...]]]:
    names = [each for each in wanted if not isinstance(each, str)]
    titles = [each for each in wanted if isinstance(each, str)]
    phrases = dict.fromkeys([*(phrase_of(" ".join(search_words(name))) for name, _ in names), *map(phrase_of, titles)])
    query = " | ".join(filter(None, phrases))
    if not query:
        return dict.fromkeys(wanted, Missing("no words to search for", at=now(web)))
    params = {"query": query, "fields": FIELDS, "sort": "citationCount:desc", **_years(names)}
    reply = await web.fetch(f"{base}/graph/v1/paper/search/bulk", KEYED_JSON, params=params)
    body = accepted(reply, web, base).body
    rows = parse(body)
    records, is_whole = [row for row in rows if row], _is_whole(body, rows)
    titled = _titled(records)
    found: dict[Name | str, Outcome[tuple[Record, ...]]] = {}
    for name, year in names:
        bearing = _bearing(name, (each for each in titled if _is_near(each[1].year, year)))
        outcome = candidates(bearing[:_MOST], reply)
        found[name, year] = outcome if is_whole and len(bearing) <= _MOST else _in_part(outcome, reply)
    for title in titles:
        outcome = candidates(rank_by_shared_words(title, records), reply)
        found[title] = outcome if is_whole else _in_part(outcome, reply)
    return found


def _in_part(outcome: Outcome[tuple[Record, ...]], reply: Reply) -> Found[tuple[Record, ...]]:
    return Found(outcome.value if isinstance(outcome, Found) else (), at=reply.at, is_partial=True)


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


def _room_of_name(name: Name) -> int:
    return room_for(name[0])
