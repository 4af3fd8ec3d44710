"""Read CSV into entries: enrich's own export, or any table whose columns are mapped to fields; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from enrich import identifiers
from enrich.lists import words
from enrich.lists.drafts import kind_of
from enrich.lists.words import ColumnRole
from enrich.model import Enriched, EnrichError, Entry, EntryType, Link, LinkKind, Place
from enrich.text import people, spacing, tables
from enrich.text.dates import full_year_in
from enrich.text.suggestions import hint

FIELDS = (
    *("key", "type", "name", "title", "authors", "year", "venue", "doi", "arxiv_id", "url"),
    *("sections", "tags", "remarks", "abstract", "institutions"),
    *("issued", "container", "volume", "issue", "pages", "publisher", "publication_type"),
)
"""The targets of `--map`, besides the kinds of links."""
_ROLES = {
    ColumnRole.TITLE: "title",
    ColumnRole.NAME: "name",
    ColumnRole.VENUE: "venue",
    ColumnRole.YEAR: "year",
    ColumnRole.AUTHORS: "authors",
    ColumnRole.INSTITUTIONS: "institutions",
    ColumnRole.ABSTRACT: "abstract",
    ColumnRole.TAGS: "tags",
    ColumnRole.REMARKS: "remarks",
    ColumnRole.PAPER: "title",
}
_SEVERAL = re.compile(r"\s*;\s*")


def read_csv(text: str, path: str, columns: Mapping[str, str] | None = None) -> tuple[Entry, ...]:
    """Return the entries of a CSV file with a header.

    Args:
        text: the file.
        path: how to call it in messages and places.
        columns: mapping of a field of enrich (`title`, `url`, `code`, ...) to the header of its column; the others
            are recognised by their headers.

    Raises:
        EnrichError: there is no column for a title or an address, or a mapped column does not exist.
    """
    rows = tables.rows_of(text)
    heads = [head.text.strip() for head in next(rows, [])]
    fields = _fields(heads, path, columns or {})
    if not {"title", "name", "url", "paper", "doi", "arxiv_id"} & set(fields.values()):
        raise EnrichError(
            f"{path}: no column for titles or links among {', '.join(heads) or 'none'}; "
            "name it: --map title=HEADER,url=HEADER"
        )
    found = []
    for row in rows:
        values: dict[str, str] = {}
        for place, field in fields.items():
            if place < len(row) and not spacing.is_nothing(value := _unquoted(row[place].text)):
                values[field] = f"{values[field]}; {value}" if field in values else value
        if any(values.get(field) for field in ("title", "name", "url", "paper", "doi", "arxiv_id")):
            found.append(_entry(values, Place(path, row[0].line)))
    return tuple(found)


def _fields(heads: list[str], path: str, columns: Mapping[str, str]) -> dict[int, str]:
    """Return the field of each column, by its place."""
    kinds = {kind.value for kind in LinkKind}
    fields: dict[int, str] = {}
    for field, head in columns.items():
        places = [place for place, name in enumerate(heads) if name.casefold() == head.casefold()]
        if field not in FIELDS and field not in kinds:
            raise EnrichError(f"--map: unknown field {field!r}; {hint(field, (*FIELDS, *sorted(kinds)))}")
        if not places:
            raise EnrichError(f"{path}: no column {head!r}; the columns are {', '.join(heads)}")
        fields[places[0]] = field
    for place, head in enumerate(heads):
        plain = head.casefold().replace(" ", "_")
        if place in fields or (plain in fields.values() and plain != "url"):
            continue
        if plain in FIELDS or plain in kinds:
            fields[place] = plain
        elif columns:
            continue
        elif plain in ("link", "links", "urls"):
            fields[place] = "url"
        else:
            role, kind = words.role_of(head)
            known = _ROLES.get(role) if role else None
            if known and known not in fields.values():
                fields[place] = known
            elif kind is not None:
                fields[place] = kind.value
    return fields


def _entry(values: Mapping[str, str], place: Place) -> Entry:
    authors = tuple(_SEVERAL.split(values["authors"])) if ";" in values.get("authors", "") else ()
    listed = values.get("type", "paper")
    known = next((kind for kind in EntryType if kind.value == listed), EntryType.PAPER)
    key, name, title = (values.get(field) for field in ("key", "name", "title"))
    return Entry(
        key=key or "",
        type=known,
        name=name,
        # An export writes the name, else the key, as the title of an entry without one.
        title=None if key and title == (name or key) else title,
        venue=values.get("venue"),
        institutions=_several(values, "institutions"),
        sections=_several(values, "sections"),
        tags=_several(values, "tags"),
        remarks=values.get("remarks"),
        links=_links(values, place),
        own=Enriched(
            authors=authors or people.authors_in(values.get("authors", "")) or _several(values, "authors"),
            abstract=values.get("abstract"),
            year=full_year_in(values.get("year", "")),
            doi=values.get("doi"),
            arxiv_id=values.get("arxiv_id"),
            issued=values.get("issued"),
            container=values.get("container"),
            volume=values.get("volume"),
            issue=values.get("issue"),
            pages=values.get("pages"),
            publisher=values.get("publisher"),
            publication_type=values.get("publication_type"),
        ),
        place=place,
    )


def _links(values: Mapping[str, str], place: Place) -> tuple[Link, ...]:
    """Return the links in the order of the column of all links; columns of one kind tell their kinds."""
    kinds = [kind for kind in LinkKind if values.get(kind.value)]
    known = {identifiers.normalise_url(url): kind for kind in reversed(kinds) for url in _several(values, kind.value)}
    links: dict[str, Link] = {}
    for field in ("url", *kinds):
        for url in _several(values, field):
            if re.match(r"https?://", url):
                same = identifiers.normalise_url(url)
                links.setdefault(same, Link(url, known.get(same) or kind_of("", url), "", place))
    return tuple(links.values())


def _several(values: Mapping[str, str], field: str) -> tuple[str, ...]:
    return tuple(filter(None, _SEVERAL.split(values[field]))) if values.get(field) else ()


def _unquoted(text: str) -> str:
    """Return a cell without the mark that prevents a spreadsheet from reading it as a formula."""
    text = text.strip()
    return text[1:] if re.match(r"'[=+\-@\t]", text) else text
