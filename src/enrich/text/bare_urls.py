"""Where a URL ends that stands bare in a text."""

from __future__ import annotations

import re

_CLOSING = {")": "(", "]": "[", "）": "（", "】": "【", "」": "「"}
_OPENING = {opening: closing for closing, opening in _CLOSING.items()}
_BRACKET = re.compile(r"[()\[\]（）【】「」]")
_TRAILING = frozenset("?!.,:*_~'\"。，；：！？、…")
_PARTS_SENTENCES = re.compile("[。，、；]")  # no blank follows these, and nobody leaves them unescaped in a URL
_LONGEST_ENTITY = 34


def trimmed(url: str, *, parentheses_end_it: bool) -> str:
    """Return a bare URL without the punctuation and the brackets that belong to the sentence around it.

    Args:
        url: What may be part of a URL, to the next blank.
        parentheses_end_it: Whether a `)` that was not opened in the URL ends it wherever it is. In GitHub Flavored
            Markdown it does so at the end only: https://github.github.com/gfm/#extended-autolink-path-validation
    """
    if not url.isascii() and (end_of_sentence := _PARTS_SENTENCES.search(url)):
        url = url[: end_of_sentence.start()]
    url = url[: _unopened(url, ")" if not parentheses_end_it else "")]
    surplus = {closing: url.count(closing) - url.count(opening) for closing, opening in _CLOSING.items()}
    end = len(url)
    while end:
        last = url[end - 1]
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
            end -= 1
        elif last in _TRAILING:
            end -= 1
        elif last == ";":
            start = url.rfind("&", max(0, end - _LONGEST_ENTITY), end)
            end = start if start >= 0 and url[start + 1 : end - 1].isalpha() else end - 1
        else:
            break
    return url[:end]


def _unopened(url: str, passed_over: str) -> int:
    """Return where a bracket closes that was not opened in the URL, else the length of the URL."""
    depth = dict.fromkeys(_CLOSING, 0)
    for match in _BRACKET.finditer(url):
        if match[0] in _OPENING:
            depth[_OPENING[match[0]]] += 1
        elif match[0] not in passed_over:
            depth[match[0]] -= 1
            if depth[match[0]] < 0:
                return match.start()
    return len(url)
