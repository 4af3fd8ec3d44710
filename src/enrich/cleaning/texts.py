"""Clean what services write, so that it can do no harm: texts, names, numbers, dates, DOIs, titles."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, TypedDict

from enrich import identifiers
from enrich.model import LONGEST_TITLE, Record, Scheme
from enrich.text import headings, latex, markup
from enrich.text.folding import normalize, tokens, without_accents

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_AUTHORS = 10_000
LONGEST_ABSTRACT = 20_000

# Bidirectional controls, zero-width spaces, soft hyphens, tag characters: they change what a reader sees, never what a
# title says. Zero-width joiners stay: Persian and Indic scripts need them.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
# What lists of authors contain besides authors: `The X Collaboration, :, A. Person`, `et al.`
_NO_NAME = re.compile(r"\W+|(?:and\s)?et\.?\s?al\.?|and\s(?:\d+\s)?others|others|null|none|n/a|unknown", re.IGNORECASE)
_NO_TITLE = re.compile(r"null|none|n/?a|\[?(?:no title(?: available)?|not available)\]?", re.IGNORECASE)
# The mark of a footnote or an affiliation after a name: `Alan Turing†`, `Grace Hopper1,2`.
_MARK = re.compile(r"(?<=[^\W\d_.])\s?[*\u2217\u2020\u2021\u00a7\u00b6]{1,4}$|(?<=\w[^\W\d_])\d{1,2}(?:,\d{1,2}){0,5}$")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")


def one_line(text: object, limit: int = LONGEST_TITLE) -> str | None:
    """Return a text on one line, NFC, without control characters, of at most `limit` characters; None for nothing."""
    if not isinstance(text, str):
        return None
    text = text[: 4 * limit]
    if not (text.isascii() and text.isprintable()):  # most texts have nothing to remove
        text = normalize("NFC", _INVISIBLE.sub("", _CONTROL.sub("", text)))
    text = " ".join(text.split())
    return (text if len(text) <= limit else text[: limit - 1].rstrip() + "…") or None


def plain_text(text: object, limit: int = LONGEST_TITLE) -> str | None:
    """Return a text without HTML, JATS, MathML and entities, and with LaTeX's accents as Unicode, cleaned."""
    if not isinstance(text, str):
        return None
    text = one_line(latex.to_unicode(markup.to_text(text[: 8 * limit])), limit) or ""
    return re.sub(r"(?<=[(\[]) | (?=[)\]])", "", text) or None


def clean_title(text: object) -> str | None:
    """Return a title as `plain_text` does, without the star of a footnote, and not entirely in capitals."""
    title = plain_text(text)
    title = latex.without_protection(title) if title and not _NO_TITLE.fullmatch(title) else None
    return headings.usual_case(headings.without_footnote(title)) or None if title else None


class Edition(TypedDict, total=False):
    """The fields of a record that describe the version of record."""

    issued: str | None
    container: str | None
    volume: str | None
    issue: str | None
    pages: str | None
    publisher: str | None
    publication_type: str | None


def author_names(names: Iterable[object]) -> tuple[str, ...]:
    """Return the names in order, each plain, without the punctuation that arXiv puts after a collaboration."""
    named = (plain_text(name, 300) for _, name in zip(range(MOST_AUTHORS), names, strict=False))
    bare = (_MARK.sub("", name) for name in named if name)
    return tuple(name for name in bare if not _NO_NAME.fullmatch(name))


def clean_lines(texts: Iterable[object], limit: int = 300) -> tuple[str, ...]:
    """Return the texts in order, each on one line, without empty ones; at most `MOST_AUTHORS`."""
    cleaned = (one_line(text, limit) for _, text in zip(range(MOST_AUTHORS), texts, strict=False))
    return tuple(text for text in cleaned if text)


_BETWEEN_DOIS = re.compile(r"\s+|[;,](?=10\.[0-9]{4}|doi:|https?://)", re.IGNORECASE)


def doi_in(text: object) -> str | None:
    """Return a service's DOI in lower case; an arXiv DOI as `10.48550/arXiv.…`; None for junk.

    Semantic Scholar's `externalIds` and authors' `arxiv:doi` hold junk, several DOIs, escaped underscores:
    https://github.com/allenai/s2-folks/issues/118
    """
    parts = _BETWEEN_DOIS.split(text[:500].replace("\\_", "_").strip()) if isinstance(text, str) else []
    identifier = identifiers.parse(parts[0].rstrip(";,")) if parts else None
    if identifier and identifier.scheme is Scheme.ARXIV:
        return arxiv_doi(identifier.value) if "10.48550/" in parts[0] else None
    return identifier.value if identifier and identifier.scheme is Scheme.DOI else None


def arxiv_doi(arxiv_id: str) -> str:
    """Return the DOI that arXiv registers for each of its papers (https://info.arxiv.org/help/doi.html)."""
    return f"10.48550/arXiv.{arxiv_id}"


@lru_cache(maxsize=4096)
def search_words(title: str) -> tuple[str, ...]:
    """Return the words of a title to search for, without accents and characters that a query language may read."""
    return tuple(re.findall(r"\w+", without_accents(title).casefold()))


def rank_by_shared_words(title: str, records: Iterable[Record], most: int = 5) -> tuple[Record, ...]:
    """Return the records whose titles have most words of the title, the likeliest first.

    It only assigns the answers for several titles; `matching` decides whether it is that paper.
    """
    asked = Counter(tokens(title))
    scored: list[tuple[float, Record]] = []
    for record in records:
        theirs = Counter(tokens(record.title or ""))
        shared = (asked & theirs).total()
        if shared and (shared >= 0.6 * asked.total() or (shared >= 3 and shared == theirs.total())):
            scored.append((2 * shared / (asked.total() + theirs.total()), record))
    scored.sort(key=lambda pair: -pair[0])
    return tuple(record for _, record in scored[:most])
