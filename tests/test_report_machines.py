"""SARIF, JUnit and GitHub annotations: what other programs make of them."""

from __future__ import annotations

import html
import json
import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from lxml import etree

from enrich.model import (
    Evidence,
    Finding,
    LinkCheck,
    LinkKind,
    LinkReport,
    Place,
    Report,
    Severity,
    State,
    Unasked,
    Verdict,
)
from enrich.report import COMBINED, FORMATS, PARTS, github, junit, sarif
from enrich.settings import Ignore
from tests.properties import COSTLY
from tests.test_report import EMPTY, ERROR, FINDINGS, LINKS, NOTE, SAMPLE, WARNING
from tests.test_report_safety import reports

COMMAND = re.compile(r"::(error|warning|notice) ((?:[a-z]+=[^:,]*)(?:,[a-z]+=[^:,]*)*)::(.*)")


def commands(report: Report) -> list[tuple[str, dict[str, str], str]]:
    """Annotations as GitHub's runner reads them: type, properties, message."""
    read = []
    for line in github.render(report).splitlines():
        match = COMMAND.fullmatch(line)
        assert match, line
        properties = dict(part.split("=", 1) for part in match[2].split(","))
        read.append((match[1], properties, match[3].replace("%25", "%")))
    return read


@COSTLY
@given(reports)
def test_every_line_of_annotations_is_one_command_of_ours(report: Report) -> None:
    assert all(kind in ("error", "warning", "notice") for kind, _, _ in commands(report))


def test_an_annotation_stands_at_its_line() -> None:
    finding = Finding("broken-link", ERROR, "100% gone", place=Place("lists/a,b:c.yaml", 7, 3))
    kind, properties, message = commands(replace(EMPTY, findings=(finding,)))[0]
    assert kind == "error"
    assert properties == {"file": "lists/a%2Cb%3Ac.yaml", "line": "7", "col": "3", "title": "broken-link"}
    assert message == "100% gone"


@pytest.mark.parametrize("severity", [ERROR, WARNING, NOTE])
@pytest.mark.parametrize("count", [9, 10, 11, 400])
def test_no_type_has_more_than_ten_annotations_and_the_rest_is_counted(severity: Severity, count: int) -> None:
    many = tuple(Finding("some-rule", severity, f"number {n}") for n in range(count))
    unasked = (Unasked("arxiv", "answered 503", 3),)
    told = commands(replace(EMPTY, findings=many, unasked=unasked))
    kinds = [kind for kind, _, _ in told]
    assert all(kinds.count(kind) <= 10 for kind in set(kinds))
    shown = sum("number" in message for _, _, message in told)
    left = [int(message.split()[0]) for _, _, message in told if "more like these" in message]
    assert shown + sum(left) == count


def test_services_that_could_not_be_asked_are_warnings_whatever_their_number() -> None:
    told = commands(replace(EMPTY, unasked=tuple(Unasked(f"s{n}", f"offline {n}", 1) for n in range(30))))
    assert sum(kind == "warning" for kind, _, _ in told) == 9


def test_blocked_links_share_one_notice() -> None:
    told = commands(replace(EMPTY, links=LINKS))
    assert [kind for kind, _, _ in told] == ["notice"]
    assert "2 blocked links" in told[0][2]


@COSTLY
@given(reports)
def test_junit_is_xml_with_a_case_for_everything(report: Report) -> None:
    root = etree.fromstring(junit.render(report).encode())
    cases = root.findall("testsuite/testcase")
    assert len(cases) == len(report.links) + len(report.findings) + len(report.unasked) == int(root.attrib["tests"])


def test_junit_fails_for_errors_alone() -> None:
    suites = {suite.attrib["name"]: suite.attrib for suite in etree.fromstring(junit.render(SAMPLE).encode())}
    assert suites["links"]["failures"] == "3"
    errors = [f for f in FINDINGS if f.severity is ERROR and f.state is not State.FIXED]
    assert suites["findings"]["failures"] == str(len(errors))
    assert suites["services"]["errors"] == "1"


def run_of(report: Report) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(sarif.render(report))["runs"][0]
    return run


@COSTLY
@given(reports)
def test_sarif_has_every_finding_and_points_at_its_rule(report: Report) -> None:
    run = run_of(report)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    assert len(run["results"]) == sum(finding.state is not State.FIXED for finding in report.findings)
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])


def test_sarif_places_results_by_line_and_column() -> None:
    finding = Finding("broken-link", ERROR, "gone", place=Place("my lists/a#b.yaml", 7, 3))
    location = run_of(replace(EMPTY, findings=(finding,)))["results"][0]["locations"][0]["physicalLocation"]
    assert location == {
        "artifactLocation": {"uri": "my%20lists/a%23b.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 7, "startColumn": 3},
    }


def test_sarif_names_a_file_outside_the_checkout_by_its_address() -> None:
    path = Path("catalog.yaml").resolve()
    finding = Finding("broken-link", ERROR, "gone", place=Place(str(path), 7))
    location = run_of(replace(EMPTY, findings=(finding,)))["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": path.as_uri()}


def test_sarif_puts_a_finding_without_a_place_at_the_head_of_the_catalog() -> None:
    outage = Finding("host-outage", WARNING, "down")
    result = run_of(replace(EMPTY, catalog="catalog.yaml", findings=(outage,)))["results"][0]
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 1
    assert "locations" not in run_of(replace(EMPTY, findings=(outage,)))["results"][0]


def test_sarif_knows_a_finding_again_whatever_its_line_and_words() -> None:
    one = Finding("broken-link", ERROR, "gone", "key", "https://example.org/", place=Place("catalog.yaml", 7))
    other = replace(one, message="away", place=Place("catalog.yaml", 70), evidence=(Evidence("web", "", "404"),))
    prints = [run_of(replace(EMPTY, findings=(f,)))["results"][0]["partialFingerprints"] for f in (one, other)]
    assert prints[0] == prints[1]
    assert prints[0] != run_of(replace(EMPTY, findings=(replace(one, url="x"),)))["results"][0]["partialFingerprints"]


@pytest.mark.parametrize("name", list(FORMATS))
def test_a_finding_is_shown_at_its_line_in_the_list(name: str) -> None:
    finding = replace(SAMPLE.findings[0], list_place=Place("papers/README.md", 40))
    report = replace(SAMPLE, findings=(finding,))
    written = FORMATS[name](report)
    assert "README.md" in written
    assert "40" in written


@pytest.mark.parametrize("name", sorted({*FORMATS} - {"text", "html"}))
def test_the_block_that_ignores_a_finding_can_be_pasted_twice(name: str) -> None:
    finding = Finding("broken-link", ERROR, "gone", "key", "https://example.org/a*b?c", place=Place("c.yaml", 7))
    shown = html.unescape(FORMATS[name](replace(EMPTY, findings=(finding,))))
    lines = re.sub(r"%0A|\\n", "\n", shown.replace('\\"', '"')).partition("[[ignore]]")
    block = (
        "\n".join(line.strip() for line in "".join(lines[1:]).split("\n")[:4]).replace('…"', '…"\n').split("\n\n")[0]
    )
    block = "\n".join(row[: row.rindex('"') + 1] if row.startswith("reason") else row for row in block.split("\n")[:4])
    [one, two] = tomllib.loads(f"{block}\n{block}\n")["ignore"]
    assert one == two
    assert Ignore.model_validate(one).matches(["https://example.org/a*b?c"], date(2026, 11, 21), "broken-link")


def test_json_lines_have_a_line_for_each_finding_with_its_catalog() -> None:
    rows = [json.loads(line) for line in FORMATS["jsonl"](SAMPLE).splitlines()]
    assert len(rows) == len(FINDINGS)
    whole = json.loads(FORMATS["json"](SAMPLE))["findings"]
    assert rows == [{"catalog": "catalog.yaml", **row} for row in whole]
    assert rows[1]["title"] == "An Engine for Batches"
    assert FORMATS["jsonl"](EMPTY) == ""


@pytest.mark.parametrize(
    ("verdicts", "rules", "message", "color"),
    [
        (["ok", "moved", "skipped"], [], "2 ok", "brightgreen"),
        (["ok", "blocked", "unknown"], [], "1 ok", "brightgreen"),
        (["ok", "suspect"], ["unreachable-link"], "1 ok", "yellow"),
        (["ok", "broken", "unsafe"], ["broken-link"], "2 broken", "red"),
        (["unknown"], [], "not checked", "lightgrey"),
        ([], [], "none", "lightgrey"),
    ],
)
def test_a_badge_tells_how_many_links_work(verdicts: list[str], rules: list[str], message: str, color: str) -> None:
    links = tuple(
        LinkReport(LinkCheck(f"https://{row}.example.org/", Verdict(verdict)), ("key",), LinkKind.PAPER)
        for row, verdict in enumerate(verdicts)
    )
    findings = tuple(Finding(rule, WARNING, "down") for rule in rules)
    report = replace(EMPTY, links=links, findings=findings)
    badge = {"schemaVersion": 1, "label": "links", "message": message, "color": color}
    assert json.loads(PARTS["badge"](report)) == badge
    assert json.loads("".join(COMBINED["badge"]([report, EMPTY]))) == badge
