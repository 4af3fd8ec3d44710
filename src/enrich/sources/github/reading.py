"""Read GitHub's replies about repositories."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from enrich.cleaning.texts import one_line
from enrich.model import Repository
from enrich.sources.asking.replies import UnreadableError, load_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from enrich.model import Reply


_FULL_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_ALIAS = re.compile(r"p[0-9]+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
# A query that was too large for its limits, or for the time that it may take:
# https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
_TOO_LARGE = re.compile(
    r"RESOURCE_LIMITS?_EXCEEDED|NODE_LIMIT_EXCEEDED|tim(?:e|ed) ?out|something went wrong", re.IGNORECASE
)


class TooLargeError(UnreadableError):
    """A query asked for more than GitHub returns at once."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Why a reply has no answer for a repository that another, perhaps smaller, query may get."""

    why: str
    too_large: bool = False


def parse(body: bytes) -> dict[str, Repository | Undecided | str | None]:
    """Return the content of a GraphQL reply by alias.

    That is a repository (its `parts` are the aliases of what was found in it), None for NOT_FOUND, or why GitHub gives
    no answer, for good or this time.

    Raises:
        TooLargeError: The query was too large to be answered.
        UnreadableError: The body is not a GraphQL reply, or only has errors.
    """
    value = load_json(body)
    if not isinstance(value, dict):
        raise UnreadableError("not a GraphQL response")
    errors = _errors(value.get("errors"))
    data = value.get("data")
    if not isinstance(data, dict):
        why = errors.get("") or next(iter(errors.values()), "no errors either")
        error = TooLargeError if _TOO_LARGE.search(why) else UnreadableError
        raise error(f"no data in the response: {why}")
    return {str(alias): _repository(alias, node, errors) for alias, node in data.items()}


def _errors(errors: object) -> dict[str, str]:
    """Return the type (or message) of the error for each alias; an error of the whole query is under ''."""
    found: dict[str, str] = {}
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, dict):
            path = error.get("path")
            alias = path[0] if isinstance(path, list) and path else ""
            words = one_line(error.get("type"), 100) or one_line(error.get("message"), 300)
            found.setdefault(str(alias), words or "error")
    return found


def _repository(alias: str, node: object, errors: Mapping[str, str]) -> Repository | Undecided | str | None:
    if isinstance(node, dict) and (full_name := _full_name(node.get("nameWithOwner"))):
        return Repository(
            full_name=full_name,
            archived=node.get("isArchived") is True,
            disabled=node.get("isDisabled") is True,
            empty=node.get("isEmpty") is True,
            pushed_at=_moment(node.get("pushedAt")),
            description=one_line(node.get("description")),
            parts=tuple(sorted(name for name, value in node.items() if _ALIAS.fullmatch(name) and value is not None)),
        )
    error = errors.get(alias)
    if node is None and error == "NOT_FOUND":
        return None
    why = error or errors.get("") or "no data"
    if _TOO_LARGE.search(why):
        return Undecided(why, too_large=True)
    return why if error else Undecided(why)


def parse_rest(body: bytes) -> Repository:
    """Return the repository of a REST reply.

    Raises:
        UnreadableError: the body is not one.
    """
    value = load_json(body)
    if not isinstance(value, dict) or not (full_name := _full_name(value.get("full_name"))):
        raise UnreadableError("the response has no repository")
    return Repository(
        full_name=full_name,
        archived=value.get("archived") is True,
        disabled=value.get("disabled") is True,
        pushed_at=_moment(value.get("pushed_at")),
        description=one_line(value.get("description")),
    )


def _full_name(value: object) -> str | None:
    return value if isinstance(value, str) and len(value) < 300 and _FULL_NAME.fullmatch(value) else None


def _moment(value: object) -> str | None:
    return value if isinstance(value, str) and _MOMENT.fullmatch(value) else None


def is_spent(reply: Reply) -> bool:
    """Return the limit in a reply; 403 and 429 both report limits: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api."""
    if reply.status not in (403, 429):
        return False
    return (
        reply.status == 429
        or reply.headers.get("x-ratelimit-remaining") == "0"
        or "retry-after" in reply.headers
        or b"rate limit" in reply.body[:2_000].lower()
    )
