"""What stands behind an item's title, and in the lines below it: links, authors, venue, remarks; pure."""

from __future__ import annotations

import re

from enrich import identifiers
from enrich.lists import phrases, titles, words
from enrich.lists.drafts import Draft, kind_of
from enrich.lists.pieces import HARD, Piece, squeeze, text_of
from enrich.model import LinkKind, Scheme

_PAPER_SCHEMES = frozenset(
    {Scheme.ARXIV, Scheme.DOI, Scheme.OPENREVIEW, Scheme.ACL, Scheme.ACM, Scheme.SEMANTIC_SCHOLAR}
)
_GAP = re.compile(r"\s(?=[.,;](?:\s|$))")
_EMPTY_BRACKETS = re.compile(r"[\[(【（{]\s*+[|,/;&·•]*+\s*+[\])】）}]")
# `Code: ...`, `作者：...`
LABELLED = re.compile(r"^\s*(?P<label>[^\W\d][\w ./-]{1,30}?|[\u4e00-\u9fff]{2,6})\s*[:：]\s*(?P<rest>.*)$", re.DOTALL)
# Where authors stand in italics, an organisation may stand instead of them: `*Some Lab.*`
_ORGANISATION = re.compile(r"\s*[A-Z][\w&-]{1,30}(?: [A-Z][\w&-]{1,30}){0,3}\.\s*")
_REMARK_FOLLOWS = re.compile(r"^\s*+[)\]】）]*+\s*+[:：]")


def take_rest(rest: list[Piece], draft: Draft) -> list[Draft]:
    """Read what stands behind the title: links, authors, venue, remarks; the further entries that it presents."""
    extras: list[Draft] = []
    words_left: list[str] = []
    remark_follows = _REMARK_FOLLOWS.match(text_of(rest[:1])) is not None and rest[0].url is None if rest else False
    for place, piece in enumerate(rest):
        if piece.url is not None:
            if not draft.context.leads_out(piece.url) or words.is_badge(piece.url):
                words_left.append("" if words.is_label(piece.text) else piece.text)
            elif words.is_label(piece.text) or _is_bracketed(rest, place):
                draft.link(piece.url, piece.text, piece.line)
            elif _stands_alone(piece, draft):
                extra = Draft(draft.context, piece.line)
                titles.take_link([piece], 0, extra)
                extras.append(extra)
                words_left.append(piece.text)
            else:
                draft.link(piece.url, piece.text, piece.line)
                words_left.append(piece.text)
        elif piece.strong and piece.code:
            draft.tag([squeeze(piece.text).strip(" .")])
        elif piece.em and not piece.code and not remark_follows and phrases.mentions_authors(piece.text):
            draft.authors = draft.authors or phrases.authors_of(piece.text)
            words_left.append(HARD)
        elif piece.em and not remark_follows and _ORGANISATION.fullmatch(piece.text):
            draft.institutions.append(squeeze(piece.text).strip(" ."))
            words_left.append(HARD)
        else:
            words_left.append(" " if piece.text == "\v" else piece.text)
    _take_words("".join(words_left), draft)
    return extras


def _is_bracketed(flow: list[Piece], place: int) -> bool:
    """Whether a short link stands in brackets of its own, as labels do: `[[Poster](...)]`."""
    before = flow[place - 1].text.rstrip() if place else ""
    after = flow[place + 1].text.lstrip() if place + 1 < len(flow) else ""
    return before.endswith("[") and after.startswith("]") and len(flow[place].text.split()) <= 4


def _stands_alone(piece: Piece, draft: Draft) -> bool:
    """Whether a link in a remark is an entry of its own: another paper, or another repository than the item's."""
    url = piece.url or ""
    kind = words.kind_of_url(url)
    if phrases.venue_of(piece.text) or words.is_furniture(url):
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
    for line in filter(None, map(tidy, text.split(HARD))):
        kept.extend([line] if remark_follows else _unread(line, draft))
    remark = squeeze(" ".join(kept))
    draft.remark(remark)
    draft.institutions.extend(phrases.affiliation_in(remark))
    draft.venue = draft.venue or phrases.accepted_venue(remark)


def _unread(line: str, draft: Draft) -> list[str]:
    """What is left of a line after venue, year and authors are taken from it."""
    if _take_venue(line, draft):
        return []
    bracket = re.match(r"^[(（]([^()（）]{2,80})[)）][\s:：,.-]*", line)
    if bracket and _take_venue(bracket[1], draft):
        return _unread(line[bracket.end() :], draft) if line[bracket.end() :] else []
    kept = []
    for sentence in phrases.sentences(line):
        if _take_venue(sentence, draft):
            continue
        if year := phrases.just_year(sentence):
            draft.year = draft.year or year
        elif not draft.authors and len(found := phrases.authors_of(sentence)) > 1:
            draft.authors = found
        else:
            kept.append(sentence)
    return kept


def _take_venue(text: str, draft: Draft) -> bool:
    """Take the text for the venue, where it reads as one; of what is no paper, only a short text does."""
    venue = phrases.venue_of(text) if draft.venue is None else None
    if venue and (draft.title_kind not in (LinkKind.HOMEPAGE, LinkKind.OTHER) or len(venue.split()) <= 6):
        draft.venue = venue
    return draft.venue is not None and draft.venue == venue


def take_note(text: str, draft: Draft) -> None:
    """Read a line below an item: `Authors: …`, `Venue: …`, authors alone, a venue alone, else a remark."""
    label = LABELLED.match(text)
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
        draft.remark(tidy(text))
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


def tidy(text: str) -> str:
    """The text without the brackets and separators that links leave behind."""
    text = squeeze(text)
    for _ in range(3):
        text = _EMPTY_BRACKETS.sub(" ", text)
    return _GAP.sub("", squeeze(titles.undangled(text)))
