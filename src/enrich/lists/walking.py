"""A list's tree to entries: headings make the section path, blocks make the items; pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from enrich import identifiers, matching
from enrich.lists import decoration, items, phrases, pieces, reading, tables, titles, words
from enrich.lists.drafts import Context, Draft
from enrich.lists.pieces import Piece, squeeze, text_of
from enrich.model import Entry, Scheme

if TYPE_CHECKING:
    from lxml.etree import _Element

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
# Captions (a bold line, a line before a list) and summaries stand below every heading.
_CAPTION = 7
_SUMMARY = 8
_FOLDED = re.compile(r"^(?:more|expand|details?|click.*|show.*|see.*|unfold|open|toggle.*|展开|更多|详情|点击.*)$")
_RULE = re.compile(r"^[\s=\-_*~#+]{3,}$")
# What a badge counts shows the repository that a README lives in; stars are shown for other people's repositories, too.
_OWN_BADGE = re.compile(
    r"/github/(?:license|last-commit|contributors|issues[a-z-]*|forks|watchers|commit-activity/\w|repo-size)/([\w.-]+/[\w.-]+?)(?:\.svg|\?|/|$)"
    r"|[?&]repos?=([\w.-]+/[\w.-]+)|star-history\.com/#([\w.-]+/[\w.-]+)"
)


def read(text: str, path: str, base_url: str | None = None) -> tuple[Entry, ...]:
    """The entries of one list, in its order.

    Args:
        text: the list, Markdown with or without HTML.
        path: how to call the list in the entries' places.
        base_url: what relative links are resolved against; without it they stay as they are.

    Returns:
        Entries without keys (`merge` gives them), each with its place and those of its links.
    """
    body = reading.tree(text)
    walker = _Walker(Context(path, (), base_url, _own_repositories(body, base_url)), by_venue=_is_by_venue(body))
    walker.walk(body)
    entries = (draft.entry() for draft in walker.drafts)
    return tuple(entry for entry in entries if entry)


class _Walker:
    """Goes through the blocks in their order, with the headings above the present one."""

    def __init__(self, context: Context, *, by_venue: bool) -> None:
        self.drafts: list[Draft] = []
        self._by_venue = by_venue
        self._context = context
        self._headings: list[tuple[int, str]] = []
        # The entry that lines right below may still speak of.
        self._open: Draft | None = None
        # The heading right above, where nothing stands between.
        self._titled: tuple[int, str] | None = None

    def walk(self, container: _Element, depth: int = 0) -> None:
        """Read the blocks of a container, and the loose text between them."""
        loose: list[Piece] = pieces.texts(container.text, pieces.line_of(container))
        children = list(container)
        for place, child in enumerate(children):
            name = child.tag if isinstance(child.tag, str) else ""
            if name in pieces.BLOCKS:
                self._paragraph(loose, child)
                loose = []
                self._block(child, name, children[place + 1 : place + 2], depth)
            elif name and name not in pieces.UNSEEN:
                loose += pieces.of_inline(child)
            loose += pieces.texts(child.tail, pieces.line_of(child))
        self._paragraph(loose, None)

    def _block(self, block: _Element, name: str, following: list[_Element], depth: int) -> None:
        after = following[0] if following else None
        if name in _HEADINGS:
            self._heading(block, _HEADINGS[name])
        elif name == "hr":
            self._end_captions()
        elif name == "summary":
            self._summary(block)
        elif name == "table":
            self._add(tables.read(block, self._here()) if not self._skipped() else [])
            self._open = None
        elif name in ("ul", "ol", "menu"):
            self._bullets(block, depth)
        elif name in ("p", "dt", "dd", "li"):
            if any(child.tag in ("ul", "ol", "table", "p", "div") for child in block):
                self.walk(block, depth + 1)
            else:
                self._paragraph(pieces.of(block), after)
        elif name != "pre":
            inner = [heading for heading in self._headings if heading[0] < _SUMMARY]
            self.walk(block, depth + 1)
            if name == "details":
                self._headings = [heading for heading in self._headings if heading[0] < _SUMMARY] or inner

    def _heading(self, block: _Element, level: int) -> None:
        content = pieces.of(block)
        self._headings = [heading for heading in self._headings if heading[0] < level]
        self._open = None
        if not self._skipped() and items.starts_as_item(content, self._here()):
            self._add(items.parse(content, self._here()))
            self._open = self.drafts[-1] if self.drafts else None
        text = _heading_text(content)
        self._titled = (level, text) if text and self._open is None else None
        if text:
            self._headings.append((level, text))

    def _summary(self, block: _Element) -> None:
        text = _heading_text(pieces.of(block))
        self._headings = [heading for heading in self._headings if heading[0] < _SUMMARY]
        same = any(words.plain(text) == words.plain(heading) for _, heading in self._headings)
        if text and not same and not _FOLDED.match(words.plain(text)) and len(text.split()) <= 12:
            self._headings.append((_SUMMARY, text))

    def _end_captions(self) -> None:
        self._headings = [heading for heading in self._headings if heading[0] < _CAPTION]
        self._open = None

    def _paragraph(self, content: list[Piece], after: _Element | None) -> None:
        text = text_of(content)
        if not text and not any(piece.badge for piece in content):
            return
        if _RULE.match(text):
            self._end_captions()
            return
        if self._skipped():
            return
        here = self._here()
        linked = any(titles.usable(piece, here) for piece in content)
        if not linked:
            self._unlinked_paragraph(content, text, after)
        elif self._open and items.is_detail(content, here) and items.take_detail(content, self._open):
            return
        else:
            self._lines(content, here)

    def _unlinked_paragraph(self, content: list[Piece], text: str, after: _Element | None) -> None:
        slanted = all(piece.em or not piece.text.strip() for piece in content)
        if self._open and not self._open.authors and slanted and phrases.mentions_authors(text):
            items.take_detail(content, self._open)
            return
        if _is_caption(content, text, after, self._here()):
            self._end_captions()
            self._headings.append((_CAPTION, _heading_text(content)))

    def _lines(self, content: list[Piece], here: Context) -> None:
        """A paragraph whose lines begin with links is a list without bullets; any other presents links in prose."""
        besides = self._besides()
        titled, self._titled = self._titled, None
        prose: list[Piece] = []
        self._open = None
        if titled and items.gathers_links(content, here):
            self._titled_by_heading(titled, content)
            return
        if items.is_whole(content, here) and not besides:
            self._add(items.parse([replace(p, text=pieces.HARD) if p.is_break else p for p in content], here))
            return
        for line in pieces.lines(content, soft=True):
            if items.starts_as_item(line, here) and not besides:
                self._add(items.prose(prose, here))
                prose = []
                drafts = items.parse(line, here)
                self._add(drafts)
                self._open = drafts[0] if drafts else None
            else:
                prose += [Piece(" "), *line] if prose else line
        self._add(items.prose(prose, here, besides=besides))

    def _titled_by_heading(self, heading: tuple[int, str], content: list[Piece]) -> None:
        """Links right below a heading: the heading is the item's title."""
        self._headings = [other for other in self._headings if other[0] < heading[0]]
        draft = Draft(self._here(), next((piece.line for piece in content if piece.line), 1))
        draft.call(heading[1])
        items.take_detail(content, draft)
        self._headings.append(heading)
        self._add([draft])
        self._open = draft

    def _bullets(self, block: _Element, depth: int, parent: Draft | None = None) -> None:
        points = [child for child in block if child.tag == "li"]
        read = [pieces.of(point, without=_NESTED) for point in points]
        here = self._here()
        linked = [any(titles.usable(piece, here) for piece in content) for content in read]
        known = parent or self._open
        mixed = parent is None and any(
            has and not items.gathers_links(content, here) for has, content in zip(linked, read, strict=True)
        )
        among = 2 * sum(linked) >= len(linked)
        for point, content in zip(points, read, strict=True):
            if self._skipped():
                break
            if known and items.is_detail(content, here, linked_list=mixed) and not _nested(point):
                items.take_detail(content, known)
                continue
            self._bullet(point, content, among=among, depth=depth)
        for child in block:
            if child.tag in ("ul", "ol"):
                self._bullets(child, depth + 1)

    def _bullet(self, point: _Element, content: list[Piece], *, among: bool, depth: int) -> None:
        here = self._here()
        nested = _nested(point)
        if self._besides():
            drafts = items.prose(content, here, besides=True)
        else:
            gathers = any(
                items.gathers_links(pieces.of(child, without=_NESTED), here)
                for inner in nested
                for child in inner
                if child.tag == "li"
            )
            likely = (among or here.venue is not None) and not nested
            drafts = items.parse(content, here, unlinked=likely or gathers)
        self._add(drafts)
        self._open = drafts[0] if drafts else None
        headings = self._headings
        if nested and not drafts and (text := _heading_text(content)) and len(text.split()) <= 12:
            self._headings = [*headings, (_SUMMARY + 1 + depth, text)]
        for inner in nested:
            if inner.tag == "table":
                self._add(tables.read(inner, self._here()))
            else:
                self._bullets(inner, depth + 1, parent=drafts[0] if drafts else None)
        self._headings = headings

    def _add(self, drafts: list[Draft]) -> None:
        self.drafts.extend(drafts)

    def _here(self) -> Context:
        sections = tuple(text for _, text in self._headings)
        return replace(self._context, sections=sections, venue=_venue_of_sections(sections, by_venue=self._by_venue))

    def _skipped(self) -> bool:
        return any(words.is_about(text) for level, text in self._headings if level > 1)

    def _besides(self) -> bool:
        return any(words.is_besides(text) for level, text in self._headings if level > 1)


_NESTED = frozenset({"ul", "ol", "menu", "table", "pre"})


def _nested(point: _Element) -> list[_Element]:
    """The lists and tables right below a bullet, those in a `<details>` or a `<div>` of it among them."""
    found = []
    for child in point:
        if child.tag in ("ul", "ol", "menu", "table"):
            found.append(child)
        elif child.tag in ("details", "div", "p", "blockquote"):
            found.extend(inner for inner in child if inner.tag in ("ul", "ol", "menu", "table"))
    return found


def _heading_text(content: list[Piece]) -> str:
    """A heading's words, without emoji, numbers of sections and what ends them."""
    text = decoration.without_emoji(text_of(content))[1]
    return squeeze(text).strip(" :：#").strip()


def _is_caption(content: list[Piece], text: str, after: _Element | None, here: Context) -> bool:
    """Whether a paragraph is a heading in all but form: a few words, no sentence, and items right below."""
    name = after.tag if after is not None else None
    if (
        "=" in text
        or len(text.split()) > 8
        or len(pieces.lines(content, soft=True)) != 1
        or any(piece.url for piece in content)
    ):
        return False
    if re.search(r"[.!?。！？,，;]$", text.strip()) or not re.search(r"[^\W\d_]{2}", text):
        return False
    if name in ("ul", "ol", "table"):
        return True
    return name == "p" and after is not None and items.starts_as_item(pieces.of(after), here)


def _venue_of_sections(sections: tuple[str, ...], *, by_venue: bool) -> str | None:
    """The venue that headings say: `NeurIPS 2023`, or a venue and a year right above each other, in either order."""
    for above, below in zip(("", *sections), sections, strict=False):
        if below and phrases.just_year(below) is None and phrases.venue_of(below) and matching.year_of(below):
            return below
        if phrases.just_year(below) and phrases.venue_of(above):
            return f"{above} {below}"
        if phrases.just_year(above) and (by_venue or phrases.venue_of(below)):
            return below if matching.year_of(below) else f"{below} {above}"
    return None


def _is_by_venue(body: _Element) -> bool:
    """Whether what stands below the headings that are years is venues: most of them are known ones."""
    above: list[tuple[int, str]] = []
    below = []
    for heading in body.iter(*_HEADINGS):
        level, text = _HEADINGS[str(heading.tag)], _heading_text(pieces.of(heading))
        above = [entry for entry in above if entry[0] < level]
        if above and phrases.just_year(above[-1][1]):
            below.append(text)
        above.append((level, text))
    return 2 * sum(phrases.venue_of(text) is not None for text in below) > len(below)


def _own_repositories(body: _Element, base_url: str | None) -> frozenset[str]:
    """The repositories that hold the list itself, as its badges and its base URL tell."""
    found = {
        identifier.value for identifier in identifiers.of_url(base_url or "") if identifier.scheme is Scheme.GITHUB
    }
    for image in body.iter("img"):
        if next(image.iterancestors("td", "th", "li"), None) is None:
            match = _OWN_BADGE.search(image.get("src", ""))
            found |= {group.lower() for group in match.groups() if group} if match else set()
    return frozenset(found)
