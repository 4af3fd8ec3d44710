"""One run at a time: on a catalog, and in a folder with a history."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from enrich import files
from enrich.model import EnrichError

LOCK_FILE = "run.lock"
"""The lock file in the cache folder; its text, the holder's process, is only for people."""


@contextmanager
def run_lock(folder: Path, catalog: Path | None = None) -> Iterator[None]:
    """Lock the folder and the catalog against other runs while the block runs.

    Without file locks, or in a read-only folder, there is no lock.

    Raises:
        EnrichError: another run is using this folder.
    """
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    held: list[int] = []
    try:
        # On Windows a locked file cannot be replaced, as the catalog is when it is saved.
        if catalog and sys.platform != "win32":
            _hold(catalog, os.O_RDONLY, held, f"{catalog}: another run is in progress{{}}; wait until it ends")
        held_in_folder = _hold(
            folder / LOCK_FILE,
            os.O_RDWR | os.O_CREAT,
            held,
            f"{folder}: another run is using this folder{{}}; wait until it ends or choose another --cache-dir",
        )
        if held_in_folder is not None:
            with suppress(OSError):
                os.truncate(held_in_folder, 0)
                os.write(held_in_folder, f"{os.getpid()}\n".encode())
        yield
    finally:
        for file in held:
            os.close(file)


def _hold(path: Path, flags: int, held: list[int], refusal: str) -> int | None:
    """Lock a file and add it to `held`; None if that is not possible."""
    # A cache may come from elsewhere, and contain a link of that name to another file of ours.
    follow = 0 if path.name != LOCK_FILE else getattr(os, "O_NOFOLLOW", 0)
    try:
        file = os.open(path, flags | follow, 0o644)
    except OSError:
        return None
    try:
        files.lock(file)
    except BlockingIOError:
        holder = b"" if flags == os.O_RDONLY else os.read(file, 20)
        os.close(file)
        process = holder.strip().decode("ascii", "replace")
        raise EnrichError(refusal.format(f" (process {process})" if process.isdigit() else "")) from None
    except OSError:
        os.close(file)
        return None
    held.append(file)
    return file
