"""The parts of one person's name, in any order and form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from enrich.text.folding import word_set

_PARTICLES = word_set(
    "'s 's- 't af al an auf av aus ben bin d' da dal dall' dalla das de de' degli dei del dell' della delle dello den "
    "der des di do dos du e el in ibn l' la las le li lo los mac op of san st. 'ter te ten ter thoe to tho toe uit "
    "uyt van vande vanden vander ver vom von vor zu zum zur y"
)
"""Words in lower case at the start of a family name, never of a given one: particles in CSL's and biber's tests."""
LOWER_PARTICLES = word_set("van von der den de del della di du la le ter ten zu")
"""Particles that are almost always in lower case."""
COMMON_PARTICLES = LOWER_PARTICLES | word_set("da dos bin ibn el al af of y e mc st")
"""Particles by which a name is recognised in running text, including words that look like particles."""
_BETWEEN = word_set("y e i")
"""Words between two family names: José Ortega y Gasset."""
_CAPITAL_PARTICLES = word_set("De Del Della Di Da Dos Du La Le Van Vander Von Ter")
"""Particles that some families write with a capital: Benjamin Van Durme, Fei-Fei De La Cruz."""
_SUFFIX = re.compile(r"(?:jr|sr)\.?|i{2,3}|iv|v|ph\.?d\.?|m\.?d\.?|esq\.?", re.IGNORECASE)
_DEGREE = re.compile(r"ph\.?d\.?|m\.?d\.?|esq\.?", re.IGNORECASE)
_BODY = re.compile(
    r"\b(?:teams?|collaborations?|consortium|(?:working|study|research) group|group|groups|initiative|workshop|project"
    r"|committee|council|commission|network|investigators|contributors|developers|authors|laborator(?:y|ies)|labs?"
    r"|foundation|institutes?|institut|universit(?:y|é|ät)|college|academy|association|society|community|organi[sz]ation"
    r"|agency|ministry|department|corporation|company|inc|ltd|llc|gmbh|research|deepmind|task force)\b\.?",
    re.IGNORECASE,
)
ORGANISATION = re.compile(
    r"\b(?:inst(?:itute|itution)?|dep(?:t|artment)?|school|college|faculty|lab(?:oratory|oratories|s)?|cent(?:er|re)|"
    r"academy|university|univ|hospital|ministry|group|research|inc|corp|technologies)\b|大学|学院|研究|实验室|公司",
    re.IGNORECASE,
)
"""Words of institutions, as abbreviated in lists."""
_JOINED = re.compile(r"\band\b|&|\bfor the\b|\bof the\b|^the\s|[:/;@]|\d", re.IGNORECASE)
_LONGEST = 8
"""Words; a longer text is not a person's name."""


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name in parts; a group only has a `family`.

    `family` includes its particles (`van der Maaten`); `suffix` is `Jr.` or `III`.
    """

    family: str
    given: str = ""
    suffix: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether the name has no parts: a group, or a person with a single name."""
        return not self.given


def is_body(name: str) -> bool:
    """Whether a name has a word for a team, a collaboration or an institution: `Gemma Team, Google DeepMind`."""
    return _BODY.search(name) is not None


def is_group(name: str) -> bool:
    """Whether a name denotes several people or none: `Ada Lovelace and others`, `The Bombe Project`."""
    return is_body(name) or _JOINED.search(name) is not None


def given_first(name: str) -> str:
    """Return `Family, Given` as `Given Family`; any other name, and a group's, unchanged."""
    parsed = parse_name(name) if "," in name else Name(name)
    return " ".join(filter(None, (parsed.given, parsed.family, parsed.suffix))) if parsed.given else name


@lru_cache(maxsize=65536)
def parse_name(name: str) -> Name:
    """Return the parts of a name in either order: `Ada Lovelace`, `Lovelace, Ada`, `Steele, Jr., Guy`."""
    if is_group(name) or len(name.split()) > _LONGEST:
        return Name(name)
    family, comma, rest = (part.strip() for part in name.partition(","))
    if not comma:
        return _natural(name.split())
    parts = [part.strip() for part in rest.split(",")]
    suffixes = [part for part in parts if _SUFFIX.fullmatch(part)]
    given = [part for part in parts if part and part not in suffixes]
    if not family or len(suffixes) > 1 or len(given) > 1:
        return Name(name)
    if not given:  # `Robert Downey, Jr.`
        person = _natural(family.split()) if suffixes else Name(name)
        return Name(person.family, person.given, _lineage(suffixes[0])) if suffixes and person.given else Name(name)
    words = family.split()
    if len(words) > 1 and _SUFFIX.fullmatch(words[-1]):
        suffixes, words = [words[-1]], words[:-1]
    return Name(" ".join(words), given[0], _lineage(suffixes[0]) if suffixes else "")


def _natural(words: list[str]) -> Name:
    """Return the parts of a name with the given name first; in Han names of two parts the family name comes first."""
    if len(words) == 2 and all(re.fullmatch(r"[\u4e00-\u9fff]{1,3}", word) for word in words):
        return Name(words[0], words[1])
    suffix = words[-1] if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) and words[-1] not in ("V", "v", "I") else ""
    words = words[:-1] if suffix else words
    if len(words) < 2:
        return Name(" ".join(words))
    start = _family_start(words)
    return Name(" ".join(words[start:]), " ".join(words[:start]), _lineage(suffix))


def _family_start(words: list[str]) -> int:
    """Return the place of the first word of the family name."""
    last = len(words) - 1
    for place, word in enumerate(words[1:-1], 1):
        if word in _BETWEEN and place >= 2:
            return place - 1
        if word in _PARTICLES or (word in _CAPITAL_PARTICLES and all(w in _CAPITAL_PARTICLES for w in words[place:-1])):
            return place
    return last


def _lineage(suffix: str) -> str:
    """Return a suffix that is part of a name; a degree is not."""
    return "" if _DEGREE.fullmatch(suffix) else suffix.strip(",")
