"""Read a catalog's text for its content without places, to compare a new text with the old one; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enrich.catalog.composer import ALIAS, MAPPING, MAPPING_END, SCALAR, SEQUENCE, SEQUENCE_END, events_of
from enrich.catalog.nodes import CatalogError, MappingNode, Node, Scalar, SequenceNode
from enrich.catalog.slots import parts, structure_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enrich.catalog.composer import Event, Readable

_NEEDED = ("key", "<<", "enriched")


class Skimmer:
    """One pass over a file; `frame` is known at its end, and is that of `reading.frame_of`."""

    def __init__(self, file: Readable) -> None:
        self.frame = 0
        self._anchors: dict[str, Node] = {}
        self._events = events_of(file)
        self._next = self._events.__next__

    def entries(self) -> Iterator[tuple[MappingNode, int, int]]:
        """Yield a mapping of its key to its block for each entry, with the hashes of its other content and its links.

        Raises:
            CatalogError: The file is not YAML, or not a catalog.
        """
        frame: list[tuple[str, int | None]] = []
        for key in self._keys():
            name = key.value if isinstance(key, Scalar) else None
            event = self._next()
            if name == "entries" and type(event) is SEQUENCE:
                while type(event := self._next()) is not SEQUENCE_END:
                    yield self._entry(event)
                hashed = None
            else:
                hashed = self._hash(event)
            if name is not None:
                frame.append((name, None if name == "entries" else hashed))
        self.frame = hash(tuple(frame))
        for _ in self._events:  # raises if anything follows
            pass

    def _keys(self) -> Iterator[Node]:
        """Yield the keys of a mapping that has begun; the caller reads the value of each."""
        seen: set[str] = set()
        while type(event := self._next()) is not MAPPING_END:
            key = self._node(event)
            if isinstance(key, Scalar):
                if key.value in seen:
                    raise CatalogError(f"duplicate key `{key.value}`")
                seen.add(key.value)
            yield key

    def _entry(self, event: Event) -> tuple[MappingNode, int, int]:
        if type(event) is not MAPPING or event.anchor:
            node = self._node(event)
            if not isinstance(node, MappingNode):
                raise CatalogError("an entry must be a mapping")
            return node, *parts(node)[:2]
        needed, rest, links = MappingNode(0, 0, flow=False), [], 0
        for key in self._keys():
            name = key.value if isinstance(key, Scalar) else None
            value = self._next()
            if name == "links":
                links = self._hash(value)
                continue
            if name not in _NEEDED:
                rest.append((structure_hash(key), self._hash(value)))
                continue
            node = self._node(value)
            needed.pairs.append((key, node))
            if name != "enriched":
                rest.append((structure_hash(key), structure_hash(node)))
        return needed, hash(tuple(rest)), links

    def _hash(self, event: Event) -> int:
        """Return the `structure_hash` of the node that begins here."""
        kind, following = type(event), self._next
        if event.anchor:
            return structure_hash(self._node(event))
        if kind is SCALAR:
            return hash((event.implicit[0], event.value))
        if kind is SEQUENCE:
            items = []
            while type(item := following()) is not SEQUENCE_END:
                items.append(self._hash(item))
            return hash(("sequence", *items))
        return hash(("mapping", *((structure_hash(key), self._hash(following())) for key in self._keys())))

    def _node(self, event: Event) -> Node:
        """Return the node that begins here, without places."""
        kind, following = type(event), self._next
        if kind is ALIAS:
            if event.anchor not in self._anchors:
                raise CatalogError(f"undefined alias `*{event.anchor}`")
            return self._anchors[event.anchor]
        if kind is SCALAR:
            node: Node = Scalar(0, 0, 0, event.value, event.implicit[0], event.style or "", flow=False)
        elif kind is SEQUENCE:
            node = SequenceNode(0, 0, flow=False)
            while type(item := following()) is not SEQUENCE_END:
                node.items.append(self._node(item))
        else:
            node = MappingNode(0, 0, flow=False)
            for key in self._keys():
                node.pairs.append((key, self._node(following())))
        if event.anchor:
            self._anchors[event.anchor] = node
        return node
