"""The kind of document that a file is, and the links of plain text, without the parsers that `documents` needs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import unquote

from enrich.links.cells import links_of_cells
from enrich.links.urls import find_urls
from enrich.model import Link, Place

_MARKDOWN_SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mdwn", ".mkd", ".mkdn", ".mdx", ".qmd", ".rmd"})
_HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
_BIBTEX_SUFFIXES = frozenset({".bib", ".bibtex"})
_TABLE_SUFFIXES = frozenset({".csv", ".tsv"})
_HTML_START = re.compile(r"<(?:!doctype\s{1,9}html|html|head|body)\b", re.IGNORECASE)
_SEEN_AT_START = 10_000

_LINES = re.compile(r"l\d+(?:c\d+)?(?:-l\d+(?:c\d+)?)?")  # a file's lines on GitHub: #L10-L20


@dataclass(frozen=True, slots=True)
class LinkDocument:
    """What a document links to, in order, and what can be linked to in it.

    Attributes:
        links: Addresses as the author wrote them, entities decoded; relative ones are relative to the document.
        anchors: The names that a `#fragment` can have, in lower case: ids, names, and the slugs of Markdown's headings.
    """

    links: Sequence[Link]
    anchors: frozenset[str] = frozenset()

    def has_anchor(self, fragment: str) -> bool:
        """Return whether a link with this `#fragment` leads to a part of the document, as on GitHub."""
        name = unquote(fragment).partition(":~:")[0].removeprefix("user-content-").lower()
        return name in ("", "top") or name in self.anchors or _LINES.fullmatch(name) is not None


def is_markdown(path: str) -> bool:
    """Return whether a file's name says that it is Markdown."""
    return PurePath(path).suffix.lower() in _MARKDOWN_SUFFIXES


def is_html(path: str) -> bool:
    """Return whether a file's name says that it is HTML."""
    return PurePath(path).suffix.lower() in _HTML_SUFFIXES


def is_bibtex(path: str) -> bool:
    """Return whether a file's name says that it is BibTeX."""
    return PurePath(path).suffix.lower() in _BIBTEX_SUFFIXES


def is_table(path: str) -> bool:
    """Return whether a file's name says that it is CSV or TSV."""
    return PurePath(path).suffix.lower() in _TABLE_SUFFIXES


def looks_like_html(text: str) -> bool:
    """Return whether a text begins as an HTML document does."""
    start = text[:_SEEN_AT_START].lstrip()
    while start.startswith(("<!--", "<?")):  # comments, and the XML declaration
        start = start.partition("-->" if start.startswith("<!--") else "?>")[2].lstrip()
    return _HTML_START.match(start) is not None


def read_plain_text(text: str, path: str) -> LinkDocument:
    """Read plain text; everything that looks like a URL is a link."""
    return LinkDocument(find_urls(text, path))


def read_table(text: str, path: str) -> LinkDocument:
    """Read CSV or TSV; a cell that is a URL is a link, and so are URLs in the text of a cell."""
    return LinkDocument(tuple(Link(url, place=Place(path, cell.line)) for cell, url in links_of_cells(text)))
