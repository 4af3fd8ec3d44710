"""The payload of a webhook: the new and fixed findings of a run; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from enrich.model import UNSETTLED_RULES, Finding, Report, State

VERSION = 1
"""The version of the payload; fields are only ever added."""

_MOST, _MOST_IN_ALL = 500, 1000
"""Findings of one state, of a catalog and of all: the first run on a long list may have thousands."""

_LONGEST = 1000
"""Characters of a text, which may quote a response."""


def notice(reports: Sequence[Report]) -> dict[str, object] | None:
    """Return the changes, by catalog, as JSON; None without any."""
    changed = [report for report in reports if any(_changed(report))]
    most = max(1, min(_MOST, _MOST_IN_ALL // max(1, len(changed))))
    catalogs = [_catalog(report, most) for report in changed]
    return {"version": VERSION, "event": "findings", "catalogs": catalogs} if catalogs else None


def changes(reports: Iterable[Report]) -> tuple[int, int]:
    """Return the numbers of new and fixed findings."""
    pairs = [_changed(report) for report in reports]
    return sum(len(new) for new, _ in pairs), sum(len(fixed) for _, fixed in pairs)


def _changed(report: Report) -> tuple[list[Finding], list[Finding]]:
    settled = [finding for finding in report.findings if finding.rule not in UNSETTLED_RULES]
    new, fixed = ([finding for finding in settled if finding.state is state] for state in (State.NEW, State.FIXED))
    return new, fixed


def _catalog(report: Report, most: int) -> dict[str, object]:
    new, fixed = _changed(report)
    return {
        "catalog": _text(report.catalog),
        "started": report.started,
        "finished": report.finished,
        "first_run": report.first_run,
        "new": [_finding(finding) for finding in new[:most]],
        "fixed": [_finding(finding) for finding in fixed[:most]],
        "omitted": max(len(new) - most, 0) + max(len(fixed) - most, 0),
    }


def _finding(finding: Finding) -> dict[str, str | None]:
    names = ("rule", "severity", "entry", "title", "url", "field", "message", "suggestion", "first_seen", "place")
    values = ((name, getattr(finding, name)) for name in names)
    return {name: None if value is None else _text(str(value)) for name, value in values}


def _text(text: str | None) -> str | None:
    """Return a text that every JSON reader accepts, cut if it is long; half surrogate pairs are replaced."""
    if text is None:
        return None
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
