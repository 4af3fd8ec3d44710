"""The links in the cells of CSV and TSV; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from enrich.links.urls import find_urls
from enrich.text.tables import Cell, rows_of

# A comma may be part of a URL that fills its cell, but separates URLs in running text.
_WHOLE = re.compile(r"\s*(?P<url>https?://(?:(?!;\s*https?://)\S)+)\s*", re.IGNORECASE)


def links_of_cells(text: str) -> Iterator[tuple[Cell, str]]:
    """Yield the URLs in the cells of a table, each with its cell."""
    for row in rows_of(text):
        for cell in row:
            yield from ((cell, url) for url in _urls(cell.text))


def cells_without_links(text: str) -> list[str]:
    """Return the cells of a table without the URLs in them, with a line end after each row."""
    found = []
    for row in rows_of(text):
        found += [_without(cell.text, _urls(cell.text)) for cell in row]
        found.append("\n")
    return found


def _urls(cell: str) -> list[str]:
    """Return the URLs in a cell: all of it if it is one, else those that any text would have."""
    whole = _WHOLE.fullmatch(cell)
    return [whole["url"]] if whole else [link.url for link in find_urls(cell, "")]


def _without(cell: str, urls: list[str]) -> str:
    rest, at = [], 0
    for url in urls:
        start = cell.index(url, at)
        rest.append(cell[at:start])
        at = start + len(url)
    return "\0".join((*rest, cell[at:]))
