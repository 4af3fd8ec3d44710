"""Semantic Scholar's Academic Graph: https://api.semanticscholar.org/api-docs/graph."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from enrich.model import Found, Identifier, Missing, Outcome, Record, Reply, Scheme, Unknown
from enrich.services import SEMANTIC_SCHOLAR
from enrich.sources.asking.batches import batches_of, retry_in_halves, split_supported
from enrich.sources.asking.lookup import Lookup
from enrich.sources.asking.replies import KEYED_JSON, TOO_LONG_STATUSES
from enrich.sources.asking.stored import RECORD
from enrich.sources.semantic_scholar.names import Name, named, search_names
from enrich.sources.semantic_scholar.reading import FIELDS, Row, accepted, bare, message, parse, read_rows
from enrich.sources.semantic_scholar.searches import match, search, title_batches
from enrich.web import Web

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "BASE",
    "NAME",
    "Name",
    "batches",
    "look_up",
    "match",
    "named",
    "parse",
    "search",
    "search_names",
    "title_batches",
]

NAME, BASE = SEMANTIC_SCHOLAR.name, SEMANTIC_SCHOLAR.base

batches = batches_of(500)
"""Divide identifiers into requests."""

_FORMS = {
    Scheme.ARXIV: "ARXIV:{}",
    Scheme.DOI: "DOI:{}",
    Scheme.ACL: "ACL:{}",
    Scheme.ACM: "DOI:{}",  # registered nowhere, but copied from ACM's pages
    Scheme.SEMANTIC_SCHOLAR: "{}",
    Scheme.PMID: "PMID:{}",
    Scheme.PMC: "PMCID:{}",
}


async def look_up(wanted: Sequence[Identifier], web: Web, *, base: str = BASE) -> dict[Identifier, Outcome[Record]]:
    """Ask Semantic Scholar for each paper (schemes ARXIV, DOI, ACL, ACM, PMID, PMC, SEMANTIC_SCHOLAR).

    A DOI that it knows may not be registered. A row about another paper than the requested one is Missing.
    """
    able, others = split_supported(_FORMS, wanted)
    lookup: Lookup[Identifier, Record] = Lookup(
        service=NAME,
        kind=NAME,
        ask=lambda batch: retry_in_halves(batch, partial(_ask, web=web, base=base), TOO_LONG_STATUSES | {500}),
        form=RECORD,
        batches=batches,
    )
    return {**await lookup.outcomes(able, web), **others}


async def _ask(batch: Sequence[Identifier], *, web: Web, base: str) -> dict[Identifier, Outcome[Record]]:
    reply = await web.fetch(
        f"{base}/graph/v1/paper/batch",
        KEYED_JSON,
        method="POST",
        params={"fields": FIELDS},
        json={"ids": [_FORMS[i.scheme].format(i.value.removeprefix("PMC")) for i in batch]},
    )
    if reply.status == 400 and "no valid paper ids" in message(reply):
        return {identifier: Missing("not a valid paper ID", status=400, at=reply.at) for identifier in batch}
    rows = read_rows(accepted(reply, web, base).body)
    return {identifier: _outcome(place, batch, rows, reply) for place, identifier in enumerate(batch)}


def _outcome(place: int, batch: Sequence[Identifier], rows: Sequence[Row | None], reply: Reply) -> Outcome[Record]:
    """Return the row of an identifier; rows come in the order of the IDs, with one known exception.

    https://github.com/allenai/s2-folks/issues/158: a row with the identifier comes before the row at its place, which
    is not used if it has another identifier of the batch that is in another row.
    """
    identifier = batch[place]
    row = rows[place] if place < len(rows) else None
    if not row or not _agrees(identifier, row):
        named = next((other for other in rows if other and _agrees(identifier, other)), None)
        if not named and place < len(rows) and row is None:
            return Missing("not found", status=200, at=reply.at)
        row = named or (row if row and _may_be(identifier, row, batch, rows) else None)
    if row:
        return Found(replace(row.record, asked_at=reply.at), at=reply.at)
    if place >= len(rows):
        return Unknown(f"sent {len(rows)} rows for {len(batch)} IDs", at=reply.at)
    return Missing("not found: the response is about another paper", status=200, at=reply.at)  # and will tomorrow


def _may_be(identifier: Identifier, row: Row, batch: Sequence[Identifier], rows: Sequence[Row | None]) -> bool:
    if _agrees(identifier, row) is False or not (row.record.title or row.record.semantic_scholar_id):
        return False
    return not any(_agrees(other, row) and theirs != row for other, theirs in zip(batch, rows, strict=False))


def _agrees(identifier: Identifier, row: Row) -> bool | None:
    """Whether the row has the identifier: None if it has none of that scheme, or may differ after a merger."""
    record = row.record
    if identifier.scheme is Scheme.ARXIV and record.arxiv_id:
        return record.arxiv_id == identifier.value
    if identifier.scheme is Scheme.DOI and record.doi:
        return record.doi.lower() == identifier.value
    if identifier.scheme is Scheme.SEMANTIC_SCHOLAR and record.semantic_scholar_id == identifier.value:
        return True
    is_hash = identifier.scheme is Scheme.SEMANTIC_SCHOLAR and not identifier.value.startswith("CorpusId:")
    if is_hash or identifier.scheme not in row.ids:
        return None
    return row.ids[identifier.scheme] == bare(identifier.value)
