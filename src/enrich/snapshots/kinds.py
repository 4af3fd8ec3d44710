"""The kinds of snapshots, one row each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from enrich.model import Record
from enrich.snapshots import arxiv, datacite, dblp
from enrich.snapshots.inputs import Dump
from enrich.snapshots.rows import Item


@dataclass(frozen=True, slots=True)
class SnapshotKind:
    """A kind of snapshot.

    Attributes:
        name: Its name in commands, in `[snapshots]` and in the file's name.
        what: What it is built from, for people.
        read: Reads a dump; raises SnapshotError for a file that is something else.
        record: Makes a record of a stored row; None if rows hold nothing but identifiers.
    """

    name: str
    what: str
    read: Callable[[Dump], Iterator[Item]]
    record: Callable[[str, Sequence[object]], Record] | None


KINDS = {
    kind.name: kind
    for kind in (
        SnapshotKind("arxiv", "arXiv metadata (JSON Lines or Parquet)", arxiv.read, arxiv.record),
        SnapshotKind("dblp", "DBLP's XML", dblp.read, dblp.record),
        SnapshotKind("datacite-states", "DataCite's CSV of DOIs and states", datacite.read, None),
    )
}
"""The kinds by name."""
