"""How fast hosts are asked, and what their refusals teach."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import httpx
import pytest

from enrich.links import is_final
from enrich.model import Reply, Unreachable
from enrich.web import Cache, Pace, Terms, Web
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
    return Web(cache=Cache(None, clock), clock=clock, transport=service, paces=paces or {})


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


@pytest.mark.parametrize(("seconds", "interval"), [(0.2, 3.0), (0.4, 3.15), (2.0, 3.25)])
def test_a_group_of_hosts_shares_one_pace(clock: FakeClock, seconds: float, interval: float) -> None:
    """A late reply may come from a late request, so that the next one would be there too soon."""
    service = Service(clock, seconds=seconds)
    pace = Pace(3.0, 1, "arxiv")

    async def run() -> None:
        paces = {"export.example.org": pace, "example.org": pace}
        async with web(httpx.MockTransport(service), clock, paces) as it:
            urls = ["https://export.example.org/1", "https://example.org/2", "https://export.example.org/3"]
            await asyncio.gather(*map(it.fetch, urls))

    asyncio.run(run())
    assert [at for at, _ in service.starts] == pytest.approx([0.0, interval, 2 * interval])


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
            assert (await it.fetch("https://a.example.org/1")).status == 429
            with pytest.raises(Unreachable, match="skipped: the host keeps refusing requests"):
                await it.fetch("https://a.example.org/2")
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
        service = {"a.example.org": Pace(is_service=True)}
        async with web(httpx.MockTransport(handler), clock, service) as it:
            assert (await it.fetch("https://a.example.org/", Terms(tries=12))).status == 429

    asyncio.run(run())
    gaps = [after - before for before, after in pairwise(starts)]
    assert len(starts) == 8
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


# ---- hosts that refuse

Site = Callable[[int, httpx.Request], Awaitable[httpx.Response]]


def visit(
    clock: FakeClock, site: Site, pages: int = 60, pace: Pace | None = None, *, redirects: bool = False
) -> tuple[list[Reply | str], list[float]]:
    """Look at the pages of a host side by side; return what came of each, and when requests were sent.

    `site` gets the number of each request. With `redirects` each link is plain http, which the host redirects.
    """
    starts: list[float] = []

    async def handler(request: httpx.Request) -> httpx.Response:
        if request.url.scheme == "http":
            return httpx.Response(301, headers={"location": str(request.url.copy_with(scheme="https"))})
        starts.append(clock.monotonic())
        return await site(len(starts), request)

    async def run() -> list[Reply | str]:
        paces = {"a.example.org": pace} if pace else {}
        async with web(httpx.MockTransport(handler), clock, paces) as it:
            scheme = "http" if redirects else "https"
            looks = (it.fetch(f"{scheme}://a.example.org/{n}", Terms(final=is_final)) for n in range(pages))
            outcomes = await asyncio.gather(*looks, return_exceptions=True)
        return [outcome if isinstance(outcome, Reply) else getattr(outcome, "kind", "?") for outcome in outcomes]

    return asyncio.run(run()), starts


def refusing(**headers: str) -> Site:
    async def site(_: int, __: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers={name.replace("_", "-"): text for name, text in headers.items()})

    return site


@pytest.mark.parametrize("redirects", [False, True])
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 15),
        ({"retry_after": "1"}, 15),
        ({"retry_after": "20"}, 25),
        ({"ratelimit": '"pages";r=0;t=120'}, 1),
        ({"retry_after": "3600"}, 1),
    ],
)
def test_a_host_that_does_nothing_but_refuse_is_left_alone(
    clock: FakeClock, headers: dict[str, str], seconds: float, redirects: bool
) -> None:
    outcomes, starts = visit(clock, refusing(**headers), redirects=redirects)
    assert len(starts) <= 12
    assert {outcome if isinstance(outcome, str) else outcome.status for outcome in outcomes} == {429, "refusing"}
    assert len(outcomes) - outcomes.count("refusing") <= 12
    assert clock.monotonic() <= seconds


@pytest.mark.parametrize("status", [400, 403, 405, 406, 444, 521])
def test_so_is_one_that_shows_nothing_but_a_wall(clock: FakeClock, status: int) -> None:
    async def walled(_: int, __: httpx.Request) -> httpx.Response:
        await clock.sleep(0.1)
        return httpx.Response(status, text="<script src=/yunsuo.js></script>")

    outcomes, starts = visit(clock, walled)
    assert 8 <= len(starts) <= 12
    assert outcomes.count("refusing") == 60 - len(starts)


@pytest.mark.parametrize("status", [404, 410])
def test_one_that_says_of_all_pages_that_they_are_gone_is_believed(clock: FakeClock, status: int) -> None:
    async def gone(_: int, __: httpx.Request) -> httpx.Response:
        return httpx.Response(status)

    assert len(visit(clock, gone)[1]) == 60


async def members(_: int, request: httpx.Request) -> httpx.Response:
    return httpx.Response(403 if int(request.url.path[1:]) % 6 else 200)


async def moody(number: int, _: httpx.Request) -> httpx.Response:
    return httpx.Response(200 if number % 3 == 0 else 429)


@pytest.mark.parametrize(("site", "least"), [(members, 10), (moody, 20)])
def test_one_that_answers_now_and_then_is_asked_to_the_end(clock: FakeClock, site: Site, least: int) -> None:
    outcomes, starts = visit(clock, site)
    assert "refusing" not in outcomes
    assert len(starts) == 60
    assert sum(isinstance(outcome, Reply) and outcome.status == 200 for outcome in outcomes) >= least


def quota(clock: FakeClock, allowed: int, seconds: float, *, told: bool) -> tuple[Site, list[float]]:
    """So many pages a window; with `told` the last good answer says that it was the last."""
    window = {"until": 0.0, "left": 0}
    refused: list[float] = []

    async def site(_: int, __: httpx.Request) -> httpx.Response:
        now = clock.monotonic()
        if now >= window["until"]:
            window.update(until=now + seconds, left=allowed)
        if window["left"] == 0:
            refused.append(now)
        status = 200 if window["left"] else 429
        window["left"] = max(0, window["left"] - 1)
        left = f'"pages";r={int(window["left"])};t={window["until"] - now}'
        return httpx.Response(status, headers={"ratelimit": left} if told or status == 429 else {})

    return site, refused


def test_a_wait_that_is_short_enough_is_waited_out(clock: FakeClock) -> None:
    site, refused = quota(clock, 20, 60, told=False)
    outcomes, _ = visit(clock, site)
    assert "refusing" not in outcomes
    assert len(refused) <= 3 * 6
    assert clock.monotonic() <= 130


def test_an_answer_that_says_that_it_was_the_last_is_heeded(clock: FakeClock) -> None:
    site, refused = quota(clock, 20, 60, told=True)
    outcomes, _ = visit(clock, site, pace=Pace(concurrency=1))
    assert "refusing" not in outcomes
    assert refused == []


def test_waits_of_one_host_do_not_add_up_to_an_hour(clock: FakeClock) -> None:
    site, _ = quota(clock, 2, 100, told=False)
    outcomes, starts = visit(clock, site)
    assert outcomes.count("refusing") > 40
    assert len(starts) <= 40
    assert clock.monotonic() <= 400


def test_a_long_wait_after_good_answers_ends_the_visit_at_once(clock: FakeClock) -> None:
    site, refused = quota(clock, 30, 3600, told=False)
    outcomes, _ = visit(clock, site)
    assert len(refused) <= 6
    assert outcomes.count("refusing") == 30 - len(refused)
    assert clock.monotonic() == 0


def test_with_its_key_a_service_answers_though_it_refuses_pages(clock: FakeClock) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if "x-api-key" in request.headers else 429)

    async def run() -> None:
        keys = {"api.example.org": {"x-api-key": "s3cr3t"}}
        transport = httpx.MockTransport(handler)
        async with Web(cache=Cache(None, clock), clock=clock, transport=transport, keys=keys) as it:
            for number in range(4):
                assert (await it.fetch(f"https://api.example.org/{number}", Terms(tries=1))).status == 429
            with pytest.raises(Unreachable, match="keeps refusing"):
                await it.fetch("https://api.example.org/4")
            assert (await it.fetch("https://api.example.org/batch", Terms(keyed=True))).status == 200

    asyncio.run(run())


# ---- how many at once


def widest(clock: FakeClock, seconds: float, pages: int, pace: Pace | None = None, first: int = 200) -> list[int]:
    """How many requests were in flight as each page was asked for, where each takes so long."""
    inside = 0
    counts: list[int] = []

    async def site(number: int, _: httpx.Request) -> httpx.Response:
        nonlocal inside
        inside += 1
        counts.append(inside)
        await clock.sleep(seconds)
        inside -= 1
        return httpx.Response(first if number == 1 else 200)

    visit(clock, site, pages, pace)
    return counts


def test_a_host_that_answers_well_and_quickly_gets_six_at_once(clock: FakeClock) -> None:
    counts = widest(clock, 0.1, 120)
    assert max(counts[:32]) == 4
    assert max(counts) == 6


def test_a_slow_one_stays_at_four(clock: FakeClock) -> None:
    assert max(widest(clock, 2.0, 60)) == 4


@pytest.mark.parametrize(("seconds", "pages", "quick"), [(0.1, 8, True), (0.1, 7, False), (1.5, 8, False)])
def test_a_host_is_quick_once_several_answers_were(clock: FakeClock, seconds: float, pages: int, quick: bool) -> None:
    async def site(_: httpx.Request) -> httpx.Response:
        await clock.sleep(seconds)
        return httpx.Response(200)

    async def run() -> bool:
        async with web(httpx.MockTransport(site), clock) as it:
            for number in range(pages):
                await it.fetch(f"https://a.example.org/{number}")
            return it.is_quick("a.example.org")

    assert asyncio.run(run()) is quick


@pytest.mark.parametrize("limit", [1, 3, 9])
def test_a_limit_that_is_set_is_the_limit(clock: FakeClock, limit: int) -> None:
    assert max(widest(clock, 0.1, 60, Pace(concurrency=limit))) == limit


def test_each_refusal_halves_how_many_are_asked_at_once(clock: FakeClock) -> None:
    counts = widest(clock, 2.0, 12, first=429)
    assert max(counts[:4]) == 4
    assert max(counts[8:]) == 2


def test_refused_together_they_are_asked_one_by_one(clock: FakeClock) -> None:
    async def site(_: int, __: httpx.Request) -> httpx.Response:
        await clock.sleep(1)
        return httpx.Response(429)

    _, starts = visit(clock, site)
    assert starts[:4] == [0.0] * 4
    assert len(starts) == 7
    assert all(after - before > 1 for before, after in pairwise(starts[3:]))
