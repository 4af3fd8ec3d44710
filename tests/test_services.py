"""Mirrors and GitHub Enterprise: pace, key, probe and words follow the base URL that the settings name."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from enrich.access import key_headers, paces
from enrich.model import Found, Identifier, Scheme, Unknown
from enrich.services import GITHUB, SEMANTIC_SCHOLAR, SERVICES, Service
from enrich.settings import HostPace, load
from enrich.sources import arxiv, github, semantic_scholar
from enrich.web import Cache, Pace, Web
from tests.fakes import FakeClock
from tests.loopback import Bench, Upstream

TOKEN = "ghp_secretOfThisTest"
CATALOG = """\
version: 1
entries:
  - key: tool
    type: tool
    links: {{code: https://github.com/FMInference/FlexGen, homepage: "{page}"}}
"""


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    return upstream.bench(tmp_path / "here", CATALOG.format(page=upstream.url("github/repos/a/b")))


def at(**bases: str) -> dict[str, Pace]:
    return paces(contact=False, base=bases.get)


def started(clock: FakeClock, limits: dict[str, Pace], urls: list[str]) -> list[float]:
    """When each of these was asked for."""
    starts: list[float] = []

    def handler(_: httpx.Request) -> httpx.Response:
        starts.append(clock.monotonic())
        return httpx.Response(200)

    async def run() -> None:
        transport = httpx.MockTransport(handler)
        async with Web(cache=Cache(None, clock), clock=clock, transport=transport, paces=limits) as web:
            await asyncio.gather(*map(web.fetch, urls))

    asyncio.run(run())
    return starts


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: str(service.name))
def test_a_mirror_is_asked_at_the_pace_of_its_service(service: Service) -> None:
    own = at()[service.base.removeprefix("https://")]
    assert at(**{service.name: "https://mirror.example.org/of"})["mirror.example.org/of"] == own
    assert own.is_service


def test_a_mirror_shares_the_turn_of_its_service(clock: FakeClock) -> None:
    urls = ["https://mirror.example.org/api/query", "https://arxiv.org/abs/1", "https://mirror.example.org/page"]
    starts = started(clock, at(arxiv="https://mirror.example.org"), urls)
    assert [after - before for before, after in pairwise(starts)] == [3.0, 3.0]


def test_services_behind_one_gateway_have_paces_of_their_own(clock: FakeClock) -> None:
    gateway = "https://gateway.example.org"
    limits = at(arxiv=f"{gateway}/arxiv", semantic_scholar=f"{gateway}/s2")
    urls = [f"{gateway}/{path}" for path in ("arxiv/1", "s2/1", "pages/1", "arxiv/2", "s2/2", "pages/2")]
    assert started(clock, limits, urls) == [0.0, 0.0, 0.0, 0.0, 1.05, 3.0]


def test_a_limit_of_ones_own_holds_for_all_that_is_asked_there(clock: FakeClock) -> None:
    gateway = "https://gateway.example.org"
    bases = {"arxiv": f"{gateway}/arxiv", "doi": f"{gateway}/doi"}
    own = {"gateway.example.org": HostPace(interval=7, concurrency=1)}
    limits = paces(contact=False, base=bases.get, own=own)
    urls = [f"{gateway}/{path}" for path in ("arxiv/1", "doi/1", "pages/1")]
    assert started(clock, limits, urls) == [0.0, 7.0, 14.0]


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://ghe.example.org/api/v3", "https://ghe.example.org/api/graphql"),
        ("https://ghe.example.org:8443/api/v3", "https://ghe.example.org:8443/api/graphql"),
        ("https://api.octo.ghe.com", "https://api.octo.ghe.com/graphql"),
        ("https://mirror.example.org/github", "https://mirror.example.org/github/graphql"),
    ],
)
def test_graphql_is_asked_with_the_key_of_a_server_that_config_names(
    base: str, expected: str, tmp_path: Path, clock: FakeClock
) -> None:
    config = tmp_path / "mine.toml"
    config.write_text(f'[services]\ngithub = "{base}"\n')
    requests: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        nodes = {f"r{n}": {"nameWithOwner": f"a/{n}", "isArchived": False} for n in range(3)}
        return httpx.Response(200, json={"data": nodes})

    async def run() -> None:
        wanted = [Identifier(Scheme.GITHUB, f"a/{n}") for n in range(3)]
        transport = httpx.MockTransport(handler)
        own = key_headers(load(config, tmp_path, {}), {str(GITHUB.key): TOKEN}, {})
        async with Web(cache=Cache(None, clock), clock=clock, transport=transport, keys=own) as web:
            outcomes = await github.look_up(wanted, web, base=base)
            assert all(isinstance(outcome, Found) for outcome in outcomes.values())
            await web.fetch(f"{base}/repos/a/0")

    asyncio.run(run())
    look_up, page = requests
    assert (look_up.method, str(look_up.url)) == ("POST", expected)
    assert look_up.headers["authorization"] == f"Bearer {TOKEN}"
    assert "authorization" not in page.headers


def test_a_mirror_that_the_folder_names_gets_no_key(tmp_path: Path) -> None:
    (tmp_path / "enrich.toml").write_text('[services]\ngithub = "https://mirror.example.org"\n')
    known = {str(GITHUB.key): TOKEN, str(SEMANTIC_SCHOLAR.key): TOKEN}
    assert set(key_headers(load(None, tmp_path, {}), known, {})) == {"api.semanticscholar.org"}


def test_no_key_is_sent_in_the_clear_to_a_mirror_or_a_link_there(bench: Bench, upstream: Upstream) -> None:
    bench.environment[str(GITHUB.key)] = TOKEN
    done = bench.call("run", "--no-progress")
    assert done.code in (0, 1), done.err
    assert any(line.startswith("GET /github/repos/fminference/flexgen") for line in upstream.asked)
    assert any(line.startswith("GET /github/repos/a/b") for line in upstream.asked)
    assert not any(TOKEN in heads for heads in upstream.headers)


def test_what_a_mirror_refuses_is_told_with_its_host(bench: Bench, upstream: Upstream) -> None:
    upstream.broken = {"arxiv": (400, {}, b"no")}
    done = bench.call("resolve", "1706.03762", "--no-progress")
    assert "could not query arXiv: unexpected response (HTTP 400), asked at 127.0.0.1" in done.err
    assert "arXiv: unexpected response (HTTP 400) at http://127.0.0.1" in bench.call("doctor").out


def test_the_key_that_a_mirror_refuses_is_named(clock: FakeClock) -> None:
    async def run() -> str:
        transport = httpx.MockTransport(lambda _: httpx.Response(403, json={"message": "Forbidden"}))
        own = {"mirror.example.org": {"x-api-key": TOKEN}}
        async with Web(cache=Cache(None, clock), clock=clock, transport=transport, keys=own) as web:
            paper = Identifier(Scheme.ARXIV, "1706.03762")
            outcome = (await semantic_scholar.look_up([paper], web, base="https://mirror.example.org"))[paper]
            assert isinstance(outcome, Unknown)
            return outcome.why

    assert "invalid key (HTTP 403); check SEMANTIC_SCHOLAR_API_KEY" in asyncio.run(run())


@pytest.mark.parametrize("base", [arxiv.BASE, "http://mirror.example.org/arxiv"])
def test_arxiv_is_asked_again_where_its_edge_refuses_with_406(clock: FakeClock, base: str) -> None:
    asked: list[float] = []

    def handler(_: httpx.Request) -> httpx.Response:
        asked.append(clock.monotonic())
        return httpx.Response(406)

    async def run() -> None:
        transport = httpx.MockTransport(handler)
        limits = at(arxiv=base)
        async with Web(cache=Cache(None, clock), clock=clock, transport=transport, paces=limits) as web:
            paper = Identifier(Scheme.ARXIV, "1706.03762")
            assert isinstance((await arxiv.look_up([paper], web, base=base))[paper], Unknown)

    asyncio.run(run())
    assert len(asked) == 3
    assert all(after - before >= 3 for before, after in pairwise(asked))
