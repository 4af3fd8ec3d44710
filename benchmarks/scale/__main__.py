"""Workers against one process over loopback: wall and processor time, memory, requests, in alternation.

    python -m benchmarks.scale [slow S1 S4] [--workers 0,2] [--runs 3] [--port 18180]

slow: 4,000 addresses on 200 hosts that answer after 400 ms (slow1600: after 1,600). S1 and S4 are those of
`benchmarks.speed.links`: 10,000 on 200 hosts and 100,000 on 2,000, without latency. A number as the name (1000000) is
that many on 2,000 hosts, without latency, for the memory of the coordinator. 0 workers: one process alone.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from benchmarks.speed.links import SETUPS, Setup, flat
from benchmarks.speed.origin import serving

_PR_SET_CHILD_SUBREAPER = 36
_COLUMNS = ("wall", "cpu", "own_cpu", "mb", "worker_mb", "requests", "at_once", "ok")


def setup_of(name: str, port: int) -> Setup:
    """The addresses of a setup."""
    if name.startswith("slow"):
        plain, ms = flat(port, 4_000, 200), name.removeprefix("slow") or "400"
        return Setup({f"{url}?ms={ms}": kind for url, kind in plain.kinds.items()}, port)
    return flat(port, int(name), 2_000) if name.isdigit() else SETUPS[name](port)


def once(setup: Setup, workers: int, folder: Path) -> dict[str, float]:
    """The figures of one run with so many workers."""
    with serving(setup.port):
        shutil.rmtree(folder / "cache", ignore_errors=True)
        figures = _run(workers, folder)
        with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{setup.port}/stop") as reply:
            heard = json.load(reply)
    ok = json.loads((folder / "report.json").read_text())["counts"]["ok"]
    return {**figures, "requests": heard["requests"], "at_once": heard["most_at_once"], "ok": ok}


def _run(workers: int, folder: Path) -> dict[str, float]:
    flags = ["--workers", str(workers)] if workers else []
    command = [sys.executable, "-m", "enrich", "check", "links.txt", "--config", "settings.toml", *flags]
    command += ["--format", "json", "-o", "report.json", "--cache-dir", "cache", "--no-progress"]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    child = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)
    peaks: dict[int, float] = {}
    own_cpu = 0.0
    while child.poll() is None:
        for process in (child.pid, *_descendants(child.pid)):
            peaks[process] = max(peaks.get(process, 0.0), _peak_mb(process))
        own_cpu = max(own_cpu, _cpu(child.pid))
        time.sleep(0.05)
    wall = time.monotonic() - started
    for process in peaks:
        with suppress(ChildProcessError):
            os.waitpid(process, 0)  # its processor time counts once it has been waited for
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    own = peaks.pop(child.pid, 0.0)
    return {"wall": wall, "cpu": cpu, "own_cpu": own_cpu, "mb": own, "worker_mb": max(peaks.values(), default=0.0)}


def _cpu(process: int) -> float:
    """The processor time of a process itself, without that of its children."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _descendants(process: int) -> Iterator[int]:
    with suppress(OSError):
        for row in Path(f"/proc/{process}/task/{process}/children").read_text().split():
            yield int(row)
            yield from _descendants(int(row))


def _peak_mb(process: int) -> float:
    try:
        rows = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(row.split()[1]) / 1024 for row in rows if row.startswith("VmHWM:")), 0.0)


def prepare(setup: Setup, folder: Path) -> None:
    """The list, and settings that let enrich reach loopback addresses."""
    with (folder / "links.txt").open("w") as file:
        file.writelines(f"{url}\n" for url in setup.kinds)  # a Markdown parser would take the most memory
    (folder / "settings.toml").write_text('allow_private = ["127.0.0.0/8"]\n')


def table(name: str, setup: Setup, counts: Sequence[int], runs: int) -> None:
    """Prints the medians of some runs with each number of workers, in turn, and how much quicker the last is."""
    print(f"\n{name}: {len(setup.kinds)} addresses, {runs} runs each, in turn, on {os.cpu_count()} cores\n")
    print("| workers | wall s | CPU s | first process CPU s | MB | a worker MB | requests | at once at a host | ok |")
    print("|" + " ---: |" * 9, flush=True)
    figures: dict[int, list[dict[str, float]]] = {count: [] for count in counts}
    with tempfile.TemporaryDirectory() as path:
        prepare(setup, Path(path))
        for _ in range(runs):
            for count in counts:
                figures[count].append(once(setup, count, Path(path)))
    for count, rows in figures.items():
        row = [statistics.median(each[column] for each in rows) for column in _COLUMNS]
        print(
            f"| {count} | {row[0]:.2f} | {row[1]:.2f} | {row[2]:.2f} | "
            + " | ".join(f"{cell:.0f}" for cell in row[3:])
            + " |"
        )
    first, last = figures[counts[0]], figures[counts[-1]]
    ratios = [one["wall"] / other["wall"] for one, other in zip(first, last, strict=True)]
    print("\nwall of the first to that of the last:", ", ".join(f"{ratio:.2f}" for ratio in ratios), flush=True)


def main() -> None:
    """Runs the setups that are asked for."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)  # to wait for the processes that enrich leaves to end
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("setups", nargs="*", metavar="SETUP", default=["slow", "S1", "S4"])
    parser.add_argument("--workers", default="0,2")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--port", type=int, default=18180, help="which the server listens at")
    arguments = parser.parse_args()
    counts = [int(each) for each in arguments.workers.split(",")]
    for name in arguments.setups:
        table(name, setup_of(name, arguments.port), counts, arguments.runs)


if __name__ == "__main__":
    main()
