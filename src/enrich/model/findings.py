"""Findings: the problems that a report lists for the maintainer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from enrich.model.entries import Place
from enrich.model.links import Evidence


class Severity(StrEnum):
    """The severity of a finding."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class State(StrEnum):
    """The state of a finding compared with the previous run."""

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
    """A problem for the maintainer; `first_seen` is an ISO date.

    `replacement` is the new text of the entry's `field` that `enrich fix` may write. `list_place` is where the link, or
    else the item, is in a list that the catalog mirrors. `title` is the paper's title, or the entry's name; it is set
    in a report.
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
    """A finding that is accepted as it is, by a comment in a list or a rule in the settings, and why."""

    finding: Finding
    reason: str


RULE_NOUNS: Mapping[str, tuple[str, str]] = {
    "broken-link": ("broken link", "broken links"),
    "moved-link": ("moved link", "moved links"),
    "unreachable-link": ("unreachable link", "unreachable links"),
    "suspect-link": ("suspect link", "suspect links"),
    "blocked-link": ("blocked link", "blocked links"),
    "unsafe-link": ("unsafe link", "unsafe links"),
    "missing-anchor": ("missing anchor", "missing anchors"),
    "tls-trouble": ("TLS problem", "TLS problems"),
    "host-outage": ("host outage", "host outages"),
    "site-closed": ("closed site", "closed sites"),
    "wrong-paper": ("wrong paper", "wrong papers"),
    "unregistered-identifier": ("unregistered identifier", "unregistered identifiers"),
    "unresolved-entry": ("unresolved entry", "unresolved entries"),
    "ambiguous-entry": ("ambiguous entry", "ambiguous entries"),
    "duplicate-entry": ("duplicate entry", "duplicate entries"),
    "published-since": ("preprint now published", "preprints now published"),
    "withdrawn": ("withdrawn paper", "withdrawn papers"),
    "retracted": ("retracted paper", "retracted papers"),
    "corrected": ("corrected paper", "corrected papers"),
    "stale-metadata": ("outdated field", "outdated fields"),
    "internal-number": ("ACM-internal ID", "ACM-internal IDs"),
    "archived-repository": ("archived repository", "archived repositories"),
    "renamed-repository": ("renamed repository", "renamed repositories"),
    "wrong-project": ("repository of another paper", "repositories of other papers"),
}
"""The nouns for findings of a rule, singular and plural."""

RULE_NAMES = tuple(RULE_NOUNS)
"""The names of all rules, which `ignore` in the settings may hold."""

UNSETTLED_RULES = ("blocked-link", "suspect-link")
"""Rules of which nothing is known to be wrong: what they find is listed apart, and not counted among the findings."""
