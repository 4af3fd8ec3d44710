"""The input of the rules, and the wording of findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from enrich.model import Entry, Evidence, Finding, Link, LinkCheck, Record, Severity, Status


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A record that a link or a field of the entry leads to, and what differs from the entry.

    `contradicted`: the entry's own authors or year contradict the record.
    """

    record: Record
    why: str
    contradicted: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """A service that was asked without a result; `candidates` is its number of papers, none a confident match."""

    service: str
    candidates: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that a run knows about one entry, for the rules.

    `checks` has the checks of its links, except for ordinary ones (`model.notable`), which no rule needs. `records` are
    believed to belong to its paper. `wrong` has records of other papers, `doubts` records that may be, by the URL of
    the link or the name of the field that leads there; `right` is the paper with the title of an entry whose link is
    wrong. `tried` are the services that were asked without a result; `candidates` could not be distinguished.
    `unregistered` has the registries' answers about identifiers on the entry that none of them knows, by field.
    """

    entry: Entry
    status: Status
    checks: Mapping[str, LinkCheck] = field(default_factory=dict)
    records: Mapping[str, Record] = field(default_factory=dict)
    wrong: Mapping[str, Mismatch] = field(default_factory=dict)
    tried: tuple[Tried, ...] = ()
    candidates: tuple[Record, ...] = ()
    doubts: Mapping[str, Mismatch] = field(default_factory=dict)
    right: Record | None = None
    unregistered: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)


def checked(case: Case) -> Iterator[tuple[Link, LinkCheck]]:
    """Yield the entry's links that were checked, with their checks."""
    for link in case.entry.links_to(case.checks):
        yield link, case.checks[link.url]


def finding(
    rule: str,
    severity: Severity,
    case: Case,
    message: str,
    *,
    link: Link | None = None,
    field: str | None = None,
    evidence: tuple[Evidence, ...] = (),
    suggestion: str | None = None,
) -> Finding:
    """Return a finding on the case's entry, or on one of its links, with its place."""
    place = (link and link.place) or case.entry.place
    url = link.url if link else None
    return Finding(rule, severity, message, case.entry.key, url, field, suggestion, evidence, place=place)
