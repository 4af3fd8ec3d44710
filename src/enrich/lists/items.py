"""The pieces of one item of a list (a bullet, a line, a table's cell) to drafts of entries; pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from enrich import identifiers, matching
from enrich.lists import decoration, phrases, tails, titles, words
from enrich.lists.drafts import Context, Draft
from enrich.lists.pieces import Piece, lines, squeeze, text_of
from enrich.lists.titles import usable
from enrich.model import LinkKind, Scheme

# A longer one is no sentence; many links in it would each carry it along.
_LONGEST_SENTENCE = 2000
_OPENS_REMARK = re.compile(r"^\s*+[)\]】）]*+\s*+(?:[:：]|[-–—]{1,3}\s|,)")


def parse(pieces: list[Piece], context: Context, *, unlinked: bool = False) -> list[Draft]:
    """The entries that an item presents, the item's own first; [] where it presents none.

    `unlinked` says that an item without any link may be one: it stands among items that have links.
    """
    flow = [piece for piece in pieces if not piece.badge]
    start = next((piece.line for piece in pieces if piece.line), 1)
    draft = Draft(context, start)
    ticked = titles.take_lead(flow, draft)
    place = next((i for i, piece in enumerate(flow) if usable(piece, context)), None)
    if place is None:
        found = _take_unlinked(flow, draft, allowed=unlinked or ticked)
        rest: list[Piece] | None = [] if found else None
    else:
        rest = titles.take_title(flow, place, draft)
    if rest is None:
        return []
    extras = tails.take_rest(rest, draft)
    tails.take_badges([piece for piece in pieces if piece.badge], draft)
    return [draft, *extras]


def is_detail(pieces: list[Piece], context: Context, *, linked_list: bool = False) -> bool:
    """Whether a line below an item speaks of it: labelled links, or no link at all (but among items with links)."""
    linked = [piece for piece in pieces if usable(piece, context)]
    if not linked:
        label = tails.LABELLED.match(text_of(pieces))
        told = label is not None and words.role_of(label["label"])[0] is not None
        return (told or not linked_list) and not any(piece.url for piece in pieces)
    before = text_of(pieces[: pieces.index(linked[0])])
    label = tails.LABELLED.match(before)
    if label and words.is_label(label["label"]):
        return True
    return (
        all(words.is_label(piece.text) for piece in linked) and len(decoration.clean(before).strip(" [(").split()) <= 3
    )


def gathers_links(pieces: list[Piece], context: Context) -> bool:
    """Whether a line holds nothing but labelled links, so that what stands above it names the item."""
    return any(usable(piece, context) for piece in pieces) and is_detail(pieces, context)


def is_whole(pieces: list[Piece], context: Context) -> bool:
    """Whether a paragraph of several lines is one item: a title first, and no links but labelled ones below it."""
    rows = lines(pieces, soft=True)
    if len(rows) < 2 or any(piece.url for piece in rows[0]) or len(text_of(rows[0]).split()) > 25:
        return False
    linked = [piece for piece in pieces if usable(piece, context)]
    said = [words.kind_of_label(piece.text) for piece in linked]
    papers = any(kind is LinkKind.PAPER for kind in said)
    return papers and all(words.is_label(piece.text) for piece in linked) and len(rows) <= 6


def take_detail(pieces: list[Piece], draft: Draft) -> bool:
    """Give a line below an item to its draft, where it says something of it (authors, links, a note); else False."""
    flow = [piece for piece in pieces if not piece.badge]
    linked = [piece for piece in flow if usable(piece, draft.context)]
    before = text_of(flow[: flow.index(linked[0])]) if linked else text_of(flow)
    label = tails.LABELLED.match(before)
    named = bool(label) and words.is_label(label["label"]) if label else False
    if linked and not named and not all(words.is_label(piece.text) for piece in linked):
        return False
    if linked and not named and len(before.split()) > 6 and not before.rstrip().endswith((".", "[", "(")):
        return False
    if not linked:
        tails.take_note(text_of(flow), draft)
        return True
    for piece in linked:
        text = piece.text or (label["label"] if label else "")
        kind = words.kind_of_label(label["label"]) if label and named else None
        draft.link(piece.url or "", text, piece.line, None if kind is LinkKind.OTHER else kind)
    tails.take_badges([piece for piece in pieces if piece.badge], draft)
    remark = tails.tidy(text_of(piece for piece in flow if piece.url is None))
    if not named and not words.is_label(remark):
        tails.take_note(remark, draft)
    return True


def prose(pieces: list[Piece], context: Context, *, besides: bool = False) -> list[Draft]:
    """The entries that a paragraph's links present; `besides` takes only papers and repositories."""
    found = []
    for line in lines(pieces):
        text = text_of(line)
        parts = phrases.sentences(text)
        ends = list(accumulate(len(part) + 1 for part in parts))
        seen = 0
        for place, piece in enumerate(line):
            label = squeeze(piece.text)
            if not usable(piece, context):
                continue
            if _presents(label, piece.url or "", quoted=_is_quoted(line, place), besides=besides):
                seen = max(seen, text.find(label, seen))
                sentence = parts[min(bisect_right(ends, seen), len(parts) - 1)]
                found.append(_presented(piece, label, sentence, context))
    return found


def _presented(piece: Piece, label: str, sentence: str, context: Context) -> Draft:
    """The entry that a link in a sentence presents; the sentence is its remark."""
    draft = Draft(context, piece.line)
    draft.call(label, as_name=len(label.split()) < 3)
    draft.title_kind = draft.link(piece.url or "", label.strip('"“”'), piece.line)
    if len(sentence) <= _LONGEST_SENTENCE and sentence != label:
        draft.remark(sentence)
    return draft


def starts_as_item(line: list[Piece], context: Context) -> bool:
    """Whether a line of a paragraph is an item of its own: a link first, or a title and then labelled links."""
    flow = [piece for piece in line if not piece.badge]
    place = next((i for i, piece in enumerate(flow) if usable(piece, context)), None)
    if place is None:
        return False
    before = decoration.clean(text_of(flow[:place]))
    after = text_of(flow[place + 1 :])
    generic = words.is_label(flow[place].text)
    if not generic:
        lead = before.strip('[("“【（ ')
        follows = not after or bool(_OPENS_REMARK.match(after)) or after[:1] in '([|.（【"”'
        named = lead.endswith((":", "：")) and len(lead.split()) <= 4
        prefix = bool(before) and before[0] in titles.OPENED and before.endswith(tuple(titles.OPENED.values()))
        return (not lead or named or prefix) and follows
    strong = next((piece.strong for piece in flow[:place] if piece.text.strip()), False)
    ended = before.endswith((".", "[", "(", "【", "|", "]", ",")) and len(before.split()) >= 3
    return strong or ended


def _take_unlinked(flow: list[Piece], draft: Draft, *, allowed: bool) -> bool:
    """Read an item without links; whether it is one."""
    text = text_of(flow)
    strong = next((piece.strong for piece in flow if piece.text.strip()), False)
    anchored = any(piece.url for piece in flow)
    if not text or anchored or len(text) > 2000:
        return False
    rest = titles.take_text(flow, draft)
    remaining = text_of(rest)
    dated = matching.year_of(draft.venue or phrases.venue_of(remaining) or "") is not None
    told = dated or len(draft.authors or phrases.authors_of(remaining)) > 1
    if told or (allowed and (strong or len((draft.title or "").split()) >= 3 or draft.name)):
        tails.take_rest(rest, draft)
        return bool(draft.title or draft.name)
    return False


def _presents(label: str, url: str, *, quoted: bool, besides: bool) -> bool:
    """Whether a link in running text presents an entry, rather than pointing somewhere."""
    if not words.is_external(url) or words.is_label(label) or phrases.venue_of(label) or label.startswith("@"):
        return False
    kind = words.kind_of_url(url)
    schemes = {identifier.scheme for identifier in identifiers.of_url(url)}
    if kind is LinkKind.CODE and Scheme.GITHUB not in schemes and "github" in url:
        return False
    if besides:
        return bool(schemes) and (Scheme.GITHUB not in schemes or len(label) > 2)
    named = quoted or any(letter.isupper() or letter.isdigit() or ord(letter) > 0x2E80 for letter in label)
    return named or kind not in (LinkKind.HOMEPAGE, LinkKind.OTHER)


def _is_quoted(line: list[Piece], place: int) -> bool:
    before = line[place - 1].text.rstrip() if place else ""
    return before.endswith(('"', "“", "《", "「")) or line[place].text[:1] in '"“《「'
