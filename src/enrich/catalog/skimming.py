"""Read a catalog's text for its content without places, to compare a new text with the old one; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from enrich.catalog.composer import (
    ALIAS,
    DOCUMENT,
    END,
    MAPPING,
    MAPPING_END,
    SCALAR,
    SEQUENCE,
    SEQUENCE_END,
    as_catalog_errors,
    events_of,
)
from enrich.catalog.nodes import CatalogError, MappingNode, Node, Scalar, SequenceNode
from enrich.catalog.slots import CLOSE, OPEN_LIST, OPEN_MAPPING, add_content, hash_of, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enrich.catalog.composer import Event, Readable


class Skimmed(NamedTuple):
    """What an entry holds: what may name it, the content of its block, and the hashes of its links and of the rest."""

    named: MappingNode
    block: list[object]
    links: int
    rest: int


class Skimmer:
    """One pass over a file; `frame` is known at its end, and is that of `reading.frame_of`."""

    def __init__(self, file: Readable) -> None:
        self.frame = 0
        self._anchors: dict[str, Node] = {}
        self._next = events_of(file)

    def entries(self) -> Iterator[Skimmed]:
        """Yield what each entry holds.

        Raises:
            CatalogError: The file is not YAML, or not a catalog.
        """
        with as_catalog_errors():
            yield from self._entries()

    def _entries(self) -> Iterator[Skimmed]:
        self._begin()
        frame: list[tuple[str, int | None]] = []
        seen: set[str] = set()
        while type(event := self._next()) is not MAPPING_END:
            name, value = self._add_key([], event, seen), self._next()
            content: list[object] = []
            if name == "entries" and type(value) is SEQUENCE:
                while type(event := self._next()) is not SEQUENCE_END:
                    yield self._entry(event)
            else:
                self._add(content, value)
            if name is not None:
                frame.append((name, None if name == "entries" else hash_of(content)))
        self.frame = hash(tuple(frame))
        self._next()
        if type(self._next()) is not END:
            raise CatalogError("a second document begins")

    def _begin(self) -> None:
        self._next()
        if type(root := self._next()) is DOCUMENT:
            root = self._next()
        if type(root) is not MAPPING:
            raise CatalogError("a catalog must be a mapping")

    def _entry(self, event: Event) -> Skimmed:
        if type(event) is not MAPPING or event.anchor:
            return _skimmed(self._node(event))
        named = MappingNode(0, 0, flow=False)
        block: list[object] = []
        links: list[object] = []
        rest: list[object] = []
        seen: set[str] = set()
        while type(event := self._next()) is not MAPPING_END:
            key: list[object] = []
            name, value = self._add_key(key, event, seen), self._next()
            if name == "enriched":
                self._add(block, value)
            elif name == "links":
                self._add(links, value)
            else:
                rest += key
                if name in ("key", "<<"):
                    node = self._node(value)
                    named.pairs.append((_scalar(event), node))
                    add_content(rest, node)
                else:
                    self._add(rest, value)
        return Skimmed(named, block, hash_of(links), hash_of(rest))

    def _add_key(self, content: list[object], event: Event, seen: set[str]) -> str | None:
        """Add a key to a flat list of content, and return its text, None if it is no scalar."""
        if type(event) is SCALAR and not event.anchor:
            name = event.value
            content += (name, event.implicit[0])
        else:
            node = self._node(event)
            add_content(content, node)
            if not isinstance(node, Scalar):
                return None
            name = node.value
        _check_new(name, seen)
        return name

    def _add(self, content: list[object], event: Event) -> None:
        """Add the node that begins here to a flat list of content, as `add_content` does."""
        kind, following = type(event), self._next
        if event.anchor:
            add_content(content, self._node(event))
        elif kind is SCALAR:
            content += (event.value, event.implicit[0])
        elif kind is SEQUENCE:
            content += OPEN_LIST
            while type(item := following()) is not SEQUENCE_END:
                self._add(content, item)
            content += CLOSE
        else:
            content += OPEN_MAPPING
            seen: set[str] = set()
            while type(key := following()) is not MAPPING_END:
                self._add_key(content, key, seen)
                self._add(content, following())
            content += CLOSE

    def _node(self, event: Event) -> Node:
        """Return the node that begins here, without places."""
        kind, following = type(event), self._next
        if kind is ALIAS:
            if event.anchor not in self._anchors:
                raise CatalogError(f"undefined alias `*{event.anchor}`")
            return self._anchors[event.anchor]
        if kind is SCALAR:
            node: Node = _scalar(event)
        elif kind is SEQUENCE:
            node = SequenceNode(0, 0, flow=False)
            while type(item := following()) is not SEQUENCE_END:
                node.items.append(self._node(item))
        else:
            node = MappingNode(0, 0, flow=False)
            seen: set[str] = set()
            while type(event_of_key := following()) is not MAPPING_END:
                key = self._node(event_of_key)
                if isinstance(key, Scalar):
                    _check_new(key.value, seen)
                node.pairs.append((key, self._node(following())))
        if event.anchor:
            self._anchors[event.anchor] = node
        return node


def _scalar(event: Event) -> Scalar:
    return Scalar(0, 0, 0, event.value, event.implicit[0], event.style or "", flow=False)


def _check_new(name: str, seen: set[str]) -> None:
    """Raise CatalogError if a mapping has this key already, and note it."""
    if name in seen:
        raise CatalogError(f"duplicate key `{name}`")
    seen.add(name)


def _skimmed(entry: Node) -> Skimmed:
    if not isinstance(entry, MappingNode):
        raise CatalogError("an entry must be a mapping")
    rest, links, found = parts(entry)
    block: list[object] = []
    if found:
        add_content(block, found[1])
    return Skimmed(entry, block, links, rest)
