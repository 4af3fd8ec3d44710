"""Catalog files: read with their exact bytes, replaced as a whole or not at all."""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import re
import secrets
import stat
import time
from typing import TYPE_CHECKING

from enrich.catalog.nodes import CatalogError
from enrich.catalog.reading import Catalog, parse
from enrich.catalog.splicing import enriched
from enrich.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from enrich.model import Enriched

_TEMPORARY = re.compile(r"\.enrich-[0-9a-f]{16}\.tmp")
_STALE_SECONDS = 3600.0
_PIECE = 1_000_000
"""How many bytes are compared or decoded at once."""


def load(path: Path) -> Catalog:
    """The catalog in a file.

    Raises:
        CatalogError: there is no such file, it cannot be read, or it is no catalog.
    """
    with _reading(path):
        data = path.read_bytes()
    _check_utf_8(data, path)
    return parse(Text(data), str(path))


def check_writable(path: Path) -> None:
    """See whether `save` could replace the file, before hours of work are spent on what to write.

    Raises:
        CatalogError: its folder cannot be written.
    """
    if not os.access(path.resolve().parent, os.W_OK | os.X_OK):
        raise _unwritable(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def save(catalog: Catalog, text: str) -> None:
    """Replace the catalog's file by one with this text: all of it or, whatever happens, nothing.

    The file keeps its permissions and, where we may, its owner; a symbolic link keeps pointing at it.

    Raises:
        CatalogError: the file is not what it was when the catalog was read, or cannot be written.
    """
    _save(catalog, text.encode())


def save_enriched(catalog: Catalog, blocks: Mapping[str, Enriched]) -> None:
    """Save the text that `with_enriched` gives, without ever holding all of it as a `str`.

    Raises:
        CatalogError: as `with_enriched` and `save` do.
    """
    _save(catalog, enriched(catalog, blocks).data)


def _save(catalog: Catalog, data: bytes | bytearray) -> None:
    if data == catalog.source.data:
        return
    if not _holds(catalog.path, catalog.source.data):
        raise CatalogError(f"{catalog.path}: the catalog has changed on disk since it was read; run again")
    target = catalog.path.resolve()
    try:
        _replace(target, data, target.stat())
    except OSError as error:
        raise _unwritable(catalog.path, error) from error


def create(path: Path, text: str) -> None:
    """Write a new catalog file, all of it or nothing.

    Raises:
        CatalogError: there is a file already, or it cannot be written.
    """
    if os.path.lexists(path):
        raise CatalogError(f"{path}: there is a file already; give another name, or import into it")
    try:
        _replace(path, text.encode(), None)
    except OSError as error:
        raise _unwritable(path, error) from error


def _holds(path: Path, data: bytes | bytearray) -> bool:
    view = memoryview(data)
    with _reading(path), path.open("rb") as file:
        pieces = (view[start : start + _PIECE] for start in range(0, len(data), _PIECE))
        return all(file.read(len(piece)) == piece for piece in pieces) and not file.read(1)


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise CatalogError(
            f"{path}: there is no such file; give the catalog's path, or make one with `enrich import LIST`"
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
        # The decoder counts from what was left over of the piece before.
        place = min(start + _PIECE, len(data)) - len(error.object) + error.start
        line = data.count(b"\n", 0, place) + 1
        raise CatalogError(
            f"{path}:{line}: the byte 0x{data[place]:02x} is not UTF-8 (offset {place}); save the file in UTF-8"
        ) from error


def _replace(target: Path, data: bytes | bytearray, old: os.stat_result | None) -> None:
    temporary = target.with_name(f".enrich-{secrets.token_hex(8)}.tmp")
    _tidy(target.parent)
    try:
        with temporary.open("xb") as file:
            if old is not None:
                _take_over(temporary, old)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    # The new name survives a power cut only once the directory is on disk; some file systems cannot do that.
    with contextlib.suppress(OSError):
        directory = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def _tidy(folder: Path) -> None:
    """Remove what savings that were killed have left behind; one that is under way takes seconds, not an hour."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if _TEMPORARY.fullmatch(path.name):
                status = path.lstat()
                if stat.S_ISREG(status.st_mode) and time.time() - status.st_mtime > _STALE_SECONDS:
                    path.unlink()


def _take_over(temporary: Path, old: os.stat_result) -> None:
    # Only root may give a file away; what somebody else owned is then ours, with the same permissions.
    with contextlib.suppress(PermissionError):
        os.chown(temporary, old.st_uid, old.st_gid)
    temporary.chmod(stat.S_IMODE(old.st_mode))


def _unwritable(path: Path, error: OSError) -> CatalogError:
    return CatalogError(
        f"{path}: the catalog cannot be written ({error.strerror}); nothing was changed, "
        "check the disk and the permissions of the directory"
    )
