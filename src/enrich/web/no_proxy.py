"""Hosts that NO_PROXY exempts from the proxy: names and domains, wildcards, addresses and networks."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase
from ipaddress import ip_network
from urllib.request import proxy_bypass

from enrich.web.guard import Address, literal

_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*):(?P<port>\d{1,5})")


def bypasses_proxy(host: str, port: int) -> bool:
    """Return whether a host bypasses the proxy, by NO_PROXY or by the system's list (macOS, Windows)."""
    patterns = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    name = host.lower().removesuffix(".")
    return any(_fits(pattern, name, port) for pattern in re.split(r"[,\s]+", patterns.lower())) or bool(
        proxy_bypass(host)
    )


def _fits(pattern: str, host: str, port: int) -> bool:
    if match := _PORT.fullmatch(pattern):
        pattern = match["host"]
        if int(match["port"]) != port:
            return False
    if not pattern:
        return False
    address = literal(host)
    if address is not None:
        return _holds(pattern, address) or ("*" in pattern and fnmatchcase(str(address), pattern))
    pattern = pattern.removesuffix(".")
    if pattern.startswith("*."):
        pattern = pattern[1:]
    if "*" in pattern:
        return fnmatchcase(host, pattern)
    # As in curl, Go and Python, a name includes its subdomains.
    pattern = pattern.removeprefix(".")
    return host == pattern or host.endswith(f".{pattern}")


def _holds(pattern: str, address: Address) -> bool:
    try:
        return address in ip_network(pattern.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return False
