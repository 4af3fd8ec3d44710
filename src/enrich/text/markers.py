"""The parts of a Markdown document that enrich writes, from `<!-- enrich:begin NAME -->` to `<!-- enrich:end -->`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from enrich.text.markdown import markdown_parser

_MARKER = re.compile(r"<!--[ \t]{0,9}enrich:(?P<word>begin|end)(?P<rest>(?:[ \t][^\r\n]{0,500}?)?)[ \t]{0,9}-->")
_OPTION = re.compile(r"""\s+(?P<name>[A-Za-z][\w-]{0,40})=(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>\S+))""")
_NAME = re.compile(r"\s*(?P<name>[^\s=]+)(?=\s|$)")
_PREFIX = re.compile(r"[ \t>]*")
_BREAK = re.compile(r"\r\n|\r|\n")


class MarkerError(ValueError):
    """Markers that do not match; `line` is where."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Region:
    """A part between two markers.

    Attributes:
        name: What the part shows.
        options: How, by name.
        line: The line of the first marker.
        start: Where the part begins, after the first marker.
        end: Where the second marker begins.
        is_block: Whether both markers have lines of their own.
        prefix: What each line of the part begins with, as it is in a quotation or a list.
        line_break: The line break of the document there.
    """

    name: str
    options: Mapping[str, str]
    line: int
    start: int
    end: int
    is_block: bool
    prefix: str = ""
    line_break: str = "\n"

    def filled(self, content: str) -> str:
        """Return the text between the markers."""
        lines = content.strip("\n").split("\n") if content.strip("\n") else []
        if not self.is_block:
            return " ".join(filter(None, map(str.strip, lines)))
        body = ["", *lines, ""] if lines else []
        # In a quotation, a line without its sign would end the quotation.
        written = [(self.prefix + line).rstrip() if line or ">" in self.prefix else "" for line in body]
        return self.line_break + "".join(f"{line}{self.line_break}" for line in written) + self.prefix


@dataclass(slots=True)
class _Marker:
    is_begin: bool
    rest: str
    start: int
    end: int
    line: int = field(default=0)


def regions(text: str) -> tuple[Region, ...]:
    """Return the parts of a Markdown document; markers in code are text.

    Raises:
        MarkerError: A marker has no partner, is inside another part, or is there twice.
    """
    found: list[Region] = []
    begin: _Marker | None = None
    seen: dict[str, int] = {}
    for marker in _markers(text):
        if marker.is_begin:
            if begin is not None:
                raise MarkerError(marker.line, f"enrich:begin inside the part that begins on line {begin.line}")
            key = " ".join(marker.rest.split())
            if key in seen:
                raise MarkerError(marker.line, f"`{key}` is on line {seen[key]} already; keep one of the two")
            seen[key] = marker.line
            begin = marker
        elif begin is None:
            raise MarkerError(marker.line, "enrich:end without an enrich:begin before it")
        else:
            found.append(_region(text, begin, marker))
            begin = None
    if begin is not None:
        raise MarkerError(begin.line, "enrich:begin without an enrich:end after it")
    return tuple(found)


def without_regions(text: str) -> str:
    """Return a document without what enrich wrote into it; every other line keeps its number."""
    if "enrich:begin" not in text:
        return text
    try:
        found = regions(text)
    except MarkerError:
        return text
    parts, place = [], 0
    for region in found:
        parts += [text[place : region.start], "\n" * text.count("\n", region.start, region.end)]
        place = region.end
    return "".join((*parts, text[place:]))


def _region(text: str, begin: _Marker, end: _Marker) -> Region:
    name = _NAME.match(begin.rest)
    if name is None:
        raise MarkerError(begin.line, "enrich:begin needs a name, such as `<!-- enrich:begin table -->`")
    options: dict[str, str] = {}
    place = name.end()
    while match := _OPTION.match(begin.rest, place):
        options[match["name"]] = next(filter(None, (match["double"], match["single"], match["bare"])), "")
        place = match.end()
    if rest := begin.rest[place:].strip():
        raise MarkerError(begin.line, f"not an option: `{rest[:60]}`; write `name=value`")
    line_start = max(text.rfind("\n", 0, begin.start), text.rfind("\r", 0, begin.start)) + 1
    prefix = _PREFIX.match(text, line_start)
    lead = prefix[0] if prefix else ""
    after = _BREAK.search(text, end.end)
    alone = line_start + len(lead) == begin.start and not text[end.end : after.start() if after else len(text)].strip()
    between = text[begin.end : end.start]
    line_break = _BREAK.search(text, begin.end) or _BREAK.search(text)
    first_line = _BREAK.split(between, maxsplit=1)[0]
    is_block = alone and not first_line.strip() if _BREAK.search(between) else alone
    return Region(
        name["name"],
        options,
        begin.line,
        begin.end,
        end.start,
        is_block,
        lead,
        line_break[0] if line_break else "\n",
    )


def _markers(text: str) -> Iterator[_Marker]:
    """Yield the markers that are comments: a number in a comment is not visible in the rendered document."""
    written = [
        _Marker(match["word"] == "begin", match["rest"], match.start(), match.end()) for match in _MARKER.finditer(text)
    ]
    if not written:
        return
    parts, place = [], 0
    for number, marker in enumerate(written):
        parts += [text[place : marker.start], f"<!-- enrich:{number}: -->"]
        place = marker.end
    comments = set(re.findall(r"<!-- enrich:(\d+): -->", "".join(_comments("".join((*parts, text[place:]))))))
    line, place = 1, 0
    for number, marker in enumerate(written):
        line += sum(1 for _ in _BREAK.finditer(text, place, marker.start))
        place = marker.start
        if str(number) in comments:
            marker.line = line
            yield marker


@cache
def _parser() -> MarkdownIt:
    return markdown_parser(autolinks=False, indented_code=True)


def _comments(text: str) -> Iterator[str]:
    for token in _parser().parse(_BREAK.sub("\n", text.removeprefix("\ufeff"))):
        yield from _html_of(token.children or [token])


def _html_of(tokens: Sequence[Token]) -> Iterator[str]:
    return (token.content for token in tokens if token.type in ("html_block", "html_inline"))
