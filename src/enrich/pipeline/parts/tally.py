"""The results of the parts of one call, until each of its links has one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from enrich.model import Checks, Evidence, LinkCheck, Verdict
from enrich.pipeline.look.store import Store
from enrich.pipeline.pages import Looked, Seen, ToLook
from enrich.services import WEB
from enrich.text.urls import host_of
from enrich.web import Web
from enrich.web.clock import stamp


class Tally:
    """The links of one call and what was seen of them; `answered` are schemes that answered before.

    Attributes:
        open: The links of which no more than a part of a look is known, by URL.
        is_done: Whether every link has been seen.
    """

    def __init__(self, wanted: Iterable[ToLook], web: Web, store: Store, answered: Iterable[str] = ()) -> None:
        self.open = {each.url: each for each in wanted}
        self._web, self._store = web, store
        self._checks = Checks()
        self._doubtful: dict[str, LinkCheck] = {}
        self._failures: dict[str, str] = {}
        self._postponed: set[str] = set()
        self._answered = set(answered)
        self._ends: set[tuple[str, str]] = set()
        self.is_done = asyncio.Event()
        self._end_if_done()

    def take(self, seen: Seen) -> ToLook | None:
        """Take a worker's results; return the links whose looks continue elsewhere."""
        link = self.open.get(seen.url)
        if link is None:
            return None  # not requested
        url = link.url
        self._answered.update(seen.answered)
        if seen.first:
            self._doubtful[url] = seen.first
        if seen.handed_over:
            return replace(link, first=seen.first or link.first, trail=seen.handed_over.trail)
        if not (seen.check or seen.first):
            return link
        self._note_failure(seen)
        if seen.end:
            self._ends.add((host_of(url), seen.end))
        if seen.check:
            self._checks.put(seen.check, url)
            self._web.progress("links", 1)
            self._store.keep(seen)
        if seen.is_postponed:
            self._postponed.add(url)
        self._close(url)
        return None

    def _note_failure(self, seen: Seen) -> None:
        if seen.failure:
            self._failures[seen.url] = seen.failure
        else:
            self._failures.pop(seen.url, None)

    def take_own(self, looked: Looked) -> tuple[ToLook, ...]:
        """Take the results of this process, which has kept them; return the links whose looks continue elsewhere."""
        self._checks.update(looked.checks)
        self._doubtful |= looked.doubtful
        self._failures |= looked.failures
        self._postponed |= looked.postponed
        self._answered |= looked.answered
        self._ends |= looked.ends
        going_on = {each.url for each in looked.handed_over}
        for url in [*looked.checks, *looked.doubtful]:
            if url not in going_on:
                self._close(url)
        return looked.handed_over

    def give_up(self, link: ToLook, why: str) -> None:
        """Leave a link without a verdict."""
        check = LinkCheck(link.url, Verdict.UNKNOWN, (Evidence(WEB, stamp(self._web.clock), f"not asked: {why}"),))
        self.take(Seen(link.url, check, failure="worker", is_postponed=True))

    def looked(self) -> Looked:
        """Return what was seen."""
        return Looked(
            self._checks,
            self._doubtful,
            self._failures,
            frozenset(self._postponed),
            (),
            frozenset(self._answered),
            frozenset(self._ends),
        )

    def _close(self, url: str) -> None:
        self.open.pop(url, None)
        self._end_if_done()

    def _end_if_done(self) -> None:
        if not self.open:
            self.is_done.set()
