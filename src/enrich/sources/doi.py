"""The handle system behind doi.org: https://www.handle.net/hnr_api.html; the authority on registered DOIs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from enrich.cleaning.texts import arxiv_doi, one_line
from enrich.identifiers import is_short_doi
from enrich.model import Found, Identifier, Missing, Outcome, Scheme
from enrich.services import DOI
from enrich.sources.asking.batches import batches_of, split_supported
from enrich.sources.asking.lookup import Lookup
from enrich.sources.asking.replies import JSON, NoAnswerError, UnreadableError, load_json, require_status
from enrich.sources.asking.stored import TEXT
from enrich.web import Web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

NAME, BASE = DOI.name, DOI.base

# https://www.handle.net/hnr_api.html#response-codes
_KNOWN, _UNKNOWN, _OTHER_TYPES = 1, 100, 200


def parse(body: bytes) -> tuple[int, str | None]:
    """Return the response code and the URL that is registered; of a short DOI, the address of the full DOI.

    Raises:
        UnreadableError: the body is not an answer of the handle system.
    """
    value = load_json(body)
    if not isinstance(value, dict) or type(code := value.get("responseCode")) is not int:
        raise UnreadableError("the response has no responseCode")
    values = value.get("values")
    items = [item for item in values if isinstance(item, dict)] if isinstance(values, list) else []
    if alias := _value(items, "HS_ALIAS"):
        return code, _address(alias)
    return code, _value(items, "URL")


def _value(items: Sequence[Mapping[str, object]], kind: str) -> str | None:
    """Return the first value of a type (https://www.handle.net/rfc/rfc3651.html#section-3.2)."""
    data = (item.get("data") for item in items if item.get("type") == kind)
    return next((text for each in data if isinstance(each, dict) and (text := one_line(each.get("value")))), None)


def _address(doi: str) -> str:
    return f"https://doi.org/{_quoted(doi)}"


def _quoted(doi: str) -> str:
    return quote(doi, safe="/:;()._-")  # an escaped slash would be another handle


async def look_up(wanted: Sequence[Identifier], web: Web, *, base: str = BASE) -> dict[Identifier, Outcome[str]]:
    """Ask doi.org for the URL of each DOI (schemes DOI, and ARXIV by its DOI 10.48550/arXiv.…).

    A handle without a URL counts as registered, with its URL at doi.org as value; a short DOI has the URL of the full
    DOI. One request each.
    """
    able, others = split_supported((Scheme.DOI, Scheme.ARXIV), wanted)
    lookup: Lookup[Identifier, str] = Lookup(
        service=NAME, kind=NAME, ask=partial(_ask, web=web, base=base), form=TEXT, batches=batches_of(1), at_once=4
    )
    return {**await lookup.outcomes(able, web), **others}


async def _ask(batch: Sequence[Identifier], *, web: Web, base: str) -> AsyncIterator[Mapping[Identifier, Outcome[str]]]:
    for identifier in batch:
        doi = arxiv_doi(identifier.value) if identifier.scheme is Scheme.ARXIV else identifier.value
        types = "type=URL&type=HS_ALIAS" if is_short_doi(identifier) else "type=URL"
        reply = await web.fetch(f"{base}/api/handles/{_quoted(doi)}?{types}", JSON)
        code, url = parse(require_status(reply, 200, 404).body)
        if code in (_KNOWN, _OTHER_TYPES):
            yield {identifier: Found(url or _address(doi), at=reply.at)}
        elif code == _UNKNOWN:
            yield {identifier: Missing("not found", status=reply.status, at=reply.at)}
        else:
            raise NoAnswerError(f"unexpected response code {code}", status=reply.status)
