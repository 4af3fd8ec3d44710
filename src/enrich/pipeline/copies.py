"""Ask for the Internet Archive's copies of dead pages while papers are still looked up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from enrich import links
from enrich.model import Entry, Found, LinkCheck, notable
from enrich.pipeline.asker import Asker
from enrich.pipeline.pages import Looked
from enrich.pipeline.values import CatalogPlan, Decided, Options
from enrich.pipeline.verdicts import Observations, apply_steps, is_lost
from enrich.sources import archive
from enrich.text.dates import find_year


async def find_copies(
    asker: Asker, decided: Decided, looked: Looked, *, options: Options
) -> tuple[Mapping[str, str], ...]:
    """Return the copy of each page that seems dead after all looks, by URL, for each catalog.

    `settle_links` decides whether the local network failed.
    """
    plan = asker.plan
    if not options.copies or asker.web.offline_because:
        return tuple({} for _ in plan.catalogs)
    copies = []
    for planned, own in zip(plan.catalogs, decided.checks, strict=True):
        known = Observations(
            in_outage=frozenset(looked.doubts), past=planned.past(), today=plan.today, vantage=options.vantage
        )
        checks = planned.gather(plan.known, own, looked.checks)
        apply_steps(checks, known, "catalog")
        copies.append(await _of_catalog(checks, planned, asker))
    return tuple(copies)


async def _of_catalog(checks: Mapping[str, LinkCheck], planned: CatalogPlan, asker: Asker) -> dict[str, str]:
    """Return the copy of each dead page, by URL: the one nearest to a day on which the page existed.

    That is the day on which an earlier run saw it or, without one, the year of the entry's paper.
    """
    # A page that a registry does not know never existed, so there is no copy either.
    gone = {url for url, check in notable(checks) if is_lost(check) and not links.is_registered(url)}
    past = planned.given.history.links
    lost: dict[str, archive.Lost] = {}
    for entry in planned.chosen if gone else ():
        for link in entry.links_to(gone):
            last_ok = past[link.url].last_ok if link.url in past else None
            lost.setdefault(link.url, archive.Lost(link.url, last_ok or _listed_on(entry)))
    base = asker.base(archive.NAME, archive.BASE)
    found = await archive.look_up(list(lost.values()), asker.web, base=base)
    return {place.url: copy.value for place, copy in found.items() if isinstance(copy, Found)}


def _listed_on(entry: Entry) -> date | None:
    """Return a day in about the year in which the entry was added to the list."""
    year = entry.known("year") or find_year(entry.venue or "")
    return date(year, 12, 31) if isinstance(year, int) and 1990 <= year <= 2100 else None
