"""A normal form of URLs that is the same for all URLs of one page; pure."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, quote_plus, unquote_to_bytes, urlsplit, urlunsplit

from enrich.text.urls import LONGEST_URL

_NOISE = re.compile(rb"utm_\w+|spm|fbclid|gclid|mc_[ce]id|igshid|hss_channel|ref_src|from_search")


@lru_cache(maxsize=4096)
def normalise_url(url: str) -> str:
    """Return a form that is the same for all URLs of a page; only for comparison, never to be fetched.

    Scheme, `www.`, letter case of the host, default ports, fragments, trailing slashes, tracking parameters and the
    order of parameters make no difference. Text that is not a web address, or too long for one, is returned unchanged.
    """
    if len(url) > LONGEST_URL:
        return url
    # A lone surrogate is not a character and cannot be percent-encoded.
    url = url.strip().encode("utf-8", "replace").decode()
    try:
        parts = urlsplit(url)
        host, port = re.sub(r"^(?:www\.)+", "", (parts.hostname or "").lower()), parts.port
    except ValueError:
        return url
    if not host or parts.scheme not in ("http", "https"):
        return url
    netloc = f"[{host}]" if ":" in host else host
    if port not in (None, 80, 443):
        netloc += f":{port}"
    # Bytes, as a percent-encoded path may not be UTF-8.
    path = quote(unquote_to_bytes(parts.path), safe="/:;=@~!$&'()*+,._-").rstrip("/")
    return urlunsplit(("https", netloc, path, _normalised_query(parts.query), ""))


def _normalised_query(query: str) -> str:
    pairs = []
    for part in filter(None, query.split("&")):
        name, _, value = part.replace("+", " ").partition("=")
        pairs.append((unquote_to_bytes(name), unquote_to_bytes(value)))
    return "&".join(f"{quote_plus(k)}={quote_plus(v)}" for k, v in sorted(pairs) if not _NOISE.fullmatch(k))
