"""The first signal ends a command in good order, the second at once; none leaves a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from enrich.commands.interrupts import INTERRUPTS
from tests.forking import Forked, Forks
from tests.loopback import PATIENCE, Bench, Upstream, page
from tests.worlds import as_json

AT_ONCE = b"enrich: interrupted; ended at once\n"
BLOCKED = {
    "a regular expression": 'import re; re.fullmatch("(a|a)*b", "a" * 60)',
    "a call that lets threads run": 'import hashlib; hashlib.pbkdf2_hmac("sha256", b"x", b"y", 2**30)',
    "a disk": "import time; time.sleep(60)",
}


def blocked(how: str, patience: float) -> Popen[bytes]:
    """A process that notes the first signal, and is too busy to do more; it waits until it is so."""
    script = (
        "from enrich.commands.interrupts import Interrupts\n"
        f"signals = Interrupts({patience})\n"
        "with signals.watched(to_the_end=True), signals.noted():\n"
        f'    print("up", flush=True); {BLOCKED[how]}'
    )
    process = Popen([sys.executable, "-c", script], stdout=PIPE, stderr=PIPE)
    assert process.stdout
    process.stdout.readline()
    return process


@pytest.mark.parametrize("how", BLOCKED)
def test_a_signal_that_is_not_answered_in_time_ends_the_process(how: str) -> None:
    process = blocked(how, patience=0.3)
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=PATIENCE) == (b"", AT_ONCE)
    assert process.returncode == 130


@pytest.mark.parametrize("how", BLOCKED)
def test_a_second_signal_ends_the_process_at_once(how: str) -> None:
    process = blocked(how, patience=600)
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.4)
    for _ in range(PATIENCE):  # what comes before the first was noted counts as the first
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(1)
            break
    assert process.communicate(timeout=PATIENCE) == (b"", AT_ONCE)
    assert process.returncode == 130


@pytest.mark.parametrize(
    ("late", "how"), [("argparse", signal.SIGINT), ("rich", signal.SIGINT), ("rich", signal.SIGTERM)]
)
def test_while_it_is_still_loading_a_signal_ends_it_without_a_traceback(
    tmp_path: Path, how: signal.Signals, late: str
) -> None:
    bench = Bench.at(tmp_path)
    # The folder of the call comes first where modules are looked for.
    bench.write(f"{late}.py", f"import os, time\nos.kill(os.getpid(), {int(how)})\ntime.sleep(60)\n")
    ended = bench.run("run")
    assert ended.code == 130
    assert "Traceback" not in ended.err


def test_two_signals_at_the_same_moment_are_one(tmp_path: Path, upstream: Upstream, forking: Forks) -> None:
    with held(tmp_path, upstream, forking, "run", "--report", "markdown=report.md") as (bench, process):
        # While it is stopped no time goes by for it between the two.
        for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGCONT):
            process.send_signal(number)
        done = process.ended()
    assert done.code == 130
    assert "Partial report (the run was interrupted): 1 link not checked" in done.out
    assert "Partial report" in bench.read("report.md")


@contextmanager
def held(folder: Path, upstream: Upstream, forking: Forks, *arguments: str) -> Iterator[tuple[Bench, Forked]]:
    """A command that waits for the answer to its first request as long as the block runs."""
    bench = upstream.bench(folder / "here")
    url = upstream.url("pages/slow")
    bench.write("catalog.yaml", f"version: 1\nentries:\n  - {{key: slow, type: blog, links: ['{url}']}}\n")
    bench.write("links.md", f"[slow]({url})\n")
    upstream.pages = {"slow": page("Slow")}
    with upstream.silent() as asked:
        process = forking.start(bench, *arguments)
        assert asked.wait(PATIENCE)
        yield bench, process


def test_check_reports_what_it_knows(tmp_path: Path, upstream: Upstream, forking: Forks) -> None:
    line = ("check", "links.md", "--format", "json", "-o", "report.json")
    with held(tmp_path, upstream, forking, *line) as (bench, process):
        process.send_signal(signal.SIGTERM)
        done = process.ended()
    assert (done.code, done.err) == (130, "enrich: interrupted; the report covers what was checked so far\n")
    assert as_json(bench.read("report.json"))["unfinished"] == {
        "why": "the run was interrupted",
        "entries": 0,
        "links": 1,
    }


@pytest.mark.parametrize(
    ("command", "how"), [(["doctor"], signal.SIGTERM), (["resolve", "FlexGen: High-Throughput"], signal.SIGINT)]
)
def test_short_commands_end(
    tmp_path: Path, upstream: Upstream, forking: Forks, command: list[str], how: signal.Signals
) -> None:
    with held(tmp_path, upstream, forking, *command) as (_, process):
        process.send_signal(how)
        done = process.ended()
    assert done.code == 130
    assert done.err == "enrich: interrupted; results so far are saved; run again to continue\n"
    assert "reached" not in done.out


@pytest.mark.parametrize("command", [["import", "list.md", "-o", "new.yaml"], ["check", "list.md"]])
def test_commands_end_that_wait_for_a_file(tmp_path: Path, command: list[str]) -> None:
    # The signal may come between the opening of the file and the block that closes it.
    bench = Bench.at(tmp_path, PYTHONWARNINGS="ignore")
    os.mkfifo(tmp_path / "list.md")
    process = bench.start(*command)
    with (tmp_path / "list.md").open("wb"):  # once the command reads it
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert err == b"enrich: interrupted; results so far are saved; run again to continue\n"
    assert not (tmp_path / "new.yaml").exists()


def test_afterwards_signals_mean_what_they_meant_before() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)]
    with INTERRUPTS.watched(to_the_end=False):
        assert signal.getsignal(signal.SIGTERM) not in before
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)] == before
