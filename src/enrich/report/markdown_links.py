"""Findings in GitHub's Markdown: their subjects, and links whose text and URL come from outside."""

from __future__ import annotations

import re
from urllib.parse import quote

from enrich.model import Finding, Place
from enrich.report import escape
from enrich.text.urls import split_url

_LONGEST = 70
"""Characters of a URL that a link shows."""

# GitHub adds a mention to these pages: https://docs.github.com/get-started/writing-on-github.
_NOTED = re.compile(r"github\.com/[^/]+/[^/]+/(?:issues|pull|discussions|commit)s?/", re.IGNORECASE)
_ADDRESS = re.compile(r"://|www\.", re.IGNORECASE)
_SAFE = "-._~:/?#@!$&*+,;=%"


def web_link(url: str) -> str:
    """Return a link to a URL; a code span if it is not a URL, hides something, or would cause a mention."""
    shown = escape.url(url)
    is_web = split_url(url).scheme in ("http", "https") and shown == url and " " not in url
    if not is_web or _NOTED.search(url):
        return escape.code(url)
    text = escape.markdown_text(escape.plain(url.partition("://")[2].rstrip("/"), _LONGEST))
    parted = _ADDRESS.sub(lambda found: found[0][:-1] + escape.BREAK + found[0][-1], text)
    return f"[{parted}]({quote(url, safe=_SAFE).replace('##', '#%23').replace('&', '&amp;')})"


def place_link(place: Place, permalink: str | None) -> str:
    """Return a place as `file:line`, as a link into the repository if its URL is known."""
    shown = escape.markdown(str(place))
    if not permalink:
        return shown
    return f"[{shown}]({permalink.rstrip('/')}/{quote(escape.plain(place.path, None))}#L{place.line})"


def subject(finding: Finding) -> str:
    """Return the subject of a finding: the title of the paper, its key, the field; empty for a whole host."""
    title = escape.markdown(finding.title) if finding.title else ""
    key = escape.code(finding.entry) if finding.entry else ""
    about = f"**{title}** ({key})" if title and key else f"**{key or title}**" if key or title else ""
    return " ".join(filter(None, (about, escape.markdown(finding.field) if finding.field else "")))


def link_line(finding: Finding) -> str:
    """Return the link of a finding with the suggestion beside it; a private address is not linked."""
    url, right = finding.url or "", finding.suggestion or ""
    old = (escape.code(url) if finding.rule == "unsafe-link" else web_link(url)) if url else ""
    new = web_link(right) if _is_web(right) else escape.markdown(right)
    return f"{old} → {new}".strip() if right else old


def _is_web(text: str) -> bool:
    return text.startswith(("http://", "https://")) and " " not in text
