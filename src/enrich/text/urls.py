"""URLs written by others: their host, and where a bare URL ends in a text."""

from __future__ import annotations

import re
from collections.abc import Container
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

LONGEST_URL = 8_000
"""Characters; every server should accept at least so many (https://www.rfc-editor.org/rfc/rfc9110#section-4.1-5)."""

_PORTS = (
    "0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 "
    "123 135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 "
    "990 993 995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080"
)
BAD_PORTS = frozenset(map(int, _PORTS.split()))
"""Ports of other services, to which a request could be a command: https://fetch.spec.whatwg.org/#port-blocking."""

# Nearly all URLs begin like this; nothing in them needs to be folded, decoded or refused.
_ORDINARY_HOST = re.compile(r"https?://([a-z0-9.-]+)(?::([0-5][0-9]{4}|[0-9]{1,4}))?(?:[/?#]|\Z)")
# The whole of such a URL in printable ASCII, which is split in half the time that `urlsplit` takes.
_ORDINARY_PARTS = re.compile(
    r"(https?)://([a-z0-9.-]+(?::(?:[0-5][0-9]{4}|[0-9]{1,4}))?)((?:/[!\"$->@-~]*)?)(?:\?([!\"$-~]*))?(?:#([!-~]*))?"
)

# RFC 6762 (appendix G), RFC 8375, and the domain that ICANN reserved.
_LOCAL = re.compile(
    r"\.(?:local|localdomain|localhost|internal|intranet|private|corp|home|lan|home\.arpa)$", re.IGNORECASE
)
_CLOSING = {")": "(", "]": "[", "）": "（", "】": "【", "」": "「"}
_OPENING = {opening: closing for closing, opening in _CLOSING.items()}
_BRACKET = re.compile(r"[()\[\]（）【】「」]")
_BARE = re.compile(r"[!-'*-Z\\^-~]*[A-Za-z0-9/]")  # ASCII without brackets, and no punctuation at the end: most URLs
_TRAILING = frozenset("?!.,:*_~'\"。，；：！？、…")
_PARTS_SENTENCES = re.compile("[。，、；]")  # no space follows these, and they are always escaped in a URL
_LONGEST_ENTITY = 34


@lru_cache(maxsize=4096)
def split_url(url: str) -> SplitResult:
    """Return the parts of a URL; all empty if it is malformed or too long, as hosts are normalized as Unicode."""
    if len(url) <= LONGEST_URL and (ordinary := _ORDINARY_PARTS.fullmatch(url)):
        return SplitResult(*ordinary.groups(default=""))
    try:
        parts = urlsplit(url if len(url) <= LONGEST_URL else "")
        _ = parts.port  # raises if it is malformed
    except ValueError:
        return urlsplit("")
    return parts


def host_of(url: str) -> str:
    """Return the host of a URL in lower case, empty if it has none."""
    ordinary = _ORDINARY_HOST.match(url)
    return ordinary[1] if ordinary and len(url) <= LONGEST_URL else split_url(url).hostname or ""


def is_ordinary(url: str) -> bool:
    """Whether a URL is a web address with a host and a valid port, judged by its beginning."""
    return len(url) <= LONGEST_URL and _ORDINARY_HOST.match(url) is not None


def is_local_name(host: str) -> bool:
    """Whether a host name is one that only a local network has: no public name server knows it."""
    return "." not in host.strip(".") or bool(_LOCAL.search(host.removesuffix(".")))


def is_at(host: str, domains: Container[str]) -> bool:
    """Whether a host is one of some domains, or a subdomain of one."""
    while host:
        if host in domains:
            return True
        host = host.partition(".")[2]
    return False


def blocked_port(url: str) -> int | None:
    """Return the port of a URL that must not be asked, None if it may be.

    Raises:
        ValueError: When the URL has no valid port.
    """
    ordinary = _ORDINARY_HOST.match(url)
    if ordinary and not ordinary[2]:
        return None
    port = int(ordinary[2]) if ordinary else urlsplit(url).port
    return port if port in BAD_PORTS else None


def trim_url(url: str, *, parentheses_end_it: bool) -> str:
    """Return a bare URL without the punctuation and the brackets that belong to the sentence around it.

    Args:
        url: What may be part of a URL, to the next blank.
        parentheses_end_it: Whether a `)` that was not opened in the URL ends it wherever it is. In GitHub Flavored
            Markdown it does so at the end only: https://github.github.com/gfm/#extended-autolink-path-validation
    """
    if _BARE.fullmatch(url):
        return url
    if not url.isascii() and (end_of_sentence := _PARTS_SENTENCES.search(url)):
        url = url[: end_of_sentence.start()]
    url = url[: _unopened(url, ")" if not parentheses_end_it else "")]
    surplus = {closing: url.count(closing) - url.count(opening) for closing, opening in _CLOSING.items()}
    end = len(url)
    while end:
        last = url[end - 1]
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
            end -= 1
        elif last in _TRAILING:
            end -= 1
        elif last == ";":
            start = url.rfind("&", max(0, end - _LONGEST_ENTITY), end)
            end = start if start >= 0 and url[start + 1 : end - 1].isalpha() else end - 1
        else:
            break
    return url[:end]


def _unopened(url: str, passed_over: str) -> int:
    """Return the place of the first bracket that was not opened in the URL, else the length of the URL."""
    depth = dict.fromkeys(_CLOSING, 0)
    for match in _BRACKET.finditer(url):
        if match[0] in _OPENING:
            depth[_OPENING[match[0]]] += 1
        elif match[0] not in passed_over:
            depth[match[0]] -= 1
            if depth[match[0]] < 0:
                return match.start()
    return len(url)
