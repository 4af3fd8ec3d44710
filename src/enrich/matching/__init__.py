"""Is this candidate that paper? Pure functions that fold titles, names and venues and explain their answer."""

from enrich.matching.decision import Description, Likeness, Match, choose, compare
from enrich.matching.people import same_authors
from enrich.matching.retitling import retitled
from enrich.matching.text import fold, head, numerals, tokens
from enrich.matching.venues import is_preprint_server, short_name, venues_agree, year_of

__all__ = [
    "Description",
    "Likeness",
    "Match",
    "choose",
    "compare",
    "fold",
    "head",
    "is_preprint_server",
    "numerals",
    "retitled",
    "same_authors",
    "short_name",
    "tokens",
    "venues_agree",
    "year_of",
]
