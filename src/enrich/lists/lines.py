"""Which lines of a paragraph begin an item, and which paragraphs are headings in all but form; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from enrich.lists import decoration, details, words
from enrich.lists.document import Block
from enrich.lists.reading import Reading
from enrich.lists.recognise import Role
from enrich.lists.spans import Span, lines_of, text_of
from enrich.text import people, spacing, venues


def is_translation(text: str, title: str) -> bool:
    """Whether a text may be a title in another script, as lists in Chinese give them below the original."""
    return (
        bool(text)
        and spacing.has_ideographs(text)
        and not spacing.has_ideographs(title)
        and len(text) < 80
        and len(title.split()) >= 3
    )


def starts_as_item(reading: Reading) -> bool:
    """Whether a line of a paragraph is an item of its own: a link first, or a title and then labelled links."""
    title = reading.title()
    if title is None or not reading.links:
        return False
    text = reading.flow.text
    start, end = title.first.segment.start, title.parts[-1].segment.end
    before = decoration.clean(text[:start]).strip('[("“【（ *')
    after = text[end:].lstrip(' )]】）"”*\ufffc\n')
    if title.linked:
        follows = not after or after[:1] in "([|.（【,:：-–—;·•" or after[:2] in ("- ", "– ")
        led = (
            not before
            or before.endswith((":", "：", "]", ")", "】", "）", ".", ",", "|", "｜"))
            or words.is_label(before)
        )
        return led and follows
    labelled = all(part.role is not Role.FREE for part in reading.links)
    if title.strong or title.quoted:
        return labelled or not before
    if all(part.role in (Role.VENUE, Role.YEAR) for part in reading.links):
        return False
    first = reading.links[0].segment
    lead = text[: first.start].rstrip()
    return (
        labelled
        and title.length >= 3
        and (
            lead.endswith((".", "[", "(", "【", "|", "]", ",", ")", "：", ":", "\n"))
            or first.badge
            or text[: first.start].endswith("\n")
        )
    )


def is_led_by_title(lines: Sequence[Reading]) -> bool:
    """Whether the first of some lines is a title in bold without a link, and no other line begins so."""
    strong = [bool(line.parts) and line.parts[0].segment.strong and line.parts[0].segment.url is None for line in lines]
    first = lines[0].title() if lines and not lines[0].links else None
    return len(lines) > 1 and first is not None and first.length >= 2 and strong[0] and not any(strong[1:])


def holds_links_alone(reading: Reading) -> bool:
    """Whether a line is nothing but links, the first of them labelled or all of them short."""
    linked = [part for part in reading.parts if part.role is not Role.MARK]
    if not linked or not all(part.segment.is_link for part in linked):
        return False
    return linked[0].role is Role.LABEL or all(len(part.text.split()) <= 2 for part in linked)


def opens(reading: Reading, follows: Sequence[Reading]) -> bool:
    """Whether a line without links is a title: labelled links stand below it, with authors between at most."""
    title = reading.title()
    if reading.links or title is None or title.length < 2 or details.is_detail(reading):
        return False
    for below in follows:
        if holds_links_alone(below):
            return True
        if not details.is_detail(below):
            return False
        if any(part.role is not Role.AUTHORS for part in below.links):
            return True
    return False


def begins_softly(content: Sequence[Span]) -> bool:
    """Whether the lines of the source are items of their own, though they make one paragraph."""
    lines = lines_of(content, soft=True)
    hard = lines_of(content)
    if len(lines) == len(hard):
        return False
    begun = sum(
        1 for line in lines if next((span for span in line if span.text.strip() or span.url), line[0]).url is not None
    )
    told = [bool(people.people_in(text) or venues.venue_in(text)) for text in map(text_of, lines[1:])]
    if begun >= 2 or (begun == 1 and all(told)):
        return True
    return (
        bool(begun)
        and len(lines) == 2
        and any(span.url for span in lines[1])
        and not all(words.is_label(span.text) for span in lines[1] if span.url)
    )


def is_caption(block: Block, after: Block | None, read: Callable[[Sequence[Span]], Reading]) -> bool:
    """Whether a paragraph is a heading in all but form: a few words, no sentence, and items right below."""
    text = block.text
    if (
        "=" in text
        or len(text.split()) > 8
        or len(lines_of(block.spans, soft=True)) != 1
        or any(span.url for span in block.spans)
    ):
        return False
    if re.search(r"[.!?。！？,，;]$", text.strip()) or not re.search(r"[^\W\d_]{2}", text):
        return False
    if after is None:
        return False
    if after.kind in ("list", "table"):
        return True
    return after.kind == "paragraph" and starts_as_item(read(after.spans))
