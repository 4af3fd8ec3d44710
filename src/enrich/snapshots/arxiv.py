"""arXiv's public metadata: JSON Lines, or Parquet with the same columns.

https://www.kaggle.com/datasets/Cornell-University/arxiv describes the fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice

from enrich.cleaning.texts import (
    LONGEST_ABSTRACT,
    MOST_AUTHORS,
    author_names,
    clean_title,
    doi_in,
    one_line,
    plain_text,
)
from enrich.cleaning.withdrawals import withdrawal
from enrich.identifiers import ARXIV_NEW, ARXIV_OLD
from enrich.model import LONGEST_TITLE, Record
from enrich.services import ARXIV
from enrich.snapshots import parquet
from enrich.snapshots.inputs import LONGEST_DUMP_LINE, Dump, lines
from enrich.snapshots.rows import LONGEST_LISTS, Malformed, Row, storable_text, within
from enrich.text.dates import find_date
from enrich.text.people import authors_in, is_name

_ID = re.compile(rf"{ARXIV_NEW}|{ARXIV_OLD}", re.ASCII)
_SUBJECT_CLASS = re.compile(r"\.[A-Z]{2}/")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_COLUMNS = (
    "id",
    "title",
    "authors",
    "authors_parsed",
    "abstract",
    "comments",
    "journal-ref",
    "doi",
    "versions",
    "update_date",
)
_REQUIRED = ("id", "title")


def plain_id(arxiv_id: str) -> str:
    """Return an arXiv ID without its subject class: `math.GT/0309136` is `math/0309136`."""
    return _SUBJECT_CLASS.sub("/", arxiv_id)


def read(dump: Dump) -> Iterator[Row | Malformed]:
    """Yield the papers of a file.

    Raises:
        SnapshotError: The file cannot be read.
    """
    if parquet.is_parquet(dump.path):
        for number, values in enumerate(parquet.rows(dump, _COLUMNS, _REQUIRED), start=1):
            yield _row(values, f"{dump.path}:{number}")
        return
    for number, line in lines(dump):
        place = f"{dump.path}:{number}"
        if line is None:
            yield Malformed(place, f"longer than {LONGEST_DUMP_LINE / 1e6:.0f} MB")
        elif not line.isspace():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                yield Malformed(place, "not JSON")
            else:
                yield _row(value, place)


def _row(value: object, place: str) -> Row | Malformed:
    if not isinstance(value, dict):
        return Malformed(place, "not a JSON object")
    arxiv_id, title = value.get("id"), storable_text(value.get("title"), LONGEST_TITLE)
    if not isinstance(arxiv_id, str) or not _ID.fullmatch(arxiv_id):
        return Malformed(place, "`id` is not an arXiv ID")
    if title is None or not title.strip():
        return Malformed(place, "no `title`")
    created, count = _versions(_nested(value.get("versions")))
    updated = value.get("update_date")
    facts = [
        title,
        _authors(value),
        storable_text(value.get("abstract"), LONGEST_ABSTRACT),
        storable_text(value.get("comments"), LONGEST_TITLE),
        storable_text(value.get("journal-ref", value.get("journal_ref")), LONGEST_TITLE),
        storable_text(value.get("doi"), LONGEST_TITLE),
        created,
        count,
    ]
    return Row(plain_id(arxiv_id), title, facts, _day(updated))


def _nested(value: object) -> list[object]:
    """Return a list, which some Parquet files store as JSON text."""
    if isinstance(value, str):
        with suppress(ValueError, RecursionError):
            value = json.loads(value)
    return value if isinstance(value, list) else []


def _day(value: object) -> str | None:
    text = str(value)[:10] if value is not None else ""
    return text if _DAY.fullmatch(text) else None


def _versions(versions: Sequence[object]) -> tuple[str | None, int | None]:
    """Return when the first version was submitted, and the number of versions."""
    first = versions[0] if versions else None
    created = first.get("created") if isinstance(first, dict) else first
    return storable_text(str(created), 60) if created is not None else None, len(versions) or None


def _authors(value: Mapping[str, object]) -> object:
    """Return the names with the given name first, or the unsplit text of the names."""
    authors = value.get("authors")
    for many in (_nested(value.get("authors_parsed")), authors if isinstance(authors, list) else []):
        named = (_name(parts) for parts in islice(many, MOST_AUTHORS))
        if names := [name for name in within(named, LONGEST_LISTS) if name]:
            return names
    return storable_text(authors, 50 * MOST_AUTHORS)


def _name(parts: object) -> str:
    """Join `[family, given, suffix, affiliation...]`; some copies have whole names."""
    if isinstance(parts, str):
        return (storable_text(parts, 300) or "").strip()
    texts = [storable_text(part, 300) or "" for part in parts[:3]] if isinstance(parts, list) else []
    family, given, suffix = (*texts, "", "", "")[:3]
    return " ".join(part.strip() for part in (given, family, suffix) if part.strip())


def _names_in(authors: object) -> tuple[str, ...]:
    text = plain_text(authors, 50 * MOST_AUTHORS) or ""
    return (text,) if is_name(text) else authors_in(text)


def record(arxiv_id: str, facts: Sequence[object]) -> Record:
    """Return the record of a stored row.

    Raises:
        ValueError: It is not one that `read` made.
    """
    title, authors, abstract, comments, journal, doi, created, count = facts
    published = find_date(created) if isinstance(created, str) else None
    comment, registered = one_line(comments), doi_in(doi)
    version = f"v{count}" if isinstance(count, int) else ""
    return Record(
        source=ARXIV.name,
        title=clean_title(title),
        authors=author_names(authors if isinstance(authors, list) else _names_in(authors)),
        abstract=plain_text(abstract, LONGEST_ABSTRACT),
        year=int(published[:4]) if published else None,
        published=published,
        venue=plain_text(journal),
        doi=None if registered and registered.startswith("10.48550/") else registered,
        arxiv_id=arxiv_id,
        url=f"https://arxiv.org/abs/{arxiv_id}{version}",
        comment=comment,
        withdrawn=withdrawal(comment, one_line(abstract)),
    )
