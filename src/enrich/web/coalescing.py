"""Request coalescing: equal concurrent requests are sent once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class _GivenUpError(Exception):
    """The caller that fetched it was cancelled."""


class Coalescing(Generic[T]):
    """A fetch under way, and the tasks that wait for it."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, list[asyncio.Future[T]]] = {}

    async def fetch(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Fetch what no other task is fetching; otherwise wait for what they get, and fetch it should they give up.

        Raises:
            Unreachable: Whatever `ask` raises, for every caller.
        """
        waiting: list[asyncio.Future[T]] = []
        while (others := self._flights.setdefault(key, waiting)) is not waiting:
            theirs: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            others.append(theirs)
            with suppress(_GivenUpError):
                return await theirs
        failure: BaseException = _GivenUpError()
        try:
            reply = await ask()
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
            del failure  # otherwise it and this frame refer to each other
