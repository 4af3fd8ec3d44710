"""Is this candidate that paper? Pure functions that fold titles, names and venues and explain their answer."""

from enrich.matching.decision import Description, Likeness, Match, choose, circumstances, compare
from enrich.matching.decoration import undecorated
from enrich.matching.identity import Identity, Ruling, bears_title, identify, is_told, may_be_retitled
from enrich.matching.parts import head, numerals
from enrich.matching.people import same_authors
from enrich.matching.splitting import beside, is_cut_from
from enrich.text.folding import fold, tokens

__all__ = [
    "Description",
    "Identity",
    "Likeness",
    "Match",
    "Ruling",
    "bears_title",
    "beside",
    "choose",
    "circumstances",
    "compare",
    "fold",
    "head",
    "identify",
    "is_cut_from",
    "is_told",
    "may_be_retitled",
    "numerals",
    "same_authors",
    "tokens",
    "undecorated",
]
