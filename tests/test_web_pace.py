"""How fast hosts are asked, and what their refusals teach."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.web import Answers, Pace, Web
from enrich.web.pace import retry_after
from tests.fakes import FakeClock

NOW = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)


class Service:
    """Counts who is inside and when everybody came."""

    def __init__(self, clock: FakeClock, seconds: float = 1.0) -> None:
        self.clock = clock
        self.seconds = seconds
        self.inside: dict[str, int] = {}
        self.most: dict[str, int] = {}
        self.starts: list[tuple[float, str]] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        self.starts.append((self.clock.monotonic(), str(request.url)))
        self.inside[host] = self.inside.get(host, 0) + 1
        self.most[host] = max(self.most.get(host, 0), self.inside[host])
        await self.clock.sleep(self.seconds)
        self.inside[host] -= 1
        return httpx.Response(200, text="fine")

    def times(self, host: str) -> list[float]:
        return [at for at, url in self.starts if httpx.URL(url).host == host]


def web(service: httpx.MockTransport, clock: FakeClock, paces: dict[str, Pace] | None = None) -> Web:
    return Web(answers=Answers(None, clock), clock=clock, transport=service, paces=paces or {})


def test_interval_and_concurrency_hold(clock: FakeClock) -> None:
    service = Service(clock, seconds=10.0)

    async def run() -> None:
        async with web(httpx.MockTransport(service), clock, {"api.example.org": Pace(2.0, 3)}) as it:
            await asyncio.gather(*(it.fetch(f"https://api.example.org/{n}") for n in range(7)))

    asyncio.run(run())
    assert service.times("api.example.org") == [0.0, 2.0, 4.0, 10.0, 12.0, 14.0, 20.0]
    assert service.most["api.example.org"] == 3


def test_first_come_first_served(clock: FakeClock) -> None:
    service = Service(clock)

    async def run() -> None:
        async with web(httpx.MockTransport(service), clock, {"a.example.org": Pace(1.0, 2)}) as it:
            await asyncio.gather(*(it.fetch(f"https://a.example.org/{n:02}") for n in range(20)))

    asyncio.run(run())
    assert [url for _, url in service.starts] == sorted(url for _, url in service.starts)


def test_a_group_of_hosts_shares_one_pace(clock: FakeClock) -> None:
    service = Service(clock, seconds=0.5)
    pace = Pace(3.0, 1, "arxiv")

    async def run() -> None:
        paces = {"export.example.org": pace, "example.org": pace}
        async with web(httpx.MockTransport(service), clock, paces) as it:
            urls = ["https://export.example.org/1", "https://example.org/2", "https://export.example.org/3"]
            await asyncio.gather(*map(it.fetch, urls))

    asyncio.run(run())
    assert [at for at, _ in service.starts] == [0.0, 3.0, 6.0]


def test_one_at_a_time_waits_for_the_whole_body(clock: FakeClock) -> None:
    events: list[str] = []

    class Slow(httpx.AsyncByteStream):
        def __init__(self, name: str) -> None:
            self.name = name

        async def __aiter__(self) -> AsyncIterator[bytes]:
            events.append(f"begin {self.name}")
            yield b"half"
            await clock.sleep(30)
            events.append(f"end {self.name}")
            yield b"half"

    async def run() -> None:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=Slow(request.url.path)))
        async with web(transport, clock, {"a.example.org": Pace(3.0, 1)}) as it:
            await asyncio.gather(*(it.fetch(f"https://a.example.org/{n}") for n in range(2)))

    asyncio.run(run())
    assert events == ["begin /0", "end /0", "begin /1", "end /1"]


def test_unknown_hosts_get_four_at_once_and_do_not_wait_for_each_other(clock: FakeClock) -> None:
    service = Service(clock)

    async def run() -> None:
        async with web(httpx.MockTransport(service), clock) as it:
            urls = [f"https://{host}.example.org/{n}" for host in "ab" for n in range(8)]
            await asyncio.gather(*map(it.fetch, urls))

    asyncio.run(run())
    assert service.most == {"a.example.org": 4, "b.example.org": 4}
    assert clock.monotonic() == 2.0


def test_not_more_than_160_requests_in_flight_altogether(clock: FakeClock) -> None:
    most = inside = 0

    async def count(_: httpx.Request) -> httpx.Response:
        nonlocal most, inside
        inside += 1
        most = max(most, inside)
        await clock.sleep(1)
        inside -= 1
        return httpx.Response(200)

    async def run() -> None:
        async with web(httpx.MockTransport(count), clock) as it:
            await asyncio.gather(*(it.fetch(f"https://h{n}.example.org/") for n in range(200)))

    asyncio.run(run())
    assert most == 160


def test_every_redirect_hop_is_paced_by_its_own_host(clock: FakeClock) -> None:
    starts: list[float] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.host == "short.example.org":
            return httpx.Response(302, headers={"location": f"https://slow.example.org{request.url.path}"})
        starts.append(clock.monotonic())
        return httpx.Response(200)

    async def run() -> None:
        async with web(httpx.MockTransport(handler), clock, {"slow.example.org": Pace(5.0, 1)}) as it:
            await asyncio.gather(*(it.fetch(f"https://short.example.org/{n}") for n in range(3)))

    asyncio.run(run())
    assert starts == [0.0, 5.0, 10.0]


@pytest.mark.parametrize("form", ["30", format_datetime(NOW + timedelta(seconds=30), usegmt=True)])
def test_retry_after_pauses_everybody_who_waits_for_the_host(clock: FakeClock, form: str) -> None:
    starts: list[tuple[float, str]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        starts.append((clock.monotonic(), request.url.path))
        return httpx.Response(503, headers={"retry-after": form}) if len(starts) == 1 else httpx.Response(200)

    async def run() -> None:
        async with web(httpx.MockTransport(handler), clock, {"a.example.org": Pace(0.0, 1)}) as it:
            replies = await asyncio.gather(*(it.fetch(f"https://a.example.org/{n}") for n in range(3)))
            assert [reply.status for reply in replies] == [200, 200, 200]
            assert it.requests == {"a.example.org": 4}

    asyncio.run(run())
    assert starts[0] == (0.0, "/0")
    assert [at for at, _ in starts[1:]] == [30.0, 30.0, 30.0]


def test_a_host_that_wants_to_be_left_alone_for_long_is(clock: FakeClock) -> None:
    asked = 0

    def handler(_: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(429, headers={"retry-after": "3600"}, text="too many")

    async def run() -> None:
        async with web(httpx.MockTransport(handler), clock) as it:
            first = await it.fetch("https://a.example.org/1")
            second = await it.fetch("https://a.example.org/2")
            assert (first.status, second.status, second.url) == (429, 429, "https://a.example.org/2")
            clock.advance(3601)
            await it.fetch("https://a.example.org/3")

    asyncio.run(run())
    assert asked == 2
    assert clock.monotonic() < 3700


def test_429_without_retry_after_slows_the_host_more_and_more(clock: FakeClock) -> None:
    starts: list[float] = []

    def handler(_: httpx.Request) -> httpx.Response:
        starts.append(clock.monotonic())
        return httpx.Response(429)

    async def run() -> None:
        async with web(httpx.MockTransport(handler), clock) as it:
            assert (await it.fetch("https://a.example.org/", tries=6)).status == 429

    asyncio.run(run())
    gaps = [after - before for before, after in pairwise(starts)]
    assert len(starts) == 6
    for level, gap in enumerate(gaps):
        assert 0.75 * 2**level <= gap <= 1.25 * 2**level


def test_a_rate_limit_is_learned(clock: FakeClock) -> None:
    """Ten requests a second are allowed; five hundred links cost few requests more than that."""
    second: dict[int, int] = {}
    refused = 0

    async def handler(_: httpx.Request) -> httpx.Response:
        nonlocal refused
        await clock.sleep(0.05)
        now = int(clock.monotonic())
        second[now] = second.get(now, 0) + 1
        if second[now] > 10:
            refused += 1
            return httpx.Response(429, headers={"retry-after": "1"})
        return httpx.Response(200)

    async def run() -> None:
        async with web(httpx.MockTransport(handler), clock) as it:
            replies = await asyncio.gather(*(it.fetch(f"https://a.example.org/{n}") for n in range(500)))
            assert {reply.status for reply in replies} == {200}

    asyncio.run(run())
    assert refused <= 25
    assert clock.monotonic() < 60


@pytest.mark.parametrize(
    ("ends", "pages", "pace", "seconds"), [("7", 20, Pace(), 50), ("0369", 80, Pace(interval=1.0, concurrency=1), 450)]
)
def test_lone_refusals_do_not_slow_a_host_for_good(
    clock: FakeClock, ends: str, pages: int, pace: Pace, seconds: int
) -> None:
    """Pages with these ends refuse once, whatever the rate."""
    refused: set[str] = set()

    async def handler(request: httpx.Request) -> httpx.Response:
        await clock.sleep(0.2)
        path = request.url.path
        if path.endswith(tuple(ends)) and path not in refused:
            refused.add(path)
            return httpx.Response(429)
        return httpx.Response(200)

    async def run() -> None:
        async with web(httpx.MockTransport(handler), clock, {"a.example.org": pace}) as it:
            replies = await asyncio.gather(*(it.fetch(f"https://a.example.org/{n}") for n in range(200)))
            assert {reply.status for reply in replies} == {200}

    asyncio.run(run())
    assert len(refused) == pages
    assert clock.monotonic() < seconds


@given(st.integers(0, 10**9))
def test_seconds_are_read(seconds: int) -> None:
    assert retry_after({"retry-after": f" {seconds} "}, NOW) == seconds


@given(st.integers(-(10**9), 5 * 10**9))
def test_dates_are_read_and_the_past_means_at_once(seconds: int) -> None:
    when = NOW + timedelta(seconds=seconds)
    found = retry_after({"retry-after": format_datetime(when, usegmt=True)}, NOW)
    assert found == max(0.0, (when - NOW).total_seconds())


@given(st.text())
def test_anything_else_is_no_pause(text: str) -> None:
    found = retry_after({"retry-after": text}, NOW)
    assert found is None or found >= 0


def test_no_header_is_no_pause() -> None:
    assert retry_after({}, NOW) is None
