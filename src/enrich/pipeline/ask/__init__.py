"""Phase 2, `ask`: ask the registries, in batches over all catalogs, about papers and links."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain

from enrich.model import Identifier, Scheme
from enrich.pipeline.ask.again import ask_again
from enrich.pipeline.ask.decide import decide
from enrich.pipeline.ask.wanted import Wanted
from enrich.pipeline.asker import Asker
from enrich.pipeline.inquiry import Inquiry, Questions, run_inquiries
from enrich.pipeline.known import Known, second_opinions
from enrich.pipeline.values import AllAnswers, Asked
from enrich.sources import arxiv, crossref, github, semantic_scholar

__all__ = ["ask", "ask_again", "decide"]


async def ask(asker: Asker, found: Sequence[Collection[Identifier]] | None = None) -> Asked:
    """Return what the registries say of the plan's papers and links, and of what snapshots `found`, per catalog."""
    keyed = asker.has_key(semantic_scholar.NAME)
    catalogs = asker.plan.catalogs
    wanted = [Wanted.of(*each) for each in zip(catalogs, found or [()] * len(catalogs), strict=True)]
    first = _filling_requests(wanted)
    outcome = await run_inquiries([_ask(each, first, has_key=keyed) for each in wanted], asker, {})
    return Asked(outcome.results, outcome.notes, outcome.out)


def _filling_requests(wanted: Sequence[Wanted]) -> frozenset[Identifier]:
    """Return the DOIs of all catalogs except those that would be left for the last request to Crossref.

    The records of papers will add more of them. Without papers, nothing is left.
    """
    every = sorted(frozenset[Identifier]().union(*(each.dois for each in wanted)))
    batches = list(crossref.batches(every))
    return frozenset(chain.from_iterable(batches[:-1] if any(each.papers for each in wanted) else batches))


def _ask(wanted: Wanted, first: Collection[Identifier], *, has_key: bool) -> Inquiry[AllAnswers]:
    """Ask about papers (their metadata) and about the identifiers that vouch for links.

    A paper of the ACL Anthology is also looked up by the DOIs that it may have; Semantic Scholar is asked about links
    to papers without one if it is certain to answer. Such a DOI, or one made from the number of an IEEE document, may
    not be registered, which proves nothing.
    """
    known = Known()
    guesses = wanted.guesses(wanted.dois)
    lookups = {
        arxiv.NAME: wanted.of_scheme[Scheme.ARXIV],
        crossref.NAME: wanted.dois.intersection(first),
        github.NAME: wanted.parts.keys(),
        semantic_scholar.NAME: wanted.indexed | guesses,
    }
    known.take((yield Questions(lookups, wanted.parts)))
    dois = wanted.dois | wanted.named(known)
    rest = (dois | wanted.guesses(dois)).difference(first)
    known.take((yield Questions({crossref.NAME: rest})))
    _take_for_papers(known, wanted.papers_of)
    anthology = wanted.of_scheme[Scheme.ACL]
    unknown = [i for i in anthology if i not in wanted.indexed and not known.found(i)] if has_key else []
    known.take((yield Questions({semantic_scholar.NAME: unknown})))
    yield from second_opinions(known, wanted.of_scheme[Scheme.ARXIV], wanted.provable)
    return known.since


def _take_for_papers(known: Known, papers_of: Mapping[Identifier, Identifier]) -> None:
    """Add what was found by registered DOIs to the papers that have them."""
    for name, paper in papers_of.items():
        if known.found(name, crossref.NAME):
            for service, answer in known.of(name).items():
                if known.found(name, service):
                    known.add(paper, service, answer)
