"""Send requests: to checked addresses or through a proxy, over connections that are kept for a while."""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import Collection, Mapping

from enrich.model import Unreachable
from enrich.web.clock import Clock
from enrich.web.dns import Resolver
from enrich.web.http11.connection import Connection
from enrich.web.http11.head import text_fields
from enrich.web.http11.proxy import Proxy
from enrich.web.http11.routes import Routes
from enrich.web.http11.tls import context_for, trouble_in_words, unverified_context
from enrich.web.in_flight import most_idle
from enrich.web.wire import BadReplyError, ConnectFailedError, ConnectionLostError, Sending

_KEEPALIVE_SECONDS = 10.0

Origin = tuple[str, str, int]


class Direct:
    """The outgoing connections: to checked addresses or through a proxy, kept for a while."""

    def __init__(self, resolver: Resolver, clock: Clock, *, system_certificates: bool = False) -> None:
        self._clock = clock
        self._routes = Routes(resolver, clock, system_certificates=system_certificates)
        self._idle: dict[Origin, list[Connection]] = {}
        self._idle_in_order: OrderedDict[Connection, tuple[Origin, float]] = OrderedDict()
        self._most_idle = most_idle()
        self._sweep: asyncio.TimerHandle | None = None  # one for all idle connections

    async def send(self, request: Sending) -> DirectReply:
        """Send one request and give the reply with its body still to be read.

        Raises:
            Unreachable: When no address may be, or could be, connected to, or a proxy is at fault.
            WireError: When what comes after that fails.
            TimeoutError: When the head does not arrive in time.
        """
        url = request.url
        origin: Origin = (url.scheme, url.host, url.connect_port)
        is_direct = not request.tls_trouble and not self._routes.has_proxies
        if is_direct and (kept := self._take(origin)) and await self._is_answered(kept, request):
            return DirectReply(kept, self, origin)
        async with asyncio.timeout_at(request.until):
            proxy = await self._routes.proxy_for(url, request.connect_seconds)
            if request.tls_trouble:
                return await self._look_past(request.tls_trouble, request, proxy)
            forwarder = proxy if url.scheme == "http" else None
            sent = forwarder.forwarded(request) if forwarder else request
            connection = None if is_direct else self._take(origin)
            if connection is None or not await self._is_answered(connection, sent):
                connection = await self._open(request, proxy)
                await connection.ask(sent)
        if forwarder and forwarder.is_own_reply(connection.status, dict(text_fields(connection.headers))):
            connection.close()
            raise self._routes.refusal(forwarder, request, connection.status)
        return DirectReply(connection, self, origin)

    async def _is_answered(self, kept: Connection, request: Sending) -> bool:
        """Send a request over a connection that was kept; return False if the server had closed it by then.

        RFC 9112, section 9.3.1. For paced hosts, sending it again is another attempt, and has to wait its turn.
        """
        try:
            await kept.ask(request)
        except (ConnectionLostError, BadReplyError):
            if request.method not in {"GET", "HEAD"} or request.on_send:
                raise
            return False
        return True

    async def _open(self, request: Sending, proxy: Proxy | None, context: ssl.SSLContext | None = None) -> Connection:
        try:
            return await self._routes.open(request, proxy, context)
        except Unreachable as failure:
            if failure.kind == "files":
                self._close_idle()
            raise

    async def _look_past(self, trouble: str, request: Sending, proxy: Proxy | None) -> DirectReply:
        """Send a request over untrusted TLS, on a separate connection."""
        shown = await self._open(request, proxy, unverified_context())
        certificate = shown.tls.getpeercert(binary_form=True) if shown.tls else None
        shown.close()
        if certificate is None:
            raise ConnectFailedError("TLS handshake failed")
        try:
            connection = await self._open(request, proxy, context_for(certificate))
        except ssl.SSLError as error:  # a certificate that cannot even be read
            raise ConnectFailedError("TLS handshake failed") from error
        await connection.ask(request)
        words = trouble_in_words(trouble, connection.tls, self._clock.now()) if connection.tls else trouble
        return DirectReply(connection, tls_trouble=words)

    async def aclose(self) -> None:
        """Close every connection."""
        self._close_idle()
        if self._sweep:
            self._sweep.cancel()
        await asyncio.sleep(0)  # asyncio closes the sockets in its next iteration

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

    def keep(self, origin: Origin, connection: Connection) -> None:
        """Keep a connection for later if it can be reused; else close it."""
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
        """Return whether any control name resolves."""
        return await self._routes.resolves()

    async def do_names_exist(self, hosts: Collection[str]) -> Mapping[str, bool]:
        """Return whether host names exist; those without an answer are left out."""
        return await self._routes.do_names_exist(hosts)

    async def connects(self) -> bool:
        """Return whether any control host can be connected to, bypassing proxies."""
        return await self._routes.connects()


class DirectReply:
    """A reply with its body still to be read; its connection is then given to `keeper`, else closed.

    Attributes:
        status, headers, tls_trouble: As of `enrich.web.wire.Receiving`.
    """

    def __init__(
        self,
        connection: Connection,
        keeper: Direct | None = None,
        origin: Origin = ("", "", 0),
        tls_trouble: str | None = None,
    ) -> None:
        self.status, self.headers, self.tls_trouble = connection.status, connection.headers, tls_trouble
        self.arrived, self.body = connection.arrived, connection.body
        self._connection: Connection | None = connection
        self._keeper, self._origin = keeper, origin

    async def aclose(self) -> None:
        """Give the connection back, whether the body was read to its end or not."""
        connection, self._connection = self._connection, None
        if connection and self._keeper:
            self._keeper.keep(self._origin, connection)
        elif connection:
            connection.close()
