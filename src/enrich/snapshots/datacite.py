"""DataCite's lists of DOIs and their states, part of its public data file: CSV with a header.

https://support.datacite.org/docs/datacite-public-data-file
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from enrich.identifiers import parse
from enrich.model import Scheme
from enrich.snapshots.inputs import lines
from enrich.snapshots.rows import Malformed, Row, SnapshotError

REGISTERED = ("findable", "registered")
"""The states of a DOI that resolves: https://support.datacite.org/docs/doi-states."""

_STATES = (*REGISTERED, "draft")
_LONGEST_LINE = 10_000  # bytes


def read(path: Path) -> Iterator[Row | Malformed]:
    """Yield the registered DOIs of a file, without drafts.

    Raises:
        SnapshotError: The file cannot be read, or its header has no columns `doi` and `state`.
    """
    at: tuple[int, int, int | None] | None = None
    for number, line in lines(path):
        place = f"{path}:{number}"
        if line is None or len(line) > _LONGEST_LINE:
            yield Malformed(place, "too long for a DOI and its state")
            continue
        cells = _cells(line)
        if at is None:
            at = _columns(cells or [], path)
        elif cells is None:
            yield Malformed(place, "not CSV")
        elif cells:
            row = _row(cells, at, place)
            if row is not None:
                yield row


def _cells(line: bytes) -> list[str] | None:
    text = line.decode("utf-8-sig", "replace").replace("\0", "")
    try:
        return next(csv.reader(io.StringIO(text)), [])
    except csv.Error:
        return None


def _columns(header: Sequence[str], path: Path) -> tuple[int, int, int | None]:
    names = [name.strip().lower() for name in header]
    if "doi" not in names or "state" not in names:
        raise SnapshotError(f"{path}:1: must begin with a header that has the columns `doi` and `state`")
    updated = next((names.index(name) for name in ("updated", "updated_at") if name in names), None)
    return names.index("doi"), names.index("state"), updated


def _row(cells: Sequence[str], at: tuple[int, int, int | None], place: str) -> Row | Malformed | None:
    doi_at, state_at, updated_at = at
    if len(cells) <= max(doi_at, state_at):
        return Malformed(place, "too few columns")
    doi, state = parse(cells[doi_at].strip()), cells[state_at].strip().lower()
    if doi is None or doi.scheme not in (Scheme.DOI, Scheme.ARXIV):
        return Malformed(place, f"not a DOI: {cells[doi_at][:60]!r}")
    if state not in _STATES:
        return Malformed(place, f"unknown state {state[:60]!r}")
    if state not in REGISTERED:
        return None
    updated = cells[updated_at][:10] if updated_at is not None and len(cells) > updated_at else None
    return Row(_key(doi.value, doi.scheme), None, None, updated)


def _key(value: str, scheme: Scheme) -> str:
    return f"10.48550/arxiv.{value}" if scheme is Scheme.ARXIV else value
