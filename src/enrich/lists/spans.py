"""An element's running content, flattened to spans of text and links; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from enrich.lists import markup, vocabulary, words
from enrich.text.spacing import SPACE, squeeze
from enrich.text.urls import trim_url

if TYPE_CHECKING:
    from lxml.etree import _Element

HARD_BREAK = "\n"
SOFT_BREAK = "\v"
"""The texts of the spans for a line break and for a line end of the source."""


_BARE_URL = re.compile(r"https?://[^\s<>\"'`|\\^{}（）【】，。；、]{4,2000}")
# Markdown between HTML tags is not parsed, but people write links there.
_RAW_LINK = re.compile(r"\[(?P<text>[^\[\]]{1,400})\]\((?P<url>https?://[^\s()<>]{3,2000})\)")
_BADGE_TEXT = re.compile(r"img\.shields\.io/(?:static/v\d/)?badge/(?P<text>[^?#]+)|badgen\.net/badge/(?P<other>[^?#]+)")
_COUNTER = re.compile(r"/github/(?:stars|forks|last-commit|license)|/stars|/visitor", re.IGNORECASE)


class Span(NamedTuple):
    """Text, or a link if `url` is not None; `badge` if it shows only an image.

    The text of a badge is its alternative text, or the label in its URL.
    """

    text: str
    line: int = 0
    url: str | None = None
    strong: bool = False
    em: bool = False
    code: bool = False
    badge: bool = False

    @property
    def is_break(self) -> bool:
        """Whether the span is the end of a line."""
        return self.url is None and self.text in (HARD_BREAK, SOFT_BREAK)


def line_of(element: _Element, fallback: int = 1) -> int:
    """Return the line of the list where the element begins."""
    while element is not None:
        value = element.get(markup.LINE_ATTRIBUTE, "")
        if value.isdecimal() and len(value) < 12:
            return int(value)
        parent = element.getparent()
        if parent is None:
            break
        element = parent
    return fallback


def spans_of(element: _Element, *, without: frozenset[str] = frozenset()) -> tuple[Span, ...]:
    """Return the element's content as spans; elements of the names in `without` are left out with all they hold."""
    found: list[Span] = []
    _walk(element, Span("", line_of(element)), without, found)
    return tuple(_tidy(found))


def spans_of_inline(element: _Element) -> list[Span]:
    """Return an inline element itself as spans, such as a link that is between blocks."""
    found: list[Span] = []
    name = element.tag if isinstance(element.tag, str) else ""
    _child(element, name, Span("", line_of(element)), frozenset(), found)
    return list(_tidy(found))


def spans_of_text(text: str | None, line: int) -> list[Span]:
    """Return loose text as spans, bare URLs in it as links."""
    found: list[Span] = []
    if text and text.strip():
        _texts(text, Span("", line), found)
    return list(_tidy(found))


def text_of(spans: Iterable[Span]) -> str:
    """Return what a reader sees of the spans, on one line, without badges."""
    return squeeze("".join(" " if span.is_break else span.text for span in spans if not span.badge))


def lines_of(spans: Iterable[Span], *, soft: bool = False) -> list[list[Span]]:
    """Return the spans broken at line breaks (with `soft`, at line ends of the source too), empty lines left out."""
    found: list[list[Span]] = [[]]
    for span in spans:
        if span.is_break and (soft or span.text == HARD_BREAK):
            found.append([])
        else:
            found[-1].append(span)
    return [line for line in found if any(span.url is not None or span.text.strip() for span in line)]


# All of them add to a list, for a generator inside a generator would hand each span up through every level.
def _walk(element: _Element, style: Span, without: frozenset[str], found: list[Span]) -> None:
    _texts(element.text, style, found)
    for child in element:
        name = child.tag if isinstance(child.tag, str) else ""
        if name and name not in vocabulary.UNSEEN_ELEMENTS and name not in without:
            _child(child, name, style, without, found)
        _texts(child.tail, style, found)


def _child(child: _Element, name: str, style: Span, without: frozenset[str], found: list[Span]) -> None:
    if name == "br":
        found.append(Span(SOFT_BREAK if child.get(markup.SOFT_BREAK_ATTRIBUTE) else HARD_BREAK))
    elif name == "a":
        found.append(_anchor(child, style._replace(line=line_of(child))))
    elif name == "img":
        if text := _badge_text(child):
            found.append(style._replace(text=text, badge=True))
    else:
        block = name in vocabulary.BLOCK_ELEMENTS
        inner = Span(
            "",
            line_of(child) if block else style.line,
            strong=style.strong or name in ("b", "strong", "th"),
            em=style.em or name in ("i", "em", "cite"),
            code=style.code or name in ("code", "kbd", "samp", "tt"),
        )
        if block:
            found.append(Span(HARD_BREAK))
        _walk(child, inner, without, found)
        if block:
            found.append(Span(HARD_BREAK))


def _anchor(anchor: _Element, style: Span) -> Span:
    strong = style.strong or any(True for _ in anchor.iter("b", "strong"))
    em = style.em or any(True for _ in anchor.iter("i", "em"))
    code = style.code or any(True for _ in anchor.iter("code"))
    pieces: list[str] = []
    _words(anchor, pieces)
    text = squeeze("".join(pieces))
    url = (anchor.get("href") or "").strip()
    image = anchor.find(".//img")
    badge = not text and image is not None
    if badge and image is not None:
        text = _badge_text(image)
    elif text and text.rstrip("/") == url.rstrip("/"):
        text = ""
    # An anchor without a URL is a link that was not filled in: `[paper]()`.
    return style._replace(
        text=text, url=None if anchor.get("href") is None else url, strong=strong, em=em, code=code, badge=badge
    )


def _words(element: _Element, pieces: list[str]) -> None:
    """Add all text of an element to a list, with a space for each line break and comment."""
    pieces.append(element.text or "")
    for child in element:
        if isinstance(child.tag, str) and child.tag != "br":
            _words(child, pieces)
        else:
            pieces.append(" ")
        pieces.append(child.tail or "")


def _badge_text(image: _Element) -> str:
    """Return what a badge says: the label of its own address (`ICLR-2024-blue` is ICLR 2024), else its alt text."""
    source = image.get("src", "")
    if _COUNTER.search(source):
        return ""
    match = _BADGE_TEXT.search(source)
    if match is None:
        return squeeze(image.get("alt", ""))
    parts = unquote(match["text"] or match["other"]).removesuffix(".svg").replace("--", "\0").split("-")
    shown = parts[:-1] if len(parts) > 1 else parts
    if len(shown) > 1 and words.role_of(shown[0])[0] is words.ColumnRole.VENUE:
        shown = shown[1:]
    return squeeze(" ".join(shown).replace("\0", "-").replace("_", " "))


def _texts(text: str | None, style: Span, found: list[Span]) -> None:
    if not text:
        return
    start = 0
    for match in _RAW_LINK.finditer(text) if "](" in text else ():
        _bare_urls(text[start : match.start()], style, found)
        found.append(style._replace(text=squeeze(match["text"]), url=match["url"]))
        start = match.end()
    _bare_urls(text[start:], style, found)


def _bare_urls(text: str, style: Span, found: list[Span]) -> None:
    start = 0
    for match in _BARE_URL.finditer(text):
        url = trim_url(match[0], parentheses_end_it=True)
        found.append(style._replace(text=text[start : match.start()]))
        found.append(style._replace(text="", url=url))
        start = match.start() + len(url)
    found.append(style._replace(text=text[start:]))


def _tidy(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield the spans with white space squeezed, and neighbours of the same style joined."""
    last: Span | None = None
    for span in spans:
        own = span.is_break or span.url is not None or span.badge
        text = span.text if own else SPACE.sub(" ", span.text)
        if not own:
            if not text:
                continue
            if last and last.url is None and not last.is_break and not last.badge and last[3:6] == span[3:6]:
                last = last._replace(text=last.text + text)
                continue
        if last:
            yield last
        last = span if text == span.text else span._replace(text=text)
    if last:
        yield last
