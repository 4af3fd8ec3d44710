"""Workers that are killed, fail, hang or have no network."""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest

from enrich.model import Evidence, LinkCheck, Verdict
from enrich.pipeline.pages import LookSettings, Seen, ToLook, Trail
from enrich.pipeline.parts import fork_server
from enrich.pipeline.parts.crew import Seat
from enrich.pipeline.parts.forms import (
    LookKeys,
    Order,
    Part,
    Receipt,
    SeenLink,
    digest_of,
    read_part,
    read_receipt,
    read_row,
    write_order,
    write_part,
    write_receipt,
    write_row,
)
from enrich.pipeline.parts.processes import Processes
from enrich.pipeline.parts.receipts import Receipts
from enrich.pipeline.parts.schedule import Schedule
from enrich.pipeline.parts.worker import look_at_part
from tests.dying import die_once
from tests.loopback import PATIENCE
from tests.test_parts import AT_ONCE, LOADED, RUN, Crew, Whole, looked, whole

__all__ = ["whole"]


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


class Memory:
    """A relay that remembers."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def rows(self) -> Sequence[str]:
        return tuple(self.kept)

    def put(self, row: str) -> None:
        self.kept.append(row)

    def clear(self) -> None:
        self.kept.clear()


def test_a_worker_with_another_disk_goes_on_from_what_the_killed_one_has_told(whole: Whole, tmp_path: Path) -> None:
    part = write_part(Part("enrich part 1", RUN, tuple(map(ToLook, whole.urls)), LookSettings(timeout=400)))
    first, second = (write_order(Order(LOADED, folder=str(tmp_path / name))) for name in ("first", "second"))
    relay = Memory()
    with whole.again():
        alone = read_receipt(look_at_part(part, first, relay=relay))
    told = relay.kept[:40]
    relay.kept = ["no row", *told]
    with whole.again() as origin:
        after = read_receipt(look_at_part(part, second, relay=relay))
    assert {row.seen.url for row in after.rows} == {row.seen.url for row in alone.rows}
    seen = [row.seen.url for line in told if (row := read_row(line.encode()))]
    assert len(seen) == 40
    # No other link redirects to these.
    starts = {at for at, url in zip(whole.starts, whole.urls, strict=True) if url in seen and at[:-1].endswith("/ok/")}
    assert starts
    assert not starts & set(origin.asked)


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


@pytest.mark.parametrize("answer", ["", "{}", "no receipt", None])
def test_a_worker_that_fails_gets_nothing_while_there_are_others(whole: Whole, answer: str | None) -> None:
    failed: list[str] = []

    def fail(part: str, _order: str) -> str:
        failed.append(part)
        if answer is None:
            raise OSError("no space left on device")
        return answer

    with whole.again() as origin:
        assert looked(whole.urls, Crew(fail, look_at_part)) == whole.report
    assert len(failed) <= 1
    assert Counter(origin.asked) == Counter(whole.origin.asked)


def test_a_worker_that_ends_early_by_itself_does_not_stop_the_run(whole: Whole) -> None:
    left: list[str] = []

    def leave(part: str, order: str) -> str:
        receipt = read_receipt(look_at_part(part, order))
        if left:
            return write_receipt(receipt)
        first, *others = receipt.rows
        left.append(first.seen.url)
        check = LinkCheck(first.seen.url, Verdict.UNKNOWN, (Evidence("web", "", "not asked: interrupted"),))
        unasked = SeenLink(first.key, Seen(check.url, check, failure="stopped", is_postponed=True))
        return write_receipt(replace(receipt, rows=(unasked, *others), stopped="interrupted"))

    with whole.again():
        report = looked(whole.urls, Crew(leave, look_at_part))
    assert left
    assert report["links"] == whole.report["links"]
    assert report["partial"] is False


def test_a_part_that_was_begun_is_given_to_the_next_worker_as_it_was() -> None:
    """Else its next worker, which knows a part by its links, would not find what the first has seen."""
    schedule = Schedule()
    schedule.add([ToLook("https://a.example/")], 1)
    begun = schedule.next(1)
    assert begun
    onward = ToLook("https://b.example/", trail=Trail(0, (), "https://a.example/2"))
    schedule.hand_over(onward)
    begun.deaths += 1
    schedule.put_back(begun)
    again = schedule.next(1)
    assert again
    assert [link.url for link in again.links] == ["https://a.example/"]
    schedule.release(again)
    later = schedule.next(1)
    assert later
    assert later.links == [onward]


def test_a_look_that_goes_from_worker_to_worker_alone_comes_to_its_end(
    whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its parts hold the same link three times; what a worker wrote of the first is not taken for the second."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    crew = Crew(look_at_part)
    crew.shares_disk = False
    with whole.again() as origin:
        report = looked([origin.url(1, "to/2/to/3/to/2/ok/1")], crew)
    assert [link["verdict"] for link in report["links"]] == ["ok"]
    assert len(origin.asked) == 4


def test_cookies_go_along_from_part_to_part_and_to_their_host_alone(whole: Whole) -> None:
    with whole.again() as origin:
        links = [origin.url(1, "to/2/to/1/member/1"), origin.url(1, "to/3/member/1"), origin.url(2, "ok/1")]
        report = looked(links, Crew(look_at_part, look_at_part))
    assert [link["verdict"] for link in report["links"]] == ["ok", "blocked", "ok"]


@pytest.mark.parametrize("ring", ["1-2", "1-2-3"])
def test_a_loop_over_several_parts_ends_as_in_one_process(whole: Whole, ring: str) -> None:
    with whole.again() as origin:
        links = [origin.url(host, f"round/{ring}/{host}") for host in (1, 2)] + [origin.url(3, "ok/1")]
        alone = looked(links, None)
        asked = Counter(origin.asked)
        origin.asked.clear()
        assert looked(links, Crew(look_at_part, look_at_part, look_at_part)) == alone
    assert Counter(origin.asked) == asked


class Cluster(Crew):
    """A cluster whose scheduler goes with the first part."""

    def __init__(self, gone: list[str]) -> None:
        super().__init__(self._go)
        self._gone = gone

    def _go(self, part: str, _order: str) -> str:
        self._gone.append(part)
        raise OSError("connection closed")

    def is_lost(self) -> bool:
        return bool(self._gone)


def test_what_a_cluster_that_has_gone_cannot_say_is_unknown(whole: Whole) -> None:
    gone: list[str] = []
    report = looked(whole.urls, Cluster(gone))
    assert len(gone) == 1
    assert {link["verdict"] for link in report["links"]} == {"unknown"}
    assert [row["why"] for row in report["unasked"]] == ["the cluster does not respond any more"]


def test_a_worker_that_hangs_is_ended() -> None:
    crew = Processes(1, patience=0.5)
    seat, process = answering(crew)
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGSTOP)
    with pytest.raises(BrokenProcessPool):
        seat.executor.submit(os.getpid).result(PATIENCE)
    assert answering(crew)[1] != process
    crew.close()


def answering(crew: Processes) -> tuple[Seat, int]:
    """A seat and its process, which a busy machine may have kept from giving a sign of life in time."""
    seat = crew.seats()[0]
    while True:
        with suppress(BrokenProcessPool):
            return seat, seat.executor.submit(os.getpid).result(PATIENCE)
        seat = crew.renew(0)


def test_workers_that_do_not_end_are_ended() -> None:
    crew = Processes(1)
    process = crew.seats()[0].executor.submit(os.getpid).result()
    with ended(process):
        os.kill(process, signal.SIGSTOP)
        crew.close()


@pytest.mark.skipif(fork_server.METHOD != "forkserver", reason="workers are not forked here")
def test_workers_end_with_the_process_that_they_are_forked_from_and_are_renewed() -> None:
    """The coordinator takes them for dead: one that worked on would ask what others are given."""
    crew = Processes(1)
    [seat] = crew.seats()
    process, server = (seat.executor.submit(each).result() for each in (os.getpid, os.getppid))
    with ended(process):
        os.kill(server, signal.SIGKILL)
    with pytest.raises(BrokenProcessPool):
        seat.executor.submit(os.getpid).result(PATIENCE)
    assert crew.renew(0).executor.submit(os.getppid).result(PATIENCE) not in (server, 1)
    crew.close()


@contextmanager
def ended(process: int) -> Iterator[None]:
    """See to it that a process, which may not be a child of this one, has ended a little after the block."""
    file = os.pidfd_open(process)
    try:
        yield
        assert select.select([file], [], [], PATIENCE)[0]
    finally:
        os.close(file)


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


def test_what_a_worker_saw_until_it_lost_its_network_is_not_asked_again(whole: Whole, tmp_path: Path) -> None:
    moved: list[str] = []

    def lose(part: str, order: str) -> str:
        """Fail the second half of the part."""
        given = read_part(part)
        half = replace(given, links=given.links[: len(given.links) // 2])
        receipt = read_receipt(look_at_part(write_part(half), order))
        key_of = LookKeys(given.settings)
        failed = [
            SeenLink(key_of(each), Seen(each.url, LinkCheck(each.url, Verdict.UNKNOWN), failure="offline"))
            for each in given.links[len(half.links) :]
        ]
        moved.extend(row.seen.url for row in failed)
        return write_receipt(replace(receipt, rows=(*receipt.rows, *failed), offline="no network: none of 3 hosts"))

    with whole.again() as origin:
        report = looked(whole.urls, Crew(lose, look_at_part), Receipts(tmp_path / "parts"))
    assert report["links"] == whole.report["links"]
    assert moved
    assert Counter(origin.asked) == Counter(whole.origin.asked)


def test_a_worker_that_loses_its_network_keeps_what_was_answered(tmp_path: Path) -> None:
    links = tuple(ToLook(f"http://host-{n}.example/") for n in range(5))
    part, order = Part("enrich part 1", RUN, links, LookSettings()), write_order(Order(LOADED, folder=str(tmp_path)))
    key_of = LookKeys(part.settings)
    answered = SeenLink(key_of(links[0]), Seen(links[0].url, LinkCheck(links[0].url, Verdict.OK)))
    journal = tmp_path / f"{digest_of(RUN, links, key_of)}.jsonl"
    journal.write_text(write_row(answered) + "\n")
    with patch.dict(os.environ, {"http_proxy": "http://127.0.0.1:9", "no_proxy": ""}):
        receipt = read_receipt(look_at_part(write_part(part), order))
    assert receipt.offline
    assert len(receipt.rows) == len(links)
    assert journal.read_text().split() == [write_row(answered)]
    receipts = Receipts()
    receipts.add(receipt)
    assert [receipts.find(key_of(each), each.url) for each in links] == [answered.seen, *[None] * 4]


def test_a_worker_without_a_network_says_so_and_keeps_nothing(tmp_path: Path) -> None:
    links = tuple(ToLook(f"http://host-{n}.example/") for n in range(5))
    order = write_order(Order(LOADED, folder=str(tmp_path)))
    with patch.dict(os.environ, {"http_proxy": "http://127.0.0.1:9", "no_proxy": ""}):
        receipt = read_receipt(look_at_part(write_part(Part("enrich part 1", RUN, links, LookSettings())), order))
    assert receipt.offline
    assert [path.read_bytes() for path in tmp_path.glob("*.jsonl")] == [b""]
