"""Resolve a Location header against its URL as browsers do: https://url.spec.whatwg.org. Pure.

`urljoin` and httpx follow RFC 3986, in which a backslash is not a slash and `http:page` has no host.
"""

from __future__ import annotations

import re

from enrich.web.request import Url

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SPECIAL = ("http", "https")
_ENDS = "".join(map(chr, range(33)))  # control characters and the space
_DROPPED = str.maketrans("", "", "\t\n\r")
_DOTS = {"%2e": ".", ".%2e": "..", "%2e.": "..", "%2e%2e": ".."}


def resolve_location(base: Url, location: str) -> str:
    """Return the absolute URL, not yet checked; a `location` with a scheme other than http and https unchanged."""
    text = location.strip(_ENDS).translate(_DROPPED)
    scheme, rest = base.scheme, text
    if match := _SCHEME.match(text):
        named, rest = match[0][:-1].lower(), text[match.end() :]
        if named not in _SPECIAL:
            return text
        # `http:page` is relative if the page itself is http; `https:page` has a host there.
        if named != scheme or _slashes(rest) >= 2:
            return f"{named}://{_forward(rest).lstrip('/')}"
    rest = _forward(rest)
    if _slashes(rest) >= 2:
        return f"{scheme}://{rest.lstrip('/')}"
    return f"{scheme}://{base.netloc}{_joined(base, rest)}"


def _slashes(text: str) -> int:
    return len(text) - len(text.lstrip("/\\"))


def _forward(text: str) -> str:
    """Return the text with slashes for the backslashes before the query and the fragment."""
    end = min((at for at in (text.find("?"), text.find("#")) if at >= 0), default=len(text))
    return text[:end].replace("\\", "/") + text[end:]


def _joined(base: Url, relative: str) -> str:
    """Return path, query and fragment of a URL on the same host."""
    path, _, query = base.path.partition("?")
    if not relative or relative.startswith("#"):
        return f"{path}?{query}{relative}" if query else path + relative
    if relative.startswith("?"):
        return path + relative
    end = min((at for at in (relative.find("?"), relative.find("#")) if at >= 0), default=len(relative))
    own, tail = relative[:end], relative[end:]
    whole = own if own.startswith("/") else path.rpartition("/")[0] + "/" + own
    return _without_dots(whole) + tail


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = [_DOTS.get(segment.lower(), segment) for segment in path.split("/")[1:]]
    for segment in segments:
        if segment == ".." and kept:
            kept.pop()
        elif segment not in (".", ".."):
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
