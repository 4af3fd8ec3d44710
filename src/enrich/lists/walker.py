"""Read a document into entries: headings make the section path, blocks make the items; pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from enrich.lists import decoration, details, document, finishing, headings, items, spans, tables, words
from enrich.lists.details import (
    begins_softly,
    holds_links_alone,
    is_caption,
    is_led_by_title,
    is_translation,
    opens,
    starts_as_item,
)
from enrich.lists.document import Block, Document
from enrich.lists.drafts import Context, Draft
from enrich.lists.reading import Reading
from enrich.lists.spans import Span, lines_of
from enrich.model import Entry
from enrich.text import venues

if TYPE_CHECKING:
    from collections.abc import Sequence

# Captions (a bold line, a line before a list) and summaries are below every heading.
_CAPTION = 7
_SUMMARY = 8
_RULE = re.compile(r"^[\s=\-_*~#+]{3,}$")
_LONGEST_BODY = 600
_SAMPLE = 500
"""The number of items from which the usual layout of a list is read."""
_FEW = 4
"""The number of siblings that have a usual layout of their own; fewer are read like the rest of the list."""


def read(text: str, path: str, base_url: str | None = None) -> tuple[Entry, ...]:
    """Return the entries of one list, in its order.

    Args:
        text: the list, Markdown with or without HTML.
        path: how to call the list in the entries' places.
        base_url: what relative links are resolved against; without it they stay as they are.

    Returns:
        Entries without keys (`merge` adds them), with the places of entries and links.
    """
    read_document = document.parse_document(text)
    context = Context(path, (), base_url, read_document.own_repositories(base_url))
    walker = _Walker(context, read_document)
    walker.walk(read_document.blocks)
    for draft in walker.drafts:
        if draft.line in read_document.hidden:
            draft.tag([decoration.HIDDEN])
    entries = (draft.entry() for draft in walker.drafts)
    return tuple(finishing.finished((entry for entry in entries if entry), read_document))


@dataclass
class _Pending:
    """A heading or a paragraph that may be the title of the links below it; `level` is a heading's."""

    reading: Reading
    level: int = 0
    said: list[Reading] = field(default_factory=list)


class _Walker:
    """Reads the blocks in order, and tracks the headings above the current place."""

    def __init__(self, context: Context, read_document: Document) -> None:
        self.drafts: list[Draft] = []
        self._context = context
        self._path = headings.Path(read_document)
        # The entry to which the next lines may still belong.
        self._open: Draft | None = None
        # The heading or paragraph right above, which may be the title of what follows.
        self._pending: _Pending | None = None
        self._notes = read_document.notes
        self._where: tuple[tuple[tuple[int, str], ...], Context] | None = None
        self._readings: dict[int, Reading] = {}
        everything = [
            block for block in read_document.all_blocks() if block.kind in ("item", "paragraph") and block.spans
        ]
        self._usual = self._layouts(everything[:: max(1, len(everything) // _SAMPLE)])
        self._readings.clear()

    def walk(self, blocks: Sequence[Block], depth: int = 0) -> None:
        """Read blocks in order."""
        blocks = [block for block in blocks if not _is_picture(block)]
        for place, block in enumerate(blocks):
            if depth == 0:
                # What was read is kept as long as its block: a long list would keep everything in memory.
                self._readings.clear()
            after = blocks[place + 1] if place + 1 < len(blocks) else None
            if block.kind == "heading":
                self._heading(block)
            elif block.kind == "rule":
                self._end_captions()
            elif block.kind == "table":
                self.drafts.extend(tables.read_table(block.rows, self._here()))
                self._open = self._pending = None
            elif block.kind == "list":
                self._list(block, depth)
            elif block.kind == "details":
                self._details(block, depth)
            elif block.kind == "paragraph":
                self._paragraph(block, after)
            else:
                self.walk(block.children, depth + 1)

    def _reading(self, spans_: Sequence[Span]) -> Reading:
        """Return spans as read in their section; each is read once."""
        found = self._readings.get(id(spans_))
        if found is None:
            found = self._readings[id(spans_)] = Reading(spans_, self._context)
            found.owner = spans_
        found.context = self._here()
        return found

    def _layouts(self, blocks: Sequence[Block]) -> Counter[str]:
        """Return the number of items per layout."""
        counted: Counter[str] = Counter()
        for block in blocks:
            reading = self._reading(block.spans)
            title = reading.title() if reading.links else None
            if title is not None:
                counted[title.layout.name] += 1
        return counted

    # Headings

    def _heading(self, block: Block) -> None:
        reading = self._reading(block.spans)
        self._path.enter(block.level)
        self._open = self._pending = None
        reading.context = self._here()
        leads_out = any(words.is_external(part.segment.url or "") for part in reading.links)
        if leads_out and not self._path.is_about and starts_as_item(reading) and not headings.is_venue(block.spans):
            self.drafts.extend(items.parse_item(reading))
            self._open = self.drafts[-1] if self.drafts else None
        text = headings.text_of_heading(block.spans)
        names_list = block.level == 1 and words.is_list_of_papers(text, "")
        if text and self._open is None and not names_list and not words.is_of_events(text):
            self._pending = _Pending(reading, block.level)
        if text:
            self._path.push(block.level, text)

    def _end_captions(self) -> None:
        self._path.enter(_CAPTION)
        self._open = self._pending = None

    # Folded details

    def _details(self, block: Block, depth: int) -> None:
        self._path.enter(_SUMMARY)
        reading = self._reading(block.spans)
        drafts = items.parse_item(reading) if reading.links and reading.title() and not self._path.is_about else []
        if drafts and (drafts[0].title or drafts[0].name):
            self.drafts.extend(drafts)
            self._body(block, drafts[0])
            self._open = None
            return
        text = headings.text_of_heading(block.spans)
        kept_open = self._open
        if text and not headings.is_folded(text) and text not in self._path.texts:
            self._open = None
            self._pending = _Pending(reading)
            if len(text.split()) <= 12:
                self._path.push(_SUMMARY, text)
        self.walk(block.children, depth + 1)
        if not text or headings.is_folded(text):
            self._open = self._open or kept_open
        self._path.enter(_SUMMARY)
        self._pending = None

    def _body(self, block: Block, draft: Draft) -> None:
        """Take folded content below an item as its remark; papers linked there are entries."""
        todo = list(reversed(block.children))
        said: list[str] = []
        while todo:
            inner = todo.pop()
            todo.extend(reversed(inner.children))
            if not inner.spans:
                continue
            reading = self._reading(inner.spans)
            if details.is_detail(reading) and (
                reading.label or all(words.is_label(part.text) for part in reading.links)
            ):
                details.take_detail(reading, draft)
            else:
                said.append(inner.text)
                self.drafts.extend(details.prose(reading, besides=True))
        body = " ".join(said)
        draft.remark(body if len(body) <= _LONGEST_BODY else f"{body[:_LONGEST_BODY].rpartition(' ')[0]} …")

    # Paragraphs

    def _paragraph(self, block: Block, after: Block | None) -> None:
        if _RULE.match(block.text):
            self._end_captions()
            return
        reading = self._reading(block.spans)
        if not reading.links:
            self._unlinked_paragraph(block, reading, after)
        elif self._open and details.is_detail(reading) and not self._path.is_aside:
            details.take_detail(reading, self._open)
        else:
            self._linked_paragraph(block, reading)

    def _unlinked_paragraph(self, block: Block, reading: Reading, after: Block | None) -> None:
        """Take a paragraph without links as authors of the open item, as the title of what follows, or as a caption."""
        if self._open and details.speaks_of_item(reading):
            details.take_detail(reading, self._open)
            return
        if self._pending and details.speaks_of_item(reading):
            self._pending.said.append(reading)
            return
        if self._pending and is_translation(reading.text, self._pending.reading.text):
            return
        if self._is_title_of(reading, after) or is_translation(after.text if after else "", block.text):
            self._pending, self._open = _Pending(reading), None
            return
        if is_caption(block, after, self._reading):
            self._end_captions()
            self._path.push(_CAPTION, headings.text_of_heading(block.spans))
        elif len(block.text.split()) > 3:
            self._pending = None

    def _is_title_of(self, reading: Reading, after: Block | None) -> bool:
        """Whether a paragraph without links is the title of a list or a paragraph of labelled links below it."""
        if after is None or reading.title() is None or len(lines_of(reading.spans)) > 3:
            return False
        below = after.children if after.kind == "list" else [after] if after.kind == "paragraph" else []
        return details.are_details([self._reading(inner.spans) for inner in below[:8]], reading)

    def _linked_paragraph(self, block: Block, reading: Reading) -> None:
        """Read a paragraph: a list without bullets where its lines begin with links, else links in prose."""
        if self._path.is_aside:
            self.drafts.extend(details.prose(reading, besides=True, preamble=self._path.is_preamble))
            return
        if self._pending and details.is_detail(reading) and self._open is None and not reading.titled:
            draft = self._from_pending()
            if draft:
                details.take_detail(reading, draft)
            return
        self._pending = self._open = None
        groups = self._groups(block)
        for group, is_item in groups:
            inner = self._reading(group)
            if is_item and not (self._path.is_preamble and details.introduces(inner)):
                drafts = items.parse_item(inner, self._usual)
                self.drafts.extend(drafts)
                self._open = drafts[0] if drafts else None
            else:
                self.drafts.extend(details.prose(inner, preamble=self._path.is_preamble))

    def _groups(self, block: Block) -> list[tuple[tuple[Span, ...], bool]]:
        """Return a paragraph's lines, grouped by item, and whether each group is an item."""
        lines = lines_of(block.spans, soft=begins_softly(block.spans))
        groups: list[tuple[list[Span], bool]] = []
        held = [tuple(line) for line in lines]
        read = [self._reading(line) for line in held]
        if is_led_by_title(read):
            return [(tuple(block.spans), True)]
        for place, inner in enumerate(read):
            follows = read[place + 1 : place + 5]
            follows_title = groups and groups[-1][1] and not any(span.url for span in groups[-1][0])
            if (follows_title and holds_links_alone(inner)) or (
                groups
                and groups[-1][1]
                and (details.is_detail(inner) or (not inner.links and not opens(inner, follows)))
            ):
                groups[-1][0].extend([Span(spans.HARD_BREAK), *inner.spans])
            elif starts_as_item(inner) or opens(inner, follows):
                groups.append((list(inner.spans), True))
            elif groups and not groups[-1][1]:
                groups[-1][0].extend([Span(" "), *inner.spans])
            else:
                groups.append((list(inner.spans), False))
        return [(tuple(group), is_item) for group, is_item in groups]

    def _from_pending(self) -> Draft | None:
        """Make an item of the title right above."""
        pending, self._pending = self._pending, None
        if pending is None:
            return None
        if pending.level:
            self._path.enter(pending.level)
        draft = Draft(self._here(), pending.reading.line)
        pending.reading.context = draft.context
        items.take_item(pending.reading, draft)
        if pending.level:
            self._path.push(pending.level, headings.text_of_heading(pending.reading.spans))
        if not (draft.title or draft.name):
            return None
        for reading in pending.said:
            details.take_detail(reading, draft)
        self.drafts.extend([draft])
        self._open = draft
        return draft

    # Lists

    def _list(self, block: Block, depth: int, parent: Draft | None = None) -> None:
        points = block.children
        read = [self._reading(point.spans) for point in points]
        linked = [bool(reading.links) for reading in read]
        detailed = [details.is_detail(reading, nested=parent is not None) for reading in read]
        above = self._pending if parent is None and self._open is None else None
        if above and details.are_details(read, above.reading, led=True):
            self._from_pending()
        self._pending = None
        known = parent or self._open
        mixed = parent is None and any(has and not is_one for has, is_one in zip(linked, detailed, strict=True))
        own = self._layouts(points) if len(points) >= _FEW else None
        usual = own if own and own.total() >= _FEW else self._usual
        among = 2 * sum(linked) >= len(linked)
        for point, reading, is_one in zip(points, read, detailed, strict=True):
            reading.context = self._here()
            noted = not reading.links and not mixed
            says = is_one or noted or (parent is not None and details.has_only_bracketed_links(reading))
            if known and says and not point.children and not self._path.is_aside:
                details.take_detail(reading, known, citation=parent is not None)
                continue
            self._item(point, reading, usual, among=among, depth=depth)

    def _item(self, point: Block, reading: Reading, usual: Counter[str], *, among: bool, depth: int) -> None:
        here = self._here()
        nested = point.children
        if self._path.is_aside:
            drafts = details.prose(reading, besides=True)
        else:
            below = [self._reading(child.spans) for block in nested for child in block.children]
            gathers = any(details.is_detail(inner) and inner.links for inner in below)
            likely = (among or here.venue is not None) and (not nested or details.are_notes(below, reading))
            noted = any(mark in reading.text for mark in self._notes)
            drafts = items.parse_item(reading, usual, unlinked=likely or gathers or noted)
            if noted and drafts:
                self._footnotes(reading, drafts[0])
        self.drafts.extend(drafts)
        self._open = drafts[0] if drafts else None
        caption = headings.text_of_heading(point.spans) if nested and not drafts else ""
        with self._path.below(_SUMMARY + 1 + depth, caption):
            for block in nested:
                if block.kind == "list":
                    self._list(block, depth + 1, parent=drafts[0] if drafts else None)
                else:
                    self.walk([block], depth + 1)

    def _footnotes(self, reading: Reading, draft: Draft) -> None:
        """Add to an item the footnotes that it refers to."""
        for mark, note in self._notes.items():
            if mark in reading.text:
                details.take_detail(self._reading(note), draft)

    def _here(self) -> Context:
        above = self._path.above
        if self._where is None or self._where[0] != above:
            here = replace(self._context, sections=self._path.sections, venue=self._path.venue)
            self._where = (above, here)
        return self._where[1]


def _is_picture(block: Block) -> bool:
    """Whether a paragraph has nothing to read or to follow, so that it may separate a title from its links."""
    said = block.text or any(span.url or (span.badge and venues.venue_in(span.text)) for span in block.spans)
    return block.kind == "paragraph" and not said
