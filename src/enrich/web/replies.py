"""What a fetch gives: a reply, or the reason why there is none; and the clock that times it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

Kind = Literal[
    "dns-missing",
    "dns",
    "connect",
    "timeout",
    "tls",
    "reset",
    "protocol",
    "too-large",
    "redirects",
    "circle",
    "cookies",
    "unsafe",
    "scheme",
    "offline",
    "refusing",
    "unavailable",
    "stopped",
    "files",
]


class Clock(Protocol):
    """Time as the rooms see it, so that tests need not wait."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds without blocking the event loop."""
        await asyncio.sleep(seconds)


def stamp(clock: Clock) -> str:
    """Return the clock's time as `2026-01-31T09:00:00Z`."""
    # Interned: every verdict of a long list keeps one, and many are the same.
    return sys.intern(clock.now().isoformat()[:19] + "Z")


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect that was followed: the URL asked, the status it answered with, the fragment of its Location."""

    url: str
    status: int
    fragment: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply, whatever its status.

    `url` is the last hop's, without credentials and fragment; `headers` has its names in lower case; `body` is
    decompressed and at most `limit` bytes long; `at` is UTC (`2026-01-31T09:00:00Z`); `hops` are the redirects
    followed, in order; `truncated` tells that the body went on past the limit; `complaint` is what `accept` still said
    about the reply when the tries were spent; `tls_trouble` tells in words why nothing in it is to be trusted.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    at: str
    hops: tuple[Hop, ...] = ()
    truncated: bool = False
    complaint: str | None = None
    tls_trouble: str | None = None


class Unreachable(Exception):
    """No usable HTTP reply came; the text is for people and holds neither keys nor credentials.

    Attributes:
        kind: What went wrong, one of `Kind`.
        why: The same in words, beginning with the host.
        at: When, UTC (`2026-01-31T09:00:00Z`).
        again: Whether another try may end better.
        hops: The redirects that were followed before, in order.
    """

    def __init__(self, kind: Kind, why: str, at: str, *, again: bool = False) -> None:
        super().__init__(why)
        self.kind: Kind = kind
        self.why = why
        self.at = at
        self.again = again
        self.hops: tuple[Hop, ...] = ()
