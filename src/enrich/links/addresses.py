"""Every web address in a text of whatever kind."""

from __future__ import annotations

import html
import re

from enrich.model import Link, Place

# What may stand in a URL (https://www.rfc-editor.org/rfc/rfc3986#section-2), and letters of any script as people paste.
_ADDRESS = re.compile(r"https?://[^\s<>\"'`{}|\\^\x00-\x1f\x7f]+", re.IGNORECASE)
_CLOSING = {")": "(", "]": "[", "）": "（", "】": "【", "」": "「"}
_TRAILING = ".,;:!?*_~。，；：！？、"


def addresses(text: str, path: str) -> tuple[Link, ...]:
    """The http and https addresses in Markdown, HTML or plain text, in order, each with its place."""
    links = []
    for number, line in enumerate(text.split("\n"), 1):
        for match in _ADDRESS.finditer(line):
            # `[text](https://a.example)[more](…)`: the next link's bracket ends this one's address.
            url = _trimmed(html.unescape(match[0].split("](")[0]))
            if len(url) > len("https://"):
                links.append(Link(url, place=Place(path, number, match.start() + 1)))
    return tuple(links)


def _trimmed(url: str) -> str:
    """Without the punctuation and the brackets that belong to the sentence round it."""
    depth: dict[str, int] = {}
    for place, character in enumerate(url):
        if character in _CLOSING.values():
            depth[character] = depth.get(character, 0) + 1
        elif character in _CLOSING:
            opening = _CLOSING[character]
            depth[opening] = depth.get(opening, 0) - 1
            if depth[opening] < 0:
                url = url[:place]
                break
    return url.rstrip(_TRAILING)
