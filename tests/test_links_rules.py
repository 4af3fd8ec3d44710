"""What is proposed for links in trouble, and what links say about their entries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from enrich import judge
from enrich.judge import Case
from enrich.model import (
    Enriched,
    Entry,
    Evidence,
    Finding,
    Link,
    LinkCheck,
    LinkKind,
    Page,
    Record,
    Repository,
    Severity,
    Status,
    Verdict,
)

TITLE = "Careful Scheduling of Small Models on Shared Accelerators"
OTHER = "On the Migration of Lake Trout in Northern Waters"
SAW = (Evidence("web", "2026-01-31T09:00:00Z", "404 Not Found", 404),)
PAPER = Link("https://a.example/paper.pdf", LinkKind.PAPER)
CODE = Link("https://github.com/ada/careful", LinkKind.CODE)
ENTRY = Entry("careful", name="Careful", title=TITLE, links=(PAPER, CODE))
CROSSREF = Record(source="crossref", title=TITLE, doi="10.1145/1.2")
ARXIV = Record(source="arxiv", title=TITLE, arxiv_id="2303.06865")
COPY = "https://web.archive.org/web/20230301000000/https://a.example/paper.pdf"


def found(case: Case) -> list[Finding]:
    return [finding for rule in judge.RULES for finding in rule(case)]


def of(check: LinkCheck, entry: Entry = ENTRY, **records: Record) -> list[Finding]:
    return found(Case(entry, Status.FOUND, {check.url: check}, records))


def broken(link: Link = PAPER, copy: str | None = None) -> LinkCheck:
    return LinkCheck(link.url, Verdict.BROKEN, SAW, copy=copy)


@pytest.mark.parametrize(
    ("records", "known", "copy", "suggestion"),
    [
        ({"crossref": CROSSREF, "arxiv": ARXIV}, None, COPY, "https://doi.org/10.1145/1.2"),
        ({"arxiv": ARXIV}, None, COPY, "https://arxiv.org/abs/2303.06865"),
        ({}, Enriched(doi="10.1145/1.2"), COPY, "https://doi.org/10.1145/1.2"),
        ({}, Enriched(doi="10.48550/arXiv.2303.06865"), COPY, "https://arxiv.org/abs/2303.06865"),
        ({"semantic_scholar": Record(source="semantic_scholar", doi="10.1145/9.9")}, None, COPY, COPY),
        ({}, None, COPY, COPY),
        ({}, None, None, None),
    ],
)
def test_a_dead_paper_link_is_given_the_surest_way_out(
    records: dict[str, Record], known: Enriched | None, copy: str | None, suggestion: str | None
) -> None:
    (finding,) = of(broken(copy=copy), replace(ENTRY, enriched=known), **records)
    assert (finding.rule, finding.suggestion) == ("broken-link", suggestion)


def test_a_dead_code_link_is_given_a_copy_and_not_the_paper() -> None:
    (finding,) = of(broken(CODE, COPY), crossref=CROSSREF)
    assert finding.suggestion == COPY


def test_an_identifier_is_not_proposed_for_itself() -> None:
    link = Link("https://doi.org/10.1145/1.2", LinkKind.PAPER)
    entry = replace(ENTRY, links=(link,))
    (finding,) = of(broken(link), entry, crossref=CROSSREF, arxiv=ARXIV)
    assert finding.suggestion == "https://arxiv.org/abs/2303.06865"


@pytest.mark.parametrize(("records", "rules"), [({"crossref": CROSSREF}, ["internal-number"]), ({}, [])])
def test_a_number_of_acms_own_is_noted_where_the_paper_has_a_doi(records: dict[str, Record], rules: list[str]) -> None:
    link = Link("https://dl.acm.org/doi/10.5555/3571885.3571946", LinkKind.PAPER)
    check = LinkCheck(link.url, Verdict.UNKNOWN, (Evidence("acm", "", "an ACM-internal ID"),))
    findings = of(check, replace(ENTRY, links=(link,)), **records)
    assert [finding.rule for finding in findings] == rules
    for finding in findings:
        assert (finding.severity, finding.suggestion) == (Severity.NOTE, "https://doi.org/10.1145/1.2")


@pytest.mark.parametrize(
    ("title", "rules"), [(OTHER, ["wrong-paper"]), (TITLE.upper(), []), (f"{TITLE}: A Longer Title", []), (None, [])]
)
def test_a_page_that_presents_another_paper_is_told_where_links_alone_are_checked(
    title: str | None, rules: list[str]
) -> None:
    page = Page(PAPER.url, 200, "a title of the site", Record(source="page", title=title))
    assert [finding.rule for finding in of(LinkCheck(PAPER.url, Verdict.OK, SAW, page=page))] == rules


@pytest.mark.parametrize(
    ("description", "rules"),
    [
        (f'Official implementation of the paper "{OTHER}"', ["wrong-project"]),
        (f"Code for “{OTHER}” (2023)", ["wrong-project"]),
        (f'Official implementation of "{TITLE}"', []),
        (f'Careful: code for "{OTHER}"', []),
        (f"Related to {OTHER}", []),
        ("A framework", []),
        (None, []),
    ],
)
def test_code_of_another_paper_is_noted_only_where_it_says_so_itself(description: str | None, rules: list[str]) -> None:
    link = Link("https://github.com/ada/engine", LinkKind.CODE)
    check = LinkCheck(link.url, Verdict.OK, SAW, repository=Repository("ada/engine", description=description))
    findings = of(check, replace(ENTRY, links=(link,)))
    assert [(finding.rule, finding.severity) for finding in findings] == [(rule, Severity.NOTE) for rule in rules]


@pytest.mark.parametrize(("status", "spoken"), [(None, True), (503, True), (200, False), (404, False)])
def test_an_outage_is_a_host_that_fails_and_not_one_with_doubtful_pages(status: int | None, *, spoken: bool) -> None:
    rows = [
        LinkCheck(f"https://a.example/{n}", Verdict.SUSPECT, (Evidence("web", "", "as seen", status),))
        for n in range(3)
    ]
    findings, urls = judge.outages(rows)
    assert [finding.rule for finding in findings] == (["host-outage"] if spoken else [])
    assert urls == ({row.url for row in rows} if spoken else frozenset())


def failing(host: str, runs: int = 1, copy: str | None = None, verdict: Verdict = Verdict.SUSPECT) -> list[LinkCheck]:
    """Three links of a host that has failed in so many daily runs; after three, that has lasted."""
    rows = [Evidence("web", "2026-01-31T09:00:00Z", "HTTP status 503", 503)]
    if runs > 3:
        saw = f"could not be reached from here since 2026-01-{31 - runs} ({runs} runs)"
        rows.append(Evidence("history", "2026-01-31", saw))
    return [LinkCheck(f"https://{host}/{n}", verdict, tuple(rows), copy=copy) for n in range(3)]


def test_an_outage_that_lasted_is_one_warning_that_says_since_when() -> None:
    first, second, third = checks = failing(
        "old.example", 4, copy="https://web.archive.org/web/2025/https://old.example/"
    )
    entries = [
        Entry("one", links=(Link(first.url), Link(second.url))),
        Entry("two", links=(Link(third.url), Link("https://b.example/"))),
    ]
    [finding], urls = judge.outages(
        [*checks, *failing("old.example", 9)[:1], LinkCheck("https://b.example/", Verdict.OK)], entries
    )
    assert (finding.rule, finding.severity, finding.url) == ("host-outage", Severity.WARNING, "https://old.example/")
    assert finding.message == (
        "old.example: all 4 links (of 2 entries) failed: HTTP status 503; "
        "could not be reached from here since 2026-01-22 (9 runs)"
    )
    assert finding.suggestion == "https://web.archive.org/web/*/old.example/*"
    assert urls == {check.url for check in checks}


def test_an_outage_that_two_networks_saw_is_one_error() -> None:
    [finding], urls = judge.outages(failing("old.example", 4, verdict=Verdict.BROKEN))
    assert (finding.rule, finding.severity, len(urls)) == ("host-outage", Severity.ERROR, 3)


def test_a_link_that_failed_for_long_is_unreachable_with_another_way_to_its_paper() -> None:
    check = replace(failing("a.example", 4)[0], url=PAPER.url)
    (finding,) = of(check, crossref=CROSSREF)
    assert (finding.rule, finding.severity) == ("unreachable-link", Severity.WARNING)
    assert finding.message == "could not be reached from here since 2026-01-27 (4 runs): HTTP status 503"
    assert finding.suggestion == "https://doi.org/10.1145/1.2"


def test_links_of_a_host_that_is_gone_otherwise_are_broken_one_by_one() -> None:
    unnamed = Evidence("web", "2026-01-31T09:00:00Z", "domain not found")
    gone = [LinkCheck(f"https://gone.example/{n}", Verdict.BROKEN, (unnamed,)) for n in range(3)]
    some = [*failing("half.example", 4), LinkCheck("https://half.example/x", Verdict.BROKEN, SAW)]
    assert judge.outages([*gone, *some]) == ((), frozenset())


def test_what_is_an_outage_now_was_not_fixed() -> None:
    before = [
        *(
            Finding(rule, Severity.NOTE, "", "one", "https://old.example/1")
            for rule in ("suspect-link", "unreachable-link")
        ),
        Finding("broken-link", Severity.ERROR, "", "one", "https://b.example/"),
        Finding("archived-repository", Severity.WARNING, "", "one", "https://old.example/1"),
    ]
    now, _ = judge.outages(failing("old.example", 4))
    assert judge.changed_findings(before, now) == {finding.identity for finding in before[:2]}
    assert judge.changed_findings(now, [replace(before[1], url="https://old.example/2")]) == {now[0].identity}
