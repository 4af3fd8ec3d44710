"""Between `look` and `resolve`: ask services again that had failed temporarily."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

from enrich import links
from enrich.model import Identifier, Missing, Unknown, Verdict
from enrich.pipeline.asker import Asker, searched_at
from enrich.pipeline.inquiry import Inquiry, Questions, run_inquiries
from enrich.pipeline.known import Known, second_opinions
from enrich.pipeline.look.store import Store
from enrich.pipeline.values import AllAnswers, Asked, Decided, FirstSearches, Plan
from enrich.sources import arxiv, crossref, doi
from enrich.web import Web


async def ask_again(
    asker: Asker, asked: Asked, decided: Decided, ahead: FirstSearches
) -> tuple[Asked, Decided, FirstSearches]:
    """Return what is known after services that had failed temporarily were asked again.

    Links that they had left unknown are decided, and failed searches are open again.
    """
    asked, back = await _ask_failed_again(asker, asked)
    if not back:
        return asked, decided, ahead
    return asked, _decide_late(asker.plan, asked, decided, asker.web), _without_failures(ahead, back)


async def _ask_failed_again(asker: Asker, asked: Asked) -> tuple[Asked, frozenset[str]]:
    """Ask services again that had failed temporarily, and return the answers and which services answered.

    Each is asked about one identifier first, and about the others only if it answers.
    """
    open_ones = [_passing(answers) for answers in asked.answers]
    if not any(open_ones):
        return asked, frozenset()
    for service in {service for each in open_ones for service in each}:
        asker.readmit(service)
    known = [Known(answers) for answers in asked.answers]
    outcome = await run_inquiries([_ask_one_first(*each) for each in zip(known, open_ones, strict=True)], asker, {})
    back = frozenset[str]().union(*outcome.results)
    answers = tuple({**before, **each.since} for before, each in zip(asked.answers, known, strict=True))
    notes = tuple(
        tuple(note for note in noted if note.service not in back) + tuple(n for n in late if n.service in back)
        for noted, late in zip(asked.notes, outcome.notes, strict=True)
    )
    out = {service: why for service, why in asked.out.items() if service not in back}
    return replace(asked, answers=answers, notes=notes, out=out), back


def _decide_late(plan: Plan, asked: Asked, decided: Decided, web: Web) -> Decided:
    """Return the decisions with links that the registries had left unknown and answered since."""
    checks = []
    with Store(web.cache) as store:
        for planned, answers, before in zip(plan.catalogs, asked.answers, decided.checks, strict=True):
            left_open = [url for url, check in before.items() if check.verdict is Verdict.UNKNOWN]
            said = {url: links.vouching(answers.get(planned.vouched[url], {}), plan.today) for url in left_open}
            late = {
                url: check
                for url, each in said.items()
                if (check := links.registered_check(url, each, web.objection)) and check.verdict is not Verdict.UNKNOWN
            }
            for check in late.values():
                store.put(check)
            checks.append({**before, **late})
    return replace(decided, checks=tuple(checks))


def _without_failures(ahead: FirstSearches, services: Collection[str]) -> FirstSearches:
    """Return the searches without the failures of these services, which answer again."""
    searched = tuple(
        {
            (name, words): outcome
            for (name, words), outcome in each.items()
            if not (isinstance(outcome, Unknown) and searched_at(name) in services)
        }
        for each in ahead.searched
    )
    notes = tuple(tuple(note for note in noted if note.service not in services) for noted in ahead.notes)
    out = {service: why for service, why in ahead.out.items() if service not in services}
    return replace(ahead, searched=searched, notes=notes, out=out)


def _passing(answers: AllAnswers) -> dict[str, list[Identifier]]:
    """Return the identifiers by the service that failed temporarily when it was asked about them."""
    found: defaultdict[str, list[Identifier]] = defaultdict(list)
    for identifier, said in answers.items():
        for service, answer in said.items():
            if isinstance(answer, Unknown) and answer.passing:
                found[service].append(identifier)
    return {service: sorted(identifiers) for service, identifiers in found.items()}


def _ask_one_first(known: Known, open_ones: Mapping[str, Collection[Identifier]]) -> Inquiry[frozenset[str]]:
    first = {service: list(identifiers)[:1] for service, identifiers in open_ones.items()}
    known.take((yield Questions(first)))
    back = {s for s, asked in first.items() if not any(isinstance(known.of(i)[s], Unknown) for i in asked)}
    known.take((yield Questions({service: list(open_ones[service])[1:] for service in back})))
    late = {service: open_ones[service] if service in back else () for service in (arxiv.NAME, crossref.NAME)}
    preprints = [i for i in late[arxiv.NAME] if isinstance(known.of(i)[arxiv.NAME], Missing)]
    yield from second_opinions(known, preprints, [i for i in late[crossref.NAME] if doi.NAME not in known.of(i)])
    return frozenset(back)
