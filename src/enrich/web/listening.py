"""The listener to the progress of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _unheard(_name: str, _count: int) -> None:
    """Do nothing: there is no listener."""


@dataclass(frozen=True, slots=True)
class Listener:
    """What is called as a run goes on, each with the name of a service (or `links`) and a number.

    Attributes:
        answered: So many answers came in.
        expected: So many more are wanted.
        queued: So many more requests are to be sent; below zero when they were.
    """

    answered: Callable[[str, int], None] = _unheard
    expected: Callable[[str, int], None] = _unheard
    queued: Callable[[str, int], None] = _unheard
