"""Tables of any shape to drafts of entries: what each column holds is read from its head, else from its cells; pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from enrich import identifiers
from enrich.lists import columns as fill
from enrich.lists import decoration, grid, items, linking, recognise, words
from enrich.lists.columns import Column
from enrich.lists.drafts import Context, Draft
from enrich.lists.grid import Cell
from enrich.lists.reading import Reading
from enrich.lists.spans import lines_of
from enrich.lists.words import Role
from enrich.model import LinkKind
from enrich.text import dates, people, spacing, venues

_SAMPLE = 200
"""Rows that are looked at to tell what a column holds."""


def read(rows: list[list[Cell]], context: Context) -> list[Draft]:
    """The entries of a table, row by row; a row that spans the table is a heading for those below it."""
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
        elif row and (not heads or not all(cell.head for cell in row)):
            drafts.extend(_row(row, columns, section))
    return drafts


def _count_heads(rows: list[list[Cell]]) -> int:
    """How many rows are heads: those of `th`, else a first row (with its spans) that the vocabulary knows."""
    if not rows:
        return 0
    marked = next((place for place, row in enumerate(rows) if not all(cell.head for cell in row)), len(rows))
    if marked == 1 and any(
        span.url and linking.names_paper(span.url, span.text) for cell in rows[0] for span in cell.spans
    ):
        # Markdown wants a head: people who have none write the first row there.
        return 0
    if marked:
        return marked
    known = [words.role_of(cell.text)[0] for cell in rows[0] if not any(span.url for span in cell.spans)]
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
        if role is None:
            role = _role_by_content(cells, context)
            role = role if not heads or role in (Role.VENUE, Role.YEAR) else Role.UNKNOWN
        columns.append(Column(role, head, kind))
    columns = [_by_titles(column, place, body, context) for place, column in enumerate(columns)]
    return _named(columns, body, context, headed=bool(heads))


def _by_titles(column: Column, place: int, body: list[list[Cell]], context: Context) -> Column:
    """The column as one of papers where most of its cells hold titles, whatever its head says of them."""
    if column.role in (Role.TITLE, Role.PAPER, Role.NAME, Role.AUTHORS, Role.YEAR, Role.TAGS, Role.ABSTRACT):
        return column
    filled = [row[place] for row in body[:_SAMPLE] if place < len(row) and row[place].text]
    if not filled or (column.role is Role.CURATOR and not any(cell.links(context) for cell in filled)):
        return column
    titled = sum(_holds_title(Reading(cell.spans, context)) for cell in filled)
    return replace(column, role=Role.PAPER) if 2 * titled > len(filled) else column


def _holds_title(reading: Reading) -> bool:
    """Whether a cell holds a paper's title: in quotation marks, or the text of a link to a paper."""
    title = reading.title()
    if title is None or title.length < 4 or not reading.links:
        return False
    kind = words.kind_of_url(title.first.segment.url or "")
    return title.quoted or (title.linked and kind is LinkKind.PAPER)


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
        lettered = sum(
            bool(re.search(r"[^\W\d]{2}", cell.text)) and not fill.holds_labels(cell, cell.links(context))
            for cell in cells
        )
        if 2 * lettered > len(cells):
            long = sum(len(cell.text.split()) >= 4 for cell in cells) * 2 > len(cells)
            return [*columns[:place], replace(column, role=Role.TITLE if long else Role.NAME), *columns[place + 1 :]]
    return columns


def _holds_names(body: list[list[Cell]], place: int) -> bool:
    """Whether most cells of a column are a word or two: names, whatever its head says."""
    filled = [row[place].text for row in body[:200] if place < len(row) and row[place].text]
    return 2 * sum(spacing.length(text) <= 3 for text in filled) > len(filled)


def _holds_titles(cells: list[Cell], context: Context) -> bool:
    filled = [cell for cell in cells if cell.text]
    return 2 * sum(not fill.holds_labels(cell, cell.links(context)) for cell in filled) > len(filled)


def _role_by_content(cells: list[Cell], context: Context) -> Role:
    """What cells without a head hold, by the most of them."""
    filled = [cell for cell in cells if cell.text or cell.links(context)]
    votes = Counter(
        Role.LINKS
        if fill.holds_labels(cell, cell.links(context))
        else Role.YEAR
        if dates.year_of_date(cell.text)
        else Role.VENUE
        if venues.venue_in(cell.text)
        else Role.AUTHORS
        if len(people.authors_in(cell.text)) > 1
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
    linked = [span.url for cell in row for span in cell.spans if span.url]
    if linked and all(url.startswith(("#", "./#")) for url in linked):
        return []
    draft = Draft(context, row[0].line)
    done: set[int] = set()
    for column, cell in pairs:
        if cell.identity not in done:
            done.add(cell.identity)
            fill.FILL.get(column.role, fill.unknown)(draft, column, cell)
    if draft.name or draft.title:
        return [draft, *draft.extras]
    known = any(link.kind is LinkKind.PAPER and identifiers.of_url(link.url) for link in draft.links)
    return [draft, *draft.extras] if known else draft.extras


def _several(pairs: list[tuple[Column, Cell]], context: Context) -> list[Draft]:
    """Return the entries of a row that lists several papers in one cell; its name is then what they have in common."""
    for column, cell in pairs:
        if column.role not in (Role.TITLE, Role.PAPER, Role.UNKNOWN, Role.LINKS, Role.REMARKS):
            continue
        lines = list(cell.points) if len(cell.points) > 1 else [tuple(line) for line in lines_of(cell.spans)]
        whole = [Reading(line, context) for line in lines]
        read = [inner for reading in whole for inner in items.split(reading) or [reading]]
        titled = [
            reading
            for reading in read
            if any(part.role is recognise.Role.FREE and not part.segment.badge for part in reading.links)
            and (title := reading.title()) is not None
            and title.linked
        ]
        if len(titled) < 2 or (
            column.role in (Role.UNKNOWN, Role.LINKS, Role.REMARKS) and not all(map(_names_paper, titled))
        ):
            continue
        common = [
            decoration.clean(other.text) for head, other in pairs if head.role in (Role.NAME, Role.TAGS) and other.text
        ]
        below = replace(context, sections=(*context.sections, *common[:1]))
        return [draft for reading in titled for draft in items.parse(Reading(reading.spans, below))]
    return []


def _names_paper(reading: Reading) -> bool:
    title = reading.title()
    return (
        title is not None
        and title.length >= 4
        and any(
            linking.of_paper(part.segment.url or "")[0].count(":") == 1
            and words.kind_of_url(part.segment.url or "") is LinkKind.PAPER
            for part in reading.links
        )
    )
