"""Limits on the processor time for work on untrusted input."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType, TracebackType
from typing import Self

PAGE_SECONDS = 1.0
"""Processor time for one page; an ordinary page takes a few thousandths of a second."""

_TICK = 0.05  # seconds of processor time between two checks


class OutOfTimeError(Exception):
    """The work took more processor time than allowed."""


class _CpuTimer:
    """The timer that checks the limits under way in the main thread; a context manager, around many short ones.

    To set a timer takes longer than to read a small page, so that it goes on between them. Outside the main thread, and
    on Windows, it does nothing.
    """

    def __init__(self) -> None:
        self._limits: list[CpuLimit] = []
        self._users = 0
        self._thread: int | None = None  # the main thread while the timer is set

    def __enter__(self) -> Self:
        if _heeds_signals():
            self._begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if _heeds_signals():
            self._end()

    def add(self, limit: CpuLimit) -> bool:
        """Start checking a limit; return whether that is possible."""
        if self._thread != threading.get_ident() and not _heeds_signals():
            return False
        self._begin()
        self._limits.append(limit)
        return True

    def remove(self, limit: CpuLimit) -> None:
        """Stop checking a limit."""
        self._limits.remove(limit)
        self._end()

    def _begin(self) -> None:
        self._users += 1
        if self._users == 1:
            self._thread = threading.get_ident()
            self._began = time.thread_time()
            self._handler_before = signal.signal(signal.SIGVTALRM, self._check)
            self._timer_before = signal.setitimer(signal.ITIMER_VIRTUAL, _TICK, _TICK)

    def _end(self) -> None:
        self._users -= 1
        if not self._users:
            self._thread = None
            left, interval = self._timer_before
            spent = time.thread_time() - self._began
            signal.setitimer(signal.ITIMER_VIRTUAL, max(left - spent, 1e-3) if left else 0.0, interval)
            signal.signal(signal.SIGVTALRM, self._handler_before)

    def _check(self, _: int, frame: FrameType | None) -> None:
        # The timer counts the time of all threads together. What enters or leaves a limit must not be torn.
        is_between = frame is not None and frame.f_globals is globals()
        if not is_between and any(limit.is_spent() for limit in self._limits):
            raise OutOfTimeError


def _heeds_signals() -> bool:
    """Return whether a signal can interrupt the calling thread."""
    return hasattr(signal, "setitimer") and threading.get_ident() == threading.main_thread().ident


CPU_TIMER = _CpuTimer()
"""The process's only instance, as it has one timer of this kind."""


class CpuLimit:
    """Processor time of the calling thread that several pieces of work share; use it as a context manager.

    In the main thread a timer signal stops the work within a twentieth of a second, and inside a regular expression.
    Elsewhere, and on Windows, the time is only checked when a piece of work ends. Neither stops a C library such as
    lxml before it returns, so the size of what it reads must be bounded as well.

    Raises:
        OutOfTimeError: From the body, or at its end, once the time is spent.
    """

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._since: float | None = None
        self._is_checked = False

    def __enter__(self) -> Self:
        self._is_checked = CPU_TIMER.add(self)
        self._since = None if self._is_checked else time.thread_time()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if self._is_checked:
            CPU_TIMER.remove(self)
        if self._since is not None:
            self._left -= time.thread_time() - self._since
        if kind is None and self._left <= 0:
            raise OutOfTimeError

    def is_spent(self) -> bool:
        """Return whether the current work has used up its time; called at each tick of the timer.

        Work that is done before the first tick is not counted: asking for the time takes as long as a small page.
        """
        now = time.thread_time()
        if self._since is None:
            self._since = now - _TICK
        return now - self._since >= self._left
