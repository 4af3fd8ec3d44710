"""Machines that are odd: a clock set back, a locale that knows no letters, an answer that never ends."""

from __future__ import annotations

import sys
from pathlib import Path
from subprocess import run

import pytest

from enrich.model import State
from enrich.pipeline import Options
from tests.loopback import Bench, Upstream
from tests.worlds import Nights, listed

ENTRY = 'version: 1\nentries:\n  - key: flexgen\n    name: "Flüxgen — 柔 🧪"\n    links: {paper: https://arxiv.org/abs/2303.06865}\n'

COMMANDS = """
import sys
from enrich.cli import main
given = ["--config", "enrich.toml"]
code = main([*given, "run", "--report", "html=report.html", "--report", "markdown=report.md"])
sys.exit(code or main([*given, "export", "--format", "markdown", "-o", "list.md"]))
"""


@pytest.mark.parametrize("locale", ["C", "POSIX", "tr_TR.ISO-8859-9", "no_such.LOCALE"])
def test_in_any_locale_files_are_utf_8(tmp_path: Path, upstream: Upstream, locale: str) -> None:
    (tmp_path / "here" / "cache").mkdir(parents=True)
    bench = Bench.at(tmp_path / "here", LC_ALL=locale, LANG=locale, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    bench.write("enrich.toml", upstream.settings())
    bench.write("catalog.yaml", ENTRY)
    # Both commands in one process: a locale is of a process, and most of its time is its start.
    line = [sys.executable, "-c", COMMANDS]
    done = run(line, cwd=bench.folder, env=bench.environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr.count(b"Traceback")) == (0, 0), done.stderr
    assert bench.read().startswith(ENTRY.rstrip())
    assert "enriched:" in bench.read()
    assert "Flüxgen — 柔 🧪" in bench.read("list.md")


def test_a_clock_set_back_a_year_neither_breaks_nor_mends_anything(tmp_path: Path) -> None:
    nights = Nights(listed(), tmp_path / "cache")
    first = nights.live(0)
    back = nights.live(-365, Options(only_missing=True))
    assert set(back.findings) == set(first.findings)
    assert State.FIXED not in back.findings.values()
    again = nights.live(1)
    assert set(again.findings) == set(first.findings)
