"""The report as JUnit XML, for the test pages of CI services."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from enrich.model import Evidence, Finding, LinkReport, Report, Severity, State, Unasked
from enrich.report import escape, summary
from enrich.report.ignoring import HINT, ignore_lines


def render(report: Report) -> str:
    """Return one test case per link, per finding and per service that could not be asked; nothing is left out.

    Broken and unsafe links and findings of severity error are failures. What is neither good nor bad (blocked, suspect,
    unknown and skipped links; warnings and notes) is skipped, where CI services show its reason. A service that could
    not be asked is an error, and so is a run that stopped early.
    """
    return _document(_suites(report))


def render_all(reports: Sequence[Report]) -> str:
    """Return the test suites of all catalogs, each with the name of its catalog in front of its own."""
    return _document([suite for report in reports for suite in _suites(report, f"{report.catalog or 'links'}: ")])


def _suites(report: Report, prefix: str = "") -> list[Element]:
    suites = {
        "links": [_link(link) for link in report.links],
        "findings": [_finding(finding) for finding in report.findings],
        "services": [_service(row) for row in report.unasked],
        **({"run": [_partial(report)]} if report.partial else {}),
    }
    return [_suite(escape.xml(prefix + name), report, cases) for name, cases in suites.items()]


def _suite(name: str, report: Report, cases: Sequence[Element]) -> Element:
    suite = Element("testsuite", {"name": name, "timestamp": escape.xml(report.started), **_counts(cases)})
    suite.extend(cases)
    return suite


def _document(suites: Sequence[Element]) -> str:
    root = Element("testsuites", {"name": "enrich", **_counts(case for suite in suites for case in suite)})
    root.extend(suites)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + escape.xml_text(tostring(root, encoding="unicode")) + "\n"


def _counts(cases: Iterable[Element]) -> dict[str, str]:
    held = list(cases)
    results = Counter(child.tag for case in held for child in case)
    return {
        "tests": str(len(held)),
        "failures": str(results["failure"]),
        "errors": str(results["error"]),
        "skipped": str(results["skipped"]),
    }


def _link(link: LinkReport) -> Element:
    check = link.check
    case = _case(f"links.{link.kind}", f"{check.url} ({', '.join(link.entries)})", str(link.place or ""))
    message = f"moved to {check.new_url}" if check.new_url else str(check.verdict)
    _result(
        case,
        check.verdict in summary.WORKING,
        check.verdict in summary.DEAD,
        str(check.verdict),
        message,
        check.evidence,
    )
    return case


def _finding(finding: Finding) -> Element:
    about = " ".join(part for part in (finding.entry, finding.field, finding.url) if part)
    case = _case(f"findings.{finding.rule}", about or finding.message, str(finding.source_place or ""))
    if finding.state is State.FIXED:
        _output(case, f"fixed since the last run: {finding.message}")
        return case
    message = finding.message + (f" → {finding.suggestion}" if finding.suggestion else "")
    failed = finding.severity is Severity.ERROR
    _result(case, passed=False, failed=failed, kind=finding.rule, message=message, evidence=finding.evidence)
    if accepting := ignore_lines(finding):
        lines = [case[-1].text or "", HINT, *map(escape.xml, accepting)]
        case[-1].text = "\n".join(filter(None, lines))
    return case


def _service(row: Unasked) -> Element:
    case = _case("services", row.service, "")
    about = summary.number(row.entries, "entry or link", "entries or links")
    SubElement(case, "error", type="unasked", message=escape.xml(f"unavailable for {about}: {row.why}"))
    return case


def _partial(report: Report) -> Element:
    case = _case("run", "complete", "")
    SubElement(case, "error", type="partial", message=escape.xml(summary.partial(report)))
    return case


def _case(group: str, name: str, place: str) -> Element:
    case = Element("testcase", classname=escape.xml(group), name=escape.xml(name))
    path, _, line = place.rpartition(":")
    if path:
        case.set("file", escape.xml(path))
        case.set("line", line)
    return case


def _result(case: Element, passed: bool, failed: bool, kind: str, message: str, evidence: tuple[Evidence, ...]) -> None:
    why = "; ".join(summary.evidence(evidence))
    whole = f"{message} ({why})" if why else message
    if passed:
        _output(case, whole)
    elif failed:
        SubElement(case, "failure", type=escape.xml(kind), message=escape.xml(message)).text = escape.xml(why)
    else:
        SubElement(case, "skipped", message=escape.xml(whole))


def _output(case: Element, message: str) -> None:
    SubElement(case, "system-out").text = escape.xml(message)
