"""Compare lists of authors as lists and services write them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from enrich.text.folding import tokens, word_set
from enrich.text.names import is_body, parse_name

_NOT_OF_THE_NAME = word_set("jr sr ii iii iv phd dr prof md et al others")
_NOBODY = word_set("anonymous unknown author authors")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "å": "aa", "ø": "oe"})
_LONGEST_NAME = 8
"""Words; longer text is an abstract or an affiliation in the wrong field."""
_LONGEST_TEXT = 400


@dataclass(frozen=True)
class _Person:
    words: frozenset[str]
    surnames: frozenset[str]
    first: str
    initials: frozenset[str]

    def is_same(self, other: _Person) -> bool:
        if self.words == other.words:
            return True
        fits = not self.initials or not other.initials or bool(self.initials & other.initials)
        return fits and bool(self.surnames & other.surnames)


def _name_words(text: str) -> list[str]:
    words = tokens(text)
    return [word for word in words if word not in _NOT_OF_THE_NAME]


@lru_cache(maxsize=65536)
def _person(name: str) -> _Person | None:
    """Return the person of a name in either order; None for an organisation, Anonymous or an abstract."""
    text = re.sub(r"\([^()]*\)|\bet\.? al\b\.?|\d+", " ", name[:_LONGEST_TEXT])
    words = _name_words(text)
    if not words or len(words) > _LONGEST_NAME or not _NOBODY.isdisjoint(words) or is_body(text):
        return None
    if len(words) == 1 and re.search("[A-Z].*[A-Z]", text) and not text.isupper() and re.search("[A-Z]{2}", text):
        return None
    family = parse_name(" ".join(text.split())).family
    surname = (_name_words(family) or words)[-1]
    spelled_out = _name_words(family.translate(_UMLAUTS))
    given = [word for word in words if word != surname]
    return _Person(
        frozenset(words),
        frozenset({surname, (spelled_out or [surname])[-1]}),
        words[0],
        frozenset(word[0] for word in given),
    )


def same_authors(a: Sequence[str], b: Sequence[str]) -> bool | None:
    """Whether two author lists, whole or in part, are of the same people.

    Names may be in either order (`Family, Given`), with initials, with or without accents, or a surname alone, which
    means the first author.

    Returns:
        True when at least half of the shorter list, or three people, are in the other; False when no one is; None
        when a list is empty or holds no person (an organisation, `Anonymous`), when too few agree, or when one has
        nothing but acronyms, which may be institutions: `HKUST`.
    """
    if not a or not b:
        return None
    one, two = ([person for name in names if (person := _person(name))] for names in (a, b))
    if not one or not two:
        return None
    shorter, longer = sorted((one, two), key=len)
    matched = _matched(shorter, longer) if len(one) != len(two) else max(_matched(one, two), _matched(two, one))
    if len(shorter) == 1 and not shorter[0].initials:
        if shorter[0].is_same(longer[0]):
            return True
    elif matched * 2 >= len(shorter) or matched >= 3:
        return True
    surnames = [frozenset[str]().union(*(person.surnames for person in people)) for people in (one, two)]
    firsts = [{person.first for person in people} for people in (one, two)]
    may_be = surnames[0] & (surnames[1] | firsts[1]) or surnames[1] & firsts[0]
    return None if matched or may_be or any(all(map(_is_acronym, names)) for names in (a, b)) else False


def _is_acronym(name: str) -> bool:
    return name.isupper() and name.isalpha() and len(name) > 2


def _matched(some: Sequence[_Person], others: Sequence[_Person]) -> int:
    """How many of the people are also among the others; both lists may have thousands."""
    by_surname: defaultdict[str, list[_Person]] = defaultdict(list)
    for other in others:
        for surname in other.surnames:
            by_surname[surname].append(other)
    whole = {other.words for other in others}
    return sum(
        person.words in whole
        or any(person.is_same(other) for surname in person.surnames for other in by_surname.get(surname, ()))
        for person in some
    )
