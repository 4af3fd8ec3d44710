"""BibTeX as text: the meaning of its values, and the places of its fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pybtex.bibtex.utils import split_name_list
from pybtex.exceptions import PybtexError
from pybtex.richtext import Text

from enrich.text import latex
from enrich.text.dates import MONTHS
from enrich.text.spacing import squeeze
from enrich.text.urls import trim_url

# Characters that LaTeX writes as commands; they are replaced while the rest is decoded.
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
"""The placeholder of a formula while the text around it is decoded."""
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
    """Return the names in a field `author`, as written."""
    return tuple(split_name_list(value))


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an entry: its name, and the places of the name and the value in the file.

    `value` is the text between braces or quotes, or a bare word or number; None for a macro or a sum of parts.
    """

    name: str
    begin: int
    start: int
    end: int
    value: str | None


@dataclass(frozen=True, slots=True)
class BibtexEntry:
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
_LITERAL = re.compile(rf"\d+|{'|'.join(MONTHS)}", re.IGNORECASE)


_COMMENT = re.compile(r"^[ \t]*%.*|(?<=,)[ \t]*%.*")
_BRACE = re.compile(r"(?<!\\)[{}]")


def without_comments(text: str) -> str:
    """Return a file with spaces in place of text commented out with `%`, and all other characters in their places.

    BibTeX has no such comments outside of entries, and fails on them inside; biber skips them.
    """
    if "%" not in text:
        return text
    lines, depth = [], 0
    for line in text.split("\n"):
        # Deeper than a field, a percent sign is part of the field's value.
        shown = _COMMENT.sub(lambda match: " " * len(match[0]), line) if depth <= 1 and "%" in line else line
        depth = max(0, depth + sum(1 if brace == "{" else -1 for brace in _BRACE.findall(shown)))
        depth = 0 if _HEAD.match(shown.lstrip()) and depth > 1 else depth
        lines.append(shown)
    return "\n".join(lines)


def items_of(text: str) -> Iterator[BibtexEntry]:
    """Yield the entries of a BibTeX file with the places of their fields; malformed ones are skipped."""
    text = without_comments(text)
    blocks = ((match.start(), _value_end(text, match.end())) for match in _BLOCK.finditer(text))
    skipped = [(begin, end) for begin, end in blocks if end]
    place = 0
    while match := _HEAD.search(text, place):
        place = next((end for begin, end in skipped if begin <= match.start() < end), match.end())
        if place == match.end():
            fields, end = _fields(text, place)
            if _CLOSED.match(text, end):
                place = end
                yield BibtexEntry(match[1], match.start(1), match[3], tuple(fields), end)


def _fields(text: str, place: int) -> tuple[list[Field], int]:
    """Return the fields from a place on, and the place after the last of them."""
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
    """Return the place after one part of a value; None if there is none."""
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


# What LaTeX requires before a special character, and the ways to write a tilde.
_TILDE = r"\\textasciitilde(?:\{\}|\s(?=\S)|(?![A-Za-z]))|\{\\textasciitilde\}|\\~\{\}|\$\\sim\$"
_URL_SIGN = re.compile(rf"(?P<tilde>{_TILDE})|\{{?\\(?P<sign>[%_&#$~])\}}?|(?P<plain>[^\s{{}}<>\"\\])")
_URL_START = re.compile(r"https?:(?:\{?\\?/\}?){2}", re.IGNORECASE)


def urls_of(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the URLs in the fields of a file: start, end, and the URL without LaTeX."""
    for item in items_of(text):
        for field in item.fields:
            if field.value is not None:
                for start, end, url in urls_in(text[field.start : field.end]):
                    yield field.start + start, field.start + end, url


def urls_in(value: str) -> Iterator[tuple[int, int, str]]:
    """Yield the URLs in a value: start, end, and the URL without LaTeX."""
    place = 0
    while match := _URL_START.search(value, place):
        signs, ends = [], [match.start()]
        while sign := _URL_SIGN.match(value, ends[-1]):
            signs.append("~" if sign["tilde"] else sign["sign"] or sign["plain"])
            ends.append(sign.end())
        whole = "".join(signs)
        # A URL that fills its braces ends with them; any other ends where a sentence lets it end.
        is_filled = value[: match.start()].endswith("{") and value[ends[-1] : ends[-1] + 1] == "}"
        url = whole if is_filled else trim_url(whole, parentheses_end_it=True)
        place = max(ends[-1], match.end())
        if len(url) > len("https://"):
            yield match.start(), ends[len(url)], url


def outline(text: str) -> Iterator[str]:
    """Yield the entries and fields of a file in order, each value without its URLs."""
    for item in items_of(text):
        yield f"@{item.kind}{{{item.key}"
        for field in item.fields:
            kept, place = [], field.start
            for start, end, _ in urls_in(text[field.start : field.end]):
                kept.append(text[place : field.start + start])
                place = field.start + end
            yield f"{field.name} = {''.join(kept)}{text[place : field.end]}"
