"""Limit the number of concurrent requests on a machine with few file descriptors per process."""

from __future__ import annotations

import asyncio
import errno
import ssl
import sys
from typing import Literal

if sys.platform == "win32":

    def _open_files() -> int:
        return _PLENTY
else:
    import resource

    def _open_files() -> int:
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return _PLENTY if soft == resource.RLIM_INFINITY else soft


_PLENTY = 1_000_000
_MOST = 160  # with the kept connections, fewer than the 256 files that macOS allows a process
_MOST_IDLE = 64
_OTHER_FILES = 96  # the cache, name lookups, idle connections

NO_FILES = "too many open files; raise `ulimit -n`"
"""The words if the process has no file descriptor left for a connection."""


def most_in_flight() -> int:
    """Return how many requests there are file descriptors for, according to the process's limit."""
    return max(4, min(_MOST, _open_files() - _OTHER_FILES))


def most_idle() -> int:
    """Return how many connections may be kept open for later."""
    return min(_MOST_IDLE, _open_files() // 4)


def is_out_of_files(error: BaseException | None) -> bool:
    """Return whether the process, or the machine, had no file descriptor left."""
    # The numbers in an SSLError are OpenSSL's own.
    return (
        isinstance(error, OSError)
        and not isinstance(error, ssl.SSLError)
        and error.errno in (errno.EMFILE, errno.ENFILE)
    )


class InFlight(asyncio.Semaphore):
    """Limits concurrent requests, and lowers the limit if file descriptors run out."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._under_way = 0
        self._withheld = 0

    async def acquire(self) -> Literal[True]:
        """Wait for a place."""
        await super().acquire()
        self._under_way += 1
        return True

    def release(self) -> None:
        """Give a place back."""
        self._under_way -= 1
        if self._withheld:
            self._withheld -= 1
        else:
            super().release()

    async def shrink(self) -> None:
        """Keep no more places than the other requests have, at least one: this one found no file descriptor."""
        while not self.locked():
            await super().acquire()
        if self._under_way - self._withheld > 1:
            self._withheld += 1
