"""Read tables of any shape into drafts of entries; the head of a column, else its cells, show what it holds; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from enrich import identifiers
from enrich.lists import decoration, items, linking, words
from enrich.lists.cutting import institutions_of
from enrich.lists.document import MAX_SPAN, Cell
from enrich.lists.drafts import Context, Draft, kind_of
from enrich.lists.reading import COUNTERS, Reading
from enrich.lists.spans import lines_of, text_of
from enrich.lists.words import ColumnRole
from enrich.model import EntryType, LinkKind
from enrich.text import dates, people, spacing, venues
from enrich.text.spacing import squeeze

_SAMPLE = 200
"""The number of rows that are read to find out what a column holds."""
_FEWEST_BESIDE_HEADING = 2
_SOFTWARE = (EntryType.FRAMEWORK, EntryType.REPOSITORY, EntryType.DATASET, EntryType.BENCHMARK)
_TOLD = frozenset(
    {
        ColumnRole.TITLE,
        ColumnRole.PAPER,
        ColumnRole.NAME,
        ColumnRole.AUTHORS,
        ColumnRole.YEAR,
        ColumnRole.TAGS,
        ColumnRole.ABSTRACT,
    }
)
_LETTERS = re.compile(r"[^\W\d_]{2}")
# Heads under which a few words beside a name are a journal rather than a title.
_OF_VENUES = ("publication", "publications", "pub", "published")


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds; `kind` is the kind of its links where its head says so, `cells` are a sample of it."""

    role: ColumnRole
    head: str
    kind: LinkKind | None = None
    cells: tuple[Cell, ...] = ()


def read_table(rows: list[list[Cell]], context: Context) -> list[Draft]:
    """Return the entries of a table, row by row; a row that spans the table is a heading for the rows below it."""
    heads = _count_heads(rows)
    columns = _columns(rows[:heads], rows[heads:], context)
    drafts: list[Draft] = []
    section = context
    for row in rows[heads:]:
        if len(columns) > 1 and (heading := _heading(row, context)) is not None:
            text = decoration.clean(heading.text)
            section = replace(context, sections=(*context.sections, text)) if text else context
        elif not heads or not all(cell.head for cell in row):
            drafts.extend(_row(row, columns, section))
    return drafts


def _heading(row: list[Cell], context: Context) -> Cell | None:
    """Return the cell that makes a row a heading: it spans the row, or alone has text, all of it bold."""
    if len({cell.identity for cell in row}) == 1:
        return None if row[0].links(context) else row[0]
    filled = [cell for cell in row if cell.text or cell.links(context)]
    written = [span for span in filled[0].spans if span.text.strip()] if len(filled) == 1 else []
    is_bold = bool(written) and all(span.strong and span.url is None for span in written)
    return filled[0] if is_bold and len(row) > _FEWEST_BESIDE_HEADING else None


def _count_heads(rows: list[list[Cell]]) -> int:
    """Return how many rows are heads: rows of `th`, else a first row (with its spans) that the vocabulary knows."""
    if not rows:
        return 0
    marked = next((place for place, row in enumerate(rows) if not all(cell.head for cell in row)), len(rows))
    if marked == 1 and any(linking.names_paper(span.url or "", span.text) for cell in rows[0] for span in cell.spans):
        # Markdown requires a head, so people without one write the first row there.
        return 0
    if marked:
        return marked
    known = [words.role_of(cell.text)[0] for cell in rows[0] if not any(span.url for span in cell.spans)]
    if sum(role is not None for role in known) < 2:
        return 0
    first = {cell.identity for cell in rows[0]}
    return 1 + next((place for place, row in enumerate(rows[1:]) if not first & {cell.identity for cell in row}), 0)


def _columns(heads: list[list[Cell]], body: list[list[Cell]], context: Context) -> list[Column]:
    width = min(max(map(len, [*heads, *body]), default=0), MAX_SPAN)
    columns = [
        _column(
            [row[place] for row in heads if place < len(row)],
            [row[place] for row in body[:_SAMPLE] if place < len(row)],
            context,
        )
        for place in range(width)
    ]
    return _named(columns, context, headed=bool(heads))


def _column(heads: list[Cell], cells: list[Cell], context: Context) -> Column:
    texts = list(dict.fromkeys(text for cell in heads if (text := cell.text)))
    role, kind = words.role_of(decoration.clean(texts[-1]) if texts else "")
    filled = tuple(cell for cell in cells if cell.text)
    if role is None:
        found = _role_by_content([cell for cell in cells if cell.text or cell.links(context)], context)
        role = found if not heads or found in (ColumnRole.VENUE, ColumnRole.YEAR) else ColumnRole.UNKNOWN
    if role is ColumnRole.TITLE and _most(filled, lambda cell: spacing.length(cell.text) <= 3):
        role = ColumnRole.NAME
    curated = role is ColumnRole.CURATOR and not any(cell.links(context) for cell in filled)
    if role not in _TOLD and not curated and _most(filled, lambda cell: _holds_title(Reading(cell.spans, context))):
        role = ColumnRole.PAPER
    return Column(role, decoration.clean(" ".join(texts)), kind, filled)


def _most(cells: Sequence[Cell], holds: Callable[[Cell], bool]) -> bool:
    """Whether more than half of some cells are not empty."""
    return 2 * sum(map(holds, cells)) > len(cells)


def _holds_title(reading: Reading) -> bool:
    """Whether a cell holds a paper's title: in quotation marks, or the text of a link to a paper."""
    title = reading.title()
    if title is None or title.length < 4 or not reading.links:
        return False
    kind = words.kind_of_url(title.first.segment.url or "")
    return title.quoted or (title.linked and kind is LinkKind.PAPER)


def _named(columns: list[Column], context: Context, *, headed: bool) -> list[Column]:
    """Return the columns with one of them as the name or title, if no head says which it is."""
    papers = [column.cells for column in columns if column.role is ColumnRole.PAPER]
    if {column.role for column in columns} & {ColumnRole.NAME, ColumnRole.TITLE} or any(
        _most(cells, lambda cell: not _holds_labels(cell, context)) for cells in papers
    ):
        return columns
    for place, column in enumerate(columns):
        known = headed and column.role is not ColumnRole.UNKNOWN
        if known or words.role_of(column.head)[0] is not None:
            continue
        if _most(column.cells, lambda cell: bool(_LETTERS.search(cell.text)) and not _holds_labels(cell, context)):
            role = (
                ColumnRole.TITLE if _most(column.cells, lambda cell: len(cell.text.split()) >= 4) else ColumnRole.NAME
            )
            return [*columns[:place], replace(column, role=role), *columns[place + 1 :]]
    return columns


def _role_by_content(cells: list[Cell], context: Context) -> ColumnRole:
    """Return what most cells of a column without a head hold."""
    votes = Counter(_role_of_cell(cell, context) for cell in cells)
    role, count = votes.most_common(1)[0] if votes else (ColumnRole.UNKNOWN, 0)
    return role if 2 * count > len(cells) else ColumnRole.UNKNOWN


def _role_of_cell(cell: Cell, context: Context) -> ColumnRole:
    tests: Iterable[tuple[ColumnRole, Callable[[], object]]] = (
        (ColumnRole.LINKS, lambda: _holds_labels(cell, context)),
        (ColumnRole.YEAR, lambda: dates.year_of_date(cell.text)),
        (ColumnRole.VENUE, lambda: venues.venue_in(cell.text)),
        (ColumnRole.AUTHORS, lambda: len(people.authors_in(cell.text)) > 1),
        (ColumnRole.TAGS, lambda: decoration.marks(cell.text)),
    )
    return next((role for role, holds in tests if holds()), ColumnRole.UNKNOWN)


def _row(row: list[Cell], columns: list[Column], context: Context) -> list[Draft]:
    pairs = list(zip(columns, row, strict=False))
    if several := _several(pairs, context):
        return several
    linked = [span.url for cell in row for span in cell.spans if span.url]
    if linked and all(url.startswith(("#", "./#")) for url in linked):
        return []
    draft = Draft(context, row[0].line)
    done: set[int] = set()
    for column, cell in pairs:
        if cell.identity not in done:
            done.add(cell.identity)
            _FILL.get(column.role, _unknown)(draft, column, cell)
    known = any(link.kind is LinkKind.PAPER and identifiers.of_url(link.url) for link in draft.links)
    return [draft, *draft.extras] if draft.name or draft.title or known else draft.extras


def _several(pairs: list[tuple[Column, Cell]], context: Context) -> list[Draft]:
    """Return the entries of a row that lists several papers in one cell; its name is then what they have in common."""
    for column, cell in pairs:
        sure = column.role in (ColumnRole.TITLE, ColumnRole.PAPER)
        if not sure and column.role not in (ColumnRole.UNKNOWN, ColumnRole.LINKS, ColumnRole.REMARKS):
            continue
        lines = cell.points if len(cell.points) > 1 else lines_of(cell.spans)
        whole = [Reading(line, context) for line in lines]
        read = [part for reading in whole for part in items.split(reading) or [reading]]
        titled = [(reading, title) for reading in read if (title := reading.title()) is not None and title.linked]
        if len(titled) < 2 or not (sure or all(_names_paper(reading, title.text) for reading, title in titled)):
            continue
        common = [
            decoration.clean(other.text) for head, other in pairs if head.role in (ColumnRole.NAME, ColumnRole.TAGS)
        ]
        below = replace(context, sections=(*context.sections, *list(filter(None, common))[:1]))
        return [draft for reading, _ in titled for draft in items.parse_item(Reading(reading.spans, below))]
    return []


def _names_paper(reading: Reading, title: str) -> bool:
    return any(linking.names_paper(part.segment.url or "", title) for part in reading.links)


def _named_cell(draft: Draft, column: Column, cell: Cell) -> None:
    """Take a cell of a column of names or titles."""
    if draft.title or (draft.name and column.role is ColumnRole.NAME):
        _unknown(draft, column, cell)
        return
    if column.role is ColumnRole.NAME and draft.hint is None:
        draft.hint = next((kind for kind in words.types_of_section(column.head) if kind in _SOFTWARE), None)
    _take(draft, column, cell)


def _paper(draft: Draft, column: Column, cell: Cell) -> None:
    """Take a cell of a column of papers: a title, a citation, a venue, or only labelled links."""
    column = replace(column, kind=column.kind or LinkKind.PAPER)
    labels = _holds_labels(cell, draft.context)
    named = venues.venue_in(cell.text)
    if draft.title and named is None and _presents_another(draft, cell):
        draft.extras.extend(items.parse_item(Reading(cell.spans, draft.context)))
        return
    if draft.name and not labels and words.label_words(column.head) in _OF_VENUES and len(cell.text.split()) <= 4:
        named = named or cell.text
    if named:
        draft.venue = draft.venue or named
    elif draft.title is None and not labels and not words.is_label(cell.text):
        _take(draft, column, cell)
        return
    _links(draft, column, cell)


def _presents_another(draft: Draft, cell: Cell) -> bool:
    """Whether a cell links the title of another paper than the row's."""
    known = {name for link in draft.links for name in linking.of_paper(link.url)}
    named = [span for span in cell.spans if span.url and linking.names_paper(span.url, span.text)]
    title = words.label_words(draft.title or "")
    return bool(named) and all(
        known.isdisjoint(linking.of_paper(span.url or "")) and words.label_words(span.text) != title for span in named
    )


def _take(draft: Draft, column: Column, cell: Cell) -> None:
    """Read a cell with the name or title of the row's item, and what is beside it."""
    as_name = column.role is ColumnRole.NAME
    reading = Reading(cell.spans, draft.context, whole=column.role is ColumnRole.TITLE)
    if reading.title() is not None:
        own = Draft(draft.context, draft.line)
        draft.extras.extend(items.take_item(reading, own))
        if as_name and own.title and own.name is None and not _is_long(own.title):
            own.name, own.title = own.title, None
        elif column.role is ColumnRole.TITLE and draft.name and own.title is None:
            own.name, own.title = None, own.name
        draft.line = own.line if own.title or own.name else draft.line
        draft.absorb(own)
    elif cell.text and not _holds_labels(cell, draft.context):
        line = Reading(next(filter(text_of, lines_of(cell.spans)), cell.spans), draft.context)
        text = items.tidy(items.visible(line, 0, len(line.flow.text)))
        draft.call(text, as_name=as_name and len(cell.text.split()) <= 6)
    _links(draft, column, cell, own=True)


def _is_long(text: str) -> bool:
    return len(text.split()) > 6 or (": " in text and len(text.split()) > 3)


def _venue(draft: Draft, _column: Column, cell: Cell) -> None:
    badges = " ".join(span.text for span in cell.spans if span.badge and venues.venue_in(span.text))
    tags, text = decoration.without_emoji(cell.text or badges)
    draft.tag(tags)
    text = squeeze(text)
    if year := dates.year_of_date(text):
        draft.year = draft.year or year
    elif draft.venue is None:
        draft.venue = text.strip(" ,;") or None
    elif text not in draft.venue:
        draft.venue = f"{draft.venue}, {text}"
    for span in cell.links(draft.context):
        shown = words.kind_of_url(span.url or "")
        draft.link(span.url or "", span.text, span.line, LinkKind.PAPER if shown is LinkKind.PAPER else LinkKind.VENUE)


def _year(draft: Draft, _column: Column, cell: Cell) -> None:
    """Take a cell of a column of years or dates, which may hold a venue as well."""
    draft.year = dates.full_year_in(cell.text) or draft.year
    if draft.venue is None and dates.year_of_date(cell.text) is None:
        draft.venue = venues.venue_in(cell.text) and cell.text


def _institutions(draft: Draft, column: Column, cell: Cell) -> None:
    if cell.points:
        texts = [text_of(point) for point in cell.points]
        draft.institutions.extend(text.strip(" ,;") for text in texts if not spacing.is_nothing(text))
    else:
        for line in lines_of(cell.spans):
            draft.institutions.extend(institutions_of(decoration.without_emoji(text_of(line))[1]))
    for span in cell.links(draft.context):
        draft.link(span.url or "", span.text, span.line, column.kind or LinkKind.OTHER)


def _authors(draft: Draft, column: Column, cell: Cell) -> None:
    """Take a cell of a column of authors; their pages are not the paper's links."""
    text = ", ".join(map(text_of, cell.points)) or cell.text
    found = people.people_in(text)
    draft.authors = draft.authors or (found.listed if found else ())
    if text and found is None:
        draft.remark(f"{column.head}: {text}")


def _abstract(draft: Draft, column: Column, cell: Cell) -> None:
    draft.abstract = draft.abstract or cell.text or None
    _links(draft, column, cell)


def _tags(draft: Draft, column: Column, cell: Cell) -> None:
    """Take a cell of a column of tags, words or signs."""
    found, text = decoration.without_emoji(cell.text)
    tags = [tag for tag in re.split(r"\s*[,;；，、]\s*", squeeze(text)) if not spacing.is_nothing(tag)]
    draft.tag((*found, *(decoration.marks(text) or tags)))
    _links(draft, column, cell)


def _remarks(draft: Draft, column: Column, cell: Cell) -> None:
    if not _holds_labels(cell, draft.context):
        draft.remark("; ".join(map(text_of, cell.points)) if len(cell.points) > 1 else cell.text)
    _links(draft, replace(column, kind=LinkKind.NOTES if column.kind is LinkKind.NOTES else None), cell)


def _links(draft: Draft, column: Column, cell: Cell, *, own: bool = False) -> None:
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
    shown = words.kind_of_url(url)
    if said not in (None, LinkKind.OTHER):
        return kind_of(label, url)
    if column.kind not in (None, LinkKind.OTHER) and (shown is LinkKind.OTHER or column.kind is not LinkKind.PAPER):
        return column.kind
    return shown


def _holds_labels(cell: Cell, context: Context) -> bool:
    """Whether a cell has only links, each labelled or in brackets."""
    linked = cell.links(context)
    rest = text_of(span for span in cell.spans if span.url is None)
    labelled = all(words.is_label(span.text) or span.text.startswith("[") for span in linked)
    return bool(linked) and labelled and not _LETTERS.search(rest)


def _unknown(draft: Draft, column: Column, cell: Cell) -> None:
    """Take a cell of an unknown column: a remark, and its links."""
    text = squeeze(decoration.without_emoji(cell.text)[1])
    draft.tag(decoration.marks(text))
    if _LETTERS.search(text) and not _holds_labels(cell, draft.context):
        if draft.venue is None and venues.is_venue_with_year(text):
            draft.venue = venues.venue_in(text)
        else:
            draft.remark(f"{column.head}: {text}." if column.head else text)
    _links(draft, column, cell)


_FILL: dict[ColumnRole, Callable[[Draft, Column, Cell], None]] = {
    ColumnRole.NAME: _named_cell,
    ColumnRole.TITLE: _named_cell,
    ColumnRole.PAPER: _paper,
    ColumnRole.VENUE: _venue,
    ColumnRole.YEAR: _year,
    ColumnRole.INSTITUTIONS: _institutions,
    ColumnRole.AUTHORS: _authors,
    ColumnRole.ABSTRACT: _abstract,
    ColumnRole.TAGS: _tags,
    ColumnRole.REMARKS: _remarks,
    ColumnRole.LINKS: _links,
    # Neither the words nor the links of a column about the curator belong to the entry.
    ColumnRole.CURATOR: lambda _draft, _column, _cell: None,
}
