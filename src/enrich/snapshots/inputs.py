"""Read dumps as lines or bytes, plain or compressed with gzip, with lines of any length."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from enrich.snapshots.rows import SnapshotError

LONGEST_DUMP_LINE = 16_000_000
"""Bytes; the rows of papers with thousands of authors have some hundred thousand."""

_PIECE = 1 << 20
_OTHERS = (
    (0, b"PK\x03\x04", "a ZIP archive; extract it first"),
    (0, b"7z\xbc\xaf", "a 7-Zip archive; extract it first"),
    (257, b"ustar", "a tar archive; extract it first"),
    (0, b"BZh", "compressed with bzip2; decompress it first"),
    (0, b"\xfd7zXZ", "compressed with xz; decompress it first"),
    (0, b"\x28\xb5\x2f\xfd", "compressed with Zstandard; decompress it first"),
    (0, b"\xff\xfe", "UTF-16; convert it to UTF-8"),
    (0, b"\xfe\xff", "UTF-16; convert it to UTF-8"),
)
"""Offset, bytes and description of what is given by mistake; a tar archive would pass for a file with bad lines."""

_HEAD = 512  # bytes


class ByteStream(Protocol):
    """Bytes that are read from beginning to end."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, none at the end."""
        ...

    def readline(self, size: int, /) -> bytes:
        """Return the next line, or so many bytes of it."""
        ...


class Dump:
    """A file that a snapshot is built from; `measure` returns how much of it was read, from 0 to 1."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.measure: Callable[[], float] = lambda: 0.0


@contextmanager
def open_dump(dump: Dump) -> Iterator[ByteStream]:
    """Open a dump for reading, decompressed.

    Raises:
        SnapshotError: It cannot be read, is an archive of another kind, or ends before it should.
    """
    path = dump.path
    try:
        with path.open("rb") as file:
            size = max(1, os.fstat(file.fileno()).st_size)
            dump.measure = lambda: 1.0 if file.closed else file.tell() / size
            head = file.peek(_HEAD)
            if head.startswith(b"\x1f\x8b"):
                with gzip.open(file) as inner, io.BufferedReader(inner) as buffered:
                    _require_dump(buffered.peek(_HEAD), path)
                    yield buffered
            else:
                _require_dump(head, path)
                yield file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SnapshotError(f"{path}: incomplete or damaged gzip file ({error}); download it again") from None
    except FileNotFoundError:
        raise SnapshotError(f"{path}: file not found; check the path") from None
    except OSError as error:
        raise SnapshotError(f"{path}: cannot be read ({error.strerror}); check the path") from None


def _require_dump(head: bytes, path: Path) -> None:
    for offset, magic, what in _OTHERS:
        if head.startswith(magic, offset):
            raise SnapshotError(f"{path}: {what}")


def lines(dump: Dump) -> Iterator[tuple[int, bytes | None]]:
    """Yield the lines of a dump with their numbers, from 1; None for a line that is too long.

    Raises:
        SnapshotError: See `open_dump`.
    """
    number = 0
    with open_dump(dump) as file:
        while line := file.readline(LONGEST_DUMP_LINE):
            number += 1
            if len(line) == LONGEST_DUMP_LINE and not line.endswith(b"\n"):
                while (rest := file.readline(_PIECE)) and not rest.endswith(b"\n"):
                    pass
                yield number, None
            else:
                yield number, line
