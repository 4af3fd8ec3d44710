"""Send one request in its turn: past the guard, at its host's pace, with its key; and note what the reply says."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

from enrich.model import Reply, Unreachable
from enrich.rate_limits import read_refusal, seconds_until_reset
from enrich.web.answer_times import AnswerTimes
from enrich.web.clock import Clock, stamp
from enrich.web.cookies import Cookies
from enrich.web.failures import WIRE, understand
from enrich.web.guard import Guard
from enrich.web.http11.head import text_fields
from enrich.web.keys import Keys
from enrich.web.outage import Outage
from enrich.web.pacing import Gate, Gates
from enrich.web.redirects import REDIRECTS, stays
from enrich.web.replies import read_reply
from enrich.web.request import Request, clean_headers
from enrich.web.terms import Terms
from enrich.web.wire import CONNECT_SECONDS, Sending, Wire

_NOT_THERE = frozenset({404, 410})
_BREAKS = frozenset({"reset", "protocol"})
_NOTICE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Way:
    """The parts that decide whether and when a request is sent and with which key, and the network."""

    wire: Wire
    guard: Guard
    gates: Gates
    keys: Keys
    outage: Outage


class Sender:
    """Sends single requests; redirects and further tries are not its business.

    Attributes:
        requests: How many requests were sent, by host.
        answer_times: How long hosts took to answer.
    """

    def __init__(self, way: Way, clock: Clock, *, agent: str, timeout: float) -> None:
        self.requests: Counter[str] = Counter()
        self.answer_times = AnswerTimes()
        self._wire, self._guard, self._gates = way.wire, way.guard, way.gates
        self._keys, self._outage = way.keys, way.outage
        self._clock = clock
        self._timeout = timeout
        # The host comes first (RFC 9110, section 7.2); each request has its own.
        own = {"Host": "", "User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        self._headers = dict(clean_headers(own, "every host"))
        self._page_headers = {**self._headers, "accept-language": "en"}  # some sites return 403 without it

    def is_left(self, request: Request) -> bool:
        """Return whether the request will not be sent, because its host rejected too many."""
        return self._gates.find(request.host, request.path).is_left(keyed=bool(self._keys.headers(request)))

    def spares(self, request: Request) -> bool:
        """Return whether the request will not be retried for now, because its host returns only errors."""
        return self._gates.find(request.host, request.path).spares(request.text)

    def makes_up(self, request: Request) -> bool:
        """Return whether a request whose retries were skipped may be retried now."""
        return self._gates.find(request.host, request.path).makes_up(request.text)

    def refusal(self, reply: Reply, terms: Terms) -> tuple[bool, float | None]:
        """Return whether a reply rejects the request for now, and how many seconds it asks to wait."""
        return read_refusal(reply.status, reply.headers, reply.body, self._clock.now(), terms.refusals)

    async def send(self, request: Request, terms: Terms, cookies: Cookies) -> Reply:
        """Send a request once, in its turn.

        Raises:
            Unreachable: When there is no reply.
        """
        host = request.host
        self.check_host(host)
        gate, keyed = self._gates.find(host, request.path), bool(self._keys.headers(request))
        self._check_left(host, gate, keyed=keyed)
        ticket = await gate.enter()
        try:
            # While this request waited, the host or the whole network may have turned out to be unavailable.
            self._outage.check(host)
            self._check_left(host, gate, keyed=keyed)
            began = self._clock.monotonic()
            try:
                reply = await self._exchange(request, terms, cookies, gate)
            except Unreachable as failure:
                if terms.page and failure.kind in _BREAKS:
                    gate.failed(request.text)
                await self._note_failure(host, failure)
                raise
        finally:
            gate.leave()
        self._outage.reached(host)
        seconds = self._clock.monotonic() - began
        self.answer_times.add(host, seconds)
        self._learn(request, terms, reply, gate, ticket, seconds)
        return reply

    def check_host(self, host: str) -> None:
        """Stop a request to a private address, and any while there is no network.

        Raises:
            Unreachable: `unsafe` or `offline`.
        """
        if objection := self._guard.objection(host, ()):
            raise Unreachable("unsafe", objection, stamp(self._clock))
        self._outage.check_network()

    def _check_left(self, host: str, gate: Gate, *, keyed: bool) -> None:
        if gate.is_left(keyed=keyed):
            kind, why = gate.why_left(keyed=keyed)
            raise Unreachable(kind, f"{host}: {why}", stamp(self._clock))

    async def _note_failure(self, host: str, failure: Unreachable) -> None:
        await self._outage.missed(host, failure)
        if failure.kind == "files":
            await self._gates.in_flight.shrink()
        if failure.kind == "timeout":
            # The host counts a request that it still processes until it sees that the client has gone.
            await self._clock.sleep(_NOTICE_SECONDS)

    def _learn(self, request: Request, terms: Terms, reply: Reply, gate: Gate, ticket: int, seconds: float) -> None:
        """Note what a reply says about its host's pace."""
        keyed = bool(self._keys.headers(request))
        if reply.status < 400 or reply.status in terms.good:
            # A host that redirects everyone from http to https has not accepted a request yet.
            if reply.status not in REDIRECTS or not stays(request, reply.status, reply.headers):
                gate.well(seconds, keyed=keyed)
            if reset := seconds_until_reset(reply.headers, self._clock.now()):
                gate.pause_for_quota(reset)
            return
        refuses, wait = self.refusal(reply, terms)
        if refuses:
            gate.refused(ticket, wait, keyed=keyed)
        elif terms.final and terms.final(reply):
            gate.walled(keyed=keyed)  # of pages: the host shows none, with any status
        elif reply.status in _NOT_THERE or (reply.status < 500 and terms.final is None):
            gate.well(seconds, keyed=keyed)
        elif reply.status < 500:
            gate.walled(keyed=keyed)
        elif reply.status == 503 and terms.final:
            gate.unavailable(keyed=keyed)
        elif terms.page:
            gate.failed(request.text)

    async def _exchange(self, request: Request, terms: Terms, cookies: Cookies, gate: Gate) -> Reply:
        seconds = terms.timeout or self._timeout
        until = asyncio.get_running_loop().time() + seconds
        prepared = self._prepare(request, cookies, seconds, until, gate, is_page=terms.page)
        try:
            self.requests[request.host] += 1
            try:
                received = await self._wire.send(prepared)
            except Unreachable:
                self.requests[request.host] -= 1  # no connection was established, so nothing was sent
                raise
            reply = await read_reply(request, received, terms, stamp(self._clock), until)
        except WIRE as error:
            failure = understand(error)
            why = f"{request.host}: {failure.words}"
            raise Unreachable(failure.kind, why, stamp(self._clock), again=failure.again) from error
        if "set-cookie" in reply.headers:
            lines = (value for name, value in text_fields(received.headers) if name == "set-cookie")
            cookies.take(request.url, lines)
        return reply

    def _prepare(
        self, request: Request, cookies: Cookies, seconds: float, until: float, gate: Gate, *, is_page: bool
    ) -> Sending:
        headers = {**(self._page_headers if is_page else self._headers), "host": request.url.netloc}
        headers.update(request.headers)
        if cookie := cookies.header(request.url):
            headers["cookie"] = cookie
        headers.update(self._keys.headers(request))
        if request.body is not None:
            headers["content-length"] = str(len(request.body))
        return Sending(
            request.method,
            request.url,
            headers,
            request.body or b"",
            min(CONNECT_SECONDS, seconds),
            gate.note_sent if gate.is_paced else None,
            request.tls_trouble,
            until=until,
        )
