"""Who looks at parts: any number of `concurrent.futures.Executor`s, each for one part at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol

PartWork = Callable[[str, str], str]
"""Takes a part and an order, and returns a receipt; see `look_at_part`."""


def affordable(number: int) -> int:
    """Return how many of so many workers are started on this machine: more than 8 a processor only take memory."""
    return min(number, max(16, 8 * (os.cpu_count() or 1)))


@dataclass(frozen=True, slots=True)
class Seat:
    """A place for one part at a time: the executor, and the function that it runs."""

    executor: Executor
    work: PartWork


class Crew(Protocol):
    """The workers of a run.

    Attributes:
        shares_disk: Whether they work on this machine, and may keep what they have seen where this process does.
    """

    shares_disk: bool

    def seats(self) -> Sequence[Seat]:
        """Return the seats; at least one."""
        ...

    def renew(self, number: int) -> Seat:
        """Return a seat to replace one whose worker died."""
        ...

    def is_lost(self) -> bool:
        """Whether no worker will return anything anymore."""
        ...

    def stop(self) -> None:
        """Make the parts in progress end early."""
        ...

    def close(self) -> None:
        """Dismiss the workers."""
        ...
