"""Retry requests that failed transiently; tenacity decides when and how often."""

from __future__ import annotations

from tenacity import AsyncRetrying, RetryCallState, retry_if_result, stop_after_attempt

from enrich.model import Reply, Unreachable
from enrich.web.clock import Clock
from enrich.web.cookies import Cookies
from enrich.web.http11.tls import is_tls_answer
from enrich.web.pacing import jitter
from enrich.web.request import Request
from enrich.web.sending import Sender
from enrich.web.terms import Terms

_Outcome = Reply | Unreachable

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


class Retry:
    """Sends each request until its outcome is good, a retry is pointless, or the attempts are used up.

    Pauses double from one second, and differ between requests, but not between runs. There is no pause after a
    rejection, as the queue of the host is closed for a while.
    """

    def __init__(self, sender: Sender, clock: Clock, *, tries: int) -> None:
        self._sender = sender
        self._clock = clock
        self._tries = tries

    async def send(self, request: Request, terms: Terms, cookies: Cookies) -> Reply:
        """Send a request, with retries if needed.

        Raises:
            Unreachable: When the last try ended so.
        """
        last = first = await self._try(request, terms, cookies)
        # Nearly all requests go well at once, and tenacity takes a third of a fetch's processor
        # time (benchmarks/RESULTS.md): it begins at the second try.
        makes_up = terms.page and terms.tries and self._sender.makes_up(request)
        tries = self._tries if makes_up else terms.tries or self._tries
        more = tries - 1
        if more > 0 and self._is_worth_another(first, request, terms):
            last = await self._try_again(first, more, request, terms, cookies)
        if isinstance(last, Reply):
            return last
        if last.kind == "unavailable" and isinstance(first, Reply):
            return first  # it reached the host, and says more
        try:
            raise last
        finally:
            del last, first  # else they keep each other alive

    async def _try(self, request: Request, terms: Terms, cookies: Cookies) -> _Outcome:
        try:
            return await self._sender.send(request, terms, cookies)
        except Unreachable as failure:
            return failure

    async def _try_again(
        self, first: _Outcome, tries: int, request: Request, terms: Terms, cookies: Cookies
    ) -> _Outcome:
        def wait(state: RetryCallState) -> float:
            return self._pause(_result(state), state.attempt_number + 1, request, terms)

        retrying = AsyncRetrying(
            sleep=self._clock.sleep,
            stop=stop_after_attempt(tries),
            wait=wait,
            retry=retry_if_result(lambda outcome: self._is_worth_another(outcome, request, terms)),
            retry_error_callback=_result,
        )
        await self._clock.sleep(self._pause(first, 1, request, terms))
        last: _Outcome = await retrying(self._try, request, terms, cookies)
        return last

    def _pause(self, outcome: _Outcome, number: int, request: Request, terms: Terms) -> float:
        if isinstance(outcome, Reply) and self._sender.refusal(outcome, terms)[0]:
            return 0.0
        backoff: float = 2.0 ** (number - 1)
        return backoff * (0.75 + jitter(f"{request.text} {number}") / 2)

    def _is_worth_another(self, outcome: _Outcome, request: Request, terms: Terms) -> bool:
        return self._may_pass(outcome, request, terms) and not (terms.page and self._sender.spares(request))

    def _may_pass(self, outcome: _Outcome, request: Request, terms: Terms) -> bool:
        if isinstance(outcome, Unreachable):
            if terms.page and is_tls_answer(outcome):
                return False  # it is ignored instead
            return outcome.again and (terms.retry_timeouts or outcome.kind != "timeout")
        if outcome.status in terms.good or (terms.final and terms.final(outcome)):
            return False
        if outcome.complaint:
            return True
        passes = outcome.status in _PASSING or outcome.status in terms.refusals
        return passes and not self._sender.is_left(request)


def _result(state: RetryCallState) -> _Outcome:
    if state.outcome is None:
        raise RuntimeError("tenacity asks about a try that has not ended")
    outcome: _Outcome = state.outcome.result()
    return outcome
