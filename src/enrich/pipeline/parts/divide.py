"""Divide the links of a run into parts: by registrable domain, the largest first; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from enrich.pipeline.pages import ToLook
from enrich.web import domain_of

LEAST_DOMAINS = 40
"""The minimum number of hosts per part: with four requests each they keep a worker's 160 in flight."""

_MOST_LINKS = 2_500  # of a part, as far as domains allow: a worker keeps about 1 KB per link
_ENOUGH_LINKS = 2_000  # for a job that is started for one part


def number_of_parts(wanted: Sequence[ToLook], workers: int | None = None) -> int:
    """Return the number of parts: one for each worker, more for very many links.

    Beyond one for each worker, and if their number is unknown (None), no part has less than 40 domains.
    """
    domains = len({domain_of(each.address) for each in wanted})
    least = min(workers or 1, domains)
    enough = -(-len(wanted) // _MOST_LINKS) if workers else -(-len(wanted) // _ENOUGH_LINKS)
    return max(1, least, min(enough, domains // LEAST_DOMAINS))


def divide(wanted: Iterable[ToLook], number: int) -> list[tuple[ToLook, ...]]:
    """Divide links into at most so many parts with about as many links each; a domain is in one part.

    Each part gets at least 40 domains if there are enough.
    """
    domains: dict[str, list[ToLook]] = {}
    for link in wanted:
        domains.setdefault(domain_of(link.address), []).append(link)
    number = max(1, min(number, len(domains)))
    parts: list[list[ToLook]] = [[] for _ in range(number)]
    missing = [LEAST_DOMAINS if number * LEAST_DOMAINS <= len(domains) else 1] * number
    left = len(domains)
    for _, links in sorted(domains.items(), key=lambda item: (-len(item[1]), item[0])):
        short = sum(missing)
        open_ones = range(number) if left > short else [at for at in range(number) if missing[at]]
        at = min(open_ones, key=lambda at: (len(parts[at]), at))
        parts[at] += links
        missing[at] = max(0, missing[at] - 1)
        left -= 1
    return [tuple(part) for part in sorted(parts, key=len, reverse=True) if part]
