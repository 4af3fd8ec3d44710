"""Large catalogs: `python -m benchmarks.speed.catalogs [1000 10000 100000]`.

A catalog of that many papers is written; then, each in a process of its own, its parts (load; splice a block into each
entry and save) and a whole `enrich run --offline`: arXiv's answers lie in the cache, so that every paper is found and
a block is written into every entry; the links could not be asked.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
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

_STEPS = ("load", "save")


def written(size: int) -> str:
    """A catalog as lists make it: a title, a venue, three links for each entry."""
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
    """The title of a paper."""
    return f"System{at}: Scheduling the Requests of Many Tenants on Shared Machines, Part {at}"


def arxiv_id(at: int) -> str:
    """Its number at arXiv."""
    return f"2401.{at:05}"


def block(at: int) -> Enriched:
    """What a run fills in."""
    return Enriched(
        arxiv_id=arxiv_id(at),
        authors=("Ada Example", "Ben Example", "Cleo Example"),
        year=2024,
        abstract="Tenants share machines, and their requests wait for each other. " * 15,
        citation_count=at % 300,
        enriched_on="2026-01-31",
    )


def answer(folder: Path, size: int) -> None:
    """Puts what arXiv says of each paper into the cache."""

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


def steps(path: Path) -> None:
    """Prints the seconds of each step and the peak memory in MB, as JSON."""
    clock = time.perf_counter
    begun = clock()
    loaded = catalog.load(path)
    read = clock()
    catalog.save_enriched(loaded, {entry.key: block(at) for at, entry in enumerate(loaded.entries)})
    saved = clock()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"load": read - begun, "save": saved - read, "mb": peak}))


def main(sizes: list[int]) -> None:
    """Prints the table."""
    print("| entries | MB of YAML | load s | splice and save s | peak MB | whole run s | CPU s | peak MB |")
    print("| ---: |" + " ---: |" * 7, flush=True)
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            path = folder / "catalog.yaml"
            path.write_text(written(size))
            took([sys.executable, "-m", "benchmarks.speed.catalogs", "steps", str(path)], folder=folder)
            told = json.loads((folder / "took.json.out").read_text())
            megabytes = path.stat().st_size / 1e6
            path.write_text(written(size))
            answer(folder / "cache", size)
            run = [sys.executable, "-m", "enrich", "run", str(path), "--offline", "--cache-dir", str(folder / "cache")]
            whole = took(run, folder=folder)
            if path.stat().st_size / 1e6 < megabytes:
                raise SystemExit("the run has not filled the catalog")
        cells = [told[step] for step in _STEPS]
        row = " | ".join(f"{cell:.2f}" for cell in cells)
        print(
            f"| {size:,} | {megabytes:.1f} | {row} | {told['mb']:.0f} | "
            f"{whole['wall']:.1f} | {whole['cpu']:.1f} | {whole['mb']:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["steps"]:
        steps(Path(sys.argv[2]))
    else:
        main([int(size) for size in sys.argv[1:]] or [1_000, 10_000, 100_000])
