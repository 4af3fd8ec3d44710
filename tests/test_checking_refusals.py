"""A host that only refuses, in whole runs: it is left alone, and what was not asked comes first in the next one."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from enrich.history import History, LinkPast
from enrich.model import Entry, EntryType, Link, LinkKind, Verdict
from enrich.pipeline import Options, Result
from enrich.pipeline.look.lanes import Lanes
from enrich.settings import Loaded, Settings
from enrich.web import Cache, Web
from tests.fakes import FakeClock
from tests.worlds import run_one

Handler = Callable[[httpx.Request], httpx.Response]
START = datetime(2026, 11, 1, 6, tzinfo=UTC)
REFUSING = tuple(f"https://refusing.example/paper/{n}" for n in range(40))
NOT_ASKED = "skipped: the host keeps refusing requests"
GOOD = "<title>A Page</title><p>words"


class Nights:
    """Runs on a list, one a day, with what earlier ones left behind; `asked` holds the URLs of the last one."""

    def __init__(self, handler: Handler, urls: Sequence[str], folder: Path, **settings: object) -> None:
        self.handler, self.urls, self.folder = handler, urls, folder
        self.settings = Settings.model_validate(settings)
        self.history = History()
        self.asked: list[str] = []
        self.day = 0

    def night(self) -> Result:
        self.asked = []
        result = asyncio.run(self._run())
        self.history = result.history
        self.day += 1
        return result

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        return self.handler(request)

    async def _run(self) -> Result:
        clock = FakeClock(START + timedelta(days=self.day))
        transport = httpx.MockTransport(self._answer)
        async with Web(cache=Cache(self.folder, clock), clock=clock, transport=transport) as web:
            entry = Entry("one", EntryType.OTHER, links=tuple(Link(url, LinkKind.HOMEPAGE) for url in self.urls))
            loaded = Loaded(settings=self.settings, origins={})
            return await run_one([entry], web, loaded, self.history, options=Options(metadata=False))


def refuse(request: httpx.Request) -> httpx.Response:
    return httpx.Response(429) if request.url.host == "refusing.example" else httpx.Response(200, html=GOOD)


def saw(result: Result) -> dict[str, tuple[Verdict, str]]:
    return {row.check.url: (row.check.verdict, row.check.evidence[-1].saw) for row in result.report.links}


def test_what_was_not_asked_is_blocked_and_says_so(tmp_path: Path) -> None:
    nights = Nights(refuse, (*REFUSING, "https://good.example/"), tmp_path)
    verdicts = saw(nights.night())
    assert len(nights.asked) <= 13
    assert Counter(verdict for verdict, _ in verdicts.values()) == {Verdict.BLOCKED: 40, Verdict.OK: 1}
    asked = set(nights.asked)
    assert {url for url, (_, words) in verdicts.items() if words == NOT_ASKED} == set(REFUSING) - asked
    assert all("429" in verdicts[url][1] for url in asked & set(REFUSING))
    assert set(nights.history.postponed) == set(REFUSING) - asked


def test_each_night_begins_with_what_the_last_one_left(tmp_path: Path) -> None:
    nights = Nights(refuse, REFUSING, tmp_path)
    seen: set[str] = set()
    for _ in range(4):
        nights.night()
        assert not seen & set(nights.asked)
        seen |= set(nights.asked)
    assert len(seen) >= 16


def test_what_was_not_asked_is_not_kept_as_an_answer(tmp_path: Path) -> None:
    nights = Nights(refuse, REFUSING, tmp_path)
    nights.night()
    nights.day = 0
    nights.handler = lambda _: httpx.Response(200, html=GOOD)
    assert Counter(verdict for verdict, _ in saw(nights.night()).values())[Verdict.OK] >= 28
    assert nights.history.postponed == ()


def test_nor_does_it_change_what_is_known_of_a_link(tmp_path: Path) -> None:
    failing = LinkPast("failing", date(2026, 10, 30), failed_on=(date(2026, 10, 30), date(2026, 10, 31)))
    nights = Nights(refuse, REFUSING, tmp_path)
    nights.history = History(links=dict.fromkeys(REFUSING, failing))
    nights.night()
    assert {nights.history.links[url] for url in nights.history.postponed} == {failing}


def test_a_failure_that_could_not_be_confirmed_is_none(tmp_path: Path) -> None:
    counts: Counter[str] = Counter()

    def handler(request: httpx.Request) -> httpx.Response:
        counts[str(request.url)] += 1
        return httpx.Response(404 if counts[str(request.url)] == 1 else 429)

    nights = Nights(handler, REFUSING, tmp_path)
    verdicts = saw(nights.night())
    assert {verdict for verdict, _ in verdicts.values()} == {Verdict.BLOCKED}
    left = {url for url, (_, words) in verdicts.items() if words == "not retried: the host keeps refusing requests"}
    assert len(left) >= 28
    assert set(nights.history.postponed) == left


def test_a_redirect_into_a_host_that_refuses_is_left_too(tmp_path: Path) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.host == "short.example":
            return httpx.Response(302, headers={"location": f"https://refusing.example{request.url.path}"})
        return httpx.Response(429)

    nights = Nights(handler, [f"https://short.example/{n}" for n in range(40)], tmp_path)
    verdicts = saw(nights.night())
    assert sum("refusing.example" in url for url in nights.asked) <= 12
    assert {verdict for verdict, _ in verdicts.values()} == {Verdict.BLOCKED}


@pytest.mark.parametrize("host", ["https://a.example:22/x", "http://a.example:6667/", "https://a.example:10080"])
def test_a_port_of_another_service_is_not_asked(tmp_path: Path, host: str) -> None:
    nights = Nights(lambda _: httpx.Response(302, headers={"location": host}), [host, "https://b.example/"], tmp_path)
    verdicts = saw(nights.night())
    assert {verdict for verdict, _ in verdicts.values()} == {Verdict.SKIPPED}
    assert all("is not used for web pages; not fetched" in words for _, words in verdicts.values())
    assert nights.asked == ["https://b.example/"]


@pytest.mark.parametrize("status", [403, 429])
def test_a_status_that_the_settings_accept_is_no_refusal(tmp_path: Path, status: int) -> None:
    nights = Nights(lambda _: httpx.Response(status), REFUSING, tmp_path, accept={"refusing.example": (status,)})
    assert {verdict for verdict, _ in saw(nights.night()).values()} == {Verdict.OK}
    assert len(nights.asked) == len(REFUSING)


ANUBIS = '<title>Making sure you&#39;re not a bot!</title><script id="anubis_challenge">{}</script>'
SUCURI = "<title>You are being redirected...</title><script>sucuri_cloudproxy_js = ''</script>"
NEEDS_JAVASCRIPT = "<title>An Application</title><body>Please enable JavaScript to use this application."


def show(page: Callable[[int], str]) -> Callable[[httpx.Request], httpx.Response]:
    """Return a host that shows its numbered pages, all with status 200."""
    return lambda request: httpx.Response(200, html=page(int(request.url.path.rpartition("/")[2])))


def test_a_host_that_redirects_in_circles_for_want_of_a_cookie_is_left(tmp_path: Path) -> None:
    numbers = itertools.count()

    def circle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": str(request.url), "set-cookie": f"seen={next(numbers)}"})

    nights = Nights(circle, REFUSING, tmp_path)
    assert {verdict for verdict, _ in saw(nights.night()).values()} == {Verdict.BLOCKED}
    assert len(nights.asked) <= 40


def test_bot_checks_with_404_are_refusals_too(tmp_path: Path) -> None:
    nights = Nights(lambda _: httpx.Response(404, html=ANUBIS), REFUSING, tmp_path)
    assert {verdict for verdict, _ in saw(nights.night()).values()} == {Verdict.BLOCKED}
    assert len(nights.asked) <= 12


def test_a_host_that_shows_nothing_but_bot_checks_is_left(tmp_path: Path) -> None:
    nights = Nights(show(lambda _: ANUBIS), REFUSING, tmp_path)
    verdicts = saw(nights.night())
    assert 4 <= len(nights.asked) <= 8
    assert {verdict for verdict, _ in verdicts.values()} == {Verdict.BLOCKED}
    left = {url for url, (_, words) in verdicts.items() if words == NOT_ASKED}
    assert set(nights.history.postponed) == left == set(REFUSING) - set(nights.asked)
    before = set(nights.asked)
    nights.night()
    assert nights.asked
    assert not before & set(nights.asked)


def sign_in(host: str, at: Callable[[int], str]) -> Handler:
    """Return a host that sends its visitors to pages to sign in."""

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.host != host:
            return httpx.Response(200, html="<title>Sign in</title><input type=password>")
        where = at(int(request.url.path.rpartition("/")[2]))
        return httpx.Response(302, headers={"location": f"{where}?back={request.url.path}"})

    return handler


def test_a_host_that_sends_everyone_to_one_page_to_sign_in_is_left(tmp_path: Path) -> None:
    nights = Nights(sign_in("refusing.example", lambda _: "https://sso.example/login"), REFUSING, tmp_path)
    verdicts = saw(nights.night())
    assert 4 <= sum("refusing.example" in url for url in nights.asked) <= 12
    assert Counter(verdict for verdict, _ in verdicts.values()) == {Verdict.BLOCKED: 40}
    assert {words for _, words in verdicts.values()} == {"login page: 'Sign in'", NOT_ASKED}


@pytest.mark.parametrize(
    ("host", "at"),
    [
        ("refusing.example", lambda n: f"https://sso-{n % 2}.example/login"),
        ("bit.ly", lambda _: "https://sso.example/login"),
    ],
    ids=["different pages", "a host that leads to all sites"],
)
def test_where_the_pages_to_sign_in_may_be_of_some_links_all_are_asked_for(
    tmp_path: Path, host: str, at: Callable[[int], str]
) -> None:
    urls = [f"https://{host}/{n}" for n in range(20)]
    nights = Nights(sign_in(host, at), urls, tmp_path, pace={host: {"concurrency": 1}})
    nights.night()
    assert set(urls) <= set(nights.asked)


@pytest.mark.parametrize(
    ("page", "verdicts"),
    [
        (lambda n: ANUBIS if n % 4 else GOOD, {Verdict.BLOCKED: 30, Verdict.OK: 10}),
        (lambda n: SUCURI if n % 2 else ANUBIS, {Verdict.BLOCKED: 40}),
        (lambda _: NEEDS_JAVASCRIPT, {Verdict.BLOCKED: 40}),
    ],
    ids=["a page among them", "different checks", "applications"],
)
def test_a_host_that_may_show_pages_is_asked_for_all(
    tmp_path: Path, page: Callable[[int], str], verdicts: dict[Verdict, int]
) -> None:
    nights = Nights(show(page), REFUSING, tmp_path, pace={"refusing.example": {"concurrency": 1}})
    assert Counter(verdict for verdict, _ in saw(nights.night()).values()) == verdicts
    assert set(nights.asked) == set(REFUSING)


def test_bot_checks_behind_one_resolver_are_the_publishers(tmp_path: Path) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        number = request.url.path.rpartition("/")[2]
        if request.url.host == "short.example":
            return httpx.Response(302, headers={"location": f"https://publisher-{number}.example/{number}"})
        return httpx.Response(200, html=ANUBIS)

    urls = [f"https://short.example/{n}" for n in range(20)]
    nights = Nights(handler, urls, tmp_path)
    nights.night()
    assert sum("publisher-" in url for url in nights.asked) == 20


# ---- lanes


def looked_at(hosts: dict[str, int], limits: Callable[[int], int], workers: int = 160) -> tuple[list[str], int]:
    """The URLs in the order in which they were looked at, and how many at a time at most, at the host `a`."""
    order: list[str] = []
    inside = most = 0

    async def job(url: str) -> None:
        nonlocal inside, most
        order.append(url)
        inside += "//a." in url
        most = max(most, inside)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        inside -= "//a." in url

    urls = [f"https://{host}.example/{n}" for host, count in hosts.items() for n in range(count)]
    asyncio.run(Lanes(urls, job, lambda _: limits(len(order)), workers).run())
    return order, most


def test_every_url_is_looked_at_once() -> None:
    for workers in (1, 3, 160):
        order, _ = looked_at({"a": 30, "b": 1, "c": 7}, lambda done: 1 + done % 6, workers)
        assert len(order) == len(set(order)) == 38


def test_as_many_at_once_as_the_host_takes_now() -> None:
    assert looked_at({"a": 40}, lambda _: 4)[1] == 4
    assert looked_at({"a": 40}, lambda done: 4 if done < 8 else 6)[1] == 6
    assert looked_at({"a": 40}, lambda done: 1 if done < 8 else 3)[1] == 3


def test_who_is_not_wanted_at_a_host_goes_to_another() -> None:
    order, most = looked_at({"a": 60, "b": 12}, lambda done: 4 if done < 4 else 1, workers=4)
    assert most == 4
    assert order.index("https://b.example/0") < order.index("https://a.example/9")


def test_hosts_of_equal_size_are_asked_side_by_side_and_a_large_one_as_much_as_it_takes() -> None:
    order, most = looked_at({"a": 9, "b": 9, "c": 9, "d": 9}, lambda _: 4, workers=4)
    assert most == 1
    assert sorted(order[:4]) == [f"https://{host}.example/0" for host in "abcd"]
    assert looked_at({"a": 40, "b": 9, "c": 9, "d": 9}, lambda _: 4, workers=6)[1] == 4


def test_the_longest_line_tells_how_much_is_left() -> None:
    shares: list[float] = []

    async def job(_: str) -> None:
        shares.append(lanes.share_left())
        await asyncio.sleep(0)

    urls = [f"https://{host}.example/{n}" for host, count in {"a": 8, "b": 2}.items() for n in range(count)]
    lanes = Lanes(urls, job, lambda _: 1, 2)
    asyncio.run(lanes.run())
    assert shares[0] == 1  # the other host still waits
    assert shares[1:] == sorted(shares[1:], reverse=True)
    assert shares[-1] == 0


def test_those_of_a_host_keep_their_order() -> None:
    order, _ = looked_at({"a": 9, "b": 9}, lambda _: 1)
    assert [url for url in order if "//a." in url] == [f"https://a.example/{n}" for n in range(9)]


def test_a_host_that_is_unavailable_is_not_asked_for_every_link(tmp_path: Path) -> None:
    nights = Nights(lambda _: httpx.Response(503), REFUSING, tmp_path)
    verdicts = saw(nights.night())
    assert len(nights.asked) <= 12
    assert {verdict for verdict, _ in verdicts.values()} == {Verdict.SUSPECT}


def test_a_host_that_comes_back_within_a_run_is_asked_for_every_link(tmp_path: Path) -> None:
    answered: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        answered.append(request.url.path)
        return httpx.Response(503 if len(answered) <= 6 else 200, html=GOOD)

    nights = Nights(answer, REFUSING, tmp_path)
    assert {verdict for verdict, _ in saw(nights.night()).values()} == {Verdict.OK}


def test_some_unavailable_pages_do_not_speak_for_the_others_of_their_host(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503 if request.url.path.endswith("3") else 200, html=GOOD)

    nights = Nights(answer, REFUSING, tmp_path)
    verdicts = saw(nights.night())
    assert {url for url, (verdict, _) in verdicts.items() if verdict is Verdict.OK} == {
        url for url in REFUSING if not url.endswith("3")
    }
