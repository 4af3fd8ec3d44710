"""An HTTP server on all loopback addresses whose paths say how it is to answer; a process of its own.

    python -m benchmarks.speed.origin PORT RATE [KEY_AND_CERTIFICATE.pem]

`/ok/…` answers 200 with a page, `/gone/…` 404, `/moved/…` 301 to the page, `/busy/…` 503 once and then the page, and
`/hang/…` never. A path that ends in `?ms=N` waits for N milliseconds first. With RATE above 0 a host is given that many
requests a second, and 429 with `Retry-After: 1` beyond. With a key and its certificate it speaks HTTPS only. GET /stop
prints what was asked for as JSON and ends it.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import sys
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_PAGE = (
    "<!doctype html><html><head><title>Notes on scheduling, part {name}</title></head><body><h1>Part {name}</h1>"
    + "<p>Requests are put in line by the time they have waited, and the longest waits first.</p>" * 12
    + "</body></html>"
)


@contextmanager
def serving(port: int, rate: float = 0, *pem: str) -> Iterator[None]:
    """Serve from a process of its own while the block runs.

    Raises:
        RuntimeError: The port is taken.
    """
    command = [sys.executable, "-m", "benchmarks.speed.origin", str(port), str(rate), *pem]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT)
    try:
        if server.stdout is None or server.stdout.readline() != "ready\n":
            raise RuntimeError(f"nothing can be served at port {port}")
        yield
    finally:
        server.kill()
        server.wait()


class Books:
    """What was asked for: requests by path, how many were in flight at a host, and when a host was last asked."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.asked: Counter[str] = Counter()
        self.methods: Counter[str] = Counter()
        self.connections = 0
        self.in_flight: Counter[str] = Counter()
        self.most: int = 0
        self.times: defaultdict[str, deque[float]] = defaultdict(deque)
        self.refused = 0

    def is_over(self, host: str) -> bool:
        """Whether the host has had its requests for this second."""
        now, times = time.monotonic(), self.times[host]
        while times and now - times[0] > 1:
            times.popleft()
        if len(times) >= self.rate:
            self.refused += 1
            return True
        times.append(now)
        return False


class Origin(asyncio.Protocol):
    """One connection, answered in order."""

    def __init__(self, books: Books, stop: Callable[[], None]) -> None:
        self._books, self._stop = books, stop
        self._loop = asyncio.get_running_loop()
        self._data = b""
        self._transport: asyncio.Transport | None = None
        self._host: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Takes the transport, asyncio's call."""
        self._books.connections += 1
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def connection_lost(self, _: Exception | None) -> None:
        """Forgets a request that nobody waits for any more, asyncio's call."""
        self._leave()

    def data_received(self, data: bytes) -> None:
        """Takes what came in, asyncio's call."""
        self._data += data
        head, end, rest = self._data.partition(b"\r\n\r\n")
        if end:
            self._data = rest
            self._answer(head.decode("latin-1"))

    def _answer(self, head: str) -> None:
        line, *headers = head.split("\r\n")
        method, target, _ = line.split(" ", 2)
        named = (row.partition(":")[2].strip() for row in headers if row[:5].lower() == "host:")
        host = next(named, "").partition(":")[0]
        path, _, query = target.partition("?")
        if path == "/stop":
            self._say(200, json.dumps(vars_of(self._books)), method)
            self._loop.call_later(0.1, self._stop)
            return
        books = self._books
        books.methods[method] += 1
        books.asked[f"{host}{path}"] += 1
        self._host = host
        books.in_flight[host] += 1
        books.most = max(books.most, books.in_flight[host])
        if books.rate and books.is_over(host):
            self._say(429, "slow down", method, "Retry-After: 1\r\n")
            return
        kind = path.split("/")[1]
        wait = int(query.removeprefix("ms=") or 0) / 1000 if query.startswith("ms=") else 0
        if kind == "hang":
            return
        if wait:
            self._loop.call_later(wait, self._give, host, path, kind, method)
        else:
            self._give(host, path, kind, method)

    def _give(self, host: str, path: str, kind: str, method: str) -> None:
        name = path.rpartition("/")[2]
        if kind == "gone":
            self._say(404, "<title>404 Not Found</title>", method)
        elif kind == "busy" and self._books.asked[f"{host}{path}"] == 1:
            self._say(503, "<title>503</title>", method)
        elif kind == "moved":
            self._say(301, "", method, f"Location: /ok/{name}\r\n")
        else:
            self._say(200, _PAGE.format(name=name), method)

    def _say(self, status: int, text: str, method: str, more: str = "") -> None:
        self._leave()
        if self._transport is None or self._transport.is_closing():
            return
        body = text.encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        self._transport.write(head.encode() + (b"" if method == "HEAD" else body))

    def _leave(self) -> None:
        if self._host is not None:
            self._books.in_flight[self._host] -= 1
            self._host = None


def vars_of(books: Books) -> dict[str, object]:
    """The figures of a run."""
    return {
        "requests": sum(books.asked.values()),
        "methods": dict(books.methods),
        "paths": len(books.asked),
        "connections": books.connections,
        "most_at_once": books.most,
        "refused": books.refused,
    }


async def serve(port: int, rate: float, context: ssl.SSLContext | None) -> None:
    """Serves until somebody asks for /stop."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    books = Books(rate)
    # The empty name stands for all addresses: the hosts of a list are 127.1.1.1 and up.
    server = await loop.create_server(lambda: Origin(books, over.set), "", port, backlog=4096, ssl=context)
    print("ready", flush=True)
    await over.wait()
    server.close()


if __name__ == "__main__":
    tls = None
    if len(sys.argv) > 3:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(sys.argv[3])
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]), tls))
