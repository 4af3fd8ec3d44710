"""Detect that the local network failed, rather than pages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from enrich import links
from enrich.model import LinkCheck, Unknown, Unreachable, Verdict, notable
from enrich.pipeline.look.page import MOST_HOPS
from enrich.pipeline.look.store import forget
from enrich.pipeline.pages import Looked
from enrich.pipeline.values import AllAnswers, OwnOutage
from enrich.pipeline.verdicts import is_left_out
from enrich.services import WEB
from enrich.text.urls import host_of
from enrich.web import Terms, Web

_CONTROL = "https://example.com/"  # reserved for general use: https://www.iana.org/help/example-domains

_HOSTS_THAT_TELL = 3  # hosts all of which must fail before the local network is taken to have failed
_SILENCE = frozenset({"dns", "dns-missing", "connect", "timeout"})  # failures without any answer
_HOSTS_THAT_TELL_MORE = 10  # the same if registries answer: a firewall may allow only them


async def explain_outage(
    looked: Looked, stored: Mapping[str, LinkCheck], answers: Sequence[AllAnswers], web: Web
) -> OwnOutage:
    """Return why pages say nothing about links: no network of our own, or none that can be trusted.

    Args:
        looked: What the pages said, over all looks of the run.
        stored: What is known of other links from earlier runs.
        answers: What the registries said.
        web: The network; a few pages that should answer are asked.
    """
    if portal := await _portal(looked, answers, web):
        urls = frozenset(url for url, check in looked.checks.items() if check.evidence[-1].asked == WEB)
        forget(urls, web.cache)
        return OwnOutage(dict.fromkeys(urls, portal))
    insecure = [url for url in looked.doubtful if looked.failures.get(url) == "tls"]
    insecure += [url for url, check in notable(looked.checks) if check.tls_trouble]
    why, left_open = web.offline_because, list(looked.checks)
    if why is None:
        why = await _outage(looked.doubtful, "http", looked, stored, answers, web)
    if why is None:
        why, left_open = await _outage(insecure, "https", looked, stored, answers, web), insecure
    silent = (url for url in left_open if why and _says_nothing(looked.checks[url], web.stop.because))
    return OwnOutage({**looked.doubts, **dict.fromkeys(silent, why or "")})


async def _portal(looked: Looked, answers: Sequence[AllAnswers], web: Web) -> str | None:
    """Return why no page belongs to its link: the network redirects everything to one page, as for a sign-in."""
    starts, ends = {start for start, _ in looked.ends}, {end for _, end in looked.ends}
    if len(starts) < _HOSTS_THAT_TELL or len(ends) != 1 or ends <= starts:
        return None
    registries = (answer for each in answers for by_service in each.values() for answer in by_service.values())
    if not all(isinstance(answer, Unknown) for answer in registries):
        return None
    try:
        reply = await web.fetch(_CONTROL, Terms(limit=1, tries=1, follow=MOST_HOPS))
    except Unreachable:
        pass
    else:
        if host_of(reply.url) == host_of(_CONTROL):
            return None
    return f"{len(starts)} hosts all redirected to {ends.pop()}; the network may require a sign-in"


def _says_nothing(check: LinkCheck, stopped: str | None) -> bool:
    asked_in_vain = check.verdict is Verdict.UNKNOWN and check.evidence[-1].asked == "web"
    failed = bool(check.tls_trouble) or links.wants_second_look(check)
    return failed or (asked_in_vain and not is_left_out(check, stopped))


async def _outage(
    urls: Iterable[str],
    scheme: str,
    looked: Looked,
    stored: Mapping[str, LinkCheck],
    answers: Sequence[AllAnswers],
    web: Web,
) -> str | None:
    """Return why these pages failed, if no page whose URL begins with the scheme answers."""
    answered = any(each.startswith(scheme) for each in looked.answered)
    why = None if answered else _nobody_answered(list(urls), looked, answers)
    known = chain(stored.items(), looked.checks.items())
    return why if why and not await _does_any_answer(scheme, known, web) else None


async def _does_any_answer(scheme: str, checks: Iterable[tuple[str, LinkCheck]], web: Web) -> bool:
    """Whether pages that were good on an earlier night, with URLs of this scheme, or IANA's own, still answer.

    On most nights no good page is due, and the failing ones, which are all requested again, would decide.
    """
    good = {host_of(url): url for url, check in checks if check.page and url.startswith(scheme)}
    urls = [*list(good.values())[: _HOSTS_THAT_TELL - 1], _CONTROL]
    return any(await asyncio.gather(*(_answers(url, web) for url in urls)))


async def _answers(url: str, web: Web) -> bool:
    try:
        await web.fetch(url, Terms(limit=1, tries=1))
    except Unreachable:
        return False
    return True


def _nobody_answered(urls: Iterable[str], looked: Looked, answers: Iterable[AllAnswers]) -> str | None:
    """Return how these pages failed, where they are enough to tell of our own network: none of them gave any answer."""
    failed = [looked.checks[url] for url in urls]
    silent = [check for check in failed if check.verdict is not Verdict.BROKEN]
    hosts = len({host_of(check.url) for check in silent})
    registries = (answer for each in answers for by_service in each.values() for answer in by_service.values())
    alone = len(silent) == len(failed) and all(isinstance(answer, Unknown) for answer in registries)
    # If all links are of one or two hosts, the control host shows whether they or the network failed.
    few = all(looked.failures.get(check.url) in _SILENCE for check in silent)
    least = _HOSTS_THAT_TELL_MORE if not alone else 1 if few else _HOSTS_THAT_TELL
    if hosts < least:
        return None
    where = f"none of {hosts} hosts" if hosts > 1 else host_of(silent[0].url)
    saw = silent[0].tls_trouble or silent[0].evidence[-1].saw
    return f"{where} gave {'an' if hosts > 1 else 'no'} answer ({saw})"
