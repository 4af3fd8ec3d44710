"""The Markdown parser of all rooms: GitHub Flavored Markdown with addresses kept as written."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.entities import html5

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.footnote.index import footnote_def
from mdit_py_plugins.front_matter import front_matter_plugin

from enrich.text.urls import trim_url

# Deeper nesting than this is flattened: no one writes it, and each level reads anew what is inside it. Of Markdown,
# a list and its items count as two levels; a bracket that is never closed is looked for once for each of them.
_MAX_NESTING = 30

# Extended autolinks: https://github.github.com/gfm/#autolinks-extension-. A host name has 253 characters at most
# (RFC 1035); without a bound each of many starts would be followed to the end of the text.
_SCHEME = re.compile(r"(?<![A-Za-z])(?:https?|ftp)\Z", re.IGNORECASE)
_URL = re.compile(r"://(?P<host>[^\s\x00-,/:-@\[-`{-\x7f][^\s\x00-,/:-@\[-^`{-\x7f]{0,253})")
_WWW = re.compile(r"www\.(?P<host>[^\s\x00-,/:-@\[-^`{-\x7f]{1,253})")
_TO_THE_NEXT_BLANK = re.compile(r"[^\s<]*")
_UNDERSCORE = re.compile(r"_[^.]*(?:\.[^.]*)?\Z")
_BEFORE = " \t\n*_~("
_EMAIL = re.compile(
    r"(?<![/A-Za-z0-9.+_-])(?P<scheme>mailto:|(?P<xmpp>xmpp:))?[A-Za-z0-9.+_-]{1,64}@[A-Za-z0-9_-]{1,63}"
    r"(?:\.[A-Za-z0-9_-]{1,63}){1,9}(?<![_-])(?![A-Za-z0-9@_-])(?(xmpp)(?:/[A-Za-z0-9@.]{1,64}(?<!\.))?)"
)

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def markdown_parser(*, autolinks: bool, indented_code: bool) -> MarkdownIt:
    """Return a parser of GitHub Flavored Markdown with HTML, tables, front matter; addresses stay as written.

    Args:
        autolinks: Whether bare URLs, `www.` and e-mail addresses are links, and footnotes are known.
        indented_code: Whether indented text is code, as the specification has it; lists indent more than they mean.
    """
    markdown = MarkdownIt("commonmark", {"html": True, "maxNesting": _MAX_NESTING})
    markdown.enable(["table", "strikethrough"]).use(front_matter_plugin)
    if not indented_code:
        markdown.disable("code")
    if autolinks:
        # Only the text of footnotes: looking for their marks takes quadratic time.
        markdown.block.ruler.before("reference", "footnote_def", footnote_def, {"alt": ["paragraph", "reference"]})
        markdown.inline.add_terminator_char("w")
        markdown.inline.ruler.push("bare_www", _bare_www)
        markdown.inline.ruler.push("bare_url", _bare_url)
        markdown.core.ruler.push("autolinks", _autolinks)
    vars(markdown).update(normalizeLink=str, validateLink=lambda _url: True)
    return markdown


def _bare_url(state: StateInline, silent: bool) -> bool:
    # Not while a link's label is parsed, whose end an address would include.
    if silent or state.linkLevel or state.src[state.pos] != ":":
        return False
    scheme = _SCHEME.search(state.pending[-6:])
    found = scheme and _URL.match(state.src, state.pos, state.posMax)
    if not scheme or not found or _UNDERSCORE.search(found["host"]):
        return False
    rest = _from_here(state)
    return len(rest) > len("://") and _link(state, scheme[0], rest)


def _bare_www(state: StateInline, silent: bool) -> bool:
    if silent or state.linkLevel or state.src[state.pos] != "w":
        return False
    if state.pos and state.src[state.pos - 1] not in _BEFORE:
        return False
    found = _WWW.match(state.src, state.pos, state.posMax)
    if not found or _UNDERSCORE.search(found["host"]):
        return False
    return _link(state, "", _from_here(state), prefix="http://")


def _from_here(state: StateInline) -> str:
    """Return the rest of a URL if its host is valid; the rest may be the whole text."""
    found = _TO_THE_NEXT_BLANK.match(state.src, state.pos, state.posMax)
    return trim_url(found[0], parentheses_end_it=False) if found else ""


def _link(state: StateInline, pending: str, rest: str, prefix: str = "") -> bool:
    """Turn the end of the pending text and the text that follows it into a link."""
    state.pending = state.pending[: len(state.pending) - len(pending)]
    opening = state.push("link_open", "a", 1)
    opening.attrs = {"href": prefix + pending + rest}
    opening.markup, opening.info = "autolink", "auto"
    state.push("text", "", 0).content = pending + rest
    state.push("link_close", "a", -1)
    state.pos += len(rest)
    return True


def _autolinks(state: StateCore) -> None:
    """Decode the entities in autolinks, as in all links, and link e-mail addresses, which emphasis may have divided.

    https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references
    """
    for block in state.tokens:
        linked = 0
        tokens: list[Token] = []
        for token in block.children or ():
            linked += token.nesting if token.tag == "a" else 0
            if token.type == "link_open" and token.info == "auto":
                token.attrs["href"] = _ENTITY.sub(_decoded, str(token.attrs["href"]))
            tokens += _with_emails(token) if token.type == "text" and not linked and "@" in token.content else [token]
        if block.children:
            block.children = tokens


def _with_emails(text: Token) -> Iterator[Token]:
    end = 0
    for match in _EMAIL.finditer(text.content):
        yield Token("text", "", 0, content=text.content[end : match.start()])
        href = match[0] if match["scheme"] else f"mailto:{match[0]}"
        yield Token("link_open", "a", 1, attrs={"href": href}, markup="autolink", info="auto")
        yield Token("text", "", 0, content=match[0])
        yield Token("link_close", "a", -1)
        end = match.end()
    yield Token("text", "", 0, content=text.content[end:])


def _decoded(match: re.Match[str]) -> str:
    return html.unescape(match[0]) if match[0][1] == "#" or match[0][1:] in html5 else match[0]
