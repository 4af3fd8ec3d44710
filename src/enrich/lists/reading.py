"""Read a line of a list: its segments with their roles, its links, and its title; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, zip_longest

from enrich.lists import decoration, layouts, recognise, words
from enrich.lists.drafts import Context
from enrich.lists.layouts import Run
from enrich.lists.recognise import Recognised, Role
from enrich.lists.segments import Flow, flow_of
from enrich.lists.spans import HARD_BREAK, SOFT_BREAK, Span, text_of
from enrich.model import LinkKind
from enrich.text import people

COUNTERS = re.compile(
    r"/(?:stargazers|network(?:/members)?|issues|commits?/?[\w-]*|forks|watchers|blob/[^/]+/README\.md)/?$|(?<=github\.com)\.git$"
)


_LONGEST_NAME = 80


@dataclass
class Reading:
    """A line of a list with its segments and their roles."""

    spans: Sequence[Span]
    context: Context
    owner: object = None
    whole: bool = False
    ticked: bool = False
    tags: tuple[str, ...] = ()
    flow: Flow = field(init=False)
    parts: list[Recognised] = field(init=False)

    def __post_init__(self) -> None:
        self.spans, self.ticked, state = _without_check_box(self.spans)
        self.tags = (state,) if state else ()
        self.spans = _with_breaks_at_labels(self.spans)
        self.flow = flow_of(self.spans, whole=self.whole)
        self.parts = _with_people(recognise.parts_of(self.flow), self.flow)

    @cached_property
    def runs(self) -> list[Run]:
        """The runs of segments without a role."""
        return layouts.runs_of(self.parts, self.flow)

    @cached_property
    def starts(self) -> list[int]:
        """Where each span begins in the flow's text."""
        return [0, *accumulate(map(size_of, self.spans))][: len(self.spans)]

    @cached_property
    def text(self) -> str:
        """The visible text."""
        return text_of(self.spans)

    @property
    def line(self) -> int:
        """The line of the list on which it begins."""
        return next((span.line for span in self.spans if span.line), 1)

    @cached_property
    def links(self) -> list[Recognised]:
        """The parts with links that may belong to an item, each link once."""
        found: dict[int, Recognised] = {}
        for part in self.parts:
            if part.segment.url is not None and is_usable(part.segment.url, self.context):
                found.setdefault(part.segment.zone if not part.segment.quoted else id(part), part)
        return list(found.values())

    @cached_property
    def titled(self) -> list[Run]:
        """The runs that may be a title or a name."""
        return [run for run in self.runs if not _leads_nowhere(run, self.context)]

    def title(self, usual: Counter[str] | None = None) -> Run | None:
        """Return the run that is most likely the title."""
        if self.titled and self.titled[0].linked and self.context.lists_people:
            return self.titled[0]
        return layouts.best(self.titled, usual)

    @cached_property
    def label(self) -> tuple[str, words.ColumnRole | None, LinkKind | None, str] | None:
        """The label of the line as a whole: `Code: ...`."""
        first = next(
            (part.segment for part in self.parts if part.segment.url is not None and not part.segment.badge), None
        )
        found = recognise.labelled(self.text)
        if found is None or first is None or not first.text:
            return found
        # The label of a link is not a label of the line: `code [Orca: A Distributed System](...)`.
        before = self.flow.text[: first.start]
        return found if ":" in before or "：" in before else None


def is_usable(url: str, context: Context) -> bool:
    """Whether a link may belong to an item: not an anchor, search, badge, or page of a conference."""
    if not context.leads_out(url):
        return False
    return not words.is_external(url) or not words.is_furniture(COUNTERS.sub("", url))


def _leads_nowhere(run: Run, context: Context) -> bool:
    """Whether a run is a link into the list itself, or a mail address."""
    url = run.first.segment.url
    return (
        len(run.parts) == 1
        and url is not None
        and not context.leads_out(url)
        and url.startswith(("#", "./#", "mailto:"))
    )


def _with_breaks_at_labels(spans: Sequence[Span]) -> Sequence[Span]:
    """Return the spans with a hard break before each line that begins with a label, as in `Tasks: ...`."""
    return tuple(
        Span(HARD_BREAK) if span.text == SOFT_BREAK and _begins_with_label(after) else span
        for span, after in zip_longest(spans, spans[1:])
        if span is not None
    )


def _begins_with_label(span: Span | None) -> bool:
    return span is not None and span.url is None and recognise.labelled(span.text) is not None


def _without_check_box(spans: Sequence[Span]) -> tuple[Sequence[Span], bool, str | None]:
    place = next((i for i, span in enumerate(spans) if not span.is_break and (span.text.strip() or span.url)), None)
    if place is None or spans[place].url is not None:
        return spans, False, None
    state, text = decoration.check_box(spans[place].text)
    if state is None:
        return spans, False, None
    rest = spans[place + 1 :]
    return (spans[place]._replace(text=text), *rest), True, state


def _with_people(parts: list[Recognised], flow: Flow) -> list[Recognised]:
    """Return the parts with consecutive single names read as authors: each may be a link."""
    joining = {", and", "and", "&", ", &"}
    found = [part for part in parts if part.role is not Role.MARK or part.text.strip() not in joining]
    place = 0
    while place < len(found):
        end = place
        while end < len(found) and (_is_one_name(found[end]) or _is_among_names(found, place, end)):
            if end > place and not _joins_names(flow, found, end):
                break
            end += 1
        if end - place >= 2:
            names = tuple(name for part in found[place:end] for name in _names_of(part))
            found[place] = found[place]._replace(role=Role.AUTHORS, people=people.People(names))
            for other in range(place + 1, end):
                found[other] = found[other]._replace(role=Role.AUTHORS, people=None)
        place = max(end, place + 1)
    return found


def _joins_names(flow: Flow, parts: list[Recognised], place: int) -> bool:
    before, here = parts[place - 1].segment, parts[place].segment
    if parts[place].role is Role.FREE and not here.is_link and (here.em, here.strong) != (before.em, before.strong):
        return False
    between = flow.text[before.end : parts[place].segment.start]
    if before.text.endswith((",", "&", " and")) or parts[place].text.startswith((",", "and ")):
        between += ","
    stripped = re.sub(r"\band\b|[*∗†\d\s]", "", between)
    return (
        stripped in (",", "", "&", "，", "、", ";", "；")
        and "\n" not in between
        and (between.strip() != "" or not parts[place].segment.is_link)
    )


def _is_one_name(part: Recognised) -> bool:
    if part.role is Role.AUTHORS:
        return part.people is not None and part.people.complete and not part.year
    set_off = part.segment.quoted or part.segment.bracket or len(part.text) > _LONGEST_NAME
    return part.role is Role.FREE and not set_off and people.is_name(_joined_name(part.text))


def _is_among_names(parts: list[Recognised], start: int, place: int) -> bool:
    """Whether a link of a few words is in a row of linked names, one of which does not look like a name."""
    near = parts[place + 1 : place + 2]
    text = parts[place].text
    few = (
        parts[place].segment.is_link
        and parts[place].role is Role.FREE
        and len(text.split()) <= 4
        and text[:1].isupper()
    )
    return few and place - start >= 2 and all(map(_is_one_name, near))


def _names_of(part: Recognised) -> tuple[str, ...]:
    if part.people:
        return part.people.names
    return (_joined_name(part.text),)


def _joined_name(text: str) -> str:
    """Return a name without the punctuation and words that join it to its neighbours."""
    return text.strip(" ,.*").removeprefix("and ").removesuffix(" and").strip()


def slice_of(reading: Reading, start: int, end: int) -> tuple[Span, ...]:
    """Return the spans of a part of a line."""
    found = []
    at = 0
    for span in reading.spans:
        size = size_of(span)
        if at < end and at + size > start:
            plain = not span.is_break and not span.badge and not (span.url is not None and not span.text)
            found.append(span._replace(text=span.text[max(0, start - at) : end - at]) if plain else span)
        at += size
    return tuple(found)


def size_of(span: Span) -> int:
    """Return the length of a span in its flow's text."""
    return 1 if span.is_break or span.badge or (span.url is not None and not span.text) else len(span.text)
