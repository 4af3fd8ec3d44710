"""Read an item from a line of a list: its title, and what the other segments say about it; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from enrich import identifiers
from enrich.lists import cutting, decoration, layouts, naming, words
from enrich.lists.drafts import Draft
from enrich.lists.layouts import Run
from enrich.lists.linking import label_before, of_paper, take_links
from enrich.lists.reading import Reading, is_usable, slice_of
from enrich.lists.recognise import Recognised, Role
from enrich.lists.segments import PLACEHOLDER
from enrich.model import LinkKind
from enrich.text import dates, people, spacing, venues
from enrich.text.names import ORGANISATION
from enrich.text.venue_names import is_preprint_server

_CLOSERS = " \n)]】）}\"”'*"
_MOST_RUNS = 60
"""The number of runs of a line that are read one by one; the rest is one remark."""
_EMPTY_BRACKETS = re.compile(r"[\[(【（{]\s*+[|,/;&·•]*+\s*+[\])】）}]")
_GAP = re.compile(r"\s(?=[.,;](?:\s|$))")
_ORGANISATION = re.compile(r"[A-Z][\w&.-]{0,30}(?:(?: & | )[A-Z][\w&.-]{0,30}){0,3}\.?")
_OF_SENTENCES = re.compile(r"\b(?:[Ww]e|is|are|was|were|has|have|it|they|this|these|which|can)\b")
_LEFT_BEFORE = " :：,，;|/·•-–—.])】）"
_LEFT_BEHIND = " :：,，;|/·•-–—[(【（&"


def parse_item(reading: Reading, usual: Counter[str] | None = None, *, unlinked: bool = False) -> list[Draft]:
    """Return the entries of a line, its own first; [] without any.

    `unlinked`: a line without a link may be an item, as it is among items with links.
    """
    if several := split(reading):
        return [draft for inner in several for draft in parse_item(inner, usual, unlinked=unlinked)]
    draft = Draft(reading.context, reading.line)
    draft.tag(reading.tags)
    if not reading.links and not _may_be_unlinked(reading, usual, allowed=unlinked):
        return []
    extras = take_item(reading, draft, usual)
    if not (draft.name or draft.title or draft.links):
        return extras
    return [draft, *extras]


def split(reading: Reading) -> list[Reading]:
    """Return the parts of a line that presents several papers, each with links of its own; else []."""
    starts = [run.first.segment.start for run in reading.runs if run.quoted and run.length >= 3]
    linked = [part.segment.start for part in reading.links if not part.segment.badge]
    bounds = [0, *starts[1:], len(reading.flow.text)]
    if len(starts) < 2 or not all(any(one <= at < two for at in linked) for one, two in pairwise(bounds)):
        starts = _linked_titles(reading)
        bounds = [0, *starts[1:], len(reading.flow.text)]
    if len(starts) < 2:
        return []
    found = []
    for one, two in pairwise(bounds):
        quoted = reading.flow.text[two - 1 : two] in ('"', "“")
        spans = slice_of(
            reading, max(0, one - 1) if reading.flow.text[one - 1 : one] in ('"', "“") else one, two - quoted
        )
        found.append(Reading(spans, reading.context))
    return found


def _linked_titles(reading: Reading) -> list[int]:
    """Return where the titles of a line begin that consists of links to different papers."""
    if not all(run.linked and run.length >= 4 for run in reading.runs):
        return []
    papers = [of_paper(run.first.segment.url or "")[0] for run in reading.runs]
    of_papers = all(words.kind_of_url(run.first.segment.url or "") is LinkKind.PAPER for run in reading.runs)
    return [run.first.segment.start for run in reading.runs] if of_papers and len(set(papers)) == len(papers) else []


def _may_be_unlinked(reading: Reading, usual: Counter[str] | None, *, allowed: bool) -> bool:
    """Whether a line without a link is an item: it has a venue or authors."""
    title = reading.title(usual)
    if title is None or len(reading.text) > 2000 or any(span.url and not span.badge for span in reading.spans):
        return False
    has_year = any(part.role is Role.VENUE and dates.find_year(part.venue or "") for part in reading.parts)
    named = any(part.people and (len(part.people.names) > 1 or not part.people.complete) for part in reading.parts)
    if has_year or named or any(part.identifiers for part in reading.parts):
        return title.length >= 2
    return (allowed or reading.ticked) and (title.strong or title.length >= 3)


def take_item(reading: Reading, draft: Draft, usual: Counter[str] | None = None) -> list[Draft]:
    """Fill a draft from a line; return the other entries that the line presents."""
    title = reading.title(usual)
    used: set[int] = set()
    named = naming.name_before(title, reading) if title is not None else None
    described = title is not None and named is not None and naming.is_description(title, named, reading)
    if described:
        title, named = named, None
    if title is not None:
        _call(title, named, draft)
        used = {id(part) for run in (title, named) if run for part in run.parts}
        draft.line = title.first.segment.line or draft.line
    elif not _call_by_fallback(reading, draft, used):
        _name_by_address(reading, draft)
    remark_from = _remark_start(title, reading, described=described) if title else None
    extras = take_links(reading, draft, title, used, remark_from)
    left = [part for part in reading.parts if id(part) not in used]
    if remark_from is not None:
        left = [part for part in left if part.segment.start < remark_from]
    take_roles(left, reading, draft)
    _take_remarks(reading, draft, used, remark_from, title)
    return extras


def _call(title: Run, name: Run | None, draft: Draft) -> None:
    first = title.first.segment
    text = tidy_title(title.text)
    if name is not None:
        draft.call(name.text.strip(" :："), as_name=True)
    elif (
        len(title.parts) > 1
        and first.is_link
        and title.parts[1].segment.zone != first.zone
        and spacing.length(first.text) <= 2
    ):
        draft.call(first.text.strip(" :："), as_name=True)
    if name is not None and title.length < 3 and name.length >= 1 and draft.title is None and " " not in text:
        draft.remark(text)
    else:
        draft.call(text)


def tidy_title(text: str) -> str:
    """Return a title without footnote marks, BibTeX braces, and surrounding punctuation."""
    text = re.sub(r"\[\^?[\w-]{1,20}\]$|\\$", "", text).strip()
    if "$" not in text and "\\" not in text:
        text = re.sub(r"\{([^{}]*)\}", r"\1", text)
    text = text.strip(" \\").rstrip("[(（【 ")
    if text.count("*") == 1:
        text = text.strip("*")
    return text


def _call_by_fallback(reading: Reading, draft: Draft, used: set[int]) -> bool:
    """Name an item by a part that was taken for something else: `[Deep Learning](...)` may be a journal or a person."""
    for part in reading.parts:
        url = part.segment.url
        if (
            part.role in (Role.AUTHORS, Role.VENUE, Role.IDENTIFIER)
            and url
            and is_usable(url, reading.context)
            and not part.year
        ):
            if part.role is Role.VENUE and (
                any(other.role is Role.LABEL for other in reading.links) or draft.context.venue
            ):
                continue
            draft.call(part.text)
            used.add(id(part))
            draft.title_kind = draft.link(url, part.text, part.segment.line, None)
            return bool(draft.name or draft.title)
    return False


def _name_by_address(reading: Reading, draft: Draft) -> None:
    """Name an item that has only links; a paper needs no name, as its identifier leads to the title."""
    links = [part.segment for part in reading.links if part.segment.url]
    if draft.name or draft.title or any(words.kind_of_url(link.url or "") is LinkKind.PAPER for link in links):
        return
    for link in links[:1]:
        url = link.url or ""
        if not words.is_external(url):
            return
        named = [identifier.value for identifier in identifiers.of_url(url)]
        if venues.is_known(link.text):
            draft.name = link.text
        else:
            draft.name = named[0].rpartition("/")[2] if named else re.sub(r"^https?://|/$", "", url)
        draft.title_kind = words.kind_of_url(url)


def _remark_start(title: Run, reading: Reading, *, described: bool = False) -> int | None:
    """Return where the description after a title begins: after a colon, or a dash and a sentence.

    `described`: the text after the title is known to be its description.
    """
    end = title.parts[-1].segment.end
    text = reading.flow.text
    at = end
    while at < len(text) and text[at] in _CLOSERS:
        at += 1
    if text[at : at + 1] in (":", "："):
        return at
    following = next((part for part in reading.parts if part.segment.start >= end and not part.segment.badge), None)
    if (
        following is None
        or following.role is not Role.FREE
        or following.segment.before not in ("-", "–", "—", "―", ",")
    ):
        return None
    text = following.text
    is_sentence = described or text[:1].islower() or _OF_SENTENCES.search(text) or not layouts.is_titlelike(text)
    return following.segment.start if is_sentence else None


def take_roles(parts: Sequence[Recognised], reading: Reading, draft: Draft) -> None:
    """Take venue, year, authors and institutions from the parts with these roles."""
    for place, part in enumerate(parts):
        if part.role is Role.VENUE:
            _take_venue(_venue_with_year(part, parts[place + 1 : place + 2], reading), draft)
            draft.year = draft.year or part.year
        elif part.role is Role.YEAR or (part.role is Role.AUTHORS and part.year):
            draft.year = draft.year or part.year
        if part.role is Role.AUTHORS and part.people:
            if not draft.authors or (part.people.complete and draft.authors[0].endswith(" et al.")):
                draft.authors = part.people.listed
            draft.institutions.extend(part.institutions)
        elif part.role is Role.INSTITUTIONS:
            draft.institutions.extend(part.institutions)
        elif part.role is Role.MARK:
            draft.tag(decoration.without_emoji(part.text)[0])
            is_kept = cutting.is_thesis(part.text) or cutting.is_submission(part.text)
            draft.remark(part.text.strip(" .,") if is_kept else "")
        for identifier in part.identifiers:
            draft.identify(identifier, part.segment.line)


def _venue_with_year(part: Recognised, following: Sequence[Recognised], reading: Reading) -> str | None:
    """Return a venue with the year that follows it, as listed: `Birds Quarterly, 2021`."""
    if not following or following[0].role is not Role.YEAR or dates.find_year(part.venue or "") or part.year:
        return part.venue
    between = reading.flow.text[part.segment.end : following[0].segment.start]
    if between.strip() not in ("", ",") or len(following[0].text.strip(" ,.")) != 4:
        return part.venue
    both = reading.flow.text[part.segment.start : following[0].segment.end]
    return venues.venue_in(both) or part.venue


def _take_venue(venue: str | None, draft: Draft) -> None:
    """Take a venue; a place of publication replaces a preprint server."""
    if venue and (draft.venue is None or (is_preprint_server(draft.venue) and not is_preprint_server(venue))):
        draft.venue = venue


def _take_remarks(reading: Reading, draft: Draft, used: set[int], remark_from: int | None, title: Run | None) -> None:
    """Keep text without a role as a remark, or as an institution if it must be one."""
    text = reading.flow.text
    runs = reading.runs
    kept: list[str] = []
    if remark_from is not None:
        remark = tidy(visible(reading, remark_from, len(text)))
        draft.remark(remark)
        draft.institutions.extend(cutting.affiliation_in(remark))
        draft.venue = draft.venue or cutting.accepted_venue(remark)
        runs = [run for run in runs if run.first.segment.start < remark_from]
    for run in runs[:_MOST_RUNS]:
        if any(id(part) in used for part in run.parts) or _is_labelled(run, reading):
            continue
        if title is None or not _take_unsure(run, title, reading, draft):
            start, end = run.first.segment.start, run.parts[-1].segment.end
            closed = text[end : end + 1] in (")", "）") and "(" in text[start:end]
            kept.append(tidy(visible(reading, start, min(len(text), end + closed))))
    if len(runs) > _MOST_RUNS and remark_from is None:
        kept.append(tidy(visible(reading, runs[_MOST_RUNS].first.segment.start, len(text))))
    remark = spacing.squeeze(" ".join(kept))
    draft.remark(remark)
    draft.venue = draft.venue or cutting.accepted_venue(remark)


def _is_labelled(run: Run, reading: Reading) -> bool:
    """Whether a run is a link with a label in it or before it."""
    return run.first.segment.is_link and (words.is_label(run.text) or label_before(reading, run.first) != "")


def _take_unsure(run: Run, title: Run, reading: Reading, draft: Draft) -> bool:
    """Take a run as the only author, an institution or a venue, based on its place; return whether it is one."""
    text = run.text.strip(" .,")
    behind = run.place > title.place
    is_person = not draft.authors and people.is_name(text) and not cutting.is_institution(text)
    if is_person and behind and run.em and not run.strong:
        draft.authors = (text,)
    elif behind and (_is_organisation(run) or (run.first.segment.code and _year_follows(run, reading))):
        draft.institutions.extend(cutting.institutions_of(text))
    elif is_person and (_is_one_author(run, reading) if behind else _leads_as_author(run, title, reading)):
        draft.authors = (text,)
    elif behind and _is_set_as_venue(run) and draft.venue is None and _year_follows(run, reading):
        draft.venue = _with_year(run, reading)
    else:
        return False
    return True


def _is_set_as_venue(run: Run) -> bool:
    """Whether a run after the title may be an unknown venue: it is in italics, or follows the title of a reference."""
    return run.em or (run.after_people and run.first.segment.before == ";")


def _is_organisation(run: Run) -> bool:
    """Whether a run after the title is an institution: a few capitalised words, in italics or after a bar.

    After the links, it may be any remark unless it has a word such as `University`.
    """
    segment = run.first.segment
    set_off = (segment.em and not segment.strong) or segment.before in ("|", "‖", "｜")
    text = run.text.strip(" .")
    is_one = _ORGANISATION.fullmatch(text) is not None and not words.is_topic(text)
    return set_off and not run.linked and is_one and not (run.after_links and ORGANISATION.search(text) is None)


def is_organisation_line(text: str) -> bool:
    """Whether a line has only institutions: `CMU & PKU & CUHK`, `Google Research`."""
    bare = text.strip(" .")
    return (
        cutting.is_capitalised(bare) and (" & " in bare or bool(ORGANISATION.search(bare))) and len(bare.split()) <= 8
    )


def _is_one_author(run: Run, reading: Reading) -> bool:
    """Whether a single name after the title is its author: a year or a venue follows."""
    following = next((part for part in reading.parts if part.segment.start > run.first.segment.start), None)
    return not run.linked and following is not None and following.role in (Role.YEAR, Role.VENUE)


def _leads_as_author(run: Run, title: Run, reading: Reading) -> bool:
    """Whether a single name is the author: it comes first, and a comma or a full stop and the title follow."""
    between = reading.flow.text[run.parts[-1].segment.start : title.first.segment.start].rstrip(' "“[(')
    plain = not run.first.segment.is_styled and not run.first.segment.bracket
    return plain and run.place == 0 and between.endswith((",", "."))


def _with_year(run: Run, reading: Reading) -> str:
    """Return an unknown venue with the year that follows it."""
    year = next(part.year for part in reading.parts if part.year and part.segment.start >= run.parts[-1].segment.end)
    return f"{run.text.strip(' .,')}, {year}"


def _year_follows(run: Run, reading: Reading) -> bool:
    """Whether a run is an unknown venue: a year follows it, or `In` precedes it."""
    start, end = run.first.segment.start, run.parts[-1].segment.end
    following = next((part for part in reading.parts if part.segment.start >= end and part.role is not Role.MARK), None)
    if following is None or following.role is not Role.YEAR or not run.text[:1].isupper():
        return False
    return run.length <= 8 or reading.flow.text[:start].rstrip().endswith((" In", " in"))


def visible(reading: Reading, start: int, end: int) -> str:
    """Return the text between two places without the labels of links."""
    pieces = []
    at = start
    for part in reading.parts:
        segment = part.segment
        if start <= segment.start < end and segment.url is not None and (part.role is Role.LABEL or segment.badge):
            pieces.append(reading.flow.text[at : segment.start])
            at = segment.end
    pieces.append(reading.flow.text[at:end])
    return "".join(pieces).replace(PLACEHOLDER, " ")


def undangled(text: str) -> str:
    """Return the text without the separators and brackets at its ends."""
    return text.lstrip(_LEFT_BEFORE).rstrip(_LEFT_BEHIND)


def tidy(text: str) -> str:
    """Return the text without the brackets and separators that remain where links were."""
    text = spacing.squeeze(decoration.without_emoji(text)[1])
    for _ in range(3):
        text = _EMPTY_BRACKETS.sub(" ", text)
    return _GAP.sub("", spacing.squeeze(undangled(text)))
