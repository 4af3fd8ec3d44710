"""What one process has learned of a host, as plain values for the next one that asks it."""

from __future__ import annotations

from dataclasses import dataclass

from enrich.model import FailureKind

FOR_THE_RUN = -1.0
"""In `left_for`: the host is left alone for the rest of the run."""


@dataclass(frozen=True, slots=True)
class HostState:
    """The state of a host, for requests without its key.

    Attributes:
        interval: Seconds between two requests that its refusals have taught.
        refusals, walls, wall, shown, unavailable, waited, has_answered: As in `pacing.Standing`.
        left_for: Seconds for which it is left alone, or `FOR_THE_RUN`.
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
    failed: int = 0
    kind: FailureKind = "connect"
    why: str = ""
