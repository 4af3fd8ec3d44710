"""The HTML report in a real Chromium: its script, its policy, its keyboard, its speed.

Needs the extra `browser` and a Chromium or Chrome on the PATH; skipped without.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

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
    Status,
    Verdict,
)
from enrich.report import FORMATS, LINKED
from tests.test_report import NASTY, SAMPLE
from tests.test_report_safety import PAYLOADS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, ViewportSize

WANTED = "the HTML report is tried in a browser: pip install 'enrich-catalog[browser]' and install Chromium"
playwright = pytest.importorskip("playwright.sync_api", reason=WANTED)
axe = pytest.importorskip("axe_playwright_python", reason=WANTED)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason=WANTED)]

expect = playwright.expect
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
A4: ViewportSize = {"width": 680, "height": 1009}  # inside margins of 1.5 cm
DAY = "2026-11-21T06:00:00Z"
NINE = "Efficient Memory Management for Serving entry-9"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this file."""
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page, which must end without a word on its console and without a request to anybody."""
    heard: list[str] = []
    asked: list[str] = []
    context = browser.new_context(viewport=DESKTOP)
    opened = context.new_page()
    opened.on("console", lambda message: heard.append(message.text))
    opened.on("pageerror", lambda error: heard.append(str(error)))
    opened.on("dialog", lambda dialog: heard.append(dialog.message))
    opened.on("request", lambda request: asked.append(request.url))
    yield opened
    context.close()
    assert heard == []
    assert all(url.startswith("file:") for url in asked)


def show(page: Page, folder: Path, report: Report = SAMPLE) -> Page:
    path = folder / "report.html"
    path.write_text(FORMATS["html"](report), encoding="utf-8", newline="\n")
    page.goto(path.as_uri())
    return page


def shown(part: Locator) -> list[str]:
    """The visible items of a part: what stands in the first cell or line of each."""
    items = part.locator("article > p:first-child, tbody td:first-child")
    return [" ".join((item.text_content() or "").split()) for item in items.all() if item.is_visible()]


def test_search_takes_all_words_in_any_case_and_counts(page: Page, tmp_path: Path) -> None:
    findings = show(page, tmp_path).locator("#findings")
    findings.get_by_label("Search").fill("otters FAST")
    expect(findings.locator("output")).to_have_text("1 of 17 shown")
    assert len(shown(findings)) == 1
    expect(findings.get_by_role("heading", name="Wrong paper")).to_be_visible()
    expect(findings.get_by_role("heading", name="Broken")).to_be_hidden()
    findings.get_by_label("Search").fill("no such words")
    expect(findings.locator("output")).to_have_text("0 of 17 shown")
    findings.get_by_role("button", name="Clear filters").click()
    expect(findings.locator("output")).to_have_text("17 of 17 shown")
    assert len(shown(findings)) == 17


def test_findings_filter_by_rule_severity_and_state_together(page: Page, tmp_path: Path) -> None:
    findings = show(page, tmp_path).locator("#findings")
    findings.get_by_label("Severity").select_option("error")
    expect(findings.locator("output")).to_have_text("8 of 17 shown")
    findings.get_by_label("State").select_option("still")
    assert shown(findings) == ["entry-36 no answer on three days"]
    findings.get_by_label("Severity").select_option("")
    findings.get_by_label("Rule").select_option("moved-link")
    assert shown(findings) == ["Serving Pages of Models entry-18"]
    assert findings.get_by_label("State").locator("option").all_inner_texts() == [
        "all",
        "fixed (1)",
        "new (14)",
        "still (2)",
    ]


def test_links_filter_by_verdict_and_host(page: Page, tmp_path: Path) -> None:
    links = show(page, tmp_path).locator("#links")
    links.get_by_label("Host").select_option("dl.acm.org")
    assert shown(links) == ["blocked", "unknown"]
    links.get_by_label("Verdict").select_option("blocked")
    assert shown(links) == ["blocked"]


def test_entries_filter_by_status_and_type(page: Page, tmp_path: Path) -> None:
    entries = show(page, tmp_path).locator("#entries")
    entries.get_by_label("Type").select_option("paper")
    assert shown(entries) == [NINE, "entry-153", "entry-162", "entry-171"]
    entries.get_by_label("Status").select_option("ambiguous")
    assert shown(entries) == ["entry-162"]


def test_columns_sort_up_down_and_back_by_number_where_there_is_one(page: Page, tmp_path: Path) -> None:
    entries = show(page, tmp_path).locator("#entries")
    entries.get_by_label("Show").check()
    listed = shown(entries)
    key = entries.get_by_role("columnheader", name="Paper")
    button = key.get_by_role("button")
    button.click()
    expect(key).to_have_attribute("aria-sort", "ascending")
    upwards = [NINE, "entry-144", "entry-153", "entry-162", "entry-171"]
    assert shown(entries) == upwards
    button.click()
    expect(key).to_have_attribute("aria-sort", "descending")
    assert shown(entries) == upwards[::-1]
    button.click()
    assert key.get_attribute("aria-sort") is None
    assert shown(entries) == listed


def test_what_is_empty_sorts_last_and_filters_hold_while_sorting(page: Page, tmp_path: Path) -> None:
    links = show(page, tmp_path).locator("#links")
    links.get_by_label("Show 1 working links").check()
    fine = links.get_by_role("columnheader", name="Last OK").get_by_role("button")
    for _ in range(2):
        fine.click()
        assert [bool(text) for text in links.locator("tbody td:last-child").all_text_contents()] == [True] * 4 + [
            False
        ] * 6
    links.get_by_label("Verdict").select_option("broken")
    links.get_by_role("columnheader", name="Place").get_by_role("button").click()
    assert links.locator("tbody tr:visible td:nth-child(4)").all_inner_texts() == ["catalog.yaml:27", "catalog.yaml:36"]
    expect(links.get_by_role("columnheader", name="Last OK")).not_to_have_attribute("aria-sort", "descending")


def test_a_chart_leads_to_what_it_counts(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path).get_by_role("link", name="2 broken", exact=True).click()
    expect(page.locator("#links output")).to_have_text("2 of 10 shown")
    expect(page.get_by_role("heading", name="Links (10)")).to_be_in_viewport()
    page.get_by_role("link", name="retracted").click()
    assert len(shown(page.locator("#findings"))) == 1
    page.get_by_role("link", name="1000 or more").click()
    assert shown(page.locator("#entries")) == [NINE]
    page.get_by_role("link", name="2021").click()
    assert shown(page.locator("#entries")) == ["entry-162"]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_course_of_the_findings_opens_day_by_day(page: Page, tmp_path: Path, size: ViewportSize) -> None:
    page.set_viewport_size(size)
    runs = show(page, tmp_path, long(30, 3)).locator(".runs")
    bars = [rect.bounding_box() for rect in runs.locator("rect").all()]
    assert all(box and box["width"] >= 3 for box in bars)
    days = runs.get_by_role("listitem")
    expect(days).to_have_count(0)
    runs.get_by_text("All 60 days").click()
    expect(days).to_have_count(60)
    expect(days.first).to_have_text("2026-11-21: 21 errors, 59 warnings, 9 notes; 1 new, 2 fixed")
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]


def test_all_of_it_can_be_done_with_the_keyboard(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path)
    press, focused = page.keyboard.press, page.locator(":focus")
    press("Tab")
    expect(focused).to_have_text("Skip to findings")
    expect(focused).to_be_in_viewport()
    press("Enter")
    press("Tab")
    expect(focused).to_have_text("Findings (16)")
    press("Tab")
    expect(focused).to_have_attribute("type", "search")
    page.keyboard.type("entry-36")
    expect(page.locator("#findings output")).to_have_text("1 of 17 shown")
    press("Tab")
    press("Tab")
    page.keyboard.type("note")
    expect(page.locator("#findings output")).to_have_text("0 of 17 shown")
    press("Tab")
    press("Tab")
    press("Enter")
    expect(page.locator("#findings output")).to_have_text("17 of 17 shown")
    page.get_by_role("columnheader", name="Verdict").get_by_role("button").focus()
    press("Space")
    assert shown(page.locator("#links"))[0] == "blocked"
    expect(focused).to_have_text("Verdict")
    assert focused.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(page: Page, tmp_path: Path, scheme: str, size: ViewportSize) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size(size)
    show(page, tmp_path)
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")
    assert [(row["id"], row["impact"], row["nodes"][0]["html"]) for row in found["violations"]] == []
    assert len(found["passes"]) > 20


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_screen_reader_meets_tables_as_tables(page: Page, tmp_path: Path, size: ViewportSize) -> None:
    page.set_viewport_size(size)
    show(page, tmp_path)
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    roles = [node["role"]["value"] for node in tree["nodes"] if not node["ignored"]]
    assert roles.count("table") == 4
    assert roles.count("row") == 1 + 9 + 4 + 8 + (4 if size is DESKTOP else 3)
    assert roles.count("columnheader") == (4 if size is DESKTOP else 0) + 7 + 10 + 2
    assert {"banner", "main", "navigation", "searchbox"} <= set(roles)


def test_nothing_that_slips_into_the_page_runs_or_asks(browser: Browser, tmp_path: Path) -> None:
    slipped = """
        <script>document.title = "taken"</script><img src="https://t.example/" onerror="document.title = 'taken'">
        <style>body { display: none }</style><iframe src="https://t.example/"></iframe><base href="https://t.example/">
        <a href="javascript:document.title = 'taken'">run</a><form action="https://t.example/"><button>go</button></form>
    """
    path = tmp_path / "report.html"
    path.write_text(FORMATS["html"](SAMPLE).replace("<main>", f"<main>{slipped}"), encoding="utf-8")
    page, failed, heard = browser.new_page(), list[str | None](), list[str]()
    page.on("requestfailed", lambda request: failed.append(request.failure))
    page.on("console", lambda message: heard.append(message.text))
    page.goto(path.as_uri())
    page.evaluate("document.querySelector('main > a').click()")
    expect(page.locator("main")).to_be_visible()
    expect(page.locator("#findings output")).to_have_text("17 of 17 shown")
    assert page.title() == "Report on catalog.yaml · enrich"
    assert page.url.startswith("file:")
    assert set(failed) <= {"csp"}  # Chromium's word for what the policy kept from being sent
    assert sum("Content Security Policy" in text for text in heard) >= 6
    with page.expect_console_message(lambda message: "form-action" in message.text):
        page.evaluate("document.querySelector('main > form > button').click()")
    page.close()


def test_what_strangers_write_is_shown_and_stays_text(page: Page, tmp_path: Path) -> None:
    findings = tuple(Finding(text, Severity.ERROR, text, entry=text, url=text) for text in (*PAYLOADS, "a" * 5000))
    links = tuple(
        LinkReport(LinkCheck(text, Verdict.BROKEN, (Evidence(text, text, text),)), (text,), LinkKind.OTHER)
        for text in PAYLOADS
    )
    entries = (EntryReport(NASTY, EntryType.PAPER, Status.FOUND, NASTY, {NASTY: NASTY}, (NASTY,), (NASTY,)),)
    show(page, tmp_path, Report(NASTY, "", "", entries, links, findings, requests={NASTY: 1}, notes=(NASTY,)))
    expect(page.locator("#findings output")).to_have_text(f"{len(findings)} of {len(findings)} shown")
    expect(page.locator("#links output")).to_have_text(f"{len(links)} of {len(links)} shown")
    assert page.locator("script").count() == 1
    assert page.locator("img, iframe").count() == 0
    page.locator("#findings").get_by_label("Rule").select_option(PAYLOADS[1])
    assert shown(page.locator("#findings")) == [f"{PAYLOADS[1]} new {PAYLOADS[1]}"]
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_it_is_whole_without_its_script(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = show(context.new_page(), tmp_path)
    assert len(shown(page.locator("#findings"))) == 17
    assert len(shown(page.locator("#links"))) == 9
    page.get_by_label("Show 1 working links").check()
    assert len(shown(page.locator("#links"))) == 10
    expect(page.get_by_label("Search links")).to_be_hidden()
    expect(page.get_by_role("button", name="Copy this table")).to_be_hidden()
    context.close()


def test_paper_gets_the_items_and_no_controls(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path).emulate_media(media="print")
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.get_by_label("Search links")).to_be_hidden()
    assert shown(page.locator("#links")) == ["suspect", "blocked", "blocked", "unknown"]
    assert len(shown(page.locator("#findings"))) == 17
    expect(page.get_by_text("All 3 days")).to_be_hidden()
    page.set_viewport_size(A4)
    assert page.evaluate("document.documentElement.scrollWidth") == A4["width"]
    assert len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A4"))) <= 2


def long(links: int, findings: int) -> Report:
    """A report of as many links, each with two replies, and findings."""
    replies = (Evidence("web", DAY, "a page about serving", 200), Evidence("crossref", DAY, "knows it"))
    verdicts = tuple(Verdict)
    rules = ("broken-link", "moved-link", "wrong-paper", "stale-metadata")
    return Report(
        "catalog.yaml",
        DAY,
        DAY,
        entries=tuple(
            EntryReport(f"entry-{row}", EntryType.PAPER, Status.FOUND, year=2005 + row % 20, citation_count=row)
            for row in range(links // 3)
        ),
        past_runs=tuple(PastRun(date(2026, 9, 23) + timedelta(days=day), 80 - day, day, 9, 1, 2) for day in range(60)),
        links=tuple(
            LinkReport(
                LinkCheck(f"https://host{row % 700}.example.org/papers/{row}/serving.pdf", verdicts[row % 8], replies),
                (f"entry-{row // 3}",),
                LinkKind.PAPER,
                place=Place("catalog.yaml", row),
            )
            for row in range(links)
        ),
        findings=tuple(
            Finding(
                rules[row % 4], Severity.ERROR, "gone", f"entry-{row}", f"https://example.org/{row}", evidence=replies
            )
            for row in range(findings)
        ),
    )


TIMED = """async ([part, action, value]) => {
  const root = document.getElementById(part), began = performance.now();
  if (action === "sort") root.querySelectorAll("th button")[value].click();
  if (action === "clear") root.querySelector(".controls button").click();
  if (action === "filter") {
    const select = root.querySelector("select");
    select.value = value;
    select.dispatchEvent(new Event("change"));
  }
  document.body.offsetHeight;
  return performance.now() - began;
}"""


def took(page: Page, *call: object) -> float:
    """Milliseconds from an action to the page being laid out again."""
    return float(page.evaluate(TIMED, list(call)))


def painted(page: Page) -> float:
    """Milliseconds from the call to the first paint and to the page being ready, whichever is later."""
    return float(
        page.evaluate(
            "Math.max(performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 1e9,"
            " performance.getEntriesByType('navigation')[0].loadEventEnd)"
        )
    )


def test_ten_thousand_links_open_filter_and_sort_without_lag(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, long(10_000, 500))
    assert painted(page) < 3000
    output = page.locator("#links output")
    # The median of several, as others may be busy on the machine.
    filtered = sorted(took(page, "links", "filter", verdict) for verdict in ("ok", "broken", "moved", "suspect", ""))
    assert filtered[2] < 100, filtered
    expect(output).to_have_text("8750 of 10000 shown")
    cleared = sorted((took(page, "links", "filter", "ok"), took(page, "links", "clear", ""))[1] for _ in range(3))
    assert cleared[1] < 100, cleared
    expect(page.locator("#links tbody tr:not([hidden])")).to_have_count(8_750)
    ordered = sorted(took(page, "links", "sort", column) for column in (1, 1, 3))
    assert ordered[1] < 1000, ordered
    page.locator("#links input").fill("papers/7777/ host77")
    expect(output).to_have_text("1 of 10000 shown")
    page.locator("#links .controls button").click()
    page.locator("nav a[href='#entries']").click()
    expect(page.locator("#entries-heading")).to_be_in_viewport()


def test_twenty_thousand_findings_open_at_once(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, long(0, 20_000))
    assert painted(page) < 3000
    findings = page.locator("#findings")
    findings.locator("input").fill("example.org/19999")
    expect(findings.locator("output")).to_have_text("1 of 20000 shown")
    assert took(page, "findings", "clear", "") < 300
    expect(findings.locator("article:not([hidden]), tbody tr:not([hidden])")).to_have_count(20_000)


def test_links_that_work_are_hidden_until_they_are_asked_for(page: Page, tmp_path: Path) -> None:
    links = show(page, tmp_path).locator("#links")
    expect(links.locator("output")).to_have_text("9 of 10 shown")
    assert "ok" not in shown(links)
    links.get_by_label("Search").fill("2309.06180")
    expect(links.locator("output")).to_have_text("1 of 10 shown")
    assert shown(links) == ["ok"]
    links.get_by_role("button", name="Clear filters").click()
    assert "ok" not in shown(links)
    links.get_by_label("Show 1 working links").check()
    expect(links.locator("output")).to_have_text("10 of 10 shown")
    assert "ok" in shown(links)


def test_blocks_and_the_table_of_moves_can_be_copied(page: Page, tmp_path: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    findings = show(page, tmp_path).locator("#findings")
    article = findings.locator("article", has_text="An Engine for Batches")
    expect(article.get_by_text("[[ignore]]")).to_be_hidden()
    article.get_by_role("button", name="how to ignore").click()
    article.get_by_role("button", name="Copy").click()
    expect(article.get_by_role("button", name="Copied")).to_be_visible()
    pattern = 'pattern = "https://doi.org/10.1145/9999999.9999999"'
    assert page.evaluate("navigator.clipboard.readText()").splitlines()[:2] == ["[[ignore]]", pattern]
    findings.get_by_role("button", name="Copy this table").click()
    expect(findings.get_by_role("button", name="Copied")).to_have_count(2)
    old, new = (f"https://github.com/example/{name}-name" for name in ("old", "new"))
    assert f"{old}\t{new}" in page.evaluate("navigator.clipboard.readText()").splitlines()


def test_a_part_can_be_closed_and_a_filter_opens_it_again(page: Page, tmp_path: Path) -> None:
    links = show(page, tmp_path).locator("#links")
    links.get_by_role("heading", name="Links (10)").click()
    expect(links.locator("table")).to_be_hidden()
    page.get_by_role("link", name="2 broken", exact=True).click()
    assert shown(links) == ["broken", "broken"]


def test_places_lead_into_the_repository_where_it_is_known(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(LINKED["html"]([SAMPLE], "https://github.com/o/r/blob/abc/"), encoding="utf-8")
    page.goto(path.as_uri())
    place = page.locator("#findings").get_by_role("link", name="catalog.yaml:27", exact=True)
    expect(place).to_have_attribute("href", "https://github.com/o/r/blob/abc/catalog.yaml#L27")
