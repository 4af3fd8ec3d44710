"""Values for a host, or for a part of one: several services may be behind one gateway. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar
from urllib.parse import urlsplit

V = TypeVar("V")

_PORTS = {"http": 80, "https": 443}


def scope_of(base: str, *, with_port: bool = False) -> str:
    """Return the scope of a base URL: its host and path, as in `gateway.example.org/arxiv`.

    With `with_port`, a non-standard port is part of the host, as in `ghe.example.org:8443/api/v3`.
    """
    parts = urlsplit(base)
    host = (parts.hostname or "").lower()
    if with_port:
        host = f"[{host}]" if ":" in host else host
        host += f":{parts.port}" if parts.port and parts.port != _PORTS.get(parts.scheme) else ""
    return host + parts.path.rstrip("/")


class Scopes(Generic[V]):
    """Values by scope: a host, or a host and a path below which the value applies; the longest path wins."""

    def __init__(self, values: Mapping[str, V]) -> None:
        self._by_host: dict[str, list[tuple[str, V]]] = {}
        for scope, value in sorted(values.items(), key=lambda item: len(item[0]), reverse=True):
            host, slash, path = scope.partition("/")
            self._by_host.setdefault(host.lower(), []).append((slash + path, value))

    def find(self, host: str, path: str = "/") -> V | None:
        """Return the value for a path of a host, None without one."""
        for prefix, value in self._by_host.get(host, ()):
            if not prefix or path == prefix or path.startswith((f"{prefix}/", f"{prefix}?")):
                return value
        return None
