"""Detect name servers that deny names that exist: a filter, a sign-in network, a server for local names only."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from enrich.model import Verdict
from enrich.pipeline.pages import Looked
from enrich.pipeline.values import Plan
from enrich.services import WEB
from enrich.text.urls import host_of
from enrich.web import Web, domain_of, registrable_domain

_WITNESSES = (
    *("www.acm.org", "www.apache.org", "www.debian.org", "www.ieee.org", "www.kernel.org", "www.mit.edu"),
    *("www.mozilla.org", "www.nature.com", "www.ox.ac.uk", "www.python.org", "www.w3.org", "www.wikipedia.org"),
)
"""Names that exist, of unrelated owners; a filter that allows only a few sites denies them as well."""

# In lists that nobody checked for years, one domain in ten is gone.
_LEAST_DOMAINS = 5
_LEAST_SHARE = 0.2
_LIES = 2  # one of the names may have changed since this was written
_SAMPLE = 20  # denied names that are looked up once more


async def explain_denials(looked: Looked, planned: Plan, web: Web) -> Mapping[str, str]:
    """Return why links with unknown domains may be good, by URL: too many are denied, by name servers that err.

    Domains on which an earlier run found a failure do not count: that is no news. Workers may have other name servers
    than this process, which looks up some of their names again.

    Args:
        looked: What the pages said, over all looks and workers.
        planned: What the run asked, with what earlier runs saw.
        web: The network; only names are looked up.
    """
    denied = [url for url, failure in looked.failures.items() if failure == "dns-missing" and _is_dead(looked, url)]
    new = [url for url in denied if not _is_redirected(looked, url) and not _failed_before(url, planned)]
    if len(new) < _LEAST_DOMAINS:
        return {}
    there = _domains_with_hosts(looked)
    domains = {domain: host_of(url) for url in sorted(new) if (domain := domain_of(url)) not in there}
    if len(domains) < max(_LEAST_DOMAINS, _LEAST_SHARE * (len(domains) + len(there))):
        return {}
    why = await _why_disbelieved(domains.values(), web)
    return dict.fromkeys(denied, why) if why else {}


def _is_dead(looked: Looked, url: str) -> bool:
    check = looked.checks.get(url)
    return check is not None and check.verdict in (Verdict.BROKEN, Verdict.SUSPECT) and check.evidence[-1].asked == WEB


def _is_redirected(looked: Looked, url: str) -> bool:
    """Whether the link's own host answered, and led to the missing one."""
    return any(row.status is not None for row in looked.checks[url].evidence)


def _failed_before(url: str, planned: Plan) -> bool:
    pasts = (each.given.history.links.get(url) for each in planned.catalogs)
    return any(past is not None and past.trouble == "failing" for past in pasts)


def _domains_with_hosts(looked: Looked) -> set[str]:
    """Return the domains of links that have a host whose name exists."""
    answered = {registrable_domain(host) for host, _ in looked.ends}
    failed = {domain_of(url) for url, failure in looked.failures.items() if failure not in ("dns", "dns-missing")}
    return (answered | failed) - {""}


async def _why_disbelieved(denied: Collection[str], web: Web) -> str | None:
    """Return why the answers of name servers do not count; None if they know all names that exist."""
    number = f"{len(denied)} domains were not found"
    sample = list(denied)[:_SAMPLE]
    exists = await web.do_names_exist([*_WITNESSES, *sample])
    if found := [name for name in sample if exists.get(name)]:
        return f"{number}, but another lookup found {found[0]}; the name servers are not reliable"
    lies = [name for name in _WITNESSES if not exists.get(name)]
    if len(lies) < _LIES:
        return None
    return f"{number}, but neither was {lies[0]}, which exists; the name servers seem to filter names"
