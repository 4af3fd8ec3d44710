"""Texts from a catalog as Markdown that formats nothing: no cell, link or marker ends in them; pure."""

from __future__ import annotations

import re

from enrich.export.works import printable
from enrich.text import listing

_BARE = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
_NO_TARGET = re.compile(r"[<>()\[\]\\|\"'`{}^\s]")
_BREAK = "\u200b"
"""A zero-width space: with it nothing is an address or a mention, and readers do not see it."""


def shown(text: str) -> str:
    """Return a text as it is to be seen, on one line, in a cell or anywhere else."""
    return _BARE.sub(_BREAK, listing.escaped(printable(text)))


def linked(text: str, url: str) -> str:
    """Return a text that links to an address; without a link where that is none to send a reader to."""
    if not url or not listing.is_linkable(url):
        return shown(text)
    target = _NO_TARGET.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), printable(url))
    return f"[{shown(text)}]({target})"
