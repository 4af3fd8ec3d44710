"""From the head of a reply to the reply: its fields and as much of its body as is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import httpx

from enrich.model import Reply
from enrich.web.http11.body import Body, read_body
from enrich.web.redirects import REDIRECTS
from enrich.web.request import Request
from enrich.web.terms import Terms

# The body of a redirect is read only so that its connection can be used again.
_REDIRECT_BODY_BYTES = 64 * 1024
_REDIRECT_BODY_SECONDS = 0.25
# Fields that have one value; servers behind proxies send some of them twice.
_SINGLE = frozenset({"content-encoding", "content-type", "location", "retry-after"})


async def read_reply(request: Request, response: httpx.Response, terms: Terms, at: str, until: float) -> Reply:
    """Read the rest of a reply up to the event loop's time `until`, and close it; `at` is when it came.

    Raises:
        httpx.TransportError, OSError, BrokenBodyError: When it is no page, and its body does not come whole.
    """
    stream = response.stream
    if not isinstance(stream, httpx.AsyncByteStream):
        raise TypeError("the transport gave no asynchronous stream")
    try:
        headers = single_fields(response.status_code, response.headers)
        body = await _body(stream, response.status_code, headers, terms, until)
    finally:
        await stream.aclose()
    reply = Reply(
        request.text,
        response.status_code,
        MappingProxyType(headers),
        body.data,
        at,
        truncated=body.truncated,
        tls_trouble=response.extensions.get("tls_trouble"),
    )
    if terms.accept and response.is_success:
        reply = replace(reply, complaint=terms.accept(reply))
    return reply


async def _body(
    stream: httpx.AsyncByteStream, status: int, headers: Mapping[str, str], terms: Terms, until: float
) -> Body:
    redirected = terms.follow and status in REDIRECTS and "location" in headers
    limit = terms.limit
    if redirected:
        limit = _REDIRECT_BODY_BYTES
        until = min(until, asyncio.get_running_loop().time() + _REDIRECT_BODY_SECONDS)
    body = await read_body(stream, headers, limit, until)
    if body.failure and not (redirected or terms.page):
        raise body.failure
    return body


def single_fields(status: int, headers: httpx.Headers) -> dict[str, str]:
    """Return the header fields of a reply by their names in lower case, repeated ones joined by a comma.

    Of a field that has one value, equal lines count once, as browsers read them (RFC 9110, section 5.3).

    Raises:
        httpx.RemoteProtocolError: When a redirect has lines of Location that differ: either may be meant.
    """
    fields: dict[str, str] = {}
    for name, value in headers.multi_items():
        if name not in fields:
            fields[name] = value
        elif name not in _SINGLE:
            fields[name] += f", {value}"
        elif name == "location" and status in REDIRECTS and value.strip() != fields[name].strip():
            raise httpx.RemoteProtocolError("conflicting Location headers")
    return fields
