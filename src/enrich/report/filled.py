"""What a run filled in, as Markdown for a pull request: one row per entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from enrich.model import EntryReport, Report
from enrich.report import escape, summary
from enrich.report.summary import number

_ROOM = 40_000  # bytes of rows: GitHub accepts 65,536 characters in a pull request's text


def render(report: Report, room: int = _ROOM) -> str:
    """Return the table of fields that the run filled in; a long one ends with the number of entries left out."""
    entries = [entry for entry in report.entries if entry.filled]
    if not entries:
        return "No fields filled in.\n"
    fields = sum(len(entry.filled) for entry in entries)
    head = f"{number(fields, 'field')} filled in {number(len(entries), 'entry', 'entries')}.\n"
    rows = list(_rows(entries, room))
    more = len(entries) - len(rows)
    tail = [f"\n{number(more, 'more entry', 'more entries')}; see the report for all of them."] if more else []
    return "\n".join([head, "| entry | filled |", "| --- | --- |", *rows, *tail]) + "\n"


def render_all(reports: Sequence[Report]) -> str:
    """Return the table of each catalog under a heading."""
    room = _ROOM // len(reports)
    return "\n".join(f"## {escape.markdown(summary.subject(report))}\n\n{render(report, room)}" for report in reports)


def _rows(entries: list[EntryReport], room: int) -> Iterator[str]:
    for entry in entries:
        row = f"| {escape.code(entry.key)} | {', '.join(map(escape.markdown, entry.filled))} |"
        room -= len(row.encode("utf-8", "replace")) + 1
        if room < 0:
            return
        yield row
