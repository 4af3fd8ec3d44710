"""What lists write around a title: years, venues, authors, labels, brackets, emoji."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from enrich.matching.titles import ABOUT, CHANGING, KINDS_OF_WORK
from enrich.text.dates import MONTH_WORDS, YEAR
from enrich.text.folding import PIECE, fold, tokens, without_markup, word_set
from enrich.text.venue_names import CONFERENCES, OTHERS


@dataclass(frozen=True)
class Rest:
    """The text before and after a title in a longer text, white space and markup included."""

    before: str
    after: str

    @property
    def words(self) -> tuple[str, ...]:
        """The words outside the title."""
        return tokens(self.before) + tokens(self.after)


_LABELS = word_set(
    "paper papers pdf html code github link links url doi arxiv biorxiv medrxiv openreview preprint project page "
    "website homepage slides slide video talk blog data dataset oral spotlight poster highlight best outstanding "
    "distinguished award awards honorable mention runner up nominee finalist accepted published presented appear "
    "new hot starred recommended read official implementation pytorch tensorflow title name track main long short "
    "full conference workshop journal proceedings proc findings ieee acm usenix ed eds pp vol no abs org http "
    "https www com"
).union(MONTH_WORDS)
_LINKING = word_set("et al and others in at by from the of to on with as")
"""Words that may be between names, labels and venues; by themselves they are not decoration."""

VENUE_NAME = f"(?:{'|'.join(sorted((*CONFERENCES, *OTHERS), key=len, reverse=True))})"
ANY_YEAR = r"(?:['’‘`´]\s?)?\d\d(?:\d\d)?"
# Every repetition is bounded: a title may be written to make matching take very long.
_PIECES = tuple(
    re.compile(pattern)
    for pattern in (
        r"https?://\S{1,300}|\b10\.\d{4,9}/\S{1,100}",
        r"(?i:\barxiv\s{0,2}[:.]?\s{0,2}(?:preprint\s{0,2})?(?:arxiv\s{0,2}:\s{0,2})?\d{4}\.\d{4,5}(?:v\d)?)",
        r"\babs/\d{4}\.\d{4,5}(?:v\d)?",
        r"(?<![\d.])\d{4}\.\d{4,5}(?:v\d)?(?![\d.])",
        r":[a-z][a-z0-9_+-]{1,40}:",
        # A number of stars; volume, number and pages; links in brackets.
        r"[★☆⭐]\s?\d[\d.,]{0,8}k?",
        r"\b\d{1,4}\s?(?:\(\d{1,3}\))?\s?[,:]\s?\d{1,5}\s?[–-]\s?\d{1,5}\b",
        r"\[(?i:demo|poster|appendix|supp(?:lement(?:ary)?)?)\]",
        rf"\b{YEAR}[./-]?(?:0?[1-9]|1[0-2])(?:[./-]?(?:0?[1-9]|[12]\d|3[01]))?\b",
        rf"\b(?:(?:0?[1-9]|[12]\d|3[01])[./-])?(?:0?[1-9]|1[0-2])[./-]{YEAR}\b",
        # ICLR'20, 2015-CVPR, CVPR-20, SIGGRAPH Asia 2020; any name in capitals with its year.
        rf"(?:\b{YEAR}\s?[-_,]?\s?)?\b{VENUE_NAME}(?:-?W\b)?\s?[-_,]?\s?(?:{ANY_YEAR}\b)?",
        rf"(?:\b{YEAR}\s?[-_,]?\s?)\b[A-Z][A-Za-z]{{0,20}}[A-Z]\w{{0,20}}\b",
        rf"\b[A-Z][A-Za-z]{{0,20}}[A-Z][A-Za-z+]{{0,20}}(?:\s[A-Z]\w{{1,15}})?\s?[-_,]?\s?(?:{YEAR}|['’‘`´]\d\d)\b",
        rf"\b{YEAR}\b|(?<!\w)['’‘`´]\d\d\b",
    )
)
VENUE_PHRASE = re.compile(
    r"(?i)(?:\b(?:in|at|to appear in|accepted (?:by|at|to|for))\s)?"
    r"(?:\b(?:the|\d{1,3}(?:st|nd|rd|th)|ieee(?:/\w{1,10})?|acm|usenix|annual|international|european)\s){0,4}"
    r"\b(?:proceedings|proc\.|journal|transactions|trans\.|conference|symposium|workshop|advances in|lecture notes|"
    r"annual meeting|technical report|phd thesis)(?!\w).{0,200}$"
)
_KNOWN_VENUE = re.compile(rf"\b{VENUE_NAME}\b")
_CAPITALIZED = r"[A-Z][\w&/-]{0,20}\.?"
_VENUE_BEHIND = re.compile(
    rf"(?:[.,;|*_–—→-][\s*_]{{1,4}}|\n\s{{0,3}})({_CAPITALIZED}(?:\s(?:{_CAPITALIZED}|&|and|of|on|in|for|the)){{0,5}})"
    rf"[\s.,*_(]{{1,6}}({YEAR})?\W{{0,5}}$"
)
"""A venue by its form: capitalised words after a separator, and a year; `Nat. Commun. 2023`, `Science Robotics`."""
_SUMMARY = re.compile(r"(?i)\bTL; ?DR\b.*$", re.DOTALL)
_SIGNS = re.compile("[+#]")
_NUMBER = re.compile(r"^(?:\W{0,5}\d{1,3}\s?[.)\]:](?!\d)|\W{0,3}#\d{1,3}\s)")
_BRACKET = re.compile(r"[(\[{【（`]([^()\[\]{}【】（）`]{1,60})[)\]}】）`]")
_CELL = re.compile(r"\|([^|]{1,60})")
_BRACKET_WORDS = 5
"""A bracket with more words is a description, not a name, an institution or a label."""
_OPENING = word_set("for in on with without of to under via by from using and or a an the part towards")
"""Words at the start of a bracket that continues the title."""
_OTHER_SCRIPT = re.compile(r"[^\W\d_\u0000-\u024f\u0370-\u03ff]{1,60}")
_PLACE = re.compile(r"@[\w ,.&-]{1,60}")
_AMONG_NAMES = word_set("et al and")
_NAME = re.compile(r"^\W{0,5}([^\W_][\w.+-]{0,30}(?:\s[\w.+-]{1,20})?)\s?(?::|\||\s[–—-])\W{0,3}$")
_OF_A_POSTER = re.compile(r"(?i)\bposters?\W{0,3}:\W{0,3}$")
"""`Poster: ...` is a separate work; `[Poster]` may say how a paper was presented."""
_OPENING_QUOTE = re.compile("[\"“„«'‘`]{1,2}\\W?$")
_CLOSING_QUOTE = re.compile("^[.,!?]?[\"”“»'’]")
_ENDS_APART = re.compile(r"(?:[^\w\s]|\n)\s{0,3}$")
_BEGINS_APART = re.compile(r"^[^\S\n]{0,3}(?:[^\w\s]|\n|$)")
_BY = re.compile(r"^\W{0,3}by\s(.{1,400})$", re.DOTALL)
_OF_SUBTITLES = ABOUT | CHANGING | word_set("study studies application applications approach evaluation")
_ET_AL = re.compile(r"((?:[^\W\d_][\w.'’-]{0,30},?\s){1,4})et\.?\s{0,2}al\b")


def find_within(title: str, text: str) -> Rest | None:
    """Return the text around a title that a text contains word for word; None if it does not."""
    whole, wanted = without_markup(text), fold(title)
    # `1+x` and `C++`: whether a sign belongs to a word depends on its place, so it is compared last.
    chunks = list(PIECE.finditer(whole))
    folded = [fold(chunk[0]) for chunk in chunks]
    offsets = [0, *accumulate(map(len, folded))]
    first_at = {offset: number for number, offset in enumerate(offsets[:-1])}
    last_at = {offset: number for number, offset in enumerate(offsets[1:])}
    joined, letters = "".join(folded), _SIGNS.sub("", wanted)
    place = joined.find(letters) if letters else -1
    while place >= 0:
        first, last = first_at.get(place), last_at.get(place + len(letters))
        if first is not None and last is not None:
            start, end = chunks[first].start(), chunks[last].end()
            end += len(whole[end:]) - len(whole[end:].lstrip("+#"))
            if fold(whole[start:end]) == wanted:
                return Rest(whole[:start], whole[end:])
        place = joined.find(letters, place + 1)
    return None


def is_decoration(rest: Rest, authors: Sequence[str]) -> bool:
    """Whether all text around a title is decoration; `authors` are the authors of the paper with that title."""
    people = _People.of(authors)
    before = _NUMBER.sub(" ", rest.before)
    if _OF_A_POSTER.search(before):
        return False
    return _is_before(before, people) and _is_behind(rest.after, people, cited=not people.words.isdisjoint(rest.words))


def name_before(rest: Rest, authors: Sequence[str]) -> str | None:
    """Return the name and colon before a title, if all the rest is decoration."""
    named = _NAME.match(rest.before)
    if named is None or CHANGING & set(tokens(named[1])) or not _is_behind(rest.after, _People.of(authors)):
        return None
    return named[1]


def is_quoted(rest: Rest) -> bool:
    """Whether a title is in quotation marks, as in `Doe, J. "Title." Venue.`, and the words before are not about it."""
    marks = _OPENING_QUOTE.search(rest.before) and _CLOSING_QUOTE.search(rest.after)
    words = tokens(rest.before)
    return bool(marks) and not (ABOUT | CHANGING) & set(words) and not (words and words[-1] in _LINKING - {"al"})


def is_no_title(text: str, authors: Sequence[str]) -> bool:
    """Whether a text is only decoration: a venue and a year, or the authors."""
    return _is_before(f"{_NUMBER.sub(' ', text)},", _People.of(authors))


class _People(NamedTuple):
    """The words of authors' names, and their initial letters."""

    words: frozenset[str]
    initials: frozenset[str]

    @classmethod
    def of(cls, authors: Sequence[str]) -> _People:
        words = frozenset(word for name in authors for word in tokens(name))
        return cls(words, frozenset(word[0] for word in words))


def _is_before(text: str, people: _People) -> bool:
    return _is_decoration(text, people, apart=_ENDS_APART.search(text) is not None, behind=False)


def _is_behind(text: str, people: _People, *, cited: bool = False) -> bool:
    """Whether the text after a title is decoration; `cited`: the authors are beside it, as in a reference."""
    apart = _BEGINS_APART.search(text) is not None
    if apart:
        text = _without_venue(VENUE_PHRASE.sub(" ", _SUMMARY.sub(" ", text)), cited=cited)
    if by := _BY.match(text):
        apart, text = True, by[1]
    return _is_decoration(text, people, apart=apart, behind=True)


def _without_venue(text: str, *, cited: bool) -> str:
    """Return the text after a title without the venue at its end, which has a year unless it ends a reference."""
    found = _VENUE_BEHIND.search(text)
    if found is None or not (found[2] or cited):
        return text
    words = tokens(found[1])
    if known := next((known for known in _KNOWN_VENUE.finditer(found[1]) if known.start()), None):
        return text[: found.start(1) + known.start()]
    is_subtitle = words[0] in _OPENING or not _OF_SUBTITLES.isdisjoint(words)
    return text if is_subtitle else text[: found.start()]


def _is_decoration(text: str, people: _People, *, apart: bool, behind: bool) -> bool:
    if not tokens(text) or _is_translation(text):
        return True
    for piece in _PIECES:
        text = piece.sub(" ", text)
    text = _OTHER_SCRIPT.sub(" ", text)
    for aside in (_BRACKET, _CELL) if behind else (_BRACKET,):
        text = aside.sub(lambda found: " " if is_aside(found[1], tag=not behind) else found[0], text)
    words = tokens(_PLACE.sub(" ", text))
    if not apart and (_LINKING - _AMONG_NAMES) & set(words):
        return False
    known = people.words | (_LABELS if apart else frozenset()) | _LINKING
    return all(word.rstrip("+") in known or (len(word) == 1 and word in people.initials) for word in words)


def _is_translation(text: str) -> bool:
    """Whether a text is mostly in another script than Latin titles."""
    others = sum(len(found) for found in _OTHER_SCRIPT.findall(text))
    return 2 * others >= sum(map(str.isalpha, text)) > 0


@lru_cache(maxsize=8192)
def is_aside(text: str, *, tag: bool) -> bool:
    """Whether the text in a bracket beside a title is a name, an institution, a venue or a label.

    It is not if it continues the title (`for Images`) or makes another work of it (`Part II`, `Extended Abstract`).
    Before the title (`tag`) it may be the kind of work: `[Survey]`.
    """
    words = tokens(text)
    bare = text
    for piece in _PIECES:
        bare = piece.sub(" ", bare)
    left = tokens(bare)
    if not left:
        return True
    changing = CHANGING - KINDS_OF_WORK if tag else CHANGING
    if changing & set(left) or any(word.isdigit() or re.fullmatch(r"v\d+|[ivx]+", word) for word in left):
        return False
    return len(words) <= _BRACKET_WORDS and left[0] not in _OPENING


def is_listing_word(word: str) -> bool:
    """Whether lists put a word beside titles and names: a kind of link, an award, a month, `in`, `et`."""
    return word in _LABELS | _LINKING


def authors_beside(text: str) -> tuple[str, ...]:
    """Return the authors that a text names with `et al.`: `J. Dunn et al.` gives ("J. Dunn",)."""
    found = _ET_AL.search(text)
    return (found[1].strip(" ,"),) if found else ()


_ANY_PIECE = "|".join(piece.pattern for piece in _PIECES)
_EDGE = r"[^\w+#]{0,5}"
_ENDS = (re.compile(f"^{_EDGE}(?:{_ANY_PIECE}){_EDGE}"), re.compile(f"{_EDGE}(?:{_ANY_PIECE}){_EDGE}$"))
_BRACKET_ENDS = (
    re.compile(rf"^{_EDGE}[(\[【（]([^()\[\]【】（）]{{1,60}})[)\]】）]{_EDGE}"),
    re.compile(rf"{_EDGE}[(\[【（]([^()\[\]【】（）]{{1,60}})[)\]】）]{_EDGE}$"),
)
_MOST_PEELS = 8
_SHORTEST_NAME = 3  # letters


@lru_cache(maxsize=8192)
def undecorated(text: str) -> str:
    """Return a title without the numbers, venues, dates and brackets at its ends."""
    bare = _NUMBER.sub("", without_markup(text))
    for _ in range(_MOST_PEELS):
        peeled = bare
        for pattern, tag in ((_BRACKET_ENDS[0], True), (_BRACKET_ENDS[1], False)):
            found = pattern.search(peeled)
            if found and is_aside(found[1], tag=tag):
                peeled = peeled[: found.start()] + peeled[found.end() :]
        for pattern in _ENDS:
            peeled = pattern.sub("", peeled)
        if peeled == bare or len(fold(peeled)) < _SHORTEST_NAME:
            break
        bare = peeled
    return bare
