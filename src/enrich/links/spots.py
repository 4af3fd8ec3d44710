"""Where a URL is written in a document, and how another one is written in its place; pure."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from enrich.links.kinds import is_bibtex, is_html, is_markdown, is_table
from enrich.text import bibtex, tables
from enrich.text.brackets import is_balanced

_START = re.compile(r"(?:https?|ftp)\\?:\\?/\\?/|(?<![\w/.])www\\?\.", re.IGNORECASE)
_RUN = re.compile(r"[^\s<>]*")
_SIGN = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])|(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w{2,31});)|.", re.DOTALL
)
_ENTITY_LIKE = re.compile(r"&(?=#?\w{1,31};)")
# No URL contains these unescaped: https://www.rfc-editor.org/rfc/rfc3986#appendix-A.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\"<>\\^`{}]|[\s\x80-\x9f\ufeff]")
_LATEX = re.compile(r"(?<!\\)[%_&#$]")
_VERBATIM_FIELDS = frozenset({"url", "pdf", "link", "file", "bdsk-url-1", "bdsk-url-2"})


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where a URL may be written, from `start` to `end`."""

    start: int
    end: int
    url: str


def spots(text: str, path: str, wanted: Collection[str]) -> list[list[Spot]]:
    """Return where a document may contain some URLs: for each place the ways to read it, the longest first."""
    if is_bibtex(path):
        return [[Spot(start, end, url)] for start, end, url in bibtex.urls_of(text) if url in wanted]
    keys = {url: url for url in wanted} | {
        url.removeprefix("http://"): url for url in wanted if url.startswith("http://www.")
    }
    lengths = sorted({len(key) for key in keys}, reverse=True)
    found: list[list[Spot]] = []
    behind = 0
    for match in _START.finditer(text):
        if match.start() >= behind and (ways := list(_ways(text, match.start(), keys, lengths))):
            found.append(ways)
            behind = ways[0].end
    return found


def _ways(text: str, start: int, keys: dict[str, str], lengths: list[int]) -> Iterator[Spot]:
    longest = lengths[0]
    run = _RUN.match(text, start, start + 12 * longest)
    raw = run[0] if run else ""
    readings: list[tuple[str, Sequence[int]]] = [(raw, range(start, start + len(raw) + 1))]
    if "&" in raw or "\\" in raw:
        readings += [_decoded(raw, start, backslashes=True), _decoded(raw, start, backslashes=False)]
    seen = set()
    for length in lengths:
        for shown, ends in readings:
            url = keys.get(shown[:length]) if len(shown) >= length else None
            if url and (spot := Spot(start, ends[length], url)) not in seen:
                seen.add(spot)
                yield spot


def _decoded(raw: str, start: int, *, backslashes: bool) -> tuple[str, list[int]]:
    """Return the visible text, and where each of its characters begins in the file, the end included."""
    shown: list[str] = []
    ends = [start]
    for match in _SIGN.finditer(raw):
        sign = match["escaped"] if backslashes and match["escaped"] else match[0]
        letters = html.unescape(sign) if match["entity"] else sign
        for place, letter in enumerate(letters, 1):
            shown.append(letter)
            ends.append(start + match.end() if place == len(letters) else ends[-1])
    return "".join(shown), ends


def percent_encoded(url: str) -> str:
    """Return the URL with characters percent-encoded that URLs cannot contain: spaces, quotes, braces."""
    return _FORBIDDEN.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), url)


def spellings(text: str, path: str, spot: Spot, url: str) -> list[str]:
    """Return how a URL may be written at a place, the likeliest way first."""
    if is_bibtex(path):
        return [_in_bibtex(text, spot, url)]
    if is_html(path):
        return [_in_html(url)]
    if is_table(path):
        return _in_table(text, spot, url)
    return list(dict.fromkeys(_in_markdown(text, spot, url))) if is_markdown(path) else [url]


def _in_table(text: str, spot: Spot, url: str) -> list[str]:
    """Write a URL that is a whole cell with and without quotes, as it may contain a delimiter."""
    around = text[max(0, spot.start - 1) : spot.start] + text[spot.end : spot.end + 1]
    return [url] if around.strip(tables.DELIMITERS + "\r\n") else [url, f'"{url}"']


def _in_markdown(text: str, spot: Spot, url: str) -> Iterator[str]:
    before, after = text[max(0, spot.start - 3) : spot.start], text[spot.end : spot.end + 1]
    is_target = before.endswith(("](", "](<", ": <")) or before.rstrip(" ").endswith("]:")
    safe = _ENTITY_LIKE.sub("&amp;", url).replace("|", "\\|")
    if not is_balanced(url, "()"):
        safe = re.sub(r"[()]", r"\\\g<0>", safe)
    if before.endswith(('"', "'", "=")):
        yield _in_html(url)
    elif is_target:
        yield safe
    yield url
    yield url.replace("|", "\\|")
    yield safe
    if not (before.endswith("<") and after == ">"):
        yield f"<{url}>"
        yield "<" + url.replace("|", "\\|") + ">"
    yield _in_html(url)


def _in_html(url: str) -> str:
    return html.escape(_ENTITY_LIKE.sub("&amp;", url).replace("&amp;", "&")).replace("|", "&#124;")


def _in_bibtex(text: str, spot: Spot, url: str) -> str:
    """Write a URL in the style of the old one: escaped, or as it is in a command or a field of URLs."""
    old = text[spot.start : spot.end]
    line = text[text.rfind("\n", 0, spot.start) + 1 : spot.start]
    name = line.partition("=")[0].rpartition(",")[2].strip().lower()
    is_verbatim = re.search(r"\\(?:url|href|path|nolinkurl)\s*\{$", line) is not None or name in _VERBATIM_FIELDS
    if "\\" in old or not (is_verbatim or _LATEX.search(old)):
        return _LATEX.sub(r"\\\g<0>", url)
    return url
