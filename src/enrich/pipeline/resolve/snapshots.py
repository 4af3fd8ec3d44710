"""What snapshots have on papers without a reliable identifier; asked before any online request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from enrich.model import Found, Identifier, Record
from enrich.pipeline.asker import Asker
from enrich.pipeline.clues import has_sure_clue, main_identifier
from enrich.pipeline.inquiry import Inquiry, Questions, run_inquiries
from enrich.pipeline.resolve.paper import Paper, certain_match, likely_matches, sure_match
from enrich.pipeline.values import Candidates, CatalogPlan, Named, Searched, Words

_Searched = dict[tuple[str, Words], Candidates]

_MOST_LIKELY = 2  # papers of one entry


@dataclass(frozen=True, slots=True)
class LocalMatches:
    """The snapshots' results for one catalog: what each search found, and the words with a certain match.

    `named` are the identifiers of these matches, and of papers that may be an entry's. `listings` are certain papers
    without an identifier, by the keys of entries that have a name and no title.
    """

    searched: Searched = field(default_factory=dict)
    certain: frozenset[Words] = frozenset()
    named: Named = field(default_factory=Named)
    listings: Mapping[str, Record] = field(default_factory=dict)


async def search_snapshots(asker: Asker) -> tuple[LocalMatches, ...]:
    """Return what the snapshots have, per catalog."""
    names = asker.local.searches
    outcome = await run_inquiries([_search(each, names) for each in asker.plan.catalogs], asker, {})
    return outcome.results


def _search(planned: CatalogPlan, names: Sequence[str]) -> Inquiry[LocalMatches]:
    """Search for titles and names, then for the titles that a snapshot has for names."""
    if not names:
        return LocalMatches()
    papers = [Paper(due.entry, due.clues) for due in planned.due if not has_sure_clue(due.clues)]
    searched, certain = yield from _round(papers, names)
    for paper in papers:
        paper.listing = _listing(paper, names, searched)
    listed = [paper for paper in papers if paper.listing]
    of_listed, certain_of_listed = yield from _round(listed, names)
    certain |= certain_of_listed
    searched |= of_listed
    open_ones = (paper for paper in papers if paper.words() not in certain)
    likely = (record for paper in open_ones for record in _likely(paper, names, searched))
    named = Named(papers=_identifiers(certain.values()), likely=_identifiers(likely))
    listings = {paper.entry.key: paper.listing for paper in listed if paper.listing}
    return LocalMatches(searched, frozenset(certain), named, listings)


def _round(papers: Iterable[Paper], names: Sequence[str]) -> Inquiry[tuple[_Searched, dict[Words, Record]]]:
    """Return what each search found for the papers' words, and the certain matches."""
    wanted = {words: paper.wanted() for paper in papers if (words := paper.words())}
    found = (yield Questions(searches=dict.fromkeys(names, tuple(wanted)))).searches
    searched = {(name, words): outcome for name, outcomes in found.items() for words, outcome in outcomes.items()}
    certain = {
        words: record
        for (_, words), outcome in searched.items()
        if isinstance(outcome, Found) and (record := certain_match(wanted[words], outcome.value))
    }
    return searched, certain


def _listing(paper: Paper, names: Sequence[str], searched: Searched) -> Record | None:
    """Return the paper that a snapshot has under the name, the venue and the year, if it has no identifier."""
    wanted, words = paper.wanted(), paper.words()
    if wanted.title or not words:
        return None
    outcomes = [outcome for name in names if isinstance(outcome := searched.get((name, words)), Found)]
    matches = [match for outcome in outcomes if (match := sure_match(wanted, outcome.value)) and match.title]
    return None if any(match.doi or match.arxiv_id for match in matches) else next(iter(matches), None)


def _likely(paper: Paper, names: Sequence[str], searched: Searched) -> list[Record]:
    """Return the few papers of snapshots that may be the entry's."""
    wanted, words = paper.wanted(), paper.words()
    outcomes = [outcome for name in names if words and isinstance(outcome := searched.get((name, words)), Found)]
    return [record for outcome in outcomes for record in likely_matches(wanted, outcome.value)[:_MOST_LIKELY]]


def _identifiers(records: Iterable[Record]) -> frozenset[Identifier]:
    return frozenset(filter(None, (main_identifier([record.doi], [record.arxiv_id], []) for record in records)))
