"""Markdown in parts that are cut to fit: each keeps its heading with its count, and its first items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from enrich.report.summary import number

EACH = 3
"""The number of most severe items that every part shows before any shows more."""

_CUT_NOTE = 200
"""Bytes kept free for the line that says what was cut."""


@dataclass(frozen=True, slots=True)
class ReportPart:
    """A heading that counts, words on what follows, and the items; `closing` text comes after the items."""

    heading: str
    items: tuple[str, ...]
    intro: str = ""
    closing: str = ""


def joined(head: str, parts: Sequence[ReportPart], foot: str, limit: int | None) -> str:
    """Return the parts between head and foot, within so many bytes; what is left out is counted."""
    whole = head + "".join(_written(part, part.items) for part in parts) + foot
    return whole if limit is None or size(whole) <= limit else _cut(head, parts, foot, limit)


def shared_out(head: str, count: int, limit: int | None, section: Callable[[int, int | None], str]) -> str:
    """Return sections below a head, together within the limit: a short one leaves its room to the others.

    Args:
        head: What comes first.
        count: How many sections there are.
        limit: The bytes for all of it.
        section: Makes the section at an index, within as many bytes.
    """
    sections = [section(index, None) for index in range(count)]
    if limit is None:
        return "\n".join([head, *sections])
    order = sorted(range(count), key=lambda index: size(sections[index]))
    room = limit - size(head) - count
    for done, index in enumerate(order):
        share = max(room, 0) // (count - done)
        if size(sections[index]) > share:
            sections[index] = section(index, share)
        room -= size(sections[index])
    return within("\n".join([head, *sections]), limit)


def within(text: str, limit: int) -> str:
    """Return as many whole lines as fit."""
    kept, used = [], 0
    for line in text.splitlines(keepends=True):
        used += size(line)
        if used > limit:
            break
        kept.append(line)
    return "".join(kept)


def size(text: str) -> int:
    """Return the bytes of a text."""
    return len(text.encode())


def _cut(head: str, parts: Sequence[ReportPart], foot: str, limit: int) -> str:
    room = limit - _CUT_NOTE - size(head) - size(foot)
    # More sections than headings that fit: the advice is dropped first, then the last sections.
    if sum(map(_frame, parts)) > room:
        parts = [replace(part, intro="") for part in parts]
    shown: list[ReportPart] = []
    for part in parts:
        if _frame(part) > room:
            break
        room -= _frame(part)
        shown.append(part)
    fitting = _fitting(shown, room)
    body = "".join(_written(part, _first(part, count)) for part, count in zip(shown, fitting, strict=True))
    dropped = sum(len(part.items) for part in parts) - sum(fitting)
    items = number(dropped, "item did", "items did")
    note = f"\n**{items} not fit here**; see the JSON report for all of them.\n"
    whole = head + body + note + foot
    return whole if size(whole) <= limit else within(head + note + foot, limit)


def _frame(part: ReportPart) -> int:
    """Return the bytes of a section without its items."""
    return size(_written(part, _first(part, 0)))


def _fitting(parts: Sequence[ReportPart], room: int) -> list[int]:
    """Return how many items of each part fit: the first ones of all parts, then the rest part by part."""
    fitting = [0] * len(parts)
    for most in (*range(1, EACH + 1), None):
        for place, part in enumerate(parts):
            for item in part.items[fitting[place] : most]:
                if size(item) > room:
                    break  # what follows in this part is no more important
                fitting[place] += 1
                room -= size(item)
    return fitting


def _first(part: ReportPart, count: int) -> tuple[str, ...]:
    left = len(part.items) - count
    return (*part.items[:count], f"- … and {left} more\n") if left else part.items


def _written(part: ReportPart, items: Iterable[str]) -> str:
    return f"\n{part.heading}{part.intro}\n{''.join(items)}{part.closing}"
