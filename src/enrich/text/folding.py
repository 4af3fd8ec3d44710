"""Folding: the normal form in which texts are compared."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from importlib import import_module
from typing import Literal

from enrich.text.latex_letters import LETTERS
from enrich.text.markup import INLINE_TAGS


def split_words(text: str) -> tuple[str, ...]:
    """Return the words of a list that is written as one text."""
    return tuple(text.split())


def word_set(text: str) -> frozenset[str]:
    """Return the words of a set that is written as one text."""
    return frozenset(text.split())


def split_table(text: str) -> dict[str, str]:
    """Return word -> meaning of a table that is written with one meaning a line: `meaning: word, several words`."""
    rows = (line.split(":", 1) for line in text.strip().splitlines())
    return {word.strip(): meaning.strip() for meaning, words in rows for word in words.split(",")}


_MOST_MARKS = 100
_RUN_OF_MARKS = re.compile(rf"[^\w\x00-\x7f]{{{_MOST_MARKS + 1},}}")  # combining marks, and symbols beyond ASCII


def normalize(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """Return the text in a Unicode normal form, in linear time; of a run of combining marks, the first 100 stay.

    `unicodedata.normalize` takes quadratic time to sort the marks of one letter, 9 seconds for 80,000 of them. Normal
    texts have a few (https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format allows 30).
    """
    return unicodedata.normalize(form, _RUN_OF_MARKS.sub(lambda run: run[0][:_MOST_MARKS], text))


# LaTeX commands whose names are not part of the text: styles, sizes, quotes.
_STYLES = split_words(
    "emph bf bfseries it itshape sc scshape sf tt rm em textbf textit textsc textsf texttt textrm text textup textsl "
    "textnormal mathbf mathcal mathbb mathrm mathit mathsf mathtt mathfrak boldsymbol bm ensuremath mbox hbox "
    "textsuperscript textsubscript underline uppercase lowercase large small left right "
    "textquoteright textquoteleft textquotedblleft textquotedblright textendash textemdash textregistered "
    "texttrademark textcopyright times cdot rightarrow leftarrow to star ast dagger sqrt hat tilde bar "
    "vec overline"
)
_LETTERS = {**{name.lower(): letter.lower() for name, letter in LETTERS.items()}, "ell": "l", "infty": "∞"}
_GREEK = {
    name: unicodedata.lookup(f"GREEK SMALL LETTER {name}")
    for name in split_words(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lamda mu nu xi omicron pi rho sigma tau upsilon phi "
        "chi psi omega"
    )
}
_GREEK["lambda"] = _GREEK.pop("lamda")
_GREEK_NAMES = {letter: name for name, letter in _GREEK.items()}
# Letters that Unicode does not decompose.
_PLAIN = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ħ": "h",
        "ı": "i",
        "ȷ": "j",
        "ð": "d",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ŋ": "ng",
        "∞": "infty",
    }
)

_MARKS = re.compile("[™®©℠]")
_TAG = re.compile(rf"</?(?:\w+:)?(?:{INLINE_TAGS}|p|br|code|small|title)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_LINE_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_LATEX_ACCENT = re.compile(r"\\[\"'`^~=.](?:(?=[{\\\w])|\s+(?=\{))|\\[cvuHkrdbt](?:\s*(?=\{)|\s+(?=\w\b))")
_LATEX_COMMAND = re.compile(r"\\([A-Za-z]+)(\s*)(\{\})?")
_LATEX_SYMBOL = re.compile(r"\\([#$%&_{}])")
_AMPERSAND = re.compile(r"(?<!\w)&|&(?!\w)")
_LONE_GREEK = re.compile(r"(?<![α-ω])[α-ω](?![α-ω])")
_APOSTROPHE = re.compile(r"(?<=\w)['’‘ʼ`´](?=\w)")
_RUN = r"(?:[^\W_]|[\u0900-\u0dff\u0e31-\u0e4e\u3099\u309a])+"
_WORD = re.compile(rf"{_RUN}(?:[+#]{{2,}}|[+#](?!\w))?")
PIECE = re.compile(rf"{_RUN}|{_AMPERSAND.pattern}")
"""A run of letters and digits, or an ampersand read as a word; folded one by one they make the folded text."""


def _command(match: re.Match[str]) -> str:
    name = match[1].lower()
    if name in _STYLES:
        return ""
    # The space after the command of a letter is dropped; after an unknown command it separates words.
    return _LETTERS.get(name) or _GREEK.get(name.removeprefix("var")) or name + match[2]


def fix_encoding(text: str) -> str:
    """Return the text with its mojibake repaired."""
    # Imported late: ftfy takes 50 ms to import, and most titles are ASCII.
    repaired: str = import_module("ftfy").fix_encoding(text)
    return repaired


def without_accents(text: str) -> str:
    """Return the text without combining marks; letters of other scripts stay."""
    return "".join(letter for letter in normalize("NFKD", text) if not unicodedata.combining(letter))


_LONGEST = 4_000
"""Characters; a longer text is not a title, and would only cost time."""


def without_markup(text: str) -> str:
    """Return the text without markup: mojibake repaired, HTML and LaTeX resolved, forms unified; cut at 4,000."""
    text = text[:_LONGEST]
    if not text.isascii():
        text = normalize("NFKC", _MARKS.sub("", fix_encoding(text)))[:_LONGEST]
    if "&" in text:
        text = _MARKS.sub("", html.unescape(html.unescape(text)))
    if "<" in text:
        text = _TAG.sub("", _LINE_BREAK.sub("\n", text))
    if "\\" in text:
        text = _LATEX_SYMBOL.sub(r"\1", _LATEX_COMMAND.sub(_command, _LATEX_ACCENT.sub("", text)))
    return text


@lru_cache(maxsize=8192)
def tokens(text: str) -> tuple[str, ...]:
    """Return the words of a text as joined by `fold`: `FlashAttention-2: Faster` gives flashattention, 2, faster."""
    text = without_markup(text)
    text = re.sub(r"[{}$^ʼ]|(?<=\W)_|_(?=\W|\d)", "", text)
    text = _AMPERSAND.sub(" and ", _APOSTROPHE.sub("", text)).casefold()
    if not text.isascii():
        text = re.sub("[\u02bc\u0300-\u036f]", "", normalize("NFKD", text)).translate(_PLAIN)
        text = normalize("NFC", _LONE_GREEK.sub(lambda match: _GREEK_NAMES.get(match[0], "s"), text))
    return tuple(_WORD.findall(text))


def fold(text: str) -> str:
    r"""Return a text in the form in which titles and names are compared: its letters and digits, in lower case.

    Accents (`é` and `\'{e}` alike), LaTeX, HTML, case, punctuation and white space are removed. Letters of any script
    stay, and so do `+` and `#` at the end of a word, as C++ is not C. A single Greek letter becomes its name.
    """
    return "".join(tokens(text))
