"""Phase 4, `resolve`: find the papers of entries by identifier, by the page behind a link, or by title."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from enrich.model import Identifier, LinkCheck, Outcome, Record
from enrich.pipeline.asker import Asker
from enrich.pipeline.inquiry import Inquiry, Questions, run_inquiries
from enrich.pipeline.resolve import steps
from enrich.pipeline.resolve.ahead import search_ahead
from enrich.pipeline.resolve.early import search_early
from enrich.pipeline.resolve.snapshots import search_snapshots
from enrich.pipeline.resolve.work import Work, works_of
from enrich.pipeline.values import Asked, FirstSearches, GapFillers, Lookups
from enrich.sources import retraction_watch

__all__ = ["resolve", "search_ahead", "search_early", "search_snapshots"]


async def resolve(
    asker: Asker, asked: Asked, ahead: FirstSearches, seen: Sequence[Mapping[str, LinkCheck]], retractions: Path | None
) -> Lookups:
    """Return the paper of each entry, and what the services say about it.

    Before an arXiv ID is taken for another paper's, the title of its first version is looked up; meanwhile the search
    continues for all others.

    Args:
        asker: How services are asked.
        asked: What the registries said of the identifiers that the entries hold.
        ahead: What was searched already.
        seen: What each catalog's links were found to be so far, by URL.
        retractions: Retraction Watch's file, if there is one.

    Raises:
        EnrichError: That file cannot be read, or is something else.
    """
    works = works_of(asker.plan.catalogs, asker, asked.answers, ahead, seen)
    out = {**asked.out, **ahead.out}
    async with asyncio.TaskGroup() as group:
        first_versions = group.create_task(run_inquiries([_first_versions(work) for work in works], asker, out))
        searching = group.create_task(run_inquiries([_search_sure(work) for work in works], asker, out))
    earlier, sure = first_versions.result(), searching.result()
    gap_fillers = asker.gap_fillers()
    inquiries = [_go_on(work, known, gap_fillers) for work, known in zip(works, earlier.results, strict=True)]
    last = await run_inquiries(inquiries, asker, {**out, **sure.out})
    dois = set[str]().union(*(work.dois() for work in works))
    retracted = retraction_watch.find(retractions, dois) if retractions else {}
    return Lookups(
        by_key=tuple(work.resolved(retracted) for work in works),
        answers=tuple(work.known.since for work in works),
        notes=tuple(
            (*one, *two, *three) for one, two, three in zip(earlier.notes, sure.notes, last.notes, strict=True)
        ),
    )


def _first_versions(work: Work) -> Inquiry[Mapping[Identifier, Outcome[Record]]]:
    """Ask for the first versions of preprints whose records have other titles than the entries."""
    replies = yield Questions(first_versions=set[Identifier]().union(*work.doubtful.values()))
    return replies.first_versions


def _search_sure(work: Work) -> Inquiry[None]:
    papers = [paper for key, paper in work.papers.items() if key not in work.doubtful]
    work.take_known(papers)
    yield from steps.search_papers(work, papers)


def _go_on(work: Work, first_versions: Mapping[Identifier, Outcome[Record]], gap_fillers: GapFillers) -> Inquiry[None]:
    papers = [work.papers[key] for key in work.doubtful]
    work.take_known(papers, first_versions)
    yield from steps.search_papers(work, papers)
    yield from steps.settle(work)
    yield from steps.follow_up(work, gap_fillers)
