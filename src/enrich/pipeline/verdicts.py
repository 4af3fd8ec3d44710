"""Everything that may change a link's verdict after its page was fetched: `VERDICT_STEPS`, in order; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from enrich import history, links
from enrich.model import Checks, Found, LinkCheck, Record, Verdict, notable

ByUrl = Mapping[str, LinkCheck]
"""Verdicts by the URLs of the links."""


@dataclass(frozen=True, slots=True)
class Observations:
    """What is known beside the verdicts, each by the URL of a link, unless said otherwise.

    Attributes:
        registered: What registries say of the links.
        first_looks: The checks of the first look, where a page was looked at again.
        failures: How the last request for a page failed.
        stopped: How a check says that the run was stopped; None while it goes on.
        in_outage: The links whose pages say nothing, because our own network failed.
        registered_pages: The records of papers by the addresses that they are registered for.
        past: What earlier runs saw.
        today: The day of the run.
        vantage: The network that the run looks from.
        copies: What the Internet Archive holds of dead pages.
    """

    registered: ByUrl = field(default_factory=dict)
    first_looks: ByUrl = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    stopped: str | None = None
    in_outage: frozenset[str] = frozenset()
    registered_pages: Mapping[str, Found[Record]] = field(default_factory=dict)
    past: Mapping[str, history.LinkPast] = field(default_factory=dict)
    today: date = date.min
    vantage: str = "local"
    copies: Mapping[str, str] = field(default_factory=dict)


def is_left_out(check: LinkCheck, stopped: str | None) -> bool:
    """Whether the run was stopped before the link could be judged; `stopped` is the reason in a check."""
    return check.verdict is Verdict.UNKNOWN and stopped in [row.saw for row in check.evidence]


def is_lost(check: LinkCheck) -> bool:
    """Whether a page is dead, so that a copy is useful."""
    return check.verdict is Verdict.BROKEN or check.is_unreachable


VerdictStep = Callable[[ByUrl, Observations], ByUrl]
"""A step returns the verdicts that it changes."""


def _registry(checks: ByUrl, known: Observations) -> ByUrl:
    """Use the answer of a registry that vouches for the link's target, if the page could not be fetched."""
    return {
        url: links.weighed(check, known.registered.get(url))
        for url, check in checks.items()
        if not is_left_out(check, known.stopped)
    }


def _second_look(checks: ByUrl, known: Observations) -> ByUrl:
    """Accept that a page is broken or suspect only after two looks."""
    return {
        url: _confirmed(check, first, known)
        for url, check in checks.items()
        if (first := known.first_looks.get(url)) is not None
    }


def _confirmed(check: LinkCheck, first: LinkCheck, known: Observations) -> LinkCheck:
    check = links.confirmed(first, check)
    return replace(check, evidence=(*first.evidence, *check.evidence)) if is_left_out(check, known.stopped) else check


def _name_servers(checks: ByUrl, known: Observations) -> ByUrl:
    """Leave a link undecided if name servers gave no answer at two looks."""
    return {
        url: replace(check, verdict=Verdict.UNKNOWN)
        for url, check in checks.items()
        if check.verdict is Verdict.SUSPECT and url in known.first_looks and known.failures.get(url) == "dns"
    }


def _own_outage(checks: ByUrl, known: Observations) -> ByUrl:
    """Leave links undecided that the local network failed to reach, or led elsewhere."""
    lost = (checks[url] for url in known.in_outage if url in checks)
    unknown = ((check, LinkCheck(check.url, Verdict.UNKNOWN, check.evidence)) for check in lost)
    return {check.url: new for check, new in unknown if new != check}


def _registered_page(checks: ByUrl, known: Observations) -> ByUrl:
    """Accept a page behind a bot wall if a DOI of the run is registered for its URL."""
    return links.seconded(checks, known.registered_pages)


def _shared_target(checks: ByUrl, known: Observations) -> ByUrl:
    """Mark links that a site redirects to one page as closed or unchanged, not moved."""
    before = {url: past.forwarded_to for url, past in known.past.items() if past.forwarded_to}
    return links.settled_moves(checks, before)


def _time(checks: ByUrl, known: Observations) -> ByUrl:
    """Mark a failure that lasted as unreachable, and as broken if it lasted from two networks."""
    return {
        url: history.judged_by_time(check, known.past.get(url), known.today, known.vantage)
        for url, check in notable(checks)
        if url in known.past
    }


def _copy(checks: ByUrl, known: Observations) -> ByUrl:
    """Add the Internet Archive's copy to a dead page."""
    return {url: replace(checks[url], copy=copy) for url, copy in known.copies.items() if url in checks}


VERDICT_STEPS: Mapping[str, tuple[VerdictStep, ...]] = {
    # For one link at a time, as soon as its page was fetched.
    "page": (_registry, _second_look, _name_servers),
    # For all links of a catalog, after every page was fetched.
    "catalog": (_own_outage, _registered_page, _shared_target, _time),
    # After the Archive was asked for dead pages.
    "archive": (_copy,),
}
"""All steps that may change a verdict, by stage, in order."""


def take_steps(checks: ByUrl, known: Observations, when: str) -> Checks:
    """Return the verdicts after the steps of one stage."""
    after = Checks(checks)
    apply_steps(after, known, when)
    return after


def apply_steps(checks: Checks, known: Observations, when: str) -> None:
    """Take the steps of one stage on verdicts, of which a long list has no room for another copy."""
    for step in VERDICT_STEPS[when]:
        checks.update(step(checks, known))
