"""Replace single scalars in the text of a catalog: URLs of links, and titles; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from enrich.catalog.nodes import CatalogError, MappingNode, Node, Scalar, SequenceNode
from enrich.catalog.reading import Catalog, CatalogReader
from enrich.catalog.rendering import clean_text, double_quoted, plain_or_quoted, single_quoted
from enrich.catalog.slots import Slot, parts
from enrich.catalog.splicing import Edit, hashes, in_order, require_known, require_unshared, spliced
from enrich.catalog.verifying import compared, verified

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from enrich.catalog.text import Text
    from enrich.model import Entry, Place

_TAG = re.compile(r"!\S*\s*")
_HEADER = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)")
_INDENT = re.compile(r"^ *(?=[^ \r\n])", re.MULTILINE)


def with_scalars(catalog: Catalog, urls: Mapping[Place, str], titles: Mapping[str, str] | None = None) -> str:
    """Return the catalog's text with URLs and titles replaced, in their quoting style where it can hold them.

    Args:
        catalog: What `load` or `parse` gave.
        urls: New URLs by the places of the links (`Link.place`).
        titles: New titles, each on one line, by the keys of entries that have one.

    Raises:
        CatalogError: No link is at a place, an entry has no title, it shares parts with others, or the text is none
            that can be written there.
    """
    titles = titles or {}
    require_known(catalog, titles)
    _require_writable([*urls.items(), *titles.items()])
    edits: list[Edit] = []
    expected: dict[str, tuple[int, int, int]] = {}
    slots = dict(zip((entry.key for entry in catalog.entries), catalog.slots, strict=True))
    for entry, node, changes in _changes(catalog, urls, titles):
        slot = slots[entry.key]
        require_unshared(entry, slot)
        edits += [_replaced(catalog.source, scalar, value) for scalar, value in changes]
        rest, links, _block = parts(node)
        expected[entry.key] = rest, links, slot.enriched

    def holds(_: Entry, slot: Slot, old: Entry, was: Slot) -> bool:
        return hashes(slot) == expected.get(old.key, hashes(was))

    def differences(reading: CatalogReader) -> Iterator[Place | None]:
        return compared(catalog, reading, holds)

    return str(verified(catalog, spliced(catalog.source, in_order(edits)), differences))


def _require_writable(values: Iterable[tuple[object, str]]) -> None:
    """Check that values are texts of one line, as URLs and titles are.

    Raises:
        CatalogError: One of them is not.
    """
    for where, value in values:
        if not value or clean_text(value) != value or len(value.splitlines()) > 1:
            raise CatalogError(f"{where}: {value!r} is not a URL or title")


def _changes(
    catalog: Catalog, urls: Mapping[Place, str], titles: Mapping[str, str]
) -> Iterator[tuple[Entry, MappingNode, list[tuple[Scalar, str]]]]:
    """Yield each entry that changes, with its node, and the scalars in it with their new values.

    Raises:
        CatalogError: No link is at a place, or an entry has no title.
    """
    left = dict(urls)
    reading = CatalogReader(catalog.source, str(catalog.path))
    for entry, _, node in reading.entries():
        places = [each.place for each in entry.links if each.place in left]
        changes = [(_at(node, reading.lines.offset(place)), left.pop(place)) for place in places]
        if entry.key in titles:
            changes.append((_title(entry, node), titles[entry.key]))
        if changes:
            yield entry, node, changes
    if left:
        place = next(iter(left))
        raise CatalogError(f"{place}: no link URL in column {place.column}; read the catalog again")


def _replaced(text: Text, scalar: Scalar, value: str) -> Edit:
    """Return the edit that gives a scalar another value; the scalar is changed as it will be read back."""
    start, style = scalar.start, scalar.style
    written = text[start : scalar.end]
    if tag := _TAG.match(written):
        start, written = start + tag.end(), written[tag.end() :]
    if style in ("|", ">") and (header := _HEADER.match(written)):
        # The header stays with its comment, and the empty lines after the text, which may be significant.
        first = _INDENT.search(written[header.end() :].replace("\r", "\n"))
        indent = len(first[0]) - _margin(scalar.value) if first else 0
        end = start + len(written.rstrip("\r\n"))
        scalar.value = value + "\n" * (len(scalar.value) - len(scalar.value.rstrip("\n")))
        return start + header.end(), end, " " * indent + value
    quoted = {"'": single_quoted, '"': double_quoted}.get(style)
    new = quoted(value) if quoted else plain_or_quoted(value, flow=scalar.flow)
    scalar.value, scalar.plain = value, scalar.plain and new == value
    return start, scalar.end, new


def _margin(value: str) -> int:
    """Return the indentation of the first line with text in it."""
    lines = (line for line in value.split("\n") if line.strip(" "))
    return next((len(line) - len(line.lstrip(" ")) for line in lines), 0)


def _title(entry: Entry, node: MappingNode) -> Scalar:
    for key, value in node.pairs:
        if isinstance(key, Scalar) and key.value == "title" and isinstance(value, Scalar) and entry.title:
            return value
    raise CatalogError(f"{entry.place}: the entry `{entry.key}` has no title to replace; write `title: ...` into it")


def _at(entry: MappingNode, offset: int) -> Scalar:
    return next(each for each in _scalars(entry) if each.start == offset and each.end > offset)


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
        return
    children = node.items if isinstance(node, SequenceNode) else (each for pair in node.pairs for each in pair)
    for child in children:
        yield from _scalars(child)
