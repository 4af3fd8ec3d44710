"""The index of titles: by the whole folded title, and by words."""

from __future__ import annotations

import hashlib

from enrich.text.folding import tokens

_MOST_WORDS = 60
_LONGEST_WORD = 40  # letters


def folded_number(title: str) -> int | None:
    """Return a number of 64 bits that is the same for titles that differ only in case, accents, signs and spaces.

    None for a title of nothing else, such as `???`: all of them would be the same.
    """
    folded = "".join(tokens(title)).encode()
    if not folded:
        return None
    return int.from_bytes(hashlib.blake2b(folded, digest_size=8).digest(), "big", signed=True)


def indexed_words(title: str) -> tuple[str, ...]:
    """Return the distinct words of a title as split by FTS5's tokenizer `ascii`."""
    words = dict.fromkeys(word[:_LONGEST_WORD] for word in tokens(title)[:_MOST_WORDS])
    return tuple(word if word.isascii() and word.isalnum() else f"u{word.encode().hex()}" for word in words)
