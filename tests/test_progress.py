"""How a run goes, for people who wait."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from argparse import Namespace

import pytest

from enrich.commands.progress import RunProgress, progress, tell_until


def test_a_line_tells_how_far_a_run_is_and_what_it_waits_for() -> None:
    course = RunProgress()
    assert course.sentence() == ""
    course.expected.update({"links": 266, "arxiv": 500, "crossref": 10})
    course.answered.update({"links": 234, "arxiv": 100, "crossref": 10})
    course.queued.update({"arxiv": 4, "crossref": 0})
    assert course.sentence() == "checking links 234/266; arXiv 100/500 (1 request in 3 s, 4 left)"
    course.queued["github"] = 2  # it has no pace that one could see
    course.answered["github"] = 7
    assert course.line("github") == "GitHub 7"


def test_a_log_gets_a_line_now_and_then_until_the_run_is_over() -> None:
    course, told = RunProgress(), list[str]()
    waits = iter([False, False, False, True])

    def wait(seconds: float) -> bool:
        assert seconds == 30
        course.expected["links"], course.answered["links"] = (9, 3) if told or course.expected["links"] else (9, 0)
        return next(waits)

    tell_until(wait, course, told.append)
    assert told == ["checking links 0/9", "checking links 3/9", "checking links 3/9"]


@pytest.mark.parametrize(("flags", "lines"), [({}, 0), ({"verbose": 1}, 2), ({"verbose": 1, "quiet": True}, 0)])
def test_without_a_terminal_only_verbose_tells_of_single_services(
    flags: dict[str, object], lines: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress(Namespace(**flags)) as heard:
        heard.expected("arxiv", 120)
        for _ in range(60):
            heard.answered("arxiv", 1)
        heard.queued("arxiv", 1)
    assert capsys.readouterr().err.splitlines() == ["enrich: arXiv: 1 responses", "enrich: arXiv: 50 responses"][:lines]


PROGRAM = """
from argparse import Namespace
from enrich.commands.progress import progress
with progress(Namespace({flags})) as heard:
    heard.expected("links", 266)
    heard.answered("links", 234)
    heard.expected("arxiv", 500)
    heard.queued("arxiv", 4)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals of this kind there")
@pytest.mark.parametrize("flags", ["", "no_progress=True", "quiet=True"])
def test_on_a_terminal_there_are_bars_with_totals(flags: str) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    environment.pop("CI", None)
    program = [sys.executable, "-c", PROGRAM.format(flags=flags)]
    with subprocess.Popen(program, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", _all_of(ours))
    assert process.returncode == 0
    assert bool(re.search(r"Checking links .*234/266", shown)) is not bool(flags)
    assert bool(re.search(r"arXiv .*0/500 \(1 request in 3 s, 4 left\)", shown)) is not bool(flags)


def _all_of(terminal: int) -> str:
    pieces = []
    while True:
        try:
            piece = os.read(terminal, 65_536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(terminal)
    return b"".join(pieces).decode()
