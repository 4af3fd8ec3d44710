"""The records of a paper: which source wins per field, and whether they belong to the right paper."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from sys import intern
from typing import Any

from enrich import matching
from enrich.identifiers import doi as read_doi
from enrich.matching import Ruling, describe, described, identify
from enrich.model import FACT_FIELDS, Enriched, Entry, Record, Scheme, may_be_completed
from enrich.services import source_of
from enrich.text.venue_names import venues_agree

PRECEDENCE: Mapping[str, tuple[str, ...]] = {
    # arXiv's record is maintained by the authors; Semantic Scholar keeps a first version's title.
    "title": ("arxiv", "crossref", "page", "datacite", "dblp", "semantic_scholar", "openalex"),
    # Whole names in order; Semantic Scholar abbreviates some, OpenAlex merges people.
    "authors": ("arxiv", "crossref", "page", "datacite", "dblp", "semantic_scholar", "openalex"),
    # Crossref has few abstracts, Semantic Scholar none for Springer's papers.
    "abstract": ("arxiv", "semantic_scholar", "datacite", "page", "crossref", "openalex"),
    # The edition of the venue as listed, where a source names that venue: registries date papers by the day they went
    # online, which may be in the year before. Then the published version; the others know the preprint's year.
    "year": ("list", "crossref", "page", "dblp", "semantic_scholar", "openalex", "arxiv", "datacite"),
    # The day of first publication: the preprint's first version if there is one.
    "published": ("arxiv", "datacite", "page", "crossref", "semantic_scholar", "openalex"),
    # Fields that only the registration of the version of record has, or its publisher's page.
    "issued": ("crossref", "datacite"),
    "container": ("crossref", "page", "datacite"),
    "volume": ("crossref", "page", "dblp", "datacite"),
    "issue": ("crossref", "page", "dblp", "datacite"),
    "pages": ("crossref", "page", "dblp", "datacite"),
    "publisher": ("crossref", "page", "dblp", "datacite"),
    "publication_type": ("crossref", "datacite"),
    "venue": ("crossref", "semantic_scholar", "page", "openalex", "dblp", "arxiv", "datacite"),
    # The publisher's registration before sources that copy it.
    "doi": ("crossref", "page", "dblp", "semantic_scholar", "openalex", "arxiv", "datacite"),
    "arxiv_id": ("arxiv", "datacite", "semantic_scholar", "page", "dblp", "crossref"),
    "semantic_scholar_id": ("semantic_scholar",),
    # The others count fewer citations, Crossref the fewest: only used without Semantic Scholar's count.
    "citation_count": ("semantic_scholar", "openalex", "crossref"),
}
"""For each field, the sources that may fill it, in order of precedence."""

COUNT_MOVES = 0.05
"""A citation count is rewritten if it changed by this share, to keep nightly changes small."""

EDITION_YEARS = 2
"""The number of years that may lie between a preprint and its conference."""

_EDITION = re.compile(r"(?<![a-z])([a-z]{2,})-?(?:20)?(\d\d)(?![a-z\d])")

_NOTHING = Enriched()

_ASKED_FOR = ("authors", "citation_count", "abstract")


def may_be_one_paper(one: Record, other: Record) -> bool:
    """Whether two records may belong to one paper: unless titles and authors contradict each other."""
    return matching.same_paper(described(one), described(other))


def by_authority(records: Iterable[Record]) -> list[Record]:
    """Return the records of one identifier, the registry's first, without records of another paper."""
    ranks = PRECEDENCE["title"]
    ranked = sorted(records, key=lambda record: ranks.index(record.source) if record.source in ranks else len(ranks))
    registered = next((record for record in ranked if record.title), None)
    return [record for record in ranked if registered in (None, record) or may_be_one_paper(registered, record)]


def identity(entry: Entry, records: Iterable[Record]) -> Ruling:
    """Whether these records of one identifier belong to the entry's paper, and why not.

    The registry outranks an index; all titles of the paper that they know count.
    """
    return identify(describe(entry), [described(record) for record in by_authority(records)])


def gaps(records: Iterable[Record]) -> bool:
    """Whether the records have no authors, no abstract or no citation count."""
    known = list(records)
    return not all(any(getattr(r, name) not in (None, ()) for r in known) for name in _ASKED_FOR)


def edition(entry: Entry, records: Iterable[Record]) -> dict[str, Record]:
    """Return the year of the listed venue's edition as a record, unless a source's venue and year differ."""
    listed = describe(entry)
    if not listed.venue or listed.year is None:
        return {}
    venue, number = re.sub(r"[^a-z]", "", listed.venue.lower()), listed.year % 100
    linked = [match for link in entry.links for match in _EDITION.finditer(link.url.lower())]
    if any(match[1] == venue and int(match[2]) != number for match in linked):
        return {}  # the link is more precise: .../osdi22/...
    agreeing = [r for r in records if r.venue and venues_agree(listed.venue, r.venue) is True]
    near = [r for r in agreeing if r.year is None or abs(r.year - listed.year) <= EDITION_YEARS]
    return {"list": Record(source="list", year=listed.year)} if near else {}


def missing_fields(entry: Entry, enriched: Enriched | None, wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the wanted fields that are empty; of authors, the complete list is wanted."""
    whole = entry if entry.enriched is enriched else replace(entry, enriched=enriched)
    known = {name: whole.known(name) for name in wanted}
    return tuple(
        name
        for name, value in known.items()
        if value in (None, ()) or (name == "authors" and isinstance(value, tuple) and may_be_completed(value))
    )


def merge_records(
    records: Mapping[str, Record],
    before: Enriched | None,
    matched_by: str,
    today: date,
    refresh: timedelta,
    wanted: Collection[str] = FACT_FIELDS,
) -> Enriched:
    """Return the block `enriched:` after a run: the winning source per field, else what was known before.

    A field keeps its value if the source that filled it did not answer this time and no better one did. `records` has
    one record per source, all of one paper; the DOIs in them must be registered ones. `refresh` is the age at which a
    citation count gets a new date even if it hardly changed; `wanted` are the fields to write.
    """
    before = before if before and _still_of(before, records.values()) else _NOTHING
    values: dict[str, object] = {"matched_by": matched_by}
    sources: dict[str, str] = {}
    for name in PRECEDENCE:
        if winner := _winner(name, records, before):
            values[name], sources[name] = winner
    _derive(values, sources)
    if "citation_count" in values:
        values |= _counted(int(str(values["citation_count"])), before, today, refresh)
    left_out = {name for fact in FACT_FIELDS if fact not in wanted for name in (fact, f"{fact}_as_of")}
    shared = _shared(tuple((name, source) for name, source in sorted(sources.items()) if name not in left_out))
    known: dict[str, Any] = {n: v for n, v in values.items() if n not in left_out} | {"sources": shared}
    merged = Enriched(**known, enriched_on=before.enriched_on)
    return merged if merged == before else replace(merged, enriched_on=intern(str(today)))


@lru_cache(maxsize=1024)
def _shared(sources: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Return the mapping of fields to sources; shared, as there are few different ones and one per entry."""
    return dict(sources)


def _derive(values: dict[str, object], sources: dict[str, str]) -> None:
    """Fill in fields that follow from others, and drop a container that repeats the venue."""
    if "doi" not in values and "arxiv_id" in values:
        # Every arXiv paper has one: https://info.arxiv.org/help/doi.html
        values["doi"], sources["doi"] = f"10.48550/arXiv.{values['arxiv_id']}", "arxiv"
    if values.get("container") == values.get("venue"):
        values.pop("container", None)
        sources.pop("container", None)
    if "year" not in values and (published := str(values.get("published", ""))[:4]).isdigit():
        values["year"], sources["year"] = int(published), sources["published"]


def _still_of(before: Enriched, records: Iterable[Record]) -> bool:
    known = Record(source="before", title=before.title, authors=before.authors, year=before.year)
    return not before.title or any(
        # Most say what they said before.
        (record.title, record.authors) == (known.title, known.authors) or may_be_one_paper(known, record)
        for record in records
        if record.title
    )


def _winner(name: str, records: Mapping[str, Record], before: Enriched) -> tuple[object, str] | None:
    """Return the value of a field and its source, None if there is none."""
    old, old_said = getattr(before, name), before.sources.get(name, "")
    old_source = source_of(old_said)
    for source in _ranked(name, (*records, old_source)):
        record = records.get(source)
        value = getattr(record, name) if record else old if source == old_source else None
        said = record.provenance if record else old_said
        if source == old_source and (value == old or (record and _is_older(record, before, old_said))):
            value, said = old, old_said
        if name == "doi":
            identifier = read_doi(value) if isinstance(value, str) else None
            value = identifier.value if identifier and identifier.scheme is Scheme.DOI else None
        if value not in (None, ()):
            return value, said
    return (old, old_said or "enrich") if old not in (None, ()) else None


@lru_cache(maxsize=4096)
def _ranked(name: str, sources: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sources that may fill a field, in order of precedence; few combinations occur."""
    return tuple(source for source in PRECEDENCE[name] if source in sources)


def _is_older(record: Record, before: Enriched, old_said: str) -> bool:
    """Whether a record comes from a snapshot that is older than an earlier answer of the source or a snapshot."""
    known = old_said.partition("@")[2] or before.enriched_on
    return record.snapshot is not None and known is not None and record.snapshot < known


def _counted(count: int, before: Enriched, today: date, refresh: timedelta) -> dict[str, object]:
    """Return a citation count with its day, or the earlier count if it hardly changed."""
    if _hardly_moved(count, before, today, refresh):
        return {"citation_count": before.citation_count, "citation_count_as_of": before.citation_count_as_of}
    return {"citation_count": count, "citation_count_as_of": intern(str(today))}


def _hardly_moved(count: int, before: Enriched, today: date, refresh: timedelta) -> bool:
    if before.citation_count is None or before.citation_count_as_of is None:
        return False
    try:
        age = today - date.fromisoformat(before.citation_count_as_of)
    except ValueError:
        return False
    return age < refresh and abs(count - before.citation_count) < max(1, COUNT_MOVES * before.citation_count)
