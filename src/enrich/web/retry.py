"""Further tries of a request that failed in a way that may pass: tenacity decides when and how often."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tenacity import AsyncRetrying, Future, RetryCallState, retry_if_exception, retry_if_result, stop_after_attempt

from enrich.model import Reply, Unreachable
from enrich.web.clock import Clock
from enrich.web.pacing import jitter

Outcome = Reply | BaseException


async def retry(
    first: Reply | Unreachable,
    ask: Callable[[], Awaitable[Reply]],
    is_worth_a_try: Callable[[Outcome], bool],
    *,
    clock: Clock,
    tries: int,
    waits_elsewhere: Callable[[Reply], bool],
    name: str,
) -> Reply:
    """Ask again after a first outcome, until one is not worth another try or the tries are spent.

    Pauses double from one second. There is none after a reply of which `waits_elsewhere` says so: the queue before
    its host is closed for a while. `name` makes the pauses of several requests differ, the same in every run.

    Raises:
        Unreachable: When the last try ended so.
    """
    begun = [first]

    async def next_try() -> Reply:
        if not begun:
            return await ask()
        outcome = begun.pop()
        if isinstance(outcome, Unreachable):
            raise outcome
        return outcome

    def wait(state: RetryCallState) -> float:
        outcome = _outcome(state)
        if not outcome.exception() and waits_elsewhere(outcome.result()):
            return 0.0
        backoff: float = 2.0 ** (state.attempt_number - 1)
        return backoff * (0.75 + jitter(f"{name} {state.attempt_number}") / 2)

    def last(state: RetryCallState) -> Reply:
        reply: Reply = _outcome(state).result()
        return reply

    retrying = AsyncRetrying(
        sleep=clock.sleep,
        stop=stop_after_attempt(tries),
        wait=wait,
        retry=retry_if_result(is_worth_a_try) | retry_if_exception(is_worth_a_try),
        retry_error_callback=last,
    )
    return await retrying(next_try)


def _outcome(state: RetryCallState) -> Future:
    if state.outcome is None:
        raise RuntimeError("tenacity asks about a try that has not ended")
    return state.outcome
