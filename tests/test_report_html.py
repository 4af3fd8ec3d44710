"""The HTML report without its script: what filters, sorting and screen readers build on is in the page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import lxml.html
import pytest
from lxml import etree

from enrich.model import (
    EntryReport,
    EntryType,
    Finding,
    LinkCheck,
    LinkKind,
    LinkReport,
    PastRun,
    Report,
    Severity,
    Status,
    Verdict,
)
from enrich.report import FORMATS
from tests.test_report import EMPTY, LINKS, SAMPLE


def document(report: Report) -> etree._Element:
    return lxml.html.document_fromstring(FORMATS["html"](report))


def words(node: etree._Element) -> str:
    return " ".join("".join(map(str, node.itertext())).split())


def told(path: str) -> list[str]:
    return [words(node) for node in PAGE.iterfind(path)]


PAGE = document(SAMPLE)


def test_every_filter_finds_its_attribute_on_every_item() -> None:
    parts = {section.get("id"): section for section in PAGE.iter("section")}
    offered = {name: [select.get("name") for select in part.iter("select")] for name, part in parts.items()}
    assert offered == {
        "findings": ["rule", "severity", "state"],
        "links": ["verdict", "host"],
        "entries": ["status", "type", "year", "citations"],
        "services": [],
    }
    for name, filters in offered.items():
        items = [*parts[name].iter("article"), *parts[name].iterfind(".//tbody/tr")]
        assert items
        assert all(item.get(f"data-{by}") for item in items for by in filters)


def test_a_link_row_tells_verdict_address_entry_place_evidence_and_dates() -> None:
    evidence = (
        "the page: redirect of http://pages.example.org/serving (HTTP status 301), 2026-11-21"
        "the page: moved permanently to https://serving.example.org/ (HTTP status 200), 2026-11-21"
    )
    assert told(".//table[@class='links sortable']/tbody/tr[2]/td") == [
        "moved",
        "http://pages.example.org/serving→ https://serving.example.org/",
        "entry-18",
        "catalog.yaml:18",
        evidence,
        "2026-11-18",
        "2026-10-30",
    ]
    assert len(told(".//table[@class='links sortable']/tbody/tr")) == len(LINKS)


def test_charts_show_the_counts_and_lead_to_what_they_count() -> None:
    assert told(".//figure[@class='verdicts pills']//li")[:4] == ["1 ok", "1 moved", "2 broken", "1 unsafe"]
    assert told(".//figure[figcaption='Findings by rule']//li")[:3] == [
        "2 broken-link",
        "1 unsafe-link",
        "2 wrong-paper",
    ]
    check_picks(PAGE)


def check_picks(page: etree._Element) -> None:
    """Every row of a chart that can be picked has the filter that shows as many items as it counts."""
    for row in page.iterfind(".//figure//li[a]"):
        anchor = row[0]
        section = str(anchor.get("href")).removeprefix("#")
        items = page.iterfind(
            f".//section[@id='{section}']//*[@data-{anchor.get('data-by')}='{anchor.get('data-value')}']"
        )
        count = row.find(".//strong")
        count = row.find("b") if count is None else count
        assert count is not None
        assert len([item for item in items if item.get("data-state") != "fixed"]) == int(words(count))


def test_the_bar_of_verdicts_is_full() -> None:
    widths = [float(str(rect.get("width"))) for rect in PAGE.iterfind(".//figure[@class='verdicts pills']//rect")]
    assert sum(widths) == pytest.approx(100)


def papers(*known: tuple[int | None, int | None], status: Status = Status.FOUND) -> tuple[EntryReport, ...]:
    """Entries of these years and citations."""
    return tuple(
        EntryReport(f"paper-{row}", EntryType.PAPER, status, year=year, citation_count=count)
        for row, (year, count) in enumerate(known)
    )


def rows(page: etree._Element, caption: str) -> list[str]:
    return [words(node) for node in page.iterfind(f".//figure[figcaption='{caption}']//li")]


def test_papers_are_counted_by_year_the_early_ones_together() -> None:
    years = [1995, 2004, *range(2010, 2027), 2026, None]
    page = document(replace(EMPTY, entries=papers(*((year, None) for year in years))))
    assert rows(page, "Year of publication") == [
        "before 20157",
        *(f"{year}1" for year in range(2015, 2026)),
        "20262",
        "unknown1",
    ]
    check_picks(page)


def test_papers_are_counted_by_citations_and_the_most_cited_named() -> None:
    counts = [0, 1, 9, 10, 99, 100, 999, 1000, 250_000, None, None]
    page = document(replace(EMPTY, entries=papers(*((2024, count) for count in counts))))
    assert rows(page, "Citations") == ["01", "1–92", "10–992", "100–9992", "1000 or more2", "unknown2"]
    assert rows(page, "Most cited")[:3] == ["paper-8250000", "paper-71000", "paper-6999"]
    assert len(rows(page, "Most cited")) == 8
    check_picks(page)


def test_what_is_no_paper_lacks_neither_year_nor_citations() -> None:
    others = papers((None, None), (None, None), status=Status.NOT_A_PAPER)
    assert rows(document(replace(EMPTY, entries=others)), "Citations") == []
    page = document(replace(EMPTY, entries=(*others, *papers((2024, 3)))))
    assert rows(page, "Year of publication") == ["20241"]
    assert rows(page, "Citations") == ["00", "1–91", "10–990", "100–9990", "1000 or more0"]


def test_the_course_of_the_findings_is_drawn_and_told_day_by_day() -> None:
    (figure,) = PAGE.iterfind(".//figure[@class='runs']")
    assert words(figure).endswith(
        "2026-11-21: 8 errors, 5 warnings, 5 notes 6 on 2026-11-18; at most 18. All 3 days"
        "2026-11-21: 8 errors, 5 warnings, 5 notes; 14 new, 1 fixed"
        "2026-11-20: 2 errors, 2 warnings, 1 note; 1 new, 2 fixed"
        "2026-11-18: 4 errors, 2 warnings, 0 notes; 6 new, 0 fixed"
    )
    columns = [[float(str(rect.get("height"))) for rect in group.iter("rect")] for group in figure.iter("g")]
    assert [sum(heights) for heights in columns] == pytest.approx([100 * 6 / 18, 100 * 5 / 18, 100], abs=0.05)
    assert [len(heights) for heights in columns] == [2, 3, 3]


def test_one_run_has_no_course_and_two_clean_ones_have_a_flat_one() -> None:
    first = PastRun(date(2026, 11, 20), 0, 0, 0, 0, 0)
    for count, shown in ((0, 0), (1, 0), (2, 1), (60, 1)):
        runs = tuple(replace(first, on=first.on + timedelta(days=day)) for day in range(count))
        page = document(replace(EMPTY, past_runs=runs))
        assert len(list(page.iterfind(".//figure[@class='runs']"))) == shown
        assert not list(page.iterfind(".//figure[@class='runs']//rect"))


def test_fields_are_counted_over_the_entries() -> None:
    assert told(".//figure[figcaption='Fields filled in by this run']//li") == ["abstract1", "authors1", "doi1"]
    assert told(".//figure[figcaption='Missing fields']//li") == ["authors2", "doi2", "abstract1"]


def test_requests_are_told_per_host_most_first() -> None:
    assert told(".//table[@class='services sortable']/tbody/tr")[:2] == ["doi.org5", "api.semanticscholar.org3"]


def test_an_empty_report_has_every_part_and_no_empty_table() -> None:
    page = document(EMPTY)
    assert [section.get("id") for section in page.iter("section")] == ["findings", "links", "entries", "services"]
    assert not list(page.iter("table", "figure", "article", "select"))
    assert "No request was sent." in words(page)


def test_every_heading_label_and_address_within_the_page_is_there() -> None:
    nodes = [node for node in PAGE.iter() if isinstance(node.tag, str)]
    names = {node.get("id") for node in nodes}
    assert {node.get("aria-labelledby") for node in nodes} <= names
    addresses = {str(node.get("href")) for node in nodes if node.tag == "a"}
    assert {address.removeprefix("#") for address in addresses if address.startswith("#")} <= names


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "HTTP://[x"])
def test_only_web_addresses_can_be_followed(address: str) -> None:
    finding = Finding("broken-link", Severity.ERROR, "gone", url=address, suggestion=address)
    link = LinkReport(LinkCheck(address, Verdict.MOVED, (), address), ("key",), LinkKind.OTHER)
    page = document(Report(None, "", "", links=(link,), findings=(finding,)))
    assert words(page).count(address) >= 4
    assert all(str(anchor.get("href")).startswith("#") for anchor in page.iter("a"))


def test_the_page_grows_with_its_items_alone() -> None:
    one, many = (FORMATS["html"](replace(SAMPLE, links=LINKS[:1] * count)) for count in (1, 1001))
    assert (len(many) - len(one)) / 1000 < 600


def test_the_page_without_rows_is_small() -> None:
    assert len(FORMATS["html"](EMPTY).encode()) < 200_000
