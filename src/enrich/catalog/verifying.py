"""New texts of a catalog are read before anybody sees them: they say what they should, or are refused; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from enrich.catalog.nodes import CatalogError, Document
from enrich.catalog.nodes import Mapping as MappingNode
from enrich.catalog.reading import Catalog, Reading, frame_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Sequence as Many

    from enrich.catalog.slots import Slot
    from enrich.catalog.text import Text
    from enrich.model import Entry, Link, Place

Wrong = list["Place | None"]
"""The places of entries that are not what they should be, None for one that is not in the catalog yet."""


def verified(catalog: Catalog, text: Text, check: Callable[[Reading, Wrong], Document]) -> Text:
    """The text, once reading it has shown that it says what it should: a mistake of ours must never be saved.

    Raises:
        CatalogError: it does not.
    """
    if text.data == catalog.source.data:
        return catalog.source
    wrong: Wrong = []
    try:
        frame = frame_of(check(Reading(text, str(catalog.path)), wrong))
    except CatalogError as error:
        raise _refusal(catalog, wrong) from error
    if wrong or frame != catalog.frame:
        raise _refusal(catalog, wrong)
    return text


def one_by_one(
    catalog: Catalog, holds: Callable[[Entry, Slot, Entry, Slot], bool], appended: Many[Entry] = ()
) -> Callable[[Reading, Wrong], Document]:
    """The check that compares each entry with what it was, and new ones with what they should be."""

    def check(reading: Reading, wrong: Wrong) -> Document:
        pairs = zip(catalog.entries, catalog.slots, strict=True)
        rest = iter(appended)

        def take(entry: Entry, slot: Slot, _: MappingNode) -> None:
            if old := next(pairs, None):
                if entry.key != old[0].key or not holds(entry, slot, *old):
                    wrong.append(old[0].place)
            elif _unplaced(entry) != next(rest, None):
                wrong.append(None)

        document = reading.run(take)
        wrong.extend(old.place for old, _ in pairs)
        wrong.extend(None for _ in rest)
        return document

    return check


def _refusal(catalog: Catalog, wrong: Wrong) -> CatalogError:
    where = next((place for place in wrong if place), catalog.path)
    return CatalogError(
        f"{where}: enrich cannot write here without changing more than it may, and has changed nothing; "
        "write the entries in plain block style, and report this as a bug"
    )


def _unplaced(entry: Entry) -> Entry:
    return replace(entry, place=None, links=tuple(bare(entry.links)))


def bare(links: Iterable[Link]) -> list[Link]:
    """The links without their places, which move when something is written above them."""
    return [replace(each, place=None) for each in links]
