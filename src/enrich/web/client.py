"""The one way out: shared requests, retries, redirects by hand, and on each hop pace, keys and address guard."""

from __future__ import annotations

import asyncio
import json as jsonlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Self

import httpx

from enrich import __version__
from enrich.model import Hop, Reply, Unreachable
from enrich.rate_limits import read_refusal, seconds_until_reset
from enrich.web.cache import Cache
from enrich.web.clock import Clock, SystemClock, stamp
from enrich.web.coalescing import Coalescing
from enrich.web.cookies import Cookies
from enrich.web.dns import Resolver
from enrich.web.failures import WIRE, understand
from enrich.web.guard import Guard
from enrich.web.http11.tls import is_tls_answer, trouble_of
from enrich.web.http11.transport import Direct
from enrich.web.in_flight import InFlight, most_in_flight
from enrich.web.outage import Outage
from enrich.web.pacing import Gate, Pace
from enrich.web.redirects import REDIRECTS, onward, stays
from enrich.web.replies import read_reply
from enrich.web.request import Ask, NotFetchableError, clean_headers, to_url
from enrich.web.retry import retry
from enrich.web.scopes import Scopes, scope_of
from enrich.web.stop import Stop
from enrich.web.terms import Terms

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_NOT_THERE = frozenset({404, 410})
_CONNECT_SECONDS = 10.0
_NOTICE_SECONDS = 0.25


class Web:
    """The one way out of the program; an async context manager.

    `paces` and `keys` go by host, or by host and path (`gateway.example.org/arxiv`). `paces`: `*` stands for the rest.
    `keys`: header to value, sent over https to that very host alone (a port that is not the standard one belongs to
    it), with what is fetched `keyed`. `contact`, a mail address, is told to every host;
    `allow_private` holds host names, addresses and networks exempt from the address guard; `timeout` is in seconds for
    one try, body included; `transport` stands in for the network. With `system_certificates` the operating system says
    which authorities are trusted, not certifi.

    Attributes:
        cache: What services have answered, for the rooms to keep and look up.
        clock: The time that pauses, paces and stamps go by.
        requests: How many requests were sent, by host.
        on_progress: Told by the rooms: (service, how many answers came in).
        stop: What ends all fetches early, and tells whether it did.
    """

    def __init__(
        self,
        *,
        cache: Cache,
        clock: Clock | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        paces: Mapping[str, Pace] | None = None,
        keys: Mapping[str, Mapping[str, str]] | None = None,
        contact: str | None = None,
        allow_private: Collection[str] = (),
        offline: bool = False,
        timeout: float = 20.0,
        tries: int = 3,
        system_certificates: bool = False,
    ) -> None:
        self.cache = cache
        self.clock: Clock = clock or SystemClock()
        self.requests: Counter[str] = Counter()
        self.on_progress: Callable[[str, int], None] | None = None
        self.stop = Stop(self.clock)
        self._paces = Scopes(paces or {})
        self._keys = Scopes({scope: clean_headers(key, scope) for scope, key in (keys or {}).items() if key})
        agent = f"enrich/{__version__} (mailto:{contact})" if contact else f"enrich/{__version__}"
        # The host comes first (RFC 9110, section 7.2); each request names its own.
        own = {"Host": "", "User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        self._headers = httpx.Headers(clean_headers(own, "every host"))
        self._page_headers = httpx.Headers([*self._headers.raw, (b"accept-language", b"en")])  # some answer 403 without
        self._guard = Guard(allow_private)
        self._transport = transport or Direct(
            Resolver(self._guard, self.clock), self.clock, system_certificates=system_certificates
        )
        self._direct = self._transport if isinstance(self._transport, Direct) else None
        self._outage = Outage(self.clock, self._direct, "enrich was told to stay offline" if offline else None)
        self._seconds, self._tries = timeout, tries
        self._gates: dict[str, Gate] = {}
        self._in_flight = InFlight(most_in_flight())
        self._flights = Coalescing()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection and the files of `cache`."""
        await self._transport.aclose()
        self.cache.close()

    @property
    def offline_because(self) -> str | None:
        """Why nothing is fetched: told so, or no network; None while there is one."""
        return self._outage.because

    def concurrency(self, host: str) -> int:
        """Return how many requests to a host may be in flight now."""
        return self._gate(host, "/").concurrency

    def has_key(self, where: str) -> bool:
        """Tell whether what is fetched `keyed` below a base URL, or from a host, carries a key."""
        base = where if "://" in where else f"https://{where}"
        host, slash, path = scope_of(base, with_port=True).partition("/")
        return base.startswith("https:") and self._keys.find(host, slash + path) is not None

    def objection(self, url: str) -> str | None:
        """Say why a URL must not be fetched as far as its text tells: a private address; None when it may."""
        try:
            return self._guard.objection(to_url(url).host, ())
        except NotFetchableError:
            return None

    def _gate(self, host: str, path: str) -> Gate:
        pace = self._paces.find(host, path) or self._paces.find("*") or Pace()
        name = pace.group or host
        gate = self._gates.get(name)
        if gate is None:
            gate = self._gates[name] = Gate(name, pace, self.clock, self._in_flight)
        return gate

    async def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        params: Mapping[str, str] | None = None,
        json: object | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Callable[[Reply], str | None] | None = None,
        follow: int = 5,
        limit: int = 32 * 2**20,
        timeout: float | None = None,
        tries: int | None = None,
        final: Callable[[Reply], bool] | None = None,
        retry_timeouts: bool = True,
        keyed: bool = False,
        refusals: Collection[int] = (),
        good: Collection[int] = (),
        page: bool = False,
    ) -> Reply:
        """Ask for a URL and return the last reply, whatever its status.

        Passing failures (429, 408, 425, 5xx of the passing sort, timeouts, resets, replies cut short, and a reply of
        2xx that `accept` complains about) are tried again, at most `tries` times a hop. A wait that a refusal states
        pauses the whole host, up to 120 seconds; a host that asks for more, or keeps refusing, is left alone. No
        further try is made after a reply of which `final` says that it would change nothing (a bot wall), nor, unless
        `retry_timeouts`, of a host that lets the time pass. Up to `follow` redirects are followed; with 0 the redirect
        itself is returned. The body is read up to `limit` bytes; `timeout` seconds hold for one try. `keyed` is for
        look-ups at services: it sends the key for the host, which no redirect takes elsewhere. `refusals` are statuses
        by which this service refuses beside 429, `good` those that are no refusal here. `page` is for links, where a
        reply counts once its head has come: of a body that is damaged, cut short or too slow, what came is given as
        `truncated`. A page whose TLS fails is looked at once more past its trouble (`enrich.web.tls`), which
        `tls_trouble` then tells; where it redirects to is asked strictly again. Equal GETs under way at the same time
        share one request.

        Raises:
            Unreachable: When no HTTP reply came, or none that may be followed; `refusing` when the host was left alone,
                `unavailable` when it gave nothing but 503, `stopped` when `stop` came first.
            EnrichError: When a header's value cannot be sent.
        """
        body = None if json is None else jsonlib.dumps(json, separators=(",", ":")).encode()
        given = clean_headers(headers or {}, "the request")
        if body is not None:
            given = (*given, ("content-type", "application/json"))
        try:
            ask = Ask(method, to_url(url, params), given, body, keyed=keyed)
        except NotFetchableError as refusal:
            raise Unreachable("scheme", str(refusal), stamp(self.clock)) from None
        most, seconds = max(1, tries or self._tries), timeout or self._seconds
        terms = Terms(
            accept, follow, limit, seconds, most, final, retry_timeouts, frozenset(refusals), frozenset(good), page
        )
        self.stop.check()
        if method == "GET" and body is None:
            key = (ask.text, ask.headers, ask.keyed, terms)
            return await self.stop.bound(self._flights.fetch(key, lambda: self._chain(ask, terms)))
        return await self.stop.bound(self._chain(ask, terms))

    async def _chain(self, ask: Ask, terms: Terms) -> Reply:
        hops: list[Hop] = []
        try:
            return await self._follow(ask, terms, hops)
        except Unreachable as failure:
            failure.hops = tuple(hops)
            raise

    async def _follow(self, ask: Ask, terms: Terms, hops: list[Hop]) -> Reply:
        cookies, trouble = Cookies(), None
        been: set[tuple[str, str, str]] = set()
        while True:
            been.add((ask.method, ask.text, cookies.header(ask.url)))
            try:
                reply = await self._insist(ask, terms, cookies)
            except Unreachable as failure:
                if not terms.page or trouble:
                    raise
                reply = await self._look_past(ask, terms, failure)
                trouble = reply.tls_trouble
            try:
                further = onward(ask, reply.status, reply.headers) if terms.follow else None
            except NotFetchableError as refusal:
                why = f"{ask.host} redirects: {refusal}"
                raise Unreachable("scheme", why, stamp(self.clock)) from None
            if further is None:
                return replace(reply, hops=tuple(hops), tls_trouble=trouble) if hops else reply
            hops.append(Hop(reply.url, reply.status, reply.headers.get("location", "").partition("#")[2].strip()))
            ask = further
            if (ask.method, ask.text, cookies.header(ask.url)) in been:
                why = f"{ask.host}: the redirects go round in a circle"
                if cookies:
                    raise Unreachable("cookies", f"{why}, for want of a cookie or its consent", stamp(self.clock))
                raise Unreachable("circle", why, stamp(self.clock))
            if len(hops) > terms.follow:
                raise Unreachable("redirects", f"{ask.host}: more than {terms.follow} redirects", stamp(self.clock))

    async def _look_past(self, ask: Ask, terms: Terms, failure: Unreachable) -> Reply:
        """Ask once more for a page whose TLS failed, past what made it fail."""
        trouble = trouble_of(failure) if self._direct else None
        if trouble is None:
            raise failure
        try:
            return await self._try(replace(ask, keyed=False, tls_trouble=trouble), terms, Cookies())
        except Unreachable as second:
            raise failure from second

    async def _insist(self, ask: Ask, terms: Terms, cookies: Cookies) -> Reply:
        """Ask for one hop until it answers well or the tries are spent."""
        try:
            first: Reply | Unreachable
            try:
                first = await self._try(ask, terms, cookies)
            except Unreachable as failure:
                first = failure
            # Most requests go well at once, and tenacity's machinery takes a tenth of a request's processor time.
            if self._is_worth_a_try(first, ask, terms):
                return await retry(
                    first,
                    lambda: self._try(ask, terms, cookies),
                    lambda outcome: self._is_worth_a_try(outcome, ask, terms),
                    clock=self.clock,
                    tries=terms.tries,
                    waits_elsewhere=lambda reply: self._refusal(reply, terms)[0],
                    name=ask.text,
                )
            if isinstance(first, Unreachable):
                raise first
        except Unreachable as failure:
            if failure.kind == "unavailable" and isinstance(first, Reply):
                return first  # it was asked, and tells more
            self._outage.gave_up(ask.host, failure)
            raise
        return first

    def _is_worth_a_try(self, outcome: Reply | BaseException, ask: Ask, terms: Terms) -> bool:
        """Tell whether another try may bring more."""
        if not isinstance(outcome, Reply):
            if not isinstance(outcome, Unreachable):
                return False
            if terms.page and self._direct and is_tls_answer(outcome):
                return False
            return outcome.again and (terms.retry_timeouts or outcome.kind != "timeout")
        if outcome.status in terms.good or (terms.final and terms.final(outcome)):
            return False
        if outcome.complaint:
            return True
        passes = outcome.status in _PASSING or outcome.status in terms.refusals
        return passes and not self._gate(ask.host, ask.path).is_left(keyed=bool(self._key(ask)))

    def _refusal(self, reply: Reply, terms: Terms) -> tuple[bool, float | None]:
        return read_refusal(reply.status, reply.headers, reply.body, self.clock.now(), terms.refusals)

    async def _try(self, ask: Ask, terms: Terms, cookies: Cookies) -> Reply:
        """Ask once, in turn."""
        host = ask.host
        objection = self._guard.objection(host, ())
        if objection:
            raise Unreachable("unsafe", objection, stamp(self.clock))
        gate, keyed = self._gate(host, ask.path), bool(self._key(ask))
        self._check_left(host, gate, keyed=keyed)
        ticket = await gate.enter()
        try:
            # While this request stood in line, the host or the whole network may have turned out to be of no use.
            self._outage.check(host)
            self._check_left(host, gate, keyed=keyed)
            began = self.clock.monotonic()
            try:
                reply = await self._send(ask, terms, cookies, gate)
            except Unreachable as failure:
                await self._outage.missed(host, failure)
                if failure.kind == "files":
                    await self._in_flight.shrink()
                if failure.kind == "timeout":
                    # To the host the request it is still at counts, until it sees that nobody waits for the reply.
                    await self.clock.sleep(_NOTICE_SECONDS)
                raise
        finally:
            gate.leave()
        self._outage.reached(host)
        self._learn(ask, terms, reply, gate, ticket, self.clock.monotonic() - began)
        return reply

    def _check_left(self, host: str, gate: Gate, *, keyed: bool) -> None:
        if gate.is_left(keyed=keyed):
            kind, why = gate.why_left(keyed=keyed)
            raise Unreachable(kind, f"{host}: {why}", stamp(self.clock))

    def _learn(self, ask: Ask, terms: Terms, reply: Reply, gate: Gate, ticket: int, seconds: float) -> None:
        """Note what a reply says of the pace at which its host may be asked on."""
        keyed = bool(self._key(ask))
        if reply.status < 400 or reply.status in terms.good:
            # A host that sends all its visitors from http to https has not let anybody in yet.
            if reply.status not in REDIRECTS or not stays(ask, reply.status, reply.headers):
                gate.well(seconds, keyed=keyed)
            if reset := seconds_until_reset(reply.headers, self.clock.now()):
                gate.pause_for_quota(reset)
            return
        refuses, wait = self._refusal(reply, terms)
        if refuses:
            gate.refused(ticket, wait, keyed=keyed)
        elif reply.status in _NOT_THERE or (reply.status < 500 and terms.final is None):
            gate.well(seconds, keyed=keyed)
        elif reply.status < 500 or (terms.final and terms.final(reply)):
            gate.walled(keyed=keyed)  # of pages: whatever the status, it shows none
        elif reply.status == 503 and terms.final:
            gate.unavailable(keyed=keyed)

    def _key(self, ask: Ask) -> tuple[tuple[str, str], ...]:
        """Return the headers that hold the key for a request: none but for look-ups, and none in the clear."""
        if not ask.keyed or ask.url.scheme != "https":
            return ()
        return self._keys.find(ask.url.netloc.decode("ascii"), ask.path) or ()

    async def _send(self, ask: Ask, terms: Terms, cookies: Cookies, gate: Gate) -> Reply:
        request = self._request(ask, terms, cookies, gate)
        until = asyncio.get_running_loop().time() + terms.seconds
        try:
            self.requests[ask.host] += 1
            try:
                async with asyncio.timeout_at(until):
                    response = await self._transport.handle_async_request(request)
            except Unreachable:
                self.requests[ask.host] -= 1  # no connection came about, so nothing was sent
                raise
            try:
                reply = await read_reply(ask, response, terms, stamp(self.clock), until)
                if "set-cookie" in reply.headers:
                    cookies.take(ask.url, response.headers.get_list("set-cookie"))
                return reply
            finally:
                await response.aclose()
        except WIRE as error:
            failure = understand(error)
            why = f"{ask.host}: {failure.words}"
            raise Unreachable(failure.kind, why, stamp(self.clock), again=failure.again) from error

    def _request(self, ask: Ask, terms: Terms, cookies: Cookies, gate: Gate) -> httpx.Request:
        # The host is said here, because httpx would decode it by IDNA 2008, which not every host name follows.
        headers = (self._page_headers if terms.page else self._headers).copy()
        headers["host"] = ask.url.netloc.decode("ascii")
        if ask.headers:
            headers.update(ask.headers)
        if cookie := cookies.header(ask.url):
            headers["cookie"] = cookie
        if key := self._key(ask):
            headers.update(key)
        if ask.body is not None:
            headers["content-length"] = str(len(ask.body))
        extensions: dict[str, object] = {"timeout": {"connect": min(_CONNECT_SECONDS, terms.seconds)}}
        if gate.is_paced:
            extensions["trace"] = gate.trace
        if ask.tls_trouble:
            extensions["tls_trouble"] = ask.tls_trouble
        stream = httpx.ByteStream(ask.body or b"")
        request = httpx.Request(ask.method, ask.url, headers=headers, stream=stream, extensions=extensions)
        request.read()
        return request
