"""Texts from a catalog as Markdown without formatting: none can end a cell, link or marker; pure."""

from __future__ import annotations

import re

from enrich.export.works import printable
from enrich.text import listing

_BARE = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
_NO_TARGET = re.compile(r"[<>()\[\]\\|\"'`{}^\s]")
_BREAK = "\u200b"
"""A zero-width space, invisible to readers, prevents links and mentions."""


def shown(text: str) -> str:
    """Return a text as visible text on one line, in a cell or anywhere else."""
    return _BARE.sub(_BREAK, listing.escaped(printable(text)))


def linked(text: str, url: str) -> str:
    """Return a text that links to a URL; without a link if readers must not be sent there."""
    if not url or not listing.is_linkable(url):
        return shown(text)
    target = _NO_TARGET.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), printable(url))
    return f"[{shown(text)}]({target})"
