"""The recorded state of catalogs as reports, for those of which no report is left."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from enrich.model import (
    Entry,
    EntryReport,
    EntryType,
    Evidence,
    Finding,
    LinkCheck,
    LinkKind,
    LinkReport,
    Report,
    Severity,
    State,
    Status,
    Verdict,
)
from enrich.results.days import day_of
from enrich.results.schema import open_results, storable
from enrich.services import WEB

_FINDING = ("rule", "severity", "message", "entry", "url", "field", "suggestion")
"""In the order of `Finding`'s fields and of the query."""


def states(path: Path, catalogs: Mapping[str, Sequence[Entry]]) -> dict[str, Report]:
    """Return the last recorded state of catalogs, by path; those without a recorded run are left out.

    Args:
        path: The results file.
        catalogs: The listed entries by recorded path; they tell which entries have a link.

    Raises:
        EnrichError: The file cannot be read, or is not enrich's.
    """
    with open_results(path, read_only=True) as connection:
        last = dict(
            connection.execute("SELECT path, max(day) FROM days JOIN catalogs ON catalogs.id = catalog GROUP BY path")
        )
        return {
            each: _report(connection, storable(each), last[storable(each)], entries)
            for each, entries in catalogs.items()
            if storable(each) in last
        }


def _report(connection: sqlite3.Connection, path: str, day: int, entries: Sequence[Entry]) -> Report:
    moment = f"{day_of(day)}T00:00:00Z"
    return Report(
        path,
        moment,
        moment,
        tuple(_entries(connection, path, entries)),
        tuple(_links(connection, path, entries, moment)),
        tuple(_findings(connection, path, str(day_of(day)))),
    )


def _entries(connection: sqlite3.Connection, path: str, listed: Sequence[Entry]) -> Iterator[EntryReport]:
    by_key = {storable(entry.key): entry for entry in listed}
    rows = connection.execute("SELECT key, title, citation_count FROM current_entries WHERE catalog = ?", (path,))
    for key, title, count in rows:
        entry = by_key.get(key)
        year = entry.known("year") if entry else None
        yield EntryReport(
            key,
            entry.type if entry else EntryType.OTHER,
            Status.UNKNOWN,
            year=year if isinstance(year, int) else None,
            citation_count=count,
            title=title,
        )


def _links(connection: sqlite3.Connection, path: str, listed: Sequence[Entry], moment: str) -> Iterator[LinkReport]:
    kinds: dict[str, LinkKind] = {}
    keys: dict[str, dict[str, None]] = {}
    for entry in listed:
        for link in entry.links:
            kinds.setdefault(storable(link.url), link.kind)
            keys.setdefault(storable(link.url), {})[entry.key] = None
    rows = connection.execute("SELECT url, verdict, status, saw FROM current_links WHERE catalog = ?", (path,))
    for url, verdict, status, saw in rows:
        check = LinkCheck(url, Verdict(verdict), (Evidence(WEB, moment, saw or "", status),))
        yield LinkReport(check, tuple(keys.get(url, ())), kinds.get(url, LinkKind.OTHER))


def _findings(connection: sqlite3.Connection, path: str, last: str) -> Iterator[Finding]:
    asked = f"SELECT since, {', '.join(_FINDING)} FROM open_findings WHERE catalog = ?"
    for since, *values in connection.execute(asked, (path,)):
        given = dict(zip(_FINDING, values, strict=True)) | {"severity": Severity(values[1])}
        yield Finding(**given, first_seen=since, state=State.NEW if since == last else State.STILL)
