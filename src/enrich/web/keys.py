"""Choose the key of a request: that of its host, only for lookups, and only over https."""

from __future__ import annotations

from collections.abc import Mapping

from enrich.web.request import Request, clean_headers
from enrich.web.scopes import Scopes, scope_of


class Keys:
    """Headers with keys, by scope: a host, or a host and a path."""

    def __init__(self, keys: Mapping[str, Mapping[str, str]]) -> None:
        self._keys = Scopes({scope: clean_headers(key, scope) for scope, key in keys.items() if key})

    def headers(self, request: Request) -> tuple[tuple[str, str], ...]:
        """Return the headers with the key for a request; none unless it is `keyed` and sent over https."""
        if not request.keyed or request.url.scheme != "https":
            return ()
        return self._keys.find(request.url.netloc, request.path) or ()

    def cover(self, where: str) -> bool:
        """Return whether what is fetched `keyed` below a base URL, or from a host, carries a key."""
        base = where if "://" in where else f"https://{where}"
        host, slash, path = scope_of(base, with_port=True).partition("/")
        return base.startswith("https:") and self._keys.find(host, slash + path) is not None
