"""Convert HTML, JATS and MathML in titles and abstracts, as publishers deposit them, to text."""

from __future__ import annotations

import re
from html import unescape

# An alternative is empty because of https://github.com/python/cpython/issues/106052.
_ATTRIBUTES = r"(?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>]+)|)*+\s*/?"
_FORMULA = re.compile(
    r"<(?P<tag>(?:jats:)?(?:alternatives|inline-formula|disp-formula))\b[^<>]*>(?P<inside>(?:[^<]++|<(?!/(?P=tag))|)*+)(?:</(?P=tag)\s*>)?",
    re.DOTALL | re.IGNORECASE,
)
_TEX = re.compile(r"<(?:jats:)?tex-math\b[^<>]*>(?P<tex>[^<]*)", re.IGNORECASE)
_DOCUMENT = re.compile(r"\\begin\{document\}(?P<body>.*?)(?:\\end\{document\}|$)", re.DOTALL)
_ANNOTATION = re.compile(r"<(?:mml:)?annotation\b[^<>]*>[^<]*</(?:mml:)?annotation\s*>", re.IGNORECASE)
_BLOCK = re.compile(rf"</?(?:jats:)?(?:p|title|sec|br|div|list|list-item|li|ul|ol|label){_ATTRIBUTES}>", re.IGNORECASE)
INLINE_TAGS = "i|b|u|em|tt|sc|scp|sub|sup|inf|strong|span|font|italic|bold|monospace|roman|a|math|m[a-z]+"
"""A pattern of the elements in titles: styles, and MathML."""
_INLINE = re.compile(
    rf"</?(?:(?:jats|mml|xref|tex):[\w-]{{1,50}}|{INLINE_TAGS}"
    r"|inline-formula|inline-graphic|named-content|ext-link|semantics|tex-math|alternatives)"
    rf"{_ATTRIBUTES}>",
    re.IGNORECASE,
)


def to_text(text: str) -> str:
    """Return the text without tags and entities; of a formula in both TeX and MathML, the TeX."""
    if "<" in text or "&lt;" in text:
        text = _tagless(text)
    if "&" in text:
        text = unescape(unescape(text))
        if "<" in text:  # escaped tags
            text = _tagless(text)
    return text


def _tagless(text: str) -> str:
    text = _ANNOTATION.sub("", _FORMULA.sub(_one_form, text))
    return _INLINE.sub("", _BLOCK.sub(" ", text))


def _one_form(match: re.Match[str]) -> str:
    tex = _TEX.search(match["inside"])
    if tex is None:
        return match["inside"]
    document = _DOCUMENT.search(tex["tex"])
    body = (document["body"] if document else tex["tex"]).strip().strip("$").strip()
    return f"${body}$" if body else _TEX.sub("", match["inside"])
