"""One HTTP/1.1 connection: httptools (Node's llhttp) says what the bytes mean, asyncio carries them.

httpcore's pools take several times the processor time for a request, and leave a socket behind when a TLS handshake is
cancelled half-way; a link checker does both all the time.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import cast

import httptools
import httpx

_READ_AHEAD_BYTES = 256 * 1024
_HEADER_BYTES = 100 * 1024
# What would end a line or a header before its time; a cookie's value is the server's own.
_UNFIT = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

Trace = Callable[[str, Mapping[str, object]], Awaitable[None]]


class Connection(asyncio.Protocol):
    """A connection to one origin, good for one request after the other while `reusable`.

    Attributes:
        status: The HTTP status of the reply that is being read.
        headers: Its header lines, as they came.
    """

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._arrived: asyncio.Future[None] | None = None
        self._failure: Exception | None = None
        self._ended = False
        self._stray = False
        self._parser = _parser(self)
        self._begin(bodiless=False)

    def _begin(self, *, bodiless: bool) -> None:
        self.headers = []
        self._bodiless = bodiless
        self._head_bytes = 0
        self._has_head = self._complete = self._stays = self._until_end = False
        self._pieces: deque[bytes] = deque()
        self._unread = 0

    @property
    def reusable(self) -> bool:
        """Tell whether another request may be sent: nothing has come since the last reply, not even an end."""
        return self._complete and self._stays and not (self._ended or self._stray or self._failure)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport, asyncio's call."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Take what came in, asyncio's call; a reader that is behind is waited for."""
        if self._complete:
            self._stray = True
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._stray = True
            if not self._complete:
                self._failure = httpx.RemoteProtocolError("what came is no HTTP")
        self._head_bytes += 0 if self._has_head else len(data)
        if self._head_bytes > _HEADER_BYTES:
            self._failure = httpx.RemoteProtocolError("the headers are too long")
        if self._unread > _READ_AHEAD_BYTES and self._transport:
            self._transport.pause_reading()
        self._wake()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header line, the parser's call; those behind the body are of no use."""
        if not self._has_head:
            self.headers.append((name, value.strip()))

    def on_headers_complete(self) -> None:
        """Note that the head is there, the parser's call; that of an interim reply (100 to 199) is passed over."""
        if self._complete:
            return
        self.status = self._parser.get_status_code()
        if self.status < 200:
            self.headers = []
            return
        self._has_head = True
        self._stays = self._parser.should_keep_alive()
        named = {name.lower(): value.lower() for name, value in self.headers}
        # RFC 9112, section 6.3: without a length, the reply goes on until the connection ends.
        self._until_end = b"content-length" not in named and b"chunked" not in named.get(b"transfer-encoding", b"")
        if self._bodiless:
            self._complete = True
            self._parser = _parser(self)  # the old one waits for the body that a reply to HEAD only announces

    def on_body(self, piece: bytes) -> None:
        """Take a piece of the body, the parser's call."""
        if self._complete:
            self._stray = True
        else:
            self._pieces.append(piece)
            self._unread += len(piece)

    def on_message_complete(self) -> None:
        """Note that the reply is there, the parser's call."""
        self._complete = self._has_head

    def on_message_begin(self) -> None:
        """Note a reply that nobody asked for, the parser's call."""
        self._stray = self._stray or self._complete

    def eof_received(self) -> None:
        """Note the end of what comes in, asyncio's call."""
        self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end of the connection, asyncio's call."""
        self._end(exc)
        # Parser and connection refer to each other, and the collector of such rings comes by too seldom for the 256 KB
        # that a transport with TLS holds.
        self._transport = None

    def _end(self, failure: Exception | None) -> None:
        self._ended = True
        if failure and self._failure is None:
            self._failure = httpx.ReadError("the connection was lost")
            self._failure.__cause__ = failure
        self._wake()

    def _wake(self) -> None:
        if self._arrived and not self._arrived.done():
            self._arrived.set_result(None)

    async def ask(self, request: httpx.Request) -> None:
        """Send a request and wait for the head of its reply.

        The connection is closed when this fails, or is cancelled.

        Raises:
            httpx.TransportError: When the connection breaks or what comes is no HTTP.
        """
        try:
            await self._send(request)
            while not self._has_head:
                await self._more()
        except BaseException:
            self.close()
            raise

    async def _send(self, request: httpx.Request) -> None:
        trace: Trace | None = request.extensions.get("trace")
        if trace:
            await trace("http11.send_request_headers.started", {})
        first = b"%s %s HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)
        lines = [first, *(b"%s: %s" % header for header in request.headers.raw)]
        if any(map(_UNFIT.search, lines)) or first.count(b" ") != 2:
            # Its text must not quote the header, which may be a key.
            raise httpx.LocalProtocolError("the request is none that HTTP allows")
        self._begin(bodiless=request.method == "HEAD")
        if self._transport:
            self._transport.write(b"\r\n".join([*lines, b"", request.content]))

    async def body(self) -> AsyncIterator[bytes]:
        """Give the body of the reply, piece by piece.

        Raises:
            httpx.TransportError: When the connection breaks before the body is complete.
        """
        while True:
            while self._pieces:
                yield self._pieces.popleft()
            if self._complete or (self._ended and self._until_end and not self._failure):
                return
            await self._more()

    async def _more(self) -> None:
        """Wait until more has come."""
        if self._failure:
            raise self._failure
        if self._ended or self._transport is None:
            raise httpx.RemoteProtocolError("the server left without sending all")
        self._unread = 0
        self._transport.resume_reading()
        self._arrived = self._loop.create_future()
        await self._arrived

    def close(self) -> None:
        """Close at once: nobody waits for a farewell, and an idle TLS connection holds 256 KB."""
        if self._transport:
            self._transport.abort()


def _parser(connection: Connection) -> httptools.HttpResponseParser:
    parser = httptools.HttpResponseParser(connection)
    # Every browser reads such replies; what they could smuggle in, their server can say outright.
    parser.set_dangerous_leniencies(
        lenient_chunked_length=True,
        lenient_transfer_encoding=True,
        lenient_data_after_close=True,
        lenient_optional_lf_after_cr=True,
        lenient_optional_cr_before_lf=True,
        lenient_optional_crlf_after_chunk=True,
        lenient_spaces_after_chunk_size=True,
    )
    return parser


async def connect(address: str, port: int, seconds: float) -> socket.socket:
    """Open a TCP connection to an IP address, which is not resolved any further.

    Raises:
        OSError: When there is none within that many seconds (TimeoutError).
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().sock_connect(connection, (address, port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        connection.close()
        raise
    return connection


async def converse(connection: socket.socket, tls: ssl.SSLContext | None, host: str) -> Connection:
    """Begin to speak HTTP over a TCP connection, inside TLS for `host` when a context is given.

    Raises:
        httpx.ConnectError: When no secure connection comes about; `ssl.SSLError` is its cause where that said why.
    """
    name = host.removesuffix(".") if tls else None
    loop = asyncio.get_running_loop()
    try:
        _, protocol = await loop.create_connection(Connection, sock=connection, ssl=tls, server_hostname=name)
    except (OSError, ValueError) as error:  # ValueError: a name that cannot stand in a certificate
        raise httpx.ConnectError("no TLS connection") from error
    return protocol
