"""New texts of a catalog are read back before they are saved, and rejected if they differ; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from enrich.catalog.nodes import CatalogError
from enrich.catalog.reading import Catalog, CatalogReader, frame_of
from enrich.catalog.skimming import Skimmer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from enrich.catalog.composer import Readable
    from enrich.catalog.slots import Slot
    from enrich.catalog.text import Text
    from enrich.model import Entry, Link, Place


def verified(catalog: Catalog, text: Text, differences: Callable[[CatalogReader], Iterator[Place | None]]) -> Text:
    """Return the text, once reading it has shown that it says what it should: a mistake of ours must never be saved.

    Args:
        catalog: What the text is made from.
        text: The new text.
        differences: Yields the places of entries that are not what they should be, None for one that is new.

    Raises:
        CatalogError: The text does not say what it should.
    """
    if text.data == (source := catalog.source).data:
        return source
    wrong: list[Place | None] = []
    reading = CatalogReader(text, str(catalog.path))
    try:
        wrong.extend(differences(reading))
        frame = frame_of(reading.document)
    except CatalogError as error:
        raise _refusal(catalog, wrong) from error
    if wrong or frame != catalog.frame:
        raise _refusal(catalog, wrong)
    return text


def refuse_if_wrong(catalog: Catalog, file: Readable, differences: Callable[[Skimmer], Iterator[Place | None]]) -> None:
    """Read a new text of the catalog back from a file, as `verified` does.

    Raises:
        CatalogError: The text does not say what it should.
    """
    wrong: list[Place | None] = []
    skimmer = Skimmer(file)
    try:
        wrong.extend(differences(skimmer))
    except CatalogError as error:
        raise _refusal(catalog, wrong) from error
    if wrong or skimmer.frame != catalog.frame:
        raise _refusal(catalog, wrong)


def compared(
    catalog: Catalog,
    reading: CatalogReader,
    holds: Callable[[Entry, Slot, Entry, Slot], bool],
    appended: Sequence[Entry] = (),
) -> Iterator[Place | None]:
    """Compare each entry with its old state, and new ones with the wanted ones; yield the places of wrong ones.

    `holds` says whether an entry and its slot are as they should be, given their old state.
    """
    was = zip(catalog.entries, catalog.slots, strict=True)
    new = iter(appended)
    for entry, slot, _ in reading.entries():
        if old := next(was, None):
            if entry.key != old[0].key or not holds(entry, slot, *old):
                yield old[0].place
        elif _unplaced(entry) != next(new, None):
            yield None
    yield from (old.place for old, _ in was)
    yield from (None for _ in new)


def _refusal(catalog: Catalog, wrong: Iterable[Place | None]) -> CatalogError:
    where = next((place for place in wrong if place), catalog.path)
    return CatalogError(
        f"{where}: cannot be written without changing other text; nothing was changed. "
        "Write the entries in block style, and report this as a bug"
    )


def _unplaced(entry: Entry) -> Entry:
    return replace(entry, place=None, links=tuple(bare(entry.links)))


def bare(links: Iterable[Link]) -> list[Link]:
    """Return the links without their places, which move if something is written above them."""
    return [replace(each, place=None) for each in links]
