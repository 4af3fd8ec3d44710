"""The dashboard in a real Chromium, opened from the disk: no errors, no requests, fits a phone, can be used by all."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from enrich.model import Finding, Severity
from enrich.report.dashboard import CatalogView
from tests.dashboards import LONG, NEW, SHORT, course, written
from tests.test_report import NASTY, SAMPLE
from tests.test_report_html_browser import A4, DESKTOP, PHONE, browser, expect, page, pytestmark
from tests.test_report_safety import PAYLOADS

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["browser", "page", "pytestmark"]

PAGES = ("index.html", "catalogs/long/index.html", "catalogs/new/index.html", "rules/broken-link.html")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("site"), LONG, SHORT, NEW)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone_a_screen_and_paper(page: Page, folder: Path, name: str) -> None:
    page.goto((folder / name).as_uri())
    for size in (PHONE, DESKTOP, A4):
        page.set_viewport_size(size)
        page.emulate_media(media="print" if size is A4 else "screen")
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], size


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_used_by_everybody(page: Page, folder: Path, name: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto((folder / name).as_uri())
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")
    assert [(row["id"], row["nodes"][0]["html"]) for row in found["violations"]] == []


def test_pages_lead_to_each_other(page: Page, folder: Path) -> None:
    page.goto((folder / "index.html").as_uri())
    page.get_by_role("link", name="lists/long.yaml").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("lists/long.yaml")
    page.get_by_role("link", name="broken link", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Broken links")
    page.get_by_role("link", name="All catalogs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Links and papers of 3 catalogs")


def test_findings_of_a_rule_can_be_searched_and_filtered_by_catalog(page: Page, tmp_path: Path) -> None:
    other = replace(SHORT, report=SAMPLE)
    page.goto((written(tmp_path, LONG, other) / "rules" / "broken-link.html").as_uri())
    output = page.locator("#findings output")
    expect(output).to_have_text("4 of 4 shown")
    page.get_by_label("Catalog").select_option("lists/short.yaml")
    expect(output).to_have_text("2 of 4 shown")


def test_catalogs_can_be_sorted(page: Page, folder: Path) -> None:
    page.goto((folder / "index.html").as_uri())
    page.get_by_role("columnheader", name="Catalog").get_by_role("button").click()
    cells = page.locator("#catalogs tbody td:first-child").all_inner_texts()
    assert cells == ["lists/long.yaml", "lists/new.yaml", "lists/short.yaml"]


def test_a_title_from_right_to_left_does_not_move_the_number_after_it(page: Page, tmp_path: Path) -> None:
    finding = Finding(
        "broken-link", Severity.ERROR, "404 not found", "key", "https://example.org/", title="\u05e9\u05dc\u05d5\u05dd"
    )
    view = replace(LONG, report=replace(SAMPLE, findings=(finding,)))
    page.goto((written(tmp_path, view) / "rules" / "broken-link.html").as_uri())
    right_of_title, left_of_number = page.evaluate(
        """() => {
          const title = document.querySelector("article strong"), range = document.createRange();
          const words = title.nextSibling, at = words.data.indexOf("404");
          range.setStart(words, at); range.setEnd(words, at + 3);
          return [title.getBoundingClientRect().right, range.getBoundingClientRect().left];
        }"""
    )
    assert left_of_number >= right_of_title


def test_what_strangers_write_does_nothing(page: Page, tmp_path: Path) -> None:
    findings = tuple(
        Finding("broken-link", Severity.ERROR, text, text, text, suggestion=text, first_seen="2026-11-01", title=text)
        for text in (NASTY, *PAYLOADS)
    )
    view = CatalogView("name", NASTY, replace(SAMPLE, findings=findings), course(9), {NASTY: NASTY})
    folder = written(tmp_path, view)
    for name in ("index.html", "catalogs/name/index.html", "rules/broken-link.html"):
        page.goto((folder / name).as_uri())
        assert page.evaluate("document.scripts.length") == 1
