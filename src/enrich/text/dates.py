"""Years and dates as people write them in lists."""

from __future__ import annotations

import re
from functools import lru_cache

from enrich.text.spacing import squeeze

_YEAR = r"(?P<{}>(?:19|20)\d\d)"
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = re.compile(
    "|".join(
        [
            _YEAR.format("a") + r"(?:[./-]?(?:0?[1-9]|1[0-2])(?:[./-]?\d{1,2})?)?",
            _YEAR.format("b") + r"\s*年(?:\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?)?",
            r"(?:\d{1,2}[./-])?(?:0?[1-9]|1[0-2])[./-]" + _YEAR.format("c"),
            r"(?:\d{1,2}(?:st|nd|rd|th)?\s)?" + _MONTH + r"(?:\s\d{1,2}(?:st|nd|rd|th)?)?[,\s'’]*" + _YEAR.format("d"),
            _YEAR.format("e") + r"[,\s]+" + _MONTH + r"(?:\s\d{1,2})?",
        ]
    ),
    re.IGNORECASE,
)
_MONTH_ALONE = re.compile(_MONTH, re.IGNORECASE)


@lru_cache(maxsize=2048)
def year_of_date(text: str) -> int | None:
    """Return the year where the text is nothing but a year or a date (`2023/05`, `Nov. 2024`), else None."""
    match = _DATE.fullmatch(squeeze(text).strip(" .,;:()[]"))
    return int(next(group for group in match.groups() if group)) if match else None


def is_month(text: str) -> bool:
    """Whether the text is the name of a month."""
    return _MONTH_ALONE.fullmatch(text.strip()) is not None
