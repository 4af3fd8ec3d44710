"""What of a title or a name counts when two are compared: words, the head of a title, its numerals."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module
from itertools import islice

from enrich.limits import normalize


def words_of(text: str) -> tuple[str, ...]:
    """The words of a list that is written as one text."""
    return tuple(text.split())


# LaTeX commands whose name is no part of the text: styles, sizes, quotes.
_STYLES = words_of(
    "emph bf bfseries it itshape sc scshape sf tt rm em textbf textit textsc textsf texttt textrm text textup textsl "
    "textnormal mathbf mathcal mathbb mathrm mathit mathsf mathtt mathfrak boldsymbol bm ensuremath mbox hbox "
    "textsuperscript textsubscript underline uppercase lowercase large small left right "
    "textquoteright textquoteleft textquotedblleft textquotedblright textendash textemdash textregistered "
    "texttrademark textcopyright times cdot rightarrow leftarrow to star ast dagger sqrt hat tilde bar "
    "vec overline"
)
_LETTERS = {
    "ss": "ß",
    "o": "ø",
    "l": "ł",
    "ae": "æ",
    "oe": "œ",
    "aa": "å",
    "i": "i",
    "j": "j",
    "ell": "l",
    "infty": "∞",
}
_GREEK = {
    name: unicodedata.lookup(f"GREEK SMALL LETTER {name}")
    for name in words_of(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lamda mu nu xi omicron pi rho sigma tau upsilon phi "
        "chi psi omega"
    )
}
_GREEK["lambda"] = _GREEK.pop("lamda")
_GREEK_NAMES = {letter: name for name, letter in _GREEK.items()}
# Letters that Unicode does not decompose.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "∞": "infty"}
)

_MARKS = re.compile("[™®©℠]")
_TAG = re.compile(
    r"</?(?:\w+:)?(?:i|b|u|p|a|em|strong|sub|sup|span|br|tt|code|small|scp|sc|italic|bold|title|font|math|m[a-z]+)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_LINE_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_LATEX_ACCENT = re.compile(r"\\[\"'`^~=.](?:(?=[{\\\w])|\s+(?=\{))|\\[cvuHkrdbt](?:\s*(?=\{)|\s+(?=\w\b))")
_LATEX_COMMAND = re.compile(r"\\([A-Za-z]+)\s*(\{\})?")
_LATEX_SYMBOL = re.compile(r"\\([#$%&_{}])")
_AMPERSAND = re.compile(r"(?<!\w)&|&(?!\w)")
_LONE_GREEK = re.compile(r"(?<![α-ω])[α-ω](?![α-ω])")
_APOSTROPHE = re.compile(r"(?<=\w)['’‘ʼ`´](?=\w)")
_RUN = r"(?:[^\W_]|[\u0900-\u0dff\u0e31-\u0e4e\u3099\u309a])+"
_WORD = re.compile(rf"{_RUN}(?:[+#]{{2,}}|[+#](?!\w))?")
PIECE = re.compile(rf"{_RUN}|{_AMPERSAND.pattern}")
"""A run of letters and digits, or an ampersand that is read as a word; folded one by one they are the folded text."""


def _command(match: re.Match[str]) -> str:
    name = match[1].lower()
    if name in _STYLES:
        return ""
    return _LETTERS.get(name) or _GREEK.get(name.removeprefix("var")) or name


@cache
def _fix_encoding() -> Callable[[str], str]:
    # Late: ftfy takes 50 ms to import, and most titles are ASCII.
    fix: Callable[[str], str] = import_module("ftfy").fix_encoding
    return fix


LONGEST = 4_000
"""Characters; what is longer is no title, and would only cost time."""


def plain(text: str) -> str:
    """The text without markup: mojibake repaired, HTML and LaTeX resolved, forms unified; cut at `LONGEST`."""
    text = text[:LONGEST]
    if not text.isascii():
        text = normalize("NFKC", _MARKS.sub("", _fix_encoding()(text)))[:LONGEST]
    if "&" in text:
        text = _MARKS.sub("", html.unescape(html.unescape(text)))
    if "<" in text:
        text = _TAG.sub("", _LINE_BREAK.sub("\n", text))
    if "\\" in text:
        text = _LATEX_SYMBOL.sub(r"\1", _LATEX_COMMAND.sub(_command, _LATEX_ACCENT.sub("", text)))
    return text


@lru_cache(maxsize=65536)
def tokens(text: str) -> tuple[str, ...]:
    """The words of a text as `fold` compares them: `FlashAttention-2: Faster` gives flashattention, 2, faster."""
    text = plain(text)
    text = re.sub(r"[{}$^ʼ]|(?<=\W)_|_(?=\W|\d)", "", text)
    text = _AMPERSAND.sub(" and ", _APOSTROPHE.sub("", text)).casefold()
    if not text.isascii():
        text = re.sub("[\u02bc\u0300-\u036f]", "", normalize("NFKD", text)).translate(_PLAIN)
        text = normalize("NFC", _LONE_GREEK.sub(lambda match: _GREEK_NAMES.get(match[0], "s"), text))
    return tuple(_WORD.findall(text))


def fold(text: str) -> str:
    r"""What of a text counts when titles or names are compared: its letters and digits, in lower case.

    Accents (`é` and `\'{e}` alike), LaTeX, HTML, case, punctuation and white space are folded away; letters of any
    script stay, and so do `+` and `#` at the end of a word, for C++ is not C. A lone Greek letter becomes its name.
    """
    return "".join(tokens(text))


_SEPARATOR = re.compile(r":(?=\s)|(?<=\w):(?=[A-Z])|\s[-–—|]+\s|—|[?!](?=\s)|\s-\s")


_MOST_CUTS = 16
"""A title with more separators is none, and not worth the time."""


def pieces(title: str) -> list[tuple[str, str]]:
    """The title cut in two at each of its separators, the separator left out, both parts with words."""
    text = plain(title)
    cuts = (
        (text[: found.start()].strip(), text[found.end() :].strip())
        for found in islice(_SEPARATOR.finditer(text), _MOST_CUTS)
    )
    return [(before, after) for before, after in cuts if fold(before) and fold(after)]


def head(title: str) -> str | None:
    """What stands before a title's first separator (`: `, ` - `, `? ` ...): a system's name or the main title.

    Returns:
        `FlexGen` for `FlexGen: High-Throughput ...`; None for a title of one piece.
    """
    cuts = pieces(title)
    return cuts[0][0] if cuts else None


_ROMAN = {
    roman: str(value)
    for value, roman in enumerate(
        words_of("i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx"), 1
    )
}
_COUNTED = words_of("part volume vol version phase type book chapter section class level stage series episode")


def numerals_of(words: tuple[str, ...]) -> tuple[str, ...]:
    """The numerals among the words of a text; see `numerals`."""
    found: list[str] = []
    for place, word in enumerate(words):
        follows = place > 0 and words[place - 1] in _COUNTED
        if word in _ROMAN and (len(word) > 1 or follows or 0 < place == len(words) - 1):
            found.append(_ROMAN[word])
        else:
            found.extend(run.lstrip("0") or "0" for run in re.findall(r"\d+", word))
    return tuple(found)


def numerals(text: str) -> tuple[str, ...]:
    """The numerals that make one title or name another work, in their order: digits, and roman ones as digits.

    `Llama 2`, `Llama-II` and `Llama2` give ("2",), `YOLOv3` gives ("3",), `GPT-3.5` gives ("3", "5"). A lone I, V or
    X counts at the end of the text and after words such as Part.
    """
    return numerals_of(tokens(re.sub(r"(?<=\d),(?=\d{3})", "", text)))
