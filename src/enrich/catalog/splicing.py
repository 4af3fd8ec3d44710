"""Splice changes into the text of a catalog; every other byte stays; pure."""

from __future__ import annotations

import re
from collections import defaultdict
from io import BytesIO
from operator import itemgetter
from typing import TYPE_CHECKING

from enrich.catalog.differences import unified_diff
from enrich.catalog.nodes import CatalogError, MappingNode, Node, Scalar, SequenceNode, YamlDocument
from enrich.catalog.packing import PiecesFile, spliced_pieces
from enrich.catalog.reading import Catalog, CatalogReader, fields_of, parse
from enrich.catalog.rendering import (
    clean_entry,
    clean_link,
    entry_lines,
    flow_entry,
    link,
    plain_or_quoted,
    sequence,
    storable,
)
from enrich.catalog.slots import Slot, behind, end_of_line, hash_of, is_written, line_break_at
from enrich.catalog.text import Text
from enrich.catalog.verifying import compared, refuse_if_wrong, verified

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from enrich.catalog.composer import Readable
    from enrich.catalog.skimming import Skimmer
    from enrich.model import Enriched, Entry, Link, Place

_BLANK_LINE = re.compile(r"(?>\r\n|\r|\n)[ \t]*[\r\n]")
_KEEPS_BREAKS = re.compile(r"[|>]\d?\+")

Edit = tuple[int, int, str]
"""Start, end, and the text that replaces what is between them.

Offsets count characters without a byte order mark; offsets of slots count bytes.
"""


def with_enriched(catalog: Catalog, blocks: Mapping[str, Enriched]) -> str:
    """Return the catalog's text with the blocks `enriched:` of these entries replaced or added.

    A block that says the same already is unchanged. Empty values are left out, and lone surrogates, which
    no file can hold, become U+FFFD.

    Args:
        catalog: what `load` or `parse` gave.
        blocks: the new blocks by the keys of their entries.

    Raises:
        CatalogError: no such entry, or one that shares parts with others (anchor, alias, merge key).
    """
    splice = Splice(catalog, blocks)
    text = b"".join(splice.pieces())
    splice.check(BytesIO(text))
    return text.decode("utf-8", "surrogatepass")


def enriched_diff(catalog: Catalog, blocks: Mapping[str, Enriched]) -> Iterator[str]:
    """Yield the lines of a unified diff of what `save_enriched` changes in the file.

    Raises:
        CatalogError: As `with_enriched` does.
    """
    splice = Splice(catalog, blocks)
    splice.check(PiecesFile(splice.pieces()))
    return splice.diff()


class Splice:
    """The text of a catalog with other blocks, created piece by piece, so that it is never in memory as a whole."""

    def __init__(self, catalog: Catalog, blocks: Mapping[str, Enriched]) -> None:
        """Take the arguments of `with_enriched`.

        Raises:
            CatalogError: As `with_enriched` does.
        """
        require_known(catalog, blocks)
        self._catalog = catalog
        self._wanted: dict[str, Enriched] = {}
        for entry, slot in zip(catalog.entries, catalog.slots, strict=True):
            block = blocks.get(entry.key)
            if block is not None and entry.enriched != (block := storable(block)):
                require_unshared(entry, slot)
                self._wanted[entry.key] = block

    @property
    def is_empty(self) -> bool:
        """Whether the blocks have the same content as the catalog's own."""
        return not self._wanted

    def pieces(self) -> Iterator[bytes]:
        """Yield the new text."""
        return spliced_pieces(self._catalog.packed.pieces(), self._edits())

    def diff(self) -> Iterator[str]:
        """Yield the lines of a unified diff from the text that the catalog was read from."""
        return unified_diff(self._catalog.source.data, self._edits(), str(self._catalog.path))

    def check(self, file: Readable) -> None:
        """Read the new text back, which must differ only in the blocks.

        Raises:
            CatalogError: It differs elsewhere.
        """
        if not self.is_empty:
            refuse_if_wrong(self._catalog, file, self._differences)

    def _edits(self) -> Iterator[Edit]:
        for entry, slot in zip(self._catalog.entries, self._catalog.slots, strict=True):
            if (block := self._wanted.get(entry.key)) is not None:
                yield slot.start, slot.end, slot.written(block)

    def _differences(self, skimmer: Skimmer) -> Iterator[Place | None]:
        """Yield the places of entries that changed, apart from the wanted blocks."""
        reader = CatalogReader(Text(b""), str(self._catalog.path))
        was = zip(self._catalog.entries, self._catalog.slots, strict=True)
        for named, block, links, rest in skimmer.entries():
            if (pair := next(was, None)) is None:
                yield None
                continue
            old, slot = pair
            if (wanted := self._wanted.get(old.key)) is not None:
                good = is_written(wanted, block)
            else:
                good = hash_of(block) == slot.enriched
            if not good or reader.key(fields_of(named)) != old.key or (rest, links) != (slot.rest, slot.links):
                yield old.place
        yield from (old.place for old, _ in was)


def check_unshared(catalog: Catalog, keys: Collection[str]) -> None:
    """Check that `with_enriched` can write into these entries, before hours of work are spent on their content.

    Raises:
        CatalogError: one of them shares parts with others (anchor, alias, merge key).
    """
    for entry, slot in zip(catalog.entries, catalog.slots, strict=True):
        if entry.key in keys:
            require_unshared(entry, slot)


def with_entries(catalog: Catalog, new: Sequence[Entry], links: Mapping[str, Sequence[Link]]) -> str:
    """Return the catalog's text with entries appended and links added to entries that it has.

    Args:
        catalog: what `load` or `parse` gave.
        new: entries to append, in this order.
        links: links to add after the existing ones, by the keys of their entries. The short form
            (`links: {paper: URL}`) has no room for labels, which are dropped there.

    Raises:
        CatalogError: a new key is taken, a key to add links to is not there, or its entry shares parts with others.
    """
    appended = [clean_entry(entry) for entry in new]
    added = {key: [clean_link(each) for each in group] for key, group in links.items() if group}
    require_known(catalog, added)
    _fresh(catalog, appended)
    text = catalog.source
    edits: list[Edit] = []
    last: list[MappingNode] = []
    old = {entry.key: (entry, slot) for entry, slot in zip(catalog.entries, catalog.slots, strict=True)}

    reading = CatalogReader(text, str(catalog.path))
    for entry, _, node in reading.entries():
        last = [*last[-1:], node]
        if entry.key in added:
            require_unshared(*old[entry.key])
            edits.extend(_more_links(text, node, added[entry.key]))
    if appended:
        edits.append(_more_entries(text, reading.document, last, appended))

    def holds(entry: Entry, slot: Slot, old: Entry, was: Slot) -> bool:
        if old.key not in added:
            return hashes(slot) == hashes(was)
        given = [*old.links, *added[old.key]]
        return (slot.rest, slot.enriched) == (was.rest, was.enriched) and _urls(entry.links) == _urls(given)

    def differences(reading: CatalogReader) -> Iterator[Place | None]:
        return compared(catalog, reading, holds, appended)

    return str(verified(catalog, spliced(text, in_order(edits)), differences))


def new_text(entries: Sequence[Entry]) -> str:
    """Return the text of a new catalog with these entries.

    Raises:
        CatalogError: two entries have the same key, or one has none.
    """
    return with_entries(parse("version: 1\nentries: []\n"), entries, {})


def require_known(catalog: Catalog, keys: Iterable[str]) -> None:
    """Raise CatalogError unless the catalog has entries with these keys."""
    unknown = set(keys) - {entry.key for entry in catalog.entries}
    if unknown:
        raise CatalogError(f"{catalog.path}: no entry has the key `{min(unknown)}`")


def _fresh(catalog: Catalog, new: Sequence[Entry]) -> None:
    keys = {entry.key for entry in catalog.entries}
    for entry in new:
        if not entry.key or entry.key in keys:
            raise CatalogError(f"{catalog.path}: a new entry needs a unique key; `{entry.key}` is taken or empty")
        keys.add(entry.key)


def require_unshared(entry: Entry, slot: Slot) -> None:
    """Raise CatalogError where the entry shares parts with others."""
    if slot.shared is not None:
        raise CatalogError(
            f"{entry.place}: the entry `{entry.key}` has an anchor, an alias or a merge key (line {slot.shared}), "
            "so that writing into it could change another one; write its values out"
        )


def hashes(slot: Slot) -> tuple[int, int, int]:
    """Return what distinguishes the content of an entry: the rest, the links, the block."""
    return slot.rest, slot.links, slot.enriched


def in_order(edits: list[Edit]) -> list[Edit]:
    """Return the edits in the order of their places."""
    return sorted(edits, key=itemgetter(0))


def spliced(text: Text, edits: Iterable[Edit]) -> Text:
    """Return the text with edits, given in the order of their places, without a second copy of it."""
    view, new, position = memoryview(text.data), bytearray(), 0
    for start, end, piece in edits:
        place = text.byte(start)
        new += view[position:place]
        new += piece.encode()
        position = text.byte(end)
    if not position:
        return text
    new += view[position:]
    return Text(new)


def _next_in_flow(text: Text, collection: SequenceNode | MappingNode) -> tuple[int, str]:
    """Return where a flow collection takes its next item, and the text that must precede it."""
    if not (collection.items if isinstance(collection, SequenceNode) else collection.pairs):
        return collection.end - 1, ""
    return collection.tail, " , " if text[collection.tail - 1 : collection.tail] == ":" else ", "


def more_items(text: Text, parent: MappingNode, pair: tuple[Scalar, Node], block: list[str], flow: list[str]) -> Edit:
    """Return the edit that lengthens the list which is a key's value, or starts one where there is no value yet.

    Args:
        text: the file's text.
        parent: the mapping.
        pair: the key and its value: a list, or an absent one.
        block: the lines of the new items in block style.
        flow: the new items in flow style.
    """
    key, value = pair
    # Flow style is not searched for a line break: a JSON file may have none, and every entry would search all of it.
    line_break = "" if parent.flow else line_break_at(text, key.start)
    if isinstance(value, SequenceNode) and value.items and not value.flow:
        position = end_of_line(text, value.tail)
        return position, position, _indented(block, value.column, line_break)
    items = ", ".join(flow)
    if not parent.flow and key.column == parent.column and not getattr(value, "items", None):
        lines = _indented(block, parent.column + 2, line_break)
        if value.start == value.end:
            position = end_of_line(text, value.end)
            return position, position, lines
        if "#" not in text[key.end : value.end]:
            return key.end, value.end, ":" + lines
    if isinstance(value, SequenceNode):
        position, lead = _next_in_flow(text, value)
        return position, position, lead + items
    lead = "" if value.start != value.end else " " if text[value.end - 1 : value.end] == ":" else ": "
    return value.start, value.end, f"{lead}[{items}]"


def _indented(lines: Iterable[str], column: int, line_break: str) -> str:
    return "".join(line_break + (" " * column + line if line else "") for line in lines)


def _more_entries(text: Text, document: YamlDocument, last: list[MappingNode], new: Sequence[Entry]) -> Edit:
    key, value = document.keys["entries"]
    if isinstance(value, SequenceNode):
        value.items.extend(last)
    # Where a blank line sets the last two entries apart, one does so for the new ones; a block scalar that keeps
    # its line breaks would take it for its own.
    apart = (
        len(last) == 2
        and _BLANK_LINE.search(text[last[0].tail : last[1].start])
        and not _KEEPS_BREAKS.search(text[last[1].start : last[1].tail])
    )
    block = [line for entry in new for line in ([""] if apart else []) + entry_lines(entry)]
    return more_items(text, document.root, (key, value), block, [flow_entry(entry) for entry in new])


def _more_links(text: Text, entry: MappingNode, new: Sequence[Link]) -> list[Edit]:
    pair = next(((k, v) for k, v in entry.pairs if isinstance(k, Scalar) and k.value == "links"), None)
    if pair and isinstance(pair[1], MappingNode):
        return _more_short_links(text, pair[1], new)
    items = [link(each) for each in new]
    block = [f"- {item}" for item in items]
    if pair:
        return [more_items(text, entry, pair, block, items)]
    line_break = "" if entry.flow else line_break_at(text, entry.start)
    # Before the block `enriched`, which stays last if it is last.
    tail = [v.end for k, v in entry.pairs if not (isinstance(k, Scalar) and k.value == "enriched")][-1]
    position, lead = behind(text, entry, tail, line_break)
    value = f" {sequence(items)}" if entry.flow else _indented(block, entry.column + 2, line_break)
    return [(position, position, f"{lead}links:{value}")]


def _more_short_links(text: Text, links: MappingNode, new: Sequence[Link]) -> list[Edit]:
    """Return the edits for the form `links: {paper: URL, code: [URL, URL]}`."""
    urls: dict[str, list[str]] = defaultdict(list)
    for each in new:
        urls[each.kind].append(plain_or_quoted(each.url, flow=True))
    edits = []
    for key, value in links.pairs:
        if not (isinstance(key, Scalar) and (more := urls.pop(key.value, None))):
            continue
        if isinstance(value, Scalar) and not value.absent:
            first = plain_or_quoted(value.value, flow=True)
            edits.append((value.start, value.end, sequence([first, *more])))
        else:
            edits.append(more_items(text, links, (key, value), [f"- {url}" for url in more], more))
    if urls:
        pairs = [f"{kind}: {group[0] if len(group) == 1 else sequence(group)}" for kind, group in urls.items()]
        if links.flow:
            position, lead = _next_in_flow(text, links)
            edits.append((position, position, lead + ", ".join(pairs)))
        else:
            position = end_of_line(text, links.tail)
            edits.append((position, position, _indented(pairs, links.column, line_break_at(text, links.start))))
    return edits


def _urls(links: Iterable[Link]) -> list[tuple[str, str]]:
    # The short form has no labels, and groups the links of a kind.
    return sorted((each.kind, each.url) for each in links)
