"""The state of a host as learned from its answers, also as plain values for the next process."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from enrich.model import FailureKind

FOR_THE_RUN = -1.0
"""In `left_for`: the host is skipped for the rest of the run."""


@dataclass(frozen=True, slots=True)
class HostState:
    """The state of a host, for requests without its key.

    Attributes:
        interval: Seconds between two requests, as learned from its rejections.
        refusals, walls, wall, shown, unavailable, waited, has_answered: As in `Standing`.
        left_for: Seconds for which it is skipped, or `FOR_THE_RUN`.
        failures, failed_pages: Errors in a row, and the pages that had them, as in `pacing.Gate`.
        failed: How many fetches in a row failed without a reply, the last one as `kind` and `why` say.
    """

    interval: float = 0.0
    refusals: int = 0
    walls: int = 0
    wall: str | None = None
    shown: int = 0
    unavailable: int = 0
    waited: float = 0.0
    has_answered: bool = False
    left_for: float = 0.0
    failures: int = 0
    failed_pages: Mapping[str, bool] = field(default_factory=dict)
    failed: int = 0
    kind: FailureKind = "connect"
    why: str = ""


@dataclass(slots=True)
class Standing:
    """What a host's answers to one kind of request (with its key, or without) say of the chance to be answered.

    Attributes:
        refusals: Refusals in a row; what was in flight together counts once.
        walls: Pages in a row that were kept from us, by a status that says so.
        wall, shown: The bot check that pages with a good status turned out to be, and how many did in a row.
        unavailable: Pages in a row in whose place the host said that it is unavailable.
        waited: Seconds of stated waits since the last good answer.
        has_answered: Whether there was a good answer in this run.
        left_until: The time of the clock until which the host is skipped.
    """

    refusals: int = 0
    walls: int = 0
    wall: str | None = None
    shown: int = 0
    unavailable: int = 0
    waited: float = 0.0
    has_answered: bool = False
    left_until: float = -math.inf

    def state(self, now: float, interval: float, failures: int, failed_pages: Mapping[str, bool]) -> HostState:
        """Return it as plain values; `now` is the time of the clock."""
        return HostState(
            interval,
            self.refusals,
            self.walls,
            self.wall,
            self.shown,
            self.unavailable,
            self.waited,
            self.has_answered,
            FOR_THE_RUN if self.left_until == math.inf else max(0.0, self.left_until - now),
            failures,
            dict(failed_pages),
        )

    def restore(self, state: HostState, now: float) -> None:
        """Take over the counts of another process; `now` is the time of the clock."""
        self.refusals, self.walls, self.unavailable = state.refusals, state.walls, state.unavailable
        self.wall, self.shown = state.wall, state.shown
        self.waited, self.has_answered = state.waited, state.has_answered
        self.left_until = math.inf if state.left_for == FOR_THE_RUN else now + state.left_for

    def answered(self) -> None:
        """Note a good answer."""
        self.refusals = self.walls = self.unavailable = 0
        self.waited = 0.0
        self.has_answered = True
