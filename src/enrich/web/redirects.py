"""Redirects: what is sent to the next host, what is not, and where a chain of redirects ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from enrich.model import FailureKind, Hop, Reply, Unreachable
from enrich.text.urls import LONGEST_URL
from enrich.web.clock import Clock, stamp
from enrich.web.cookies import Cookies
from enrich.web.locations import resolve_location
from enrich.web.request import URL_TOO_LONG, NotFetchableError, Request, Url, to_url

REDIRECTS = frozenset({301, 302, 303, 307, 308})

_MOST_VISITS = 4  # to one URL, each with different cookies: more than any sign-in needs

# Headers that any page needs; all others, Authorization above all, are only for the original host.
_MAY_CROSS = frozenset({"accept", "accept-language", "content-type", "user-agent"})


class Chain:
    """The requests of one fetch: the first, and one per redirect.

    Attributes:
        request: The one to be sent next.
        cookies: What the replies so far have set.
        tls_trouble: The trouble with TLS that one of them was looked past.
    """

    def __init__(self, request: Request, most: int, clock: Clock) -> None:
        self.request = request
        self.cookies = Cookies()
        self.tls_trouble: str | None = None
        self._most = most
        self._clock = clock
        self._hops: list[Hop] = []
        self._been: set[tuple[str, str, str]] = set()

    async def follow(self, send: Callable[[Chain], Awaitable[Reply]]) -> Reply:
        """Send one request after the other, and return the first reply that is not a redirect to follow.

        Raises:
            Unreachable: Whatever `send` raises, or why a redirect is not followed; `hops` are the redirects before.
        """
        try:
            while True:
                self._been.add(self._place())
                reply = await send(self)
                self.tls_trouble = self.tls_trouble or reply.tls_trouble
                further = self._onward(reply)
                if further is None:
                    break
                self._go(reply, further)
        except Unreachable as failure:
            failure.hops = tuple(self._hops)
            raise
        return replace(reply, hops=tuple(self._hops), tls_trouble=self.tls_trouble) if self._hops else reply

    def _onward(self, reply: Reply) -> Request | None:
        if not self._most:
            return None
        try:
            return onward(self.request, reply.status, reply.headers)
        except NotFetchableError as refusal:
            raise self._failure("scheme", f"{self.request.host} redirects: {refusal}") from None

    def _go(self, reply: Reply, further: Request) -> None:
        self._hops.append(Hop(reply.url, reply.status, reply.headers.get("location", "").partition("#")[2].strip()))
        self.request = further
        host = further.host
        place = self._place()
        visits = sum(been[:2] == place[:2] for been in self._been)
        if place in self._been or visits >= _MOST_VISITS:
            why = f"{host}: redirect loop"
            if self.cookies:
                raise self._failure("cookies", f"{why} (a cookie or consent may be required)")
            raise self._failure("circle", why)
        if len(self._hops) > self._most:
            raise self._failure("redirects", f"{host}: more than {self._most} redirects")

    def _place(self) -> tuple[str, str, str]:
        return self.request.method, self.request.text, self.cookies.header(self.request.url)

    def _failure(self, kind: FailureKind, why: str) -> Unreachable:
        return Unreachable(kind, why, stamp(self._clock))


def onward(request: Request, status: int, headers: Mapping[str, str]) -> Request | None:
    """Return the request for a redirect; None if the reply is final, also for a redirect without a Location.

    Raises:
        NotFetchableError: When it leads to something that is not fetched.
    """
    location = headers.get("location", "").strip()
    if status not in REDIRECTS or not location:
        return None
    url = _target(request.url, location)
    method, body, crossing = request.method, request.body, request.headers
    if (status == 303 and method != "HEAD") or (status in {301, 302} and method == "POST"):
        method, body = "GET", None
        crossing = tuple(item for item in crossing if item[0] != "content-type")
    stays_inside = _same_party(request.url, url)
    if not stays_inside:
        crossing = tuple(item for item in crossing if item[0] in _MAY_CROSS)
    return request._replace(method=method, url=url, headers=crossing, body=body, keyed=request.keyed and stays_inside)


def stays(request: Request, status: int, headers: Mapping[str, str]) -> bool:
    """Return whether a reply redirects within its host."""
    try:
        further = onward(request, status, headers)
    except NotFetchableError:
        return False
    return further is not None and further.host == request.host


def _target(base: Url, location: str) -> Url:
    if len(location) > LONGEST_URL:
        raise NotFetchableError(URL_TOO_LONG)
    return to_url(resolve_location(base, location))


def _same_party(old: Url, new: Url) -> bool:
    upgraded = (old.scheme, old.port, new.scheme, new.port) == ("http", None, "https", None)
    return old.host == new.host and (upgraded or (old.scheme, old.port) == (new.scheme, new.port))
