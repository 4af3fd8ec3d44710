"""The cookies of one chain of redirects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from enrich.web.domains import is_public_suffix
from enrich.web.guard import literal
from enrich.web.request import Url

_MOST = 50  # that are sent to one host; RFC 6265, section 6.1, requires at least this of a browser


@dataclass(frozen=True, slots=True)
class _Cookie:
    value: str
    secure: bool


@dataclass(slots=True)
class Cookies:
    """The cookies of one chain of redirects: a wall may set one and redirect to itself, or to a sister host.

    They are sent to the host that set them, or to the hosts below its Domain attribute (RFC 6265), but never to a whole
    public suffix such as `co.uk` or `github.io`. Paths are ignored.
    """

    _jar: dict[tuple[str, bool], dict[str, _Cookie]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self._jar)

    def take(self, url: Url, lines: Iterable[str]) -> None:
        """Store the cookies of a reply's Set-Cookie lines."""
        for line in lines:
            pair, _, rest = line.partition(";")
            name, equals, value = (part.strip() for part in pair.partition("="))
            attributes = _attributes(rest)
            place = _place(url.host, attributes.get("domain", ""))
            secure = "secure" in attributes
            if not equals or not name or place is None or (secure and url.scheme != "https"):
                continue
            cookies = self._jar.setdefault(place, {})
            if attributes.get("max-age", "").removeprefix("-") == "0" or attributes.get("max-age", "").startswith("-"):
                cookies.pop(name, None)
            elif name in cookies or len(cookies) < _MOST:
                cookies[name] = _Cookie(value, secure)

    def plain(self) -> tuple[tuple[str, bool, str, str, bool], ...]:
        """Return them as plain values: domain, whether subdomains get it, name, value, whether only over https."""
        return tuple(
            (domain, is_shared, name, cookie.value, cookie.secure)
            for (domain, is_shared), cookies in self._jar.items()
            for name, cookie in cookies.items()
        )

    def put_back(self, plain: Iterable[tuple[str, bool, str, str, bool]]) -> None:
        """Replace all cookies by these."""
        self._jar.clear()
        for domain, is_shared, name, value, secure in plain:
            self._jar.setdefault((domain, is_shared), {})[name] = _Cookie(value, secure)

    def header(self, url: Url) -> str:
        """Return the value of the Cookie header for a URL, empty without cookies."""
        if not self._jar:
            return ""
        host = url.host
        fitting = {
            name: cookie.value
            for (domain, is_shared), cookies in self._jar.items()
            if domain == host or (is_shared and host.endswith(f".{domain}"))
            for name, cookie in cookies.items()
            if url.scheme == "https" or not cookie.secure
        }
        return "; ".join(f"{name}={value}" for name, value in list(fitting.items())[:_MOST])


def _attributes(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _place(host: str, domain: str) -> tuple[str, bool] | None:
    """Return where a cookie belongs, and whether to subdomains, too; None if it must not be kept."""
    domain = domain.lower().removeprefix(".")
    if not domain or domain == host:
        is_shared = bool(domain) and literal(host) is None and not is_public_suffix(domain)
        return host, is_shared
    inside = host.endswith(f".{domain}") and literal(host) is None
    return (domain, True) if inside and not is_public_suffix(domain) else None
