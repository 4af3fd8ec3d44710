"""Limits on strangers' input: lengths, ports, and the processor time that work on it may take."""

from __future__ import annotations

import re
import signal
import threading
import time
import unicodedata
from types import FrameType, TracebackType
from typing import Literal, Self
from urllib.parse import SplitResult, urlsplit

LONGEST_URL = 8_000
"""Characters: what every server should take at least (https://www.rfc-editor.org/rfc/rfc9110#section-4.1-5)."""

PAGE_SECONDS = 1.0
"""Processor time for all that one page says; an ordinary page takes a few thousandths of a second."""

_PORTS = (
    "0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 "
    "123 135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 "
    "990 993 995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080"
)
BAD_PORTS = frozenset(map(int, _PORTS.split()))
"""Ports of other services, to which a request could be a command: https://fetch.spec.whatwg.org/#port-blocking."""

_MOST_MARKS = 100
_MARKS = re.compile(rf"[^\w\x00-\x7f]{{{_MOST_MARKS + 1},}}")  # combining marks, and symbols beyond ASCII

_AGAIN = 0.05  # seconds of processor time between two checks once the time is spent


def split_url(url: str) -> SplitResult:
    """Return the parts of a URL; all empty where it is malformed or too long, for hosts are normalized as Unicode."""
    try:
        parts = urlsplit(url if len(url) <= LONGEST_URL else "")
        _ = parts.hostname, parts.port
    except ValueError:
        return urlsplit("")
    return parts


def blocked_port(url: str) -> int | None:
    """Return the port of a URL that must not be asked, None where it may be.

    Raises:
        ValueError: When the URL has no valid port.
    """
    port = urlsplit(url).port
    return port if port in BAD_PORTS else None


def normalize(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """Return the text in a normal form of Unicode, in linear time: of a run of combining marks the first 100 stay.

    To sort the marks of one letter takes `unicodedata.normalize` quadratic time, 9 seconds for 80,000 of them. Texts of
    people have a few (https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format allows 30).
    """
    return unicodedata.normalize(form, _MARKS.sub(lambda run: run[0][:_MOST_MARKS], text))


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
