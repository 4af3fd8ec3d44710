"""Findings: what a maintainer should know."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from enrich.model.entries import Place
from enrich.model.links import Evidence


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

    `replacement` is what the entry's `field` may be fixed to without asking anyone. `list_place` is where the link, or
    else the item, is in a list that the catalog mirrors.
    `title` is that of the entry's
    paper, or the entry's name; it is set in a report.
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
    title: str | None = None
    list_place: Place | None = None

    @property
    def source_place(self) -> Place | None:
        """Where to look first: in the list that the catalog mirrors, else in the catalog."""
        return self.list_place or self.place

    @property
    def identity(self) -> str:
        """The same finding in another run has the same identity."""
        return "|".join((self.rule, self.entry or "", self.url or "", self.field or ""))


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that somebody accepts as it is, by a comment in a list or a rule in the settings, and why."""

    finding: Finding
    reason: str


RULE_NAMES = (
    "broken-link",
    "moved-link",
    "unreachable-link",
    "suspect-link",
    "blocked-link",
    "unsafe-link",
    "missing-anchor",
    "tls-trouble",
    "host-outage",
    "site-closed",
    "wrong-paper",
    "unregistered-identifier",
    "unresolved-entry",
    "ambiguous-entry",
    "duplicate-entry",
    "published-since",
    "withdrawn",
    "retracted",
    "corrected",
    "stale-metadata",
    "internal-number",
    "archived-repository",
    "renamed-repository",
    "wrong-project",
)
"""The names of all rules, which `ignore` in the settings may hold."""

UNSETTLED_RULES = ("blocked-link", "suspect-link")
"""Rules of which nothing is known to be wrong: what they find is told aside, and not counted among the findings."""
