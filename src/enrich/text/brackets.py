"""Whether brackets match."""

from __future__ import annotations


def is_balanced(text: str, pair: str) -> bool:
    """Whether the brackets of a pair, such as `()`, match: each is closed, and none is closed before it is opened."""
    depth = 0
    for char in text:
        if char == pair[0]:
            depth += 1
        elif char == pair[1]:
            depth -= 1
            if depth < 0:
                return False
    return depth == 0
