"""The role of a part of an item's text: a venue, a year, authors, a label, or free text; pure."""

from __future__ import annotations

import re
from dataclasses import replace
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from enrich import identifiers
from enrich.lists import decoration, vocabulary, words
from enrich.lists.cutting import (
    cut,
    identifiers_in,
    in_brackets,
    institutions_of,
    is_institution,
    is_submission,
    is_thesis,
)
from enrich.lists.segments import Flow, Segment, part
from enrich.model import Identifier, LinkKind
from enrich.text import dates, people, spacing, venues


class Role(StrEnum):
    """The role of a segment in its item."""

    FREE = "free"
    LABEL = "label"
    VENUE = "venue"
    YEAR = "year"
    AUTHORS = "authors"
    INSTITUTIONS = "institutions"
    IDENTIFIER = "identifier"
    MARK = "mark"


class Said(NamedTuple):
    """The meaning of a text: its role, and the values for that role."""

    role: Role
    venue: str | None = None
    year: int | None = None
    people: people.People | None = None
    institutions: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


class Recognised(NamedTuple):
    """A segment with its role and the fields of `Said`."""

    segment: Segment
    role: Role
    venue: str | None = None
    year: int | None = None
    people: people.People | None = None
    institutions: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()

    @property
    def text(self) -> str:
        """The segment's text."""
        return self.segment.text


_CITED = re.compile(
    r"(?P<name>[A-Z][\w'’-]+(?:(?:,| and| &| et al\.?,?)?\s[A-Z][\w'’-]+){0,3}(?:,? et al\.?)?)"
    r",?\s?\(?(?P<year>(?:19|20)\d\d)[a-z]?\)?"
)
_LONGEST_CITED = 60
_LONGEST_DATED = 160
_DIGIT = re.compile(r"\d")
# `[[Open access paper](...)]`, `[[bioRxiv preprint](...)]`
_OF_PAPER = re.compile(r"(?:[\w.-]+\s){1,3}(?:paper|preprint|article|manuscript|pdf|version)", re.IGNORECASE)
_ACCOUNT = re.compile(r"@[\w-]{1,40}")
_NUMBERED = re.compile(r"(?:part|pt\.?|vol\.?|volume|chapter|episode)\s?(?:\d{1,3}|[ivx]{1,5})", re.IGNORECASE)
_ROUND = re.compile(
    r"(?:oral|spotlight|poster|highlight|best (?:student )?paper(?: award| candidate)?)s?", re.IGNORECASE
)
_DATED = re.compile(
    r"(?P<date>(?:19|20)\d[\d./-]{4,8})[\s,:]+(?P<rest>\S.*)|(?P<lead>.*\S)[\s,:]+(?P<last>(?:19|20)\d[\d./-]{4,8})"
)
# A citation count, which some lists have beside the year: `(2019, 400+ citations)`.
_CITATIONS = re.compile(r"(?:^|[,;|]\s?)(?:\d[\d,.]{0,9}[kK]?\+?\s(?:citations?|cites)|[Cc]ited by \d[\d,.]{0,9}\+?)$")
_LABELLED = re.compile(
    r"^\s*(?P<label>[^\W\d][\w ./&-]{0,30}?|[\u4e00-\u9fff/]{2,8})\s*[:：]\s*(?P<rest>.*)$", re.DOTALL
)
_PAGES = re.compile(r"(?:pages?|pp?\.?|vol(?:ume|\.)?|no\.)\s?\d[\d\s:()–-]{0,20}", re.IGNORECASE)
_INITIAL = re.compile(r"\b[A-Z]\.")
_SHORTEST_LONG_VENUE = 5
_MOST_BRACKETS = 200
"""The number of pieces up to which a list of names is read as one."""


def parts_of(flow: Flow) -> list[Recognised]:
    """Return a flow's segments with their roles; a segment that says several things is cut."""
    found: list[Recognised] = []
    place = 0
    while place < len(flow.segments):
        if (cited := _cited(flow, place)) is not None:
            found.append(cited)
            place += 1
            while place < len(flow.segments) and flow.segments[place].zone == cited.segment.zone:
                place += 1
            continue
        end = _names_end(flow, place)
        if end > place:
            first, last = flow.segments[place], flow.segments[end - 1]
            closed = last.end + (flow.text[last.end : last.end + 1] in (")", "）"))
            whole = part(first, flow, first.start, closed, first.before)
            found.append(Recognised(whole, Role.AUTHORS, people=people.people_in(whole.text)))
            place = end
            continue
        found.extend(_read(flow.segments[place], flow))
        place += 1
    return found


def _names_end(flow: Flow, start: int) -> int:
    """Return where a list of names with brackets in it ends: `Ada (Countess) Lovelace, Alan Turing (NPL)`."""
    segments = flow.segments
    first = segments[start]
    end = start + 1
    while end < len(segments) and end < start + _MOST_BRACKETS and _is_in_list(segments[end], first):
        end += 1
    if end - start < 2 or not any(segment.depth > first.depth for segment in segments[start:end]) or first.quoted:
        return start
    text = spacing.squeeze(flow.text[first.start : segments[end - 1].end])
    if first.is_link or first.bracket or text.count(",") < 1 or venues.venue_in(text):
        return start
    found = people.people_in(text + ")" * (text.count("(") - text.count(")")))
    is_list = found and len(found.names) > 1 and not found.rest and people.is_name(found.names[0])
    return end if is_list else start


def _is_in_list(segment: Segment, first: Segment) -> bool:
    """Whether a segment is in the same text as the first, except for brackets around it, and is not a year."""
    return (
        segment.zone == first.zone
        and dates.year_of_date(segment.text) is None
        and not segment.is_link
        and not segment.quoted
        and segment.depth <= first.depth + 1
        and (segment.before in ("(", ")", "（", "）", " ", ","))
    )


def _read(segment: Segment, flow: Flow) -> list[Recognised]:
    whole = read_whole(segment)
    is_people = whole.role is Role.AUTHORS and not whole.year
    if (is_people or _is_long_venue(whole)) and _is_paper_link(segment, flow):
        return [Recognised(segment, Role.FREE)]
    is_label = segment.is_link and (_NUMBERED.fullmatch(segment.text) or _ACCOUNT.fullmatch(segment.text))
    if is_label and _is_whole_link(segment, flow):
        return [Recognised(segment, Role.LABEL)]
    if whole.role is not Role.FREE or segment.badge or len(segment.text) > 3000:
        return [whole]
    pieces = cut(segment, flow)
    if len(pieces) == 1:
        return [whole]
    read = [read_whole(piece) for piece in pieces]
    first, second = read[0], read[1]
    name = first.text.strip(" ,.")
    if first.role is second.role is Role.FREE and first.text[-1:] in ",." and people.is_name(name):
        # Only these are cut off a title.
        read[0] = Recognised(first.segment, Role.AUTHORS, people=people.People((people.initials_first(name),)))
    return read


def _is_long_venue(whole: Recognised) -> bool:
    """Whether a venue is so long and unknown that as the text of a link to a paper, it is rather the title."""
    names = whole.text.split()
    return whole.role is Role.VENUE and len(names) >= _SHORTEST_LONG_VENUE and not venues.is_known(names[0])


def _is_paper_link(segment: Segment, flow: Flow) -> bool:
    """Whether a segment is the whole text of a link to a paper, which cannot be a list of people."""
    url = segment.url
    if url is None or words.kind_of_url(url) is not LinkKind.PAPER or not identifiers.of_url(url):
        return False
    return _is_whole_link(segment, flow)


def _is_whole_link(segment: Segment, flow: Flow) -> bool:
    return not any(other.zone == segment.zone and other is not segment for other in flow.segments)


class _Look(NamedTuple):
    """The aspects of a text's place on which its role depends; `apart`: separated from the text before it."""

    link: bool
    badge: bool
    quoted: bool
    bracket: str
    bold: bool
    styled: bool
    apart: bool


def read_whole(segment: Segment) -> Recognised:
    """Return the role of a segment as a whole."""
    link, styled = segment.url is not None, segment.is_styled
    apart = segment.start > 0 and (not styled or segment.before in "-–—|")
    bold = segment.strong and not segment.em
    look = _Look(link, segment.badge, segment.quoted, segment.bracket, bold, styled, apart)
    return Recognised(segment, *_said(segment.text, look))


@lru_cache(maxsize=4096)
def _said(text: str, look: _Look) -> Said:
    """Return the meaning of a text according to the first test that recognises it, else FREE."""
    text = spacing.squeeze(decoration.without_emoji(text)[1]).strip(" ,;|，；、").rstrip("-–—")
    if look.bracket:
        text = _CITATIONS.sub("", text)
    tests = (_badge,) if look.badge else (_mark, _dated, _placed, _named, _institutions)
    return next((said for test in tests if (said := test(text, look))), Said(Role.FREE))


def _badge(text: str, look: _Look) -> Said:
    if text and (venue := venues.venue_in(text)) and _DIGIT.search(venue):
        return Said(Role.VENUE, venue=venue)
    return Said(Role.LABEL if look.link else Role.MARK)


def _mark(text: str, look: _Look) -> Said | None:
    """Return the meaning of a sign, a round of a conference, or a word before a title."""
    if look.bracket in ("(", "（") and look.styled and text.isdecimal() and len(text) < 4:
        return Said(Role.FREE)
    if not any(map(str.isalnum, text)) or (look.bracket and _ROUND.fullmatch(text)):
        return Said(Role.LABEL if look.link else Role.MARK)
    if look.link:
        return None
    if text.casefold().strip(".:") in vocabulary.INTRODUCES or _PAGES.fullmatch(text):
        return Said(Role.MARK)
    if is_thesis(text) or is_submission(text):
        return Said(Role.MARK)
    return Said(Role.LABEL) if text.endswith((":", "：")) and words.is_column(text[:-1]) else None


def _dated(text: str, _look: _Look) -> Said | None:
    """Return the meaning of a year or a date, alone or beside a venue."""
    if len(text) > _LONGEST_DATED or not _DIGIT.search(text):
        return None
    if year := dates.year_of_date(text):
        return Said(Role.YEAR, year=year)
    if dated := _DATED.fullmatch(text):
        first, second = (dated["date"], dated["rest"]) if dated["date"] else (dated["last"], dated["lead"])
        year, venue = dates.year_of_date(first), venues.venue_in(second)
        if year and venue:
            return Said(Role.VENUE, venue=venue, year=year)
    return None


def _placed(text: str, look: _Look) -> Said | None:
    """Return the meaning of a venue or a label; a few words may be both: `[ICLR](...)`.

    In brackets, two family names and a year cite the authors: `(Lovelace and Turing, 2017)`.
    """
    cited = cited_in(text) if look.bracket in ("(", "（") and not look.link else None
    if cited and cited.people and all(people.is_name(f"A. {name}") for name in cited.people.names):
        return cited
    venue = venues.venue_in(text) if not look.quoted else None
    if venue and (not look.link or _DIGIT.search(venue) or not words.is_label(text)):
        return Said(Role.VENUE, venue=venue, identifiers=identifiers.of_text(text))
    if look.link and look.bracket in ("[", "【") and _OF_PAPER.fullmatch(text):
        return Said(Role.LABEL)
    if (look.link or (len(text.split()) <= 3 and "," not in text)) and words.is_label(text.rstrip(":：")):
        return Said(Role.LABEL)
    return Said(Role.VENUE, venue=venue) if venue else None


def _named(text: str, look: _Look) -> Said | None:
    """Return the meaning of an identifier or a list of people, without the institutions in it."""
    if named := identifiers_in(text):
        return Said(Role.IDENTIFIER, identifiers=named)
    found = people.people_in(text) if not look.quoted else None
    if found and look.bold and not look.bracket and not _are_surely_people(found, text):
        return None
    if found is None or (found.rest and (venues.venue_in(found.rest) or dates.year_of_date(found.rest))):
        return None
    institutions = institutions_of(found.rest) if found.rest and found.rest != "et al." else ()
    if others := tuple(name.strip(" .") for name in found.names if is_institution(name)):
        found = replace(found, names=tuple(name for name in found.names if not is_institution(name)))
    if not found.names:
        return Said(Role.INSTITUTIONS, institutions=others)
    return Said(Role.AUTHORS, people=found, institutions=(*others, *institutions))


def _are_surely_people(found: people.People, text: str) -> bool:
    """Whether a text in bold, which usually is a title, can only be a list of people."""
    if not found.complete:
        return True
    return all(map(people.is_name, found.names)) and (len(found.names) > 2 or _INITIAL.search(text) is not None)


def _institutions(text: str, look: _Look) -> Said | None:
    found = in_brackets(text, bracket=look.bracket, link=look.link)
    if not found and look.apart and is_institution(text):
        found = institutions_of(text)
    return Said(Role.INSTITUTIONS, institutions=found) if found else None


def _cited(flow: Flow, place: int) -> Recognised | None:
    """Return the part of a link that consists of author and year: `[Hopper (1952)](...)`."""
    first = flow.segments[place]
    if not first.is_link or first.badge or (place and flow.segments[place - 1].zone == first.zone):
        return None
    end = first.end
    for segment in flow.segments[place + 1 : place + 4]:
        if segment.zone != first.zone:
            break
        end = segment.end + (flow.text[segment.end : segment.end + 1] == ")")
    found = cited_in(flow.text[first.start : end])
    if found is None:
        return None
    whole = part(first, flow, first.start, end, first.before)
    return Recognised(whole, Role.AUTHORS, people=found.people, year=found.year)


def cited_in(text: str, *, running: bool = False) -> Said | None:
    """Return the authors and the year of a text that only cites a work: `Hopper (1952)`, `Hopper et al. (1952)`.

    In running text, `Hopper 1952` cites as well; elsewhere it may be a venue or a title.
    """
    text = spacing.squeeze(text).strip(" ,.")
    cited = _CITED.fullmatch(text) if len(text) < _LONGEST_CITED else None
    if cited is None or venues.venue_in(cited["name"]):
        return None
    names, others, _ = cited["name"].partition(" et al")
    listed = tuple(re.split(r",? and | & |, ", names.strip(" ,")))
    if not others and len(listed) == 1 and (" " in names or not (running or "(" in text)):
        return None
    found = people.People((names.strip(" ,"),), complete=False, rest="et al.") if others else people.People(listed)
    return Said(Role.AUTHORS, people=found, year=int(cited["year"]))


def labelled(text: str) -> tuple[str, words.ColumnRole | None, LinkKind | None, str] | None:
    """Return label, role, kind and rest of `Code: ...`, `作者：...`; None without a known label."""
    match = _LABELLED.match(decoration.without_emoji(text)[1])
    if match is None:
        return None
    if not words.is_label(match["label"]) and not words.is_column(match["label"]):
        return None
    role, kind = words.role_of(match["label"])
    if role is words.ColumnRole.NAME and words.is_label(match["label"]):
        role = None
    said = kind or (words.kind_of_label(match["label"]) if words.is_label(match["label"]) else None)
    if role is None and said is None:
        return None
    return match["label"], role, said, match["rest"]
