"""The lists that a catalog mirrors: write their names into it, and merge their new items; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from enrich.catalog.nodes import CatalogError, Scalar, SequenceNode
from enrich.catalog.reading import Catalog, CatalogReader, MirroredList, frame_of, parse
from enrich.catalog.rendering import double_quoted, plain_or_quoted
from enrich.catalog.slots import end_of_line, line_break_at
from enrich.catalog.splicing import Edit, hashes, more_items, spliced, with_entries
from enrich.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from enrich.catalog.nodes import Node, YamlDocument
    from enrich.model import Entry, Link


def with_additions(catalog: Catalog, new: Sequence[Entry], links: Mapping[str, Sequence[Link]]) -> Catalog:
    """Return the catalog with the additions of `with_entries`, which are written when the catalog is next saved.

    Raises:
        CatalogError: As `with_entries`.
    """
    if not new and not any(links.values()):
        return catalog
    grown = parse(with_entries(catalog, new, links), str(catalog.path))
    return replace(grown, warnings=catalog.warnings, on_disk=catalog.saved)


def with_lists(catalog: Catalog, lists: Sequence[MirroredList]) -> str:
    """Return the catalog's text with `lists:` naming these lists too; one that it names already stays as it is.

    Raises:
        CatalogError: The text cannot be written without changing something else.
    """
    named = {each.path for each in catalog.lists}
    added = [each for each in lists if each.path not in named]
    if not added:
        return catalog.text
    reading = CatalogReader(catalog.source, str(catalog.path))
    for _ in reading.entries():
        pass
    text = spliced(catalog.source, [_edit(catalog.source, reading.document, added)])
    _verify(catalog, text, (*catalog.lists, *added))
    return str(text)


def _edit(text: Text, document: YamlDocument, added: Sequence[MirroredList]) -> Edit:
    first = document.keys["entries"][0]
    in_json = first.style == '"'
    flow = [_item(each, in_json=in_json) for each in added]
    pair = document.keys.get("lists")
    if pair is None:
        # Above the entries, where readers of a long catalog see it.
        name = '"lists"' if in_json else "lists"
        line = f"{name}: [{', '.join(flow)}]"
        if document.root.flow:
            return first.start, first.start, f"{line}, "
        line_break, indent = line_break_at(text, first.start), " " * document.root.column
        if version := document.keys.get("version"):
            position = end_of_line(text, version[1].end)
            return position, position, f"{line_break}{indent}{line}"
        return first.start, first.start, f"{line}{line_break}{indent}"
    value = pair[1]
    if isinstance(value, SequenceNode) or (isinstance(value, Scalar) and value.absent):
        return more_items(text, document.root, pair, [f"- {item}" for item in flow], flow)
    return _listed(text, value, flow)


def _listed(text: Text, value: Node, flow: Sequence[str]) -> Edit:
    """Return the edit that makes one list of a single name and more of them."""
    if not isinstance(value, Scalar) or value.style in ("|", ">"):
        raise CatalogError("`lists` must be a list; write `lists: [README.md]`")
    items = ", ".join([text[value.start : value.end], *flow])
    return value.start, value.end, f"[{items}]"


def _item(each: MirroredList, *, in_json: bool) -> str:
    def written(value: str) -> str:
        return double_quoted(value) if in_json else plain_or_quoted(value, flow=True)

    if each.base_url is None:
        return written(each.path)
    names = ('"path"', '"base_url"') if in_json else ("path", "base_url")
    return f"{{{names[0]}: {written(each.path)}, {names[1]}: {written(each.base_url)}}}"


def _verify(catalog: Catalog, text: Text, lists: tuple[MirroredList, ...]) -> None:
    """Check that the new text differs only in its lists."""
    was, now = (CatalogReader(each, str(catalog.path)) for each in (catalog.source, text))
    try:
        before, after = ([(entry.key, hashes(slot)) for entry, slot, _ in each.entries()] for each in (was, now))
        frames = [frame_of(each.document, "lists") for each in (was, now)]
        good = before == after and frames[0] == frames[1] and now.lists() == lists
    except CatalogError:
        good = False
    if not good:
        raise CatalogError(f"{catalog.path}: cannot take `lists:`; write it there yourself: {_shown(lists)}")


def _shown(lists: Sequence[MirroredList]) -> str:
    items = ", ".join(_item(each, in_json=False) for each in lists)
    return f"lists: [{items}]"
