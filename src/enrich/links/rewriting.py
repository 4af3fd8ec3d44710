"""Write new URLs into a document, byte for byte around each of them; pure.

Nothing here knows the grammar of Markdown: each place that may be a URL is replaced by a mark, and the outline of the
document then shows whether the place is a link, and which one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from enrich.links.documents import Outline, outline
from enrich.links.spots import Spot, percent_encoded, spellings, spots
from enrich.model import Place

_MOST_READINGS = 60
"""How often a document is read at most; four times if it can be written at once."""

_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A URL that replaced another."""

    place: Place
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The new text of a document, the URLs written, and the links that could not be written."""

    text: str
    done: tuple[Rewrite, ...] = ()
    left: tuple[tuple[Place, str], ...] = ()


def rewritten(text: str, path: str, moved: Mapping[str, str]) -> Rewritten:
    """Return a document with the new addresses of links; everything else stays, also where code spells an address.

    Args:
        text: all of the file, byte order mark and line ends included.
        path: its path; the suffix determines the format.
        moved: the new address of each link that gets one.
    """
    lead = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix("\ufeff")
    writer = _Writer(body, path, {old: percent_encoded(new) for old, new in moved.items()})
    edits = writer.edits()
    places = _Places(body, path)
    done = tuple(Rewrite(places.of(spot), spot.url, moved[spot.url]) for spot, _ in edits)
    left = tuple((places.of(spot), spot.url) for spot in writer.left)
    return Rewritten(lead + _spliced(body, edits), done, left)


class _Places:
    def __init__(self, text: str, path: str) -> None:
        self._text, self._path = text, path

    def of(self, spot: Spot) -> Place:
        start = max(self._text.rfind("\n", 0, spot.start), self._text.rfind("\r", 0, spot.start)) + 1
        line = sum(1 for _ in _BREAK.finditer(self._text, 0, start)) + 1
        return Place(self._path, line, spot.start - start + 1)


Edits = list[tuple[Spot, str]]


class _Writer:
    """Finds the places of links in one document, and writes new URLs there."""

    def __init__(self, text: str, path: str, moved: Mapping[str, str]) -> None:
        self.left: list[Spot] = []
        self._text, self._path, self._moved = text, path, moved
        self._readings = 0
        self._before = self._read(text)
        # The numbers of the document's links at each place.
        self._links: dict[Spot, list[int]] = {}
        mark = "enrich0"
        while mark in text:
            mark += "0"
        self._mark = f"https://{mark}-{{}}.invalid/"
        self._marks = re.compile(rf"https://{mark}-[0-9]{{1,9}}\.invalid/x?")

    def edits(self) -> Edits:
        """Return the places to write to with their new texts, in order."""
        wanted = self._moved.keys() & set(self._before.urls)
        ways = spots(self._text, self._path, wanted) if wanted else []
        while ways and self._readings < _MOST_READINGS:
            self._try([each[0] for each in ways])
            ways = [each[1:] for each in ways if len(each) > 1 and each[0] not in self._links]
        return sorted(self._written(list(self._links)), key=lambda edit: edit[0].start)

    def _read(self, text: str) -> Outline:
        self._readings += 1
        return outline(_BREAK.sub("\n", text), self._path)

    def _try(self, tried: Sequence[Spot]) -> None:
        """Note which places are links: those where only the mark replaces the URL in the outline."""
        while tried and self._readings < _MOST_READINGS:
            # The text after a URL may depend on whether the URL ends with a letter.
            marks = {
                self._mark.format(number) + ("x" if spot.url[-1].isalnum() else ""): spot
                for number, spot in enumerate(tried)
            }
            marked = self._read(_spliced(self._text, [(spot, mark) for mark, spot in marks.items()]))
            wrong = self._note(marked, marks)
            if wrong is None:
                return
            if not wrong:  # unknown which of them changed something else
                if len(tried) > 1:
                    self._try(tried[: len(tried) // 2])
                    self._try(tried[len(tried) // 2 :])
                else:
                    self.left += tried
                return
            tried = [spot for spot in tried if spot not in wrong]

    def _note(self, marked: Outline, marks: Mapping[str, Spot]) -> set[Spot] | None:
        """Return the places that are not whole URLs; None if all are."""
        before = self._before
        strange = set(marked.urls) - set(before.urls) - marks.keys()
        wrong = {marks[mark] for url in strange for mark in self._marks.findall(url) if mark in marks}
        if wrong:
            return wrong
        links: dict[Spot, list[int]] = defaultdict(list)
        if len(marked.urls) != len(before.urls) or marked.parts != before.parts:
            return set()
        for number, (new, old) in enumerate(zip(marked.urls, before.urls, strict=True)):
            spot = marks.get(new)
            if spot and spot.url == old:
                links[spot].append(number)
            elif new != old:
                return set()
        self._links |= links
        return None

    def _written(self, chosen: Sequence[Spot]) -> Edits:
        done: Edits = []
        ways = {spot: spellings(self._text, self._path, spot, self._moved[spot.url]) for spot in chosen}
        todo = [list(chosen)] if chosen else []
        while todo:
            group = todo.pop()
            edits = [(spot, ways[spot][0]) for spot in group]
            if self._readings < _MOST_READINGS + len(chosen) and self._holds([*done, *edits]):
                done += edits
            elif len(group) > 1:
                todo += [group[len(group) // 2 :], group[: len(group) // 2]]
            elif len(ways[group[0]]) > 1:
                del ways[group[0]][0]
                todo.append(group)
            else:
                self.left += group
        return done

    def _holds(self, edits: Edits) -> bool:
        """Whether the document then has the new URLs, and is otherwise unchanged."""
        urls = list(self._before.urls)
        for spot, _ in edits:
            for number in self._links[spot]:
                urls[number] = self._moved[spot.url]
        return self._read(_spliced(self._text, edits)) == Outline(tuple(urls), self._before.parts)


def _spliced(text: str, edits: Iterable[tuple[Spot, str]]) -> str:
    parts, place = [], 0
    for spot, new in sorted(edits, key=lambda edit: edit[0].start):
        parts += [text[place : spot.start], new]
        place = spot.end
    return "".join((*parts, text[place:]))
