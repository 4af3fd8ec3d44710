"""A host that gives nothing but errors and broken connections, in whole runs: what that costs, and what is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from enrich.model import Verdict
from tests.test_checking_refusals import GOOD, Nights, saw

URLS = tuple(f"https://failing.example/paper/{n}" for n in range(40))
NOT_ASKED = "skipped: the host keeps failing"


def reset(_: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("reset by peer")


def error(_: httpx.Request) -> httpx.Response:
    return httpx.Response(500)


@pytest.mark.parametrize("answer", [reset, error])
def test_a_host_that_only_fails_costs_a_dozen_requests(
    answer: Callable[[httpx.Request], httpx.Response], tmp_path: Path
) -> None:
    nights = Nights(answer, URLS, tmp_path)
    verdicts = saw(nights.night())
    assert len(nights.asked) <= 12
    asked = set(nights.asked)
    assert len(asked) == 8
    assert {url for url, (verdict, _) in verdicts.items() if verdict is Verdict.SUSPECT} == asked
    assert {url: words for url, words in verdicts.items() if url not in asked} == dict.fromkeys(
        set(URLS) - asked, (Verdict.UNKNOWN, NOT_ASKED)
    )
    assert set(nights.history.postponed) == set(URLS) - asked
    before = asked
    nights.night()
    assert not before & set(nights.asked)


def test_failures_of_a_moment_are_made_up_for(tmp_path: Path) -> None:
    tries: Counter[str] = Counter()

    def answer(request: httpx.Request) -> httpx.Response:
        tries[str(request.url)] += 1
        return httpx.Response(200, html=GOOD) if len(tries) > 4 or tries[str(request.url)] > 2 else reset(request)

    nights = Nights(answer, URLS, tmp_path)
    assert Counter(verdict for verdict, _ in saw(nights.night()).values()) == {Verdict.OK: 40}


def test_pages_that_each_need_three_tries_are_good(tmp_path: Path) -> None:
    tries: Counter[str] = Counter()

    def answer(request: httpx.Request) -> httpx.Response:
        tries[str(request.url)] += 1
        return httpx.Response(200, html=GOOD) if tries[str(request.url)] > 2 else error(request)

    nights = Nights(answer, URLS, tmp_path)
    assert Counter(verdict for verdict, _ in saw(nights.night()).values()) == {Verdict.OK: 40}


@pytest.mark.parametrize("failing", ["0", "3"])
def test_single_pages_that_fail_do_not_speak_for_the_others(failing: str, tmp_path: Path) -> None:
    nights = Nights(
        lambda r: error(r) if r.url.path.endswith(failing) else httpx.Response(200, html=GOOD), URLS, tmp_path
    )
    verdicts = saw(nights.night())
    assert {url for url, (verdict, _) in verdicts.items() if verdict is Verdict.SUSPECT} == {
        url for url in URLS if url.endswith(failing)
    }
    assert {verdict for verdict, _ in verdicts.values()} == {Verdict.OK, Verdict.SUSPECT}


def test_pages_that_are_not_there_show_that_the_host_answers(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404) if request.url.path.endswith("/2") else error(request)

    verdicts = saw(Nights(answer, URLS, tmp_path).night())
    assert Counter(verdict for verdict, _ in verdicts.values()) == {Verdict.SUSPECT: 39, Verdict.BROKEN: 1}
