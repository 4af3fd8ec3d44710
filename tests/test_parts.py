"""The pages of a run in parts: the same results whoever looks at them, and no host asked by two workers at once."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from enrich.access import open_web
from enrich.model import Entry, EntryType, Link
from enrich.pipeline import CatalogInput, Options, Workers, run
from enrich.pipeline.look import look
from enrich.pipeline.pages import Looked, LookSettings, ToLook
from enrich.pipeline.parts.crew import Crew as AnyCrew
from enrich.pipeline.parts.crew import PartWork, Seat
from enrich.pipeline.parts.divide import LEAST_DOMAINS, divide, number_of_parts
from enrich.pipeline.parts.receipts import Receipts
from enrich.pipeline.parts.worker import look_at_part
from enrich.report import as_json
from enrich.settings import HostPace, Loaded, Settings
from enrich.web import Cache, HostState, SystemClock, Web, domain_of
from tests.fakes import FakeClock
from tests.many_hosts import ManyHosts
from tests.replies import Service

AT_ONCE = 2
RUN = "0" * 32
TIMES = ("at", "started", "finished", "slowest_hosts")
LOADED = Loaded(
    settings=Settings(allow_private=("127.0.0.0/8",), tries=1, timeout=400, pace={"*": HostPace(concurrency=AT_ONCE)}),
    origins={},
)


class Crew:
    """Workers in threads, one for each piece of work."""

    shares_disk = True

    def __init__(self, *work: PartWork) -> None:
        self._seats = [Seat(ThreadPoolExecutor(1), each) for each in work]

    def seats(self) -> Sequence[Seat]:
        return self._seats

    def renew(self, number: int) -> Seat:
        return self._seats[number]

    def is_lost(self) -> bool:
        return False

    def stop(self) -> None:
        """Nothing: these tests have no signals."""

    def close(self) -> None:
        for seat in self._seats:
            seat.executor.shutdown()


def listed(origin: ManyHosts, hosts: int = 8) -> list[str]:
    """Links of which half redirect to another host, some of them twice, and some are dead."""
    urls = []
    for host in range(1, hosts + 1):
        other, third = host % hosts + 1, (host + 2) % hosts + 1
        urls += [origin.url(host, f"ok/{n}") for n in range(3)]
        urls += [
            origin.url(host, f"to/{other}/ok/from-{host}"),
            origin.url(host, f"to/{third}/to/{other}/ok/via-{host}"),
        ]
        urls += [origin.url(host, "gone/1"), origin.url(host, f"to/{third}/gone/{host}")]
        urls.append(origin.url(host, f"to/99/ok/{host}"))  # where no link leads by itself
    return urls


def looked(urls: Sequence[str], crew: AnyCrew | None, receipts: Receipts | None = None) -> dict[str, Any]:
    """The report of a run on these links, as JSON without times."""

    async def main(folder: Path) -> str:
        entries = [Entry(f"e{n}", EntryType.OTHER, links=(Link(url),)) for n, url in enumerate(urls)]
        async with open_web(LOADED, {}, {}, Cache(None, SystemClock())) as web:
            workers = Workers(crew, receipts or Receipts(folder)) if crew or receipts else None
            options = Options(metadata=False, copies=False)
            [result] = await run([CatalogInput("c.yaml", entries)], web, LOADED, options=options, workers=workers)
        return "".join(as_json.json_chunks(result.report))

    try:
        with TemporaryDirectory() as folder:
            report = timeless(json.loads(asyncio.run(main(Path(folder)))))
    finally:
        if crew:
            crew.close()
    assert isinstance(report, dict)
    return report


def timeless(value: object) -> object:
    if isinstance(value, dict):
        return {name: timeless(item) for name, item in value.items() if name not in TIMES}
    return [timeless(item) for item in value] if isinstance(value, list) else value


@dataclass
class Whole:
    """A list of links, the report on it by one process alone, and what that asked."""

    origin: ManyHosts
    urls: list[str]
    report: dict[str, Any]

    @property
    def starts(self) -> list[str]:
        """The links as the server is asked for them."""
        return [url.partition("//")[2].replace(f":{self.origin.port}", "") for url in self.urls]

    @contextmanager
    def again(self) -> Iterator[ManyHosts]:
        """The same server, which has been asked nothing yet."""
        with self.origin.again() as origin:
            yield origin


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    with ManyHosts().serving() as origin:
        yield Whole(origin, urls := listed(origin), looked(urls, None))


# ---- the same results


@pytest.mark.parametrize("number", [1, 2, 7])
def test_the_report_is_the_same_for_any_number_of_workers(whole: Whole, number: int) -> None:
    with whole.again() as origin:
        assert looked(whole.urls, Crew(*[look_at_part] * number)) == whole.report
    assert Counter(origin.asked) == Counter(whole.origin.asked)
    assert max(origin.most.values()) <= AT_ONCE


def test_a_host_that_refuses_is_left_alone_by_all_workers() -> None:
    origin = ManyHosts()
    with origin.serving():
        urls = [origin.url(1, f"wall/{n}") for n in range(20)] + [origin.url(host, "ok/1") for host in range(2, 12)]
        urls += [origin.url(host, f"to/1/wall/{host}") for host in range(2, 12)]
        alone = looked(urls, None)
        asked = sum("/wall" in each and "/to/" not in each for each in origin.asked)
        origin.asked.clear()
        parted = looked(urls, Crew(look_at_part, look_at_part))
    assert parted["counts"] == alone["counts"]
    assert sum("/wall" in each and "/to/" not in each for each in origin.asked) <= asked + AT_ONCE


@pytest.mark.parametrize(("status", "failure"), [(500, "failing"), (403, "refusing")])
def test_what_a_host_has_taught_one_worker_the_next_one_knows(status: int, failure: str) -> None:
    links = [ToLook(f"https://bad.example/{n}") for n in range(12)]
    form = TypeAdapter(dict[str, HostState])

    async def first(web: Web) -> dict[str, HostState]:
        await look(links, web, LookSettings())
        return form.validate_json(form.dump_json(web.host_states()))

    async def second(web: Web) -> Looked:
        web.restore(states)
        return await look([ToLook("https://bad.example/new")], web, LookSettings())

    states = Service(lambda _: httpx.Response(status)).ask(FakeClock(), first)
    service = Service(lambda _: httpx.Response(status))
    assert service.ask(FakeClock(), second).failures == {"https://bad.example/new": failure}
    assert service.requests == []


# ---- how links are divided


hosts = st.lists(st.integers(1, 120), min_size=1, max_size=300)


@given(hosts, st.integers(1, 9))
def test_a_domain_is_in_one_part_and_every_link_in_one(numbers: list[int], most: int) -> None:
    links = [ToLook(f"https://{'www.' if at % 3 else ''}h{n}.example/{at}") for at, n in enumerate(numbers)]
    parts = divide(links, most)
    assert sorted(link.url for part in parts for link in part) == sorted(link.url for link in links)
    domains = [{domain_of(link.url) for link in part} for part in parts]
    assert sum(map(len, domains)) == len(set(numbers))
    assert len(parts) <= most
    if len(set(numbers)) >= most * LEAST_DOMAINS:
        assert min(map(len, domains)) >= LEAST_DOMAINS


def test_there_are_no_more_parts_than_have_forty_hosts() -> None:
    links = [ToLook(f"https://h{at % 100}.example/{at}") for at in range(20_000)]
    assert number_of_parts(links) == 2
    assert [number_of_parts(links, workers) for workers in (1, 2, 8)] == [2, 2, 8]
