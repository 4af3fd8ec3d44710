"""The formats, on one report that has every rule and every verdict.

`python tests/test_report.py --update` writes `tests/golden/` anew; read the difference before you commit it.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from enrich.model import (
    EntryReport,
    EntryType,
    Evidence,
    Finding,
    LinkCheck,
    LinkKind,
    LinkReport,
    PastRun,
    Place,
    Report,
    Severity,
    State,
    Status,
    Unasked,
    Verdict,
)
from enrich.report import FORMATS, markdown, summary, text
from enrich.report.style import TextStyle

GOLDEN = Path(__file__).with_name("golden")
NASTY = (
    "@everyone <script>alert(1)</script> ::error::pwned ##[add-mask]x `tick` |pipe| ![i](https://t.example/p.png) "
    "#12 \x1b[31mred\u202egnp"
)
DAYS = ("2026-11-18T02:17:41+00:00", "2026-11-20T02:17:39+00:00", "2026-11-21T02:17:40+00:00")


def at(line: int, column: int = 14) -> Place:
    return Place("catalog.yaml", line, column)


def web(status: int | None, saw: str, day: int = 2) -> Evidence:
    return Evidence("web", DAYS[day], saw, status)


def checked(verdict: Verdict, url: str, line: int, *evidence: Evidence, new_url: str | None = None) -> LinkReport:
    trouble = verdict in (Verdict.BROKEN, Verdict.SUSPECT, Verdict.MOVED)
    return LinkReport(
        LinkCheck(url, verdict, evidence, new_url),
        entries=(f"entry-{line}",),
        kind=LinkKind.PAPER,
        first_seen="2026-11-18" if trouble else None,
        last_ok="2026-10-30" if trouble else None,
        place=at(line),
    )


LINKS = (
    checked(
        Verdict.OK, "https://arxiv.org/abs/2309.06180", 9, Evidence("arxiv", DAYS[2], "knows it: Efficient Memory")
    ),
    checked(
        Verdict.MOVED,
        "http://pages.example.org/serving",
        18,
        web(301, "redirect of http://pages.example.org/serving"),
        web(200, "moved permanently to https://serving.example.org/"),
        new_url="https://serving.example.org/",
    ),
    checked(
        Verdict.BROKEN,
        "https://doi.org/10.1145/9999999.9999999",
        27,
        Evidence("doi", DAYS[2], "handle not found", 404),
    ),
    checked(
        Verdict.BROKEN,
        "https://lab.example.edu/~kim/paper.pdf?v=2&x=[1]",
        36,
        *(web(None, "no answer within 20 s", day) for day in range(3)),
    ),
    checked(Verdict.UNSAFE, "http://10.0.0.7/slides.pdf", 45, web(None, "points at a private address")),
    checked(Verdict.SUSPECT, "https://slow.example.net/talk", 54, web(503, "HTTP status 503")),
    checked(Verdict.BLOCKED, "https://ieeexplore.ieee.org/document/1", 63, web(418, "turns checkers away")),
    checked(Verdict.BLOCKED, "https://dl.acm.org/doi/10.1145/3341301.3359658", 72, web(403, "turns checkers away")),
    checked(Verdict.UNKNOWN, "https://dl.acm.org/doi/10.5555/3488766", 81, Evidence("acm", "", "an ACM-internal ID")),
    checked(Verdict.SKIPPED, "./notes.md", 90, Evidence("url", "", "relative link; set --base-url")),
)


TITLES = {
    18: "Serving Pages of Models",
    27: "An Engine for Batches",
    99: "Fast Serving of Models",
    144: "Engine",
    162: "Orca",
    189: f"A title with {NASTY}",
}


def found(rule: str, severity: Severity, line: int, message: str, **more: str) -> Finding:
    return Finding(
        rule,
        severity,
        message,
        entry=f"entry-{line}",
        url=more.get("url"),
        field=more.get("field"),
        suggestion=more.get("suggestion"),
        evidence=tuple(e for link in LINKS if link.check.url == more.get("url") for e in link.check.evidence),
        first_seen=more.get("since", "2026-11-21"),
        state=State(more.get("state", "new")),
        place=at(line),
        title=TITLES.get(line),
    )


ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
FINDINGS = (
    found(
        "moved-link",
        WARNING,
        18,
        "moved for good",
        url=LINKS[1].check.url,
        suggestion="https://serving.example.org/",
        state="still",
        since="2026-11-18",
    ),
    found("broken-link", ERROR, 27, "the DOI is not registered", url=LINKS[2].check.url),
    found(
        "broken-link",
        ERROR,
        36,
        "no answer on three days",
        url=LINKS[3].check.url,
        suggestion="https://web.archive.org/web/20240102030405/https://lab.example.edu/~kim/paper.pdf",
        since="2026-11-18",
        state="still",
    ),
    found("unsafe-link", ERROR, 45, "points at a private address", url=LINKS[4].check.url),
    found("suspect-link", NOTE, 54, "HTTP status 503", url=LINKS[5].check.url),
    found("blocked-link", NOTE, 63, "turns checkers away", url=LINKS[6].check.url),
    found("wrong-paper", ERROR, 99, "the link leads to “A Study of Otters”, the entry names “Fast Serving of Models”"),
    found("withdrawn", ERROR, 108, "withdrawn by its authors: “an error in Lemma 3”"),
    found("retracted", ERROR, 117, "Crossref lists a retraction notice, 10.1000/retraction.1"),
    found("published-since", NOTE, 126, "appeared at OSDI 2025", field="doi", suggestion="10.1145/1111111.1111112"),
    found("archived-repository", NOTE, 135, "the owner archived it", url="https://github.com/example/old-engine"),
    found(
        "renamed-repository",
        WARNING,
        144,
        "now example/new-name",
        url="https://github.com/example/old-name",
        suggestion="https://github.com/example/new-name",
    ),
    found("unresolved-entry", NOTE, 153, "no source that answered knows a paper of this name"),
    found(
        "ambiguous-entry", WARNING, 162, "2 papers fit", suggestion="arXiv 2101.00001 “Orca”; arXiv 2306.02707 “Orca”"
    ),
    found("stale-metadata", NOTE, 171, "last refreshed on 2026-01-02"),
    found("duplicate-entry", WARNING, 180, "the same paper as entry-9 (arxiv:2309.06180)"),
    Finding(
        "host-outage",
        WARNING,
        "12 of 12 links of down.example.com gave no answer",
        first_seen="2026-11-21",
        evidence=(web(None, "connection refused"),),
    ),
    found("wrong-paper", ERROR, 189, f"the page calls itself “{NASTY}”", url=f"https://evil.example/{NASTY}"),
    Finding("broken-link", ERROR, "was gone", entry="entry-5", url="https://back.example.org/", state=State.FIXED),
)

SAMPLE = Report(
    catalog="catalog.yaml",
    started="2026-11-21T02:17:03+00:00",
    finished="2026-11-21T02:18:15+00:00",
    entries=(
        EntryReport(
            "entry-9",
            EntryType.PAPER,
            Status.FOUND,
            "arxiv_id",
            {"arxiv": "2309.06180", "doi": "10.1145/3600006.3613165"},
            filled=("authors", "abstract", "doi"),
            sources={"authors": "arxiv", "abstract": "arxiv", "doi": "crossref"},
            year=2023,
            citation_count=4810,
            title="Efficient Memory Management for Serving",
        ),
        EntryReport("entry-153", EntryType.PAPER, Status.MISSING, lacking=("authors", "abstract", "doi")),
        EntryReport("entry-162", EntryType.PAPER, Status.AMBIGUOUS, lacking=("authors",), year=2021, citation_count=0),
        EntryReport("entry-171", EntryType.PAPER, Status.UNKNOWN, lacking=("doi",)),
        EntryReport("entry-144", EntryType.REPOSITORY, Status.NOT_A_PAPER),
    ),
    links=LINKS,
    findings=FINDINGS,
    unasked=(Unasked("semantic_scholar", "answered 429 (too many requests) three times", 41),),
    requests={
        "export.arxiv.org": 2,
        "api.semanticscholar.org": 3,
        "doi.org": 5,
        "a.example": 1,
        "b.example": 1,
        "c.example": 1,
        "d.example": 1,
        "e.example": 2,
    },
    counts={**Counter(str(link.check.verdict) for link in LINKS), "entries-found": 1},
    notes=("The history is of a run 31 days ago.",),
    past_runs=(
        PastRun(date(2026, 11, 18), errors=4, warnings=2, notes=0, new=6, fixed=0),
        PastRun(date(2026, 11, 20), errors=2, warnings=2, notes=1, new=1, fixed=2),
        PastRun(date(2026, 11, 21), errors=8, warnings=5, notes=5, new=14, fixed=1),
    ),
)
CLEAN = Report(
    catalog="catalog.yaml",
    started="2026-11-21T02:17:03+00:00",
    finished="2026-11-21T02:17:04+00:00",
    entries=SAMPLE.entries[:1],
    links=LINKS[:1] * 212,
)


@pytest.mark.parametrize("name", ["text", "markdown", "html"])
def test_services_that_failed_for_one_reason_share_its_sentence(name: str) -> None:
    why = "no network: none of 3 hosts could be reached"
    rows = (
        *(Unasked(service, f"unreachable: {why}", 3) for service in ("arxiv", "crossref")),
        Unasked("web", why, 2),
        Unasked("github", "answered 503", 1),
    )
    shown = " ".join(FORMATS[name](replace(EMPTY, unasked=rows)).split())
    assert shown.count(why) == 1
    assert f"arXiv (3), Crossref (3), web pages (2): {why}" in shown
    assert "GitHub (1 entry or link): answered 503" in shown


EMPTY = Report(None, "2026-11-21T02:17:03+00:00", "2026-11-21T02:17:03+00:00")


def rendered() -> dict[str, str]:
    """The golden files by name."""
    files = {f"sample.{name}": render(SAMPLE) for name, render in FORMATS.items()}
    files["sample.color"] = text.render(SAMPLE, TextStyle(color=True, width=72))
    files |= {f"clean.{name}": FORMATS[name](CLEAN) for name in ("text", "markdown")}
    return files


@pytest.mark.parametrize("name", sorted(rendered()))
def test_a_format_looks_as_agreed(name: str) -> None:
    assert (GOLDEN / name).read_text(encoding="utf-8") == rendered()[name]


def test_every_golden_file_belongs_to_a_format() -> None:
    assert {path.name for path in GOLDEN.iterdir() if path.stem in ("clean", "sample")} == set(rendered())


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_same_report_gives_the_same_bytes_and_a_last_line_end(name: str) -> None:
    assert FORMATS[name](SAMPLE) == FORMATS[name](SAMPLE)
    assert FORMATS[name](SAMPLE).endswith("\n")


@pytest.mark.parametrize("name", ["text", "markdown"])
def test_nothing_is_called_broken_that_has_another_verdict(name: str) -> None:
    others = tuple(link for link in LINKS if link.check.verdict is not Verdict.BROKEN)
    findings = tuple(finding for finding in FINDINGS if finding.rule != "broken-link")
    assert "broken" not in FORMATS[name](Report(None, "", "", links=others, findings=findings)).lower()


def test_markdown_links_places_where_the_repository_is_known() -> None:
    shown = markdown.render(SAMPLE, permalink="https://github.com/o/r/blob/abc/")
    assert "[catalog.yaml:27](https://github.com/o/r/blob/abc/catalog.yaml#L27)" in shown


@pytest.mark.parametrize("limit", [0, 300, 1000, 2500, 4000, 6000])
def test_markdown_keeps_to_its_limit_and_counts_what_it_leaves_out(limit: int) -> None:
    shown = markdown.render(SAMPLE, limit=limit)
    assert len(shown.encode()) <= limit
    assert shown.count("<details>") == shown.count("</details>")
    if limit >= 2500:
        assert "not fit here" in shown
        assert "### Broken (2)" in shown
        assert "Services unavailable" in shown


def test_markdown_within_its_limit_is_whole() -> None:
    assert markdown.render(SAMPLE, limit=65_536) == markdown.render(SAMPLE)


def test_markdown_counts_right_what_it_cuts() -> None:
    many = tuple(found("broken-link", ERROR, line, "gone", url=f"https://example.org/{line}") for line in range(5000))
    shown = markdown.render(Report("catalog.yaml", "", "", findings=many), limit=65_000)
    kept = shown.count("to ignore this")
    assert 100 < kept < 5000
    assert f"- … and {5000 - kept} more" in shown
    assert f"**{5000 - kept} items did not fit here**" in shown
    assert len(shown.encode()) > 63_000


@pytest.mark.parametrize("name", FORMATS)
def test_unreachable_links_and_closed_sites_have_their_sections_in_every_format(name: str) -> None:
    since = "could not be reached from here since 2026-11-01 (20 runs): HTTP status 503"
    slow, shut, new = (f"https://{name}.example.net/p" for name in ("slow", "shut", "new"))
    findings = (
        found("unreachable-link", WARNING, 5, since, url=slow),
        Finding(
            "site-closed", WARNING, "shut.example.net redirects 3 links to one page", url="https://shut.example.net/"
        ),
        found("suspect-link", NOTE, 6, "HTTP status 502", url=new),
    )
    links = tuple(checked(Verdict.SUSPECT, url, 5, web(503, "HTTP status 503")) for url in (slow, shut, new))
    report = replace(EMPTY, findings=findings, links=links)
    assert [group.section.title for group in summary.groups(report)] == ["Unreachable", "Closed or reorganised sites"]
    assert summary.folded(report)[0].startswith("1 suspect link (")
    assert summary.folded(report)[0].endswith("new.example.net 1.")
    shown = " ".join(FORMATS[name](report).split())
    assert since in shown.replace("&#40;", "(").replace("&#41;", ")").replace("\\", "")
    assert "redirects 3 links to one page" in shown
    rules = ("unreachable-link", "site-closed")
    titles = ("Unreachable (1)", "Closed or reorganised sites (1)")
    assert all(word in shown for word in (titles if name in ("markdown", "html") else rules))


def update() -> None:
    """Write the golden files."""
    GOLDEN.mkdir(exist_ok=True)
    for name, content in rendered().items():
        (GOLDEN / name).write_text(content, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        raise SystemExit("usage: python tests/test_report.py --update")
    update()
