"""Files of titles against a snapshot, joined in DuckDB (an extra): `python -m benchmarks.matching --snapshot`."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.matching.__main__ import main
from enrich.snapshots import KINDS, BuildListener, build
from tests.dumps import lines, paper, put

TITLES = {
    "2401.00001": "Engines of Many Gears in Parallel Mills",
    "2401.00002": "Mills That Grind Exceedingly Small Numbers",
    "2401.00003": "Überholte Räder: Ein Überblick",
    "2401.00004": "Oil",
    "2401.00005": "Kernel Methods With Statistical Guarantees",
}


def test_altered_titles_find_their_papers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("duckdb")
    dump = put(tmp_path, "dump", lines(*(paper(arxiv_id, title) for arxiv_id, title in TITLES.items())))
    listener = BuildListener(lambda _: None, lambda _: None)
    build(KINDS["arxiv"], [dump], tmp_path / "made.sqlite", listener, now=datetime(2026, 11, 28, tzinfo=UTC))
    asked = [
        {"title": "ENGINES of Many Gears in Paralel Mills", "answers": ["2401.00001"]},
        {"title": "Mills that grind exceedingly small numbers!", "answers": ["2401.00002"]},
        {"title": "Uberholte Rader - ein Uberblick", "answers": ["2401.00003"], "authors": ["Ada Lovelace"]},
        {"title": "Oil", "answers": ["2401.00004"], "authors": ["Ada Lovelace"], "year": 2024},
        {"title": "Kernel Methods With StatisticalGuarantees", "answers": ["2401.00005"]},
        {"title": "Something Else Entirely About Lakes"},
        {"title": "???"},
    ]
    titles = put(tmp_path, "titles.jsonl", lines(*asked))
    place = str(tmp_path / "made.sqlite")
    monkeypatch.setattr(sys, "argv", ["matching", "--snapshot", place, "--titles", str(titles)])
    main()
    answers = [json.loads(line) for line in (tmp_path / "titles.answers.jsonl").read_text().splitlines()]
    assert [row["id"] for row in answers] == [*TITLES, None, None]
    assert "100.00%" in capsys.readouterr().out
