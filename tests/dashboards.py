"""Catalogs for the dashboard: with a course, with a report alone, and with neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from enrich.model import Course, CourseDay, Finding, FixedFinding, PastRun, Severity, State
from enrich.report.dashboard import CatalogView, course_of, pages
from tests.test_report import CLEAN, SAMPLE

LAST = date(2026, 11, 21)


def course(days: int, broken: Sequence[int] = (0, 2, 5, 3)) -> Course:
    """A course that ends with the sample report; every fourth day something is fixed."""
    rows = []
    for day in range(days):
        count = broken[day % len(broken)]
        run = PastRun(LAST - timedelta(days=days - 1 - day), count, 1, 2, count, int(day % 4 == 3))
        links = {"ok": 90 - count, "broken": count}
        rows.append(CourseDay(run, links, {"broken-link": count, "unreachable-link": 1}))
    gone = Finding(
        "broken-link",
        Severity.ERROR,
        "HTTP status 404",
        "entry-9",
        "https://fixed.example.org/",
        first_seen="2026-10-01",
        state=State.FIXED,
    )
    return Course(tuple(rows), (FixedFinding(gone, "2026-11-20"),))


SLOW = {f"{'slow-' * 12}host.example.org": 12.5, "pages.example.edu": 2.0}
LONG = CatalogView(
    "long",
    "lists/long.yaml",
    replace(SAMPLE, slowest_hosts=SLOW),
    course(40),
    {"entry-9": "The title of entry 9"},
)
SHORT = CatalogView("short", "lists/short.yaml", CLEAN, course_of(CLEAN))
NEW = CatalogView("new", "lists/new.yaml", None, Course())


def written(folder: Path, *catalogs: CatalogView) -> Path:
    """The dashboard as files."""
    for name, text in pages(catalogs):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder
