"""The JSON report: what programs rely on, and reading it again."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, validate

from enrich.model import (
    Accepted,
    EnrichError,
    EntryReport,
    Evidence,
    Finding,
    LinkCheck,
    LinkReport,
    LinkReports,
    Page,
    PastRun,
    Place,
    PlainRow,
    Report,
    Unasked,
    Unfinished,
    Verdict,
)
from enrich.report import as_json
from tests.test_report import EMPTY, LINKS, SAMPLE

places = st.none() | st.builds(Place, st.text(), st.integers(1, 10**6), st.integers(1, 10**6))
checks = st.builds(LinkCheck, page=st.none(), repository=st.none())
counts = st.integers(0, 10**9)
list_places = st.none() | st.builds(Place, st.text(), st.integers(1, 10**6))
numbers = st.dictionaries(st.text(), counts, max_size=3)
entries = st.builds(EntryReport, year=st.none() | counts, citation_count=st.none() | counts)
runs = st.builds(PastRun, errors=counts, warnings=counts, notes=counts, new=counts, fixed=counts)
reports = st.builds(
    Report,
    entries=st.lists(entries, max_size=2).map(tuple),
    links=st.lists(st.builds(LinkReport, check=checks, place=places, list_place=list_places), max_size=2).map(tuple),
    findings=st.lists(st.builds(Finding, place=places, list_place=list_places), max_size=2).map(tuple),
    unasked=st.lists(st.builds(Unasked, entries=st.integers(0, 10**6)), max_size=2).map(tuple),
    requests=numbers,
    counts=numbers,
    past_runs=st.lists(runs, max_size=2).map(tuple),
    accepted=st.lists(st.builds(Accepted, finding=st.builds(Finding, list_place=list_places)), max_size=2).map(tuple),
    unfinished=st.none() | st.builds(Unfinished, entries=counts, links=counts),
    slowest_hosts=st.dictionaries(st.text(), st.floats(0, 1e9), max_size=3),
)


@given(reports)
def test_reading_gives_back_what_was_written(report: Report) -> None:
    assert as_json.read(as_json.render(report)) == report


plain_rows = st.builds(PlainRow, entries=st.lists(st.text(), min_size=1, max_size=3).map(tuple), place=places)


@given(st.lists(plain_rows | st.builds(LinkReport, check=checks), max_size=5))
def test_rows_on_ordinary_links_are_written_as_all_others(rows: list[PlainRow | LinkReport]) -> None:
    def row(number: int) -> LinkReport:
        each = rows[number]
        if isinstance(each, LinkReport):
            return each
        check = LinkCheck(each.url, Verdict.OK, (Evidence("web", each.at, each.saw, 200),))
        return LinkReport(check, each.entries, each.kind, each.first_seen, each.last_ok, each.place)

    def plain(number: int) -> PlainRow | None:
        return each if isinstance(each := rows[number], PlainRow) else None

    ways = [LinkReports(row, range(len(rows)), plain=way) for way in (plain, None)]
    one, other = (as_json.render(replace(EMPTY, links=links)) for links in ways)
    assert one == other


def test_it_has_the_fields_that_programs_rely_on() -> None:
    data = json.loads(as_json.render(SAMPLE))
    assert list(data) == [
        "version",
        "catalog",
        "started",
        "finished",
        "partial",
        "unfinished",
        "entries",
        "links",
        "findings",
        "unasked",
        "requests",
        "counts",
        "notes",
        "past_runs",
        "first_run",
        "accepted",
    ]
    assert data["version"] == 1
    assert {"key", "type", "status", "matched_by", "identifiers", "filled", "lacking"} <= set(data["entries"][0])
    assert (data["entries"][0]["year"], data["entries"][0]["citation_count"]) == (2023, 4810)
    assert data["past_runs"][0] == {"on": "2026-11-18", "errors": 4, "warnings": 2, "notes": 0, "new": 6, "fixed": 0}
    assert {"url", "entries", "kind", "verdict", "new_url", "evidence", "first_seen", "place"} <= set(data["links"][0])
    assert set(data["links"][0]["evidence"][0]) == {"asked", "at", "status", "saw"}
    wanted = {"rule", "severity", "entry", "url", "message", "suggestion", "first_seen", "state", "place"}
    assert wanted <= set(data["findings"][0])
    assert data["links"][2]["place"] == "catalog.yaml:27"
    assert data["unasked"] == [
        {"service": "semantic_scholar", "why": "answered 429 (too many requests) three times", "entries": 41}
    ]


def test_slowest_hosts_are_there_when_there_are_some_and_in_their_order() -> None:
    hosts = {"b.example": 4.2, "a.example": 2.0}
    text = as_json.render(replace(EMPTY, slowest_hosts=hosts))
    validate(json.loads(text), as_json.schema())
    assert list(json.loads(text)["slowest_hosts"].items()) == list(hosts.items())
    assert list(as_json.read(text).slowest_hosts) == list(hosts)
    assert as_json.read(as_json.render(EMPTY)).slowest_hosts == {}
    for wrong in ("-1.0", "NaN", "Infinity", '"2"'):
        with pytest.raises(EnrichError, match="slowest_hosts"):
            as_json.read(text.replace("4.2", wrong))


def test_it_is_readable_and_in_utf_8() -> None:
    text = as_json.render(replace(EMPTY, notes=("Ünïcödé 论文",)))
    assert '\n  "notes": [\n    "Ünïcödé 论文"\n  ],\n' in text


def test_hosts_and_counts_come_in_one_order() -> None:
    one = replace(EMPTY, requests={"b": 1, "a": 2}, counts={"ok": 1, "broken": 2})
    other = replace(EMPTY, requests={"a": 2, "b": 1}, counts={"broken": 2, "ok": 1})
    assert as_json.render(one) == as_json.render(other)


def test_it_can_be_printed_and_saved_whatever_it_holds() -> None:
    text = as_json.render(replace(EMPTY, notes=("\x1b[31m \x9b \u202e ##[error] \ud800 \U000e0041",)))
    assert all(line.isprintable() for line in text.splitlines())
    assert "##[" not in text
    assert "\x1b" not in text
    assert as_json.read(text).notes == ("\x1b[31m \x9b \u202e ##[error] \ufffd \U000e0041",)


def test_what_a_check_saw_of_the_page_stays_out() -> None:
    check = LinkCheck("https://example.org/", Verdict.OK, page=Page("https://example.org/", 200, "Title"))
    report = replace(EMPTY, links=(replace(LINKS[0], check=check),))
    assert as_json.read(as_json.render(report)).links[0].check == replace(check, page=None)


def test_fields_of_later_versions_are_passed_over() -> None:
    data = json.loads(as_json.render(SAMPLE))
    data["later"] = 1
    data["links"][0]["later"] = {"x": 1}
    assert as_json.read(json.dumps(data)) == SAMPLE


def test_a_report_of_an_earlier_version_can_be_read() -> None:
    data = json.loads(as_json.render(SAMPLE))
    del data["past_runs"]
    for row in data["entries"]:
        del row["year"], row["citation_count"]
    read = as_json.read(json.dumps(data))
    assert (read.past_runs, read.findings) == ((), SAMPLE.findings)
    assert {(row.year, row.citation_count) for row in read.entries} == {(None, None)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "EOF"),
        ("{", "EOF"),
        ("[]", "object"),
        ('{"version": 2}', "version: Input should be 1"),
        ("{}", "catalog: Field required"),
        (as_json.render(SAMPLE).replace('"suspect"', '"perhaps"'), "links[5].verdict"),
        (as_json.render(SAMPLE).replace('"catalog.yaml:27"', '"somewhere"'), "links[2].place"),
        (as_json.render(SAMPLE).replace('"entries": 41', '"entries": "41"'), "unasked[0].entries"),
        (as_json.render(SAMPLE).replace('"entries": 41', '"entries": -1'), "unasked[0]"),
        (as_json.render(SAMPLE).replace('"errors": 4', '"errors": -4'), "past_runs[0]"),
        (
            as_json.render(SAMPLE).replace('"export.arxiv.org": 2', '"export.arxiv.org": -2'),
            "requests.export.arxiv.org",
        ),
    ],
)
def test_what_is_not_a_report_is_refused_with_the_field_and_the_next_step(text: str, told: str) -> None:
    with pytest.raises(EnrichError) as caught:
        as_json.read(text, "report.json")
    assert str(caught.value).startswith("report.json: ")
    assert told in str(caught.value)
    assert "enrich run" in str(caught.value)


@pytest.mark.parametrize(
    ("form", "part"),
    [("EntryReport", "entries"), ("LinkForm", "links"), ("FindingForm", "findings"), ("PastRun", "past_runs")],
)
def test_the_schema_names_every_field(form: str, part: str) -> None:
    definitions = as_json.schema()["$defs"]
    assert isinstance(definitions, dict)
    row = json.loads(as_json.render(SAMPLE))[part][0]
    assert list(definitions[form]["properties"]) == list(row)


def test_what_is_written_is_what_the_schema_says() -> None:
    schema = as_json.schema()
    Draft202012Validator.check_schema(schema)
    for report in (EMPTY, SAMPLE):
        validate(json.loads(as_json.render(report)), schema, Draft202012Validator)
