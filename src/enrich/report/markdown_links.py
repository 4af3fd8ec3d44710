"""Links in GitHub's Markdown whose text and address come from outside."""

from __future__ import annotations

import re
from urllib.parse import quote

from enrich.model import Place
from enrich.report import escape
from enrich.text.urls import split_url

_LONGEST = 70
"""Characters of an address that a link shows."""

# GitHub notes on these pages that they were mentioned: https://docs.github.com/get-started/writing-on-github.
_NOTED = re.compile(r"github\.com/[^/]+/[^/]+/(?:issues|pull|discussions|commit)s?/", re.IGNORECASE)
_ADDRESS = re.compile(r"://|www\.", re.IGNORECASE)
_SAFE = "-._~:/?#@!$&*+,;=%"


def web_link(url: str) -> str:
    """Return a link to a web address; a code span where the address is no such, hides something, or would be noted."""
    shown = escape.url(url)
    is_web = split_url(url).scheme in ("http", "https") and shown == url and " " not in url
    if not is_web or _NOTED.search(url):
        return escape.code(url)
    text = escape.markdown_text(escape.plain(url.partition("://")[2].rstrip("/"), _LONGEST))
    parted = _ADDRESS.sub(lambda found: found[0][:-1] + escape.BREAK + found[0][-1], text)
    return f"[{parted}]({quote(url, safe=_SAFE).replace('##', '#%23').replace('&', '&amp;')})"


def place_link(place: Place, permalink: str | None) -> str:
    """Return a place as `file:line`, as a link into the repository where its address is known."""
    shown = escape.markdown(str(place))
    if not permalink:
        return shown
    return f"[{shown}]({permalink.rstrip('/')}/{quote(escape.plain(place.path, None))}#L{place.line})"
