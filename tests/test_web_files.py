"""A process that may open few files asks more slowly, and says why where even that does not do."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path
from subprocess import run

import pytest

from enrich.web.in_flight import InFlight
from tests.loopback import Upstream, page
from tests.worlds import as_json

FEW_FILES = """
import os, resource, sys
most, left = int(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
from enrich.cli import main
held = []
while left and len(held) < most - 3:
    try:
        held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        break
for file in held[len(held) - left:]:
    os.close(file)
sys.exit(main(sys.argv[3:]))
"""


@pytest.mark.parametrize(
    ("most", "left"), [(64, 0), (140, 35)], ids=["the limit tells", "the limit is spent on other files"]
)
def test_few_files_cost_time_and_no_verdict(tmp_path: Path, upstream: Upstream, most: int, left: int) -> None:
    bench = upstream.bench(tmp_path / "here")
    bench.write("enrich.toml", 'allow_private = ["127.0.0.1"]\n[pace."127.0.0.1"]\nconcurrency = 64\n')
    upstream.pages = {f"{number}": page("Here") for number in range(100)}
    bench.write("links.txt", "\n".join(map(upstream.url, (f"pages/{number}" for number in range(100)))))
    command = ("check", "links.txt", "--config", "enrich.toml", "--format", "json", "-o", "report.json")
    done = run(
        [sys.executable, "-c", FEW_FILES, str(most), str(left), *command],
        cwd=bench.folder,
        env=bench.environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = as_json(bench.read("report.json"))
    links = report["links"]
    assert isinstance(links, list)
    assert Counter(link["verdict"] for link in links) == {"ok": 100}
    assert (report["unasked"], report["notes"]) == ([], [])


def test_places_are_given_up_but_for_the_last() -> None:
    async def job() -> list[bool]:
        places = InFlight(5)
        for _ in range(3):
            await places.acquire()
        left = []
        for _ in range(3):
            await places.shrink()
            places.release()
            left.append(places.locked())
        await places.acquire()
        return [*left, places.locked()]

    # Three were under way: the first two that find no file leave no place behind, the last one does.
    assert asyncio.run(job()) == [True, True, False, True]
