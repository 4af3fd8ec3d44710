"""The history of a catalog over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from enrich.model.findings import Finding
from enrich.model.reports import PastRun


@dataclass(frozen=True, slots=True)
class CourseDay:
    """The state of a catalog after the last run of a day.

    `links` counts them by verdict, `rules` the open findings by rule; both are empty if only `run` is remembered.
    """

    run: PastRun
    links: Mapping[str, int] = field(default_factory=dict)
    rules: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FixedFinding:
    """A finding that was fixed, and the day (ISO 8601)."""

    finding: Finding
    on: str


@dataclass(frozen=True, slots=True)
class Course:
    """The days of a catalog, oldest first, and what was fixed lately, latest first."""

    days: tuple[CourseDay, ...] = ()
    fixed: tuple[FixedFinding, ...] = ()
