"""Replace files atomically: a reader finds either the old file or the new one, complete."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt

    def lock(file: int) -> None:
        """Lock an open file until it is closed; see the function for other systems."""
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError as held:
            raise BlockingIOError(*held.args) from held
else:
    import fcntl

    def lock(file: int) -> None:
        """Take the lock of an open file, which closing it gives back, as does the end of the process, however it ends.

        Raises:
            BlockingIOError: Another process holds it.
            OSError: The file system knows no locks.
        """
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_TEMPORARY = re.compile(r"\.enrich-[0-9a-f]{16}\.tmp")
_STALE_SECONDS = 3600.0
_PIECE_CHARS = 1_000_000
_DESCRIPTORS = ("/dev/fd/", "/dev/stdout", "/dev/stderr", "/proc/")


def write(
    path: Path,
    pieces: Iterable[bytes | bytearray],
    *,
    follow_link: bool = True,
    verify: Callable[[BinaryIO], None] = lambda _: None,
    before_replace: Callable[[], None] = lambda: None,
) -> None:
    """Replace a file by one with this content, durably and as a whole, or leave it as it is.

    The content goes into a new file of a random name beside it, which is synced and renamed. The file keeps its
    permissions and, where we may, its owner. Streams (a pipe, a terminal, /dev/stdout) are written directly.

    Args:
        path: The file; its folder exists.
        pieces: The content.
        follow_link: Whether to replace the target of a symbolic link, rather than the link itself.
        verify: Reads the new file once everything is on disk; what it raises stops the rename.
        before_replace: Called after that, right before the rename; what it raises stops the rename.

    Raises:
        OSError: The file cannot be written.
    """
    if follow_link and is_stream(path):
        with path.open("ab") as stream:
            stream.writelines(pieces)
        return
    target = Path(os.path.realpath(path)) if follow_link else path
    temporary = target.with_name(f".enrich-{secrets.token_hex(8)}.tmp")
    _tidy(target.parent)
    try:
        # "x" does not open existing files, and does not follow links.
        with temporary.open("xb") as file:
            _take_over(temporary, target)
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        with temporary.open("rb") as written:
            verify(written)
        before_replace()
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(target.parent)


def move(finished: Path, path: Path) -> None:
    """Put a file that was written beside its place into that place, durably; what is there is replaced.

    Raises:
        OSError: It cannot be moved.
    """
    with finished.open("rb+") as file:
        os.fsync(file.fileno())
    _take_over(finished, path)
    finished.replace(path)
    _sync_folder(path.parent)


def encoded(words: str | Iterable[str], errors: str) -> Iterator[bytes]:
    """Return a text in UTF-8, piece by piece; `errors` is what `str.encode` does with half a surrogate pair."""
    for piece in _pieces(words) if isinstance(words, str) else words:
        yield piece.encode("utf-8", errors)


def _pieces(text: str) -> Iterator[str]:
    return (text[at : at + _PIECE_CHARS] for at in range(0, len(text), _PIECE_CHARS))


def is_stream(path: Path) -> bool:
    """Whether there is something other than a file or folder: a pipe, a terminal, a standard stream."""
    if str(path.absolute()).startswith(_DESCRIPTORS):
        return True
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def database_mark(path: Path) -> int | None:
    """Return the application id in the header of an SQLite file in any state; None for any other file.

    https://www.sqlite.org/fileformat2.html#application_id
    """
    if not path.is_file():  # opening a pipe would block
        return None
    with contextlib.suppress(OSError), path.open("rb") as file:
        head = file.read(72)
        if len(head) == 72 and head.startswith(b"SQLite format 3\0"):
            return int.from_bytes(head[68:], "big")
    return None


def _take_over(temporary: Path, target: Path) -> None:
    try:
        old = target.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(old.st_mode):
        return
    # Only root may give a file away; otherwise the file becomes ours, with the same permissions.
    with contextlib.suppress(PermissionError, AttributeError):
        os.chown(temporary, old.st_uid, old.st_gid)
    temporary.chmod(stat.S_IMODE(old.st_mode))


def _tidy(folder: Path) -> None:
    """Remove what killed writers left behind; a live writer takes seconds, not an hour."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if _TEMPORARY.fullmatch(path.name):
                status = path.lstat()
                if stat.S_ISREG(status.st_mode) and time.time() - status.st_mtime > _STALE_SECONDS:
                    path.unlink()


def _sync_folder(folder: Path) -> None:
    # The new name survives a power failure only after the folder is synced; some file systems cannot do that.
    with contextlib.suppress(OSError):
        directory = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
