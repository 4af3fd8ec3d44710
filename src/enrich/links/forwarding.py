"""Moves in the light of all links of a run: a site that sends many links to one page has not moved them. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from enrich.identifiers import normalise_url, of_url
from enrich.links.moves import is_deep, is_redirector, is_repository, refusal
from enrich.model import Evidence, LinkCheck, Verdict, notable
from enrich.services import WEB
from enrich.text.urls import host_of, split_url

_INDEX = re.compile(r"/(?:index|default)\.\w{2,5}$")
# Second-level domains below which names are registered: the site of `www.cs.uni.ac.uk` is `uni.ac.uk`.
_SHARED = frozenset(("ac", "co", "com", "edu", "gov", "net", "org"))


def settled_moves(checks: Mapping[str, LinkCheck], before: Mapping[str, str] | None = None) -> dict[str, LinkCheck]:
    """Return the notable checks; a link that only seems to have moved gets its real verdict.

    If two or more different links of a host end on one page, the site is closed or reorganised, and they are suspect. A
    new URL that links of several hosts share, or that is worse than the old one, is not a move: they are `ok`. URLs of
    the same page (`http` and `https`, `www.`, a last slash, letter case, the same identifier) are one link.
    Repositories are left to GitHub's answers.

    Args:
        checks: The verdicts of a run by URL.
        before: Where links ended in earlier runs by URL; it counts for links that this run did not see.
    """
    fit = {url: _fit(check) for url, check in notable(checks)}
    moved = {url: check for url, check in fit.items() if _is_redirected(check)}
    ends = {url: _ends(check) for url, check in moved.items()}
    unseen = {url: end for url, end in (before or {}).items() if _is_unseen(checks.get(url)) and _may_share(url)}
    shared = _shared({**ends, **{url: {normalise_url(end)} for url, end in unseen.items()}})
    return {**fit, **{url: _settled(check, [shared[end] for end in ends[url]]) for url, check in moved.items()}}


def _fit(check: LinkCheck) -> LinkCheck:
    """Return the check without a new URL that must not replace the old one."""
    if check.new_url is None or refusal(check.url, check.new_url) is None:
        return check
    return replace(check, verdict=Verdict.OK, new_url=None)


def _is_redirected(check: LinkCheck) -> bool:
    """Whether the link redirects permanently, or temporarily to another site."""
    end = check.page.url if check.page else check.url
    leaves = check.verdict is Verdict.OK and end != check.url and _site(end) != _site(check.url)
    redirected = leaves or check.new_url is not None or check.forwarded_to is not None
    return redirected and check.repository is None and _may_share(check.url)


def _may_share(url: str) -> bool:
    return is_deep(split_url(url)) and not is_redirector(url) and not is_repository(url)


def _is_unseen(check: LinkCheck | None) -> bool:
    return check is None or check.is_unanswered or check.verdict in (Verdict.UNKNOWN, Verdict.BLOCKED)


def _ends(check: LinkCheck) -> set[str]:
    """Return the target of the link in normal form."""
    addresses = (check.new_url, check.forwarded_to, check.page and check.page.url)
    return {normalise_url(address) for address in addresses if address}


def _shared(ends: Mapping[str, set[str]]) -> dict[str, dict[str, set[str]]]:
    """Return the different links that end on a page, by the page and by the links' host."""
    shared: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for url, found in ends.items():
        for end in found:
            shared[end][_host(url)].add(_link(url))
    return shared


def _settled(check: LinkCheck, sharing: Sequence[Mapping[str, set[str]]]) -> LinkCheck:
    """Return the verdict, given the links that share each of the targets."""
    host = _host(check.url)
    of_host = max((len(links[host]) for links in sharing if host in links), default=0)
    if of_host > 1:
        return _closed(check, of_host)
    if check.verdict is Verdict.MOVED and any(len(set().union(*links.values())) > 1 for links in sharing):
        return replace(check, verdict=Verdict.OK, new_url=None, forwarded_to=check.new_url)
    return check


def _closed(check: LinkCheck, links: int) -> LinkCheck:
    end = check.forwarded_to or (check.page and check.page.url) or check.new_url or ""
    others = "another link" if links == 2 else f"{links - 1} other links"
    saw = f"redirects to the same page as {others} of {_host(check.url)}: {end}"
    last = replace(check.evidence[-1], saw=saw) if check.evidence else Evidence(WEB, "", saw)
    evidence = (*check.evidence[:-1], last)
    return replace(check, verdict=Verdict.SUSPECT, evidence=evidence, new_url=None, page=None, forwarded_to=end)


def _link(url: str) -> str:
    """Return a normal form that is the same for all URLs of one page or paper."""
    identifiers = of_url(url)
    return str(identifiers[0]) if identifiers else _INDEX.sub("", normalise_url(url).lower())


def _host(url: str) -> str:
    return host_of(url).removeprefix("www.")


def _site(url: str) -> str:
    labels = _host(url).split(".")
    return ".".join(labels[-3 if len(labels) > 2 and labels[-2] in _SHARED else -2 :])
