"""Stop all requests: at a deadline, or on request of the user."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from enrich.model import Unreachable
from enrich.web.clock import Clock, stamp

T = TypeVar("T")

DEADLINE = "deadline reached"
"""The reason at a deadline."""

INTERRUPTED = "the run was interrupted"
"""The reason after a signal."""


class Stop:
    """Ends every fetch at once, wherever it waits: in line, in a pause, between two tries, for a reply.

    Attributes:
        why: Why fetches end, in words; None while they go on.
        cut_short: Whether a fetch was kept from its reply.
    """

    def __init__(self, clock: Clock) -> None:
        self.why: str | None = None
        self.cut_short = False
        self._clock = clock
        self._under_way: set[asyncio.Timeout] = set()

    @property
    def because(self) -> str | None:
        """The reason as evidence, and the failure of every fetch that it ends."""
        return self.why and f"not asked: {self.why}"

    def set(self, why: str) -> None:
        """Stop now; the first reason counts."""
        if self.why is None:
            self.why = why
            for limit in self._under_way:
                limit.reschedule(asyncio.get_running_loop().time())

    @asynccontextmanager
    async def after(self, seconds: float | None) -> AsyncIterator[None]:
        """Stop after so many seconds, unless the block has ended by then; None: never."""

        async def strike(seconds: float) -> None:
            await self._clock.sleep(seconds)
            self.set(DEADLINE)

        striking = None if seconds is None else asyncio.create_task(strike(seconds))
        try:
            yield
        finally:
            if striking:
                striking.cancel()

    def check(self) -> None:
        """Prevent new requests after the stop.

        Raises:
            Unreachable: `stopped`, once that is so.
        """
        if self.because:
            raise self._failure(self.because)

    async def bound(self, fetch: Coroutine[Any, Any, T]) -> T:
        """Await a fetch that the stop ends.

        Raises:
            Unreachable: `stopped`, when it did.
        """
        # A time limit without a time, which `set` provides.
        limit = asyncio.timeout(None)
        try:
            async with limit:
                self._under_way.add(limit)
                return await fetch
        except TimeoutError:
            if not limit.expired():
                raise
            raise self._failure(self.because or "") from None
        finally:
            self._under_way.discard(limit)

    def _failure(self, why: str) -> Unreachable:
        self.cut_short = True
        return Unreachable("stopped", why, stamp(self._clock))
