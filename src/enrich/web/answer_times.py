"""The time that hosts take to answer."""

from __future__ import annotations

from collections.abc import Mapping


class AnswerTimes:
    """How many requests were answered, and the seconds that took in all.

    Attributes:
        by_host: Both numbers, by host.
    """

    def __init__(self) -> None:
        self.by_host: dict[str, tuple[int, float]] = {}

    def add(self, host: str, seconds: float, answers: int = 1) -> None:
        """Add answers of a host."""
        count, so_far = self.by_host.get(host, (0, 0.0))
        self.by_host[host] = count + answers, so_far + seconds

    def update(self, by_host: Mapping[str, tuple[int, float]]) -> None:
        """Add the numbers of another process."""
        for host, (answers, seconds) in by_host.items():
            self.add(host, seconds, answers)

    def means(self, least: int) -> dict[str, float]:
        """Return the mean seconds per answer, by host; only for hosts with `least` answers or more."""
        return {host: seconds / count for host, (count, seconds) in self.by_host.items() if count >= max(least, 1)}
