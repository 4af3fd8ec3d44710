"""The pace of a service across processes: a file has the time of the last request from any of them."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from enrich.files import lock
from enrich.web.clock import Clock

_BUSY_SECONDS = 0.02  # until another process releases the file, which it locks for two system calls
_MOST_BUSY = 50
_LONGEST = 32  # bytes
_STAMP = re.compile(rb"\d{1,12}\.\d{6}")
# Links are not followed, and opening a pipe does not block.
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Turns:
    """The turns of one service, for all processes on this machine.

    The file is only a hint, since other programs can write it: it delays a request by one interval at most. If it
    cannot be used, each process keeps the pace on its own.
    """

    def __init__(self, folder: Path, name: str, interval: float, clock: Clock) -> None:
        self._path = folder / re.sub(r"[^A-Za-z0-9._-]", "_", name)
        self._interval = interval
        self._clock = clock
        self._busy = 0

    def take(self) -> float:
        """Take a turn and return 0, or return the seconds to wait before the next attempt."""
        try:
            with self._open() as file:
                now = self._clock.now().timestamp()
                wait = _read(file) + self._interval - now
                # No request was made in the future: the clock was set back, or the file is not ours.
                if 0 < wait <= self._interval:
                    return wait
                _write(file, now)
        except BlockingIOError:
            self._busy += 1
            if self._busy <= _MOST_BUSY:
                return _BUSY_SECONDS
        except OSError:
            pass
        self._busy = 0
        return 0.0

    def sent(self) -> None:
        """Note that a request is sent now: since its turn it may have waited for a connection."""
        try:
            with self._open() as file:
                _write(file, self._clock.now().timestamp())
        except OSError:
            pass  # its turn was noted

    @contextmanager
    def _open(self) -> Iterator[int]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, _FLAGS, 0o600)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise OSError("not a regular file")
            lock(file)
            yield file
        finally:
            os.close(file)  # which releases the lock, as does the end of the process


def _read(file: int) -> float:
    """Return the time of the last request; the epoch if the file has none."""
    text = os.read(file, _LONGEST).strip()
    return float(text) if _STAMP.fullmatch(text) else 0.0


def _write(file: int, moment: float) -> None:
    os.lseek(file, 0, os.SEEK_SET)
    os.ftruncate(file, 0)
    os.write(file, b"%.6f\n" % moment)
