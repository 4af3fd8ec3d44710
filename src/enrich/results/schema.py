"""Open a results file, which has exactly the tables of `schema.sql`."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path

from enrich.files import database_mark
from enrich.model import EnrichError, Verdict

APPLICATION_ID = 0x656E7272  # "enrr"
"""Marks the file as enrich's: https://www.sqlite.org/fileformat2.html#application_id."""

VERSION = 1
"""The version of the schema, kept as `user_version`."""

_BUSY_SECONDS = 30.0  # another run on other catalogs writes for a second or two

VERDICTS = tuple(verdict.value for verdict in Verdict if verdict is not Verdict.UNKNOWN)
"""The verdicts that are recorded; if nothing could be asked, the last known verdict stays."""


def require_recordable(path: Path) -> None:
    """Check, before anything is asked, that results can be recorded in the file.

    Raises:
        EnrichError: It is another program's, a newer enrich wrote it, or it cannot be written.
    """
    parent = next(parent for parent in path.absolute().parents if parent.exists())
    target = path if path.exists() else parent
    if not os.access(target, os.W_OK) or not os.access(parent, os.W_OK | os.X_OK):
        raise EnrichError(f"{path}: cannot be written (no permission); change the setting `results`")
    if _has_content(path):
        with open_results(path, read_only=True):
            pass


def storable(text: str) -> str:
    """Return a text as SQLite can hold it: pages and file names may have half a surrogate pair, UTF-8 has none."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


@contextmanager
def open_results(path: Path, *, read_only: bool = False) -> Iterator[sqlite3.Connection]:
    """Open the file; without `read_only` in one transaction, which creates missing tables.

    Raises:
        EnrichError: The file is another program's, damaged, locked, or cannot be written.
    """
    if _has_content(path) and database_mark(path) != APPLICATION_ID:
        raise _not_ours(path)
    try:
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
        address = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
            # The file may come from a stranger: its views and indexes may call nothing, and are compared with ours.
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            connection.row_factory = _checked if read_only else None
            connection.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")
            _require_tables(connection, path, may_create=not read_only)
            yield connection
            connection.execute("COMMIT")
    except (TypeError, ValueError) as error:
        # Values of other types than ours, or names that are not UTF-8, which SQLite's messages quote.
        raise EnrichError(f"{path}: damaged ({error}); move it away, and the next run begins a new one") from None
    except (sqlite3.Error, OSError) as error:
        raise EnrichError(
            f"{path}: cannot be {'read' if read_only else 'written'} ({error}); "
            "fix or move the file, or change the setting `results`"
        ) from None


def _checked(_: sqlite3.Cursor, row: tuple[object, ...]) -> tuple[object, ...]:
    """Return a row as it is; enrich writes no bytes, and pages could not show them."""
    if bytes in map(type, row):
        raise TypeError("bytes where there should be a text or a number")
    return row


def _has_content(path: Path) -> bool:
    # A run that was killed while creating the file leaves an empty one.
    return path.exists() and not (path.is_file() and path.stat().st_size == 0)


def _require_tables(connection: sqlite3.Connection, path: Path, *, may_create: bool) -> None:
    found = _objects(connection)
    if not found and may_create:
        _create(connection)
        return
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise EnrichError(f"{path}: written by a newer enrich (version {version}); update enrich")
    if found != _expected():
        raise _not_ours(path)


def _create(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    # Not `executescript`, which ends the transaction.
    script = files("enrich.results").joinpath("schema.sql").read_text(encoding="utf-8")
    for statement in script.split(";\n"):
        connection.execute(statement)


def _objects(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """Return type, name and text of all tables, indexes, views and triggers, without those that `ANALYZE` adds."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    return set(rows)


@cache
def _expected() -> set[tuple[str, str, str]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        _create(connection)
        return _objects(connection)


def _not_ours(path: Path) -> EnrichError:
    return EnrichError(
        f"{path}: not a results file of enrich, and not changed; move it away or change the setting `results`. "
        "Tables and views of your own belong in another file, which can ATTACH this one."
    )
