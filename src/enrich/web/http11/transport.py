"""Requests onto the wire: to checked addresses, over connections kept for a while, or through the user's proxy."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from functools import partial
from importlib.util import find_spec
from urllib.request import getproxies

import httpx

from enrich.model import EnrichError, Unreachable
from enrich.web.clock import Clock, stamp
from enrich.web.dns import CONTROL_SECONDS, CONTROLS, Resolver
from enrich.web.http11.addresses import connect, in_turn
from enrich.web.http11.connection import Connection, converse
from enrich.web.http11.tls import context_for, described, strict_context, unverified_context
from enrich.web.in_flight import NO_FILES, is_out_of_files, most_idle
from enrich.web.no_proxy import bypasses_proxy
from enrich.web.request import wire_host

_CONNECT_SECONDS = 10.0
_KEEPALIVE_SECONDS = 10.0

_REASONS = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset",
    errno.EHOSTUNREACH: "host unreachable",
    errno.ENETUNREACH: "network unreachable",
    errno.ETIMEDOUT: "connection timed out",
}

Origin = tuple[str, str, int]


class Direct(httpx.AsyncBaseTransport):
    """The way out of this machine: connections to checked addresses, kept for a while, or the user's proxy."""

    def __init__(self, resolver: Resolver, clock: Clock, *, system_certificates: bool = False) -> None:
        self._resolver = resolver
        self._clock = clock
        self._system_certificates = system_certificates
        self._tls: ssl.SSLContext | None = None
        self._idle: dict[Origin, list[Connection]] = {}
        self._idle_in_order: OrderedDict[Connection, tuple[Origin, float]] = OrderedDict()
        self._most_idle = most_idle()
        self._sweep: asyncio.TimerHandle | None = None  # one for all idle connections
        self._proxies = {name: _proxy(url) for name, url in getproxies().items() if name in {"http", "https", "all"}}
        self._proxied: dict[str, httpx.AsyncHTTPTransport] = {}
        self._family: int | None = None  # 4 or 6: the one that is tried first

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and give the reply with its body still to be read.

        Raises:
            Unreachable: When no address may be, or could be, connected to.
            httpx.TransportError: When what comes after that fails.
        """
        proxied = await self._through_proxy(request)
        if proxied and "tls_trouble" in request.extensions:
            raise httpx.ConnectError("TLS handshake failed")  # only what this program opens itself is looked past
        if proxied:
            try:
                return await proxied.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                # What fails behind the proxy is a ProxyError: this is the proxy itself, and says nothing of the host.
                why = "no network: the proxy that the environment names cannot be reached"
                raise Unreachable("offline", why, stamp(self._clock), again=True) from error
        url = request.url
        origin: Origin = (url.scheme, wire_host(url), url.port or (443 if url.scheme == "https" else 80))
        seconds = request.extensions.get("timeout", {}).get("connect") or _CONNECT_SECONDS
        if trouble := request.extensions.get("tls_trouble"):
            return await self._look_past(str(trouble), request, origin, seconds)
        kept = self._take(origin)
        connection = kept or await self._open(origin, seconds)
        try:
            await connection.ask(request)
        except (httpx.ReadError, httpx.RemoteProtocolError):
            # Where requests are paced, sending it once more is another try, and has to wait its turn.
            if kept is None or request.method not in {"GET", "HEAD"} or "trace" in request.extensions:
                raise
            # The server closed a connection that was kept while the request was on its way: RFC 9112, section 9.3.1.
            connection = await self._open(origin, seconds)
            await connection.ask(request)
        body = _Body(connection, partial(self._keep, origin))
        return httpx.Response(connection.status, headers=connection.headers, stream=body)

    async def _look_past(self, trouble: str, request: httpx.Request, origin: Origin, seconds: float) -> httpx.Response:
        """Send a request over TLS that is not to be trusted, on a connection of its own."""
        shown = await self._open(origin, seconds, unverified_context())
        certificate = shown.tls.getpeercert(binary_form=True) if shown.tls else None
        shown.close()
        if certificate is None:
            raise httpx.ConnectError("TLS handshake failed")
        try:
            connection = await self._open(origin, seconds, context_for(certificate))
        except ssl.SSLError as error:  # a certificate that cannot even be read
            raise httpx.ConnectError("TLS handshake failed") from error
        await connection.ask(request)
        words = described(trouble, connection.tls, self._clock.now()) if connection.tls else trouble
        body = _Body(connection, Connection.close)
        return httpx.Response(
            connection.status, headers=connection.headers, stream=body, extensions={"tls_trouble": words}
        )

    async def aclose(self) -> None:
        """Close every connection."""
        self._close_idle()
        if self._sweep:
            self._sweep.cancel()
        for proxied in self._proxied.values():
            await proxied.aclose()
        self._proxied.clear()
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
        return await self._resolver.online()

    async def connects(self) -> bool:
        """Tell whether any of the control names can be connected to, past every proxy."""

        async def connects_to(name: str) -> bool:
            try:
                async with asyncio.timeout(CONTROL_SECONDS):
                    (await self._reach(name, 443)).close()
            except TimeoutError:
                return False
            except Unreachable as failure:
                return failure.kind == "files"  # which says nothing about the network
            return True

        return any(await asyncio.gather(*map(connects_to, CONTROLS)))

    async def _open(self, origin: Origin, seconds: float, context: ssl.SSLContext | None = None) -> Connection:
        scheme, host, port = origin
        tls = (context or self._context()) if scheme == "https" else None
        try:
            async with asyncio.timeout(seconds):
                return await converse(await self._reach(host, port), tls, host)
        except TimeoutError as error:
            self._resolver.forget(host)
            raise httpx.ConnectTimeout("connection timed out") from error

    async def _reach(self, host: str, port: int) -> socket.socket:
        addresses = in_turn(await self._resolver.ip_addresses(host), self._family)
        try:
            connection = await connect(addresses, port)
        except OSError as failure:
            if is_out_of_files(failure):
                self._close_idle()
                raise Unreachable("files", f"{host}: {NO_FILES}", stamp(self._clock), again=True) from failure
            self._resolver.forget(host)
            raise Unreachable("connect", f"{host}: {_reason(failure)}", stamp(self._clock), again=True) from failure
        if (family := 6 if connection.family is socket.AF_INET6 else 4) != addresses[0].version:
            self._family = family  # the other one seems to lead nowhere from here
        return connection

    def _context(self) -> ssl.SSLContext:
        # Reading the certificates takes 20 ms and megabytes: once for all hosts.
        if self._tls is None:
            self._tls = strict_context(system=self._system_certificates)
        return self._tls

    async def _through_proxy(self, request: httpx.Request) -> httpx.AsyncHTTPTransport | None:
        host = wire_host(request.url)
        proxy = self._proxies.get(request.url.scheme) or self._proxies.get("all")
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        if proxy is None or bypasses_proxy(host, port):
            return None
        # What the proxy would reach is checked where names resolve on this machine; elsewhere the proxy has to guard.
        try:
            await self._resolver.ip_addresses(host)
        except Unreachable as failure:
            if failure.kind == "unsafe":
                raise
        key = str(proxy.url)
        if key not in self._proxied:
            limits = httpx.Limits(max_keepalive_connections=16, keepalive_expiry=_KEEPALIVE_SECONDS)
            self._proxied[key] = httpx.AsyncHTTPTransport(
                verify=self._context(), trust_env=False, limits=limits, proxy=proxy
            )
        return self._proxied[key]


class _Body(httpx.AsyncByteStream):
    """The body of a reply; its connection is given to `done` afterwards, read to the end or not."""

    def __init__(self, connection: Connection, done: Callable[[Connection], None]) -> None:
        self._connection = connection
        self._done: Callable[[Connection], None] | None = done

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._connection.body():
            yield piece

    async def aclose(self) -> None:
        done, self._done = self._done, None
        if done:
            done(self._connection)


def _reason(failure: OSError) -> str:
    if isinstance(failure, TimeoutError):
        return "connection timed out"
    return _REASONS.get(failure.errno or 0, "no connection")


def _proxy(url: str) -> httpx.Proxy:
    if url.lower().startswith("socks") and find_spec("socksio") is None:
        raise EnrichError("The environment names a SOCKS proxy; `pip install 'httpx[socks]'` first, or unset it.")
    try:
        return httpx.Proxy(url if "://" in url else f"http://{url}")
    except (ValueError, httpx.InvalidURL):
        raise EnrichError(
            "The proxy that the environment names (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY) is not a URL such as "
            "http://proxy.example.org:3128; set it right, or unset it."
        ) from None
