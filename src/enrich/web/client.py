"""The one way out: shared requests, retries, redirects by hand, and on each hop pace, keys and address guard."""

from __future__ import annotations

import asyncio
import json as jsonlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType, TracebackType
from typing import Self

import httpx
from tenacity import AsyncRetrying, Future, RetryCallState, retry_if_exception, retry_if_result, stop_after_attempt

from enrich import __version__
from enrich.web.answers import Answers
from enrich.web.body import read_body
from enrich.web.failures import WIRE, understand
from enrich.web.guard import Guard, Resolver
from enrich.web.hops import REDIRECTS, Ask, Cookies, NotFetchableError, clean_headers, onward, single_fields, to_url
from enrich.web.outage import Outage
from enrich.web.pace import LONGEST_PAUSE, Gate, Pace, jitter, retry_after
from enrich.web.replies import Clock, Hop, Reply, SystemClock, Unreachable, stamp
from enrich.web.transport import Direct

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_IN_FLIGHT = 160  # with what is kept open, fewer than the 256 files that macOS grants a process
_CONNECT_SECONDS = 10.0
_NOTICE_SECONDS = 0.25
_REDIRECT_BODY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Terms:
    """On which terms a reply is fetched: see `Web.fetch`."""

    accept: Callable[[Reply], str | None] | None
    follow: int
    limit: int
    seconds: float
    tries: int
    final: Callable[[Reply], bool] | None
    retry_timeouts: bool


class _GivenUpError(Exception):
    """Whoever fetched it was cancelled."""


def _outcome(state: RetryCallState) -> Future:
    if state.outcome is None:
        raise RuntimeError("tenacity asks about a try that has not ended")
    return state.outcome


class Web:
    """The one way out of the program; an async context manager.

    `paces` and `keys` go by host (`paces`: `*` stands for all others; `keys`: header to value; sent over https to that
    very host alone); `contact`, a mail address, is told to every host; `allow_private` holds host names, addresses and
    networks exempt from the address guard; `timeout` is in seconds for one try, body included; `transport` stands in
    for the network.

    Attributes:
        answers: What services have answered, for the rooms to keep and look up.
        clock: The time that pauses, paces and stamps go by.
        requests: How many requests were sent, by host.
        on_progress: Told by the rooms: (service, how many answers came in).
    """

    def __init__(
        self,
        *,
        answers: Answers,
        clock: Clock | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        paces: Mapping[str, Pace] | None = None,
        keys: Mapping[str, Mapping[str, str]] | None = None,
        contact: str | None = None,
        allow_private: Collection[str] = (),
        offline: bool = False,
        timeout: float = 20.0,
        tries: int = 3,
    ) -> None:
        self.answers = answers
        self.clock: Clock = clock or SystemClock()
        self.requests: Counter[str] = Counter()
        self.on_progress: Callable[[str, int], None] | None = None
        self._paces = dict(paces or {})
        self._keys = {host.lower(): clean_headers(key, host) for host, key in (keys or {}).items() if key}
        agent = f"enrich/{__version__} (mailto:{contact})" if contact else f"enrich/{__version__}"
        # The host comes first (RFC 9110, section 7.2); each request names its own.
        own = {"Host": "", "User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        self._headers = httpx.Headers(clean_headers(own, "every host"))
        self._guard = Guard(allow_private)
        self._transport = transport or Direct(Resolver(self._guard, self.clock), self.clock)
        controls = self._transport if isinstance(self._transport, Direct) else None
        self._outage = Outage(self.clock, controls, "enrich was told to stay offline" if offline else None)
        self._seconds, self._tries = timeout, tries
        self._gates: dict[str, Gate] = {}
        self._in_flight = asyncio.Semaphore(_IN_FLIGHT)
        self._closed_until: dict[str, tuple[float, Reply]] = {}
        self._flights: dict[object, list[asyncio.Future[Reply]]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection and the files of `answers`."""
        await self._transport.aclose()
        self.answers.close()

    @property
    def offline_because(self) -> str | None:
        """Why nothing is fetched: told so, or no network; None while there is one."""
        return self._outage.because

    def pace(self, host: str) -> Pace:
        """Return how fast a host may be asked."""
        return self._paces.get(host) or self._paces.get("*") or Pace()

    def has_key(self, host: str) -> bool:
        """Tell whether requests to a host carry a key."""
        return host.lower() in self._keys

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
    ) -> Reply:
        """Ask for a URL and return the last reply, whatever its status.

        Passing failures (429, 408, 425, 5xx of the passing sort, timeouts, resets, replies cut short, and a reply of
        2xx that `accept` complains about) are tried again, at most `tries` times a hop; Retry-After up to 120 seconds
        pauses the whole host, and one that asks for more ends the tries; so does a reply of which `final` says that no
        further try would change it (a bot wall), and, unless `retry_timeouts`, a host that lets the time pass. Up to
        `follow` redirects are followed; with 0 the redirect itself is returned. The body is read up to `limit` bytes;
        `timeout` seconds hold for one try. Equal GETs under way at the same time share one request.

        Raises:
            Unreachable: When no HTTP reply came, or none that may be followed.
            EnrichError: When a header's value cannot be sent.
        """
        body = None if json is None else jsonlib.dumps(json, separators=(",", ":")).encode()
        given = clean_headers(headers or {}, "the request")
        if body is not None:
            given = (*given, ("content-type", "application/json"))
        try:
            ask = Ask(method, to_url(url, params), given, body)
        except NotFetchableError as refusal:
            raise Unreachable("scheme", str(refusal), stamp(self.clock)) from None
        most, seconds = max(1, tries or self._tries), timeout or self._seconds
        terms = _Terms(accept, follow, limit, seconds, most, final, retry_timeouts)
        if method == "GET" and body is None:
            return await self._shared(ask, terms)
        return await self._chain(ask, terms)

    async def _shared(self, ask: Ask, terms: _Terms) -> Reply:
        """Fetch what nobody else is fetching; otherwise wait for what they get, and fetch it should they give up."""
        key = (ask.text, ask.headers, terms)
        while (others := self._flights.get(key)) is not None:
            theirs: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
            others.append(theirs)
            with suppress(_GivenUpError):
                return await theirs
        waiting = self._flights[key] = []
        failure: BaseException = _GivenUpError()
        try:
            reply = await self._chain(ask, terms)
        except Exception as error:
            failure = error
            raise
        else:
            for future in waiting:
                if not future.done():
                    future.set_result(reply)
            return reply
        finally:
            del self._flights[key]
            for future in waiting:
                if not future.done():
                    future.set_exception(failure)

    async def _chain(self, ask: Ask, terms: _Terms) -> Reply:
        hops: list[Hop] = []
        try:
            return await self._follow(ask, terms, hops)
        except Unreachable as failure:
            failure.hops = tuple(hops)
            raise

    async def _follow(self, ask: Ask, terms: _Terms, hops: list[Hop]) -> Reply:
        cookies = Cookies()
        been: set[tuple[str, str, str]] = set()
        while True:
            been.add((ask.method, ask.text, cookies.header(ask.url)))
            reply = await self._insist(ask, terms, cookies)
            try:
                further = onward(ask, reply.status, reply.headers) if terms.follow else None
            except NotFetchableError as refusal:
                why = f"{ask.host} redirects: {refusal}"
                raise Unreachable("scheme", why, stamp(self.clock)) from None
            if further is None:
                return replace(reply, hops=tuple(hops)) if hops else reply
            hops.append(Hop(reply.url, reply.status, reply.headers.get("location", "").partition("#")[2].strip()))
            ask = further
            if (ask.method, ask.text, cookies.header(ask.url)) in been:
                why = f"{ask.host}: the redirects go round in a circle"
                if cookies:
                    raise Unreachable("cookies", f"{why}, for want of a cookie or its consent", stamp(self.clock))
                raise Unreachable("circle", why, stamp(self.clock))
            if len(hops) > terms.follow:
                raise Unreachable("redirects", f"{ask.host}: more than {terms.follow} redirects", stamp(self.clock))

    async def _insist(self, ask: Ask, terms: _Terms, cookies: Cookies) -> Reply:
        """Ask for one hop until it answers well or the tries are spent."""
        try:
            first: Reply | Unreachable
            try:
                first = await self._try(ask, terms, cookies)
            except Unreachable as failure:
                first = failure
            # Most requests go well at once, and tenacity's machinery takes a tenth of a request's processor time.
            if self._is_worth_a_try(first, terms):
                return await self._insist_further(first, ask, terms, cookies)
            if isinstance(first, Unreachable):
                raise first
        except Unreachable as failure:
            self._outage.gave_up(ask.host, failure)
            raise
        return first

    def _is_worth_a_try(self, outcome: Reply | BaseException, terms: _Terms) -> bool:
        """Tell whether another try may bring more."""
        if not isinstance(outcome, Reply):
            if not isinstance(outcome, Unreachable):
                return False
            return outcome.again and (terms.retry_timeouts or outcome.kind != "timeout")
        if terms.final and terms.final(outcome):
            return False
        if outcome.complaint:
            return True
        return outcome.status in _PASSING and (self._asks_to_wait(outcome) or 0.0) <= LONGEST_PAUSE

    def _asks_to_wait(self, reply: Reply) -> float | None:
        return retry_after(reply.headers, self.clock.now()) if "retry-after" in reply.headers else None

    async def _insist_further(self, first: Reply | Unreachable, ask: Ask, terms: _Terms, cookies: Cookies) -> Reply:
        """Ask again after the first outcome."""
        begun = [first]

        async def next_try() -> Reply:
            if not begun:
                return await self._try(ask, terms, cookies)
            outcome = begun.pop()
            if isinstance(outcome, Unreachable):
                raise outcome
            return outcome

        def wait(state: RetryCallState) -> float:
            outcome = _outcome(state)
            if not outcome.exception():
                reply: Reply = outcome.result()
                if reply.status == 429 or self._asks_to_wait(reply):
                    return 0.0  # the host's gate is closed for that time
            backoff: float = 2.0 ** (state.attempt_number - 1)
            return backoff * (0.75 + jitter(f"{ask.text} {state.attempt_number}") / 2)

        def last(state: RetryCallState) -> Reply:
            reply: Reply = _outcome(state).result()
            return reply

        def again(outcome: Reply | BaseException) -> bool:
            return self._is_worth_a_try(outcome, terms)

        retrying = AsyncRetrying(
            sleep=self.clock.sleep,
            stop=stop_after_attempt(terms.tries),
            wait=wait,
            retry=retry_if_result(again) | retry_if_exception(again),
            retry_error_callback=last,
        )
        return await retrying(next_try)

    async def _try(self, ask: Ask, terms: _Terms, cookies: Cookies) -> Reply:
        """Ask once, in turn."""
        host = ask.host
        objection = self._guard.objection(host, ())
        if objection:
            raise Unreachable("unsafe", objection, stamp(self.clock))
        pace = self.pace(host)
        name = pace.group or host
        gate = self._gates.get(name)
        if gate is None:
            gate = self._gates[name] = Gate(name, pace, self.clock, self._in_flight)
        ticket = await gate.enter()
        try:
            # While this request stood in line, the host or the whole network may have turned out to be of no use.
            self._outage.check(host)
            until, refusal = self._closed_until.get(name, (0.0, None))
            if refusal and self.clock.monotonic() < until:
                return replace(refusal, url=ask.text)
            try:
                reply = await self._send(ask, terms, cookies, gate)
            except Unreachable as failure:
                await self._outage.missed(host, failure)
                if failure.kind == "timeout":
                    # To the host the request it is still at counts, until it sees that nobody waits for the reply.
                    await self.clock.sleep(_NOTICE_SECONDS)
                raise
        finally:
            gate.leave()
        self._outage.reached(host)
        asked = self._asks_to_wait(reply)
        if reply.status == 429:
            if asked and asked > LONGEST_PAUSE:
                # It said when it will listen again: till then every other request gets the same answer unasked.
                self._closed_until[name] = (self.clock.monotonic() + asked, replace(reply, body=b""))
            else:
                gate.refused(ticket, asked)
        elif asked and reply.status in _PASSING and asked <= LONGEST_PAUSE:
            gate.pause(asked)
        else:
            gate.well()
        return reply

    async def _send(self, ask: Ask, terms: _Terms, cookies: Cookies, gate: Gate) -> Reply:
        request = self._request(ask, terms, cookies, gate)
        try:
            async with asyncio.timeout(terms.seconds):
                self.requests[ask.host] += 1
                try:
                    response = await self._transport.handle_async_request(request)
                except Unreachable:
                    self.requests[ask.host] -= 1  # no connection came about, so nothing was sent
                    raise
                try:
                    return await self._read(ask, response, terms, cookies)
                finally:
                    await response.aclose()
        except WIRE as error:
            failure = understand(error)
            why = f"{ask.host}: {failure.words}"
            raise Unreachable(failure.kind, why, stamp(self.clock), again=failure.again) from error

    def _request(self, ask: Ask, terms: _Terms, cookies: Cookies, gate: Gate) -> httpx.Request:
        # The host is said here, because httpx would decode it by IDNA 2008, which not every host name follows.
        headers = self._headers.copy()
        headers["host"] = ask.url.netloc.decode("ascii")
        if ask.headers:
            headers.update(ask.headers)
        if cookie := cookies.header(ask.url):
            headers["cookie"] = cookie
        if ask.url.scheme == "https" and ask.url.port is None:
            headers.update(self._keys.get(ask.host, ()))
        if ask.body is not None:
            headers["content-length"] = str(len(ask.body))
        extensions: dict[str, object] = {"timeout": {"connect": min(_CONNECT_SECONDS, terms.seconds)}}
        if gate.is_paced:
            extensions["trace"] = gate.trace
        stream = httpx.ByteStream(ask.body or b"")
        request = httpx.Request(ask.method, ask.url, headers=headers, stream=stream, extensions=extensions)
        request.read()
        return request

    async def _read(self, ask: Ask, response: httpx.Response, terms: _Terms, cookies: Cookies) -> Reply:
        headers = single_fields(response.headers)
        cookies.take(ask.url, response.headers.get_list("set-cookie"))
        stream = response.stream
        if not isinstance(stream, httpx.AsyncByteStream):
            raise TypeError("the transport gave no asynchronous stream")
        redirected = terms.follow and response.status_code in REDIRECTS and "location" in headers
        try:
            limit = _REDIRECT_BODY_BYTES if redirected else terms.limit
            body, truncated = await read_body(stream, headers, limit)
        except WIRE:
            if not redirected:
                raise
            body, truncated = b"", True  # nobody reads what a redirect says beside its Location
        at = stamp(self.clock)
        reply = Reply(ask.text, response.status_code, MappingProxyType(headers), body, at, (), truncated)
        if terms.accept and response.is_success:
            reply = replace(reply, complaint=terms.accept(reply))
        return reply
