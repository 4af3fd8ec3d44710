"""A proxy on the loopback: it takes requests in absolute form and opens tunnels, and keeps what it was asked."""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class ProxyServer:
    """Sends what is asked at any host on to one of `upstreams`, by port, or to the port itself.

    `user` is the name and password that it wants, `refusal` what it answers to everything, where that is given, and
    `silent` keeps it from answering requests for tunnels. `heads` are the heads of the requests, `accepted` counts
    connections.
    """

    upstreams: Mapping[int, int] = field(default_factory=dict)
    user: str | None = None
    refusal: bytes | None = None
    silent: bool = False
    tls: ssl.SSLContext | None = None
    heads: list[bytes] = field(default_factory=list)
    accepted: int = 0
    port: int = 0
    _ways_back: set[asyncio.Task[None]] = field(default_factory=set)

    def url(self, user: str = "") -> str:
        return f"{'https' if self.tls else 'http'}://{user}{'@' if user else ''}127.0.0.1:{self.port}"

    def environment(self, user: str = "") -> dict[str, str]:
        return dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), self.url(user))

    @contextmanager
    def serving(self) -> Iterator[ProxyServer]:
        """Serves in a thread of its own while the block runs."""
        loop, ready = asyncio.new_event_loop(), threading.Event()
        ended = asyncio.Event()

        async def serve() -> None:
            server = await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=self.tls)
            self.port = int(server.sockets[0].getsockname()[1])
            ready.set()
            await ended.wait()
            server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
        thread.start()
        ready.wait()
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(ended.set)
            thread.join()
            loop.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.accepted += 1
        ends = [writer]
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
                if refusal := self._refusal(head):
                    writer.write(refusal)
                elif method != "CONNECT" or not self.silent:
                    if len(ends) == 1:
                        ends.append(await self._reach(target, writer))
                    if method == "CONNECT":
                        writer.write(b"HTTP/1.0 200 Connection established\r\nVia: 1.0 here\r\n\r\n")
                        await _pass_on(reader, ends[1])
                        break
                    ends[1].write(_for_origin(head, target))
        except (OSError, asyncio.IncompleteReadError):
            pass  # one of the two has gone
        finally:
            for end in ends:
                end.transport.abort()

    async def _reach(self, target: str, writer: asyncio.StreamWriter) -> asyncio.StreamWriter:
        """Connect to where a request goes; whatever comes from there is passed on as it comes."""
        port = urlsplit(target if "//" in target else f"//{target}").port or 80
        from_origin, to_origin = await asyncio.open_connection("127.0.0.1", self.upstreams.get(port, port))
        self._ways_back.add(asyncio.create_task(_pass_on(from_origin, writer)))
        return to_origin

    def _refusal(self, head: bytes) -> bytes | None:
        wanted = b"Basic " + base64.b64encode((self.user or "").encode())
        if self.user and b"\r\nProxy-Authorization: " + wanted + b"\r\n" not in head:
            return b"HTTP/1.1 407 Please\r\nProxy-Authenticate: Basic realm=here\r\nContent-Length: 0\r\n\r\n"
        return self.refusal


def _for_origin(head: bytes, target: str) -> bytes:
    """Return the head with its target in origin form, without what was for the proxy."""
    parts = urlsplit(target)
    path = parts._replace(scheme="", netloc="").geturl() or "/"
    first, *lines = head.split(b"\r\n")
    method, _, version = first.split(b" ")
    kept = [line for line in lines if not line.lower().startswith(b"proxy-")]
    return b"\r\n".join([b" ".join([method, path.encode(), version]), *kept])


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        writer.transport.abort()
    else:
        writer.close()
