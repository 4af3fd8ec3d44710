"""What a reply must be before it is read, and the two errors of a reply that is of no use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from enrich.web import Terms

if TYPE_CHECKING:
    from enrich.model import Reply

TOO_LONG = frozenset({400, 413, 414, 431})
"""Statuses that refuse a list: one of its members is not understood, or it is too long."""


class UnreadableError(ValueError):
    """A reply's body is not what the service is documented to send."""


class NoAnswerError(Exception):
    """A service gave no usable answer to a request.

    `final` tells that it would refuse every other request of the kind, too: a refused key, a spent limit.
    """

    def __init__(self, why: str, *, status: int | None = None, final: bool = False) -> None:
        super().__init__(why)
        self.status = status
        self.final = final


def require_status(reply: Reply, service: str, *statuses: int) -> Reply:
    """The reply, if it has one of these statuses (200 where none is given) and nothing is wrong with its body.

    Raises:
        NoAnswerError: otherwise; final for 401 and 403.
    """
    if reply.complaint:
        raise NoAnswerError(f"{service}: {reply.complaint}", status=reply.status)
    if reply.status in (statuses or (200,)):
        return reply
    words = {
        401: "refuses us (HTTP 401)",
        403: "refuses us (HTTP 403)",
        429: "has too many requests to serve now (HTTP 429)",
    }.get(reply.status, f"{'is out of order' if reply.status >= 500 else 'answered'} (HTTP {reply.status})")
    raise NoAnswerError(f"{service} {words}", status=reply.status, final=reply.status in (401, 403))


def load_json(body: bytes) -> object:
    """The JSON value of a body.

    Raises:
        UnreadableError: it is none.
    """
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("the reply is no JSON") from error
    return value


def not_json(reply: Reply) -> str | None:
    """What is wrong with a reply that should be JSON (for `accept` of `Web.fetch`): maintenance pages, cut bodies."""
    if reply.status != 200:
        return None
    try:
        load_json(reply.body)
    except UnreadableError as error:
        return str(error)
    return None


JSON = Terms(accept=not_json)
"""For look-ups that answer in JSON."""

KEYED_JSON = Terms(accept=not_json, keyed=True)
"""The same with the service's key."""
