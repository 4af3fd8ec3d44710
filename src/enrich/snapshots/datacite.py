"""DataCite's lists of DOIs and their states, part of its public data file: CSV, as a rule with a header.

https://support.datacite.org/docs/datacite-public-data-file
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from enrich.identifiers import parse
from enrich.model import Identifier, Scheme
from enrich.snapshots.inputs import Dump, lines
from enrich.snapshots.rows import Item, Malformed, Row, SnapshotError

REGISTERED = ("findable", "registered")
"""The states of a DOI that resolves: https://support.datacite.org/docs/doi-states."""

_STATES = (*REGISTERED, "draft")
_LONGEST_LINE = 10_000  # bytes


class _Columns(NamedTuple):
    """The places of the columns."""

    doi: int
    state: int
    updated: int | None


def read(dump: Dump) -> Iterator[Item]:
    """Yield the registered DOIs of a file; None for drafts.

    Raises:
        SnapshotError: The file cannot be read, or it has no columns of DOIs and states.
    """
    columns: _Columns | None = None
    for number, line in lines(dump):
        place = f"{dump.path}:{number}"
        if line is None or len(line) > _LONGEST_LINE:
            yield Malformed(place, "too long for a DOI and its state")
            continue
        if columns is None:
            columns, is_header = _columns(_cells(line) or [], dump.path)
            if is_header:
                continue
        cells = _cells(line)
        if cells is None:
            yield Malformed(place, "not CSV")
        elif cells:
            yield _row(cells, columns, place)


def _cells(line: bytes) -> list[str] | None:
    text = line.decode("utf-8-sig", "replace").replace("\0", "")
    try:
        return next(csv.reader(io.StringIO(text)), [])
    except csv.Error:
        return None


def _columns(first: Sequence[str], path: Path) -> tuple[_Columns, bool]:
    """Return the columns of a file by its first row, and whether that is a header."""
    cells = [cell.strip().lower() for cell in first]
    if "doi" in cells and "state" in cells:
        updated = next((cells.index(name) for name in ("updated", "updated_at") if name in cells), None)
        return _Columns(cells.index("doi"), cells.index("state"), updated), True
    if len(cells) > 1 and _doi(cells[0]) and cells[1] in _STATES:
        return _Columns(0, 1, None), False
    raise SnapshotError(
        f"{path}:1: must begin with a header that has the columns `doi` and `state`, or with a DOI and its state"
    )


def _doi(cell: str) -> Identifier | None:
    found = parse(cell.strip())
    return found if found and found.scheme in (Scheme.DOI, Scheme.ARXIV) else None


def _row(cells: Sequence[str], columns: _Columns, place: str) -> Item:
    if len(cells) <= max(columns.doi, columns.state):
        return Malformed(place, "too few columns")
    doi, state = _doi(cells[columns.doi]), cells[columns.state].strip().lower()
    if doi is None:
        return Malformed(place, f"not a DOI: {cells[columns.doi][:60]!r}")
    if state not in _STATES:
        return Malformed(place, f"unknown state {state[:60]!r}")
    if state not in REGISTERED:
        return None
    has_day = columns.updated is not None and len(cells) > columns.updated
    return Row(_key(doi.value, doi.scheme), None, None, cells[columns.updated or 0][:10] if has_day else None)


def _key(value: str, scheme: Scheme) -> str:
    return f"10.48550/arxiv.{value}" if scheme is Scheme.ARXIV else value
