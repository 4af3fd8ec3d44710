"""Name servers that deny names that exist: no link is called broken because of them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

import pytest

from enrich.history import History
from enrich.model import Entry, EntryType, Evidence, Link, LinkCheck, Verdict
from enrich.pipeline import Options, Result
from enrich.pipeline.look.denials import explain_denials
from enrich.pipeline.pages import Looked
from enrich.pipeline.values import Plan
from enrich.settings import Loaded, Settings
from enrich.web import Cache, Web
from tests.fakes import FakeClock
from tests.worlds import run_one

LOADED = Loaded(settings=Settings(), origins={})
CONTROLS = ("example.com", "doi.org", "arxiv.org", "github.com")
FAMOUS = ("org", "edu", "uk", "com")
"""The top-level domains of names that everybody knows."""


@contextmanager
def name_servers(
    *, known: Collection[str] = (), filtering: bool = False, failure: int = socket.EAI_NONAME
) -> Iterator[list[str]]:
    """Let the system know some names and, unless name servers filter, all famous ones; what is asked for is yielded."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: None, **_: int) -> list[object]:
        asked.append(host)
        is_famous = host.startswith("www.") and host.endswith(FAMOUS)
        if host in known or host in CONTROLS or (is_famous and not filtering):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port or 0))]
        raise socket.gaierror(failure, "no such name")

    with patch("socket.getaddrinfo", getaddrinfo):
        yield asked


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    """The port of all pages, the same on all nights."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        yield listening


def night(listener: socket.socket, names: Sequence[str], history: History | None = None, day: int = 0) -> Result:
    """Check a link to a page of each name, all of which are served here, if they are found."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b"<title>A Page</title><p>words"
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n" + body)
        writer.close()

    async def main() -> Result:
        server = await asyncio.start_server(answer, sock=listener.dup())
        port = listener.getsockname()[1]
        clock = FakeClock(datetime(2026, 11, 1, 6, tzinfo=UTC) + timedelta(days=day))
        links = tuple(Link(f"http://{name}:{port}/p") for name in names)
        entry = Entry("one", EntryType.OTHER, links=links)
        async with server, Web(cache=Cache(None, clock), clock=clock, allow_private=["127.0.0.0/8"]) as web:
            options = Options(metadata=False, copies=False)
            return await run_one([entry], web, LOADED, history or History(), options=options)

    return asyncio.run(main())


def verdicts(result: Result) -> dict[str, Verdict]:
    """Return the verdicts by the first label of a link's host."""
    return {row.check.url[7:].partition(".")[0]: row.check.verdict for row in result.report.links}


def named(letter: str, number: int) -> list[str]:
    return [f"{letter}{place}.example" for place in range(number)]


def test_links_that_a_filter_denies_are_not_judged(listener: socket.socket) -> None:
    good = named("good", 8)
    with name_servers(known=good, filtering=True):
        result = night(listener, [*good, *named("denied", 8)])
    assert {verdict for name, verdict in verdicts(result).items() if name.startswith("good")} == {Verdict.OK}
    assert {verdict for name, verdict in verdicts(result).items() if name.startswith("denied")} == {Verdict.UNKNOWN}
    assert result.report.findings == ()
    [row] = result.report.unasked
    assert (row.service, row.entries) == ("web", 8)
    assert row.why.startswith("8 domains were not found, but neither was www.")
    assert not any(past.trouble for past in result.history.links.values())


@pytest.mark.parametrize(("dead", "alive"), [(1, 0), (2, 1), (4, 0), (5, 30), (8, 8)], ids=str)
def test_dead_domains_are_reported_on_the_first_night(listener: socket.socket, dead: int, alive: int) -> None:
    good = named("good", alive)
    with name_servers(known=good):
        found = verdicts(night(listener, [*good, *named("dead", dead)]))
    assert sorted(found.values()) == [Verdict.BROKEN] * dead + [Verdict.OK] * alive


def test_a_few_among_many_are_believed_without_further_lookups(listener: socket.socket) -> None:
    good = named("good", 60)
    with name_servers(known=good) as asked:
        found = verdicts(night(listener, [*good, *named("dead", 5)]))
    assert list(found.values()).count(Verdict.BROKEN) == 5
    assert not any(host.startswith("www.") for host in asked)


def test_hosts_of_one_domain_are_one_witness(listener: socket.socket) -> None:
    with name_servers(filtering=True):
        found = verdicts(night(listener, [f"h{number}.uni.example" for number in range(9)]))
    assert set(found.values()) == {Verdict.BROKEN}


def test_a_filter_that_stays_is_believed_on_no_night(listener: socket.socket) -> None:
    good, denied = named("good", 5), named("denied", 9)
    history = History()
    with name_servers(known=good, filtering=True):
        for day in range(4):
            result = night(listener, [*good, *denied], history, day)
            history = result.history
            assert list(verdicts(result).values()).count(Verdict.UNKNOWN) == len(denied)
            assert result.report.findings == ()
    with name_servers(known=[*good, *denied]):
        assert set(verdicts(night(listener, [*good, *denied], history, 4)).values()) == {Verdict.OK}


def test_what_failed_before_does_not_count_as_news(listener: socket.socket) -> None:
    dead, good = named("dead", 6), named("good", 6)
    with name_servers(known=good):
        first = night(listener, [*dead, *good])
    with name_servers(known=good, filtering=True):
        again = night(listener, [*dead, *good], first.history, 1)
    assert list(verdicts(again).values()).count(Verdict.BROKEN) == len(dead)


@pytest.mark.parametrize(
    ("stopped", "expected"),
    [
        (None, "but another lookup found h3.example; the name servers are not reliable"),
        ("interrupted", "and the run was stopped before the name servers were tested"),
    ],
    ids=["by another lookup", "unless there is no time"],
)
def test_a_worker_whose_name_servers_err_is_found_out(stopped: str | None, expected: str) -> None:
    urls = [f"https://h{number}.example/p" for number in range(6)]
    checks = {url: LinkCheck(url, Verdict.BROKEN, (Evidence("web", "", "domain not found"),)) for url in urls}
    looked = Looked(checks, checks, dict.fromkeys(urls, "dns-missing"))
    planned = Plan((), date(2026, 11, 1), {}, (), ())

    async def explain() -> dict[str, str]:
        clock = FakeClock()
        async with Web(cache=Cache(None, clock), clock=clock) as web:
            if stopped:
                web.stop.set(stopped)
            return dict(await explain_denials(looked, planned, web))

    with name_servers(known=["h3.example"]) as asked:
        found = asyncio.run(explain())
    assert list(found) == urls
    assert set(found.values()) == {f"6 domains were not found, {expected}"}
    assert bool(asked) is (stopped is None)
