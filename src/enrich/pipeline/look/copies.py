"""The Internet Archive's copies of dead pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from enrich import links
from enrich.history import LinkPast
from enrich.model import Entry, Found, LinkCheck, Verdict
from enrich.sources import archive
from enrich.text.dates import find_year
from enrich.web import Web

_UNSEEN = LinkPast()


async def find_copies(
    checks: Mapping[str, LinkCheck],
    entries: Iterable[Entry],
    past: Mapping[str, LinkPast],
    web: Web,
    base: Callable[[str, str], str],
) -> dict[str, str]:
    """Return the copy of each dead page, by URL: the one nearest to a day on which the page was there.

    That is the day on which an earlier run saw it; without one it is the year of the entry's paper that counts.
    """
    lost: dict[str, archive.Lost] = {}
    for entry in entries:
        for link in entry.links:
            # What a registry does not know was never there, so there is no copy either.
            gone = checks.get(link.url)
            if gone and _is_lost(gone) and not links.is_registered(link.url):
                last_ok = past.get(link.url, _UNSEEN).last_ok
                lost.setdefault(link.url, archive.Lost(link.url, last_ok or _listed_on(entry)))
    found = await archive.look_up(list(lost.values()), web, base=base(archive.NAME, archive.BASE))
    return {place.url: copy.value for place, copy in found.items() if isinstance(copy, Found)}


def _is_lost(check: LinkCheck) -> bool:
    return check.verdict is Verdict.BROKEN or check.is_unreachable


def _listed_on(entry: Entry) -> date | None:
    """Return a day in about the year in which the entry came into the list."""
    year = entry.known("year") or find_year(entry.venue or "")
    return date(year, 12, 31) if isinstance(year, int) and 1990 <= year <= 2100 else None
