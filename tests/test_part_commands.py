"""`--workers`, `--cluster`, and the commands `plan`, `look` and `conclude`: the whole command, over the loopback."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from tests.loopback import BASES, PATIENCE, TAG, Bench, Outcome
from tests.many_hosts import ManyHosts
from tests.test_parts import listed, timeless

SERVICES_HOST = 200  # answers to all services that it does not know what they ask for


@pytest.fixture
def origin() -> Iterator[ManyHosts]:
    with ManyHosts().serving() as origin:
        yield origin


@pytest.fixture
def bench(tmp_path: Path, origin: ManyHosts) -> Bench:
    """A folder with a catalog of links of which half redirect to other hosts."""
    bench = Bench.at(tmp_path / "bench")
    (bench.folder / "cache").mkdir(parents=True)
    bench.write("cache/CACHEDIR.TAG", TAG)
    services = "".join(f'{name} = "{origin.url(SERVICES_HOST, f"gone/{name}")}"\n' for name in BASES)
    pace = f'[pace."*"]\nconcurrency = 2\n[pace."{origin.host(SERVICES_HOST)}"]\nconcurrency = 2\n'
    bench.write(
        "enrich.toml", f'allow_private = ["127.0.0.0/8"]\ntries = 1\ntimeout = 400\n{pace}[services]\n{services}'
    )
    entries = (f"  - {{key: e{n}, type: other, links: [{{url: {url}}}]}}\n" for n, url in enumerate(listed(origin)))
    papers = (
        f"  - {{key: p{n}, name: P{n}, links: [{{kind: paper, url: {origin.url(n, f'to/{n + 1}/paper/{n}')}}}]}}\n"
        for n in range(1, 4)
    )
    bench.write("catalog.yaml", "version: 1\nentries:\n" + "".join((*entries, *papers)))
    return bench


def result(bench: Bench, name: str) -> dict[str, Any]:
    """A JSON report without times."""
    report = timeless(json.loads(bench.read(name)))
    assert isinstance(report, dict)
    return report


def without_state(bench: Bench, *command: str) -> Outcome:
    return bench.call(*command, "--dry-run", "--cache-dir", f"cache-{time.monotonic_ns()}")


def test_parts_looked_at_one_by_one_make_the_report_of_one_run(bench: Bench, origin: ManyHosts) -> None:
    assert without_state(bench, "run", "--report", "json=whole.json").code == 1
    whole = Counter(origin.asked)
    origin.asked.clear()
    planned = bench.call("plan", "-o", "parts", "--parts", "3")
    assert (planned.code, json.loads(planned.out)) == (0, [1, 2, 3])
    assert origin.asked == []
    for number in (1, 2, 3):
        assert bench.call("look", f"parts/{number}.json", "-o", f"receipts/{number}.json").code == 0
    by_parts = len(origin.asked)
    receipts = [f"receipts/{number}.json" for number in (1, 2, 3)]
    done = without_state(bench, "conclude", *receipts, "--report", "json=parts.json")
    assert (done.code, done.err) == (1, "")
    assert result(bench, "parts.json") == result(bench, "whole.json")
    assert [row["matched_by"] for row in result(bench, "parts.json")["entries"][-3:]] == ["page"] * 3
    assert Counter(origin.asked) == whole
    assert by_parts >= len(listed(origin))
    assert max(origin.most.values()) <= 2


def test_a_part_that_failed_is_looked_at_in_the_end(bench: Bench) -> None:
    bench.call("plan", "-o", "parts", "--parts", "2")
    bench.call("look", "parts/1.json", "-o", "receipts/1.json")
    assert bench.call("conclude", "receipts/1.json", "--catalog", "catalog.yaml", "--report", "json=r.json").code == 1
    assert result(bench, "r.json")["counts"]["unknown"] == 0


def test_plan_replaces_parts_and_nothing_else(bench: Bench) -> None:
    bench.call("plan", "-o", "parts", "--parts", "4")
    assert bench.call("plan", "-o", "parts", "--parts", "2").out == "[1, 2]\n"
    assert sorted(path.name for path in (bench.folder / "parts").iterdir()) == ["1.json", "2.json"]
    (bench.folder / "mine").mkdir()
    bench.write("mine/1.json", "{}")
    refused = bench.call("plan", "-o", "mine")
    assert refused.code == 2
    assert refused.err.startswith("enrich: mine/1.json: not a part")
    assert refused.err.endswith("; remove it or choose another folder\n")
    assert bench.read("mine/1.json") == "{}"


def test_what_is_no_part_and_no_receipt_ends_the_command(bench: Bench) -> None:
    bench.write("part.json", "{}")
    os.mkfifo(bench.folder / "pipe.json")  # to open it would be to wait for a writer
    (bench.folder / "folder.json").mkdir()
    (bench.folder / "packed.json").write_bytes(gzip.compress(b"{}"))
    advice = {"part.json": "again", "packed.json": "unpack it", "folder.json": "folder.json/*.json"}
    for name in ("part.json", "missing.json", "pipe.json", "folder.json", "packed.json"):
        for command in ("look", "conclude"):
            ended = bench.call(command, name)
            assert ended.code == 2, ended.err
            assert ended.err.startswith(f"enrich: {name}: ")
            assert advice.get(name, "") in ended.err


def test_a_receipt_cannot_take_the_place_of_a_folder(bench: Bench, origin: ManyHosts) -> None:
    bench.call("plan", "-o", "parts", "--parts", "1")
    ended = bench.call("look", "parts/1.json", "-o", "parts")
    assert (ended.code, ended.err) == (2, "enrich: parts: a folder; pass a file in it\n")
    assert origin.asked == []


def test_a_part_with_a_link_that_is_in_it_twice_is_named(bench: Bench) -> None:
    bench.call("plan", "-o", "parts", "--parts", "1")
    part = json.loads(bench.read("parts/1.json"))
    bench.write("twice.json", json.dumps({**part, "links": part["links"] * 2}))
    ended = bench.call("look", "twice.json")
    assert ended.code == 2
    assert "twice.json" in ended.err


def test_without_receipts_the_run_fetches_all_pages(bench: Bench) -> None:
    """As where no page was due, or no job for a part succeeded: a shell leaves the pattern as it is."""
    done = bench.call("conclude", "receipts/*.json", "--report", "json=r.json")
    assert done.code == 1
    assert done.err.startswith("enrich: receipts/*.json: no receipts; all pages")
    assert result(bench, "r.json")["counts"]["unknown"] == 0
    assert bench.call("conclude", "receipts/1.json").code == 2


def test_receipts_are_used_without_a_network(bench: Bench, origin: ManyHosts) -> None:
    bench.call("plan", "-o", "parts", "--parts", "2")
    for number in (1, 2):
        bench.call("look", f"parts/{number}.json", "-o", f"receipts/{number}.json")
    origin.asked.clear()
    without_state(bench, "conclude", "receipts/*.json", "--offline", "--report", "json=r.json")
    assert origin.asked == []
    assert result(bench, "r.json")["counts"]["ok"] >= 3 * 8  # the others need a second look, or a host of another part


def test_the_receipt_of_a_machine_without_a_network_is_named(bench: Bench) -> None:
    bench.call("plan", "-o", "parts", "--parts", "1")
    bench.environment |= {"http_proxy": "http://127.0.0.1:9", "no_proxy": ""}
    looked = bench.call("look", "parts/1.json", "-o", "one.json")
    assert looked.code == 3
    assert looked.err.startswith("enrich: parts/1.json: 0 of ")
    told = bench.call("conclude", "one.json", "--limit", "1").err
    assert told.startswith("enrich: one.json: only what was answered counts (no network: ")


def test_a_look_that_ends_early_counts_what_it_has_seen(bench: Bench, origin: ManyHosts) -> None:
    bench.call("plan", "-o", "parts", "--parts", "1")
    number = len(json.loads(bench.read("parts/1.json"))["links"])
    answering = threading.Event()
    origin.before_answer = answering.wait
    ended = bench.call("look", "parts/1.json", "-o", "one.json", "--deadline", "1s")
    answering.set()
    assert ended.code == 3
    assert ended.err.startswith(f"enrich: parts/1.json: 0 of {number} links seen\n")
    assert len(json.loads(bench.read("one.json"))["rows"]) == number


def test_results_that_are_not_used_are_counted(bench: Bench) -> None:
    bench.call("plan", "-o", "parts", "--parts", "1")
    bench.call("look", "parts/1.json", "-o", "one.json")
    links = len(json.loads(bench.read("parts/1.json"))["links"])
    other = without_state(bench, "conclude", "one.json", "--fragments")  # `plan` was without
    assert f"enrich: {links} results of receipts not used" in other.err


def test_receipts_that_are_given_twice_or_are_of_other_lists_change_nothing(bench: Bench) -> None:
    bench.call("plan", "-o", "parts", "--parts", "1")
    bench.call("look", "parts/1.json", "-o", "one.json")
    once = without_state(bench, "conclude", "one.json", "--report", "json=once.json")
    bench.write("two.json", bench.read("one.json"))
    bench.write("other.json", bench.read("one.json").replace("/ok/", "/other/"))
    twice = without_state(bench, "conclude", "one.json", "two.json", "other.json", "--report", "json=twice.json")
    assert (twice.code, twice.err) == (once.code, once.err)
    assert result(bench, "twice.json")["links"] == result(bench, "once.json")["links"]


@pytest.mark.parametrize(
    ("at", "why"),
    [("2020-01-31T09:00:00Z", "older than 20 hours"), ("2999-01-31T09:00:00Z", "in the future"), ("now", "not valid")],
)
def test_receipts_of_other_times_are_ignored_with_a_word(bench: Bench, at: str, why: str) -> None:
    bench.call("plan", "-o", "parts", "--parts", "1")
    part = json.loads(bench.read("parts/1.json"))
    bench.write("part.json", json.dumps({**part, "links": []}))
    bench.call("look", "part.json", "-o", "old.json")
    bench.write("old.json", json.dumps({**json.loads(bench.read("old.json")), "at": at}))
    told = bench.call("conclude", "old.json", "--limit", "1").err
    assert told.startswith("enrich: old.json: ignored; ")
    assert why in told


def test_processes_make_the_report_of_one_and_what_they_kept_is_removed(bench: Bench, origin: ManyHosts) -> None:
    without_state(bench, "run", "--report", "json=whole.json")
    whole = Counter(origin.asked)
    origin.asked.clear()
    assert bench.call("run", "--workers", "2", "--report", "json=two.json").code == 1
    assert result(bench, "two.json")["links"] == result(bench, "whole.json")["links"]
    assert Counter(origin.asked) == whole
    assert max(origin.most.values()) <= 2
    assert not list((bench.folder / "cache" / "parts").glob("*"))


def test_workers_import_nothing_from_the_working_directory(bench: Bench, origin: ManyHosts) -> None:
    for name in ("multiprocessing", "selectors", "pickle", "enrich"):
        bench.write(f"{name}.py", "open('imported', 'w').close()\nraise SystemExit")
    script = str(Path(sys.executable).with_name("enrich"))
    command = [script, "check", origin.url(1, "ok/1"), "--config", "enrich.toml", "--workers", "1"]
    ended = subprocess.run(command, cwd=bench.folder, env=bench.environment, capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert not (bench.folder / "imported").exists()


def test_workers_are_started_where_the_fork_server_has_no_place_for_its_socket(bench: Bench, origin: ManyHosts) -> None:
    folder = bench.folder / ("x" * 100)
    folder.mkdir()
    bench.environment["TMPDIR"] = str(folder)
    ended = bench.run("check", origin.url(1, "ok/1"), "--workers", "1", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    assert origin.asked == [f"{origin.host(1)}/ok/1"]


def test_a_run_that_is_killed_goes_on_where_it_was(bench: Bench, origin: ManyHosts) -> None:
    origin.seconds = 0.1
    bench.environment["PYTHONWARNINGS"] = "default"
    killed = bench.start("run", "--workers", "1")
    while len(origin.asked) < 40 and killed.poll() is None:
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    assert killed.communicate() == (b"", b"")  # nor does a process that it leaves say anything
    before = list(origin.asked)
    origin.seconds = 0.01
    assert bench.call("run", "--workers", "1", "--report", "json=r.json").code == 1
    assert result(bench, "r.json")["counts"]["unknown"] == 0
    starts = {url.partition("//")[2].replace(f":{origin.port}", "") for url in listed(origin)}
    twice = [each for each in origin.asked[len(before) :] if each in before and each in starts and "gone" not in each]
    assert len(twice) <= 2 * 8


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="nothing shows the memory of processes")
def test_processes_of_workers_have_no_secret_of_the_coordinator_and_hear_no_ctrl_c(
    bench: Bench, origin: ManyHosts
) -> None:
    asked, answer = threading.Event(), threading.Event()

    def hold() -> None:
        asked.set()
        answer.wait(PATIENCE)

    origin.before_answer = hold
    secret = token_hex(16)
    named = ("GITHUB_TOKEN", "SEMANTIC_SCHOLAR_API_KEY", "ENRICH_NOTIFY_SECRET", "AWS_SECRET_ACCESS_KEY")
    bench.environment |= dict.fromkeys(named, secret) | {"MARKED": "for all to see"}
    running = bench.start("run", "--workers", "2")
    assert asked.wait(PATIENCE)
    others = list(descendants(running.pid))
    with stopped(others):
        memories = {process: memory(process) for process in others}
        hearing = [process for process in others if not unheard_signals(process) & 1 << signal.SIGINT - 1]
    running.kill()
    running.communicate()
    answer.set()
    assert len(others) >= 3
    assert sum(b"for all to see" in text for text in memories.values()) >= 3
    assert not [process for process, text in memories.items() if secret.encode() in text]
    assert hearing == []


@contextmanager
def stopped(processes: Sequence[int]) -> Iterator[None]:
    """Keep processes from running while their memory is read."""
    try:
        for process in processes:
            os.kill(process, signal.SIGSTOP)
            while "\nState:\tT" not in Path(f"/proc/{process}/status").read_text():
                os.sched_yield()
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def descendants(process: int) -> Iterator[int]:
    """The processes that a process has started, and those that they have."""
    for child in map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split()):
        yield child
        yield from descendants(child)


def unheard_signals(process: int) -> int:
    """The signals that a process blocks or ignores, as a mask."""
    rows = dict(row.split(":", 1) for row in Path(f"/proc/{process}/status").read_text().splitlines())
    return int(rows["SigBlk"], 16) | int(rows["SigIgn"], 16)


def memory(process: int) -> bytes:
    """What a process may write to, which holds its environment."""
    rows = [row.split() for row in Path(f"/proc/{process}/maps").read_text().splitlines()]
    spans = [map(partial(int, base=16), row[0].split("-")) for row in rows if row[1].startswith("rw")]
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as file:
        return b"".join(os.pread(file.fileno(), end - begin, begin) for begin, end in spans)


def test_a_cleared_cache_holds_nothing_that_workers_have_seen(bench: Bench, origin: ManyHosts) -> None:
    bench.call("plan", "-o", "parts", "--parts", "1")
    bench.call("look", "parts/1.json")
    asked = len(origin.asked)
    bench.call("look", "parts/1.json")
    assert len(origin.asked) == asked
    assert bench.call("cache", "clear").code == 0
    bench.call("look", "parts/1.json")
    assert len(origin.asked) == 2 * asked


def test_nothing_is_written_through_a_link_in_the_cache(bench: Bench) -> None:
    outside = bench.folder / "outside"
    outside.mkdir()
    (bench.folder / "cache" / "parts").symlink_to(outside)
    bench.call("plan", "-o", "parts", "--parts", "1")
    for command in (["run", "--workers", "1"], ["look", "parts/1.json"]):
        ended = bench.call(*command)
        assert ended.code == 2
        assert "leads out of" in ended.err
    assert list(outside.iterdir()) == []


def test_a_cluster_makes_the_report_of_one_process_though_a_worker_is_killed(bench: Bench, origin: ManyHosts) -> None:
    without_state(bench, "run", "--report", "json=whole.json")
    whole = Counter(origin.asked)
    origin.asked.clear()

    def kill_one() -> None:
        if next(asked) == 30:
            worker = next(each for each in multiprocessing.active_children() if each not in before)
            killed.append(worker)
            worker.kill()

    asked, killed, before = count(), list[BaseProcess](), multiprocessing.active_children()
    origin.before_answer = kill_one
    ended = bench.call("run", "--cluster", "local:2", "--report", "json=two.json")
    assert (ended.code, ended.err) == (1, "")
    assert result(bench, "two.json")["links"] == result(bench, "whole.json")["links"]
    assert killed
    assert not whole - Counter(origin.asked)
    assert (Counter(origin.asked) - whole).total() <= 2 * 8
    assert max(origin.most.values()) <= 2 + 2  # the killed worker's last requests are still being answered


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--cluster", "somewhere"], "must be a scheduler"),
        (["--cluster", "tcp://127.0.0.1"], "must be a scheduler"),
        (["--cluster", "tcp://127.0.0.1:99999"], "must be a scheduler"),
        (["--cluster", "tcp://[::1"], "must be a scheduler"),
        (["--cluster", "local:2"], "pip install 'enrich-catalog[cluster]'"),
        (["--cluster", "local:2", "--workers", "2"], "cannot be combined"),
        (["--workers", "0"], "positive integer"),
    ],
)
def test_workers_that_cannot_be_had_end_the_command(
    bench: Bench, flags: list[str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)  # as if it were not installed
    monkeypatch.delitem(sys.modules, "enrich.pipeline.parts.cluster", raising=False)
    ended = bench.call("run", *flags)
    assert ended.code == 2
    assert says in ended.err
