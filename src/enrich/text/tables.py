"""Tables as text: the rows and cells of CSV and TSV (RFC 4180), with their places; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

DELIMITERS = ",;\t|"
# An alternative is empty because of https://github.com/python/cpython/issues/106052.
_CELLS = {
    delimiter: re.compile(
        r'(?:"(?P<quoted>(?:[^"]++|""|)*+)(?:"|\Z))?'
        rf"(?P<rest>[^{delimiter}\r\n]*+)(?P<end>{re.escape(delimiter)}|\r\n|\r|\n|\Z)"
    )
    for delimiter in DELIMITERS
}
_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell without its quotes, and where it starts: the offset and the line, which counts from 1."""

    text: str
    start: int
    line: int


def rows_of(text: str) -> Iterator[list[Cell]]:
    """Yield the rows of a table; the delimiter is the most frequent of the first line.

    An open quote reaches to the end of the text, and a quote inside an unquoted cell is a letter, as for the `csv`
    module. An empty line is an empty row.
    """
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    row: list[Cell] = []
    line = 1
    for match in _CELLS[delimiter].finditer(text):
        if match.start() == len(text) and not row:
            return
        quoted, rest = match["quoted"], match["rest"]
        whole = rest if quoted is None else quoted.replace('""', '"') + rest
        row.append(Cell(whole, match.start() if quoted is None else match.start() + 1, line))
        line += len(_BREAK.findall(match[0]))
        if match["end"] != delimiter:
            yield [] if len(row) == 1 and not match[0].strip("\r\n") else row
            row = []
