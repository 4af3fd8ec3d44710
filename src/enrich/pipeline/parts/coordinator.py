"""The coordinator: gives parts to workers, so that every host is asked by one worker at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from enrich.model import EnrichError, Unreachable
from enrich.pipeline.look import look
from enrich.pipeline.look.store import Store
from enrich.pipeline.pages import Looked, LookSettings, Seen, ToLook
from enrich.pipeline.parts.crew import Crew, Seat
from enrich.pipeline.parts.forms import (
    LookKeys,
    Order,
    Part,
    Receipt,
    digest_of,
    is_answered,
    is_settled,
    read_receipt,
    write_order,
    write_part,
)
from enrich.pipeline.parts.journal import SUFFIX, read_rows
from enrich.pipeline.parts.receipts import Receipts
from enrich.pipeline.parts.schedule import Assignment, Schedule
from enrich.pipeline.parts.tally import Tally
from enrich.web import HostState, Web, domain_of, registrable_domain

_MOST_DEATHS = 3  # workers that one part may cost, after which its links are not checked
_MOST_TURNS = 64  # of a link from one worker to the next: more than the redirects that are followed
_WATCHING = 5.0  # seconds between two checks whether the workers are alive
_GRACE = 5.0  # seconds in which workers return what they have when a run is stopped


@dataclass(slots=True)
class _Place:
    """A seat by its number, and what is known of its worker.

    Attributes:
        is_connected: Whether it has a network (None: not known yet).
        is_failing: Whether it gave back no receipt for its last part, though it lives.
    """

    number: int
    seat: Seat
    is_connected: bool | None = None
    is_failing: bool = False

    @property
    def is_fit(self) -> bool:
        """Whether the worker is worth a part while there are others."""
        return self.is_connected is not False and not self.is_failing


@dataclass(frozen=True, slots=True)
class _Given:
    """A part that a worker has, and its receipt when it arrives; None if no worker got it."""

    assignment: Assignment
    receiving: asyncio.Future[str] | None = None


class Coordinator:
    """Looks at links through workers; an async context manager.

    A domain is asked by one worker at a time. If redirects lead to a domain of another worker, the link waits until
    that is free. Domains that this process asks itself (services, and pages that present papers) are asked by no
    worker.

    Args:
        crew: The workers.
        web: The network of this process.
        settings: How pages are asked for.
        order: The instructions for workers, without what changes from part to part.
        receipts: What workers have seen before, and where it is kept.
        own: The domains that this process asks.
    """

    def __init__(
        self, crew: Crew, web: Web, settings: LookSettings, order: Order, receipts: Receipts, own: Collection[str]
    ) -> None:
        self._crew, self._web, self._settings, self._order = crew, web, settings, order
        self._receipts, self._own = receipts, frozenset(own)
        self._began = web.clock.monotonic()
        self._key_of = LookKeys(settings)
        self._places = [_Place(number, seat) for number, seat in enumerate(crew.seats())]
        self._schedule = Schedule()
        self._tallies: list[Tally] = []
        self._turns: dict[str, int] = {}
        self._hosts: dict[str, HostState] = dict(receipts.hosts)
        self._idle = 0
        self._changed = asyncio.Event()
        self._here: set[asyncio.Task[None]] = set()
        self._serving: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._serving = [asyncio.create_task(self._serve(place)) for place in self._places]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = [*self._serving, *self._here]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def look(self, wanted: Iterable[ToLook]) -> Looked:
        """Return what the pages of these links say, as `enrich.pipeline.look` does."""
        with Store(self._web.cache) as store:
            tally = Tally(wanted, self._web, store, self._receipts.answered)
            self._tallies.append(tally)
            self._route(list(tally.open.values()))
            done = asyncio.create_task(tally.is_done.wait())
            while not tally.is_done.is_set():
                working = {done, *self._serving, *self._here}
                ended, _ = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
                for task in ended & {*self._serving, *self._here}:
                    self._here.discard(task)
                    task.result()  # raises the error that ended it
            self._tallies.remove(tally)
        return tally.looked()

    def _route(self, wanted: Iterable[ToLook]) -> None:
        """Determine who looks at links: no one if there is a receipt, this process, or a worker."""
        links = deque(wanted)
        new: list[ToLook] = []
        own: dict[Tally, list[ToLook]] = {}
        while links:
            link = links.popleft()
            tally = self._tally_of(link)
            if seen := self._seen_before(link):
                links.extend(filter(None, [tally.take(seen)]))
            elif self._turns.get(link.url, 0) > _MOST_TURNS:
                tally.give_up(link, "it leads from worker to worker without an end")
            elif self._is_own(link):
                own.setdefault(tally, []).append(link)
            elif link.trail is None:
                new.append(link)
            else:
                self._turns[link.url] = self._turns.get(link.url, 0) + 1
                self._schedule.hand_over(link)
        self._schedule.add(new, len(self._places))
        for tally, theirs in own.items():
            self._here.add(asyncio.create_task(self._look_here(theirs, tally, self._owns)))
        self._wake()

    def _tally_of(self, link: ToLook) -> Tally:
        """Return the call that waits for a link; there are three at most."""
        return next(tally for tally in self._tallies if link.url in tally.open)

    def _seen_before(self, link: ToLook) -> Seen | None:
        if link.trail or self._receipts.is_empty:
            return None
        return self._receipts.find(self._key_of(link), link.url)

    def _is_own(self, link: ToLook) -> bool:
        domain = domain_of(link.address)
        return not domain or domain in self._own

    def _owns(self, host: str) -> bool:
        return registrable_domain(host) in self._own

    async def _look_here(
        self, links: Iterable[ToLook], tally: Tally, owns: Callable[[str], bool] | None = None
    ) -> None:
        self._route(tally.take_own(await look(links, self._web, self._settings, owns=owns)))

    async def _serve(self, place: _Place) -> None:
        """Give the worker in a seat one part after the other; it works on the next while the last is processed."""
        given: _Given | None = None
        while True:
            # What was seen is let go with the call: it would be in memory for as long as the next part takes.
            given = await self._end_part(place, given or self._give(place, await self._next(place)))
            self._wake()

    async def _end_part(self, place: _Place, given: _Given) -> _Given | None:
        """Take what a worker has seen of a part, and return the next part that was given to it by then."""
        assignment, text = given.assignment, await self._receive(place, given)
        receipt = _receipt_of(text) if text else None
        place.is_failing = text is not None and receipt is None
        if text is None or receipt is None:
            await self._go_without(assignment)
            return None
        if receipt.offline and self._is_alone_offline(place):
            self._move(assignment, receipt)
            return None
        following = self._give_next(place, receipt)
        await self._take(assignment, receipt, text)
        return following

    def _give_next(self, place: _Place, receipt: Receipt) -> _Given | None:
        if receipt.offline or receipt.stopped:
            return None
        if any(row.seen.answered for row in receipt.rows):
            place.is_connected = True
        assignment = self._schedule.next(self._idle + 1)
        return self._give(place, assignment) if assignment else None

    async def _next(self, place: _Place) -> Assignment:
        self._idle += 1
        try:
            while (assignment := self._choose(place)) is None:
                await self._changed.wait()
            return assignment
        finally:
            self._idle -= 1

    def _choose(self, place: _Place) -> Assignment | None:
        """Return the next part; none for a worker without a network, or that fails, while there are others."""
        is_last_resort = not any(each.is_fit for each in self._places)
        return self._schedule.next(self._idle) if place.is_fit or is_last_resort else None

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _give(self, place: _Place, assignment: Assignment) -> _Given:
        """Let a worker look at a part, unless the run was stopped."""
        if self._web.stop.why or self._crew.is_lost():
            return _Given(assignment)
        part = write_part(Part("enrich part 1", self._receipts.run, tuple(assignment.links), self._settings))
        try:
            future = place.seat.executor.submit(place.seat.work, part, self._order_for(place, assignment))
        except (BrokenExecutor, RuntimeError):
            place.seat = self._crew.renew(place.number)
            return _Given(assignment)
        return _Given(assignment, asyncio.wrap_future(future))

    async def _receive(self, place: _Place, given: _Given) -> str | None:
        """Return what a worker has given back; None if it died, or was too late when the run was stopped."""
        receiving = given.receiving
        if receiving is None:
            return None
        try:
            await self._web.stop.bound(self._end_of(receiving))
        except Unreachable:
            self._crew.stop()
            await asyncio.wait({receiving}, timeout=_GRACE)
        if not receiving.done() or receiving.cancelled():
            return None
        error = receiving.exception()
        if isinstance(error, BrokenExecutor):
            place.seat, place.is_connected = self._crew.renew(place.number), None
            return None
        return receiving.result() if error is None else ""

    async def _end_of(self, receiving: asyncio.Future[str]) -> None:
        while not receiving.done() and not self._crew.is_lost():
            await asyncio.wait({receiving}, timeout=_WATCHING)

    def _order_for(self, place: _Place, assignment: Assignment) -> str:
        seconds = self._order.seconds
        if seconds is not None:
            seconds = max(0.0, seconds - (self._web.clock.monotonic() - self._began))
        hosts = {host: state for host, state in self._hosts.items() if registrable_domain(host) in assignment.domains}
        is_connected = place.is_connected is True
        return write_order(replace(self._order, seconds=seconds, hosts=hosts, is_connected=is_connected))

    def _is_alone_offline(self, place: _Place) -> bool:
        """Note that a worker has no network; return whether others may have one."""
        place.is_connected = False
        return any(each.is_connected is not False for each in self._places)

    def _move(self, assignment: Assignment, receipt: Receipt) -> None:
        """Take what a worker saw until it lost its network, and give the rest of its part to another."""
        self._web.take_over(receipt.requests, receipt.answer_times)
        seen = {row.seen.url: row.seen for row in receipt.rows if is_answered(row.seen)}
        if unseen := self._take_seen(assignment, seen):
            assignment.links = unseen
            self._schedule.put_back(assignment)
        else:
            self._schedule.release(assignment)

    async def _take(self, assignment: Assignment, receipt: Receipt, text: str) -> None:
        self._web.take_over(receipt.requests, receipt.answer_times)
        if receipt.stopped and self._may_stop:
            self._web.stop.set(receipt.stopped)
            self._web.stop.cut_short = True
        if receipt.offline:
            self._web.set_offline(receipt.offline)
        else:
            self._hosts.update(receipt.hosts_of(assignment.domains))
            self._receipts.keep(self._digest(assignment), text)
        # What a worker that was ended by itself has left unasked, others look at.
        is_whole = self._may_stop or not receipt.stopped
        seen = {row.seen.url: row.seen for row in receipt.rows if is_whole or is_settled(row.seen)}
        if unseen := self._take_seen(assignment, seen):
            assignment.links = unseen
            await self._go_without(assignment)
        else:
            self._schedule.release(assignment)

    @property
    def _may_stop(self) -> bool:
        """Whether a worker had a reason to end early: the run was stopped, or has a deadline."""
        return self._order.seconds is not None or self._web.stop.why is not None

    def _take_seen(self, assignment: Assignment, seen: dict[str, Seen]) -> list[ToLook]:
        """Take the results for a part's links, and return the links without one."""
        onward = [
            link
            for each in assignment.links
            if each.url in seen and (link := self._tally_of(each).take(seen[each.url]))
        ]
        self._route(onward)
        return [each for each in assignment.links if each.url not in seen]

    async def _go_without(self, assignment: Assignment) -> None:
        """Continue after a worker died, or was not asked because the run was stopped."""
        assignment.deaths += 1
        if self._web.stop.why:
            unseen = self._take_seen(assignment, self._journal(assignment))
            self._schedule.release(assignment)
            for tally in list(self._tallies):
                theirs = [each for each in unseen if each.url in tally.open]
                await self._look_here(theirs, tally)  # which says that they were not checked
        elif assignment.deaths < _MOST_DEATHS and not self._crew.is_lost():
            self._schedule.put_back(assignment)
        else:
            self._schedule.release(assignment)
            died = f"the worker ended unexpectedly ({assignment.deaths} times)"
            why = "the cluster does not respond any more" if self._crew.is_lost() else died
            for link in assignment.links:
                self._tally_of(link).give_up(link, why)

    def _journal(self, assignment: Assignment) -> dict[str, Seen]:
        """Return what a worker on this machine had seen of an unfinished part."""
        if self._order.folder is None:
            return {}
        rows = read_rows(Path(self._order.folder) / f"{self._digest(assignment)}{SUFFIX}")
        keys = {self._key_of(each) for each in assignment.links}
        return {row.seen.url: row.seen for key, row in rows.items() if key in keys}

    def _digest(self, assignment: Assignment) -> str:
        return digest_of(self._receipts.run, assignment.links, self._key_of)


def _receipt_of(text: str) -> Receipt | None:
    """Return the receipt; None if it is not one."""
    try:
        return read_receipt(text)
    except EnrichError:
        return None
