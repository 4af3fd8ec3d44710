"""The values that the phases of a run pass on: frozen, one per phase."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from enrich.history import History, LinkPast
from enrich.judge import Mismatch, Tried
from enrich.model import (
    Answers,
    Checks,
    Enriched,
    Entry,
    Evidence,
    Identifier,
    LinkCheck,
    Outcome,
    Record,
    Report,
    Status,
    Unknown,
)
from enrich.pipeline.clues import Clue
from enrich.pipeline.pages import ToLook

AllAnswers = Mapping[Identifier, Answers]
"""What each service said about each identifier."""

GapFillers = Mapping[str, tuple[str, ...]]
"""The services that fill gaps, with the kinds of identifiers that they know."""

Candidates = Outcome[tuple[Record, ...]]


class Words(NamedTuple):
    """A search term: a title, or the name of a system with the year of its paper (None: unknown)."""

    text: str
    year: int | None = None
    is_name: bool = False


Searched = Mapping[tuple[str, Words], Candidates]
"""The results of each search (by its name) for each text."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a run does.

    `limit` is the number of entries per catalog (None: all), `offline` means cached answers only, `deadline` is the
    number of seconds after which nothing more is asked (None: never). `copies`: the Internet Archive is asked for
    copies of dead pages. `sample` is the number of links, spread over their hosts, with their entries (None: all).
    `vantage` is the name of the run's network: a failing link is broken only from two networks.
    """

    only_missing: bool = False
    metadata: bool = True
    links: bool = True
    copies: bool = True
    second_looks: bool = True
    limit: int | None = None
    sample: int | None = None
    offline: bool = False
    vantage: str = "local"
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class CatalogInput:
    """One of the catalogs of a run: its name in the report, its entries, and what earlier runs found of it.

    `keys` are the keys of the entries that the run takes, None for all. `accepted` are the reasons why findings on
    links are accepted, by the entry's key and the URL.
    """

    name: str | None
    entries: Sequence[Entry]
    history: History = field(default_factory=History)
    keys: frozenset[str] | None = None
    accepted: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def chosen(self, limit: int | None = None) -> Sequence[Entry]:
        """Return the entries of a run, at most `limit`."""
        if self.keys is None:
            return self.entries[:limit]
        return [entry for entry in self.entries if entry.key in self.keys][:limit]


@dataclass(frozen=True, slots=True)
class Result:
    """The result for one catalog: the report, the `enriched:` blocks by key, and the history for the next run."""

    report: Report
    blocks: Mapping[str, Enriched]
    history: History


@dataclass(frozen=True, slots=True)
class Due:
    """An entry whose paper is looked up, with its identifiers; `is_old`: its last lookup is due again."""

    entry: Entry
    clues: tuple[Clue, ...]
    is_old: bool = False


@dataclass(frozen=True, slots=True)
class CatalogPlan:
    """What a run asks for one catalog.

    `chosen` are the entries of the run, `due` the entries whose papers are looked up, `urls` the distinct links, and
    `vouched` the identifiers whose registries are asked about links (by URL).
    """

    given: CatalogInput
    chosen: Sequence[Entry]
    due: tuple[Due, ...]
    urls: tuple[str, ...]
    vouched: Mapping[str, Identifier]

    def gather(self, *checks: Mapping[str, LinkCheck]) -> Checks:
        """Return the check of each link from the first of several mappings that has one."""
        return Checks.first_of(self.urls, checks)

    def past(self) -> dict[str, LinkPast]:
        """Return what earlier runs found about links that are still listed."""
        before = self.given.history.links
        listed = {url for entry in self.given.entries for url in entry.urls} if before else set()
        return {url: past for url, past in before.items() if url in listed}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run asks, over all of its catalogs.

    `known` are the verdicts on links that need no request. `pages` are the URLs whose pages are requested at once, and
    `postponed` those that an earlier run left out. `identifiers` and `titles` are asked first.
    """

    catalogs: tuple[CatalogPlan, ...]
    today: date
    known: Mapping[str, LinkCheck]
    pages: tuple[str, ...]
    postponed: tuple[str, ...]
    identifiers: frozenset[Identifier] = frozenset()
    titles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Note:
    """Why a service could not be asked about some things: identifiers, titles or URLs."""

    service: str
    why: str
    things: tuple[object, ...]

    @classmethod
    def of(cls, service: str, open_ones: Iterable[tuple[str, object]]) -> list[Note]:
        """Return a note for each reason why a service could not be asked, given with what it could not be asked."""
        grouped: dict[str, list[object]] = {}
        for why, thing in open_ones:
            grouped.setdefault(why, []).append(thing)
        return [cls(service, why, tuple(things)) for why, things in grouped.items()]


@dataclass(frozen=True, slots=True)
class Asked:
    """The registries' answers, per catalog; `out` are the services that answer nothing, with the reasons."""

    answers: tuple[AllAnswers, ...]
    notes: tuple[tuple[Note, ...], ...]
    out: Mapping[str, Unknown]


@dataclass(frozen=True, slots=True)
class FirstSearches:
    """What was searched, per catalog, before the registries answered; `pages` present papers, by URL.

    `listings` are papers that snapshots have under the names of entries, per catalog and by their keys.
    """

    searched: tuple[Searched, ...]
    notes: tuple[tuple[Note, ...], ...]
    out: Mapping[str, Unknown]
    pages: Mapping[str, Record | Unknown | None]
    listings: tuple[Mapping[str, Record], ...]


@dataclass(frozen=True, slots=True)
class Named:
    """The identifiers of papers found or likely, for one catalog.

    Attributes:
        papers: What registries and Semantic Scholar are asked about.
        dois: The DOIs of papers that Semantic Scholar has described already.
        likely: What Semantic Scholar is asked about if this takes no further request.
    """

    papers: frozenset[Identifier] = frozenset()
    dois: frozenset[Identifier] = frozenset()
    likely: frozenset[Identifier] = frozenset()

    def __or__(self, other: Named) -> Named:
        """Return the identifiers of both."""
        return Named(self.papers | other.papers, self.dois | other.dois, self.likely | other.likely)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The result of the lookup of one entry, with the fields of `judge.Case`.

    `proven` are the records without DOIs that no registry confirms. `not_asked`: a service could not be asked;
    `is_revoked`: an earlier run wrote the paper of a link that is now known to be wrong.
    """

    entry: Entry
    records: Mapping[str, Record] = field(default_factory=dict)
    proven: Mapping[str, Record] = field(default_factory=dict)
    wrong: Mapping[str, Mismatch] = field(default_factory=dict)
    doubts: Mapping[str, Mismatch] = field(default_factory=dict)
    right: Record | None = None
    tried: tuple[Tried, ...] = ()
    candidates: tuple[Record, ...] = ()
    matched_by: str | None = None
    not_asked: bool = False
    is_revoked: bool = False
    unregistered: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)

    @property
    def status(self) -> Status:
        """The result of the lookup."""
        if self.records:
            return Status.FOUND
        if self.candidates or self.doubts:
            return Status.AMBIGUOUS
        return Status.UNKNOWN if self.not_asked else Status.MISSING


@dataclass(frozen=True, slots=True)
class Lookups:
    """The lookups of a run, per catalog and by the entries' keys; `answers` are those in addition to `Asked`."""

    by_key: tuple[Mapping[str, Resolved], ...]
    answers: tuple[AllAnswers, ...]
    notes: tuple[tuple[Note, ...], ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """The links that the registries decide, per catalog and by URL, and the links whose pages must be fetched."""

    checks: tuple[Mapping[str, LinkCheck], ...]
    open: tuple[ToLook, ...]
    postponed: frozenset[str]


@dataclass(frozen=True, slots=True)
class OwnOutage:
    """Why failures of links prove nothing, by URL: the local network, its name servers, or no way to trust a server."""

    whys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settled:
    """The links of one catalog after all looks: the verdicts, the postponed ones, and what could not be asked."""

    checks: Checks
    postponed: frozenset[str]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """How the run went: start, end, requests by host, and notes.

    `slowest_hosts` has the mean seconds per answer of the slowest hosts, slowest first. `stopped` says why a run ended
    early, `offline` why nothing was asked.
    """

    started: datetime
    finished: datetime
    requests: Mapping[str, int]
    stopped: str | None = None
    offline: str | None = None
    notes: tuple[str, ...] = ()
    slowest_hosts: Mapping[str, float] = field(default_factory=dict)
