"""What a webhook receives of a run: the findings that are new or fixed, and nothing else; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from enrich.model import UNSETTLED_RULES, Finding, Report, State

VERSION = 1
"""Of the notice; fields are only ever added."""

_MOST = 500
"""Findings of one state and catalog: a first run on a long list may have thousands."""


def notice(reports: Sequence[Report]) -> dict[str, object] | None:
    """Return what changed, by catalog, as JSON; None where nothing did."""
    catalogs = [_catalog(report) for report in reports if any(_changed(report))]
    return {"version": VERSION, "event": "findings", "catalogs": catalogs} if catalogs else None


def changes(reports: Iterable[Report]) -> tuple[int, int]:
    """Return how many findings are new, and how many are fixed."""
    pairs = [_changed(report) for report in reports]
    return sum(len(new) for new, _ in pairs), sum(len(fixed) for _, fixed in pairs)


def _changed(report: Report) -> tuple[list[Finding], list[Finding]]:
    settled = [finding for finding in report.findings if finding.rule not in UNSETTLED_RULES]
    new, fixed = ([finding for finding in settled if finding.state is state] for state in (State.NEW, State.FIXED))
    return new, fixed


def _catalog(report: Report) -> dict[str, object]:
    new, fixed = _changed(report)
    return {
        "catalog": _text(report.catalog),
        "started": report.started,
        "finished": report.finished,
        "first_run": report.first_run,
        "new": [_finding(finding) for finding in new[:_MOST]],
        "fixed": [_finding(finding) for finding in fixed[:_MOST]],
        "omitted": max(len(new) - _MOST, 0) + max(len(fixed) - _MOST, 0),
    }


def _finding(finding: Finding) -> dict[str, str | None]:
    names = ("rule", "severity", "entry", "title", "url", "field", "message", "suggestion", "first_seen", "place")
    values = ((name, getattr(finding, name)) for name in names)
    return {name: None if value is None else _text(str(value)) for name, value in values}


def _text(text: str | None) -> str | None:
    """Return a text that every reader of JSON takes: half a surrogate pair is none."""
    return text if text is None or text.isascii() else text.encode("utf-8", "replace").decode()
