"""The four numbers that the HTML report begins with."""

from __future__ import annotations

from dataclasses import dataclass

from enrich.model import Report, Severity, Status, Verdict
from enrich.report import closing, summary
from enrich.report.charts import Pick
from enrich.report.summary import number


@dataclass(frozen=True, slots=True)
class Tile:
    """A number, what it counts, a few words on it, its colour (a class of the style sheet), and where it leads."""

    name: str
    value: str
    words: str
    color: str = "plain"
    pick: Pick | None = None


def tiles(report: Report) -> tuple[Tile, ...]:
    """Return the tiles: broken links, what `enrich fix` can do, papers, and what changed since the last run."""
    return _broken(report), _fixable(report), _papers(report), _news(report)


def _broken(report: Report) -> Tile:
    counts = summary.verdicts(report)
    count = counts.get(Verdict.BROKEN, 0) + counts.get(Verdict.UNSAFE, 0)
    verdict = Verdict.BROKEN if counts.get(Verdict.BROKEN) else Verdict.UNSAFE
    pick = Pick("links", "verdict", verdict) if count else None
    return Tile("Broken links", str(count), f"of {number(len(report.links), 'link')}", "error" if count else "ok", pick)


def _fixable(report: Report) -> Tile:
    moves = [finding for finding in closing.open_findings(report) if finding.rule in closing.MOVES]
    pick = Pick("findings", "rule", moves[0].rule) if moves else None
    words = "moved links, for enrich fix" if moves else "no moved links"
    return Tile("Fixable", str(len(moves)), words, "warning" if moves else "ok", pick)


def _papers(report: Report) -> Tile:
    papers = [entry.status for entry in report.entries if entry.status is not Status.NOT_A_PAPER]
    found = papers.count(Status.FOUND)
    color = "ok" if found == len(papers) else "warning"
    return Tile("Papers found", str(found), f"of {number(len(papers), 'paper')}", color if papers else "quiet")


def _news(report: Report) -> Tile:
    new, fixed = summary.changed(report)
    standing = [finding for group in summary.groups(report) for finding in group.findings]
    errors = any(finding.severity is Severity.ERROR for finding in standing)
    if not summary.has_earlier_run(report):
        words = "in this first run" if report.first_run else "in this check"
        return Tile("Findings", str(len(standing)), words, "error" if errors else "plain" if standing else "ok")
    words = f"{fixed} fixed, {len(standing)} open"
    return Tile("New since the last run", str(new), words, "warning" if new else "ok", _new(new))


def _new(count: int) -> Pick | None:
    return Pick("findings", "state", "new") if count else None
