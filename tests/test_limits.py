"""Bounds for strangers' input: processor time, normal forms, URLs, charsets, tags."""

from __future__ import annotations

import codecs
import re
import signal
import threading
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich import identifiers, links
from enrich.charsets import codec_of
from enrich.limits import CPU_TIMER, CpuLimit, OutOfTimeError
from enrich.model import Page, Reply, Verdict
from enrich.sources import landing_page
from enrich.text.folding import normalize
from enrich.text.urls import LONGEST_URL, host_of, split_url

URL = "https://a.example/page"


def work(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_the_time_of_several_pieces_of_work_is_one() -> None:
    start = time.thread_time()
    limit = CpuLimit(0.2)
    with limit:
        work(0.12)
    with pytest.raises(OutOfTimeError), limit:
        work(5)
    assert time.thread_time() - start < 2


def test_a_regular_expression_is_stopped_while_it_runs() -> None:
    start = time.thread_time()
    with pytest.raises(OutOfTimeError), CpuLimit(0.1):
        re.fullmatch("(a|a)*b", "a" * 60)
    assert time.thread_time() - start < 2


def test_limits_inside_each_other_keep_their_own_time_and_leave_no_timer() -> None:
    before = signal.getsignal(signal.SIGVTALRM)

    def inner() -> None:
        with pytest.raises(OutOfTimeError), CpuLimit(0.1):
            work(5)
        work(5)

    with pytest.raises(OutOfTimeError), CpuLimit(0.3):
        inner()
    assert signal.getsignal(signal.SIGVTALRM) == before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
    work(0.1)


def test_a_timer_that_goes_on_between_limits_checks_each_and_ends_with_its_block() -> None:
    with CPU_TIMER:
        for _ in range(3):
            with CpuLimit(0.2):
                work(0.01)
        work(0.1)  # which no limit counts
        with pytest.raises(OutOfTimeError), CpuLimit(0.1):
            work(5)
        assert signal.getitimer(signal.ITIMER_VIRTUAL) != (0.0, 0.0)
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_in_another_thread_the_time_is_checked_at_the_end() -> None:
    outcomes = []

    def run() -> None:
        for seconds in (0.0, 0.1):
            try:
                with CpuLimit(0.05):
                    work(seconds)
                outcomes.append("done")
            except OutOfTimeError:
                outcomes.append("cut off")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert outcomes == ["done", "cut off"]


@given(st.text(max_size=90), st.sampled_from(("NFC", "NFD", "NFKC", "NFKD")))
def test_texts_of_people_are_normalized_as_unicode_says(text: str, form: str) -> None:
    match form:
        case "NFC" | "NFD" | "NFKC" | "NFKD":
            assert normalize(form, text) == unicodedata.normalize(form, text)


def test_of_a_run_of_marks_the_first_stay() -> None:
    assert (
        normalize("NFC", "e\u0301" + "\u0316" * 500_000 + "x")
        == unicodedata.normalize("NFC", "e\u0301" + "\u0316" * 99) + "x"
    )


def test_a_url_too_long_for_any_server_is_skipped() -> None:
    url = f"https://arxiv.org/abs/2303.06865?{'a' * LONGEST_URL}"
    check = links.unfit(url)
    assert check is not None
    assert check.verdict is Verdict.SKIPPED
    assert "longer than 8,000 characters" in check.evidence[0].saw
    assert identifiers.of_url(url) == ()
    assert identifiers.normalise_url(url) == url
    assert split_url("http://[half").hostname is None
    assert links.unfit(url[:LONGEST_URL]) is None


def test_only_labels_that_browsers_know_choose_a_codec() -> None:
    known = ("UTF8", " latin1 ", "ISO-8859-1", "x-sjis", "gb2312", "ks_c_5601-1987", "Windows-1251", "866", "tis-620")
    assert all(codec_of(label) for label in known)
    assert codec_of("iso-8859-1") == "cp1252"
    for label in (
        "punycode",
        "idna",
        "unicode_escape",
        "raw_unicode_escape",
        "utf-7",
        "rot13",
        "base64",
        "zlib",
        "mbcs",
    ):
        assert codec_of(label) is None
        assert landing_page.decode(b"\xe9t\xe9", f"text/html; charset={label}") == "été"


@pytest.mark.parametrize("label", ["866", "latin2", "hebrew", "koi", "dos-874", "gbk", "big5", "iso-2022-jp", "korean"])
def test_every_codec_exists(label: str) -> None:
    assert codecs.lookup(codec_of(label) or "").encode("a")[0] == b"a"


@pytest.mark.parametrize("separator", [" ", "/", "=1 ", '=">"', "='>' ", "=\n"])
def test_a_tag_of_too_many_attributes_is_left_out(separator: str) -> None:
    flood = "".join(f"a{number}{separator}" for number in range(20_000))
    start = time.thread_time()
    facts = landing_page.parse(f"<title>A page</title><a {flood}></a><link rel=canonical href=/b>".encode(), URL)
    assert time.thread_time() - start < 1
    assert (facts.title, facts.canonical) == ("A page", "https://a.example/b")


def test_a_long_value_is_no_flood() -> None:
    words = "words > and 'more' / words = " * 900
    page = f'<meta name="citation_title" content="T"><meta name="citation_abstract" content="{words}">'
    record = landing_page.parse(page.encode(), URL).record
    assert record is not None
    assert (record.abstract or "").startswith("words > and 'more'")


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(200, Verdict.OK), (202, Verdict.BLOCKED), (404, Verdict.BROKEN), (403, Verdict.BLOCKED), (500, Verdict.SUSPECT)],
)
def test_a_page_that_takes_too_long_is_judged_by_its_status(status: int, verdict: Verdict) -> None:
    reply = Reply(URL, status, {"content-type": "text/html"}, b"<title>Not found</title>", "2026-11-28T09:00:00Z")
    check = links.classify_by_status(URL, reply)
    assert check.verdict is verdict
    assert check.evidence[-1].saw.endswith("; the page took too long to parse, so only its status was used")
    assert check.page is None or (check.page.title, check.page.record) == (None, None)


@pytest.mark.parametrize(
    ("title", "verdict"),
    [
        ("error error 404", Verdict.SUSPECT),
        ("Error: 404 | A Site", Verdict.SUSPECT),
        ("error : not found", Verdict.SUSPECT),
        ("error " * 40 + "x | a site", Verdict.OK),
        ("404" + "x" * 300, Verdict.OK),
    ],
)
def test_only_a_short_part_of_a_title_says_that_nothing_is_there(title: str, verdict: Verdict) -> None:
    reply = Reply(URL, 200, {"content-type": "text/html"}, b"x", "2026-11-28T09:00:00Z")
    assert links.classify(URL, reply, Page(URL, 200, title)).verdict is verdict


@given(
    st.text(alphabet="htps:/.@?#[]-%9A a\t\n\u00e9\uff0e", max_size=30).map(lambda text: f"http://{text}")
    | st.from_regex(r"https?://[a-zA-Z0-9.-]{1,9}(:[0-9]{0,6})?([/?#@].{0,9})?", fullmatch=True)
)
def test_the_host_of_an_ordinary_url_is_that_of_its_parts(url: str) -> None:
    assert host_of(url) == (split_url(url).hostname or "")
