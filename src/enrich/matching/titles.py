"""Compare two titles by their words alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from unicodedata import east_asian_width

from rapidfuzz.distance import OSA, Indel, Levenshtein

from enrich.matching.parts import numerals_of, title_parts
from enrich.matching.slips import LEFT_OUT, Difference, are_slips
from enrich.matching.spelling import abbreviates, american
from enrich.text.folding import fold, split_words, tokens, without_markup, word_set


class Tie(IntEnum):
    """How near two titles are, the nearest last."""

    CONFLICT = 0
    UNLIKE = 1
    ALIKE = 2
    PART = 3
    NEAR = 4
    EQUAL = 5


@dataclass(frozen=True)
class Relation:
    """The relation of two titles, with the reason in words.

    `shared` is the title that both have (the shorter of two parts), word by word; `missing` is the part that only one
    of them has; `certain` is False if the differences are typing errors only if the authors are the same.
    """

    tie: Tie
    why: str
    shared: tuple[str, ...] = ()
    certain: bool = True
    missing: str = ""


_NOTICES = word_set(
    "reply rejoinder comment comments erratum errata corrigendum corrigenda correction corrections addendum "
    "retraction retracted withdrawn withdrawal rebuttal supplement supplementary supplemental appendix poster "
    "demo re"
)
_KINDS_OF_ABSTRACT = re.compile(r"\b(?:extended|student) abstract\b", re.IGNORECASE)
_TURNS = _NOTICES | word_set(
    "not no non without zero never neither nor cannot cant dont doesnt isnt arent wont revisited revisiting "
    "reconsidered abstract one two three four five six seven eight nine ten first second third fourth fifth"
)
"""Words that make another work of a title if only one title has them."""

KINDS_OF_WORK = word_set("survey review overview summary tutorial lecture thesis part volume chapter extended")
ABOUT = word_set("discussion response comments notes critique remarks about reading summary analysis")
"""Words of a title that is about another title, and may contain it as a whole."""

CHANGING = _TURNS | KINDS_OF_WORK | word_set("towards toward beyond against")
"""Words that are never decoration beside a title: a text with one is another work, or may be."""

# Two words that differ in such a prefix, or of which only one has it, mean different things.
_REVERSING = word_set("anti bi co de dis im in ir mis multi non over pre re semi sub super tri un under")
_OPPOSED = word_set(
    "con de dis down en ex hetero homo hyper hypo im in inter intra ma macro max mi micro min mono multi off on "
    "out over post pre pro sub super trans under uni up"
)
_OPPOSITES = frozenset(
    frozenset(pair.split("/"))
    for pair in split_words(
        "sparse/dense static/dynamic local/global upper/lower weak/strong small/large low/high single/multiple "
        "discrete/continuous deterministic/stochastic deterministic/randomized exact/approximate forward/backward "
        "forward/inverse centralized/distributed encoder/decoder training/inference fast/slow easy/hard soft/hard "
        "white/black short/long left/right positive/negative hot/cold early/late inner/outer sequential/parallel "
        "increasing/decreasing maximum/minimum linear/quadratic binary/ternary encoding/decoding internal/external "
        "horizontal/vertical front/back near/far thin/thick wide/narrow shallow/deep coarse/fine public/private"
    )
)
_ALPHA_PRIVATIVE = re.compile("a(?=syn|sym|period|typic|caus|cycl)")
_SPOKEN_NOTE = re.compile(
    r"[\s(\[]{0,3}[:;,.(\[–—-]\s?(?:accepted|to appear|appeared|published|presented|forthcoming|in proceedings)"
    r"(?:\s+(?:by|at|in|to|for|of)\b.{0,80})?$",
    re.IGNORECASE,
)
# Every repetition is bounded: a title may be written to make matching take very long.
_SHORT_NOTE = re.compile(
    r"\s?(?:[(\[,–—-]\s?[A-Z]\w{0,40}[A-Z]\w{0,40}[ -]?(?:\d{4}|['’]?\d\d)"
    r"|[(\[](?:\w{1,40}\s){0,2}(?:arXiv|\w{0,40}[A-Z]\w{0,40}[A-Z]\w{0,40})(?:\s\w{1,40}){0,2}[\s:,'’]{1,9}\d[\d.]{1,40}"
    r"|[(\[,–—-]\s?(?i:(?:the )?technical report|tech report|(?:full|extended|long|arxiv) version|preprint))\s?[)\]]?$"
)


@dataclass(frozen=True)
class Title:
    """A title prepared for comparison.

    `spelled` has the names of its LaTeX commands, as if backslashes were lost; `note` says where it appeared.
    """

    text: str
    words: tuple[str, ...]
    folded: str
    spelled: str
    numerals: tuple[str, ...]
    shouted: frozenset[str]
    note: str


@lru_cache(maxsize=8192)
def split_note(text: str) -> Title:
    """Split a title from a note on where it was accepted."""
    bare = " ".join(without_markup(text).split())
    spoken = _SPOKEN_NOTE.search(bare)
    if spoken and fold(bare[: spoken.start()]):
        bare = bare[: spoken.start()].strip()
    short = _SHORT_NOTE.search(bare)
    words = tokens(bare)
    capitals = re.findall(r"\b\w*[A-Z]\w*[A-Z]\w*\b", bare) if not bare.isupper() else []
    shouted = frozenset(word for capital in capitals for word in tokens(capital))
    folded = "".join(words)
    spelled = fold(text.replace("\\", " ")) if "\\" in text else folded
    return Title(
        bare, words, folded, spelled, numerals_of(words), shouted, spoken[0] if spoken else short[0] if short else ""
    )


_RETRACTED = re.compile(r"^\W{0,3}(?:retracted|withdrawn|removed)(?:\s(?:article|paper))?\W{1,4}", re.IGNORECASE)


def strip_retraction(title: str) -> str:
    """Return a registered title without the mark of its retraction: it belongs to the same paper."""
    return _RETRACTED.sub("", title) or title


def is_kind_of_work(subtitle: str) -> bool:
    """Whether a subtitle is only a kind of work, as in `A Survey`. A title without it may be another work's."""
    words = [word for word in tokens(subtitle) if word not in LEFT_OUT]
    return bool(words) and KINDS_OF_WORK.issuperset(words)


def begins_with_kind_of_work(subtitle: str) -> bool:
    """Whether a subtitle begins with a kind of work: `A Survey of Methods`."""
    words = [word for word in tokens(subtitle) if word not in LEFT_OUT]
    return not KINDS_OF_WORK.isdisjoint(words[:2])


def is_distinctive(words: tuple[str, ...]) -> bool:
    """Whether a title is so specific that different papers are unlikely to have it.

    In scripts without spaces between words, a character counts as two letters, and two as a word.
    """
    letters = "".join(words)
    wide = sum(east_asian_width(letter) == "W" for letter in letters) if not letters.isascii() else 0
    return max(len(words), wide // 2) >= 4 and len(letters) + wide >= 20


_FRONT_MATTER = re.compile(
    r"(?:opening|closing|welcome|introduction|introductory|preface|foreword|keynotes?|panels?|tutorials?|invited|editorial|title"
    r"|front|index|message|session|remarks|address|talks?|and|the|to|of|by|awards?|best|papers?|chairs?|program|general"
    r"|from|tbd|tba|proceedings|overview|abstracts?|discussion|workshop|conclusions?)+"
)


def is_front_matter(words: tuple[str, ...]) -> bool:
    """Whether a title is one that every volume has: a welcome, a keynote address."""
    return _FRONT_MATTER.fullmatch("".join(words)) is not None


@lru_cache(maxsize=8192)
def relate(one: str, two: str) -> Relation:
    """Return the relation of two titles; the order does not matter."""
    a, b = sorted((split_note(one), split_note(two)), key=lambda title: (title.folded, title.text))
    if not a.words or not b.words:
        return Relation(Tie.UNLIKE, "a title has no words")
    if a.folded == b.folded:
        if a.numerals == b.numerals or "".join(a.numerals) != "".join(b.numerals):
            return Relation(Tie.EQUAL, "the titles are the same", max(a.words, b.words, key=len))
        return Relation(Tie.CONFLICT, f"numbers differ: {', '.join(a.numerals)} vs {', '.join(b.numerals)}")
    if a.spelled in {b.spelled, b.folded} or a.folded == b.spelled:
        return Relation(Tie.EQUAL, "the titles are the same but for LaTeX", min(a.words, b.words, key=len))
    return _but_for_a_note(a, b) or _part(a, b) or _edited(a, b)


def _but_for_a_note(a: Title, b: Title) -> Relation | None:
    for noted, other in ((a, b), (b, a)):
        note = _SHORT_NOTE.search(noted.text)
        if note and fold(noted.text[: note.start()]) == other.folded:
            return Relation(Tie.EQUAL, f"the titles are the same but for “{note[0].strip()}”", other.words)
    return None


def _part(a: Title, b: Title) -> Relation | None:
    """Return the relation if one title is the other without its subtitle or its name."""
    short, long = (a, b) if len(a.folded) < len(b.folded) else (b, a)
    if short.folded not in long.folded:
        return None
    for before, after in _cuts(long.text):
        if fold(before) == short.folded:
            missing, what = after, "subtitle"
        elif fold(after) == short.folded:
            missing, what = before, "beginning"
        else:
            continue
        if word := _another_work(missing):
            return Relation(Tie.CONFLICT, f"only one title has “{word}”")
        return Relation(Tie.PART, f"only one title has the {what} “{missing}”", short.words, missing=missing)
    return None


def _cuts(title: str) -> Iterator[tuple[str, str]]:
    yield from title_parts(title)
    if bracket := re.search(r"^(.+?)\s*[(\[]([^()\[\]]+)[)\]]\W*$", title):
        yield bracket[1], bracket[2]
    if bracket := re.search(r"^\W*[(\[]([^()\[\]]+)[)\]]\W*\s(.+)$", title):
        yield bracket[1], bracket[2]


_SERIAL = re.compile(r"part|volume|vol|version|phase|chapter|section|episode|series|the|a|in|of|v?\d+|[ivx]+")


def _another_work(missing: str) -> str | None:
    """Return the words of a subtitle or beginning that make it another work: a single numeral, Part II, a notice."""
    words = tokens(missing)
    if _KINDS_OF_ABSTRACT.search(missing):
        return missing
    if {*words[:1]} & {"part", "volume", "vol", "version", "chapter"} and numerals_of(words[:2]):
        return " ".join(words[:2])
    if numerals_of(("part", *words)) and all(_SERIAL.fullmatch(word) for word in words):
        return missing
    leading = words if len(words) <= 4 else words[:3]
    return next((word for word in leading if word in _NOTICES), None)


def _edited(a: Title, b: Title) -> Relation:
    """Return the relation of titles that differ in some words."""
    likeness = Indel.normalized_similarity(a.folded, b.folded)
    if likeness < 0.6:
        return Relation(Tie.UNLIKE, "the titles differ")
    if Counter(a.numerals) != Counter(b.numerals):
        shown = " vs ".join(", ".join(title.numerals) or "none" for title in (a, b))
        return Relation(Tie.CONFLICT, f"numbers differ: {shown}")
    blocks = list(_differences(a.words, b.words))
    shared = (Counter(a.words) & Counter(b.words)).total()
    for left, right in blocks:
        if turn := _turn(left, right, shared):
            return Relation(Tie.CONFLICT, turn)
    if not blocks:
        return Relation(Tie.EQUAL, "the titles are the same but for spelling", max(a.words, b.words, key=len))
    shown = "; ".join(" / ".join(f"“{' '.join(side)}”" for side in block if side) for block in blocks)
    longer = max(a.words, b.words, key=len)
    certain = are_slips(blocks, a.shouted | b.shouted, max(len(a.folded), len(b.folded)), shared)
    if certain is not None:
        return Relation(Tie.NEAR, f"the titles differ only in {shown}", longer, certain)
    alike = likeness >= 0.85 or _same_head(a, b)
    return Relation(Tie.ALIKE if alike else Tie.UNLIKE, f"the titles differ in {shown}", longer)


def _same_head(a: Title, b: Title) -> bool:
    heads = [fold(cuts[0][0]) if (cuts := title_parts(title.text)) else "" for title in (a, b)]
    return heads[0] == heads[1] != ""


def _differences(a: tuple[str, ...], b: tuple[str, ...]) -> Iterator[Difference]:
    """Return the runs of words in which two titles differ, ignoring a word written as two, or II written 2."""
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    for step in Levenshtein.opcodes(a, b):
        if step.tag == "equal":
            if not _says_the_same(left, right):
                yield left, right
            left, right = (), ()
        else:
            left += a[step.src_start : step.src_end]
            right += b[step.dest_start : step.dest_end]
    if not _says_the_same(left, right):
        yield left, right


def _says_the_same(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    spelled = ["".join(numerals_of(("part", word)) or (word,)) for word in left]
    other = ["".join(numerals_of(("part", word)) or (word,)) for word in right]
    return (
        "".join(map(american, left)) == "".join(map(american, right))
        or (spelled == other and len(left) == 1)
        or abbreviates(left, right)
        or abbreviates(right, left)
    )


def _turn(left: tuple[str, ...], right: tuple[str, ...], shared: int) -> str | None:
    """Return the words in a difference that change the meaning: a negation, a notice, an opposed prefix."""
    for word in sorted(_TURNS & ({*left} ^ {*right})):
        others = {*left, *right} - _TURNS
        slip = shared >= 5 and len(word) >= 4 and any(OSA.distance(word, other) == 1 for other in others)
        if not slip:
            return f"only one title has “{word}”"
    if opposed := opposites(left, right):
        return opposed
    if _are_opposed("".join(left), "".join(right)):
        return f"“{' '.join(left)}” is not “{' '.join(right)}”"
    return None


def opposites(left: Iterable[str], right: Iterable[str]) -> str | None:
    """Return the difference in words if a word on the left is the opposite of one on the right."""
    found = (f"“{one}” is not “{two}”" for one in left for two in right if frozenset((one, two)) in _OPPOSITES)
    return next(found, None)


def _are_opposed(left: str, right: str) -> bool:
    """Whether two words differ by a prefix that reverses the meaning: supervised, unsupervised; online, offline."""
    if not left or not right:
        return False
    shared = 0
    while shared < min(len(left), len(right)) and left[-1 - shared] == right[-1 - shared]:
        shared += 1
    if shared < 4:
        return False
    first, second = sorted((left[: len(left) - shared], right[: len(right) - shared]))
    if not first:
        return second in _REVERSING or bool(_ALPHA_PRIVATIVE.match(max(left, right, key=len)) and second == "a")
    return {first, second} <= _OPPOSED and not second.startswith(first)
