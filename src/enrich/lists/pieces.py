"""An element's running content, flattened to pieces of text and links; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from enrich.lists import reading, vocabulary

if TYPE_CHECKING:
    from lxml.etree import _Element

HARD = "\n"
SOFT = "\v"
"""The texts of the pieces that stand for a line break and for a mere line end of the source."""

BLOCKS = vocabulary.BLOCKS
UNSEEN = vocabulary.UNSEEN

_SPACE = re.compile(r"[\s\u00a0\u3000\u200b\ufeff]+")
_BARE_URL = re.compile(r"https?://[^\s<>\"'`|\\^{}（）【】，。；、]{4,2000}")
# Between HTML tags, Markdown is not read as such; people write links there all the same.
_RAW_LINK = re.compile(r"\[(?P<text>[^\[\]]{1,400})\]\((?P<url>https?://[^\s()<>]{3,2000})\)")
_TRAILING = ".,;:!?*'\""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, or a link where `url` is not None; `badge` where the link shows nothing but an image."""

    text: str
    line: int = 0
    url: str | None = None
    strong: bool = False
    em: bool = False
    code: bool = False
    badge: bool = False

    @property
    def is_break(self) -> bool:
        """Whether the piece stands for the end of a line."""
        return self.url is None and self.text in (HARD, SOFT)


def squeeze(text: str) -> str:
    """The text on one line, white space of every kind (ideographic too) become single spaces."""
    return _SPACE.sub(" ", text).strip()


def line_of(element: _Element, fallback: int = 1) -> int:
    """The line of the list where the element begins."""
    while element is not None:
        value = element.get(reading.LINE, "")
        if value.isdecimal() and len(value) < 12:
            return int(value)
        parent = element.getparent()
        if parent is None:
            break
        element = parent
    return fallback


def of(element: _Element, *, without: frozenset[str] = frozenset()) -> list[Piece]:
    """The element's content as pieces; elements of the names in `without` are left out with all they hold."""
    found: list[Piece] = []
    _walk(element, Piece("", line_of(element)), without, found)
    return list(_tidy(found))


def of_inline(element: _Element) -> list[Piece]:
    """An inline element itself as pieces, such as a link that stands between blocks."""
    found: list[Piece] = []
    name = element.tag if isinstance(element.tag, str) else ""
    _child(element, name, Piece("", line_of(element)), frozenset(), found)
    return list(_tidy(found))


def texts(text: str | None, line: int) -> list[Piece]:
    """Loose text as pieces, bare URLs in it as links."""
    found: list[Piece] = []
    if text and text.strip():
        _texts(text, Piece("", line), found)
    return list(_tidy(found))


def text_of(pieces: Iterable[Piece]) -> str:
    """What a reader sees of the pieces, on one line, badges aside."""
    return squeeze("".join(" " if piece.is_break else piece.text for piece in pieces if not piece.badge))


def lines(pieces: Iterable[Piece], *, soft: bool = False) -> list[list[Piece]]:
    """The pieces broken at line breaks (with `soft`, at line ends of the source too), empty lines left out."""
    found: list[list[Piece]] = [[]]
    for piece in pieces:
        if piece.is_break and (soft or piece.text == HARD):
            found.append([])
        else:
            found[-1].append(piece)
    return [line for line in found if any(piece.url is not None or piece.text.strip() for piece in line)]


# All of them add to a list, for a generator inside a generator would hand each piece up through every level.
def _walk(element: _Element, style: Piece, without: frozenset[str], found: list[Piece]) -> None:
    _texts(element.text, style, found)
    for child in element:
        name = child.tag if isinstance(child.tag, str) else ""
        if name and name not in UNSEEN and name not in without:
            _child(child, name, style, without, found)
        _texts(child.tail, style, found)


def _child(child: _Element, name: str, style: Piece, without: frozenset[str], found: list[Piece]) -> None:
    if name == "br":
        found.append(Piece(SOFT if child.get(reading.SOFT) else HARD))
    elif name == "a":
        found.append(_anchor(child, replace(style, line=line_of(child))))
    elif name == "input":
        if child.get("type") == "checkbox":
            found.append(replace(style, text="[x]" if child.get("checked") is not None else "[ ]"))
    else:
        block = name in BLOCKS
        inner = replace(
            style,
            strong=style.strong or name in ("b", "strong", "th"),
            em=style.em or name in ("i", "em", "cite"),
            code=style.code or name in ("code", "kbd", "samp", "tt"),
            line=line_of(child) if block else style.line,
        )
        if block:
            found.append(Piece(HARD))
        _walk(child, inner, without, found)
        if block:
            found.append(Piece(HARD))


def _anchor(anchor: _Element, style: Piece) -> Piece:
    strong = style.strong or any(True for _ in anchor.iter("b", "strong"))
    em = style.em or any(True for _ in anchor.iter("i", "em"))
    text = squeeze("".join(" " if not isinstance(text, str) else text for text in anchor.itertext()))
    url = (anchor.get("href") or "").strip()
    badge = not text and anchor.find(".//img") is not None
    # An anchor without an address is a link that nobody has filled in: `[paper]()`.
    return replace(style, text=text, url=None if anchor.get("href") is None else url, strong=strong, em=em, badge=badge)


def _texts(text: str | None, style: Piece, found: list[Piece]) -> None:
    if not text:
        return
    start = 0
    for match in _RAW_LINK.finditer(text) if "](" in text else ():
        _bare_urls(text[start : match.start()], style, found)
        found.append(replace(style, text=squeeze(match["text"]), url=match["url"]))
        start = match.end()
    _bare_urls(text[start:], style, found)


def _bare_urls(text: str, style: Piece, found: list[Piece]) -> None:
    start = 0
    for match in _BARE_URL.finditer(text):
        url = match[0].rstrip(_TRAILING)
        while url.endswith((")", "]")) and url.count(url[-1]) > url.count({")": "(", "]": "["}[url[-1]]):
            url = url[:-1].rstrip(_TRAILING)
        found.append(replace(style, text=text[start : match.start()]))
        found.append(replace(style, text="", url=url))
        start = match.start() + len(url)
    found.append(replace(style, text=text[start:]))


def _tidy(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces with white space squeezed, and neighbours of the same style joined."""
    last: Piece | None = None
    for piece in pieces:
        text = piece.text if piece.is_break or piece.url is not None else _SPACE.sub(" ", piece.text)
        if piece.url is None and not piece.is_break:
            if not text:
                continue
            if last and last.url is None and not last.is_break and _style(last) == _style(piece):
                last = replace(last, text=last.text + text)
                continue
        if last:
            yield last
        last = replace(piece, text=text)
    if last:
        yield last


def _style(piece: Piece) -> tuple[bool, bool, bool]:
    return piece.strong, piece.em, piece.code
