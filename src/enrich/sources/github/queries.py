"""GitHub's GraphQL: many repositories, and parts of them that links name, in one request."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from enrich.model import Found, Identifier, Missing, Outcome, Repository, Unknown
from enrich.services import GITHUB, graphql
from enrich.sources.asking.replies import TOO_LONG_STATUSES, NoAnswerError, UnreadableError, not_json, require_status
from enrich.sources.github.reading import TooLargeError, Undecided, is_spent, parse
from enrich.web import Terms

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

    from enrich.model import Reply
    from enrich.web import Web

BATCH = 50
"""Repositories in one query: of 120 with parts, some are rejected; of 227, all are."""

_GAVE_UP = (502, 504)
_IN_VAIN = 2  # consecutive repositories for which GitHub gives no answer even alone

_FIELDS = "nameWithOwner isArchived isDisabled isEmpty pushedAt description"
# Characters that no branch or tag name has: https://git-scm.com/docs/git-check-ref-format
_NO_REF = re.compile(r"[~^:?*\[\\\x00-\x20\x7f]|\.\.|@\{")
_MOST_SEGMENTS = 4  # of a branch's name, which may hold slashes: feature/new/model


def fields(part: str) -> tuple[tuple[str, str, str | int], ...]:
    """Return the fields of a repository that prove a part of it: field, type of its argument, argument.

    https://docs.github.com/graphql/reference/objects#repository
    """
    kind, _, rest = part.rstrip("/").partition("/")
    if kind in ("issues", "pull", "discussions") and (number := re.match(r"[1-9][0-9]{0,8}(?=/|$)", rest)):
        field = "discussion(number:" if kind == "discussions" else "issueOrPullRequest(number:"
        return ((field, "Int", int(number[0])),)
    if kind in ("tree", "blob", "raw", "blame", "edit", "commit", "commits"):
        return tuple(("object(expression:", "String", expression) for expression in _expressions(rest))
    if part.startswith("releases/tag/"):
        tag = part.removeprefix("releases/tag/")
        return () if _NO_REF.search(tag) else (("object(expression:", "String", f"refs/tags/{tag}"),)
    return ()


def _expressions(rest: str) -> Iterator[str]:
    """Return the ways to read `a/b/c` as a branch, tag or commit and a path in it: `a:b/c`, `a/b:c`, `a/b/c`."""
    segments = rest.split("/") if rest else []
    for length in range(1, min(len(segments), _MOST_SEGMENTS) + 1):
        ref, path = "/".join(segments[:length]), "/".join(segments[length:])
        if not _NO_REF.search(ref):
            yield f"{ref}:{path}" if path else ref


@dataclass(slots=True)
class Query:
    """Asks for repositories, together as far as GitHub answers so many at once.

    Attributes:
        parts: Names inside repositories that are asked for along with them.
        most: Repositories in one query.
        is_limited: Whether a query was too large; then `most` is what GitHub was seen to answer.
    """

    web: Web
    base: str
    parts: Mapping[Identifier, Sequence[str]]
    most: int = BATCH
    is_limited: bool = False

    async def ask(self, batch: Sequence[Identifier]) -> AsyncIterator[Mapping[Identifier, Outcome[Repository]]]:
        """Yield an outcome for each repository of a batch; what a query was too large for is asked for in smaller ones.

        Raises:
            NoAnswerError: GitHub answers for no repository, not even alone.
        """
        waiting, size = list(batch), self.most
        largest, in_vain = 0, 0
        while waiting:
            asked, waiting = waiting[:size], waiting[size:]
            answers, undecided = await self._answers(asked)
            large = [identifier for identifier, reason in undecided.items() if reason.too_large]
            again = list(undecided) if answers else large if len(asked) > 1 else []
            unknown = {i: Unknown(reason.why) for i, reason in undecided.items() if i not in again}
            in_vain = 0 if answers else in_vain + bool(large and unknown)
            if in_vain == _IN_VAIN:
                raise NoAnswerError(next(iter(unknown.values())).why, final=True)
            yield {**answers, **unknown}
            waiting[:0] = again
            largest = max(largest, len(answers))
            if large:
                self.is_limited = True
            if largest and self.is_limited:
                self.most = largest
            size = -(-len(asked) // 2) if again and not answers else min(self.most, 2 * len(asked))

    async def _answers(
        self, asked: Sequence[Identifier]
    ) -> tuple[dict[Identifier, Outcome[Repository]], dict[Identifier, Undecided]]:
        """Return the answers of one query about repositories, and why the others have none."""
        query, variables, named = _query(asked, self.parts)
        try:
            reply = await self._post(query, variables, alone=len(asked) == 1)
            nodes = parse(reply.body)
        except TooLargeError as error:
            return {}, dict.fromkeys(asked, Undecided(str(error), too_large=True))
        except UnreadableError:
            if not named:
                raise
            # A server that does not know these fields rejects the whole query.
            query, variables, _ = _query(asked, {})
            reply = await self._post(query, variables, alone=len(asked) == 1)
            nodes = parse(reply.body)
        answers: dict[Identifier, Outcome[Repository]] = {}
        undecided: dict[Identifier, Undecided] = {}
        for place, identifier in enumerate(asked):
            match nodes.get(f"r{place}", Undecided("missing from the response")):
                case None:
                    answers[identifier] = Missing("not found", status=reply.status, at=reply.at)
                case Undecided() as reason:
                    undecided[identifier] = reason
                case str() as why:
                    answers[identifier] = Unknown(why, at=reply.at)
                case node:
                    there = sorted({named[alias] for alias in node.parts if alias in named})
                    answers[identifier] = Found(replace(node, parts=tuple(there)), at=reply.at)
        return answers, undecided

    async def _post(self, query: str, variables: Mapping[str, str | int], *, alone: bool) -> Reply:
        """Return the reply to a query.

        Raises:
            TooLargeError: GitHub gave up on it, as it does when a query takes too long.
            NoAnswerError: The token is rejected, its limit is used up, or there is no usable reply.
        """
        reply = await self.web.fetch(
            graphql(self.base),
            Terms(accept=not_json, keyed=True, good=() if alone else _GAVE_UP),
            method="POST",
            json={"query": query, "variables": variables},
        )
        if reply.status == 401:
            raise NoAnswerError(f"invalid token (HTTP 401); check {GITHUB.key}", status=401, final=True)
        if is_spent(reply):
            raise NoAnswerError("rate limit of this token used up", status=reply.status, final=True)
        if reply.status in (*_GAVE_UP, *TOO_LONG_STATUSES) and not reply.complaint:
            raise TooLargeError(f"server error (HTTP {reply.status})")
        return require_status(reply)


def _query(
    batch: Sequence[Identifier], parts: Mapping[Identifier, Sequence[str]]
) -> tuple[str, dict[str, str | int], dict[str, str]]:
    """Return a query, its variables, and the part that each alias `p…` in it means."""
    variables: dict[str, str | int] = {}
    kinds, nodes = [], []
    named: dict[str, str] = {}
    for place, identifier in enumerate(batch):
        variables[f"o{place}"], _, variables[f"n{place}"] = identifier.value.partition("/")
        kinds += [f"$o{place}:String!", f"$n{place}:String!"]
        inside = ""
        for part in parts.get(identifier, ()):
            for field, kind, argument in fields(part):
                alias = f"p{len(named)}"
                named[alias], variables[alias] = part, argument
                kinds.append(f"${alias}:{kind}!")
                inside += f" {alias}:{field}${alias}){{__typename}}"
        nodes.append(f"r{place}:repository(owner:$o{place},name:$n{place}){{...F{inside}}}")
    query = f"query({','.join(kinds)}){{{' '.join(nodes)}}} fragment F on Repository{{{_FIELDS}}}"
    return query, variables, named
