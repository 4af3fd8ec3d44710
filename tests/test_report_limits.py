"""Reports of thousands of findings within what GitHub takes: every section keeps its count."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from enrich.model import (
    Evidence,
    Finding,
    LinkCheck,
    LinkKind,
    LinkReport,
    Report,
    Severity,
    State,
    Unasked,
)
from enrich.report import github, markdown, summary
from enrich.tracker import LONGEST_BODY, Night, body
from tests.test_report import EMPTY, NASTY

DAY = "2026-11-21"
FINDINGS, LINKS = 2_000, 600  # several times what fits into an issue
TIMES = 3  # as many do not fit into a mebibyte
RULES = (*(rule for section in summary.SECTIONS for rule in section.rules), "corrected", "a-rule-of-tomorrow")
REPLIES = (Evidence("web", f"{DAY}T02:17:40Z", "HTTP status 404", 404), Evidence("web", f"{DAY}T02:18:00Z", "gone"))
VERDICTS = tuple(verdict for verdict, _ in summary.FOLDS)


def findings(count: int, words: str) -> tuple[Finding, ...]:
    """As many findings, over all rules and severities, notes first; every seventh one of a rule is fixed."""
    severities = tuple(Severity)[::-1]
    return tuple(
        Finding(
            RULES[row % len(RULES)],
            severities[min(row // (count // 3), 2)],
            f"number {row}: {words}",
            entry=f"entry-{row}",
            url=f"https://example.org/papers/{row}/serving.pdf",
            suggestion=f"https://serving.example.org/{row}",
            evidence=REPLIES,
            first_seen=DAY,
            state=State.FIXED if row // len(RULES) % 7 == 6 else State.STILL,
        )
        for row in range(count)
    )


def links(count: int) -> tuple[LinkReport, ...]:
    return tuple(
        LinkReport(
            LinkCheck(f"https://host{row}.example.net/{row}", VERDICTS[row % 3], REPLIES), ("key",), LinkKind.PAPER
        )
        for row in range(count)
    )


def huge(words: str, times: int = 1) -> Report:
    """A report in which every section there can be holds more than fits."""
    return replace(
        EMPTY,
        catalog="catalog.yaml",
        findings=findings(FINDINGS * times, words),
        links=links(LINKS * times),
        unasked=tuple(Unasked(f"service-{row}", f"{row} {words}", 3) for row in range(400)),
        notes=tuple(f"note {row}: {words}" for row in range(400)),
    )


def body_of(report: Report) -> str:
    return body(Night("catalog.yaml", report.findings, lambda limit: markdown.render(report, limit=limit)))


HUGE, LARGEST = (huge("turned up nowhere", times) for times in (1, TIMES))


@pytest.mark.parametrize("words", ["short", "a long story " * 30, NASTY, "論文" * 200])
def test_every_section_of_the_issue_keeps_its_count_and_its_most_severe_items(words: str) -> None:
    report = huge(words)
    shown = body_of(report)
    assert len(shown.encode()) <= LONGEST_BODY
    parts = re.split(r"^(?=### |<details>)", shown, flags=re.MULTILINE)[1:]
    groups = summary.groups(report)
    assert len(groups) == len(summary.SECTIONS) + 2
    for part, group in zip(parts, groups, strict=False):
        assert part.startswith(f"### {group.section.title} ({len(group.findings)})\n")
        assert group.section.advice in part
        told = re.findall(r"number (\d+)", part)
        assert told == [finding.message.split()[1].strip(":") for finding in group.findings[: len(told)]]
        assert told
        left = len(group.findings) - len(told)
        assert f"- … and {left} more\n" in part
    others = [part.partition("\n")[0] for part in parts[len(groups) :]]
    assert others == [
        f"### Fixed since the last run ({len(summary.fixed(report))})",
        *(f"<details><summary>{LINKS // 3} {verdict} links: {meaning}</summary>" for verdict, meaning in summary.FOLDS),
        "### Services unavailable (400)",
        "### Notes (400)",
    ]


def test_the_room_there_is_is_used_for_the_most_severe_section() -> None:
    shown = body_of(HUGE)
    assert len(shown.encode()) > LONGEST_BODY - 2_000
    told = [
        len(re.findall("^- [*][*]", part, re.MULTILINE)) for part in re.split("^### ", shown, flags=re.MULTILINE)[1:]
    ]
    assert told[0] > 20
    assert min(told[: len(summary.groups(HUGE))]) >= 3


@pytest.mark.parametrize("limit", [0, 487, 1_500, 2_500, 5_000, 9_999, 20_000, 65_536, 1_048_576])
def test_the_items_shown_and_the_items_counted_are_all_items(limit: int) -> None:
    times = 1 if limit < 100_000 else TIMES
    report = LARGEST if times == TIMES else HUGE
    shown = markdown.render(report, limit=limit)
    assert len(shown.encode()) <= limit
    assert shown.count("<details>") == shown.count("</details>")
    assert not any(token.type == "html_inline" for token in MarkdownIt("commonmark").parse(shown))
    items = len(re.findall(r"^- (?!…)", shown, re.MULTILINE))
    if dropped := re.search(r"^\*\*(\d+) items did not fit here\*\*", shown, re.MULTILINE):
        standing = sum(len(group.findings) for group in summary.groups(report))
        assert items + int(dropped[1]) == standing + len(summary.fixed(report)) + LINKS * times + 800
    else:
        assert limit < 2_000


def test_a_report_of_thousands_of_sections_keeps_the_first_counts() -> None:
    strange = tuple(Finding(f"rule-{row}", Severity.WARNING, "odd", entry="key") for row in range(5_000))
    shown = markdown.render(
        replace(EMPTY, findings=(Finding("broken-link", Severity.ERROR, "gone"), *strange)), limit=65_536
    )
    assert len(shown.encode()) <= 65_536
    assert "### Broken (1)" in shown
    headings = shown.count("\n### ")
    assert headings > 1_000
    assert "items did not fit here" in shown


def test_annotations_that_are_left_out_are_counted_by_rule() -> None:
    told = github.render(HUGE).splitlines()
    assert Counter(line.split()[0] for line in told) == {"::error": 10, "::warning": 10, "::notice": 10}
    standing = [f for group in summary.groups(HUGE) for f in group.findings if f.severity is Severity.ERROR]
    (rest,) = [line for line in told if line.startswith("::error") and "more like these" in line]
    assert f"{len(standing) - 9} more like these (" in rest
    counted = re.findall(r"\(?([a-z-]+) (\d+),", rest)
    assert len(counted) == 5
    times = Counter(finding.rule for finding in standing[9:])
    assert all(times[rule] == int(count) for rule, count in counted)
