"""Phase 2, `ask`: the registries, in batches over all catalogs, about papers and about what vouches for links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

from enrich import links
from enrich.identifiers import anthology_dois, repository_part
from enrich.model import Identifier, Missing, Scheme, Unknown
from enrich.pipeline.inquiry import Asker, Inquiry, Questions, run_inquiries
from enrich.pipeline.known import Known, second_opinions
from enrich.pipeline.values import Answers, Asked, CatalogPlan
from enrich.sources import arxiv, crossref, doi, github, semantic_scholar

# What Semantic Scholar's batch can be asked about: https://api.semanticscholar.org/api-docs/graph
_IN_SEMANTIC_SCHOLAR = frozenset({*Scheme} - {Scheme.OPENREVIEW, Scheme.GITHUB})
# What nobody else can be asked about.
_THERE_ALONE = (Scheme.SEMANTIC_SCHOLAR, Scheme.PMID, Scheme.PMC)


async def ask(asker: Asker) -> Asked:
    """Return what the registries say of the plan's papers and links."""
    keyed = asker.has_key(semantic_scholar.NAME)
    outcome = await run_inquiries([_ask(each, has_key=keyed) for each in asker.plan.catalogs], asker, {})
    return Asked(outcome.results, outcome.notes, outcome.out)


async def ask_again(asker: Asker, asked: Asked) -> tuple[Asked, frozenset[str]]:
    """Ask the services that had failed in passing once more, and return what is known now, and who answered.

    Each is asked about one identifier first, and about all others only where it answers that.
    """
    open_ones = [_passing(answers) for answers in asked.answers]
    if not any(open_ones):
        return asked, frozenset()
    known = [Known(answers) for answers in asked.answers]
    outcome = await run_inquiries([_ask_again(*each) for each in zip(known, open_ones, strict=True)], asker, {})
    back = frozenset[str]().union(*outcome.results)
    answers = tuple({**before, **each.since} for before, each in zip(asked.answers, known, strict=True))
    notes = tuple(
        tuple(note for note in noted if note.service not in back) + tuple(n for n in late if n.service in back)
        for noted, late in zip(asked.notes, outcome.notes, strict=True)
    )
    out = {service: why for service, why in asked.out.items() if service not in back}
    return replace(asked, answers=answers, notes=notes, out=out), back


def _passing(answers: Answers) -> dict[str, list[Identifier]]:
    """Return the identifiers by the service that failed in passing when it was asked about them."""
    found: defaultdict[str, list[Identifier]] = defaultdict(list)
    for identifier, said in answers.items():
        for service, answer in said.items():
            if isinstance(answer, Unknown) and answer.passing:
                found[service].append(identifier)
    return {service: sorted(those) for service, those in found.items()}


def _ask_again(known: Known, open_ones: Mapping[str, Collection[Identifier]]) -> Inquiry[frozenset[str]]:
    first = {service: list(those)[:1] for service, those in open_ones.items()}
    known.take((yield Questions(first)))
    back = {s for s, those in first.items() if not any(isinstance(known.of(i)[s], Unknown) for i in those)}
    known.take((yield Questions({service: list(open_ones[service])[1:] for service in back})))
    late = {service: open_ones[service] if service in back else () for service in (arxiv.NAME, crossref.NAME)}
    preprints = [i for i in late[arxiv.NAME] if isinstance(known.of(i)[arxiv.NAME], Missing)]
    yield from second_opinions(known, preprints, [i for i in late[crossref.NAME] if doi.NAME not in known.of(i)])
    return frozenset(back)


def _ask(planned: CatalogPlan, *, has_key: bool) -> Inquiry[Answers]:
    """Ask about papers (their metadata) and about the identifiers that vouch for links.

    A paper of the ACL Anthology is known by the DOIs that it can have, too; about links to those that have none
    Semantic Scholar is asked where its answer is sure to come. That such a DOI is not registered says nothing.
    """
    known = Known()
    papers = {clue.identifier for due in planned.due for clue in due.clues}
    vouching = set(planned.vouched.values())
    every = papers | vouching
    of = {scheme: sorted(i for i in every if i.scheme is scheme) for scheme in Scheme}
    papers_of = {doi: paper for paper in of[Scheme.ACL] for doi in anthology_dois(paper)}
    asked = {i for i in papers if i.scheme in _IN_SEMANTIC_SCHOLAR}
    asked |= {i for scheme in _THERE_ALONE for i in of[scheme]}
    asked |= {doi for doi, paper in papers_of.items() if paper in papers}
    parts = _parts(planned.vouched)
    lookups = {
        arxiv.NAME: of[Scheme.ARXIV],
        crossref.NAME: {*of[Scheme.DOI], *papers_of},
        github.NAME: parts.keys(),
        semantic_scholar.NAME: asked,
    }
    known.take((yield Questions(lookups, parts)))
    for name, paper in papers_of.items():
        if known.found(name, crossref.NAME):
            for service, answer in known.of(name).items():
                if known.found(name, service):
                    known.add(paper, service, answer)
    unknown = [i for i in of[Scheme.ACL] if i not in asked and not known.found(i)] if has_key else []
    known.take((yield Questions({semantic_scholar.NAME: unknown})))
    resolved = {i for url, i in planned.vouched.items() if i.scheme is Scheme.ACM and links.is_resolver(url)}
    dois = [i for i in of[Scheme.DOI] if i in vouching or i not in papers_of]
    yield from second_opinions(known, of[Scheme.ARXIV], [*dois, *sorted(resolved)])
    return known.since


def _parts(vouched: Mapping[str, Identifier]) -> dict[Identifier, frozenset[str]]:
    """Return what the links name inside of repositories."""
    parts: dict[Identifier, set[str]] = {}
    for url, identifier in vouched.items():
        if identifier.scheme is Scheme.GITHUB:
            parts.setdefault(identifier, set()).add(repository_part(url))
    return {identifier: frozenset(names) for identifier, names in parts.items()}
