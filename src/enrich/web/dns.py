"""Resolve host names with the system's resolver."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from ipaddress import ip_address
from math import inf

from enrich.model import Unreachable
from enrich.web.clock import Clock, stamp
from enrich.web.guard import Address, Guard, literal
from enrich.web.in_flight import NO_FILES, is_out_of_files

CONTROLS = ("example.com", "doi.org", "arxiv.org", "github.com")
"""Names that resolve if any name does, of hosts that accept connections if the network works."""

CONTROL_SECONDS = 3.0
"""For each of them."""

TOO_LATE = "names could not be looked up in time"
"""How the failure of a host is described whose name servers do not answer."""

_DNS_SECONDS = 5.0
_AT_ONCE = 64
# A lookup that was given up goes on: the system's resolver takes half a minute, or never ends.
_MOST_THREADS = 512
_FRESH_SECONDS = 60.0


_Outcome = tuple[Address, ...] | Exception

_NO_ADDRESS = {getattr(socket, name, socket.EAI_NONAME) for name in ("EAI_NODATA", "EAI_ADDRFAMILY")}


class Resolver:
    """Resolves host names to checked addresses, each in its own thread, so that a hanging name blocks no other.

    Addresses are kept for a minute, and connections use them: a second lookup could return others (rebinding).
    """

    def __init__(self, guard: Guard, clock: Clock) -> None:
        self._guard = guard
        self._clock = clock
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._threads = asyncio.Semaphore(_MOST_THREADS)
        self._known: dict[str, tuple[float, tuple[Address, ...]]] = {}
        self._asking: dict[str, asyncio.Lock] = {}
        self._controlling = asyncio.Lock()
        self._controlled = -inf
        self._is_sound = False

    async def ip_addresses(self, host: str) -> tuple[Address, ...]:
        """Return the addresses of a host, best first.

        Raises:
            Unreachable: `unsafe` when one of them is private, `dns-missing` when the name does not exist (asked twice,
                while other names do resolve), `connect` when it has no address, `scheme` when it is Tor's, `dns` when
                no answer could be had.
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
        """Resolve a host again whose addresses did not work."""
        self._known.pop(host, None)

    async def online(self) -> bool:
        """Return whether any control name resolves, or there was no file descriptor to ask for it."""
        answers = await _look_up_all(CONTROLS)
        return any(isinstance(answer, tuple) or is_out_of_files(answer) for answer in answers)

    async def do_names_exist(self, hosts: Collection[str]) -> Mapping[str, bool]:
        """Return whether host names exist; those without an answer are left out."""
        found = zip(hosts, await _look_up_all(hosts), strict=True)
        return {
            host: isinstance(answer, tuple)
            for host, answer in found
            if isinstance(answer, tuple) or _says_missing(answer) or _has_no_address(answer)
        }

    async def _denies_rightly(self) -> bool:
        """Return whether names that exist are known now: more control names resolve than are denied.

        All who ask while control names are looked up share the next lookup: their answers may be younger than this one.
        """
        asked = asyncio.get_running_loop().time()
        async with self._controlling:
            if self._controlled <= asked:
                began = asyncio.get_running_loop().time()
                found = await self.do_names_exist(CONTROLS)
                self._controlled, self._is_sound = began, sum(found.values()) > len(found) / 2
            return self._is_sound

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
        answer = await self._look_up(host)
        if isinstance(answer, tuple):
            return answer
        if is_out_of_files(answer):
            raise Unreachable("files", f"{host}: {NO_FILES}", stamp(self._clock), again=True)
        self._check_public(host, answer)
        # A failing resolver denies every name: control names must be known before and after.
        if _says_missing(answer) and await self._denies_rightly():
            answer = await self._look_up(host)
            if isinstance(answer, tuple):
                return answer
            if _says_missing(answer) and await self._denies_rightly():
                raise Unreachable("dns-missing", f"domain not found: {host}", stamp(self._clock))
        why = TOO_LATE if isinstance(answer, TimeoutError) else "name resolution failed"
        raise Unreachable("dns", f"{host}: {why}", stamp(self._clock), again=True)

    def _check_public(self, host: str, answer: Exception) -> None:
        """Stop the lookup of a name of which public name servers say nothing more, or never can.

        Raises:
            Unreachable: `unsafe` or `scheme` when it is of another network, `dns-missing` when it cannot exist,
                `connect` when it exists, but has no address.
        """
        if isinstance(answer, UnicodeError):  # a label too long or empty
            raise Unreachable("dns-missing", f"not a valid domain name: {host}", stamp(self._clock))
        if _has_no_address(answer):
            raise Unreachable("connect", f"{host}: the domain has no address", stamp(self._clock))
        if _says_missing(answer) and host.removesuffix(".").endswith(".onion"):  # RFC 7686
            raise Unreachable("scheme", f"{host} is reachable through Tor only; not fetched", stamp(self._clock))
        if _says_missing(answer):
            self.check_not_local(host)

    def check_not_local(self, host: str) -> None:
        """Stop the lookup of a name without a public address that may be one of a local network.

        Raises:
            Unreachable: `unsafe`.
        """
        if objection := self._guard.objection_to_unknown(host):
            raise Unreachable("unsafe", objection, stamp(self._clock))

    async def _look_up(self, host: str) -> _Outcome:
        async with self._at_once:
            try:
                async with asyncio.timeout(_DNS_SECONDS):
                    await self._threads.acquire()
            except TimeoutError as full:
                return full
            return await _look_up(host, _DNS_SECONDS, self._threads.release)


async def _look_up_all(hosts: Iterable[str]) -> list[_Outcome]:
    # All at once, and not behind the others in the queue: if names hang, this determines the length of a run.
    return await asyncio.gather(*(_look_up(host, CONTROL_SECONDS) for host in hosts))


async def _look_up(host: str, seconds: float, when_ended: Callable[[], None] | None = None) -> _Outcome:
    """Look up a host in a thread, which may go on for longer than the given time."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[_Outcome] = loop.create_future()

    def settle(outcome: _Outcome) -> None:
        if when_ended:
            when_ended()
        if not answer.done():
            answer.set_result(outcome)

    def look() -> None:
        outcome = _system_look_up(host)
        with suppress(RuntimeError):  # the run may be over when a hanging resolver returns
            loop.call_soon_threadsafe(settle, outcome)

    # A daemon thread: Python waits at exit for an executor's, and the system's resolver has no time limit.
    thread = threading.Thread(target=look, name=f"resolve {host}", daemon=True)
    try:
        thread.start()
    except RuntimeError as none_left:  # a container may limit threads
        settle(none_left)
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError as hung:
        return hung


def _system_look_up(host: str) -> _Outcome:
    try:
        rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as failure:
        return _no_file() or failure
    return tuple(dict.fromkeys(ip_address(row[4][0]) for row in rows))


def _no_file() -> OSError | None:
    # The system's resolver cannot express it: it says "temporary failure", or even that the name does not exist.
    try:
        socket.socket().close()
    except OSError as failure:
        return failure if is_out_of_files(failure) else None
    return None


def _says_missing(answer: Exception) -> bool:
    return isinstance(answer, socket.gaierror) and answer.errno == socket.EAI_NONAME


def _has_no_address(answer: Exception) -> bool:
    # Some systems do not tell this from a name that does not exist.
    return isinstance(answer, socket.gaierror) and answer.errno in _NO_ADDRESS - {socket.EAI_NONAME}
