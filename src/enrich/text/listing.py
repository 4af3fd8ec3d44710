r"""The Markdown list that enrich writes, item by item, and reads back as it was.

An item is `- **Name**: [Title](<url>). Authors, *Venue*, Year, N citations. \[[Label](<url> "kind")\] - Remarks`; any
part may be missing. Escaped characters (`\.`, `\,`, `\-`) separate nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

# Characters that format anywhere, and those that make a list item or a heading at the start.
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~$&]|^[-+#=]")
# Characters that would separate two parts of an item.
_SEPARATOR = re.compile(r"[.,](?= |$)|(?<= )-(?= |$)")
_NUMBERED_TITLE = re.compile(r"^(\d{1,9})\\\.(?= |$)")
_NUMBERED = re.compile(r"^(\d{1,9})\\?([.)])(?= |$)")
# Allowed URLs, relative ones included; not javascript: or data:.
_LINKED = re.compile(r"(?:https?|ftp):|[^:]*(?:[/?#]|$)", re.IGNORECASE)

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])|&#(46);")
_HIDDEN = re.compile("[\udc00-\udcff]")
_TARGET = r"\(<(?P<url>[^<>\s]*)>(?: \"(?P<kind>[a-z]+)\")?\)"
_LINKED_NAME = re.compile(rf"\[\*\*(?P<text>[^*\[\]]+)\*\*\]{_TARGET}")
_NAME = re.compile(r"\*\*(?P<text>[^*\[\]]+)\*\*")
_TITLE = re.compile(rf"\[(?P<text>[^*\[\]]+)\]{_TARGET}")
_LABELLED = re.compile(rf"\udc5b\[(?P<text>[^*\[\]]+)\]{_TARGET}\udc5d(?: |$)")
_VENUE = re.compile(r"\*([^*]+)\*")
_CITATIONS = re.compile(r"\d{1,3}(?:,\d{3}){0,3} citations?")
_YEAR = re.compile(r"\d{1,4}")
_STRUCTURE = re.compile(r"[*\[\]<>]")
_OPENING = "\udc5b["
_NOTHING: tuple[tuple[str, ...], bool, str, str] = ((), True, "", "")
_OTHERS = " et al."
_UNNAMED = "link"


@dataclass(frozen=True, slots=True)
class ListedLink:
    """A link of an item: its URL, its kind, and its label, which may be empty."""

    url: str
    kind: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """An item of a list: texts of one line, empty if nothing is known; `citations` are written and not read back.

    `carried` is the place among `links` of the link that the title carries; `complete` is False if there are more
    authors.
    """

    name: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    complete: bool = True
    venue: str = ""
    year: str = ""
    links: tuple[ListedLink, ...] = ()
    carried: int | None = None
    remarks: str = ""
    citations: int | None = None


def is_linkable(url: str) -> bool:
    """Whether a list may link to an address."""
    return bool(url) and _LINKED.match(url) is not None


def escaped(text: str) -> str:
    """Return the text so that Markdown formats nothing in it."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def unescaped(text: str) -> str:
    """Return the visible text of an escaped text."""
    return _ESCAPED.sub(lambda match: match[1] or ".", text)


def write_item(item: Listed) -> str:
    """Return an item as one line."""
    shown = item.title or item.name
    carried = item.links[item.carried] if item.carried is not None else None
    # The title's link is repeated if it has a label of its own, or is not the first one.
    again = carried is not None and (
        item.carried != 0 or carried.label not in (shown, "") or any(link.url == carried.url for link in item.links[1:])
    )
    others = [link for place, link in enumerate(item.links) if again or place != item.carried]
    authors = ", ".join(map(_part, item.authors)) + ("" if item.complete else _OTHERS)
    cited = f"{item.citations:,} citation{'' if item.citations == 1 else 's'}" if item.citations is not None else ""
    about = ", ".join(filter(None, (authors, f"*{_part(item.venue)}*" if item.venue else "", item.year, cited)))
    parts = (_head(item, carried), about, " ".join(f"\\[{_labelled(link)}\\]" for link in others))
    line = ". ".join(filter(None, parts))
    if item.remarks:
        line = f"{line} - {escaped(item.remarks)}"
    # `1984. ` would begin a numbered list.
    return "- " + _NUMBERED.sub(r"\1\\\2", line)


def _head(item: Listed, carried: ListedLink | None) -> str:
    """Return name and title with the link that they carry."""
    bold = f"**{_part(item.name)}**" if item.name else ""
    if not item.title:
        if carried is None:
            return bold
        if carried.label == item.name:
            return _link(bold, carried, usual="paper")
        return f"{bold}: {_link(_UNNAMED, carried, usual='other')}"
    title = _part(item.title)
    if carried is not None:
        title = _link(title, carried, usual="paper")
    elif not bold:
        title = _NUMBERED_TITLE.sub(r"\1&#46;", title)
    return f"{bold}: {title}" if bold else title


def _part(text: str) -> str:
    return _SEPARATOR.sub(r"\\\g<0>", escaped(text))


def _labelled(link: ListedLink) -> str:
    """Return a link by its label, with its kind if the label does not show it."""
    if not link.label:
        return f'[{link.kind}](<{_target(link.url)}> "{link.kind}")'
    return _link(_part(link.label), link, usual=link.label.casefold())


def _link(text: str, link: ListedLink, *, usual: str) -> str:
    kind = "" if link.kind == usual else f' "{link.kind}"'
    return f"[{text}](<{_target(link.url)}>{kind})"


def _target(url: str) -> str:
    return re.sub(r"[<>\\\s]", lambda match: f"%{ord(match[0]):02X}", url)


def read_item(line: str) -> Listed | None:
    """Return the item of a line, None if `write` has not written it."""
    if not line.startswith("- ") or _HIDDEN.search(line):
        return None
    text = _NUMBERED.sub(lambda match: match[0].replace("\\.", "."), line[2:].rstrip())
    text, _, remarks = _ESCAPED.sub(lambda match: chr(0xDC00 + ord(match[1] or ".")), text).partition(" - ")
    head = _read_head(text)
    if head is None:
        return None
    item, end = head
    pieces = text[end:].split(". ")[1:] if text[end:].startswith(". ") else [text[end:]] if text[end:] else []
    if pieces and pieces[-1].startswith(_OPENING):
        links = _read_links(pieces.pop())
        if links is None:
            return None
        item = _with_links(item, links)
    about = _read_about(pieces[0]) if pieces else _NOTHING
    if about is None or len(pieces) > 1 or (text[end:] and not text[end:].startswith(". ")):
        return None
    authors, complete, venue, year = about
    return replace(item, authors=authors, complete=complete, venue=venue, year=year, remarks=_shown(remarks))


def _read_head(text: str) -> tuple[Listed, int] | None:
    """Return name, title and the link that they carry, and where they end."""
    if named := _LINKED_NAME.match(text):
        name = _shown(named["text"])
        link = ListedLink(named["url"], named["kind"] or "paper", name)
        return Listed(name=name, links=(link,), carried=0), named.end()
    bold = _NAME.match(text)
    name, at = (_shown(bold["text"]), bold.end()) if bold else ("", 0)
    if bold and not text.startswith(": ", at):
        return Listed(name=name), at
    at += 2 if bold else 0
    if linked := _TITLE.match(text, at):
        title = _shown(linked["text"])
        if bold and title == _UNNAMED:
            link = ListedLink(linked["url"], linked["kind"] or "other")
            return Listed(name=name, links=(link,), carried=0), linked.end()
        # The label is the title, which need not be repeated.
        link = ListedLink(linked["url"], linked["kind"] or "paper")
        return Listed(name=name, title=title, links=(link,), carried=0), linked.end()
    end = text.find(". ", at)
    end = len(text) if end < 0 else end
    plain = text[at:end]
    return (Listed(name=name, title=_shown(plain)), end) if plain and not _STRUCTURE.search(plain) else None


def _read_links(text: str) -> tuple[ListedLink, ...] | None:
    found, at = [], 0
    while at < len(text):
        match = _LABELLED.match(text, at)
        if match is None:
            return None
        label, kind = _shown(match["text"]), match["kind"]
        found.append(ListedLink(match["url"], kind or label.casefold(), "" if label == kind else label))
        at = match.end()
    return tuple(found)


def _with_links(item: Listed, links: tuple[ListedLink, ...]) -> Listed:
    """Return the item with the links after it, where the link of its title may be repeated."""
    mine = item.links[0] if item.links else None
    place = next((place for place, link in enumerate(links) if mine and link.url == mine.url), None)
    return replace(item, links=item.links + links) if place is None else replace(item, links=links, carried=place)


def _read_about(text: str) -> tuple[tuple[str, ...], bool, str, str] | None:
    """Return authors, whether the list is complete, venue and year."""
    parts = text.split(", ")
    if _CITATIONS.fullmatch(parts[-1]):
        parts.pop()
    if not parts:
        return _NOTHING
    year = parts.pop() if _YEAR.fullmatch(parts[-1]) else ""
    venue = ""
    if parts and (match := _VENUE.fullmatch(parts[-1])):
        venue = _shown(match[1])
        parts.pop()
    complete = not (parts and parts[-1].endswith(_OTHERS))
    if not complete:
        parts[-1] = parts[-1].removesuffix(_OTHERS)
    if not all(parts) or any(_STRUCTURE.search(part) for part in parts):
        return None
    return tuple(map(_shown, parts)), complete, venue, year


def _shown(text: str) -> str:
    return _HIDDEN.sub(lambda match: chr(ord(match[0]) - 0xDC00), text)
