"""Large catalogs: `python -m benchmarks.speed.catalogs [--keep FOLDER] [--runs] [1000 10000 100000]`.

A catalog of that many papers is written; then, each in a process of its own, its parts are measured (load; splice a
block into each entry and save) and two whole runs of `enrich run --offline`: arXiv's answers are in the cache, so that
the first run finds every paper and writes a block into every entry, and the later run reads these blocks; the links
could not be asked. With `--keep`, what is prepared stays in a folder for the next time; `--runs` measures runs only.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.speed.measure import took
from enrich import catalog
from enrich.model import Enriched, Entry, Found, Identifier, Link, LinkKind, Record, Scheme
from enrich.sources import arxiv
from enrich.sources.asking.lookup import store
from enrich.web import Cache, SystemClock, Web


def written(size: int) -> str:
    """Return a catalog as lists make it: a title, a venue, three links for each entry."""
    return catalog.new_text(
        [
            Entry(
                f"system-{at}",
                name=f"System{at}",
                title=title(at),
                venue="NSDI 2024",
                institutions=("Tsinghua", "MIT"),
                sections=("Scheduling", "Sharing / Machines"),
                links=(
                    Link(f"https://arxiv.org/abs/{arxiv_id(at)}", LinkKind.PAPER, "Paper"),
                    Link(f"https://github.com/someone/system-{at}", LinkKind.CODE, "Code"),
                    Link(f"https://pages{at % 500}.example.org/system/{at}", LinkKind.HOMEPAGE, "Homepage"),
                ),
            )
            for at in range(size)
        ]
    )


def title(at: int) -> str:
    """Return the title of a paper."""
    return f"System{at}: Scheduling the Requests of Many Tenants on Shared Machines, Part {at}"


def arxiv_id(at: int) -> str:
    """Return its number at arXiv."""
    return f"2401.{at:05}"


def block(at: int) -> Enriched:
    """Return what a run fills in."""
    return Enriched(
        arxiv_id=arxiv_id(at),
        authors=("Ada Example", "Ben Example", "Cleo Example"),
        year=2024,
        abstract="Tenants share machines, and their requests wait for each other. " * 15,
        citation_count=at % 300,
        enriched_on="2026-01-31",
    )


def answer(folder: Path, size: int) -> None:
    """Put what arXiv says of each paper into the cache."""

    async def put() -> None:
        async with Web(cache=Cache(folder, clock)) as web:
            for at in range(size):
                known = block(at)
                record = Record(
                    source=arxiv.NAME,
                    title=title(at),
                    authors=known.authors,
                    abstract=known.abstract,
                    year=2024,
                    arxiv_id=arxiv_id(at),
                    citation_count=known.citation_count,
                )
                store(web, arxiv.NAME, Identifier(Scheme.ARXIV, arxiv_id(at)), Found(record, now))

    clock = SystemClock()
    now = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    asyncio.run(put())


def prepared(folder: Path, size: int) -> Path:
    """Return the folder of a catalog and its cache, which are made if they are not there."""
    place = folder / str(size)
    if not place.exists():
        making = folder / f"{size}.tmp"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        (making / "catalog.yaml").write_text(written(size))
        answer(making / "cache", size)
        making.rename(place)
    return place


def steps(path: Path) -> None:
    """Print the seconds of each step and the peak memory in MB, as JSON."""
    clock = time.perf_counter
    begun = clock()
    loaded = catalog.load(path)
    read = clock()
    catalog.save_enriched(loaded, {entry.key: block(at) for at, entry in enumerate(loaded.entries)})
    saved = clock()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"load": read - begun, "save": saved - read, "mb": peak}))


def measured(place: Path, *, runs_only: bool) -> list[str]:
    """Return the cells of a row, measured on copies of what is prepared: the size of the catalog with blocks first."""
    cells: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "catalog.yaml"
        if not runs_only:
            shutil.copy(place / "catalog.yaml", path)
            took([sys.executable, "-m", "benchmarks.speed.catalogs", "--steps", str(path)], folder=folder)
            told = json.loads((folder / "took.json.out").read_text())
            cells += [f"{told['load']:.2f}", f"{told['save']:.2f}", f"{told['mb']:.0f}"]
        shutil.copytree(place, folder, dirs_exist_ok=True)
        run = [sys.executable, "-m", "enrich", "run", str(path), "--offline", "--cache-dir", str(folder / "cache")]
        for _ in ("first", "later"):
            whole = took(run, seconds=1800, folder=folder)
            cells += [f"{whole['wall']:.1f}", f"{whole['cpu']:.1f}", f"{whole['mb']:.0f}"]
            if b"enriched:" not in path.read_bytes():
                raise SystemExit("the run has not filled the catalog")
        return [f"{path.stat().st_size / 1e6:.1f}", *cells]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure long catalogs.")
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where what is prepared stays for the next time")
    parser.add_argument("--runs", action="store_true", help="measure runs only")
    parser.add_argument("--steps", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.steps:
        steps(arguments.steps)
        return
    heads = [] if arguments.runs else ["load s", "splice and save s", "peak MB"]
    heads += ["first run s", "CPU s", "peak MB", "later run s", "CPU s", "peak MB"]
    print(f"| entries | MB of YAML | {' | '.join(heads)} |\n|{' ---: |' * (len(heads) + 2)}", flush=True)
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    with tempfile.TemporaryDirectory() as passing:
        for size in arguments.sizes:
            cells = measured(prepared(arguments.keep or Path(passing), size), runs_only=arguments.runs)
            print(f"| {size:,} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
