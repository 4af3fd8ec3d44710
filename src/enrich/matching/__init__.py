"""Decide whether a candidate is a given paper; pure functions that compare titles, names and venues, with reasons."""

from enrich.matching.decision import Likeness, Match, choose, circumstances, compare
from enrich.matching.decoration import undecorated
from enrich.matching.descriptions import Description, describe, described
from enrich.matching.identity import (
    Identity,
    Ruling,
    agreement,
    are_different_works,
    bears_title,
    calls,
    contradict,
    identify,
    same_paper,
)
from enrich.matching.parts import head, numerals
from enrich.matching.people import same_authors
from enrich.matching.retitling import has_most_words, may_be_retitled
from enrich.matching.splitting import beside, is_cut_from
from enrich.text.folding import fold, tokens

__all__ = [
    "Description",
    "Identity",
    "Likeness",
    "Match",
    "Ruling",
    "agreement",
    "are_different_works",
    "bears_title",
    "beside",
    "calls",
    "choose",
    "circumstances",
    "compare",
    "contradict",
    "describe",
    "described",
    "fold",
    "has_most_words",
    "head",
    "identify",
    "is_cut_from",
    "may_be_retitled",
    "numerals",
    "same_authors",
    "same_paper",
    "tokens",
    "undecorated",
]
