"""The demonstration's world for tests of whole runs: with faults laid over it, on whatever night."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

import httpx

from enrich import catalog, demo, lists
from enrich.access import paces
from enrich.history import History
from enrich.model import Entry
from enrich.pipeline import CatalogInput, Options, Result, run
from enrich.settings import Loaded, Settings
from enrich.web import Cache, Web
from tests.fakes import FakeClock

HOSTS = {
    "arxiv": "export.arxiv.org",
    "semantic_scholar": "api.semanticscholar.org",
    "crossref": "api.crossref.org",
    "datacite": "api.datacite.org",
    "doi": "doi.org",
    "github": "api.github.com",
}
"""The host of each service."""

Fault = Callable[[httpx.Request, httpx.Response], httpx.Response]
"""What goes wrong: from a request and the answer that it should have had to the one it gets; may raise."""


def down(request: httpx.Request, _: httpx.Response) -> httpx.Response:
    raise httpx.ConnectError("no connection", request=request)


def too_many(_: httpx.Request, __: httpx.Response) -> httpx.Response:
    return httpx.Response(429, json={"message": "Too Many Requests"})


def out_of_order(_: httpx.Request, __: httpx.Response) -> httpx.Response:
    return httpx.Response(500, text="Internal Server Error")


def maintenance(_: httpx.Request, __: httpx.Response) -> httpx.Response:
    return httpx.Response(200, html="<!DOCTYPE html><title>Down for maintenance</title><h1>We are back soon</h1>")


def cut_short(_: httpx.Request, good: httpx.Response) -> httpx.Response:
    kind = {"content-type": good.headers["content-type"]}
    return httpx.Response(good.status_code, headers=kind, content=good.content[: len(good.content) * 2 // 3])


def refused(_: httpx.Request, __: httpx.Response) -> httpx.Response:
    return httpx.Response(403, json={"message": "Forbidden"})


def unauthorised(_: httpx.Request, __: httpx.Response) -> httpx.Response:
    return httpx.Response(401, json={"message": "Bad credentials"})


@dataclass
class Recovering:
    """A service that fails for its first requests, and is well from then on."""

    failures: int
    fault: Fault = out_of_order

    def __call__(self, request: httpx.Request, good: httpx.Response) -> httpx.Response:
        self.failures -= 1
        return self.fault(request, good) if self.failures >= 0 else good


FAULTS: tuple[Fault, ...] = (down, too_many, out_of_order, maintenance, cut_short, refused, unauthorised)
"""All the ways in which a service can be there and of no use."""


class Upstream(httpx.AsyncBaseTransport):
    """The world with faults by host ("*": all hosts), and a note of every request that reached it."""

    def __init__(self, faults: Mapping[str, Fault] | None = None) -> None:
        self._world, self._faults = demo.transport(), faults or {}
        self.asked: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        fault = self._faults.get(request.url.host) or self._faults.get("*")
        good = (
            await self._good(request)
            if fault is None or fault is cut_short or isinstance(fault, Recovering)
            else httpx.Response(200)
        )
        return fault(request, good) if fault else good

    async def _good(self, request: httpx.Request) -> httpx.Response:
        # The world leaves out what is asked for only while GitHub's API or doi.org is of no use.
        if request.url.host == "zenodo.org":
            return httpx.Response(200, html="<title>An artifact</title>")
        if request.url.host != "github.com":
            return await self._world.handle_async_request(request)
        there = await self._api(f"https://api.github.com/repos{request.url.path}")
        if there.status_code == 301:
            renamed = (await self._api(there.headers["location"])).json()
            return httpx.Response(301, headers={"location": renamed["html_url"]})
        return httpx.Response(there.status_code, html=f"<title>GitHub{request.url.path}</title>")

    async def _api(self, url: str) -> httpx.Response:
        return await self._world.handle_async_request(httpx.Request("GET", url))

    @property
    def hosts(self) -> set[str]:
        return {request.url.host for request in self.asked}

    def words(self) -> str:
        """All that was asked for, URLs and bodies, to look for an identifier or a title in."""
        return "\n".join(
            f"{httpx.URL(request.url).query.decode()} {request.content.decode()}" for request in self.asked
        )

    def is_asked(self, identifier: str) -> bool:
        """Whether an identifier was in any request."""
        return re.search(rf"(?<![\d.]){re.escape(identifier)}(?!\d)", self.words().replace("%2F", "/")) is not None


@cache
def listed() -> str:
    """The catalog that the demonstration's lists make."""
    merged = lists.merge((), [lists.read(text, name) for name, text in demo.lists().items()])
    return catalog.new_text(merged.new)


@dataclass(frozen=True)
class Night:
    """A run, and what it left behind: the catalog's text after it, and whom it asked."""

    result: Result
    text: str
    upstream: Upstream

    @property
    def findings(self) -> Mapping[str, str]:
        """The state of each finding of severity error, by identity."""
        return {f.identity: f.state for f in self.result.report.findings if f.severity == "error"}


@dataclass
class Nights:
    """One catalog night after night; `day` counts from the first night, answers are kept in `folder`, if any."""

    text: str
    folder: Path | None = None
    settings: Settings = field(default_factory=Settings)
    history: History = field(default_factory=History)
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def entries(self) -> Sequence[Entry]:
        return catalog.parse(self.text, "catalog.yaml").entries

    def run(
        self,
        day: float = 0,
        options: Options | None = None,
        faults: Mapping[str, Fault] | None = None,
        keys: frozenset[str] | None = None,
    ) -> Night:
        """A run on that day; what it brought is not taken over: see `live`."""
        upstream = Upstream(faults)
        result = asyncio.run(self._run(upstream, day, options or Options(), keys))
        known = catalog.parse(self.text, "catalog.yaml")
        return Night(result, catalog.with_enriched(known, result.blocks), upstream)

    def live(self, day: float = 0, options: Options | None = None, faults: Mapping[str, Fault] | None = None) -> Night:
        """A run on that day, whose catalog and history the next run starts from."""
        night = self.run(day, options, faults)
        self.text, self.history = night.text, night.result.history
        return night

    async def _run(self, upstream: Upstream, day: float, options: Options, keys: frozenset[str] | None) -> Result:
        clock = FakeClock(demo.NOW + timedelta(days=day))
        loaded = Loaded(settings=self.settings, origins={})
        web = Web(
            cache=Cache(self.folder, clock),
            clock=clock,
            transport=upstream,
            paces=paces(contact=False),
            keys=self.keys,
            offline=options.offline,
        )
        async with web:
            return await run_one(
                self.entries(), web, loaded, self.history, options=options, catalog="catalog.yaml", keys=keys
            )


async def run_one(
    entries: Sequence[Entry],
    web: Web,
    loaded: Loaded,
    history: History,
    *,
    options: Options,
    catalog: str | None = None,
    keys: frozenset[str] | None = None,
) -> Result:
    """A run over one catalog."""
    [result] = await run([CatalogInput(catalog, entries, history, keys)], web, loaded, options=options)
    return result


def as_json(text: str) -> dict[str, object]:
    """The JSON object in a text."""
    value = json.loads(text)
    assert isinstance(value, dict)
    return value
