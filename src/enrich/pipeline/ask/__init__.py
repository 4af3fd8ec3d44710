"""Phase 2, `ask`: the registries, in batches over all catalogs, about papers and about what vouches for links."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from enrich import links
from enrich.identifiers import anthology_dois, repository_part
from enrich.model import Identifier, Scheme
from enrich.pipeline.ask.again import ask_again
from enrich.pipeline.ask.decide import decide
from enrich.pipeline.asker import Asker
from enrich.pipeline.inquiry import Inquiry, Questions, run_inquiries
from enrich.pipeline.known import Known, second_opinions
from enrich.pipeline.values import AllAnswers, Asked, CatalogPlan
from enrich.sources import arxiv, crossref, github, semantic_scholar

__all__ = ["ask", "ask_again", "decide"]

# What Semantic Scholar's batch can be asked about: https://api.semanticscholar.org/api-docs/graph
_IN_SEMANTIC_SCHOLAR = frozenset({*Scheme} - {Scheme.OPENREVIEW, Scheme.GITHUB})
# What only Semantic Scholar can be asked about.
_THERE_ALONE = (Scheme.SEMANTIC_SCHOLAR, Scheme.PMID, Scheme.PMC)


async def ask(asker: Asker, found: Sequence[Collection[Identifier]] | None = None) -> Asked:
    """Return what the registries say of the plan's papers and links, and of what snapshots `found`, per catalog."""
    keyed = asker.has_key(semantic_scholar.NAME)
    catalogs = asker.plan.catalogs
    parts = zip(catalogs, found or [()] * len(catalogs), strict=True)
    outcome = await run_inquiries([_ask(*each, has_key=keyed) for each in parts], asker, {})
    return Asked(outcome.results, outcome.notes, outcome.out)


def _ask(planned: CatalogPlan, found: Collection[Identifier], *, has_key: bool) -> Inquiry[AllAnswers]:
    """Ask about papers (their metadata) and about the identifiers that vouch for links.

    A paper of the ACL Anthology is known by the DOIs that it can have, too; about links to those that have none
    Semantic Scholar is asked where its answer is sure to come. That such a DOI is not registered says nothing.
    """
    known = Known()
    papers = {clue.identifier for due in planned.due for clue in due.clues}
    vouching = set(planned.vouched.values())
    dois = {i for i in found if i.scheme is Scheme.DOI}
    of = {scheme: sorted(i for i in papers | vouching | dois if i.scheme is scheme) for scheme in Scheme}
    papers_of = {doi: paper for paper in of[Scheme.ACL] for doi in anthology_dois(paper)}
    indexed = {i for i in papers.union(found) if i.scheme in _IN_SEMANTIC_SCHOLAR}
    indexed.update(*(of[scheme] for scheme in _THERE_ALONE), _keys(papers_of, papers))
    parts = _parts(planned.vouched)
    lookups = {
        arxiv.NAME: of[Scheme.ARXIV],
        crossref.NAME: {*of[Scheme.DOI], *papers_of},
        github.NAME: parts.keys(),
        semantic_scholar.NAME: indexed,
    }
    known.take((yield Questions(lookups, parts)))
    _take_for_papers(known, papers_of)
    unknown = [i for i in of[Scheme.ACL] if i not in indexed and not known.found(i)] if has_key else []
    known.take((yield Questions({semantic_scholar.NAME: unknown})))
    open_ones = [i for i in of[Scheme.DOI] if i in vouching or i not in papers_of]
    yield from second_opinions(known, of[Scheme.ARXIV], [*open_ones, *_resolved(planned.vouched)])
    return known.since


def _keys(mapping: Mapping[Identifier, Identifier], values: Collection[Identifier]) -> Iterator[Identifier]:
    return (key for key, value in mapping.items() if value in values)


def _resolved(vouched: Mapping[str, Identifier]) -> list[Identifier]:
    """Return the ACM-internal IDs that links name as DOIs."""
    return sorted({i for url, i in vouched.items() if i.scheme is Scheme.ACM and links.is_resolver(url)})


def _take_for_papers(known: Known, papers_of: Mapping[Identifier, Identifier]) -> None:
    """Take what was found by registered DOIs as said of the papers that have them."""
    for name, paper in papers_of.items():
        if known.found(name, crossref.NAME):
            for service, answer in known.of(name).items():
                if known.found(name, service):
                    known.add(paper, service, answer)


def _parts(vouched: Mapping[str, Identifier]) -> dict[Identifier, frozenset[str]]:
    """Return what the links name inside of repositories."""
    parts: dict[Identifier, set[str]] = {}
    for url, identifier in vouched.items():
        if identifier.scheme is Scheme.GITHUB:
            parts.setdefault(identifier, set()).add(repository_part(url))
    return {identifier: frozenset(names) for identifier, names in parts.items()}
