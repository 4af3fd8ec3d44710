"""On which terms a reply is fetched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from enrich.model import Reply


@dataclass(frozen=True, slots=True)
class Terms:
    """What `Web.fetch` is told of a request beside the request itself: see there."""

    accept: Callable[[Reply], str | None] | None
    follow: int
    limit: int
    seconds: float
    tries: int
    final: Callable[[Reply], bool] | None
    retry_timeouts: bool
    refusals: frozenset[int]
    good: frozenset[int]
    page: bool
