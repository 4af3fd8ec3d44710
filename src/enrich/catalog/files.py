"""Catalog files: read with their exact bytes, replaced as a whole or not at all."""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
from io import BytesIO
from typing import TYPE_CHECKING

from enrich import files
from enrich.catalog.nodes import CatalogError
from enrich.catalog.reading import Catalog, parse
from enrich.catalog.splicing import Splice
from enrich.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from enrich.model import Enriched

_PIECE = 1_000_000
"""The number of bytes that are compared or decoded at once."""

_LISTS = {
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd", ".rmd"), "Markdown"),
    **dict.fromkeys((".bib", ".bibtex"), "BibTeX"),
    **dict.fromkeys((".csv", ".tsv"), "CSV"),
}
"""What a file is that may be mistaken for a catalog, by its suffix; catalogs have none of these."""


def load(path: Path) -> Catalog:
    """Return the catalog in a file.

    Raises:
        CatalogError: The file is not found, cannot be read, or is not a catalog.
    """
    with _reading(path):
        data = path.read_bytes()
    if kind := _list_format(path, data):
        raise CatalogError(
            f"{path} is a list ({kind}): run `enrich import {path} --mirror -o catalog.yaml`, or `enrich check {path}`"
        )
    _check_utf_8(data, path)
    return parse(Text(data), str(path))


def _list_format(path: Path, data: bytes) -> str | None:
    """Return the format of a list that is not a catalog; JSON is YAML, too, but an array is not a catalog."""
    if path.suffix.lower() == ".json":
        return "JSON" if data.lstrip(codecs.BOM_UTF8 + b" \t\r\n").startswith(b"[") else None
    return _LISTS.get(path.suffix.lower())


def check_writable(path: Path) -> None:
    """Check that `save` can replace the file, before hours of work are spent on its content.

    Raises:
        CatalogError: its folder cannot be written.
    """
    if not os.access(path.resolve().parent, os.W_OK | os.X_OK):
        raise _unwritable(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def save(catalog: Catalog, text: str) -> None:
    """Replace the catalog's file with this text, atomically.

    The file keeps its permissions and, where we may, its owner; a symbolic link keeps pointing at it.

    Raises:
        CatalogError: the file is not what it was when the catalog was read, or cannot be written.
    """
    data = text.encode()
    if not _holds(BytesIO(data), catalog.saved.pieces()):
        _save(catalog, [data])


def save_enriched(catalog: Catalog, blocks: Mapping[str, Enriched]) -> None:
    """Save the text that `with_enriched` returns, without ever having all of it in memory.

    Raises:
        CatalogError: as `with_enriched` and `save` do.
    """
    splice = Splice(catalog, blocks)
    if not splice.is_empty or catalog.on_disk:
        _save(catalog, splice.pieces(), splice.check)


def _save(catalog: Catalog, pieces: Iterable[bytes], verify: Callable[[BinaryIO], None] = lambda _: None) -> None:
    _check_unchanged(catalog)
    try:
        files.write(catalog.path, pieces, verify=verify, before_replace=lambda: _check_unchanged(catalog))
    except OSError as error:
        raise _unwritable(catalog.path, error) from error


def create(path: Path, text: str) -> None:
    """Write a new catalog file, all of it or nothing.

    Raises:
        CatalogError: there is a file already, or it cannot be written.
    """

    def check_new() -> None:
        if os.path.lexists(path):
            raise CatalogError(f"{path}: the file exists; choose another name or import into it")

    check_new()
    try:
        files.write(path, [text.encode()], before_replace=check_new)
    except OSError as error:
        raise _unwritable(path, error) from error


def _check_unchanged(catalog: Catalog) -> None:
    with _reading(catalog.path), catalog.path.open("rb") as file:
        if not _holds(file, catalog.saved.pieces()):
            raise CatalogError(f"{catalog.path}: the catalog changed on disk during the run; run again")


def _holds(file: BinaryIO, pieces: Iterable[bytes]) -> bool:
    return all(file.read(len(piece)) == piece for piece in pieces) and not file.read(1)


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise CatalogError(
            f"{path}: file not found; pass the catalog's path or create one with `enrich import LIST`"
        ) from error
    except OSError as error:
        raise CatalogError(f"{path}: the catalog cannot be read ({error.strerror}); check the path") from error


def _check_utf_8(data: bytes, path: Path) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    start = 0
    try:
        for start in range(0, len(data), _PIECE):
            decoder.decode(data[start : start + _PIECE], final=start + _PIECE >= len(data))
    except UnicodeDecodeError as error:
        # The decoder counts from what was left over from the previous piece.
        place = min(start + _PIECE, len(data)) - len(error.object) + error.start
        line = data.count(b"\n", 0, place) + 1
        raise CatalogError(
            f"{path}:{line}: the byte 0x{data[place]:02x} is not UTF-8 (offset {place}); save the file in UTF-8"
        ) from error


def _unwritable(path: Path, error: OSError) -> CatalogError:
    return CatalogError(
        f"{path}: the catalog cannot be written ({error.strerror}); nothing was changed, "
        "check the disk and the permissions of the directory"
    )
