"""The pace of requests to each host: a fair queue, slowed down by the host's answers."""

from __future__ import annotations

import asyncio
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from enrich.model import FailureKind
from enrich.web.clock import Clock
from enrich.web.host_states import HostState, Standing
from enrich.web.in_flight import InFlight, most_in_flight
from enrich.web.scopes import Scopes
from enrich.web.slots import Slots
from enrich.web.turns import Turns

LONGEST_PAUSE = 120.0
"""Seconds of a stated wait that are waited; a host that asks for more is skipped for the rest of that time."""

SLOWEST = 2.0
"""Seconds between requests that a host's 429s can lead to at most; beyond that, only stated waits count."""

_UNPROVEN_PAUSE = 30.0  # the same for a page host that has not answered well in this run, and may never do so
_PAUSES = 300.0  # seconds that the stated waits of one host may cost a run altogether
_REFUSALS = 4  # in a row without a good answer, after which the host is skipped for the run
_SERVICE_REFUSALS = 8  # the same for a service: its rejections end more often, and its batches have many entries
_WALLS = 8  # blocked pages in a row: some hosts block single ones, so more are needed

_SHOWN_WALLS = 4  # the same with a good status, if each is the same bot check

_UNAVAILABLE = 8  # unavailable pages (503) in a row, after which the host is paused: most return it for everything
_REST = 30.0  # seconds; the retries at the end of a long run show whether the host is back

# Errors and broken connections in a row, of a host that gives nothing else in this run: from so many on it is asked
# slowly and each page once, and it is left after so many pages. Fewer may be the pages' own.
_FAILING, _FAILED_PAGES = 4, 8
_SLOWEST_PROBE = 4.0  # seconds

_PROMPT = 0.25  # seconds within which a nearby service with little to do answers
_LATE = 1 / 12  # of an interval: added to it for a request that may have arrived late

_START, _MOST = 4, 6  # concurrent requests: fewer than a browser opens, and as many
# Good and quick answers in a row, after which one request more is in flight: up to where a host began, and beyond.
_RECOVERING, _WIDENING = 8, 32
_QUICK_SECONDS = 1.0
_SAMPLE = 8  # quick answers in a row after which a silent page is unusual

_TELLING = 4  # consecutive successful requests that are significant
_TOGETHER = 3  # concurrently rejected requests that are no accident


@dataclass(frozen=True, slots=True)
class Pace:
    """The pace of one host, or one group of hosts.

    `interval` is in seconds between the starts of two requests. `concurrency` is a hard limit of requests in flight;
    without it, the limit adapts to the host's answers, from 4 up to 6 and down to 1. Hosts with the same `group` share
    one pace. `is_service` marks services, which may reject more requests before they are skipped.
    """

    interval: float = 0.0
    concurrency: int | None = None
    group: str | None = None
    is_service: bool = False


def jitter(text: str) -> float:
    """Return a number in [0, 1) that only depends on the text, so that a run can be repeated exactly."""
    return zlib.crc32(text.encode()) / 2**32


class Gate:
    """The queue for one host or group: first come, first served, at its pace."""

    def __init__(self, name: str, pace: Pace, clock: Clock, in_flight: InFlight, turns: Turns | None = None) -> None:
        self._name = name
        self._pace = pace
        self._clock = clock
        self._in_flight = in_flight
        self._turns = turns
        self._slots = Slots(max(1, pace.concurrency or _START))
        self._most = max(1, pace.concurrency or _MOST)
        self._quick = self._streak = 0
        self._failures = 0
        self._failed: dict[str, bool] = {}  # pages, and whether their retries were skipped
        self._line = asyncio.Lock()
        self._next = self._sent_at = clock.monotonic()
        self._learned = 0.0
        self._refusals = 0
        self._resumes = self._next
        self._tickets = self._last_before_pause = 0
        self._good = self._together = 0
        self._shown: float | None = None
        self._paused = 0.0
        self._standings = (Standing(), Standing())

    async def enter(self) -> int:
        """Wait for one's turn and return its ticket, its number in the sequence; `leave` ends the turn."""
        if not self._slots.take():
            await self._slots.acquire()
        try:
            async with self._line:
                if self._next > self._clock.monotonic() or self._turns:
                    await self._wait()
                await self._in_flight.acquire()
                self._tickets += 1
                self._sent()
                return self._tickets
        except BaseException:
            self._slots.release()
            raise

    def leave(self) -> None:
        """Let the next request begin after this one.

        If the reply was late, the request may have been late, too, and the next one must not follow it too soon.
        """
        if self._pace.concurrency == 1 and (late := self._clock.monotonic() - self._sent_at - _PROMPT) > 0:
            self._next += min(late, self._pace.interval * _LATE)
        self._in_flight.release()
        self._slots.release()

    @property
    def is_paced(self) -> bool:
        """Return whether there is a minimum time between two requests."""
        return self._pace.interval > 0

    @property
    def _most_refusals(self) -> int:
        return _SERVICE_REFUSALS if self._pace.is_service else _REFUSALS

    @property
    def concurrency(self) -> int:
        """The number of requests that may be in flight now."""
        return self._slots.limit

    @property
    def is_quick(self) -> bool:
        """Return whether the last good answers all came quickly."""
        return self._streak >= _SAMPLE

    def is_left(self, *, keyed: bool) -> bool:
        """Return whether the host is skipped, for requests with its key or without."""
        until = self._standings[keyed].left_until
        return until > -math.inf and self._clock.monotonic() < until

    def why_left(self, *, keyed: bool) -> tuple[FailureKind, str]:
        """Return why the host is skipped, as a kind of failure and in words."""
        if len(self._failed) >= _FAILED_PAGES:
            return "failing", "skipped: the host keeps failing"
        if self._standings[keyed].unavailable >= _UNAVAILABLE:
            return "unavailable", "repeated HTTP 503 responses; host skipped"
        return "refusing", "skipped: the host keeps refusing requests"

    def readmit(self) -> None:
        """Allow one more request to a host that was skipped because it rejected requests, without stating a wait."""
        for standing in self._standings:
            if standing.left_until == math.inf and standing.refusals:
                standing.left_until = self._clock.monotonic()
                standing.refusals = self._most_refusals - 1

    def state(self) -> HostState | None:
        """Return what the next process should know about the host; None if nothing was requested."""
        if not self._tickets:
            return None
        return self._standings[False].state(self._clock.monotonic(), self._learned, self._failures, self._failed)

    def restore(self, state: HostState) -> None:
        """Take over what another process has learned about the host."""
        self._learned = min(SLOWEST, state.interval)
        self._failures, self._failed = state.failures, dict(state.failed_pages)
        self._standings[False].restore(state, self._clock.monotonic())

    def note_sent(self) -> None:
        """Note that a request is sent now: connecting takes time, and the service counts arrivals."""
        self._sent()
        if self._turns:
            self._turns.sent()

    def _sent(self) -> None:
        self._sent_at = self._clock.monotonic()
        self._next = max(self._next, self._sent_at + max(self._pace.interval, self._learned))

    async def _wait(self) -> None:
        while (wait := self._seconds_to_wait()) > 0:
            await self._clock.sleep(wait)

    def _seconds_to_wait(self) -> float:
        wait = self._next - self._clock.monotonic()
        return self._turns.take() if self._turns and wait <= 0 else wait

    def well(self, seconds: float, *, keyed: bool) -> None:
        """Note a good answer after so many seconds: the slowdown after rejections is undone gradually."""
        self._standings[keyed].answered()
        if self._failures >= _FAILING:
            self._slots.limit = max(self._slots.limit, _START // 2)
        self._failures = 0
        self._streak = self._streak + 1 if seconds <= _QUICK_SECONDS else 0
        self._good += 1
        self._refusals = 0 if self._good >= _TELLING else max(0, self._refusals - 1)
        if self._good % 100 == 0:
            self._learned *= 0.9
        self._quick = self._quick + 1 if seconds <= _QUICK_SECONDS else 0
        enough = _RECOVERING if self._slots.limit < _START else _WIDENING
        if self._quick >= enough and self._slots.limit < self._most:
            self._quick = 0
            self._slots.limit += 1
            self._slots.admit()

    def walled(self, *, keyed: bool) -> None:
        """Note a wall instead of a page; a host that shows nothing else is skipped."""
        standing = self._standings[keyed]
        self._quick = 0
        standing.walls += 1
        if standing.walls >= _WALLS:
            standing.left_until = math.inf

    def showed(self, wall: str | None) -> None:
        """Note the bot check that a page with a good status was, if any; a host that shows nothing else is skipped."""
        standing = self._standings[False]
        standing.shown = standing.shown + 1 if wall == standing.wall else 1
        standing.wall = wall
        if wall and standing.shown >= _SHOWN_WALLS:
            standing.left_until = math.inf

    def failed(self, page: str) -> None:
        """Note a server error, or a broken connection, instead of a page.

        A host that gives nothing else is asked one request at a time, ever more slowly, as the failure may last only
        seconds, and finally skipped.
        """
        standing = self._standings[False]
        if standing.has_answered:
            return
        self._failures += 1
        self._failed.setdefault(page, False)
        if self._failures >= _FAILING:
            self._slots.limit = 1
            pause = min(2.0 ** (self._failures - _FAILING), _SLOWEST_PROBE)
            self._next = max(self._next, self._clock.monotonic() + pause)
        if len(self._failed) >= _FAILED_PAGES:
            standing.left_until = math.inf

    def spares(self, page: str) -> bool:
        """Return whether a failed page is not retried for now, because its host fails altogether.

        The first one is retried, to find out whether retries help.
        """
        if self._failures < _FAILING or page not in self._failed or page == next(iter(self._failed)):
            return False
        self._failed[page] = True
        return True

    def makes_up(self, page: str) -> bool:
        """Return whether a page whose retries were skipped may be retried now, because its host answers."""
        return not self._failures and self._failed.pop(page, False)

    def unavailable(self, *, keyed: bool) -> None:
        """Note a 503 without a stated wait; a host that returns nothing else is paused."""
        standing = self._standings[keyed]
        self._quick = 0
        standing.unavailable += 1
        if standing.unavailable >= _UNAVAILABLE:
            standing.left_until = max(standing.left_until, self._clock.monotonic() + _REST)

    def pause_for_quota(self, seconds: float) -> None:
        """Wait until the quota that an answer used up is refilled, if that is soon."""
        if seconds <= LONGEST_PAUSE and self._paused + seconds <= _PAUSES:
            self._pause(seconds)

    def _pause(self, seconds: float) -> None:
        """Send no request for so many seconds, as stated by the host."""
        until = self._clock.monotonic() + seconds
        self._paused += max(0.0, until - max(self._next, self._clock.monotonic()))
        self._next = max(self._next, until)

    def refused(self, ticket: int, wait: float | None, *, keyed: bool) -> None:
        """Slow down after a rejection of the request with that ticket, or skip the host; `wait` is what it asks for.

        The concurrency is halved. Without a stated wait, the interval doubles, and each successful request halves it.
        If all requests in flight are rejected together, the host limits the rate, and the successful requests before
        show the allowed rate; a single rejection shows nothing.
        """
        now = self._clock.monotonic()
        fresh = ticket > self._last_before_pause
        self._quick = 0
        self._slots.limit = max(1, self._slots.limit // 2)
        seconds = wait or min(60.0, 2.0**self._refusals) * (0.75 + jitter(f"{self._name} {self._refusals}") / 2)
        if fresh:
            rate_shown = self._good >= _TELLING
            self._shown = (now + seconds - self._resumes) / self._good if rate_shown else None
            self._learned = min(SLOWEST, self._learned * 1.1)
            self._refusals = min(self._refusals + 1, 10)
            self._together, self._good, self._last_before_pause = 1, 0, self._tickets
        else:
            self._together += 1
            if self._together >= _TOGETHER and not self._good and self._shown:
                self._learned = min(SLOWEST, max(self._learned, self._shown))
        if self._is_borne(self._standings[keyed], wait or 0.0, fresh=fresh):
            if wait:
                self._resumes = now + seconds
                self._pause(seconds)
            elif fresh:
                self._resumes = now + seconds
                self._next = max(self._next, now + seconds)
        else:
            self._leave_alone(self._standings[keyed], wait)

    def _is_borne(self, standing: Standing, wait: float, *, fresh: bool) -> bool:
        """Count a rejection, and return whether the host is asked again after it."""
        longest = LONGEST_PAUSE if standing.has_answered or self._pace.is_service else _UNPROVEN_PAUSE
        if fresh:
            standing.refusals += 1
            standing.waited += wait
        within = max(wait, standing.waited) <= longest and self._paused + wait <= _PAUSES
        return within and standing.refusals < self._most_refusals

    def _leave_alone(self, standing: Standing, wait: float | None) -> None:
        """Skip the host for as long as it asks for, or for the run if it rejected too often or states no time."""
        is_for_run = not wait or standing.refusals >= _REFUSALS
        until = math.inf if is_for_run else self._clock.monotonic() + (wait or 0.0)
        standing.left_until = max(standing.left_until, until)


class Gates:
    """The queues before all hosts.

    Args:
        paces: By host or scope; `*` means all others.
        clock: The time that they go by.
        shared: The folder in which processes tell each other when they asked a service; None for a separate pace.
    """

    def __init__(self, paces: Mapping[str, Pace], clock: Clock, shared: Path | None = None) -> None:
        self.in_flight = InFlight(most_in_flight())
        self._paces = Scopes(paces)
        self._others = self._paces.find("*") or Pace()
        self._clock = clock
        self._shared = shared
        self._gates: dict[str, Gate] = {}

    def find(self, host: str, path: str = "/") -> Gate:
        """Return the queue for a path of a host."""
        pace = self._paces.find(host, path) or self._others
        name = pace.group or host
        gate = self._gates.get(name)
        if gate is None:
            gate = self._gates[name] = Gate(name, pace, self._clock, self.in_flight, self._turns(name, pace))
        return gate

    def states(self) -> dict[str, HostState]:
        """Return the state of hosts, by the names of their queues."""
        return {name: state for name, gate in self._gates.items() if (state := gate.state())}

    def _turns(self, name: str, pace: Pace) -> Turns | None:
        if self._shared is None or not pace.is_service or pace.interval <= 0:
            return None
        return Turns(self._shared, name, pace.interval, self._clock)
