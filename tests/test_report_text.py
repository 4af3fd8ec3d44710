"""The report on a terminal: a line for each finding, and a few lines to close with."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from enrich.model import (
    EntryReport,
    EntryType,
    Finding,
    LinkCheck,
    LinkKind,
    LinkReport,
    Place,
    Status,
    Unasked,
    Verdict,
)
from enrich.report import text
from enrich.report.style import TextStyle
from tests.test_report import CLEAN, EMPTY, ERROR, FINDINGS, SAMPLE, found

STANDING = [f for f in FINDINGS if f.rule not in ("blocked-link", "suspect-link") and f.state != "fixed"]
ROW = re.compile(r"^(?:\S+:\d+)?\s+(?:error|warning|note) ")


def rows(shown: str) -> list[str]:
    return [line for line in shown.splitlines() if ROW.match(line)]


def test_a_clean_report_is_two_lines_and_nothing_with_quiet() -> None:
    shown = text.render(CLEAN).splitlines()
    assert shown[0] == "catalog.yaml: no findings"
    assert shown[1].startswith("212 links (212 ok) · 1 paper (1 found)")
    assert len(shown) == 2
    assert text.render(CLEAN, TextStyle(quiet=True)) == ""
    assert text.render_all([CLEAN, CLEAN], TextStyle(quiet=True)) == ""


def test_each_finding_has_one_line_new_ones_first_and_then_the_most_severe() -> None:
    lines = rows(text.render(SAMPLE))
    assert len(lines) == len(STANDING)
    new = [line.endswith("NEW") for line in lines]
    assert new == sorted(new, reverse=True)
    assert new.count(True) == 14
    for state in (True, False):
        told = [re.findall(r"error|warning|note", line)[0] for line in lines if line.endswith("NEW") is state]
        assert told == sorted(told, key=["error", "warning", "note"].index)


def test_columns_are_aligned_and_the_link_and_the_suggestion_come_below() -> None:
    lines = text.render(SAMPLE).splitlines()
    starts = {line.index(f.rule) for f in STANDING for line in lines if ROW.match(line) and f" {f.rule} " in line}
    assert len(starts) == 1
    place = next(number for number, line in enumerate(lines) if " renamed-repository " in line)
    assert lines[place].startswith("catalog.yaml:144:14  warning  renamed-repository   Engine: now example/new-name")
    assert lines[place + 1] == "    https://github.com/example/old-name  → https://github.com/example/new-name"


def test_no_line_is_wrapped() -> None:
    url = "https://example.org/" + "a" * 200
    shown = text.render(
        replace(EMPTY, findings=(Finding("broken-link", ERROR, "word " * 50, url=url),)), TextStyle(width=60)
    )
    assert f"    {url}\n" in shown
    assert ("word " * 50).strip() in shown


def test_evidence_and_the_block_that_ignores_a_finding_are_for_the_curious() -> None:
    assert "why: " not in text.render(SAMPLE)
    shown = text.render(SAMPLE, TextStyle(evidence=True))
    assert "    why: doi.org: handle not found (HTTP status 404), 2026-11-21" in shown
    assert shown.count("[[ignore]]") == len(STANDING) - 1  # an outage without an address
    assert "2 blocked links (these sites block automated requests" in shown


def test_only_a_run_after_another_calls_anything_new() -> None:
    gone = tuple(Finding("broken-link", ERROR, "gone", url=f"https://{host}.example/") for host in "ab")
    later = replace(EMPTY, catalog="catalog.yaml", findings=gone)
    assert "catalog.yaml: 2 findings (2 new, 0 fixed): 2 broken links" in text.render(later)
    first = text.render(replace(later, first_run=True))
    assert "catalog.yaml: 2 findings (first run): 2 broken links" in first
    moment = text.render(replace(EMPTY, findings=gone))
    assert "links: 2 findings: 2 broken links" in moment
    assert not re.search(r"new|fixed|last run", first.replace("first run", "") + moment, re.IGNORECASE)


def test_a_night_without_news_counts_what_is_still_open() -> None:
    still = replace(SAMPLE, findings=(FINDINGS[0], FINDINGS[2]), unasked=(), notes=())
    lines = text.render(still, TextStyle(only_news=True)).splitlines()
    assert lines[0] == "catalog.yaml: 2 findings, none new: 1 broken link, 1 moved link"
    assert lines[2] == "→ enrich fix (updates 1 link)   → enrich report -v (evidence, and how to ignore a finding)"
    assert len(lines) == 3
    assert len(text.render(still, TextStyle(only_news=True, quiet=True)).splitlines()) == 1
    assert len(rows(text.render(still))) == 2
    fixed = replace(still, findings=(*still.findings, FINDINGS[-1]))
    assert "fixed: broken-link entry-5 https://back.example.org/" in text.render(fixed, TextStyle(only_news=True))


@pytest.mark.parametrize("known", [0, 3])
def test_without_a_network_there_is_one_sentence(known: int) -> None:
    verdicts = [Verdict.UNKNOWN] * 4 + [Verdict.OK] * known
    report = replace(
        EMPTY,
        catalog="catalog.yaml",
        entries=tuple(EntryReport(f"e{n}", EntryType.PAPER, Status.UNKNOWN) for n in range(2)),
        links=tuple(
            LinkReport(LinkCheck(f"https://{n}.example.org/", verdict), (), LinkKind.PAPER)
            for n, verdict in enumerate(verdicts)
        ),
        unasked=tuple(Unasked(name, "no network: none of 3 hosts could be reached", 3) for name in ("arxiv", "web")),
        notes=("no network: nothing was changed",),
    )
    shown = text.render(report)
    links = "4 of 7 links" if known else "4 links"
    sentence = f"No network: {links} and 2 papers could not be checked (none of 3 hosts could be reached)."
    assert shown.count("etwork") == 2
    assert f"{sentence} Run again when the network is back, or try `enrich demo`.\n" in shown
    assert len(shown.splitlines()) == (3 if known else 1)


def test_a_finding_is_about_the_paper_unless_it_says_so_itself() -> None:
    named = replace(found("broken-link", ERROR, 5, "page not found (404)"), title="Loom: " + "A Weaver of Models " * 9)
    said = replace(found("wrong-paper", ERROR, 6, 'links to "X", but the entry is "Loom"'), title="Loom")
    file = Finding("broken-link", ERROR, "page not found (404)", entry="a.md", place=Place("a.md", 3))
    lines = rows(text.render(replace(EMPTY, catalog="c.yaml", findings=(named, said, file), first_run=True)))
    assert "Loom: A Weaver of Models A Weaver of Mo…: page not found (404)" in lines[0]
    assert lines[2].endswith('wrong-paper  links to "X", but the entry is "Loom"')
    assert re.search(r"broken-link +page not found \(404\)$", lines[1])


def test_several_catalogs_have_a_section_each_and_one_end() -> None:
    shown = text.render_all([replace(CLEAN, catalog="a.yaml"), replace(SAMPLE, catalog="b.yaml")])
    assert shown.startswith("a.yaml: no findings\n")
    assert "\nb.yaml: 16 findings (14 new, 1 fixed): " in shown
    assert "\n2 catalogs: 7 errors, 5 warnings, 4 notes. 1 catalog without findings." in shown
