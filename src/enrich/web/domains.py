"""The registrable domain of a host, by the public suffix list (https://publicsuffix.org)."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

from publicsuffixlist import PSLFILE, PublicSuffixList, encode_idn

from enrich.text.urls import host_of
from enrich.web.guard import literal
from enrich.web.request import NotFetchableError, to_url

_QUAD = r"(?:0|[1-9][0-9]{0,2})"
_PLAIN = re.compile(rf"(?:[a-z0-9-]+\.)+[a-z]+|{_QUAD}(?:\.{_QUAD}){{3}}")  # ASCII form


@lru_cache(maxsize=65536)
def registrable_domain(host: str) -> str:
    """Return the registrable domain of a host; the host itself if it is an address or a public suffix."""
    host = host.removesuffix(".")
    if literal(host) is not None:
        return host
    return _public_suffixes().privatesuffix(host) or host


def domain_of(url: str) -> str:
    """Return the registrable domain of a URL's host; empty if the URL cannot be requested."""
    host = host_of(url)
    if not _PLAIN.fullmatch(host):
        try:
            host = to_url(url).host
        except NotFetchableError:
            return ""
    return registrable_domain(host)


def is_public_suffix(domain: str) -> bool:
    """Whether anyone may register names below the domain, as below `co.uk` and `github.io`."""
    return _public_suffixes().is_public(domain)


@cache
def _public_suffixes() -> PublicSuffixList:
    """Read the list; only if a domain is needed, as it takes a fortieth of a second."""
    rules = re.findall(r"^(?!//)\S+", Path(PSLFILE).read_text("utf-8"), re.MULTILINE)
    # The reader would encode all rules, most of which are ASCII.
    encoded = ["!" * rule.startswith("!") + encode_idn(rule.lstrip("!")) for rule in rules if not rule.isascii()]
    return PublicSuffixList([*rules, *encoded], accept_encoded_idn=False)
