"""The four numbers that the pages of the dashboard begin with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from enrich.model import Finding, Severity
from enrich.report import summary
from enrich.report.dashboard.view import CatalogView
from enrich.report.summary import number


@dataclass(frozen=True, slots=True)
class DashboardTile:
    """A number, what it counts, a few words on it, its colour (a class of the style sheet), and where it leads."""

    name: str
    value: str
    words: str
    color: str = "plain"
    href: str | None = None


def tiles(views: Sequence[CatalogView], up: str) -> tuple[DashboardTile, ...]:
    """Return the numbers that a page begins with.

    Args:
        views: The catalogs that they count over.
        up: The way from the page to the folder of the dashboard.
    """
    links = sum(sum(each.links.values()) for each in views)
    dead = sum(each.dead for each in views)
    unreachable = [row for each in views for row in each.findings if row.rule in summary.UNREACHABLE_RULES]
    standing = [row for each in views for row in each.findings]
    ran = max((each.as_of for each in views if each.as_of), default=None)
    month = [day.run for each in views for day in each.days if ran and (ran - day.run.on).days < 30]
    errors = any(row.severity is Severity.ERROR for row in standing)
    rule = f"{up}rules/{{}}.html"
    return (
        DashboardTile(
            "Broken links",
            str(dead),
            f"of {number(links, 'link')}",
            "error" if dead else "ok",
            rule.format("broken-link") if dead else None,
        ),
        DashboardTile(
            "Unreachable",
            str(len(unreachable)),
            "links and hosts that failed for days",
            "warning" if unreachable else "ok",
            rule.format(unreachable[0].rule) if unreachable else None,
        ),
        DashboardTile("Open findings", str(len(standing)), _by_severity(standing), "error" if errors else "plain"),
        DashboardTile(
            "Fixed",
            str(sum(run.fixed for run in month)),
            f"in the last 30 days; {sum(run.new for run in month)} new",
            "ok",
        ),
    )


def _by_severity(findings: Iterable[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(number(counts[each], each) for each in summary.SEVERITIES if counts[each]) or "nothing to do"
