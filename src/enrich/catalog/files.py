"""Catalog files: read with their exact bytes, replaced as a whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from typing import TYPE_CHECKING

from enrich.catalog.nodes import CatalogError
from enrich.catalog.reading import Catalog, parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PIECE = 1_000_000
"""How many characters are encoded at once."""


def load(path: Path) -> Catalog:
    """The catalog in a file.

    Raises:
        CatalogError: there is no such file, it cannot be read, or it is no catalog.
    """
    with _reading(path):
        data = path.read_bytes()
    text = _decoded(data, path)
    del data  # as large as the text
    return parse(text, str(path))


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
    if text == catalog.text:
        return
    if not _holds(catalog.path, catalog.text):
        raise CatalogError(f"{catalog.path}: the catalog has changed on disk since it was read; run again")
    target = catalog.path.resolve()
    try:
        _replace(target, text, target.stat())
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
        _replace(path, text, None)
    except OSError as error:
        raise _unwritable(path, error) from error


def _encoded(text: str) -> Iterator[bytes]:
    """The text's bytes in pieces, since a second copy of a large catalog may be too much."""
    for start in range(0, len(text), _PIECE):
        yield text[start : start + _PIECE].encode()


def _holds(path: Path, text: str) -> bool:
    with _reading(path), path.open("rb") as file:
        return all(file.read(len(piece)) == piece for piece in _encoded(text)) and not file.read(1)


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


def _decoded(data: bytes, path: Path) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CatalogError(
            f"{path}:{line}: the byte 0x{data[error.start]:02x} is not UTF-8 (offset {error.start}); "
            "save the file in UTF-8"
        ) from error


def _replace(target: Path, text: str, old: os.stat_result | None) -> None:
    temporary = target.with_name(f".enrich-{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            if old is not None:
                _take_over(temporary, old)
            file.writelines(_encoded(text))
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
