"""The links of a report in one line, as a badge: https://shields.io/badges/endpoint-badge."""

from __future__ import annotations

import json
from collections.abc import Sequence

from enrich.model import Report, State
from enrich.report import combined, summary


def render(report: Report) -> str:
    """Return the JSON from which shields.io draws a badge: `links | 244 ok`, or how many are broken."""
    counts = summary.verdicts(report)
    working, broken = (sum(counts.get(each, 0) for each in those) for those in (summary.WORKING, summary.DEAD))
    doubtful = any(row.rule in summary.UNREACHABLE_RULES and row.state is not State.FIXED for row in report.findings)
    message, color = f"{working} ok", "yellow" if doubtful else "brightgreen"
    if broken:
        message, color = f"{broken} broken", "red"
    elif not working:
        message, color = ("not checked", "lightgrey") if report.links else ("none", "lightgrey")
    badge = {"schemaVersion": 1, "label": "links", "message": message, "color": color}
    return json.dumps(badge) + "\n"


def render_all(reports: Sequence[Report]) -> str:
    """Return one badge on the links of all catalogs."""
    return render(combined.merged(reports))
