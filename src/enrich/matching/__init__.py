"""Is this candidate that paper? Pure functions that fold titles, names and venues and explain their answer."""

from enrich.matching.text import fold, head, numerals, tokens
from enrich.matching.venues import venues_agree, year_of

__all__ = ["fold", "head", "numerals", "tokens", "venues_agree", "year_of"]
