"""`enrich site`: its pages, badges and feed, and where it writes them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from enrich import results
from enrich.model import (
    RULE_NAMES,
    UNSETTLED_RULES,
    Course,
    CourseDay,
    Finding,
    FixedFinding,
    PastRun,
    Report,
    Severity,
)
from enrich.report.dashboard import MARK, CatalogView, pages
from enrich.report.dashboard.trend import trend
from enrich.report.dashboard.view import Overview, combined, slowest_hosts
from tests.dashboards import LAST, LONG, NEW, SHORT, SLOW, course, written
from tests.loopback import Bench, Upstream
from tests.properties import COSTLY
from tests.states import bench_without_cache, catalog, set_back
from tests.test_report import SAMPLE
from tests.test_report_safety import hostile, reports

ATOM = "{http://www.w3.org/2005/Atom}"
FILES = {str(name): text for name, text in pages([LONG, SHORT, NEW])}
HTML = sorted(name for name in FILES if name.endswith(".html"))


def words(name: str) -> str:
    return text_of(FILES[name])


def text_of(document: str) -> str:
    return " ".join("".join(map(str, lxml.html.document_fromstring(document).itertext())).split())


def test_there_is_a_page_for_all_for_each_catalog_and_for_each_rule() -> None:
    rules = [f"rules/{rule}.html" for rule in RULE_NAMES if rule not in UNSETTLED_RULES]
    catalogs = [f"catalogs/{name}/index.html" for name in ("long", "new", "short")]
    assert sorted(["index.html", *catalogs, *rules]) == HTML
    others = {"feed.atom", MARK, "badge.json", "catalogs/long/badge.json", "catalogs/short/badge.json"}
    assert FILES.keys() - set(HTML) == others


def test_the_same_runs_give_the_same_bytes() -> None:
    assert {str(name): text for name, text in pages([LONG, SHORT, NEW])} == FILES


@pytest.mark.parametrize("name", HTML)
def test_a_page_loads_nothing_and_its_links_lead_somewhere(name: str, tmp_path: Path) -> None:
    page = lxml.html.document_fromstring(FILES[name])
    (policy,) = (str(node.get("content")) for node in page.iter("meta") if node.get("http-equiv"))
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "connect-src" not in policy
    ids = {node.get("id") for node in page.iter() if isinstance(node.tag, str)}
    folder = written(tmp_path, LONG, SHORT, NEW)
    for node in page.iter("a", "link", "img", "script"):
        address = str(node.get("href") or node.get("src") or "data:")
        if address.startswith("#"):
            assert address[1:] in ids, address
        elif not address.startswith(("https://", "http://", "data:")):
            assert (folder / name).parent.joinpath(address).resolve().is_file(), address
    assert not [node for node in page.iter() if isinstance(node.tag, str) and node.get("style")]
    assert "<script>" in FILES[name]
    assert "fetch(" not in FILES[name]


def test_the_index_tells_of_every_catalog() -> None:
    rows = lxml.html.document_fromstring(FILES["index.html"]).findall(".//section[@id='catalogs']//tbody/tr")
    cells = [[" ".join("".join(map(str, cell.itertext())).split()) for cell in row] for row in rows]
    assert [row[0] for row in cells] == ["lists/long.yaml", "lists/short.yaml", "lists/new.yaml"]
    assert cells[0][1:6] == ["7", "5", "4", "10", "3"]
    assert cells[1][1:4] == ["0", "0", "0"]
    assert cells[2][-1] == "no run yet"
    assert "Links and papers of 3 catalogs" in words("index.html")
    assert "As of 2026-11-21 (UTC)." in words("index.html")


def test_the_slowest_hosts_are_on_the_index_and_on_the_page_of_their_catalog() -> None:
    for name in ("index.html", "catalogs/long/index.html"):
        page = lxml.html.document_fromstring(FILES[name])
        found = page.findall(".//figure[figcaption='Slowest hosts']//tbody/tr")
        rows = [[str(cell.text) for cell in row.iter("td")] for row in found]
        assert rows == [[host, str(seconds)] for host, seconds in SLOW.items()]
    for name in ("catalogs/short/index.html", "catalogs/new/index.html"):
        assert "Slowest hosts" not in words(name)


def test_of_the_slowest_hosts_of_all_catalogs_ten_are_shown() -> None:
    many = {f"h{n:02}.example": 1.0 + n for n in range(9)}
    views = [
        CatalogView(name, name, replace(SAMPLE, slowest_hosts=hosts), Course())
        for name, hosts in (("a", many), ("b", {"h00.example": 5.0, "x.example": 0.5, "y.example": 0.5}))
    ]
    assert slowest_hosts(views) == [
        *((f"h{n:02}.example", 1.0 + n) for n in (8, 7, 6, 5)),
        ("h00.example", 5.0),
        *((f"h{n:02}.example", 1.0 + n) for n in (4, 3, 2, 1)),
        ("x.example", 0.5),
    ]


def test_a_rule_has_its_findings_with_their_age_and_what_was_fixed() -> None:
    text = words("rules/broken-link.html")
    assert "Open (2)" in text
    assert "since 2026-11-18 (3 days)" in text
    assert "Fixed lately (1)" in text
    assert "https://fixed.example.org/" in text
    assert "Nothing open." in words("rules/corrected.html")


def test_a_trend_is_level_between_days_and_ends_with_the_last() -> None:
    days = course(4).days
    chart = trend([days[0], days[3]])
    assert chart
    assert [(line.name, line.first, line.last) for line in chart.lines] == [
        ("broken", 0, 3),
        ("unreachable", 1, 1),
        ("findings", 3, 6),
    ]
    # Two weeks wide; the first day is followed by two without a run.
    assert chart.lines[0].points == "71.43,100.00 92.86,100.00 92.86,50.00 100.00,50.00"
    assert (chart.most, chart.most_fixed) == (6, 1)
    assert [column.words for column in chart.columns] == [
        "2026-11-18: 0 broken, 1 unreachable, 3 findings, 0 new, 0 fixed",
        "2026-11-21: 3 broken, 1 unreachable, 6 findings, 3 new, 1 fixed",
    ]


def test_days_without_a_run_show_unless_runs_are_rare() -> None:
    days = course(40).days
    chart = trend([*days[:10], *days[20:]])
    assert chart
    [gap] = chart.gaps
    assert gap.words == f"no run from {days[10].run.on} to {days[19].run.on}"
    assert [gap.x, gap.width] == pytest.approx([25, 25])
    weekly = trend(days[::7])
    assert weekly
    assert weekly.gaps == ()
    assert 'class="gap"' in view_of([*days[:10], *days[20:]])
    assert 'class="gap"' not in view_of(days)


def view_of(days: Sequence[CourseDay]) -> str:
    return dict(pages([replace(LONG, course=Course(tuple(days)))]))[PurePosixPath("index.html")]


def test_without_results_the_trend_is_that_of_severities() -> None:
    chart = trend([replace(day, links={}) for day in course(4).days])
    assert chart
    assert [line.name for line in chart.lines] == ["errors", "warnings", "notes"]
    assert trend(course(1).days) is None
    assert trend(()) is None


def test_the_days_of_all_catalogs_hold_those_without_a_run_as_they_were() -> None:
    def view(name: str, *runs: tuple[int, int, int]) -> CatalogView:
        days = (
            CourseDay(PastRun(LAST.replace(day=day), errors, 0, 0, fixed, fixed), {"broken": errors})
            for day, errors, fixed in runs
        )
        return CatalogView(name, name, None, Course(tuple(days)))

    days = combined([view("a", (1, 3, 1), (3, 1, 2)), view("b", (2, 5, 0), (3, 4, 1))])
    assert [(day.run.on.day, day.run.errors, day.run.fixed, day.links) for day in days] == [
        (1, 3, 1, {"broken": 3}),
        (2, 8, 0, {"broken": 8}),
        (3, 5, 3, {"broken": 5}),
    ]


def test_the_badges_are_endpoints_of_shields() -> None:
    whole, own = (json.loads(FILES[name]) for name in ("badge.json", "catalogs/short/badge.json"))
    assert whole["schemaVersion"] == own["schemaVersion"] == 1
    assert (whole["label"], whole["color"]) == ("links", "red")
    assert re.fullmatch(r"\d+ ok", own["message"])


def test_the_feed_has_each_change_once_and_the_latest_first() -> None:
    feed = etree.fromstring(FILES["feed.atom"].encode())
    entries = feed.findall(f"{ATOM}entry")
    ids = [entry.findtext(f"{ATOM}id") for entry in (feed, *entries)]
    assert len(ids) == len(set(ids))
    assert all(str(each).startswith("urn:uuid:") for each in ids)
    times = [str(entry.findtext(f"{ATOM}updated")) for entry in entries]
    assert times == sorted(times, reverse=True)
    assert feed.findtext(f"{ATOM}updated") == "2026-11-21T02:18:15Z"
    titles = [str(entry.findtext(f"{ATOM}title")) for entry in entries]
    assert any(title.startswith("Fixed: broken link: ") for title in titles)
    assert any(title.startswith("New: ") for title in titles)


def test_no_two_entries_of_the_feed_have_one_id_and_no_time_is_wrong() -> None:
    finding = Finding("broken-link", Severity.ERROR, "x" * 5000, "key", "https://e.org/<>", first_seen="2026-11-01")
    undated = replace(finding, first_seen="then", url="https://e.org/2")
    gone = (FixedFinding(finding, "2026-11-02"), FixedFinding(finding, "2026-11-02"), FixedFinding(finding, "then"))
    shown = replace(SAMPLE, findings=(finding, replace(finding, message="other"), undated), finished="at night")
    files = {str(name): text for name, text in pages([CatalogView("a", "a.yaml", shown, Course((), gone))])}
    feed = etree.fromstring(files["feed.atom"].encode())
    entries = feed.findall(f"{ATOM}entry")
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == len(entries) == 4
    for node in (feed, *entries):
        datetime.fromisoformat(str(node.findtext(f"{ATOM}updated")))
    assert len(files["feed.atom"]) < 20_000


def test_a_rule_of_another_version_is_shown_without_a_page(tmp_path: Path) -> None:
    finding = Finding("../../rule-of-tomorrow", Severity.ERROR, "gone", "key", first_seen="2026-11-20")
    view = CatalogView(
        "ü" * 60, "a.yaml", replace(SAMPLE, findings=(finding,)), Course((), (FixedFinding(finding, "2026-11-21"),))
    )
    folder = written(tmp_path, view)
    for page in folder.rglob("*.html"):
        for node in lxml.html.document_fromstring(page.read_bytes()).iter("a"):
            address = unquote(str(node.get("href"))).partition("#")[0]
            assert address.startswith("http") or (page.parent / address).exists(), address
    entry = etree.parse(folder / "feed.atom").find(f"{ATOM}entry/{ATOM}link")
    assert entry is not None
    assert (folder / unquote(str(entry.get("href")))).is_file()


@COSTLY
@given(reports, hostile, hostile)
def test_what_strangers_write_does_nothing(shown: Report, text: str, key: str) -> None:
    gone = FixedFinding(Finding("broken-link", Severity.ERROR, text, key, text, suggestion=text, first_seen=text), text)
    view = CatalogView("name", text, shown, Course(LONG.days, (gone,)), {key: text})
    # All kinds of pages: that on all, the catalog's, and the first rule's.
    for name, content in islice(pages([view]), 7):
        content.encode()
        if name.suffix == ".html":
            page = lxml.html.document_fromstring(content)
            assert len(list(page.iter("script"))) == len(list(page.iter("style"))) == 1
            assert not list(page.iter("img", "iframe", "object", "form", "base"))
            assert not any(str(name).startswith("on") for node in page.iter() for name in node.attrib)
            addresses = [str(node.get("href")) for node in page.iter("a")]
            assert all(re.match(r"https?://|#|\.\./|[a-z]+/|index\.html|feed\.atom", each) for each in addresses)
        if name.suffix == ".atom":
            etree.fromstring(content.encode())


@given(st.lists(st.integers(0, 9), max_size=5))
def test_a_rule_page_holds_all_of_its_rule(counts: list[int]) -> None:
    findings = tuple(
        Finding(
            "broken-link", Severity.ERROR, "gone", f"key-{row}", f"https://e.org/{row}/{at}", first_seen="2026-11-01"
        )
        for row, count in enumerate(counts)
        for at in range(count)
    )
    view = CatalogView("a", "a.yaml", replace(SAMPLE, findings=findings), Course())
    overview = Overview((view,))
    assert len(overview.rule("broken-link").open_rows) == len(findings) == sum(overview.rules.values())


# ---- by the command


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    made = bench_without_cache(tmp_path / "here", upstream)
    made.write("a.yaml", catalog(upstream, "one", "good", "dead"))
    made.write("b.yaml", catalog(upstream, "two", "good", "moved"))
    return made


def nights(bench: Bench, upstream: Upstream) -> None:
    """Two nights; on the second a link works again."""
    assert bench.call("run", "a.yaml", "b.yaml", "--no-metadata").code == 1
    set_back([bench.folder, Path(bench.environment["HOME"])])
    upstream.pages["dead"] = upstream.pages["good"]
    assert bench.call("run", "a.yaml", "b.yaml", "--no-metadata").code == 0


@pytest.mark.parametrize("with_results", [False, True])
def test_the_last_runs_become_a_dashboard(bench: Bench, upstream: Upstream, with_results: bool) -> None:
    if with_results:
        bench.write("enrich.toml", 'results = "results.sqlite"\n' + bench.read("enrich.toml"))
    nights(bench, upstream)
    upstream.asked.clear()
    assert bench.call("site", "a.yaml", "b.yaml", "-o", "out").code == 0
    assert upstream.asked == []
    index = bench.read("out/index.html")
    assert "a.yaml" in index
    assert "fixed" in index
    assert upstream.url("pages/dead") in bench.read("out/rules/broken-link.html").partition("Fixed lately")[2]
    assert "moved" in bench.read("out/catalogs/b/index.html")
    assert json.loads(bench.read("out/catalogs/a/badge.json"))["message"] == "2 ok"
    before = {path: path.read_bytes() for path in (bench.folder / "out").rglob("*") if path.is_file()}
    assert bench.call("site", "a.yaml", "b.yaml", "-o", "out").code == 0
    assert before == {path: path.read_bytes() for path in (bench.folder / "out").rglob("*") if path.is_file()}


def test_it_writes_into_no_folder_of_another_program(bench: Bench, upstream: Upstream) -> None:
    nights(bench, upstream)
    (bench.folder / "out").mkdir()
    bench.write("out/letter.txt", "mine")
    done = bench.call("site", "a.yaml", "-o", "out")
    assert done.code == 2
    assert "out: not empty, and not written by `enrich site`" in done.err
    assert [path.name for path in (bench.folder / "out").iterdir()] == ["letter.txt"]
    done = bench.call("site", "a.yaml", "-o", "a.yaml")
    assert (done.code, "a.yaml: not a folder" in done.err) == (2, True)
    done = bench.call("site", "a.yaml", "-o", "-")
    assert (done.code, "pass a folder" in done.err) == (2, True)
    assert bench.call("site", "a.yaml", "-o", "new").code == 0
    bench.write("new/letter.txt", "mine")
    assert bench.call("site", "a.yaml", "-o", "new").code == 0
    assert bench.read("new/letter.txt") == "mine"


def test_it_follows_no_link_out_of_the_folder(bench: Bench, upstream: Upstream, tmp_path: Path) -> None:
    nights(bench, upstream)
    assert bench.call("site", "a.yaml", "-o", "out").code == 0
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "rules").mkdir(parents=True)
    (elsewhere / "index.html").write_text("mine")
    out = bench.folder / "out"
    (out / "index.html").unlink()
    (out / "index.html").symlink_to(elsewhere / "index.html")
    assert bench.call("site", "a.yaml", "-o", "out").code == 0
    assert (elsewhere / "index.html").read_text() == "mine"
    assert not (out / "index.html").is_symlink()
    (out / "rules").rename(tmp_path / "old")
    (out / "rules").symlink_to(elsewhere / "rules")
    done = bench.call("site", "a.yaml", "-o", "out")
    assert (done.code, "a symbolic link to outside of out" in done.err) == (2, True)
    assert list((elsewhere / "rules").iterdir()) == []


def test_a_catalog_that_is_not_there_and_never_was_is_an_error(bench: Bench, upstream: Upstream) -> None:
    nights(bench, upstream)
    done = bench.call("site", "a.yaml", "typo.yaml", "-o", "out")
    assert (done.code, "typo.yaml: file not found" in done.err) == (2, True)
    assert not (bench.folder / "out").exists()
    (bench.folder / "b.yaml").unlink()
    assert bench.call("site", "a.yaml", "b.yaml", "-o", "out").code == 0


def test_a_catalog_without_links_does_not_hide_the_verdicts_of_others(bench: Bench) -> None:
    bench.write("enrich.toml", 'results = "results.sqlite"\n' + bench.read("enrich.toml"))
    bench.write("empty.yaml", "version: 1\nentries: []\n")
    assert bench.call("run", "a.yaml", "empty.yaml", "--no-metadata").code == 1
    courses = results.read(bench.folder / "results.sqlite", ["a.yaml", "empty.yaml"])
    [day] = combined([CatalogView(name, name, None, course) for name, course in courses.items()])
    assert day.links["broken"] == 1


def test_without_a_run_there_is_nothing_to_show(bench: Bench) -> None:
    done = bench.call("site", "a.yaml", "-o", "out")
    assert (done.code, "no report yet on a.yaml" in done.err) == (2, True)
    assert not (bench.folder / "out").exists()


def site(bench: Bench, *names: str) -> list[str]:
    """What pages of the dashboard of two catalogs say, without the slowest hosts, which are the last run's."""
    assert bench.call("site", "a.yaml", "b.yaml", "-o", "out").code == 0
    bare = (
        re.sub(r"(?s)<script.*?</script>|<figure><figcaption>Slowest.*?</figure>", "", bench.read(f"out/{name}"))
        for name in names
    )
    return list(map(text_of, bare))


def test_results_alone_are_enough_for_a_dashboard(bench: Bench) -> None:
    bench.write("enrich.toml", 'results = "results.sqlite"\n' + bench.read("enrich.toml"))
    assert bench.call("run", "a.yaml", "b.yaml", "--no-metadata").code == 1
    names = ("index.html", "catalogs/a/index.html", "rules/broken-link.html")
    before, badge = site(bench, *names), bench.read("out/badge.json")
    assert "Broken links1of 4 links" in before[0]
    shutil.rmtree(Path(bench.environment["HOME"]) / ".cache")
    assert site(bench, *names) == before
    assert bench.read("out/badge.json") == badge


def test_a_run_on_a_part_counts_all_links_if_they_are_recorded(bench: Bench) -> None:
    bench.write("enrich.toml", 'results = "results.sqlite"\n' + bench.read("enrich.toml"))
    assert bench.call("run", "a.yaml", "b.yaml", "--no-metadata").code == 1
    assert bench.call("run", "b.yaml", "--no-metadata", "--no-links").code == 0
    assert "Broken links1of 4 links" in site(bench, "index.html")[0]


def test_a_run_on_a_part_does_not_hide_the_rest(bench: Bench, upstream: Upstream) -> None:
    one, two = (catalog(upstream, key, *links) for key, links in (("one", ("good",)), ("two", ("dead",))))
    bench.write("a.yaml", one + two.partition("entries:\n")[2])
    assert bench.call("run", "a.yaml", "--no-metadata").code == 1
    assert bench.call("run", "a.yaml", "--no-metadata", "--entry", "one").code == 0
    assert bench.call("site", "a.yaml", "-o", "out").code == 0
    assert "/pages/dead" in bench.read("out/rules/broken-link.html")
