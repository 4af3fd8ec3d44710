"""GitHub: GraphQL with a token (https://docs.github.com/graphql), REST without one (https://docs.github.com/rest)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from enrich.model import Found, Identifier, Missing, Outcome, Repository, Scheme, Unknown
from enrich.sources import (
    Lookup,
    NoAnswerError,
    UnreadableError,
    by,
    clean,
    load_json,
    not_json,
    only,
    read_repository,
    read_text,
    usable,
)
from enrich.web import Pace, Reply, Web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence

NAME = "github"
SERVICE = "GitHub"
BASE = "https://api.github.com"
KEY = "GITHUB_TOKEN"

# One after the other, or a secondary limit comes:
# https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
PACES: Mapping[str, Pace] = {"api.github.com": Pace(concurrency=1)}

_BATCH = 100  # aliases of one query, which costs one point
_FIELDS = "nameWithOwner isArchived isDisabled isEmpty pushedAt description"
_FULL_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
# What is in no branch's or tag's name: https://git-scm.com/docs/git-check-ref-format
_NO_REF = re.compile(r"[~^:?*\[\\\x00-\x20\x7f]|\.\.|@\{")
_MOST_SEGMENTS = 4  # of a branch's name, which may hold slashes: feature/new/model
# Branches with slashes in their names are left to the page.
_REF_AND_PATH = re.compile(r"(?P<ref>refs/(?:heads|tags)/[^/]+|[^/]+)(?:/(?P<path>.*))?")
_ALIAS = re.compile(r"p[0-9]+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def parse(body: bytes) -> dict[str, Repository | str | None]:
    """What a GraphQL reply says under each alias: a repository, None for NOT_FOUND, or why it does not say.

    A repository's `parts` are the aliases of what was found in it.

    Raises:
        UnreadableError: the body is no GraphQL reply, or holds nothing but errors.
    """
    value = load_json(body)
    if not isinstance(value, dict):
        raise UnreadableError("the reply is no GraphQL reply")
    errors = _errors(value.get("errors"))
    data = value.get("data")
    if not isinstance(data, dict):
        raise UnreadableError(f"the reply holds no data: {errors.get('') or 'no errors either'}")
    return {str(alias): _repository(alias, node, errors) for alias, node in data.items()}


def _errors(errors: object) -> dict[str, str]:
    """The type (or message) of the error for each alias; of one that concerns the whole query under ''."""
    found: dict[str, str] = {}
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, dict):
            path = error.get("path")
            alias = path[0] if isinstance(path, list) and path else ""
            found.setdefault(str(alias), clean(error.get("type"), 100) or clean(error.get("message"), 300) or "error")
    return found


def _repository(alias: str, node: object, errors: Mapping[str, str]) -> Repository | str | None:
    if isinstance(node, dict) and (full_name := _full_name(node.get("nameWithOwner"))):
        return Repository(
            full_name=full_name,
            archived=node.get("isArchived") is True,
            disabled=node.get("isDisabled") is True,
            empty=node.get("isEmpty") is True,
            pushed_at=_moment(node.get("pushedAt")),
            description=clean(node.get("description")),
            parts=tuple(sorted(name for name, value in node.items() if _ALIAS.fullmatch(name) and value is not None)),
        )
    if node is None and errors.get(alias) == "NOT_FOUND":
        return None
    return f"{SERVICE} does not say ({errors.get(alias) or errors.get('') or 'no data'})"


def parse_rest(body: bytes) -> Repository:
    """The repository of a REST reply.

    Raises:
        UnreadableError: the body is none.
    """
    value = load_json(body)
    if not isinstance(value, dict) or not (full_name := _full_name(value.get("full_name"))):
        raise UnreadableError("the reply holds no repository")
    return Repository(
        full_name=full_name,
        archived=value.get("archived") is True,
        disabled=value.get("disabled") is True,
        pushed_at=_moment(value.get("pushed_at")),
        description=clean(value.get("description")),
    )


def _full_name(value: object) -> str | None:
    return value if isinstance(value, str) and len(value) < 300 and _FULL_NAME.fullmatch(value) else None


def _moment(value: object) -> str | None:
    return value if isinstance(value, str) and _MOMENT.fullmatch(value) else None


async def look_up(
    wanted: Sequence[Identifier],
    web: Web,
    *,
    base: str = BASE,
    parts: Mapping[Identifier, Collection[str]] = MappingProxyType({}),
) -> dict[Identifier, Outcome[Repository]]:
    """What GitHub says of each repository (scheme GITHUB); its `full_name` tells whether it was renamed.

    With a token 100 repositories cost one request, without one they cost one request each, of 60 an hour. `parts` are
    names inside them, as `identifiers.repository_part` has them: with a token the same request tells which of them are
    there, without one a request each does, as far as the hour's limit goes once all repositories have had theirs. A
    part that the answer does not name may be there all the same.
    """
    able, others = only((Scheme.GITHUB,), wanted, SERVICE)
    keyed = web.has_key(base)
    within = {identifier: sorted(part for part in parts.get(identifier, ()) if _fields(part)) for identifier in able}
    budget = _Budget(_spent(base))
    lookup: Lookup[Identifier, Repository] = Lookup(
        service=NAME,
        kind=NAME,
        ask=partial(_graphql, parts=within, web=web, base=base)
        if keyed
        else partial(_rest, budget=budget, web=web, base=base),
        read=read_repository,
        batches=by(_BATCH if keyed else 1),
        key=lambda identifier: " ".join((str(identifier), *(within[identifier] if keyed else ()))),
    )
    outcomes = await lookup.outcomes(able, web)
    if not keyed:
        outcomes = await _with_parts(outcomes, within, budget, web, base)
    return {**outcomes, **others}


def _fields(part: str) -> tuple[tuple[str, str, str | int], ...]:
    """The fields of a repository any of which proves that it holds a part: field, type of its argument, argument.

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
    """The ways to read `a/b/c` as a branch, tag or commit and a path in it: `a:b/c`, `a/b:c`, `a/b/c`."""
    segments = rest.split("/") if rest else []
    for length in range(1, min(len(segments), _MOST_SEGMENTS) + 1):
        ref, path = "/".join(segments[:length]), "/".join(segments[length:])
        if not _NO_REF.search(ref):
            yield f"{ref}:{path}" if path else ref


async def _graphql(
    batch: Sequence[Identifier], *, parts: Mapping[Identifier, Sequence[str]], web: Web, base: str
) -> AsyncIterator[Mapping[Identifier, Outcome[Repository]]]:
    query, variables, named = _query(batch, parts)
    reply = await _post(query, variables, web, base)
    try:
        nodes = parse(usable(reply, SERVICE).body)
    except UnreadableError:
        if not named:
            raise
        # A server that knows no such fields refuses the whole query.
        query, variables, _ = _query(batch, {})
        reply = await _post(query, variables, web, base)
        nodes = parse(usable(reply, SERVICE).body)
    answers: dict[Identifier, Outcome[Repository]] = {}
    for place, identifier in enumerate(batch):
        node = nodes.get(f"r{place}", f"{SERVICE} does not say")
        if node is None:
            answers[identifier] = Missing("NOT_FOUND", status=reply.status, at=reply.at)
        elif isinstance(node, str):
            answers[identifier] = Unknown(node, at=reply.at)
        else:
            there = sorted({named[alias] for alias in node.parts if alias in named})
            answers[identifier] = Found(replace(node, parts=tuple(there)), at=reply.at)
    yield answers


def _query(
    batch: Sequence[Identifier], parts: Mapping[Identifier, Sequence[str]]
) -> tuple[str, dict[str, str | int], dict[str, str]]:
    """A query, its variables, and the part that each alias `p…` in it stands for."""
    variables: dict[str, str | int] = {}
    kinds, nodes = [], []
    named: dict[str, str] = {}
    for place, identifier in enumerate(batch):
        variables[f"o{place}"], _, variables[f"n{place}"] = identifier.value.partition("/")
        kinds += [f"$o{place}:String!", f"$n{place}:String!"]
        inside = ""
        for part in parts.get(identifier, ()):
            for field, kind, argument in _fields(part):
                alias = f"p{len(named)}"
                named[alias], variables[alias] = part, argument
                kinds.append(f"${alias}:{kind}!")
                inside += f" {alias}:{field}${alias}){{__typename}}"
        nodes.append(f"r{place}:repository(owner:$o{place},name:$n{place}){{...F{inside}}}")
    query = f"query({','.join(kinds)}){{{' '.join(nodes)}}} fragment F on Repository{{{_FIELDS}}}"
    return query, variables, named


def graphql(base: str) -> str:
    """Return the address of GraphQL; on GitHub Enterprise Server it stands beside REST's base, not below.

    https://docs.github.com/enterprise-server/graphql/guides/forming-calls-with-graphql
    """
    return f"{base.removesuffix('/v3')}/graphql" if base.endswith("/api/v3") else f"{base}/graphql"


async def _post(query: str, variables: Mapping[str, str | int], web: Web, base: str) -> Reply:
    sent = {"query": query, "variables": variables}
    reply = await web.fetch(graphql(base), method="POST", json=sent, accept=not_json, keyed=True)
    if reply.status == 401:
        raise NoAnswerError(f"{KEY} was refused (HTTP 401)", status=401, final=True)
    if _is_spent(reply):
        raise NoAnswerError(f"{SERVICE}'s limit for this token is spent", status=reply.status, final=True)
    return reply


@dataclass(slots=True)
class _Budget:
    """Whether the limit without a token lets us ask on, and what to say when it does not."""

    why: str
    is_spent: bool = False

    def note(self, reply: Reply) -> None:
        """Takes note of what a reply says of the limit.

        Raises:
            NoAnswerError: it is a refusal, for the limit is spent.
        """
        self.is_spent = self.is_spent or _is_spent(reply) or reply.headers.get("x-ratelimit-remaining") == "0"
        if _is_spent(reply):
            raise NoAnswerError(self.why, status=reply.status, final=True)


def _spent(base: str) -> str:
    if base == BASE:
        return f"{SERVICE}'s anonymous limit of 60 requests an hour is spent; set {KEY}"
    return (
        f"{SERVICE}'s limit without a token is spent; set {KEY}, which is sent over https only, and only to a base URL "
        "from a file that --config names"
    )


async def _rest(
    batch: Sequence[Identifier], *, budget: _Budget, web: Web, base: str
) -> AsyncIterator[Mapping[Identifier, Outcome[Repository]]]:
    for identifier in batch:
        if budget.is_spent:
            raise NoAnswerError(budget.why, final=True)
        url = f"{base}/repos/{quote(identifier.value, safe='/')}"
        reply = await web.fetch(url, accept=not_json, keyed=True)
        budget.note(reply)
        if reply.status == 404:
            yield {identifier: Missing("Not Found", status=404, at=reply.at)}
        elif reply.status == 200:
            yield {identifier: Found(parse_rest(usable(reply, SERVICE).body), at=reply.at)}
        elif reply.status in (403, 451):
            yield {identifier: Unknown(f"{SERVICE} blocks access to it (HTTP {reply.status})", at=reply.at)}
        else:
            usable(reply, SERVICE)


async def _with_parts(
    outcomes: Mapping[Identifier, Outcome[Repository]],
    parts: Mapping[Identifier, Sequence[str]],
    budget: _Budget,
    web: Web,
    base: str,
) -> dict[Identifier, Outcome[Repository]]:
    """The outcomes, the repositories among them with those of their parts that REST says are there."""
    found = {identifier: outcome for identifier, outcome in outcomes.items() if isinstance(outcome, Found)}
    addresses = {
        (identifier, part): f"{base}/repos/{outcome.value.full_name}/{inside}"
        for identifier, outcome in found.items()
        for part in parts[identifier]
        if (inside := _inside(part))
    }
    lookup: Lookup[tuple[Identifier, str], str] = Lookup(
        service=NAME,
        kind=NAME,
        ask=partial(_part, addresses=addresses, budget=budget, web=web),
        read=read_text,
        batches=by(1),
        key=lambda pair: f"{pair[0]}: {pair[1]}",
    )
    said = await lookup.outcomes(list(addresses), web)
    there = {pair for pair, outcome in said.items() if isinstance(outcome, Found)}
    known = {
        identifier: replace(
            outcome.value, parts=tuple(part for part in parts[identifier] if (identifier, part) in there)
        )
        for identifier, outcome in found.items()
    }
    return {**outcomes, **{identifier: replace(found[identifier], value=value) for identifier, value in known.items()}}


async def _part(
    batch: Sequence[tuple[Identifier, str]],
    *,
    addresses: Mapping[tuple[Identifier, str], str],
    budget: _Budget,
    web: Web,
) -> AsyncIterator[Mapping[tuple[Identifier, str], Outcome[str]]]:
    for pair in batch:
        if budget.is_spent:
            raise NoAnswerError(budget.why, final=True)
        reply = await web.fetch(addresses[pair], method="HEAD", keyed=True)
        budget.note(reply)
        if reply.status in (404, 410, 422):
            yield {pair: Missing("Not Found", status=reply.status, at=reply.at)}
        elif reply.status in (403, 451) or reply.hops:
            yield {pair: Unknown(f"{SERVICE} does not say (HTTP {reply.status})", at=reply.at)}
        elif usable(reply, SERVICE):
            yield {pair: Found(pair[1], at=reply.at)}


def _inside(part: str) -> str | None:
    """The address of a part below its repository's in REST, where there is one: https://docs.github.com/rest."""
    kind, _, rest = part.rstrip("/").partition("/")
    if kind in ("issues", "pull") and (number := re.match(r"[0-9]+", rest)):
        return f"issues/{number[0]}"
    if part.startswith("releases/tag/"):
        return f"releases/tags/{quote(part.removeprefix('releases/tag/'), safe='')}"
    if kind in ("tree", "blob", "raw", "blame", "edit") and (match := _REF_AND_PATH.fullmatch(rest)):
        return f"contents/{quote(match['path'] or '')}?ref={quote(match['ref'], safe='')}"
    return f"commits/{quote(rest, safe='')}" if kind in ("commit", "commits") and "/" not in rest else None


def _is_spent(reply: Reply) -> bool:
    """403 and 429 both tell of limits: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api."""
    if reply.status not in (403, 429):
        return False
    return (
        reply.status == 429
        or reply.headers.get("x-ratelimit-remaining") == "0"
        or "retry-after" in reply.headers
        or b"rate limit" in reply.body[:2_000].lower()
    )
