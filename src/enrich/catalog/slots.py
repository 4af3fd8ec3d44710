"""Where the block `enriched:` of an entry is or will be; pure."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from enrich.catalog.nodes import NULLS, NUMBER, MappingNode, Node, Scalar, SequenceNode
from enrich.catalog.rendering import enriched_pairs, mapping
from enrich.model import ENRICHED_FIELDS, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enrich.catalog.text import Text
    from enrich.model import Enriched

_STEP = 2

# In flat lists of content, where a scalar is its text and whether it is plain: pairs, too, and unlike any scalar.
OPEN_LIST, OPEN_MAPPING, CLOSE = (2, 0), (3, 0), (4, 0)


@dataclass(slots=True)
class Slot:
    """How to write an entry's block: `lead` and the fields replace the text from `start` to `end`, in bytes.

    `indent` is the column of the fields, None for flow style. `shared` is the line of an anchor, alias or merge key in
    the entry. `rest`, `links` and `enriched` are hashes of the entry's content.
    """

    start: int
    end: int
    lead: str
    indent: int | None
    line_break: str
    shared: int | None
    rest: int
    links: int
    enriched: int

    def written(self, block: Enriched) -> str:
        """Return the text for `start` to `end`."""
        pairs = enriched_pairs(block, flow=self.indent is None)
        if self.indent is None:
            return self.lead + mapping(pairs)
        if not pairs:
            return f"{self.lead} {{}}" if self.lead else "{}"
        new_line = self.line_break + " " * self.indent
        return self.lead + (new_line if self.lead else "") + new_line.join(f"{name}: {value}" for name, value in pairs)


class Slots:
    """The slots of all entries, each made when it is asked for; kept as numbers, they take a tenth of the memory."""

    def __init__(self) -> None:
        self._numbers = array("q")
        self._styles: list[tuple[str, int | None, str, int | None]] = []
        self._known: dict[tuple[str, int | None, str, int | None], tuple[str, int | None, str, int | None]] = {}

    def append(self, slot: Slot) -> None:
        """Add the slot of the next entry."""
        style = slot.lead, slot.indent, slot.line_break, slot.shared
        self._styles.append(self._known.setdefault(style, style))
        self._numbers.extend((slot.start, slot.end, slot.rest, slot.links, slot.enriched))

    def __iter__(self) -> Iterator[Slot]:
        numbers = iter(self._numbers)
        rows = zip(numbers, numbers, numbers, numbers, numbers, strict=True)
        for (start, end, rest, links, enriched), (lead, indent, line_break, shared) in zip(
            rows, self._styles, strict=True
        ):
            yield Slot(start, end, lead, indent, line_break, shared, rest, links, enriched)


def structure_hash(node: Node) -> int:
    """Return a number that is the same for nodes with the same content; only valid within one process."""
    content: list[object] = []
    add_content(content, node)
    return hash_of(content)


def hash_of(content: list[object]) -> int:
    """Return the hash of a flat list of content, 0 of none."""
    return hash(tuple(content)) if content else 0


def add_content(content: list[object], *nodes: Node) -> None:
    """Add nodes to a flat list of content: the text of each scalar and whether it is plain, between brackets."""
    for node in nodes:
        if isinstance(node, Scalar):
            content += (node.value, node.plain)
        elif isinstance(node, SequenceNode):
            content += OPEN_LIST
            add_content(content, *node.items)
            content += CLOSE
        else:
            content += OPEN_MAPPING
            for pair in node.pairs:
                add_content(content, *pair)
            content += CLOSE


def is_written(block: Enriched, content: list[object]) -> bool:
    """Whether a flat list is the content of this block as `Slot.written` writes it, whatever is quoted."""
    texts = content[::2]
    if texts != _texts(block):
        return False
    return NULLS.isdisjoint(texts) or not any(
        plain and text in NULLS for text, plain in zip(texts, content[1::2], strict=True)
    )


def _texts(block: Enriched) -> list[object]:
    texts: list[object] = [OPEN_MAPPING[0]]
    for name, shape in ENRICHED_FIELDS.items():
        value = getattr(block, name)
        if value is None or value in ((), {}):
            continue
        texts.append(name)
        match shape:
            case Shape.TEXTS:
                texts += (OPEN_LIST[0], *value, CLOSE[0])
            case Shape.SOURCES:
                texts += (OPEN_MAPPING[0], *chain.from_iterable(value.items()), CLOSE[0])
            case Shape.NUMBER:
                texts.append(str(value) if NUMBER.fullmatch(str(value)) else None)  # None: it would not be read
            case _:
                texts.append(value)
    texts.append(CLOSE[0])
    return texts


def slot_of(text: Text, entry: MappingNode, shared: int | None) -> Slot:
    """Return the slot of an entry.

    Args:
        text: the file's text.
        entry: its node.
        shared: the line of the first anchor, alias or merge key in it.
    """
    # Flow style is not searched for a line break: a JSON file may have none, and every entry would search all of it.
    line_break = "" if entry.flow else line_break_at(text, entry.start)
    rest, links, found = parts(entry)
    enriched = structure_hash(found[1]) if found else 0
    start, end, lead, indent = _present(text, entry, *found) if found else _absent(text, entry, line_break)
    return Slot(text.byte(start), text.byte(end), lead, indent, line_break, shared, rest, links, enriched)


def parts(entry: MappingNode) -> tuple[int, int, tuple[Scalar, Node] | None]:
    """Return the hashes of the links and of everything else but the block, and the block's key and value, if any."""
    rest: list[object] = []
    links, found = 0, None
    for key, value in entry.pairs:
        name = key.value if isinstance(key, Scalar) else None
        if name == "enriched" and isinstance(key, Scalar):
            found = (key, value)
        elif name == "links":
            links = structure_hash(value)
        else:
            add_content(rest, key, value)
    return hash_of(rest), links, found


def _present(text: Text, entry: MappingNode, key: Scalar, value: Node) -> tuple[int, int, str, int | None]:
    if isinstance(value, MappingNode) and not value.flow:
        return value.start, end_of_line(text, value.end), "", value.column
    if not entry.flow and key.column == entry.column:
        return key.start, end_of_line(text, value.end), "enriched:", entry.column + _STEP
    if value.start != value.end:
        return value.start, value.end, "", None
    return value.end, value.end, " " if text[value.end - 1 : value.end] == ":" else ": ", None


def _absent(text: Text, entry: MappingNode, line_break: str) -> tuple[int, int, str, int | None]:
    position, lead = behind(text, entry, entry.tail, line_break)
    if entry.flow:
        return position, position, f"{lead}enriched: ", None
    return position, position, f"{lead}enriched:", entry.column + _STEP


def behind(text: Text, parent: MappingNode, tail: int, line_break: str) -> tuple[int, str]:
    """Return where the next key of a mapping goes after what ends at `tail`, and the text that must precede it."""
    if not parent.flow:
        return end_of_line(text, tail), line_break + " " * parent.column
    # `{venue:, …}` is an error to libyaml.
    return tail, " , " if text[tail - 1 : tail] == ":" else ", "


def end_of_line(text: Text, position: int) -> int:
    """Return where the line of a character ends, without its line break."""
    return text.end_of_line(position)[0]


def line_break_at(text: Text, position: int) -> str:
    """Return the line break that is used around a character: at the end of its line, else before it, else LF."""
    _, line_break = text.end_of_line(position)
    return line_break or ["\n", *text.breaks_before(position, 10_000)][-1]
