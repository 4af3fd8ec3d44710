"""What strangers write on pages shows in the reports, and does nothing there."""

from __future__ import annotations

import re
import tomllib
from base64 import b64encode
from fnmatch import fnmatchcase
from hashlib import sha256

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from enrich.model import (
    EntryReport,
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
    Unasked,
    Verdict,
)
from enrich.report import FORMATS, markdown, text
from enrich.report.style import TextStyle
from tests.properties import COSTLY

PAYLOADS = (
    "@everyone",
    "<script>alert(1)</script>",
    "</details><img src=x onerror=alert(1)>",
    "::error file=a::pwned",
    "\n::set-output name=x::y\n",
    "##[add-mask]a",
    "\x1b[2J\x1b]8;;https://t.example\x07",
    "\x9b31m",
    "\u202egnp.exe\u2066",
    "`code` ``more`` ```",
    "| a | b |",
    "![i](https://t.example/p.png)",
    "[click](javascript:alert(1))",
    "[ref]: https://t.example",
    "https://t.example/@octocat#12",
    "www.t.example",
    "#12 GH-12 octo/cat#12",
    "<!-- enrich -->",
    "\\`@a\\`",
    "---\n# heading\n- item\n1. one",
    "%0A::warning::x",
    "\r\n::stop-commands::x",
    '"; reason = "x',
    "\ud800",
    "\U000e0041\u200b@x\u200d",
    "***bold*** __x__ ~~y~~ $z$",
    "]]>&lt;b&gt;",
)
hostile = st.lists(st.sampled_from(PAYLOADS) | st.text(max_size=8), min_size=1, max_size=4).map(" ".join) | st.lists(
    st.sampled_from(PAYLOADS), max_size=4
).map("".join)
evidence = st.builds(Evidence, hostile, hostile, hostile, st.none() | st.just(404))
places = st.none() | st.builds(Place, hostile, st.just(3))
findings = st.builds(
    Finding,
    rule=st.sampled_from(["broken-link", "moved-link", "blocked-link"]) | hostile,
    severity=st.sampled_from(Severity),
    message=hostile,
    entry=st.none() | hostile,
    url=st.none() | hostile,
    field=st.none() | hostile,
    suggestion=st.none() | hostile,
    evidence=st.lists(evidence, max_size=2).map(tuple),
    first_seen=st.none() | hostile,
    state=st.sampled_from(State),
    place=places,
)
links = st.builds(
    LinkReport,
    check=st.builds(
        LinkCheck, hostile, st.sampled_from(Verdict), st.lists(evidence, max_size=1).map(tuple), st.none() | hostile
    ),
    entries=st.lists(hostile, max_size=2).map(tuple),
    kind=st.sampled_from(LinkKind),
    place=places,
)
entries = st.builds(
    EntryReport,
    key=hostile,
    matched_by=st.none() | hostile,
    identifiers=st.dictionaries(hostile, hostile, max_size=1),
    filled=st.lists(hostile, max_size=1).map(tuple),
    sources=st.dictionaries(hostile, hostile, max_size=1),
    year=st.none() | st.integers(),
    citation_count=st.none() | st.integers(0),
)
reports = st.builds(
    Report,
    catalog=st.none() | hostile,
    started=hostile,
    finished=hostile,
    entries=st.lists(entries, max_size=2).map(tuple),
    links=st.lists(links, max_size=2).map(tuple),
    findings=st.lists(findings, max_size=2).map(tuple),
    unasked=st.lists(st.builds(Unasked, hostile, hostile, st.just(1)), max_size=1).map(tuple),
    requests=st.dictionaries(hostile, st.just(1), max_size=2),
    slowest_hosts=st.dictionaries(hostile, st.just(1.5), max_size=2),
    notes=st.lists(hostile, max_size=1).map(tuple),
    past_runs=st.lists(st.builds(PastRun), max_size=3).map(tuple),
)
TAGS = frozenset(
    re.findall(
        r"\w+",
        """html head meta link title style body a header h1 h2 h3 p svg rect ul li strong nav main div label input
        select option button output section figure figcaption b article span table caption thead tbody tr th td br wbr
        script g details summary small pre path""",
    )
)
PEOPLES = sorted(set(FORMATS) - {"json"})
COMMAND = re.compile(r"^\s*::", re.MULTILINE)
GITHUB_READS = re.compile(r"@\w|#\d|GH-\d", re.IGNORECASE)
INVISIBLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@COSTLY
@given(reports)
def test_no_format_lets_a_control_character_or_a_workflow_command_through(report: Report) -> None:
    for name in PEOPLES:
        shown = FORMATS[name](report)
        assert not INVISIBLE.search(shown), name
        assert "##[" not in shown, name
        if name != "github":
            assert not COMMAND.search(shown), name
        shown.encode()


@COSTLY
@given(reports)
def test_colours_are_the_only_escapes_of_a_coloured_text(report: Report) -> None:
    shown = text.render(report, TextStyle(color=True))
    rest = re.sub(r"\x1b\[[\d;]*m", "", shown)
    assert not INVISIBLE.search(rest)
    assert not COMMAND.search(rest)
    assert rest == text.render(report)


@COSTLY
@given(reports, st.none() | st.integers(0, 4000))
def test_markdown_holds_nothing_but_our_own_structure(report: Report, limit: int | None) -> None:
    shown = markdown.render(report, limit=limit)
    kinds = {"heading", "paragraph", "bullet_list", "list_item", "inline", "html_block"}
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(shown):
        if token.type == "fence":
            assert token.info == "toml"
            assert [*tomllib.loads(token.content)] == ["ignore"]
            continue
        assert token.type.removesuffix("_open").removesuffix("_close") in kinds
        if token.type == "html_block":
            assert re.fullmatch(r"<details><summary>[\w ,;:]*</summary>\n?|</details>\n?", token.content)
        inside(token.children or [])


def inside(tokens: list[Token]) -> None:
    """Only emphasis of ours, links to web addresses, code spans and text; nothing that GitHub would act on."""
    for token in tokens:
        assert token.type.removesuffix("_open").removesuffix("_close") in {"text", "text_special", "strong", "em"} | {
            "code_inline",
            "link",
            "softbreak",
        }
        if token.type == "link_open":
            assert str(token.attrs["href"]).startswith(("https://", "http://"))
        if token.type in ("text", "text_special"):
            assert not GITHUB_READS.search(token.content)
            assert "://" not in token.content
            assert "www." not in token.content.lower()


@COSTLY
@given(reports)
def test_html_holds_no_element_script_or_address_but_our_own(report: Report) -> None:
    root = lxml.html.document_fromstring(FORMATS["html"](report))
    ours = lxml.html.document_fromstring(FORMATS["html"](Report(None, "", "")))
    assert [script.text for script in root.iter("script")] == [script.text for script in ours.iter("script")]
    assert [style.text for style in root.iter("style")] == [style.text for style in ours.iter("style")]
    for element in root.iter():
        assert element.tag in TAGS
        assert not any(str(name).startswith("on") or name in ("style", "src", "srcdoc") for name in element.attrib)
        assert str(element.get("href", "#")).startswith(("#", "https://", "http://", "data:image/svg+xml,%3Csvg%20"))


def test_html_allows_its_own_script_and_style_by_their_hashes_alone() -> None:
    shown = FORMATS["html"](Report(None, "", ""))
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', shown)[0]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for element in ("script", "style"):
        content = shown.partition(f"<{element}>")[2].partition(f"</{element}>")[0]
        assert f"{element}-src 'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'" in policy
    assert "http://" not in shown
    assert "https://" not in shown


@given(st.sampled_from(PAYLOADS) | st.text(min_size=1), st.sampled_from(["a*b?c[d]", ""]))
def test_the_ignore_rule_that_is_offered_accepts_this_link_alone(payload: str, tail: str) -> None:
    url = f"https://example.org/{payload}{tail}".replace("\ud800", "")
    shown = markdown.render(Report(None, "", "", findings=(Finding("broken-link", Severity.ERROR, "gone", url=url),)))
    [rule] = tomllib.loads(shown.partition("```toml")[2].partition("```")[0])["ignore"]
    assert rule["rule"] == "broken-link"
    assert fnmatchcase(url, rule["pattern"])
    assert not fnmatchcase(url + "x", rule["pattern"])


@pytest.mark.parametrize("name", PEOPLES)
def test_a_title_of_thousands_of_letters_is_cut(name: str) -> None:
    long = Finding("wrong-paper", Severity.ERROR, "A" * 5000, url="https://example.org/" + "b" * 5000)
    assert len(FORMATS[name](Report(None, "", "", findings=(long,)))) < 25_000


@pytest.mark.parametrize("title", ["Ελληνικά, 论文, ‘quotes’", "1 * 2 = 2 [sic] <tag> & more_or_less"])
def test_markdown_shows_a_title_as_it_is(title: str) -> None:
    shown = markdown.render(
        Report(None, "", "", findings=(Finding("wrong-paper", Severity.ERROR, title, entry="key"),))
    )
    tokens = MarkdownIt("commonmark").parse(shown)
    texts = ["".join(t.content for t in token.children or []) for token in tokens if token.type == "inline"]
    assert any(title in row for row in texts)


def test_punctuation_after_an_address_is_no_part_of_it() -> None:
    row = Evidence("the page", "2026-11-28T06:00:00Z", "domain not found: www.example.org")
    finding = Finding("broken-link", Severity.ERROR, "gone", url="https://a.example/", evidence=(row,))
    shown = markdown.render(Report(None, "", "", findings=(finding,)))
    assert "domain not found: `www.example.org`, 2026-11-28" in shown


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_what_is_no_web_address_shows_all_the_same(name: str) -> None:
    check = LinkCheck("http://[half/a", Verdict.SUSPECT, (), "http://[other")
    link = LinkReport(check, ("key",), LinkKind.OTHER)
    finding = Finding("broken-link", Severity.ERROR, "no address", url="http://[half/b")
    shown = FORMATS[name](Report(None, "", "", links=(link,), findings=(finding,)))
    assert "http://[half/" in shown
    assert 'href="http://[' not in shown
