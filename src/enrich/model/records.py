"""Identifiers, what sources say about them, and how a lookup can end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from enrich.model.metadata import Metadata
from enrich.services import snapshot_of

LONGEST_TITLE = 2_000
"""Characters that are read of a title."""


class Scheme(StrEnum):
    """The kinds of identifiers."""

    ARXIV = "arxiv"
    DOI = "doi"
    SEMANTIC_SCHOLAR = "semantic_scholar"
    OPENREVIEW = "openreview"
    ACL = "acl"
    GITHUB = "github"
    ACM = "acm"
    PMID = "pmid"
    PMC = "pmc"


class Identifier(NamedTuple):
    """An identifier in a registry: `Identifier(Scheme.ARXIV, "2303.06865")`.

    arXiv IDs have no version; DOIs and repositories (`owner/name`) are in lower case. `Scheme.ACM` is an ACM-internal
    ID (10.5555/…), which is not a registered DOI.
    """

    scheme: Scheme
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


IDENTIFIER_FIELDS = {
    Scheme.ARXIV: "arxiv_id",
    Scheme.DOI: "doi",
    Scheme.SEMANTIC_SCHOLAR: "semantic_scholar_id",
}
"""The fields that hold a paper's identifiers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Metadata):
    """What one source says about one paper; None and () if it says nothing.

    `published` is as precise as the source; `withdrawn` and `retracted` have the words that say so; `other_titles` are
    earlier or variant titles. `snapshot` is the day of the local copy from which it is, None if the source itself was
    asked.
    """

    source: str = field(kw_only=False)
    url: str | None = None
    comment: str | None = None
    withdrawn: str | None = None
    retracted: str | None = None
    other_titles: tuple[str, ...] = ()
    asked_at: str | None = None
    snapshot: str | None = None

    @property
    def asked(self) -> str:
        """The source, or a snapshot of it."""
        return snapshot_of(self.source) if self.snapshot else self.source

    @property
    def provenance(self) -> str:
        """The source, or a snapshot with its day."""
        return f"{self.asked}@{self.snapshot}" if self.snapshot else self.source


@dataclass(frozen=True, slots=True)
class Repository:
    """What a code host says about a repository; `full_name` is its current owner/name.

    `parts` are the requested files, folders, releases and issues that exist: `tree/main/docs`, `issues/7`.
    """

    full_name: str
    archived: bool = False
    disabled: bool = False
    empty: bool = False
    pushed_at: str | None = None
    description: str | None = None
    parts: tuple[str, ...] = ()


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """The source knows it.

    `by` is the name of a snapshot that answered in its place; `is_partial`: there may be more candidates than these.
    """

    value: T
    at: str = ""
    by: str = ""
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """The source answered, and does not know it."""

    saw: str
    status: int | None = None
    at: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The source could not be asked, or its answer was unusable.

    `unsafe`: it redirected to a private address, which was not requested; `passing`: it may answer later.
    """

    why: str
    at: str = ""
    unsafe: bool = False
    passing: bool = False


Outcome = Found[T] | Missing | Unknown
"""The result of a lookup for one thing that was asked for."""

Answer = Outcome[Record] | Outcome[Repository] | Outcome[str]
"""What a service said about an identifier."""

Answers = Mapping[str, Answer]
"""What each service said about one identifier, by the service's name."""
