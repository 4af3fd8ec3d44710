"""A request, and what may be requested: URLs and headers from strangers, checked. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from json import dumps
from typing import Self
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import httpx

from enrich.model import EnrichError
from enrich.text.urls import BAD_PORTS, LONGEST_URL
from enrich.web.guard import literal

URL_TOO_LONG = f"URLs of more than {LONGEST_URL:,} characters are not fetched"
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f.]*:[0-9a-f:.]*(%[a-z0-9._%-]+)?")


class NotFetchableError(ValueError):
    """The URL is none that could be fetched; the text says why, without repeating it."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request before keys and cookies; header names are in lower case.

    `keyed` tells that the host's key goes along; `tls_trouble` what to look past, with a request that carries neither
    keys nor cookies. `host` is in ASCII (punycode) and lower case, `path` is as it goes
    over the wire, `text` the URL as text.
    """

    method: str
    url: httpx.URL
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    keyed: bool = False
    tls_trouble: str | None = None
    host: str = field(init=False)
    path: str = field(init=False)
    text: str = field(init=False)

    @classmethod
    def of(cls, url: httpx.URL, method: str, json: object, headers: Mapping[str, str], *, keyed: bool) -> Self:
        """Return a request with a body of JSON, unless that is None.

        Raises:
            EnrichError: When a header's value cannot be sent.
        """
        given = clean_headers(headers, "the request")
        if json is None:
            return cls(method, url, given, keyed=keyed)
        return cls(method, url, (*given, ("content-type", "application/json")), json_body(json), keyed=keyed)

    def __post_init__(self) -> None:
        object.__setattr__(self, "host", wire_host(self.url))
        object.__setattr__(self, "path", self.url.raw_path.decode("ascii"))
        object.__setattr__(self, "text", str(self.url))


def json_body(value: object) -> bytes:
    """Return the body in which a value is sent as JSON."""
    return dumps(value, separators=(",", ":")).encode()


def wire_host(url: httpx.URL) -> str:
    """Return the host as it goes over the wire, in lower case."""
    return url.raw_host.decode("ascii").lower()


def to_url(text: str, params: Mapping[str, str] | None = None) -> httpx.URL:
    """Read a URL for fetching: credentials and fragment are dropped, the path stays as it is written.

    Raises:
        NotFetchableError: For another scheme than http and https, or for what is no URL.
    """
    if len(text) > LONGEST_URL:
        raise NotFetchableError(URL_TOO_LONG)
    scheme = text.strip().partition(":")[0].lower()
    if scheme not in {"http", "https"}:
        named = f"{scheme}: links" if re.fullmatch(r"[a-z][a-z0-9+.-]{0,30}", scheme) else "such links"
        raise NotFetchableError(f"{named} are not fetched, only http and https")
    try:
        # httpx takes the standard port of `HTTP://` for one to be named.
        url = _parsed(scheme + text.strip().partition("#")[0][len(scheme) :])
        if params:
            query = "&".join(part for part in (url.query.decode("ascii"), urlencode(params, quote_via=quote)) if part)
            url = url.copy_with(query=query.encode("ascii"))
        if url.userinfo:
            url = url.copy_with(username=None, password=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise NotFetchableError("the URL is malformed") from error
    port = 80 if url.port is None else url.port
    if not _HOST.fullmatch(wire_host(url)) or not 0 < port < 2**16:
        raise NotFetchableError("not a valid host name")
    if port in BAD_PORTS:
        raise NotFetchableError(f"port {port} is not used for web pages; not fetched")
    return url


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


def clean_headers(headers: Mapping[str, str], of: str) -> tuple[tuple[str, str], ...]:
    """Return headers with lower-case names, without the line break that a key read from a file often ends in.

    Raises:
        EnrichError: When a value cannot go into a header; the text names the header, never the value.
    """
    clean = tuple((name.lower(), value.strip()) for name, value in headers.items())
    for name, value in clean:
        if not (value.isascii() and value.isprintable()):
            raise EnrichError(
                f"invalid header {name} for {of}: it has a line break, a control character or a non-ASCII letter; "
                "fix the variable or setting that it comes from"
            )
    return clean
