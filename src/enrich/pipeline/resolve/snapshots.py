"""What snapshots hold of papers that come without a sure identifier; asked before anything is asked online."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from enrich.matching import Description
from enrich.model import Found
from enrich.pipeline.asker import Asker
from enrich.pipeline.inquiry import Inquiry, Questions, run_inquiries
from enrich.pipeline.resolve.paper import Paper, certain_match
from enrich.pipeline.resolve.work import has_sure_clue
from enrich.pipeline.values import Candidates, CatalogPlan, Searched, Words


@dataclass(frozen=True, slots=True)
class LocalMatches:
    """What the snapshots hold for one catalog: what each search found, and for which words there is a certain match."""

    searched: Searched
    certain: frozenset[Words]


async def search_snapshots(asker: Asker) -> tuple[LocalMatches, ...]:
    """Return what the snapshots hold, per catalog."""
    names = asker.local.searches
    outcome = await run_inquiries([_search(each, names) for each in asker.plan.catalogs], asker, {})
    return outcome.results


def _search(planned: CatalogPlan, names: Sequence[str]) -> Inquiry[LocalMatches]:
    if not names:
        return LocalMatches({}, frozenset())
    papers = [Paper(due.entry, due.clues) for due in planned.due if not has_sure_clue(due.clues)]
    wanted = {words: paper.wanted() for paper in papers if (words := paper.words())}
    found = (yield Questions(searches=dict.fromkeys(names, tuple(wanted)))).searches
    searched = {(name, words): outcome for name, those in found.items() for words, outcome in those.items()}
    certain = {words for (_, words), found in searched.items() if _is_certain(wanted[words], found)}
    return LocalMatches(searched, frozenset(certain))


def _is_certain(wanted: Description, outcome: Candidates) -> bool:
    return isinstance(outcome, Found) and certain_match(wanted, outcome.value) is not None
