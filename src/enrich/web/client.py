"""`Web`: the only access to the network. Fetches share requests, follow redirects, and retry transient failures."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from enrich import __version__
from enrich.model import Reply, Unreachable
from enrich.text.urls import host_of
from enrich.web.answer_times import AnswerTimes
from enrich.web.cache import Cache
from enrich.web.clock import Clock, SystemClock, stamp
from enrich.web.coalescing import Coalescing
from enrich.web.cookies import Cookies
from enrich.web.dns import Resolver
from enrich.web.guard import Guard
from enrich.web.host_states import HostState
from enrich.web.http11.tls import trouble_of
from enrich.web.http11.transport import Direct
from enrich.web.keys import Keys
from enrich.web.listening import Listener
from enrich.web.outage import Outage
from enrich.web.pacing import Gates, Pace
from enrich.web.redirects import Chain
from enrich.web.request import NotFetchableError, Request, to_url
from enrich.web.retry import Retry
from enrich.web.sending import Sender, Way
from enrich.web.stop import Stop
from enrich.web.terms import Terms
from enrich.web.trail import ElsewhereError, Leg, Recorder, Step
from enrich.web.wire import Wire

if TYPE_CHECKING:
    from httpx import AsyncBaseTransport

_DEFAULT = Terms()


def _unseen(_reply: Reply) -> None:
    """Do nothing: the replies are not looked at."""


class Web:
    """The program's only access to the network; an async context manager.

    Args:
        cache: What services have answered.
        clock: The time that pauses, paces and stamps go by.
        transport: Used instead of the network.
        paces: By host, or by host and path (`gateway.example.org/arxiv`); `*` means all others.
        shared_paces: The folder in which processes tell each other when they asked a service, None for none.
        keys: Header to value, by the same; sent over https to that very host alone (a port that is not the standard
            one belongs to it), with what is fetched `keyed`.
        contact: A mail address that is sent to every host.
        allow_private: Host names, addresses and networks exempt from the address guard.
        offline: Nothing is fetched.
        timeout: Seconds for one try, body included.
        tries: How many requests are sent at most for one hop.
        system_certificates: The operating system says which authorities are trusted, not certifi.
        listener: Receives the progress of the run.
        witness: Shown every reply that a fetch ends with.

    Attributes:
        cache: What services have answered, for the rooms to keep and look up.
        clock: The time that pauses, paces and stamps go by.
        progress, expect, queue: To be called by the rooms with the answers that come in, those that are wanted, and the
            requests that are to be sent: (service, how many).
        stop: Ends all fetches early, and knows whether it did.
    """

    def __init__(
        self,
        *,
        cache: Cache,
        clock: Clock | None = None,
        transport: AsyncBaseTransport | Direct | None = None,
        paces: Mapping[str, Pace] | None = None,
        shared_paces: Path | None = None,
        keys: Mapping[str, Mapping[str, str]] | None = None,
        contact: str | None = None,
        allow_private: Collection[str] = (),
        offline: bool = False,
        timeout: float = 20.0,
        tries: int = 3,
        system_certificates: bool = False,
        listener: Listener | None = None,
        witness: Callable[[Reply], None] | None = None,
    ) -> None:
        self.cache = cache
        self.clock: Clock = clock or SystemClock()
        heard = listener or Listener()
        self.progress, self.expect, self.queue = heard.answered, heard.expected, heard.queued
        self._witness = witness or _unseen
        self.stop = Stop(self.clock)
        self._guard = Guard(allow_private)
        self._direct: Direct | None = None
        if transport is None or isinstance(transport, Direct):
            resolver = Resolver(self._guard, self.clock)
            self._direct = transport or Direct(resolver, self.clock, system_certificates=system_certificates)
        # Late: httpx takes a tenth of a second to import.
        self._wire: Wire = self._direct or import_module("enrich.web.adapted").Adapted(transport)
        self._outage = Outage(self.clock, self._direct, "offline mode" if offline else None)
        self._gates = Gates(paces or {}, self.clock, shared_paces)
        self._keys = Keys(keys or {})
        agent = f"enrich/{__version__} (mailto:{contact})" if contact else f"enrich/{__version__}"
        way = Way(self._wire, self._guard, self._gates, self._keys, self._outage)
        self._sender = Sender(way, self.clock, agent=agent, timeout=timeout)
        self._retry = Retry(self._sender, self.clock, tries=tries)
        self._flights: Coalescing[Reply] = Coalescing()
        self._legs: Coalescing[Leg] = Coalescing()
        self._show_walls: set[str] = set()  # hosts whose last page was a bot check

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection and the files of `cache`."""
        await self._wire.aclose()
        self.cache.close()

    @property
    def requests(self) -> Counter[str]:
        """The number of requests sent, by host."""
        return self._sender.requests

    @property
    def answer_times(self) -> AnswerTimes:
        """The times that hosts took to answer."""
        return self._sender.answer_times

    @property
    def offline_because(self) -> str | None:
        """Why nothing is fetched: offline mode, or no network; None if there is a network."""
        return self._outage.because

    def concurrency(self, host: str) -> int:
        """Return how many requests to a host may be in flight now."""
        return self._gates.find(host).concurrency

    def is_quick(self, host: str) -> bool:
        """Return whether a host answers quickly, so that a slow page is unusual."""
        return self._gates.find(host).is_quick

    def readmit(self, where: str) -> None:
        """Allow one more request to a base URL that was skipped because it rejected requests."""
        request = Request("GET", to_url(where))
        self._gates.find(request.host, request.path).readmit()

    def showed(self, url: str, wall: str | None) -> None:
        """Note the bot check that a page with a good status was, if any: a host that shows nothing else is skipped."""
        if not wall and not self._show_walls:
            return  # nearly always
        host = host_of(url)
        if wall or host in self._show_walls:
            request = Request("GET", to_url(url))
            self._gates.find(request.host, request.path).showed(wall)
            (self._show_walls.add if wall else self._show_walls.discard)(host)

    def host_states(self) -> dict[str, HostState]:
        """Return the state of hosts for the next process."""
        states = self._gates.states()
        for host, (count, last) in self._outage.failed_in_a_row().items():
            states[host] = replace(states.get(host, HostState()), failed=count, kind=last.kind, why=last.why)
        return states

    def restore(self, states: Mapping[str, HostState]) -> None:
        """Take over the state of hosts from other processes."""
        for host, state in states.items():
            self._gates.find(host).restore(state)
            if state.failed:
                self._outage.restore(host, state.failed, Unreachable(state.kind, state.why, stamp(self.clock)))

    def take_over(self, requests: Mapping[str, int], answer_times: Mapping[str, tuple[int, float]]) -> None:
        """Count the requests that another process has sent, and their answer times, by host."""
        self._sender.requests.update(requests)
        self._sender.answer_times.update(answer_times)

    def set_connected(self) -> None:
        """Assume a network: another process has reached a host."""
        self._outage.connected()

    async def do_names_exist(self, hosts: Collection[str]) -> Mapping[str, bool]:
        """Return whether host names exist; those without an answer are left out, and all where a transport is used."""
        return await self._direct.do_names_exist(hosts) if self._direct else {}

    def set_offline(self, why: str) -> None:
        """Fetch nothing more, unless a host was reached: no other process had a network."""
        self._outage.gone(why)

    def has_key(self, where: str) -> bool:
        """Return whether what is fetched `keyed` below a base URL, or from a host, carries a key."""
        return self._keys.cover(where)

    def objection(self, url: str) -> str | None:
        """Return why the text of a URL forbids fetching it: a private address; None if it may be fetched."""
        try:
            return self._guard.objection(to_url(url).host, ())
        except NotFetchableError:
            return None

    async def fetch(
        self,
        url: str,
        terms: Terms = _DEFAULT,
        *,
        method: str = "GET",
        params: Mapping[str, str] | None = None,
        json: object | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Request a URL and return the last reply, with any status.

        Transient failures are retried: 429, 408, 425, some 5xx, timeouts, resets, incomplete replies, and a reply that
        `terms.accept` complains about. A wait stated by a rejection pauses the whole host, up to 120 seconds; a host
        that asks for more, or keeps rejecting, is skipped. Equal concurrent GETs share one request. `params` are added
        to the URL's query, `json` is sent as the body, and `headers` are added to the headers of every request.

        Raises:
            Unreachable: When no HTTP reply came, or none that may be followed; `refusing` when the host was left alone,
                `unavailable` when it gave nothing but 503, `stopped` when `stop` came first.
            EnrichError: When a header's value cannot be sent.
        """
        try:
            request = Request.of(to_url(url, params), method, json, headers or {}, keyed=terms.keyed)
        except NotFetchableError as refusal:
            raise Unreachable("scheme", str(refusal), stamp(self.clock)) from None
        self.stop.check()
        if self._outage.because:
            self._sender.check_host(request.host)  # without a network, a long list has nothing to wait for
        if method == "GET" and request.body is None:
            key = (request.text, request.headers, terms)
            reply = await self.stop.bound(self._flights.fetch(key, partial(self._follow, request, terms)))
        else:
            reply = await self.stop.bound(self._follow(request, terms))
        self._witness(reply)
        return reply

    async def fetch_leg(
        self, url: str, terms: Terms, method: str, before: deque[Step], owns: Callable[[str], bool]
    ) -> Leg:
        """Fetch as `fetch` does, as far as the hosts are ours.

        Args:
            url: What is asked for.
            terms: How far the fetch goes.
            method: GET or HEAD.
            before: The trail of what was asked for it before; what is used of it is removed.
            owns: Whether this process asks a host.

        Raises:
            Unreachable: `stopped`, when `stop` came first.
        """
        try:
            request = Request.of(to_url(url), method, None, {}, keyed=False)
        except NotFetchableError as refusal:
            return Leg(Unreachable("scheme", str(refusal), stamp(self.clock)), ())
        self.stop.check()
        if method != "GET" or before:
            return await self.stop.bound(self._follow_leg(request, terms, before, owns))
        key = (request.text, terms)
        return await self.stop.bound(self._legs.fetch(key, partial(self._follow_leg, request, terms, before, owns)))

    async def _follow_leg(
        self, request: Request, terms: Terms, before: deque[Step], owns: Callable[[str], bool]
    ) -> Leg:
        recorder = Recorder(before, owns)
        send = partial(self._send, terms=terms)
        try:
            chain = Chain(request, terms.follow, self.clock)
            end: Reply | Unreachable | ElsewhereError = await chain.follow(partial(recorder.send, ask=send))
        except (Unreachable, ElsewhereError) as why:
            end = why
        return Leg(end, tuple(recorder.made))

    async def _follow(self, request: Request, terms: Terms) -> Reply:
        return await Chain(request, terms.follow, self.clock).follow(partial(self._send, terms=terms))

    async def _send(self, chain: Chain, *, terms: Terms) -> Reply:
        try:
            return await self._retry.send(chain.request, terms, chain.cookies)
        except Unreachable as failure:
            self._outage.gave_up(chain.request.host, failure)
            if not terms.page or chain.tls_trouble:
                raise
            return await self._look_past(chain.request, terms, failure)

    async def _look_past(self, request: Request, terms: Terms, failure: Unreachable) -> Reply:
        """Request a page again whose TLS failed, ignoring what made it fail."""
        trouble = trouble_of(failure) if self._direct else None
        if trouble is None:
            raise failure
        try:
            return await self._sender.send(request._replace(keyed=False, tls_trouble=trouble), terms, Cookies())
        except Unreachable as second:
            raise failure from second
