"""Lists of plain items, which markdown-it takes several times as long for: a rule for its blocks."""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock

# An item whose text begins neither a block nor a definition.
# An alternative is empty because of https://github.com/python/cpython/issues/106052.
_ITEM = re.compile(r"([-*+]) ((?:[^\W\d_]|\*{1,2}\w|\[(?!\^))(?:[^\n\]]++|\](?!:)|)*+)")


def plain_items(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Make a whole list one token, if it has only plain items of one line each and nothing else belongs to it.

    The token's `meta["items"]` are their texts.
    """
    if silent or state.level or state.blkIndent:
        return False
    line, items, mark = start, [], state.src[state.bMarks[start] : state.bMarks[start] + 1]
    while line < end and (item := _ITEM.fullmatch(state.src, state.bMarks[line], state.eMarks[line])):
        if item[1] != mark:
            break
        items.append(item[2].strip())
        line += 1
    if not items or not _is_end(state, line, end, mark):
        return False
    token = state.push("plain_items", "ul", 0)
    token.map, token.meta = [start, line], {"items": items}
    state.line = line
    return True


def _is_end(state: StateBlock, line: int, end: int, mark: str) -> bool:
    """Return whether a list ends before a line: at a blank one, after which neither an item nor a part of one comes."""
    if line >= end:
        return True
    following = state.skipEmptyLines(line)
    if following == line:
        return False
    return following >= end or (state.sCount[following] == 0 and state.src[state.bMarks[following]] != mark)
