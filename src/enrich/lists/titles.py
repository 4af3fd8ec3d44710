"""The front of an item: what decorates it, the brackets before its title, and what it is called; pure."""

from __future__ import annotations

import re
from dataclasses import replace

from enrich import identifiers
from enrich.lists import decoration, phrases, words
from enrich.lists.drafts import Context, Draft
from enrich.lists.pieces import HARD, Piece, squeeze, text_of
from enrich.model import LinkKind

OPENED = {"[": "]", "【": "】", "(": ")", "（": "）", "［": "］"}
_LEFT_BEFORE = " :：,，;|/·•-–—.])】）"
_LEFT_BEHIND = " :：,，;|/·•-–—[(【（&"
# A system's name rather than a word: capitals inside, or digits.
_MIXED = re.compile(r"^(?=\S*[a-z])(?:[A-Za-z]\S*[A-Z]\S*|[A-Z]\S*\d\S*)$")
_DESCRIBES = re.compile(r"^\s*(?:[-–—]\s|[:：])")
_MOST_LEADS = 30
"""How many prefixes an item may have; each is taken off a text that may be long."""

_QUOTED = re.compile(r"^[\"“「《](?P<title>[^\"”」》]{3,300})[\"”」》]")
_AROUND = "".join(dict.fromkeys(' [](【】（）:：,，.-–—|"“”'))


def take_lead(flow: list[Piece], draft: Draft) -> bool:
    """Take check box, emoji, numbers and bracketed prefixes off the front; whether there was a check box."""
    ticked = False
    for _ in range(_MOST_LEADS):
        del flow[: _begin(flow)]
        if not flow or flow[0].url is not None:
            break
        piece = flow[0]
        state, text = decoration.check_box(piece.text)
        ticked = ticked or state is not None
        draft.tag([state or ""])
        tags, bare = decoration.without_emoji(text)
        if squeeze(bare) != squeeze(text) and _is_led_by_emoji(text, bare):
            draft.tag(tags)
            text = bare
        text = decoration.unmarked(text) if not piece.strong else text.lstrip()
        if piece.code and (chip := phrases.venue_of(text)):
            draft.venue, text = draft.venue or chip, ""
        else:
            text = _take_prefix(text, draft)
        if text == piece.text:
            break
        flow[0] = replace(piece, text=text)
    del flow[: _begin(flow)]
    return ticked


def _begin(flow: list[Piece]) -> int:
    """Where the first piece stands that is neither a break nor blank."""
    blank = (piece.url is None and (piece.is_break or not piece.text.strip()) for piece in flow)
    return next((place for place, is_blank in enumerate(blank) if not is_blank), len(flow))


def _is_led_by_emoji(text: str, bare: str) -> bool:
    return squeeze(bare)[:3] != squeeze(text)[:3] or not squeeze(bare)


def _take_prefix(text: str, draft: Draft) -> str:
    """Read `[Institutions | Venue]`, `[Venue 2023]`, `(Venue)` at the front; what is left of the text."""
    closing = OPENED.get(text[:1])
    end = text.find(closing, 1, 400) if closing else -1
    if closing is None or end < 0 or text[0] in text[1:end]:
        return text
    parts = [squeeze(part) for part in text[1:end].split("|")]
    understood = False
    for part in parts:
        year = phrases.just_year(part)
        if year:
            draft.year, understood = year, True
        elif venue := phrases.venue_of(part):
            draft.venue, understood = draft.venue or venue, True
        elif len(parts) > 1 or " & " in part:
            draft.institutions.extend(phrases.institutions_of(part))
            understood = True
        elif text[0] in "[【［" and _MIXED.match(part):
            draft.name, understood = draft.name or part, True
        elif text[0] in "[【［" and not words.is_label(part):
            draft.tag([part])
            understood = True
    if not understood and not all(words.is_label(part) for part in parts):
        return text
    return text[end + 1 :].lstrip(" ,:;-–—")


def take_title(flow: list[Piece], place: int, draft: Draft) -> list[Piece]:
    """Find what the item is called; the pieces that are left."""
    first = flow[place]
    before = text_of(flow[:place])
    bare = before.strip(_AROUND)
    generic = words.is_label(first.text) or phrases.venue_of(first.text) is not None
    if not bare:
        return take_link(flow, place, draft) if not generic else _links_first(flow, place, draft)
    if generic:
        return take_text(flow, draft)
    strong = next((piece.strong for piece in flow[:place] if piece.text.strip()), False)
    if before.rstrip().endswith((":", "：")) and len(bare.split()) <= 4:
        if strong or (" " not in bare and bare[:1].isupper() and not words.is_label(bare)):
            draft.call(bare, as_name=True)
        elif not words.is_label(bare) and not phrases.venue_of(bare):
            draft.remark(bare)
    if venue := phrases.venue_of(bare):
        draft.venue = draft.venue or venue
        return take_link(flow, place, draft)
    if year := phrases.just_year(bare):
        draft.year = year
        return take_link(flow, place, draft)
    if draft.name or before.rstrip().endswith((":", "：")):
        return take_link(flow, place, draft)
    if strong or len(squeeze(first.text).split()) < max(3, len(bare.split()) // 2):
        return take_text(flow, draft)
    draft.remark(text_of(flow))
    return [piece for piece in take_link(flow, place, draft) if piece.url is not None]


def take_link(flow: list[Piece], place: int, draft: Draft) -> list[Piece]:
    """Take a link's text for the title, or for the name, and the link itself; the pieces behind it."""
    piece = flow[place]
    draft.line = piece.line or draft.line
    label = squeeze(piece.text)
    draft.call(label, as_name=bool(draft.title))
    if draft.name and draft.title is None and label.startswith(draft.name) is False:
        draft.title = squeeze(label)
    draft.title_kind = draft.link(piece.url or "", label, piece.line, words.kind_of_url(piece.url or ""))
    return flow[place + 1 :]


def _links_first(flow: list[Piece], place: int, draft: Draft) -> list[Piece]:
    """`[[paper](..)] [[code](..)] Title. Authors`: the links, then what the item is called."""
    end = place
    while end < len(flow) and (flow[end].url is not None or not flow[end].text.strip(" []()|,;/·•")):
        if flow[end].url is not None and not words.is_label(flow[end].text):
            break
        end += 1
    after = flow[end:]
    if after and after[0].url is None and not after[0].strong:
        opens = _DESCRIBES.match(after[0].text)
        if opens and words.kind_of_label(flow[place].text) is LinkKind.OTHER:
            return take_link(flow, place, draft)
        after[0] = replace(after[0], text=undangled(after[0].text))
    for piece in flow[place:end]:
        if piece.url is not None:
            draft.link(piece.url, piece.text, piece.line)
    if not any(piece.text.strip() for piece in after):
        _name_by_address(draft)
        return []
    return take_link(after, 0, draft) if after[0].url is not None else take_text(after, draft)


def _name_by_address(draft: Draft) -> None:
    """Name an item that is nothing but links: a paper goes without, its identifier will tell what it is called."""
    if draft.name or draft.title or any(link.kind is LinkKind.PAPER for link in draft.links):
        return
    for link in draft.links[:1]:
        named = [identifier.value for identifier in identifiers.of_url(link.url)]
        draft.name = named[0].rpartition("/")[2] if named else re.sub(r"^https?://|/$", "", link.url)
        draft.title_kind = link.kind


def take_text(flow: list[Piece], draft: Draft) -> list[Piece]:
    """Take the title from the text at the front: what is bold, what is quoted, or the first sentence."""
    flow = flow[next((i for i, piece in enumerate(flow) if not piece.is_break and piece.text.strip()), len(flow)) :]
    if flow and flow[0].strong and flow[0].url is None:
        end = next(
            (i for i, piece in enumerate(flow) if (not piece.strong and piece.text.strip()) or piece.url is not None),
            len(flow),
        )
        draft.call(text_of(piece for piece in flow[:end] if not piece.code))
        draft.tag(squeeze(piece.text).strip(" .") for piece in flow[:end] if piece.code)
        return flow[end:]
    end = next(
        (
            i
            for i, piece in enumerate(flow)
            if piece.url is not None or (piece.strong and piece.code) or piece.text == HARD
        ),
        len(flow),
    )
    em = next((i for i, piece in enumerate(flow[:end]) if piece.em), end)
    if em and phrases.mentions_authors(text_of(flow[em:end])):
        end = em
    text = squeeze("".join(" " if piece.is_break else piece.text for piece in flow[:end]))
    if quoted := _QUOTED.match(text):
        draft.call(quoted["title"])
        text = text[quoted.end() :]
        return [Piece(text, draft.line), *flow[end:]]
    title, venue, rest = _split_title(undangled(text))
    draft.call(title)
    if venue:
        draft.venue = draft.venue or venue
    return [Piece(rest, draft.line), *flow[end:]] if rest else flow[end:]


def _split_title(text: str) -> tuple[str, str | None, str]:
    """A title with venue and authors behind it to title, venue and what else there is."""
    parts = phrases.sentences(text)
    place = len(parts)
    while place > 1 and (phrases.venue_of(parts[place - 1]) or phrases.mentions_authors(parts[place - 1])):
        place -= 1
    if place < len(parts):
        return " ".join(parts[:place]), None, " ".join(parts[place:])
    bracket = re.search(r"\s*[(\[（]([^()\[\]（）]{2,80})[)\]）]\.?$", text)
    if bracket and bracket.start() and (venue := phrases.venue_of(bracket[1])):
        return text[: bracket.start()], venue, ""
    segments = text.split(", ")
    for place in range(max(1, len(segments) - 3), len(segments)):
        tail_text = ", ".join(segments[place:])
        if venue := phrases.venue_of(tail_text):
            return ", ".join(segments[:place]), venue, ""
    return text, None, ""


def undangled(text: str) -> str:
    """The text without the separators and brackets at its ends."""
    return text.lstrip(_LEFT_BEFORE).rstrip(_LEFT_BEHIND)


def usable(piece: Piece, context: Context) -> bool:
    """Whether the piece is a link that may be an item's own: no badge, anchor, search, or page of a conference."""
    if piece.url is None or piece.badge or not context.leads_out(piece.url):
        return False
    return not words.is_external(piece.url) or not words.is_furniture(piece.url)
