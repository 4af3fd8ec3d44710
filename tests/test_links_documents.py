"""The links of documents: those that a reader can follow, to the last letter, and no others."""

from __future__ import annotations

import html
import re
import time

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from enrich import links
from enrich.text.mdx import without_javascript


def of_markdown(text: str) -> list[str]:
    return [link.url for link in links.read_markdown(text, "list.md").links]


def of_html(text: str) -> list[str]:
    return [link.url for link in links.read_html(text.encode(), "page.html").links]


def of_text(text: str) -> list[str]:
    return [link.url for link in links.read_plain_text(text, "notes.txt").links]


A, B, C = "https://a.example/1", "https://b.example/2", "https://c.example/3"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # links, and addresses to their last letter
        (f"[a]({A})", [A]),
        (f"[a]({A} \"title\") [b](<{B}> 't')", [A, B]),
        (
            "[a](https://a.example/str.) [b](https://a.example/%3F:)",
            ["https://a.example/str.", "https://a.example/%3F:"],
        ),
        (
            "[a](https://a.example/a_(b)) [c](https://a.example/x!*_~)",
            ["https://a.example/a_(b)", "https://a.example/x!*_~"],
        ),
        ("[a](https://a.example/%23c%2Fd%2B?x=%C3%BC)", ["https://a.example/%23c%2Fd%2B?x=%C3%BC"]),
        ("[a](<https://a.example/a|b\"c'd>)", ["https://a.example/a|b\"c'd"]),
        (
            "[a](https://a.example/?id=A&noteId=B&copy=1&amp;lt=2&lt;)",
            ["https://a.example/?id=A&noteId=B&copy=1&lt=2<"],
        ),
        ("[a](https://a.example/\\*x\\*)", ["https://a.example/*x*"]),
        ("[](https://a.example/1)", [A]),
        ("[a]() [b](#part) [c](../b.md)", ["", "#part", "../b.md"]),
        # touching and nested
        (f"[a]({A})[b]({B})", [A, B]),
        (f"[![b](https://img.example/x.svg)]({A})", [A]),
        (f"[[Paper]({A})][[Code]({B})]", [A, B]),
        (f"# [T]({A})\n\n- **[x]({B})**\n  > [y]({C})", [A, B, C]),
        (f"| a | b |\n|---|---|\n| [x]({A}) | {B} |", [A, B]),
        ("![only an image](https://img.example/x.png)", []),
        # references: the used ones, where they are used
        (f"[a][r] [r] [R][]\n\n[r]: {A}\n[unused]: {B}", [A, A, A]),
        (f"text[^1]\n\n[^1]: A note with {A}.\n\n    [more]({B})", [A, B]),
        # autolinks
        (
            f"<{A}> <https://a.example/?x=1&amp;y=2> <a@b.example>",
            [A, "https://a.example/?x=1&y=2", "mailto:a@b.example"],
        ),
        (f"See {A}, ({B}) and {C}.", [A, B, C]),
        (
            "https://a.example/(b) (https://a.example/c) https://a.example/d).",
            [
                "https://a.example/(b)",
                "https://a.example/c",
                "https://a.example/d",
            ],
        ),
        (
            "*https://a.example/e* **https://a.example/f**, ~~https://a.example/g~~",
            [
                "https://a.example/e",
                "https://a.example/f",
                "https://a.example/g",
            ],
        ),
        (
            "https://a.example/?a=1&b=2&amp; https://a.example/x&copy;",
            ["https://a.example/?a=1&b=2", "https://a.example/x"],
        ),
        ("https://a.example/a*b*c https://a.example/a_b_c", ["https://a.example/a*b*c", "https://a.example/a_b_c"]),
        ("www.a.example/x. (www.b.example) awww.c.example", ["http://www.a.example/x", "http://www.b.example"]),
        ("HTTPS://A.example/X http://localhost:8000/y", ["HTTPS://A.example/X", "http://localhost:8000/y"]),
        ("[see https://a.example/1] and [https://a.example/1](https://b.example/2)", [A, B]),
        ("（https://a.example/1）见 https://b.example/2。", [A, B]),
        ("见https://a.example/1，以及https://b.example/2。完", [A, B]),
        ("https://a.example/1、https://b.example/2；https://a.example/路径：x", [A, B, "https://a.example/路径：x"]),
        ("a.b-c_d@e.example, mailto:x@y.example", ["mailto:a.b-c_d@e.example", "mailto:x@y.example"]),
        ("xhttps://a.example http:/a.example https://_ https:// http\\://a.example", []),
        # HTML in it
        (f'<a href="{A}">a</a> <img src="https://img.example/x.png"> <a name="x">', [A]),
        (f"<table><tr><td><a\n  href='{A}'>x</a></td></tr>\n</table>\n\n<map><area href={B}></map>", [A, B]),
        (f'<a href="{A}"><img src="https://img.example/x.svg"></a><a href="{B}">b</a>', [A, B]),
        (f"<details><summary>x</summary>\n\n[b]({B})\n\n</details>", [B]),
        # nothing from code, comments, scripts, styles, front matter
        (f"`{A}` ``[x]({A})``", []),
        (f"```sh\ncurl {A}\n```\n\n~~~\n{A}\n~~~", []),
        (f"text\n\n    indented {A}\n\ntext", []),
        (f"<!-- {A} [x]({A}) -->\n\na <!-- [x]({A}) --> b\n\n<!--\n\n[x]({A})\n\n-->", []),
        (f"<script>\nfetch('{A}')\n\nfetch('{A}')\n</script>\n\n<style>a {{ b: url({A}) }}</style>", []),
        (f"<div>\n<script>\nvar a;\n\n{A}\n</script></div>", []),
        (f"---\nurl: {A}\n---\n\n[b]({B})", [B]),
        (f"\\[a]({A.replace('https', 'x')}) [b] (no) [c](a b)", []),
    ],
)
def test_links_of_markdown(text: str, found: list[str]) -> None:
    assert of_markdown(text) == found


def test_links_of_markdown_have_their_lines() -> None:
    text = (
        f'---\nx: y\n---\n# T\n\n[a]({A})\nmore [b]({B})\n\n<p>\n<a\n href="{C}">c</a>\n</p>\n\n- x\n  <a href="{A}">\n'
    )
    assert [str(link.place) for link in links.read_markdown(text, "l.md").links] == [
        "l.md:6",
        "l.md:7",
        "l.md:11",
        "l.md:15",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"<p><a href=\"{A}\">x</a><area href={B}><A HREF=' {C}\n'>", [A, B, C]),
        ('<a href="?id=A&noteId=B&amp;copy=1">', ["?id=A&noteId=B&copy=1"]),
        (f'<html xmlns="{A}"><head><link rel="preconnect" href="{A}"><link rel=dns-prefetch href="{A}">', []),
        (f'<meta property="og:url" content="{A}"><script src="{A}">"{A}"</script><!-- <a href="{A}"> -->{A}', []),
        (f'<code>{A}</code><pre>&lt;a href="{A}"></pre><a name="x"></a>', []),
        (
            '<base href="https://a.example/b/"><a href="c"></a><a href="/d"></a><a href="#e"></a><a href="https://f.example/%3F:">',
            ["https://a.example/b/c", "https://a.example/d", "https://a.example/b/#e", "https://f.example/%3F:"],
        ),
        (
            '<base href="docs/"><a href="c.html"></a><a href="mailto:a@b.example">',
            ["docs/c.html", "mailto:a@b.example"],
        ),
        ("", []),
    ],
)
def test_links_of_html(text: str, found: list[str]) -> None:
    assert of_html(text) == found


def test_html_is_read_in_the_encoding_that_it_declares() -> None:
    page = '<meta charset="iso-8859-1"><a href="https://a.example/ü">'
    assert of_html(page) == ["https://a.example/ü"]
    assert [link.url for link in links.read_html(page.encode("latin-1"), "a.html").links] == ["https://a.example/ü"]
    assert [link.url for link in links.read_html(page.encode("utf-16"), "a.html").links] == ["https://a.example/ü"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{A}, <{B}>; ({C}).", [A, B, C]),
        (f"见{A}，以及（{B}）和（{C}）。完", [A, B, C]),
        (f"\"{A}\" '{B}' `{C}`", [A, B, C]),
        ("https://a.example/?id=A&noteId=B&copy=1&amp;x=2", ["https://a.example/?id=A&noteId=B&copy=1&amp;x=2"]),
        (f"{A},{B};{C}", [A, B, C]),
        (
            "https://web.archive.org/web/2020/https://a.example/1",
            ["https://web.archive.org/web/2020/https://a.example/1"],
        ),
        (
            "https://a.example/a_(b) (https://a.example/c)d [[https://a.example/e][f]]",
            [
                "https://a.example/a_(b)",
                "https://a.example/c",
                "https://a.example/e",
            ],
        ),
        ("https:// http://.", []),
    ],
)
def test_links_of_plain_text(text: str, found: list[str]) -> None:
    assert of_text(text) == found


@pytest.mark.parametrize(
    ("text", "is_html"),
    [
        ("<!DOCTYPE html><p>", True),
        ("\n<!-- c --><html>", True),
        ("<?xml version='1.0'?><html>", True),
        ("# T <html>", False),
        ("<p>a", False),
        ("", False),
    ],
)
def test_standard_input_is_html_where_it_begins_so(text: str, is_html: bool) -> None:
    assert links.looks_like_html(text) is is_html


ANCHORS = """
# Hello, World!
## A `b` _c_ & d
## Twice
## Twice
## 中文 Überschrift

<h2>In HTML</h2>

<a id="Explicit"></a><a name="named"></a>

### Other {#custom-id}
## 🚀 Rocket
"""


@pytest.mark.parametrize(
    ("fragment", "is_there"),
    [
        *(("hello-world", True), ("a-b-c--d", True), ("twice", True), ("twice-1", True), ("twice-2", False)),
        *(
            ("中文-überschrift", True),
            ("%E4%B8%AD%E6%96%87-%C3%BCberschrift", True),
            ("in-html", True),
            ("explicit", True),
        ),
        *(("named", True), ("custom-id", True), ("other", True), ("-rocket", True), ("rocket", False), ("", True)),
        *(("top", True), ("user-content-twice", True), ("L10-L20", True), ("twice:~:text=x", True), ("nowhere", False)),
    ],
)
def test_anchors_of_markdown(fragment: str, is_there: bool) -> None:
    assert links.read_markdown(ANCHORS, "a.md").has_anchor(fragment) is is_there


URLS = st.text("abc/._-~*!:?=&%()'", max_size=12).map(lambda tail: f"https://x.example/{tail}")
SEEN = st.one_of(
    URLS.map(lambda url: (f"[t](<{url}>)", url)),
    URLS.map(lambda url: (f'<a href="{html.escape(url)}">t</a>', url)),
    URLS.map(lambda url: (f'[![i](<{A}>)](<{url}> "t")', url)),
)
UNSEEN = URLS.map(lambda url: f"`` {url} ``") | st.sampled_from(
    [f"a <!-- {A} -->", f"![i]({A})", "words", "**b**", "<b>"]
)


@settings(deadline=None)
@given(st.lists(st.tuples(UNSEEN, SEEN), max_size=5), st.sampled_from(["\n\n", " ", "\n- ", "\n> "]))
def test_every_link_is_found_and_nothing_else(pieces: list[tuple[str, tuple[str, str]]], between: str) -> None:
    text = between.join(f"{unseen} {seen}" for unseen, (seen, _) in pieces)
    assert of_markdown(text) == [html.unescape(url) for _, (_, url) in pieces]


MARKUP = st.sampled_from(
    [
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        "!",
        "`",
        "*",
        "_",
        "\n",
        "\n\n",
        "- ",
        "> ",
        "    ",
        "#",
        "|",
        "\\",
        "&amp;",
        "&copy",
        '"',
        "[a](b)",
        "[a]: /c\n",
        "<a href='d'>",
        "</a>",
        "<!--",
        "-->",
        "<script>",
        "</script>",
        "<div>",
        "```",
        "x",
        "1. ",
        "^",
    ]
)


@settings(deadline=None)
@given(st.lists(MARKUP, max_size=24).map("".join))
def test_the_links_are_those_of_the_html_that_markdown_stands_for(text: str) -> None:
    markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    page = lxml.html.document_fromstring(f"<html><body>{markdown.render(text)}</body></html>")
    hrefs = [href.strip().replace("\n", "") for a in page.iter("a") if (href := a.get("href")) is not None]
    assert of_markdown(text) == hrefs


@settings(deadline=None)
@given(st.text() | st.lists(MARKUP, max_size=12).map("".join), st.binary(max_size=80))
def test_no_document_is_an_error(text: str, data: bytes) -> None:
    links.read_markdown(text, "a.md")
    links.read_plain_text(text, "a.txt")
    links.read_html(data, "a.html")
    links.looks_like_html(text)


def seconds(text: str) -> float:
    started = time.process_time()
    links.read_markdown(f"# {text}", "a.md")
    return time.process_time() - started


@pytest.mark.parametrize("pump", ["_www._", "https://a_b.", ":", "@", "a@b.", "https://a/;;", "[^a]:", "&amp;", "{#"])
def test_eight_times_the_text_takes_eight_times_as_long(pump: str) -> None:
    """The first two took 64 times as long while each of many starts was followed to the end of the text."""
    few, many = (pump * (size // len(pump)) for size in (7_500, 60_000))
    assert seconds(many) < 24 * seconds(few) + 0.5


MDX = """\
import Chart from "https://esm.example.org/chart"
export const meta = {
  url: "https://meta.example.org/x"
}

# Papers

{/* see https://comment.example.org/a */}

Text [a](https://a.example.org/) and {/* [b](https://b.example.org/) */} more <https://c.example.org/>.

{/*
 several lines: https://multi.example.org/
*/} https://d.example.org/

Write `{/*` to begin a comment: https://e.example.org/

```mdx
{/* https://code.example.org/ and an open one: {/*
import x from "https://code.example.org/"
```

import your papers from https://f.example.org/

A line. export nothing: https://g.example.org/ {/* open at the end
"""


def test_comments_and_modules_of_mdx_hold_no_links() -> None:
    found = {link.url: link.place.line for link in links.read_markdown(MDX, "list.mdx").links if link.place}
    assert found == {
        "https://a.example.org/": 10,
        "https://c.example.org/": 10,
        "https://d.example.org/": 14,
        "https://e.example.org/": 16,
        "https://g.example.org/": 25,
    }
    assert len(links.read_markdown(MDX, "list.md").links) > len(found)


@given(st.text(alphabet="{}/*`~ \nimport https://a.example/[]()", max_size=200))
def test_mdx_keeps_its_lines_and_all_else(text: str) -> None:
    left = without_javascript(text)
    assert left.count("\n") == text.count("\n")
    if "{/*" not in text and not re.search(r"^(?:import|export)\s", text, re.MULTILINE):
        assert left == text
    for before, after in zip(text.split("\n"), left.split("\n"), strict=True):
        rest = iter(before)
        assert all(letter in rest for letter in after)  # nothing new, in the same order
