"""Who looks at parts: any number of `concurrent.futures.Executor`s, each a place for one part at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol

PartWork = Callable[[str, str], str]
"""A part and an order in, a receipt out; see `look_at_part`."""


def affordable(number: int) -> int:
    """Return how many of so many workers are started on this machine: more than 8 a processor only take memory."""
    return min(number, max(16, 8 * (os.cpu_count() or 1)))


@dataclass(frozen=True, slots=True)
class Seat:
    """A place for one part at a time: the executor, and the function that it is to run."""

    executor: Executor
    work: PartWork


class Crew(Protocol):
    """The workers of a run.

    Attributes:
        shares_disk: Whether they work on this machine, and may keep what they have seen where this process does.
    """

    shares_disk: bool

    def seats(self) -> Sequence[Seat]:
        """Return the seats; there is one at least."""
        ...

    def renew(self, number: int) -> Seat:
        """Return a seat in the place of one whose worker has died."""
        ...

    def is_lost(self) -> bool:
        """Whether no worker will give anything back any more."""
        ...

    def stop(self) -> None:
        """Have the parts that are looked at end early."""
        ...

    def close(self) -> None:
        """Dismiss the workers."""
        ...
