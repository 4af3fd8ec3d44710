r"""LaTeX in texts that people typed, as Unicode: accents, letters, dashes, styles. Formulas in `$...$` stay.

A table of our own: what titles and names hold is a few dozen commands, not documents with macros.
"""

from __future__ import annotations

import re
import unicodedata

from enrich.text.folding import split_words
from enrich.text.latex_letters import LETTERS

_COMBINING = dict(
    zip(
        "\"'`^~=.cvuHkrdb",
        "\u0308\u0301\u0300\u0302\u0303\u0304\u0307\u0327\u030c\u0306\u030b\u0328\u030a\u0323\u0331",
        strict=True,
    )
)
_NAMED = split_words(
    "textendash – textemdash — textquoteright ’ textquoteleft ‘ textquotedblleft “ textquotedblright ” "
    "textregistered ® texttrademark ™ textasciitilde ~ textbackslash \\"
)
_LETTERS = {**LETTERS, **dict(zip(_NAMED[::2], _NAMED[1::2], strict=True))}
_STYLES = "emph|text(?:it|bf|tt|sc|rm|sf|up|sl|normal)?|mbox|underline"

# An alternative is empty because of https://github.com/python/cpython/issues/106052.
FORMULA = re.compile(r"((?<!\\)\$\$?(?:[^$\\]|\\.)(?:[^$\\]++|\\.|)*+(?<!\\)\$\$?)", re.DOTALL)
"""A formula, which `split` keeps."""
# An accent with its letter: \'e \'{e} \'\i \c{c} \v s
_ACCENT = re.compile(
    r"\\(?:(?P<mark>[\"'`^~=.])\s{0,3}(?:\{\s{0,3}(?P<a>\\?[A-Za-z])\s{0,3}\}|(?P<b>\\[ij](?![A-Za-z])|[A-Za-z]))"
    r"|(?P<word>[cvuHkrdb])(?:\s{0,3}\{\s{0,3}(?P<c>\\?[A-Za-z])\s{0,3}\}|\s{1,3}(?P<d>[A-Za-z])(?![A-Za-z])))"
)
_LETTER = re.compile(rf"\\(?P<name>{'|'.join(sorted(_LETTERS, key=len, reverse=True))})(?![A-Za-z])(?:\{{\}}|\s)?")
_GROUP = re.compile(r"\{([^\x00-\x7f])\}")  # Braces around a former accent: {\'e}
_STYLED = re.compile(
    rf"\\(?:{_STYLES})\{{(?P<inside>[^{{}}\\$]*)\}}|\{{\\(?:em|it|bf|tt|sc|rm|sf)\s(?P<group>[^{{}}\\$]*)\}}"
)
_SYMBOL = re.compile(r"\\([&%#_{}])")
_DASH = re.compile(r"(?<=[^\W_])--(?=[^\W_])")
_MARKED = re.compile(r"[\\`]")


_PROTECTED = re.compile(r"\{{1,4}([^\W\d_a-z][\w+-]{0,60})\}{1,4}", re.ASCII)
_TIE = re.compile(r"(?<=[^\W\d_])~(?=[^\W\d_])")


def without_protection(title: str) -> str:
    """Return a title without the braces that protect capitals, and without ties: `{BERT}`, `Fig.~x`."""
    parts = FORMULA.split(title)
    outside = (_TIE.sub(" ", _PROTECTED.sub(r"\1", part)) for part in parts[::2])
    return "".join(next(outside) if number % 2 == 0 else part for number, part in enumerate(parts))


def to_unicode(text: str) -> str:
    """Return the text with LaTeX outside formulas as Unicode; unknown commands stay."""
    if not _MARKED.search(text):
        return text
    parts = FORMULA.split(text)
    return "".join(part if number % 2 else _outside(part) for number, part in enumerate(parts))


def _outside(text: str) -> str:
    before = text
    text = _ACCENT.sub(_accented, text)
    text = _LETTER.sub(lambda match: _LETTERS[match["name"]], text)
    text = _GROUP.sub(r"\1", text)
    for _ in range(3):  # one style inside another
        text = _STYLED.sub(lambda match: match["inside"] or match["group"] or "", text)
    text = _SYMBOL.sub(r"\1", text)
    text = re.sub(r"``([^`']{1,300})''", "\u201c\\1\u201d", text)
    if text != before:
        text = _DASH.sub("\u2013", text)
    return text


def _accented(match: re.Match[str]) -> str:
    letter = (match["a"] or match["b"] or match["c"] or match["d"] or "").removeprefix("\\")
    one = unicodedata.normalize("NFC", letter + _COMBINING[match["mark"] or match["word"]])
    return one if len(one) == 1 else match[0]
