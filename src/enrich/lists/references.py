"""Cut a reference in the style of a bibliography: after its authors, its year and its title; pure.

APA: `Luo, S., & Ma, J. (2022). A title. Venue, 30.` Harvard: `Luo, S. and Ma, J., 2022. A title. Venue.`
Vancouver: `Luo S, Ma J. A title. Venue. 2022;30:1-9.` BibTeX's plain: `S. Luo and J. Ma. A title. Venue, 30, 2022.`
DIN and MDPI: `Luo, Shi; Ma, J.: A title. In: Venue, 2022.`
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from enrich.text.names import COMMON_PARTICLES
from enrich.text.people import people_in

_CAPITAL = "A-Z\u00c0-\u00de\u0100-\u024f"
_PARTICLE = rf"(?>(?:(?:{'|'.join(sorted(COMMON_PARTICLES, reverse=True))})\s){{0,3}})"
_FAMILY = rf"{_PARTICLE}[{_CAPITAL}][^\W\d_]*+(?>[-'’\s][{_CAPITAL}][^\W\d_{_CAPITAL}][^\W\d_]*+|)"
_DOTTED = rf"{_FAMILY},\s(?>(?:[{_CAPITAL}]\.(?:[\s-]?(?=[{_CAPITAL}]\.))?){{1,4}})"
_PLAIN = rf"{_FAMILY}\s[{_CAPITAL}]{{1,3}}(?:-[{_CAPITAL}])?+(?![^\W_])"
_AND = r"(?:,\s(?>(?:and|&)\s|)|\s(?:and|&)\s)"
_OTHERS = r"(?:,?\set\sal\.?+)"
_NAME = rf"[{_CAPITAL}][^\W\d_{_CAPITAL}]++"
_GIVEN = (
    rf"(?:[{_CAPITAL}]\.(?>(?:[\s-]?[{_CAPITAL}]\.){{0,3}})|[{_CAPITAL}](?>(?:\s?[{_CAPITAL}]){{0,2}})(?![^\W_])"
    rf"|{_NAME}(?>(?:[\s-]{_NAME}){{0,2}})(?:\s[{_CAPITAL}]\.){{0,3}}+)"
)
_INVERTED = rf"{_FAMILY},\s{_GIVEN}"
_LISTED = rf"{_INVERTED}(?P<listed>(?>(?:;\s(?>(?:and|&|und|et)\s|){_INVERTED}){{1,200}}))(?>;?\set\sal\.?+|)"
_PEOPLE = re.compile(
    rf"\s*+(?P<people>{_LISTED}|{_DOTTED}(?P<more>(?>(?:{_AND}{_DOTTED}){{0,200}}(?:{_OTHERS}|)))"
    rf"|{_PLAIN}(?:(?>(?:{_AND}{_PLAIN}){{1,200}}(?:{_OTHERS}|))|{_OTHERS}))"
)
_ONE = re.compile(rf"\s*+{_PLAIN}(?=\.\s)")
# What only follows a title in Vancouver's style: `Nature. 2015;521`, `Nature. 2015 May 27;521`.
_ISSUE = re.compile(r"\.\s(?:19|20)\d\d(?:\s[A-Z][a-z]{2}(?:\s\d{1,2})?)?[;:]\s?\d")
_FARTHEST_ISSUE = 400
_YEAR = re.compile(r",?\s\(?(?:19|20)\d\d[a-z]?\)?[.,:]?\s")
_STOP = re.compile(r"[.,:]?\s")
_YEAR_BEFORE = re.compile(r"\s?[(（](?:19|20)\d\d[a-z]?(?:,\s[A-Z][a-z]{2,8})?[)）]\.?\s{0,3}$")
_LONGEST_YEAR = 24
_BEGINS = re.compile(rf"[\[\"“'‘]?[{_CAPITAL}\d]")


def cuts(text: str, start: int, end: int, sentence_ends: Callable[[str, int, int], Sequence[int]]) -> list[int]:
    """Return where the year or title, the title, and what follows it begin; [] if the text is not such a reference."""
    found = _behind_people(text, start, end) or _behind_year(text, start)
    if not found:
        first = next(iter(sentence_ends(text, start, end)), end)
        listed = people_in(text[start:first]) if first < end else None
        found = [first] if listed and len(listed.names) > 1 and not listed.rest else []
    if not found or len(text[found[-1] : end].split()) < 2 or not _BEGINS.match(text, found[-1]):
        return []
    ends = sentence_ends(text, found[-1], end)
    return [*(at for at in found if at > start), *ends[:1]]


def listed_end(text: str) -> int:
    """Return where a list of people ends that separates them with semicolons, 0 if the text does not begin with one."""
    people = _PEOPLE.match(text)
    return people.end() if people and people["listed"] else 0


def _behind_people(text: str, start: int, end: int) -> list[int]:
    people = _PEOPLE.match(text, start, end)
    if people is None:
        one = _ONE.match(text, start, end)
        stop = _STOP.match(text, one.end(), end) if one else None
        return [stop.end()] if stop and _ISSUE.search(text, stop.end(), stop.end() + _FARTHEST_ISSUE) else []
    at = people.end()
    if year := _YEAR.match(text, at, end):
        return [at, year.end()]
    stop = _STOP.match(text, at, end)
    several = people["more"] != ""  # None in the other styles: there are always several
    return [stop.end()] if stop and several else []


def _behind_year(text: str, start: int) -> list[int]:
    """Return where the title begins if the text before it is nothing but authors and a year in brackets."""
    near = max(0, start - _LONGEST_YEAR)
    year = _YEAR_BEFORE.search(text, near, start)
    if year is None:
        return []
    people = _PEOPLE.match(text, 0, year.start())
    if people is None or text[people.end() : year.start()].strip(" ,."):
        return []
    at = start
    while at < len(text) and text[at] in ". ":
        at += 1
    return [at]
