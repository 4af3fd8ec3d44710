"""The report as SARIF 2.1.0, for code scanning and editors.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from enrich.model import Finding, Place, Report, Severity, State
from enrich.report import combined, escape, summary
from enrich.report.ignoring import ignore_block

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_STATES = {State.NEW: "new", State.STILL: "unchanged"}


def render(report: Report) -> str:
    """Render a SARIF log with one run: every open finding is a result with its line and column.

    Fixed findings are left out: GitHub does not read `baselineState: absent`, and would keep them open. The version of
    enrich is left out, too, so that the same findings give the same bytes.
    """
    return render_all([report])


def render_all(reports: Sequence[Report]) -> str:
    """Return a SARIF log with one run on all catalogs: GitHub accepts 20 runs per file.

    With several, each result has the name of its catalog in `properties`.
    """
    whole = reports[0] if len(reports) == 1 else combined.merged(reports)
    standing = [finding for finding in whole.findings if finding.state is not State.FIXED]
    ids = list(dict.fromkeys(finding.rule for finding in standing))
    run = {
        "tool": {"driver": {"name": "enrich", "rules": [_rule(rule, standing, reports[0]) for rule in ids]}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not whole.partial,
                "toolExecutionNotifications": [
                    {"level": "warning", "message": {"text": text}}
                    for text in (
                        *filter(None, [summary.partial(whole)]),
                        *(f"could not query {row.service}: {row.why}" for row in whole.unasked),
                    )
                ],
            }
        ],
        "results": list(_results(reports, ids)),
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return escape.json_text(json.dumps(log, indent=2, ensure_ascii=False)) + "\n"


def _results(reports: Sequence[Report], ids: Sequence[str]) -> Iterator[dict[str, object]]:
    seen: Counter[str] = Counter()
    for report in reports:
        for finding in (finding for finding in report.findings if finding.state is not State.FIXED):
            result = _result(finding, ids, report.catalog, seen[finding.identity] + 1)
            if len(reports) > 1:
                result["properties"] = {"catalog": report.catalog, **result["properties"]}
            yield result
        seen.update({finding.identity for finding in report.findings})


def _rule(rule: str, findings: Sequence[Finding], report: Report) -> dict[str, object]:
    worst = min((finding.severity for finding in findings if finding.rule == rule), key=summary.SEVERITIES.index)
    described: dict[str, object] = {
        "id": rule,
        "shortDescription": {"text": summary.section(rule).title},
        "defaultConfiguration": {"level": _LEVELS[worst]},
    }
    if advice := summary.advice(rule, report):
        described["help"] = {"text": advice}
    return described


def _result(finding: Finding, ids: Sequence[str], catalog: str | None, nth: int) -> dict[str, Any]:
    about = ": ".join(escape.plain(part) for part in (finding.title or finding.entry, finding.message) if part)
    url = f" {escape.url(finding.url)}" if finding.url else ""
    suggestion = f" → {escape.url(finding.suggestion)}" if finding.suggestion else ""
    identity = sha256(finding.identity.encode("utf-8", "replace")).hexdigest()
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": ids.index(finding.rule),
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{about}{url}{suggestion}"},
        "baselineState": _STATES[finding.state],
        # The only fingerprint by which GitHub knows an alert again; without it, it hashes the line. The number tells
        # those of several catalogs apart.
        "partialFingerprints": {"primaryLocationLineHash": f"{identity}:{nth}"},
        "properties": {
            "entry": finding.entry,
            "url": finding.url,
            "firstSeen": finding.first_seen,
            "evidence": list(summary.evidence(finding.evidence)),
            "title": finding.title,
            "ignore": ignore_block(finding),
        },
    }
    place = finding.source_place or (Place(catalog, 1) if catalog else None)
    if place:
        result["locations"] = [_location(place)]
    return result


def _location(place: Place) -> dict[str, object]:
    """GitHub takes paths from the root of the checkout, and needs a place for every result."""
    path = PurePath(place.path)
    uri = path.as_uri() if path.is_absolute() else quote(escape.plain(path.as_posix(), None))
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri} if path.is_absolute() else {"uri": uri, "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": place.line, "startColumn": place.column},
        }
    }
