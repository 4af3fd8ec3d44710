"""Between `ask` and `look`: the links that the registries decide, and those whose pages must be fetched."""

from __future__ import annotations

from enrich import links
from enrich.model import LinkCheck
from enrich.pipeline.look.store import Store
from enrich.pipeline.pages import ToLook
from enrich.pipeline.values import Asked, Decided, Plan
from enrich.pipeline.verdicts import is_left_out
from enrich.web import Web


def decide(plan: Plan, asked: Asked, web: Web) -> Decided:
    """Use the registries' answers if they decide a link, and have its page fetched if they do not."""
    checks: list[dict[str, LinkCheck]] = []
    open_ones: dict[str, ToLook] = {}
    pages = set(plan.pages) if any(each.vouched for each in plan.catalogs) else set()
    for planned, answers in zip(plan.catalogs, asked.answers, strict=True):
        settled: dict[str, LinkCheck] = {}
        for url, identifier in planned.vouched.items():
            said = links.vouching(answers.get(identifier, {}), plan.today)
            check = links.registered_check(url, said, web.objection)
            if check is not None and not links.is_doubtful(url, said):
                settled[url] = check
            elif url not in pages:
                open_ones.setdefault(url, ToLook(url, registered=check))
        checks.append(settled)
    stopped = web.stop.because
    postponed = {url for each in checks for url, check in each.items() if is_left_out(check, stopped)}
    every = {url: check for each in checks for url, check in each.items()}
    with Store(web.cache) as store:
        for url, check in every.items():
            if url not in postponed:
                store.put(check)
            web.progress("links", 1)
    return Decided(tuple(checks), tuple(open_ones.values()), frozenset(postponed))
