"""The work on one part: text in, text out, in any process or thread of an executor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from enrich.access import open_web, user_cache
from enrich.model import EnrichError
from enrich.pipeline.look import look
from enrich.pipeline.pages import Seen
from enrich.pipeline.parts.forms import (
    LookKeys,
    Order,
    Part,
    Receipt,
    SeenLink,
    digest_of,
    is_settled,
    read_order,
    read_part,
    write_receipt,
)
from enrich.pipeline.parts.journal import SUFFIX, Journal
from enrich.web import INTERRUPTED, Cache, Clock, SystemClock, Web, domain_of, registrable_domain

_LISTENING = 0.1  # seconds between two checks whether the run was stopped


def never() -> bool:
    """Return that the run was not stopped."""
    return False


def look_at_part(part: str, order: str, is_stopped: Callable[[], bool] = never) -> str:
    """Look at the pages of a part, and return the receipt.

    Args:
        part: The part, as JSON.
        order: How to look, as JSON.
        is_stopped: Whether the run was interrupted meanwhile.

    Raises:
        EnrichError: One of the two cannot be read.
    """
    return asyncio.run(look_through(read_part(part), read_order(order), is_stopped))


async def look_through(part: Part, order: Order, is_stopped: Callable[[], bool] = never) -> str:
    """Look at the pages of a part, and return the receipt as JSON; see `look_at_part`."""
    clock = SystemClock()
    folder = Path(order.folder) if order.folder else user_cache() / "parts"
    key_of = LookKeys(part.settings)
    keys = {each.url: key_of(each) for each in part.links}
    if len(keys) < len(part.links):
        raise EnrichError("a part must hold each link once")
    domains = frozenset(domain_of(each.address) for each in part.links)
    with Journal(folder / f"{digest_of(part.run, part.links, key_of)}{SUFFIX}") as journal:
        rows = {key: row for key, row in journal.rows().items() if keys.get(row.seen.url) == key}

        def keep(seen: Seen) -> None:
            row = rows[keys[seen.url]] = SeenLink(keys[seen.url], seen)
            if is_settled(seen):
                journal.put(row)

        # No keys: a worker only fetches pages.
        async with open_web(order.loaded, {}, {}, Cache(None, clock)) as web:
            web.restore(order.hosts)
            if order.is_connected:
                web.set_connected()
            listening = asyncio.create_task(_listen(web, clock, is_stopped))
            async with web.stop.after(order.seconds):
                await look(
                    [each for each in part.links if keys[each.url] not in rows],
                    web,
                    part.settings,
                    owns=lambda host: registrable_domain(host) in domains,
                    keep=keep,
                )
            listening.cancel()
            if web.offline_because:
                journal.clear()  # it is this worker that failed
            return write_receipt(_receipt(web, tuple(rows.values())))


async def _listen(web: Web, clock: Clock, is_stopped: Callable[[], bool]) -> None:
    while not is_stopped():
        await clock.sleep(_LISTENING)
    web.stop.set(INTERRUPTED)


def _receipt(web: Web, rows: tuple[SeenLink, ...]) -> Receipt:
    return Receipt(
        form="enrich receipt 1",
        at=web.clock.now().isoformat()[:19] + "Z",
        rows=rows,
        requests={host: number for host, number in sorted(web.requests.items()) if number},
        answer_times=web.answer_times.by_host,
        hosts=web.host_states(),
        offline=web.offline_because,
        stopped=web.stop.why if web.stop.cut_short else None,
    )
