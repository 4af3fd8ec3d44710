"""Detect name servers that deny names that exist: a filter, a sign-in network, a server for local names only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

from enrich.model import LinkCheck, Verdict, notable
from enrich.pipeline.pages import Looked
from enrich.pipeline.values import Plan
from enrich.services import WEB
from enrich.text.urls import host_of
from enrich.web import Web, domain_of, registrable_domain

# One domain in ten is gone in lists that were not checked for years. Name servers that err deny most names.
_LEAST_DOMAINS = 5
_MOST_THERE = 2  # domains that are found for each that is not

_WITNESSES = (
    *("www.acm.org", "www.apache.org", "www.debian.org", "www.ieee.org", "www.kernel.org", "www.mit.edu"),
    *("www.mozilla.org", "www.nature.com", "www.ox.ac.uk", "www.python.org", "www.w3.org", "www.wikipedia.org"),
)
"""Names that exist, of unrelated owners; a filter that allows only a few sites denies them as well."""
_LIES = 2  # one of them may have changed since this was written
_SAMPLE = 20  # denied names that are looked up once more


async def explain_denials(looked: Looked, planned: Plan, web: Web) -> Mapping[str, str]:
    """Return why links with unknown domains may be good, by URL: too many are denied, by name servers that err.

    Domains on which an earlier run found a failure do not count: that is no news.

    Args:
        looked: What the pages said, over all looks and workers.
        planned: What the run asked, with what earlier runs saw.
        web: The network; only names are looked up.
    """
    whys: dict[str, str] = {}
    denied = [url for url, check in notable(looked.checks) if _is_denied(check, looked.failures.get(url))]
    if domains := _suspicious(denied, looked, planned):
        whys |= dict.fromkeys(denied, await _why_disbelieved(domains, web) or "")
    unanswered = [url for url, check in notable(looked.checks) if _is_unanswered(check, looked.failures.get(url))]
    if domains := _suspicious(unanswered, looked, planned):
        whys |= dict.fromkeys(unanswered, await _why_unanswered(domains, web) or "")
    return {url: why for url, why in whys.items() if why}


def _is_denied(check: LinkCheck, failure: str | None) -> bool:
    """Whether a link leads to a name that is unknown, and not merely invalid."""
    last = check.evidence[-1]
    is_dead = check.verdict in (Verdict.BROKEN, Verdict.SUSPECT) and last.asked == WEB
    return is_dead and failure == "dns-missing" and last.saw.startswith("domain not found")


def _is_unanswered(check: LinkCheck, failure: str | None) -> bool:
    return failure == "dns" and check.verdict is Verdict.UNKNOWN and check.evidence[-1].asked == WEB


def _suspicious(urls: Iterable[str], looked: Looked, planned: Plan) -> dict[str, str]:
    """Return the hosts by their domains, of which no other host was found; none if they are few."""
    own = [url for url in urls if not _was_redirected(looked.checks[url])]
    if len(own) < _LEAST_DOMAINS:
        return {}
    most = _MOST_THERE * len({domain_of(url) for url in own})
    there = _domains_there(looked, most)
    if len(there) > most:
        return {}
    new = sorted(url for url in own if domain_of(url) not in there and not _failed_before(url, planned))
    domains = {domain_of(url): host_of(url) for url in reversed(new)}
    return domains if len(domains) >= max(_LEAST_DOMAINS, len(there) / _MOST_THERE) else {}


def _domains_there(looked: Looked, most: int) -> set[str]:
    """Return the domains with a host that was found, or some of them, if there are more: of a long list, most are."""
    named = (url for url, failure in looked.failures.items() if failure not in ("dns", "dns-missing"))
    there: set[str] = set()
    for domain in chain((registrable_domain(host) for host, _ in looked.ends), map(domain_of, named)):
        there.add(domain)
        if len(there) > most:
            break
    return there


def _was_redirected(check: LinkCheck) -> bool:
    """Whether the link's own host answered, and led to one that did not."""
    return any(row.status is not None for row in check.evidence)


def _failed_before(url: str, planned: Plan) -> bool:
    pasts = (each.given.history.links.get(url) for each in planned.catalogs)
    return any(past is not None and past.trouble for past in pasts)


async def _why_disbelieved(domains: Mapping[str, str], web: Web) -> str | None:
    """Return why denials do not count; None if the name servers know all names that exist."""
    number = f"{len(domains)} domains were not found"
    if web.stop.why:
        return f"{number}, and the run was stopped before the name servers were tested"
    sample = list(domains.values())[:_SAMPLE]  # workers may have other name servers than this process
    exists = await web.do_names_exist([*_WITNESSES, *sample])
    if found := [name for name in sample if exists.get(name)]:
        return f"{number}, but another lookup found {found[0]}; the name servers are not reliable"
    lies = [name for name in _WITNESSES if not exists.get(name)]
    if len(lies) < _LIES:
        return None
    return f"{number}, but neither was {lies[0]}, which exists; the name servers seem to filter names"


async def _why_unanswered(domains: Mapping[str, str], web: Web) -> str | None:
    """Return why names without an answer say nothing of their domains; None if the name servers answer otherwise."""
    if web.stop.why:
        return None
    exists = await web.do_names_exist(_WITNESSES)
    lacking = [name for name in _WITNESSES if not exists.get(name)]
    if len(lacking) < _LIES:
        return None
    return f"{len(domains)} domains could not be looked up, nor could {lacking[0]}; the name servers are out of order"
