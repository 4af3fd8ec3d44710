"""A list's text, Markdown with or without HTML, to one tree of HTML elements that know their lines; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import ftfy
from lxml import etree

from enrich.text.markdown import parser

if TYPE_CHECKING:
    from markdown_it.token import Token

LINE = "data-enrich-line"
"""The attribute that holds an element's line in the list, counted from 1."""
SOFT = "data-enrich-soft"
"""Marks the `<br>` that stands for a mere line end of the source."""

_MAX_ELEMENTS = 60  # deeper ones are flattened: nobody writes them, and each level reads anew what is inside it

_TAG = re.compile(r"<(a|br|dd|div|dt|h[1-6]|li|p|summary|table|td|th|tr)(?=[\s/>])", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

# Python's mac_roman decodes the byte 0xF0, which leads every emoji in UTF-8, to U+F8FF; ftfy does not undo that.
# U+201A is 0xE2, which leads punctuation and symbols, and U+221A is 0xC3, which leads accented letters: before
# these letters neither of them is ever right.
_MAC_HIGH = "".join(bytes([byte]).decode("mac_roman") for byte in range(0x80, 0xC0))
_MAC_LETTERS = "".join(bytes([byte]).decode("mac_roman") for byte in range(0x80, 0xA0))
_MAC_ROMAN = re.compile(
    f"\uf8ff[{re.escape(_MAC_HIGH)}]{{3}}|\u201a[{re.escape(_MAC_HIGH)}]{{2}}|\u221a[{re.escape(_MAC_LETTERS)}]"
)

_MARKDOWN = parser(autolinks=False, indented_code=False)


def repair(text: str) -> str:
    """The text with mojibake undone, line by line, and nothing else changed."""
    if text.isascii():
        return text
    return "\n".join(line if line.isascii() else _repair_line(line) for line in text.split("\n"))


def tree(text: str) -> etree._Element:
    """The list as the elements that a browser would show, each with the attribute `LINE` where it begins."""
    text = _CONTROL.sub(" ", repair(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")))
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    # In one piece: libxml2 takes quadratic time when it is fed in many.
    root = etree.fromstring(f"<html><body>{''.join(_html(text))}</body></html>".encode(), parser)
    body = root.find("body")
    _flatten(root)
    return root if body is None else body


def _flatten(root: etree._Element) -> None:
    """Leave of elements that stand too deep their text: each level reads anew what is inside it."""
    deep = []
    depth = 0
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        depth += 1 if event == "start" else -1
        if depth == _MAX_ELEMENTS and event == "start":
            deep.append(element)
            walk.skip_subtree()
    for element in deep:
        etree.strip_tags(element, "*")


def _repair_line(line: str) -> str:
    repaired = _MAC_ROMAN.sub(_undo_mac_roman, line)
    return repaired if repaired.isascii() else ftfy.fix_encoding(repaired)


def _undo_mac_roman(match: re.Match[str]) -> str:
    raw = b"".join(b"\xf0" if letter == "\uf8ff" else letter.encode("mac_roman") for letter in match[0])
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return match[0]


def _html(text: str) -> Iterator[str]:
    line = 1
    for token in _MARKDOWN.parse(text):
        if token.map:
            line = token.map[0] + 1
        if token.type == "inline":
            yield _inline_html(token.children or (), line)
        elif token.type == "html_block":
            yield _marked(token.content, line)
        else:
            if token.nesting == 1:
                token.attrSet(LINE, str(line))
            yield _MARKDOWN.renderer.render([token], _MARKDOWN.options, {})


def _inline_html(tokens: Sequence[Token], line: int) -> str:
    parts = []
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            line += 1
            parts.append(f"<br {SOFT}='1'>" if token.type == "softbreak" else "<br>")
        elif token.type == "html_inline":
            parts.append(_marked(token.content, line))
            line += token.content.count("\n")
        else:
            if token.type == "link_open":
                token.attrSet(LINE, str(line))
            parts.append(_MARKDOWN.renderer.render([token], _MARKDOWN.options, {}))
    return "".join(parts)


def _marked(html: str, line: int) -> str:
    return "\n".join(_TAG.sub(rf'<\g<1> {LINE}="{number}"', part) for number, part in enumerate(html.split("\n"), line))
