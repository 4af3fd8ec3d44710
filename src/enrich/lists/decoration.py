"""Decoration of items that is not part of their text: stars, check boxes, emoji, short codes; pure."""

from __future__ import annotations

import re

from enrich.text.spacing import squeeze

STARRED = "starred"
READ = "read"
HIDDEN = "commented out"

_MEANINGS = {
    "⭐": STARRED,
    "🌟": STARRED,
    "✨": "sparkles",
    "🔥": "fire",
    "🎓": "mortar_board",
    "👍": "+1",
    "🏆": "trophy",
    "🆕": "new",
}
_SHORT_CODE = re.compile(
    r":([a-z][a-z0-9]*(?:[_-][a-z0-9]+)*|[123](?:st|nd|rd)_place_medal|\+1|100|1234|-1|e-?mail):(?!\w)"
)
_STARS = {"star": STARRED, "star2": STARRED, "stars": STARRED, "glowing_star": STARRED}
# Pictures and dingbats; not the signs that lists use as marks (★ ▲ ●), arrows and mathematics.
_EMOJI = re.compile(
    "(?:[\U0001f000-\U0001faff\u2600-\u2604\u2607-\u26ff\u2700-\u27bf\u2b50\u2b55\u2b1b\u2b1c\u231a\u231b\u23e9-\u23fa\u3297\u3299]"
    "|[0-9#*]\ufe0f?\u20e3)[\ufe0f\u200d\U0001f3fb-\U0001f3ff\u20e3]*|[\ufe0f\u200d]"
)
_CHECK_BOX = re.compile(r"^\s*(?:[-*+]\s+)?(?:\[(?P<mark>[ xX✓✔√]?)\]|(?P<box>[☐☑☒✅]))(?=\s|$)\s*")
_LEADING = re.compile(r"^[\s\-–—*+•·◦▪‣|>,.;:：]+")
_NUMBER = re.compile(r"^\s*(?:\(?\d{1,4}[.)、]|[①-⑳])(?=\s|$|[\[\"“《])\s*")
_MARKS = re.compile(r"^[\s★☆▲△●○■□◆◇▼▽✓✔√†‡+]+$")


def check_box(text: str) -> tuple[str | None, str]:
    """Return the state of a leading check box (None if there is none, else READ or "") and the rest."""
    match = _CHECK_BOX.match(text)
    if not match:
        return None, text
    ticked = (match["mark"] or "").strip() or match["box"] in ("☑", "✅", "☒")
    return (READ if ticked else ""), text[match.end() :]


def without_emoji(text: str) -> tuple[tuple[str, ...], str]:
    """Return the tags of the emoji and short codes in a text, and the text without them."""
    ascii_only = text.isascii()
    if ascii_only and text.count(":") < 2:
        return (), text
    tags = [_STARS.get(code, code) for code in _SHORT_CODE.findall(text)]
    bare = _SHORT_CODE.sub(" ", text) if tags else text
    if not ascii_only:
        tags += [_MEANINGS[mark] for mark in _EMOJI.findall(bare) if mark in _MEANINGS]
        bare = _EMOJI.sub(" ", bare)
    return tuple(dict.fromkeys(tags)), bare


def clean(text: str) -> str:
    """Return the text on one line without emoji, leading bullets and numbers."""
    return squeeze(unmarked(without_emoji(text)[1]))


def unmarked(text: str) -> str:
    """Return the text without leading bullets, numbers and punctuation."""
    return _LEADING.sub("", _NUMBER.sub("", _LEADING.sub("", text)))


def marks(text: str) -> tuple[str, ...]:
    """Return the signs of a cell with nothing but signs (`★ ●`), each a tag; () if it has words."""
    return tuple(dict.fromkeys(text.replace(" ", ""))) if text.strip() and _MARKS.match(text) else ()
