"""The proxies of the environment, and the form of requests sent through them: RFC 9110, 9112."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from urllib.request import getproxies

from enrich.model import EnrichError
from enrich.web.wire import Sending

_PORTS = {"http": 80, "https": 443}
# Statuses by which a gateway reports its own failure: https://www.rfc-editor.org/rfc/rfc9110#section-15.6.3
_GATEWAY_STATUSES = frozenset({502, 503, 504})
# Forward proxies, as they name themselves in `Server`; most origins name their own software there.
_PROXIES = re.compile(
    r"squid|tinyproxy|privoxy|polipo|mitmproxy|blue ?coat|proxysg|zscaler|web gateway|forcepoint|fortiproxy|mwg",
    re.IGNORECASE,
)
_NOT_A_PROXY = (
    "The proxy that the environment names (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY) is not a URL such as "
    "http://proxy.example.org:3128; set it right, or unset it."
)


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy; `over_tls`: it is reached over TLS; `headers` are only for it."""

    host: str
    port: int
    over_tls: bool = False
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def forwarded(self, request: Sending) -> Sending:
        """Return a request for an `http:` URL in the form for a proxy: RFC 9112, section 3.2.2."""
        target = f"http://{request.url.netloc}{request.url.path}"
        return replace(request, headers={**request.headers, **self.headers}, target=target)

    def tunnel(self, request: Sending) -> Sending:
        """Return the request for a tunnel to where a request goes: RFC 9110, section 9.3.6."""
        url = request.url
        target = url.netloc if url.port else f"{url.netloc}:{url.connect_port}"
        headers = {"Host": target, "User-Agent": request.headers.get("user-agent", ""), **self.headers}
        return Sending("CONNECT", url, headers, target=target)

    def is_own_reply(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether a reply to a forwarded request comes from the proxy rather than the origin."""
        if status < 400:
            return False
        last_hop = headers.get("proxy-status", "").rpartition(",")[2]
        if status == 407 or "proxy-authenticate" in headers or "x-squid-error" in headers or "error=" in last_hop:
            return True
        if status not in _GATEWAY_STATUSES:
            return False
        server = headers.get("server", "")
        return bool(_PROXIES.search(server)) if server else "via" in headers

    def refusal(self, status: int) -> str:
        """Return the words for a proxy that answers a tunnel request with that status, or any request with 407."""
        if status != 407:
            return f"the proxy did not connect (HTTP status {status})"
        if self.headers:
            return "the proxy rejected the user name and password in its URL (HTTP status 407)"
        return "the proxy requires a user name and password in its URL (HTTP status 407)"


def proxies_of_environment() -> Mapping[str, Proxy]:
    """Return the proxies by the scheme of the URLs that they are for.

    Raises:
        EnrichError: When one of them is not the URL of an HTTP proxy.
    """
    named = getproxies()
    urls = {scheme: named.get(scheme) or named.get("all") for scheme in _PORTS}
    return {scheme: _read(url) for scheme, url in urls.items() if url}


def _read(text: str) -> Proxy:
    httpx = import_module("httpx")  # imported late: it takes a tenth of a second, and few machines need a proxy
    try:
        url = httpx.URL(text if "://" in text else f"http://{text}")
    except httpx.InvalidURL:
        raise EnrichError(_NOT_A_PROXY) from None
    if url.scheme.startswith("socks"):
        raise EnrichError(
            "The environment names a SOCKS proxy, which is not supported; name an HTTP proxy, or unset it."
        )
    if url.scheme not in _PORTS or not url.host:
        raise EnrichError(_NOT_A_PROXY)
    credentials = b64encode(f"{url.username}:{url.password}".encode()).decode("ascii")
    headers = {"Proxy-Authorization": f"Basic {credentials}"} if url.userinfo else {}
    host = url.raw_host.decode("ascii").lower()
    return Proxy(host, url.port or _PORTS[url.scheme], url.scheme == "https", headers)
