"""Connect to a host: at an address that the guard allows, or through the proxy of the environment."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Collection, Mapping

from enrich.model import Unreachable
from enrich.web.clock import Clock, stamp
from enrich.web.dns import CONTROL_SECONDS, CONTROLS, TOO_LATE, Resolver
from enrich.web.guard import Address, Guard
from enrich.web.http11.addresses import connect, in_turn
from enrich.web.http11.connection import Connection, converse, secure
from enrich.web.http11.proxy import Proxy, proxies_of_environment
from enrich.web.http11.tls import strict_context
from enrich.web.in_flight import NO_FILES, is_out_of_files
from enrich.web.no_proxy import bypasses_proxy
from enrich.web.request import Url
from enrich.web.wire import BadReplyError, ConnectFailedError, ConnectionLostError, ConnectTimeoutError, Sending

# Shares of the time for a connection. If the whole request times out, this says nothing about the proxy.
_LOOKING_UP, _REACHING_PROXY, _TUNNELLING = 0.25, 0.5, 0.9

# A share of the time for a direct connection: name servers that do not answer must not look like a silent host.
_NAMING = 0.8

_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL})
_REASONS = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset",
    errno.EHOSTUNREACH: "host unreachable",
    errno.ENETUNREACH: "network unreachable",
    errno.ETIMEDOUT: "connection timed out",
}


class Routes:
    """Opens connections, each for one request.

    Attributes:
        has_proxies: Whether the environment names a proxy.
    """

    def __init__(self, resolver: Resolver, clock: Clock, *, system_certificates: bool = False) -> None:
        self._resolver = resolver
        self._clock = clock
        self._system_certificates = system_certificates
        self._tls: ssl.SSLContext | None = None
        self._proxies = proxies_of_environment()
        # The guard is for the targets of links; most proxies have a private address.
        self._proxy_resolver = Resolver(Guard({proxy.host for proxy in self._proxies.values()}), clock)
        self._unresolved: set[str] = set()
        self.has_proxies = bool(self._proxies)
        self._family: int | None = None  # 4 or 6: the one that is tried first

    async def proxy_for(self, url: Url, seconds: float) -> Proxy | None:
        """Return the proxy for a URL, None for a direct connection.

        The proxy resolves the host itself. If names also resolve on this machine, its addresses are checked; otherwise
        the proxy has to guard private networks.

        Raises:
            Unreachable: `unsafe` when the host has a private address.
        """
        proxy, host = self._proxies.get(url.scheme), url.host
        if proxy is None or bypasses_proxy(host, url.connect_port):
            return None
        if host not in self._unresolved:
            try:
                async with asyncio.timeout(seconds * _LOOKING_UP):
                    await self._resolver.ip_addresses(host)
            except (Unreachable, TimeoutError) as failure:
                if isinstance(failure, Unreachable) and failure.kind == "unsafe":
                    raise
                self._resolver.check_not_local(host)
                self._unresolved.add(host)
        return proxy

    async def open(self, request: Sending, proxy: Proxy | None, context: ssl.SSLContext | None = None) -> Connection:
        """Open a connection for a request, in a tunnel where it is for an `https:` URL and goes through a proxy.

        Raises:
            Unreachable: When no address could be connected to, or the proxy is at fault (`offline`, `proxy`).
            WireError: When what comes after that fails.
        """
        tls = (context or self._context()) if request.url.scheme == "https" else None
        host, port, seconds = request.url.host, request.url.connect_port, request.connect_seconds
        until = asyncio.get_running_loop().time() + seconds
        tunnel = await self._to_proxy(proxy, request, seconds) if proxy else None
        try:
            async with asyncio.timeout_at(until):
                if tunnel:
                    return await secure(tunnel, tls, host) if tls else tunnel
                found = await self._ip_addresses(host, seconds * _NAMING)
                return await converse(await self._connect(found, self._resolver, host, port), tls, host)
        except TimeoutError as error:
            self._resolver.forget(host)
            raise ConnectTimeoutError("connection timed out") from error

    async def _ip_addresses(self, host: str, seconds: float) -> tuple[Address, ...]:
        """Return the addresses of a host, best first.

        Raises:
            Unreachable: `dns` when that takes too long, or as the resolver does.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self._resolver.ip_addresses(host)
        except TimeoutError as late:
            raise Unreachable("dns", f"{host}: {TOO_LATE}", stamp(self._clock), again=True) from late

    async def resolves(self) -> bool:
        """Return whether any control name resolves."""
        return await self._resolver.online()

    async def do_names_exist(self, hosts: Collection[str]) -> Mapping[str, bool]:
        """Return whether host names exist; those without an answer are left out."""
        return await self._resolver.do_names_exist(hosts)

    async def connects(self) -> bool:
        """Return whether any control host can be connected to, bypassing proxies."""

        async def connects_to(name: str) -> bool:
            try:
                async with asyncio.timeout(CONTROL_SECONDS):
                    (await self._reach(self._resolver, name, 443)).close()
            except TimeoutError:
                return False
            except Unreachable as failure:
                return failure.kind == "files"  # which says nothing about the network
            return True

        return any(await asyncio.gather(*map(connects_to, CONTROLS)))

    async def _reach(self, resolver: Resolver, host: str, port: int) -> socket.socket:
        return await self._connect(await resolver.ip_addresses(host), resolver, host, port)

    async def _connect(self, found: tuple[Address, ...], resolver: Resolver, host: str, port: int) -> socket.socket:
        addresses = in_turn(found, self._family)
        try:
            connection = await connect(addresses, port)
        except OSError as failure:
            if is_out_of_files(failure):
                raise Unreachable("files", f"{host}: {NO_FILES}", stamp(self._clock), again=True) from failure
            resolver.forget(host)
            if failure.errno in _NO_ROUTE and all(address.version == 6 for address in found):
                why = "it has only IPv6 addresses, and this network has no IPv6"
                raise Unreachable("no-ipv6", f"{host}: {why}", stamp(self._clock)) from failure
            raise Unreachable("connect", f"{host}: {_reason(failure)}", stamp(self._clock), again=True) from failure
        if (family := 6 if connection.family is socket.AF_INET6 else 4) != addresses[0].version:
            self._family = family  # the other one seems unreachable from here
        return connection

    async def _to_proxy(self, proxy: Proxy, request: Sending, seconds: float) -> Connection:
        """Connect to a proxy and, through a tunnel if needed, to the host."""
        until = asyncio.get_running_loop().time() + seconds * _TUNNELLING
        try:
            async with asyncio.timeout(seconds * _REACHING_PROXY):
                reached = await self._reach(self._proxy_resolver, proxy.host, proxy.port)
                connection = await converse(reached, self._context() if proxy.over_tls else None, proxy.host)
        except (TimeoutError, ConnectFailedError, Unreachable) as failure:
            if isinstance(failure, Unreachable) and failure.kind == "files":
                raise
            why = "no network: the proxy that the environment names cannot be reached"
            raise Unreachable("offline", why, stamp(self._clock), again=True) from failure
        if request.url.scheme == "http":
            return connection
        try:
            async with asyncio.timeout_at(until):
                await connection.ask(proxy.tunnel(request))
        except (TimeoutError, ConnectionLostError, BadReplyError) as failure:
            late = isinstance(failure, TimeoutError)
            why = "the proxy did not connect in time" if late else "the proxy gave no valid HTTP response"
            raise Unreachable("proxy", f"{request.url.host}: {why}", stamp(self._clock), again=not late) from failure
        if not 200 <= connection.status < 300:
            connection.close()
            raise self.refusal(proxy, request, connection.status)
        return connection

    def refusal(self, proxy: Proxy, request: Sending, status: int) -> Unreachable:
        """Return the failure of a request that a proxy rejected with that status."""
        at, why = stamp(self._clock), proxy.refusal(status)
        if status == 407 and proxy.headers:
            # No request succeeds with these, and some accounts are locked after a few wrong passwords.
            return Unreachable("offline", f"no network: {why}", at)
        return Unreachable("proxy", f"{request.url.host}: {why}", at, again=status >= 500)

    def _context(self) -> ssl.SSLContext:
        # Reading the certificates takes 20 ms and megabytes: once for all hosts.
        if self._tls is None:
            self._tls = strict_context(system=self._system_certificates)
        return self._tls


def _reason(failure: OSError) -> str:
    if isinstance(failure, TimeoutError):
        return "connection timed out"
    return _REASONS.get(failure.errno or 0, "no connection")
