"""Divide the things that a service is asked about into requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from enrich.model import Identifier, Outcome, Scheme, Unknown
from enrich.sources.asking.replies import NoAnswerError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence

K = TypeVar("K")
V = TypeVar("V")


def split_supported(
    schemes: Collection[Scheme], wanted: Sequence[Identifier]
) -> tuple[list[Identifier], dict[Identifier, Unknown]]:
    """Return the identifiers that a service supports, and Unknown for each of the others."""
    able = [identifier for identifier in wanted if identifier.scheme in schemes]
    others = {
        identifier: Unknown(f"does not support {identifier}")
        for identifier in wanted
        if identifier.scheme not in schemes
    }
    return able, others


def batches_of(size: int) -> Callable[[Sequence[K]], Iterable[Sequence[K]]]:
    """Return a function that divides things into batches of at most `size`."""
    return lambda things: (things[start : start + size] for start in range(0, len(things), size))


def batches_within_chars(
    room: int, length: Callable[[K], int], most: int
) -> Callable[[Sequence[K]], Iterable[Sequence[K]]]:
    """Return a function that divides things into batches of at most `most`, with a total length of at most `room`.

    A thing that is longer than `room` gets a batch of its own.
    """

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


async def retry_in_halves(
    batch: Sequence[K], ask: Callable[[Sequence[K]], Awaitable[Mapping[K, Outcome[V]]]], divisible: Collection[int]
) -> AsyncIterator[Mapping[K, Outcome[V]]]:
    """Yield the answers for a batch that one member may make fail (at most 2 log2(n) more requests).

    A batch that is rejected with a status among `divisible` is retried in halves, down to the one member that is
    Unknown. If both halves are rejected, no member is the cause: the NoAnswerError is raised.
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
