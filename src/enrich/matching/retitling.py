"""Could one title be another version's of the same paper?"""

from __future__ import annotations

from enrich.matching.text import numerals, tokens

# Words that titles of different papers share by chance.
_SMALL = frozenset(
    ("a", "an", "the", "and", "or", "of", "for", "in", "on", "to", "with", "by", "from", "via", "at", "as", "is", "are")
)

SHARED = 0.5
"""The share of the shorter title's words that a later title of the same paper keeps, at the least; six papers that
changed their titles on arXiv kept from 0.3 to 0.75 of them, papers met by a wrong digit in an arXiv id under 0.25."""


def retitled(one: str, other: str) -> bool:
    """Whether two titles have so much in common that they may be an earlier and a later one of the same paper.

    For titles that stand for the same identifier, no proof that papers are the same: `FlashAttention` and
    `FlashAttention-2` differ in a numeral, and are never each other's earlier title.
    """
    first, second = set(numerals(one)), set(numerals(other))
    if first != second and not first & second:
        return False
    words = [{_stem(word) for word in tokens(title) if word not in _SMALL} for title in (one, other)]
    return len(words[0] & words[1]) >= max(3, SHARED * min(len(words[0]), len(words[1])))


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word
