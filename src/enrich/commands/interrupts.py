"""SIGINT and SIGTERM: the first ends the work properly, the second ends the process at once.

A first signal without progress for a while ends the process, too. The main thread may be busy in a call that does not
return to the interpreter. If the call lets other threads run (a disk, a hash), a thread that counts the signals ends
the process; if it only checks signals (a regular expression), the handlers do.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import NoReturn

from enrich.commands import INTERRUPTED

PATIENCE = 9.0
"""Seconds that each step of an end in good order is given: GitHub's runner kills a job 10 seconds after its signal
(https://github.com/actions/runner/blob/main/src/Runner.Sdk/ProcessInvoker.cs), and so do other supervisors."""

_ONE_REQUEST = 0.2
"""Seconds within which a second signal counts as the first: `timeout` sends each to the process and to its group."""

_PIPE = 65_536  # bytes: more signals than ever wait in it
_SIGNALS = [number for name in ("SIGINT", "SIGTERM", "SIGBREAK") if (number := getattr(signal, name, None))]
_SHOW_CURSOR = b"\x1b[?25h"
_LEAVING = threading.Lock()


def _leave() -> NoReturn:
    """End the process wherever it is; files are only ever replaced as a whole, so none is torn."""
    if not _LEAVING.acquire(blocking=False):
        time.sleep(1)  # the other thread, which prints a message, is faster
    with suppress(OSError):
        os.write(2, (_SHOW_CURSOR if os.isatty(2) else b"") + b"enrich: interrupted; ended at once\n")
    os._exit(INTERRUPTED)


def _raise() -> NoReturn:
    raise KeyboardInterrupt


class _Count:
    """Count the signals that the main thread handles, and end the process at the second one.

    In processor time: on a busy machine, signals that came together may be handled long after each other. While the
    main thread does not compute, the thread that reads the pipe counts.
    """

    def __init__(self) -> None:
        self._first: float | None = None

    def is_first(self) -> bool:
        """Count a signal; return whether it is the first."""
        now = time.thread_time()
        if self._first is None:
            self._first = now
            return True
        if now - self._first > _ONE_REQUEST:
            _leave()
        return False


class Interrupts:
    """What signals do to a command; after the first, each step on the way to the end is given `patience` seconds.

    Attributes:
        came: Whether the first signal has come.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self.came = False
        self._patience = patience
        self._until = 0.0
        self._over = False
        self._answer: Callable[[], object] = _leave

    @contextmanager
    def watched(self, *, to_the_end: bool) -> Iterator[None]:
        """Answer signals while the block runs: at first, the first one ends the process.

        Args:
            to_the_end: Whether the process ends after the block; signals that come so late change nothing any more.
        """
        self.came, self._over, self._answer = False, False, _leave
        before = {number: signal.getsignal(number) for number in _SIGNALS}
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        threading.Thread(target=self._count, args=(reading,), name="signals", daemon=True).start()
        self._install(writing)
        try:
            yield
        finally:
            self._over = True
            if sys.platform != "win32":
                signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in before.items():
                signal.signal(number, signal.SIG_IGN if to_the_end else handler)
            if not to_the_end:
                if sys.platform != "win32":
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGALRM, signal.SIG_DFL)
                os.close(writing)

    def _install(self, pipe: int) -> None:
        count = _Count()

        def handle(number: int, _: object) -> None:
            if sys.platform == "win32":  # where asyncio takes the wake-up descriptor for itself
                os.write(pipe, bytes([number]))
            if count.is_first():
                self.came = True
                self.take_a_step()
                self._answer()

        for number in _SIGNALS:
            signal.signal(number, handle)
        if sys.platform != "win32":
            signal.signal(signal.SIGALRM, lambda *_: _leave())
            # The C handler writes to it: the thread learns of a signal even if the main thread runs no Python code.
            signal.set_wakeup_fd(pipe, warn_on_full_buffer=False)

    def _count(self, reading: int) -> None:
        """Read signals from the pipe until it is closed, and end the process at the second one."""
        is_first = True
        while numbers := os.read(reading, 1):
            if numbers[0] not in _SIGNALS:
                continue
            if not is_first:
                _leave()
            is_first = False
            self._until = time.monotonic() + self._patience
            threading.Thread(target=self._expire, name="signals", daemon=True).start()
            time.sleep(_ONE_REQUEST)
            os.set_blocking(reading, False)
            with suppress(BlockingIOError):
                os.read(reading, _PIPE)
            os.set_blocking(reading, True)
        os.close(reading)

    def _expire(self) -> None:
        while not self._over and (left := self._until - time.monotonic()) > 0:
            time.sleep(min(left, 1))
        if not self._over:
            _leave()

    def take_a_step(self) -> None:
        """Note that the requested end is making progress."""
        if not self.came:
            return
        self._until = time.monotonic() + self._patience
        if sys.platform != "win32":
            signal.setitimer(signal.ITIMER_REAL, self._patience)

    @contextmanager
    def answered_by(self, answer: Callable[[], object]) -> Iterator[None]:
        """Answer the first signal with a call while the block runs, including one that has already come."""
        before, self._answer = self._answer, answer
        try:
            if self.came:
                answer()
            yield
        finally:
            self._answer = before

    @property
    def is_ending(self) -> bool:
        """Whether the first signal currently raises KeyboardInterrupt."""
        return self._answer is _raise

    def check(self) -> None:
        """End an `ending` block in which a signal came that a block inside it has answered.

        Raises:
            KeyboardInterrupt: It did.
        """
        if self.came and self.is_ending:
            _raise()

    def ending(self) -> AbstractContextManager[None]:
        """Raise KeyboardInterrupt at the first signal while the block runs."""
        return self.answered_by(_raise)

    def noted(self) -> AbstractContextManager[None]:
        """Only set `came` at the first signal while the block runs: its work should be finished."""
        return self.answered_by(lambda: None)


INTERRUPTS = Interrupts()
"""The process's only instance, as signals concern the whole process."""
