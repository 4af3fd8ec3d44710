"""How fast a host may be asked: a fair queue for each, slowed by what the host answers."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from enrich.web.replies import Clock

LONGEST_PAUSE = 120.0
"""Seconds of Retry-After that are waited out; a host that asks for more is left alone for the rest of that time."""

SLOWEST = 2.0
"""Seconds between requests that a host's 429s can teach at most; beyond, Retry-After alone governs."""

_TELLING = 4  # requests that went well one after the other, from which on they tell something
_TOGETHER = 3  # requests in flight that were refused together, from which on it is no accident


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one host, or one group of hosts, may be asked.

    `interval` is in seconds between the starts of two requests, `concurrency` counts requests in flight, by default
    fewer than a browser opens connections to one host; hosts with the same `group` share one pace.
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
        self._resumes = self._next
        self._tickets = self._last_before_pause = 0
        self._good = self._together = 0
        self._shown: float | None = None

    async def enter(self) -> int:
        """Wait for one's turn and give its ticket, the how-manieth it is; `leave` ends the turn."""
        await self._slots.acquire()
        try:
            async with self._line:
                await self._wait()
                await self._in_flight.acquire()
                self._tickets += 1
                self._sent()
                return self._tickets
        except BaseException:
            self._slots.release()
            raise

    def leave(self) -> None:
        """Let the next one begin: the request is over."""
        self._in_flight.release()
        self._slots.release()

    @property
    def is_paced(self) -> bool:
        """Tell whether there is a least time between two requests."""
        return self._pace.interval > 0

    async def trace(self, event: str, _: Mapping[str, object]) -> None:
        """Note that a request leaves this moment: connecting takes time, and the service counts arrivals."""
        if event == "http11.send_request_headers.started":
            self._sent()

    def _sent(self) -> None:
        self._next = max(self._next, self._clock.monotonic() + max(self._pace.interval, self._learned))

    async def _wait(self) -> None:
        while (wait := self._next - self._clock.monotonic()) > 0:
            await self._clock.sleep(wait)

    def well(self) -> None:
        """Note a request that was not refused: what refusals taught is unlearned, slowly."""
        self._good += 1
        self._refusals = 0 if self._good >= _TELLING else max(0, self._refusals - 1)
        if self._good % 100 == 0:
            self._learned *= 0.9

    def pause(self, seconds: float) -> None:
        """Let nobody begin for that many seconds."""
        self._next = max(self._next, self._clock.monotonic() + seconds)

    def refused(self, ticket: int, asked: float | None) -> None:
        """Slow down after a 429 to the request with that ticket; `asked` is its Retry-After in seconds.

        Without Retry-After the pauses double, and each request that goes well halves them. When everything that was in
        flight is refused together, the host limits the rate, and the requests that had gone well until then show which
        rate it allows; a lone refusal shows nothing of that kind.
        """
        now = self._clock.monotonic()
        fresh = ticket > self._last_before_pause
        seconds = asked or min(60.0, 2.0**self._refusals) * (0.75 + jitter(f"{self._name} {self._refusals}") / 2)
        if fresh:
            rate_shown = self._good >= _TELLING
            self._shown = (now + seconds - self._resumes) / self._good if rate_shown else None
            self._learned = min(SLOWEST, self._learned * 1.1)
            self._refusals = min(self._refusals + 1, 10)
            self._together, self._good, self._last_before_pause = 1, 0, self._tickets
        else:
            self._together += 1
            if self._together >= _TOGETHER and not self._good and self._shown:
                self._learned = min(SLOWEST, max(self._learned, self._shown))
        if fresh or asked:
            self._resumes = now + seconds
            self.pause(seconds)
