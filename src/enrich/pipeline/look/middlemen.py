"""Detect who answers for many sites: name servers that filter, a firewall, a proxy, a network that wants a sign-in."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from enrich.model import LinkCheck, Unreachable, Verdict, notable
from enrich.pipeline.look.page import MOST_HOPS
from enrich.pipeline.look.store import forget
from enrich.pipeline.pages import Looked
from enrich.pipeline.values import Plan
from enrich.services import WEB
from enrich.text.urls import host_of, split_url
from enrich.web import Terms, Web, bought_domain, domain_of

# So many unrelated domains that give one answer may be no coincidence. In lists that nobody checked for years, one in
# ten is gone.
_LEAST_DOMAINS = 5
_MOST_SHARE = 0.1

_WITNESSES = (
    *("www.acm.org", "www.apache.org", "www.debian.org", "www.ieee.org", "www.kernel.org", "www.mit.edu"),
    *("www.mozilla.org", "www.nature.com", "www.ox.ac.uk", "www.python.org", "www.w3.org", "www.wikipedia.org"),
)
"""Names that exist, of unrelated owners; who lets only a few sites through denies them as well."""
_PAGES = ("example.com", "www.debian.org", "www.python.org", "www.w3.org")
"""Hosts whose front pages answer everybody; the first is reserved for that."""
_LIES = 2  # one of them may have changed since this was written
_SAMPLE = 20  # denied names that are looked up once more
_FRONT_PAGES = 5


class _Answer(NamedTuple):
    """An answer that many sites may have in common: of which kind, in which words, over http or https."""

    kind: str
    words: str
    scheme: str


async def explain_answers(looked: Looked, planned: Plan, web: Web) -> Mapping[str, str]:
    """Return why the answers of links prove nothing, by URL: too many sites gave the same one, and not by themselves.

    Sites on which an earlier run found a failure do not count: that is no news.

    Args:
        looked: What the pages said, over all looks and workers.
        planned: What the run asked, with what earlier runs saw.
        web: The network; what certainly exists is looked up, and only where there is a suspicion.
    """
    alike: defaultdict[_Answer, list[str]] = defaultdict(list)
    for url, check in notable(looked.checks):
        if answer := _answer_of(check, looked.failures.get(url)):
            alike[answer].append(url)
    whys: dict[str, str] = {}
    suspicious = {answer: urls for answer, urls in alike.items() if len(urls) >= _LEAST_DOMAINS}
    enough = max(_LEAST_DOMAINS, _MOST_SHARE * len(_domains_asked(looked)) + 1) if suspicious else 0
    for answer, urls in suspicious.items():
        hosts = _unrelated(answer, urls, looked, planned)
        if len(hosts) >= enough:
            hosts = _without_page(hosts, urls, looked)
        if len(hosts) >= enough and (why := await _INQUIRIES[answer.kind](answer, list(hosts.values()), web)):
            whys |= dict.fromkeys(urls, why)
    forget(whys, web.cache)
    return whys


def _answer_of(check: LinkCheck, failure: str | None) -> _Answer | None:
    """Return what a link's answer may have in common with those of other sites; None if it is its own page."""
    last, scheme = check.evidence[-1], check.url.partition(":")[0]
    if last.asked != WEB:
        return None
    if check.verdict is Verdict.UNKNOWN:
        return _Answer("no name", "", "") if failure == "dns" else None
    if check.tls_trouble:
        return _Answer("silence", check.tls_trouble, scheme)
    if check.verdict in (Verdict.BROKEN, Verdict.SUSPECT):
        if failure == "dns-missing":  # or the name is not even valid
            return _Answer("denial", "", "") if last.saw.startswith("domain not found") else None
        if failure in ("connect", "reset", "tls"):
            return _Answer("silence", last.saw.partition(": ")[2] or last.saw, scheme)
        if check.verdict is Verdict.BROKEN and last.status is not None:
            return _Answer("absence", last.saw, "")
    end = check.forwarded_to or (check.page and check.page.url) or check.new_url
    return _Answer("redirect", host_of(end), scheme) if end and _owner_of(end) != _owner_of(check.url) else None


def _owner_of(url: str) -> str:
    return bought_domain(domain_of(url))


def _domains_asked(looked: Looked) -> set[str]:
    return {bought_domain(host) for host, _ in looked.ends} | {_owner_of(url) for url in looked.failures}


def _unrelated(answer: _Answer, urls: Iterable[str], looked: Looked, planned: Plan) -> dict[str, str]:
    """Return a URL of each domain that gave the answer, by domain; one that has any host is not denied."""
    new = [url for url in urls if not _failed_before(url, planned)]
    if answer.kind == "denial":
        there = {bought_domain(host) for host, _ in looked.ends}
        new = [url for url in new if _owner_of(url) not in there and not _was_redirected(looked.checks[url])]
    return {_owner_of(url): url for url in sorted(new, reverse=True)}


def _without_page(hosts: Mapping[str, str], urls: Collection[str], looked: Looked) -> dict[str, str]:
    """Return those of the domains that showed no good page of their own."""
    alike = set(urls)
    shown = {_owner_of(url) for url, check in looked.checks.items() if check.verdict is Verdict.OK and url not in alike}
    return {domain: url for domain, url in hosts.items() if domain not in shown}


def _was_redirected(check: LinkCheck) -> bool:
    """Whether the link's own host answered, and led to one that did not."""
    return any(row.status is not None for row in check.evidence)


def _failed_before(url: str, planned: Plan) -> bool:
    pasts = (each.given.history.links.get(url) for each in planned.catalogs)
    return any(past is not None and past.trouble for past in pasts)


async def _of_denial(_answer: _Answer, urls: list[str], web: Web) -> str | None:
    # Workers may have other name servers than this process.
    sample = [host_of(url) for url in urls[:_SAMPLE]]
    exists = await web.do_names_exist([*_WITNESSES, *sample])
    number = f"{len(urls)} domains were not found"
    if found := [name for name in sample if exists.get(name)]:
        return f"{number}, but another lookup found {found[0]}; the name servers are not reliable"
    lies = [name for name in _WITNESSES if not exists.get(name)]
    if len(lies) < _LIES:
        return None
    return f"{number}, but neither was {lies[0]}, which exists; the name servers seem to filter names"


async def _of_no_name(_answer: _Answer, urls: list[str], web: Web) -> str | None:
    exists = await web.do_names_exist(_WITNESSES)
    lacking = [name for name in _WITNESSES if not exists.get(name)]
    if len(lacking) < _LIES:
        return None
    return f"{len(urls)} domains could not be looked up, nor could {lacking[0]}; the name servers are out of order"


async def _of_silence(answer: _Answer, urls: list[str], web: Web) -> str | None:
    if not (other := await _witness_without_page(answer.scheme, web)):
        return None
    return f"{len(urls)} domains gave no answer ({answer.words}), nor did {other}; a firewall or proxy may be the cause"


async def _of_redirect(answer: _Answer, urls: list[str], web: Web) -> str | None:
    if not await _witness_without_page(answer.scheme, web):
        return None
    return f"{len(urls)} domains redirected to {answer.words}; the network may require a sign-in, or filter sites"


async def _of_absence(answer: _Answer, urls: list[str], web: Web) -> str | None:
    """Ask for front pages: most sites have one."""
    fronts = [split_url(url)._replace(path="/", query="", fragment="").geturl() for url in urls[:_FRONT_PAGES]]
    statuses = await asyncio.gather(*(_status_of(front, web) for front in fronts))
    if sum(status in (404, 410) for status in statuses) < len(fronts) - 1:
        return None
    return f"{len(urls)} domains have not even a front page ({answer.words}); a proxy seems to answer for them"


_INQUIRIES: Mapping[str, Callable[[_Answer, list[str], Web], Awaitable[str | None]]] = {
    "denial": _of_denial,
    "no name": _of_no_name,
    "silence": _of_silence,
    "redirect": _of_redirect,
    "absence": _of_absence,
}


async def _status_of(url: str, web: Web) -> int | None:
    try:
        return (await web.fetch(url, Terms(limit=1, tries=1, follow=MOST_HOPS))).status
    except Unreachable:
        return None


async def _witness_without_page(scheme: str, web: Web) -> str | None:
    """Return a host whose front page did not come, from itself; None unless there are two."""
    pages = await asyncio.gather(*(_gives_page(host, scheme, web) for host in _PAGES))
    without = [host for host, given in zip(_PAGES, pages, strict=True) if not given]
    return without[0] if len(without) >= _LIES else None


async def _gives_page(host: str, scheme: str, web: Web) -> bool:
    try:
        reply = await web.fetch(f"{scheme}://{host}/", Terms(limit=1, tries=1, follow=MOST_HOPS))
    except Unreachable:
        return False
    return _owner_of(reply.url) == bought_domain(host)
