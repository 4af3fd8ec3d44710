"""The directory of services: where each is asked, at which pace, with which key, and how `doctor` looks for it.

All of it follows the base URLs of the settings: a mirror gets its service's pace and, where it is trusted, its key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import urlsplit

from enrich.settings import HostPace, Loaded
from enrich.sources import archive, arxiv, crossref, datacite, doi, github, openalex, semantic_scholar
from enrich.web import Pace, scope_of


class _Source(Protocol):
    NAME: str
    BASE: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service as commands see it.

    Attributes:
        source: The module that asks it.
        paces: Its published limits by host; with a contact address some allow more.
        probe: A cheap question, as a path below the base URL; None where there is none.
        key: The variable that holds its key, None where it has none.
        header: The header that carries the key, and its form.
        needs_key: Whether it answers nobody without a key.
        addresses: Where it is asked, by its base URL.
    """

    source: _Source
    paces: Callable[[bool], Mapping[str, Pace]]
    probe: str | None = None
    key: str | None = None
    header: tuple[str, str] = ("", "")
    needs_key: bool = False
    addresses: Callable[[str], tuple[str, ...]] = lambda base: (base,)


SERVICES = (
    Service(arxiv, lambda _: arxiv.PACES, "/api/query?id_list=1706.03762&max_results=1"),
    Service(
        semantic_scholar,
        lambda _: semantic_scholar.PACES,
        "/graph/v1/paper/ARXIV:1706.03762?fields=title",
        key=semantic_scholar.KEY,
        header=("x-api-key", "{}"),
    ),
    Service(crossref, lambda contact: crossref.paces(contact=contact), "/works?rows=0"),
    Service(datacite, lambda _: datacite.PACES, "/dois/10.48550/arxiv.1706.03762"),
    Service(doi, lambda _: doi.PACES, "/api/handles/10.1000/1?type=URL"),
    Service(
        github,
        lambda _: github.PACES,
        "/rate_limit",
        key=github.KEY,
        header=("Authorization", "Bearer {}"),
        addresses=lambda base: (base, github.graphql(base)),
    ),
    Service(
        openalex,
        lambda _: openalex.PACES,
        # One work by its identifier costs nothing: https://developers.openalex.org/guides/authentication
        "/works/doi:10.7717/peerj.4375?select=id",
        key=openalex.KEY,
        header=("Authorization", "Bearer {}"),
        needs_key=True,
    ),
    Service(archive, lambda _: archive.PACES),
)


def _default_base(_: str, default: str) -> str:
    return default


def paces(
    *,
    contact: bool,
    base: Callable[[str, str], str] = _default_base,
    own: Mapping[str, HostPace] | None = None,
    may_hurry: bool = True,
) -> dict[str, Pace]:
    """Return how fast hosts may be asked: the published limits of all services, then the settings' own.

    Args:
        contact: Whether a contact address is sent, with which Crossref allows more.
        base: The base URL of a service, given its name and its default; see `Loaded.base`.
        own: The limits of the settings by host; a host's own limit holds for every service that is asked there.
        may_hurry: Whether these may exceed the published ones: not when they are from a file that was merely found.
    """
    found: dict[str, Pace] = {}
    for service in SERVICES:
        name, default = service.source.NAME, service.source.BASE
        rows = service.paces(contact)
        pace = rows[urlsplit(default).hostname or ""]
        scopes = dict.fromkeys((scope_of(address) for address in service.addresses(base(name, default))), pace)
        for scope, row in {**rows, **scopes}.items():
            # A group of its own: services behind one gateway have limits of their own.
            found[scope] = replace(row, group=row.group or name, is_service=True)
    for host, limit in (own or {}).items():
        services = [scope for scope in found if scope.partition("/")[0] == host]
        pace = Pace(limit.interval, limit.concurrency, is_service=bool(services))
        found[host] = pace if may_hurry else _slower(pace, found.get(host, pace))
        found |= {scope: pace if may_hurry else _slower(pace, found[scope]) for scope in services}
    return found


def _slower(one: Pace, other: Pace) -> Pace:
    limits = [pace.concurrency for pace in (one, other) if pace.concurrency]
    return replace(other, interval=max(one.interval, other.interval), concurrency=min(limits, default=None))


def keys(loaded: Loaded, known: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the header for each key, by where it is sent: a host that only a file in the folder names gets none.

    Args:
        loaded: The settings, which name the base URLs.
        known: Keys by variable.
        environment: That of the process: GITHUB_API_URL tells whose server the job's token is for.
    """
    found = {}
    for service in SERVICES:
        default = service.source.BASE
        base = loaded.base(service.source.NAME, default)
        if base == github.BASE and (environment.get("GITHUB_API_URL") or base).rstrip("/") != base:
            continue  # on GitHub Enterprise the job's token is that server's own, and github.com refuses it
        if service.key and service.key in known and (loaded.trusts_services or base == default):
            header, form = service.header
            for address in service.addresses(base):
                found[scope_of(address, with_port=True)] = {header: form.format(known[service.key])}
    return found
