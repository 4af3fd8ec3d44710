"""Links in a whole run where the network, not the links, is what fails."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from enrich.commands.terminal import exit_code
from enrich.history import History, LinkPast
from enrich.model import Entry, EntryType, Link, LinkKind, State, Unreachable, Verdict
from enrich.pipeline import Options, Result
from enrich.settings import Loaded, Settings
from enrich.web import Cache, Web
from tests.fakes import FakeClock
from tests.worlds import run_one

Handler = Callable[[httpx.Request], httpx.Response]
URLS = tuple(f"https://{name}.example/p" for name in ("a", "b", "c", "d"))
START = datetime(2026, 11, 1, 6, tzinfo=UTC)
GOOD = "<title>A Page</title><p>words"


def night(
    handler: Handler,
    urls: Sequence[str] = URLS,
    history: History | None = None,
    day: int = 0,
    answers: Path | None = None,
) -> Result:
    async def main() -> Result:
        clock = FakeClock(START + timedelta(days=day))
        transport = httpx.MockTransport(handler)
        async with Web(cache=Cache(answers, clock), clock=clock, transport=transport) as web:
            entry = Entry("one", EntryType.OTHER, links=tuple(Link(url, LinkKind.HOMEPAGE) for url in urls))
            loaded = Loaded(settings=Settings(), origins={})
            return await run_one([entry], web, loaded, history or History(), options=Options(metadata=False))

    return asyncio.run(main())


def verdicts(result: Result) -> dict[str, Verdict]:
    return {row.check.url: row.check.verdict for row in result.report.links}


def intercepted(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no secure connection", request=request) from ssl.SSLCertVerificationError("unknown")


def test_a_proxy_that_nobody_trusts_says_nothing_about_links() -> None:
    before = History(links={url: LinkPast(last_ok=date(2026, 10, 31)) for url in URLS})
    result = night(intercepted, history=before)
    assert set(verdicts(result).values()) == {Verdict.UNKNOWN}
    assert result.history.links == before.links
    assert [row.service for row in result.report.unasked] == ["web"]
    assert result.report.findings == ()


def half(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, html=GOOD) if request.url.scheme == "http" else intercepted(request)


def test_nor_where_it_lets_plain_http_through() -> None:
    plain = "http://plain.example/p"
    result = night(half, (*URLS, plain))
    assert verdicts(result) == dict.fromkeys(URLS, Verdict.UNKNOWN) | {plain: Verdict.OK}
    assert [(row.service, row.why.split(" (")[0]) for row in result.report.unasked] == [
        ("web", "none of 4 hosts gave an answer")
    ]


@pytest.mark.parametrize(("hosts", "expected"), [(9, Verdict.SUSPECT), (10, Verdict.UNKNOWN)])
def test_nor_does_a_firewall_that_lets_registries_through_alone(hosts: int, expected: Verdict) -> None:
    def guarded(request: httpx.Request) -> httpx.Response:
        if request.url.host == "doi.org":
            return httpx.Response(404, json={"responseCode": 100})
        if request.url.host == "api.crossref.org":
            return httpx.Response(200, json={"message": {"items": [], "total-results": 0}})
        raise httpx.ReadTimeout("dropped", request=request)

    unregistered = "https://doi.org/10.5555/nobody"
    urls = [f"https://h{number}.example/p" for number in range(hosts)]
    found = verdicts(night(guarded, (unregistered, *urls)))
    assert found == {unregistered: Verdict.BROKEN} | dict.fromkeys(urls, expected)


def test_on_a_night_when_only_dead_pages_are_due_a_good_one_speaks_for_the_network(tmp_path: Path) -> None:
    asked: Counter[str] = Counter()

    def answer(request: httpx.Request) -> httpx.Response:
        asked[request.url.host] += 1
        if request.url.host in good:
            return httpx.Response(200, html=GOOD)
        raise httpx.ReadTimeout("silence", request=request)

    good, fine = {"fine.example"}, "https://fine.example/p"
    for day in range(2):
        found = verdicts(night(answer, (*URLS, fine), day=day, answers=tmp_path))
        assert found == dict.fromkeys(URLS, Verdict.SUSPECT) | {fine: Verdict.OK}
    assert asked["fine.example"] == 2
    good.clear()
    found = verdicts(night(answer, (*URLS, fine), day=2, answers=tmp_path))
    assert found == dict.fromkeys(URLS, Verdict.UNKNOWN) | {fine: Verdict.OK}


def test_a_good_page_over_plain_http_does_not_speak_for_https(tmp_path: Path) -> None:
    plain = "http://plain.example/p"
    assert verdicts(night(lambda _: httpx.Response(200, html=GOOD), [plain], answers=tmp_path)) == {plain: Verdict.OK}
    found = verdicts(night(half, (*URLS, plain), day=1, answers=tmp_path))
    assert found == dict.fromkeys(URLS, Verdict.UNKNOWN) | {plain: Verdict.OK}


def portal(*, spared: tuple[str, ...] = ()) -> Callable[[httpx.Request], httpx.Response]:
    """A network that leads all its users to one page, except to some hosts."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host in ("portal.example", *spared):
            return httpx.Response(200, html="<title>Welcome aboard</title><p>Please choose how to go on.")
        return httpx.Response(302, headers={"location": "https://portal.example/start"})

    return answer


def test_a_network_that_leads_everything_to_its_own_page_says_nothing_about_links(tmp_path: Path) -> None:
    result = night(portal(), answers=tmp_path)
    assert verdicts(result) == dict.fromkeys(URLS, Verdict.UNKNOWN)
    assert [(row.service, row.why) for row in result.report.unasked] == [
        ("web", "4 hosts all redirected to portal.example; the network may require a sign-in")
    ]
    # Nothing of it is kept as an answer.
    good = night(lambda _: httpx.Response(200, html=GOOD), answers=tmp_path)
    assert verdicts(good) == dict.fromkeys(URLS, Verdict.OK)


@pytest.mark.parametrize("spared", ["example.com", "h1.example"])
def test_sites_that_moved_to_one_place_are_no_such_network(spared: str) -> None:
    elsewhere = ("www.debian.org", "www.python.org", "www.w3.org")
    found = night(portal(spared=(spared, *elsewhere)), [*URLS, "https://h1.example/p"])
    assert Verdict.UNKNOWN not in verdicts(found).values()
    assert found.report.unasked == ()


def test_a_list_of_dead_pages_alone_is_no_outage() -> None:
    def dead(request: httpx.Request) -> httpx.Response:
        if request.url.host == "example.com":
            return httpx.Response(200, html=GOOD)
        raise httpx.ReadTimeout("silence", request=request)

    result = night(dead)
    assert set(verdicts(result).values()) == {Verdict.SUSPECT}
    assert result.report.unasked == ()


def silent(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("silence", request=request)


def unconnected(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no connection", request=request)


def unnamed(request: httpx.Request) -> httpx.Response:
    raise Unreachable("dns", f"{request.url.host}: name resolution failed", "2026-11-01T06:00:00Z", again=True)


@pytest.mark.parametrize("failure", [silent, unconnected, unnamed])
@pytest.mark.parametrize("urls", [URLS[:1], ("https://a.example/p", "https://a.example/q"), URLS[:2], URLS])
def test_a_run_that_could_ask_nobody_says_so(failure: Handler, urls: Sequence[str]) -> None:
    result = night(failure, urls)
    assert set(verdicts(result).values()) == {Verdict.UNKNOWN}
    assert [(row.service, row.entries) for row in result.report.unasked] == [("web", len(urls))]
    assert exit_code(result.report, "error") == exit_code(result.report, "error", strict=True) == 3


@pytest.mark.parametrize(("failure", "expected"), [(silent, Verdict.SUSPECT), (unnamed, Verdict.UNKNOWN)])
def test_a_link_alone_is_held_to_a_host_that_is_always_there(failure: Handler, expected: Verdict) -> None:
    def dead(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, html=GOOD) if request.url.host == "example.com" else failure(request)

    result = night(dead, URLS[:1])
    assert set(verdicts(result).values()) == {expected}
    assert exit_code(result.report, "error") == (3 if expected is Verdict.UNKNOWN else 0)


def test_one_link_of_many_that_could_not_be_asked_is_no_such_run() -> None:
    def dead(request: httpx.Request) -> httpx.Response:
        return unnamed(request) if request.url.host == "a.example" else httpx.Response(200, html=GOOD)

    assert night(dead).report.unasked == ()


def test_one_host_that_answers_makes_the_others_failures_their_own() -> None:
    def mostly(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, html=GOOD) if request.url.host == "a.example" else intercepted(request)

    assert Counter(verdicts(night(mostly)).values()) == {Verdict.OK: 1, Verdict.SUSPECT: 3}


def test_so_do_hosts_that_lead_to_one_that_fails() -> None:
    def onward(request: httpx.Request) -> httpx.Response:
        if request.url.host == "down.example":
            return intercepted(request)
        return httpx.Response(302, headers={"location": "https://down.example/"})

    assert set(verdicts(night(onward)).values()) == {Verdict.SUSPECT}


@pytest.mark.parametrize(
    "leading",
    [
        httpx.Response(302, headers={"location": "http://10.0.0.1/"}),
        httpx.Response(200, html='<meta http-equiv="refresh" content="0;url=http://10.0.0.1/">'),
    ],
)
def test_where_a_link_led_before_it_failed_is_in_evidence(leading: httpx.Response) -> None:
    (finding,) = night(lambda _: leading, URLS[:1]).report.findings
    saw = [(evidence.saw, evidence.status) for evidence in finding.evidence]
    assert (finding.rule, finding.message) == ("unsafe-link", "points to a private address (10.0.0.1); not fetched")
    assert saw == [
        (f"redirect of {URLS[0]}", leading.status_code),
        ("points to a private address (10.0.0.1); not fetched", None),
    ]


def test_name_servers_that_give_no_answer_never_make_a_link_broken_however_long() -> None:
    def nameless(request: httpx.Request) -> httpx.Response:
        if request.url.host == "a.example":
            raise Unreachable("dns", "a.example: name resolution failed", "2026-11-01T06:00:00Z", again=True)
        return httpx.Response(200, html=GOOD)

    history = History()
    for day in range(5):
        result = night(nameless, history=history, day=day)
        history = result.history
        assert verdicts(result)[URLS[0]] is Verdict.UNKNOWN
    assert result.report.findings == ()


def test_a_page_is_unreachable_by_lasting_and_then_recovers_once() -> None:
    def down(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503) if request.url.host == "a.example" else httpx.Response(200, html=GOOD)

    history, seen = History(), []
    for day, handler in enumerate([down, down, down, down, lambda _: httpx.Response(200, html=GOOD)]):
        result = night(handler, history=history, day=day)
        history = result.history
        seen.append(verdicts(result)[URLS[0]])
    assert seen == [Verdict.SUSPECT, Verdict.SUSPECT, Verdict.SUSPECT, Verdict.SUSPECT, Verdict.OK]
    assert [(f.rule, f.state) for f in result.report.findings] == [("unreachable-link", State.FIXED)]
    after = night(lambda _: httpx.Response(200, html=GOOD), history=history, day=5)
    assert after.report.findings == ()


@pytest.mark.parametrize(("status", "asked"), [(403, 1), (429, 1), (999, 1), (404, 2), (503, 4)])
def test_a_wall_is_asked_once_and_trouble_once_more_at_the_end(status: int, asked: int) -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(status, html="<title>No</title>")

    night(answer, URLS[:1])
    assert len([request for request in requests if request.url.host == "a.example"]) == asked


def test_a_dead_page_comes_with_the_copy_nearest_to_the_day_it_was_last_good() -> None:
    asked: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host != "archive.org":
            return httpx.Response(404)
        asked.append(request.url.params.get("timestamp"))
        closest = {"status": "200", "available": True, "url": f"http://web.archive.org/web/20261030/{URLS[0]}"}
        return httpx.Response(200, json={"archived_snapshots": {"closest": closest}})

    before = History(links={URLS[0]: LinkPast(last_ok=date(2026, 10, 31))})
    (finding,) = night(answer, URLS[:1], before).report.findings
    assert asked == ["20261031"]
    assert finding.suggestion == f"https://web.archive.org/web/20261030/{URLS[0]}"
