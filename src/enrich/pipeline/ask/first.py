"""The first questions to registries: those that need not wait for what searches find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from enrich.model import Identifier, Scheme
from enrich.pipeline.ask.wanted import Wanted
from enrich.pipeline.asker import Asker
from enrich.pipeline.inquiry import Inquiry, Questions, run_inquiries
from enrich.pipeline.known import Known
from enrich.pipeline.values import AllAnswers, Asked, Named
from enrich.sources import arxiv, crossref, github, semantic_scholar


async def ask_first(asker: Asker, found: Sequence[Named]) -> Asked:
    """Return what arXiv and GitHub say of the plan's papers and links, and the others in full requests.

    `found` are the papers that snapshots found, per catalog.
    """
    wanted = [Wanted.of(*each) for each in zip(asker.plan.catalogs, found, strict=True)]
    full = _full_requests(wanted)
    outcome = await run_inquiries([_ask(each, full) for each in wanted], asker, {})
    return Asked(outcome.results, outcome.notes, outcome.out)


def _full_requests(wanted: Sequence[Wanted]) -> Mapping[str, frozenset[Identifier]]:
    """Return what Crossref and Semantic Scholar are asked about at once.

    The DOIs that would be left for the last request to Crossref are asked about along with those in the records of
    papers; without papers, nothing is left. What would be left for the last request to Semantic Scholar is asked about
    along with what searches find, if there is something to search for.
    """
    dois = sorted(frozenset[Identifier]().union(*(each.dois for each in wanted)))
    indexed = sorted(frozenset[Identifier]().union(*(each.indexed | each.guesses(each.dois) for each in wanted)))
    of_crossref, of_index = list(crossref.batches(dois)), list(semantic_scholar.batches(indexed))
    is_open = any(each.is_open for each in wanted)
    has_papers = is_open or any(each.papers for each in wanted)
    return {
        crossref.NAME: frozenset(chain.from_iterable(of_crossref[:-1] if has_papers else of_crossref)),
        semantic_scholar.NAME: frozenset(chain.from_iterable(of_index[:-1] if is_open else of_index)),
    }


def _ask(wanted: Wanted, full: Mapping[str, frozenset[Identifier]]) -> Inquiry[AllAnswers]:
    known = Known()
    lookups = {
        arxiv.NAME: wanted.of_scheme[Scheme.ARXIV],
        crossref.NAME: wanted.dois & full[crossref.NAME],
        github.NAME: wanted.parts.keys(),
        semantic_scholar.NAME: (wanted.indexed | wanted.guesses(wanted.dois)) & full[semantic_scholar.NAME],
    }
    known.take((yield Questions(lookups, wanted.parts)))
    return known.since
