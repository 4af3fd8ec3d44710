"""A request, and what may be requested: checks of URLs and headers from outside. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from json import dumps
from typing import NamedTuple, Self
from urllib.parse import quote, urlencode

from enrich.model import EnrichError
from enrich.text.urls import BAD_PORTS, LONGEST_URL

URL_TOO_LONG = f"URLs of more than {LONGEST_URL:,} characters are not fetched"
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f.]*:[0-9a-f:.]*(%[a-z0-9._%-]+)?")
_PORTS = {"http": 80, "https": 443}
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
# True for nearly all URLs: nothing in them needs to be folded, encoded, removed or rejected.
# An alternative is empty because of https://github.com/python/cpython/issues/106052.
_ORDINARY = re.compile(
    rf"(https?)://((?:[a-z0-9-]+\.)+[a-z]+|{_BYTE}(?:\.{_BYTE}){{3}})(?::([1-9][0-9]{{1,4}}))?"
    r"((?:/(?!\.)[\w~.!$&'()*+,;=:@%-]*|)*+(?:\?[\w~.!$&'()*+,;=:@%/?-]*+)?)(?:#|\Z)",
    re.ASCII,
)


class NotFetchableError(ValueError):
    """The URL cannot be fetched; the message says why, without repeating it."""


class Url(NamedTuple):
    """A URL as it goes over the wire: in ASCII, without credentials and fragment.

    Attributes:
        scheme: `http` or `https`.
        host: In lower case; an IPv6 address without its brackets.
        port: None if it is the scheme's own.
        netloc: Host and port as in the Host header.
        path: With the query.
        text: All of it.
    """

    scheme: str
    host: str
    port: int | None
    netloc: str
    path: str
    text: str

    @property
    def connect_port(self) -> int:
        """The port to connect to."""
        return self.port or _PORTS[self.scheme]


class Request(NamedTuple):
    """One request before keys and cookies; header names are in lower case.

    `keyed`: the host's key is sent; `tls_trouble`: the TLS problem to ignore, for a request without keys and cookies.
    """

    method: str
    url: Url
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    keyed: bool = False
    tls_trouble: str | None = None

    @classmethod
    def of(cls, url: Url, method: str, json: object, headers: Mapping[str, str], *, keyed: bool) -> Self:
        """Return a request with a body of JSON, unless that is None.

        Raises:
            EnrichError: When a header's value cannot be sent.
        """
        given = clean_headers(headers, "the request") if headers else ()
        if json is None:
            return cls(method, url, given, keyed=keyed)
        return cls(method, url, (*given, ("content-type", "application/json")), json_body(json), keyed=keyed)

    @property
    def host(self) -> str:
        """The host in its form for requests."""
        return self.url.host

    @property
    def path(self) -> str:
        """The path with the query in its form for requests."""
        return self.url.path

    @property
    def text(self) -> str:
        """The URL."""
        return self.url.text


def json_body(value: object) -> bytes:
    """Return the body with a value as JSON."""
    return dumps(value, separators=(",", ":")).encode()


def to_url(text: str, params: Mapping[str, str] | None = None) -> Url:
    """Read a URL for fetching: credentials and fragment are dropped, the path stays as it is written.

    Raises:
        NotFetchableError: For another scheme than http and https, or for text that is not a URL.
    """
    if len(text) > LONGEST_URL:
        raise NotFetchableError(URL_TOO_LONG)
    if not params and (ordinary := _ordinary(text)):
        return ordinary
    scheme = text.strip().partition(":")[0].lower()
    if scheme not in _PORTS:
        named = f"{scheme}: links" if re.fullmatch(r"[a-z][a-z0-9+.-]{0,30}", scheme) else "such links"
        raise NotFetchableError(f"{named} are not fetched, only http and https")
    query = urlencode(params, quote_via=quote) if params else ""
    # Late: httpx takes a tenth of a second to import, and knows what to make of the URLs that are not ordinary.
    read_url = import_module("enrich.web.unusual_urls").read_url
    # It reads the standard port of `HTTP://` as an explicit one.
    url: Url = read_url(scheme + text.strip().partition("#")[0][len(scheme) :], query)
    port = 80 if url.port is None else url.port
    if not _HOST.fullmatch(url.host) or not 0 < port < 2**16:
        raise NotFetchableError("not a valid host name")
    if port in BAD_PORTS:
        raise NotFetchableError(f"port {port} is not used for web pages; not fetched")
    return url


def _ordinary(text: str) -> Url | None:
    """Return a URL that needs no change, None if it may need one."""
    if not (match := _ORDINARY.match(text)):
        return None
    scheme, host, digits, path = match.groups()
    port = int(digits) if digits else None
    if port and (port == _PORTS[scheme] or port in BAD_PORTS or port >= 2**16):
        return None
    netloc = f"{host}:{digits}" if digits else host
    sent = path if path.startswith("/") else f"/{path}"
    return Url(scheme, host, port, netloc, sent, f"{scheme}://{netloc}{path}")


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
