"""Citation keys: the entries' own, or made of author, year and title; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import chain, count

from enrich.export.works import CitedWork
from enrich.text.folding import tokens

_FORBIDDEN = re.compile(r"[^\w:./+-]+")
"""What BibTeX does not allow in a key."""
_SMALL = frozenset(
    re.findall(
        r"\w+", "a an and are as at by can do does for from how in into is it of on or the to via what when why with"
    )
)
"""Words that begin a title and tell nothing of it."""


def own_key(work: CitedWork) -> str:
    """Return the entry's key."""
    return work.entry.key


def author_year(work: CitedWork) -> str:
    """Return a key of the first author's family name, the year and the title's first word: `kwon2023efficient`."""
    family = "".join(_words(work.people.names[0].family)) if work.people.names else ""
    words = [word for word in _words(work.title) if word not in _SMALL]
    word = next((word for word in words if not word.isdigit()), words[0] if words else "")
    return f"{family}{work.year or ''}{word}" or work.entry.key


def _words(text: str) -> list[str]:
    """Return the words of a text in lower case without formulas and accents; letters of other scripts stay."""
    folded = (re.sub(r"\W", "", token) for token in tokens(re.sub(r"\$[^$]*\$", "", text)))
    return [word for word in folded if word]


KEYS: Mapping[str, Callable[[CitedWork], str]] = {"entry": own_key, "author-year": author_year}
"""The ways to make a key, by the names that the command line knows."""


def unique_keys(keys: Iterable[str]) -> list[str]:
    """Return keys that BibTeX can read in their order, a number behind each that was there before in any case."""
    taken: set[str] = set()
    given = []
    for key in keys:
        bare = _FORBIDDEN.sub("-", key).strip("-") or "entry"
        numbered = (f"{bare}-{number}" for number in count(2))
        free = next(candidate for candidate in chain([bare], numbered) if candidate.lower() not in taken)
        taken.add(free.lower())
        given.append(free)
    return given
