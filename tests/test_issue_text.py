"""The text of the issue, its boxes, and what a tick may do."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from enrich.model import Finding, Report, Severity, State
from enrich.report import issue, summary
from enrich.report.closing import open_findings
from enrich.report.ignoring import ignore_block
from enrich.report.ticks import Action, Ticks, finding_id, read_ticks
from enrich.settings import Settings, SettingsError
from enrich.settings.adding import with_ignores
from tests.properties import COSTLY
from tests.test_report import EMPTY, FINDINGS, SAMPLE
from tests.test_report_limits import HUGE
from tests.test_report_safety import GITHUB_READS, reports

MARK = re.compile(r"<!-- enrich:(?:accept|fix)=[0-9a-f]{16} -->")
MOVED, DEAD = FINDINGS[0], FINDINGS[2]


def ids(report: Report, findings: tuple[Finding, ...]) -> frozenset[str]:
    return frozenset(finding_id(report.catalog, finding) for finding in findings)


def tick(text: str, action: str, identity: str) -> str:
    """What GitHub makes of the text when a person ticks a box."""
    return text.replace(f"- [ ] <!-- enrich:{action}={identity} -->", f"- [x] <!-- enrich:{action}={identity} -->")


@COSTLY
@given(reports, st.none() | st.integers(0, 4000))
def test_the_issue_holds_nothing_but_our_own_structure(report: Report, limit: int | None) -> None:
    shown = issue.render(report, limit=limit, permalink="https://github.com/o/r/blob/abc/")
    assert limit is None or len(shown.encode()) <= limit
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(shown):
        if token.type == "fence":
            assert token.content == "enrich fix\n" or [*tomllib.loads(token.content)] == ["ignore"]
        elif token.type == "html_block":
            assert re.fullmatch(r"<details><summary>[\w ,;:.()]*</summary>\n?|</details>\n?", token.content)
        else:
            inside(token.children or [], report)


def inside(tokens: list[Token], report: Report) -> None:
    known = {text for f in report.findings for text in (f.url, f.suggestion) if text}
    for token in tokens:
        if token.type == "html_inline":
            assert MARK.fullmatch(token.content)
        if token.type == "link_open":
            target = str(token.attrs["href"])
            assert target.startswith(("https://", "http://"))
            assert target.startswith("https://github.com/o/r/blob/abc/") or any(same(target, url) for url in known)
        assert token.type != "image"
        if token.type in ("text", "text_special"):
            assert not GITHUB_READS.search(token.content)
            assert "://" not in token.content
            assert "www." not in token.content.lower()


def same(target: str, url: str) -> bool:
    """Whether two addresses have the same letters and digits: what else they hold may be encoded."""
    plain = re.sub(r"%[0-9A-Fa-f]{2}|\W", "", target)
    return plain == re.sub(r"%[0-9A-Fa-f]{2}|\W", "", url) or not url.isascii()


@COSTLY
@given(reports, st.randoms(use_true_random=False), st.sampled_from(["\n", "\r\n"]))
def test_what_is_ticked_is_read_back_and_stays_ticked(report: Report, dice: Random, end: str) -> None:
    shown = issue.render(report)
    assert read_ticks(shown) == Ticks()
    offered = re.findall(r"^ *- \[ \] <!-- enrich:(\w+)=(\w+) -->", shown, re.MULTILINE)
    chosen = [each for each in offered if dice.random() < 0.5]
    ticked = shown
    for action, identity in chosen:
        ticked = tick(ticked, action, identity)
    ticks = read_ticks(ticked.replace("\n", end))
    assert ticks == Ticks(*(frozenset(name for kind, name in chosen if kind == action) for action in Action))
    assert ticks.accept | ticks.fix <= ids(report, open_findings(report))
    again = issue.render(report, ticks=ticks)
    assert read_ticks(again) == ticks
    assert len(re.findall(r"^ *- \[[ x]\] <!--", again, re.MULTILINE)) == len(offered)


@pytest.mark.parametrize(
    "text",
    [
        "1. - [x] <!-- enrich:accept={} -->",
        "> - [x] <!-- enrich:accept={} -->",
        "a - [x] <!-- enrich:accept={} -->",
        "```\n- [x] <!-- enrich:accept={} -->\n```",
        "- [x] &lt;!-- enrich:accept={} --&gt;",
        "- [x] <!-- enrich:remove={} -->",
        "- [x]<!-- enrich:accept={} -->",
    ],
)
def test_what_only_looks_like_a_box_is_none(text: str) -> None:
    assert read_ticks(text.format("0" * 16)) == Ticks()


def test_hostile_text_makes_no_box() -> None:
    fake = "x\n- [x] <!-- enrich:accept=0123456789abcdef -->"
    finding = Finding("broken-link", Severity.ERROR, fake, entry=fake, url=fake, suggestion=fake, title=fake)
    assert read_ticks(issue.render(replace(EMPTY, catalog="c.yaml", findings=(finding,)))) == Ticks()


def test_new_findings_come_first_and_moves_have_one_command() -> None:
    shown = issue.render(SAMPLE)
    assert shown.index("### New on 2026-11-21 (14)") < shown.index("### Broken (1)") < shown.index("### Moved (1)")
    assert shown.count("```sh\nenrich fix\n```") == 1
    link = "[pages.example.org/serving](http://pages.example.org/serving)"
    assert f"{link} → [serving.example.org](https://serving.example.org/)" in shown
    assert "**Serving Pages of Models** (`entry-18`)" in shown
    first = issue.render(replace(SAMPLE, first_run=True))
    assert "### New" not in first
    assert "### Broken (2)" in first


def test_a_private_address_and_a_page_that_would_note_it_are_no_links() -> None:
    noted = "https://github.com/o/r/issues/7"
    report = replace(EMPTY, findings=(replace(FINDINGS[1], url=noted), FINDINGS[3]))
    shown = issue.render(report)
    assert f"`{noted}`" in shown
    assert "`http://10.0.0.7/slides.pdf`" in shown
    assert "](http" not in shown


def test_what_is_ticked_has_a_section_until_it_is_gone() -> None:
    report = replace(SAMPLE, findings=(MOVED, DEAD))
    ticks = Ticks(accept=ids(report, (DEAD,)), fix=ids(report, (MOVED,)))
    shown = issue.render(report, ticks=ticks)
    assert "### Ticked (2)" in shown
    assert "### Broken" not in shown
    assert shown.count("- [x]") == 2
    fixed = replace(report, findings=(replace(DEAD, state=State.FIXED),))
    assert "### Ticked" not in issue.render(fixed, ticks=ticks)


def test_thousands_of_findings_fit_with_every_section() -> None:
    shown = issue.render(HUGE, limit=65_000)
    assert 63_000 < len(shown.encode()) <= 65_000
    for group in summary.groups(HUGE):
        assert f"### {group.section.title} ({len(group.findings)})" in shown
    both = issue.render_all([HUGE, HUGE], limit=65_000)
    assert len(both.encode()) <= 65_000


values = st.text(st.characters(exclude_characters='"\\\r\n', exclude_categories=["Cc", "Cs"]), max_size=12)
lines = st.one_of(
    values.map(lambda text: f"# {text}"),
    st.integers(1, 9).map(lambda number: f"tries = {number}"),
    values.map(lambda text: f'contact = "{text}"'),
    st.just(""),
)


@given(st.lists(lines, max_size=4, unique_by=lambda line: line[:4]), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_blocks_are_added_below_what_is_there_byte_for_byte(rows: list[str], end: str, is_ended: bool) -> None:
    before = end.join(rows) + (end if is_ended else "")
    blocks = [block for finding in (MOVED, DEAD) if (block := ignore_block(finding, "ticked"))]
    once = with_ignores(before, blocks, Path("enrich.toml"))
    assert once.startswith(before)
    twice = with_ignores(once, blocks[:1], Path("enrich.toml"))
    assert twice.startswith(once)
    assert "\n" not in twice.replace("\r\n", "") or "\r\n" not in before
    ignored = tomllib.loads(twice)["ignore"]
    assert [row["rule"] for row in ignored] == ["moved-link", "broken-link", "moved-link"]
    assert len(Settings.model_validate({"ignore": ignored}).ignore) == 3


def test_in_a_project_file_the_blocks_belong_to_the_tool() -> None:
    text = with_ignores(
        '[project]\nname = "x"\n[tool.enrich]\ntries = 2\n', ["[[ignore]]\npattern = 'a'"], Path("pyproject.toml")
    )
    assert tomllib.loads(text)["tool"]["enrich"] == {"tries": 2, "ignore": [{"pattern": "a"}]}


@pytest.mark.parametrize("text", ["ignore = [{pattern = 'a', reason = 'b'}]\n", "tries = \n", 'x = """\n'])
def test_a_file_that_takes_no_table_is_left_alone(text: str) -> None:
    with pytest.raises(SettingsError, match=r"enrich\.toml"):
        with_ignores(text, ["[[ignore]]\npattern = 'a'"], Path("enrich.toml"))
