"""How the pages of a run are looked at: in this process, by workers, or from receipts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from enrich.access import paces_of
from enrich.pipeline.look import look
from enrich.pipeline.look.store import Store
from enrich.pipeline.pages import Looked, LookSettings, ToLook
from enrich.pipeline.parts.coordinator import Coordinator
from enrich.pipeline.parts.crew import Crew
from enrich.pipeline.parts.forms import LookKeys, Order
from enrich.pipeline.parts.receipts import Receipts
from enrich.pipeline.parts.tally import Tally
from enrich.pipeline.resolve.work import presenting_page
from enrich.pipeline.values import Plan
from enrich.settings import Loaded
from enrich.web import Web, domain_of, registrable_domain

__all__ = ["Looking", "Workers", "domains_asked_here", "looking_through"]

Looking = Callable[[Iterable[ToLook]], Coroutine[Any, Any, Looked]]
"""How pages are looked at."""


@dataclass(frozen=True, slots=True)
class Workers:
    """Who looks at pages: a crew (None: only this process), and what workers have already seen."""

    crew: Crew | None = None
    receipts: Receipts = field(default_factory=Receipts)


@asynccontextmanager
async def looking_through(
    workers: Workers | None, planned: Plan, web: Web, loaded: Loaded, settings: LookSettings, seconds: float | None
) -> AsyncIterator[Looking]:
    """Return how pages are looked at while the block runs.

    Args:
        workers: Who looks at them; None: this process alone.
        planned: What the run asks.
        web: The network of this process.
        loaded: The settings.
        settings: How pages are asked for.
        seconds: After which the run is stopped; None: never.
    """
    if workers is None or (workers.crew and web.offline_because):
        yield partial(look, web=web, settings=settings)
        return
    receipts = workers.receipts
    own = domains_asked_here(planned, loaded)
    web.take_over(receipts.requests, receipts.answer_times.by_host)
    web.restore({host: state for host, state in receipts.hosts.items() if registrable_domain(host) not in own})
    if workers.crew is None:
        yield partial(_look_with_receipts, web=web, settings=settings, receipts=receipts)
        return
    folder = str(receipts.folder) if workers.crew.shares_disk and receipts.folder else None
    order = Order(loaded, seconds, folder)
    async with Coordinator(workers.crew, web, settings, order, receipts, own) as coordinator:
        yield coordinator.look


def domains_asked_here(planned: Plan, loaded: Loaded) -> frozenset[str]:
    """Return the domains that a run asks besides links: services, and pages that present papers."""
    services = (scope.partition("/")[0] for scope, pace in paces_of(loaded).items() if pace.group or pace.is_service)
    due = (each for catalog in planned.catalogs for each in catalog.due)
    pages = (page for each in due if (page := presenting_page(each.entry, each.clues)))
    return frozenset((*map(registrable_domain, services), *map(domain_of, pages)))


async def _look_with_receipts(wanted: Iterable[ToLook], web: Web, settings: LookSettings, receipts: Receipts) -> Looked:
    """Look at the links for which the workers' results are insufficient."""
    key_of = LookKeys(settings)
    with Store(web.cache) as store:
        tally = Tally(wanted, web, store, receipts.answered)
        onward = [
            tally.take(seen) if (seen := receipts.find(key_of(each), each.url)) else each
            for each in list(tally.open.values())
        ]
        tally.take_own(await look(filter(None, onward), web, settings))
    return tally.looked()
