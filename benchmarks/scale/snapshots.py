"""Snapshots of the size of arXiv: `python -m benchmarks.scale.snapshots [1500000]`.

A made-up dump of that many papers is written (1.9 KB a paper) and built into a snapshot; then a process of its own asks
it for ids and for altered titles. Times are seconds of processor time, sizes the largest resident set of a process.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.scale.dumps import Dump, write
from enrich.snapshots import KINDS, BuildListener, Snapshot, build

_IDS, _TITLES, _MANY = 10_000, 5_000, 100_000


def _peak() -> int:
    """The largest resident set of this process so far, in MB; `getrusage` would count the parent's, too."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) // 1024


def _prepare(folder: Path, count: int) -> None:
    """Write the dump and the questions."""
    now = datetime.now(UTC)
    sample = write(folder / "dump.jsonl", count, now.date())
    dump, rng = Dump(2), random.Random(3)
    ids = [arxiv_id for arxiv_id, _ in rng.choices(sample, k=_IDS)]
    titles = [(arxiv_id, dump.altered(title)) for arxiv_id, title in rng.sample(sample, min(_MANY, len(sample)))]
    (folder / "questions.json").write_text(json.dumps({"ids": ids, "titles": titles[:_TITLES]}), encoding="utf-8")
    with (folder / "titles.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"title": title, "answers": [arxiv_id]}) + "\n" for arxiv_id, title in titles)


def _build(folder: Path) -> None:
    started = time.process_time()
    listener = BuildListener(lambda _: None, print)
    place, dump = folder / "made.sqlite", folder / "dump.jsonl"
    info = build(KINDS["arxiv"], [dump], place, listener, now=datetime.now(UTC))
    spent, sizes = time.process_time() - started, [path.stat().st_size / 1e6 for path in (dump, place)]
    print(f"build: {info.rows:,} rows in {spent:.0f} s, {_peak()} MB; {sizes[0]:,.0f} MB became {sizes[1]:,.0f} MB")


def _ask(folder: Path) -> None:
    questions = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    ids, titles = questions["ids"], questions["titles"]
    with closing(Snapshot.open("arxiv", folder / "made.sqlite")) as snapshot:
        started = time.process_time()
        known = sum(len(snapshot.records([arxiv_id])) for arxiv_id in ids)
        spent = time.process_time() - started
        print(f"ids: {len(ids) / spent:,.0f} a second, {known / len(ids):.2%} found")
        started = time.process_time()
        found = [[record.arxiv_id for record in snapshot.candidates(title)] for _, title in titles]
        spent = time.process_time() - started
    right = sum(arxiv_id in candidates for (arxiv_id, _), candidates in zip(titles, found, strict=True))
    mean = sum(map(len, found)) / len(found)
    print(f"titles: {len(titles) / spent:,.0f} a second, {right / len(titles):.2%} among {mean:.1f} candidates")
    print(f"reading takes {_peak()} MB")


_STEPS = {"build": _build, "ask": _ask}


def main() -> None:
    """Write the dump, and measure each step in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale.snapshots", description=__doc__.splitlines()[0])
    parser.add_argument("count", nargs="?", type=int, default=1_500_000, help="papers (default: 1500000)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="folder for the files (default: one that is removed)")
    parser.add_argument("--step", choices=_STEPS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        _STEPS[options.step](options.keep)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "questions.json").exists():
            _prepare(folder, options.count)
        for step in _STEPS:
            command = [sys.executable, "-m", "benchmarks.scale.snapshots", "--step", step, "--keep", str(folder)]
            subprocess.run(command, check=True)
        command = [sys.executable, "-m", "benchmarks.matching", "--snapshot", str(folder / "made.sqlite")]
        subprocess.run([*command, "--titles", str(folder / "titles.jsonl")], check=True)


if __name__ == "__main__":
    main()
