"""The processor time of one fetch: by whom it is sent, and what tenacity around it takes.

    python -m benchmarks.speed.fetch [--fetches 2000] [--port 18090]

First over a canned transport, so that only the client is measured; then from a server on loopback, one host after the
other by 64 workers, with our own connections, with httpx's, and with aiohttp's where `httpx-aiohttp` is installed. The
best of three rounds counts: other programs only ever add to it. The server's time is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import time
from collections.abc import Awaitable, Callable, Iterable
from importlib import import_module
from importlib.util import find_spec

import httpx
from tenacity import AsyncRetrying, retry_if_result, stop_after_attempt

from benchmarks.speed.origin import serving
from enrich.model import Reply
from enrich.web import Cache, SystemClock, Terms, Web

_ROUNDS = 3
_PAGE = Terms(page=True, final=lambda _: False, retry_timeouts=False)

Fetch = Callable[[str], Awaitable[object]]
Engine = Callable[[], httpx.AsyncBaseTransport | None]


class Canned(httpx.AsyncBaseTransport):
    """Answers every request alike."""

    async def handle_async_request(self, _: httpx.Request) -> httpx.Response:
        """Return a small page."""
        return httpx.Response(200, headers={"content-type": "text/html"}, stream=httpx.ByteStream(b"<p>A page"))


def web(transport: httpx.AsyncBaseTransport | None) -> Web:
    """Return the client over a transport, its own when that is None."""
    return Web(cache=Cache(None, SystemClock()), transport=transport, allow_private=["127.0.0.0/8"])


async def best_round(fetch: Fetch, urls: Iterable[str], *, at_once: int = 1) -> float:
    """Return the microseconds of processor time per fetch in the best round."""
    listed, spent = list(urls), []

    async def work(queue: Iterable[str]) -> None:
        for url in queue:
            await fetch(url)

    for _ in range(_ROUNDS):
        began, queue = time.process_time(), iter(listed)
        await asyncio.gather(*(work(queue) for _ in range(at_once)))
        spent.append(time.process_time() - began)
    return min(spent) / len(listed) * 1e6


async def canned(fetches: int) -> None:
    """Print what a fetch takes without a network, and inside tenacity."""
    stop, again = stop_after_attempt(3), retry_if_result(lambda reply: reply.status >= 500)
    urls = [f"http://host{number % 200}.example.org/{number}" for number in range(fetches)]
    async with web(Canned()) as client:

        async def once(url: str) -> Reply:
            return await client.fetch(url, _PAGE)

        async def by_tenacity(url: str) -> object:
            return await AsyncRetrying(stop=stop, retry=again)(once, url)

        print(f"canned: {await best_round(once, urls):.0f} us")
        print(f"the same inside AsyncRetrying: {await best_round(by_tenacity, urls):.0f} us")


async def loopback(name: str, engine: Engine, fetches: int, port: int) -> None:
    """Print what a fetch over loopback takes with one engine."""
    urls = (f"http://127.1.1.{1 + number * 200 // fetches}:{port}/ok/{number}" for number in range(fetches))
    async with web(engine()) as client:
        cost = await best_round(lambda url: client.fetch(url, _PAGE), urls, at_once=64)
    print(f"{name}: {cost:.0f} us, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB at most so far")


def engines() -> dict[str, Engine]:
    """Return what can send requests, by name; the one that takes least memory first."""
    found: dict[str, Engine] = {"own": lambda: None}
    if find_spec("httpx_aiohttp"):
        found["aiohttp"] = import_module("httpx_aiohttp").AiohttpTransport
    return {**found, "httpx": httpx.AsyncHTTPTransport}


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fetches", type=int, default=2_000, help="how many fetches a round")
    parser.add_argument("--port", type=int, default=18_090)
    chosen = parser.parse_args()
    asyncio.run(canned(chosen.fetches))
    with serving(chosen.port):
        for name, engine in engines().items():
            asyncio.run(loopback(name, engine, chosen.fetches, chosen.port))


if __name__ == "__main__":
    main()
