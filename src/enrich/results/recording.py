"""Record a run: what changed since the last one becomes rows; everything else stays."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from enrich.model import UNSETTLED_RULES, EnrichError, Entry, Finding, LinkReport, Report, Severity, Verdict
from enrich.results.days import day_of, number_of
from enrich.results.moves import follow_move
from enrich.results.schema import VERDICTS, open_results, storable
from enrich.results.spans import CITATIONS, LINKS, Change, Value

_LONGEST = 300
"""Characters of a reply's message; the report has all of it."""

_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
_COUNTED = (*VERDICTS, "errors", "warnings", "notes", "new", "fixed")
_FINDING = ("rule", "entry", "field", "url")  # what identifies a finding in another run
_WORDS = ("severity", "message", "suggestion")  # what may change while it is open


def record(path: Path, catalog: str, report: Report, listed: Sequence[Entry], standing: Iterable[Finding]) -> None:
    """Record a run on a catalog in one transaction; what did not change is not written.

    Args:
        path: The results file.
        catalog: The catalog's path, relative to the folder of the file.
        report: What the run saw. It may have seen a part of the catalog; what it did not see stays as it was.
        listed: All entries of the catalog.
        standing: All findings that are open after the run.

    Raises:
        EnrichError: The file cannot be written, or is not enrich's.
    """
    with open_results(path) as connection:
        held = {storable(link.url) for entry in listed for link in entry.links}
        follow_move(connection, path.resolve().parent, storable(catalog), held)
        recorder = _Recorder.of(connection, storable(catalog), number_of(report.started))
        recorder.record_links(report.links, held)
        recorder.record_entries(report, listed)
        recorder.record_findings(standing)
        recorder.record_day()


@dataclass(frozen=True, slots=True)
class _Recorder:
    """A run on a catalog while it is recorded.

    `last` is the last day recorded before, None for the first. `counts` has the row of the day: links by verdict and
    findings by severity after the run, and the numbers of new and fixed findings.
    """

    connection: sqlite3.Connection
    catalog: int
    day: int
    last: int | None
    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, connection: sqlite3.Connection, path: str, day: int) -> _Recorder:
        """Return the recorder of a run; one that is a day behind counts for the last day that is known.

        Raises:
            EnrichError: It is further behind: the clock of this run or of an earlier one was wrong.
        """
        connection.execute("INSERT OR IGNORE INTO catalogs (path) VALUES (?)", (path,))
        [(catalog,)] = connection.execute("SELECT id FROM catalogs WHERE path = ?", (path,))
        [(last,)] = connection.execute("SELECT max(day) FROM days WHERE catalog = ?", (catalog,))
        if last is not None and last > day + 1:
            raise EnrichError(
                f"results of {path}: not recorded, as the last run is dated {day_of(last)} and this one {day_of(day)}; "
                "fix the clock, or move the results file away"
            )
        return cls(connection, catalog, max(day, last or day), last)

    def record_links(self, links: Iterable[LinkReport], held: AbstractSet[str]) -> None:
        """Record changed verdicts, and links that are no longer listed."""
        seen = {storable(row.check.url): row for row in links if row.check.verdict is not Verdict.UNKNOWN}
        changes = []
        rows = self.connection.execute("SELECT id, url, verdict, since FROM links WHERE catalog = ?", (self.catalog,))
        for row, url, before, since in rows:
            link = seen.pop(url, None)
            verdict = str(link.check.verdict) if link else before if url in held else None
            if verdict != before:
                changes.append(Change(row, since, _verdict(link) if link else (None, None, None)))
            if verdict:
                self.counts[verdict] += 1
        LINKS.change(self.connection, changes, self.day)
        self.connection.executemany(
            "INSERT INTO links (catalog, url, since, verdict, status, saw) VALUES (?, ?, ?, ?, ?, ?)",
            ((self.catalog, url, self.day, *_verdict(link)) for url, link in seen.items()),
        )
        self.counts.update(str(link.check.verdict) for link in seen.values())

    def record_entries(self, report: Report, listed: Sequence[Entry]) -> None:
        """Record changed citation counts, current titles, and entries that were added or removed."""
        counts = {row.key: row.citation_count for row in report.entries}
        titles = {storable(entry.key): storable(entry.title or entry.label) for entry in listed}
        known = {storable(entry.key): counts.get(entry.key) for entry in listed}
        changes, renamed, back, gone = [], [], [], []
        rows = self.connection.execute(
            "SELECT id, key, title, citation_count, since, till FROM entries WHERE catalog = ?", (self.catalog,)
        )
        for row, key, title, before, since, till in rows:
            if key not in titles:
                gone += [] if till else [(self.day, row)]
                continue
            back += [(None, row)] if till else []
            if (now := titles.pop(key)) != title:
                renamed.append((now, row))
            if (count := known[key]) is not None and count != before:
                changes.append(Change(row, since, (count,)))
        CITATIONS.change(self.connection, changes, self.day)
        self.connection.executemany("UPDATE entries SET title = ? WHERE id = ?", renamed)
        self.connection.executemany("UPDATE entries SET till = ? WHERE id = ?", (*back, *gone))
        self.connection.executemany(
            "INSERT INTO entries (catalog, key, title, citation_count, since) VALUES (?, ?, ?, ?, ?)",
            ((self.catalog, key, title, known[key], self.day) for key, title in titles.items()),
        )

    def record_findings(self, standing: Iterable[Finding]) -> None:
        """Record findings that are new, changed or fixed."""
        found = {_identity(finding): finding for finding in standing if finding.rule not in UNSETTLED_RULES}
        self.counts.update(f"{finding.severity}s" for finding in found.values())
        gone, reworded = [], []
        rows = self.connection.execute(
            "SELECT findings.id, rule, entry, field, coalesce(links.url, other_url), severity, message, suggestion "
            "FROM findings LEFT JOIN links ON links.id = link WHERE findings.catalog = ? AND till IS NULL",
            (self.catalog,),
        )
        for row, *before in rows:
            finding = found.pop(tuple(before[: len(_FINDING)]), None)
            if finding is None:
                gone.append((self.day, row))
            elif (words := _words(finding)) != tuple(before[len(_FINDING) :]):
                reworded.append((*words, row))
        self.connection.executemany("UPDATE findings SET till = ? WHERE id = ?", gone)
        self.connection.executemany(
            f"UPDATE findings SET {', '.join(f'{name} = ?' for name in _WORDS)} WHERE id = ?", reworded
        )
        links = self._links_of({key[-1] for key in found})
        new = [
            (self.catalog, *key, links.get(url), None if url in links else url, *_words(each), self._first_day(each))
            for (*key, url), each in found.items()
        ]
        columns = ("catalog", *_FINDING[:-1], "link", "other_url", *_WORDS, "since")
        self._insert("findings", columns, new)
        self.counts["fixed"] += len(gone)
        self.counts["new"] += sum(row[-1] == self.day for row in new)

    def _links_of(self, urls: AbstractSet[str | None]) -> dict[str | None, int]:
        """Return the IDs of the links that have one of the URLs."""
        if not urls:
            return {}
        rows = self.connection.execute("SELECT url, id FROM links WHERE catalog = ?", (self.catalog,))
        return {url: link for url, link in rows if url in urls}

    def _first_day(self, finding: Finding) -> int:
        """Return since when a finding is open. It may be older than these results, but was absent when they ended."""
        try:
            first = number_of(finding.first_seen or "")
        except ValueError:
            return self.day
        return min(max(first, first if self.last is None else self.last), self.day)

    def record_day(self) -> None:
        """Record the state of the catalog; new and fixed findings add up over the runs of a day."""
        of_day = (self.catalog, self.day)
        select = f"SELECT {', '.join(_COUNTED)} FROM days WHERE catalog = ? AND day = ?"
        before = self.connection.execute(select, of_day).fetchone()
        if before:
            self.counts.update(dict(zip(("new", "fixed"), before[-2:], strict=True)))
        row = tuple(self.counts[name] for name in _COUNTED)
        if row != before:
            self.connection.execute("DELETE FROM days WHERE catalog = ? AND day = ?", of_day)
            self._insert("days", ("catalog", "day", *_COUNTED), [(*of_day, *row)])

    def _insert(self, table: str, columns: Sequence[str], rows: Iterable[tuple[Value, ...]]) -> None:
        marks = ", ".join("?" * len(columns))
        self.connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


def _verdict(link: LinkReport) -> tuple[Value, ...]:
    """Return the verdict on a link, with the status and the message of the deciding reply.

    A good page's message is its title, which would be half of the file, and proves nothing.
    """
    verdict, last = link.check.verdict, link.check.evidence[-1:]
    saw = storable(last[0].saw[:_LONGEST]) if last and verdict is not Verdict.OK else None
    return str(verdict), last[0].status if last else None, saw


def _identity(finding: Finding) -> tuple[str | None, ...]:
    given = (getattr(finding, name) for name in _FINDING)
    return tuple(None if value is None else storable(value) for value in given)


def _words(finding: Finding) -> tuple[str | None, ...]:
    suggestion = finding.suggestion
    return str(finding.severity), storable(finding.message), None if suggestion is None else storable(suggestion)
