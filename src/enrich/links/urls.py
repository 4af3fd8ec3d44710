"""Find every URL in a plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from enrich.model import Link, Links, Place
from enrich.text.urls import trim_url

# What a URL may hold (https://www.rfc-editor.org/rfc/rfc3986#section-2), and letters of any script as people paste.
# A comma, a semicolon or a sign beyond ASCII before another URL separates the two.
# An alternative is empty because of https://github.com/python/cpython/issues/106052.
_SIGNS = r"[!#-&(-+\--:=?-\[\]_a-z~]++"
_SEPARATOR = r"(?:[,;]|[^\s\x00-\x7f。，、；])(?!https?://)"
_URL = re.compile(rf"https?://(?:{_SIGNS}|{_SEPARATOR})(?:{_SIGNS}|{_SEPARATOR}|)*+", re.IGNORECASE)


def find_urls(text: str, path: str) -> Links:
    """Return the http and https URLs of a plain text as written, in order, each with its place."""
    return Links(_found(text, path))


def _found(text: str, path: str) -> Iterator[Link]:
    number = line = read = 0  # of the line, and where it and what is to be counted begin
    for match in _URL.finditer(text):
        start = match.start()
        if more := text.count("\n", read, start):
            number += more
            line = text.rindex("\n", read, start) + 1
        read = start
        url = trim_url(match[0], parentheses_end_it=True)
        if len(url) > len("https://"):
            yield Link(url, place=Place(path, number + 1, start - line + 1))
