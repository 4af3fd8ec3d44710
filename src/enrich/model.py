"""The nouns of the field: frozen, without input or output, known to every room."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar


class EnrichError(Exception):
    """Enrich cannot run; the text tells what happened, where, and what to do next (exit code 2)."""


class EntryType(StrEnum):
    """What an item of the catalog is."""

    PAPER = "paper"
    REPOSITORY = "repository"
    DATASET = "dataset"
    BLOG = "blog"
    PERSON = "person"
    LAB = "lab"
    LIST = "list"
    VIDEO = "video"
    BENCHMARK = "benchmark"
    FRAMEWORK = "framework"
    OTHER = "other"


class LinkKind(StrEnum):
    """What a link of an entry leads to."""

    PAPER = "paper"
    CODE = "code"
    HOMEPAGE = "homepage"
    NOTES = "notes"
    ARTIFACT = "artifact"
    BENCHMARK = "benchmark"
    SLIDES = "slides"
    VIDEO = "video"
    BLOG = "blog"
    VENUE = "venue"
    OTHER = "other"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in a file; line and column count from 1."""

    path: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Link:
    """One link of an entry, as listed."""

    url: str
    kind: LinkKind = LinkKind.OTHER
    label: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Enriched:
    """What enrich has found out about an entry: the block `enriched:`, field by field.

    Dates are ISO 8601 texts (`2023-03-13`); `sources` maps a field's name to the source that filled it.
    """

    title: str | None = None
    authors: tuple[str, ...] = ()
    abstract: str | None = None
    year: int | None = None
    published: str | None = None
    venue: str | None = None
    doi: str | None = None
    arxiv_id: str | None = None
    semantic_scholar_id: str | None = None
    citation_count: int | None = None
    citation_count_as_of: str | None = None
    matched_by: str | None = None
    enriched_on: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)


ENRICHED_FIELDS = (
    "title",
    "authors",
    "abstract",
    "year",
    "published",
    "venue",
    "doi",
    "arxiv_id",
    "semantic_scholar_id",
    "citation_count",
    "citation_count_as_of",
    "matched_by",
    "enriched_on",
    "sources",
)
"""The fields of the block `enriched:`, in the order in which they are written."""

WANTED_FIELDS = ("authors", "abstract", "doi", "citation_count")
"""An entry of type paper that lacks one of these is incomplete."""


_AND_OTHERS = re.compile(r"(?:^|[\s,;])(?:et\.? ?al\.?|(?:and |& )?others)\s*$", re.IGNORECASE)


def is_open_ended(authors: Sequence[str]) -> bool:
    """Whether a list of authors says that there are more of them: `M. Abadi et al.`, `others`."""
    return bool(authors) and _AND_OTHERS.search(authors[-1]) is not None


def _completes(found: Sequence[str], listed: Sequence[str]) -> bool:
    """Whether a whole list of authors has all family names of an open-ended one."""
    names = filter(None, (_AND_OTHERS.sub("", name).strip(" ,;") for name in listed))
    known = {word for name in found for word in re.split(r"[\s,]+", name.casefold())}
    return bool(found) and all(name.casefold().partition(",")[0].rpartition(" ")[2] in known for name in names)


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of the catalog.

    `own` holds the enriched fields (by their names, `title` and `venue` aside) that a person wrote on the
    entry itself; they win over `enriched` everywhere.
    """

    key: str
    type: EntryType = EntryType.PAPER
    name: str | None = None
    title: str | None = None
    venue: str | None = None
    institutions: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    remarks: str | None = None
    links: tuple[Link, ...] = ()
    own: Enriched = Enriched()
    enriched: Enriched | None = None
    place: Place | None = None

    def known(self, name: str) -> object:
        """The value of an enriched field, the person's own before ours; None or () where nobody knows it.

        Of two lists of authors ours counts where theirs ends in "et al." and ours has the names that it gives.
        """
        own = getattr(self.own, name)
        found = getattr(self.enriched or Enriched(), name)
        if own in (None, ()) or (name == "authors" and is_open_ended(own) and _completes(found, own)):
            return found
        return own

    @property
    def label(self) -> str:
        """What to call the entry in a report: name, else title, else key."""
        return self.name or self.title or (self.enriched and self.enriched.title) or self.key


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


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A name that a registry gave: `Identifier(Scheme.ARXIV, "2303.06865")`.

    arXiv ids come without their version; DOIs and repositories (`owner/name`) in lower case.
    `Scheme.ACM` is an ACM-internal number (10.5555/…), which is not a registered DOI.
    """

    scheme: Scheme
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


@dataclass(frozen=True, slots=True)
class Record:
    """What one source says of one paper; None and () where it does not say.

    `published` is an ISO date of the precision that the source gave (`2023`, `2023-03`, `2023-03-13`);
    `withdrawn` and `retracted` hold the words that say so; `other_titles` are earlier or variant titles.
    """

    source: str
    title: str | None = None
    authors: tuple[str, ...] = ()
    abstract: str | None = None
    year: int | None = None
    published: str | None = None
    venue: str | None = None
    doi: str | None = None
    arxiv_id: str | None = None
    semantic_scholar_id: str | None = None
    citation_count: int | None = None
    url: str | None = None
    comment: str | None = None
    withdrawn: str | None = None
    retracted: str | None = None
    other_titles: tuple[str, ...] = ()
    asked_at: str | None = None


@dataclass(frozen=True, slots=True)
class Repository:
    """What a code host says of a repository; `full_name` is its present owner/name.

    `parts` are those of the files, folders, releases and issues asked for that it holds: `tree/main/docs`, `issues/7`.
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
    """The source knows it."""

    value: T
    at: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """The source answered, and does not know it."""

    saw: str
    status: int | None = None
    at: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The source could not be asked, or its answer was of no use.

    `unsafe` tells that it sent us to a private address, where nothing was asked.
    """

    why: str
    at: str = ""
    unsafe: bool = False


Outcome = Found[T] | Missing | Unknown
"""What a lookup returns for each thing that was asked for."""


class Verdict(StrEnum):
    """What is known of a link."""

    OK = "ok"
    MOVED = "moved"
    BROKEN = "broken"
    SUSPECT = "suspect"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    UNSAFE = "unsafe"
    SKIPPED = "skipped"


PASSED_ON = "redirect of "
"""How evidence of a redirect on the way to what decided begins; the URL follows."""

EARLIER_RUNS = "history"
"""The source that evidence from earlier runs names."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reply that a verdict rests on: whom we asked, when (UTC, ISO 8601), what came back."""

    asked: str
    at: str
    saw: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What a fetched page says of itself; `record` holds its citation metadata, if it has any."""

    url: str
    status: int
    title: str | None = None
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """The verdict on one URL, with the evidence for it; `new_url` where it moved for good.

    `page` and `repository` are what the check saw there, for the rules that judge more than whether it is alive;
    `copy` is where an archive keeps what stood at a dead link; `forwarded_to` is the front page, the listing or the one
    page for many links to which a site sends it instead of to its own page; `tls_trouble` is what a browser warns of
    before it shows a page that is there.
    """

    url: str
    verdict: Verdict
    evidence: tuple[Evidence, ...] = ()
    new_url: str | None = None
    page: Page | None = None
    repository: Repository | None = None
    copy: str | None = None
    forwarded_to: str | None = None
    tls_trouble: str | None = None

    @property
    def is_by_time(self) -> bool:
        """Whether earlier runs had a say: the failure has lasted."""
        return bool(self.evidence) and self.evidence[-1].asked == EARLIER_RUNS

    @property
    def is_unreachable(self) -> bool:
        """Whether the link could not be reached for so long that it is worth a finding."""
        return self.verdict is Verdict.SUSPECT and self.is_by_time

    @property
    def is_unanswered(self) -> bool:
        """Whether its own server gave no answer, or a server error; a doubtful page is an answer."""
        if self.verdict is not Verdict.SUSPECT and not (self.verdict is Verdict.BROKEN and self.is_by_time):
            return False
        seen = [row for row in self.evidence if row.asked != EARLIER_RUNS][-1:]
        return any(row.asked == "web" and (row.status or 500) >= 500 for row in seen)


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class State(StrEnum):
    """How a finding relates to the run before."""

    NEW = "new"
    STILL = "still"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Replacement:
    """A field's text as a run read it, and what `enrich fix` may write in its place."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a maintainer should know; `first_seen` is an ISO date.

    `replacement` is what the entry's `field` may be fixed to without asking anyone.
    """

    rule: str
    severity: Severity
    message: str
    entry: str | None = None
    url: str | None = None
    field: str | None = None
    suggestion: str | None = None
    evidence: tuple[Evidence, ...] = ()
    first_seen: str | None = None
    state: State = State.NEW
    place: Place | None = None
    replacement: Replacement | None = None

    @property
    def identity(self) -> str:
        """The same finding in another run has the same identity."""
        return "|".join((self.rule, self.entry or "", self.url or "", self.field or ""))


UNSETTLED_RULES = ("blocked-link", "suspect-link")
"""Rules of which nothing is known to be wrong: what they find is told aside, and not counted among the findings."""


class Status(StrEnum):
    """What a run found out about an entry."""

    FOUND = "found"
    MISSING = "missing"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    NOT_A_PAPER = "not-a-paper"


@dataclass(frozen=True, slots=True)
class EntryReport:
    """How one entry stands after a run: what was filled by it, what is lacking still, and which source says what.

    `year` and `citation_count` are what is known of the paper, by the person's own word or by the sources'.
    """

    key: str
    type: EntryType
    status: Status
    matched_by: str | None = None
    identifiers: Mapping[str, str] = field(default_factory=dict)
    filled: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    year: int | None = None
    citation_count: int | None = None


@dataclass(frozen=True, slots=True)
class LinkReport:
    """How one URL stands after a run, and the entries that hold it; `first_seen` dates its present trouble."""

    check: LinkCheck
    entries: tuple[str, ...]
    kind: LinkKind
    first_seen: str | None = None
    last_ok: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Unasked:
    """A service that could not be asked, why, and for how many entries or links."""

    service: str
    why: str
    entries: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Why a run stopped asking early, and how many entries and links it had not checked by then."""

    why: str
    entries: int
    links: int


@dataclass(frozen=True, slots=True)
class PastRun:
    """How a catalog stood after the runs of one day (UTC): the findings by severity after the last of them.

    Findings that it could not judge stand as they did before. `new` and `fixed` add up over all runs of the day.
    What `UNSETTLED_RULES` find is not counted.
    """

    on: date
    errors: int
    warnings: int
    notes: int
    new: int
    fixed: int

    @property
    def standing(self) -> int:
        """All findings that stood."""
        return self.errors + self.warnings + self.notes


@dataclass(frozen=True, slots=True)
class Report:
    """All that a run has to say, in catalog order; times are UTC, ISO 8601.

    `requests` counts the requests sent per host, `counts` the links per verdict and the entries per status
    (`entries-found`, …). `past_runs` are the days remembered, oldest first, that of this run among them unless it saw
    a part of the catalog or reached nobody. In a `first_run` all findings are new: nothing is remembered of a catalog.
    `unfinished` tells what a run that stopped early left out.
    """

    catalog: str | None
    started: str
    finished: str
    entries: tuple[EntryReport, ...] = ()
    links: tuple[LinkReport, ...] = ()
    findings: tuple[Finding, ...] = ()
    unasked: tuple[Unasked, ...] = ()
    requests: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    past_runs: tuple[PastRun, ...] = ()
    first_run: bool = False
    unfinished: Unfinished | None = None

    @property
    def partial(self) -> bool:
        """Whether the run stopped asking before everything was checked."""
        return self.unfinished is not None
