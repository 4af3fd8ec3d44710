"""An event loop whose time leaps over every wait: time limits pass without waiting, and a busy machine makes none pass.

Servers have to be on the same loop: of others it does not know that they are still at work.
"""

from __future__ import annotations

import asyncio
import selectors
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest.mock import patch

T = TypeVar("T")

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_ARRIVING = 0.005  # seconds of the machine in which what was sent on the loopback arrives: it takes microseconds


class _Leaps(selectors.DefaultSelector):
    """Waits for sockets, and for nothing else: where none is ready, the time until the next timer has passed."""

    def __init__(self) -> None:
        super().__init__()
        self.elapsed = 0.0
        self._threads = threading.active_count()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if not timeout:
            return super().select(timeout)
        ready = super().select(_ARRIVING)
        # A thread that was started meanwhile may be about to call back, as one that looks up a name does.
        if not ready and threading.active_count() <= self._threads:
            self.elapsed += timeout
        return ready


class LeapingLoop(asyncio.SelectorEventLoop):
    """The loop; `elapsed` are the seconds that it begins with."""

    def __init__(self, elapsed: float = 0.0) -> None:
        self._leaps = _Leaps()
        self._leaps.elapsed = elapsed
        self._servers: list[asyncio.Server] = []
        super().__init__(self._leaps)

    def time(self) -> float:
        return self._leaps.elapsed

    def serve(self, listening: socket.socket, answer: Serve) -> None:
        """Serve from before the loop runs until it is closed."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await answer(reader, writer)
            except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass  # the client has gone, or the loop comes to its end
            finally:
                writer.transport.abort()

        self._servers.append(self.run_until_complete(asyncio.start_server(serve, sock=listening)))

    def close(self) -> None:
        for server in self._servers:
            server.close()
        super().close()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run work as `asyncio.run` does, in no time."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        return runner.run(work)


@contextmanager
def leaping(servers: Mapping[socket.socket, Serve]) -> Iterator[None]:
    """Have commands that are called in this process wait for nothing, and give their loops these servers."""
    loops: list[LeapingLoop] = []

    def elapsed() -> float:
        return loops[-1].time() if loops else 0.0

    def new_event_loop() -> LeapingLoop:
        loop = LeapingLoop(elapsed())
        for listening, answer in servers.items():
            loop.serve(listening.dup(), answer)
        loops.append(loop)
        return loop

    with patch("asyncio.events.new_event_loop", new_event_loop), patch("time.monotonic", elapsed):
        yield
