"""The terms of a fetch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from enrich.model import Reply


@dataclass(frozen=True, slots=True)
class Terms:
    """How far a fetch goes for its reply, and which replies are good enough.

    Attributes:
        accept: Says what is wrong with a 2xx reply, None if nothing is; what it complains about is tried again.
        final: Whether another try would change nothing about a reply (a bot wall).
        follow: How many redirects are followed at most; with 0 the redirect itself is returned.
        limit: How many bytes of the body are read at most.
        timeout: Seconds for one try, body included; None for that of `Web`.
        tries: How many requests are sent at most per hop; None for that of `Web`.
        retry_timeouts: Whether a timeout is worth another try.
        keyed: Whether the host's key is sent, which redirects never take elsewhere; for lookups at services.
        refusals: Statuses by which this service rejects requests, besides 429.
        good: Statuses that are not rejections here.
        page: The reply is a page that a link leads to, and counts once its head has come: of a body that is damaged,
            cut short or too slow, what came is given as `truncated`. A page whose TLS fails is asked for once more
            past its trouble (`enrich.web.http11.tls`), which `tls_trouble` then describes; redirects from it are asked
            strictly again.
    """

    accept: Callable[[Reply], str | None] | None = None
    final: Callable[[Reply], bool] | None = None
    follow: int = 5
    limit: int = 32 * 2**20
    timeout: float | None = None
    tries: int | None = None
    retry_timeouts: bool = True
    keyed: bool = False
    refusals: tuple[int, ...] = ()
    good: tuple[int, ...] = ()
    page: bool = False

    def __hash__(self) -> int:
        """Return a hash of what differs between the terms of a run: they are looked up twice for each page."""
        return hash((self.limit, self.tries, self.timeout, self.page))
