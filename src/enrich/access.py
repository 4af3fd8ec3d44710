"""How services are asked: paces and keys by address, and the client that keeps them.

Both follow the base URLs of the settings: a mirror gets its service's pace and, where it is trusted, its key.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from enrich.model import Reply
from enrich.services import SERVICES
from enrich.settings import HostPace, Loaded
from enrich.text.urls import host_of
from enrich.web import Cache, Listener, Pace, Web, scope_of

if TYPE_CHECKING:
    from enrich.web import Transport


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
        contact: Whether a contact address is sent, with which some services allow more.
        base: The base URL of a service, given its name and its default; see `Loaded.base`.
        own: The limits of the settings by host; a host's own limit holds for every service that is asked there.
        may_hurry: Whether these may exceed the published ones: not when they are from a file that was merely found.
    """
    found: dict[str, Pace] = {}
    for service in SERVICES:
        limit = service.limit_with_contact if contact and service.limit_with_contact else service.limit
        # A separate group: services behind one gateway have their own limits.
        pace = Pace(limit.interval, limit.concurrency, group=service.name, is_service=True)
        hosts = (host_of(service.base), *service.other_hosts)
        addresses = service.addresses(base(service.name, service.base))
        found |= dict.fromkeys((*hosts, *map(scope_of, addresses)), pace)
    for host, chosen in (own or {}).items():
        services = [scope for scope in found if scope.partition("/")[0] == host]
        pace = Pace(chosen.interval, chosen.concurrency, is_service=bool(services))
        found[host] = pace if may_hurry else _slower(pace, found.get(host, pace))
        found |= {scope: pace if may_hurry else _slower(pace, found[scope]) for scope in services}
    return found


def _slower(one: Pace, other: Pace) -> Pace:
    limits = [pace.concurrency for pace in (one, other) if pace.concurrency]
    return replace(other, interval=max(one.interval, other.interval), concurrency=min(limits, default=None))


def open_web(
    loaded: Loaded,
    known: Mapping[str, str],
    environment: Mapping[str, str],
    cache: Cache,
    *,
    shared_paces: Path | None = None,
    offline: bool = False,
    transport: Transport | None = None,
    listener: Listener | None = None,
    witness: Callable[[Reply], None] | None = None,
) -> Web:
    """Return the network client, with the settings' paces, keys and limits.

    Args:
        loaded: The settings. A file that was merely found can slow a service down, not hurry it.
        known: Keys by variable.
        environment: That of the process, which may say whose server a key is for.
        cache: Where answers are kept.
        shared_paces: The folder by which processes on this machine keep the paces together.
        offline: Whether to use cached answers only.
        transport: Used instead of the network.
        listener: Receives the progress of the run.
        witness: Called with each reply.
    """
    return Web(
        cache=cache,
        transport=transport,
        paces=paces_of(loaded),
        shared_paces=shared_paces,
        keys=key_headers(loaded, known, environment),
        contact=loaded.settings.contact,
        allow_private=loaded.settings.allow_private,
        offline=offline,
        timeout=loaded.settings.timeout,
        tries=loaded.settings.tries,
        system_certificates=loaded.settings.system_certificates,
        listener=listener,
        witness=witness,
    )


def paces_of(loaded: Loaded) -> dict[str, Pace]:
    """Return the pace of hosts according to the settings; an untrusted file cannot make it faster."""
    chosen = loaded.settings
    return paces(contact=bool(chosen.contact), base=loaded.base, own=chosen.pace, may_hurry=loaded.is_trusted)


def key_headers(loaded: Loaded, known: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the header for each key, by where it is sent: a host that only a file in the folder names gets none.

    Args:
        loaded: The settings, which name the base URLs.
        known: Keys by variable.
        environment: That of the process, which may say whose server a key is for.
    """
    found = {}
    for service in SERVICES:
        base = loaded.base(service.name, service.base)
        server = environment.get(service.key_server, "") if service.key_server else ""
        if base == service.base and server and server.rstrip("/") != base:
            continue
        if service.key and service.key in known and (loaded.trusts_services or base == service.base):
            header, form = service.header
            for address in service.addresses(base):
                found[scope_of(address, with_port=True)] = {header: form.format(known[service.key])}
    return found


def user_cache() -> Path:
    """Return the user's cache, shared by all catalogs without a cache beside them."""
    try:
        former = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "enrich"
    except RuntimeError:
        return Path(tempfile.gettempdir()) / "enrich"
    folder = user_cache_path("enrich", appauthor=False)
    # Earlier versions used this folder on macOS and Windows, too; on Linux both are the same.
    return former if former.is_dir() and not folder.is_dir() else folder
