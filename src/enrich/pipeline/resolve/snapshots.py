"""What snapshots hold of papers that come without a sure identifier; asked before anything is asked online."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from enrich.matching import Description
from enrich.model import Found, Identifier, Record
from enrich.pipeline.asker import Asker
from enrich.pipeline.clues import main_identifier
from enrich.pipeline.inquiry import Inquiry, Questions, run_inquiries
from enrich.pipeline.resolve.paper import Paper, certain_match
from enrich.pipeline.resolve.work import has_sure_clue
from enrich.pipeline.values import Candidates, CatalogPlan, Searched, Words


@dataclass(frozen=True, slots=True)
class LocalMatches:
    """What the snapshots hold for one catalog: what each search found, and for which words there is a certain match.

    `papers` are the identifiers of these matches.
    """

    searched: Searched = field(default_factory=dict)
    certain: frozenset[Words] = frozenset()
    papers: frozenset[Identifier] = frozenset()


async def search_snapshots(asker: Asker) -> tuple[LocalMatches, ...]:
    """Return what the snapshots hold, per catalog."""
    names = asker.local.searches
    outcome = await run_inquiries([_search(each, names) for each in asker.plan.catalogs], asker, {})
    return outcome.results


def _search(planned: CatalogPlan, names: Sequence[str]) -> Inquiry[LocalMatches]:
    if not names:
        return LocalMatches()
    papers = [Paper(due.entry, due.clues) for due in planned.due if not has_sure_clue(due.clues)]
    wanted = {words: paper.wanted() for paper in papers if (words := paper.words())}
    found = (yield Questions(searches=dict.fromkeys(names, tuple(wanted)))).searches
    searched = {(name, words): outcome for name, those in found.items() for words, outcome in those.items()}
    certain = {
        words: record for (_, words), found in searched.items() if (record := _certain_match(wanted[words], found))
    }
    named = (main_identifier([record.doi], [record.arxiv_id], []) for record in certain.values())
    return LocalMatches(searched, frozenset(certain), frozenset(filter(None, named)))


def _certain_match(wanted: Description, outcome: Candidates) -> Record | None:
    return certain_match(wanted, outcome.value) if isinstance(outcome, Found) else None
