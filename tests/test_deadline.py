"""A run that is stopped says what it knows and nothing else, and the next one begins with what it left out."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich import demo
from enrich.cli import parser
from enrich.commands.terminal import exit_code
from enrich.history import EntryPast, History
from enrich.judge import is_complete
from enrich.model import Reply, Report, State, Status, Unasked, Unfinished, Unreachable
from enrich.pipeline import Options
from enrich.report import FORMATS, as_json
from enrich.web import Cache, Pace, Web
from tests.fakes import FakeClock
from tests.loopback import Upstream as Services
from tests.loopback import page
from tests.worlds import HOSTS, Night, Nights, listed, too_many
from tests.worlds import as_json as read

PARSER = parser()
WHY = "not asked: deadline reached"


@cache
def whole() -> Night:
    return Nights(listed()).run()


@pytest.mark.parametrize("seconds", [0.001, 5, 15])
def test_what_a_run_says_at_its_deadline_is_what_a_whole_run_says_or_that_it_was_not_asked(seconds: float) -> None:
    night = Nights(listed()).run(options=Options(deadline=seconds))
    report, final = night.result.report, whole().result.report
    assert report.partial
    assert len(night.upstream.asked) < len(whole().upstream.asked)
    left = set()
    for row, other in zip(report.links, final.links, strict=True):
        if row.check.verdict is not other.check.verdict:
            assert row.check.verdict == "unknown"
            assert row.check.evidence[-1].saw == WHY
            left.add(row.check.url)
    assert left == set(night.result.history.postponed)
    entries = [row for row, other in zip(report.entries, final.entries, strict=True) if row.status != other.status]
    assert {row.status for row in entries} <= {Status.UNKNOWN}
    assert report.unfinished == Unfinished("deadline reached", len(entries), len(left))
    assert {finding.identity for finding in report.findings} <= {finding.identity for finding in final.findings}
    assert report.unasked == ()
    assert night.result.history.runs == ()
    assert exit_code(report, "error") == (1 if night.findings else 3)


@pytest.mark.parametrize("seconds", [1])
def test_what_earlier_runs_found_stands_until_somebody_looks_again(seconds: float) -> None:
    nights = Nights(listed())
    before = nights.live()
    nights.live(day=1, options=Options(deadline=seconds))
    assert nights.history.findings.keys() == before.result.history.findings.keys()
    assert nights.history.runs == before.result.history.runs
    after = nights.run(day=2)
    assert {finding.state for finding in after.result.report.findings} == {State.STILL}
    assert after.result.history.postponed == ()
    assert after.text == Nights(before.text, history=before.result.history).run(day=2).text


def test_at_a_deadline_no_finding_is_called_fixed_without_metadata_either() -> None:
    nights = Nights(listed())
    nights.live(options=Options(metadata=False))
    stopped = nights.run(day=1, options=Options(metadata=False, deadline=0.001))
    assert not [finding for finding in stopped.result.report.findings if finding.state is State.FIXED]


def test_a_deadline_that_is_not_reached_changes_nothing() -> None:
    night = Nights(listed()).run(options=Options(deadline=6000))
    assert as_json.render(night.result.report) == as_json.render(whole().result.report)
    assert not night.result.report.partial


def test_the_next_run_begins_with_the_links_that_were_left_out() -> None:
    pages = [f"https://site{number}.example.org/" for number in range(6)]
    many = [f"https://many.example.org/{number}" for number in range(20)]
    entries = "".join(f"  - {{key: e{n}, type: blog, links: [{url}]}}\n" for n, url in enumerate([*many, *pages]))
    left = (pages[4], many[17])
    nights = Nights(f"version: 1\nentries:\n{entries}", history=History(postponed=left))
    there = nights.run(faults={"*": lambda *_: httpx.Response(200, html="<title>A page</title>")})
    asked = [str(request.url) for request in there.upstream.asked]
    assert asked[0] == left[1]
    assert asked.index(left[0]) < min(asked.index(url) for url in pages if url not in left)


def test_the_next_run_asks_services_first_about_entries_that_were_left_out() -> None:
    entries = Nights(listed()).entries()
    papers = [entry for entry in entries if any("arxiv.org/abs" in link.url for link in entry.links)]
    (repository,) = [link.url for link in entries[-1].links if "github.com" in link.url][:1] or [""]
    last = max(papers, key=lambda entry: max(link.url for link in entry.links if "arxiv.org/abs" in link.url))
    identifier = next(link.url for link in last.links if "arxiv.org/abs" in link.url).rpartition("/")[2]
    lately = {e.key: EntryPast(demo.NOW.date(), "", Status.FOUND) for e in entries if e.key != last.key}
    repository = next(link.url for entry in reversed(entries) for link in entry.links if "//github.com/" in link.url)
    night = Nights(listed(), history=History(entries=lately, postponed=(repository,))).run(day=1)
    first = {host: next(r for r in night.upstream.asked if r.url.host == HOSTS[host]) for host in ("arxiv", "github")}
    assert first["arxiv"].url.params["id_list"].split(",")[0].partition("v")[0] == identifier
    assert first["github"].url.path.lower() == "/repos/" + repository.removeprefix("https://github.com/").lower()


Stopping = Callable[[Web], Coroutine[Any, Any, object]]


def stopped(
    handler: Callable[[httpx.Request], httpx.Response], clock: FakeClock, pace: Pace | None = None
) -> list[str]:
    """How five fetches of a host end that are stopped after five seconds, and one that begins later; what they were."""

    async def job() -> list[str]:
        paces = {"*": pace} if pace else None
        async with Web(
            cache=Cache(None, clock), clock=clock, transport=httpx.MockTransport(handler), paces=paces
        ) as web:

            async def fetch(number: int) -> str:
                try:
                    return f"{(await web.fetch(f'https://host.example.org/{number}')).status}"
                except Unreachable as failure:
                    return failure.kind

            async def stop() -> None:
                await clock.sleep(5)
                web.stop.set("enough")

            stopping = asyncio.create_task(stop())
            # Two of the same share one request.
            ended = await asyncio.gather(*map(fetch, (1, 2, 2, 3, 4)))
            await stopping
            assert web.stop.because == "not asked: enough"
            assert web.stop.cut_short
            return [*ended, await fetch(5)]

    return asyncio.run(job())


@pytest.mark.parametrize(
    ("answer", "pace", "ended"),
    [
        (
            httpx.Response(200),
            Pace(interval=3.0, concurrency=1),
            ["200", "200", "200", "stopped", "stopped", "stopped"],
        ),
        (httpx.Response(429, headers={"retry-after": "8"}), Pace(concurrency=1), ["stopped"] * 6),
        (httpx.Response(429), Pace(concurrency=1), ["stopped"] * 6),
        (httpx.Response(503, headers={"retry-after": "8"}), Pace(concurrency=1), ["stopped"] * 6),
    ],
    ids=["in-line", "paused", "refused", "between-tries"],
)
def test_a_stop_wakes_whatever_waits(answer: httpx.Response, pace: Pace | None, ended: list[str]) -> None:
    clock = FakeClock()
    assert stopped(lambda _: answer, clock, pace) == ended
    assert clock.monotonic() == 5


def test_a_stop_ends_requests_that_are_under_way() -> None:
    clock = FakeClock()

    class Silent(httpx.AsyncBaseTransport):
        async def handle_async_request(self, _: httpx.Request) -> httpx.Response:
            await clock.sleep(1000)
            raise AssertionError

    async def job() -> Reply:
        async with Web(cache=Cache(None, clock), clock=clock, transport=Silent(), timeout=2000) as web:
            asyncio.get_running_loop().call_soon(web.stop.set, "enough")
            return await web.fetch("https://host.example.org/")

    with pytest.raises(Unreachable) as failure:
        asyncio.run(job())
    assert (failure.value.kind, failure.value.why, clock.monotonic()) == ("stopped", "not asked: enough", 0)


def test_refusals_that_would_take_hours_end_at_the_deadline() -> None:
    text = "version: 1\nentries:\n" + "".join(
        f"  - {{key: e{n}, type: blog, links: ['https://busy.example.org/{n}']}}\n" for n in range(200)
    )
    night = Nights(text).run(options=Options(deadline=60), faults={"busy.example.org": too_many})
    started, finished = night.result.report.started, night.result.report.finished
    assert (started, finished) == ("2026-11-21T06:00:00Z", "2026-11-21T06:01:00Z") or finished < "2026-11-21T06:01:00Z"
    assert not night.findings


@given(st.tuples(*[st.integers(0, 500)] * 3).filter(any), st.booleans())
def test_a_duration_is_read_as_it_is_written(parts: tuple[int, int, int], upper: bool) -> None:
    text = "".join(f"{number}{unit}" for number, unit in zip(parts, "hms", strict=True) if number)
    arguments = PARSER.parse_args(["run", "--deadline", text.upper() if upper else text])
    hours, minutes, seconds = parts
    assert timedelta(seconds=arguments.deadline) == timedelta(hours=hours, minutes=minutes, seconds=seconds)


@pytest.mark.parametrize("text", ["", "0", "0s", "-5m", "5x", "1.5h", "30m1h", "1h 30m", "soon", "٣m", "1h30m!"])
def test_what_is_no_duration_is_refused_with_examples(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        PARSER.parse_args(["run", f"--deadline={text}"])
    assert ended.value.code == 2
    assert "90s, 100m, 2h or 1h30m" in capsys.readouterr().err


def test_plain_seconds_are_a_duration() -> None:
    assert PARSER.parse_args(["run", "--deadline", "90"]).deadline == 90


CUT = Report(
    "catalog.yaml",
    "2026-11-21T02:17:03Z",
    "2026-11-21T03:57:03Z",
    unfinished=Unfinished("deadline reached", 1, 7),
)


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"json", "jsonl"}))
def test_every_format_says_that_a_report_is_partial_and_what_was_left_out(name: str) -> None:
    assert "deadline reached" in (told := FORMATS[name](CUT))
    assert "1 entry and 7 links not checked" in told
    assert "not checked" not in FORMATS[name](Report("catalog.yaml", CUT.started, CUT.finished))


def test_the_json_report_keeps_it() -> None:
    assert read(as_json.render(CUT))["partial"] is True
    assert as_json.read(as_json.render(CUT)) == CUT


def test_a_partial_report_is_not_clean_and_closes_no_issue() -> None:
    assert exit_code(CUT, "error") == 3
    failing = Report(None, "", "", findings=whole().result.report.findings, unfinished=CUT.unfinished)
    assert (exit_code(failing, "error"), exit_code(failing, "error", strict=True)) == (1, 3)
    assert not is_complete(CUT, ())
    assert exit_code(Report(None, "", "", unasked=(Unasked("arxiv", "down", 1),)), "error") == 3


def test_at_its_deadline_the_command_saves_and_reports_what_it_knows(tmp_path: Path) -> None:
    upstream = Services(pages={"good": page("Good")})
    with socket.create_server(("127.0.0.1", 0)) as silent, upstream.leaping():
        slow = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        urls = {"paper": "https://arxiv.org/abs/2303.06865", "good": upstream.url("pages/good"), "slow": slow}
        entries = (f"  - {{key: {key}, links: {{paper: '{url}'}}}}\n" for key, url in urls.items())
        bench = upstream.bench(tmp_path / "here", f"version: 1\nentries:\n{''.join(entries)}")
        done = bench.call("run", "--deadline", "1s", "--report", "json=report.json")
    assert done.code == 3, done.err
    assert "Partial report (deadline reached): " in done.out
    report = read(bench.read("report.json"))
    assert report["partial"] is True
    assert "enriched:" in bench.read()
    assert read(bench.kept("history.json").read_text(encoding="utf-8"))["postponed"] == [slow]
    again = bench.call("report", "--format", "markdown")
    assert again.code == 3
    assert "1 link not checked" in again.out
