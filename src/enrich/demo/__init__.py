"""A small recorded world for trying the whole nightly job without a network and keys."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import httpx

from enrich.demo.facts import load
from enrich.demo.world import World

__all__ = ["NOW", "DemoClock", "lists", "transport"]

NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
"""The recorded time: every demonstration takes place on that morning, with the same result."""

_LISTS = ("serving-systems.md", "faster-inference.md", "scheduling.md")


def lists() -> Mapping[str, str]:
    """Return the bundled Markdown lists: file name to text, in the order in which they are imported."""
    return {name: files(__package__).joinpath(name).read_text(encoding="utf-8") for name in _LISTS}


def transport() -> httpx.AsyncBaseTransport:
    """Return the bundled world, which replaces the network of `enrich.web.Web`."""
    return World(load(), f"{NOW:%Y-%m-%dT%H:%M:%SZ}")


class DemoClock:
    """A clock that starts at `NOW` and skips every wait: arXiv's three seconds are kept, and cost nothing."""

    def __init__(self) -> None:
        self._passed = 0.0

    def now(self) -> datetime:
        """Return the time of the demonstration, aware, in UTC."""
        return NOW + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        """Return the seconds since the demonstration began, waits included."""
        return self._passed

    async def sleep(self, seconds: float) -> None:
        """Yield to other tasks and advance the time by so many seconds."""
        over = self._passed + seconds
        await asyncio.sleep(0)
        self._passed = max(self._passed, over)
