"""Failures without an answer over time: unreachable from one network, broken only from two."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.history import Failures, History, LinkPast, judged_by_time, load, save, with_links
from enrich.model import Entry, EntryType, Evidence, Finding, Link, LinkCheck, LinkKind, Severity, State, Verdict
from enrich.pipeline import Options, Result
from enrich.settings import Loaded, Settings, SettingsError, vantage
from enrich.web import Cache, Web
from tests.fakes import FakeClock
from tests.loopback import Upstream, page
from tests.worlds import run_one

URL = "https://a.example/p"
START = datetime(2026, 11, 1, 6, tzinfo=UTC)
DAY = START.date()


def seen(verdict: Verdict, status: int | None = None, at: str = "") -> LinkCheck:
    return LinkCheck(URL, verdict, (Evidence("web", at, "as seen", status),))


FAILED, OK, GONE, WALL = seen(Verdict.SUSPECT), seen(Verdict.OK, 200), seen(Verdict.BROKEN, 404), seen(Verdict.BLOCKED)
Look = tuple[int, str, LinkCheck]


def after(*looks: Look, history: History | None = None) -> tuple[LinkPast, LinkCheck]:
    """What is remembered, and the last check, after runs on these days (from DAY) and from these networks."""
    history, judged = history or History(), FAILED
    for offset, place, check in looks:
        today = DAY + timedelta(days=offset)
        judged = judged_by_time(check, history.links.get(URL), today, place)
        history = with_links(history, [URL], {URL: judged}, today, place)
    return history.links.get(URL, LinkPast()), judged


def failing(place: str, *days: int) -> list[Look]:
    return [(day, place, FAILED) for day in days]


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([*failing("ci", *range(60))], Verdict.SUSPECT),
        ([*failing("ci", 0, 1, 2), *failing("local", 3, 4)], Verdict.SUSPECT),
        ([*failing("ci", 0, 1, 2), *failing("local", 3, 3, 3)], Verdict.SUSPECT),
        ([*failing("ci", 0, 1, 2), *failing("local", 3, 4, 5)], Verdict.BROKEN),
        ([*failing("local", 0, 1), *failing("ci", 1, 2), *failing("local", 2), *failing("ci", 3)], Verdict.BROKEN),
        ([*failing("ci", 0, 1, 2), (3, "local", OK), *failing("local", 4, 5, 6)], Verdict.SUSPECT),
        ([*failing("ci", 0, 1, 2), (3, "local", WALL), *failing("local", 4, 5, 6)], Verdict.SUSPECT),
        ([*failing("ci", 0, 1, 2), (3, "local", GONE), *failing("local", 4, 5, 6)], Verdict.SUSPECT),
        ([*failing("ci", 0, 1, 2), *failing("local", 40, 41, 42)], Verdict.SUSPECT),
        ([*failing("ci", 0, 1), *failing("local", 2, 3), *failing("lab", 4, 5)], Verdict.SUSPECT),
        ([*failing("ci", 0, 1, 2), *failing("lab", 3, 4, 5), *failing("ci", 6)], Verdict.BROKEN),
    ],
)
def test_a_failure_is_broken_only_as_seen_from_two_networks(looks: Sequence[Look], expected: Verdict) -> None:
    assert after(*looks)[1].verdict is expected


def test_the_evidence_of_both_networks_is_told() -> None:
    _, judged = after(*failing("ci", 0, 1, 2, 5), *failing("local", 6, 7, 8))
    assert (
        judged.evidence[-1].saw
        == "no answer to 2 networks: local (3 days since 2026-11-07), ci (4 days since 2026-11-01)"
    )
    _, judged = after(*failing("ci", 0, 1, 2, 5), *failing("local", 6))
    assert judged.evidence[-1].saw == (
        "could not be reached from here since 2026-11-07 (1 run), from ci since 2026-11-01 (4 runs)"
    )


def test_what_a_cache_remembers_clears_only_what_was_before_it() -> None:
    cached = seen(Verdict.OK, 200, at="2026-11-02T06:00:00Z")
    past, _ = after(*failing("ci", 0, 1, 2, 3), (4, "local", cached))
    assert past.failures == (Failures("ci", (DAY + timedelta(days=2), DAY + timedelta(days=3)), 2),)
    assert past.last_ok == date(2026, 11, 2)
    assert after(*failing("ci", 0, 1, 2), (4, "local", OK))[0] == LinkPast(last_ok=DAY + timedelta(days=4))


def test_days_to_come_are_of_a_wrong_clock_and_prove_nothing() -> None:
    past, judged = after(*failing("ci", 300, 301, 302), *failing("ci", 0))
    assert past.failures == (Failures("ci", (DAY,), 1),)
    assert not judged.is_unreachable
    past, judged = after(*failing("ci", 0, 1, 300, 4))
    assert past.failures[0].count == 3
    assert judged.is_unreachable


def test_names_of_networks_do_not_pile_up() -> None:
    past, _ = after(*(look for day in range(30) for look in failing(f"runner-{day}", day)))
    assert [failures.vantage for failures in past.failures] == [f"runner-{day}" for day in (29, 28, 27, 26, 25)]


looks = st.tuples(
    st.integers(0, 20), st.sampled_from(["ci", "local", "lab"]), st.sampled_from([FAILED, FAILED, FAILED, OK, WALL])
)


@given(st.lists(looks, max_size=25), st.lists(st.dates(DAY - timedelta(days=20), DAY + timedelta(days=20)), max_size=5))
def test_no_history_makes_a_link_broken_without_two_witnesses(rows: list[Look], old: list[date]) -> None:
    rows = sorted(rows, key=lambda row: row[0])
    history = History(links={URL: LinkPast("failing", DAY, failed_on=tuple(sorted(old)))})
    _, judged = after(*rows, history=history)
    since: dict[str, set[int]] = {}
    for day, place, check in rows:
        if check is FAILED:
            since.setdefault(place, set()).add(day)
        else:
            since.clear()
    witnesses = sum(len(days) >= 3 for days in since.values())
    assert (judged.verdict is Verdict.BROKEN) == (bool(rows) and rows[-1][2] is FAILED and witnesses >= 2)


# ---- whole runs


def night(
    handler: Callable[[httpx.Request], httpx.Response],
    history: History,
    day: int,
    urls: Sequence[str] = (URL, "https://fine.example/"),
    place: str = "ci",
) -> Result:
    async def main() -> Result:
        clock = FakeClock(START + timedelta(days=day))
        async with Web(cache=Cache(None, clock), clock=clock, transport=httpx.MockTransport(handler)) as web:
            entry = Entry("one", EntryType.OTHER, links=tuple(Link(url, LinkKind.HOMEPAGE) for url in urls))
            loaded = Loaded(settings=Settings(), origins={})
            return await run_one([entry], web, loaded, history, options=Options(metadata=False, vantage=place))

    return asyncio.run(main())


def down(request: httpx.Request) -> httpx.Response:
    return httpx.Response(503) if request.url.host == "a.example" else httpx.Response(200, html="<title>A</title>words")


def test_from_suspect_to_unreachable_to_broken_and_back() -> None:
    history, told = History(), []
    nights = [(0, "ci"), (1, "ci"), (2, "ci"), (3, "ci"), (4, "local"), (5, "local"), (6, "local"), (7, "ci")]
    for day, place in nights:
        result = night(down, history, day, place=place)
        history = result.history
        told.append([(f.rule, f.severity, f.state) for f in result.report.findings])
    note, warning, error = Severity.NOTE, Severity.WARNING, Severity.ERROR
    assert told[:3] == [[("suspect-link", note, state)] for state in (State.NEW, State.STILL, State.STILL)]
    assert told[3:6] == [[("unreachable-link", warning, state)] for state in (State.NEW, State.STILL, State.STILL)]
    assert told[6:] == [[("broken-link", error, state)] for state in (State.NEW, State.STILL)]
    fine = night(lambda _: httpx.Response(200, html="<title>A</title>words"), history, 8)
    assert [(f.rule, f.state) for f in fine.report.findings] == [("broken-link", State.FIXED)]
    assert fine.history.links[URL] == LinkPast(last_ok=DAY + timedelta(days=8))


def old_history(folder: Path, rule: str, url: str, message: str, links: Mapping[str, Sequence[str]]) -> History:
    """A history as it was written when three days of failures made a link broken."""
    entry = "one" if rule == "broken-link" else None
    finding = Finding(rule, Severity.ERROR, message, entry, url, first_seen="2026-10-20")
    row = {"rule": rule, "severity": "error", "message": message, "url": url, "first_seen": "2026-10-20"}
    data = {
        "version": 1,
        "findings": {finding.identity: row | ({"entry": entry} if entry else {})},
        "links": {
            u: {"trouble": "failing", "first_seen": "2026-10-17", "failed_on": days} for u, days in links.items()
        },
    }
    path = folder / "history.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    history, warning = load(path)
    assert warning is None
    return history


DAYS = ["2026-10-17", "2026-10-18", "2026-10-20"]


def test_what_was_broken_by_time_alone_is_taken_over_as_unreachable(tmp_path: Path) -> None:
    message = "web: HTTP status 503; history: failed on 3 days since 2026-10-17"
    history = old_history(tmp_path, "broken-link", URL, message, {URL: DAYS})
    result = night(down, history, 0)
    (found,) = result.report.findings
    assert (found.rule, found.severity, found.state) == ("unreachable-link", Severity.WARNING, State.STILL)
    assert found.first_seen == "2026-10-20"
    assert found.message == "could not be reached from here since 2026-10-17 (4 runs): HTTP status 503"
    later = night(down, night(down, result.history, 1).history, 2, place="local")
    assert [row.check.verdict for row in later.report.links] == [Verdict.SUSPECT, Verdict.OK]
    save(tmp_path / "history.json", later.history)
    assert load(tmp_path / "history.json") == (later.history, None)


def test_what_a_page_said_itself_stays_broken_when_it_is_taken_over(tmp_path: Path) -> None:
    history = old_history(tmp_path, "broken-link", URL, "web: 404 Not Found", {URL: DAYS})
    assert [finding.rule for finding in history.findings.values()] == ["broken-link"]


def test_an_outage_that_was_an_error_by_time_alone_is_a_warning(tmp_path: Path) -> None:
    urls = [f"https://a.example/{n}" for n in range(3)]
    message = "a.example: all 3 links failed: HTTP status 503; failed on 3 days since 2026-10-17"
    history = old_history(tmp_path, "host-outage", "https://a.example/", message, dict.fromkeys(urls, DAYS))
    assert [finding.severity for finding in history.findings.values()] == [Severity.WARNING]
    (found,) = night(down, history, 0, [*urls, "https://fine.example/"]).report.findings
    assert (found.rule, found.severity, found.state) == ("host-outage", Severity.WARNING, State.STILL)
    assert found.first_seen == "2026-10-20"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "local"),
        ({"CI": "true"}, "ci"),
        ({"CI": "0"}, "local"),
        ({"CI": "true", "ENRICH_VANTAGE": " Lab-2 "}, "lab-2"),
        ({"ENRICH_VANTAGE": ""}, "local"),
    ],
)
def test_the_network_has_a_name(environment: Mapping[str, str], expected: str) -> None:
    assert vantage(environment) == expected


@pytest.mark.parametrize("name", ["a b", "x" * 41, "\x1b[1m", "ü", "-x"])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="ENRICH_VANTAGE"):
        vantage({"ENRICH_VANTAGE": name})


def test_the_command_remembers_the_network_of_a_failure(tmp_path: Path, upstream: Upstream) -> None:
    upstream.pages["down"] = page("Down", 503)
    links = f"links: ['{upstream.url('pages/down')}']"
    bench = upstream.bench(tmp_path / "here", f"version: 1\nentries:\n  - {{key: a, type: other, name: A, {links}}}\n")
    for name in ("Lab", ""):
        bench.environment["ENRICH_VANTAGE"] = name
        assert bench.call("run", "--history", "history.json").code == 0
    (seen,) = load(bench.folder / "history.json")[0].links.values()
    assert [failures.vantage for failures in seen.failures] == ["local", "lab"]
