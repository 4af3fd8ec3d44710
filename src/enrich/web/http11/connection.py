"""One HTTP/1.1 connection: `head` and `framing` parse the bytes, asyncio transports them.

httpcore's pools take several times the processor time per request, and leak a socket if a TLS handshake is cancelled; a
link checker often does both. Its parser, h11, and Node's llhttp reject dozens of malformed replies that browsers show.
"""

from __future__ import annotations

import asyncio
import errno
import re
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import cast

from enrich.web.http11.framing import Framing, Sized, framing_of
from enrich.web.http11.head import END_OF_HEAD, LONGEST_HEAD, NotHttpError, read_head
from enrich.web.wire import BadReplyError, BadRequestError, ConnectFailedError, ConnectionLostError, Sending

_READ_AHEAD_BYTES = 256 * 1024
# Characters that would end a line or header early; a cookie's value comes from the server.
_UNFIT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


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
        self._until: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._begin(bodiless=False)

    def _begin(self, *, bodiless: bool) -> None:
        self.headers = []
        self._bodiless = bodiless
        self._head = bytearray()
        self._interim_bytes = 0
        self._framing: Framing | None = None
        self._stays = False
        self._pieces: deque[bytes] = deque()
        self._unread = 0

    @property
    def _complete(self) -> bool:
        return self._framing is not None and self._framing.complete

    @property
    def reusable(self) -> bool:
        """Return whether another request may be sent: nothing has arrived since the last reply, not even its end."""
        return self._complete and self._stays and not (self._ended or self._stray or self._failure)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; called by asyncio."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Take received data; called by asyncio. A slow reader is waited for."""
        if self._complete:
            self._stray = True
            return
        try:
            data = self._after_head(data) if self._framing is None else data
        except NotHttpError:
            self._failure = BadReplyError("not an HTTP response")
        else:
            self._take(data)
        if self._unread > _READ_AHEAD_BYTES and self._transport:
            self._transport.pause_reading()
        self._wake()

    def _after_head(self, data: bytes) -> bytes:
        """Read the head as far as it has arrived, and return what follows it."""
        start = max(0, len(self._head) - 2)
        if not self._head and (end := END_OF_HEAD.search(data)) and end.start() <= LONGEST_HEAD and data[:1] == b"H":
            self._read_head(data[: end.start()])  # most heads arrive whole
            data = data[end.end() :]
            if self._framing is not None:
                return data
        self._head += data
        while self._framing is None:
            if self._head.startswith((b"\r", b"\n")):  # an empty line before the reply is skipped
                self._head, start = self._head.lstrip(b"\r\n"), 0
            end = END_OF_HEAD.search(self._head, start)
            if self._interim_bytes + (end.start() if end else len(self._head)) > LONGEST_HEAD:
                raise NotHttpError("response headers too long")
            if end is None:
                return b""
            self._read_head(bytes(self._head[: end.start()]))
            self._interim_bytes += end.end()
            del self._head[: end.end()]
            start = 0
        rest, self._head = bytes(self._head), bytearray()
        return rest

    def _read_head(self, text: bytes, *, cut: bool = False) -> None:
        """Take a head; that of an interim reply (100 to 199) is skipped."""
        head = read_head(text, bodiless=self._bodiless)
        if head.status == 101:
            raise NotHttpError("unexpected protocol upgrade")
        if head.status >= 200:
            self.status, self.headers, self._stays = head.status, head.headers, head.stays
            self._framing = Sized(0, "incomplete response headers") if cut else framing_of(head)

    def _take(self, data: bytes) -> None:
        """Take bytes of the body, or after it."""
        if self._framing is None or not data:
            return
        if self._complete:
            self._stray = True
            return
        piece = self._framing.feed(data)
        if piece:
            self._pieces.append(piece)
            self._unread += len(piece)
        self._stray = self._stray or self._framing.surplus or self._framing.damage is not None

    def eof_received(self) -> None:
        """Note the end of the data; called by asyncio."""
        self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end of the connection; called by asyncio."""
        self._end(exc)
        # Parser and connection refer to each other, and the collector of such rings comes by too seldom for the 256 KB
        # that a transport with TLS holds.
        self._transport = None
        if self._timer:
            self._timer.cancel()

    def _end(self, failure: Exception | None) -> None:
        self._ended = True
        whole_lines = bytes(self._head[: self._head.rfind(b"\n") + 1])
        if whole_lines and self._framing is None:  # the status has arrived, if not the whole head
            with suppress(NotHttpError):
                self._read_head(whole_lines.rstrip(b"\r\n"), cut=True)
        if failure and self._failure is None:
            self._failure = ConnectionLostError("connection lost")
            self._failure.__cause__ = failure
        self._wake()

    def _wake(self) -> None:
        if self._arrived and not self._arrived.done():
            self._arrived.set_result(None)

    async def ask(self, request: Sending) -> None:
        """Send a request and wait for the head of its reply.

        The connection is closed if this fails or is cancelled.

        Raises:
            WireError: When the connection breaks or the data is not HTTP.
            TimeoutError: When the head does not arrive in time.
        """
        try:
            self._send(request)
            self._set_limit(request.until)
            while self._framing is None:
                await self._more()
            self._until = None
        except BaseException:
            self.close()
            raise

    def _set_limit(self, until: float | None) -> None:
        """Let the head arrive by that time of the event loop.

        The timer of an earlier request is kept and set anew when it goes off, as setting one takes as long as reading
        a head.
        """
        self._until = until
        if until is not None and (self._timer is None or self._timer.when() > until):
            if self._timer:
                self._timer.cancel()
            self._timer = self._loop.call_at(until, self._check_limit, until)

    def _check_limit(self, at: float) -> None:
        self._timer = None
        if self._until is not None and self._until <= at:
            self._failure = self._failure or TimeoutError()
            self._wake()
        elif self._until is not None:
            self._set_limit(self._until)

    def _send(self, request: Sending) -> None:
        if request.on_send:
            request.on_send()
        first = f"{request.method} {request.target or request.url.path} HTTP/1.1"
        lines = [first, *(f"{name}: {value}" for name, value in request.headers.items())]
        text = "".join(lines)
        # `isprintable` is quicker, and true for nearly all requests.
        if (not text.isprintable() and _UNFIT.search(text)) or first.count(" ") != 2:
            # The message must not quote the header, which may be a key.
            raise BadRequestError("not a valid HTTP request")
        self._begin(bodiless=request.method in {"HEAD", "CONNECT"})
        if self._transport:
            self._transport.write("\r\n".join([*lines, "", ""]).encode() + request.body)

    def arrived(self) -> Sequence[bytes] | None:
        """Return the body if all of it has arrived undamaged; else None."""
        framing = self._framing
        return tuple(self._pieces) if framing and framing.complete and not framing.damage else None

    async def body(self) -> AsyncIterator[bytes]:
        """Give the body of the reply, piece by piece.

        Raises:
            WireError: When the connection breaks before the body is complete.
        """
        while True:
            while self._pieces:
                yield self._pieces.popleft()
            framing = self._framing
            if framing is None:
                raise RuntimeError("a body is read before its head")
            if framing.complete or (self._ended and framing.ends_with_connection and not self._failure):
                if framing.damage:
                    raise BadReplyError(framing.damage)
                return
            await self._more()

    async def _more(self) -> None:
        """Wait for more data."""
        if self._failure:
            raise self._failure
        if self._ended or self._transport is None:
            raise BadReplyError("connection closed before the response was complete")
        self._unread = 0
        self._transport.resume_reading()
        self._arrived = self._loop.create_future()
        await self._arrived

    @property
    def tls(self) -> ssl.SSLObject | None:
        """The TLS state of the connection, None without TLS."""
        found = self._transport.get_extra_info("ssl_object") if self._transport else None
        return found if isinstance(found, ssl.SSLObject) else None

    async def start_tls(self, tls: ssl.SSLContext, name: str) -> Connection:
        """Start TLS inside the tunnel of this connection, and return the connection inside."""
        inside = Connection()
        if self._transport is None:
            raise ConnectionResetError(errno.ECONNRESET, "connection lost")
        transport = await self._loop.start_tls(self._transport, inside, tls, server_hostname=name)
        if transport is None:
            raise ConnectionResetError(errno.ECONNRESET, "connection lost")
        inside.connection_made(transport)
        return inside

    def close(self) -> None:
        """Close at once, without waiting for a close notification: an idle TLS connection uses 256 KB."""
        if self._transport:
            self._transport.abort()


async def converse(connection: socket.socket, tls: ssl.SSLContext | None, host: str) -> Connection:
    """Begin to speak HTTP over a TCP connection, inside TLS for `host` when a context is given.

    Raises:
        ConnectFailedError: When no secure connection comes about; `ssl.SSLError` is its cause where that said why.
    """
    name = host.removesuffix(".") if tls else None
    loop = asyncio.get_running_loop()
    try:
        _, protocol = await loop.create_connection(Connection, sock=connection, ssl=tls, server_hostname=name)
    except (OSError, ValueError) as error:  # ValueError: a name that no certificate can contain
        raise ConnectFailedError("TLS handshake failed") from error
    return protocol


async def secure(tunnel: Connection, tls: ssl.SSLContext, host: str) -> Connection:
    """Begin TLS for `host` inside a tunnel, which is closed when that fails.

    Raises:
        ConnectFailedError: When no secure connection comes about; `ssl.SSLError` is its cause where that said why.
    """
    try:
        return await tunnel.start_tls(tls, host.removesuffix("."))
    except BaseException as error:
        tunnel.close()
        if isinstance(error, (OSError, ValueError)):
            raise ConnectFailedError("TLS handshake failed") from error
        raise
