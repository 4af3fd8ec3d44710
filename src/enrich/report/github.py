"""The report as annotations of a GitHub workflow run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from enrich.model import Finding, Report, Severity
from enrich.report import combined, escape, summary
from enrich.report.ignoring import HINT, ignore_lines

PER_TYPE = 10
"""Annotations of one type that GitHub shows of a step (https://github.com/orgs/community/discussions/26680)."""

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report) -> str:
    """Return workflow commands, one per line, at most `PER_TYPE` of a type, the last of which counts the rest.

    Links without known problems share one notice; each service that could not be asked has a warning.
    """
    standing = [finding for group in summary.groups(report) for finding in group.findings]
    lines: list[str] = []
    for severity in summary.SEVERITIES:
        chosen = [finding for finding in standing if finding.severity is severity]
        extra = []
        if severity is Severity.WARNING:
            if sentence := summary.partial(report):
                extra = [_command("warning", "Partial report", sentence)]
            room = PER_TYPE - 1 - len(extra)
            extra += [_command("warning", "Services unavailable", row) for row in summary.unasked_lines(report)[:room]]
        if severity is Severity.NOTE:
            extra = [_command("notice", "enrich", " ".join((*summary.sentences(report), *summary.folded(report))))]
        lines += [*extra, *_limited(chosen, PER_TYPE - len(extra))]
    return "".join(f"{line}\n" for line in lines)


def render_all(reports: Sequence[Report]) -> str:
    """Return the annotations of all catalogs: GitHub's limits apply to a step, not to a catalog."""
    return render(combined.merged(reports))


def _limited(findings: Sequence[Finding], room: int) -> Iterator[str]:
    shown = findings if len(findings) <= room else findings[: room - 1]
    for finding in shown:
        yield _annotation(finding)
    if left := findings[len(shown) :]:
        kind, rules = _COMMANDS[findings[0].severity], summary.ranked(Counter(f.rule for f in left), "other rule")
        yield _command(kind, "enrich", f"{len(left)} more like these ({rules}); see the report for all of them.")


def _annotation(finding: Finding) -> str:
    about = ": ".join(escape.plain(part) for part in (finding.title or finding.entry, finding.message) if part)
    url = f" {escape.url(finding.url)}" if finding.url else ""
    why = "; ".join(summary.evidence(finding.evidence))
    suggestion = f" → {escape.url(finding.suggestion)}" if finding.suggestion else ""
    message = f"{about}{url}{f' ({why})' if why else ''}{suggestion}"
    accepting = ignore_lines(finding)
    place = {}
    if where := finding.source_place:
        place = {"file": where.path, "line": str(where.line), "col": str(where.column)}
    return _command(_COMMANDS[finding.severity], finding.rule, message, place, (HINT, *accepting) if accepting else ())


def _command(kind: str, title: str, message: str, place: dict[str, str] | None = None, more: Sequence[str] = ()) -> str:
    properties = {**(place or {}), "title": title}
    chosen = ",".join(f"{name}={escape.annotation_property(value)}" for name, value in properties.items())
    return f"::{kind} {chosen}::{'%0A'.join(map(escape.annotation, (message, *more)))}"
