"""The canaries of the services, asked with the functions of a run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from enrich.live.outcomes import CanaryResult, CanaryState
from enrich.live.replies import Witness
from enrich.model import Found, Identifier, Missing, Outcome, Scheme, Unknown
from enrich.services import ARXIV, CROSSREF, OPENALEX, SEMANTIC_SCHOLAR, Canary, Service
from enrich.settings import Loaded
from enrich.sources import archive, arxiv, crossref, datacite, doi, github, openalex, semantic_scholar
from enrich.text.folding import fold
from enrich.text.urls import host_of
from enrich.web import Web

_Answers = Mapping[Any, Outcome[Any]]
Ask = Callable[[Sequence[str], Web, str], Awaitable[_Answers]]

_LOOK_UP = {
    module.NAME: module.look_up for module in (arxiv, semantic_scholar, crossref, datacite, doi, github, openalex)
}
_SEARCH = {
    ARXIV.name: arxiv.search,
    SEMANTIC_SCHOLAR.name: semantic_scholar.search,
    CROSSREF.name: crossref.search,
    OPENALEX.name: openalex.search,
}


async def ask_service(
    service: Service, web: Web, loaded: Loaded, witness: Witness, *, has_key: bool
) -> list[CanaryResult]:
    """Return how a service's answers compare, one outcome for each of its canaries.

    Canaries with the same kind of request go out together, as in a run.
    """
    if service.needs_key and not has_key:
        why = f"{service.title} requires a key; set {service.key}"
        return [CanaryResult(service.name, canary.case, CanaryState.SKIPPED, "", why) for canary in service.canaries]
    base = loaded.base(service.name, service.base)
    hosts = {*map(host_of, service.addresses(base)), *service.other_hosts}
    outcomes: list[CanaryResult] = []
    gone: list[CanaryResult] = []
    is_limited = False  # a service that rejected too many requests is not asked again
    for ask in dict.fromkeys(canary.ask for canary in service.canaries):
        if web.offline_because:
            break
        canaries = [canary for canary in service.canaries if canary.ask == ask]
        before = len(witness.replies)
        answers = await _asked(service, canaries, web, base)
        replies = tuple(reply for reply in witness.replies[before:] if host_of(reply.asked) in hosts)
        is_limited = is_limited or any(reply.status == 429 for reply in replies)
        for canary in canaries:
            outcome = replace(_compared(service, canary, answers), replies=replies)
            if outcome.state is CanaryState.DEVIATES and service.key and not has_key and is_limited:
                saw = f"rate limited without a key (HTTP 429); set {service.key}"
                outcome = replace(outcome, state=CanaryState.SKIPPED, saw=saw)
            if outcome.state is CanaryState.DEVIATES and _is_gone(canary, answers):
                gone.append(outcome)
            outcomes.append(outcome)
    others_deviate = any(each.state is CanaryState.DEVIATES and each not in gone for each in outcomes)
    return [_to_replace(each) if each in gone and not others_deviate else each for each in outcomes]


def _compared(service: Service, canary: Canary, answers: _Answers) -> CanaryResult:
    expected = "; ".join(f"{thing}: {_words(wanted)}" for thing, wanted in canary.expected.items())
    differences = [
        f"{thing}: {difference}"
        for thing, wanted in canary.expected.items()
        if (difference := _difference(wanted, answers[thing]))
    ]
    state = CanaryState.DEVIATES if differences else CanaryState.AS_EXPECTED
    return CanaryResult(service.name, canary.case, state, expected, "; ".join(differences) or "as expected")


def _is_gone(canary: Canary, answers: _Answers) -> bool:
    """Whether the only deviation is that the service does not know a specimen."""
    wrong = [answers[thing] for thing, wanted in canary.expected.items() if _difference(wanted, answers[thing])]
    return canary.is_specimen and all(isinstance(answer, Missing) for answer in wrong)


def _to_replace(outcome: CanaryResult) -> CanaryResult:
    return replace(
        outcome, state=CanaryState.SKIPPED, saw=f"{outcome.saw}; the specimen is gone; replace it in services.py"
    )


async def _asked(service: Service, canaries: Sequence[Canary], web: Web, base: str) -> _Answers:
    """Return the service's answers about everything that canaries ask about in one way."""
    ask, things = canaries[0].ask, list(dict.fromkeys(thing for canary in canaries for thing in canary.expected))
    if ask == "search":
        return await _SEARCH[service.name](things, web, base=base)
    if ask == "match":
        return await semantic_scholar.match(things, web, base=base)
    if ask == "names":
        names: dict[semantic_scholar.Name | str, str] = {
            (name, int(year)): f"{name} {year}" for name, _, year in (t.rpartition(" ") for t in things)
        }
        found = await semantic_scholar.search_names(list(names), web, base=base)
        return {names[name]: answer for name, answer in found.items()}
    if ask == "copy":
        pages = {archive.Lost(url): url for url in things}
        copies = await archive.look_up(list(pages), web, base=base)
        return {pages[lost]: copy for lost, copy in copies.items()}
    named = {
        Identifier(Scheme(scheme), value): f"{scheme}:{value}"
        for scheme, _, value in (t.partition(":") for t in things)
    }
    if ask == "first_version":
        answers: _Answers = await arxiv.look_up(list(named), web, base=base, version=1)
    else:
        answers = await _LOOK_UP[service.name](list(named), web, base=base)
    return {named[identifier]: answer for identifier, answer in answers.items()}


def _words(wanted: Mapping[str, str | bool] | None) -> str:
    return "not there" if wanted is None else ", ".join(_claim(name, value) for name, value in wanted.items())


def _claim(name: str, value: object) -> str:
    return f"{name} {value!r}" if isinstance(value, str) else name if value else f"not {name}"


def _difference(wanted: Mapping[str, str | bool] | None, answer: Outcome[Any]) -> str | None:
    """Return how an answer deviates from the expected one; None if it does not."""
    match answer:
        case Missing() if wanted is None:
            return None
        case Missing():
            return f"not there ({answer.saw})"
        case Unknown() if wanted is None and answer.why == archive.NO_COPY:
            return None
        case Unknown():
            return answer.why
        case Found(is_partial=True):
            return "not all that was found came at once"
        case Found(value=value) if wanted is None:
            return f"there ({_shown(value)})"
        case Found(value=value):
            best = value[0] if isinstance(value, tuple) else value
            wrong = [name for name, text in wanted.items() if not _agrees(_field(best, name), text)]
            return "; ".join(f"{name} is {_field(best, name)!r}" for name in wrong) or None


def _shown(value: object) -> str:
    best = value[0] if isinstance(value, tuple) else value
    return str(best if isinstance(best, str) else getattr(best, "title", None) or getattr(best, "full_name", ""))


def _field(value: object, name: str) -> object:
    return value if isinstance(value, str) else getattr(value, name, None)


def _agrees(field: object, wanted: str | bool) -> bool:
    return bool(field) is wanted if isinstance(wanted, bool) else fold(wanted) in fold(str(field or ""))
