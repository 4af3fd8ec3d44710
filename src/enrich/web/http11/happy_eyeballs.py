"""Connecting to a host with several addresses: Happy Eyeballs, RFC 8305."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from itertools import zip_longest
from typing import Protocol, TypeVar

from enrich.web.guard import Address

ATTEMPT_DELAY = 0.25
"""Seconds until the next address is tried beside one that does not answer: RFC 8305, section 5."""

_AT_ONCE = 2  # attempts: each takes a file descriptor


class Closeable(Protocol):
    """What an attempt gives."""

    def close(self) -> None:
        """Give it up."""


C = TypeVar("C", bound=Closeable)


def in_turn(addresses: Sequence[Address], family: int | None = None) -> list[Address]:
    """Return addresses with the families in turn, beginning with `family` (4 or 6) if it is there, else as they come.

    RFC 8305, section 4: a machine whose IPv6 leads nowhere is common, so the second attempt is at the other family.
    """
    if not addresses:
        return []
    begins = family if any(address.version == family for address in addresses) else addresses[0].version
    first = [address for address in addresses if address.version == begins]
    second = [address for address in addresses if address.version != begins]
    return [address for pair in zip_longest(first, second) for address in pair if address]


async def connect_first(addresses: Sequence[Address], attempt: Callable[[Address], Awaitable[C]]) -> tuple[C, Address]:
    """Return the first connection that comes about, and its address; attempts are staggered, not one after the other.

    Raises:
        OSError: The last attempt's failure, when all failed.
    """
    waiting = deque(addresses)
    pending: dict[asyncio.Future[C], Address] = {}
    failure: OSError = ConnectionError("no address")
    try:
        while waiting or pending:
            if waiting and len(pending) < _AT_ONCE:
                address = waiting.popleft()
                pending[asyncio.ensure_future(attempt(address))] = address
            delay = ATTEMPT_DELAY if waiting and len(pending) < _AT_ONCE else None
            done, _ = await asyncio.wait(pending, timeout=delay, return_when=asyncio.FIRST_COMPLETED)
            for future in done:
                try:
                    connection = future.result()
                except OSError as error:
                    failure = error
                    del pending[future]
                else:
                    return connection, pending.pop(future)
        raise failure
    finally:
        await _give_up(pending)


async def _give_up(pending: Collection[asyncio.Future[C]]) -> None:
    for future in pending:
        future.cancel()
    for outcome in await asyncio.gather(*pending, return_exceptions=True):
        if not isinstance(outcome, BaseException):
            outcome.close()
