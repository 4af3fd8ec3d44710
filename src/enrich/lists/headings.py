"""The headings above an item: its section path, and the types and the venue that they announce; pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from enrich.lists import decoration, words
from enrich.lists.document import Document
from enrich.lists.spans import Span, text_of
from enrich.text import dates, venues
from enrich.text.spacing import squeeze

_LOWEST = 6
"""The lowest level of headings; captions and summaries have levels below it."""
_FOLDED = re.compile(
    r"^(?:more|expand|details?|click.*|show.*|see.*|unfold|open|toggle.*|abstract|tl dr|tldr|bibtex|"
    r"展开|更多|详情|点击.*)$"
)
_BY_NAME = re.compile(
    r"\b(?:conference|symposium|proceedings|workshop|journal|transactions|acm|ieee|usenix)\b", re.IGNORECASE
)


class Path:
    """The headings above the current place with their levels, the highest first."""

    def __init__(self, document: Document) -> None:
        self._above: list[tuple[int, str]] = []
        self._by_venue = _is_by_venue(document)
        self._most = sum(1 for block in document.headings() if block.level > 1)

    @property
    def above(self) -> tuple[tuple[int, str], ...]:
        """The headings with their levels."""
        return tuple(self._above)

    @property
    def texts(self) -> list[str]:
        """Their texts."""
        return [text for _, text in self._above]

    @property
    def sections(self) -> tuple[str, ...]:
        """The section path: without headings that only announce a table of contents."""
        return tuple(text for _, text in self._above if not words.is_contents(text))

    @property
    def is_about(self) -> bool:
        """Whether the section is about the list itself."""
        return any(words.is_about(text) for level, text in self._above if level > 1)

    @property
    def is_aside(self) -> bool:
        """Whether the section is news, thanks, or about the list: only items with an identifier count there."""
        return self.is_about or any(words.is_besides(text) for level, text in self._above if level > 1)

    @property
    def is_preamble(self) -> bool:
        """Whether the only heading so far is the list's title, and others follow."""
        return self._most > 0 and all(level <= 1 or level > _LOWEST for level, _ in self._above)

    def enter(self, level: int) -> None:
        """Remove all headings of this level and below."""
        self._above = [heading for heading in self._above if heading[0] < level]

    def push(self, level: int, text: str) -> None:
        """Add a heading."""
        self._above.append((level, text))

    @contextmanager
    def below(self, level: int, text: str) -> Iterator[None]:
        """Add a caption while the block runs, if the text is short enough."""
        before = list(self._above)
        if text and len(text.split()) <= 12:
            self._above.append((level, text))
        yield
        self._above = before

    @property
    def venue(self) -> str | None:
        """The venue of the nearest heading: `NeurIPS 2023`, or a venue and a year in two consecutive headings."""
        texts = ["", *self.texts]
        for above, below in reversed(list(itertools.pairwise(texts))):
            year, upper = dates.year_of_date(below), dates.year_of_date(above)
            if year is None and dates.find_year(below) and _is_one(below):
                return venues.venue_in(below)
            if year and _is_one(above):
                return f"{venues.venue_in(above)} {year}" if not dates.find_year(above) else venues.venue_in(above)
            if upper and (self._by_venue or _is_one(below)) and not words.types_of_section(below):
                return below if dates.find_year(below) else f"{below} {upper}"
        return None


def text_of_heading(content: Sequence[Span]) -> str:
    """Return the text of a heading without emoji, section numbers, labelled links and trailing punctuation."""
    text = decoration.without_emoji(text_of(content))[1]
    beside = decoration.without_emoji(text_of(span for span in content if span.url is None or not _is_label(span)))[1]
    beside = re.sub(r"[\[(（|]\s*[\])）|]?", " ", beside) if beside != text else beside
    text = beside if re.search(r"[^\W_]{2}", beside) else text
    return squeeze(text).strip(" :：#").strip()


def _is_label(span: Span) -> bool:
    return words.is_label(span.text) or span.text.startswith("[")


def is_venue(content: Sequence[Span]) -> bool:
    """Whether a heading is a venue, so that its links lead to the venue's pages."""
    bare = decoration.clean(text_of(span for span in content if span.url is None) or text_of(content)).strip(" []()")
    return venues.venue_in(bare) is not None or dates.year_of_date(bare) is not None


def is_folded(text: str) -> bool:
    """Whether a summary says only that something is folded."""
    return _FOLDED.match(words.label_words(text)) is not None


def _is_one(text: str) -> bool:
    """Whether a heading is certainly a venue: a well-known name, or one with a word such as `conference`."""
    found = venues.venue_in(text)
    if found is None:
        return False
    first = re.split(r"[\s'’\d(]|-(?=\d)", re.sub(r"^(?:19|20)\d\d[\s-]+", "", found))[0]
    return venues.is_known(first) or _BY_NAME.search(found) is not None or first.isupper()


def _is_by_venue(document: Document) -> bool:
    """Whether most headings below years are known venues."""
    above: list[tuple[int, str]] = []
    below = []
    for block in document.headings():
        text = text_of_heading(block.spans)
        above = [entry for entry in above if entry[0] < block.level]
        if above and dates.year_of_date(above[-1][1]):
            below.append(text)
        above.append((block.level, text))
    return 2 * sum(venues.venue_in(text) is not None for text in below) > len(below)
