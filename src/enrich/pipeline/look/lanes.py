"""Run a job for each URL concurrently, as many per host as it currently accepts."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

from enrich.text.urls import host_of


class Lanes:
    """The URLs of a run by host, each host with a lane for each request that it takes at once.

    Args:
        urls: In the order in which those of a host are asked for; the hosts with most of them for a lane come first.
        job: What is done for each.
        concurrency: How many requests a host takes now; that may change with every answer.
        workers: How many jobs may be under way altogether.
        first: Hosts that come before all others.
        hosts: The hosts that URLs are asked at, where they are not their own.
    """

    def __init__(
        self,
        urls: Iterable[str],
        job: Callable[[str], Awaitable[None]],
        concurrency: Callable[[str], int],
        workers: int,
        first: Collection[str] = (),
        hosts: Mapping[str, str] | None = None,
    ) -> None:
        self._job, self._concurrency, self._workers = job, concurrency, workers
        self._lines: dict[str, deque[str]] = {}
        asked_at = hosts or {}
        for url in urls:
            self._lines.setdefault(asked_at.get(url) or host_of(url), deque()).append(url)
        self._urls = {host: len(line) for host, line in self._lines.items()}
        ordered = sorted(self._lines, key=lambda host: (host not in first, -len(self._lines[host])))
        self._open = Counter({host: min(len(self._lines[host]), concurrency(host)) for host in ordered})
        # Hosts of equal size get one lane each before any gets another; a host with most of the URLs gets all of its
        # own.
        lanes = [
            (host not in first, -len(self._lines[host]) / (n + 1), host)
            for host in ordered
            for n in range(self._open[host])
        ]
        self._lanes = deque(host for *_, host in sorted(lanes, key=lambda lane: lane[:2]))
        self._busy = 0

    def share_left(self) -> float:
        """Return the remaining share of the longest queue; 1 while hosts wait for their first request."""
        lines = [(len(self._lines[host]), self._urls[host]) for host in self._lines]
        left, of = max(lines, default=(0, 1))
        return 1.0 if self._lanes else left / of

    async def run(self) -> None:
        """Run all jobs."""
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._workers, len(self._lanes))):
                self._hire(group)

    def _hire(self, group: asyncio.TaskGroup) -> None:
        self._busy += 1
        group.create_task(self._work(group))

    async def _work(self, group: asyncio.TaskGroup) -> None:
        while self._lanes:
            host = self._lanes.popleft()
            line = self._lines[host]
            while line:
                await self._job(line.popleft())
                spare = self._concurrency(host) - self._open[host]
                if spare < 0:
                    break  # the host accepts fewer now, and another may need the worker
                if spare > 0 and len(line) > 1 and self._busy < self._workers:
                    self._open[host] += 1
                    self._lanes.append(host)
                    self._hire(group)
            self._open[host] -= 1
        self._busy -= 1
