"""What the phases of a run hand on: frozen values, one per phase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from enrich.history import History, LinkPast
from enrich.judge import Mismatch, Tried
from enrich.model import (
    Answers,
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
from enrich.web import Step

AllAnswers = Mapping[Identifier, Answers]
"""What each service said of each identifier."""

GapFillers = Mapping[str, tuple[str, ...]]
"""The services that are asked for what is still missing of a paper, with the kinds of identifiers that they know."""

Candidates = Outcome[tuple[Record, ...]]


class Words(NamedTuple):
    """What is searched for: a title, or the name of a system with the year of its paper (None: not known)."""

    text: str
    year: int | None = None


Searched = Mapping[tuple[str, Words], Candidates]
"""What each search (by its name) found for each text."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a run does.

    `limit` is the number of entries taken of each catalog (None: all), `offline` means cached answers only, `deadline`
    is the number of seconds after which nothing more is asked (None: never). `copies` means that the Internet Archive
    is asked for copies of what is dead. `sample` is the number of links taken, spread over their hosts, with their
    entries (None: all).
    `vantage` names the network that the run looks from: a link that fails is broken only as seen from two.
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
    """One of the catalogs of a run: its name in the report, its entries, and what earlier runs saw of it.

    `keys` are those of the entries that the run takes, None for all. `accepted` are the reasons why findings on links
    are accepted, by the entry's key and the URL.
    """

    name: str | None
    entries: Sequence[Entry]
    history: History = field(default_factory=History)
    keys: frozenset[str] | None = None
    accepted: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def chosen(self, limit: int | None = None) -> Sequence[Entry]:
        """Return the entries that a run takes, at most `limit`."""
        if self.keys is None:
            return self.entries[:limit]
        return [entry for entry in self.entries if entry.key in self.keys][:limit]


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome for one catalog: the report, the blocks `enriched:` to write by key, and the next run's history."""

    report: Report
    blocks: Mapping[str, Enriched]
    history: History


@dataclass(frozen=True, slots=True)
class Due:
    """An entry whose paper is looked up, with the identifiers that it holds."""

    entry: Entry
    clues: tuple[Clue, ...]


@dataclass(frozen=True, slots=True)
class CatalogPlan:
    """What a run asks for the sake of one catalog.

    `chosen` are the entries that it takes, `due` those whose papers are looked up, `urls` the distinct links, and
    `vouched` the identifiers whose registries are asked about links (by URL).
    """

    given: CatalogInput
    chosen: Sequence[Entry]
    due: tuple[Due, ...]
    urls: tuple[str, ...]
    vouched: Mapping[str, Identifier]

    def gather(self, *checks: Mapping[str, LinkCheck]) -> dict[str, LinkCheck]:
        """Return the check of each link from the first of several mappings that has one."""
        return {url: found[0] for url in self.urls if (found := [each[url] for each in checks if url in each])}

    def past(self) -> dict[str, LinkPast]:
        """Return what earlier runs saw of links that are still listed."""
        listed = {link.url for entry in self.given.entries for link in entry.links}
        return {url: past for url, past in self.given.history.links.items() if url in listed}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run asks, over all of its catalogs.

    `known` are the verdicts on links that need no asking. `pages` are the URLs whose pages are asked at once, and
    `postponed` those that an earlier run left unasked. `identifiers` and `titles` are asked before all others.
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
    """Why a service could not be asked about something: an identifier, a title or a URL."""

    service: str
    why: str
    what: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the registries answered, per catalog; `out` are the services that answer nothing, and why."""

    answers: tuple[AllAnswers, ...]
    notes: tuple[tuple[Note, ...], ...]
    out: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FirstSearches:
    """What was searched, per catalog, before the registries' answers were there; `pages` present papers, by URL."""

    searched: tuple[Searched, ...]
    notes: tuple[tuple[Note, ...], ...]
    out: Mapping[str, str]
    pages: Mapping[str, Record | Unknown | None]


@dataclass(frozen=True, slots=True)
class Resolved:
    """How the lookup of one entry ended; the fields are those of `judge.Case`.

    `proven` are the records without DOIs that no registry confirms. `not_asked` tells that a service could not be
    asked, `is_revoked` that an earlier run wrote down the paper of a link that is known to be wrong.
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
        """What the lookup found."""
        if self.records:
            return Status.FOUND
        if self.candidates or self.doubts:
            return Status.AMBIGUOUS
        return Status.UNKNOWN if self.not_asked else Status.MISSING


@dataclass(frozen=True, slots=True)
class Lookups:
    """The lookups of a run, per catalog and by the entries' keys; `answers` are those beyond what `Asked` holds."""

    by_key: tuple[Mapping[str, Resolved], ...]
    answers: tuple[AllAnswers, ...]
    notes: tuple[tuple[Note, ...], ...]


@dataclass(frozen=True, slots=True)
class Trail:
    """A look that another worker has begun: its number, what was asked for it, and the URL that comes next."""

    number: int
    steps: tuple[Step, ...]
    onward: str


@dataclass(frozen=True, slots=True)
class ToLook:
    """A link whose page is asked: what a registry says of the link, and the first look, where this is the second.

    `trail` is how far another worker has come, where redirects left the hosts that it asks.
    """

    url: str
    registered: LinkCheck | None = None
    first: LinkCheck | None = None
    trail: Trail | None = None

    @property
    def address(self) -> str:
        """The URL that is asked for next."""
        if self.trail:
            return self.trail.onward
        return self.start

    @property
    def start(self) -> str:
        """The URL that the page is asked at: a registry may know a newer one."""
        return (self.registered.new_url if self.registered else None) or self.url


@dataclass(frozen=True, slots=True)
class Decided:
    """What the registries' answers settle, per catalog and by URL, and the links whose pages must be asked."""

    checks: tuple[Mapping[str, LinkCheck], ...]
    open: tuple[ToLook, ...]
    postponed: frozenset[str]


@dataclass(frozen=True, slots=True)
class LookSettings:
    """What of the settings holds for looking at pages: seconds, statuses accepted by host, whether to check fragments.

    The URLs of `postponed` hosts come before all others. `others_wait` tells that papers are looked up once all pages
    were looked at.
    """

    timeout: float = 20.0
    accept: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    fragments: bool = False
    postponed_hosts: frozenset[str] = frozenset()
    others_wait: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one link: a verdict, a first look that needed a second one, or a look that goes on elsewhere.

    `failure` is how the last request failed; `is_postponed` tells that the link was left unasked; `answered` are the
    schemes of addresses that answered, where none of the links before had any; `end` is the host that gave the page.
    """

    url: str
    check: LinkCheck | None = None
    first: LinkCheck | None = None
    failure: str | None = None
    is_postponed: bool = False
    handed_over: ToLook | None = None
    answered: tuple[str, ...] = ()
    end: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What the pages of some links said; it holds plain values only, and may come from another process.

    Attributes:
        checks: The verdicts.
        doubtful: The first look at each link that was, or must be, looked at again: those without a verdict.
        failures: How the last request for a page failed, by the URL of the link.
        postponed: Links left unasked, for want of time or because their host kept refusing.
        handed_over: Links whose redirects lead to hosts that others ask, as far as they were followed.
        answered: The schemes of the addresses that answered anything.
        ends: The hosts of links that gave a page, each with the host that gave it.
    """

    checks: Mapping[str, LinkCheck] = field(default_factory=dict)
    doubtful: Mapping[str, LinkCheck] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    postponed: frozenset[str] = frozenset()
    handed_over: tuple[ToLook, ...] = ()
    answered: frozenset[str] = frozenset()
    ends: frozenset[tuple[str, str]] = frozenset()

    def __or__(self, later: Looked) -> Looked:
        """Return what both say; where both looked at a link, the later one counts."""
        failures = {u: f for u, f in self.failures.items() if u not in later.checks and u not in later.doubtful}
        return Looked(
            {**self.checks, **later.checks},
            {**self.doubtful, **later.doubtful},
            {**failures, **later.failures},
            self.postponed | later.postponed,
            (*self.handed_over, *later.handed_over),
            self.answered | later.answered,
            self.ends | later.ends,
        )

    def again(self, registered: Mapping[str, LinkCheck | None]) -> tuple[ToLook, ...]:
        """Return the links that must be looked at again, the silent ones last."""
        urls = [url for url in self.doubtful if url not in self.checks]
        urls.sort(key=lambda url: self.failures.get(url) == "timeout")
        return tuple(ToLook(url, registered.get(url), self.doubtful[url]) for url in urls)


@dataclass(frozen=True, slots=True)
class OwnOutage:
    """Why no failure of these links says anything about them: our own network, or no way to trust anybody."""

    why: str = ""
    urls: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Settled:
    """The links of one catalog after all looks: the verdicts, those left unasked, and what could not be asked."""

    checks: Mapping[str, LinkCheck]
    postponed: frozenset[str]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """How the asking went: from when to when, with how many requests by host, and what there is to note of it.

    `stopped` tells why a run that was cut short ended early, `offline` why nothing was asked.
    """

    started: datetime
    finished: datetime
    requests: Mapping[str, int]
    stopped: str | None = None
    offline: str | None = None
    notes: tuple[str, ...] = ()
