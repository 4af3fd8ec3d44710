"""Tables of any shape to drafts of entries: what each column holds is read from its head, else from its cells; pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from enrich import identifiers
from enrich.lists import decoration, grid, items, phrases, pieces, tails, titles, words
from enrich.lists.drafts import Context, Draft
from enrich.lists.grid import Cell
from enrich.lists.pieces import Piece, squeeze, text_of
from enrich.lists.words import Role
from enrich.model import EntryType, LinkKind

if TYPE_CHECKING:
    from lxml.etree import _Element

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


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds; `kind` is the kind of its links where its head says so."""

    role: Role
    head: str
    kind: LinkKind | None = None


def read(table: _Element, context: Context) -> list[Draft]:
    """The entries of a table, row by row; a row that spans the table is a heading for those below it."""
    rows = grid.read(table)
    heads = _count_heads(rows)
    columns = _columns(rows[:heads], rows[heads:], context)
    drafts: list[Draft] = []
    section = context
    for row in rows[heads:]:
        if len({cell.identity for cell in row}) == 1 and len(columns) > 1 and not row[0].links(context):
            section = (
                replace(context, sections=(*context.sections, decoration.clean(row[0].text)))
                if row[0].text
                else context
            )
        elif row and not all(cell.head for cell in row):
            drafts.extend(_row(row, columns, section))
    return drafts


def _count_heads(rows: list[list[Cell]]) -> int:
    """How many rows are heads: those of `th`, else a first row (with its spans) that the vocabulary knows."""
    if not rows:
        return 0
    marked = next((place for place, row in enumerate(rows) if not all(cell.head for cell in row)), len(rows))
    if marked:
        return marked
    known = [words.role_of(cell.text)[0] for cell in rows[0] if not any(piece.url for piece in cell.pieces)]
    if sum(role is not None for role in known) < 2:
        return 0
    first = {cell.identity for cell in rows[0]}
    return 1 + next((place for place, row in enumerate(rows[1:]) if not first & {cell.identity for cell in row}), 0)


def _columns(heads: list[list[Cell]], body: list[list[Cell]], context: Context) -> list[Column]:
    width = max((len(row) for row in [*heads, *body]), default=0)
    columns = []
    for place in range(min(width, grid.MAX_SPAN)):
        texts = dict.fromkeys(row[place].text for row in heads if place < len(row))
        head = decoration.clean(" ".join(text for text in texts if text))
        last = next((decoration.clean(text) for text in reversed(texts) if text), "")
        role, kind = words.role_of(last)
        cells = [row[place] for row in body[:200] if place < len(row)]
        columns.append(Column(role or (_role_by_content(cells, context) if not heads else Role.UNKNOWN), head, kind))
    return _named(columns, body, context, headed=bool(heads))


def _named(columns: list[Column], body: list[list[Cell]], context: Context, *, headed: bool) -> list[Column]:
    """The columns with one of them taken for the name or title, where no head says which it is."""
    columns = [
        replace(column, role=Role.NAME) if column.role is Role.TITLE and _holds_names(body, place) else column
        for place, column in enumerate(columns)
    ]
    roles = {column.role for column in columns}
    if roles & {Role.NAME, Role.TITLE}:
        return columns
    papers = [place for place, column in enumerate(columns) if column.role is Role.PAPER]
    if any(_holds_titles([row[place] for row in body[:200] if place < len(row)], context) for place in papers):
        return columns
    for place, column in enumerate(columns):
        cells = [row[place] for row in body[:200] if place < len(row) and row[place].text]
        known = headed and column.role is not Role.UNKNOWN
        if known or not cells or words.role_of(column.head)[0] is not None:
            continue
        lettered = sum(bool(re.search(r"[^\W\d]{2}", cell.text)) and not _only_labels(cell, context) for cell in cells)
        if 2 * lettered > len(cells):
            long = sum(len(cell.text.split()) >= 4 for cell in cells) * 2 > len(cells)
            return [*columns[:place], replace(column, role=Role.TITLE if long else Role.NAME), *columns[place + 1 :]]
    return columns


def _holds_names(body: list[list[Cell]], place: int) -> bool:
    """Whether most cells of a column are a word or two: names, whatever its head says."""
    filled = [row[place].text for row in body[:200] if place < len(row) and row[place].text]
    return 2 * sum(phrases.length(text) <= 3 for text in filled) > len(filled)


def _holds_titles(cells: list[Cell], context: Context) -> bool:
    filled = [cell for cell in cells if cell.text]
    return 2 * sum(not _only_labels(cell, context) for cell in filled) > len(filled)


def _only_labels(cell: Cell, context: Context) -> bool:
    links = cell.links(context)
    rest = text_of(piece for piece in cell.pieces if piece.url is None)
    return bool(links) and all(words.is_label(piece.text) for piece in links) and not re.search(r"[^\W\d]{2}", rest)


def _role_by_content(cells: list[Cell], context: Context) -> Role:
    """What cells without a head hold, by the most of them."""
    filled = [cell for cell in cells if cell.text or cell.links(context)]
    votes = Counter(
        Role.LINKS
        if _only_labels(cell, context)
        else Role.YEAR
        if phrases.just_year(cell.text)
        else Role.VENUE
        if phrases.venue_of(cell.text)
        else Role.AUTHORS
        if len(phrases.authors_of(cell.text)) > 1
        else Role.TAGS
        if decoration.marks(cell.text)
        else Role.UNKNOWN
        for cell in filled
    )
    role, count = votes.most_common(1)[0] if votes else (Role.UNKNOWN, 0)
    return role if 2 * count > len(filled) else Role.UNKNOWN


def _row(row: list[Cell], columns: list[Column], context: Context) -> list[Draft]:
    pairs = list(zip(columns, row, strict=False))
    several = _several(pairs, context)
    if several:
        return several
    draft = Draft(context, row[0].line)
    for column, cell in pairs:
        _FILL.get(column.role, _fill_unknown)(draft, column, cell)
    if draft.name or draft.title:
        return [draft]
    known = any(link.kind is LinkKind.PAPER and identifiers.of_url(link.url) for link in draft.links)
    return [draft] if known else []


def _several(pairs: list[tuple[Column, Cell]], context: Context) -> list[Draft]:
    """The entries of a row that lists several papers in one cell; the row's name is then what they have in common."""
    for column, cell in pairs:
        if column.role not in (Role.TITLE, Role.PAPER):
            continue
        lines = list(cell.points) if len(cell.points) > 1 else [tuple(line) for line in pieces.lines(cell.pieces)]
        titled = [
            line
            for line in lines
            if any(titles.usable(piece, context) and not words.is_label(piece.text) for piece in line)
        ]
        if len(titled) < 2:
            continue
        common = [
            decoration.clean(other.text) for head, other in pairs if head.role in (Role.NAME, Role.TAGS) and other.text
        ]
        below = replace(context, sections=(*context.sections, *common[:1]))
        return [draft for line in titled for draft in items.parse(list(line), below)]
    return []


def _fill_name(draft: Draft, column: Column, cell: Cell) -> None:
    if draft.name:
        _fill_unknown(draft, column, cell)
        return
    text, tags = _words_of(cell)
    draft.tag(tags)
    long = len(text.split()) > 6 or (": " in text and len(text.split()) > 3)
    (_set_title if long else _set_name)(draft, text)
    heads = words.plain(column.head).split()
    known = [_SOFTWARE_HEADS[word] for head in heads for word in (head, head.rstrip("s")) if word in _SOFTWARE_HEADS]
    draft.hint = draft.hint or next(iter(known), None)
    _fill_links(draft, column, cell, own=True)


def _fill_title(draft: Draft, column: Column, cell: Cell) -> None:
    text, tags = _words_of(cell)
    draft.tag(tags)
    if text:
        _set_title(draft, text)
        _fill_below(draft, cell)
    _fill_links(draft, column, cell, own=True)


def _fill_below(draft: Draft, cell: Cell) -> None:
    """Read authors and venue from the lines below a title in its cell."""
    for line in pieces.lines(cell.pieces)[1:]:
        text = text_of(line)
        if found := phrases.authors_of(text):
            draft.authors = draft.authors or found
        elif venue := phrases.venue_of(text):
            draft.venue = draft.venue or venue


def _set_name(draft: Draft, text: str) -> None:
    draft.call(text, as_name=True)


def _set_title(draft: Draft, text: str) -> None:
    if draft.title is None:
        name, draft.name = draft.name, None
        draft.call(text)
        draft.title, draft.name = draft.title or draft.name, name


def _fill_paper(draft: Draft, column: Column, cell: Cell) -> None:
    if venue := phrases.venue_of(cell.text):
        draft.venue = draft.venue or venue
    elif cell.text and not _only_labels(cell, draft.context) and not words.is_label(cell.text):
        text, tags = _words_of(cell)
        draft.tag(tags)
        if draft.name is None and draft.title is None and len(text.split()) == 1:
            _set_name(draft, text)
        else:
            _set_title(draft, text)
            _fill_below(draft, cell)
    _fill_links(draft, replace(column, kind=column.kind or LinkKind.PAPER), cell)


def _fill_venue(draft: Draft, _column: Column, cell: Cell) -> None:
    tags, text = decoration.without_emoji(cell.text)
    draft.tag(tags)
    text = squeeze(text)
    if text and not phrases.is_nothing(text):
        if year := phrases.just_year(text):
            draft.year = draft.year or year
        elif draft.venue is None:
            draft.venue = text.strip(" ,;")
        elif text not in draft.venue:
            draft.venue = f"{draft.venue}, {text}"
    for piece in cell.links(draft.context):
        shown = words.kind_of_url(piece.url or "")
        draft.link(
            piece.url or "", piece.text, piece.line, LinkKind.PAPER if shown is LinkKind.PAPER else LinkKind.VENUE
        )


def _fill_year(draft: Draft, _column: Column, cell: Cell) -> None:
    found = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", cell.text)
    if found:
        draft.year = int(found[0])
        rest = squeeze(cell.text.replace(found[0], " ")).strip(" ,.-/()'")
        if (
            draft.venue is None
            and re.search(r"[A-Za-z]{3}", rest)
            and phrases.venue_of(cell.text)
            and not _is_month(rest)
        ):
            draft.venue = cell.text
    elif cell.text and draft.venue is None and phrases.venue_of(cell.text):
        draft.venue = cell.text


def _is_month(text: str) -> bool:
    return text[:3].lower() in ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _fill_institutions(draft: Draft, column: Column, cell: Cell) -> None:
    if cell.points:
        texts = [text_of(point) for point in cell.points]
        draft.institutions.extend(text.strip(" ,;") for text in texts if not phrases.is_nothing(text))
    else:
        for line in pieces.lines(cell.pieces):
            draft.institutions.extend(phrases.institutions_of(decoration.without_emoji(text_of(line))[1]))
    for piece in cell.links(draft.context):
        draft.link(piece.url or "", piece.text, piece.line, LinkKind.OTHER if column.kind is None else column.kind)


def _fill_authors(draft: Draft, column: Column, cell: Cell) -> None:
    text = ", ".join(text_of(point) for point in cell.points) if cell.points else cell.text
    draft.authors = draft.authors or phrases.authors_of(text)
    if text and not draft.authors:
        draft.remark(f"{column.head}: {text}")
    _fill_links(draft, replace(column, kind=LinkKind.HOMEPAGE), cell)


def _fill_abstract(draft: Draft, column: Column, cell: Cell) -> None:
    draft.abstract = draft.abstract or cell.text or None
    _fill_links(draft, column, cell)


def _fill_tags(draft: Draft, column: Column, cell: Cell) -> None:
    tags, text = decoration.without_emoji(cell.text)
    draft.tag(tags)
    draft.tag(
        decoration.marks(squeeze(text))
        or [tag for tag in re.split(r"\s*[,;；，、]\s*", squeeze(text)) if not phrases.is_nothing(tag)]
    )
    _fill_links(draft, column, cell)


def _fill_remarks(draft: Draft, column: Column, cell: Cell) -> None:
    if not _only_labels(cell, draft.context):
        text = "; ".join(text_of(point) for point in cell.points) if len(cell.points) > 1 else cell.text
        draft.remark(text)
    notes = LinkKind.NOTES if column.kind is LinkKind.NOTES else None
    _fill_links(draft, replace(column, kind=notes), cell)


def _fill_links(draft: Draft, column: Column, cell: Cell, *, own: bool = False) -> None:
    """Take a cell's links; the label decides what each is, then its host, then the column's head."""
    badges = []
    for piece in cell.pieces:
        if piece.url is None:
            continue
        if piece.badge:
            badges.append(piece)
            continue
        kind = _kind_in_column(piece, column)
        added = draft.link(piece.url, piece.text or column.head, piece.line, kind)
        if own and added and draft.title_kind is None:
            draft.title_kind = added
    tails.take_badges(badges, draft)


def _kind_in_column(piece: Piece, column: Column) -> LinkKind:
    said = words.kind_of_label(piece.text) if words.is_label(piece.text) else None
    if said not in (None, LinkKind.OTHER):
        return said
    shown = words.kind_of_url(piece.url or "")
    if column.kind not in (None, LinkKind.OTHER):
        return column.kind
    return shown


def _fill_nothing(_draft: Draft, _column: Column, _cell: Cell) -> None:
    """A column about the curator: neither its words nor its links are the entry's."""


def _fill_unknown(draft: Draft, column: Column, cell: Cell) -> None:
    text = decoration.without_emoji(cell.text)[1]
    draft.tag(decoration.marks(squeeze(text)))
    if re.search(r"[^\W\d_]{2}", text) and not _only_labels(cell, draft.context):
        draft.remark(f"{column.head}: {squeeze(text)}." if column.head else text)
    _fill_links(draft, column, cell)


def _words_of(cell: Cell) -> tuple[str, list[str]]:
    """A name or title cell's text without badges, code-styled marks and further lines, and those marks."""
    first = pieces.lines(cell.pieces)
    line = next((line for line in first if text_of(line)), [])
    marks = [squeeze(piece.text).strip(" .") for piece in line if piece.strong and piece.code]
    text = text_of(piece for piece in line if not (piece.strong and piece.code))
    return ("" if phrases.is_nothing(text) else text), marks


_FILL = {
    Role.NAME: _fill_name,
    Role.TITLE: _fill_title,
    Role.PAPER: _fill_paper,
    Role.VENUE: _fill_venue,
    Role.YEAR: _fill_year,
    Role.INSTITUTIONS: _fill_institutions,
    Role.AUTHORS: _fill_authors,
    Role.ABSTRACT: _fill_abstract,
    Role.TAGS: _fill_tags,
    Role.REMARKS: _fill_remarks,
    Role.LINKS: _fill_links,
    Role.CURATOR: _fill_nothing,
}
