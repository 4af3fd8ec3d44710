"""The rules on all links of a host."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from enrich.model import Entry, Finding, LinkCheck, Severity, Verdict
from enrich.services import EARLIER_RUNS, WEB
from enrich.text.urls import host_of

HOST_RULES = ("host-outage", "site-closed")
"""Rules whose findings may be about a whole host: these have no entry, and the host's front page as URL."""

_MANY = 3  # number of links from which there is one finding on the host instead of one for each
_NAMED = 3  # pages that a finding names


def is_of_host(finding: Finding) -> bool:
    """Whether the finding is about a whole host."""
    return finding.rule in HOST_RULES and finding.entry is None


def host_of_finding(finding: Finding) -> str:
    """Return the host of the finding's link, empty if it has none."""
    return host_of(finding.url or "")


def outages(checks: Iterable[LinkCheck], entries: Iterable[Entry] = ()) -> tuple[tuple[Finding, ...], frozenset[str]]:
    """Return one finding per host all of whose links (three or more) gave no response, and the URLs of these.

    It is always a warning, and an error only if two vantage points saw it. A host name that does not exist is not an
    outage: each link is broken and needs its own correction.
    """
    silent: dict[str, list[LinkCheck]] = defaultdict(list)
    heard = set()
    for check in filter(_is_of_page, checks):
        if check.is_unanswered:
            silent[host_of(check.url)].append(check)
        else:
            heard.add(host_of(check.url))
    down = {host: own for host, own in silent.items() if len(own) >= _MANY and host not in heard}
    urls, counts = _spoken_for(down, entries)
    return tuple(_outage(host, own, counts[host]) for host, own in sorted(down.items())), urls


def closed_sites(
    checks: Iterable[LinkCheck], entries: Iterable[Entry] = ()
) -> tuple[tuple[Finding, ...], frozenset[str]]:
    """Return one finding per host that redirects three or more links to other pages, and the URLs of these."""
    hosts: dict[str, list[LinkCheck]] = defaultdict(list)
    for check in checks:
        if check.verdict is Verdict.SUSPECT and check.forwarded_to:
            hosts[host_of(check.url)].append(check)
    closed = {host: own for host, own in hosts.items() if len(own) >= _MANY}
    urls, counts = _spoken_for(closed, entries)
    return tuple(_closed(host, own, counts[host]) for host, own in sorted(closed.items())), urls


def _spoken_for(
    hosts: Mapping[str, Sequence[LinkCheck]], entries: Iterable[Entry]
) -> tuple[frozenset[str], Mapping[str, int]]:
    """Return the URLs of the hosts' links, and the number of entries with links of each host."""
    urls = frozenset(check.url for own in hosts.values() for check in own)
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for entry in entries if urls else ():
        for link in entry.links_to(urls):
            keys[host_of(link.url)].add(entry.key)
    return urls, Counter({host: len(held) for host, held in keys.items()})


def _outage(host: str, checks: Sequence[LinkCheck], entries: int) -> Finding:
    lasted = [check for check in checks if check.is_by_time]
    # The history's words on a lasting failure begin with its first day.
    check = min(lasted, key=lambda check: check.evidence[-1].saw.partition(" since ")[2]) if lasted else checks[0]
    words = "; ".join(row.saw for row in check.evidence[-2 if lasted else -1 :])
    return Finding(
        "host-outage",
        Severity.ERROR if all(check.verdict is Verdict.BROKEN for check in checks) else Severity.WARNING,
        f"{host}: all {len(checks)} links{_of(entries)} failed: {words}",
        url=f"https://{host}/",
        evidence=check.evidence,
        suggestion=f"https://web.archive.org/web/*/{host}/*" if any(check.copy for check in checks) else None,
    )


def _closed(host: str, checks: Sequence[LinkCheck], entries: int) -> Finding:
    ends = Counter(check.forwarded_to or "" for check in checks)
    named = ", ".join(end for end, _ in ends.most_common(_NAMED))
    more = f" and {len(ends) - _NAMED} more" if len(ends) > _NAMED else ""
    return Finding(
        "site-closed",
        Severity.WARNING,
        f"{host} redirects {len(checks)} links{_of(entries)} to {named}{more}",
        url=f"https://{host}/",
        evidence=checks[0].evidence,
    )


def _of(entries: int) -> str:
    return f" (of {entries} {'entry' if entries == 1 else 'entries'})" if entries else ""


def _is_of_page(check: LinkCheck) -> bool:
    """Whether the page's own server was asked last; otherwise another service's answer decided."""
    seen = [row for row in check.evidence if row.asked != EARLIER_RUNS]
    return bool(seen) and seen[-1].asked == WEB
