"""Plain links and plain items are read without markdown-it's rules for them, and must read alike."""

from __future__ import annotations

import lxml.html
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich import links
from enrich.links.documents import rendered_page
from enrich.text.markdown import markdown_parser

_PARSER = lxml.html.HTMLParser(remove_comments=True, remove_pis=True)

SIGNS = [*"!&*:<>@[]\\_`~|", " ", "a", "w", "www.a.de", "http://b.de", "&amp;", ";", "x@y.de", "é"]
WORDS = st.lists(st.sampled_from(SIGNS), max_size=4).map("".join)
TEXTS = st.sampled_from(
    ["[a](http://a.de/N)", "a [b](http://b.de/N) c", "**b** x", "word", "[a]: /b", "[^a]: b", "# a", "é"]
)
LINES = st.tuples(st.sampled_from(["- ", "- ", "* ", "", "  ", "> ", "1. ", "  - "]), TEXTS).map("".join)
BLOCKS = LINES | st.sampled_from(["", "---", "```", "<!--", "-->", "| a | b |", "|---|---|", "===", "-", "\t"])


def elements_of(text: str) -> list[tuple[str, str]]:
    """Return the elements of the HTML that markdown-it makes of a text, with the URLs of links."""
    html = markdown_parser(autolinks=True, indented_code=True).render(text)
    page = lxml.html.document_fromstring(f"<html><body>{html}</body></html>", parser=_PARSER)
    return [(str(each.tag), str(each.get("href", ""))) for each in page.iter("*")]


def elements_read(text: str) -> list[tuple[str, str]]:
    """Return the same of the page that the links of a document are taken from."""
    page = rendered_page(text, "list.md").tree()
    return [(str(each.tag), str(each.get("href", ""))) for each in page.iter("*")] if page is not None else []


@settings(deadline=None)
@given(
    st.sampled_from(["", "- ", "# ", "> ", "1. "]),
    WORDS,
    st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=3),
)
def test_plain_links_read_like_any_others(mark: str, before: str, rest: list[tuple[str, str, str]]) -> None:
    text = mark + before + "".join(f"[{label}](http://c.de/{path}){after}" for label, path, after in rest)
    assert elements_read(text) == elements_of(text)


@settings(deadline=None, max_examples=200)
@given(st.lists(BLOCKS, min_size=1, max_size=9))
def test_plain_items_read_like_any_others(lines: list[str]) -> None:
    text = "\n".join(line.replace("N", str(number)) for number, line in enumerate(lines, 1))
    document = links.read_markdown(text, "list.md")
    assert elements_read(text) == elements_of(text)
    assert all(link.place and link.url.endswith(f"/{link.place.line}") for link in document.links if ".de/" in link.url)
