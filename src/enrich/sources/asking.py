"""How services are asked: in batches (`Lookup`), stored answers first, then the network.

Each answer is stored as soon as it is there.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from enrich.model import Found, Identifier, Missing, Outcome, Record, Reply, Repository, Scheme, Unknown, Unreachable
from enrich.web import Terms, Web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D", Record, Repository)

_PATIENCE = 3  # batches that may fail one after the other before a service is left alone for the rest of the run
_MISSING_STAYS = timedelta(hours=20)  # what is not there today may be there tomorrow: a DOI comes after its paper
_NO_HIT = "no hit in a search of titles"
TOO_LONG = frozenset({400, 413, 414, 431})
"""Statuses that refuse a list: one of its members is not understood, or it is too long."""

_HOPELESS = frozenset({"offline", "stopped", "dns-missing", "unsafe", "scheme", "refusing"})


class UnreadableError(ValueError):
    """A reply's body is not what the service is documented to send."""


class NoAnswerError(Exception):
    """A service gave no usable answer to a request.

    `final` tells that it would refuse every other request of the kind, too: a refused key, a spent limit.
    """

    def __init__(self, why: str, *, status: int | None = None, final: bool = False) -> None:
        super().__init__(why)
        self.status = status
        self.final = final


@dataclass(frozen=True, slots=True)
class Lookup(Generic[K, V]):
    """How a service is asked for many things of one kind.

    Args:
        service: its name, for people.
        kind: the kind under which its answers are stored.
        ask: asks for one batch, yielding answers as they come in; raises NoAnswerError or Unreachable.
        read: a stored value again, or None where it is broken.
        batches: how the things are divided.
        key: the name under which the answer for a thing is stored.
        at_once: batches in flight.
    """

    service: str
    kind: str
    ask: Callable[[Sequence[K]], AsyncIterator[Mapping[K, Outcome[V]]]]
    read: Callable[[object], V | None]
    batches: Callable[[Sequence[K]], Iterable[Sequence[K]]]
    key: Callable[[K], str] = str
    at_once: int = 1

    async def outcomes(self, wanted: Sequence[K], web: Web) -> dict[K, Outcome[V]]:
        """Exactly one outcome for each wanted thing, in the order wanted.

        Fresh stored answers cost no request. Found and Missing are stored as soon as they come in, Unknown never.
        A batch that fails makes its own members Unknown; where the failure is sure to repeat, or three batches
        failed in a row, the rest are not asked at all.
        """
        known: dict[K, Outcome[V]] = {}
        for thing in dict.fromkeys(wanted):
            stored = _opened(web.cache.get(self.kind, self.key(thing)), self.read)
            if stored is not None and not (isinstance(stored, Missing) and _is_old(stored, web)):
                known[thing] = stored
        self._progress(web, len(known))
        queue = iter(list(self.batches([thing for thing in dict.fromkeys(wanted) if thing not in known])))
        state = _State()
        if self.at_once == 1:
            await self._work(queue, web, known, state)
        else:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.at_once):
                    group.create_task(self._work(queue, web, known, state))
        return {thing: known[thing] for thing in dict.fromkeys(wanted)}

    async def _work(self, queue: Iterator[Sequence[K]], web: Web, known: dict[K, Outcome[V]], state: _State) -> None:
        for batch in queue:
            why, unsafe = state.hopeless or "its answer did not mention it", False
            if not state.hopeless:
                try:
                    async for answers in self.ask(batch):
                        self._take(answers, web, known)
                except Unreachable as error:
                    why = error.why if error.kind in ("refusing", "stopped") else f"could not be reached: {error.why}"
                    # Where a redirect leads says nothing of the next batch.
                    state.failed(why, final=error.kind in _HOPELESS and not error.hops)
                    unsafe = error.kind == "unsafe" and bool(error.hops)
                except NoAnswerError as error:
                    why = str(error)
                    state.failed(why, final=error.final)
                except UnreadableError as error:
                    why = f"{self.service}: {error}"
                    state.failed(why, final=False)
                else:
                    state.failures = 0
            unknown = Unknown(why, at=now(web), unsafe=unsafe)
            self._take({thing: unknown for thing in batch if thing not in known}, web, known)

    def _take(self, answers: Mapping[K, Outcome[V]], web: Web, known: dict[K, Outcome[V]]) -> None:
        for thing, outcome in answers.items():
            known[thing] = outcome
            if not isinstance(outcome, Unknown):
                store(web, self.kind, self.key(thing), outcome)
        self._progress(web, len(answers))

    def _progress(self, web: Web, count: int) -> None:
        if count:
            web.progress(self.service, count)


@dataclass(slots=True)
class _State:
    failures: int = 0
    hopeless: str | None = None

    def failed(self, why: str, *, final: bool) -> None:
        self.failures += 1
        if final or self.failures >= _PATIENCE:
            self.hopeless = why


def store(web: Web, kind: str, key: str, outcome: Found[V] | Missing) -> None:
    """Keeps what a service answered for later runs; for a lookup by identifier under the kind of the service's name."""
    web.cache.put(kind, key, _enveloped(outcome))


def by(size: int) -> Callable[[Sequence[K]], Iterable[Sequence[K]]]:
    """A division into batches of at most `size`."""
    return lambda things: (things[start : start + size] for start in range(0, len(things), size))


def within(room: int, length: Callable[[K], int], most: int) -> Callable[[Sequence[K]], Iterable[Sequence[K]]]:
    """A division into batches of at most `most` things whose lengths add up to `room` at most (or of one thing)."""

    def divide(things: Sequence[K]) -> Iterable[Sequence[K]]:
        batch: list[K] = []
        used = 0
        for thing in things:
            if batch and (used + length(thing) > room or len(batch) == most):
                yield batch
                batch, used = [], 0
            batch.append(thing)
            used += length(thing)
        if batch:
            yield batch

    return divide


async def halving(
    batch: Sequence[K], ask: Callable[[Sequence[K]], Awaitable[Mapping[K, Outcome[V]]]], divisible: Collection[int]
) -> AsyncIterator[Mapping[K, Outcome[V]]]:
    """The answers for a batch of which one member may spoil the whole (at most 2 log2(n) more requests).

    A batch refused with a status among `divisible` is asked again by halves, and the refused half again; the one
    member left is Unknown. Where both halves are refused it is no member's fault: the NoAnswerError is raised.
    """
    try:
        yield await ask(batch)
    except NoAnswerError as error:
        if error.status not in divisible or len(batch) == 1:
            raise
        refusal = error
    else:
        return
    while len(batch) > 1:
        refused: list[Sequence[K]] = []
        for half in (batch[: len(batch) // 2], batch[len(batch) // 2 :]):
            try:
                yield await ask(half)
            except NoAnswerError as error:
                if error.status not in divisible or refused:
                    raise
                refused.append(half)
                refusal = error
        if not refused:
            return
        batch = refused[0]
    yield {batch[0]: Unknown(str(refusal))}


async def one_by_one(
    wanted: Sequence[K],
    web: Web,
    ask: Callable[[K], Awaitable[tuple[Reply, Iterable[Record]] | None]],
    *,
    service: str,
    key: Callable[[K], str],
    at_once: int = 1,
) -> dict[K, Outcome[tuple[Record, ...]]]:
    """The candidates that a search has for each wanted thing, one request each.

    `ask` brings a reply and the candidates in it, None where a thing has no words to search for.
    """

    async def answers(batch: Sequence[K]) -> AsyncIterator[Mapping[K, Outcome[tuple[Record, ...]]]]:
        for thing in batch:
            answer = await ask(thing)
            yield {thing: candidates(answer[1], answer[0]) if answer else Missing("no words in it", at=now(web))}

    lookup: Lookup[K, tuple[Record, ...]] = Lookup(
        service=service, kind="search", ask=answers, read=read_records, batches=by(1), key=key, at_once=at_once
    )
    return await lookup.outcomes(wanted, web)


def candidates(records: Iterable[Record], reply: Reply) -> Outcome[tuple[Record, ...]]:
    """What a search of titles found in a reply, if it found anything."""
    found = tuple(replace(record, asked_at=reply.at) for record in records)
    return Found(found, at=reply.at) if found else Missing(_NO_HIT, status=reply.status, at=reply.at)


def usable(reply: Reply, service: str, *statuses: int) -> Reply:
    """The reply, if it has one of these statuses (200 where none is given) and nothing is wrong with its body.

    Raises:
        NoAnswerError: otherwise; final for 401 and 403.
    """
    if reply.complaint:
        raise NoAnswerError(f"{service}: {reply.complaint}", status=reply.status)
    if reply.status in (statuses or (200,)):
        return reply
    words = {
        401: "refuses us (HTTP 401)",
        403: "refuses us (HTTP 403)",
        429: "has too many requests to serve now (HTTP 429)",
    }.get(reply.status, f"{'is out of order' if reply.status >= 500 else 'answered'} (HTTP {reply.status})")
    raise NoAnswerError(f"{service} {words}", status=reply.status, final=reply.status in (401, 403))


def load_json(body: bytes) -> object:
    """The JSON value of a body.

    Raises:
        UnreadableError: it is none.
    """
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("the reply is no JSON") from error
    return value


def not_json(reply: Reply) -> str | None:
    """What is wrong with a reply that should be JSON (for `accept` of `Web.fetch`): maintenance pages, cut bodies."""
    if reply.status != 200:
        return None
    try:
        load_json(reply.body)
    except UnreadableError as error:
        return str(error)
    return None


JSON = Terms(accept=not_json)
"""For look-ups that answer in JSON."""

KEYED_JSON = Terms(accept=not_json, keyed=True)
"""The same with the service's key."""


def now(web: Web) -> str:
    """The time, as replies have it: `2026-11-21T23:00:00Z`."""
    return f"{web.clock.now():%Y-%m-%dT%H:%M:%SZ}"


def only(
    scheme: Collection[Scheme], wanted: Sequence[Identifier], service: str
) -> tuple[list[Identifier], dict[Identifier, Unknown]]:
    """The identifiers that a service can be asked for, and Unknown for each of the others."""
    able = [identifier for identifier in wanted if identifier.scheme in scheme]
    others = {
        identifier: Unknown(f"{service} cannot be asked for {identifier}")
        for identifier in wanted
        if identifier.scheme not in scheme
    }
    return able, others


def as_json(value: object) -> object:
    """A Record, a Repository, a text, or a tuple of them as a JSON value."""
    if isinstance(value, tuple):
        return [as_json(item) for item in value]
    if isinstance(value, Record | Repository):
        return {name: item for name, item in asdict(value).items() if item not in (None, ())}
    return value


def read_record(value: object) -> Record | None:
    """The Record that `as_json` wrote, or None where the value is broken."""
    return _read(Record, value)


def read_records(value: object) -> tuple[Record, ...] | None:
    """The Records that `as_json` wrote, or None where one is broken."""
    records = [_read(Record, item) for item in value] if isinstance(value, list | tuple) else [None]
    return None if None in records else tuple(record for record in records if record)


def read_repository(value: object) -> Repository | None:
    """The Repository that `as_json` wrote, or None where the value is broken."""
    return _read(Repository, value)


def read_text(value: object) -> str | None:
    """The text that `as_json` wrote, or None where the value is none."""
    return value if isinstance(value, str) else None


_IS: Mapping[str, Callable[[object], bool]] = {
    "str": lambda value: isinstance(value, str),
    "str | None": lambda value: isinstance(value, str),
    "int | None": lambda value: type(value) is int,
    "bool": lambda value: isinstance(value, bool),
    "tuple[str, ...]": lambda value: isinstance(value, list | tuple) and all(isinstance(item, str) for item in value),
}


def _read(noun: type[D], value: object) -> D | None:
    if not isinstance(value, dict):
        return None
    types = {field.name: str(field.type) for field in fields(noun)}
    if not all(name in types and _IS[types[name]](item) for name, item in value.items()):
        return None
    arguments: dict[str, Any] = {name: tuple(item) if isinstance(item, list) else item for name, item in value.items()}
    try:
        return noun(**arguments)
    except TypeError:  # a field without a default is not there
        return None


def _enveloped(outcome: Found[V] | Missing) -> object:
    if isinstance(outcome, Found):
        return {"found": as_json(outcome.value), "at": outcome.at}
    return {"missing": outcome.saw, "status": outcome.status, "at": outcome.at}


def _opened(stored: object, read: Callable[[object], V | None]) -> Outcome[V] | None:
    if not isinstance(stored, dict) or not isinstance(at := stored.get("at"), str):
        return None
    if "found" in stored:
        value = read(stored["found"])
        return None if value is None else Found(value, at=at)
    saw, status = stored.get("missing"), stored.get("status")
    if isinstance(saw, str) and (status is None or type(status) is int):
        return Missing(saw, status=status, at=at)
    return None


def _is_old(missing: Missing, web: Web) -> bool:
    try:
        return web.clock.now() - datetime.fromisoformat(missing.at) > _MISSING_STAYS
    except (TypeError, ValueError):
        return True
