"""The result of a fetch: an HTTP reply with its redirects, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FailureKind = Literal[
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
    "proxy",
    "refusing",
    "unavailable",
    "failing",
    "stopped",
    "files",
    "no-ipv6",
]


@dataclass(frozen=True, slots=True)
class Hop:
    """A redirect that was followed: the URL, the status of its response, the fragment of its Location."""

    url: str
    status: int
    fragment: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply of any status.

    `url` is the last hop's, without credentials and fragment; `headers` has its names in lower case; `body` is
    decompressed and at most `limit` bytes long; `at` is UTC (`2026-01-31T09:00:00Z`); `hops` are the redirects
    followed, in order; `truncated`: the body was longer than the limit; `complaint` is what `accept` said about the
    reply of the last attempt; `tls_trouble` says in words why nothing in it can be trusted.
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
        kind: What went wrong, one of `FailureKind`.
        why: The same in words, beginning with the host.
        at: When, UTC (`2026-01-31T09:00:00Z`).
        again: Whether another try may end better.
        hops: The redirects that were followed before, in order.
    """

    def __init__(self, kind: FailureKind, why: str, at: str, *, again: bool = False) -> None:
        super().__init__(why)
        self.kind: FailureKind = kind
        self.why = why
        self.at = at
        self.again = again
        self.hops: tuple[Hop, ...] = ()
