"""The clock for pauses, paces and time stamps."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Time for all rooms, so that tests need not wait."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        ...


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds without blocking the event loop."""
        await asyncio.sleep(seconds)


def stamp(clock: Clock) -> str:
    """Return the clock's time as `2026-01-31T09:00:00Z`."""
    # Interned: every verdict of a long list has one, and many are the same.
    return sys.intern(clock.now().isoformat()[:19] + "Z")
