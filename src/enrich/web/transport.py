"""Requests onto the wire: one small connection pool per origin, to checked addresses, or through the user's proxy."""

from __future__ import annotations

import asyncio
import errno
import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from functools import partial
from itertools import zip_longest
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from enrich.model import EnrichError
from enrich.web.guard import Address, Resolver
from enrich.web.replies import Clock, Unreachable, stamp

_ADDRESSES = 6
_ADDRESS_SECONDS = 3.0
_CONNECT_SECONDS = 10.0
_IDLE_POOLS = 24
_KEEPALIVE_SECONDS = 10.0

_REASONS = {
    errno.ECONNREFUSED: "the connection was refused",
    errno.ECONNRESET: "the connection was reset",
    errno.EHOSTUNREACH: "the host cannot be reached",
    errno.ENETUNREACH: "the network cannot be reached",
    errno.ETIMEDOUT: "no connection in time",
}

Origin = tuple[bytes, bytes, int | None]


class Direct(httpx.AsyncBaseTransport):
    """The way out of this machine.

    httpx's own pool costs time in proportion to the hosts it knows (https://github.com/encode/httpcore/issues/1035), so
    each origin has its own, closed when two dozen others have been idle for a shorter time.
    """

    def __init__(self, resolver: Resolver, clock: Clock) -> None:
        self._resolver = resolver
        self._wire = _CheckedAddresses(resolver, clock)
        self._tls: ssl.SSLContext | None = None
        self._busy: dict[Origin, tuple[httpcore.AsyncConnectionPool, int]] = {}
        self._idle: OrderedDict[Origin, httpcore.AsyncConnectionPool] = OrderedDict()
        self._proxies = {
            scheme: _proxy(url) for scheme, url in getproxies().items() if scheme in {"http", "https", "all"}
        }
        self._proxied: dict[str, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and give the reply with its body still to be read.

        Raises:
            Unreachable: When no address may be, or could be, connected to.
            httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError: From a direct connection.
            httpx.TransportError: From a proxied one.
        """
        proxied = await self._through_proxy(request)
        if proxied:
            return await proxied.handle_async_request(request)
        url = request.url
        origin: Origin = (url.raw_scheme, url.raw_host, url.port)
        pool = self._take(origin)
        try:
            response = await pool.handle_async_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        except BaseException:
            await self._give_back(origin)
            raise
        return httpx.Response(
            response.status, headers=response.headers, stream=_Body(response, partial(self._give_back, origin))
        )

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in [*self._idle.values(), *(pool for pool, _ in self._busy.values())]:
            await pool.aclose()
        for proxied in self._proxied.values():
            await proxied.aclose()
        self._idle.clear()
        self._busy.clear()
        self._proxied.clear()

    def _take(self, origin: Origin) -> httpcore.AsyncConnectionPool:
        pool, users = self._busy.get(origin, (None, 0))
        if pool is None:
            pool = self._idle.pop(origin, None) or httpcore.AsyncConnectionPool(
                ssl_context=self._context(),
                max_connections=None,
                keepalive_expiry=_KEEPALIVE_SECONDS,
                network_backend=self._wire,
            )
        self._busy[origin] = (pool, users + 1)
        return pool

    async def _give_back(self, origin: Origin) -> None:
        pool, users = self._busy.pop(origin, (None, 0))
        if pool is None:
            return
        if users > 1:
            self._busy[origin] = (pool, users - 1)
            return
        self._idle[origin] = pool
        if len(self._idle) > _IDLE_POOLS:
            _, oldest = self._idle.popitem(last=False)
            await oldest.aclose()

    def _context(self) -> ssl.SSLContext:
        # Reading the certificates takes 20 ms and megabytes: once for all hosts.
        if self._tls is None:
            self._tls = httpx.create_ssl_context()
        return self._tls

    async def _through_proxy(self, request: httpx.Request) -> httpx.AsyncHTTPTransport | None:
        host = request.url.host
        proxy = self._proxies.get(request.url.scheme) or self._proxies.get("all")
        if proxy is None or proxy_bypass(host):
            return None
        # What the proxy would reach is checked where names resolve on this machine; elsewhere the proxy has to guard.
        try:
            await self._resolver.addresses(host)
        except Unreachable as failure:
            if failure.kind == "unsafe":
                raise
        key = str(proxy.url)
        if key not in self._proxied:
            limits = httpx.Limits(
                max_connections=None, max_keepalive_connections=16, keepalive_expiry=_KEEPALIVE_SECONDS
            )
            self._proxied[key] = httpx.AsyncHTTPTransport(
                verify=self._context(), trust_env=False, limits=limits, proxy=proxy
            )
        return self._proxied[key]


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response, done: Callable[[], Awaitable[None]]) -> None:
        self._response = response
        self._done = done
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._response.aiter_stream():
            yield chunk

    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            try:
                await self._response.aclose()
            finally:
                await self._done()


class _CheckedAddresses(httpcore.AsyncNetworkBackend):
    """Connects to the addresses that the resolver has checked, one after the other until one answers."""

    def __init__(self, resolver: Resolver, clock: Clock) -> None:
        self._resolver = resolver
        self._clock = clock
        self._wire = httpcore.AnyIOBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> Coroutine[object, object, httpcore.AsyncNetworkStream]:
        """Connect within `timeout` seconds; the names of the arguments are httpcore's."""
        del local_address, socket_options
        return self._connect(host, port, _CONNECT_SECONDS if timeout is None else timeout)

    async def _connect(self, host: str, port: int, seconds: float) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        addresses = _families_in_turn(await self._resolver.addresses(host))[:_ADDRESSES]
        ends = loop.time() + seconds
        failure: Exception | None = None
        for left, address in reversed(list(enumerate(reversed(addresses)))):
            limit = max(0.1, ends - loop.time())
            try:
                return await self._wire.connect_tcp(str(address), port, min(limit, _ADDRESS_SECONDS) if left else limit)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        self._resolver.forget(host)
        why = f"{host}: {_reason(failure)}"
        raise Unreachable("connect", why, stamp(self._clock), again=True) from failure


def _families_in_turn(addresses: tuple[Address, ...]) -> list[Address]:
    # A machine whose IPv6 leads nowhere is common: the second try is of the other family (RFC 8305, section 4).
    first = [address for address in addresses if address.version == addresses[0].version]
    second = [address for address in addresses if address.version != addresses[0].version]
    return [address for pair in zip_longest(first, second) for address in pair if address]


def _reason(failure: BaseException | None) -> str:
    cause = failure
    while cause:
        if isinstance(cause, OSError) and cause.errno in _REASONS:
            return _REASONS[cause.errno]
        cause = cause.__cause__ or cause.__context__
    return "no connection in time" if isinstance(failure, httpcore.ConnectTimeout) else "no connection"


def _proxy(url: str) -> httpx.Proxy:
    try:
        return httpx.Proxy(url if "://" in url else f"http://{url}")
    except (ValueError, httpx.InvalidURL):
        raise EnrichError(
            "The proxy that the environment names (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY) is not a URL such as "
            "http://proxy.example.org:3128; set it right, or unset it."
        ) from None
