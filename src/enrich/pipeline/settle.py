"""Phase 5, `settle_links`: the verdicts on each catalog's links, by all that the run and earlier ones saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from enrich import links
from enrich.model import Entry, Found, LinkCheck, Verdict
from enrich.pipeline.asker import Asker
from enrich.pipeline.values import AllAnswers, CatalogPlan, Decided, Looked, Note, Options, OwnOutage, Settled
from enrich.pipeline.verdicts import Observations, take_steps
from enrich.sources import archive
from enrich.text.dates import find_year


async def settle_links(
    asker: Asker,
    decided: Decided,
    looked: Looked,
    outage: OwnOutage,
    answers: Sequence[tuple[AllAnswers, ...]],
    notes: Sequence[Sequence[Note]],
    *,
    options: Options,
) -> tuple[Settled, ...]:
    """Return how the links of each catalog turned out, with the Internet Archive's copies of what is dead.

    Args:
        asker: How the Archive is asked.
        decided: What the registries settled.
        looked: What the pages said.
        outage: The links of which our own network says nothing.
        answers: What the registries said, per catalog.
        notes: What could not be asked so far, per catalog.
        options: Which network the run looks from, and whether the Archive is asked.
    """
    settled = []
    for planned, own, said, noted in zip(asker.plan.catalogs, decided.checks, answers, notes, strict=True):
        first = planned.gather(asker.plan.known, own, looked.checks)
        known = _observations(planned, said, outage, asker.plan.today, options.vantage)
        checks = take_steps(first, known, "catalog")
        copies = await _find_copies(checks, planned, asker) if options.copies else {}
        settled.append(
            Settled(
                checks=take_steps(checks, Observations(copies=copies), "archive"),
                postponed=frozenset(planned.urls) & (decided.postponed | looked.postponed),
                notes=tuple(_notes(first, looked, outage, noted, asker)),
            )
        )
    return tuple(settled)


def _observations(
    planned: CatalogPlan, said: Iterable[AllAnswers], outage: OwnOutage, today: date, vantage: str
) -> Observations:
    listed = {link.url for entry in planned.given.entries for link in entry.links}
    return Observations(
        in_outage=outage.urls,
        registered_pages=links.registered_pages(those for each in said for those in each.values()),
        past={url: past for url, past in planned.given.history.links.items() if url in listed},
        today=today,
        vantage=vantage,
    )


def _notes(
    checks: Mapping[str, LinkCheck], looked: Looked, outage: OwnOutage, noted: Iterable[Note], asker: Asker
) -> list[Note]:
    """Return what could not be asked of a catalog's links."""
    files = [
        Note("web", check.evidence[-1].saw.partition(": ")[2], url)
        for url, check in checks.items()
        if check.verdict is Verdict.UNKNOWN and looked.failures.get(url) in ("files", "proxy")
    ]
    if outage.why:
        notes = [*files, *(Note("web", outage.why, url) for url in checks if url in outage.urls)]
    else:
        services = {note.service for note in (*noted, *files)}
        notes = [*files, *(note for note in _if_nothing_asked(checks) if note.service not in services)]
    return [note for note in notes if note.why != asker.web.stop.because]


def _if_nothing_asked(checks: Mapping[str, LinkCheck]) -> list[Note]:
    """Note it where not one link could be asked for: a run without a verdict must not look clean."""
    asked = [check for check in checks.values() if check.verdict is not Verdict.SKIPPED]
    if any(check.verdict is not Verdict.UNKNOWN or check.evidence[-1].status is not None for check in asked):
        return []
    return [Note(check.evidence[-1].asked, check.evidence[-1].saw, check.url) for check in asked]


async def _find_copies(checks: Mapping[str, LinkCheck], planned: CatalogPlan, asker: Asker) -> dict[str, str]:
    """Return the copy of each dead page, by URL: the one nearest to a day on which the page was there.

    That is the day on which an earlier run saw it; without one it is the year of the entry's paper that counts.
    """
    past = planned.given.history.links
    lost: dict[str, archive.Lost] = {}
    for entry in planned.chosen:
        for link in entry.links:
            # What a registry does not know was never there, so there is no copy either.
            gone = checks.get(link.url)
            if gone and _is_lost(gone) and not links.is_registered(link.url):
                last_ok = past[link.url].last_ok if link.url in past else None
                lost.setdefault(link.url, archive.Lost(link.url, last_ok or _listed_on(entry)))
    base = asker.base(archive.NAME, archive.BASE)
    found = await archive.look_up(list(lost.values()), asker.web, base=base)
    return {place.url: copy.value for place, copy in found.items() if isinstance(copy, Found)}


def _is_lost(check: LinkCheck) -> bool:
    return check.verdict is Verdict.BROKEN or check.is_unreachable


def _listed_on(entry: Entry) -> date | None:
    """Return a day in about the year in which the entry came into the list."""
    year = entry.known("year") or find_year(entry.venue or "")
    return date(year, 12, 31) if isinstance(year, int) and 1990 <= year <= 2100 else None
