"""Which paper links of a list an import took, and where the others are; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from enrich import identifiers
from enrich.lists import markup, words
from enrich.model import Entry, LinkKind, Place

_URL = re.compile(r"https?://[^\s<>\"'`|\\^{}\[\]（）【】，。；、]{4,2000}")
# Markdown removes the backslash: `a\_b`.
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$|<h[1-6][^>]*>(.*?)</h", re.IGNORECASE)
_FENCE = re.compile(r"^ {0,3}(```|~~~)")


@dataclass(frozen=True, slots=True)
class Left:
    """A paper link that was not taken: where it is, in which section, and why."""

    url: str
    place: Place
    section: str
    why: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many different papers a list links, and the links of which no entry has the paper."""

    path: str
    links: int
    left: tuple[Left, ...] = ()

    @property
    def taken(self) -> int:
        """The number of papers that were taken."""
        return self.links - len(self.left)


def cover(text: str, path: str, entries: Iterable[Entry]) -> Coverage:
    """Return which paper links of a list (arXiv, DOI, OpenReview, ACL, publishers) are in its entries."""
    entries = tuple(entries)
    named = {link.url: _papers(link.url) for entry in entries for link in entry.links}
    taken = {name for names in named.values() for name in names}
    taken |= {name for entry in entries for name in _own(entry)}
    seen: dict[str, Left | None] = {}
    section, fenced = "", False
    for number, line in enumerate(markup.uncomment(text)[0].split("\n"), 1):
        if _FENCE.match(line):
            fenced = not fenced
        if fenced:
            # A citation to copy is not an item.
            continue
        if heading := _HEADING.search(line):
            section = (heading[2] or heading[3] or "").strip()
        for url in _urls(line):
            names = named[url] if url in named else _papers(url)
            if not names:
                continue
            name = names[0]
            if not taken.isdisjoint(names):
                seen[name] = None
            elif name not in seen:
                seen[name] = Left(url, Place(path, number), section, _why(section))
    return Coverage(path, len(seen), tuple(left for left in seen.values() if left is not None))


def by_section(left: Sequence[Left]) -> list[tuple[str, list[Left]]]:
    """Return the links that were left out, grouped by section and reason, in the order of the list."""
    groups: dict[tuple[str, str], list[Left]] = {}
    for one in left:
        groups.setdefault((one.section, one.why), []).append(one)
    return [(f"under {section!r}, {why}" if section else why, found) for (section, why), found in groups.items()]


def _urls(line: str) -> list[str]:
    bare = _ESCAPED.sub(r"\1", line) if "\\" in line else line
    return [url[: _end_of_url(url)].rstrip(".,;:!?*'") for url in _URL.findall(bare)]


def _end_of_url(text: str) -> int:
    """Return where a URL ends in a text: at the bracket that closes one before it, as in `[A](URL)- B`."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return place
    return len(text)


def _own(entry: Entry) -> Iterator[str]:
    """Yield the identifiers in the fields of an entry."""
    found = (identifiers.parse(text) for text in (entry.own.doi, entry.own.arxiv_id) if text)
    return (str(identifier) for identifier in found if identifier)


def _papers(url: str) -> list[str]:
    if words.is_badge(url):
        return []
    named = [str(identifier) for identifier in identifiers.of_url(url)]
    if words.kind_of_url(url) is not LinkKind.PAPER:
        return []
    return named or [identifiers.normalise_url(url)]


def _why(section: str) -> str:
    if words.is_about(section):
        return "in a section about the list itself"
    return "not part of an item"
