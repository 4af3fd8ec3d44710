"""Build a snapshot: into a file beside its place, which takes that place when complete.

A killed build continues after the rows that it committed last, if the dumps are still the same.
"""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

from enrich import files
from enrich.snapshots import database as form
from enrich.snapshots.database import Info
from enrich.snapshots.inputs import Dump
from enrich.snapshots.kinds import SnapshotKind
from enrich.snapshots.packing import Packing
from enrich.snapshots.rows import Item, Malformed, Row, SnapshotError
from enrich.snapshots.titles import folded_number, indexed_words

_BATCH = 10_000  # rows between two commits
_BATCH_CHARS = 50_000_000  # of a batch: 10,000 rows of arXiv's have 15 million
_SAMPLE_ROWS, _SAMPLE_CHARS = 100, 16_000  # what the dictionary for compression is made of, and its size
_WRITING_PAGES = -65_536  # KiB of cache
_NAMED = 20  # malformed rows that are named
_PROGRESS_FORM = 2
"""The version of what an interrupted build leaves; another one is begun again."""

_DAYS = "CREATE TABLE days (number INTEGER PRIMARY KEY, day INTEGER NOT NULL)"
"""Of the last change of rows that have one; needed until duplicates are removed."""

_EXTRACT = 10_000  # rows; in a smaller dump the latest change does not show its age
_LATE = timedelta(days=7)  # between the latest change in a dump and the day of the dump


def _unheard(_: int) -> None:
    return


@dataclass(frozen=True, slots=True)
class BuildListener:
    """Listens to a build.

    Attributes:
        advance: So many more rows were read.
        say: A message for people.
        expect: So many more rows are expected, an estimate; below zero if it was too high.
    """

    advance: Callable[[int], None]
    say: Callable[[str], None]
    expect: Callable[[int], None] = _unheard


def build(
    kind: SnapshotKind,
    dumps: Sequence[Path],
    path: Path,
    listener: BuildListener,
    *,
    now: datetime,
    day: date | None = None,
) -> Info:
    """Build a snapshot from dumps; of rows with one identifier the latest changed counts, of these the last.

    Args:
        kind: What kind it is.
        dumps: The files, in order.
        path: Where it goes; an older snapshot there is replaced when the new one is complete.
        listener: Who hears of it.
        now: The time.
        day: The day of the data; by default that of the newest dump file.

    Raises:
        SnapshotError: A dump cannot be read or is something else, or the snapshot cannot be written. The file at
            `path` is then as it was.
    """
    check_replaceable(path, kind)
    target = Path(os.path.realpath(path))
    partial = _partial_of(target)
    with _errors_explained(target, partial):
        target.parent.mkdir(parents=True, exist_ok=True)
        building = _begin(kind, dumps, partial, listener)
        try:
            building.read_all()
            made = building.finish(now, day)
        finally:
            building.database.close()
        files.move(partial, target)
    return made


@contextmanager
def _errors_explained(target: Path, partial: Path) -> Iterator[None]:
    """Raise failures as a `SnapshotError`, and discard a partial file that cannot be continued."""
    try:
        yield
    except SnapshotError:
        _discard(partial)
        raise
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        if "locked" in str(error):
            raise SnapshotError(f"{target}: another build of it is in progress; wait until it ends") from None
        if not isinstance(error, (OSError, sqlite3.OperationalError)):  # perhaps by a power failure
            _discard(partial)
            raise SnapshotError(
                f"{target}: what an interrupted build left is damaged ({error}), and was removed; run the command again"
            ) from None
        raise SnapshotError(f"{target}: cannot be written ({error}); free disk space or fix the permissions") from None


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield the rows in lists of bounded length and size."""
    batch: list[Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += _chars(item)
        if len(batch) == _BATCH or size >= _BATCH_CHARS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _chars(item: Item) -> int:
    """Return about how many characters a row has."""
    facts = (item.facts or ()) if isinstance(item, Row) else ()
    texts = sum(len(fact) for fact in facts if isinstance(fact, str))
    return texts + sum(len(name) for fact in facts if isinstance(fact, list) for name in fact)


def check_replaceable(path: Path, kind: SnapshotKind) -> None:
    """Check that only a snapshot of that kind would be replaced or removed.

    Raises:
        SnapshotError: There is something else.
    """
    if path.is_symlink():
        raise SnapshotError(f"{path}: a symbolic link; not changed; name the file that it leads to")
    if os.path.lexists(path) and not form.is_snapshot(path):
        raise SnapshotError(f"{path}: exists and is not a snapshot of enrich; not changed; choose another file")
    if (found := form.kind_of(path)) not in (None, kind.name):
        raise SnapshotError(f"{path}: a snapshot of {found}, not of {kind.name}; not changed; choose another file")


def remove(path: Path, kind: SnapshotKind) -> bool:
    """Remove a snapshot, and what an interrupted build of it left; return whether there was anything.

    Raises:
        SnapshotError: There is something else, a build is in progress, or it cannot be removed.
    """
    check_replaceable(path, kind)
    target = Path(os.path.realpath(path))
    partial = _partial_of(target)
    was_there = path.exists() or partial.exists()
    try:
        if form.is_snapshot(partial):
            _open(partial).close()  # fails during a build
            _discard(partial)
        path.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        raise SnapshotError(f"{path}: cannot be removed ({error})") from None
    return was_there


def _partial_of(target: Path) -> Path:
    return target.with_name(f".{target.name}.building")


def _discard(partial: Path) -> None:
    # A leftover journal would be rolled back into the next file of that name.
    for path in (partial.with_name(f"{partial.name}-journal"), partial):
        with suppress(FileNotFoundError):
            path.unlink()


def _begin(kind: SnapshotKind, dumps: Sequence[Path], partial: Path, listener: BuildListener) -> _Build:
    """Continue an earlier build of the same dumps, or begin a new one."""
    if not form.is_snapshot(partial):
        _discard(partial)
    inputs = _fingerprint(kind, dumps)
    database = _open(partial)
    try:
        said = form.meta(database) if form.has_tables(database) else {}
        if said and said.get("inputs") != inputs:
            database.close()
            _discard(partial)
            database, said = _open(partial), {}
        if not said:
            form.create(database)
            database.execute(_DAYS)
            form.put_meta(database, {"inputs": inputs})
        building = _Build(kind, dumps, database, listener, [0] * len(dumps))
        if "done" in said:
            building.go_on(said)
    except BaseException:
        database.close()
        raise
    return building


def _open(partial: Path) -> sqlite3.Connection:
    database = sqlite3.connect(partial, timeout=0, isolation_level=None)
    try:
        # Locked from the first write to the end, so that no two builds write one file.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute(f"PRAGMA cache_size = {_WRITING_PAGES}")
        database.execute("BEGIN EXCLUSIVE")
        database.execute("COMMIT")
    except sqlite3.Error:
        database.close()
        raise
    return database


def _fingerprint(kind: SnapshotKind, dumps: Sequence[Path]) -> str:
    """Return what identifies the inputs of a build.

    Raises:
        SnapshotError: A file cannot be read.
    """
    known = []
    for dump in dumps:
        try:
            status = dump.stat()
        except OSError as error:
            raise SnapshotError(f"{dump}: cannot be read ({error.strerror}); check the path") from None
        if stat.S_ISDIR(status.st_mode):
            raise SnapshotError(f"{dump}: a folder; name the files in it")
        if not stat.S_ISREG(status.st_mode):
            raise SnapshotError(f"{dump}: not a regular file, which a build can read again; write it to a file first")
        known.append([os.path.realpath(dump), status.st_size, status.st_mtime_ns])
    return json.dumps([kind.name, form.FORM, _PROGRESS_FORM, known])


@dataclass(slots=True)
class _Build:
    """A build under way; `done` is the number of rows read of each dump, malformed ones included."""

    kind: SnapshotKind
    dumps: Sequence[Path]
    database: sqlite3.Connection
    listener: BuildListener
    done: list[int]
    malformed: int = 0
    latest: str = ""
    expected: int = 0
    packing: Packing | None = None

    def go_on(self, said: form.Meta) -> None:
        """Take over what an earlier build has committed.

        Raises:
            sqlite3.DatabaseError: It is damaged.
        """
        try:
            done = [int(count) for count in json.loads(said["done"])]
            self.malformed, self.latest = int(said["malformed"]), said["latest"]
            self.packing = Packing(said["dictionary"].encode())
        except (KeyError, TypeError, ValueError):
            raise sqlite3.DatabaseError("its progress cannot be read") from None
        if len(done) != len(self.done) or min(done) < 0:
            raise sqlite3.DatabaseError("its progress is of other files")
        self.done = done
        self.listener.say(f"continuing an interrupted build at row {sum(self.done) + 1:,}")
        self.listener.advance(sum(self.done))

    def read_all(self) -> None:
        """Read the rest of the dumps."""
        sizes = [dump.stat().st_size for dump in self.dumps]
        for place, dump in enumerate(map(Dump, self.dumps)):
            has_rows = self.done[place] > 0
            items = islice(self.kind.read(dump), self.done[place], None)
            for batch in _batches(items):
                rows = [item for item in batch if isinstance(item, Row)]
                bad = [item for item in batch if isinstance(item, Malformed)]
                has_rows = has_rows or len(bad) < len(batch)
                if not has_rows:
                    raise SnapshotError(f"{bad[0].place}: {bad[0].why}; expected {self.kind.what}")
                self._complain(bad)
                self._add(rows, place, len(batch))
                self.listener.advance(len(batch))
                self._expect((sum(sizes[:place]) + sizes[place] * dump.measure()) / sum(sizes))
            if not has_rows:
                raise SnapshotError(f"{dump.path}: no rows found; expected {self.kind.what}")
        self._expect(1.0)

    def _expect(self, share: float) -> None:
        """Estimate the number of rows by the share of the dumps that was read."""
        if share > 0:
            expected = round(sum(self.done) / share)
            self.listener.expect(expected - self.expected)
            self.expected = expected

    def _complain(self, bad: Sequence[Malformed]) -> None:
        for item in bad[: max(0, _NAMED - self.malformed)]:
            self.listener.say(f"{item.place}: row skipped: {item.why}")
        self.malformed += len(bad)

    def _add(self, rows: Sequence[Row], place: int, count: int) -> None:
        """Commit a batch together with the progress of the build."""
        self.latest = max([self.latest, *(row.updated for row in rows if row.updated)])
        if self.packing is None:
            self.packing = Packing(self._sample(rows))
        self.done[place] += count
        database, pack = self.database, self.packing.pack
        database.execute("BEGIN")
        ((number,),) = database.execute("SELECT IFNULL(MAX(number), 0) + 1 FROM rows")
        database.executemany(
            "INSERT INTO rows VALUES (?, ?, ?, ?)",
            (
                (at, row.id, row.title and folded_number(row.title), None if row.facts is None else pack(row.facts))
                for at, row in enumerate(rows, start=number)
            ),
        )
        database.executemany(
            "INSERT INTO titles (rowid, words) VALUES (?, ?)",
            ((at, " ".join(indexed_words(row.title))) for at, row in enumerate(rows, start=number) if row.title),
        )
        database.executemany(
            "INSERT INTO days VALUES (?, ?)",
            ((at, day) for at, row in enumerate(rows, start=number) if (day := _day_number(row.updated))),
        )
        said = {"done": json.dumps(self.done), "malformed": self.malformed, "latest": self.latest}
        form.put_meta(database, said)
        database.execute("COMMIT")

    def _sample(self, rows: Sequence[Row]) -> bytes:
        texts = [json.dumps(row.facts, ensure_ascii=True) for row in rows[:_SAMPLE_ROWS] if row.facts is not None]
        sample = "".join(texts)[-_SAMPLE_CHARS:]
        form.put_meta(self.database, {"dictionary": sample})
        return sample.encode()

    def finish(self, now: datetime, day: date | None) -> Info:
        """Index the rows, and write the description of the snapshot."""
        database = self.database
        database.execute("BEGIN")
        try:
            form.create_indexes(database)
        except sqlite3.IntegrityError:
            _remove_duplicates(database)
            form.create_indexes(database)
        database.execute("DROP TABLE days")
        database.execute("INSERT INTO titles (titles) VALUES ('optimize')")
        database.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, titles, row)")
        database.execute("INSERT INTO words SELECT term, doc FROM temp.vocabulary")
        database.execute("DROP TABLE temp.vocabulary")
        ((count,),) = database.execute("SELECT COUNT(*) FROM rows")
        if not count:
            raise SnapshotError(f"{self.dumps[0]}: all rows are left out; expected {self.kind.what}")
        made = Info(self.kind.name, day or self._day(count, now), f"{now:%Y-%m-%dT%H:%M:%SZ}", count, self.malformed)
        form.put_meta(database, {"kind": made.kind, "date": made.day, "built": made.built, "rows": made.rows})
        database.execute("DELETE FROM meta WHERE name IN ('inputs', 'done', 'latest')")
        database.execute("COMMIT")
        return made

    def _day(self, count: int, now: datetime) -> date:
        """Return the day of the newest dump file; say so if the rows look older."""
        newest = datetime.fromtimestamp(max(dump.stat().st_mtime for dump in self.dumps), UTC).date()
        day = min(newest, now.date())
        with suppress(ValueError):
            if count >= _EXTRACT and day - (latest := date.fromisoformat(self.latest)) > _LATE:
                self.listener.say(f"the latest change is of {latest}; if the dump is as old, pass --date {latest}")
        return day


def _day_number(day: str | None) -> int | None:
    """Return a number of a day (`2026-11-20`) that grows with it, None without one."""
    digits = (day or "").replace("-", "")
    return int(digits) if digits.isascii() and digits.isdigit() else None


def _remove_duplicates(database: sqlite3.Connection) -> None:
    """Of rows with one identifier, keep the latest changed, and of these the last."""
    database.execute("CREATE INDEX duplicates ON rows (id)")
    database.execute(
        "DELETE FROM rows WHERE number IN (SELECT number FROM (SELECT number, row_number() OVER "
        "(PARTITION BY id ORDER BY ifnull(day, 0) DESC, number DESC) AS place FROM rows LEFT JOIN days USING (number)) "
        "WHERE place > 1)"
    )
    database.execute("DROP INDEX duplicates")
