"""Searches for titles at Semantic Scholar: many together, or each alone."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote_plus

from enrich.cleaning.texts import one_line, rank_by_shared_words
from enrich.model import Missing, Outcome, Record, Reply
from enrich.services import SEMANTIC_SCHOLAR
from enrich.sources.asking.batches import batches_within_chars, retry_in_halves
from enrich.sources.asking.lookup import Lookup, candidates, now, one_by_one
from enrich.sources.asking.replies import KEYED_JSON, TOO_LONG_STATUSES
from enrich.sources.asking.stored import RECORDS
from enrich.sources.semantic_scholar.reading import FIELDS, accepted, message, parse
from enrich.web import Web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

K = TypeVar("K")

_NAME, _BASE = SEMANTIC_SCHOLAR.name, SEMANTIC_SCHOLAR.base

ROOM = 4_000  # characters of a query: servers reject URLs above 8,000
TITLES = 50  # in one bulk search


async def search(titles: Sequence[str], web: Web, *, base: str = _BASE) -> dict[str, Outcome[tuple[Record, ...]]]:
    """Return candidates for each title, the likeliest first, at most 5; many titles in one request.

    A Missing is weak: title or abstract must contain the phrase word for word.
    """
    ask = partial(_search, web=web, base=base)
    return await bulk_lookup(ask, title_batches, lambda title: f"{_NAME}:bulk:{title}").outcomes(titles, web)


def bulk_lookup(
    ask: Callable[[Sequence[K]], Awaitable[Mapping[K, Outcome[tuple[Record, ...]]]]],
    batches: Callable[[Sequence[K]], Iterable[Sequence[K]]],
    key: Callable[[K], str],
) -> Lookup[K, tuple[Record, ...]]:
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
    divide = batches_within_chars(ROOM, room_for, TITLES)
    return divide(titles)


async def _search(titles: Sequence[str], *, web: Web, base: str) -> dict[str, Outcome[tuple[Record, ...]]]:
    phrases = [phrase for title in titles if (phrase := phrase_of(title))]
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


def room_for(title: str) -> int:
    """Return how many characters of a query a title takes."""
    return len(quote_plus(phrase_of(title))) + 3


def phrase_of(title: str) -> str:
    """Return the title in quotes, without the query language's operators (+ - | * ~ and brackets)."""
    words = re.sub(r'["“”„+|*~()\\[\]{}<>:;^-]', " ", title).split()
    while len(" ".join(words)) > 300:
        words.pop()
    return f'"{" ".join(words)}"' if any(re.search(r"\w", word) for word in words) else ""
