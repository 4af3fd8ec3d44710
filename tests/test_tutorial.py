"""The tutorial's commands print what the tutorial shows, in the demonstration's world.

`python -m tests.test_tutorial --update` puts the present output into the page.
"""

from __future__ import annotations

import re
import shlex
import sys
import tempfile
from pathlib import Path

from tests.loopback import Bench, Upstream
from tests.runner import git
from tests.test_docs import ROOT, blocks, page

PAGE = "docs/tutorial.md"
_STEP = re.compile(
    r"(?<=^```sh\n)(?P<command>enrich [^\n]*)\n```\n\n```text\n(?P<shown>.*?)^```$", re.MULTILINE | re.DOTALL
)
# How many requests it takes depends on what is ready at the same moment.
_MOMENT = re.compile(r"(?:\d+ requests? · )?\d{4}-\d\d-\d\d(?: \d\d:\d\d UTC, \d+ s)?")


def replayed(folder: Path, upstream: Upstream) -> str:
    """The page with what its commands print now, one after the other in one repository; dates and requests stay."""
    (folder / "papers").mkdir(parents=True)
    git(folder / "papers", "init", "-q")
    bench = Bench.at(folder / "papers")
    (folder / "world.toml").write_text(upstream.settings(), encoding="utf-8")
    bench.write("README.md", blocks(PAGE, "markdown")[0])

    def step(match: re.Match[str]) -> str:
        done = bench.call("--config", str(folder / "world.toml"), *shlex.split(match["command"])[1:])
        dates = iter(_MOMENT.findall(match["shown"]))
        printed = _MOMENT.sub(lambda now: next(dates, now[0]), done.out)
        return f"{match['command']}\n```\n\n```text\n{printed}```"

    return _STEP.sub(step, page(PAGE))


def test_the_tutorial_shows_what_its_commands_print(tmp_path: Path, upstream: Upstream) -> None:
    assert replayed(tmp_path, upstream) == page(PAGE), "python -m tests.test_tutorial --update"


if __name__ == "__main__" and "--update" in sys.argv:
    with tempfile.TemporaryDirectory() as name, Upstream().serving() as serving:
        (ROOT / PAGE).write_text(replayed(Path(name), serving), encoding="utf-8")
