"""Citation keys: the entries' own, or made from author, year and title; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import chain, count

from enrich.export.works import CitedWork
from enrich.text.folding import tokens

_FORBIDDEN = re.compile(r"[^\w:./+-]+")
"""Characters that BibTeX does not allow in a key."""
_SMALL = frozenset(
    re.findall(
        r"\w+", "a an and are as at by can do does for from how in into is it of on or the to via what when why with"
    )
)
"""Words at the start of a title without a meaning of their own."""


def own_key(work: CitedWork) -> str:
    """Return the entry's key."""
    return work.entry.key


def author_year(work: CitedWork) -> str:
    """Return a key from the first author's family name, the year and the title's first word: `kwon2023efficient`."""
    family = "".join(_words(work.people.names[0].family)) if work.people.names else ""
    words = [word for word in _words(work.title) if word not in _SMALL]
    word = next((word for word in words if not word.isdigit()), words[0] if words else "")
    return f"{family}{work.year or ''}{word}" or work.entry.key


def _words(text: str) -> list[str]:
    """Return the words of a text in lower case without formulas and accents; letters of other scripts stay."""
    folded = (re.sub(r"\W", "", token) for token in tokens(re.sub(r"\$[^$]*\$", "", text)))
    return [word for word in folded if word]


KEYS: Mapping[str, Callable[[CitedWork], str]] = {"entry": own_key, "author-year": author_year}
"""The kinds of keys by their names on the command line."""


def unique_keys(keys: Iterable[str]) -> list[str]:
    """Return keys that BibTeX can read, in order, with numbers added to repeated ones (ignoring case)."""
    taken: set[str] = set()
    given = []
    for key in keys:
        bare = _FORBIDDEN.sub("-", key).strip("-") or "entry"
        numbered = (f"{bare}-{number}" for number in count(2))
        free = next(candidate for candidate in chain([bare], numbered) if candidate.lower() not in taken)
        taken.add(free.lower())
        given.append(free)
    return given
