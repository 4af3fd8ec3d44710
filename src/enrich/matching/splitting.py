"""Split a listed title into the paper's title and the text beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from enrich.matching.decoration import ANY_YEAR, VENUE_NAME, VENUE_PHRASE, Rest, find_within, is_listing_word
from enrich.text.dates import YEAR, find_year
from enrich.text.folding import PIECE, tokens, without_markup
from enrich.text.venue_names import CONFERENCES, is_preprint_server, short_name

_NAME_BY_YEAR = re.compile(
    rf"\b{YEAR}\s?[-_,]?\s?(?P<behind>{VENUE_NAME}|[A-Z][A-Za-z]{{0,20}}[A-Z]\w{{0,20}})(?!\w)"
    rf"|\b(?P<before>{VENUE_NAME}|[A-Z][A-Za-z]{{0,20}}[A-Z][A-Za-z+]{{0,20}}(?:\s[A-Z]\w{{1,15}})?)"
    rf"\s?[-_,]?\s?{ANY_YEAR}(?!\w)"
)
_NAME_ALONE = re.compile(rf"(?:^|[(\[,;|.])\s{{0,3}}(?P<alone>{VENUE_NAME})\s{{0,3}}(?=[)\],;|.]|$)")


class Beside(NamedTuple):
    """What a listed title has beside the title: the venue with its year, and the paper's authors if there are any."""

    venue: str | None
    authors: tuple[str, ...]


def cut_out(title: str, text: str, rest: Rest) -> str:
    """Return a title as it is written in a text that has `rest` around it, on one line."""
    whole, pieces = without_markup(text), list(PIECE.finditer(without_markup(title).strip()))
    start, end = len(rest.before), len(whole) - len(rest.after)
    if pieces:
        # Punctuation at the ends belongs to the title: `Why Does It Work? (2019)`.
        opening = pieces[0].string[: pieces[0].start()]
        closing = pieces[-1].string[pieces[-1].end() :].lstrip("+#").rstrip(". ")
        start -= len(opening) if rest.before.endswith(opening) else 0
        end += len(closing) if rest.after.startswith(closing) else 0
    return " ".join(whole[start:end].split())


def is_cut_from(title: str, text: str) -> bool:
    """Whether a title is a part of a text, letter by letter except for markup and white space."""
    return bool(tokens(title)) and title.isprintable() and title in " ".join(without_markup(text).split())


def beside(title: str, text: str, authors: Sequence[str]) -> Beside:
    """Return what a text has beside a title in it; `authors` are the authors of the paper with that title."""
    rest = find_within(title, text)
    if rest is None:
        return Beside(None, ())
    words = {word for word in rest.words if len(word) > 1 and not is_listing_word(word)}
    named = any(name_words[-1] in words for name in authors if (name_words := tokens(name)))
    people = {word for name in authors for word in tokens(name)}
    return Beside(_venue(rest, people), tuple(authors) if named else ())


def _venue(rest: Rest, people: set[str]) -> str | None:
    year = find_year(rest.after) or find_year(rest.before)
    for text in (rest.before, rest.after):
        for found in (*_NAME_BY_YEAR.finditer(text), *_NAME_ALONE.finditer(text)):
            name = found[found.lastgroup or 0]
            if not people.issuperset(tokens(name)) and not is_preprint_server(name):
                return _dated(name, find_year(found[0]) or year)
    phrase = VENUE_PHRASE.search(rest.after)
    name = short_name(phrase[0]) if phrase else ""
    return _dated(name, year) if name in CONFERENCES else None


def _dated(name: str, year: int | None) -> str:
    return f"{name} {year}" if year else name
