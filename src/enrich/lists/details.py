"""Lines about the item above them, and running text that presents links; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from enrich import identifiers, matching
from enrich.lists import cutting, decoration, items, layouts, linking, words
from enrich.lists.document import Block
from enrich.lists.drafts import Draft
from enrich.lists.reading import Reading
from enrich.lists.recognise import Recognised, Role
from enrich.lists.spans import Span, lines_of, text_of
from enrich.lists.words import ColumnRole
from enrich.model import LinkKind, Scheme
from enrich.text import dates, people, spacing, venues

# Longer text is not a sentence, and each of its links would keep a copy of it.
_LONGEST_SENTENCE = 2000
_BESIDE = (ColumnRole.AUTHORS, ColumnRole.VENUE, ColumnRole.YEAR, ColumnRole.INSTITUTIONS)


def is_detail(reading: Reading, *, nested: bool = False) -> bool:
    """Whether a line is about the item above it: labelled links, or only authors, a venue, a year.

    With a few words more, a line is an item, unless it is nested below an item.
    """
    if reading.label is not None and reading.label[1] not in (ColumnRole.TITLE, ColumnRole.NAME):
        return True
    if not reading.links:
        said = {part.role for part in reading.parts} - {Role.FREE, Role.MARK, Role.LABEL}
        return bool(said) and not any(run.length for run in reading.titled)
    if reading.titled and all(part.segment.badge for part in reading.links):
        return False
    labelled = any(part.role is Role.LABEL for part in reading.links)
    if any(_is_own(part, labelled=labelled, nested=nested) for part in reading.links):
        return False
    led = reading.parts[0].role not in (Role.FREE, Role.MARK)
    left = [
        run
        for run in reading.titled
        if not (labelled and linking.is_bracketed(run.first)) and not (led and run.first.segment.bracket)
    ]
    return sum(run.length for run in left if nested or not _is_remark(run)) <= (3 if nested else 0)


def _is_remark(run: layouts.Run) -> bool:
    return not run.first.segment.is_styled and (run.text[:1].islower() or words.is_label(run.text))


def _is_own(part: Recognised, *, labelled: bool, nested: bool) -> bool:
    """Whether a link presents another item, rather than a labelled link of the item above."""
    if part.role is Role.FREE:
        return not part.segment.badge and not (labelled and linking.is_bracketed(part))
    return part.role is Role.AUTHORS and part.year is not None and not nested


def has_only_bracketed_links(reading: Reading) -> bool:
    """Whether a line has only links, each in brackets: `[[Python Reference]](...)`."""
    return (
        bool(reading.links)
        and all(linking.is_bracketed(part) for part in reading.parts if part.role is Role.FREE)
        and all(len(part.text.split()) <= 4 for part in reading.links)
    )


def are_details(lines: Sequence[Reading], title: Reading, *, led: bool = False) -> bool:
    """Whether most of some lines say where to read the title above them; `led` requires it of the first line.

    If the title is bold, remarks may be among the lines: an item would have its own link.
    """
    run = title.title()
    if run is not None and run.strong and run.length >= 3:
        lines = [line for line in lines if line.links or is_detail(line)]
    says = [is_detail(line) and (bool(line.links) or line.label is not None) for line in lines]
    if 2 * sum(says) <= len(says) or (led and not says[0]):
        return False
    # `Code: None` says that there is no link.
    gives = (line.links or (line.label and line.label[2]) for found, line in zip(says, lines, strict=True) if found)
    return any(gives)


def are_notes(lines: Sequence[Reading], title: Reading) -> bool:
    """Whether all lines below a title are notes without links, and some of them sentences."""
    run = title.title()
    if run is None or run.length < 4 or not layouts.is_titlelike(run.text) or any(line.links for line in lines):
        return False
    return any(not layouts.is_titlelike(line.text) for line in lines)


def speaks_of_item(reading: Reading) -> bool:
    """Whether a line without links has the authors or the venue of the item above it."""
    if reading.label is not None and reading.label[1] in _BESIDE:
        return True
    roles = {part.role.value for part in reading.parts} - {Role.MARK.value}
    return bool(roles) and roles <= {column.value for column in _BESIDE}


def take_detail(reading: Reading, draft: Draft, *, citation: bool = False) -> None:
    """Take a line below an item into its draft: links, authors, venue, or a remark.

    `citation`: the line may be a full citation of an item that only has a name.
    """
    label = reading.label
    if label is not None:
        _take_labelled(reading, label, draft)
        return
    title = reading.title()
    if citation and title is not None and _is_citation(reading, title, draft):
        name = draft.uncall()
        items.take_item(reading, draft)
        if name and draft.title and draft.name is None and matching.fold(name) != matching.fold(draft.title):
            draft.call(name, as_name=True)
        return
    linking.take_links(reading, draft)
    items.take_roles(reading.parts, reading, draft)
    _take_remark(reading, draft)


def _take_remark(reading: Reading, draft: Draft) -> None:
    if not any(run.length for run in reading.titled):
        return
    runs = reading.runs
    if not reading.links and len(runs) == len(reading.parts) == 1 and items.is_organisation_line(runs[0].text):
        draft.institutions.extend(cutting.institutions_of(runs[0].text.strip(" .")))
        return
    remark = items.tidy(items.visible(reading, 0, len(reading.flow.text)))
    if not words.is_label(remark) and matching.fold(remark) not in map(
        matching.fold, (draft.title or "", draft.name or "")
    ):
        draft.remark(remark)
        draft.venue = draft.venue or cutting.accepted_venue(remark)


def _is_citation(reading: Reading, title: layouts.Run, draft: Draft) -> bool:
    """Whether a line is a full citation of the item above it: a title with authors or a venue."""
    roles = {part.role for part in reading.parts}
    has_details = Role.AUTHORS in roles or (Role.VENUE in roles and title.quoted)
    full = title.length >= 3 and (title.quoted or title.em or title.after_people)
    return has_details and full and not reading.links and (draft.title is None or spacing.length(draft.title) <= 6)


def _take_labelled(reading: Reading, label: tuple[str, ColumnRole | None, LinkKind | None, str], draft: Draft) -> None:
    """Take a line with a label: `Authors: ...`, `Code: https://...`."""
    name, role, kind, rest = label
    if role in _SAID:
        _SAID[role](draft, rest)
    elif role is ColumnRole.TITLE and draft.title is None:
        draft.call(rest)
    elif kind is None and not reading.links:
        draft.remark(items.tidy(reading.text))
    if role is ColumnRole.AUTHORS and people.people_in(rest) is None:
        draft.remark(reading.text)
    links = [part for part in reading.links if part.role is not Role.AUTHORS or role is not ColumnRole.AUTHORS]
    for part in links:
        text = "" if part.segment.badge else part.text
        own = words.kind_of_label(text) if text else None
        given = None if own not in (None, LinkKind.OTHER) or kind is LinkKind.OTHER else kind
        draft.link(part.segment.url or "", text or name, part.segment.line, given)
    draft.is_paper = draft.is_paper or kind is LinkKind.PAPER
    if kind is not None and not links:
        for identifier in identifiers.of_text(reading.text):
            draft.identify(identifier, reading.line)


def _say_authors(draft: Draft, text: str) -> None:
    found = people.people_in(text)
    draft.authors = draft.authors or (found.listed if found else ())


def _say_venue(draft: Draft, text: str) -> None:
    draft.venue = draft.venue or venues.venue_in(text) or spacing.squeeze(text) or None


def _say_year(draft: Draft, text: str) -> None:
    draft.year = draft.year or dates.year_of_date(text)


def _say_institutions(draft: Draft, text: str) -> None:
    draft.institutions.extend(cutting.institutions_of(text))


def _say_abstract(draft: Draft, text: str) -> None:
    draft.abstract = draft.abstract or spacing.squeeze(text) or None


_SAID: dict[ColumnRole | None, Callable[[Draft, str], None]] = {
    ColumnRole.AUTHORS: _say_authors,
    ColumnRole.VENUE: _say_venue,
    ColumnRole.YEAR: _say_year,
    ColumnRole.INSTITUTIONS: _say_institutions,
    ColumnRole.ABSTRACT: _say_abstract,
}


def prose(reading: Reading, *, besides: bool = False, preamble: bool = False) -> list[Draft]:
    """Return the entries that a paragraph's links present; with `besides`, only papers and repositories.

    In the preamble of a list, links are about the list itself: only papers count.
    """
    found: list[Draft] = []
    text = reading.flow.text
    parts = cutting.split_sentences(text)
    for part in reading.links:
        url = part.segment.url or ""
        label = linking.link_text(reading, url, part.segment.start)
        again = any(link.url == url for draft in found for link in draft.links)
        if part.segment.badge or again or not _presents(part, label, url, besides=besides):
            continue
        if preamble and not set(linking.of_paper(url)) - {identifiers.normalise_url(url)}:
            continue
        draft = Draft(reading.context, part.segment.line)
        _call(label, part, reading, draft)
        draft.title_kind = draft.link(url, label.strip('"“”'), part.segment.line)
        sentence = spacing.squeeze(
            next((piece for piece in parts if label and label in piece), "").replace("\ufffc", " ")
        )
        before = items.tidy(text[: part.segment.start])
        if before.endswith(":") or text[: part.segment.start].rstrip().endswith((":", "：")):
            sentence = before.rstrip(":：")
        if len(sentence) <= _LONGEST_SENTENCE and sentence != label:
            draft.remark(sentence)
        found.append(draft)
    return found


def _call(label: str, part: Recognised, reading: Reading, draft: Draft) -> None:
    """Name an entry by the text of its link, which may be a full citation."""
    inner = Reading([span for span in reading.spans if span.url == part.segment.url][:1], reading.context)
    title = inner.title()
    if title is not None and title.quoted and title.length >= 3 and inner.parts[1:]:
        items.take_item(inner, draft)
    elif not words.is_label(label):
        if spacing.length(label) < 3 and people.people_in(label) is None:
            draft.call(label, as_name=True)
        else:
            linking.call_as_mentioned(draft, label)


def _presents(part: Recognised, label: str, url: str, *, besides: bool) -> bool:
    """Whether a link in running text presents an entry, rather than pointing somewhere."""
    schemes = {identifier.scheme for identifier in identifiers.of_url(url)}
    of_paper = bool(schemes & linking.PAPER_SCHEMES)
    if not words.is_external(url) or label.startswith("@"):
        return False
    if words.is_label(label) or venues.venue_in(label):
        return of_paper and not besides
    if besides:
        return bool(schemes) and (of_paper or len(label) > 2)
    kind = words.kind_of_url(url)
    if kind is LinkKind.CODE and _is_part_of_site(url, label, schemes):
        return False
    named = part.segment.quoted or any(letter.isupper() or letter.isdigit() or ord(letter) > 0x2E80 for letter in label)
    return named or kind not in (LinkKind.HOMEPAGE, LinkKind.OTHER)


def _is_part_of_site(url: str, label: str, schemes: set[Scheme]) -> bool:
    """Whether a page of a code host is not a repository, or is a file that only its name presents."""
    inside = ("/blob/" in url or "/tree/" in url) and spacing.length(label) < 3
    return inside or (Scheme.GITHUB not in schemes and "github" in url)


def introduces(reading: Reading) -> bool:
    """Whether a line below a list's title introduces the list: none of its links is its title or leads to a paper."""
    title = reading.title()
    kinds = {words.kind_of_url(part.segment.url or "") for part in reading.links}
    return LinkKind.PAPER not in kinds and not (title is not None and title.linked)


def is_translation(text: str, title: str) -> bool:
    """Whether a text may be a title in another script, as in Chinese lists below the original title."""
    return (
        bool(text)
        and spacing.has_ideographs(text)
        and not spacing.has_ideographs(title)
        and len(text) < 80
        and len(title.split()) >= 3
    )


def starts_as_item(reading: Reading) -> bool:
    """Whether a line of a paragraph is an item: it starts with a link, or has a title and then labelled links."""
    title = reading.title()
    if title is None or not reading.links:
        return False
    text = reading.flow.text
    start, end = title.first.segment.start, title.parts[-1].segment.end
    before = decoration.clean(text[:start]).strip('[("“【（ *')
    after = text[end:].lstrip(' )]】）"”*\ufffc\n')
    if title.linked and people.people_in(before):
        return True
    if title.linked:
        follows = not after or after[:1] in "([|.（【,:：-–—;·•" or after[:2] in ("- ", "– ")
        led = (
            not before
            or before.endswith((":", "：", "]", ")", "】", "）", ".", ",", "|", "｜"))
            or words.is_label(before)
        )
        return led and follows
    labelled = all(part.role is not Role.FREE for part in reading.links)
    if title.strong or title.quoted:
        return labelled or not before
    if all(part.role in (Role.VENUE, Role.YEAR) for part in reading.links):
        return False
    first = reading.links[0].segment
    lead = text[: first.start].rstrip()
    return (
        labelled
        and title.length >= 3
        and (
            lead.endswith((".", "[", "(", "【", "|", "]", ",", ")", "：", ":", "\n"))
            or first.badge
            or text[: first.start].endswith("\n")
        )
    )


def is_led_by_title(lines: Sequence[Reading]) -> bool:
    """Whether the first of some lines begins with a bold title without a link, and no other line does."""
    strong = [bool(line.parts) and line.parts[0].segment.strong and line.parts[0].segment.url is None for line in lines]
    first = lines[0].title() if lines and not lines[0].links else None
    return len(lines) > 1 and first is not None and first.length >= 2 and strong[0] and not any(strong[1:])


def holds_links_alone(reading: Reading) -> bool:
    """Whether a line has only links, and the first is labelled or all are short."""
    linked = [part for part in reading.parts if part.role is not Role.MARK]
    if not linked or not all(part.segment.is_link for part in linked):
        return False
    return linked[0].role is Role.LABEL or all(len(part.text.split()) <= 2 for part in linked)


def opens(reading: Reading, follows: Sequence[Reading]) -> bool:
    """Whether a line without links is a title: labelled links follow, with only authors between."""
    title = reading.title()
    if reading.links or title is None or title.length < 2 or is_detail(reading):
        return False
    for below in follows:
        if holds_links_alone(below):
            return True
        if not is_detail(below):
            return False
        if any(part.role is not Role.AUTHORS for part in below.links):
            return True
    return False


def begins_softly(content: Sequence[Span]) -> bool:
    """Whether each line of a paragraph is an item."""
    lines = lines_of(content, soft=True)
    hard = lines_of(content)
    if len(lines) == len(hard):
        return False
    begun = sum(
        1 for line in lines if next((span for span in line if span.text.strip() or span.url), line[0]).url is not None
    )
    has_details = [bool(people.people_in(text) or venues.venue_in(text)) for text in map(text_of, lines[1:])]
    if begun >= 2 or (begun == 1 and all(has_details)):
        return True
    return (
        bool(begun)
        and len(lines) == 2
        and any(span.url for span in lines[1])
        and not all(words.is_label(span.text) for span in lines[1] if span.url)
    )


def is_caption(block: Block, after: Block | None, read: Callable[[Sequence[Span]], Reading]) -> bool:
    """Whether a paragraph serves as a heading: a few words, not a sentence, with items right below."""
    text = block.text
    if (
        "=" in text
        or len(text.split()) > 8
        or len(lines_of(block.spans, soft=True)) != 1
        or any(span.url for span in block.spans)
    ):
        return False
    if re.search(r"[.!?。！？,，;]$", text.strip()) or not re.search(r"[^\W\d_]{2}", text):
        return False
    if after is None:
        return False
    if after.kind in ("list", "table"):
        return True
    return after.kind == "paragraph" and starts_as_item(read(after.spans))
