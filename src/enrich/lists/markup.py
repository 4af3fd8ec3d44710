"""Parse a list, Markdown with or without HTML, into a tree of HTML elements with line numbers; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lxml import etree
from markdown_it.common.utils import escapeHtml

from enrich.text.folding import fix_encoding
from enrich.text.markdown import markdown_parser

if TYPE_CHECKING:
    from markdown_it.token import Token

LINE_ATTRIBUTE = "data-enrich-line"
"""The attribute that holds an element's line in the list, counted from 1."""
SOFT_BREAK_ATTRIBUTE = "data-enrich-soft"
"""Marks the `<br>` that means a mere line end of the source."""

_MAX_ELEMENTS = 60  # deeper ones are flattened: they are attacks, and each level is read again for its content
_COMMENT = re.compile(r"<!--(?!-?>)(.*?)-->", re.DOTALL)
_STRAY_END = re.compile(r"<!--.*?-->|(?P<stray>-->)", re.DOTALL)
_PAPER_LINK = re.compile(
    r"arxiv\.org/(?:abs|pdf|html)/\d|doi\.org/10\.|openreview\.net/(?:forum|pdf)\?id=\w|aclanthology\.org/\w",
    re.IGNORECASE,
)
_LONGEST_COMMENT = 2_000
"""Lines; a longer comment has more than rows of a table."""

_TAG = re.compile(r"<(a|br|dd|div|dt|h[1-6]|li|p|summary|table|td|th|tr)(?=[\s/>])", re.IGNORECASE)
# `<h3>Flight<h3/>`: a typing error that would leave the heading open to the end of the list.
_SLIP = re.compile(r"<(b|center|details|em|h[1-6]|i|strong|summary)\s?/>", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

# Python's mac_roman decodes the byte 0xF0, which leads every emoji in UTF-8, to U+F8FF; ftfy does not undo that.
# U+201A is 0xE2, which leads punctuation and symbols, and U+221A is 0xC3, which leads accented letters: before
# these letters neither of them is ever right.
_MAC_HIGH = "".join(bytes([byte]).decode("mac_roman") for byte in range(0x80, 0xC0))
_MAC_LETTERS = "".join(bytes([byte]).decode("mac_roman") for byte in range(0x80, 0xA0))
_MAC_ROMAN = re.compile(
    f"\uf8ff[{re.escape(_MAC_HIGH)}]{{3}}|\u201a[{re.escape(_MAC_HIGH)}]{{2}}|\u221a[{re.escape(_MAC_LETTERS)}]"
)


_MARKDOWN = markdown_parser(autolinks=False, indented_code=False)
_MARKDOWN.disable("inline")


def repair(text: str) -> str:
    """Return the text with mojibake undone, line by line, and nothing else changed."""
    if text.isascii():
        return text
    return "\n".join(line if line.isascii() else _repair_line(line) for line in text.split("\n"))


def tree(text: str) -> etree._Element:
    """Parse the list into the elements that a browser would show, each with the attribute `LINE_ATTRIBUTE`."""
    text = _CONTROL.sub(" ", repair(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")))
    text, numbers = _without_rows_in_comments(uncomment(text)[0])
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    # In one piece: libxml2 takes quadratic time if the text is fed in many.
    root = etree.fromstring(f"<html><body>{''.join(_html(text, numbers))}</body></html>".encode(), parser)
    body = root.find("body")
    _flatten(root)
    return root if body is None else body


def _flatten(root: etree._Element) -> None:
    """Replace elements that are too deep by their text: each level is read again for its content."""
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
    return repaired if repaired.isascii() else fix_encoding(repaired)


def _undo_mac_roman(match: re.Match[str]) -> str:
    raw = b"".join(b"\xf0" if letter == "\uf8ff" else letter.encode("mac_roman") for letter in match[0])
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return match[0]


def uncomment(text: str) -> tuple[str, frozenset[int]]:
    """Return the text with comments that have papers uncommented, and the lines that were hidden in them.

    People comment out items that they want to keep; only a paper's identifier distinguishes such an item from a remark
    or a template.
    """
    if "<!--" not in text:
        return text, frozenset()
    hidden: set[int] = set()

    def opened(match: re.Match[str]) -> str:
        if not _PAPER_LINK.search(match[1]):
            return match[0]
        first = text.count("\n", 0, match.start()) + 1
        hidden.update(range(first, first + match[0].count("\n") + 1))
        return match[1].replace("<!--", "")

    shown = _COMMENT.sub(opened, text)
    # Comments do not nest: if an inner one is closed, the end of the outer one is left over.
    if hidden:
        shown = _STRAY_END.sub(lambda match: "" if match["stray"] else match[0], shown)
    return shown, frozenset(hidden)


def _without_rows_in_comments(text: str) -> tuple[str, Sequence[int]]:
    """Return the text without comments between table rows, which would end the table, and its line numbers."""
    lines = text.split("\n")
    if "<!--" not in text:
        return text, range(1, len(lines) + 1)
    kept = []
    at = 0
    while at < len(lines):
        end = _comment_end(lines, at) if at and lines[at].lstrip().startswith("<!--") and "|" in lines[at - 1] else None
        if end is not None and end + 1 < len(lines) and "|" in lines[end + 1]:
            at = end + 1
            continue
        kept.append(at)
        at += 1
    return "\n".join(lines[place] for place in kept), [place + 1 for place in kept]


def _comment_end(lines: Sequence[str], start: int) -> int | None:
    """Return the line in which the comment that begins a line ends, None if text follows it."""
    for place in range(start, min(len(lines), start + _LONGEST_COMMENT)):
        end = lines[place].find("-->", 4 if place == start else 0)
        if end >= 0:
            return None if lines[place][end + 3 :].strip() else place
    return None


def _html(text: str, numbers: Sequence[int]) -> Iterator[str]:
    """Yield the HTML of a text; `numbers` holds the number of each of its lines in the file."""
    line = 1
    references: dict[str, object] = {}
    for token in _MARKDOWN.parse(text, references):
        if token.map:
            line = numbers[min(token.map[0], len(numbers) - 1)]
        if token.type == "inline":
            # One at a time: the comments of a whole list would fill the memory.
            children: list[Token] = []
            _MARKDOWN.inline.parse(token.content, _MARKDOWN, references, children)
            yield _inline_html(children, line)
        elif token.type == "html_block":
            yield _marked(token.content, line)
        else:
            yield _tag(token, line)


def _tag(token: Token, line: int) -> str:
    """Return a token as HTML; only the tags that open something know their line."""
    if token.nesting == 1 and not token.hidden:
        token.attrSet(LINE_ATTRIBUTE, str(line))
    elif token.nesting == -1 and not token.hidden:
        return f"</{token.tag}>\n" if token.block else f"</{token.tag}>"
    html: str = _MARKDOWN.renderer.render([token], _MARKDOWN.options, {})
    return html


def _inline_html(tokens: Sequence[Token], line: int) -> str:
    parts = []
    for token in tokens:
        if token.type in ("text", "text_special"):
            parts.append(escapeHtml(token.content))
        elif token.type in ("softbreak", "hardbreak"):
            line += 1
            parts.append(f"<br {SOFT_BREAK_ATTRIBUTE}='1'>" if token.type == "softbreak" else "<br>")
        elif token.type == "html_inline":
            parts.append(_marked(token.content, line))
            line += token.content.count("\n")
        else:
            parts.append(_tag(token, line))
    return "".join(parts)


def _marked(html: str, line: int) -> str:
    lines = _SLIP.sub(r"</\1>", html).split("\n")
    return "\n".join(_TAG.sub(rf'<\g<1> {LINE_ATTRIBUTE}="{number}"', part) for number, part in enumerate(lines, line))
