from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from enrich.model import EnrichError
from enrich.sources import retraction_watch

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "Record ID,Title,RetractionDate,RetractionDOI,OriginalPaperDOI,RetractionNature,Reason\n"


def written(folder: Path, *rows: str) -> Path:
    path = folder / "retraction_watch.csv"
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def test_a_retraction_is_told_with_its_day_notice_and_reasons(tmp_path: Path) -> None:
    row = '1,"Tides, small",3/4/2021 0:00,10.1000/Notice,10.1000/TIDES,Retraction,+Error in Data;+Duplication;'
    record = retraction_watch.find(written(tmp_path, row), {"10.1000/tides"})["10.1000/tides"]
    assert record.retracted == (
        "Retraction Watch has a retraction of 3/4/2021 by 10.1000/notice: Error in Data, Duplication"
    )
    assert (record.source, record.doi) == ("retraction_watch", "10.1000/tides")


@pytest.mark.parametrize("nature", ["Expression of concern", "Correction", "Reinstatement"])
def test_other_notices_are_no_retractions(tmp_path: Path, nature: str) -> None:
    path = written(tmp_path, f"1,Tides,3/4/2021,unavailable,10.1000/tides,{nature},")
    assert retraction_watch.find(path, {"10.1000/tides"}) == {}


def test_what_was_reinstated_is_not_retracted(tmp_path: Path) -> None:
    rows = [f"{n},Tides,3/4/202{n},,10.1000/tides,{what}," for n, what in enumerate(("Retraction", "Reinstatement"))]
    assert retraction_watch.find(written(tmp_path, *rows), {"10.1000/tides"}) == {}


def test_other_papers_and_rows_without_a_doi_are_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, "1,Ebb,,,10.1000/ebb,Retraction,", "2,Bread,,,unavailable,Retraction,", "3")
    assert retraction_watch.find(path, {"10.1000/tides", ""}) == {}


def test_another_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(EnrichError, match=r"other\.csv:1: .*download it from https:"):
        retraction_watch.require_readable(other)
    with pytest.raises(EnrichError, match="cannot be read"):
        retraction_watch.require_readable(tmp_path / "nothing.csv")
    retraction_watch.require_readable(written(tmp_path))
