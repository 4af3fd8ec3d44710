"""One report on several catalogs of a run: sections by catalog, and a summary of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from enrich.model import Report, Severity, Unasked, Unfinished
from enrich.report import escape, summary

_NAMED = 6  # catalogs in a sentence


def requests(reports: Iterable[Report]) -> dict[str, int]:
    """Return the requests per host: those of a run once, regardless of the number of catalogs."""
    runs = {(report.started, report.finished, *sorted(report.requests.items())): report for report in reports}
    total: Counter[str] = Counter()
    for report in runs.values():
        total.update(report.requests)
    return dict(sorted(total.items()))


def unasked(reports: Iterable[Report]) -> tuple[Unasked, ...]:
    """Return the services that could not be asked and why, with the entries and links of all catalogs."""
    rows: Counter[tuple[str, str]] = Counter()
    for report in reports:
        for row in report.unasked:
            rows[row.service, row.why] += row.entries
    return tuple(Unasked(service, why, count) for (service, why), count in rows.items())


def counts(reports: Iterable[Report]) -> dict[str, int]:
    """Return the links per verdict and the entries per status, over all catalogs."""
    total: Counter[str] = Counter()
    for report in reports:
        total.update(report.counts)
    return dict(sorted(total.items()))


def merged(reports: Sequence[Report]) -> Report:
    """Return the reports as one, for media without sections; places show the catalog of a finding."""
    cut = [report.unfinished for report in reports if report.unfinished]
    return Report(
        None,
        min(report.started for report in reports),
        max(report.finished for report in reports),
        tuple(entry for report in reports for entry in report.entries),
        tuple(link for report in reports for link in report.links),
        tuple(finding for report in reports for finding in report.findings),
        unasked(reports),
        requests(reports),
        counts(reports),
        tuple(dict.fromkeys(note for report in reports for note in report.notes)),
        unfinished=Unfinished(cut[0].why, sum(row.entries for row in cut), sum(row.links for row in cut))
        if cut
        else None,
        accepted=tuple(accepted for report in reports for accepted in report.accepted),
    )


def found(report: Report) -> Counter[Severity]:
    """Return the number of open findings of each severity of a report."""
    return Counter(finding.severity for group in summary.groups(report) for finding in group.findings)


def sentences(reports: Sequence[Report]) -> tuple[str, ...]:
    """Return the closing summary: catalogs, open findings, changes, requests."""
    totals = [(severity, sum(found(report)[severity] for report in reports)) for severity in summary.SEVERITIES]
    open_findings = ", ".join(summary.number(count, severity) for severity, count in totals if count)
    clean = [report for report in reports if not found(report).total()] if open_findings else []
    new, fixed = (sum(both) for both in zip(*map(summary.changed, reports), strict=True))
    return tuple(
        filter(
            None,
            (
                f"{summary.number(len(reports), 'catalog')}: {open_findings or 'no findings'}.",
                f"{summary.number(len(clean), 'catalog')} without findings." if clean else "",
                f"{new} new, {fixed} fixed." if new or fixed else "",
                _incomplete(reports),
                summary.on_requests(requests(reports)),
            ),
        )
    )


def subject(reports: Sequence[Report]) -> str:
    """Return what was checked, for a heading."""
    return summary.number(len(reports), "catalog")


def _incomplete(reports: Sequence[Report]) -> str:
    names = [escape.plain(report.catalog or "links", 80) for report in reports if report.unasked or report.partial]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"Not completely checked: {', '.join(names[:_NAMED])}{more}." if names else ""
