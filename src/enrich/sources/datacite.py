"""DataCite's REST API (https://support.datacite.org/docs/api), which knows every arXiv paper by 10.48550/arXiv.ID."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from enrich import identifiers
from enrich.cleaning.texts import (
    LONGEST_ABSTRACT,
    Edition,
    arxiv_doi,
    author_names,
    clean_title,
    doi_in,
    one_line,
    plain_text,
)
from enrich.model import Found, Identifier, Missing, Outcome, Record, Reply, Scheme
from enrich.services import DATACITE
from enrich.sources.asking.batches import batches_of, retry_in_halves, split_supported
from enrich.sources.asking.lookup import Lookup
from enrich.sources.asking.replies import JSON, TOO_LONG_STATUSES, UnreadableError, load_json, require_status
from enrich.sources.asking.stored import RECORD
from enrich.text.dates import checked_year, leading_date
from enrich.text.names import given_first
from enrich.web import Web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

NAME, BASE = DATACITE.name, DATACITE.base

_BATCH = 50
_CONFIRMATIONS = 3
"""Works absent from lists that are requested alone; if none of them exists, the lists are believed."""
_MOST_ALONE = 50
"""Works that one lookup requests alone; others stay unknown. At DataCite's pace this takes 15 s."""
# DataCite's general types as Crossref names them:
# https://datacite-metadata-schema.readthedocs.io/en/4.6/appendices/appendix-1/resourceTypeGeneral/
_TYPES = {
    "Book": "book",
    "BookChapter": "book-chapter",
    "ConferencePaper": "proceedings-article",
    "Dataset": "dataset",
    "Dissertation": "dissertation",
    "JournalArticle": "journal-article",
    "Preprint": "posted-content",
    "Report": "report",
}


def parse(body: bytes) -> list[Record]:
    """Return the works of a reply (one, or a list).

    Raises:
        UnreadableError: the body is not a reply from DataCite.
    """
    value = load_json(body)
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, dict | list):
        raise UnreadableError("the response has no works")
    works = [work.get("attributes") for work in (data if isinstance(data, list) else [data]) if isinstance(work, dict)]
    return [_record(work) for work in works if isinstance(work, dict)]


def _record(work: Mapping[str, object]) -> Record:
    doi = doi_in(work.get("doi"))
    identifier = identifiers.parse(doi or "")
    published = _published(work)
    container = work.get("container")
    titles = _titles(work)
    return Record(
        source=NAME,
        title=titles[0] if titles else None,
        authors=author_names(_name(creator) for creator in _dicts(work, "creators")),
        abstract=next(
            (
                text
                for item in _dicts(work, "descriptions")
                if item.get("descriptionType") == "Abstract"
                and (text := plain_text(item.get("description"), LONGEST_ABSTRACT))
            ),
            None,
        ),
        year=checked_year(work.get("publicationYear")) or (int(published[:4]) if published else None),
        published=published,
        venue=plain_text(container.get("title")) if isinstance(container, dict) else None,
        doi=doi,
        arxiv_id=identifier.value if identifier and identifier.scheme is Scheme.ARXIV else None,
        url=f"https://doi.org/{doi}" if doi else None,
        **(Edition() if identifier and identifier.scheme is Scheme.ARXIV else _edition(work)),
        other_titles=tuple(titles[1:20]),
    )


def _edition(work: Mapping[str, object]) -> Edition:
    """Return what is known about the version of record, which everything except preprints is."""
    container, publisher, types = work.get("container"), work.get("publisher"), work.get("types")
    inside = container if isinstance(container, dict) else {}
    first, last = (one_line(inside.get(name), 30) for name in ("firstPage", "lastPage"))
    kind = types.get("resourceTypeGeneral") if isinstance(types, dict) else None
    return Edition(
        issued=next(
            (leading_date(i.get("date")) for i in _dicts(work, "dates") if i.get("dateType") == "Issued"), None
        ),
        container=plain_text(inside.get("title")),
        volume=one_line(inside.get("volume"), 60),
        issue=one_line(inside.get("issue"), 60),
        pages=f"{first}-{last}" if first and last and first != last else first,
        publisher=plain_text(publisher.get("name") if isinstance(publisher, dict) else publisher, 300),
        publication_type=_TYPES.get(str(kind)),
    )


def _dicts(work: Mapping[str, object], name: str) -> Iterable[Mapping[str, object]]:
    value = work.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _titles(work: Mapping[str, object]) -> list[str]:
    """Return the proper title (with its subtitle) first, then alternative and translated ones."""
    items = _dicts(work, "titles")
    titles = [(item.get("titleType"), text) for item in items if (text := clean_title(item.get("title")))]
    subtitle = next((text for kind, text in titles if kind == "Subtitle"), None)
    proper = [text for kind, text in titles if not kind]
    others = [text for kind, text in titles if kind not in (None, "", "Subtitle")]
    if proper and subtitle:
        proper[0] = f"{proper[0]}: {subtitle}"
    return list(dict.fromkeys(proper + others))


def _name(creator: Mapping[str, object]) -> str | None:
    """Return `Family, Given` inverted, and an organisation's name unchanged."""
    given, family, name = (one_line(creator.get(part), 300) for part in ("givenName", "familyName", "name"))
    if given and family:
        return f"{given} {family}"
    if name and creator.get("nameType") != "Organizational":
        return given_first(name)
    return name or family or given


def _published(work: Mapping[str, object]) -> str | None:
    """Return the day when the first version was submitted (in arXiv's deposits), else the day of publication."""
    dates = [(item.get("dateType"), item.get("dateInformation"), item.get("date")) for item in _dicts(work, "dates")]
    first = [day for kind, version, day in dates if kind == "Submitted" and version == "v1"]
    issued = [day for kind, _, day in dates if kind == "Issued"]
    year = checked_year(work.get("publicationYear"))
    return next((text for day in first + issued if (text := leading_date(day))), None) or (str(year) if year else None)


async def look_up(wanted: Sequence[Identifier], web: Web, *, base: str = BASE) -> dict[Identifier, Outcome[Record]]:
    """Ask DataCite for each work (schemes ARXIV and DOI).

    A Missing DOI may be registered with another agency (ask `doi` for that).
    """
    able, others = split_supported((Scheme.ARXIV, Scheme.DOI), wanted)
    ask, batches = _Asking(web, base).ask, batches_of(_BATCH)
    lookup: Lookup[Identifier, Record] = Lookup(service=NAME, kind=NAME, ask=ask, form=RECORD, batches=batches)
    return {**await lookup.outcomes(able, web), **others}


@dataclass(slots=True)
class _Asking:
    """A lookup: lists first, and single works until it is known whether works absent from a list do not exist.

    Lists come from an index that may be out of date, single works from the database.
    """

    web: Web
    base: str
    alone: int = 0
    confirmations: int = 0
    is_index_behind: bool = False

    async def ask(self, batch: Sequence[Identifier]) -> AsyncIterator[Mapping[Identifier, Outcome[Record]]]:
        """Yield DataCite's answers for a batch; nothing for a work that could not be requested in either way."""
        answers: dict[Identifier, Outcome[Record]] = {}
        if len(batch) > 1:
            async for listed in retry_in_halves(batch, partial(_list, web=self.web, base=self.base), TOO_LONG_STATUSES):
                answers.update(listed)
                yield {identifier: answer for identifier, answer in listed.items() if isinstance(answer, Found)}
        for identifier in batch:
            answer = answers.get(identifier)
            if isinstance(answer, Missing) and self.confirmations >= _CONFIRMATIONS and not self.is_index_behind:
                yield {identifier: answer}
            elif not isinstance(answer, Found) and self.alone < _MOST_ALONE:
                yield {identifier: await self._ask_alone(identifier, was_listed=answer is not None)}

    async def _ask_alone(self, identifier: Identifier, *, was_listed: bool) -> Outcome[Record]:
        self.alone += 1
        answer = await _single(identifier, self.web, self.base)
        if was_listed:
            self.confirmations += isinstance(answer, Missing)
            self.is_index_behind = self.is_index_behind or isinstance(answer, Found)
        return answer


async def _list(batch: Sequence[Identifier], *, web: Web, base: str) -> dict[Identifier, Outcome[Record]]:
    """Ask for a list of DOIs (`ids`, used by https://docs.ropensci.org/rdatacite/); nothing if it is rejected.

    DOIs absent from a complete list are Missing.
    """
    dois = [_doi(identifier) for identifier in batch if "," not in identifier.value]
    params = {"ids": ",".join(dois), "page[size]": str(len(batch)), "disable-facets": "true"}
    reply = await web.fetch(f"{base}/dois", JSON, params=params)
    if reply.status in (400, 404, 422):
        return {}
    records = parse(require_status(reply).body)
    known = {(record.doi or "").lower(): record for record in records}
    found: dict[Identifier, Outcome[Record]] = {i: _found(known[_doi(i)], reply) for i in batch if _doi(i) in known}
    if _total(reply.body) > len(records):
        return found
    absent = Missing("not found in the batch response", status=reply.status, at=reply.at)
    return {i: found.get(i, absent) for i in batch if "," not in i.value}


def _total(body: bytes) -> int:
    """Return the total of a list; 0 if it has none."""
    value = load_json(body)
    meta = value.get("meta") if isinstance(value, dict) else None
    total = meta.get("total") if isinstance(meta, dict) else None
    return total if isinstance(total, int) else 0


async def _single(identifier: Identifier, web: Web, base: str) -> Outcome[Record]:
    reply = await web.fetch(f"{base}/dois/{quote(_doi(identifier), safe='/')}", JSON)
    if reply.status == 404:
        return Missing("not found", status=404, at=reply.at)
    records = parse(require_status(reply).body)
    if not records:
        raise UnreadableError("the response has no work")
    return _found(records[0], reply)


def _found(record: Record, reply: Reply) -> Found[Record]:
    return Found(replace(record, asked_at=reply.at), at=reply.at)


def _doi(identifier: Identifier) -> str:
    """Return the DOI in lower case, as DataCite writes it."""
    is_arxiv = identifier.scheme is Scheme.ARXIV
    return (arxiv_doi(identifier.value) if is_arxiv else identifier.value).lower()
