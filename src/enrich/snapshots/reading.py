"""Ask a snapshot for identifiers, and for candidates of a title."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, combinations
from pathlib import Path
from typing import NamedTuple

from rapidfuzz import fuzz

from enrich.model import Record
from enrich.snapshots import database as form
from enrich.snapshots.database import DamagedError, Info
from enrich.snapshots.kinds import KINDS, SnapshotKind
from enrich.snapshots.packing import Packing
from enrich.snapshots.titles import folded_number, indexed_words
from enrich.text.folding import fold

_FEW = 3  # hits below which the next pair of words is tried
_PAIRS = 6  # pairs of words tried for a title
_RAREST = 6  # words of a title from which pairs are made
_HITS = 60  # read of each pair
_CANDIDATES = 10
_LIKENESS = 0.6  # of the likeliest candidate's score, below which a title is not a candidate
_NAMESAKES = 25  # papers with one title that are returned


class _TitledRow(NamedTuple):
    """A row that was found by its title."""

    number: int
    id: str
    facts: list[object]

    @property
    def title(self) -> str:
        """The title as in the dump."""
        return str(self.facts[0])


class _Signature(NamedTuple):
    """What shows that a file is another one, or was overwritten."""

    file: tuple[int, int]
    content: tuple[int, int]

    @classmethod
    def of(cls, path: Path) -> _Signature:
        status = path.stat()
        return cls((status.st_dev, status.st_ino), (status.st_size, status.st_mtime_ns))


class Snapshot:
    """An open snapshot; every request raises DamagedError once the file was overwritten or removed.

    If a build replaces it, the open file answers as before.
    """

    def __init__(self, path: Path, kind: SnapshotKind, info: Info, database: sqlite3.Connection) -> None:
        self.path, self.kind, self.info = path, kind, info
        self._database = database
        self._packing = Packing(form.meta(database).get("dictionary", "").encode())
        self._signature = _Signature.of(path)

    @classmethod
    def open(cls, name: str, path: Path) -> Snapshot:
        """Open a snapshot of that kind.

        Raises:
            OtherFormError: It is one of another version.
            DamagedError: It is damaged.
            SnapshotError: It is missing, is not a snapshot, or is one of another kind.
        """
        database = form.open_read_only(path)
        try:
            return cls(path, KINDS[name], form.info(database, path, name), database)
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def known(self, ids: Iterable[str]) -> frozenset[str]:
        """Return the identifiers that it contains."""
        with self._guarded():
            asked = "SELECT id FROM rows WHERE number = ?"
            return frozenset(each for each in ids if self._of_id(asked, each))

    def records(self, ids: Iterable[str]) -> dict[str, Record]:
        """Return the records of the identifiers that it contains."""
        found = {}
        with self._guarded():
            for each in ids:
                if row := self._of_id("SELECT id, facts FROM rows WHERE number = ?", each):
                    found[each] = self._record(each, self._packing.unpack(row[1]))
        return found

    def _of_id(self, asked: str, row_id: str) -> tuple[str, bytes] | None:
        """Return the row of an identifier: it is in index and table, and if they differ, one is damaged."""
        number = self._number(row_id)
        row: tuple[str, bytes] | None = self._database.execute(asked, (number,)).fetchone()
        if number is not None and (row is None or row[0] != row_id):
            raise ValueError("its index does not match its rows")
        return row

    def _number(self, row_id: str) -> int | None:
        row = self._database.execute("SELECT number FROM rows WHERE id = ?", (row_id,)).fetchone()
        return row[0] if row else None

    def candidates(self, title: str) -> tuple[Record, ...]:
        """Return the papers with exactly that title, else at most 10 with similar ones, the likeliest first."""
        with self._guarded():
            if namesakes := self._rows(self._exact(title)):
                return tuple(map(self._checked, namesakes))
            wanted = fold(title)
            rows = self._rows(self._similar(title))
            scores = [fuzz.ratio(wanted, fold(row.title)) for row in rows]
            ranked = sorted(zip(scores, rows, strict=True), key=lambda pair: -pair[0])[:_CANDIDATES]
            return tuple(self._checked(row) for score, row in ranked if score >= _LIKENESS * ranked[0][0])

    def titles(self) -> Iterator[tuple[str, str]]:
        """Yield the identifier and the title of every row, as in the dump."""
        with self._guarded():
            for row_id, facts in self._database.execute("SELECT id, facts FROM rows WHERE title IS NOT NULL"):
                yield row_id, str(self._packing.first(facts))

    def named(self, name: str) -> tuple[Record, ...]:
        """Return the papers with a name in their titles, those that begin with it first, at most 10."""
        words = indexed_words(name)
        with self._guarded():
            rows = self._rows(self._holding(*words)) if words else []
            wanted = fold(name)
            ranked = sorted(rows, key=lambda row: not fold(row.title).startswith(wanted))
            return tuple(map(self._checked, ranked[:_CANDIDATES]))

    def _exact(self, title: str) -> list[int]:
        asked = "SELECT number FROM rows WHERE title = ? LIMIT ?"
        return [number for (number,) in self._database.execute(asked, (folded_number(title), _NAMESAKES))]

    def _similar(self, title: str) -> list[int]:
        """Return the rows that contain the title's two rarest words, else the next pairs."""
        asked = "SELECT word, rows FROM words WHERE word IN (SELECT value FROM json_each(?))"
        counts = dict(self._database.execute(asked, (json.dumps(indexed_words(title)),)))
        rarest = sorted(counts, key=lambda word: (counts[word], word))[:_RAREST]
        pairs = sorted(combinations(range(len(rarest)), 2), key=lambda pair: (sum(pair), pair))[:_PAIRS]
        found: dict[int, None] = {}
        for one, other in pairs:
            found |= dict.fromkeys(self._narrowed(rarest[one], rarest[other], rarest))
            if len(found) >= _FEW:
                break
        if not found and rarest:
            found |= dict.fromkeys(self._holding(rarest[0]))
        return list(found)

    def _narrowed(self, one: str, other: str, words: Iterable[str]) -> list[int]:
        """Return the rows that contain two words; if there are too many, first those with a third one, too."""
        hits = self._holding(one, other)
        if len(hits) < _HITS:
            return hits
        narrower = (self._holding(one, other, third) for third in words if third not in (one, other))
        return [*chain.from_iterable(narrower), *hits]

    def _holding(self, *words: str) -> list[int]:
        query = " AND ".join(f'"{word}"' for word in words)
        asked = "SELECT rowid FROM titles WHERE titles MATCH ? LIMIT ?"
        return [number for (number,) in self._database.execute(asked, (query, _HITS))]

    def _rows(self, numbers: Iterable[int]) -> list[_TitledRow]:
        asked = "SELECT number, id, facts FROM rows WHERE number = ?"
        found = (self._database.execute(asked, (number,)).fetchone() for number in numbers)
        return [_TitledRow(row[0], row[1], self._packing.unpack(row[2])) for row in found if row]

    def _checked(self, row: _TitledRow) -> Record:
        if self._number(row.id) != row.number:
            raise ValueError("its index does not match its rows")
        return self._record(row.id, row.facts)

    def _record(self, row_id: str, facts: Sequence[object]) -> Record:
        if self.kind.record is None:
            raise ValueError(f"{self.kind.name} has no records")
        return replace(
            self.kind.record(row_id, facts), snapshot=self.info.day.isoformat(), asked_at=f"{self.info.day}T00:00:00Z"
        )

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Refuse a file that was overwritten or removed, and raise DamagedError for damage."""
        try:
            now, opened = _Signature.of(self.path), self._signature
            if now.file == opened.file and now.content != opened.content:
                raise DamagedError(f"{self.path}: overwritten during the run; not used any more")
            yield
        except OSError:
            raise DamagedError(f"{self.path}: removed during the run; not used any more") from None
        except (sqlite3.Error, ValueError, TypeError, IndexError) as error:
            raise DamagedError(f"{self.path}: damaged ({error}); not used any more; build it again") from None
