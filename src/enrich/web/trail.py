"""Fetches that several processes continue in turn: each sends the requests to its hosts, and hands on the rest.

The requests and replies so far are a trail of plain values. The next process repeats the look with the replies of the
trail, and continues where the trail ends.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from enrich.model import FailureKind, Reply, Unreachable
from enrich.web.redirects import Chain


@dataclass(frozen=True, slots=True)
class Step:
    """One request and its outcome: a reply (its body in base64), or a failure with its kind.

    `cookies` are the cookies of the chain of redirects by then: domain, whether subdomains get it, name, value, whether
    only over https.
    """

    method: str
    url: str
    at: str
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    truncated: bool = False
    complaint: str | None = None
    tls_trouble: str | None = None
    failure: FailureKind | None = None
    why: str = ""
    cookies: tuple[tuple[str, bool, str, str, bool], ...] = ()

    def outcome(self) -> Reply:
        """Return the reply.

        Raises:
            Unreachable: The request failed.
        """
        if self.failure:
            raise Unreachable(self.failure, self.why, self.at)
        return Reply(
            self.url,
            self.status,
            MappingProxyType(dict(self.headers)),
            b64decode(self.body, validate=True),
            self.at,
            truncated=self.truncated,
            complaint=self.complaint,
            tls_trouble=self.tls_trouble,
        )


@dataclass(frozen=True, slots=True)
class Made:
    """A request that was made here, with its original outcome."""

    method: str
    url: str
    outcome: Reply | Unreachable
    cookies: tuple[tuple[str, bool, str, str, bool], ...]

    def step(self) -> Step:
        """Return it as plain values."""
        outcome = self.outcome
        if isinstance(outcome, Unreachable):
            failure, why = outcome.kind, outcome.why
            return Step(self.method, self.url, outcome.at, failure=failure, why=why, cookies=self.cookies)
        return Step(
            self.method,
            self.url,
            outcome.at,
            outcome.status,
            dict(outcome.headers),
            b64encode(outcome.body).decode("ascii"),
            outcome.truncated,
            outcome.complaint,
            outcome.tls_trouble,
            cookies=self.cookies,
        )


class ElsewhereError(Exception):
    """The next request is for a host that another process asks.

    Attributes:
        url: What would be requested.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


@dataclass(frozen=True, slots=True)
class Leg:
    """The outcome of a fetch, and the requests that were made for it."""

    end: Reply | Unreachable | ElsewhereError
    made: tuple[Step | Made, ...]


class Recorder:
    """The requests of one fetch: what is in the trail is answered from it, others are sent where the host is ours.

    Args:
        before: The trail's steps that were not taken yet; what is taken is removed.
        owns: Whether this process asks a host.
    """

    def __init__(self, before: deque[Step], owns: Callable[[str], bool]) -> None:
        self._before, self._owns = before, owns
        self.made: list[Step | Made] = []

    async def send(self, chain: Chain, ask: Callable[[Chain], Awaitable[Reply]]) -> Reply:
        """Return the reply to the next request of a chain.

        Raises:
            ElsewhereError: The host is not ours.
            Unreachable: The request failed, now or before.
        """
        method, url = chain.request.method, chain.request.text
        if self._before:
            step = self._before.popleft()
            if (step.method, step.url) == (method, url):
                self.made.append(step)
                chain.cookies.put_back(step.cookies)
                return step.outcome()
            self._before.clear()  # the trail belongs to another look
        if not self._owns(chain.request.host):
            raise ElsewhereError(url)
        try:
            reply = await ask(chain)
        except Unreachable as failure:
            self.made.append(Made(method, url, failure, chain.cookies.plain()))
            raise
        self.made.append(Made(method, url, reply, chain.cookies.plain()))
        return reply
