"""The forms of the JSON report: the nouns of `model` that differ in JSON, with what is allowed in each field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveInt

from enrich.model import (
    EntryReport,
    LinkKind,
    PastRun,
    Replacement,
    Severity,
    State,
    Unasked,
    Unfinished,
    Verdict,
)

_Counts = TypeVar("_Counts", Unasked, Unfinished, PastRun)
_PlaceText = Annotated[str, Field(pattern=r"^(?s:.*):[0-9]{1,9}$")]


def _require_counts(noun: _Counts) -> _Counts:
    if any(isinstance(value, int) and value < 0 for value in astuple(noun)):
        raise ValueError("a count must not be negative")
    return noun


@dataclass(slots=True, kw_only=True, eq=False)
class EvidenceForm:
    """One response that a verdict is based on."""

    asked: str
    at: str
    status: int | None = None
    saw: str


@dataclass(slots=True, kw_only=True, eq=False)
class LinkForm:
    """The result for one URL; places are file:line, `column` counts from 1."""

    url: str
    entries: tuple[str, ...]
    kind: LinkKind
    verdict: Verdict
    new_url: str | None = None
    evidence: tuple[EvidenceForm, ...] = ()
    first_seen: str | None = None
    last_ok: str | None = None
    place: _PlaceText | None = None
    column: PositiveInt | None = None
    list_place: _PlaceText | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class FindingForm:
    """A finding; places are file:line, `column` counts from 1.

    `list_place` is in a list that the catalog mirrors. `title` is the paper's, or the entry's name; `ignore` is the
    block for enrich.toml that accepts the finding.
    """

    rule: str
    severity: Severity
    entry: str | None = None
    title: str | None = None
    url: str | None = None
    field: str | None = None
    message: str
    suggestion: str | None = None
    replacement: Replacement | None = None
    evidence: tuple[EvidenceForm, ...] = ()
    first_seen: str | None = None
    state: State
    place: _PlaceText | None = None
    column: PositiveInt | None = None
    list_place: _PlaceText | None = None
    ignore: str | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class AcceptedForm:
    """A finding that is accepted, and why; it is not among the findings."""

    rule: str
    severity: Severity
    entry: str | None = None
    url: str | None = None
    message: str
    reason: str
    place: _PlaceText | None = None
    list_place: _PlaceText | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class ReportForm:
    """The report of a run of enrich; times are UTC, ISO 8601."""

    version: Literal[1] = 1
    catalog: str | None
    started: str
    finished: str
    partial: bool = False
    unfinished: Annotated[Unfinished, AfterValidator(_require_counts)] | None = None
    entries: tuple[EntryReport, ...]
    links: tuple[LinkForm, ...]
    findings: tuple[FindingForm, ...]
    unasked: tuple[Annotated[Unasked, AfterValidator(_require_counts)], ...] = ()
    requests: Mapping[str, NonNegativeInt] = Field(default_factory=dict)
    counts: Mapping[str, NonNegativeInt] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    past_runs: tuple[Annotated[PastRun, AfterValidator(_require_counts)], ...] = ()
    first_run: bool = False
    accepted: tuple[AcceptedForm, ...] = ()
    slowest_hosts: Mapping[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(default_factory=dict)


@dataclass(slots=True, kw_only=True, eq=False)
class CombinedForm:
    """The reports of several catalogs; the other fields describe the run, or are sums over the catalogs."""

    version: Literal[1] = 1
    catalogs: tuple[ReportForm, ...]
    requests: Mapping[str, NonNegativeInt] = Field(default_factory=dict)
    unasked: tuple[Annotated[Unasked, AfterValidator(_require_counts)], ...] = ()
    counts: Mapping[str, NonNegativeInt] = Field(default_factory=dict)
