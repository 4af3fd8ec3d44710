"""Years and dates as people and services write them."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from enrich.text.spacing import squeeze

_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
MONTHS = tuple(name[:3] for name in _NAMES)
"""The abbreviated months, as in BibTeX."""
MONTH_WORDS = frozenset((*_NAMES, *MONTHS, "sept"))
"""All English words for months."""
YEAR = r"(?:19|20)\d\d"
SHORT_YEAR = rf"(?:['’‘`´]\s?\d\d(?!\d)|['’‘`´]\s?[A-Z][a-z]{{2,8}}[- ]?{YEAR})"
"""Patterns of a year in titles and venues: `2023`; `'23`, `'May 2023`."""

_YEAR = rf"(?P<{{}}>{YEAR})"
# English, and Dutch, German, French, Spanish, Italian and Portuguese by their own names.
_MONTH = (
    rf"(?:(?:{'|'.join(sorted(MONTH_WORDS, reverse=True))})\.?"
    r"|januari|februari|maart|mei|juni|juli|augustus|o[ck]tober|januar|jänner"
    r"|februar|märz|mai|okt\.?|dez(?:ember)?\.?|janvier|février|mars|avril|juin|juillet|août|septembre|octobre"
    r"|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
    r"|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|janeiro|fevereiro|março|maio|junho"
    r"|julho|setembro|outubro|novembro|dezembro)\.?"
)
_DATE = re.compile(
    "|".join(
        [
            _YEAR.format("a") + r"(?:[./-]?(?:0?[1-9]|1[0-2])(?:[./-]?\d{1,2})?)?",
            _YEAR.format("b") + r"\s*年(?:\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?)?",
            r"(?:\d{1,2}[./-])?(?:0?[1-9]|1[0-2])[./-]" + _YEAR.format("c"),
            r"(?:\d{1,2}(?:st|nd|rd|th|er|º|\.)?\s(?:de\s)?)?"
            + _MONTH
            + r"(?:\s\d{1,2}(?:st|nd|rd|th)?)?(?:\sdel?\s|[,\s'’/-]*)"
            + _YEAR.format("d"),
            _YEAR.format("e") + r"[,\s./-]+" + _MONTH + r"(?:[\s-]\d{1,2})?",
        ]
    ),
    re.IGNORECASE,
)
_MONTH_ALONE = re.compile(_MONTH, re.IGNORECASE)


@lru_cache(maxsize=2048)
def year_of_date(text: str) -> int | None:
    """Return the year if the text is only a year or a date (`2023/05`, `Nov. 2024`), else None."""
    match = _DATE.fullmatch(squeeze(text).strip(" .,;:()[]"))
    return int(next(group for group in match.groups() if group)) if match else None


def is_month(text: str) -> bool:
    """Whether the text is the name of a month."""
    return _MONTH_ALONE.fullmatch(text.strip()) is not None


def month_number(text: str) -> int | None:
    """Return the number of a month from its name, abbreviated or in full, or from its number; else None."""
    bare = text.strip().rstrip(".")
    if re.fullmatch(r"0?[1-9]|1[0-2]", bare, re.ASCII):
        return int(bare)
    return MONTHS.index(bare[:3].lower()) + 1 if is_month(bare) else None


_LONGEST = 400
"""The number of characters of a venue that are searched for its year."""

_FULL_YEAR = re.compile(r"(?<![\d.])(19[5-9]\d|20[0-4]\d)(?!\d|\.\d)")
_SHORT_YEAR = re.compile(
    r"['’‘`´]\s?(\d\d)(?!\d)|\b[A-Za-z]{0,40}[A-Z]{2}[A-Za-z]{0,40}[ -]?(\d\d)(?!\d|\.\d)|^[a-z]{2,9}(\d\d)$"
)
_ARXIV_ID = re.compile(r"(?<!\d)(\d\d)(?:0[1-9]|1[0-2])\.\d{4,5}(?!\d)")


@lru_cache(maxsize=4096)
def find_year(text: str) -> int | None:
    """Return the year in a venue as listed: `SC 2022`, `NSDI'23`, `(OSDI 22)`, `arXiv 2303.06865` (2023)."""
    text = text[:_LONGEST]
    if full := _FULL_YEAR.search(text):
        return int(full[1])
    short = _ARXIV_ID.search(text) or _SHORT_YEAR.search(text)
    if short is None:
        return None
    digits = int(next(group for group in short.groups() if group))
    return digits + (2000 if digits < 50 else 1900)


def full_year_in(text: str) -> int | None:
    """Return the first plausible year of four digits in a text; None without one."""
    found = re.search(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)", text)
    return int(found[0]) if found else None


def bounded_int(value: object, least: int = 0, most: int = 100_000_000) -> int | None:
    """Return an integer within bounds, else None: counts may also be texts, negative, or have 20 digits."""
    return value if type(value) is int and least <= value <= most else None


def checked_year(value: object) -> int | None:
    """Return a year in which a paper can have been published, else None."""
    return bounded_int(value, 1500, 2100)


def iso_date(year: object, month: object = None, day: object = None) -> str | None:
    """Return an ISO date as precise as known: `2023`, `2023-03`, `2023-03-13`; None without a usable year."""
    if (known := checked_year(year)) is None:
        return None
    month = bounded_int(month, 1, 12)
    if month is None:
        return f"{known:04}"
    try:
        return date(known, month, bounded_int(day, 1, 31) or 0).isoformat()
    except ValueError:
        return f"{known:04}-{month:02}"


def leading_date(text: object) -> str | None:
    """Return the ISO date that a text begins with: `2017-06-12T17:57:34Z`, `2023/03/13`, `2017`; None without one."""
    match = re.match(r"\s*(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?!\d)", text) if isinstance(text, str) else None
    return iso_date(*(int(part) if part else None for part in match.groups())) if match else None


def find_date(text: str) -> str | None:
    """Return the ISO date in `2023/03/13`, `13 March 2023`, `Mar 2023`, `03/13/2023` (its year), `2023`; else None."""
    if found := leading_date(text):
        return found
    year = re.search(r"(?<!\d)(\d{4})(?!\d)", text)
    if not year:
        return None
    name = re.search(rf"\b({'|'.join(MONTHS)})[a-z]*\b", text, re.IGNORECASE)
    day = re.search(r"(?<!\d)(\d{1,2})(?!\d)", text)
    month = MONTHS.index(name[1].lower()) + 1 if name else None
    return iso_date(int(year[1]), month, int(day[1]) if name and day else None)
