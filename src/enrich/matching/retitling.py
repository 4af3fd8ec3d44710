"""Decide whether a paper was retitled, by what its earlier and later titles have in common."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from enrich.matching.decision import Circumstances
from enrich.matching.descriptions import Description
from enrich.matching.parts import head, numerals
from enrich.text.dates import find_year
from enrich.text.folding import fold, tokens, word_set

RETITLED = 0.5
"""The share of the shorter title's words that a later title of the same paper keeps, at the least. Six papers that
changed their titles on arXiv kept from 0.3 to 0.75 of them."""

UNRELATED = 0.25
"""Below this share of common words two titles belong to different papers: the paper that a wrong digit in an arXiv ID
leads to has less, a retitled one more."""

REWORDED = 0.75
"""From this share on, titles that differ in a numeral or a negation belong to two works of one series or debate; below
it they differ too much to decide."""

LEAST_SHARE = 0.66
"""The least share of a title's words in a text about that paper: for the abstract of a retitled paper, of the words
that only the listed title has; for the description of a repository, of all words."""

SHARED = 3
"""The least number of content words that two titles of one paper have in common; a shorter title is not conclusive."""

LONG = 6
"""Content words that tell: of a listed title whose words the abstract has, and in common where the years agree. Of
pairs of different papers of one narrow field (inference of language models) one in 1,000 passes for retitled."""

_SMALL = word_set("a an the and or of for in on to with by from via at as is are its their using towards toward")


class Common(NamedTuple):
    """The content words that two titles have in common; `only` is only in the listed title, `added` in the other."""

    number: int
    share: float
    listed: int
    only: frozenset[str]
    added: frozenset[str]

    @property
    def is_kept(self) -> bool:
        """Whether the titles have as much in common as an earlier and a later title of one paper."""
        return self.number >= SHARED and self.share >= RETITLED

    @property
    def is_reworded(self) -> bool:
        """Whether both titles have many words of their own as well as many in common."""
        return self.number >= LONG and min(len(self.only), len(self.added)) >= SHARED


def may_be_retitled(one: str, two: str) -> bool:
    """Whether two titles have the same system's name, and common words like an earlier and a later title."""
    return common_words(one, two).is_kept and same_head(one, two) and not numerals_conflict(one, two)


def has_most_words(title: str, text: str) -> bool:
    """Whether a text has most words of a title that is long enough to compare."""
    words = {word for word in tokens(title) if len(word) > 3}
    return len(words) > SHARED and len(words & set(tokens(text))) >= LEAST_SHARE * len(words)


def sign_of_retitling(
    text: str, title: str, common: Common, known: Circumstances, records: Sequence[Description]
) -> str | None:
    """Return the evidence that the listed title is an earlier one of the same paper; None without any."""
    said = {_stem(word) for record in records for word in tokens(record.abstract or "")}
    shared = len(common.only & said)
    related = common.share >= UNRELATED and common.listed >= LONG and _heads_agree(text, title, said)
    signs = {
        "the authors agree": common.is_kept and known.authors is True and not known.far,
        "the abstract has the words of the title": related and shared >= max(2, LEAST_SHARE * len(common.only)),
        "the name is the same, and the abstract has words of the title": (
            shared > 0 and known.authors is None and same_head(text, title) and _is_coined(head(text) or "")
        ),
        "most words and the year agree": common.is_kept and common.is_reworded and known.near,
    }
    return next((sign for sign, holds in signs.items() if holds), None)


def common_words(listed: str, title: str) -> Common:
    """Return what two titles have in common, ignoring small words and plurals."""
    words = [frozenset(_stem(word) for word in tokens(text) if word not in _SMALL) for text in (listed, title)]
    count = len(words[0] & words[1])
    return Common(count, count / max(1, min(map(len, words))), len(words[0]), words[0] - words[1], words[1] - words[0])


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def numerals_conflict(one: str, two: str) -> bool:
    """Whether two titles have numerals, and none in common."""
    first, second = set(numerals(one)), set(numerals(two))
    return first != second and not first & second


def differ_in_years(listed: str, title: str) -> bool:
    """Whether a listed title has all numerals of the other and, except for years, no more, as part of a citation."""
    first, second = set(numerals(listed)), set(numerals(title))
    return first > second and all(find_year(numeral) for numeral in first - second)


def same_head(one: str, two: str) -> bool:
    """Whether two titles have the same head."""
    return fold(head(one) or "") == fold(head(two) or "") != ""


def _heads_agree(listed: str, title: str, said: set[str]) -> bool:
    """Whether the listed title begins with no name, or with a name that the title or the abstract has."""
    first = head(listed)
    return first is None or same_head(listed, title) or {_stem(word) for word in tokens(first)} <= said


def _is_coined(name: str) -> bool:
    """Whether a name is a coined word: CacheGen, S3FD."""
    return len(name) >= 5 and " " not in name and bool(re.search(r"[a-z][A-Z]|\d", name))
