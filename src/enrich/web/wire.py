"""The wire: requests as sent, replies as received, and their failures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from enrich.web.request import Url

CONNECT_SECONDS = 10.0
"""The time limit of a connection, if the request has the time."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A request as it is sent.

    Attributes:
        method: GET, HEAD, POST, or CONNECT to a proxy.
        url: What is asked for.
        headers: Value by name, Host first.
        body: What follows them.
        connect_seconds: How long a connection may take.
        on_send: Called when the request leaves, where requests are paced; it is not sent twice then.
        tls_trouble: The trouble with TLS to look past.
        target: What is asked for in the first line, where that is not the path.
        until: The event loop's time by which the head of the reply must have arrived; None: no limit.
    """

    method: str
    url: Url
    headers: Mapping[str, str]
    body: bytes = b""
    connect_seconds: float = CONNECT_SECONDS
    on_send: Callable[[], None] | None = None
    tls_trouble: str | None = None
    target: str | None = None
    until: float | None = None


class Receiving(Protocol):
    """A reply whose head has arrived."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Sequence[tuple[bytes, bytes]]:
        """The header lines as received: name and value."""
        ...

    @property
    def tls_trouble(self) -> str | None:
        """The TLS problem that was ignored, in words."""
        ...

    def arrived(self) -> Sequence[bytes] | None:
        """Return the whole body, None if more of it is expected."""
        ...

    def body(self) -> AsyncIterator[bytes]:
        """Give the body piece by piece.

        Raises:
            WireError: It ends before its time.
        """
        ...

    async def aclose(self) -> None:
        """Let the connection be used again, or close it: no more of the body is wanted."""
        ...


class Wire(Protocol):
    """The network that requests are sent through."""

    async def send(self, request: Sending) -> Receiving:
        """Send a request and wait for the head of the reply.

        Raises:
            Unreachable: When no address may be, or could be, connected to, or a proxy is at fault.
            WireError: When what comes after that fails.
            TimeoutError: When the head does not arrive in time.
        """
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class WireError(Exception):
    """A request failed on the wire."""


class ConnectFailedError(WireError):
    """The connection could not be established."""


class ConnectTimeoutError(WireError):
    """The connection could not be established in time."""


class ConnectionLostError(WireError):
    """The connection broke."""


class BadReplyError(WireError):
    """The data is not an HTTP reply, or not a complete one."""


class BadRequestError(WireError):
    """The request cannot be sent: it contains characters that would end a line early."""
