"""Requests onto the wire: to checked addresses or through a proxy, over connections kept for a while."""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial

import httpx

from enrich.model import Unreachable
from enrich.web.clock import Clock
from enrich.web.dns import Resolver
from enrich.web.http11.body import Stream
from enrich.web.http11.connection import Connection
from enrich.web.http11.proxy import Proxy
from enrich.web.http11.routes import Routes, port_of
from enrich.web.http11.tls import context_for, trouble_in_words, unverified_context
from enrich.web.in_flight import most_idle
from enrich.web.request import wire_host

_CONNECT_SECONDS = 10.0
_KEEPALIVE_SECONDS = 10.0

Origin = tuple[str, str, int]


class Direct(httpx.AsyncBaseTransport):
    """The connections out of this machine: to checked addresses or through a proxy, kept for a while."""

    def __init__(self, resolver: Resolver, clock: Clock, *, system_certificates: bool = False) -> None:
        self._clock = clock
        self._routes = Routes(resolver, clock, system_certificates=system_certificates)
        self._idle: dict[Origin, list[Connection]] = {}
        self._idle_in_order: OrderedDict[Connection, tuple[Origin, float]] = OrderedDict()
        self._most_idle = most_idle()
        self._sweep: asyncio.TimerHandle | None = None  # one for all idle connections

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and give the reply with its body still to be read.

        Raises:
            Unreachable: When no address may be, or could be, connected to, or a proxy is at fault.
            httpx.TransportError: When what comes after that fails.
        """
        url = request.url
        origin: Origin = (url.scheme, wire_host(url), port_of(url))
        seconds = request.extensions.get("timeout", {}).get("connect") or _CONNECT_SECONDS
        proxy = await self._routes.proxy_for(url, seconds)
        if trouble := request.extensions.get("tls_trouble"):
            return await self._look_past(str(trouble), request, proxy, seconds)
        forwarder = proxy if url.scheme == "http" else None
        sent = forwarder.forwarded(request) if forwarder else request
        kept = self._take(origin)
        connection = kept or await self._open(request, proxy, seconds)
        try:
            await connection.ask(sent)
        except (httpx.ReadError, httpx.RemoteProtocolError):
            # Where requests are paced, sending it once more is another try, and has to wait its turn.
            if kept is None or request.method not in {"GET", "HEAD"} or "trace" in request.extensions:
                raise
            # The server closed a connection that was kept while the request was on its way: RFC 9112, section 9.3.1.
            connection = await self._open(request, proxy, seconds)
            await connection.ask(sent)
        if forwarder and forwarder.is_own_reply(connection.status, httpx.Headers(connection.headers)):
            connection.close()
            raise self._routes.refusal(forwarder, request, connection.status)
        body = _Body(connection, partial(self._keep, origin))
        return httpx.Response(connection.status, headers=connection.headers, stream=body)

    async def _open(
        self, request: httpx.Request, proxy: Proxy | None, seconds: float, context: ssl.SSLContext | None = None
    ) -> Connection:
        try:
            return await self._routes.open(request, proxy, seconds, context)
        except Unreachable as failure:
            if failure.kind == "files":
                self._close_idle()
            raise

    async def _look_past(
        self, trouble: str, request: httpx.Request, proxy: Proxy | None, seconds: float
    ) -> httpx.Response:
        """Send a request over TLS that is not to be trusted, on a connection of its own."""
        shown = await self._open(request, proxy, seconds, unverified_context())
        certificate = shown.tls.getpeercert(binary_form=True) if shown.tls else None
        shown.close()
        if certificate is None:
            raise httpx.ConnectError("TLS handshake failed")
        try:
            connection = await self._open(request, proxy, seconds, context_for(certificate))
        except ssl.SSLError as error:  # a certificate that cannot even be read
            raise httpx.ConnectError("TLS handshake failed") from error
        await connection.ask(request)
        words = trouble_in_words(trouble, connection.tls, self._clock.now()) if connection.tls else trouble
        body = _Body(connection, Connection.close)
        return httpx.Response(
            connection.status, headers=connection.headers, stream=body, extensions={"tls_trouble": words}
        )

    async def aclose(self) -> None:
        """Close every connection."""
        self._close_idle()
        if self._sweep:
            self._sweep.cancel()
        await asyncio.sleep(0)  # asyncio closes the sockets in its next round

    def _close_idle(self) -> None:
        for connection in self._idle_in_order:
            connection.close()
        self._idle.clear()
        self._idle_in_order.clear()

    def _take(self, origin: Origin) -> Connection | None:
        while kept := self._idle.get(origin):
            connection = kept.pop()
            self._drop(connection, origin)
            if connection.reusable:
                return connection
            connection.close()
        return None

    def _keep(self, origin: Origin, connection: Connection) -> None:
        if not connection.reusable:
            connection.close()
            return
        self._idle.setdefault(origin, []).append(connection)
        self._idle_in_order[connection] = origin, asyncio.get_running_loop().time()
        if len(self._idle_in_order) > self._most_idle:
            self._expire(next(iter(self._idle_in_order)))
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(_KEEPALIVE_SECONDS, self._expire_old)

    def _expire_old(self) -> None:
        loop = asyncio.get_running_loop()
        self._sweep = None
        while self._idle_in_order:
            oldest, (_, since) = next(iter(self._idle_in_order.items()))
            if since > loop.time() - _KEEPALIVE_SECONDS:
                self._sweep = loop.call_at(since + _KEEPALIVE_SECONDS, self._expire_old)
                break
            self._expire(oldest)

    def _expire(self, connection: Connection) -> None:
        origin, _ = self._idle_in_order[connection]
        self._idle[origin].remove(connection)
        self._drop(connection, origin)
        connection.close()

    def _drop(self, connection: Connection, origin: Origin) -> None:
        """Forget an idle connection that has just left its origin's list."""
        del self._idle_in_order[connection]
        if not self._idle[origin]:
            del self._idle[origin]

    async def resolves(self) -> bool:
        """Tell whether any of the control names resolves."""
        return await self._routes.resolves()

    async def connects(self) -> bool:
        """Tell whether any of the control names can be connected to, past every proxy."""
        return await self._routes.connects()


class _Body(Stream):
    """The body of a reply; its connection is given to `done` afterwards, read to the end or not."""

    def __init__(self, connection: Connection, done: Callable[[Connection], None]) -> None:
        self._connection = connection
        self._done: Callable[[Connection], None] | None = done

    def arrived(self) -> Sequence[bytes] | None:
        return self._connection.arrived()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._connection.body():
            yield piece

    async def aclose(self) -> None:
        done, self._done = self._done, None
        if done:
            done(self._connection)
