"""Is this candidate that paper? Pure functions that fold titles, names and venues and explain their answer."""

from enrich.matching.decision import Description, Likeness, Match, choose, circumstances, compare
from enrich.matching.decoration import undecorated
from enrich.matching.identity import Identity, Ruling, bears_title, identify, is_told, may_be_retitled
from enrich.matching.people import same_authors
from enrich.matching.splitting import beside, is_cut_from
from enrich.matching.text import fold, head, numerals, tokens
from enrich.matching.venues import is_other_conference, is_preprint_server, short_name, venues_agree, year_of

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
    "is_other_conference",
    "is_preprint_server",
    "is_told",
    "may_be_retitled",
    "numerals",
    "same_authors",
    "short_name",
    "tokens",
    "undecorated",
    "venues_agree",
    "year_of",
]
