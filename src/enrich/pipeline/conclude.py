"""Phase 6, `conclude`: the blocks, the findings, the history and the report of one catalog; pure."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import chain

from enrich import history as past
from enrich import judge
from enrich.history import EntryPast, History
from enrich.judge import Case, Sight
from enrich.model import (
    IDENTIFIER_FIELDS,
    Accepted,
    Checks,
    Enriched,
    Entry,
    EntryReport,
    Finding,
    LinkCheck,
    LinkKind,
    LinkReport,
    LinkReports,
    Place,
    PlainRow,
    Report,
    State,
    Status,
    Unasked,
    Unfinished,
    Verdict,
    notable,
)
from enrich.pipeline.clues import PAPER_KINDS, is_paper, lookup_hash
from enrich.pipeline.values import CatalogPlan, Ending, Note, Options, Resolved, Result, Settled
from enrich.settings import Settings
from enrich.spooling import Spool


def conclude(
    planned: CatalogPlan,
    lookups: MutableMapping[str, Resolved],
    settled: Settled,
    notes: Iterable[Note],
    ending: Ending,
    *,
    settings: Settings,
    options: Options,
) -> Result:
    """Return the result of a run for one catalog.

    Args:
        planned: What the run asked for the sake of the catalog.
        lookups: How the lookups of its papers ended, by key. Each is removed as soon as its entry was judged: of a long
            catalog, the records take as much memory as the result.
        settled: How its links turned out.
        notes: What could not be asked.
        ending: How the asking went.
        settings: Which findings are accepted, and how old a citation count may be.
        options: Where the run looked from, and whether it looked at links.
    """
    today, seen = ending.started.date(), dict(notable(settled.checks))
    conclusion = _Conclusion(planned, settled, tuple(notes), ending, settings, options, today, seen)
    conclusion.judge(lookups)
    return conclusion.result()


_NOTHING = Enriched()
_UNREAD = (Verdict.UNKNOWN, Verdict.SUSPECT)


def _links_to(paper: Resolved, urls: frozenset[str]) -> bool:
    return any(link.url in urls for link in paper.entry.links if link.kind in PAPER_KINDS)


def _left_open(paper: Resolved, postponed: frozenset[str]) -> Resolved:
    """Return the lookup with what a run that was stopped cannot say: pages and searches not asked may tell more."""
    not_asked = paper.not_asked or _links_to(paper, postponed)
    return replace(paper, not_asked=True, candidates=()) if not_asked else paper


def _block(paper: Resolved, today: date, settings: Settings) -> Enriched | None:
    """Return the block of an entry whose paper was found, an empty one where it was another paper's."""
    if paper.records and (matched_by := _matched_by(paper)):
        return judge.merge_records(
            {**paper.proven, **judge.edition(paper.entry, paper.records.values())},
            paper.entry.enriched,
            matched_by,
            today,
            timedelta(days=settings.refresh_days),
            settings.fields,
        )
    return Enriched() if paper.is_revoked else None


def _matched_by(paper: Resolved) -> str | None:
    """Return how the paper was found; as before where a service that may have found it then could not be asked now."""
    before = paper.entry.enriched and paper.entry.enriched.matched_by
    return before if before and paper.not_asked else paper.matched_by


@dataclass(slots=True)
class _Conclusion:
    """What is known of a catalog when everything has been asked, and what each entry turned out to be.

    `found` are all findings on single entries, `open_ones` the ones that are not accepted; `statuses` are the results
    of the lookups.
    """

    planned: CatalogPlan
    settled: Settled
    notes: tuple[Note, ...]
    ending: Ending
    settings: Settings
    options: Options
    today: date
    notable: Mapping[str, LinkCheck]
    blocks: dict[str, Enriched] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)
    open_ones: list[Finding] = field(default_factory=list)
    reports: list[EntryReport] = field(default_factory=list)
    remembered: dict[str, EntryPast] = field(default_factory=dict)
    wanted: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.wanted = self.settings.wanted_fields

    @property
    def entries(self) -> Sequence[Entry]:
        return self.planned.given.entries

    @property
    def before(self) -> History:
        return self.planned.given.history

    def judge(self, lookups: MutableMapping[str, Resolved]) -> None:
        """Judge each entry, and let go what was looked up of it."""
        if self.before.entries:
            present = {entry.key for entry in self.entries}
            self.remembered.update((key, past) for key, past in self.before.entries.items() if key in present)
        spool = Spool()
        for entry in self.planned.chosen:
            paper = lookups.pop(entry.key, None)
            if paper is not None:
                paper = replace(paper, not_asked=True) if self._is_unread(paper) else paper
                paper = _left_open(paper, self.settled.postponed) if self.ending.stopped else paper
                self.statuses[entry.key] = paper.status
                if (block := _block(paper, self.today, self.settings)) is not None:
                    self.blocks[entry.key] = spool.keep(block)
            found = self._findings_of(entry, paper)
            open_ones = self._not_accepted(found)
            self.found += found
            self.open_ones += open_ones
            block = self.blocks.get(entry.key) or entry.enriched
            whole = entry if block is entry.enriched else replace(entry, enriched=block)
            missing = _once(judge.missing_fields(whole, block, self.wanted)) if is_paper(entry) else ()
            self.reports.append(self._report_of(entry, paper, whole, missing))
            if paper is not None:
                self._remember(paper, open_ones, missing)

    def _is_unread(self, paper: Resolved) -> bool:
        """Whether only pages could tell the paper, and one of them could not be read."""
        if paper.tried:
            return False
        links = (link for link in paper.entry.links if link.kind in PAPER_KINDS)
        return any((check := self.notable.get(link.url)) and check.verdict in _UNREAD for link in links)

    def result(self) -> Result:
        """Return what all entries and links together amount to."""
        settled = self.settled
        sight = Sight(self.entries, self.planned.chosen, settled.checks, settled.postponed, self.statuses)
        with_hosts = judge.with_hosts(self.open_ones, sight, self.blocks)
        found = self._not_accepted(with_hosts)
        accepted = self._accepted(chain(self.found, with_hosts))
        unseen = judge.unseen_findings(self.before.findings, sight)
        changed = judge.changed_findings(self.before.findings.values(), found)
        findings = past.with_states(found, self.before, self.today, unseen=unseen | changed)
        # What is accepted from now on is not fixed.
        accepted_ones = {each.finding.identity for each in accepted}
        findings = tuple(f for f in findings if f.state is not State.FIXED or f.identity not in accepted_ones)
        history = past.with_findings(self._history(), findings, unseen=unseen)
        report = self._report(findings, history)
        if self.options.links and self._saw_the_catalog(report):
            history = past.with_run(history, findings, self.today)
        return Result(replace(report, past_runs=history.runs, accepted=accepted), self.blocks, history)

    def _history(self) -> History:
        urls = [url for entry in self.entries for url in entry.urls]
        checks, postponed = self.settled.checks, self.settled.postponed
        answered = Checks.first_of((url for url in checks if url not in postponed), [checks]) if postponed else checks
        history = past.with_links(self.before, urls, answered, self.today, self.options.vantage)
        # Those that wait since an earlier run keep their place: else the same few would be asked each night.
        unseen_yet = (url for url in self.before.postponed if url not in checks)
        waits = {*unseen_yet, *postponed}.intersection(urls)
        waiting = tuple(dict.fromkeys(url for url in chain(self.before.postponed, urls) if url in waits))
        return replace(history, entries=self.remembered, postponed=waiting)

    def _report(self, findings: tuple[Finding, ...], history: History) -> Report:
        entries = tuple(self.reports)
        titles = {entry.key: entry.title for entry in entries}
        name = self.planned.given.name
        return Report(
            catalog=name,
            started=_stamp(self.ending.started),
            finished=_stamp(self.ending.finished),
            entries=entries,
            links=_links(self.planned, self.settled.checks, history),
            findings=tuple(replace(row, title=titles.get(row.entry or "")) for row in findings),
            unasked=_unasked(self.notes),
            requests={host: number for host, number in sorted(self.ending.requests.items()) if number},
            counts=_counts(self.settled.checks, entries),
            notes=self.ending.notes,
            first_run=name is not None and self.before == History(),
            unfinished=self._unfinished(),
            slowest_hosts=self.ending.slowest_hosts,
        )

    def _unfinished(self) -> Unfinished | None:
        if self.ending.stopped is None:
            return None
        papers = sum(status is Status.UNKNOWN for status in self.statuses.values())
        urls = (url for url in self.settled.postponed if self.settled.checks[url].verdict is Verdict.UNKNOWN)
        return Unfinished(self.ending.stopped, papers, sum(1 for _ in urls))

    def _saw_the_catalog(self, report: Report) -> bool:
        """Whether the run took all entries, and a service or a site answered: else it does not tell how things are."""
        if self.ending.offline or not judge.is_complete(report, self.entries):
            return False
        checks = self.settled.checks.values()
        judged = any(check.verdict not in (Verdict.UNKNOWN, Verdict.SKIPPED) for check in checks)
        known = any(status is not Status.UNKNOWN for status in self.statuses.values())
        return judged or known or not report.unasked

    def _status(self, entry: Entry, paper: Resolved | None) -> Status:
        if not is_paper(entry):
            return Status.NOT_A_PAPER
        if paper:
            return Status.FOUND if paper.status is Status.UNKNOWN and entry.enriched else paper.status
        before = self.before.entries.get(entry.key)
        return before.status if before else Status.FOUND if entry.enriched else Status.UNKNOWN

    def _findings_of(self, entry: Entry, paper: Resolved | None) -> list[Finding]:
        """Return the findings on one entry.

        If a service could not be asked, its paper's earlier findings stay open.
        """
        case = Case(entry, Status.FOUND, self.notable)
        if paper is not None:
            case = Case(
                entry,
                self._status(entry, paper),
                self.notable,
                paper.records,
                paper.wrong,
                paper.tried,
                paper.candidates,
                paper.doubts,
                paper.right,
                paper.unregistered,
            )
        before = self.before.entries.get(entry.key) if paper is None or paper.not_asked else None
        return judge.findings_of(case, judge.RULES, before.findings if before else ())

    def _not_accepted(self, findings: Iterable[Finding]) -> list[Finding]:
        return [finding for finding in findings if self._reason(finding) is None]

    def _accepted(self, findings: Iterable[Finding]) -> tuple[Accepted, ...]:
        reasons = {finding: self._reason(finding) for finding in findings}
        return tuple(Accepted(finding, reason) for finding, reason in reasons.items() if reason is not None)

    def _reason(self, finding: Finding) -> str | None:
        """Return why a finding is accepted as it is; None if it is not."""
        if inline := self.planned.given.accepted.get((finding.entry or "", finding.url or "")):
            return inline
        subjects = finding.url, finding.entry
        ignore = self.settings.ignore
        return next((row.reason for row in ignore if row.matches(subjects, self.today, finding.rule)), None)

    def _remember(self, paper: Resolved, findings: Iterable[Finding], missing: tuple[str, ...]) -> None:
        """Remember an entry's lookup; it is not marked as missing if a service could not be asked.

        It is then looked up again in the next run, and the findings of this run stay open until then.
        """
        key = paper.entry.key
        of_paper = tuple(replace(f, place=None) for f in findings if f.rule in judge.PAPER_RULES)
        asked = lookup_hash(paper.entry)
        if not paper.not_asked:
            self.remembered[key] = EntryPast(self.today, asked, paper.status, missing, of_paper)
        elif before := self.remembered.get(key):
            self.remembered[key] = replace(before, findings=of_paper)
        elif paper.status is not Status.UNKNOWN:
            self.remembered[key] = EntryPast(self.today, asked, paper.status, findings=of_paper)

    def _report_of(self, entry: Entry, paper: Resolved | None, whole: Entry, missing: tuple[str, ...]) -> EntryReport:
        """Return the row of an entry; `whole` is it with its new block."""
        block = whole.enriched
        return EntryReport(
            key=entry.key,
            type=entry.type,
            status=self._status(entry, paper),
            matched_by=block.matched_by if block else None,
            identifiers={
                str(scheme): str(value) for scheme, field in IDENTIFIER_FIELDS.items() if (value := whole.known(field))
            },
            filled=_once(_filled(block, entry.enriched or _NOTHING)),
            lacking=missing,
            sources=block.sources if block else {},
            year=_number(whole.known("year")),
            citation_count=_number(whole.known("citation_count")),
            title=whole.full_title,
        )


def _links(planned: CatalogPlan, checks: Checks, history: History) -> LinkReports:
    """Return a row for each URL that was checked, in the order in which the entries have them first."""
    urls, entries = planned.urls, planned.chosen
    of_entry, of_link = array("I"), array("I")  # where each URL is first
    shared: dict[str, dict[str, None]] = {}
    for number, entry in enumerate(entries if urls else ()):
        for at, url in enumerate(entry.urls):
            if len(of_link) < len(urls) and url == urls[len(of_link)]:
                of_entry.append(number)
                of_link.append(at)
            else:
                shared.setdefault(url, {})[entry.key] = None
    unknown = past.LinkPast()

    def of_both(number: int) -> tuple[tuple[str, ...], LinkKind, str | None, str | None, Place | None]:
        url, entry = urls[number], entries[of_entry[number]]
        link, seen = entry.links[of_link[number]], history.links.get(url, unknown)
        keys = tuple(dict.fromkeys((entry.key, *shared[url]))) if url in shared else (entry.key,)
        first_seen = str(seen.first_seen) if seen.first_seen else None
        return keys, link.kind, first_seen, str(seen.last_ok) if seen.last_ok else None, link.place

    def row(number: int) -> LinkReport:
        return LinkReport(checks[urls[number]], *of_both(number))

    def plain(number: int) -> PlainRow | None:
        url = urls[number]
        if (seen := checks.ordinary(url)) is None:
            return None
        at, saw = seen
        return PlainRow(url, at, saw, *of_both(number))

    numbers = array("I", (number for number, url in enumerate(urls) if url in checks))
    return LinkReports(row, numbers, verdict_of=lambda number: checks.verdict(urls[number]), plain=plain)


def _unasked(notes: Iterable[Note]) -> tuple[Unasked, ...]:
    """Return a row per service that could not be asked, with the first reason, and about how many things."""
    by_service: dict[str, list[Note]] = {}
    for note in notes:
        by_service.setdefault(note.service, []).append(note)
    return tuple(
        Unasked(service, own[0].why, len(set(chain.from_iterable(note.things for note in own))))
        for service, own in sorted(by_service.items())
    )


def _counts(checks: Mapping[str, LinkCheck], entries: Iterable[EntryReport]) -> dict[str, int]:
    verdicts = Counter(str(check.verdict) for _, check in notable(checks))
    verdicts[Verdict.OK] += len(checks) - verdicts.total()  # ordinary links are good
    statuses = Counter(f"entries-{entry.status}" for entry in entries)
    return {str(v): verdicts[v] for v in Verdict} | {f"entries-{s}": statuses[f"entries-{s}"] for s in Status}


def _filled(block: Enriched | None, before: Enriched) -> tuple[str, ...]:
    return tuple(n for n in judge.PRECEDENCE if block and getattr(block, n) not in (None, (), getattr(before, n)))


@lru_cache(maxsize=1024)
def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names as they were given first: there are few different ones, and a long list has one an entry."""
    return names


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
