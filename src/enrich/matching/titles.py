"""How two titles stand to each other, whoever wrote what they head."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from rapidfuzz.distance import OSA, Indel, Levenshtein

from enrich.matching.text import fold, numerals_of, pieces, plain, tokens, words_of


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
    """How two titles stand to each other, in words too; `common` holds the words that both have."""

    tie: Tie
    why: str
    common: tuple[str, ...] = ()


_SMALL = frozenset(words_of("a an the and of for in on to with by from via at as is are its their using"))
_NOTICES = frozenset(
    words_of(
        "reply rejoinder comment comments erratum errata corrigendum corrigenda correction corrections addendum "
        "retraction retracted withdrawn withdrawal rebuttal supplement supplementary supplemental appendix poster demo"
    )
)
_KINDS_OF_ABSTRACT = re.compile(r"\b(?:extended|student) abstract\b", re.IGNORECASE)
_TURNS = _NOTICES | frozenset(
    words_of(
        "not no non without zero never neither nor cannot cant dont doesnt isnt arent wont revisited revisiting "
        "reconsidered abstract one two three four five six seven eight nine ten first second third fourth fifth"
    )
)
"""Words that make another work of a title when one title has them and the other has not."""

# Two words that differ by one of these, or between two of these, at their beginning mean different things.
_PREFIXES = frozenset(
    words_of(
        "a an anti bi co con counter de di dis down e en ex hetero homo hyper hypo i il im in inter intra ir ma macro "
        "max mi micro min mini mis mono multi non off on out over para post pre pro re self semi sub super trans tri "
        "un under uni up"
    )
) | {""}
_SPOKEN_NOTE = re.compile(
    r"[\s(\[]*[:;,.(\[–—-]\s*(?:accepted|to appear|appeared|published|presented|forthcoming|in proceedings)"
    r"(?:\s+(?:by|at|in|to|for|of)\b.{0,80})?$",
    re.IGNORECASE,
)
_SHORT_NOTE = re.compile(r"\s*[(\[,–—-]\s*[A-Z]\w*[A-Z]\w*[ -]?(?:\d{4}|['’]?\d\d)\s*[)\]]?$")


@dataclass(frozen=True)
class Title:
    """A title made ready to be compared."""

    text: str
    words: tuple[str, ...]
    folded: str
    numerals: tuple[str, ...]
    shouted: frozenset[str]
    note: str


@lru_cache(maxsize=65536)
def title_of(text: str) -> Title:
    """The title without a note that says where it was accepted, which is kept apart."""
    bare = plain(text).strip()
    spoken = _SPOKEN_NOTE.search(bare)
    if spoken and fold(bare[: spoken.start()]):
        bare = bare[: spoken.start()].strip()
    words = tokens(bare)
    capitals = re.findall(r"\b\w*[A-Z]\w*[A-Z]\w*\b", bare) if not bare.isupper() else []
    shouted = frozenset(word for capital in capitals for word in tokens(capital))
    return Title(bare, words, "".join(words), numerals_of(words), shouted, spoken[0] if spoken else "")


def is_distinctive(words: tuple[str, ...]) -> bool:
    """Whether a title says enough that two people would hardly give it to different papers."""
    return len(words) >= 4 and sum(map(len, words)) >= 20


_FRONT_MATTER = re.compile(
    r"(?:opening|closing|welcom\w*|introduc\w*|preface|foreword|keynote\w*|panel\w*|tutorial\w*|invited|editorial|title"
    r"|front|index|message|session|remarks|address|talks?|and|the|to|of|by|awards?|best|papers?|chairs?|program|general"
    r"|from|tbd|tba|proceedings|overview|abstracts?|discussion|workshop|conclusions?)+"
)


def is_front_matter(title: Title) -> bool:
    """Whether the title is one that every volume has: a welcome, a keynote address."""
    return _FRONT_MATTER.fullmatch(title.folded) is not None


@lru_cache(maxsize=8192)
def relate(one: str, two: str) -> Relation:
    """How two titles stand to each other; the order does not matter."""
    a, b = title_of(one), title_of(two)
    if not a.words or not b.words:
        return Relation(Tie.UNLIKE, "a title has no words")
    if a.folded == b.folded:
        if a.numerals == b.numerals or "".join(a.numerals) != "".join(b.numerals):
            return Relation(Tie.EQUAL, "the titles are the same", a.words)
        return Relation(Tie.CONFLICT, f"the numerals differ: {', '.join(a.numerals)} and {', '.join(b.numerals)}")
    return _but_for_a_note(a, b) or _part(a, b) or _edited(a, b)


def _but_for_a_note(a: Title, b: Title) -> Relation | None:
    for noted, other in ((a, b), (b, a)):
        note = _SHORT_NOTE.search(noted.text)
        if note and fold(noted.text[: note.start()]) == other.folded:
            return Relation(Tie.EQUAL, f"the titles are the same but for “{note[0].strip()}”", other.words)
    return None


def _part(a: Title, b: Title) -> Relation | None:
    """The relation where one title is the other without its subtitle or without its name."""
    short, long = (a, b) if len(a.folded) < len(b.folded) else (b, a)
    if short.folded not in long.folded:
        return None
    for before, after in _cuts(long.text):
        if fold(before) == short.folded:
            lacking, what = after, "subtitle"
        elif fold(after) == short.folded:
            lacking, what = before, "beginning"
        else:
            continue
        if word := _another_work(lacking):
            return Relation(Tie.CONFLICT, f"only one title has “{word}”")
        return Relation(Tie.PART, f"one title lacks the {what} “{lacking}”", short.words)
    return None


def _cuts(title: str) -> Iterator[tuple[str, str]]:
    yield from pieces(title)
    if bracket := re.search(r"^(.+?)\s*[(\[]([^()\[\]]+)[)\]]\W*$", title):
        yield bracket[1], bracket[2]
    if bracket := re.search(r"^\W*[(\[]([^()\[\]]+)[)\]]\W*\s(.+)$", title):
        yield bracket[1], bracket[2]


_SERIAL = frozenset(
    words_of("part parts volume vol version phase chapter section v no book episode the in a an of series")
)


def _another_work(lacking: str) -> str | None:
    """The words of a subtitle or beginning that make it another work: a numeral alone, a notice, Part II."""
    words = tokens(lacking)
    if _KINDS_OF_ABSTRACT.search(lacking):
        return lacking
    if words[0] in {"part", "volume", "vol", "version", "chapter"} and numerals_of(words[:2]):
        return " ".join(words[:2])
    if numerals_of(("part", *words)) and all(word in _SERIAL or numerals_of(("part", word)) for word in words):
        return lacking
    leading = [word for word in words[:3] if word in _NOTICES]
    return next(iter(leading), None) or next((word for word in words if word in _NOTICES and len(words) <= 4), None)


def _edited(a: Title, b: Title) -> Relation:
    """The relation of titles that differ in some words."""
    likeness = Indel.normalized_similarity(a.folded, b.folded)
    if likeness < 0.6:
        return Relation(Tie.UNLIKE, "the titles differ")
    if Counter(a.numerals) != Counter(b.numerals):
        shown = " and ".join(", ".join(title.numerals) or "none" for title in (a, b))
        return Relation(Tie.CONFLICT, f"the numerals differ: {shown}")
    blocks = list(_differences(a.words, b.words))
    changed = [(set(left), set(right)) for left, right in blocks]
    turns = sorted(_TURNS & set[str]().union(*(left ^ right for left, right in changed)))
    if turns:
        return Relation(Tie.CONFLICT, f"only one title has “{turns[0]}”")
    opposed = next(((x, y) for x, y in blocks if _opposed("".join(x), "".join(y))), None)
    if opposed:
        return Relation(Tie.CONFLICT, f"“{' '.join(opposed[0])}” is not “{' '.join(opposed[1])}”")
    words = tuple(word for word in a.words if word in b.words)
    shown = "; ".join(f"“{' '.join(left)}” / “{' '.join(right)}”" for left, right in blocks)
    if _is_slip(blocks, a, b, len(words)):
        return Relation(Tie.NEAR, f"the titles differ only in {shown}", words)
    if likeness >= 0.85:
        return Relation(Tie.ALIKE, f"the titles differ in {shown}", words)
    return Relation(Tie.ALIKE if _same_head(a, b) else Tie.UNLIKE, "the titles differ", words)


def _same_head(a: Title, b: Title) -> bool:
    heads = [fold(cuts[0][0]) if (cuts := pieces(title.text)) else "" for title in (a, b)]
    return heads[0] == heads[1] != ""


def _differences(a: tuple[str, ...], b: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The runs of words in which two titles differ; a word written as two is no difference."""
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    for step in Levenshtein.opcodes(a, b):
        if step.tag == "equal":
            if "".join(left) != "".join(right):
                yield left, right
            left, right = (), ()
        else:
            left += a[step.src_start : step.src_end]
            right += b[step.dest_start : step.dest_end]
    if "".join(left) != "".join(right):
        yield left, right


def _opposed(left: str, right: str) -> bool:
    """Whether two words differ by a prefix that turns the meaning: supervised, unsupervised; online, offline."""
    if not left or not right:
        return False
    shared = 0
    while shared < min(len(left), len(right)) and left[-1 - shared] == right[-1 - shared]:
        shared += 1
    return shared >= 4 and left[: len(left) - shared] in _PREFIXES and right[: len(right) - shared] in _PREFIXES


def _is_slip(blocks: list[tuple[tuple[str, ...], tuple[str, ...]]], a: Title, b: Title, shared: int) -> bool:
    """Whether all differences are small words and slips of the pen, few enough for the length of the title."""
    edits = 0
    for left, right in blocks:
        if {*left, *right} <= _SMALL:
            edits += 0 if shared >= 3 else 2
            continue
        one, two = "".join(left), "".join(right)
        distance = OSA.distance(one, two)
        if not one or not two or distance > _allowed(left, right, a.shouted | b.shouted, shared):
            return False
        edits += distance
    length = max(len(a.folded), len(b.folded))
    return edits <= (1 if length < 30 else 2 if length < 70 else 3) and length >= 12 and len(blocks) <= 4


def _allowed(left: tuple[str, ...], right: tuple[str, ...], shouted: frozenset[str], shared: int) -> int:
    """How many letters two words may differ by and be one word with a slip: fewer in short words and acronyms."""
    length = min(len("".join(left)), len("".join(right)))
    if length <= 5 and not shouted.isdisjoint({*left, *right}):
        return 0
    if length >= 5:
        return 1 if length < 9 else 2
    if shared >= 6 and (length > 2 or not _SMALL.isdisjoint({*left, *right})):
        return 1
    return 0
