"""Stand-ins for what tests may not touch or cannot steer: time, and servers on the wire."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import re
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self


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


Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


async def read_request(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Return head and body of the next request over a connection; an IncompleteReadError where the client has gone."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    return head, await reader.readexactly(int(length[1])) if length else b""


class Server:
    """A server on the loopback that answers with the very bytes a test wants on the wire.

    `answer` gets each request's head and the connection to write to; it may close, drop or keep it. `heads` are the
    requests that came, `accepted` counts connections, `open` are those of now.
    """

    def __init__(self, answer: Answer, host: str = "127.0.0.1") -> None:
        self._answer = answer
        self._host = host
        self.open: set[asyncio.StreamWriter] = set()
        self.accepted = 0
        self._tasks: set[asyncio.Task[object]] = set()
        self.heads: list[bytes] = []
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self._host, 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in list(self.open):
            writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self.open.add(writer)
        task = asyncio.current_task()
        if task:
            self._tasks.add(task)
        try:
            while not writer.is_closing():
                head, _ = await read_request(reader)
                self.heads.append(head)
                await self._answer(head, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            writer.close()
            self.open.discard(writer)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


@contextmanager
def nobody_at() -> Iterator[int]:
    """A port of 127.0.0.1 that takes no connections, and is kept from other programs."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])


def http(body: bytes = b"", status: str = "200 OK", *headers: str) -> bytes:
    """Return a complete reply as it goes over the wire."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def always(data: bytes, *, close: bool = False) -> Answer:
    """Return an answer of always the same bytes."""

    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if close:
            writer.close()

    return answer
