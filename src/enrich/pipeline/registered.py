"""What the registries' answers say of one link."""

from __future__ import annotations

from collections.abc import Callable

from enrich import links
from enrich.model import Evidence, Found, LinkCheck, Verdict
from enrich.web import Web


def registered_check(url: str, said: links.Answers, web: Web) -> LinkCheck | None:
    """Return what the registries' answers prove about a link; None where its page must be asked."""
    return _unsafe(url, said, web.objection) or links.decide(url, said)


def _unsafe(url: str, answers: links.Answers, objection: Callable[[str], str | None]) -> LinkCheck | None:
    """Return the check of a DOI that is registered for a private address; None for all others."""
    for target in links.registered_targets(url, answers):
        if why := objection(target):
            at = next((answer.at for answer in answers.values() if isinstance(answer, Found)), "")
            return LinkCheck(url, Verdict.UNSAFE, (Evidence("doi", at, f"registered, leads to {target}: {why}"),))
    return None
