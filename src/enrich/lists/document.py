"""A list as a tree of blocks: headings, paragraphs, lists with their items, tables, folded details; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from enrich import identifiers
from enrich.lists import markup, spans, vocabulary
from enrich.lists.spans import (
    Span,
    line_of,
    lines_of,
    spans_of,
    spans_of_inline,
    spans_of_text,
    text_of,
)
from enrich.model import Scheme
from enrich.text import spacing

if TYPE_CHECKING:
    from lxml.etree import _Element

    from enrich.lists.drafts import Context

Kind = Literal["heading", "paragraph", "list", "item", "table", "rule", "details", "group"]
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
# A badge that counts something belongs to the repository of the README; stars are also shown for other repositories.
_OWN_BADGE = re.compile(
    r"/github/(?:license|last-commit|contributors|issues[a-z-]*|forks|watchers|commit-activity/\w|repo-size)/([\w.-]+/[\w.-]+?)(?:\.svg|\?|/|$)"
    r"|[?&]repos?=([\w.-]+/[\w.-]+)|star-history\.com/#([\w.-]+/[\w.-]+)"
)
_NOTE = re.compile(r"\s*(\[\^[^\]\s]{1,40}\])[:：]\s*")
# A larger number is a mistake or an attack; browsers stop at 1000 columns, too.
MAX_SPAN = 200
_MAX_CELLS = 5_000_000


_LISTS = ("ul", "ol", "menu", "dl")
_NESTED = frozenset({"ul", "ol", "menu", "table", "pre", "details"})


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table's grid: a cell that spans several columns or rows is repeated in each."""

    spans: tuple[Span, ...]
    points: tuple[tuple[Span, ...], ...]
    line: int
    identity: int
    head: bool = False

    @property
    def text(self) -> str:
        """The visible text; "" if it means nothing (`-`, `N/A`)."""
        text = text_of(self.spans)
        return "" if spacing.is_nothing(text) else text

    def links(self, context: Context) -> list[Span]:
        """Return the cell's links with a target, relative ones included."""
        return [span for span in self.spans if span.url and not span.badge and context.leads_out(span.url)]


@dataclass
class Block:
    """One block: its own content (`spans`) and the blocks inside it; `level` is a heading's, `rows` are a table's."""

    kind: Kind
    line: int
    spans: tuple[Span, ...] = ()
    children: list[Block] = field(default_factory=list)
    level: int = 0
    rows: list[list[Cell]] = field(default_factory=list)

    @cached_property
    def text(self) -> str:
        """The visible text of its own content."""
        return text_of(self.spans)


@dataclass
class Document:
    """A list's blocks, and what concerns the file as a whole."""

    blocks: list[Block]
    images: tuple[str, ...] = ()
    """The addresses of the pictures outside of items and cells."""
    hidden: frozenset[int] = frozenset()
    """The lines that are commented out."""
    notes: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    """The footnotes by their marks: `[^1]`."""

    def all_blocks(self) -> Iterator[Block]:
        """Yield every block in order, nested ones included."""
        todo = list(reversed(self.blocks))
        while todo:
            block = todo.pop()
            yield block
            todo.extend(reversed(block.children))

    def headings(self) -> list[Block]:
        """All headings, in order."""
        return [block for block in self.all_blocks() if block.kind == "heading"]

    def own_repositories(self, base_url: str | None) -> frozenset[str]:
        """Return the repositories of the list itself, according to its badges and base URL."""
        named = identifiers.of_url(base_url or "")
        found = {identifier.value for identifier in named if identifier.scheme is Scheme.GITHUB}
        for match in filter(None, map(_OWN_BADGE.search, self.images)):
            found |= {group.lower() for group in match.groups() if group}
        return frozenset(found)


def parse_document(text: str) -> Document:
    """Return a list's text, Markdown with or without HTML, as a document."""
    root = markup.tree(text)
    notes: dict[str, tuple[Span, ...]] = {}
    images = tuple(
        image.get("src", "") for image in root.iter("img") if next(image.iterancestors("td", "th", "li"), None) is None
    )
    return Document(_without_notes(_blocks(root), notes), images, markup.uncomment(text)[1], notes)


def _without_notes(blocks: list[Block], notes: dict[str, tuple[Span, ...]]) -> list[Block]:
    """Return blocks without the paragraphs that are footnotes, which are stored by their marks."""
    kept = []
    for block in blocks:
        if block.kind != "paragraph" or not _NOTE.match(block.text):
            kept.append(block)
            continue
        mark = ""
        for line in lines_of(block.spans, soft=True):
            match = _NOTE.match(line[0].text) if line[0].url is None else None
            first = line[0] if match is None else line[0]._replace(text=line[0].text[match.end() :])
            mark = match[1] if match else mark
            notes[mark] = (*notes.get(mark, ()), first, *line[1:])
    return kept


def _blocks(container: _Element) -> list[Block]:
    found: list[Block] = []
    loose: list[Span] = spans_of_text(container.text, line_of(container))
    for child in container:
        name = child.tag if isinstance(child.tag, str) else ""
        if name in vocabulary.BLOCK_ELEMENTS:
            _flush(loose, found)
            loose = []
            if block := _block(child, name):
                found.append(block)
        elif name == "br":
            loose.append(Span(spans.SOFT_BREAK if child.get(markup.SOFT_BREAK_ATTRIBUTE) else spans.HARD_BREAK))
        elif name and name not in vocabulary.UNSEEN_ELEMENTS:
            if any(inner.tag in vocabulary.BLOCK_ELEMENTS for inner in child.iter()):
                _flush(loose, found)
                loose = []
                found.append(Block("group", line_of(child), children=_blocks(child)))
            else:
                loose += spans_of_inline(child)
        loose += spans_of_text(child.tail, line_of(child))
    _flush(loose, found)
    return found


def _flush(loose: list[Span], found: list[Block]) -> None:
    if any(span.url is not None or span.text.strip() for span in loose):
        line = next((span.line for span in loose if span.line), 1)
        found.append(Block("paragraph", line, tuple(loose)))


def _block(element: _Element, name: str) -> Block | None:
    line = line_of(element)
    if name in _HEADINGS:
        return Block("heading", line, spans_of(element), level=_HEADINGS[name])
    if name == "hr":
        return Block("rule", line)
    if name == "table":
        return Block("table", line, rows=_grid(element))
    if name in _LISTS:
        return _list(element)
    if name == "details":
        summary = element.find("summary")
        inner = [block for block in _blocks(element) if block.line >= 0]
        return Block("details", line, spans_of(summary) if summary is not None else (), inner)
    if name in ("pre", "summary"):
        return None
    if name in ("p", "dt", "dd", "li") and not any(
        isinstance(child.tag, str) and child.tag in vocabulary.BLOCK_ELEMENTS for child in element
    ):
        return Block("paragraph", line, spans_of(element))
    return Block("group", line, children=_blocks(element))


def _list(element: _Element) -> Block:
    items: list[Block] = []
    for child in element:
        if child.tag == "dd" and items:
            # The description of a term in a definition list.
            items[-1].spans += (Span(spans.HARD_BREAK), *spans_of(child, without=_NESTED))
            items[-1].children += _nested(child)
        elif child.tag in ("li", "dt", "dd"):
            items.append(Block("item", line_of(child), spans_of(child, without=_NESTED), _nested(child)))
        elif child.tag in _LISTS:
            items.extend(_list(child).children)
    return Block("list", line_of(element), children=items)


def _nested(point: _Element) -> list[Block]:
    """Return the lists, tables and details below an item, also inside its `<div>` elements."""
    found = []
    for child in point:
        name = child.tag if isinstance(child.tag, str) else ""
        if name in _NESTED:
            block = _block(child, name)
            if block is not None:
                found.append(block)
        elif name in ("div", "p", "blockquote", "section", "center"):
            found.extend(_nested(child))
    return found


def _grid(table: _Element) -> list[list[Cell]]:
    """Return the rows with every span filled in, so that a column is the same place in each."""
    rows: list[list[Cell]] = []
    hanging: dict[int, tuple[int, Cell]] = {}
    cells = 0
    for number, row in enumerate(table.iter("tr")):
        if next(row.iterancestors("table"), None) is not table:
            continue
        line: list[Cell] = []
        for element in row:
            if element.tag not in ("td", "th"):
                continue
            _fill(line, hanging)
            cell = _cell(element, number * MAX_SPAN + len(line))
            down = _span(element, "rowspan")
            for _ in range(_span(element, "colspan") if len(line) < MAX_SPAN else 0):
                if down > 1:
                    hanging[len(line)] = (down - 1, cell)
                line.append(cell)
            cells += len(line)
        _fill(line, hanging)
        rows.append(line)
        if cells > _MAX_CELLS:
            break
    return [row for row in rows if row]


def _fill(line: list[Cell], hanging: dict[int, tuple[int, Cell]]) -> None:
    while len(line) in hanging:
        left, cell = hanging[len(line)]
        if left > 1:
            hanging[len(line)] = (left - 1, cell)
        else:
            del hanging[len(line)]
        line.append(cell)


def _span(element: _Element, name: str) -> int:
    value = element.get(name, "1").strip()
    return max(1, min(int(value), MAX_SPAN)) if value.isdecimal() and len(value) < 9 else 1


def _cell(element: _Element, identity: int) -> Cell:
    points = [spans_of(point) for point in element.iter("li")]
    return Cell(
        spans_of(element),
        tuple(points),
        line_of(element),
        identity,
        head=element.tag == "th",
    )
