"""Cut a segment that says several things: at sentences, commas, and venues at either end; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice, pairwise

from enrich import identifiers
from enrich.lists import references, vocabulary, words
from enrich.lists.segments import Flow, Segment, part
from enrich.model import Identifier
from enrich.text import dates, people, spacing, venues
from enrich.text.dates import SHORT_YEAR, YEAR
from enrich.text.names import ORGANISATION

_ABBREVIATED = re.compile(
    r"\b(?:vs|al|e\.g|i\.e|Dr|Prof|St|No|Vol|Trans|Proc|Conf|J|Int|Univ|Dept|Inst|Comput|Syst|Inf|Commun|Mag|Lett|Sci"
    r"|Mach|Nat|Rev)\.$"
)
_SENTENCE_END = re.compile(
    r"(?<=[a-z0-9)\]\"”?!'’*†][.?!])\s+(?=[A-Z0-9\[(\"“*]|ar[Xx]iv)"
    r"|(?<=[a-z]{4}\.)(?=[A-Z][a-z]+ [A-Z])"
    r"|(?<=[A-Z]{2}[.?!])\s+(?=[A-Z0-9])"
    r"|,\s+(?=In [A-Z])"
    r"|(?<=[,.]\s[A-Z]\.)\s(?=[A-Z][a-z]+\s(?!et\b)[a-z])"
    r"|(?<=[\u4e00-\u9fff][.。．])\s*(?=[\w“\"《])"
)
_ET_AL = re.compile(r"\bet\.? al\.?[,.]?\s+")
_COMMA = re.compile(r"[,，]\s*")
_LABELLED = re.compile(
    r"[\s*]*([^\W\d][\w ]{2,14}|[\u4e00-\u9fff]{2,6})\s?[:：]\s*(?=\S+\s+\S+\s+\S|[\u4e00-\u9fff]{4})"
)
# What follows one name and a comma, or a full stop: `Ada Lovelace, A Tour of the Engines`.
_BEGINS_TITLE = re.compile(r"(?:A|An|The|On|How|Why|What|Towards?)\s\S+\s|[^\s:]+:\s")
_ONE_NAME = re.compile(r"(?P<name>[^,.]{2,30}(?:(?:,\s|\s|^)[A-Z]\.[^,.]{0,30}){0,3})(?:,|(?<![\s.,][A-Z])\.)\s+")
_MOST_BESIDE_IDENTIFIER = 4
_THESIS = re.compile(
    r"(?:ph\.?d\.?|m\.?sc\.?|master'?s?|doctoral|bachelor'?s?)\s(?:thesis|dissertation)", re.IGNORECASE
)
_SUBMITTED = re.compile(r"\s\(?(?:in )?(?:submission|submitted|under review|reject(?:ed)?)\)?$", re.IGNORECASE)
_ROUNDS = r"(?:[Ww]orkshop|[Ff]indings|Oral|Spotlight|Best Paper)s?"
_STATES = r"(?:[Ss]ubmission|[Ss]ubmitted|[Aa]ward [Cc]andidate|[Uu]nder [Rr]eview|[Aa]ccepted|[Tt]o [Aa]ppear)"
_SHORT = r"['’‘`´]\s?\d\d"
_LEAD = re.compile(
    r"(?P<date>(?:19|20)\d{6}|(?:19|20)\d\d[./-]\d{1,2}(?:[./-]\d{1,2})?|(?:19|20)\d\d(?=[-:,\s]))?[\s,:-]*"
    rf"(?P<venue>[A-Za-z][\w&/@+-]{{1,30}}?(?:\s{_ROUNDS})?\s?"
    rf"(?:{_SHORT}(?!\d)|[-_ ]?(?:19|20)\d\d(?:[./]\d{{1,2}})?(?![\d./])|-\d\d(?!\d))(?:\s(?:{_ROUNDS}|{_STATES})\b)?"
    r"|(?<=[-\s])[A-Z][A-Za-z]{2,10}(?=\s*[-:,]\s))?"
    r"(?P<end>\s*[:,|–—-]+\s*|\s+)(?=[A-Z0-9“\"'‘(\[]|[a-z]+[A-Z\s-])"
)
_DIGIT = re.compile(r"\d")
_APOSTROPHE = re.compile(r"['’‘`´]")
_TELLS_LEAD = re.compile(r"[\d:：]")
_TAIL = re.compile(
    r"(?:[\s,.(-]|(?<=\}))"
    rf"(?P<venue>(?:[A-Z][A-Za-z]{{1,20}}\s)?[A-Z][A-Za-z&/+-]{{1,20}}\s?{_SHORT}(?:\s{_ROUNDS})?"
    r"|[A-Z]\w{1,20},?\s(?:19|20)\d\d)\)?\s*$"
)
_CONTEST = re.compile(
    r"^(?:challenge|competition|workshop|tutorial|track|shared|task|dataset|edition|report|proceedings)\b",
    re.IGNORECASE,
)
_AT = re.compile(r"^@\s*(?P<who>.+?)(?:\s+et\.?c\.?)?$")
_SURELY = re.compile(
    r"\b(?:[Uu]niversi\w{2,6}|Hochschule|Hogeschool|(?:MIT|CRC|AAAI|Academic) Press)\b"
    r"|^(?:TU|ETH|MIT|CMU|UC|KU|RWTH|EPFL|KAIST|INRIA|Inria)\b"
)
_UNIVERSITY = re.compile(r"^(?:the )?univ(?:ersity|\.)? of|universit|school$|college$", re.IGNORECASE)
_ACCEPTED = re.compile(
    rf"\b{venues.INTRODUCING}{venues.INTRODUCED_BY}(?:the\s+)?"
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


def cut(segment: Segment, flow: Flow) -> list[Segment]:
    """Return a segment cut where a part of it has its own role; the whole segment if none has."""
    text, end = flow.text, segment.end
    cuts = [segment.start]
    in_reference = [] if segment.quoted else references.cuts(text, segment.start, end, _ends)
    cuts += in_reference
    if segment.bracket == "" or segment.is_styled:
        cuts += _lead_ends(text, cuts[-1], end)
    if not segment.quoted:
        plain = segment.zone == 0 or segment.em or (segment.is_link and not segment.strong)
        if plain:
            cuts += _people_end(text, cuts[-1], end) or _one_name_end(text, cuts[-1], end)
        cuts += _sentence_cuts(text, cuts[-1], end, authors=plain)
        cuts += _comma_cuts(text, cuts[-1], end, authors=segment.zone == 0 or segment.bracket != "" or segment.em)
    cuts += _tail_start(text, cuts[-1], end)
    bounds = [*dict.fromkeys(cuts), end]
    marks = [segment.before, *(_mark_before(text, one, in_reference) for one in bounds[1:])]
    found = [part(segment, flow, one, two, mark) for (one, two), mark in zip(pairwise(bounds), marks, strict=False)]
    return [piece for piece in found if any(map(str.isalnum, piece.text))] or [segment]


def _mark_before(text: str, place: int, in_reference: Sequence[int]) -> str:
    """Return the mark before a piece; what follows the title of a reference does not continue it."""
    if place in in_reference:
        return ";"
    return "," if "," in text[place - 2 : place] else "."


def _lead_ends(text: str, start: int, end: int) -> list[int]:
    """Return where a date, and a venue with its year, end before a title: `20230105 NeurIPS'23 A Title`."""
    if not _TELLS_LEAD.search(text, start, end):
        return []
    labelled = _LABELLED.match(text, start, end)
    if labelled and words.role_of(labelled[1])[0] in (words.ColumnRole.TITLE, words.ColumnRole.PAPER):
        return [labelled.end()]
    while start < end and text[start] in " \n\ufffc*":
        start += 1
    match = _LEAD.match(text, start, end)
    rest = text[match.end() : end] if match else ""
    is_short = len(rest.split()) < 2 and rest.strip().lower() not in vocabulary.SMALL_WORDS
    if match is None or is_short or _CONTEST.match(rest):
        return []
    date, venue, mark = match["date"], match["venue"], match["end"].strip()
    is_full = bool(date) and len(date) > 4 and dates.year_of_date(date) is not None
    if not venue:
        return [match.end()] if is_full or (date and mark) else []
    bare = re.split(r"['’‘`´\s\d]|-\d", venue)[0]
    if not (_APOSTROPHE.search(venue) or venues.is_known(bare) or venues.is_known(bare.rpartition("-")[2])):
        return [match.start("venue")] if is_full else []
    if date:
        return [match.start("venue"), match.end()]
    dated = re.search(r"['’‘`´-]\s?\d\d(?:$|\s)", venue) or (mark and _DIGIT.search(venue))
    return [match.end()] if dated else []


def _tail_start(text: str, start: int, end: int) -> list[int]:
    """Return where a venue with its year begins after a title, without punctuation: `A Title OSDI'21`."""
    near = max(start, end - 60)
    match = _TAIL.search(text, near, end) if _DIGIT.search(text, near, end) else None
    if match is None or match.start("venue") <= start:
        return []
    place, (first, _, second) = match.start("venue"), match["venue"].partition(" ")
    is_short = _APOSTROPHE.search(match["venue"]) is not None
    known = venues.is_known(re.split(r"['’‘`´,]", first)[0])
    second = _APOSTROPHE.split(second)[0]
    if not is_short and not known:
        return []
    if is_short and re.search("[A-Z]", second) and (venues.is_known(second) or not known):
        # `A Title MICRO Workshop'22`: the words before it are part of its name only if they are known.
        place += len(first) + 1
    before = text[start:place].rstrip()
    return [] if len(before.split()) < 2 or before.endswith((" in", " at", " on", " of", " the", " for")) else [place]


def _people_end(text: str, start: int, end: int) -> list[int]:
    """Return where names end before a title if only a comma separates them: `A. B, C. D, A Title`."""
    names, at = 0, start
    for comma in islice(_COMMA.finditer(text, start, end), 60):
        piece = re.sub(r"^(?:and|&)\s+", "", text[at : comma.start()].strip())
        if not people.is_name(piece) and not all(map(people.is_name, re.split(r"\s(?:and|&)\s", piece))):
            break
        names += 1 + (" and " in piece)
        at = comma.end()
    if names < 2:
        return []
    if others := _ET_AL.match(text, at, end):
        at = others.end()
    rest = text[at:end].strip()
    is_title = len(rest.split()) >= 3 and not re.match(r"(?:and|&)\s", rest) and not people.people_in(text[start:end])
    return [at] if is_title else []


def _one_name_end(text: str, start: int, end: int) -> list[int]:
    """Return where one name ends before a title: it has an initial, or the title begins as only titles do."""
    match = _ONE_NAME.match(text, start, end)
    if match is None or len(text[match.end() : end].split()) < 3 or match["name"].lstrip().startswith("by "):
        return []
    found = people.people_in(match[0])
    sure = found is not None and len(found.names) == 1 and found.complete and not found.rest
    if not sure and not (people.is_name(match["name"].strip()) and _BEGINS_TITLE.match(text, match.end(), end)):
        return []
    return [match.end()]


def identifiers_in(text: str) -> tuple[Identifier, ...]:
    """Return the identifiers of a text that has little else: `arXiv:2901.00001`, `available as doi:10.1000/1`."""
    return identifiers.of_text(text) if len(text) < 60 and len(text.split()) <= _MOST_BESIDE_IDENTIFIER else ()


def is_submission(text: str) -> bool:
    """Whether a text says that a work was submitted: `ICML 2024 submission`, `ICLR 2025 (under review)`."""
    venue = _SUBMITTED.sub("", text.strip(" .,"))
    return len(venue) < len(text.strip(" .,")) and venues.venue_in(venue) is not None


def is_thesis(text: str) -> bool:
    """Whether a text says that a work is a thesis."""
    return _THESIS.fullmatch(text.strip(" .,")) is not None


def split_sentences(text: str) -> list[str]:
    """Return the text cut where a sentence ends and the next begins; abbreviations do not end one."""
    bounds = [0, *_ends(text, 0, len(text)), len(text)]
    return [piece for one, two in pairwise(bounds) if (piece := text[one:two].strip(" ,"))]


def _ends(text: str, start: int, end: int) -> list[int]:
    found = [
        match.end()
        for match in _SENTENCE_END.finditer(text, start, end)
        if not _ABBREVIATED.search(text[max(start, match.start() - 20) : match.start()])
    ]
    return sorted({*found, *(match.end() for match in _ET_AL.finditer(text, start, end) if match.end() < end)})


def _sentence_cuts(text: str, start: int, end: int, *, authors: bool) -> list[int]:
    """Return where sentences begin that have a role, or that follow a sentence with a role."""
    bounds = [start, *_ends(text, start, end), end]
    if len(bounds) == 2 or len(bounds) > 60:
        return []
    said = [_says_something(text[one:two], authors=authors) for one, two in pairwise(bounds)]
    return [bounds[place] for place in range(1, len(said)) if said[place] or said[place - 1]]


def _comma_cuts(text: str, start: int, end: int, *, authors: bool) -> list[int]:
    """Return where the tail begins, after a comma: a venue, a year or authors, or several of these."""
    # The author of a thesis follows that word; elsewhere a single name cannot be distinguished from a title.
    thesis = re.search(rf",\s+({_THESIS.pattern}(?:,\s|$))", text[start:end], re.IGNORECASE)
    found = [start + thesis.start(1), start + thesis.end(1)] if thesis else []
    while True:
        commas = [match.end() for match in _COMMA.finditer(text, start, end)][-60:]
        cut = next((comma for comma in commas if _says_something(text[comma:end], authors=authors, several=True)), None)
        if cut is None or cut >= end:
            return sorted(found)
        found.append(cut)
        end = cut
        while end > start and text[end - 1] in " ,，":
            end -= 1


def _says_something(text: str, *, authors: bool, several: bool = False) -> bool:
    text = spacing.squeeze(text.replace("\ufffc", " ")).strip(" .,;")
    if not text or len(text) > 4000:
        return False
    if text.casefold() in ("in", "in proc") or is_thesis(text) or is_institution(text):
        return True
    if dates.year_of_date(text) or venues.venue_in(text) or identifiers_in(text):
        return True
    found = people.people_in(text) if authors else None
    return found is not None and (not several or len(found.names) > 1 or not found.complete)


def in_brackets(text: str, *, bracket: str, link: bool) -> tuple[str, ...]:
    """Return the institutions in brackets: `(@Microsoft)`, `(Stanford University)`."""
    # `(@mit.edu)` is an institution; without brackets, `@ada` is the account of a person.
    if (match := _AT.match(text)) and (bracket or (not link and match["who"][:1].isupper())):
        return institutions_of(match["who"])
    few = len(text.split()) <= (20 if " & " in text else 10)
    return institutions_of(text) if bracket and not link and few and _is_organisation(text) else ()


def _is_organisation(text: str) -> bool:
    return ORGANISATION.search(text) is not None and is_capitalised(text)


def is_institution(text: str) -> bool:
    """Whether a few words alone are the name of a university or a publisher, in any of several languages."""
    text = text.strip(" .,")
    few = len(text) <= 60 and len(text.split()) <= 6 and not any(map(str.isdigit, text))
    return few and _SURELY.search(text) is not None and is_capitalised(text)


def is_capitalised(text: str) -> bool:
    """Whether the words of a text begin with capitals, except for small words."""
    return all(
        word[:1].isupper()
        or word[:1].isdigit()
        or word.lower()
        in ("of", "the", "and", "for", "at", "&", "in", "de", "et", "di", "du", "do", "la", "del", "+", "/")
        or spacing.has_ideographs(word)
        for word in text.split()
    )


def institutions_of(text: str) -> tuple[str, ...]:
    """Return the institutions in running text; a comma may be part of one (`Institute of X, Academy of Y`)."""
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
    """Return the institution in a remark on a person: `affiliated with MIT`."""
    match = _AFFILIATED.search(remark)
    rest = re.split(r"[,;，；]|\.(?=\s|$)", remark[match.end() :])[0] if match else ""
    return institutions_of(rest) if rest else ()


def accepted_venue(remark: str) -> str | None:
    """Return the venue that accepted the paper according to a remark (`accepted by SOSP'23`), None while in review."""
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
