"""YAML text to nodes; only this module knows PyYAML."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, cast

import yaml

from enrich.catalog.nodes import CatalogError, Lines, MappingNode, Node, Scalar, SequenceNode, YamlDocument
from enrich.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

MAX_DEPTH = 100
"""The maximum nesting of a catalog; normal ones have six levels."""

MAX_SHARED = 100_000
"""The number of nodes to which all aliases of a file may expand, so that a small file cannot become a huge one."""

_LOADER = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader
# Annotated, as mypy would infer that no event of PyYAML's is an `Event`.
SCALAR: type = yaml.ScalarEvent
SEQUENCE: type = yaml.SequenceStartEvent
SEQUENCE_END: type = yaml.SequenceEndEvent
MAPPING: type = yaml.MappingStartEvent
MAPPING_END: type = yaml.MappingEndEvent
ALIAS: type = yaml.AliasEvent
DOCUMENT: type = yaml.DocumentStartEvent
END: type = yaml.StreamEndEvent
_CORE_TAGS = frozenset(
    ("!", *(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "seq", "map")))
)
# https://yaml.org/spec/1.1/#c-printable
_UNPRINTABLE = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x84\x86-\x9f]|\xed[\xa0-\xbf].|\xef\xbf[\xbe\xbf]", re.DOTALL
)
_PRINTABLE = bytes({*b"\t\n\r", *range(0x20, 0x100)} - {0x7F, 0xC2, 0xED, 0xEF})
"""The bytes that are in no character of `_UNPRINTABLE`."""
_PIECE = 1_000_000
# The markers of merge conflicts in Git: https://git-scm.com/docs/git-merge#_how_conflicts_are_presented
_CONFLICT = re.compile(rb"^<{7} ", re.MULTILINE)
_HIDDEN_BREAK = re.compile(rb"\xc2\x85|\xe2\x80[\xa8\xa9]")
_COLON = re.compile(rb"(?:[ \t\r\n]|\xc2\x85|\xe2\x80[\xa8\xa9])*:")
_BLOCK_STYLES = frozenset("|>")
_KEEPS_BREAKS = re.compile(r"(?:^|\s)[|>]\d?\+")
_HINTS = {
    "mapping values are not allowed": "quote strings that contain `: `, and check the indentation",
    "cannot start any token": "quote strings that begin with this character",
    "unexpected end of stream": "close the quote or bracket that was opened",
    "could not find expected ':'": "check the indentation, and write `name: value`",
    "did not find expected": "check the indentation, quotes and brackets here and in the lines above",
}


class _Mark(Protocol):
    index: int
    column: int


class Event(Protocol):
    """The attributes of PyYAML's events that are used; not every kind has all of them."""

    start_mark: _Mark
    end_mark: _Mark
    anchor: str | None
    tag: str | None
    value: str
    implicit: tuple[bool, bool]
    style: str | None
    flow_style: bool


class _Stream:
    """A text that is read piece by piece, which saves PyYAML a second copy.

    It ends with a line break, so that a block scalar at its end has the same value as with text after it.
    """

    def __init__(self, text: Text) -> None:
        self._data = text.data
        self._position = text.lead

    def read(self, size: int = 4096, /) -> bytes:
        # One byte is left for the line break at the end.
        piece = bytes(self._data[self._position : self._position + size - 1])
        self._position += len(piece)
        last = piece and self._position >= len(self._data)
        return piece + b"\n" if last and not piece.endswith((b"\n", b"\r")) else piece


class Readable(Protocol):
    """A file that is read piece by piece."""

    def read(self, size: int = ..., /) -> bytes:
        """Return the next bytes, none at the end."""
        ...


class _WithLineBreak:
    """A file that ends with a line break, as in `_Stream`."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._last = b"\n"

    def read(self, size: int = 4096, /) -> bytes:
        if piece := self._file.read(size):
            self._last = piece[-1:]
            return piece
        missing, self._last = b"" if self._last in b"\r\n" else b"\n", b"\n"
        return missing


def events_of(file: Readable) -> Callable[[], Event]:
    """Return the function that gives the next event of a file."""
    return cast("Callable[[], Event]", _LOADER(_WithLineBreak(file)).get_event)


@contextmanager
def as_catalog_errors() -> Iterator[None]:
    """Turn what PyYAML raises into CatalogError."""
    try:
        yield
    except yaml.YAMLError as error:
        raise CatalogError(str(error)) from error


def _unprintable(text: Text) -> re.Match[bytes] | None:
    """Return the first character of a text that YAML forbids; the pattern alone takes ten times as long."""
    for start in range(text.lead, len(text.data), _PIECE):
        is_suspect = text.data[start : start + _PIECE].translate(None, _PRINTABLE)
        # The last character of the piece may end two bytes behind it.
        if is_suspect and (found := _UNPRINTABLE.search(text.data, start, start + _PIECE + 2)):
            return found
    return None


class Composer:
    """Reads one catalog, entry by entry, so that there is never a tree of the whole file.

    Offsets count the characters of `text` without its byte order mark: libyaml and PyYAML count it differently.
    """

    def __init__(self, text: Text, path: str) -> None:
        self.lines = Lines(text, path)
        self._text = text
        self._path = path
        self._anchors: dict[str, Node] = {}
        self._expanded = 0
        self._shared: int | None = None
        self._document: YamlDocument | None = None
        # Where the last thing that is not space or comment ended: block collections end, by libyaml's marks,
        # only where the next token starts.
        self._tail = 0
        # PyYAML has no types.
        self._next = cast("Callable[[], Event]", _LOADER(_Stream(text)).get_event)

    @property
    def document(self) -> YamlDocument:
        """The document without its entries, after all of them were read."""
        if self._document is None:
            raise RuntimeError("the entries have not been read to their end")
        return self._document

    def entries(self) -> Iterator[tuple[Node, int | None]]:
        """Read the file and yield each entry.

        With it comes the offset of the first anchor, alias or merge key in it, None if it holds none.

        Raises:
            CatalogError: The text is not YAML, or not a catalog.
        """
        if found := _unprintable(self._text):
            code = ord(found[0].decode("utf-8", "surrogatepass"))
            raise self.lines.error(
                self._text.character(found.start()), f"the character U+{code:04X} is not allowed in YAML; remove it"
            )
        try:
            yield from self._read_document()
        except yaml.MarkedYAMLError as error:
            raise self._explained(error) from error

    def _read_document(self) -> Iterator[tuple[Node, int | None]]:
        self._next()
        root = self._next()
        if type(root) is DOCUMENT:
            root = self._next()
        kind = type(root)
        if kind is not MAPPING:
            if kind is END or (kind is SCALAR and not root.value):
                raise CatalogError(
                    f"{self._path}: the catalog is empty; write `version: 1` and `entries:` into it, "
                    "or make one with `enrich import LIST`"
                )
            raise self.lines.error(
                root.start_mark.index, "a catalog must be a mapping; begin it with `version: 1` and `entries:`"
            )
        self._document = yield from self._root(root)
        self._next()
        more = self._next()
        if type(more) is not END:
            raise self.lines.error(
                more.start_mark.index, "a second document begins here; keep one catalog per file (remove the `---`)"
            )

    def _root(self, event: Event) -> Generator[tuple[Node, int | None], None, YamlDocument]:
        mapping = MappingNode(event.start_mark.index, event.start_mark.column, bool(event.flow_style))
        document = YamlDocument(mapping, {})
        seen: dict[str, Scalar] = {}
        while type(event := self._next()) is not MAPPING_END:
            name = self._key(event, 1, mapping, seen)
            item = self._next()
            if isinstance(name, Scalar) and name.value == "entries" and type(item) is SEQUENCE:
                value: Node = yield from self._entries(item)
            else:
                value = self._value(item, 1, mapping)
            if isinstance(name, Scalar):
                document.keys[name.value] = (name, value)
            mapping.pairs.append((name, value))
        self._close(mapping, event)
        return document

    def _entries(self, event: Event) -> Generator[tuple[Node, int | None], None, SequenceNode]:
        self._check_tag(event)
        if event.anchor:
            raise self.lines.error(event.start_mark.index, "`entries` cannot have an anchor; remove it")
        entries = SequenceNode(event.start_mark.index, event.start_mark.column, bool(event.flow_style))
        while type(event := self._next()) is not SEQUENCE_END:
            self._shared = None
            node = self._node(event, 2, entries.flow)
            yield node, self._shared
        self._close(entries, event)
        return entries

    def _node(self, event: Event, depth: int, flow: bool) -> Node:
        kind = type(event)
        if kind is SCALAR:
            node: Node = self._scalar(event, flow)
        elif kind is SEQUENCE:
            node = self._sequence(event, depth)
        elif kind is MAPPING:
            node = self._mapping(event, depth)
        else:
            return self._alias(event)
        if event.anchor:
            self._share(event)
            self._anchors[event.anchor] = node
        return node

    def _scalar(self, event: Event, flow: bool) -> Scalar:
        mark, end, style = event.start_mark, event.end_mark.index, event.style or ""
        start = mark.index
        if event.tag is not None:
            self._check_tag(event)
        if style in _BLOCK_STYLES:
            end = self._block_scalar_end(start, end)
        if end > start:
            self._tail = end
        return Scalar(start, end, mark.column, event.value, event.implicit[0], style, flow)

    def _block_scalar_end(self, start: int, end: int) -> int:
        """Return where the last line of a block scalar ends, without its line break."""
        region = self._text[start:end]
        if _KEEPS_BREAKS.search(region.partition("\n")[0]):
            return start + len(region.removesuffix("\n").removesuffix("\r"))
        return start + len(region.rstrip("\r\n"))

    def _sequence(self, event: Event, depth: int) -> SequenceNode:
        self._check_collection(event, depth)
        sequence = SequenceNode(event.start_mark.index, event.start_mark.column, bool(event.flow_style))
        while type(event := self._next()) is not SEQUENCE_END:
            node = self._node(event, depth + 1, sequence.flow)
            if node.end == node.start and isinstance(node, Scalar):
                self._tail = node.end
            sequence.items.append(node)
        self._close(sequence, event)
        return sequence

    def _mapping(self, event: Event, depth: int) -> MappingNode:
        self._check_collection(event, depth)
        mapping = MappingNode(event.start_mark.index, event.start_mark.column, bool(event.flow_style))
        seen: dict[str, Scalar] = {}
        while type(event := self._next()) is not MAPPING_END:
            key = self._key(event, depth + 1, mapping, seen)
            mapping.pairs.append((key, self._value(self._next(), depth + 1, mapping)))
        self._close(mapping, event)
        return mapping

    def _key(self, event: Event, depth: int, mapping: MappingNode, seen: dict[str, Scalar]) -> Node:
        # Straight to what nearly all are.
        is_plain = type(event) is SCALAR and event.anchor is None
        key = self._scalar(event, mapping.flow) if is_plain else self._node(event, depth, mapping.flow)
        if isinstance(key, Scalar):
            if key.value in seen:
                line = self.lines.place(seen[key.value].start).line
                raise self.lines.error(
                    key.start, f"duplicate key `{key.value}` (first on line {line}); remove one of them"
                )
            if key.value == "<<" and key.plain:
                self._share(event)
            seen[key.value] = key
        return key

    def _value(self, event: Event, depth: int, mapping: MappingNode) -> Node:
        node = self._node(event, depth, mapping.flow)
        if isinstance(node, Scalar) and node.end == node.start:
            # libyaml puts an absent value at the next token, far after its colon.
            if colon := _COLON.match(self._text.data, self._text.byte(self._tail)):
                self._tail = self._text.character(colon.end())
            node.start = node.end = self._tail
        return node

    def _alias(self, event: Event) -> Node:
        name, start = event.anchor or "", event.start_mark.index
        if name not in self._anchors:
            raise self.lines.error(start, f"undefined alias `*{name}`; write the value out")
        self._share(event)
        self._tail = event.end_mark.index
        target = self._anchors[name]
        stack = [(target, 0)]
        while stack:
            node, depth = stack.pop()
            self._expanded += 1
            if self._expanded > MAX_SHARED or depth > MAX_DEPTH:
                raise self.lines.error(start, f"`*{name}` expands to too much; write the values out")
            if isinstance(node, SequenceNode):
                stack.extend((item, depth + 1) for item in node.items)
            elif isinstance(node, MappingNode):
                stack.extend((item, depth + 1) for pair in node.pairs for item in pair)
        return target

    def _share(self, event: Event) -> None:
        if self._shared is None:
            self._shared = event.start_mark.index

    def _close(self, collection: SequenceNode | MappingNode, closing: Event) -> None:
        collection.tail = max(self._tail, collection.start)
        if collection.flow:
            self._tail = closing.end_mark.index
        collection.end = self._tail

    def _check_collection(self, event: Event, depth: int) -> None:
        self._check_tag(event)
        if depth > MAX_DEPTH:
            raise self._too_deep(event.start_mark.index)

    def _too_deep(self, offset: int) -> CatalogError:
        return self.lines.error(offset, f"nested more than {MAX_DEPTH} deep; reduce the nesting")

    def _check_tag(self, event: Event) -> None:
        if event.tag is not None and event.tag not in _CORE_TAGS:
            raise self.lines.error(
                event.start_mark.index, f"the tag `{event.tag}` is not supported in a catalog; remove it"
            )

    def _explained(self, error: yaml.MarkedYAMLError) -> CatalogError:
        mark = error.problem_mark or error.context_mark
        text = self._text
        offset = min(mark.index, len(text)) if mark else 0
        problem = error.problem or "it cannot be read"
        if "maximum nesting depth" in problem:  # libyaml 0.2.6 has its own limit, and reads ahead of the events
            return self._too_deep(offset)
        if conflict := _CONFLICT.search(text.data):
            where = text.character(conflict.start())
            return self.lines.error(where, "an unresolved merge conflict; resolve it and remove Git's markers")
        began = ""
        if error.context and error.context_mark:
            began = f" {error.context} that began on line {self.lines.place(error.context_mark.index).line}"
        if text[offset : offset + 1] == "\t":
            return self.lines.error(offset, "tab used for indentation; use spaces")
        # YAML 1.1 also ends lines at these; they come from text pasted from web pages, and editors do not show them.
        start = error.context_mark.index if error.context_mark else offset
        line = max(text.data.rfind(b"\n", text.lead, text.byte(start)), text.lead)
        if hidden := _HIDDEN_BREAK.search(text.data, line, text.byte(offset)):
            where, code = text.character(hidden.start()), ord(hidden[0].decode())
            return self.lines.error(where, f"invisible line break (U+{code:04X}) in the text; remove it")
        hint = next((hint for part, hint in _HINTS.items() if part in problem), "correct it here or in the lines above")
        return self.lines.error(offset, f"this is not YAML: {problem}{began}; {hint}")
