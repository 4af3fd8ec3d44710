"""One HTTP/1.1 connection: h11 says what the bytes mean, asyncio carries them.

httpcore's pools take several times the processor time for a request, and leave a socket behind when a TLS handshake is
cancelled half-way; a link checker does both all the time.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import h11
import httpx

_READ_AHEAD_BYTES = 256 * 1024
_HEADER_BYTES = 100 * 1024

Trace = Callable[[str, Mapping[str, object]], Awaitable[None]]


class Connection(asyncio.Protocol):
    """A connection to one origin, good for one request after the other while `reusable`."""

    def __init__(self) -> None:
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEADER_BYTES)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._arrived: asyncio.Future[None] | None = None
        self._unread = 0
        self._ended = False
        self._failure: Exception | None = None
        self.expiry: asyncio.TimerHandle | None = None

    @property
    def reusable(self) -> bool:
        """Tell whether another request may be sent: nothing has come since the last reply, not even an end."""
        idle = self._h11.our_state is h11.IDLE and self._h11.their_state is h11.IDLE
        return idle and not self._ended and self._h11.trailing_data == (b"", False)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport, asyncio's call."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take what came in, asyncio's call; a reader that is behind is waited for."""
        self._h11.receive_data(data)
        self._unread += len(data)
        if self._unread > _READ_AHEAD_BYTES and self._transport:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Note the end of what comes in, asyncio's call."""
        self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end of the connection, asyncio's call."""
        self._end(exc)

    def _end(self, failure: Exception | None) -> None:
        self._failure = self._failure or failure
        if not self._ended:
            self._ended = True
            self._h11.receive_data(b"")
        self._wake()

    def _wake(self) -> None:
        if self._arrived and not self._arrived.done():
            self._arrived.set_result(None)

    async def ask(self, request: httpx.Request) -> h11.Response:
        """Send a request and return the head of its reply.

        The connection is closed when this fails, or is cancelled.

        Raises:
            httpx.TransportError: When the connection breaks or what comes is no HTTP.
        """
        try:
            await self._send(request)
            while not isinstance(event := await self._event(), h11.Response):
                pass
        except BaseException:
            self.close()
            raise
        return event

    async def _send(self, request: httpx.Request) -> None:
        trace: Trace | None = request.extensions.get("trace")
        if trace:
            await trace("http11.send_request_headers.started", {})
        try:
            target = request.url.raw_path
            events: list[h11.Event] = [h11.Request(method=request.method, target=target, headers=request.headers.raw)]
            if request.content:
                events.append(h11.Data(data=request.content))
            data = b"".join(self._h11.send(event) or b"" for event in [*events, h11.EndOfMessage()])
        except h11.LocalProtocolError:
            # Its text quotes the header, which may be a key.
            raise httpx.LocalProtocolError("the request is none that HTTP allows") from None
        if self._transport:
            self._transport.write(data)

    async def body(self) -> AsyncIterator[bytes]:
        """Give the body of the reply, piece by piece.

        Raises:
            httpx.TransportError: When the connection breaks before the body is complete.
        """
        while isinstance(event := await self._event(), h11.Data):
            yield bytes(event.data)
        if self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE:
            self._h11.start_next_cycle()

    async def _event(self) -> object:
        while True:
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError as error:
                raise httpx.RemoteProtocolError(str(error)) from None
            if event is not h11.NEED_DATA:
                return event
            self._unread = 0
            if self._failure or self._transport is None:
                raise httpx.ReadError("the connection was lost") from self._failure
            self._transport.resume_reading()
            self._arrived = self._loop.create_future()
            await self._arrived

    def close(self) -> None:
        """Close at once: nobody waits for a farewell, and an idle TLS connection holds 256 KB."""
        if self.expiry:
            self.expiry.cancel()
        if self._transport:
            self._transport.abort()


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
