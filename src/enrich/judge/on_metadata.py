"""The rule `stale-metadata`: differences between an entry and the records of its paper."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from enrich.judge.cases import Case, finding
from enrich.judge.records import PRECEDENCE
from enrich.matching import (
    Description,
    Ruling,
    beside,
    fold,
    identify,
    same_authors,
    tokens,
)
from enrich.model import Evidence, Finding, Record, Replacement, Severity
from enrich.services import ARXIV, CROSSREF
from enrich.text.dates import find_year
from enrich.text.venue_names import is_other_conference, short_name

_PLAIN = re.compile(r"[^\W\d_](?:[^:#]|:(?! |$)|(?<! )#)*")
"""Characters that may follow a field's name in YAML without quotes."""


def stale_title(case: Case) -> Iterator[Finding]:
    """Report an outdated title, or one with a year, a venue or authors in it."""
    listed = Description(title=case.entry.title)
    ranked = [case.records[source] for source in PRECEDENCE["title"] if source in case.records]
    titled = [record for record in ranked if record.title]
    if not listed.title or not titled or any(record.title == listed.title for record in titled):
        return  # true in most cases: there is nothing to compare
    rulings = [identify(listed, [Description(title=r.title, authors=r.authors)]) for r in titled]
    if not any(ruling.is_accepted for ruling in rulings):
        message = f'title changed to "{titled[0].title}"'
        yield _stale(case, titled[0], "title", message, f"title: {titled[0].title}", titled[0].title or "")
    elif all(ruling.clean for ruling in rulings if ruling.is_accepted):
        yield _cluttered(case, *next(pair for pair in zip(titled, rulings, strict=True) if pair[1].clean))


def _cluttered(case: Case, record: Record, ruling: Ruling) -> Finding:
    """Report what a title has beside the paper's, and where it belongs."""
    entry, clean = case.entry, ruling.clean or ""
    message = f'the title has more than the paper\'s title: "{clean}"'
    venue, authors = beside(record.title or "", entry.title or "", record.authors)
    if venue and not entry.venue:
        message += f'; venue "{venue}" could go into the field venue'
    if authors and not entry.own.authors:
        message += f'; authors "{", ".join(authors)}" could go into the field authors'
    stale = _stale(case, record, "title", message, f"title: {record.title}", clean)
    # A name that the list gave the paper would be lost unless it is also the entry's name.
    if ruling.left_out and fold(ruling.left_out) != fold(entry.name or ""):
        return stale
    return replace(stale, replacement=Replacement(entry.title or "", clean))


def contradicted_venue(case: Case) -> Iterator[Finding]:
    """Report a listed venue if the DOI's registry has the paper in the proceedings of another conference."""
    record, listed = case.records.get(CROSSREF.name), case.entry.venue
    if record and record.venue and listed and is_other_conference(listed, record.venue):
        # The year of a record is that of online publication, which may be the year before the conference.
        year = find_year(record.venue)
        right = f"{short_name(record.venue)} {year}" if year else short_name(record.venue)
        message = f'venue listed as "{listed}", but published in: {record.venue} (Crossref)'
        yield _stale(case, record, "venue", message, f"venue: {record.venue}", right)


def contradicted_authors(case: Case) -> Iterator[Finding]:
    """Report listed authors if none of them has a word of a name in the registry."""
    record, listed = case.records.get(CROSSREF.name) or case.records.get(ARXIV.name), case.entry.own.authors
    if record and record.authors and _are_others(listed, record.authors):
        message = f'authors listed as "{", ".join(listed)}", but none is among the paper\'s authors'
        saw = f"authors: {', '.join(record.authors)}"
        yield _stale(case, record, "authors", message, saw, record.authors)


def _are_others(listed: Sequence[str], known: Sequence[str]) -> bool:
    """Whether no listed name has a word of a known one; across scripts this is unknown."""
    words = {word for name in listed for word in tokens(name)}
    return (
        any(len(word) > 2 for word in words)
        and all(word.isascii() for word in words)
        and words.isdisjoint(word for name in known for word in tokens(name))
        and same_authors(listed, known) is not True
    )


def _stale(case: Case, record: Record, field: str, message: str, saw: str, right: str | Sequence[str]) -> Finding:
    evidence = (Evidence(record.asked, record.asked_at or "", saw),)
    line = f"{field}: {_yaml(right)}"
    return finding("stale-metadata", Severity.NOTE, case, message, field=field, evidence=evidence, suggestion=line)


def _yaml(value: str | Sequence[str]) -> str:
    """Return a value in a form that can be pasted into the catalog."""
    if not isinstance(value, str):
        return json.dumps(list(value), ensure_ascii=False)
    return value if _PLAIN.fullmatch(value) and value == value.strip() else json.dumps(value, ensure_ascii=False)
