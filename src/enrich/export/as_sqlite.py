"""The catalog as an SQLite file, with the results of the last run; pure: the file is created in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from enrich import identifiers
from enrich.export.works import CitedWork
from enrich.model import (
    ENRICHED_FIELDS,
    IDENTIFIER_FIELDS,
    Enriched,
    EnrichError,
    Entry,
    EntryReport,
    Link,
    LinkReport,
    Report,
    Shape,
    State,
)

EXPORT_MARK = 0x656E7265  # "enre"
"""Marks the file as an export of enrich: https://www.sqlite.org/fileformat2.html#application_id."""

VERSION = 1
"""The version of the schema, kept as `user_version`; columns are only ever added."""

Value = str | int | None

_SCALARS = {name: shape for name, shape in ENRICHED_FIELDS.items() if shape not in (Shape.TEXTS, Shape.SOURCES)}
_LISTED = ("key", "type", "name", "title", "venue", "remarks", "url")
_FIELDS = tuple(name for name in _SCALARS if name not in _LISTED)
_TEXTS = ("institutions", "sections", "tags")

_OF_ENTRY = "entry INTEGER NOT NULL REFERENCES entries"

_TABLES: dict[str, tuple[str, ...]] = {
    "catalogs": ("id INTEGER PRIMARY KEY", "path TEXT NOT NULL", "last_run TEXT"),
    "entries": (
        "id INTEGER PRIMARY KEY",
        "catalog INTEGER NOT NULL REFERENCES catalogs",
        *(f"{name} TEXT{' NOT NULL' if name in ('key', 'type', 'title') else ''}" for name in _LISTED),
        *(f"{name} {'INTEGER' if _SCALARS[name] is Shape.NUMBER else 'TEXT'}" for name in _FIELDS),
        "status TEXT",
    ),
    **dict.fromkeys(("authors", *_TEXTS), (_OF_ENTRY, "position INTEGER NOT NULL", "name TEXT NOT NULL")),
    "identifiers": (_OF_ENTRY, "scheme TEXT NOT NULL", "value TEXT NOT NULL"),
    "sources": (_OF_ENTRY, "field TEXT NOT NULL", "source TEXT NOT NULL"),
    "links": (
        "id INTEGER PRIMARY KEY",
        _OF_ENTRY,
        "position INTEGER NOT NULL",
        "url TEXT NOT NULL",
        "kind TEXT NOT NULL",
        "label TEXT NOT NULL",
        "verdict TEXT",
        "new_url TEXT",
        "status INTEGER",
        "saw TEXT",
        "checked_at TEXT",
        "failing_since TEXT",
        "last_ok TEXT",
    ),
    "findings": (
        "id INTEGER PRIMARY KEY",
        "catalog INTEGER NOT NULL REFERENCES catalogs",
        "entry INTEGER REFERENCES entries",
        "rule TEXT NOT NULL",
        "severity TEXT NOT NULL",
        "url TEXT",
        "field TEXT",
        "message TEXT NOT NULL",
        "suggestion TEXT",
        "first_seen TEXT",
    ),
}
_INDEXES = ("authors (entry)", "identifiers (entry)", "identifiers (scheme, value)", "links (entry)", "links (url)")


@dataclass(frozen=True, slots=True)
class Exported:
    """A catalog to export: its path, its entries, and the report of the last run, if there was one."""

    path: str
    entries: Sequence[Entry]
    report: Report | None = None


def database(catalogs: Iterable[Exported]) -> bytes:
    """Return an SQLite file of the catalogs; the same catalogs and reports give the same bytes.

    Raises:
        EnrichError: The SQLite that Python was built with cannot make files in memory.
    """
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        if not hasattr(connection, "serialize"):
            raise EnrichError("--format sqlite needs a Python with a complete SQLite; install another build of Python")
        connection.execute(f"PRAGMA application_id = {EXPORT_MARK}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("BEGIN")
        for name, columns in _TABLES.items():
            connection.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
        for catalog in catalogs:
            _write(connection, catalog)
        for number, index in enumerate(_INDEXES, 1):
            connection.execute(f"CREATE INDEX index_{number} ON {index}")
        connection.execute("COMMIT")
        return connection.serialize()


def _write(connection: sqlite3.Connection, catalog: Exported) -> None:
    report = catalog.report
    [own] = _insert(connection, "catalogs", [(None, catalog.path, report.finished if report else None)])
    reports = {row.key: row for row in report.entries} if report else {}
    checks = {row.check.url: row for row in report.links} if report else {}
    ids: dict[str, int] = {}
    for entry in catalog.entries:
        [row] = _insert(connection, "entries", [(None, own, *_entry(entry, reports.get(entry.key)))])
        ids[entry.key] = row
        for table, values in _parts(entry):
            _insert(connection, table, ((row, *each) for each in values))
        links = ((None, row, at, *_link(link, checks.get(link.url))) for at, link in enumerate(entry.links, 1))
        _insert(connection, "links", links)
    if report:
        _insert(connection, "findings", ((None, own, *row) for row in _findings(report, ids)))


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[Value, ...]]) -> list[int]:
    """Insert rows, and return their IDs."""
    insert = f"INSERT INTO {table} VALUES ({', '.join('?' * len(_TABLES[table]))})"
    return [connection.execute(insert, tuple(map(_storable, row))).lastrowid or 0 for row in rows]


def _entry(entry: Entry, report: EntryReport | None) -> Iterator[Value]:
    work = CitedWork(entry)
    yield from (entry.key, str(entry.type), entry.name, work.title, work.venue, entry.remarks, work.url)
    for name in _FIELDS:
        value = entry.known(name)
        yield value if isinstance(value, int) else None if value in (None, ()) else str(value)
    yield str(report.status) if report else None


def _parts(entry: Entry) -> Iterator[tuple[str, Iterable[tuple[Value, ...]]]]:
    """Yield the rows of the tables for fields with several values."""
    yield "authors", enumerate(CitedWork(entry).authors, 1)
    for name in _TEXTS:
        yield name, enumerate(getattr(entry, name), 1)
    fields = ((str(scheme), entry.known(field)) for scheme, field in IDENTIFIER_FIELDS.items())
    known = {(scheme, str(value)): None for scheme, value in fields if value}
    linked = (found for link in entry.links for found in identifiers.of_url(link.url))
    yield "identifiers", tuple(known | {(str(found.scheme), found.value): None for found in linked})
    yield "sources", sorted((entry.enriched or Enriched()).sources.items())


def _link(link: Link, seen: LinkReport | None) -> tuple[Value, ...]:
    listed = (link.url, str(link.kind), link.label)
    if seen is None:
        return (*listed, *(None,) * 7)
    check, last = seen.check, seen.check.evidence[-1:]
    reply = (last[0].status, last[0].saw, last[0].at or None) if last else (None, None, None)
    return (*listed, str(check.verdict), check.new_url, *reply, seen.first_seen, seen.last_ok)


def _findings(report: Report, ids: dict[str, int]) -> Iterator[tuple[Value, ...]]:
    for each in report.findings:
        if each.state is not State.FIXED:
            words = (each.rule, str(each.severity), each.url, each.field, each.message, each.suggestion)
            yield (ids.get(each.entry or ""), *words, each.first_seen)


def _storable(value: Value) -> Value:
    """Return the value in a form that SQLite can store: no half surrogate pairs, no integers of more than 64 bits."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    return str(value) if isinstance(value, int) and value.bit_length() > 63 else value
