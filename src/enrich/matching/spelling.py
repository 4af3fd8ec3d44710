"""Two spellings of one word: British and American, initials."""

from __future__ import annotations

import re
from functools import lru_cache


def abbreviates(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether one word is the initials of three or more: LLMs, large language models."""
    if len(short) != 1 or len(long) < 3:
        return False
    initials = "".join(word[0] for word in long)
    return short[0] in {initials, f"{initials}s" if long[-1].endswith("s") else initials}


# British and American spellings; both titles are converted, so an unneeded word does no harm.
_BRITISH = tuple(
    (re.compile(pattern), spelled)
    for pattern, spelled in (
        (r"(?<=\w\w\w)is(?=(?:e|es|ed|er|ers|ing|able|ation|ations)$)", "iz"),
        (r"(?<=\w\w)ys(?=(?:e|es|ed|er|ers|ing)$)", "yz"),
        (r"(?<=\w\w)our(?=(?:s|ed|ing|al|ally|ful|able|less|ite|ist|hood)?$)", "or"),
        (r"(?<=\w\w[aeiou])ll(?=(?:ed|er|ers|ing|ings)$)", "l"),
        (r"(?<=cen)tre(?=s?$)", "ter"),
        (r"(?<=\w\w)ogue(?=s?$)", "og"),
        (r"(?<=\wen)ce(?=s?$)", "se"),
    )
)


@lru_cache(maxsize=8192)
def american(word: str) -> str:
    """Return a folded word in its American spelling: `behaviour` as `behavior`."""
    for pattern, spelled in _BRITISH:
        word = pattern.sub(spelled, word)
    return word
