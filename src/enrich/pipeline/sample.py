"""A trial run on some of a catalog's links: which they are, and which hosts need a manual check; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest

from enrich.model import LinkCheck, Verdict
from enrich.text.urls import host_of

_TELLING = 3  # links of a host, none of them ok, from which the host should be checked rather than the links


def spread_over_hosts(urls: Iterable[str], most: int) -> frozenset[str]:
    """Return at most so many URLs: the first of each host, then the second of each, and so on."""
    by_host: dict[str, list[str]] = {}
    for url in urls:
        by_host.setdefault(host_of(url), []).append(url)
    rounds = chain.from_iterable(zip_longest(*by_host.values()))
    return frozenset([url for url in rounds if url is not None][:most])


def hosts_to_look_at(checks: Sequence[LinkCheck]) -> tuple[str, ...]:
    """Return a sentence for each host of three links or more none of which is ok, hosts with most links first."""
    by_host: dict[str, Counter[Verdict]] = {}
    for check in checks:
        if check.verdict is not Verdict.SKIPPED:
            by_host.setdefault(host_of(check.url), Counter())[check.verdict] += 1
    bad = [(host, seen) for host, seen in by_host.items() if seen.total() >= _TELLING and Verdict.OK not in seen]
    bad.sort(key=lambda row: (-row[1].total(), row[0]))
    return tuple(
        f"No link is ok on {host} ({', '.join(f'{count} {verdict}' for verdict, count in seen.most_common())}): "
        "open some of them in a browser."
        for host, seen in bad
    )
