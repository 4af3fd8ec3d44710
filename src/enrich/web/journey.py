"""The network for one look at a page, when other processes ask some of the hosts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from enrich.model import Reply
from enrich.web.client import Web
from enrich.web.terms import Terms
from enrich.web.trail import Made, Step

_DEFAULT = Terms()


class Journey:
    """The fetches of one look, which begin with what was asked for it before.

    Args:
        web: The network.
        before: The trail of the processes before.
        owns: Whether this process asks a host.
    """

    def __init__(self, web: Web, before: Iterable[Step], owns: Callable[[str], bool]) -> None:
        self._web, self._owns = web, owns
        self._before = deque(before)
        self._made: list[Step | Made] = []

    async def fetch(self, url: str, terms: Terms = _DEFAULT, *, method: str = "GET") -> Reply:
        """Request a URL and return the last reply, as `Web.fetch` does.

        Raises:
            ElsewhereError: The next request is for another process.
            Unreachable: As of `Web.fetch`.
        """
        leg = await self._web.fetch_leg(url, terms, method, self._before, self._owns)
        self._made += leg.made
        if isinstance(leg.end, Reply):
            return leg.end
        raise leg.end

    def is_quick(self, host: str) -> bool:
        """Return whether a host answers quickly, as `Web.is_quick` does."""
        return self._web.is_quick(host)

    def showed(self, url: str, wall: str | None) -> None:
        """Note the bot check that a page with a good status was, as `Web.showed` does."""
        self._web.showed(url, wall)

    def trail(self) -> tuple[Step, ...]:
        """Return the requests so far, for the next process."""
        return tuple(each if isinstance(each, Step) else each.step() for each in self._made)
