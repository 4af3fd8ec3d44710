"""The requirements for a reply, and the two errors of an unusable one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from enrich.web import Terms

if TYPE_CHECKING:
    from enrich.model import Reply

TOO_LONG_STATUSES = frozenset({400, 413, 414, 431})
"""Statuses that reject a list: a member is not understood, or the list is too long."""


class UnreadableError(ValueError):
    """The body of a reply is not what the service's documentation says."""


class NoAnswerError(Exception):
    """A service gave no usable answer to a request.

    `final`: it would reject every other request of the kind, too: an invalid key, a used-up limit.
    """

    def __init__(self, why: str, *, status: int | None = None, final: bool = False) -> None:
        super().__init__(why)
        self.status = status
        self.final = final


def require_status(reply: Reply, *statuses: int) -> Reply:
    """Return the reply, if it has one of these statuses (200 where none is given) and nothing is wrong with its body.

    Raises:
        NoAnswerError: It has not; final for 401 and 403.
    """
    if reply.complaint:
        raise NoAnswerError(reply.complaint, status=reply.status)
    if reply.status in (statuses or (200,)):
        return reply
    words = {401: "rejected the request", 403: "rejected the request", 429: "rate limited"}
    why = words.get(reply.status, "server error" if reply.status >= 500 else "unexpected response")
    raise NoAnswerError(f"{why} (HTTP {reply.status})", status=reply.status, final=reply.status in (401, 403))


def load_json(body: bytes) -> object:
    """Return the JSON value of a body.

    Raises:
        UnreadableError: It is not JSON.
    """
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("the response is not JSON") from error
    return value


def not_json(reply: Reply) -> str | None:
    """Return what is wrong with a reply that should be JSON: a maintenance page, a cut body; for `Terms.accept`."""
    if reply.status != 200:
        return None
    try:
        load_json(reply.body)
    except UnreadableError as error:
        return str(error)
    return None


JSON = Terms(accept=not_json)
"""For lookups with JSON answers."""

KEYED_JSON = Terms(accept=not_json, keyed=True)
"""The same with the service's key."""
