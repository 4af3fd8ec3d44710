"""GitHub: GraphQL with a token (https://docs.github.com/graphql), REST without one (https://docs.github.com/rest)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from enrich.model import Found, Identifier, Missing, Outcome, Reply, Repository, Scheme, Unknown
from enrich.services import GITHUB
from enrich.sources.asking.batches import batches_of, split_supported
from enrich.sources.asking.lookup import Lookup
from enrich.sources.asking.replies import KEYED_JSON, NoAnswerError, require_status
from enrich.sources.asking.stored import REPOSITORY, TEXT
from enrich.sources.github.queries import BATCH, Query, fields
from enrich.sources.github.reading import is_spent, parse, parse_rest
from enrich.web import Terms, Web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping, Sequence

__all__ = ["BASE", "NAME", "look_up", "parse", "parse_rest"]

NAME, BASE = GITHUB.name, GITHUB.base

# Branches with slashes in their names are left to the page.
_REF_AND_PATH = re.compile(r"(?P<ref>refs/(?:heads|tags)/[^/]+|[^/]+)(?:/(?P<path>.*))?")


async def look_up(
    wanted: Sequence[Identifier],
    web: Web,
    *,
    base: str = BASE,
    parts: Mapping[Identifier, Collection[str]] = MappingProxyType({}),
) -> dict[Identifier, Outcome[Repository]]:
    """Ask GitHub for each repository (scheme GITHUB); its `full_name` shows whether it was renamed.

    With a token, 50 repositories cost one request; without one, each costs one of 60 requests an hour. `parts` are
    names inside them, in the form of `identifiers.repository_part`. With a token, the same request shows which of them
    exist; without one, each costs a request, within the hour's limit and after all repositories. A part that is not in
    the answer may still exist.
    """
    able, others = split_supported((Scheme.GITHUB,), wanted)
    keyed = web.has_key(base)
    within = {identifier: sorted(part for part in parts.get(identifier, ()) if fields(part)) for identifier in able}
    budget = _Budget(_spent(base))
    lookup: Lookup[Identifier, Repository] = Lookup(
        service=NAME,
        kind=NAME,
        ask=Query(web, base, within).ask if keyed else partial(_rest, budget=budget, web=web, base=base),
        form=REPOSITORY,
        batches=batches_of(BATCH if keyed else 1),
        key=lambda identifier: " ".join((str(identifier), *(within[identifier] if keyed else ()))),
    )
    outcomes = await lookup.outcomes(able, web)
    if not keyed:
        outcomes = await _with_parts(outcomes, within, budget, web, base)
    return {**outcomes, **others}


@dataclass(slots=True)
class _Budget:
    """Whether the limit without a token is used up, and the message for that."""

    why: str
    is_spent: bool = False

    def note(self, reply: Reply) -> None:
        """Note what a reply says of the limit.

        Raises:
            NoAnswerError: It is a rejection, because the limit is used up.
        """
        self.is_spent = self.is_spent or is_spent(reply) or reply.headers.get("x-ratelimit-remaining") == "0"
        if is_spent(reply):
            raise NoAnswerError(self.why, status=reply.status, final=True)


def _spent(base: str) -> str:
    if base == BASE:
        return f"anonymous limit of 60 requests an hour used up; set {GITHUB.key}"
    return (
        f"rate limit without a token used up; set {GITHUB.key}, which is sent over https only, "
        "and only to a base URL from a file that --config names"
    )


async def _rest(
    batch: Sequence[Identifier], *, budget: _Budget, web: Web, base: str
) -> AsyncIterator[Mapping[Identifier, Outcome[Repository]]]:
    for identifier in batch:
        if budget.is_spent:
            raise NoAnswerError(budget.why, final=True)
        url = f"{base}/repos/{quote(identifier.value, safe='/')}"
        reply = await web.fetch(url, KEYED_JSON)
        budget.note(reply)
        if reply.status == 404:
            yield {identifier: Missing("not found", status=404, at=reply.at)}
        elif reply.status == 200:
            yield {identifier: Found(parse_rest(require_status(reply).body), at=reply.at)}
        elif reply.status in (403, 451):
            yield {identifier: Unknown(f"access blocked by GitHub (HTTP {reply.status})", at=reply.at)}
        else:
            require_status(reply)


async def _with_parts(
    outcomes: Mapping[Identifier, Outcome[Repository]],
    parts: Mapping[Identifier, Sequence[str]],
    budget: _Budget,
    web: Web,
    base: str,
) -> dict[Identifier, Outcome[Repository]]:
    """Return the outcomes, with the parts of repositories that exist according to REST."""
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
        form=TEXT,
        batches=batches_of(1),
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
        reply = await web.fetch(addresses[pair], Terms(keyed=True), method="HEAD")
        budget.note(reply)
        if reply.status in (404, 410, 422):
            yield {pair: Missing("not found in the repository", status=reply.status, at=reply.at)}
        elif reply.status in (403, 451) or reply.hops:
            yield {pair: Unknown(f"unexpected response (HTTP {reply.status})", at=reply.at)}
        elif require_status(reply):
            yield {pair: Found(pair[1], at=reply.at)}


def _inside(part: str) -> str | None:
    """Return the REST URL of a part below its repository's, if any: https://docs.github.com/rest."""
    kind, _, rest = part.rstrip("/").partition("/")
    if kind in ("issues", "pull") and (number := re.match(r"[0-9]+", rest)):
        return f"issues/{number[0]}"
    if part.startswith("releases/tag/"):
        return f"releases/tags/{quote(part.removeprefix('releases/tag/'), safe='')}"
    if kind in ("tree", "blob", "raw", "blame", "edit") and (match := _REF_AND_PATH.fullmatch(rest)):
        return f"contents/{quote(match['path'] or '')}?ref={quote(match['ref'], safe='')}"
    return f"commits/{quote(rest, safe='')}" if kind in ("commit", "commits") and "/" not in rest else None
