"""Make text from the catalog or the web harmless for each medium: the only place that escapes.

Titles and messages may contain anything that strangers put on a page: terminal escapes, HTML, mentions, workflow
commands.
"""

from __future__ import annotations

import html as _html
import json
import re
import unicodedata

from enrich.text.urls import host_of

LONGEST_SHOWN_TEXT = 300
"""Characters of one text from outside that a report for people shows; the JSON report has all of it."""

LONGEST_SHOWN_URL = 500
"""Characters of a URL that a report for people shows."""

BREAK = "\u200b"
"""A zero-width space: invisibly interrupts what would be read as a command or a mention."""

_JOINERS = "\u200c\u200d"  # Persian, Indic scripts and emoji need them
_NONCHARACTER = re.compile("[\ufffe\uffff]")
_URL_IN_TEXT = re.compile(r"://|www\.", re.IGNORECASE)
# GitHub's mentions, references to issues (#12, GH-12), and doubled signs (workflow commands `::` and `##[`).
_PING = re.compile(r"@|#(?=[\d#\[])|\bGH-(?=\d)|:(?=:)", re.IGNORECASE)
_MARKDOWN = re.compile(r"[\\`*_\[\]|~$]")
# What a terminal may act on, what looks like something else, and what UTF-8 cannot hold, inside JSON.
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_COMMAND_LINE = re.compile(r"^((?:[^\S\n]|\x1b\[[\d;]*m)*):(?=:)", re.MULTILINE)
_GLOB = re.compile(r"[*?\[]")


def plain(text: str, longest: int | None = LONGEST_SHOWN_TEXT) -> str:
    """One line without control characters, bidi overrides or invisible characters (each shown as U+FFFD)."""
    shown = " ".join(text.split())
    if not shown.isprintable():
        shown = "".join(map(_visible, shown))
    return shown if longest is None or len(shown) <= longest else shown[: longest - 1].rstrip() + "…"


def url(text: str) -> str:
    """Return a URL for reading and copying, cut if it is longer than `LONGEST_SHOWN_URL`."""
    return plain(text, LONGEST_SHOWN_URL)


def host(text: str) -> str:
    """Return the host of a URL, or the URL itself if it has none."""
    return plain(host_of(text) or text, 80)


def log(text: str) -> str:
    """Finished lines for a terminal or a CI log, in which no line can act as a workflow command.

    GitHub's runner obeys `::` at the start of a line and `##[` anywhere
    (https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs).
    """
    return _COMMAND_LINE.sub(rf"\1:{BREAK}", text).replace("##", f"#{BREAK}#")


def markdown(text: str) -> str:
    """Text inside a line of GitHub's Markdown: it shows as it is, formats nothing, links nothing, mentions no one."""
    return " ".join(
        _address(word) if _URL_IN_TEXT.search(word) else _markdown_word(word) for word in plain(text).split(" ")
    )


def _address(word: str) -> str:
    """Return a word with an address as a code span, without the punctuation after it."""
    bare = word.rstrip(",;.")
    return code(bare) + word[len(bare) :]


def markdown_text(text: str) -> str:
    """Text inside a line of GitHub's Markdown as `markdown` writes it, where nothing in it reads as an address."""
    return " ".join(map(_markdown_word, plain(text).split(" ")))


def code(text: str) -> str:
    """Return a URL or key as a code span, with characters percent-encoded that URLs cannot contain."""
    shown = url(text).replace("##", "#%23")
    return "`" + re.sub(r"[`<>| ]", lambda match: f"%{ord(match[0]):02X}", shown) + "`"


def toml(text: str) -> str:
    """Return a TOML string that holds exactly this text, and nothing that would end a code span."""
    quoted = _UNSAFE_IN_JSON.sub(_toml_escaped, json.dumps(_SURROGATE.sub("\ufffd", text), ensure_ascii=False))
    return re.sub(r"[`<>|]", _toml_escaped, quoted).replace("##", "#\\u0023")


def glob(text: str) -> str:
    """Return a pattern for `fnmatch` that matches only this text."""
    return _GLOB.sub(r"[\g<0>]", text)


def json_text(text: str) -> str:
    """Return a JSON document with the same meaning that is safe to print: invisible characters as escapes.

    Half a surrogate pair, which no UTF-8 file can hold, becomes U+FFFD.
    """
    if not text.isascii() or "\x7f" in text:
        text = _UNSAFE_IN_JSON.sub(_json_escaped, _SURROGATE.sub("\ufffd", text))
    return text.replace("##", "#\\u0023")


def html(text: str, longest: int | None = LONGEST_SHOWN_TEXT) -> str:
    """Text for an HTML element or a quoted attribute."""
    return _html.escape(plain(text, longest)).replace("##", "#&#35;").replace("::", ":&#58;")


def xml(text: str) -> str:
    """Text that XML 1.0 can hold; quoting is the writer's work."""
    return _NONCHARACTER.sub("\ufffd", plain(text, None))


def xml_text(text: str) -> str:
    """Return an XML document with the same meaning that is safe to print."""
    return text.replace("##", "#&#35;")


def annotation(text: str) -> str:
    """Escape the message of a GitHub workflow command; whole, as its parts were cut before."""
    return plain(text, None).replace("%", "%25").replace("##", f"#{BREAK}#")


def annotation_property(text: str) -> str:
    """Escape the value of a GitHub workflow command's property, such as `file`."""
    return annotation(text).replace(":", "%3A").replace(",", "%2C")


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    hidden = category in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in _JOINERS
    return "\ufffd" if hidden else character


def _markdown_word(word: str) -> str:
    parted = _PING.sub(lambda match: match[0] + BREAK, word)
    return _html.escape(_MARKDOWN.sub(r"\\\g<0>", parted), quote=False)


def _json_escaped(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]


def _toml_escaped(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
