"""Stand-ins for what tests may not touch: time."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta


class FakeClock:
    """A clock that stands still while anything can go on, and then leaps to the earliest sleeper's time.

    Sleepers wake in the order of their times, those of the same moment in the order they lay down. `slept` keeps the
    length of every sleep in seconds.
    """

    def __init__(self, start: datetime = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._watched: asyncio.AbstractEventLoop | None = None
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    def advance(self, seconds: float) -> None:
        """Let time go by while nobody sleeps; negative seconds set the clock's date back."""
        if seconds < 0:
            self._start += timedelta(seconds=seconds)
        else:
            self._elapsed += seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        loop = asyncio.get_running_loop()
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        if self._watched is not loop:
            self._sleepers.clear()  # of a loop that is over
        awake: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), awake))
        if self._watched is not loop:
            self._watched = loop
            loop.call_soon(self._watch, loop, 0)
        await awake

    def _watch(self, loop: asyncio.AbstractEventLoop, quiet: int) -> None:
        # Nothing else is ready twice in a row, once sockets were looked at as well: everybody waits for the time.
        quiet = 0 if vars(loop).get("_ready") else quiet + 1
        if quiet < 3:
            loop.call_soon(self._watch, loop, quiet)
            return
        while self._sleepers:
            until, _, awake = heapq.heappop(self._sleepers)
            if not awake.done():  # one that was cancelled sleeps no more
                self._elapsed = max(self._elapsed, until)
                awake.set_result(None)
                break
        if self._sleepers:
            loop.call_soon(self._watch, loop, 0)
        else:
            self._watched = None
