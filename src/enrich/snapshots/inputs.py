"""Dumps as lines or as bytes, plain or compressed with gzip, however long their lines are."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from enrich.snapshots.rows import SnapshotError

LONGEST_DUMP_LINE = 16_000_000
"""Bytes; the rows of papers with thousands of authors have some hundred thousand."""

_PIECE = 1 << 20
_ARCHIVES = ((b"PK\x03\x04", "a ZIP archive"), (b"BZh", "compressed with bzip2"), (b"\xfd7zXZ", "compressed with xz"))


class ByteStream(Protocol):
    """Bytes that are read from the beginning to the end."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, none at the end."""
        ...

    def readline(self, size: int, /) -> bytes:
        """Return the next line, or so many bytes of it."""
        ...


@contextmanager
def open_dump(path: Path) -> Iterator[ByteStream]:
    """Open a dump for reading, decompressed.

    Raises:
        SnapshotError: It cannot be read, is an archive of another kind, or ends before it should.
    """
    try:
        with path.open("rb") as file:
            head = file.peek(8)
            for magic, name in _ARCHIVES:
                if head.startswith(magic):
                    raise SnapshotError(f"{path}: {name}; decompress it first")
            if head.startswith(b"\x1f\x8b"):
                with gzip.open(file) as inner:
                    yield inner
            else:
                yield file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SnapshotError(f"{path}: incomplete or damaged gzip file ({error}); download it again") from None
    except FileNotFoundError:
        raise SnapshotError(f"{path}: file not found; check the path") from None
    except OSError as error:
        raise SnapshotError(f"{path}: cannot be read ({error.strerror}); check the path") from None


def lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Yield the lines of a dump with their numbers, from 1; None for one that is too long to be read.

    Raises:
        SnapshotError: See `open_dump`.
    """
    number = 0
    with open_dump(path) as file:
        while line := file.readline(LONGEST_DUMP_LINE):
            number += 1
            if len(line) == LONGEST_DUMP_LINE and not line.endswith(b"\n"):
                while (rest := file.readline(_PIECE)) and not rest.endswith(b"\n"):
                    pass
                yield number, None
            else:
                yield number, line
