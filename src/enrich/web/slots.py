"""A limit for concurrent work."""

from __future__ import annotations

import asyncio
from collections import deque


class Slots:
    """Requests in flight, up to a limit that may change; first come, first served.

    Attributes:
        limit: How many may be in flight now.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._busy = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Take a place if there is one now; return whether there was."""
        if self._busy >= self.limit or self._waiting:
            return False
        self._busy += 1
        return True

    async def acquire(self) -> None:
        """Wait for a place."""
        if self.take():
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.release()
            raise

    def release(self) -> None:
        """Give a place back."""
        self._busy -= 1
        self.admit()

    def admit(self) -> None:
        """Let waiting tasks in as far as there is room, after the limit was raised."""
        while self._waiting and self._busy < self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self._busy += 1
                turn.set_result(None)
