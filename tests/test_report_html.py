"""The HTML report without its script: what filters, sorting and screen readers build on is in the page."""

from __future__ import annotations

import re
from dataclasses import replace

import lxml.html
import pytest
from lxml import etree

from enrich.model import Finding, LinkCheck, LinkKind, LinkReport, Report, Severity, Verdict
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
        "entries": ["status", "type"],
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
    assert told(".//table[@class='links']/tbody/tr[2]/td") == [
        "moved",
        "http://pages.example.org/serving→ https://serving.example.org/",
        "entry-18",
        "catalog.yaml:18",
        evidence,
        "2026-11-18",
        "2026-10-30",
    ]
    assert len(told(".//table[@class='links']/tbody/tr")) == len(LINKS)


def test_charts_show_the_counts_and_lead_to_what_they_count() -> None:
    assert told(".//figure[@class='verdicts']//li")[:4] == ["1 ok", "1 moved", "2 broken", "1 unsafe"]
    assert told(".//figure[figcaption='Findings by rule']//li")[:3] == ["broken-link2", "unsafe-link1", "wrong-paper2"]
    for row in PAGE.iterfind(".//figure//li[a]"):
        anchor = row[0]
        section = str(anchor.get("href")).removeprefix("#")
        items = PAGE.iterfind(
            f".//section[@id='{section}']//*[@data-{anchor.get('data-by')}='{anchor.get('data-value')}']"
        )
        counted = int("".join(re.findall(r"\d+", words(row))))
        assert len([item for item in items if item.get("data-state") != "fixed"]) == counted


def test_the_bar_of_verdicts_is_full() -> None:
    widths = [float(str(rect.get("width"))) for rect in PAGE.iterfind(".//figure[@class='verdicts']//rect")]
    assert sum(widths) == pytest.approx(100)


def test_fields_are_counted_over_the_entries() -> None:
    assert told(".//figure[figcaption='Fields filled by this run']//li") == ["abstract1", "authors1", "doi1"]
    assert told(".//figure[figcaption='Fields lacking still']//li") == ["authors2", "doi2", "abstract1"]


def test_requests_are_told_per_host_most_first() -> None:
    assert told(".//table[@class='services']/tbody/tr")[:2] == ["doi.org5", "api.semanticscholar.org3"]


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
    assert words(page).count(address) == 4
    assert all(str(anchor.get("href")).startswith("#") for anchor in page.iter("a"))


def test_the_page_grows_with_its_items_alone() -> None:
    one, many = (FORMATS["html"](replace(SAMPLE, links=LINKS[:1] * count)) for count in (1, 1001))
    assert (len(many) - len(one)) / 1000 < 600
