"""What need not wait for the registries: titles that come without a sure identifier, the pages of bare PDFs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

from enrich.limits import PAGE_SECONDS, CpuLimit, OutOfTimeError
from enrich.matching import describe
from enrich.model import Entry, Found, Record, Unknown, Unreachable
from enrich.pipeline.asker import Asker
from enrich.pipeline.inquiry import Inquiry, Questions, run_inquiries
from enrich.pipeline.resolve.paper import certain_match
from enrich.pipeline.resolve.steps import FEW
from enrich.pipeline.resolve.work import has_sure_clue, presenting_page
from enrich.pipeline.values import Candidates, CatalogPlan, FirstSearches, Searched, Words
from enrich.sources import landing_page
from enrich.web import Terms, Web


async def search_ahead(asker: Asker) -> FirstSearches:
    """Return what can be searched and read of papers before the registries have answered."""
    catalogs = asker.plan.catalogs
    urls = {url for each in catalogs for due in each.due if (url := presenting_page(due.entry, due.clues))}
    async with asyncio.TaskGroup() as group:
        searching = group.create_task(
            run_inquiries([_search(each, asker.local.searches) for each in catalogs], asker, {})
        )
        pages = {url: group.create_task(_read_page(url, asker.web)) for url in sorted(urls)}
    outcome = searching.result()
    return FirstSearches(
        outcome.results, outcome.notes, outcome.out, {url: page.result() for url, page in pages.items()}
    )


def _search(planned: CatalogPlan, local: Sequence[str]) -> Inquiry[Searched]:
    """Search the snapshots, and online for what they do not hold for sure."""
    due = [each.entry for each in planned.due if not has_sure_clue(each.clues)]
    wanted = [(Words(entry.title), entry) for entry in due if entry.title]
    copies = (yield Questions(searches={name: [words for words, _ in wanted] for name in local})).searches
    titles = [words for words, entry in wanted if not _is_certain(entry, words, copies)]
    replies = yield Questions(searches={"arxiv": titles, "bulk": titles} if len(titles) > FEW else {})
    every = {**copies, **replies.searches}
    return {(name, words): outcome for name, found in every.items() for words, outcome in found.items()}


def _is_certain(entry: Entry, words: Words, copies: Mapping[str, Mapping[Words, Candidates]]) -> bool:
    outcomes = (found[words] for found in copies.values())
    return any(isinstance(each, Found) and certain_match(describe(entry), each.value) for each in outcomes)


async def _read_page(url: str, web: Web) -> Record | Unknown | None:
    """Return what a page says of the paper that it presents; None where it could not be read or presents none."""
    try:
        reply = await web.fetch(url, Terms(tries=2, page=True))
    except Unreachable as error:
        return Unknown(error.why, error.at) if error.kind == "stopped" else None
    if reply.status != 200:
        return None
    with suppress(OutOfTimeError), CpuLimit(PAGE_SECONDS):
        return landing_page.parse(reply.body, reply.url, reply.headers.get("content-type", "")).record
    return None
