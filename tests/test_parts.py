"""The pages of a run in parts: the same results whoever looks at them, and no host asked by two workers at once."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from enrich.access import open_web
from enrich.model import EnrichError, Entry, EntryType, Evidence, Link, LinkCheck, Verdict
from enrich.pipeline import CatalogInput, Options, Workers, run
from enrich.pipeline.look import look
from enrich.pipeline.pages import Looked, LookSettings, Seen, ToLook, Trail
from enrich.pipeline.parts.crew import Crew as AnyCrew
from enrich.pipeline.parts.crew import PartWork, Seat
from enrich.pipeline.parts.divide import LEAST_DOMAINS, divide, number_of_parts
from enrich.pipeline.parts.forms import (
    LookKeys,
    Order,
    Part,
    Receipt,
    SeenLink,
    read_part,
    read_receipt,
    write_order,
    write_part,
    write_receipt,
)
from enrich.pipeline.parts.receipts import Receipts
from enrich.pipeline.parts.worker import look_at_part
from enrich.report import as_json
from enrich.settings import HostPace, Loaded, Settings
from enrich.web import Cache, HostState, SystemClock, Web, domain_of
from enrich.web.host_states import FOR_THE_RUN
from tests.dying import die_once
from tests.fakes import FakeClock
from tests.many_hosts import ManyHosts
from tests.replies import Service

AT_ONCE = 2
RUN = "0" * 32
TIMES = ("at", "started", "finished", "slowest_hosts")
LOADED = Loaded(
    settings=Settings(allow_private=("127.0.0.0/8",), tries=1, pace={"*": HostPace(concurrency=AT_ONCE)}), origins={}
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
        with ManyHosts(port=self.origin.port).serving() as origin:
            yield origin


@pytest.fixture(scope="module")
def whole() -> Whole:
    origin = ManyHosts()
    with origin.serving():
        return Whole(origin, urls := listed(origin), looked(urls, None))


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


# ---- workers that fail


@dataclass
class Mortal:
    """One worker in a process of its own, which is killed in the middle of its first part."""

    shares_disk = True
    after: int
    died: int = 0

    def seats(self) -> Sequence[Seat]:
        pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        self.seat = Seat(pool, partial(die_once, after=self.after))
        return [self.seat]

    def renew(self, number: int) -> Seat:
        self.close()
        self.died += 1
        return self.seats()[number]

    def is_lost(self) -> bool:
        return False

    def stop(self) -> None:
        """Nothing: this test has no signals."""

    def close(self) -> None:
        self.seat.executor.shutdown()


def test_a_worker_that_is_killed_costs_no_more_than_what_it_was_asking(whole: Whole, tmp_path: Path) -> None:
    crew, receipts = Mortal(after=20), Receipts(tmp_path / "parts")
    receipts.load()
    with whole.again() as origin:
        assert looked(whole.urls, crew, receipts)["links"] == whole.report["links"]
    assert crew.died == 1
    twice = Counter(origin.asked) - Counter(whole.origin.asked)
    assert not Counter(whole.origin.asked) - Counter(origin.asked)
    assert sum(twice[at] for at in whole.starts) <= AT_ONCE * 8


def test_a_part_that_kills_every_worker_is_left_unasked(whole: Whole) -> None:
    def die(_part: str, _order: str) -> str:
        raise BrokenProcessPool("killed")

    crew = Crew(die, die)
    with whole.again() as origin:
        report = looked(whole.urls, crew)
    assert origin.asked == []
    assert {link["verdict"] for link in report["links"]} == {"unknown"}
    assert [row["why"] for row in report["unasked"]] == ["the worker ended unexpectedly (3 times)"]
    assert report["partial"] is False


def test_the_part_of_a_worker_without_a_network_is_looked_at_by_another(whole: Whole, tmp_path: Path) -> None:
    offline: list[str] = []

    def fail(part: str, _order: str) -> str:
        offline.append(part)
        said = LinkCheck(read_part(part).links[0].url, Verdict.UNKNOWN, (Evidence("web", "", "no network"),))
        row = SeenLink(
            LookKeys(read_part(part).settings)(read_part(part).links[0]), Seen(said.url, said, failure="offline")
        )
        return write_receipt(Receipt("enrich receipt 1", "", (row,), offline="no network: none of 3 hosts"))

    with whole.again() as origin:
        assert looked(whole.urls, Crew(fail, look_at_part), Receipts(tmp_path / "parts")) == whole.report
    assert len(offline) <= 1
    assert Counter(origin.asked) == Counter(whole.origin.asked)


def test_a_worker_without_a_network_says_so_and_keeps_nothing(tmp_path: Path) -> None:
    links = tuple(ToLook(f"http://host-{n}.example/") for n in range(5))
    order = write_order(Order(LOADED, folder=str(tmp_path)))
    with patch.dict(os.environ, {"http_proxy": "http://127.0.0.1:9", "no_proxy": ""}):
        receipt = read_receipt(look_at_part(write_part(Part("enrich part 1", RUN, links, LookSettings())), order))
    assert receipt.offline
    assert [path.read_bytes() for path in tmp_path.glob("*.jsonl")] == [b""]


# ---- what is kept


def test_a_run_that_was_killed_goes_on_from_its_receipts(whole: Whole, tmp_path: Path) -> None:
    """As a killed run leaves them: some parts have ended, one had begun."""
    folder = tmp_path / "parts"
    first, second = divide([ToLook(url) for url in whole.urls], 2)
    with whole.again():
        order = write_order(Order(LOADED, folder=str(folder)))
        text = look_at_part(write_part(Part("enrich part 1", RUN, first, LookSettings())), order)
        Receipts(folder).keep("1" * 24, read_receipt(text))
        look_at_part(write_part(Part("enrich part 1", RUN, second[:10], LookSettings())), order)  # leaves its journal
    receipts = Receipts(folder)
    receipts.load()
    with whole.again() as origin:
        assert looked(whole.urls, Crew(look_at_part), receipts)["links"] == whole.report["links"]
    done = {each.url for each in (*first, *second[:10])}
    starts = {at for at, url in zip(whole.starts, whole.urls, strict=True) if url in done and "gone" not in url}
    assert starts & set(origin.asked) == set()
    receipts.discard()
    assert not folder.exists()


def test_old_receipts_do_not_count(whole: Whole, tmp_path: Path) -> None:
    receipts = Receipts(tmp_path)
    row = SeenLink("key", Seen(whole.urls[0], LinkCheck(whole.urls[0], Verdict.OK)))
    receipts.keep("1" * 24, Receipt("enrich receipt 1", "", (row,)))
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    receipts.load()
    assert receipts.is_empty


# ---- what is read is checked


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_what_is_no_receipt_is_refused(text: bytes) -> None:
    for read in (read_receipt, read_part):
        with pytest.raises(EnrichError, match="not a"):
            read(text)


@pytest.mark.parametrize(
    "seen",
    [
        Seen("https://a.example/", LinkCheck("https://b.example/", Verdict.OK)),
        Seen("https://a.example/", LinkCheck("https://a.example/", Verdict.MOVED, new_url="javascript:alert(1)")),
        Seen("https://a.example/", handed_over=ToLook("https://b.example/")),
        Seen("https://a.example/", handed_over=ToLook("https://a.example/", trail=Trail(0, (), "file:///etc/passwd"))),
    ],
)
def test_a_receipt_can_only_speak_of_its_links_and_of_web_addresses(seen: Seen) -> None:
    text = write_receipt(Receipt("enrich receipt 1", "", (SeenLink("key", seen),)))
    with pytest.raises(EnrichError, match="web address"):
        read_receipt(text)


def test_a_worker_can_only_speak_of_the_links_of_its_part(whole: Whole) -> None:
    def lie(part: str, order: str) -> str:
        receipt = read_receipt(look_at_part(part, order))
        lies = [Seen(url, LinkCheck(url, Verdict.BROKEN)) for url in (*whole.urls, "https://other.example/")]
        mine = {row.seen.url for row in receipt.rows}
        rows = (*receipt.rows, *(SeenLink("key", each) for each in lies if each.url not in mine))
        return write_receipt(replace(receipt, rows=rows))

    with whole.again():
        assert looked(whole.urls, Crew(lie, look_at_part)) == whole.report


def test_a_receipt_says_nothing_of_hosts_of_others() -> None:
    row = SeenLink("key", Seen("https://a.example/", LinkCheck("https://a.example/", Verdict.OK)))
    left = {host: HostState(left_for=FOR_THE_RUN) for host in ("www.a.example", "api.github.com")}
    receipts = Receipts()
    receipts.add(read_receipt(write_receipt(Receipt("enrich receipt 1", "", (row,), hosts=left))))
    assert set(receipts.hosts) == {"www.a.example"}


def test_receipts_add_up_how_long_hosts_took_to_answer() -> None:
    receipts = Receipts()
    for times in ({"a.example": (2, 3.0)}, {"a.example": (1, 1.5), "b.example": (1, 9.0)}):
        receipts.add(read_receipt(write_receipt(Receipt("enrich receipt 1", "", (), answer_times=times))))
    assert receipts.answer_times.by_host == {"a.example": (3, 4.5), "b.example": (1, 9.0)}
    assert receipts.answer_times.means(least=2) == {"a.example": 1.5}


@pytest.mark.parametrize(
    "times",
    ["[-1, 1.0]", "[1e400, 1.0]", "[" + "9" * 400 + ", 1.0]", "[1, -1.0]", "[1, 1e300]", "[1, NaN]", "[1]", "1.0"],
)
def test_a_receipt_with_impossible_times_is_refused(times: str) -> None:
    text = f'{{"form": "enrich receipt 1", "at": "", "rows": [], "answer_times": {{"a.example": {times}}}}}'
    with pytest.raises(EnrichError, match="not a receipt"):
        read_receipt(text)


def test_workers_tell_how_long_hosts_took_to_answer(whole: Whole) -> None:
    receipts: list[Receipt] = []

    def work(part: str, order: str) -> str:
        text = look_at_part(part, order)
        receipts.append(read_receipt(text))
        return text

    with whole.again():
        looked(whole.urls, Crew(work))
    assert receipts
    for receipt in receipts:
        assert {host: count for host, (count, _) in receipt.answer_times.items()} == receipt.requests
        assert all(seconds >= 0 for _, seconds in receipt.answer_times.values())


def test_what_workers_are_told_holds_no_key_and_no_path(tmp_path: Path) -> None:
    settings = LOADED.settings.model_copy(update={"cache_dir": tmp_path, "history": tmp_path / "history.json"})
    order = write_order(Order(LOADED.model_copy(update={"settings": settings})))
    assert str(tmp_path) not in order


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
