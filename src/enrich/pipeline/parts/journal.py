"""What a worker has seen of a part, on its own disk: a killed worker continues where it stopped."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from enrich.files import lock
from enrich.pipeline.parts.forms import LONGEST, SeenLink, read_row

SUFFIX = ".jsonl"

YOUNG = 20 * 3600.0
"""Seconds for which a result counts: as long as a blocked page in the cache."""

# Links are not followed, and opening a pipe does not block.
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Journal:
    """A file with a row for each link, written as soon as the link was seen; a context manager.

    If it cannot be used, or another process uses it, nothing is kept.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def __enter__(self) -> Self:
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            prune(self._path.parent)
            file = os.open(self._path, _FLAGS, 0o600)
            try:
                lock(file)
            except OSError:
                os.close(file)
            else:
                self._file = file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def rows(self) -> dict[str, SeenLink]:
        """Return the earlier rows, by key; the last row of a link counts."""
        if self._file is None:
            return {}
        found = read_rows(self._path)
        self._write(b"\n")  # the last line may be incomplete
        return found

    def put(self, row: str) -> None:
        """Write a row, before the next link is looked at: what a killed worker has not written is asked again."""
        self._write(f"{row}\n".encode())

    def clear(self) -> None:
        """Forget what was written."""
        if self._file is not None:
            with suppress(OSError):
                os.truncate(self._file, 0)

    def _write(self, line: bytes) -> None:
        if self._file is not None:
            with suppress(OSError):
                os.write(self._file, line)


def read_rows(path: Path) -> dict[str, SeenLink]:
    """Return the rows of a journal by key, without invalid lines."""
    with suppress(OSError):
        if path.is_symlink() or path.stat().st_size > LONGEST:
            return {}
        with path.open("rb") as file:
            rows = (row for line in file if (row := read_row(line)))
            return {row.key: row for row in rows}
    return {}


def is_young(path: Path) -> bool:
    """Whether a file was written recently."""
    return -YOUNG < time.time() - path.stat().st_mtime < YOUNG


def prune(folder: Path) -> None:
    """Remove the journals that are too old to count."""
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(OSError):
            if not is_young(path):
                path.unlink()
