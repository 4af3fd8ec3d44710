"""Which addresses may be reached: a list of links must not become a way into the network enrich runs in."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Collection
from contextlib import suppress
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from enrich.web.in_flight import NO_FILES, is_out_of_files
from enrich.web.replies import Clock, Unreachable, stamp

Address = IPv4Address | IPv6Address

# https://www.iana.org/assignments/iana-ipv4-special-registry, said outright because `is_global` changed between
# releases of Python; the last row is a platform's metadata service on a public address (Azure).
_PRIVATE4 = tuple(
    IPv4Network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",
    )
)
# https://www.iana.org/assignments/iana-ipv6-special-registry: only 2000::/3 is given out, less these.
_GLOBAL6 = IPv6Network("2000::/3")
_PRIVATE6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "3fff::/20"))
_NAT64 = IPv6Network("64:ff9b::/96")

CONTROLS = ("example.com", "doi.org", "arxiv.org", "github.com")
"""Names that resolve wherever names resolve at all, of hosts that take connections wherever one gets out."""

CONTROL_SECONDS = 3.0
"""For each of them."""

_DNS_SECONDS = 5.0
_FRESH_SECONDS = 60.0


def is_private(address: Address) -> bool:
    """Tell whether an address, or the IPv4 address written inside it, is not one of the public internet."""
    if isinstance(address, IPv4Address):
        return any(address in network for network in _PRIVATE4)
    if address.ipv4_mapped:
        return is_private(address.ipv4_mapped)
    if address.sixtofour:
        return is_private(address.sixtofour)
    if address in _NAT64:
        return is_private(IPv4Address(int(address) & 0xFFFFFFFF))
    return address not in _GLOBAL6 or any(address in network for network in _PRIVATE6)


@lru_cache(4096)
def literal(host: str) -> Address | None:
    """Return the address that a host name in fact is, in any notation a resolver takes; None for a real name.

    Beside dotted quads these are `2130706433`, `0x7f.1`, `0177.0.0.1`: see
    https://url.spec.whatwg.org/#concept-ipv4-parser.
    """
    host = host.removesuffix(".").strip("[]").replace("%25", "%")
    try:
        return ip_address(host)
    except ValueError:
        pass
    parts = host.split(".")
    try:
        numbers = [_number(part) for part in parts]
    except ValueError:
        return None
    *heads, last = numbers
    if len(parts) > 4 or any(head > 255 for head in heads) or last >= 256 ** (5 - len(parts)):
        return None
    return IPv4Address(sum(head << (24 - 8 * at) for at, head in enumerate(heads)) + last)


def _number(text: str) -> int:
    if not text.isascii() or not text[:1].isdigit() or "_" in text:
        raise ValueError(text)
    if text[:2].lower() == "0x":
        return int(text[2:] or "0", 16)
    return int(text, 8 if text[0] == "0" else 10)


class Guard:
    """Decides about hosts and addresses; `allow` holds host names, addresses and networks that may be private."""

    def __init__(self, allow: Collection[str] = ()) -> None:
        self._names: set[str] = set()
        self._networks: list[IPv4Network | IPv6Network] = []
        for text in allow:
            try:
                self._networks.append(ip_network(text.strip("[]"), strict=False))
            except ValueError:
                self._names.add(text.lower().removesuffix("."))

    def objection(self, host: str, addresses: Collection[Address]) -> str | None:
        """Say why a host with these addresses must not be reached; None when it may."""
        name = host.lower().removesuffix(".")
        if name in self._names:
            return None
        written = literal(name)
        if written is None and (name == "localhost" or name.endswith(".localhost")) and not addresses:
            return f"{host} is this machine"
        for address in addresses or ([written] if written else []):
            if is_private(address) and not any(address in network for network in self._networks):
                return f"{host} is the private address {address}" if written else f"{host} leads to {address}, private"
        return None


class Resolver:
    """Host names to checked addresses; each name is asked for in its own thread, so that a hanging one blocks no other.

    Addresses are kept for a minute, and it is these that are connected to: a second look could give others (rebinding).
    """

    def __init__(self, guard: Guard, clock: Clock) -> None:
        self._guard = guard
        self._clock = clock
        self._threads = asyncio.Semaphore(64)
        self._known: dict[str, tuple[float, tuple[Address, ...]]] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def addresses(self, host: str) -> tuple[Address, ...]:
        """Return the addresses of a host, best first.

        Raises:
            Unreachable: `unsafe` when one of them is private, `dns-missing` when the name does not exist (asked twice,
                while another name does resolve), `dns` when no answer could be had.
        """
        objection = self._guard.objection(host, ())
        if objection:
            raise Unreachable("unsafe", objection, stamp(self._clock))
        written = literal(host)
        found = (written,) if written else await self._resolved(host)
        objection = self._guard.objection(host, found)
        if objection:
            raise Unreachable("unsafe", objection, stamp(self._clock))
        return found

    def forget(self, host: str) -> None:
        """Ask anew for a host whose addresses did not serve."""
        self._known.pop(host, None)

    async def online(self) -> bool:
        """Tell whether any of the control names resolves, or there was no file to ask for it."""
        # All at once and not behind the others in line: where names hang, this decides how long a run does.
        answers = await asyncio.gather(*(_look_up(name, CONTROL_SECONDS) for name in CONTROLS))
        return any(isinstance(answer, tuple) or is_out_of_files(answer) for answer in answers)

    async def _resolved(self, host: str) -> tuple[Address, ...]:
        lock = self._asking.setdefault(host, asyncio.Lock())
        try:
            async with lock:
                until, found = self._known.get(host, (0.0, ()))
                if asyncio.get_running_loop().time() >= until:
                    found = await self._ask(host)
                    self._known[host] = (asyncio.get_running_loop().time() + _FRESH_SECONDS, found)
                return found
        finally:
            if not lock.locked():
                self._asking.pop(host, None)

    async def _ask(self, host: str) -> tuple[Address, ...]:
        async with self._threads:
            answer = await _look_up(host, _DNS_SECONDS)
        if isinstance(answer, tuple):
            return answer
        if is_out_of_files(answer):
            raise Unreachable("files", f"{host}: {NO_FILES}", stamp(self._clock), again=True)
        # A resolver that is out of order denies every name: a control name must be known before and after.
        if _says_missing(answer) and await self.online():
            async with self._threads:
                answer = await _look_up(host, _DNS_SECONDS)
            if isinstance(answer, tuple):
                return answer
            if _says_missing(answer) and await self.online():
                raise Unreachable("dns-missing", f"{host}: there is no such host name", stamp(self._clock))
        why = "names could not be looked up in time" if isinstance(answer, TimeoutError) else "name resolution failed"
        raise Unreachable("dns", f"{host}: {why}", stamp(self._clock), again=True)


async def _look_up(host: str, seconds: float) -> tuple[Address, ...] | Exception:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[tuple[Address, ...] | Exception] = loop.create_future()

    def settle(outcome: tuple[Address, ...] | Exception) -> None:
        if not answer.done():
            answer.set_result(outcome)

    def look() -> None:
        outcome = _system_look_up(host)
        with suppress(RuntimeError):  # the run may be over by the time a hanging resolver comes back
            loop.call_soon_threadsafe(settle, outcome)

    # A daemon thread: Python waits for an executor's at exit, and the system's resolver has no time limit.
    threading.Thread(target=look, name=f"resolve {host}", daemon=True).start()
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError as hung:
        return hung


def _system_look_up(host: str) -> tuple[Address, ...] | Exception:
    try:
        rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as failure:
        return _no_file() or failure
    return tuple(dict.fromkeys(ip_address(row[4][0]) for row in rows))


def _no_file() -> OSError | None:
    # The system's resolver has no word for it: it says "temporary failure", or even that the name does not exist.
    try:
        socket.socket().close()
    except OSError as failure:
        return failure if is_out_of_files(failure) else None
    return None


def _says_missing(answer: Exception) -> bool:
    if isinstance(answer, UnicodeError):  # a label too long or empty: no server could know it
        return True
    return isinstance(answer, socket.gaierror) and answer.errno in {
        socket.EAI_NONAME,
        getattr(socket, "EAI_NODATA", socket.EAI_NONAME),
    }
