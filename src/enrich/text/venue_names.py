"""Names of conferences, journals and preprint servers, and whether two names denote one venue."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from enrich.text.folding import fold, split_table, split_words, tokens, without_markup, word_set

CONFERENCES = split_words(
    "AAAI ACL AISTATS ASE ASPLOS ATC CCGrid CCS CHI CIKM COLING COLM COLT CoRL CVPR DAC DATE EACL ECCV EMNLP EuroSys "
    "FAST FSE HotCloud HotNets HotOS HPCA HPDC ICASSP ICCAD ICCV ICDCS ICDE ICLR ICML ICPP ICRA ICS ICSE IJCAI "
    "INFOCOM INTERSPEECH IPDPS IROS ISCA ISSTA KDD MICRO MLSys MobiCom MobiSys NAACL NDSS NeurIPS NSDI OOPSLA OSDI "
    "PLDI POPL PPoPP RSS SC SenSys SIGCOMM SIGIR SIGMETRICS SIGMOD SoCC SOSP UAI UIST VLDB WACV WSDM WWW"
)
"""Conferences by the names used in lists, in the venues' own spelling."""

OTHERS = split_words(
    "3DV ACCV ASRU BMVC CoRR IJCV Interspeech ISMIR JMLR MICCAI Nature NIPS PMLR PNAS PVLDB RA-L Science SIGGRAPH "
    "T-PAMI T-RO TACL TMLR TNNLS TOG TPAMI TVCG"
)
"""Other names that are venues anywhere beside a title: journals, more conferences, CoRR."""

_ALONE = split_words(
    "aamas acm-mm acml acmmm alt apsys arxiv asiacrypt biorxiv cgo cidr cloud cluster collas conext cscw dasfaa ecai "
    "ecml edbt emsoft eurocrypt euros&p facct focs fpga gecco globecom hotstorage iccd icdm icdt icfp icip icme icpr "
    "icws ieee ijcnn imc imwut isit ismb iswc jair jsac kr lics lrec mascots medrxiv middleware midl mm mmm mobihoc "
    "pact pakdd pami podc pods preprint recsys rtas rtss s&p sdm sigspatial soda sp spaa stacs stoc systor tacas "
    "taco tbd tc tcad tcsvt tdsc techrxiv thewebconf tifs tip tist tkdd tkde tmc tmi tmm tnse toc tocs tois tos "
    "tosem tpds tsc ubicomp usenix vr vrst wsn"
)
KNOWN = frozenset(name.casefold() for name in (*CONFERENCES, *OTHERS, *_ALONE))
"""Names, in lower case, that are recognised as a venue if they are alone, without a year."""

ALSO_WORDS = word_set("alt cloud cluster date fast micro pact ics sp vr")
"""Names of `KNOWN` that are also words: they are venues only in capitals."""

# Other names of a venue: full names that do not spell its short name, or are too short to.
_IN_FULL = split_table(
    """
    aaai: aaai conference on artificial intelligence
    aistats: artificial intelligence and statistics
    atc: annual technical conference
    coling: international conference on computational linguistics
    colm: language modeling
    colt: learning theory
    corl: robot learning
    eacl: european chapter of the association for computational linguistics
    eurosys: computer systems european, european conference on computer systems
    hotnets: hot topics in networks
    hotos: hot topics in operating systems
    ijcai: international joint conference on artificial intelligence
    infocom: computer communications
    micro: microarchitecture
    mlsys: systems for machine learning, machine learning and systems, sysml
    mm: multimedia
    naacl: north american chapter of the association for computational linguistics
    neurips: neural information processing systems, nips
    rss: robotics science and systems
    sc: high performance computing networking storage and analysis, supercomputing
    sigcomm: applications technologies architectures and protocols for computer communication
    sigmetrics: measurement and modeling of computer systems
    sigmod: management of data
    tpami: transactions on pattern analysis and machine intelligence
    vldb: vldb endowment, pvldb
    www: web conference, world wide web
    """
)

_LONGEST = 400
"""Characters; words of longer names are compared letter by letter, deeper than Python's recursion limit."""

# "CoRR abs/2303.06865" and "CoRR, 2023", but not "Corr. Sci."; servers on OpenReview and Zenodo only by themselves.
_PREPRINT_SERVER = re.compile(
    r"\b(?:\w*rxiv|preprints?\b|ssrn\b|research square\b|corr\b(?!\.?\s*(?!abs\b|cs\b)[a-z]))"
    r"|^\W*(?:openreview|zenodo)\b"
)
_UNPUBLISHED = re.compile(r"\b(?:under review|submi(?:tted|ssion)|tech(?:nical|\.)? report|none)\b")
_CONFERENCE = re.compile(r"\b(?:conference|conf\.|symposium|workshop)\b", re.IGNORECASE)
# "Proceedings of the ACM on …", "… of the VLDB Endowment" and "… of the IEEE" are journals by name and by ISSN.
_JOURNAL = re.compile(
    r"\b(?:journal|transactions|trans\.|letters|magazine|review|surveys|annals|communications of|quarterly"
    r"|proceedings of the (?:acm on|vldb endowment|ieee\b|national academy)"
    r"|(?-i:CACM|CSUR|JMLR|TMLR|TACL|PVLDB|PACMPL|POMACS|PNAS|TOCS|TOS|TACO|TPDS|TKDE|TPAMI|TSE|TSC|TCC|TMC))\b"
    r"|^(?:nature|science)\b",
    re.IGNORECASE,
)
# USENIX, the proceedings of MLSys, NeurIPS, ICLR and PMLR have no DOIs.
_WITHOUT_DOIS = re.compile(
    r"\b(?:osdi|nsdi|usenix|atc|fast|hotcloud|hotstorage|mlsys|sysml|neurips|nips|icml|iclr|colm|jmlr|tmlr|pmlr"
    r"|aistats|arxiv|corr|preprint|thesis)\b(?!\s*-)"
)
_NUMBERED = re.compile(
    r"\b(?:\d{4}|\d+(?:st|nd|rd|th)|(?:(?:twenty|thirty|forty|fifty)[ -])?(?:first|second|third|fourth|fifth|sixth"
    r"|seventh|eighth|ninth|tenth|eleventh|twelfth|\w+teenth|twentieth|thirtieth|fortieth|fiftieth))\b|['’‘`´]\s?\d\d\b|\d+"
)
_LOOSE = word_set(
    "a an and of for in on the to at with proceedings conference symposium international annual acm ieee usenix "
    "sigplan sigops sigarch meeting joint companion track main long papers paper findings"
)
_CALLED_AS = {name.casefold(): name for name in CONFERENCES}
_IN_BRACKETS = re.compile(r"\(([A-Z][A-Za-z]*[A-Z])[ '’]*(?:\d{2,4})?\)|^([A-Z][A-Za-z]*[A-Z])[ '’]*(?:\d{2,4})?:")
_TITLE_PAGE = re.compile(
    r"^(?:proceedings of (?:the )?)?(?:\d{4} )?|(?:,? vol(?:ume|\.) \d+|,? \d{4})+$", re.IGNORECASE
)


@lru_cache(maxsize=65536)
def is_preprint_server(venue: str) -> bool:
    """Whether a venue, as written by a list or a service, is a preprint server."""
    return _PREPRINT_SERVER.search(venue[:_LONGEST].casefold()) is not None


@lru_cache(maxsize=65536)
def is_unpublished(venue: str) -> bool:
    """Whether a venue means that a paper is not published: a preprint server, a technical report."""
    return is_preprint_server(venue) or _UNPUBLISHED.search(venue[:_LONGEST].casefold()) is not None


def is_journal(*names: str) -> bool:
    """Whether a venue is a journal or a magazine, judged by its names."""
    return not any(map(_CONFERENCE.search, names)) and any(map(_JOURNAL.search, names))


def has_no_dois(venue: str) -> bool:
    """Whether papers of a venue have no DOIs."""
    return _WITHOUT_DOIS.search(re.sub(r"(?<=[a-z])['’]?\d+", "", venue.casefold())) is not None


@dataclass(frozen=True)
class _Venue:
    """A venue as listed: its short names, whether it has only these, and its words."""

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
    known = {short for long, short in _IN_FULL.items() if f" {long} " in phrase}
    if "naacl" in known or "eacl" in known:
        known.discard("acl")
    shorts = {fold(short) for short in re.findall(r"\b[A-Za-z]*[A-Z][A-Za-z]*[A-Z][A-Za-z]*\b", bare)} - _LOOSE
    if len(content) == 1 and len(content[0]) <= 10:
        shorts.add(content[0])
    names = frozenset(known | {_IN_FULL.get(short, short) for short in shorts})
    settled = bool(known) or (len(names) == 1 and len(content) == 1)
    return _Venue(names, settled, words, "workshop" in words or "workshops" in words)


def _common(one: str, two: str) -> int:
    """Return the number of letters with which two words begin in common."""
    return next((place for place, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))


def _spelled(short: str, words: tuple[str, ...]) -> bool:
    """Whether the initials of the words, optional ones included or not, spell the short name."""
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


@lru_cache(maxsize=65536)
def venues_agree(listed: str, other: str) -> bool | None:
    """Whether two texts denote the same venue, regardless of year and ordinal.

    Returns:
        True for `OSDI` and `USENIX Symposium on Operating Systems Design and Implementation`; False only where both
        are names that are well known and differ (`NSDI 2022`, `OSDI`); None if it is not known: a preprint
        server, a workshop of a conference, a name that is not known.
    """
    if is_unpublished(listed) or is_unpublished(other):
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


def short_name(venue: str) -> str:
    """Return a venue in the form that lists use: `ASPLOS` for the title page of its proceedings.

    A short name in the venue's own text comes first, then a well-known conference whose name it spells out; otherwise,
    the venue without the words of a title page.
    """
    if given := _IN_BRACKETS.search(venue):
        return str(given[1] or given[2])
    known = _venue(venue)
    if is_journal(venue) or "findings" in venue.casefold():
        return venue
    names = [_CALLED_AS[name] for name in sorted(known.names) if name in _CALLED_AS]
    if not names and known.names == frozenset() and not known.workshop:
        names = [name for name in CONFERENCES if _initials_of(name.casefold(), known)]
    return names[0] if len(names) == 1 else _TITLE_PAGE.sub("", venue).strip() or venue


def is_other_conference(listed: str, registered: str) -> bool:
    """Whether a paper in the proceedings of a well-known conference was certainly not in the listed venue.

    Journals prove nothing: some print the papers of conferences (SIGPLAN Notices), others their longer versions. Nor do
    workshops, which lists file under their conference.
    """
    name = short_name(registered)
    is_foreign = any(letter.isalpha() and letter > "\u024f" for letter in listed)
    if name not in CONFERENCES or is_foreign or is_preprint_server(listed) or _venue(registered).workshop:
        return False
    agrees = venues_agree(listed, registered)
    if agrees is None:
        agrees = venues_agree(listed, name)
    return agrees is False or (agrees is None and _is_heading(listed, registered))


def _is_heading(text: str, registered: str) -> bool:
    """Whether a text is part of a sentence, with no word of the registered venue: `Top papers of the week`."""
    words = [word for word in text[:_LONGEST].split() if word.isalpha()]
    shared = ({*tokens(text)} & {*tokens(registered)}) - _LOOSE
    return len(words) > 1 and all(map(str.islower, words[1:])) and not shared
