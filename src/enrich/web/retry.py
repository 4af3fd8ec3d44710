"""Several tries for one request, where a failure may pass: tenacity decides when and how often."""

from __future__ import annotations

from tenacity import AsyncRetrying, RetryCallState

from enrich.model import Reply, Unreachable
from enrich.web.clock import Clock
from enrich.web.cookies import Cookies
from enrich.web.http11.tls import is_tls_answer
from enrich.web.pacing import jitter
from enrich.web.request import Request
from enrich.web.sending import Sender
from enrich.web.terms import Terms

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


class Retry:
    """Sends each request until its outcome is good, or another try is not worth it, or the tries are spent.

    Pauses double from one second, and differ between requests, the same in every run. There is none after a refusal:
    the queue before the host is closed for a while.
    """

    def __init__(self, sender: Sender, clock: Clock, *, tries: int) -> None:
        self._sender = sender
        self._tries = tries
        self._retrying = AsyncRetrying(
            sleep=clock.sleep,
            stop=self._is_last,
            wait=self._pause,
            retry=self._is_worth_another,
            retry_error_callback=_outcome,
        )

    async def send(self, request: Request, terms: Terms, cookies: Cookies) -> Reply:
        """Send a request, again if need be.

        Raises:
            Unreachable: When the last try ended so.
        """
        answered: list[Reply] = []

        async def send_once(request: Request, terms: Terms) -> Reply:
            answered.append(await self._sender.send(request, terms, cookies))
            return answered[-1]

        try:
            reply: Reply = await self._retrying(send_once, request, terms)
        except Unreachable as failure:
            if failure.kind == "unavailable" and answered:
                return answered[-1]  # which tells more
            raise
        return reply

    def _is_last(self, state: RetryCallState) -> bool:
        terms: Terms = state.args[1]
        return state.attempt_number >= (terms.tries or self._tries)

    def _pause(self, state: RetryCallState) -> float:
        request, terms = state.args
        if not _failure(state) and self._sender.refusal(_outcome(state), terms)[0]:
            return 0.0
        backoff: float = 2.0 ** (state.attempt_number - 1)
        return backoff * (0.75 + jitter(f"{request.text} {state.attempt_number}") / 2)

    def _is_worth_another(self, state: RetryCallState) -> bool:
        request, terms = state.args
        if failure := _failure(state):
            return isinstance(failure, Unreachable) and _may_pass(failure, terms)
        reply = _outcome(state)
        if reply.status in terms.good or (terms.final and terms.final(reply)):
            return False
        if reply.complaint:
            return True
        passes = reply.status in _PASSING or reply.status in terms.refusals
        return passes and not self._sender.is_left(request)


def _may_pass(failure: Unreachable, terms: Terms) -> bool:
    if terms.page and is_tls_answer(failure):
        return False  # it is looked past instead
    return failure.again and (terms.retry_timeouts or failure.kind != "timeout")


def _failure(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _outcome(state: RetryCallState) -> Reply:
    if state.outcome is None:
        raise RuntimeError("tenacity asks about a try that has not ended")
    reply: Reply = state.outcome.result()
    return reply
