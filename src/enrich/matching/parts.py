"""The parts of a title that distinguish works: its head, its subtitle, its numerals."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

from enrich.text.folding import fold, split_words, tokens, without_markup

_SEPARATOR = re.compile(r":(?=\s)|(?<=\w):(?=[A-Z])|\s[-–—|]+\s|—|[?!](?=\s)|\s-\s")


_MOST_CUTS = 16
"""A text with more separators is not a title."""


def title_parts(title: str) -> list[tuple[str, str]]:
    """Return the title cut in two at each of its separators, the separator left out, both parts with words."""
    text = without_markup(title)
    cuts = (
        (text[: found.start()].strip(), text[found.end() :].strip())
        for found in islice(_SEPARATOR.finditer(text), _MOST_CUTS)
    )
    return [(before, after) for before, after in cuts if fold(before) and fold(after)]


def head(title: str) -> str | None:
    """Return what is before a title's first separator (`: `, ` - `, `? ` ...): a system's name or the main title.

    Returns:
        `FlexGen` for `FlexGen: High-Throughput ...`; None for a title of one piece.
    """
    cuts = title_parts(title)
    return cuts[0][0] if cuts else None


_ROMAN = {
    roman: str(value)
    for value, roman in enumerate(
        split_words("i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx"), 1
    )
}
_COUNTED = split_words("part volume vol version phase type book chapter section class level stage series episode")


def numerals_of(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the numerals in a text; see `numerals`."""
    found: list[str] = []
    for place, word in enumerate(words):
        follows = place > 0 and words[place - 1] in _COUNTED
        if word in _ROMAN and (len(word) > 1 or follows or 0 < place == len(words) - 1):
            found.append(_ROMAN[word])
        elif not word.isalpha():
            found.extend(run.lstrip("0") or "0" for run in re.findall(r"\d+", word))
    return tuple(found)


@lru_cache(maxsize=8192)
def numerals(text: str) -> tuple[str, ...]:
    """Return the numerals that distinguish a work, in order: digits, and roman numerals as digits.

    `Llama 2`, `Llama-II` and `Llama2` give ("2",), `YOLOv3` gives ("3",), `GPT-3.5` gives ("3", "5"). A single I, V or
    X counts at the end of the text and after words such as Part.
    """
    return numerals_of(tokens(re.sub(r"(?<=\d),(?=\d{3})", "", text)))
