"""What the cells of a table's columns give to the draft of their row; one function a role; pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from enrich import identifiers
from enrich.lists import decoration, items, linking, words
from enrich.lists.drafts import Draft
from enrich.lists.grid import Cell
from enrich.lists.institutions import institutions_of
from enrich.lists.reading import COUNTERS, Reading
from enrich.lists.spans import Span, lines_of, text_of
from enrich.lists.words import Role
from enrich.model import EntryType, LinkKind
from enrich.text import dates, people, spacing, venues
from enrich.text.spacing import squeeze

_SOFTWARE_HEADS = {
    "framework": EntryType.FRAMEWORK,
    "library": EntryType.FRAMEWORK,
    "platform": EntryType.FRAMEWORK,
    "tool": EntryType.FRAMEWORK,
    "toolkit": EntryType.FRAMEWORK,
    "software": EntryType.FRAMEWORK,
    "project": EntryType.FRAMEWORK,
    "repository": EntryType.REPOSITORY,
    "dataset": EntryType.DATASET,
    "benchmark": EntryType.BENCHMARK,
    "框架": EntryType.FRAMEWORK,
    "工具": EntryType.FRAMEWORK,
    "平台": EntryType.FRAMEWORK,
    "数据集": EntryType.DATASET,
}


# Heads under which a few words beside a name are a journal rather than a title.
_OF_VENUES = ("publication", "publications", "pub", "published")


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds; `kind` is the kind of its links where its head says so."""

    role: Role
    head: str
    kind: LinkKind | None = None


def name(draft: Draft, column: Column, cell: Cell) -> None:
    """Take a cell of a column of names; a long text is a title."""
    if draft.name or draft.title:
        unknown(draft, column, cell)
        return
    heads = words.label_words(column.head).split()
    known = [_SOFTWARE_HEADS[word] for head in heads for word in (head, head.rstrip("s")) if word in _SOFTWARE_HEADS]
    draft.hint = draft.hint or next(iter(known), None)
    _take(draft, column, cell, as_name=True)


def title(draft: Draft, column: Column, cell: Cell) -> None:
    """Take a cell of a column of titles."""
    if draft.title:
        unknown(draft, column, cell)
    else:
        _take(draft, column, cell)


def paper(draft: Draft, column: Column, cell: Cell) -> None:
    """Take a cell of a column of papers: a title, a citation, a venue, or labelled links alone."""
    column = replace(column, kind=column.kind or LinkKind.PAPER)
    named = venues.venue_in(cell.text)
    if draft.title and named is None and _presents_another(draft, cell):
        reading = Reading(cell.spans, draft.context)
        draft.extras.extend(items.parse(reading))
        return
    if named is None and draft.name and words.label_words(column.head) in _OF_VENUES and len(cell.text.split()) <= 4:
        named = cell.text if not only_labels(cell, draft) else None
    if named:
        draft.venue = draft.venue or named
        links(draft, column, cell)
    elif cell.text and not only_labels(cell, draft) and not words.is_label(cell.text) and draft.title is None:
        _take(draft, column, cell)
    else:
        links(draft, column, cell)


def _presents_another(draft: Draft, cell: Cell) -> bool:
    """Whether a cell links another paper than the row's by its title."""
    known = {name for link in draft.links for name in linking.of_paper(link.url)}
    named = [span for span in cell.spans if span.url and linking.names_paper(span.url, span.text)]
    return bool(named) and all(
        not known & set(linking.of_paper(span.url or ""))
        and words.label_words(span.text) != words.label_words(draft.title or "")
        for span in named
    )


def _take(draft: Draft, column: Column, cell: Cell, *, as_name: bool = False) -> None:
    """Read a cell that calls the row's item, with all that stands beside its title."""
    reading = Reading(cell.spans, draft.context, whole=column.role is Role.TITLE)
    if reading.title() is None:
        if cell.text and not only_labels(cell, draft) and not spacing.is_nothing(cell.text):
            draft.call(_first_line(cell), as_name=as_name and len(cell.text.split()) <= 6)
        links(draft, column, cell, own=True)
        return
    own = Draft(draft.context, draft.line)
    extras = items.take(reading, own)
    draft.extras.extend(extras)
    text = own.title or own.name or ""
    if as_name and own.title and own.name is None and not _is_long(own.title):
        own.name, own.title = own.title, None
    elif not as_name and draft.name and own.title is None and own.name and column.role is not Role.PAPER:
        own.name, own.title = None, own.name
    elif draft.name and own.name and own.title is None and matching_name(draft.name, own.name):
        own.name = None
    if text:
        draft.line = own.line
    draft.absorb(own)
    links(draft, column, cell, own=True)


def matching_name(one: str, two: str) -> bool:
    """Whether two names are the same but for case and punctuation."""
    return words.label_words(one) == words.label_words(two)


def _is_long(text: str) -> bool:
    return len(text.split()) > 6 or (": " in text and len(text.split()) > 3)


def _first_line(cell: Cell) -> str:
    return next((text for line in lines_of(cell.spans) if (text := text_of(line))), "")


def venue(draft: Draft, _column: Column, cell: Cell) -> None:
    """Take a cell of a column of venues."""
    tags, text = decoration.without_emoji(cell.text or _badges(cell))
    draft.tag(tags)
    text = squeeze(text)
    if text and not spacing.is_nothing(text):
        if year := dates.year_of_date(text):
            draft.year = draft.year or year
        elif draft.venue is None:
            draft.venue = text.strip(" ,;")
        elif text not in draft.venue:
            draft.venue = f"{draft.venue}, {text}"
    for span in cell.links(draft.context):
        shown = words.kind_of_url(span.url or "")
        draft.link(span.url or "", span.text, span.line, LinkKind.PAPER if shown is LinkKind.PAPER else LinkKind.VENUE)


def _badges(cell: Cell) -> str:
    return " ".join(span.text for span in cell.spans if span.badge and venues.venue_in(span.text))


def year(draft: Draft, _column: Column, cell: Cell) -> None:
    """Take a cell of a column of years or dates, which may hold a venue as well."""
    found = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", cell.text)
    if found:
        draft.year = int(found[0])
        rest = squeeze(cell.text.replace(found[0], " ")).strip(" ,.-/()'")
        named = re.search(r"[A-Za-z]{3}", rest) and venues.venue_in(cell.text) and not dates.is_month(rest)
        if draft.venue is None and named and dates.year_of_date(cell.text) is None:
            draft.venue = cell.text
    elif cell.text and draft.venue is None and venues.venue_in(cell.text):
        draft.venue = cell.text


def institutions(draft: Draft, column: Column, cell: Cell) -> None:
    """Take a cell of a column of institutions."""
    if cell.points:
        texts = [text_of(point) for point in cell.points]
        draft.institutions.extend(text.strip(" ,;") for text in texts if not spacing.is_nothing(text))
    else:
        for line in lines_of(cell.spans):
            draft.institutions.extend(institutions_of(decoration.without_emoji(text_of(line))[1]))
    for span in cell.links(draft.context):
        draft.link(span.url or "", span.text, span.line, LinkKind.OTHER if column.kind is None else column.kind)


def authors(draft: Draft, column: Column, cell: Cell) -> None:
    """Take a cell of a column of authors; their pages are not the paper's links."""
    text = ", ".join(text_of(point) for point in cell.points) if cell.points else cell.text
    found = people.people_in(text)
    draft.authors = draft.authors or (found.listed if found else ())
    if text and found is None and not spacing.is_nothing(text):
        draft.remark(f"{column.head}: {text}")


def abstract(draft: Draft, column: Column, cell: Cell) -> None:
    """Take a cell of a column of abstracts."""
    draft.abstract = draft.abstract or cell.text or None
    links(draft, column, cell)


def tags(draft: Draft, column: Column, cell: Cell) -> None:
    """Take a cell of a column of tags, words or signs."""
    found, text = decoration.without_emoji(cell.text)
    draft.tag(found)
    draft.tag(
        decoration.marks(squeeze(text))
        or [tag for tag in re.split(r"\s*[,;；，、]\s*", squeeze(text)) if not spacing.is_nothing(tag)]
    )
    links(draft, column, cell)


def remarks(draft: Draft, column: Column, cell: Cell) -> None:
    """Take a cell of a column of remarks."""
    if not only_labels(cell, draft):
        draft.remark("; ".join(text_of(point) for point in cell.points) if len(cell.points) > 1 else cell.text)
    notes = LinkKind.NOTES if column.kind is LinkKind.NOTES else None
    links(draft, replace(column, kind=notes), cell)


def links(draft: Draft, column: Column, cell: Cell, *, own: bool = False) -> None:
    """Take a cell's links; the label decides what each is, then its host, then the column's head."""
    for span in cell.spans:
        if span.url is None:
            continue
        url = COUNTERS.sub("", span.url) if span.badge else span.url
        if span.badge and (not words.is_external(url) or words.is_furniture(url)):
            continue
        label = span.text if not span.badge or words.is_label(span.text) else ""
        added = draft.link(url, label or column.head, span.line, _kind_in_column(label, url, column))
        if own and added and draft.title_kind is None:
            draft.title_kind = added
    for identifier in identifiers.of_text(cell.text) if len(cell.text) < 60 else ():
        draft.identify(identifier, cell.line)


def _kind_in_column(label: str, url: str, column: Column) -> LinkKind:
    said = words.kind_of_label(label) if label and words.is_label(label) else None
    if said not in (None, LinkKind.OTHER):
        return said
    shown = words.kind_of_url(url)
    if column.kind not in (None, LinkKind.OTHER) and (shown is LinkKind.OTHER or column.kind is not LinkKind.PAPER):
        return column.kind
    return shown


def only_labels(cell: Cell, draft: Draft) -> bool:
    """Whether a cell holds nothing but labelled links."""
    return holds_labels(cell, cell.links(draft.context))


def holds_labels(cell: Cell, linked: list[Span]) -> bool:
    """Whether a cell holds nothing but some links, each of which is labelled or in brackets of its own."""
    rest = text_of(span for span in cell.spans if span.url is None)
    return (
        bool(linked)
        and all(words.is_label(span.text) or span.text.startswith("[") for span in linked)
        and not re.search(r"[^\W\d]{2}", rest)
    )


def nothing(_draft: Draft, _column: Column, _cell: Cell) -> None:
    """Take nothing: neither the words nor the links of a column about the curator are the entry's."""


def unknown(draft: Draft, column: Column, cell: Cell) -> None:
    """Take a cell of a column that no vocabulary knows: a remark, and its links."""
    text = decoration.without_emoji(cell.text)[1]
    draft.tag(decoration.marks(squeeze(text)))
    if re.search(r"[^\W\d_]{2}", text) and not only_labels(cell, draft):
        found = venues.venue_in(text) if draft.venue is None else None
        if found and venues.is_venue_with_year(text):
            draft.venue = found
        else:
            draft.remark(f"{column.head}: {squeeze(text)}." if column.head else text)
    links(draft, column, cell)


FILL: dict[Role, Callable[[Draft, Column, Cell], None]] = {
    Role.NAME: name,
    Role.TITLE: title,
    Role.PAPER: paper,
    Role.VENUE: venue,
    Role.YEAR: year,
    Role.INSTITUTIONS: institutions,
    Role.AUTHORS: authors,
    Role.ABSTRACT: abstract,
    Role.TAGS: tags,
    Role.REMARKS: remarks,
    Role.LINKS: links,
    Role.CURATOR: nothing,
}
