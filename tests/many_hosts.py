"""A server on all loopback addresses, which stand for hosts: it counts what each of them is asked at once."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.serving import in_thread


@dataclass
class ManyHosts:
    """Pages by path on each of the hosts 127.1.1.1, 127.1.1.2, …

    `/ok/N` is a page, `/paper/N` that of a paper, `/gone/N` is not there, `/wall/N` refuses, `/member/N` refuses
    without the cookie, `/to/HOST/…` redirects to the rest of its path on that host and sets a cookie, and
    `/round/HOST-HOST-…/N` redirects to the next of these hosts without an end. `asked` has the requests, `most` the
    most that were in flight by host.
    """

    seconds: float = 0.01
    asked: list[str] = field(default_factory=list)
    most: Counter[str] = field(default_factory=Counter)
    before_answer: Callable[[], object] = lambda: None
    port: int = 0
    _now: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _notebooks: list[ManyHosts] = field(default_factory=list)

    @staticmethod
    def host(number: int) -> str:
        return f"127.1.1.{number}"

    def url(self, number: int, path: str) -> str:
        return f"http://{self.host(number)}:{self.port}/{path}"

    @contextmanager
    def serving(self) -> Iterator[ManyHosts]:
        self._notebooks.append(self)
        server = _Server(("", 0), _handler(self._notebooks))
        self.port = int(server.server_address[1])
        with in_thread(server):
            yield self

    @contextmanager
    def again(self) -> Iterator[ManyHosts]:
        """The same server, which has been asked nothing yet."""
        fresh = ManyHosts(port=self.port, _notebooks=self._notebooks)
        self._notebooks.append(fresh)
        try:
            yield fresh
        finally:
            self._notebooks.remove(fresh)

    @contextmanager
    def counted(self, host: str) -> Iterator[None]:
        with self._lock:
            self._now[host] += 1
            self.most[host] = max(self.most[host], self._now[host])
        try:
            yield
        finally:
            with self._lock:
                self._now[host] -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: workers are killed in the middle."""


def _handler(notebooks: Sequence[ManyHosts]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536  # head and body in one packet: two would wait for each other

        def setup(self) -> None:
            super().setup()
            self.hosts = notebooks[-1]

        def do_GET(self) -> None:
            hosts = self.hosts
            host = self.headers["host"].partition(":")[0]
            hosts.asked.append(f"{host}{self.path}")
            with hosts.counted(host):
                hosts.before_answer()
                time.sleep(hosts.seconds)
                self._answer()

        def _answer(self) -> None:
            _, kind, *rest = self.path.split("/")
            refused = kind == "wall" or (kind == "member" and "been=here" not in self.headers.get("cookie", ""))
            self.send_response(403 if refused else {"to": 302, "round": 302, "gone": 404}.get(kind, 200))
            if kind == "to":
                number, *path = rest
                self.send_header("location", self.hosts.url(int(number), "/".join(path)))
                self.send_header("set-cookie", "been=here")
            if kind == "round":
                ring = rest[0].split("-")
                after = ring.index(self.headers["host"].partition(":")[0].rpartition(".")[2]) + 1
                self.send_header("location", self.hosts.url(int(ring[after % len(ring)]), self.path[1:]))
            body = b"" if kind == "to" else f"<!DOCTYPE html><title>Page {rest[-1]}</title><p>Words of it.".encode()
            if kind == "paper":
                named = {
                    "title": f"On Waves of Kind {rest[-1]}",
                    "author": "Ada Long",
                    "publication_date": "2021/03/04",
                }
                body = "".join(
                    f'<meta name="citation_{name}" content="{text}">' for name, text in named.items()
                ).encode()
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, *_: object) -> None:
            """Keep quiet."""

    return Handler
