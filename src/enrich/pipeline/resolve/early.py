"""Searches whose results are looked up along with what the entries name themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from enrich.model import Entry, LinkKind, Scheme
from enrich.pipeline.asker import Asker
from enrich.pipeline.clues import has_sure_clue, ieee_documents
from enrich.pipeline.inquiry import Inquiry, run_inquiries
from enrich.pipeline.resolve.paper import Paper
from enrich.pipeline.resolve.steps import search_together
from enrich.pipeline.resolve.work import Work, works_of
from enrich.pipeline.values import Asked, CatalogPlan, Due, FirstSearches, Named
from enrich.sources import semantic_scholar

_MOST_JUDGED = 2_000  # papers: of longer lists, a request is not worth judging all of them twice


async def search_early(asker: Asker, asked: Asked, ahead: FirstSearches) -> tuple[FirstSearches, tuple[Named, ...]]:
    """Return what was searched so far, and the identifiers of the papers that it found, per catalog.

    This is what the first answers leave to search for: the last titles, and names. Whether a paper is the entry's is
    decided only when all answers are there.
    """
    catalogs = _searched(asker.plan.catalogs)
    known = [each.gather(asker.plan.known) if each.due else {} for each in catalogs]
    works = works_of(catalogs, asker, asked.answers, ahead, known)
    pages = frozenset(asker.plan.pages)
    outcome = await run_inquiries([_search(work, pages) for work in works], asker, {**asked.out, **ahead.out})
    searched = replace(
        ahead,
        searched=tuple(work.searched for work in works),
        notes=tuple((*one, *two) for one, two in zip(ahead.notes, outcome.notes, strict=True)),
        out={**ahead.out, **{service: why for service, why in outcome.out.items() if service not in asked.out}},
    )
    return searched, tuple(map(_named, works))


def _searched(catalogs: Sequence[CatalogPlan]) -> list[CatalogPlan]:
    """Return the catalogs with the papers to search for, and with those whose titles may become doubtful if few."""
    if sum(len(each.due) for each in catalogs) <= _MOST_JUDGED and any(map(_open_ones, catalogs)):
        return list(catalogs)
    return [replace(each, due=_open_ones(each)) for each in catalogs]


def _open_ones(planned: CatalogPlan) -> tuple[Due, ...]:
    return tuple(due for due in planned.due if not has_sure_clue(due.clues))


def _search(work: Work, pages: Collection[str]) -> Inquiry[None]:
    """Search for papers without an identifier, and along with these for papers that may be known without a search.

    Semantic Scholar may know their identifier, a page may present them, their IEEE document may have a DOI.
    """
    work.take_known(paper for key, paper in work.papers.items() if key not in work.doubtful)
    papers = [paper for paper in work.papers.values() if not has_sure_clue(paper.clues)]
    waits = [_may_be_known(paper, pages) for paper in papers]
    alone = [paper for paper, along in zip(papers, waits, strict=True) if not along]
    yield from search_together(work, alone, [paper for paper, along in zip(papers, waits, strict=True) if along])


def _may_be_known(paper: Paper, pages: Collection[str]) -> bool:
    if any(clue.identifier.scheme is not Scheme.OPENREVIEW for clue in paper.clues):
        return True
    return not paper.wanted().title and bool(ieee_documents(paper.entry) or _has_page(paper.entry, pages))


def _has_page(entry: Entry, pages: Collection[str]) -> bool:
    """Whether a page is looked at that may present the paper."""
    return any(
        link.kind is LinkKind.PAPER and link.url in pages and not urlsplit(link.url).path.endswith(".pdf")
        for link in entry.links
    )


def _named(work: Work) -> Named:
    papers = [paper for paper in work.papers.values() if not has_sure_clue(paper.clues)]
    unindexed = [paper for paper in papers if semantic_scholar.NAME not in paper.records]
    return Named(
        papers=frozenset(identifier for paper in unindexed if (identifier := paper.main())),
        dois=frozenset().union(*(paper.named(Scheme.DOI) for paper in papers)),
    )
