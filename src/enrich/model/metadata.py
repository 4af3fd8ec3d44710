"""The bibliographic fields of a paper: the one list that records, catalogs, exports and reports use."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Shape(StrEnum):
    """The type of a field; a catalog reads and writes each type in its own way.

    `DATE` is an ISO 8601 text (`2023-03-13`, `2023-03`, `2023`); `CODE` a text that looks like a number (`2303.06865`).
    """

    TEXT = "text"
    DATE = "date"
    CODE = "code"
    TEXTS = "texts"
    NUMBER = "number"
    SOURCES = "sources"


DATE = {"shape": Shape.DATE}
CODE = {"shape": Shape.CODE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The metadata of a paper; None and () if unknown.

    `published` is the day of first publication, as a preprint or not; `issued` is the date of the version of record.
    `container` is the full name of the journal or proceedings, `publication_type` one of
    https://api.crossref.org/types. A new field needs a line here and a row in `judge.PRECEDENCE`; catalogs, exports and
    reports use it then.
    """

    title: str | None = None
    authors: tuple[str, ...] = ()
    abstract: str | None = None
    year: int | None = None
    published: str | None = field(default=None, metadata=DATE)
    issued: str | None = field(default=None, metadata=DATE)
    venue: str | None = None
    container: str | None = None
    volume: str | None = field(default=None, metadata=CODE)
    issue: str | None = field(default=None, metadata=CODE)
    pages: str | None = field(default=None, metadata=CODE)
    publisher: str | None = None
    publication_type: str | None = None
    doi: str | None = None
    arxiv_id: str | None = field(default=None, metadata=CODE)
    semantic_scholar_id: str | None = None
    citation_count: int | None = None
