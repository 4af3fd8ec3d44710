"""Start-up: `python -m benchmarks.speed.startup [RUNS]`.

`enrich --help`, and `enrich run` on this repository's catalog where nothing is missing or due: a copy of it in which
every paper is remembered as just looked up and every link as just seen, so that no request is made.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from pydantic import TypeAdapter

from benchmarks.speed.measure import took
from enrich import catalog
from enrich.history import EntryPast, History, save
from enrich.judge import missing_fields
from enrich.model import WANTED_FIELDS, Evidence, LinkCheck, Status, Verdict
from enrich.pipeline.clues import lookup_hash
from enrich.web import Cache, SystemClock

_CATALOG = Path(__file__).resolve().parents[2] / "catalog.yaml"


def complete(folder: Path) -> Path:
    """A copy of the catalog, with a history and a cache in which everything is known."""
    path, clock = folder / "catalog.yaml", SystemClock()
    path.write_text(_CATALOG.read_text())
    entries = catalog.load(path).entries
    today = clock.now().date()
    past = {
        e.key: EntryPast(today, lookup_hash(e), Status.FOUND, missing_fields(e, e.enriched, WANTED_FIELDS))
        for e in entries
    }
    save(folder / "history.json", History(entries=past))
    answers, form = Cache(folder / "cache", clock), TypeAdapter(LinkCheck)
    for url in {link.url for entry in entries for link in entry.links}:
        check = LinkCheck(url, Verdict.OK, (Evidence("web", "2026-01-31T09:00:00Z", "answered", 200),))
        answers.put("page", url, form.dump_python(check, mode="json"))
    answers.close()
    return path


def main(runs: int) -> None:
    """Prints the table: medians and minima."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = complete(folder)
        commands = {
            "enrich --help": ["enrich", "--help"],
            "enrich run, nothing due": [
                "enrich",
                "run",
                str(path),
                "--only-missing",
                "--cache-dir",
                str(path.parent / "cache"),
                "--history",
                str(path.parent / "history.json"),
            ],
        }
        figures = {what: [took(command, folder=folder) for _ in range(runs)] for what, command in commands.items()}
        said = (folder / "took.json.out").read_text().strip().splitlines()
    print("| command | median s | least s | CPU s | peak MB |\n| --- | ---: | ---: | ---: | ---: |")
    for what, rows in figures.items():
        walls = [row["wall"] for row in rows]
        cpu, megabytes = (statistics.median(row[column] for row in rows) for column in ("cpu", "mb"))
        print(f"| {what} | {statistics.median(walls):.2f} | {min(walls):.2f} | {cpu:.2f} | {megabytes:.0f} |")
    print("\n" + "\n".join(said[-2:]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 7)
