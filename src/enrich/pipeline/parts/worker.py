"""The work on one part: text in, text out, in any process or thread of an executor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from enrich.access import open_web, user_cache
from enrich.pipeline.look import look
from enrich.pipeline.pages import Seen
from enrich.pipeline.parts.forms import (
    LookKeys,
    Order,
    Part,
    Receipt,
    SeenLink,
    digest_of,
    is_answered,
    is_settled,
    read_order,
    read_part,
    read_row,
    receipt_around,
    write_row,
)
from enrich.pipeline.parts.journal import SUFFIX, Journal
from enrich.web import INTERRUPTED, Cache, Clock, SystemClock, Web, domain_of, registrable_domain

_LISTENING = 0.1  # seconds between two checks whether the run was stopped


class Relay(Protocol):
    """Where what was seen of a part is kept for its next worker, which may not have the disk of this one."""

    def rows(self) -> Iterable[str]:
        """Return what workers before have put, as JSON."""
        ...

    def put(self, row: str) -> None:
        """Keep what was seen of a link."""
        ...

    def clear(self) -> None:
        """Forget what was put."""
        ...


def never() -> bool:
    """Return that the run was not stopped."""
    return False


def look_at_part(part: str, order: str, is_stopped: Callable[[], bool] = never, relay: Relay | None = None) -> str:
    """Look at the pages of a part, and return the receipt.

    Args:
        part: The part, as JSON.
        order: How to look, as JSON.
        is_stopped: Whether the run was interrupted meanwhile.
        relay: Where the next worker finds what was seen, if this one dies; None: in the journal alone.

    Raises:
        EnrichError: One of the two cannot be read.
    """
    return asyncio.run(look_through(read_part(part), read_order(order), is_stopped, relay))


async def look_through(
    part: Part, order: Order, is_stopped: Callable[[], bool] = never, relay: Relay | None = None
) -> str:
    """Look at the pages of a part, and return the receipt as JSON; see `look_at_part`."""
    clock = SystemClock()
    folder = Path(order.folder) if order.folder else user_cache() / "parts"
    key_of = LookKeys(part.settings)
    keys = {each.url: key_of(each) for each in part.links}
    domains = frozenset(domain_of(each.address) for each in part.links)
    digest = digest_of(part.run, part.links, lambda link: keys[link.url])
    with Journal(folder / f"{digest}{SUFFIX}") as journal:
        known = {**_rows_of(relay), **journal.rows()}
        rows = {row.seen.url: write_row(row) for key, row in known.items() if keys.get(row.seen.url) == key}

        failed: set[str] = set()

        def keep(seen: Seen) -> None:
            if not is_answered(seen):
                failed.add(seen.url)
            row = rows[seen.url] = write_row(SeenLink(keys[seen.url], seen))
            if is_settled(seen):
                journal.put(row)
                if relay:
                    relay.put(row)

        # No keys: a worker only fetches pages.
        async with open_web(order.loaded, {}, {}, Cache(None, clock)) as web:
            web.restore(order.hosts)
            if order.is_connected:
                web.set_connected()
            listening = asyncio.create_task(_listen(web, clock, is_stopped))
            async with web.stop.after(order.seconds):
                await look(
                    [each for each in part.links if each.url not in rows],
                    web,
                    part.settings,
                    owns=lambda host: registrable_domain(host) in domains,
                    keep=keep,
                )
            listening.cancel()
            if web.offline_because:  # it is this worker that failed
                answered = [row for url, row in rows.items() if url not in failed]
                for place in filter(None, (journal, relay)):
                    place.clear()
                    for row in answered:
                        place.put(row)
            return receipt_around(rows.values(), _receipt(web))


def _rows_of(relay: Relay | None) -> dict[str, SeenLink]:
    rows = (read_row(row.encode("utf-8", "surrogatepass")) for row in (relay.rows() if relay else ()))
    return {row.key: row for row in rows if row}


async def _listen(web: Web, clock: Clock, is_stopped: Callable[[], bool]) -> None:
    while not is_stopped():
        await clock.sleep(_LISTENING)
    web.stop.set(INTERRUPTED)


def _receipt(web: Web) -> Receipt:
    return Receipt(
        form="enrich receipt 1",
        at=web.clock.now().isoformat()[:19] + "Z",
        rows=(),
        requests={host: number for host, number in sorted(web.requests.items()) if number},
        answer_times=web.answer_times.by_host,
        hosts=web.host_states(),
        offline=web.offline_because,
        stopped=web.stop.why if web.stop.cut_short else None,
    )
