"""The pieces of one item of a list (a bullet, a line, a table's cell) to drafts of entries; pure."""

from __future__ import annotations

import re
from dataclasses import replace

from enrich import identifiers
from enrich.lists import decoration, phrases, words
from enrich.lists.drafts import Context, Draft, kind_of
from enrich.lists.pieces import HARD, Piece, lines, squeeze, text_of
from enrich.model import LinkKind, Scheme

_PAPER_SCHEMES = frozenset(
    {Scheme.ARXIV, Scheme.DOI, Scheme.OPENREVIEW, Scheme.ACL, Scheme.ACM, Scheme.SEMANTIC_SCHOLAR}
)
_OPENED = {"[": "]", "【": "】", "(": ")", "（": "）", "［": "］"}
_EMPTY_BRACKETS = re.compile(r"[\[(【（{]\s*[|,/;&·•]*\s*[\])】）}]")
_LEFT_BEFORE = " :：,，;|/·•-–—.])】）"
_LEFT_BEHIND = " :：,，;|/·•-–—[(【（&"
_LABELLED = re.compile(r"^\s*(?P<label>[^\W\d][\w ./-]{1,30}?|[\u4e00-\u9fff]{2,6})\s*[:：]\s*(?P<rest>.*)$", re.DOTALL)
_QUOTED = re.compile(r"^[\"“「《](?P<title>[^\"”」》]{3,300})[\"”」》]")
_REMARK_FOLLOWS = re.compile(r"^\s*[)\]】）]*\s*[:：]")
_OPENS_REMARK = re.compile(r"^\s*[)\]】）]*\s*(?:[:：]|[-–—]{1,3}\s|,)")


def parse(pieces: list[Piece], context: Context, *, unlinked: bool = False) -> list[Draft]:
    """The entries that an item presents, the item's own first; [] where it presents none.

    `unlinked` says that an item without any link may be one: it stands among items that have links.
    """
    flow = [piece for piece in pieces if not piece.badge]
    start = next((piece.line for piece in pieces if piece.line), 1)
    draft = Draft(context, start)
    ticked = _take_lead(flow, draft)
    place = next((i for i, piece in enumerate(flow) if _usable(piece, context)), None)
    if place is None:
        found = _take_unlinked(flow, draft, allowed=unlinked or ticked)
        rest: list[Piece] | None = [] if found else None
    else:
        rest = _take_title(flow, place, draft)
    if rest is None:
        return []
    extras = _take_rest(rest, draft)
    take_badges([piece for piece in pieces if piece.badge], draft)
    return [draft, *extras]


def is_detail(pieces: list[Piece], context: Context, *, linked_list: bool = False) -> bool:
    """Whether a line below an item speaks of it: labelled links, or no link at all (but among items with links)."""
    linked = [piece for piece in pieces if _usable(piece, context)]
    if not linked:
        return not linked_list and not any(piece.url for piece in pieces)
    before = text_of(pieces[: pieces.index(linked[0])])
    label = _LABELLED.match(before)
    if label and words.is_label(label["label"]):
        return True
    return (
        all(words.is_label(piece.text) for piece in linked) and len(decoration.clean(before).strip(" [(").split()) <= 3
    )


def gathers_links(pieces: list[Piece], context: Context) -> bool:
    """Whether a line holds nothing but labelled links, so that what stands above it names the item."""
    return any(_usable(piece, context) for piece in pieces) and is_detail(pieces, context)


def take_detail(pieces: list[Piece], draft: Draft) -> bool:
    """Give a line below an item to its draft, where it says something of it (authors, links, a note); else False."""
    flow = [piece for piece in pieces if not piece.badge]
    linked = [piece for piece in flow if _usable(piece, draft.context)]
    before = text_of(flow[: flow.index(linked[0])]) if linked else text_of(flow)
    label = _LABELLED.match(before)
    named = bool(label) and words.is_label(label["label"]) if label else False
    if linked and not named and not all(words.is_label(piece.text) for piece in linked):
        return False
    if linked and not named and len(before.split()) > 6 and not before.rstrip().endswith((".", "[", "(")):
        return False
    if not linked:
        _take_note(text_of(flow), draft)
        return True
    for piece in linked:
        text = piece.text or (label["label"] if label else "")
        kind = words.kind_of_label(label["label"]) if label and named else None
        draft.link(piece.url or "", text, piece.line, None if kind is LinkKind.OTHER else kind)
    take_badges([piece for piece in pieces if piece.badge], draft)
    remark = _tidy(text_of(piece for piece in flow if piece.url is None))
    if not named and not words.is_label(remark):
        _take_note(remark, draft)
    return True


def prose(pieces: list[Piece], context: Context, *, besides: bool = False) -> list[Draft]:
    """The entries that a paragraph's links present; `besides` takes only papers and repositories."""
    found = []
    for line in lines(pieces):
        text = text_of(line)
        for place, piece in enumerate(line):
            if piece.badge or not _usable(piece, context):
                continue
            label = squeeze(piece.text)
            if _presents(label, piece.url or "", quoted=_is_quoted(line, place), besides=besides):
                draft = Draft(context, piece.line)
                draft.call(label, as_name=len(label.split()) < 3)
                draft.title_kind = draft.link(piece.url or "", label.strip('"“”'), piece.line)
                draft.remark(_sentence_around(label, text))
                found.append(draft)
    return found


def starts_as_item(line: list[Piece], context: Context) -> bool:
    """Whether a line of a paragraph is an item of its own: a link first, or a title and then labelled links."""
    flow = [piece for piece in line if not piece.badge]
    place = next((i for i, piece in enumerate(flow) if _usable(piece, context)), None)
    if place is None:
        return False
    before = decoration.clean(text_of(flow[:place]))
    after = text_of(flow[place + 1 :])
    generic = words.is_label(flow[place].text)
    if not generic:
        lead = before.strip('[("“【（ ')
        follows = not after or bool(_OPENS_REMARK.match(after)) or after[:1] in '([|.（【"”'
        named = lead.endswith((":", "：")) and len(lead.split()) <= 4
        prefix = bool(before) and before[0] in _OPENED and before.endswith(tuple(_OPENED.values()))
        return (not lead or named or prefix) and follows
    strong = next((piece.strong for piece in flow[:place] if piece.text.strip()), False)
    ended = before.endswith((".", "[", "(", "【", "|", "]", ",")) and len(before.split()) >= 3
    return strong or ended


def is_external(piece: Piece, context: Context) -> bool:
    """Whether the piece is a link that an item may present."""
    return _usable(piece, context)


def _usable(piece: Piece, context: Context) -> bool:
    if piece.url is None or piece.badge or not context.leads_out(piece.url):
        return False
    return not words.is_external(piece.url) or not words.is_furniture(piece.url)


def _take_lead(flow: list[Piece], draft: Draft) -> bool:
    """Take check box, emoji, numbers and bracketed prefixes off the front; whether there was a check box."""
    ticked = False
    while flow and flow[0].url is None:
        piece = flow[0]
        if piece.is_break or not piece.text.strip():
            flow.pop(0)
            continue
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
        if not text.strip():
            flow.pop(0)
    return ticked


def _is_led_by_emoji(text: str, bare: str) -> bool:
    return squeeze(bare)[:3] != squeeze(text)[:3] or not squeeze(bare)


def _take_prefix(text: str, draft: Draft) -> str:
    """Read `[Institutions | Venue]`, `[Venue 2023]`, `(Venue)` at the front; what is left of the text."""
    closing = _OPENED.get(text[:1])
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
        elif text[0] in "[【［" and not words.is_label(part):
            draft.tag([part])
            understood = True
    if not understood and not all(words.is_label(part) for part in parts):
        return text
    return text[end + 1 :].lstrip(" ,:;-–—")


def _take_unlinked(flow: list[Piece], draft: Draft, *, allowed: bool) -> bool:
    """Read an item without links; whether it is one."""
    text = text_of(flow)
    strong = next((piece.strong for piece in flow if piece.text.strip()), False)
    anchored = any(piece.url is not None for piece in flow)
    if not text or anchored or len(text) > 2000:
        return False
    rest = _take_title_text(flow, draft)
    told = bool(draft.venue or draft.authors)
    remaining = text_of(rest)
    told = told or bool(phrases.venue_of(remaining)) or phrases.mentions_authors(remaining)
    if told or (allowed and (strong or len((draft.title or "").split()) >= 3 or draft.name)):
        _take_rest(rest, draft)
        return bool(draft.title or draft.name)
    return False


def _take_title(flow: list[Piece], place: int, draft: Draft) -> list[Piece] | None:
    """Find what the item is called; the pieces that are left, or None where it is called nothing."""
    first = flow[place]
    before = text_of(flow[:place])
    bare = before.strip(' [](【】()（）:：,，.-–—|"“”')
    generic = words.is_label(first.text) or phrases.venue_of(first.text) is not None
    if not bare:
        return _title_link(flow, place, draft) if not generic else _links_first(flow, place, draft)
    if generic:
        return _take_title_text(flow, draft)
    strong = next((piece.strong for piece in flow[:place] if piece.text.strip()), False)
    if before.rstrip().endswith((":", "：")) and len(bare.split()) <= 4:
        if strong or (" " not in bare and bare[:1].isupper() and not words.is_label(bare)):
            draft.call(bare, as_name=True)
        elif not words.is_label(bare) and not phrases.venue_of(bare):
            draft.remark(bare)
    if venue := phrases.venue_of(bare):
        draft.venue = draft.venue or venue
        return _title_link(flow, place, draft)
    if year := phrases.just_year(bare):
        draft.year = year
        return _title_link(flow, place, draft)
    if draft.name or before.rstrip().endswith((":", "：")):
        return _title_link(flow, place, draft)
    if strong or len(squeeze(first.text).split()) < max(3, len(bare.split()) // 2):
        return _take_title_text(flow, draft)
    draft.remark(text_of(flow))
    return [piece for piece in _title_link(flow, place, draft) if piece.url is not None]


def _title_link(flow: list[Piece], place: int, draft: Draft) -> list[Piece]:
    piece = flow[place]
    draft.line = piece.line or draft.line
    label = squeeze(piece.text)
    draft.call(label, as_name=bool(draft.title))
    if draft.name and draft.title is None and label.startswith(draft.name) is False:
        draft.title = squeeze(label)
    draft.title_kind = draft.link(piece.url or "", label, piece.line, _kind_of_title(piece.url or ""))
    return flow[place + 1 :]


def _kind_of_title(url: str) -> LinkKind:
    return words.kind_of_url(url)


def _links_first(flow: list[Piece], place: int, draft: Draft) -> list[Piece] | None:
    """`[[paper](..)] [[code](..)] Title. Authors`: the links, then what the item is called."""
    end = place
    while end < len(flow) and (flow[end].url is not None or not flow[end].text.strip(" []()|,;/·•")):
        if flow[end].url is not None and not words.is_label(flow[end].text):
            break
        end += 1
    for piece in flow[place:end]:
        if piece.url is not None:
            draft.link(piece.url, piece.text, piece.line)
    after = flow[end:]
    if after and after[0].url is None:
        after[0] = replace(after[0], text=_undangled(after[0].text) if not after[0].strong else after[0].text)
    if not any(piece.text.strip() for piece in after):
        return None
    if after[0].url is not None:
        return _title_link(after, 0, draft)
    return _take_title_text(after, draft)


def _take_title_text(flow: list[Piece], draft: Draft) -> list[Piece]:
    """Take the title from the text at the front: what is bold, what is quoted, or the first sentence."""
    while flow and (flow[0].is_break or not flow[0].text.strip()):
        flow = flow[1:]
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
    title, venue, rest = _split_title(_undangled(text))
    draft.call(title)
    if venue:
        draft.venue = draft.venue or venue
    return [Piece(rest, draft.line), *flow[end:]] if rest else flow[end:]


def _split_title(text: str) -> tuple[str, str | None, str]:
    """A title with venue and authors behind it to title, venue and what else there is."""
    parts = phrases.sentences(text)
    for place in range(1, len(parts)):
        tail = parts[place:]
        if all(phrases.venue_of(part) or phrases.mentions_authors(part) for part in tail):
            return " ".join(parts[:place]), None, " ".join(tail)
    bracket = re.search(r"\s*[(\[（]([^()\[\]（）]{2,80})[)\]）]\.?$", text)
    if bracket and bracket.start() and (venue := phrases.venue_of(bracket[1])):
        return text[: bracket.start()], venue, ""
    segments = text.split(", ")
    for place in range(max(1, len(segments) - 3), len(segments)):
        tail_text = ", ".join(segments[place:])
        if venue := phrases.venue_of(tail_text):
            return ", ".join(segments[:place]), venue, ""
    return text, None, ""


def _take_rest(rest: list[Piece], draft: Draft) -> list[Draft]:
    """Read what stands behind the title: links, authors, venue, remarks; the further entries that it presents."""
    extras: list[Draft] = []
    words_left: list[str] = []
    remark_follows = _REMARK_FOLLOWS.match(text_of(rest[:1])) is not None and rest[0].url is None if rest else False
    for piece in rest:
        if piece.url is not None:
            if not _usable(piece, draft.context):
                words_left.append(piece.text)
            elif words.is_label(piece.text):
                draft.link(piece.url, piece.text, piece.line)
            elif _stands_alone(piece, draft):
                extra = Draft(draft.context, piece.line)
                _title_link([piece], 0, extra)
                extras.append(extra)
                words_left.append(piece.text)
            else:
                draft.link(piece.url, piece.text, piece.line)
                words_left.append(piece.text)
        elif piece.strong and piece.code:
            draft.tag([squeeze(piece.text).strip(" .")])
        elif piece.em and not piece.code and not remark_follows and phrases.mentions_authors(piece.text):
            draft.authors = draft.authors or phrases.authors_of(piece.text)
            words_left.append(HARD if not draft.authors else " ")
        elif piece.em and draft.title_kind is LinkKind.CODE and re.fullmatch(r"\s*[A-Z][\w&. -]{1,40}\s*", piece.text):
            draft.institutions.append(squeeze(piece.text).strip(" ."))
        else:
            words_left.append(" " if piece.text == "\v" else piece.text)
    _take_words("".join(words_left), draft)
    return extras


def _stands_alone(piece: Piece, draft: Draft) -> bool:
    """Whether a link in a remark is an entry of its own: another paper, or another repository than the item's."""
    url = piece.url or ""
    kind = words.kind_of_url(url)
    if phrases.venue_of(piece.text):
        return False
    if kind is LinkKind.PAPER:
        mine = {identifier for link in draft.links if link.kind is LinkKind.PAPER for identifier in _of_paper(link.url)}
        theirs = set(_of_paper(url))
        return any(link.kind is LinkKind.PAPER for link in draft.links) and not mine & theirs
    return kind is LinkKind.CODE and draft.title_kind is LinkKind.CODE


def _of_paper(url: str) -> list[str]:
    return [str(identifier) for identifier in identifiers.of_url(url) if identifier.scheme in _PAPER_SCHEMES] or [
        identifiers.normalise_url(url)
    ]


def _take_words(text: str, draft: Draft) -> None:
    """Read the text behind a title: venue and authors where it is nothing else, a remark where it says more."""
    remark_follows = _REMARK_FOLLOWS.match(text) is not None
    kept = []
    for line in text.split(HARD):
        line = _tidy(line)
        if not line:
            continue
        if remark_follows:
            kept.append(line)
            continue
        kept.extend(_unread(line, draft))
    remark = squeeze(" ".join(kept))
    draft.remark(remark)
    draft.institutions.extend(phrases.affiliation_in(remark))
    draft.venue = draft.venue or phrases.accepted_venue(remark)


def _unread(line: str, draft: Draft) -> list[str]:
    """What is left of a line after venue, year and authors are taken from it."""
    if draft.venue is None and (venue := phrases.venue_of(line)):
        draft.venue = venue
        return []
    bracket = re.match(r"^[(（]([^()（）]{2,80})[)）][\s:：,.-]*", line)
    if bracket and draft.venue is None and (venue := phrases.venue_of(bracket[1])):
        draft.venue = venue
        return _unread(line[bracket.end() :], draft) if line[bracket.end() :] else []
    kept = []
    for sentence in phrases.sentences(line):
        if draft.venue is None and (venue := phrases.venue_of(sentence)):
            draft.venue = venue
        elif year := phrases.just_year(sentence):
            draft.year = draft.year or year
        elif not draft.authors and len(found := phrases.authors_of(sentence)) > 1:
            draft.authors = found
        else:
            kept.append(sentence)
    return kept


def _take_note(text: str, draft: Draft) -> None:
    """Read a line below an item: `Authors: …`, `Venue: …`, authors alone, a venue alone, else a remark."""
    label = _LABELLED.match(text)
    role = words.role_of(label["label"])[0] if label else None
    rest = squeeze(label["rest"]) if label else ""
    if role is words.Role.AUTHORS:
        draft.authors = draft.authors or phrases.authors_of(rest)
        if not draft.authors:
            draft.remark(text)
    elif role is words.Role.VENUE:
        draft.venue = draft.venue or rest or None
    elif role is words.Role.YEAR and phrases.just_year(rest):
        draft.year = draft.year or phrases.just_year(rest)
    elif role is words.Role.INSTITUTIONS:
        draft.institutions.extend(phrases.institutions_of(rest))
    elif role is words.Role.ABSTRACT:
        draft.abstract = draft.abstract or rest or None
    elif not draft.authors and (found := phrases.authors_of(text)):
        draft.authors = found
    elif draft.venue is None and (venue := phrases.venue_of(text)):
        draft.venue = venue
    else:
        draft.remark(_tidy(text))
        draft.venue = draft.venue or phrases.accepted_venue(text)


def take_badges(badges: list[Piece], draft: Draft) -> None:
    """A badge's link counts for what the item has no link of: it may lead to another repository than the item's."""
    for piece in badges:
        url = re.sub(
            r"/(?:stargazers|network(?:/members)?|issues|commits?/?[\w-]*|forks|watchers)/?$", "", piece.url or ""
        )
        kind = kind_of("", url)
        if words.is_external(url) and kind is not LinkKind.OTHER and all(link.kind is not kind for link in draft.links):
            draft.link(url, "", piece.line, kind)


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


def _sentence_around(label: str, text: str) -> str:
    sentence = next((part for part in phrases.sentences(text) if label in part), text)
    return "" if squeeze(sentence) == label else sentence


def _tidy(text: str) -> str:
    """The text without the brackets and separators that links leave behind."""
    text = squeeze(text)
    for _ in range(3):
        text = _EMPTY_BRACKETS.sub(" ", text)
    return squeeze(_undangled(text))


def _undangled(text: str) -> str:
    return text.lstrip(_LEFT_BEFORE).rstrip(_LEFT_BEHIND)
