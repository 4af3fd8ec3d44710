"""How the catalog stood night after night: which runs leave a row, and what it says."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.history import DAYS_KEPT, History, load, save, with_findings, with_run, with_states
from enrich.model import UNSETTLED_RULES, Finding, PastRun, Severity, State
from enrich.pipeline import Options
from enrich.report import FORMATS, as_json, summary
from tests.worlds import Night, Nights, down, listed

DAY = date(2026, 11, 1)
WHOLE = Options(only_missing=True)


def night(history: History, day: int, *rules: str, severity: Severity = Severity.ERROR) -> History:
    """The history after a run on that day that found one thing for each of these rules."""
    today = DAY + timedelta(days=day)
    findings = with_states([Finding(rule, severity, "told") for rule in rules], history, today)
    return with_run(with_findings(history, findings), findings, today)


def row(day: int, errors: int, new: int, fixed: int) -> PastRun:
    return PastRun(DAY + timedelta(days=day), errors, 0, 0, new, fixed)


def test_a_row_tells_what_stands_and_what_changed() -> None:
    history = night(night(night(History(), 0, "a", "b"), 1, "a", "c", "d"), 2)
    assert history.runs == (row(0, 2, 2, 0), row(1, 3, 2, 1), row(2, 0, 0, 3))


def test_runs_of_one_day_share_a_row_whose_changes_add_up() -> None:
    history = night(night(night(History(), 0, "a"), 0, "a", "b"), 0, "b")
    assert history.runs == (row(0, 1, 2, 1),)


@pytest.mark.parametrize("rule", UNSETTLED_RULES)
def test_what_nobody_knows_to_be_wrong_is_not_counted(rule: str) -> None:
    assert night(History(), 0, rule).runs == (row(0, 0, 0, 0),)


@pytest.mark.parametrize("severity", Severity)
def test_each_severity_is_counted_by_itself(severity: Severity) -> None:
    (run,) = night(History(), 0, "a", "b", severity=severity).runs
    counts = {Severity.ERROR: run.errors, Severity.WARNING: run.warnings, Severity.NOTE: run.notes}
    assert counts == {name: 2 if name is severity else 0 for name in Severity}
    assert run.standing == 2


@given(st.lists(st.integers(0, 200), max_size=90))
def test_rows_are_in_order_one_a_day_and_few(days: list[int]) -> None:
    history = History()
    for day in days:
        history = night(history, day, "a")
        assert history.runs[-1].on == DAY + timedelta(days=day)
    on = [run.on for run in history.runs]
    assert on == sorted(set(on))
    assert len(on) <= DAYS_KEPT


def test_a_file_of_garbage_order_is_put_in_order_by_the_next_run() -> None:
    rows = tuple(row(day, day, 0, 0) for day in (900, 3, 1, 2))
    assert [run.on.day for run in night(History(runs=rows), 4).runs] == [2, 3, 4, 5]


# ---- the file


def test_a_history_of_an_earlier_enrich_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    path.write_text('{"version": 1, "links": {"https://example.org/": {"last_ok": "2026-10-30"}}}', encoding="utf-8")
    history, warning = load(path)
    assert (history.runs, warning) == ((), None)
    assert history.links["https://example.org/"].last_ok == date(2026, 10, 30)


def test_rows_are_read_as_they_were_written_and_later_fields_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    history = night(night(History(), 0, "a"), 1, "b")
    save(path, history)
    assert load(path) == (history, None)
    data = json.loads(path.read_text(encoding="utf-8"))
    assert data["runs"][1] == {"on": "2026-11-02", "errors": 1, "warnings": 0, "notes": 0, "new": 1, "fixed": 1}
    data["runs"][0]["mood"] = "fine"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert load(path) == (history, None)


@pytest.mark.parametrize(
    "wrong",
    ['"yesterday"', "[3]", '[{"on": "2026-11-02"}]', '{"on": 1}', "null"]
    + [
        json.dumps([{"on": on, "errors": errors, "warnings": 0, "notes": 0, "new": 0, "fixed": 0}])
        for on, errors in (("soon", 0), ("2026-11-02", -1), ("2026-11-02", "many"))
    ],
)
def test_rows_that_are_none_set_the_file_aside(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "history.json"
    path.write_text(f'{{"version": 1, "runs": {wrong}}}', encoding="utf-8")
    history, warning = load(path)
    assert history == History()
    assert warning
    assert "moved to history.json.unreadable" in warning


def test_two_months_of_nights_stay_small(tmp_path: Path) -> None:
    history = History()
    for day in range(100):
        history = night(history, day, *(f"rule-{number}" for number in range(day)))
    assert [run.errors for run in history.runs] == list(range(40, 100))
    save(tmp_path / "history.json", replace(history, findings={}))
    assert (tmp_path / "history.json").stat().st_size < 10_000


# ---- whole runs


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Nights, Night]:
    nights = Nights(listed(), tmp_path_factory.mktemp("answers"))
    return nights, nights.live()


def again(first: tuple[Nights, Night]) -> Nights:
    nights = first[0]
    return Nights(nights.text, nights.folder, history=nights.history)


def test_the_report_counts_as_its_row_does(first: tuple[Nights, Night]) -> None:
    report = first[1].result.report
    (run,) = report.past_runs
    told = Counter(finding.severity for group in summary.groups(report) for finding in group.findings)
    assert (run.errors, run.warnings, run.notes) == tuple(told[severity] for severity in summary.SEVERITIES)
    assert (run.new, run.fixed) == summary.changed(report)
    assert report.past_runs == first[0].history.runs


def test_the_same_run_again_that_day_changes_no_byte(tmp_path: Path, first: tuple[Nights, Night]) -> None:
    nights = again(first)
    nights.live(0.1, WHOLE)
    assert nights.history.runs == first[0].history.runs
    save(tmp_path / "before.json", nights.history)
    night = nights.live(0.2, WHOLE)
    assert summary.changed(night.result.report) == (0, 0)
    save(tmp_path / "after.json", nights.history)
    assert (tmp_path / "after.json").read_bytes() == (tmp_path / "before.json").read_bytes()


def test_a_night_without_news_has_a_row_of_its_own(first: tuple[Nights, Night]) -> None:
    nights = again(first)
    before, after = nights.live(1, WHOLE).result.report.past_runs
    assert (after.errors, after.warnings, after.notes) == (before.errors, before.warnings, before.notes)
    assert (after.on - before.on, after.new, after.fixed) == (timedelta(days=1), 0, 0)


@pytest.mark.parametrize(
    "options",
    [
        Options(limit=3),
        Options(links=False),
        Options(offline=True),
        Options(metadata=False, limit=0),
    ],
    ids=["limit", "no links", "offline", "nothing"],
)
def test_a_part_of_the_catalog_leaves_no_row(first: tuple[Nights, Night], options: Options) -> None:
    nights = again(first)
    night = nights.live(1, options)
    assert night.result.history.runs == night.result.report.past_runs == first[0].history.runs


def test_chosen_entries_leave_no_row(first: tuple[Nights, Night]) -> None:
    night = again(first).run(1, keys=frozenset({"flexgen"}))
    assert night.result.history.runs == night.result.report.past_runs == first[0].history.runs


def test_a_night_without_a_network_leaves_no_row(first: tuple[Nights, Night]) -> None:
    nights = Nights(first[0].text, history=first[0].history)
    night = nights.run(40, faults={"*": down})
    assert night.result.history.runs == first[0].history.runs


def test_one_service_that_cannot_be_asked_takes_nothing_off_the_row(first: tuple[Nights, Night]) -> None:
    nights = Nights(first[0].text, history=first[0].history)
    runs = nights.run(40, faults={"doi.org": down, "api.github.com": down}).result.report.past_runs
    assert runs[1].errors >= runs[0].errors
    assert runs[1].fixed == 0


def test_the_persons_own_year_and_count_win_in_the_report() -> None:
    nights = Nights(
        """\
version: 1
entries:
  - {key: flexgen, type: paper, year: 1999, links: [{kind: paper, url: "https://arxiv.org/abs/2303.06865"}]}
  - {key: medusa, type: paper, citation_count: 0, links: [{kind: paper, url: "https://arxiv.org/abs/2401.10774"}]}
  - {key: notes, type: blog}
"""
    )
    flexgen, medusa, notes = nights.live().result.report.entries
    assert (flexgen.year, flexgen.citation_count) == (1999, 635)
    assert (medusa.year, medusa.citation_count) == (2024, 0)
    assert (notes.year, notes.citation_count) == (None, None)


def test_three_nights_are_drawn_and_read_again(first: tuple[Nights, Night]) -> None:
    nights = again(first)
    nights.live(1, WHOLE)
    report = nights.live(2, WHOLE).result.report
    assert "Findings by day" in FORMATS["html"](report)
    assert "Findings by day" not in FORMATS["html"](first[1].result.report)
    assert as_json.read(as_json.render(report)).past_runs == report.past_runs
    assert [run.on.day for run in report.past_runs] == [21, 22, 23]
    assert all(run.state is not State.FIXED for run in report.findings)
