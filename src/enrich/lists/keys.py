"""Keys of entries: made once, from the name or the title, and never changed afterwards; pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, MutableMapping

from enrich import identifiers
from enrich.model import Entry, LinkKind
from enrich.text.folding import without_accents

_LONGEST = 60
_PARTS = re.compile(r"[^\W_]+")


def unique(entry: Entry, taken: Container[str], numbers: MutableMapping[str, int]) -> str:
    """The entry's key, with `-2`, `-3`, … behind it where it is taken; `numbers` keeps how far each was counted."""
    base = entry.key or slug(entry)
    key, number = base, numbers.get(base, 2)
    while key in taken:
        key, number = f"{base}-{number}", number + 1
        numbers[base] = number
    return key


def slug(entry: Entry) -> str:
    """What an entry's key is made from: name, else the title's head or the title, else an identifier.

    ASCII letters and digits, in lower case, words joined by `-`, at most 60 of them, cut between words. Letters
    of other scripts stay: a key is for people.
    """
    head, colon, _ = (entry.title or "").partition(": ")
    text = entry.name or (head if colon and len(head.split()) <= 4 else entry.title) or _fallback(entry)
    parts = _PARTS.findall(without_accents(text).casefold())
    slugged = parts[0][:_LONGEST] if parts else hashlib.sha256(text.encode()).hexdigest()[:10]
    for part in parts[1:]:
        if len(slugged) + 1 + len(part) > _LONGEST:
            break
        slugged += f"-{part}"
    return slugged


def _fallback(entry: Entry) -> str:
    urls = [link.url for link in entry.links if link.kind is LinkKind.PAPER] or [link.url for link in entry.links]
    named = [str(identifier) for url in urls for identifier in identifiers.of_url(url)]
    return (named or urls or [entry.type.value])[0]
