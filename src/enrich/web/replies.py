"""Complete a reply from its head: its header fields and as much of its body as is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from enrich.model import Reply
from enrich.web.http11.body import Body, read_body, whole_body
from enrich.web.http11.head import text_fields
from enrich.web.redirects import REDIRECTS
from enrich.web.request import Request
from enrich.web.terms import Terms
from enrich.web.wire import BadReplyError, Receiving

# The body of a redirect is only read so that its connection can be used again.
_REDIRECT_BODY_BYTES = 64 * 1024
_REDIRECT_BODY_SECONDS = 0.25
# Fields with a single value; servers behind proxies send some of them twice.
_SINGLE = frozenset({"content-encoding", "content-type", "location", "retry-after"})


async def read_reply(request: Request, received: Receiving, terms: Terms, at: str, until: float) -> Reply:
    """Read the rest of a reply up to the event loop's time `until`, and close it; `at` is when it came.

    Raises:
        WireError, OSError, BrokenBodyError: When it is not a page, and its body is incomplete.
    """
    status = received.status
    try:
        headers = single_fields(status, text_fields(received.headers))
        body = await _body(received, headers, terms, until)
    finally:
        await received.aclose()
    reply = Reply(
        request.text,
        status,
        MappingProxyType(headers),
        body.data,
        at,
        truncated=body.truncated,
        tls_trouble=received.tls_trouble,
    )
    if terms.accept and 200 <= status < 300:
        reply = replace(reply, complaint=terms.accept(reply))
    return reply


async def _body(received: Receiving, headers: Mapping[str, str], terms: Terms, until: float) -> Body:
    redirected = terms.follow and received.status in REDIRECTS and "location" in headers
    limit = terms.limit
    if redirected:
        limit = _REDIRECT_BODY_BYTES
        until = min(until, asyncio.get_running_loop().time() + _REDIRECT_BODY_SECONDS)
    arrived = received.arrived()
    if arrived is not None:
        body = whole_body(arrived, headers, limit)
    else:
        body = await read_body(received.body(), headers, limit, until)
    if body.failure and not (redirected or terms.page):
        raise body.failure
    return body


def single_fields(status: int, headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the header fields of a reply by their names in lower case, repeated ones joined by a comma.

    For a field with a single value, equal lines count once, as in browsers (RFC 9110, section 5.3).

    Raises:
        BadReplyError: When a redirect has lines of Location that differ: either may be meant.
    """
    fields: dict[str, str] = {}
    for name, value in headers:
        if name not in fields:
            fields[name] = value
        elif name not in _SINGLE:
            fields[name] += f", {value}"
        elif name == "location" and status in REDIRECTS and value.strip() != fields[name].strip():
            raise BadReplyError("conflicting Location headers")
    return fields
