"""MDX without its JavaScript, so that a Markdown parser can read the rest: https://mdxjs.com/docs/what-is-mdx/."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FENCE = re.compile(r" {0,3}(?P<marks>`{3,}|~{3,})")
_MODULE = re.compile(r"(?:import|export)\s")
_OPEN, _CLOSE = "{/*", "*/}"


def without_javascript(text: str) -> str:
    """Return the text without imports, exports and comments; every line keeps its number."""
    return "\n".join(_lines(text.split("\n"), last_close=text.rfind(_CLOSE)))


def _lines(lines: list[str], last_close: int) -> Iterator[str]:
    fence, in_comment, in_module = "", False, False
    before, offset = "", 0
    for line in lines:
        start, offset = offset, offset + len(line) + 1
        if fence:
            fence = "" if line.strip().startswith(fence) and not line.strip().strip(fence[0]) else fence
            yield line
        elif not in_comment and (match := _FENCE.match(line)):
            fence = match["marks"]
            yield line
        elif in_module or (not in_comment and not before.strip() and _MODULE.match(line)):
            in_module = bool(line.strip())  # it ends with a blank line
            yield ""
        else:
            kept, in_comment = _without_comments(line, in_comment=in_comment, can_close=last_close - start)
            yield kept
        before = line


def _without_comments(line: str, *, in_comment: bool, can_close: int) -> tuple[str, bool]:
    """Return a line without its comments, and whether the last comment continues.

    `can_close` is the offset in the line of the last mark that closes one.
    """
    kept: list[str] = []
    place = ticks = 0
    while True:
        if in_comment:
            end = line.find(_CLOSE, place)
            if end < 0:
                return "".join(kept), True
            place, in_comment = end + len(_CLOSE), False
        start = line.find(_OPEN, place)
        if start < 0 or start > can_close:
            return "".join((*kept, line[place:])), False
        kept.append(line[place:start])
        ticks += line.count("`", place, start)
        place = start + len(_OPEN)
        in_comment = ticks % 2 == 0  # not a comment in a code span
        kept += [] if in_comment else [_OPEN]
