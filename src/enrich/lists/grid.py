"""A table's cells as a grid, every span filled in; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from enrich.lists.spans import Span, line_of, spans_of, text_of
from enrich.text import spacing

if TYPE_CHECKING:
    from lxml.etree import _Element

    from enrich.lists.drafts import Context

# More is a mistake or an attack: browsers stop at 1000 columns, too.
MAX_SPAN = 200
_MAX_CELLS = 5_000_000


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table as its grid sees it: a cell that spans several stands in each of them."""

    spans: tuple[Span, ...]
    points: tuple[tuple[Span, ...], ...]
    line: int
    identity: int
    head: bool = False

    @property
    def text(self) -> str:
        """What a reader sees, "" where it stands for nothing."""
        text = text_of(self.spans)
        return "" if spacing.is_nothing(text) else text

    def links(self, context: Context) -> list[Span]:
        """The cell's links that lead anywhere, relative ones among them."""
        return [span for span in self.spans if span.url and not span.badge and context.leads_out(span.url)]


def read(table: _Element) -> list[list[Cell]]:
    """The rows with every span filled in, so that a column is the same place in each."""
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
