"""BibTeX as text: what its values say, and where the fields of a file stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pybtex.bibtex.utils import split_name_list
from pybtex.exceptions import PybtexError
from pybtex.richtext import Text

from enrich.text import latex
from enrich.text.spacing import squeeze

# Characters that LaTeX writes as commands; they are set aside while the rest is decoded.
_SYMBOLS = {
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textbackslash": "\\",
    "textbraceleft": "{",
    "textbraceright": "}",
}
_SYMBOL = re.compile(rf"\\({'|'.join(_SYMBOLS)}|[${{}}])(?:(?<=[a-z])(?:\{{\}}|\s|(?![A-Za-z])))?")
_PRIVATE = 0xE000
_SET_ASIDE = "\ue0ff"
"""What stands for a formula while the text around it is decoded."""
_KEPT = re.compile("[\ue000-\ue07f]")


def plain_value(text: str) -> str:
    """Return a field's text without LaTeX, its formulas as they are."""
    formulas = iter(latex.FORMULA.findall(text))
    kept = _SYMBOL.sub(
        lambda match: chr(_PRIVATE + ord(_SYMBOLS.get(match[1], match[1]))), latex.FORMULA.sub(_SET_ASIDE, text)
    )
    try:
        decoded = str(Text.from_latex(kept)) if "\\" in kept else kept
    except (PybtexError, UnicodeDecodeError):  # a brace without its partner, a backslash at the end
        decoded = kept
    bare = squeeze(re.sub(r"[{}]", "", decoded).replace("~", " "))
    shown = _KEPT.sub(lambda match: chr(ord(match[0]) - _PRIVATE), bare)
    return re.sub(_SET_ASIDE, lambda _: squeeze(next(formulas, "")), shown)


def names_in(value: str) -> tuple[str, ...]:
    """Return the names of a field `author`, as they are written there."""
    return tuple(split_name_list(value))


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an entry: its name, and the places in the file where the name begins and where its value is.

    `value` is what stands between braces or quotes, or a bare word or number; None where a macro or a sum of parts
    stands for it.
    """

    name: str
    begin: int
    start: int
    end: int
    value: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a file: its type with its place, its key, its fields in order, and where the last of them ends."""

    kind: str
    begin: int
    key: str
    fields: tuple[Field, ...]
    end: int


_HEAD = re.compile(r"@[ \t]*(\w{1,40})\s{0,9}([{(])\s{0,99}([^\s,{}()\"]{1,300})\s{0,99}(?=[,})])")
_NAME = re.compile(r"\s*+,\s*+([^\s,={}()\"#%'@]{1,100})\s*+=\s*+")
_WORD = re.compile(r"[^\s,{}()\"#]{1,300}")
_JOINT = re.compile(r"\s*+#\s*+")
_DELIMITER = re.compile(r'[{}"]')
_CLOSED = re.compile(r"\s*+,?\s*+[})]")
_BLOCK = re.compile(r"@[ \t]*(?:comment|string|preamble)\s{0,9}(?=\{)", re.IGNORECASE)
_LITERAL = re.compile(r"\d+|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", re.IGNORECASE)


def items_of(text: str) -> Iterator[Item]:
    """Yield the entries of a BibTeX file with the places of their fields; what is malformed is passed over."""
    blocks = ((match.start(), _value_end(text, match.end())) for match in _BLOCK.finditer(text))
    skipped = [(begin, end) for begin, end in blocks if end]
    place = 0
    while match := _HEAD.search(text, place):
        place = next((end for begin, end in skipped if begin <= match.start() < end), match.end())
        if place == match.end():
            fields, end = _fields(text, place)
            if _CLOSED.match(text, end):
                place = end
                yield Item(match[1], match.start(1), match[3], tuple(fields), end)


def _fields(text: str, place: int) -> tuple[list[Field], int]:
    """Return the fields from a place on, and the place behind the last of them."""
    found: list[Field] = []
    while match := _NAME.match(text, place):
        parts = 0
        end = place = match.end()
        value: str | None = None
        while (after := _value_end(text, place)) is not None:
            raw = text[place:after]
            value = raw[1:-1] if raw[0] in '{"' else raw if _LITERAL.fullmatch(raw) else None
            parts, end = parts + 1, after
            joint = _JOINT.match(text, after)
            if joint is None:
                break
            place = joint.end()
        if not parts:
            break
        found.append(Field(match[1].lower(), match.start(1), match.end(), end, value if parts == 1 else None))
        place = end
    return found, place


def _value_end(text: str, place: int) -> int | None:
    """Return the place behind one part of a value; None where there is none."""
    if text[place : place + 1] not in ("{", '"'):
        word = _WORD.match(text, place)
        return word.end() if word else None
    quoted = text[place] == '"'
    depth = 0
    for match in _DELIMITER.finditer(text, place + (1 if quoted else 0)):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if (quoted and match[0] == '"' and depth == 0) or (not quoted and match[0] == "}" and depth == 0):
            return match.end()
        if depth < 0:
            return None
    return None
