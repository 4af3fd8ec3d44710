"""Read Parquet files through DuckDB, which the extra `snapshots` installs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Protocol, Self

from enrich.snapshots.inputs import Dump
from enrich.snapshots.rows import SnapshotError

_MAGIC = b"PAR1"
_WINDOW = 20_000
"""Rows of one query: DuckDB holds the whole result of a query in memory."""

_PIECE = 50
_LONGEST_TEXT = 200_000  # characters of a column of texts

_FROM_WINDOW = "FROM read_parquet(?, file_row_number = true) WHERE file_row_number BETWEEN ? AND ?"

_SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "512MB",
    "threads": "2",
}
_GLOB = re.compile(r"[*?\[\]{}]")


class Database(Protocol):
    """The part of a DuckDB connection that is used."""

    def execute(self, query: str, parameters: Sequence[object] = ()) -> Self:
        """Run a query."""
        ...

    def fetchall(self) -> list[tuple[object, ...]]:
        """Return all rows of the last query."""
        ...

    def fetchmany(self, size: int) -> list[tuple[object, ...]]:
        """Return so many of the next rows of the last query, none at the end."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


def connect_duckdb(**settings: str) -> Database:
    """Return an in-memory DuckDB database that loads no extensions; `settings` override those of a small one.

    Raises:
        SnapshotError: DuckDB is not installed.
    """
    try:
        duckdb = import_module("duckdb")
    except ImportError:
        raise SnapshotError("Parquet needs DuckDB; install it with `pip install 'enrich-catalog[snapshots]'`") from None
    database: Database = duckdb.connect(":memory:", config={**_SETTINGS, **settings})
    return database


def is_parquet(path: Path) -> bool:
    """Whether a file begins like a Parquet file; False if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def rows(dump: Dump, columns: Sequence[str], required: Sequence[str]) -> Iterator[dict[str, object]]:
    """Yield the rows of a file with the columns that it has.

    Args:
        dump: The file.
        columns: Their names in the result; in the file, case does not matter, and `_` may be in place of `-`.
        required: Those without which a file is of no use.

    Raises:
        SnapshotError: DuckDB is not installed or cannot read the file, or a required column is missing.
    """
    path = dump.path
    if _GLOB.search(str(path)):
        raise SnapshotError(f"{path}: DuckDB reads *, ?, [] and {{}} in names as patterns; rename the file")
    with closing(connect_duckdb()) as database:
        described = _asked(database, path, "DESCRIBE SELECT * FROM read_parquet(?)")
        known = {str(name): str(kind) for name, kind, *_ in described}
        by_name = {_normal(column): column for column in known}
        inside = {name: by_name[_normal(name)] for name in columns if _normal(name) in by_name}
        if missing := [name for name in required if name not in inside]:
            raise SnapshotError(f"{path}: has no column `{missing[0]}`; expected the columns {', '.join(columns)}")
        chosen = ", ".join(_bounded(column, known[column]) for column in inside.values())
        query = f"SELECT {chosen} {_FROM_WINDOW}"
        ((count,),) = _asked(database, path, "SELECT count(*) FROM read_parquet(?)")
        total = max(1, int(str(count)))
        start, fetched = 0, _WINDOW
        while fetched == _WINDOW:
            fetched = 0
            for found in _pieces(database, path, query, start, start + _WINDOW - 1):
                yield from (dict(zip(inside, row, strict=True)) for row in found)
                fetched += len(found)
                dump.measure = partial(_share, start + fetched, total)
            start += _WINDOW


def _share(done: int, total: int) -> float:
    return done / total


def _normal(column: str) -> str:
    return column.lower().replace("-", "_")


def _bounded(column: str, kind: str) -> str:
    """Return what is selected of a column: a small file may hold texts that fill the memory."""
    # Names cannot be parameters; only the names of `columns` get here, in upper or lower case.
    return f'left("{column}", {_LONGEST_TEXT})' if kind == "VARCHAR" else f'"{column}"'


def _asked(database: Database, path: Path, query: str, *values: int) -> list[tuple[object, ...]]:
    return [row for found in _pieces(database, path, query, *values) for row in found]


def _pieces(database: Database, path: Path, query: str, *values: int) -> Iterator[list[tuple[object, ...]]]:
    """Yield the rows of a query, few at a time: as Python's objects they take more room than in DuckDB."""
    errors: type[Exception] = import_module("duckdb").Error
    try:
        database.execute(query, [str(path), *values])
        while found := database.fetchmany(_PIECE):
            yield found
    except errors as error:
        words = str(error).partition("\n")[0]
        raise SnapshotError(f"{path}: not a readable Parquet file ({words})") from None
