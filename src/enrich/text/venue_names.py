"""Venues as listed and as services write them: whether two are the same, and the year that one tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from enrich.text.folding import fold, split_words, tokens, without_markup

_LONGEST = 400
"""Characters; the words of longer ones are compared letter by letter, deeper than Python goes."""

_PREPRINT = re.compile(
    r"\b(?:arxiv|corr|\w*rxiv|preprint|ssrn|under review|submi(?:tted|ssion)"
    r"|technical report|tech report|none)\b"
)
# "CoRR abs/2303.06865" and "CoRR, 2023", but not "Corr. Sci.".
_PREPRINT_SERVER = re.compile(r"\b(?:\w*rxiv|preprints?\b|ssrn\b|corr\b(?!\.?\s*(?!abs\b|cs\b)[a-z]))")
_NUMBERED = re.compile(
    r"\b(?:\d{4}|\d+(?:st|nd|rd|th)|(?:(?:twenty|thirty|forty|fifty)[ -])?(?:first|second|third|fourth|fifth|sixth"
    r"|seventh|eighth|ninth|tenth|eleventh|twelfth|\w+teenth|twentieth|thirtieth|fortieth|fiftieth))\b|['’‘`´]\s?\d\d\b|\d+"
)
_LOOSE = frozenset(
    split_words(
        "a an and of for in on the to at with proceedings conference symposium international annual acm ieee usenix "
        "sigplan sigops sigarch meeting joint companion track main long papers paper findings"
    )
)
# Names that are not the initials of the long form, or are too short to be taken for initials.
_VENUES = {
    "neural information processing systems": "neurips",
    "nips": "neurips",
    "annual technical conference": "atc",
    "high performance computing networking storage and analysis": "sc",
    "supercomputing": "sc",
    "computer systems european": "eurosys",
    "european conference on computer systems": "eurosys",
    "systems for machine learning": "mlsys",
    "machine learning and systems": "mlsys",
    "sysml": "mlsys",
    "vldb endowment": "vldb",
    "pvldb": "vldb",
    "web conference": "www",
    "world wide web": "www",
    "north american chapter of the association for computational linguistics": "naacl",
    "european chapter of the association for computational linguistics": "eacl",
    "international conference on computational linguistics": "coling",
    "artificial intelligence and statistics": "aistats",
    "learning theory": "colt",
    "language modeling": "colm",
    "robotics science and systems": "rss",
    "robot learning": "corl",
    "microarchitecture": "micro",
    "management of data": "sigmod",
    "computer communications": "infocom",
    "applications technologies architectures and protocols for computer communication": "sigcomm",
    "measurement and modeling of computer systems": "sigmetrics",
    "hot topics in operating systems": "hotos",
    "hot topics in networks": "hotnets",
    "multimedia": "mm",
    "transactions on pattern analysis and machine intelligence": "tpami",
    "aaai conference on artificial intelligence": "aaai",
    "international joint conference on artificial intelligence": "ijcai",
}


@dataclass(frozen=True)
class _Venue:
    """A venue as listed: its short names, whether they are all there is to it, and its words."""

    names: frozenset[str]
    settled: bool
    words: tuple[str, ...]
    workshop: bool


@lru_cache(maxsize=4096)
def _venue(text: str) -> _Venue:
    bare = re.sub(r"(?<=[A-Za-z])\d+\b", "", _NUMBERED.sub(" ", without_markup(text[:_LONGEST])))
    words = tuple(word for word in tokens(_NUMBERED.sub(" ", bare.casefold())) if word != "s")
    content = [word for word in words if word not in _LOOSE]
    phrase = f" {' '.join(words)} "
    known = {short for long, short in _VENUES.items() if f" {long} " in phrase}
    if "naacl" in known or "eacl" in known:
        known.discard("acl")
    shorts = {fold(short) for short in re.findall(r"\b[A-Za-z]*[A-Z][A-Za-z]*[A-Z][A-Za-z]*\b", bare)} - _LOOSE
    if len(content) == 1 and len(content[0]) <= 10:
        shorts.add(content[0])
    names = frozenset(known | {_VENUES.get(short, short) for short in shorts})
    settled = bool(known) or (len(names) == 1 and len(content) == 1)
    return _Venue(names, settled, words, "workshop" in words or "workshops" in words)


def _common(one: str, two: str) -> int:
    """How many letters two words begin with in common."""
    return next((place for place, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))


def _spelled(short: str, words: tuple[str, ...]) -> bool:
    """Whether the words, loose ones left out at will, begin with the letters of the short name."""
    if not short or not words:
        return not short
    word, rest = words[0], words[1:]
    longest = _common(short, word) if len(short) > 4 else int(short[0] == word[0])
    shares = range(min(longest, len(short) - 1) or longest, 0, -1)
    return any(_spelled_on(short[share:], rest) for share in shares)


def _spelled_on(short: str, words: tuple[str, ...]) -> bool:
    return _spelled(short, words) or (bool(words) and words[0] in _LOOSE and _spelled_on(short, words[1:]))


def _initials_of(short: str, venue: _Venue) -> bool:
    spelled = any(_spelled(short, venue.words[start:]) for start in range(len(venue.words)))
    return len(short) > 2 and len(venue.words) > 2 and not venue.settled and spelled


def is_preprint_server(venue: str) -> bool:
    """Return whether a venue, as listed or as a service writes it, is a server of preprints."""
    return _PREPRINT_SERVER.search(venue[:_LONGEST].casefold()) is not None


def venues_agree(listed: str, other: str) -> bool | None:
    """Whether two texts name the same venue, years and ordinals aside.

    Returns:
        True for `OSDI` and `USENIX Symposium on Operating Systems Design and Implementation`; False only where both
        are names that are well known and differ (`NSDI 2022`, `OSDI`); None where it cannot be told: a preprint
        server, a workshop of a conference, a name that is not known.
    """
    if _PREPRINT.search(listed.casefold()) or _PREPRINT.search(other.casefold()):
        return None
    one, two = _venue(listed), _venue(other)
    if not one.words or not two.words or one.workshop != two.workshop:
        return None
    same_words = {*one.words} - _LOOSE == {*two.words} - _LOOSE != set()
    if (
        same_words
        or one.names & two.names
        or any(_initials_of(short, two) for short in one.names)
        or any(_initials_of(short, one) for short in two.names)
    ):
        return True
    return False if one.settled and two.settled and not one.workshop else None


# Conferences by the names that lists use, spelled as they spell themselves.
CALLED = split_words(
    "ASPLOS ATC EuroSys FAST HPCA ISCA MICRO MLSys NSDI OSDI SC SIGCOMM SIGMETRICS SOSP SoCC PPoPP PLDI POPL OOPSLA "
    "IPDPS ICDCS ICPP HPDC ICS CCGrid DAC DATE ICCAD ICDE SIGMOD VLDB KDD SIGIR CIKM WSDM WWW CHI UIST AAAI IJCAI ICML "
    "ICLR NeurIPS AISTATS UAI COLT COLM ACL EMNLP NAACL EACL COLING CVPR ICCV ECCV WACV INTERSPEECH ICASSP INFOCOM "
    "MobiCom MobiSys SenSys NDSS CCS RSS ICRA IROS CoRL HotOS HotNets HotCloud ICSE FSE ASE ISSTA"
)
_CALLED_AS = {name.casefold(): name for name in CALLED}
_IN_BRACKETS = re.compile(r"\(([A-Z][A-Za-z]*[A-Z])[ '’]*(?:\d{2,4})?\)|^([A-Z][A-Za-z]*[A-Z])[ '’]*(?:\d{2,4})?:")
_TITLE_PAGE = re.compile(
    r"^(?:proceedings of (?:the )?)?(?:\d{4} )?|(?:,? vol(?:ume|\.) \d+|,? \d{4})+$", re.IGNORECASE
)
_JOURNAL = re.compile(r"\b(?:journal|transactions|findings)\b|^proceedings of the acm on\b", re.IGNORECASE)


def short_name(venue: str) -> str:
    """What a list would call a venue: `ASPLOS` for the title page of its proceedings.

    A name that the venue's own text gives counts first, then a well-known conference whose name it spells out; where
    there is neither, the venue without the words of a title page.
    """
    if given := _IN_BRACKETS.search(venue):
        return str(given[1] or given[2])
    known = _venue(venue)
    if _JOURNAL.search(venue):
        return venue
    names = [_CALLED_AS[name] for name in sorted(known.names) if name in _CALLED_AS]
    if not names and known.names == frozenset() and not known.workshop:
        names = [name for name in CALLED if _initials_of(name.casefold(), known)]
    return names[0] if len(names) == 1 else _TITLE_PAGE.sub("", venue).strip() or venue


def is_other_conference(listed: str, registered: str) -> bool:
    """Whether a paper registered in the proceedings of a well-known conference was surely not in the listed venue.

    Journals prove nothing: some print the papers of conferences (SIGPLAN Notices), others their longer versions. Nor do
    workshops, which lists file under their conference.
    """
    name = short_name(registered)
    is_foreign = any(letter.isalpha() and letter > "\u024f" for letter in listed)
    if name not in CALLED or is_foreign or is_preprint_server(listed) or _venue(registered).workshop:
        return False
    agrees = venues_agree(listed, registered)
    if agrees is None:
        agrees = venues_agree(listed, name)
    return agrees is False or (agrees is None and _is_heading(listed, registered))


def _is_heading(text: str, registered: str) -> bool:
    """Whether a text is words of a sentence that the registered venue has none of: `Top papers of the week`."""
    words = [word for word in text[:_LONGEST].split() if word.isalpha()]
    shared = ({*tokens(text)} & {*tokens(registered)}) - _LOOSE
    return len(words) > 1 and all(map(str.islower, words[1:])) and not shared
