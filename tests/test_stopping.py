"""A run may end at any moment: the catalog stays whole, and what was answered is not asked again."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from typing import TypeVar
from zlib import crc32

import pytest

from enrich import catalog
from tests.forking import Forked, Forks
from tests.loopback import Bench, Outcome, Upstream, page
from tests.worlds import as_json, listed

BY_IDENTIFIER = ("https://arxiv.org/", "https://github.com/", "https://doi.org/", "https://dl.acm.org/")

FEW = """\
version: 1
entries:
  - key: flexgen
    links: {paper: https://arxiv.org/abs/2303.06865}
"""

ALONE = ("GET /github/", "GET /doi/", "GET /pages/")


@pytest.fixture
def upstream(upstream: Upstream) -> Upstream:
    upstream.pages |= {f"page{number}": page(f"Page {number}") for number in range(10)}
    return upstream


@pytest.fixture
def text(upstream: Upstream) -> str:
    """The demonstration's entries with the links that services vouch for, and pages of this test's own."""
    entries = []
    for number, entry in enumerate(catalog.parse(listed(), "catalog.yaml").entries):
        links = [link for link in entry.links if link.url.startswith(BY_IDENTIFIER)]
        if number < 10 and links:
            links.append(replace(links[0], url=upstream.url(f"pages/page{number}")))
        entries.append(replace(entry, links=tuple(links)))
    return catalog.new_text(entries)


def bench_at(folder: Path, upstream: Upstream, text: str) -> Bench:
    # One request at a time: so one at most is in flight when the end comes.
    return upstream.bench(folder, text, '[pace."127.0.0.1"]\nconcurrency = 1\n')


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream, text: str) -> Bench:
    return bench_at(tmp_path / "here", upstream, text)


P = TypeVar("P", Popen[bytes], Forked)


def stopped_at(request: int, how: signal.Signals, upstream: Upstream, start: Callable[[], P]) -> P:
    """Start a process that gets the signal while that request (from now) waits for its answer."""
    last = len(upstream.asked) + request
    process: Future[P] = Future()

    def strike() -> None:
        if len(upstream.asked) == last:
            process.result().send_signal(how)

    upstream.before_answer = strike
    process.set_result(start())
    return process.result()


def of(report: dict[str, object], part: str) -> list[dict[str, object]]:
    """The rows of a part of a JSON report."""
    rows = report[part]
    assert isinstance(rows, list)
    return rows


def chance(number: int, least: int, most: int) -> int:
    """A throw of dice that comes out the same in every run of the test."""
    return least + crc32(f"throw {number}".encode()) % (most - least + 1)


SECONDS = 0.015  # that an answer takes: verdicts of a hundredth of a second are stored together

# One verdict is not stored yet, one comes as it is stored, and one is in flight.
LOST_BY_A_KILL = 3


def asked_last(upstream: Upstream, number: int) -> Counter[str]:
    """What was asked last: answers that were on their way, or not yet stored, when the end came."""
    return Counter(upstream.asked[-number:])


@pytest.mark.parametrize("turn", [0, *(pytest.param(turn, marks=pytest.mark.nightly) for turn in range(1, 20))])
def test_killed_at_ten_moments_it_loses_nothing_and_asks_nothing_twice(
    tmp_path: Path, upstream: Upstream, forking: Forks, text: str, turn: int
) -> None:
    upstream.seconds = SECONDS
    undisturbed = bench_at(tmp_path / "undisturbed", upstream, text)
    assert undisturbed.call("run").code == 1
    final, needed = undisturbed.read(), Counter(upstream.asked)
    upstream.asked.clear()

    bench = bench_at(tmp_path / "killed", upstream, text)
    lost: Counter[str] = Counter()
    for number in range(7):
        moment = chance(10 * turn + number, 1, needed.total() // 7)
        killed = stopped_at(moment, signal.SIGKILL, upstream, lambda: forking.start(bench, "run"))
        assert killed.ended().code == -signal.SIGKILL
        upstream.drain()
        assert bench.read() == text
        lost += asked_last(upstream, LOST_BY_A_KILL)
    upstream.before_answer = lambda: None
    for number in range(7, 10):
        process = bench.start("run")
        try:
            process.communicate(timeout=chance(10 * turn + number, 300, 1200) / 1000)
        except TimeoutExpired:
            process.kill()
            process.communicate()
        upstream.drain()
        assert bench.read() in (text, final)
        lost += asked_last(upstream, LOST_BY_A_KILL)

    assert bench.call("run").code == 1
    assert bench.read() == final
    twice = Counter(upstream.asked) - needed
    assert twice.total() <= 2 * 10
    # What goes in batches is asked again in other company; these go alone.
    assert Counter(line for line in twice.elements() if line.startswith(ALONE)) <= lost
    assert bench.kept("last-report.json").exists()


AS_SHELLS_DO_IN_THE_BACKGROUND = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")


@pytest.mark.parametrize(
    ("how", "moment", "through"),
    [
        (signal.SIGINT, 20, ()),
        (signal.SIGTERM, 20, ()),
        (signal.SIGTERM, 1, ()),
        (signal.SIGTERM, 20, AS_SHELLS_DO_IN_THE_BACKGROUND),
    ],
)
def test_interrupted_it_saves_what_it_knows_and_goes_on_where_it_was(
    bench: Bench,
    upstream: Upstream,
    forking: Forks,
    how: signal.Signals,
    moment: int,
    through: tuple[str, ...],
) -> None:
    line = ("run", "--report", "json=report.json")
    if through:
        process = stopped_at(moment, how, upstream, lambda: bench.start(*line, through=through))
        out, err = (written.decode() for written in process.communicate())
        done = Outcome(process.returncode, out, err)
    else:
        done = stopped_at(moment, how, upstream, lambda: forking.start(bench, *line)).ended()
    assert done.code == 130
    assert "Partial report (the run was interrupted): " in done.out
    assert done.err == "enrich: interrupted; results so far are saved; run again to continue\n"
    report = as_json(bench.read("report.json"))
    assert report["partial"] is True
    assert bench.kept("last-report.json").read_text(encoding="utf-8") == bench.read("report.json")
    left = {str(link["url"]) for link in of(report, "links") if link["verdict"] == "unknown"}
    assert left
    assert as_json(bench.kept("history.json").read_text(encoding="utf-8"))["postponed"]
    upstream.before_answer = lambda: None
    upstream.drain()
    lost = asked_last(upstream, 2)
    assert bench.call("run").code == 1
    twice = {line for line, number in Counter(upstream.asked).items() if number > 1}
    assert {line for line in twice if line.startswith(ALONE)} <= set(lost)
    assert bench.read().count("enriched:") > 30
    assert "postponed" not in as_json(bench.kept("history.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("turn", [0, *(pytest.param(turn, marks=pytest.mark.nightly) for turn in range(1, 20))])
def test_interrupted_at_ten_moments_it_loses_nothing(
    tmp_path: Path, upstream: Upstream, forking: Forks, text: str, turn: int
) -> None:
    undisturbed = bench_at(tmp_path / "undisturbed", upstream, text)
    assert undisturbed.call("run").code == 1
    final, needed = undisturbed.read(), len(upstream.asked)
    bench = bench_at(tmp_path / "interrupted", upstream, text)
    for number in range(10):
        how = (signal.SIGINT, signal.SIGTERM)[number % 2]
        moment = chance(1000 + 10 * turn + number, 1, needed // 8)
        done = stopped_at(moment, how, upstream, lambda: forking.start(bench, "run")).ended()
        # Once all is asked, fewer requests come than the one that the signal waits for.
        assert done.code in (130, 1)
        assert (done.code == 130) == done.err.startswith("enrich: interrupted; ")
        assert "Traceback" not in done.err
        assert catalog.parse(bench.read(), "catalog.yaml").entries
    upstream.before_answer = lambda: None
    assert bench.call("run").code == 1
    assert bench.read() == final
    assert {path.name for path in bench.folder.iterdir()} == {"cache", "catalog.yaml", "enrich.toml"}


@pytest.mark.parametrize("name", ["catalog.yaml", "history.json", "last-report.json"])
def test_on_a_full_disk_every_file_stays_whole(tmp_path: Path, upstream: Upstream, name: str) -> None:
    bench = bench_at(tmp_path / "here", upstream, FEW)
    assert bench.call("run").code == 0
    paths = [bench.folder / "catalog.yaml", bench.kept("history.json"), bench.kept("last-report.json")]
    before = {path.name: path.read_text() for path in paths}
    if name == "catalog.yaml":
        bench.write(name, FEW + "#" * 20_000 + "\n")
        before[name] = bench.read(name)
    # Each of these files is larger than those that are written before it.
    room = len(before[name].encode()) - 50
    done = bench.run_limited(room, "run")
    # 2 is for runs that wrote nothing.
    assert done.code == (2 if name == "catalog.yaml" else 3)
    assert "cannot be written" in done.err
    assert "Traceback" not in done.err
    assert {path.name: path.read_text() for path in paths} == before
