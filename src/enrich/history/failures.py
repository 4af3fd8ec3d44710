"""What earlier runs saw of a link: since when, on which days and from which network it failed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from enrich.model import Evidence, LinkCheck, Verdict
from enrich.services import EARLIER_RUNS

LASTING_RUNS = 3
LASTING_DAYS = 3
"""A failure without an answer (timeout, 5xx, reset, TLS) has lasted after three runs over three days: Wikipedia's rule
for its dead-link bots (three failed checks, days apart)."""
WITNESSES = 2
WITNESS_DAYS = 3
WITNESS_AGE = timedelta(days=30)
"""A link without a response is broken if it failed from two vantage points, on three of the last 30 days each."""
MOST_DAYS = 10
MOST_VANTAGES = 5
"""What is kept of a failing link: days of each vantage point (the first and the latest), and vantage points."""


@dataclass(frozen=True, slots=True)
class Failures:
    """The days on which a link gave no response to one vantage point, oldest first, and their total number."""

    vantage: str
    days: tuple[date, ...]
    count: int = 0


@dataclass(frozen=True, slots=True)
class LinkPast:
    """What earlier runs saw of a URL: its current trouble, since when, and on which days it gave no response.

    `trouble` is `failing` for suspect and broken links, which turn into each other, and otherwise the verdict.
    `failed_on` are days that earlier versions recorded without the vantage point. `forwarded_to` is the page on which
    the link ended after a permanent redirect.
    """

    trouble: str | None = None
    first_seen: date | None = None
    last_ok: date | None = None
    failed_on: tuple[date, ...] = ()
    failures: tuple[Failures, ...] = ()
    forwarded_to: str | None = None


def judged_by_time(check: LinkCheck, past: LinkPast | None, today: date, vantage: str) -> LinkCheck:
    """Return the check with what earlier runs add to it.

    A link that gave no answer for long is unreachable: it stays suspect, with evidence of how long. It is broken only
    when it gave none to two vantage points. All other checks come back as they are.

    Args:
        check: What this run saw.
        past: What earlier runs saw.
        today: The day of the run.
        vantage: Where this run looks from.
    """
    if past is None or not check.is_unanswered:
        return check
    failures = _failures(past, today, vantage)
    unknown = [day for day in past.failed_on if day <= today]
    days = sorted({*unknown, *(day for seen in failures for day in seen.days)})
    witnesses = [seen for seen in failures if _is_witness(seen, today)]
    if len(witnesses) >= WITNESSES:
        saw = f"no answer to {len(witnesses)} networks: " + ", ".join(
            f"{seen.vantage} ({seen.count} days since {seen.days[0]})" for seen in witnesses
        )
        return replace(check, verdict=Verdict.BROKEN, evidence=(*check.evidence, _evidence(saw, today)))
    if len(days) < LASTING_RUNS or days[-1] - days[0] < timedelta(days=LASTING_DAYS):
        return check
    return replace(check, evidence=(*check.evidence, _evidence(_since(failures, unknown, vantage), today)))


def _is_witness(seen: Failures, today: date) -> bool:
    return sum(day > today - WITNESS_AGE for day in seen.days) >= WITNESS_DAYS


def _evidence(saw: str, today: date) -> Evidence:
    return Evidence(EARLIER_RUNS, str(today), saw)


def _since(failures: Iterable[Failures], unknown: Iterable[date], vantage: str) -> str:
    """Return since when the link could not be reached, in words; days without a vantage point count as here."""
    others = [f"from {seen.vantage} {_span(seen.days, seen.count)}" for seen in failures if seen.vantage != vantage]
    here = next(seen for seen in failures if seen.vantage == vantage)
    earlier = {*unknown} - {*here.days}
    spans = [f"could not be reached from here {_span((*earlier, *here.days), here.count + len(earlier))}", *others]
    return ", ".join(spans)


def _span(days: Iterable[date], count: int) -> str:
    return f"since {min(days)} ({count} {'run' if count == 1 else 'runs'})"


def _failures(past: LinkPast, today: date, vantage: str) -> tuple[Failures, ...]:
    """Return the failures per vantage point with today's, the latest vantage points first.

    Days in the future come from a wrong clock, then or now, and are dropped.
    """
    known = {seen.vantage: kept for seen in past.failures if (kept := _within(seen, last=today))}
    here = known.pop(vantage, Failures(vantage, ()))
    if today not in here.days:
        here = Failures(vantage, (*here.days, today), here.count + 1)
    first, *rest = here.days
    here = replace(here, days=(first, *rest[-(MOST_DAYS - 1) :]))
    return (here, *known.values())[:MOST_VANTAGES]


def _within(seen: Failures, *, after: date = date.min, last: date = date.max) -> Failures | None:
    """Return the failures after one day up to another, None without any."""
    days = tuple(day for day in sorted(set(seen.days)) if after < day <= last)
    count = max(seen.count, len(seen.days)) - (len(seen.days) - len(days))
    return Failures(seen.vantage, days, count) if days else None


def after(past: LinkPast, check: LinkCheck, today: date, vantage: str) -> LinkPast:
    """Return what is remembered of a link after a run."""
    if check.verdict is Verdict.UNKNOWN:
        return past
    if check.verdict is Verdict.SKIPPED:
        return LinkPast(last_ok=past.last_ok)
    if check.verdict is Verdict.OK:
        on = _asked_on(check, today)
        return _cleared(LinkPast(last_ok=on, forwarded_to=check.forwarded_to), past, on)
    trouble = "failing" if check.verdict in (Verdict.SUSPECT, Verdict.BROKEN) else str(check.verdict)
    first = past.first_seen if past.trouble == trouble else None
    known = LinkPast(trouble, first or today, past.last_ok, forwarded_to=past.forwarded_to)
    if check.is_unanswered:
        failed_on = tuple(day for day in past.failed_on if day <= today)
        return replace(known, failed_on=failed_on, failures=_failures(past, today, vantage))
    if check.verdict is Verdict.BLOCKED:
        return known
    end = check.forwarded_to or (check.page.url if check.new_url and check.page else None)
    known = replace(known, forwarded_to=end)
    return _cleared(known, past, _asked_on(check, today)) if check.verdict is Verdict.MOVED else known


def _cleared(known: LinkPast, past: LinkPast, on: date) -> LinkPast:
    """Return the link's past after a response, which clears the failures of every vantage point up to its day.

    The response may come from the cache and be older than some of them.
    """
    if not (past.failed_on or past.failures):
        return known  # as most
    failed_on = tuple(day for day in past.failed_on if day > on)
    failures = tuple(kept for seen in past.failures if (kept := _within(seen, after=on)))
    return replace(known, failed_on=failed_on, failures=failures)


def _asked_on(check: LinkCheck, today: date) -> date:
    """Return the day of the response, which may come from the cache."""
    try:
        return min(today, date.fromisoformat(check.evidence[-1].at[:10]))
    except (IndexError, ValueError):
        return today
