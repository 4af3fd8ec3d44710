"""Crossref's REST API: https://api.crossref.org/swagger-ui/index.html."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from enrich.cleaning.texts import (
    LONGEST_ABSTRACT,
    Edition,
    author_names,
    clean_title,
    doi_in,
    one_line,
    plain_text,
    rank_by_shared_words,
)
from enrich.model import Found, Identifier, Missing, Outcome, Record, Reply, Scheme
from enrich.services import CROSSREF
from enrich.sources.asking.batches import batches_within_chars, retry_in_halves, split_supported
from enrich.sources.asking.lookup import Lookup, one_by_one
from enrich.sources.asking.replies import JSON, TOO_LONG_STATUSES, UnreadableError, load_json, require_status
from enrich.sources.asking.stored import RECORD
from enrich.text import headings
from enrich.text.dates import bounded_int, iso_date
from enrich.web import Web

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

NAME, SERVICE, BASE = CROSSREF.name, CROSSREF.title, CROSSREF.base

_BATCH, _ROOM = 100, 4_000  # DOIs in one request, and their characters: servers reject URLs above 8,000
_ROWS = 5

# Proceedings series, of which each volume has its own title.
_SERIES = re.compile(
    r"lecture notes in|communications in computer and information science|ifip advances in|springer (?:series|proceed)|"
    r"advances in intelligent systems|studies in computational|smart innovation|ceur workshop|"
    r"acm international conference proceeding series|leibniz international proceedings|proceedings in adaptation",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^(?:abstract|summary)\b[\s.:—-]*(?=[A-Z])", re.IGNORECASE)

_RETRACTED_TITLE = re.compile(
    r"^\W*(?:(?:retracted|withdrawn|removed)(?:\s(?:article|paper|chapter))?\s*[:\]—–-]+|retracted article\W)\s*",
    re.IGNORECASE,
)
_NOTICE_TITLE = re.compile(r"^\W*(?:retraction|withdrawal|removal)\b", re.IGNORECASE)
_RETRACTIONS = frozenset({"retraction", "withdrawal", "removal"})
# What Crossmark calls a correction: https://www.crossref.org/documentation/crossmark/version-control-corrections-and-retractions/
_CORRECTIONS = {
    "expression_of_concern": "an expression of concern",
    "erratum": "an erratum",
    "corrigendum": "a corrigendum",
    "correction": "a correction",
    "partial_retraction": "a partial retraction",
}

# A depositor of copies with the titles of famous papers, which have outranked the papers themselves since 2025.
_COPIES = "10.65215/"


def parse(body: bytes) -> list[Record]:
    """Return the works of a reply (one, or a list).

    Raises:
        UnreadableError: the body is not a reply from Crossref.
    """
    value = load_json(body)
    message = value.get("message") if isinstance(value, dict) else None
    if not isinstance(message, dict):
        raise UnreadableError("the response has no works")
    works = message["items"] if isinstance(message.get("items"), list) else [message]
    return [_record(work) for work in works if isinstance(work, dict) and isinstance(work.get("DOI"), str)]


def _record(work: Mapping[str, object]) -> Record:
    title = ": ".join(dict.fromkeys(filter(None, (_first(work, "title"), _first(work, "subtitle")))))
    published = next((text for name in ("published", "issued") if (text := _date(work.get(name)))), None)
    retracted, notice = _retraction(work, title)
    doi = doi_in(work.get("DOI"))
    return Record(
        source=NAME,
        title=clean_title(title if notice else _RETRACTED_TITLE.sub("", title)),
        authors=author_names(_name(person) for person in _list(work, "author")),
        abstract=_abstract(work.get("abstract")),
        year=int(published[:4]) if published else None,
        published=published,
        venue=_venue(work),
        doi=doi,
        **_edition(work),
        citation_count=bounded_int(work.get("is-referenced-by-count")),
        url=_page(work) or (f"https://doi.org/{doi}" if doi else None),
        comment=notice or _correction(work),
        retracted=retracted,
    )


def _edition(work: Mapping[str, object]) -> Edition:
    """Return what is known about the version of record; for a preprint only its type."""
    kind = one_line(work.get("type"), 60)
    if kind == "posted-content":
        return Edition(publication_type=kind)
    dates = ("published-print", "published", "issued")
    return Edition(
        publication_type=kind,
        issued=next((day for name in dates if (day := _date(work.get(name)))), None),
        container=_venue(work),
        volume=one_line(work.get("volume"), 60),
        issue=one_line(work.get("issue"), 60),
        pages=one_line(work.get("page") or work.get("article-number"), 60),
        publisher=plain_text(work.get("publisher"), 300),
    )


def _list(work: Mapping[str, object], name: str) -> list[object]:
    value = work.get(name)
    return value if isinstance(value, list) else [] if value is None else [value]


def _first(work: Mapping[str, object], name: str) -> str | None:
    return next((text for value in _list(work, name) if (text := plain_text(value))), None)


def _venue(work: Mapping[str, object]) -> str | None:
    """Return where the work was published: the book, if it has the name of its series."""
    named = [text for value in _list(work, "container-title") if (text := plain_text(value))]
    return next((name for name in named if not _SERIES.match(name)), named[0] if named else None)


def _page(work: Mapping[str, object]) -> str | None:
    """Return the publisher's URL of the work, to which its DOI leads."""
    resource = work.get("resource")
    primary = resource.get("primary") if isinstance(resource, dict) else None
    url = one_line(primary.get("URL")) if isinstance(primary, dict) else None
    return url if url and re.match(r"https?://[^\s/]+/", url) else None


def _abstract(text: object) -> str | None:
    abstract = plain_text(text, LONGEST_ABSTRACT)
    return _HEADING.sub("", abstract) if abstract else None


def _name(person: object) -> str | None:
    """Return given and family name; a collaboration only has a `name`."""
    if not isinstance(person, dict):
        return None
    parts = [person.get(name) for name in ("given", "family", "suffix")]
    name = " ".join(part.strip() for part in parts if isinstance(part, str) and part.strip())
    return headings.usual_name(name) or plain_text(person.get("name"), 300)


def _date(value: object) -> str | None:
    parts = value.get("date-parts") if isinstance(value, dict) else None
    first = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
    numbers = [int(part) if isinstance(part, str) and part.isascii() and part.isdigit() else part for part in first[:3]]
    return iso_date(*numbers) if numbers else None


def _retraction(work: Mapping[str, object], title: str) -> tuple[str | None, str | None]:
    """Return the words that mark this work as retracted, and the words that mark it as a retraction notice.

    `updated-by` belongs to the paper, `update-to` to the notice, but publishers deposit both on both. For a pair that
    names each other, Retraction Watch decides, then the publisher, then the title.
    """
    own = str(work.get("DOI")).lower()
    updates = {name: list(_retractions(_list(work, name))) for name in ("updated-by", "update-to")}
    if in_place := next((update for each in updates.values() for update in each if update.doi == own), None):
        return f"{in_place.kind} notice", None
    by_others, of_others = updates["updated-by"], updates["update-to"]
    marked = _RETRACTED_TITLE.match(title)
    # Some publishers call the notice "Retracted: …", and the paper "RETRACTED: …".
    if marked and (not of_others or marked[0].isupper()):
        return f"retraction notice {by_others[0].doi}" if by_others else "the title is marked as retracted", None
    if not of_others:
        return (f"{by_others[0].kind} notice {by_others[0].doi}" if by_others else None), None
    watched_by, watched_of = (any(update.watched for update in side) for side in (by_others, of_others))
    is_notice = watched_of if watched_by != watched_of else bool(_NOTICE_TITLE.match(title))
    if is_notice or not by_others:
        return None, f"a notice of the {of_others[0].kind} of {of_others[0].doi}"
    return f"{by_others[0].kind} notice {by_others[0].doi}", None


def _correction(work: Mapping[str, object]) -> str | None:
    """Return the words of a correction or doubt: an erratum, an expression of concern."""
    own = str(work.get("DOI")).lower()
    for update in _list(work, "updated-by"):
        if isinstance(update, dict) and (kind := str(update.get("type")).lower()) in _CORRECTIONS:
            doi = one_line(str(update.get("DOI")).lower(), 300)
            if doi and doi != own:
                return f"{SERVICE} lists {_CORRECTIONS[kind]}: {doi}"
    return None


class _Update(NamedTuple):
    doi: str
    kind: str
    watched: bool  # by Retraction Watch


def _retractions(updates: Iterable[object]) -> Iterator[_Update]:
    """Return the full retractions, without errata and expressions of concern."""
    for update in updates:
        if isinstance(update, dict) and (kind := str(update.get("type")).lower()) in _RETRACTIONS:
            doi = one_line(str(update.get("DOI")).lower(), 300) or "?"
            yield _Update(doi, kind, update.get("source") == "retraction-watch")


async def look_up(wanted: Sequence[Identifier], web: Web, *, base: str = BASE) -> dict[Identifier, Outcome[Record]]:
    """Ask Crossref for each work (scheme DOI).

    A Missing does not prove that a DOI is not registered: other agencies register DOIs, too (ask `doi` for that).
    """
    able, others = split_supported((Scheme.DOI,), wanted)
    lookup: Lookup[Identifier, Record] = Lookup(
        service=NAME,
        kind=NAME,
        ask=lambda batch: retry_in_halves(batch, partial(_ask, web=web, base=base), TOO_LONG_STATUSES),
        form=RECORD,
        batches=batches,
    )
    return {**await lookup.outcomes(able, web), **others}


def batches(wanted: Sequence[Identifier]) -> Iterable[Sequence[Identifier]]:
    """Divide DOIs into requests; a comma ends a filter's value, so a DOI with one is requested alone."""
    yield from _divide([identifier for identifier in wanted if "," not in identifier.value])
    yield from ([identifier] for identifier in wanted if "," in identifier.value)


def _room(identifier: Identifier) -> int:
    return len(quote(f"doi:{identifier.value},", safe=""))


_divide: Callable[[Sequence[Identifier]], Iterable[Sequence[Identifier]]] = batches_within_chars(_ROOM, _room, _BATCH)


async def _ask(batch: Sequence[Identifier], *, web: Web, base: str) -> dict[Identifier, Outcome[Record]]:
    if len(batch) == 1:
        reply = await web.fetch(f"{base}/works/{quote(batch[0].value, safe='')}", JSON)
        absent = "Resource not found."
    else:
        dois = ",".join(f"doi:{identifier.value}" for identifier in batch)
        reply = await web.fetch(f"{base}/works", JSON, params={"filter": dois, "rows": str(len(batch))})
        absent = "not found in the batch response"
    if len(batch) == 1 and reply.status == 404:
        return {batch[0]: Missing(absent, status=404, at=reply.at)}
    records = parse(require_status(reply).body)
    known = {record.doi: record for record in records}
    if len(batch) == 1 and records:  # an alias is answered with the DOI that it leads to
        known[batch[0].value] = records[0]
    return {
        identifier: Found(replace(record, asked_at=reply.at), at=reply.at)
        if (record := known.get(identifier.value))
        else Missing(absent, status=reply.status, at=reply.at)
        for identifier in batch
    }


async def search(titles: Sequence[str], web: Web, *, base: str = BASE) -> dict[str, Outcome[tuple[Record, ...]]]:
    """Candidates for each title, the likeliest first, at most 5; one request a title."""

    async def ask(title: str) -> tuple[Reply, Iterable[Record]] | None:
        if not (query := one_line(title, 500)):
            return None
        params = {"query.bibliographic": query, "rows": str(_ROWS)}
        reply = require_status(await web.fetch(f"{base}/works", JSON, params=params))
        return reply, rank_by_shared_words(
            title, (r for r in parse(reply.body) if not (r.doi or "").startswith(_COPIES))
        )

    return await one_by_one(titles, web, ask, service=NAME, key=lambda title: f"{NAME}:{title}", at_once=3)
