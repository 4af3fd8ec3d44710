"""An item's spans as one text, cut into segments where the writer separated something; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from enrich.lists import references
from enrich.lists.spans import HARD_BREAK, SOFT_BREAK, Span
from enrich.text.spacing import squeeze

_OPENING = {"(": ")", "[": "]", "（": "）", "【": "】", "［": "］", "〔": "〕", "＜": "＞"}
_CLOSING = {closing: opening for opening, closing in _OPENING.items()}
_QUOTES = {"“": "”", "「": "」", "『": "』", "《": "》", "«": "»", "„": "“"}
_LONGEST_UNCLOSED = 80
_LONGEST_BRACKET = 600
"""Characters; a bracket that stays open for longer is a mistake, and the text after it not a parenthesis."""
_TOKEN = re.compile(
    r"[()\[\]（）【】［］〔〕“”「」『』《》«»\"]|\s[-–—―~]{1,3}(?=\s)|\s?[—―](?=\s|$)|\s?\|{1,2}|[·•‖｜；;\n]|\ufffc|``|''"
)
# The issue number after the volume: `Nature methods, 17(2), 184-192`.
_ISSUE = re.compile(r"(?<=\d)\(\d{1,4}(?:[-–/]\d{1,4})?\)(?=[,:;.\s]|$)")
_MATHS = re.compile(r"\$(?=[^$\n]{0,200}[\\{}^_])[^$\n]{1,200}\$")
PLACEHOLDER = "\ufffc"
"""Takes the place, in a flow's text, of a link without text, and of a badge."""


class Segment(NamedTuple):
    """A stretch of an item's text that was set apart: `start` and `end` are its place in the flow.

    `bracket` is the bracket that opens it, `before` the mark that is between it and the segment before (" " where there
    is none), `zone` is the number of the span (a link, bold text, a quotation) that it is part of, 0 for plain text.
    """

    start: int
    end: int
    text: str
    line: int
    url: str | None
    strong: bool
    em: bool
    code: bool
    badge: bool
    quoted: bool
    bracket: str
    before: str
    zone: int
    depth: int

    @property
    def is_link(self) -> bool:
        """Whether the segment is a link, or part of one."""
        return self.url is not None

    @property
    def is_styled(self) -> bool:
        """Whether more than punctuation separates the segment."""
        return self.strong or self.em or self.quoted or self.is_link


@dataclass(slots=True)
class Flow:
    """An item's text, and its segments in their order."""

    text: str
    segments: list[Segment]


def flow_of(spans: Sequence[Span], *, whole: bool = False) -> Flow:
    """Return the spans as one text, cut at brackets, quotation marks, separators, line breaks and changes of style.

    With `whole`, plain text is kept together like a link's text: a column of titles shows what it contains.
    """
    parts: list[str] = []
    places: list[tuple[int, int, Span]] = []
    length = 0
    for span in spans:
        if span.is_break:
            text = "\n" if span.text == HARD_BREAK else " "
        elif span.badge or (span.url is not None and not span.text):
            text = PLACEHOLDER
        else:
            text = span.text.replace(SOFT_BREAK, " ").replace("\n", " ")
            if parts and text.startswith(">") and span.url is None and spans[len(parts) - 1].url is not None:
                # `<[A Title](...)> by Ada Lovelace`
                text = " " + text[1:]
        places.append((length, length + len(text), span))
        parts.append(text)
        length += len(text)
    text = "".join(parts)
    pairs = _pairs(text)
    _close(text, places, pairs)
    cutter = _Cutter(text, pairs, whole=whole)
    for start, end, span in places:
        cutter.take(start, end, span)
    return Flow(text, cutter.found)


def _pairs(text: str) -> dict[int, int]:
    """Return the places of matching brackets and quotation marks, in both directions."""
    pairs: dict[int, int] = {}
    open_brackets: list[tuple[str, int]] = []
    open_quotes: dict[str, int] = {}
    straight: list[int] = []
    for match in _TOKEN.finditer(text):
        mark, place = match[0], match.start()
        if mark == "(" and _ISSUE.match(text, place):
            continue
        if mark in _OPENING:
            open_brackets.append((mark, place))
            del open_brackets[:-50]
        elif mark in _CLOSING:
            while open_brackets and open_brackets[-1][0] != _CLOSING[mark]:
                open_brackets.pop()
            if open_brackets and place - open_brackets[-1][1] <= _LONGEST_BRACKET:
                opened = open_brackets.pop()[1]
                pairs[opened], pairs[place] = place, opened
        elif mark == '"':
            _straight_quote(text, place, straight, pairs)
        elif mark in _QUOTES:
            open_quotes[_QUOTES[mark]] = place
        elif (
            mark in open_quotes and (opened := open_quotes.pop(mark)) is not None and place - opened <= _LONGEST_BRACKET
        ):
            pairs[opened], pairs[place] = place, opened
    return pairs


def _close(text: str, places: list[tuple[int, int, Span]], pairs: dict[int, int]) -> None:
    """Close a parenthesis that is not closed at the end of its span: `**A Title (2014, C. Dong et al.** [[pdf]]`."""
    for start, end, span in places:
        place = text.rfind("(", start, end)
        if (
            place <= start
            or place in pairs
            or span.is_break
            or end - place > _LONGEST_UNCLOSED
            or ")" in text[place:end]
        ):
            continue
        tail = text[place:end].rstrip(" [")
        if re.search(r"(?:19|20)\d\d", tail):
            pairs[place] = end


def _straight_quote(text: str, place: int, opened: list[int], pairs: dict[int, int]) -> None:
    """Open or close a quotation: a mark opens one after a space or a bracket, and closes one after anything else."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    while opened and place - opened[-1] > _LONGEST_BRACKET:
        opened.pop()
    opens = (not before or before in " \n([{-:|*") and after.strip() != "" and not (opened and after in ",.;:)]")
    if opens or not opened:
        if not before.isalnum():
            opened.append(place)
            del opened[:-4]
        return
    start = opened.pop()
    pairs[start], pairs[place] = place, start
    if opened and place - opened[0] > _LONGEST_BRACKET:
        opened.clear()


class _Cutter:
    """Cuts a text from the start, and tracks open brackets and quotations."""

    def __init__(self, text: str, pairs: dict[int, int], *, whole: bool) -> None:
        self._whole = whole
        self.found: list[Segment] = []
        self._text = text
        self._pairs = pairs
        self._brackets: list[tuple[str, int]] = []
        self._quotes: list[int] = []
        self._before = " "
        self._zone = 0
        self._style: tuple[object, ...] = ()
        # Semicolons between people are not separators: the whole list is one segment.
        self._listed = references.listed_end(text)
        self._maths = [match.span() for match in _MATHS.finditer(text)]

    def take(self, start: int, end: int, span: Span) -> None:
        """Cut one span."""
        style = span[2:]
        self._brackets = [bracket for bracket in self._brackets if bracket[1] > start]
        if style != self._style:
            self._zone += 1
            self._style = style
        at = start
        for match in _TOKEN.finditer(self._text, start, end):
            mark, place = match[0], match.start()
            if match.end() > end or (mark != "\n" and mark.strip() in _PAIRED and place not in self._pairs):
                continue
            if mark == PLACEHOLDER or (mark == ";" and place < self._listed) or self._is_in_maths(place):
                continue
            self._segment(at, place, span)
            at = match.end()
            self._mark(mark.strip(" ") or mark, place)
        self._segment(at, end, span)

    def _is_in_maths(self, place: int) -> bool:
        return any(start < place < end for start, end in self._maths)

    def _mark(self, mark: str, place: int) -> None:
        partner = self._pairs.get(place)
        if partner is None:
            self._before = mark[:1]
        elif mark in _OPENING:
            self._brackets.append((mark, partner))
            self._before = mark
        elif mark in _CLOSING:
            self._brackets = [bracket for bracket in self._brackets if bracket[1] != place]
            self._before = mark
        elif partner > place:
            self._quotes.append(place)
            self._before = '"'
        else:
            self._quotes = [opened for opened in self._quotes if opened != partner]
            self._before = '"'

    def _segment(self, start: int, end: int, span: Span) -> None:
        raw = self._text[start:end]
        text = squeeze(raw.replace(PLACEHOLDER, " "))
        bare = span.url is not None or span.badge
        if not text and not (bare and PLACEHOLDER in raw):
            return
        if not bare and not any(letter.isalnum() for letter in text) and not _is_sign(text):
            if self._before == " ":
                self._before = text[:1]
            return
        if span.badge:
            text = span.text
        zone = self._zone if bare or span.strong or span.em or span.code or self._whole else 0
        if self._quotes:
            zone = -1 - self._quotes[0]
        bracket = self._brackets[-1][0] if self._brackets else ""
        self.found.append(
            Segment(start, end, text, *span[1:], bool(self._quotes), bracket, self._before, zone, len(self._brackets))
        )
        self._before = " "


_PAIRED = frozenset([*_OPENING, *_CLOSING, *_QUOTES, *_QUOTES.values(), '"'])


def _is_sign(text: str) -> bool:
    """Whether a text without letters has a meaning: an emoji, a star, a check mark."""
    return any(ord(letter) > 0x2000 and letter not in "–—―‐‑‒“”‘’…·•‖｜，。；：、！？（）【】" for letter in text)


def part(segment: Segment, flow: Flow, start: int, end: int, before: str) -> Segment:
    """Return the part of a segment between two places of the flow; `before` is the mark that is before it."""
    text = squeeze(flow.text[start:end].replace(PLACEHOLDER, " "))
    return segment._replace(start=start, end=end, text=text, before=before)
