"""Lookups that need not wait for the registries: titles without a reliable identifier, the pages of bare PDFs."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress

from enrich.limits import PAGE_SECONDS, CpuLimit, OutOfTimeError
from enrich.model import Record, Unknown, Unreachable
from enrich.pipeline.asker import Asker
from enrich.pipeline.clues import has_sure_clue
from enrich.pipeline.inquiry import FEW, Inquiry, Questions, run_inquiries
from enrich.pipeline.resolve.snapshots import LocalMatches
from enrich.pipeline.resolve.work import presenting_page
from enrich.pipeline.values import CatalogPlan, FirstSearches, Searched, Words
from enrich.sources import landing_page, semantic_scholar
from enrich.web import Terms, Web


async def search_ahead(asker: Asker, local: Sequence[LocalMatches]) -> FirstSearches:
    """Return what can be searched and read about papers before the registries have answered.

    Certain matches of the snapshots (`local`), per catalog, are not searched. Titles that do not fill a request to
    Semantic Scholar wait, as the registries' answers may add some.
    """
    catalogs = asker.plan.catalogs
    urls = {url for each in catalogs for due in each.due if (url := presenting_page(due.entry, due.clues))}
    titles = [_titles(*each) for each in zip(catalogs, local, strict=True)]
    if len(frozenset[Words]().union(*titles)) <= FEW:
        titles = [[] for _ in catalogs]
    first = _filling_requests(titles)
    searches = [
        {"arxiv": () if asker.local.spares_arxiv else each, "bulk": [words for words in each if words in first]}
        for each in titles
    ]
    async with asyncio.TaskGroup() as group:
        searching = group.create_task(
            run_inquiries([_search(*each) for each in zip(searches, local, strict=True)], asker, {})
        )
        pages = {url: group.create_task(_read_page(url, asker.web)) for url in sorted(urls)}
    outcome = searching.result()
    return FirstSearches(
        searched=outcome.results,
        notes=outcome.notes,
        out=outcome.out,
        pages={url: page.result() for url, page in pages.items()},
        listings=tuple(each.listings for each in local),
    )


def _titles(planned: CatalogPlan, local: LocalMatches) -> list[Words]:
    """Return the titles of a catalog to search for in advance."""
    titles = [Words(due.entry.title) for due in planned.due if due.entry.title and not has_sure_clue(due.clues)]
    titles += [Words(record.title) for record in local.listings.values() if record.title]
    return [words for words in titles if words not in local.certain]


def _filling_requests(titles: Iterable[Iterable[Words]]) -> frozenset[Words]:
    """Return the titles of all catalogs except those that would be left for the last request."""
    every = sorted(frozenset[Words]().union(*titles))
    batches = list(semantic_scholar.title_batches([words.text for words in every]))
    return frozenset(Words(text) for batch in batches[:-1] for text in batch)


def _search(searches: Mapping[str, Collection[Words]], local: LocalMatches) -> Inquiry[Searched]:
    replies = yield Questions(searches=searches)
    online = {(name, words): outcome for name, found in replies.searches.items() for words, outcome in found.items()}
    return {**local.searched, **online}


async def _read_page(url: str, web: Web) -> Record | Unknown | None:
    """Return what a page says about the paper that it presents; None if it is unreadable or presents none."""
    try:
        reply = await web.fetch(url, Terms(tries=2, page=True))
    except Unreachable as error:
        return Unknown(error.why, error.at) if error.kind == "stopped" else None
    if reply.status != 200:
        return None
    with suppress(OutOfTimeError), CpuLimit(PAGE_SECONDS):
        return landing_page.parse(reply.body, reply.url, reply.headers.get("content-type", "")).record
    return None
