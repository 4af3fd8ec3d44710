"""URLs that must be folded, encoded or cleaned before they are requested, by httpx. Pure."""

from __future__ import annotations

from ipaddress import IPv4Address
from urllib.parse import urlsplit, urlunsplit

import httpx

from enrich.web.guard import literal
from enrich.web.request import NotFetchableError, Url


def read_url(text: str, more_query: str = "") -> Url:
    """Return a URL of http or https without credentials, and with additional query parameters.

    Raises:
        NotFetchableError: For text that is not a URL.
    """
    try:
        url = _parsed(text)
        if more_query:
            query = "&".join(part for part in (url.query.decode("ascii"), more_query) if part)
            url = url.copy_with(query=query.encode("ascii"))
        if url.userinfo:
            url = url.copy_with(username=None, password=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise NotFetchableError("the URL is malformed") from error
    host = url.raw_host.decode("ascii").lower()
    return Url(url.scheme, host, url.port, url.netloc.decode("ascii"), url.raw_path.decode("ascii"), str(url))


def _parsed(text: str) -> httpx.URL:
    try:
        return httpx.URL(text)
    except httpx.InvalidURL:
        # httpx knows IDNA 2008 and dotted quads alone; emoji and full-width digits are of IDNA 2003, as Python's codec
        # is, and a quad may be octal: `0177.0.0.1` is to be called unsafe, not malformed.
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        address = literal(host)
        host = str(address) if isinstance(address, IPv4Address) else host
        if host == parts.hostname or not host:
            raise
        port = f":{parts.port}" if parts.port else ""
        return httpx.URL(urlunsplit(parts._replace(netloc=host + port)))
