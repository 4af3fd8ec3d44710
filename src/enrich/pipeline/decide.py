"""Between `ask` and `look`: the links that the registries' answers settle, and those whose pages must be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from enrich import links
from enrich.model import Evidence, Found, LinkCheck, Verdict
from enrich.pipeline.look.store import Store
from enrich.pipeline.values import Asked, Decided, Plan, ToLook
from enrich.pipeline.verdicts import Circumstances
from enrich.web import Web


def decide(plan: Plan, asked: Asked, web: Web) -> Decided:
    """Take the registries' word where it settles a link, and have its page looked at where it does not."""
    checks: list[dict[str, LinkCheck]] = []
    open_ones: dict[str, ToLook] = {}
    pages = set(plan.pages)
    for planned, answers in zip(plan.catalogs, asked.answers, strict=True):
        settled: dict[str, LinkCheck] = {}
        for url, identifier in planned.vouched.items():
            said = answers.get(identifier, {})
            check = _check(url, said, web)
            if check is not None and not links.is_doubtful(url, said):
                settled[url] = check
            elif url not in pages:
                open_ones.setdefault(url, ToLook(url, registered=check))
        checks.append(settled)
    stopped = Circumstances(stopped=web.stop.because)
    postponed = {url for each in checks for url, check in each.items() if stopped.is_left_out(check)}
    every = {url: check for each in checks for url, check in each.items()}
    with Store(web.cache) as store:
        for url, check in every.items():
            if url not in postponed:
                store.put(check)
            web.progress("links", 1)
    return Decided(tuple(checks), tuple(open_ones.values()), frozenset(postponed))


def decide_late(plan: Plan, asked: Asked, decided: Decided, web: Web) -> Decided:
    """Return the decisions with the links that the registries had left unknown, where they answered since."""
    checks = []
    with Store(web.cache) as store:
        for planned, answers, before in zip(plan.catalogs, asked.answers, decided.checks, strict=True):
            left_open = [url for url, check in before.items() if check.verdict is Verdict.UNKNOWN]
            late = {
                url: check
                for url in left_open
                if (check := _check(url, answers.get(planned.vouched[url], {}), web))
                and check.verdict is not Verdict.UNKNOWN
            }
            for check in late.values():
                store.put(check)
            checks.append({**before, **late})
    return replace(decided, checks=tuple(checks))


def _check(url: str, said: links.Answers, web: Web) -> LinkCheck | None:
    """Return what the registries' answers prove about a link; None where its page must be asked."""
    return _unsafe(url, said, web.objection) or links.decide(url, said)


def _unsafe(url: str, answers: links.Answers, objection: Callable[[str], str | None]) -> LinkCheck | None:
    """Return the check of a DOI that is registered for a private address; None for all others."""
    for target in links.registered_targets(url, answers):
        if why := objection(target):
            at = next((answer.at for answer in answers.values() if isinstance(answer, Found)), "")
            return LinkCheck(url, Verdict.UNSAFE, (Evidence("doi", at, f"registered, leads to {target}: {why}"),))
    return None
