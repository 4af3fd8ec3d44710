"""How fast a host may be asked: a fair queue for each, slowed by what the host answers."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from enrich.web.replies import Clock

LONGEST_PAUSE = 120.0
"""Seconds of Retry-After that are waited out; a host that asks for more is left alone for the rest of that time."""

SLOWEST = 5.0
"""Seconds between requests that a host's 429s can teach at most; beyond, Retry-After alone governs."""

_TELLING = 4  # requests that went well before a refusal, from which on they tell a rate and not an accident


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one host, or one group of hosts, may be asked.

    `interval` is in seconds between the starts of two requests, `concurrency` counts requests in flight; hosts with the
    same `group` share one pace.
    """

    interval: float = 0.0
    concurrency: int = 4
    group: str | None = None


def jitter(text: str) -> float:
    """Return a number in [0, 1) that depends on the text alone, so that a run can be repeated exactly."""
    return zlib.crc32(text.encode()) / 2**32


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, None without a readable one.

    Both forms of RFC 9110, section 10.2.3, are read: seconds and an HTTP date; a date in the past is 0.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:18])
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    try:
        return max(0.0, (date - now).total_seconds())
    except OverflowError:
        return None


class Gate:
    """The queue before one host or group: first come, first served, at its pace."""

    def __init__(self, name: str, pace: Pace, clock: Clock, in_flight: asyncio.Semaphore) -> None:
        self._name = name
        self._pace = pace
        self._clock = clock
        self._in_flight = in_flight
        self._slots = asyncio.Semaphore(max(1, pace.concurrency))
        self._line = asyncio.Lock()
        self._next = clock.monotonic()
        self._learned = 0.0
        self._refusals = 0
        self._paused_at = self._resumes = self._next
        self._good_since_pause = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[float]:
        """Wait for one's turn, hold it while the request is in flight, and give the moment it began."""
        async with self._slots:
            async with self._line:
                await self._wait()
                await self._in_flight.acquire()
                started = self._clock.monotonic()
                self.sent()
            try:
                yield started
            finally:
                self._in_flight.release()

    def sent(self) -> None:
        """Note that a request left this moment: connecting takes time, and the service counts arrivals."""
        self._next = max(self._next, self._clock.monotonic() + max(self._pace.interval, self._learned))

    async def _wait(self) -> None:
        while (wait := self._next - self._clock.monotonic()) > 0:
            await self._clock.sleep(wait)

    def well(self) -> None:
        """Note a request that was not refused: what refusals taught is unlearned, slowly."""
        self._good_since_pause += 1
        if self._good_since_pause % 100 == 0:
            self._learned *= 0.9
            self._refusals = 0

    def pause(self, seconds: float) -> None:
        """Let nobody begin for that many seconds."""
        self._next = max(self._next, self._clock.monotonic() + seconds)

    def refused(self, started: float, asked: float | None) -> None:
        """Slow down after a 429 to a request that began at `started`; `asked`: its Retry-After in seconds.

        Without Retry-After the pauses double. What was in flight when a pause began tells nothing new when it is
        refused too. The requests that went well before the first refusal show what rate the host does allow.
        """
        now = self._clock.monotonic()
        fresh = started >= self._paused_at
        if asked:
            seconds = asked
        elif fresh:
            spread = 0.75 + jitter(f"{self._name} {self._refusals}") / 2
            seconds = min(60.0, 2.0**self._refusals) * spread
        else:
            return
        if fresh:
            span = now + seconds - self._resumes
            if self._good_since_pause >= _TELLING:
                self._learned = min(SLOWEST, max(self._learned, span / self._good_since_pause))
            self._refusals = min(self._refusals + 1, 10)
            self._paused_at = now
            self._good_since_pause = 0
        self._resumes = now + seconds
        self.pause(seconds)
