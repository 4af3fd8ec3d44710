"""Look-ups of many things of one kind: stored answers first, then the network; each answer is stored when it comes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from enrich.model import Found, Identifier, Missing, Outcome, Record, Reply, Unknown, Unreachable
from enrich.sources.asking.batches import batches_of
from enrich.sources.asking.replies import NoAnswerError, UnreadableError
from enrich.sources.asking.stored import RECORD, RECORDS, from_json, to_json
from enrich.spooling import Spool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

    from pydantic import TypeAdapter

    from enrich.web import Web

K = TypeVar("K")
V = TypeVar("V")

_PATIENCE = 3  # failing batches in a row after which a service is skipped for the rest of the run
_MISSING_STAYS = timedelta(hours=20)  # it may be there the next day: DOIs follow papers
_NO_HIT = "no title match"
_HOPELESS = frozenset({"offline", "proxy", "stopped", "dns-missing", "unsafe", "scheme", "refusing"})


@dataclass(frozen=True, slots=True)
class Lookup(Generic[K, V]):
    """How a service is asked for many things of one kind.

    Args:
        service: its name, for people.
        kind: the kind under which its answers are stored.
        ask: asks for one batch, yielding answers as they come in; raises NoAnswerError or Unreachable.
        form: how its values are stored.
        batches: how the things are divided; what is in none of them is not asked for.
        key: the name under which the answer for a thing is stored.
        at_once: batches in flight.
    """

    service: str
    kind: str
    ask: Callable[[Sequence[K]], AsyncIterator[Mapping[K, Outcome[V]]]]
    form: TypeAdapter[V]
    batches: Callable[[Sequence[K]], Iterable[Sequence[K]]]
    key: Callable[[K], str] = str
    at_once: int = 1

    async def outcomes(self, wanted: Sequence[K], web: Web) -> dict[K, Outcome[V]]:
        """Return exactly one outcome for each wanted thing, in order; none for those that are in no batch.

        Fresh stored answers need no request. Found and Missing are stored as soon as they arrive, Unknown never. A
        failing batch makes its own members Unknown. If the failure would certainly repeat, or three batches failed in a
        row, the rest is not requested; these are `passing` if the service may recover.
        """
        state = _State()
        known = self._stored(wanted, web, state.spool)
        batches = list(self.batches([thing for thing in dict.fromkeys(wanted) if thing not in known]))
        web.expect(self.service, len(known) + sum(map(len, batches)))
        self._progress(web, len(known))
        web.queue(self.service, len(batches))
        queue = iter(batches)
        if self.at_once == 1:
            await self._work(queue, web, known, state)
        else:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.at_once):
                    group.create_task(self._work(queue, web, known, state))
        return {thing: known[thing] for thing in dict.fromkeys(wanted) if thing in known}

    def _stored(self, wanted: Iterable[K], web: Web, spool: Spool) -> dict[K, Outcome[V]]:
        """Return the stored answers that are fresh."""
        known: dict[K, Outcome[V]] = {}
        things: dict[str, list[K]] = {}
        for thing in dict.fromkeys(wanted):
            things.setdefault(self.key(thing), []).append(thing)
        for key, answer in web.cache.get_all(self.kind, list(things)):
            outcome = from_json(answer, self.form)
            if outcome is not None and not (isinstance(outcome, Missing) and _is_old(outcome, web)):
                known |= dict.fromkeys(things[key], _kept(outcome, spool))
        return known

    async def _work(self, queue: Iterator[Sequence[K]], web: Web, known: dict[K, Outcome[V]], state: _State) -> None:
        for batch in queue:
            web.queue(self.service, -1)
            why, unsafe = state.hopeless or "missing from the response", False
            if not state.hopeless:
                try:
                    async for answers in self.ask(batch):
                        self._take(answers, web, known, state)
                except Unreachable as error:
                    why = error.why if error.kind in ("refusing", "stopped") else f"could not be reached: {error.why}"
                    # The target of a redirect says nothing about the next batch.
                    state.failed(why, final=error.kind in _HOPELESS and not error.hops)
                    state.is_final = state.is_final and error.kind != "refusing"
                    unsafe = error.kind == "unsafe" and bool(error.hops)
                except NoAnswerError as error:
                    why = str(error)
                    state.failed(why, final=error.final)
                except UnreadableError as error:
                    why = str(error)
                    state.failed(why, final=False)
                else:
                    state.failures = 0
            unknown = Unknown(why, at=now(web), unsafe=unsafe, passing=bool(state.failures) and not state.is_final)
            self._take({thing: unknown for thing in batch if thing not in known}, web, known, state)

    def _take(self, answers: Mapping[K, Outcome[V]], web: Web, known: dict[K, Outcome[V]], state: _State) -> None:
        for thing, outcome in answers.items():
            known[thing] = _kept(outcome, state.spool)
            if not isinstance(outcome, Unknown):
                web.cache.put(self.kind, self.key(thing), to_json(outcome, self.form))
        self._progress(web, len(answers))

    def _progress(self, web: Web, count: int) -> None:
        if count:
            web.progress(self.service, count)


@dataclass(slots=True)
class _State:
    spool: Spool = field(default_factory=Spool)
    failures: int = 0
    hopeless: str | None = None
    is_final: bool = False

    def failed(self, why: str, *, final: bool) -> None:
        self.failures += 1
        self.is_final = self.is_final or final
        if final or self.failures >= _PATIENCE:
            self.hopeless = why


def _kept(outcome: Outcome[V], spool: Spool) -> Outcome[V]:
    """Return the outcome, with the abstract of a found record out of memory."""
    if not isinstance(outcome, Found) or not isinstance(record := outcome.value, Record):
        return outcome
    return replace(outcome, value=cast("V", spool.keep(record)))


def without_stored(wanted: Iterable[Identifier], service: str, web: Web) -> list[Identifier]:
    """Return the identifiers without a stored answer of a service's lookup."""
    return [identifier for identifier in wanted if web.cache.get(service, str(identifier)) is None]


def store(web: Web, service: str, identifier: Identifier, record: Found[Record]) -> None:
    """Store the record of a paper that a search found as the service's answer for one of its identifiers."""
    web.cache.put(service, str(identifier), to_json(record, RECORD))


async def one_by_one(
    wanted: Sequence[K],
    web: Web,
    ask: Callable[[K], Awaitable[tuple[Reply, Iterable[Record]] | None]],
    *,
    service: str,
    key: Callable[[K], str],
    at_once: int = 1,
) -> dict[K, Outcome[tuple[Record, ...]]]:
    """Search for the candidates of each wanted thing, one request each.

    `ask` returns a reply and its candidates, None if a thing has no words to search for.
    """

    async def answers(batch: Sequence[K]) -> AsyncIterator[Mapping[K, Outcome[tuple[Record, ...]]]]:
        for thing in batch:
            answer = await ask(thing)
            none = Missing("no words to search for", at=now(web))
            yield {thing: candidates(answer[1], answer[0]) if answer else none}

    lookup: Lookup[K, tuple[Record, ...]] = Lookup(
        service=service, kind="search", ask=answers, form=RECORDS, batches=batches_of(1), key=key, at_once=at_once
    )
    return await lookup.outcomes(wanted, web)


def candidates(records: Iterable[Record], reply: Reply) -> Outcome[tuple[Record, ...]]:
    """Return the candidates of a title search in a reply, if there are any."""
    found = tuple(replace(record, asked_at=reply.at) for record in records)
    return Found(found, at=reply.at) if found else Missing(_NO_HIT, status=reply.status, at=reply.at)


def now(web: Web) -> str:
    """Return the time, as replies have it: `2026-11-21T23:00:00Z`."""
    return f"{web.clock.now():%Y-%m-%dT%H:%M:%SZ}"


def _is_old(missing: Missing, web: Web) -> bool:
    try:
        return web.clock.now() - datetime.fromisoformat(missing.at) > _MISSING_STAYS
    except (TypeError, ValueError):
        return True
