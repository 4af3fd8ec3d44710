"""Limits on the processor time that work on strangers' input may take."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType, TracebackType
from typing import Self

PAGE_SECONDS = 1.0
"""Processor time for all that one page says; an ordinary page takes a few thousandths of a second."""

_AGAIN = 0.05  # seconds of processor time between two checks once the time is spent


class OutOfTimeError(Exception):
    """The work took more processor time than its limit allows."""


class CpuLimit:
    """Processor time of the calling thread that several pieces of work share; use it as a context manager.

    In the main thread a timer signal stops the work as soon as the next bytecode runs, and inside a regular expression.
    Elsewhere, and on Windows, the time is only checked when a piece of work ends. Neither stops a C library such as
    lxml before it returns, so the size of what it reads must be bounded as well.

    Raises:
        OutOfTimeError: From the body, or at its end, once the time is spent.
    """

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._start = 0.0
        self._has_timer = False
        self._is_armed = False

    def __enter__(self) -> Self:
        self._start = time.thread_time()
        self._has_timer = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
        if self._has_timer:
            self._handler_before = signal.signal(signal.SIGVTALRM, self._stop)
            self._timer_before = signal.setitimer(signal.ITIMER_VIRTUAL, max(self._left, _AGAIN), _AGAIN)
        self._is_armed = True
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._is_armed = False
        spent = time.thread_time() - self._start
        if self._has_timer:
            left, interval = self._timer_before
            signal.setitimer(signal.ITIMER_VIRTUAL, max(left - spent, 1e-3) if left else 0.0, interval)
            signal.signal(signal.SIGVTALRM, self._handler_before)
        self._left -= spent
        if kind is None and self._left <= 0:
            raise OutOfTimeError

    def _stop(self, _: int, __: FrameType | None) -> None:
        # The timer counts the time of all threads together.
        if self._is_armed and time.thread_time() - self._start >= self._left:
            raise OutOfTimeError
