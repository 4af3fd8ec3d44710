"""Retraction Watch's list of retractions as a file: https://gitlab.com/crossref/retraction-watch-data.

Crossref's records have the same; the file needs no request, and has what a publisher has not deposited yet.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from enrich.cleaning.texts import doi_in, one_line
from enrich.model import EnrichError, Record
from enrich.services import RETRACTION_WATCH

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

_COLUMNS = ("OriginalPaperDOI", "RetractionNature", "RetractionDOI", "RetractionDate", "Reason")
_MOST = 2**20  # characters of a field: some list hundreds of authors


def require_readable(path: Path) -> None:
    """Check, before a run, that the file can be read and is what it should be.

    Raises:
        EnrichError: it is not.
    """
    next(_rows(path), None)


def find(path: Path, dois: Collection[str]) -> dict[str, Record]:
    """Return the file's retractions of these DOIs (in lower case), with the reasons.

    Corrections and expressions of concern are not retractions, and reinstated papers are no longer retracted. The whole
    file (70,000 rows) is read in about a second.

    Raises:
        EnrichError: the file cannot be read, or is not such a file.
    """
    found: dict[str, Record] = {}
    reinstated: set[str] = set()
    for row in _rows(path):
        doi = (doi_in(row["OriginalPaperDOI"]) or "").lower()
        if not doi or doi not in dois:
            continue
        nature = (row["RetractionNature"] or "").strip().lower()
        if nature == "retraction":
            found[doi] = Record(source=RETRACTION_WATCH, doi=doi, url=f"https://doi.org/{doi}", retracted=_words(row))
        elif nature == "reinstatement":
            reinstated.add(doi)
    return {doi: record for doi, record in found.items() if doi not in reinstated}


def _rows(path: Path) -> Iterator[dict[str, str]]:
    csv.field_size_limit(_MOST)
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            reader = csv.DictReader(file, restval="")
            missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise EnrichError(
                    f"{path}:1: not the CSV of Retraction Watch (no column {missing[0]}); "
                    "download it from https://gitlab.com/crossref/retraction-watch-data"
                )
            try:
                yield from reader
            except csv.Error as error:
                raise EnrichError(f"{path}:{reader.line_num}: cannot be read as CSV: {error}") from None
    except OSError as error:
        raise EnrichError(f"{path}: cannot be read ({error.strerror}); fix its path in the settings") from None


def _words(row: dict[str, str]) -> str:
    day = row["RetractionDate"].partition(" ")[0]
    notice = doi_in(row["RetractionDOI"])
    reasons = [reason.strip(" +") for reason in row["Reason"].split(";") if reason.strip(" +")]
    words = "Retraction Watch has a retraction"
    words += f" of {day}" if day else ""
    words += f" by {notice}" if notice else ""
    words += f": {', '.join(reasons[:3])}" if reasons else ""
    return one_line(words, 300) or words
