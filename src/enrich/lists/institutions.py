"""Institutions and venues that running text mentions; pure."""

from __future__ import annotations

import re

from enrich.lists.segments import Segment
from enrich.text import spacing
from enrich.text.dates import SHORT_YEAR, YEAR
from enrich.text.names import ORGANISATION

_AT = re.compile(r"^@\s*(?P<who>.+?)(?:\s+et\.?c\.?)?$")
_SURELY = re.compile(
    r"\b(?:[Uu]niversi\w{2,6}|Hochschule|Hogeschool|(?:MIT|CRC|AAAI|Academic) Press)\b"
    r"|^(?:TU|ETH|MIT|CMU|UC|KU|RWTH|EPFL|KAIST|INRIA|Inria)\b"
)
_UNIVERSITY = re.compile(r"^(?:the )?univ(?:ersity|\.)? of|universit|school$|college$", re.IGNORECASE)
_ACCEPTED = re.compile(
    r"\b(?:acc?e?pted|appears?|appeared|to appear|published|presented|accpted)\s+(?:by|in|at|to|as|for)\s+(?:the\s+)?"
    r"|(?:发表[于在]|录用于|收录于|被(?=[^，。,]{2,40}(?:接收|录用|收录)))",
    re.IGNORECASE,
)


# "in" and "at" alone say it only before a name with a year: "in MLSys'23".
_IN_VENUE = re.compile(
    r"(?<!review )(?<!submitted )\b(?:in|at)\s+"
    rf"(?=[A-Z][\w.&/+-]{{0,80}}(?:\s[A-Z][\w.&/+-]{{0,80}}){{0,3}}\s?(?:{SHORT_YEAR}|{YEAR}))"
)
_VENUE_END = re.compile(r"[,;,；。]|\.(?=\s|$)|\s\(|\)|接收|录用|收录|$")
_UNDER_REVIEW = re.compile(r"\b(?:in|under) review\b|\bsubmitted\b|在审|投稿", re.IGNORECASE)
_AFFILIATED = re.compile(r"\baffiliat(?:ed|ion)\s*(?:with|at|to|:|of)\s+", re.IGNORECASE)


def in_brackets(segment: Segment, text: str) -> tuple[str, ...]:
    """Return the institutions that a bracket holds: `(@Microsoft)`, `(Stanford University)`."""
    if (match := _AT.match(text)) and (segment.bracket or not segment.is_link):
        return institutions_of(match["who"])
    if (
        segment.bracket
        and not segment.is_link
        and ORGANISATION.search(text)
        and len(text.split()) <= (20 if " & " in text else 10)
        and is_capitalised(text)
    ):
        return institutions_of(text)
    return ()


def is_institution(text: str) -> bool:
    """Whether a few words alone are the name of a university or a publisher, in any of several languages."""
    text = text.strip(" .,")
    few = len(text) <= 60 and len(text.split()) <= 6 and not any(map(str.isdigit, text))
    return few and _SURELY.search(text) is not None and is_capitalised(text)


def is_capitalised(text: str) -> bool:
    """Whether the words of a text begin with capitals, small words aside."""
    return all(
        word[:1].isupper()
        or word[:1].isdigit()
        or word.lower()
        in ("of", "the", "and", "for", "at", "&", "in", "de", "et", "di", "du", "do", "la", "del", "+", "/")
        or spacing.has_ideographs(word)
        for word in text.split()
    )


def institutions_of(text: str) -> tuple[str, ...]:
    """Return the institutions in running text; commas inside one (`Institute of X, Academy of Y`) do not part it."""
    text = spacing.squeeze(text).strip(" ,;|@").lstrip(". ")
    text = re.sub(r"\s+etc\.?$", "", text)
    if spacing.is_nothing(text):
        return ()
    for apart in (r"\s*[;；、|]\s*", r"\s+&\s+", r"\s+/\s+|\s*／\s*"):
        parts = [piece for piece in re.split(apart, text) if piece]
        if len(parts) > 1:
            return tuple(dict.fromkeys(piece.strip(" ,") for piece in parts if not spacing.is_nothing(piece)))
    parts = [piece.strip() for piece in re.split(r"\s*[,，]\s*", text) if piece.strip()]
    alone = all(len(piece.split()) <= 4 and not ORGANISATION.search(piece) for piece in parts)
    if len(parts) > 1 and (alone or all(_UNIVERSITY.search(piece) for piece in parts)):
        return tuple(dict.fromkeys(parts))
    return (text,)


def affiliation_in(remark: str) -> tuple[str, ...]:
    """Return the institution that a remark on a person names: `affiliated with MIT`."""
    match = _AFFILIATED.search(remark)
    rest = re.split(r"[,;，；]|\.(?=\s|$)", remark[match.end() :])[0] if match else ""
    return institutions_of(rest) if rest else ()


def accepted_venue(remark: str) -> str | None:
    """Return the venue that a remark says has taken the paper (`accepted by SOSP'23`), None while in review."""
    for pattern in (_ACCEPTED, _IN_VENUE):
        for match in pattern.finditer(remark):
            if _UNDER_REVIEW.search(remark[max(0, match.start() - 30) : match.start()]):
                continue
            rest = remark[match.end() : match.end() + 120]
            end = _VENUE_END.search(rest)
            venue = rest[: end.start()].strip() if end else ""
            if venue and (pattern is _IN_VENUE or re.match(r"[A-Z0-9\u4e00-\u9fff]", venue)) and len(venue) <= 80:
                return venue
    return None
