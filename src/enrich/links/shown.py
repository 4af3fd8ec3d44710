"""What a page shows without JavaScript, which distinguishes it from a bot wall. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from enrich.model import Reply

STATUSES_OF_ABSENCE = frozenset({404, 410})

# Elements that are not shown; an element that is not closed ends with the page.
# An alternative is empty because of https://github.com/python/cpython/issues/106052.
_UNSEEN = rb"(script|style|noscript|template|title)\b(?:[^<]++|<(?!/\1)|)*+|!--(?:[^-]++|-(?!->)|)*+"
_MARKUP = re.compile(rb"(?i)<(?:(?=[snt!])(?:" + _UNSEEN + rb")|[^<>]*+>?)|-->")
_SCRIPT = re.compile(rb"(?i)<script\b[^>]{0,300}\bsrc=")
_HEADING = re.compile(rb"(?is)<h[1-3]\b[^>]{0,300}>((?:(?!</h[1-3]).){1,400})")
_HTML = re.compile(rb"[\s\xef\xbb\xbf]*+<[a-zA-Z!]")
_MARKS = 16 * 1024  # bytes of a page in which a wall is recognised
_MOST_PAGES = 64 * 1024  # bytes within which most pages have shown enough text
_MUCH_TEXT = 1_000  # bytes of text: more than a wall has
LITTLE_TEXT = 400  # bytes of text: a page that is nothing but a wall


class Shown(NamedTuple):
    """What of a page may be a wall's.

    Attributes:
        is_page: Whether the page has too much text for a wall.
        text: What a reader without JavaScript sees, or the beginning of it.
        head: Where a wall would show itself.
        markup: The same without what is seen: an article on walls names their marks in its text.
    """

    is_page: bool
    text: bytes = b""
    head: bytes = b""
    markup: bytes = b""

    def sentences(self) -> Iterator[str]:
        """Yield the headings of a page with hardly any text, and all of its text."""
        for heading in _HEADING.finditer(self.head):
            yield _MARKUP.sub(b" ", heading[1]).decode("utf-8", "replace")
        yield self.text.decode("utf-8", "replace")


def is_application(reply: Reply) -> bool:
    """Return whether a page shows hardly any text before its scripts have run."""
    shown = shown_by(reply)
    return not shown.is_page and _SCRIPT.search(shown.head) is not None


def shown_by(reply: Reply) -> Shown:
    """Return the part of a response that may be a wall's: the beginning of an error, or a page with hardly any text.

    Some walls answer with 404, so such a page counts like one with a good status.
    """
    head = reply.body[:_MARKS]
    if reply.status not in STATUSES_OF_ABSENCE and not 200 <= reply.status < 300:
        return Shown(is_page=False, head=head, markup=head)
    if not reply.truncated and len(reply.body) <= LITTLE_TEXT and _is_plain(reply):
        return Shown(is_page=False, text=reply.body)
    if reply.truncated or not is_html_reply(reply):
        return Shown(is_page=True)
    text = b""
    for size in (_MARKS, _MOST_PAGES, len(reply.body)):
        text = b" ".join(_MARKUP.sub(b" ", reply.body[:size]).split())
        if len(text) > _MUCH_TEXT:
            return Shown(is_page=True)
        if size >= len(reply.body):
            break
    if len(text) <= LITTLE_TEXT:
        return Shown(is_page=False, text=text, head=head, markup=head)
    markup = b" ".join(part[0] for part in _MARKUP.finditer(head))
    return Shown(is_page=False, text=text, head=head, markup=markup)


def is_html_reply(reply: Reply) -> bool:
    """Return whether a response has something to show, in HTML."""
    kind = reply.headers.get("content-type", "").lower()
    has_body = reply.body != b"" and not reply.body.isspace()
    return has_body and ("html" in kind if kind else bool(_HTML.match(reply.body)))


def _is_plain(reply: Reply) -> bool:
    return reply.headers.get("content-type", "").lower().startswith("text/plain")
