"""The roles of the links of a line: the item's own, links of people, or separate entries; pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from enrich import identifiers, matching
from enrich.lists import recognise, words
from enrich.lists.drafts import Draft, kind_of
from enrich.lists.layouts import Run
from enrich.lists.reading import COUNTERS, Reading, is_usable
from enrich.lists.recognise import Recognised, Role
from enrich.model import LinkKind, Scheme
from enrich.text import people

PAPER_SCHEMES = frozenset({*Scheme} - {Scheme.GITHUB})
_PLAIN_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
_OF_PAPER = re.compile(r"\s(?:paper|article|preprint|manuscript)s?$")
_LONGEST_NAME = 3


def take_links(
    reading: Reading,
    draft: Draft,
    title: Run | None = None,
    used: set[int] | None = None,
    remark_from: int | None = None,
) -> list[Draft]:
    """Add a line's links to its draft; return the other entries that they present.

    `used` collects the parts that are only labels of links; without it, all links belong to the draft. From
    `remark_from` on, the line is a remark, in which links may only cite other papers.
    """
    mine = {part.segment.zone for part in title.parts} if title else set()
    called = matching.fold(title.text) if title else None
    links = _once(reading.parts if used is not None else reading.links)
    extras: list[Draft] = []
    for part in links:
        segment, url = part.segment, part.segment.url or ""
        text = link_text(reading, url, segment.start) or segment.text
        if segment.badge:
            continue
        if segment.zone in mine:
            kind = words.kind_of_url(url) if is_usable(url, draft.context) else None
            kind = draft.link(url, text, segment.line, kind)
            draft.title_kind = draft.title_kind or kind
        elif part.role in (Role.AUTHORS, Role.VENUE) and part.year is None and not _cites(part, remark_from, draft):
            _take_beside(part, text, draft)
        elif used is not None and part.role is not Role.LABEL and _stands_alone(part, text, called, draft):
            extra = Draft(draft.context, segment.line)
            call_as_mentioned(extra, text)
            extra.title_kind = extra.link(url, text, segment.line, words.kind_of_url(url))
            extras.append(extra)
        else:
            label, kind = text or label_before(reading, part), kind_before(reading, part)
            taken = draft.link(url, label, segment.line, kind) is not None
            names = taken and (is_bracketed(part) or matching.fold(text) == called)
            if used is not None and (part.role is Role.LABEL or names):
                used.add(id(part))
    take_badges([part for part in links if part.segment.badge], draft)
    return extras


def call_as_mentioned(draft: Draft, text: str) -> None:
    """Name an entry by the text of a link in running text, which may only cite or describe the paper.

    `Hopper et al. (1952)` gives authors and year, `the first paper on birds` nothing: the link leads to the title.
    """
    said, listed = recognise.cited_in(text, running=True), people.people_in(text)
    if said and said.people:
        draft.authors, draft.year = said.people.listed, said.year
    elif listed and not listed.complete:
        draft.authors = listed.listed
    elif _OF_PAPER.search(text) and len(text.split()) <= _LONGEST_NAME + 1 and text[:1].isupper():
        draft.call(_OF_PAPER.sub("", text), as_name=True)
    elif not _describes(text):
        draft.call(text)


def _describes(text: str) -> bool:
    """Whether a text describes a paper rather than being its title: `the first paper on birds`."""
    return " " in text and ": " not in text and _PLAIN_WORD.fullmatch(text.split(maxsplit=1)[0]) is not None


def _cites(part: Recognised, remark_from: int | None, draft: Draft) -> bool:
    """Whether a link in a remark leads to another paper than the item's: `as in [Birds 2019](...)`."""
    return (
        remark_from is not None and part.segment.start >= remark_from and _is_other_paper(part.segment.url or "", draft)
    )


def _is_other_paper(url: str, draft: Draft) -> bool:
    papers = {name for link in draft.links if link.kind is LinkKind.PAPER for name in of_paper(link.url)}
    return words.kind_of_url(url) is LinkKind.PAPER and bool(papers) and papers.isdisjoint(of_paper(url))


def _once(parts: Iterable[Recognised]) -> list[Recognised]:
    """Return the parts that are links, each link once, and all badges."""
    linked = [part for part in parts if part.segment.url is not None]
    return list({(part.segment.zone, id(part) * part.segment.badge): part for part in reversed(linked)}.values())[::-1]


def _take_beside(part: Recognised, text: str, draft: Draft) -> None:
    """Take the link of a venue, and a link of people if it leads to a paper: homepages are not the item's links."""
    url = part.segment.url or ""
    is_paper = words.kind_of_url(url) is LinkKind.PAPER
    if is_paper or part.role is Role.VENUE:
        draft.link(url, text, part.segment.line, LinkKind.PAPER if is_paper else LinkKind.VENUE)


def link_text(reading: Reading, url: str, start: int) -> str:
    """Return the whole text of the link that a segment is part of."""
    place = bisect_right(reading.starts, start) - 1
    span = reading.spans[place] if place >= 0 else None
    return span.text if span is not None and span.url == url else ""


def label_before(reading: Reading, part: Recognised) -> str:
    """Return the label before a bare URL: `Code: https://...`."""
    before = reading.flow.text[max(0, part.segment.start - 40) : part.segment.start]
    match = re.search(r"([^\W\d][\w -]{0,25}|[\u4e00-\u9fff]{2,8})\s*[:：]\s*[\[(<]?\s*$", before)
    return match[1].strip() if match and (words.is_label(match[1]) or words.role_of(match[1])[1]) else ""


def kind_before(reading: Reading, part: Recognised) -> LinkKind | None:
    """Return the kind of a link by the label before it, if its own text shows none."""
    own = words.kind_of_label(part.text) if part.text else None
    if own not in (None, LinkKind.OTHER):
        return None
    label = label_before(reading, part)
    kind = words.kind_of_label(label) if label else None
    return None if kind in (None, LinkKind.OTHER) else kind


def is_bracketed(part: Recognised) -> bool:
    """Whether a short link is in brackets, as labels are: `[[Poster](...)]`, `[[poster]](...)`."""
    return part.segment.bracket in ("[", "【") and len(part.text.split()) <= 4


def _stands_alone(part: Recognised, text: str, called: str | None, draft: Draft) -> bool:
    """Whether a link in a remark is a separate entry: another paper, or another repository than the item's."""
    url = part.segment.url or ""
    kind = words.kind_of_url(url)
    if words.is_furniture(url) or words.is_label(part.text) or is_bracketed(part):
        return False
    if not draft.context.leads_out(url) or matching.fold(text) == called:
        return False
    if kind is LinkKind.PAPER:
        return _is_other_paper(url, draft)
    return kind is LinkKind.CODE and draft.title_kind is LinkKind.CODE


def names_paper(url: str, text: str) -> bool:
    """Whether a link leads to a paper and has its title as text."""
    return len(text.split()) >= 4 and bool(set(of_paper(url)) - {identifiers.normalise_url(url)})


def of_paper(url: str) -> list[str]:
    """Return the identifiers of the paper that a URL leads to, else the URL."""
    return [str(identifier) for identifier in identifiers.of_url(url) if identifier.scheme in PAPER_SCHEMES] or [
        identifiers.normalise_url(url)
    ]


def take_badges(badges: Sequence[Recognised], draft: Draft) -> None:
    """Add the links of badges that state their kind, or whose kind the item has no link of yet."""
    before = {link.kind for link in draft.links}
    for part in badges:
        url = COUNTERS.sub("", part.segment.url or "")
        if not words.is_external(url) or words.is_furniture(url):
            continue
        label = part.text if words.is_label(part.text) else ""
        kind = kind_of(label, url)
        papers = kind is LinkKind.PAPER and bool(identifiers.of_url(url))
        if (kind is not LinkKind.OTHER and (kind not in before or papers)) or (label and not before):
            draft.link(url, label, part.segment.line, kind)
