"""Detect outages: a silent host is not asked again and again, and a run without a network ends at once."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Protocol

from enrich.model import FailureKind, Unreachable
from enrich.web.clock import Clock, stamp

_SILENT: frozenset[FailureKind] = frozenset({"dns-missing", "dns", "connect"})
_BREAKS: frozenset[FailureKind] = _SILENT | {"tls", "proxy"}
_NEUTRAL: frozenset[FailureKind] = frozenset({"unsafe", "scheme", "offline", "proxy", "files", "no-ipv6"})
_HOSTS = 3
# A firewall that lets nothing through, though names resolve: so many hosts gave no answer, the others none so far.
_UNANSWERED_HOSTS = 10
_UNANSWERED_SECONDS = 9.0  # rejections come sooner than the first answer of a service
_FETCHES = 3
# A proxy that was reached before may be busy; each fetch tries several times.
_LOST_BY_PROXY = 10


class Controls(Protocol):
    """Hosts that are reachable whenever the network works."""

    async def resolves(self) -> bool:
        """Return whether any of their names resolves."""
        ...

    async def connects(self) -> bool:
        """Return whether any of them can be connected to."""
        ...


class Outage:
    """Counts who could not be reached; without `controls` that alone decides.

    Attributes:
        because: Why nothing is fetched any more, None while the network is there.
    """

    def __init__(self, clock: Clock, controls: Controls | None, because: str | None = None) -> None:
        self.because = because
        self._clock = clock
        self._controls = controls
        self._asked: set[str] = set()
        self._began = clock.monotonic()
        self._missed: defaultdict[FailureKind, set[str]] = defaultdict(set)
        self._names_resolve = False
        self._anything_reached = False
        self._lost_by_proxy = 0
        self._in_a_row: dict[str, tuple[int, Unreachable]] = {}
        self._checking = asyncio.Lock()

    def check(self, host: str) -> None:
        """Stop a request that cannot succeed.

        Raises:
            Unreachable: `offline`, or what the last three fetches of this host ended in.
        """
        self.check_network()
        count, last = self._in_a_row.get(host, (0, None))
        if last and count >= _FETCHES:
            raise Unreachable(last.kind, last.why, stamp(self._clock))
        if not self._asked:
            self._began = self._clock.monotonic()
        self._asked.add(host)

    def check_network(self) -> None:
        """Stop a request while there is no network.

        Raises:
            Unreachable: `offline`.
        """
        if self.because:
            raise Unreachable("offline", self.because, stamp(self._clock))

    def reached(self, host: str) -> None:
        """Note that a host answered, with any status."""
        self._anything_reached = True
        self._lost_by_proxy = 0
        self._in_a_row.pop(host, None)

    async def missed(self, host: str, failure: Unreachable) -> None:
        """Note a failed attempt; the network is gone if no host at all can be reached."""
        if self._anything_reached or failure.kind in _NEUTRAL:
            return
        if failure.kind not in _SILENT | {"timeout"}:  # something answered, even if not with HTTP
            self._anything_reached = True
            return
        self._missed[failure.kind].add(host)
        async with self._checking:
            if self._anything_reached or self.because:
                return
            if hosts := self._unanswered():
                there = self._controls is not None and await self._controls.connects()
                self._anything_reached = self._anything_reached or there
            elif hosts := self._silent():
                there = self._names_resolve = self._controls is not None and await self._controls.resolves()
            else:
                return
            if not there and not self._anything_reached:
                self.because = f"no network: none of {len(hosts)} hosts could be reached ({failure.why})"

    def _unanswered(self) -> set[str]:
        """Hosts that gave no answer, if there are many and they had enough time."""
        unconnected = self._missed["connect"]
        hosts = unconnected | self._missed["timeout"]
        waited = self._clock.monotonic() - self._began >= _UNANSWERED_SECONDS
        return hosts if waited and len(hosts) >= _UNANSWERED_HOSTS and len(unconnected) >= _HOSTS else set()

    def _silent(self) -> set[str]:
        """Hosts that could not be resolved or connected to, if this may be caused by our own name servers."""
        hosts = set().union(*(self._missed[kind] for kind in _SILENT))
        enough = len(hosts) >= _HOSTS or (len(hosts) > 1 and hosts == self._asked)
        return hosts if enough and not self._names_resolve else set()

    def connected(self) -> None:
        """Assume a network: other processes have reached a host."""
        self._anything_reached = True

    def gone(self, why: str) -> None:
        """Assume no network, unless a host was reached."""
        if not self._anything_reached:
            self.because = self.because or why

    def failed_in_a_row(self) -> Mapping[str, tuple[int, Unreachable]]:
        """Return the hosts whose last fetches failed: how many, and how the last one failed."""
        return self._in_a_row

    def restore(self, host: str, count: int, last: Unreachable) -> None:
        """Take over the failed fetches of a host from another process."""
        self._in_a_row[host] = (count, last)

    def gave_up(self, host: str, failure: Unreachable) -> None:
        """Note that a fetch ended without a reply after all attempts."""
        if failure.kind in _BREAKS:
            count, _ = self._in_a_row.get(host, (0, None))
            self._in_a_row[host] = (count + 1, failure)
        elif failure.kind == "offline":  # the proxy cannot be reached, or rejects the password
            self._lost_by_proxy += 1
            is_busy = failure.again and self._anything_reached and self._lost_by_proxy < _LOST_BY_PROXY
            if not is_busy:
                self.because = self.because or failure.why
        else:
            self._in_a_row.pop(host, None)
