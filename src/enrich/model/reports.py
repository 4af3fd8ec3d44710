"""The report of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from enrich.model.entries import EntryType, LinkKind, Place
from enrich.model.findings import Accepted, Finding
from enrich.model.links import LinkCheck


class Status(StrEnum):
    """What a run found out about an entry."""

    FOUND = "found"
    MISSING = "missing"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    NOT_A_PAPER = "not-a-paper"


@dataclass(frozen=True, slots=True)
class EntryReport:
    """The state of one entry after a run: what was filled by it, what is still missing, and which source says what.

    `title`, `year` and `citation_count` are what is known of the paper, by the person's own word or by the sources'.
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
    title: str | None = None


@dataclass(frozen=True, slots=True)
class LinkReport:
    """The state of one URL after a run, and the entries that hold it; `first_seen` dates its present trouble.

    `list_place` is where the link is in a list that the catalog mirrors.
    """

    check: LinkCheck
    entries: tuple[str, ...]
    kind: LinkKind
    first_seen: str | None = None
    last_ok: str | None = None
    place: Place | None = None
    list_place: Place | None = None


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

    Findings that it could not judge are as they were before. `new` and `fixed` add up over all runs of the day.
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
    a part of the catalog or reached no host. In a `first_run` all findings are new: nothing is remembered of a catalog.
    `unfinished` tells what a run that stopped early left out. `accepted` are findings that are not among `findings`
    because they are accepted. `slowest_hosts` has the mean seconds for an answer of the hosts that took longest in the
    run, slowest first.
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
    accepted: tuple[Accepted, ...] = ()
    slowest_hosts: Mapping[str, float] = field(default_factory=dict)

    @property
    def partial(self) -> bool:
        """Whether the run stopped asking before everything was checked."""
        return self.unfinished is not None
