"""Machines that are odd: a clock set back, a locale that knows no letters, an answer that never ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from enrich.model import State
from enrich.pipeline import Options
from tests.loopback import Bench, Upstream
from tests.worlds import Nights, listed

ENTRY = 'version: 1\nentries:\n  - key: flexgen\n    name: "Flüxgen — 柔 🧪"\n    links: {paper: https://arxiv.org/abs/2303.06865}\n'


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream().serving() as serving:
        yield serving


@pytest.mark.parametrize("locale", ["C", "POSIX", "tr_TR.ISO-8859-9", "no_such.LOCALE"])
def test_in_any_locale_files_are_utf_8(tmp_path: Path, upstream: Upstream, locale: str) -> None:
    (tmp_path / "here" / "cache").mkdir(parents=True)
    bench = Bench.at(tmp_path / "here", LC_ALL=locale, LANG=locale, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    bench.write("enrich.toml", upstream.settings())
    bench.write("catalog.yaml", ENTRY)
    done = bench.run("run", "--report", "html=report.html", "--report", "markdown=report.md")
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    assert bench.read().startswith(ENTRY.rstrip())
    assert "enriched:" in bench.read()
    assert "Flüxgen — 柔 🧪" in bench.run("export", "--format", "markdown", "-o", "list.md").out + bench.read("list.md")


def test_a_clock_set_back_a_year_neither_breaks_nor_mends_anything(tmp_path: Path) -> None:
    nights = Nights(listed(), tmp_path / "cache")
    first = nights.live(0)
    back = nights.live(-365, Options(only_missing=True))
    assert set(back.findings) == set(first.findings)
    assert State.FIXED not in back.findings.values()
    again = nights.live(1)
    assert set(again.findings) == set(first.findings)
