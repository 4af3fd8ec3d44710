"""White space, and texts without a meaning."""

from __future__ import annotations

import re

SPACE = re.compile(r"[\s\u00a0\u3000\u200b\ufeff]+")
_NOTHING = re.compile(
    r"(?:null|none|nil|nan|n/?a|tbd|tba|unknown|not available|coming soon"
    r"|[-–—−―_/\\.*✗✘❌×xX?？]+|暂无|尚未开源|无|未知)?",
    re.IGNORECASE,
)
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def squeeze(text: str) -> str:
    """Return the text on one line with single spaces, for white space of every kind (ideographic, too)."""
    return " ".join(text.split()) if text.isascii() else SPACE.sub(" ", text).strip()


def is_nothing(text: str) -> bool:
    """Whether a text means an empty one: `null`, `N/A`, a dash, ideographic spaces."""
    return _NOTHING.fullmatch(squeeze(text)) is not None


def length(text: str) -> int:
    """Return the number of words of a text; two ideographs count as one."""
    if text.isascii():
        return len(text.split())
    ideographs = len(_IDEOGRAPH.findall(text))
    return len(_IDEOGRAPH.sub(" ", text).split()) + (ideographs + 1) // 2


def has_ideographs(text: str) -> bool:
    """Whether a text has Chinese or Japanese letters."""
    return _IDEOGRAPH.search(text) is not None
