"""What is kept of a run with workers, and what is read of parts and receipts."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.model import EnrichError, LinkCheck, Verdict
from enrich.pipeline.pages import LookSettings, Seen, ToLook, Trail
from enrich.pipeline.parts.divide import divide
from enrich.pipeline.parts.forms import (
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
from enrich.settings import Loaded, Settings
from enrich.web import HostState, Step
from enrich.web.host_states import FOR_THE_RUN
from tests.test_parts import LOADED, RUN, Crew, Whole, looked, whole

__all__ = ["whole"]


def test_a_run_that_was_killed_goes_on_from_its_receipts(whole: Whole, tmp_path: Path) -> None:
    """As a killed run leaves them: some parts have ended, one had begun."""
    folder = tmp_path / "parts"
    first, second = divide([ToLook(url) for url in whole.urls], 2)
    settings = LookSettings(LOADED.settings.timeout)  # as those of the run
    with whole.again():
        order = write_order(Order(LOADED, folder=str(folder)))
        text = look_at_part(write_part(Part("enrich part 1", RUN, first, settings)), order)
        Receipts(folder).keep("1" * 24, text)
        look_at_part(write_part(Part("enrich part 1", RUN, second[:10], settings)), order)  # leaves its journal
    receipts = Receipts(folder)
    receipts.load()
    with whole.again() as origin:
        assert looked(whole.urls, Crew(look_at_part), receipts)["links"] == whole.report["links"]
    done = {each.url for each in (*first, *second[:10])}
    starts = {at for at, url in zip(whole.starts, whole.urls, strict=True) if url in done and "gone" not in url}
    assert starts & set(origin.asked) == set()
    receipts.discard()
    assert not folder.exists()


def test_of_a_look_that_went_from_worker_to_worker_the_last_receipt_counts() -> None:
    url = "https://a.example/"
    step = Step("GET", url, "", 302)
    trails = [Trail(0, (step,) * steps, "https://b.example/") for steps in (1, 2)]
    onward = [Seen(url, handed_over=ToLook(url, trail=trail)) for trail in trails]
    rows = [*onward, Seen(url, LinkCheck(url, Verdict.OK))]
    for order in permutations(rows):
        receipts = Receipts()
        for seen in order:
            receipts.add(Receipt("enrich receipt 1", "", (SeenLink("key", seen),)))
        assert receipts.find("key", url) == rows[-1]


def test_a_receipt_that_is_given_twice_counts_once() -> None:
    receipts = Receipts()
    for _ in range(2):
        receipts.add(read_receipt(write_receipt(Receipt("enrich receipt 1", "", (), requests={"a.example": 3}))))
    assert receipts.requests == {"a.example": 3}


def test_old_receipts_do_not_count(whole: Whole, tmp_path: Path) -> None:
    receipts = Receipts(tmp_path)
    row = SeenLink("key", Seen(whole.urls[0], LinkCheck(whole.urls[0], Verdict.OK)))
    receipts.keep("1" * 24, write_receipt(Receipt("enrich receipt 1", "", (row,))))
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


@pytest.mark.parametrize("name", ["interval", "left_for", "waited", "failures", "failed"])
@pytest.mark.parametrize("value", ["NaN", "Infinity", "-5", "1e300", "9" * 30])
def test_a_receipt_with_impossible_numbers_of_hosts_is_refused(name: str, value: str) -> None:
    text = f'{{"form": "enrich receipt 1", "at": "", "rows": [], "hosts": {{"a.example": {{"{name}": {value}}}}}}}'
    with pytest.raises(EnrichError, match="not a receipt"):
        read_receipt(text)


@pytest.mark.parametrize(
    "trail",
    [
        Trail(-1, (), "https://b.example/"),
        Trail(10**9, (), "https://b.example/"),
        Trail(0, (Step("GET", "https://a.example/", "", 200, body="no base64!"),), "https://b.example/"),
        Trail(0, (Step("GET", "https://a.example/", "", 10**9),), "https://b.example/"),
        Trail(0, (Step("GET", "https://a.example/", "", 302),) * 2_000, "https://b.example/"),
    ],
)
def test_a_trail_that_no_worker_makes_is_refused(trail: Trail) -> None:
    link = ToLook("https://a.example/", trail=trail)
    receipt = Receipt("enrich receipt 1", "", (SeenLink("key", Seen(link.url, handed_over=link)),))
    with pytest.raises(EnrichError, match="not valid"):
        read_receipt(write_receipt(receipt))
    with pytest.raises(EnrichError, match="not valid"):
        read_part(write_part(Part("enrich part 1", RUN, (link,), LookSettings())))


@pytest.mark.parametrize("seconds", [0.0, -1.0, 1e9])
def test_a_part_that_would_wait_for_ever_is_refused(seconds: float) -> None:
    with pytest.raises(EnrichError, match="not valid"):
        read_part(write_part(Part("enrich part 1", RUN, (), LookSettings(timeout=seconds))))


def test_a_part_of_a_stranger_reaches_neither_files_nor_private_addresses(whole: Whole) -> None:
    urls = ["file:///etc/passwd", "ftp://127.0.0.1/", "http://169.254.169.254/latest/", whole.urls[0]]
    part = Part("enrich part 1", RUN, tuple(map(ToLook, urls)), LookSettings())
    with whole.again() as origin, TemporaryDirectory() as folder:
        order = Order(Loaded(settings=Settings(), origins={}), folder=folder)
        receipt = read_receipt(look_at_part(write_part(part), write_order(order)))
    verdicts = {row.seen.url: row.seen.check.verdict for row in receipt.rows if row.seen.check}
    assert [verdicts[url] for url in urls[2:]] == [Verdict.UNSAFE] * 2
    assert Verdict.OK not in verdicts.values()
    assert origin.asked == []


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
