"""The format of a file: formats that are read, and advice for formats that are not, one row each; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from enrich.lists import bibliographies, evidence, tabular, walker
from enrich.lists.drafts import Context, Draft
from enrich.model import Enriched, EnrichError, Entry, Link, LinkKind, Place
from enrich.text import listing, markers, venues

_BY_SUFFIX = {"bib": "bibtex", "bibtex": "bibtex", "json": "csl", "csl": "csl", "csv": "csv", "tsv": "csv"}
_MARKDOWN = ("md", "markdown", "mdown", "mkd", "mdx", "qmd", "rmd")
_CONVERT = "convert it with `pandoc -t gfm -o list.md {}` and import list.md"

_DOCBOOK = "convert it with `asciidoctor -b docbook5 {0}` and `pandoc -f docbook -t gfm`, and import the result"

# Formats that are not read: suffixes, a pattern of the text, the name, and what to do.
REFUSED = (
    (("rst", "rest"), r"(?m)^\.\. [\w-]+::|`[^`\n<]{1,300}<https?://[^>\n]{1,300}>`_", "reStructuredText", _CONVERT),
    (("org",), r"\[\[https?://[^\]\n]{1,300}\]\[", "Org", _CONVERT),
    (("adoc", "asciidoc", "asc"), r"(?m)^= \S|https?://[^\s\[\]]{1,300}\[[^\]\n]", "AsciiDoc", _DOCBOOK),
    (
        ("tex", "latex", "ltx"),
        r"\\documentclass|\\begin\{(?:document|itemize|thebibliography)\}",
        "LaTeX",
        "import its .bib file instead",
    ),
    (("html", "htm", "xhtml"), r"(?i)\A\s{0,99}(?:<!doctype html|<html[\s>])", "an HTML page", _CONVERT),
    (("pdf", "docx", "odt", "epub"), r"\A%PDF-", "not a text file", "export it as Markdown, BibTeX or CSV"),
    (
        ("xml", "ris", "enw", "nbib"),
        r"(?m)^TY  - ",
        "another bibliography format",
        "export your library as BibTeX or CSL-JSON",
    ),
)
_HEADING = re.compile(r"(#{2,6}) (.+)")
_LONGEST_AUTHOR = 8
"""Words; a longer text is not a name."""
_KINDS = {kind.value: kind for kind in LinkKind}
_VERSION = re.compile(r"(?m)^version: ")
_ENTRIES = re.compile(r"(?m)^entries:")


def read_any(
    text: str, path: str, base_url: str | None = None, columns: Mapping[str, str] | None = None
) -> tuple[Entry, ...]:
    """Return the entries of a list in any format that is read: Markdown, BibTeX, CSL-JSON, CSV.

    Args:
        text: the list.
        path: its path; the suffix determines the format, else the text does.
        base_url: what relative links are resolved against.
        columns: for CSV, mapping of fields to the headers of their columns.

    Raises:
        EnrichError: the format is not read, or the text is not what its suffix says.
    """
    known = format_of(text, path)
    if known == "bibtex":
        return bibliographies.read_bibtex(text, path)
    if known == "csl":
        return bibliographies.read_csl(text, path)
    if known == "csv":
        return tabular.read_csv(text, path, columns)
    text = markers.without_regions(text)
    return _read_exported(text, path) or walker.read(text, path, base_url)


def unread(text: str, path: str) -> list[str]:
    """Return a sentence about each invalid item of a list, which was left out or read in part."""
    return bibliographies.malformed_bibtex(text, path) if format_of(text, path) == "bibtex" else []


def has_list_suffix(name: str) -> bool:
    """Return whether a file's name has the suffix of a list that can be read."""
    return name.rpartition(".")[2].lower() in (*_BY_SUFFIX, *_MARKDOWN)


def format_of(text: str, path: str) -> str:
    """Return the format of a file: `markdown`, `bibtex`, `csl` or `csv`.

    Raises:
        EnrichError: it has another format; the message says what to do.
    """
    suffix = path.rpartition("/")[2].rpartition(".")[2].lower() if "." in path.rpartition("/")[2] else ""
    head = text[:20_000]
    if suffix in ("yaml", "yml"):
        raise EnrichError(_about_yaml(head, path))
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    refused = next((row for row in REFUSED if suffix in row[0]), None)
    if refused is None and suffix not in _MARKDOWN:
        refused = next((row for row in REFUSED if re.search(row[1], head)), None)
    if refused is not None:
        raise EnrichError(f"{path} is {refused[2]}, which `enrich import` does not read; {refused[3].format(path)}")
    if suffix not in _MARKDOWN:
        if re.match(r"\s*@\w+\s*[{(]", head):
            return "bibtex"
        if re.match(r"\s*\[\s*\{\s*\"", head):
            return "csl"
        if _is_catalog(head):
            raise EnrichError(_about_yaml(head, path))
    return "markdown"


def _is_catalog(head: str) -> bool:
    return _VERSION.search(head) is not None and _ENTRIES.search(head) is not None


def _about_yaml(head: str, path: str) -> str:
    if _is_catalog(head):
        return f"{path} is a catalog already; import lists into it with `enrich import LIST -o {path}`"
    return f"{path} is YAML, which `enrich import` does not read; export it as CSV and import that"


def _read_exported(text: str, name: str) -> tuple[Entry, ...] | None:
    """Return the entries of a list that enrich wrote; None if any line has another form."""
    if "](<" not in text:
        return None
    found: list[Entry] = []
    path: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if heading := _HEADING.fullmatch(line):
            path = [*path[: len(heading[1]) - 2], listing.unescaped(heading[2])]
        elif line.strip():
            item = listing.read_item(line)
            entry = _entry(item, " / ".join(path), Place(name, number)) if item else None
            if entry is None:
                return None
            found.append(entry)
    return tuple(found)


def _entry(item: listing.Listed, section: str, place: Place) -> Entry | None:
    if any(link.kind not in _KINDS for link in item.links) or not _are_authors(item):
        return None
    entry = Entry(
        key="",
        name=item.name or None,
        title=item.title or None,
        venue=item.venue or None,
        sections=(section,) if section else (),
        remarks=item.remarks or None,
        links=tuple(Link(link.url, _KINDS[link.kind], link.label, place) for link in item.links),
        own=Enriched(authors=item.authors if item.complete else (), year=int(item.year) if item.year else None),
        place=place,
    )
    nameless = replace(entry, title=None)
    if not item.name and entry.links and re.fullmatch(rf"{re.escape(evidence.slug(nameless))}(?:-\d+)?", item.title):
        # An entry with neither name nor title is listed by its key.
        entry = nameless
    carried = None if item.carried is None else item.links[item.carried]
    title_kind = _KINDS[carried.kind] if carried and (item.title or carried.label == item.name) else None
    return replace(entry, type=_draft(entry, title_kind).type())


def _are_authors(item: listing.Listed) -> bool:
    """Whether what is given as authors is neither prose nor a venue, as it may be in a list of a similar style."""
    if any(len(author.split()) > _LONGEST_AUTHOR for author in item.authors):
        return False
    return bool(item.venue) or not any(map(venues.venue_in, item.authors))


def _draft(entry: Entry, title_kind: LinkKind | None) -> Draft:
    """Return the entry in the making, which knows what it is an entry of."""
    return Draft(
        Context(
            entry.place.path if entry.place else "", tuple(entry.sections[0].split(" / ")) if entry.sections else ()
        ),
        entry.place.line if entry.place else 1,
        name=entry.name,
        title=entry.title,
        venue=entry.venue,
        year=entry.own.year,
        links=list(entry.links),
        authors=entry.own.authors,
        title_kind=title_kind,
    )
