"""The name of a system before a title, and the description after a name; pure."""

from __future__ import annotations

import re

from enrich.lists import cutting, layouts, words
from enrich.lists.layouts import Run
from enrich.lists.reading import Reading
from enrich.lists.recognise import Role
from enrich.model import LinkKind

_DASH = re.compile(r"[\s*_`)\]]*[-–—]+(?!\S)")
_MOST_BEFORE_DESCRIPTION = 5
"""Words: the dash, and a programming language or the like."""


def name_before(title: Run, reading: Reading) -> Run | None:
    """Return the run before the title that is a system's name: in brackets, bold, linked, or followed by a colon."""
    before = [run for run in reading.titled if run.place < title.place]
    if not before:
        return None
    # `[tabix](...) - [C] - Table file index`: what is between a linked name and its description names nothing.
    run = before[-1] if title.linked else next((each for each in before if each.linked), before[-1])
    segment = run.first.segment
    follows = reading.flow.text[run.parts[-1].segment.end : title.first.segment.start]
    set_off = segment.is_styled or segment.bracket or segment.code
    if not set_off and ":" not in follows and not run.text.endswith((":", "：")):
        return None
    is_said = words.is_label(run.text) or (run.place == 0 and words.is_topic(run.text))
    if run.length > 5 or is_said or "\n" in follows.strip(" "):
        return None
    if segment.bracket and not segment.is_styled:
        return run if _is_name_like(run.text) else None
    return run if segment.is_styled or run.text[:1].isupper() or run.text[:1].isdigit() else None


def is_description(title: Run, name: Run, reading: Reading) -> bool:
    """Whether the text after a linked name is a description, as in `[tabix](...) - Table file index`.

    It follows a dash, without the capitals of a title, in an item without people and a venue. It is a sentence, or what
    is named is not a paper.
    """
    is_plain = not (title.linked or title.quoted or all(part.segment.strong or part.segment.em for part in title.parts))
    behind = reading.flow.text[name.parts[-1].segment.end : title.first.segment.start]
    if not (is_plain and name.linked and _DASH.match(behind) and len(behind.split()) <= _MOST_BEFORE_DESCRIPTION):
        return False
    if any(part.role in (Role.AUTHORS, Role.VENUE, Role.INSTITUTIONS) for part in reading.parts):
        return False
    text = title.text.rstrip()
    if layouts.is_titlelike(text) and len(cutting.split_sentences(text)) == 1:
        return False
    return title.parts[-1].text.rstrip().endswith(".") or _is_of_software(name, text, reading)


def _is_of_software(name: Run, description: str, reading: Reading) -> bool:
    """Whether a linked name is a tool's or a site's, and no paper is linked beside it."""
    kinds = {words.kind_of_url(part.segment.url or "") for part in reading.links}
    kind = words.kind_of_url(name.first.segment.url or "")
    return LinkKind.PAPER not in kinds and (kind is LinkKind.CODE or description[:1].islower())


def _is_name_like(text: str) -> bool:
    """Whether a text in brackets is a system's name rather than a word of the list, such as a tag."""
    return len(text.split()) <= 4 and (layouts.is_titlelike(text) or bool(re.search(r"[a-z][A-Z]|[A-Z]{2}|\d", text)))
