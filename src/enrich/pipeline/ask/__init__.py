"""Phase 2, `ask`: ask the registries, in batches over all catalogs, about papers and links."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from enrich.model import Identifier, Scheme
from enrich.pipeline.ask.again import ask_again
from enrich.pipeline.ask.decide import decide
from enrich.pipeline.ask.first import ask_first
from enrich.pipeline.ask.wanted import Wanted
from enrich.pipeline.asker import Asker
from enrich.pipeline.inquiry import Inquiry, Questions, run_inquiries
from enrich.pipeline.known import Known, ask_more, second_opinions
from enrich.pipeline.values import Asked, Named, Note
from enrich.sources import crossref, semantic_scholar

__all__ = ["ask", "ask_again", "ask_first", "decide"]


async def ask(asker: Asker, first: Asked, found: Sequence[Named]) -> Asked:
    """Return what the registries say of the plan's papers and links, and of papers that were found, per catalog.

    `first` are their answers so far.
    """
    keyed = asker.has_key(semantic_scholar.NAME)
    wanted = [Wanted.of(*each) for each in zip(asker.plan.catalogs, found, strict=True)]
    known = [Known(answers) for answers in first.answers]
    likely = _without_further_request(list(zip(known, wanted, strict=True)))
    inquiries = [_ask(*each, likely, has_key=keyed) for each in zip(known, wanted, strict=True)]
    outcome = await run_inquiries(inquiries, asker, first.out)
    return Asked(
        answers=tuple({**before, **each.since} for before, each in zip(first.answers, known, strict=True)),
        notes=tuple(
            (*one, *_without(two, likely - each.indexed))
            for one, two, each in zip(first.notes, outcome.notes, wanted, strict=True)
        ),
        out=outcome.out,
    )


def _without(notes: Iterable[Note], things: Collection[Identifier]) -> Iterator[Note]:
    """Return the notes without those about things that need not be asked about."""
    for note in notes:
        if left := tuple(thing for thing in note.things if thing not in things):
            yield replace(note, things=left)


def _without_further_request(catalogs: Sequence[tuple[Known, Wanted]]) -> frozenset[Identifier]:
    """Return the likely papers if Semantic Scholar can be asked about them in a request that is made anyway."""
    none = frozenset[Identifier]()
    rest = none.union(*(_unasked(known, semantic_scholar.NAME, wanted.indexed) for known, wanted in catalogs))
    likely = none.union(*(_unasked(known, semantic_scholar.NAME, wanted.likely) for known, wanted in catalogs))
    requests = [len(list(semantic_scholar.batches(sorted(each)))) for each in (rest, rest | likely)]
    return likely if requests[0] == requests[1] else none


def _unasked(known: Known, service: str, wanted: Iterable[Identifier]) -> set[Identifier]:
    return {identifier for identifier in wanted if service not in known.of(identifier)}


def _ask(known: Known, wanted: Wanted, likely: frozenset[Identifier], *, has_key: bool) -> Inquiry[None]:
    """Ask about papers (their metadata) and about the identifiers that vouch for links.

    A paper of the ACL Anthology is also looked up by the DOIs that it may have; Semantic Scholar is asked about links
    to papers without one if it is certain to answer. Such a DOI, or one made from the number of an IEEE document, may
    not be registered, which proves nothing.
    """
    indexed = wanted.indexed | wanted.guesses(wanted.dois) | (likely & wanted.likely)
    yield from ask_more(known, {semantic_scholar.NAME: indexed})
    dois = wanted.dois | wanted.named(known)
    rest = _unasked(known, crossref.NAME, dois | wanted.guesses(dois))
    known.take((yield Questions({crossref.NAME: rest})))
    _take_for_papers(known, wanted.papers_of)
    anthology = wanted.of_scheme[Scheme.ACL]
    unknown = [i for i in anthology if i not in wanted.indexed and not known.found(i)] if has_key else []
    known.take((yield Questions({semantic_scholar.NAME: unknown})))
    yield from second_opinions(known, wanted.of_scheme[Scheme.ARXIV], wanted.provable)


def _take_for_papers(known: Known, papers_of: Mapping[Identifier, Identifier]) -> None:
    """Add what was found by registered DOIs to the papers that have them."""
    for name, paper in papers_of.items():
        if known.found(name, crossref.NAME):
            for service, answer in known.of(name).items():
                if known.found(name, service):
                    known.add(paper, service, answer)
