"""Write values as YAML, in enrich's single style; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from enrich.model import ENRICHED_FIELDS, OWN_FIELDS, Enriched, Entry, Link, Shape

if TYPE_CHECKING:
    from collections.abc import Iterable

# Characters that some YAML reader would reject, read as a line break, or show in another order.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\ufffb\ufffe\uffff]"
)
_OF_FLOW = re.compile(r"[,\[\]{}?]")
_ESCAPED = re.compile(_UNSAFE.pattern + r'|["\\]')
_SURROGATE = re.compile("[\ud800-\udfff]")
_SHORT_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
# Words and forms that YAML 1.1 or 1.2 reads as something other than text: https://yaml.org/type/
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_NUMBER_OR_DATE = re.compile(r"\d[\d_.:eE+\- \tTtZz]*|0[xXoObB][\da-fA-F_]*")
_DOI = re.compile(r"/10\.\d{4,9}/")
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?", re.ASCII)


def plain_or_quoted(text: str, *, flow: bool) -> str:
    """Return the text as a scalar: plain where every YAML reader gets the same text back, else double-quoted.

    Args:
        text: any text; lone surrogates, which no file can hold, must be gone (see `clean`).
        flow: whether it will be inside `[…]` or `{…}`.
    """
    return text if is_plain(text, flow=flow) else double_quoted(text)


def is_plain(text: str, *, flow: bool) -> bool:
    """Whether the text may be written without quotes."""
    return (
        text[:1].isalnum()
        and not text.endswith((" ", ":"))
        and ": " not in text
        and " #" not in text
        and text.lower() not in _WORDS
        and not _NUMBER_OR_DATE.fullmatch(text)
        and ((text.isascii() and text.isprintable()) or not _UNSAFE.search(text))
        and not (flow and _OF_FLOW.search(text))
    )


def double_quoted(text: str) -> str:
    """Return the text in double quotes, on one line."""
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def single_quoted(text: str) -> str:
    """Return the text in single quotes, or in double quotes if single ones cannot represent it on one line."""
    if _UNSAFE.search(text):
        return double_quoted(text)
    return "'" + text.replace("'", "''") + "'"


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return _SHORT_ESCAPES.get(character) or (
        f"\\x{ord(character):02X}" if character <= "\xff" else f"\\u{ord(character):04X}"
    )


def sequence(items: Iterable[str]) -> str:
    """Return `[A, B]` of rendered items."""
    return "[" + ", ".join(items) + "]"


def mapping(pairs: Iterable[tuple[str, str]]) -> str:
    """Return `{name: value}` of rendered values."""
    return "{" + ", ".join(f"{name}: {value}" for name, value in pairs) + "}"


def _texts(values: Iterable[str]) -> str:
    return sequence(plain_or_quoted(value, flow=True) for value in values)


def enriched_pairs(block: Enriched, *, flow: bool) -> list[tuple[str, str]]:
    """Return the fields that the block has, in the order of `ENRICHED_FIELDS`, each with its rendered value."""
    return [
        (name, _field(name, value, flow=flow))
        for name in ENRICHED_FIELDS
        if (value := getattr(block, name)) is not None and value not in ((), {})
    ]


def _field(name: str, value: str | int | tuple[str, ...] | Mapping[str, str], *, flow: bool) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return _texts(value)
    if not isinstance(value, str):
        return mapping((plain_or_quoted(k, flow=True), plain_or_quoted(v, flow=True)) for k, v in value.items())
    if ENRICHED_FIELDS.get(name) is Shape.CODE:
        return double_quoted(value)
    if ENRICHED_FIELDS.get(name) is Shape.DATE and _DATE.fullmatch(value):
        return value
    return plain_or_quoted(value, flow=flow)


def link(value: Link) -> str:
    """Return `{label: …, kind: …, url: …}`."""
    # A DOI may contain a `}` like any other character; what looks for links in the text would take the brace as part of
    # it.
    url = double_quoted(value.url) if _DOI.search(value.url) else plain_or_quoted(value.url, flow=True)
    pairs = [("kind", str(value.kind)), ("url", url)]
    if value.label:
        pairs.insert(0, ("label", plain_or_quoted(value.label, flow=True)))
    return mapping(pairs)


def _entry_pairs(entry: Entry, *, flow: bool) -> list[tuple[str, str]]:
    pairs = [("key", plain_or_quoted(entry.key, flow=flow)), ("type", str(entry.type))]
    for name in ("name", "title", "venue", "institutions", "sections", "tags", "remarks"):
        value = getattr(entry, name)
        if value:
            pairs.append((name, _field(name, value, flow=flow)))
    return pairs + enriched_pairs(entry.own, flow=flow)


def entry_lines(entry: Entry) -> list[str]:
    """Return the entry as an item of a block sequence: its lines, the first one beginning with `- `."""
    lines = [f"{name}: {value}" for name, value in _entry_pairs(entry, flow=False)]
    if entry.links:
        lines += ["links:", *(f"  - {link(each)}" for each in entry.links)]
    if entry.enriched is not None:
        inner = enriched_pairs(entry.enriched, flow=False)
        lines += ["enriched:", *(f"  {name}: {value}" for name, value in inner)] if inner else ["enriched: {}"]
    return [f"- {lines[0]}", *(f"  {line}" for line in lines[1:])]


def flow_entry(entry: Entry) -> str:
    """Return the entry as `{key: …, …}` on one line."""
    pairs = _entry_pairs(entry, flow=True)
    if entry.links:
        pairs.append(("links", sequence(link(each) for each in entry.links)))
    if entry.enriched is not None:
        pairs.append(("enriched", mapping(enriched_pairs(entry.enriched, flow=True))))
    return mapping(pairs)


def storable(block: Enriched) -> Enriched:
    """Return the block as it will be read back: without empty values and lone surrogates, which no file can store."""
    if all(_is_storable(getattr(block, name)) for name in ENRICHED_FIELDS):
        return block  # in most cases: a long list need not be stored twice
    return _cleaned(block, ENRICHED_FIELDS)


def _is_storable(value: object) -> bool:
    match value:
        case str():
            return value != "" and (value.isascii() or not _SURROGATE.search(value))
        case tuple():
            return all(map(_is_storable, value))
        case Mapping():
            return all(_is_storable(name) and _is_storable(text) for name, text in value.items())
    return True


def _cleaned(block: Enriched, names: Iterable[str]) -> Enriched:
    values: dict[str, Any] = {name: _clean(getattr(block, name)) for name in names}
    return Enriched(**values)


def _clean(value: object) -> object:
    match value:
        case str():
            return clean_text(value)
        case tuple():
            return clean_texts(value)
        case Mapping():
            pairs = ((clean_text(name), clean_text(text)) for name, text in value.items())
            return {name: text for name, text in pairs if name and text}
    return value


def clean_entry(entry: Entry) -> Entry:
    """Return the entry as it will be read back, without its place and its links' places."""
    return Entry(
        key=clean_text(entry.key) or "",
        type=entry.type,
        name=clean_text(entry.name),
        title=clean_text(entry.title),
        venue=clean_text(entry.venue),
        institutions=clean_texts(entry.institutions),
        sections=clean_texts(entry.sections),
        tags=clean_texts(entry.tags),
        remarks=clean_text(entry.remarks),
        links=tuple(clean_link(each) for each in entry.links),
        own=_cleaned(entry.own, OWN_FIELDS),
        enriched=entry.enriched and storable(entry.enriched),
    )


def clean_link(value: Link) -> Link:
    """Return the link as it will be read back, without its place."""
    return Link(clean_text(value.url) or "", value.kind, clean_text(value.label) or "")


def clean_text(text: str | None) -> str | None:
    """Return the text without lone surrogates; None if nothing is left."""
    return _SURROGATE.sub("\ufffd", text) or None if text else None


def clean_texts(values: Iterable[str]) -> tuple[str, ...]:
    """Return the texts without lone surrogates and empty ones."""
    return tuple(text for value in values if (text := clean_text(value)))
