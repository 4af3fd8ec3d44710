"""Convert the nodes of a catalog to entries, with errors that have the line; pure."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from enrich.catalog.composer import Composer
from enrich.catalog.nodes import NUMBER, CatalogError, MappingNode, Node, Scalar, SequenceNode, YamlDocument
from enrich.catalog.packing import PackedText
from enrich.catalog.slots import Slot, Slots, slot_of, structure_hash
from enrich.catalog.text import Text
from enrich.model import ENRICHED_FIELDS, OWN_FIELDS, Enriched, Entry, EntryType, Link, LinkKind, Place, Shape
from enrich.spooling import Spool
from enrich.text.suggestions import closest_name, hint

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

_ENTRY_KEYS = (
    *("key", "type", "name", "title", "venue", "institutions", "sections", "tags", "remarks", "links", "enriched"),
    *(name for name in OWN_FIELDS if name not in ("title", "venue")),
)
_LINK_KEYS = ("label", "kind", "url")
_TOP_KEYS = ("version", "lists", "entries")
_LIKENESS = 0.8  # `titel` is as like `title`; `status` is 0.6 like `tags`
_COMMON = frozenset(("title", "venue", "container", "publisher", "publication_type", "matched_by"))
_NOTHING = Enriched()


@dataclass(frozen=True, slots=True)
class MirroredList:
    """A list that a catalog mirrors: its path from the catalog's folder, and the base of its relative links."""

    path: str
    base_url: str | None = None
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Catalog:
    """A catalog as it was read.

    `warnings` are sentences that begin with `file:line`; `packed`, `slots` (one per entry) and `frame` are needed for
    splicing. `on_disk` is the file's text if `packed` has more than that.
    """

    path: Path
    packed: PackedText = field(repr=False)
    entries: tuple[Entry, ...]
    warnings: tuple[str, ...]
    slots: Slots = field(repr=False)
    frame: int = field(repr=False)
    lists: tuple[MirroredList, ...] = ()
    on_disk: PackedText | None = field(default=None, repr=False)

    @property
    def source(self) -> Text:
        """The text that the catalog was read from; unpacked anew each time."""
        return self.packed.text()

    @property
    def saved(self) -> PackedText:
        """The file's content when it was read."""
        return self.on_disk or self.packed

    @property
    def text(self) -> str:
        """The file's text, with byte order mark and line ends; unpacked anew each time."""
        return str(self.source)


def parse(text: str | Text, path: str = "catalog.yaml") -> Catalog:
    """Return the catalog that a text holds.

    Args:
        text: all of the file, its line ends as they are.
        path: what to call the file in places and messages.

    Raises:
        CatalogError: the text is not a catalog; the message says the line and what to do.
    """
    entries: list[Entry] = []
    slots = Slots()
    lines: dict[str, int] = {}

    source = text if isinstance(text, Text) else Text.of(text)
    reading = CatalogReader(source, path)
    for entry, slot, _ in reading.entries():
        if entry.key in lines:
            raise CatalogError(
                f"{entry.place}: the key `{entry.key}` is used by the entry on line {lines[entry.key]} already; "
                "give one of them another key"
            )
        lines[entry.key] = entry.place.line if entry.place else 0
        entries.append(entry)
        slots.append(slot)
    frame = frame_of(reading.document)
    lists = reading.lists()
    return Catalog(Path(path), PackedText(source), tuple(entries), tuple(reading.warnings), slots, frame, lists)


def frame_of(document: YamlDocument, *besides: str) -> int:
    """Return a hash of everything in the file except its entries, and the values of some other keys."""
    keys = ((name, pair[1]) for name, pair in document.keys.items() if name not in besides)
    return hash(tuple((name, None if name == "entries" else structure_hash(node)) for name, node in keys))


class CatalogReader:
    """One pass over a catalog's text."""

    def __init__(self, text: Text, path: str) -> None:
        self.text = text
        self.path = path
        self.warnings: list[str] = []
        self._composer = Composer(text, path)
        self._spool = Spool()
        self._lists: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._origins: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
        self.lines = self._composer.lines

    @property
    def document(self) -> YamlDocument:
        """The document without its entries, after all of them were read."""
        return self._composer.document

    def entries(self) -> Iterator[tuple[Entry, Slot, MappingNode]]:
        """Yield every entry with its slot and its node, and check the rest of the document."""
        for node, shared in self._composer.entries():
            if not isinstance(node, MappingNode):
                raise self.lines.error(node.start, "an entry must be a mapping; write `- key: …`, `type: …` and so on")
            line = None if shared is None else self.lines.place(shared).line
            yield self._entry(node), slot_of(self.text, node, line), node
        self._check(self.document)

    def lists(self) -> tuple[MirroredList, ...]:
        """Return the lists that the catalog mirrors, after all entries were read."""
        node = self.document.keys["lists"][1] if "lists" in self.document.keys else None
        items = node.items if isinstance(node, SequenceNode) else [] if node is None else [node]
        found = []
        for item in items:
            fields = fields_of(item) if isinstance(item, MappingNode) else {"path": item}
            if path := self._word(fields.get("path"), "lists"):
                base_url = self._word(fields.get("base_url"), "base_url")
                if base_url and not base_url.lower().startswith(("http://", "https://")):
                    raise self.lines.error(item.start, "the base_url of a list must be a web address")
                found.append(MirroredList(path, base_url, self.lines.place(item.start)))
            elif not (item is node and isinstance(node, Scalar)):
                raise self.lines.error(item.start, "a list has no path; write `lists: [README.md]`")
        return tuple(found)

    def _check(self, document: YamlDocument) -> None:
        version = document.keys.get("version")
        if version and self._word(version[1], "version") not in (None, "1"):
            raise self.lines.error(
                version[1].start,
                "this version of enrich reads catalogs of version 1; write `version: 1` or update enrich",
            )
        self._check_keys(document.keys.values(), _TOP_KEYS)
        if "entries" not in document.keys:
            raise CatalogError(
                f"{self.path}: the catalog has no `entries:`; write it below `version: 1`, "
                "or make a catalog with `enrich import LIST`"
            )
        entries = document.keys["entries"][1]
        if not (isinstance(entries, SequenceNode) or (isinstance(entries, Scalar) and entries.absent)):
            raise self.lines.error(entries.start, "`entries` must be a list; begin each entry with `- key: …`")

    def _entry(self, node: MappingNode) -> Entry:
        fields = fields_of(node)
        self._check_keys(node.pairs, _ENTRY_KEYS)
        key = self.key(fields)
        if key is None:
            raise self.lines.error(node.start, "the entry has no key; add a short, unique one: `key: flexgen`")
        block = self.enriched(fields.get("enriched"))
        return Entry(
            key=key,
            type=self._type(fields.get("type")),
            name=self._word(fields.get("name"), "name"),
            title=self._common(fields.get("title"), "title"),  # its block has it, too
            venue=self._common(fields.get("venue"), "venue"),
            institutions=self._shared(self._words(fields.get("institutions"), "institutions")),
            sections=self._shared(self._words(fields.get("sections"), "sections")),
            tags=self._shared(self._words(fields.get("tags"), "tags")),
            remarks=self._word(fields.get("remarks"), "remarks"),
            links=self._links(fields.get("links")),
            own=self._own(fields),
            enriched=block and self._spool.keep(block),
            place=self.lines.place(node.start),
        )

    def key(self, fields: Mapping[str, Node]) -> str | None:
        """Return the key of an entry."""
        return self._word(fields.get("key"), "key")

    def _own(self, fields: dict[str, Node]) -> Enriched:
        own = self._found(fields, OWN_FIELDS)
        return _NOTHING if own == _NOTHING else own

    def enriched(self, node: Node | None) -> Enriched | None:
        """Return the content of a block."""
        if node is None or (isinstance(node, Scalar) and node.absent):
            return None
        if not isinstance(node, MappingNode):
            raise self.lines.error(node.start, "`enriched` must be a mapping; it is written by enrich, so remove it")
        return self._found(fields_of(node), ENRICHED_FIELDS)

    def _found(self, fields: Mapping[str, Node], known: Container[str]) -> Enriched:
        values: dict[str, Any] = {name: self._field(node, name) for name, node in fields.items() if name in known}
        return Enriched(**values)

    def _field(self, node: Node, name: str) -> object:
        match ENRICHED_FIELDS[name]:
            case Shape.TEXTS:
                return self._words(node, name)
            case Shape.NUMBER:
                return self._number(node, name)
            case Shape.SOURCES:
                return self._sources(node, name)
            case Shape.DATE:
                return self._common(node, name)
        return self._common(node, name) if name in _COMMON else self._word(node, name)

    def _word(self, node: Node | None, name: str) -> str | None:
        if node is None:
            return None
        if not isinstance(node, Scalar):
            raise self.lines.error(node.start, f"`{name}` must be a string; write `{name}: …`")
        return None if node.absent else node.value or None

    def _common(self, node: Node | None, name: str) -> str | None:
        """Return a word that is likely to be in other places as well: it is kept once."""
        word = self._word(node, name)
        return word and sys.intern(word)

    def _shared(self, words: tuple[str, ...]) -> tuple[str, ...]:
        return self._lists.setdefault(words, words)

    def _words(self, node: Node | None, name: str) -> tuple[str, ...]:
        if isinstance(node, MappingNode):
            raise self.lines.error(node.start, f"`{name}` must be a list of strings; write `{name}: [one, two]`")
        items = node.items if isinstance(node, SequenceNode) else [node]
        # The same few in thousands of entries: stored once.
        return tuple(sys.intern(word) for item in items if (word := self._word(item, name)))

    def _number(self, node: Node | None, name: str) -> int | None:
        word = self._word(node, name)
        if word is None or node is None:
            return None
        if not NUMBER.fullmatch(word):
            raise self.lines.error(node.start, f"`{name}` must be an integer, not `{word[:40]}`; write digits only")
        return _integer(word)

    def _sources(self, node: Node, name: str) -> dict[str, str]:
        if isinstance(node, Scalar) and node.absent:
            return {}
        if not isinstance(node, MappingNode):
            raise self.lines.error(node.start, f"`{name}` must be a mapping of fields to sources; remove it")
        found = {field: word for field, value in fields_of(node).items() if (word := self._word(value, name))}
        return self._origins.setdefault(tuple(found.items()), found)

    def _type(self, node: Node | None) -> EntryType:
        word = self._word(node, "type")
        if word is None or node is None:
            return EntryType.PAPER
        try:
            return EntryType(word.lower())
        except ValueError:
            self._warn(node, f"the type `{word}` is unknown and read as `other`; {hint(word, EntryType)}")
            return EntryType.OTHER

    def _kind(self, node: Node | None) -> LinkKind:
        word = self._word(node, "kind")
        if word is None or node is None:
            return LinkKind.OTHER
        try:
            return LinkKind(word.lower())
        except ValueError:
            self._warn(node, f"the kind `{word}` is unknown and read as `other`; {hint(word, LinkKind)}")
            return LinkKind.OTHER

    def _links(self, node: Node | None) -> tuple[Link, ...]:
        links: list[Link] = []
        if isinstance(node, SequenceNode):
            for item in node.items:
                if isinstance(item, MappingNode):
                    fields = fields_of(item)
                    self._check_keys(item.pairs, _LINK_KEYS)
                    kind, label = self._kind(fields.get("kind")), self._common(fields.get("label"), "label") or ""
                    if not self._add_link(links, fields.get("url"), kind, label):
                        self._warn(item, "the link has no URL and is ignored; add `url: https://…`")
                else:
                    self._add_link(links, item, LinkKind.OTHER)
        elif isinstance(node, MappingNode):
            for name, value in node.pairs:
                kind = self._kind(name)
                for item in value.items if isinstance(value, SequenceNode) else [value]:
                    self._add_link(links, item, kind)
        elif node is not None and not node.absent:
            raise self.lines.error(
                node.start, "`links` must be a list; write `links: [{label: Paper, kind: paper, url: https://…}]`"
            )
        return tuple(links)

    def _add_link(self, links: list[Link], node: Node | None, kind: LinkKind, label: str = "") -> bool:
        url = self._word(node, "url")
        if url is None or node is None:
            return False
        links.append(Link(url, kind, label, self.lines.place(node.start)))
        return True

    def _check_keys(self, pairs: Iterable[tuple[Node, Node]], known: tuple[str, ...]) -> None:
        """Warn about keys that are similar to a known one; other keys belong to the user."""
        for node, _ in pairs:
            if isinstance(node, Scalar) and node.value not in known and (meant := _misspelt(node.value, known)):
                self._warn(node, f"unknown key `{node.value}`; did you mean `{meant}`?")

    def _warn(self, node: Node, message: str) -> None:
        self.warnings.append(f"{self.lines.place(node.start)}: {message}")


@lru_cache(maxsize=1024)
def _integer(word: str) -> int:
    """Return a number; the years and counts of thousands of entries are a few different ones, each stored once."""
    return int(word)


@lru_cache(maxsize=1024)
def _misspelt(name: str, known: tuple[str, ...]) -> str | None:
    return closest_name(name, known, likeness=_LIKENESS)


def fields_of(node: MappingNode) -> dict[str, Node]:
    """Return the values by key; those of merge keys (https://yaml.org/type/merge.html) come after the node's own."""
    fields = {key.value: value for key, value in node.pairs if isinstance(key, Scalar)}
    merged = fields.get("<<")
    for other in merged.items if isinstance(merged, SequenceNode) else [merged]:
        if isinstance(other, MappingNode):
            for name, value in fields_of(other).items():
                fields.setdefault(name, value)
    return fields
