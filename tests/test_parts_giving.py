"""When workers are given their parts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from enrich.access import open_web
from enrich.model import Entry, EntryType, Evidence, Link, LinkCheck, Verdict
from enrich.pipeline import CatalogInput, Options, Workers, run
from enrich.pipeline.pages import Seen
from enrich.pipeline.parts.crew import Seat
from enrich.pipeline.parts.forms import Receipt, SeenLink, read_part, write_receipt
from enrich.settings import Loaded, Settings
from enrich.web import Cache, Listener, SystemClock

P = ParamSpec("P")
T = TypeVar("T")
LOADED = Loaded(settings=Settings(), origins={})


class Watched(ThreadPoolExecutor):
    """An executor that notes when it is given something."""

    def __init__(self, events: list[str]) -> None:
        super().__init__(1)
        self._events = events

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        self._events.append("given")
        return super().submit(fn, *args, **kwargs)


class Crew:
    """One worker to which all pages are good."""

    shares_disk = False

    def __init__(self, events: list[str]) -> None:
        self._seat = Seat(Watched(events), seen_at_once)

    def seats(self) -> Sequence[Seat]:
        return [self._seat]

    def renew(self, _number: int) -> Seat:
        return self._seat

    def is_lost(self) -> bool:
        return False

    def stop(self) -> None:
        """Nothing: the test has no signals."""

    def close(self) -> None:
        self._seat.executor.shutdown()


def seen_at_once(part: str, _order: str) -> str:
    links = read_part(part).links
    rows = (Seen(each.url, LinkCheck(each.url, Verdict.OK, (Evidence("web", "", "answered", 200),))) for each in links)
    return write_receipt(Receipt("enrich receipt 1", "", tuple(SeenLink("key", row) for row in rows)))


def test_a_worker_has_its_next_part_before_what_it_has_seen_is_taken() -> None:
    events: list[str] = []
    entries = [Entry("e", EntryType.OTHER, links=tuple(Link(f"https://h{n % 100}.example/{n}") for n in range(5_000)))]

    async def main() -> int:
        heard = Listener(answered=lambda name, _: events.append(name))
        async with open_web(LOADED, {}, {}, Cache(None, SystemClock()), listener=heard) as web:
            options = Options(metadata=False, copies=False)
            [result] = await run(
                [CatalogInput("c.yaml", entries)], web, LOADED, options=options, workers=Workers(crew := Crew(events))
            )
            crew.close()
        return len(result.report.links)

    assert asyncio.run(main()) == 5_000
    assert events[:3] == ["given", "given", "links"]
    assert events.count("given") == 2
