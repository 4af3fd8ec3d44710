"""Read results: the history of a catalog over time."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from enrich.model import Course, CourseDay, Finding, FixedFinding, PastRun, Severity, State
from enrich.results.days import day_of
from enrich.results.schema import VERDICTS, open_results, storable

_RUN = ("errors", "warnings", "notes", "new", "fixed")
_FIXED_SHOWN = 200
_FINDING = ("rule", "severity", "message", "entry", "url", "field", "suggestion")


def read(path: Path, catalogs: Iterable[str]) -> dict[str, Course]:
    """Return the history of catalogs by recorded path; those without records are left out.

    Raises:
        EnrichError: The file cannot be read, or is not enrich's.
    """
    with open_results(path, read_only=True) as connection:
        ids = dict(connection.execute("SELECT path, id FROM catalogs"))
        known = {each: ids[storable(each)] for each in catalogs if storable(each) in ids}
        return {each: _course(connection, row) for each, row in known.items()}


def _course(connection: sqlite3.Connection, catalog: int) -> Course:
    rows = connection.execute(
        f"SELECT day, {', '.join((*_RUN, *VERDICTS))} FROM days WHERE catalog = ? ORDER BY day", (catalog,)
    ).fetchall()
    days = [int(row[0]) for row in rows]
    by_day = _rules(connection, catalog, days)
    return Course(
        tuple(_day(row, rules) for row, rules in zip(rows, by_day, strict=True)), tuple(_fixed(connection, catalog))
    )


def _day(row: Sequence[int], rules: Mapping[str, int]) -> CourseDay:
    day, *numbers = map(int, row)
    run = PastRun(day_of(day), **dict(zip(_RUN, numbers, strict=False)))
    links = dict(zip(VERDICTS, numbers[len(_RUN) :], strict=True))
    # Zeros stay if a catalog has no links: they are known.
    return CourseDay(run, {verdict: count for verdict, count in links.items() if count} or links, rules)


def _rules(connection: sqlite3.Connection, catalog: int, days: Sequence[int]) -> list[Mapping[str, int]]:
    """Return the open findings at the end of each day, by rule."""
    rows = connection.execute(
        "SELECT since, rule, count(*) FROM findings WHERE catalog = ?1 GROUP BY since, rule UNION ALL "
        "SELECT till, rule, -count(*) FROM findings WHERE catalog = ?1 AND till IS NOT NULL GROUP BY till, rule "
        "ORDER BY 1",
        (catalog,),
    )
    steps = [(day, list(same)) for day, same in groupby(rows, key=lambda row: row[0])]
    standing: Counter[str] = Counter()
    found: list[Mapping[str, int]] = []
    for day in days:
        while steps and steps[0][0] <= day:
            for _, rule, count in steps.pop(0)[1]:
                standing[rule] += count
        found.append(dict(sorted((+standing).items())))
    return found


def _fixed(connection: sqlite3.Connection, catalog: int) -> Iterable[FixedFinding]:
    rows = connection.execute(
        "SELECT till, findings.since, rule, severity, message, entry, coalesce(links.url, other_url), field, "
        "suggestion FROM findings LEFT JOIN links ON links.id = link WHERE findings.catalog = ? AND till IS NOT NULL "
        "ORDER BY till DESC, findings.id LIMIT ?",
        (catalog, _FIXED_SHOWN),
    )
    for till, since, *values in rows:
        given = dict(zip(_FINDING, values, strict=True)) | {"severity": Severity(values[1])}
        yield FixedFinding(Finding(**given, first_seen=str(day_of(since)), state=State.FIXED), str(day_of(till)))
