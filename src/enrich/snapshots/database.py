"""The format of a snapshot: one SQLite file, which may come from elsewhere and is not trusted."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from enrich.files import database_mark
from enrich.snapshots.rows import SnapshotError

APPLICATION_ID = 0x454E5253
"""`ENRS`, in SQLite's header."""

FORM = 1
"""The version of the schema and of what the rows hold; another one is not read."""

_TABLES = {
    "meta": "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "rows": "CREATE TABLE rows (number INTEGER PRIMARY KEY, id TEXT NOT NULL, title INTEGER, facts BLOB)",
    "words": "CREATE TABLE words (word TEXT PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID",
    "titles": "CREATE VIRTUAL TABLE titles USING fts5 (words, content='', detail=none, columnsize=0, tokenize='ascii')",
}
_INDEXES = {
    "rows_by_id": "CREATE UNIQUE INDEX rows_by_id ON rows (id)",
    "rows_by_title": "CREATE INDEX rows_by_title ON rows (title) WHERE title IS NOT NULL",
}
_SHADOWS = frozenset({"titles_data", "titles_idx", "titles_docsize", "titles_config", "titles_content"})
"""The tables of an FTS5 index: https://www.sqlite.org/fts5.html."""

_READING_PAGES = -4_000  # KiB of cache
_LONGEST_VALUE = 1 << 23  # bytes; a value may have a thousand million, and is read as a whole


Meta = Mapping[str, str]
"""The description of a snapshot, by name."""


@dataclass(frozen=True, slots=True)
class Info:
    """The description of a snapshot: its kind, the day of its data, when it was built, its number of rows.

    `malformed` is the number of rows of the dump that could not be read.
    """

    kind: str
    day: date
    built: str
    rows: int
    malformed: int = 0

    def age(self, today: date) -> int:
        """Return the age of the data in days."""
        return (today - self.day).days

    def objection(self, today: date, most: float) -> str | None:
        """Return why the data is not used because of its date: it is more than `most` days old, or in the future."""
        if (age := self.age(today)) > most:
            return f"{age} days old, more than max_age_days"
        # Today's dump may be tomorrow's in UTC.
        return f"dated {self.day}, which is in the future" if age < -1 else None


class OtherFormError(SnapshotError):
    """A snapshot of another version of enrich."""


class DamagedError(SnapshotError):
    """A snapshot that is damaged, or was replaced or removed while in use."""


def create(database: sqlite3.Connection) -> None:
    """Create the tables in an empty file."""
    database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    database.execute(f"PRAGMA user_version = {FORM}")
    for statement in _TABLES.values():
        database.execute(statement)


def create_indexes(database: sqlite3.Connection) -> None:
    """Create the indexes, after all rows were inserted."""
    for statement in _INDEXES.values():
        database.execute(statement)


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open a finished snapshot; nothing in its schema is executed.

    Raises:
        OtherFormError: It is of another version.
        DamagedError: It is damaged.
        SnapshotError: It is missing, or is not a snapshot.
    """
    if not path.exists():
        raise SnapshotError(f"{path}: file not found; build it with `enrich snapshot build`")
    if not path.is_file():
        raise SnapshotError(f"{path}: not a file; choose another one")
    if not os.access(path, os.R_OK):
        raise SnapshotError(f"{path}: cannot be read (no permission); fix the permissions")
    try:
        # A finished file never changes: https://www.sqlite.org/uri.html#uriimmutable
        database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
        try:
            for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON", "mmap_size = 0"):
                database.execute(f"PRAGMA {pragma}")
            database.execute(f"PRAGMA cache_size = {_READING_PAGES}")
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
            _check(database, path)
        except BaseException:
            database.close()
            raise
    except (sqlite3.Error, UnicodeDecodeError) as error:  # its messages may quote bytes of the file
        if _is_marked(path):
            raise DamagedError(f"{path}: damaged ({error}); build it again") from None
        raise SnapshotError(f"{path}: not a snapshot of enrich ({error}); choose another file") from None
    return database


def _check(database: sqlite3.Connection, path: Path) -> None:
    if _pragma(database, "application_id") != APPLICATION_ID:
        raise SnapshotError(f"{path}: not a snapshot of enrich; choose another file")
    if (form := _pragma(database, "user_version")) != FORM:
        raise OtherFormError(f"{path}: built by another version of enrich (form {form}, not {FORM}); build it again")
    expected = {**_TABLES, **_INDEXES}
    found = dict(database.execute("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_autoindex_%'"))
    own = {name: sql for name, sql in found.items() if name not in _SHADOWS}
    kinds = {kind for (kind,) in database.execute("SELECT DISTINCT type FROM sqlite_schema")}
    shadows = (str(sql) for name, sql in found.items() if name in _SHADOWS)
    plain = all(sql.startswith("CREATE TABLE") for sql in shadows)
    if own != expected or not plain or not kinds <= {"table", "index"}:
        raise DamagedError(f"{path}: not a complete snapshot of enrich (its tables differ); build it again")


def _pragma(database: sqlite3.Connection, name: str) -> object:
    ((value,),) = database.execute(f"PRAGMA {name}")
    return value


def info(database: sqlite3.Connection, path: Path, kind: str) -> Info:
    """Return the description of a snapshot of a kind.

    Raises:
        DamagedError: It does not say it.
        SnapshotError: It is of another kind.
    """
    try:
        said = meta(database)
        made = Info(
            kind=said["kind"],
            day=date.fromisoformat(said["date"]),
            built=datetime.fromisoformat(said["built"]).strftime("%Y-%m-%dT%H:%M:%SZ"),
            rows=int(said["rows"]),
            malformed=int(said["malformed"]),
        )
    except (KeyError, ValueError, sqlite3.Error):
        raise DamagedError(f"{path}: not a complete snapshot of enrich; build it again") from None
    if made.kind != kind:
        raise SnapshotError(f"{path}: a snapshot of {made.kind}, not of {kind}; choose another file")
    return made


def meta(database: sqlite3.Connection) -> Meta:
    """Return the description in the file, by name."""
    return {str(name): str(value) for name, value in database.execute("SELECT name, value FROM meta")}


def has_tables(database: sqlite3.Connection) -> bool:
    """Whether a file has any content."""
    ((count,),) = database.execute("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'meta'")
    return bool(count)


def put_meta(database: sqlite3.Connection, said: Mapping[str, object]) -> None:
    """Write the description into the file."""
    database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", [(n, str(v)) for n, v in said.items()])


def is_snapshot(path: Path) -> bool:
    """Whether a file is a snapshot of any version, complete or not, so that it may be replaced and removed."""
    return path.is_file() and not path.is_symlink() and _is_marked(path)


def kind_of(path: Path) -> str | None:
    """Return the kind of snapshot that a file claims to be; None without one."""
    with suppress(SnapshotError, sqlite3.Error), closing(open_read_only(path)) as database:
        return meta(database).get("kind")
    return None


def _is_marked(path: Path) -> bool:
    return database_mark(path) == APPLICATION_ID
