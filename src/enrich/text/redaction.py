"""Remove what is private from a reply: keys, cookies, tokens, and the addresses of people and machines."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

GONE = "REDACTED"
"""The replacement text."""

_SECRET_HEADERS = re.compile(
    r"(?:set-)?cookie|authorization|.*(?:api|access|auth)[-_]?key.*|.*token.*|.*secret.*|.*signature.*|x-amz-(?:id|cf).*"
    r"|.*(?:client|real|forwarded).*(?:ip|for).*",
    re.IGNORECASE,
)
_TOKENS = re.compile(
    r"\b(?:gh[opsur]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|hf_[A-Za-z0-9]{20,100}|AKIA[0-9A-Z]{16}"
    r"|eyJ[\w-]{10,4000}\.[\w-]{10,4000}\.[\w-]{5,1000})"
)
_NAMED = re.compile(
    r"""(?P<name>(?:api|access|auth|secret|session|csrf|client)[-_]?(?:key|token|secret|id)|token|password|signature
    |sid|cfduid|__cf\w{0,20}|X-Amz-\w{1,30})(?P<sign>["']?\s{0,3}[=:]\s{0,3}["']?)(?P<value>[^\s"'&;<>,]{6,4000})""",
    re.IGNORECASE | re.VERBOSE,
)
_MAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}\b")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:.])", re.IGNORECASE)


def redacted(text: str) -> str:
    """Return a text without tokens, values of secrets, mail addresses and IP addresses."""
    text = _TOKENS.sub(GONE, text)
    text = _NAMED.sub(lambda match: f"{match['name']}{match['sign']}{GONE}", text)
    text = _MAIL.sub("someone@example.org", text)
    text = _IPV4.sub(lambda match: "192.0.2.1" if _is_address(match[0]) else match[0], text)
    return _IPV6.sub(lambda match: "2001:db8::1" if _is_address(match[0]) else match[0], text)


def redacted_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers, with only the names of those that carry secrets."""
    return {name: GONE if _SECRET_HEADERS.fullmatch(name) else redacted(value) for name, value in headers.items()}


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return len(text) > 4
