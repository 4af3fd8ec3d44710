"""The report of one run."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import chain
from operator import eq
from typing import NamedTuple, overload

from enrich.model.entries import EntryType, LinkKind, Place
from enrich.model.findings import Accepted, Finding
from enrich.model.links import LinkCheck, Verdict


class Status(StrEnum):
    """The result of looking up an entry."""

    FOUND = "found"
    MISSING = "missing"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    NOT_A_PAPER = "not-a-paper"


@dataclass(frozen=True, slots=True)
class EntryReport:
    """The state of one entry after a run: filled fields, missing fields, and the sources.

    `title`, `year` and `citation_count` are the known values, from the entry or from the sources.
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
    """The state of one URL after a run, and the entries with it; `first_seen` is the first day of its current trouble.

    `list_place` is where the link is in a list that the catalog mirrors.
    """

    check: LinkCheck
    entries: tuple[str, ...]
    kind: LinkKind
    first_seen: str | None = None
    last_ok: str | None = None
    place: Place | None = None
    list_place: Place | None = None


class PlainRow(NamedTuple):
    """A `LinkReport` on an ordinary link: most of a long list are, and a tuple takes a tenth of the time to create.

    The link is good, by one reply with status 200 at `at`, which showed `saw`; nothing else is known of it.
    """

    url: str
    at: str
    saw: str
    entries: tuple[str, ...]
    kind: LinkKind
    first_seen: str | None
    last_ok: str | None
    place: Place | None


class LinkReports(Sequence[LinkReport]):
    """The rows on links of a long report, each created when it is used.

    Args:
        make: Returns the row with a number.
        numbers: Those of the rows.
        more: Further rows.
        verdict_of: Returns the verdict of the row with a number; None: the row tells.
        plain: Returns the row with a number if it is one on an ordinary link; None: none is known to be.
    """

    def __init__(
        self,
        make: Callable[[int], LinkReport],
        numbers: Sequence[int],
        more: tuple[LinkReport, ...] = (),
        verdict_of: Callable[[int], Verdict] | None = None,
        plain: Callable[[int], PlainRow | None] | None = None,
    ) -> None:
        self._make, self._numbers, self._more = make, numbers, more
        self._verdict_of = verdict_of or (lambda number: make(number).check.verdict)
        self._plain = plain

    @overload
    def __getitem__(self, at: int) -> LinkReport: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[LinkReport, ...]: ...

    def __getitem__(self, at: int | slice) -> LinkReport | tuple[LinkReport, ...]:
        if isinstance(at, slice):
            return tuple(self)[at]
        place = range(len(self))[at]
        made = len(self._numbers)
        return self._make(self._numbers[place]) if place < made else self._more[place - made]

    def __iter__(self) -> Iterator[LinkReport]:
        return chain(map(self._make, self._numbers), self._more)

    def __len__(self) -> int:
        return len(self._numbers) + len(self._more)

    def rows(self) -> Iterator[LinkReport | PlainRow]:
        """Yield the rows, those on ordinary links as plain ones."""
        plain, make = self._plain, self._make
        if plain is None:
            return iter(self)
        return chain((plain(number) or make(number) for number in self._numbers), self._more)

    @classmethod
    def of(cls, rows: Sequence[LinkReport]) -> LinkReports:
        """Return rows as a sequence that can be extended and filtered without creating all of them."""
        return rows if isinstance(rows, cls) else cls(rows.__getitem__, range(len(rows)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def followed_by(self, more: Iterable[LinkReport]) -> LinkReports:
        """Return the rows followed by further ones."""
        return LinkReports(self._make, self._numbers, (*self._more, *more), self._verdict_of, self._plain)

    def where(self, is_wanted: Callable[[LinkReport], bool]) -> LinkReports:
        """Return the rows for which a condition holds."""
        numbers = array("I", (number for number in self._numbers if is_wanted(self._make(number))))
        return LinkReports(self._make, numbers, tuple(filter(is_wanted, self._more)), self._verdict_of, self._plain)

    @cached_property
    def _by_verdict(self) -> Mapping[Verdict, Sequence[int]]:
        numbers = {verdict: array("I") for verdict in Verdict}
        for number in self._numbers:
            numbers[self._verdict_of(number)].append(number)
        return numbers

    def with_verdict(self, verdict: Verdict) -> tuple[LinkReport, ...]:
        """Return the rows with a verdict."""
        return (
            *map(self._make, self._by_verdict[verdict]),
            *(row for row in self._more if row.check.verdict is verdict),
        )

    def verdicts(self) -> Counter[Verdict]:
        """Return how many rows have each verdict."""
        counted = Counter({verdict: len(numbers) for verdict, numbers in self._by_verdict.items()})
        counted.update(row.check.verdict for row in self._more)
        return counted


@dataclass(frozen=True, slots=True)
class Unasked:
    """A service that could not be asked, why, and for how many entries or links."""

    service: str
    why: str
    entries: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Why a run stopped early, and how many entries and links it had not checked."""

    why: str
    entries: int
    links: int


@dataclass(frozen=True, slots=True)
class PastRun:
    """The state of a catalog after the runs of one day (UTC): its findings by severity after the last run.

    Findings that it could not judge keep their state. `new` and `fixed` add up over all runs of the day. Findings of
    `UNSETTLED_RULES` are not counted.
    """

    on: date
    errors: int
    warnings: int
    notes: int
    new: int
    fixed: int

    @property
    def standing(self) -> int:
        """The number of all open findings."""
        return self.errors + self.warnings + self.notes


@dataclass(frozen=True, slots=True)
class Report:
    """The results of a run, in catalog order; times are UTC, ISO 8601.

    `requests` counts the requests sent per host, `counts` the links per verdict and the entries per status
    (`entries-found`, …). `past_runs` are the remembered days, oldest first, including this run's unless it saw only a
    part of the catalog or reached no host. In a `first_run` all findings are new, as nothing is remembered of the
    catalog. `unfinished` says what a run that stopped early left out. `accepted` are accepted findings, which are not
    in `findings`. `slowest_hosts` has the mean seconds per answer of the slowest hosts, slowest first.
    """

    catalog: str | None
    started: str
    finished: str
    entries: tuple[EntryReport, ...] = ()
    links: Sequence[LinkReport] = ()
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
