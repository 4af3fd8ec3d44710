"""Typing errors: whether two titles differ in a few letters only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from rapidfuzz.distance import OSA

from enrich.text.folding import word_set

Difference = tuple[tuple[str, ...], tuple[str, ...]]
LEFT_OUT = word_set("a an the and")
_SMALL = LEFT_OUT | word_set("of for in on to with by from via at as is are its their using")
_ENDINGS = word_set("s es d ed")


def are_slips(blocks: Sequence[Difference], acronyms: frozenset[str], length: int, shared: int) -> bool | None:
    """Whether all differences are small words and slips of the pen, few enough for the length of the title.

    Returns:
        False if that is likely only if the authors are the same, None if the differences are more than slips.
    """
    edits, certain = 0, True
    for left, right in blocks:
        if {*left, *right} <= _SMALL:
            left_out = not (left and right) and {*left, *right} <= LEFT_OUT
            certain = certain and left_out and shared >= 6
            continue
        slip = _slip("".join(left), "".join(right), not acronyms.isdisjoint({*left, *right}), shared)
        if slip is None:
            return None
        edits += slip[0]
        certain = certain and slip[1]
    few = edits <= (1 if length < 30 else 2 if length < 70 else 3) and len(blocks) <= 4
    return certain and length >= 24 if few and length >= 12 else None


class _Slip(NamedTuple):
    """Two words that may be one, the shorter first; `shared` is the number of words that the titles have in common."""

    shorter: str
    longer: str
    distance: int
    is_acronym: bool
    shared: int

    @property
    def is_ending(self) -> bool:
        ends = self.longer.startswith(self.shorter) and self.longer[len(self.shorter) :] in _ENDINGS
        return ends and self.shorter[-1] not in "su"

    @property
    def is_doubling(self) -> bool:
        single = [re.sub(r"(.)\1+", r"\1", word) for word in (self.shorter, self.longer)]
        return len(self.shorter) >= 3 and single[0] == single[1]

    @property
    def is_long(self) -> bool:
        return len(self.shorter) > 5 or (len(self.shorter) == 5 and not self.is_acronym)

    @property
    def is_small(self) -> bool:
        return any(word in _SMALL and len(word) > 1 for word in (self.shorter, self.longer))


_ONE_WORD: tuple[tuple[Callable[[_Slip], bool], Callable[[_Slip], bool | None]], ...] = (
    (lambda slip: not slip.shorter or slip.distance > 2, lambda _: None),
    (lambda slip: slip.is_ending, lambda _: False),
    (lambda slip: slip.is_doubling, lambda _: True),
    (lambda slip: slip.is_long, lambda slip: True if slip.distance <= (1 if len(slip.shorter) < 9 else 2) else None),
    (lambda slip: slip.distance > 1, lambda _: None),
    (lambda slip: slip.is_small, lambda slip: slip.shared >= 4),
    (
        lambda slip: slip.is_acronym or len(slip.shorter) < 3,
        lambda slip: False if len(slip.shorter) < len(slip.longer) and slip.shared >= 4 else None,
    ),
    (lambda _: True, lambda slip: slip.shared >= 5),
)
"""Whether two words differ in a typing error only: None if they are different; the first row that matches counts."""


def _slip(left: str, right: str, acronym: bool, shared: int) -> tuple[int, bool] | None:
    """Return the number of wrong letters, and whether it is certainly a typing error; None for different words."""
    shorter, longer = sorted((left, right), key=len)
    slip = _Slip(shorter, longer, OSA.distance(left, right), acronym, shared)
    certain = next(rule for fits, rule in _ONE_WORD if fits(slip))(slip)
    return None if certain is None else (slip.distance, certain)
