"""Phase 6, `conclude`: the blocks, the findings, the history and the report of one catalog; pure."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
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
    LinkReport,
    LinkReports,
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


def conclude(
    planned: CatalogPlan,
    lookups: Mapping[str, Resolved],
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
        lookups: How the lookups of its papers ended, by key.
        settled: How its links turned out.
        notes: What could not be asked.
        ending: How the asking went.
        settings: Which findings are accepted, and how old a citation count may be.
        options: Where the run looked from, and whether it looked at links.
    """
    unread = frozenset(url for url, check in notable(settled.checks) if check.verdict in _UNREAD)
    lookups = {key: _unread(paper, unread) for key, paper in lookups.items()}
    if ending.stopped:
        lookups = {key: _left_open(paper, settled.postponed) for key, paper in lookups.items()}
    today = ending.started.date()
    blocks, seen = _blocks(lookups, today, settings), dict(notable(settled.checks))
    return _Conclusion(planned, lookups, settled, tuple(notes), ending, settings, options, today, blocks, seen).result()


_UNREAD = (Verdict.UNKNOWN, Verdict.SUSPECT)


def _unread(paper: Resolved, unread: frozenset[str]) -> Resolved:
    """Return the lookup as not asked if only pages could tell the paper, and one of them could not be read."""
    return replace(paper, not_asked=True) if not paper.tried and _links_to(paper, unread) else paper


def _links_to(paper: Resolved, urls: frozenset[str]) -> bool:
    return any(link.url in urls for link in paper.entry.links if link.kind in PAPER_KINDS)


def _left_open(paper: Resolved, postponed: frozenset[str]) -> Resolved:
    """Return the lookup with what a run that was stopped cannot say: pages and searches not asked may tell more."""
    not_asked = paper.not_asked or _links_to(paper, postponed)
    return replace(paper, not_asked=True, candidates=()) if not_asked else paper


def _blocks(lookups: Mapping[str, Resolved], today: date, settings: Settings) -> dict[str, Enriched]:
    """Return the block of every entry whose paper was found, an empty one where it was another paper's."""
    removed = {key: Enriched() for key, paper in lookups.items() if paper.is_revoked}
    return removed | {
        key: judge.merge_records(
            {**paper.proven, **judge.edition(paper.entry, paper.records.values())},
            paper.entry.enriched,
            matched_by,
            today,
            timedelta(days=settings.refresh_days),
            settings.fields,
        )
        for key, paper in lookups.items()
        if paper.records and (matched_by := _matched_by(paper))
    }


def _matched_by(paper: Resolved) -> str | None:
    """Return how the paper was found; as before where a service that may have found it then could not be asked now."""
    before = paper.entry.enriched and paper.entry.enriched.matched_by
    return before if before and paper.not_asked else paper.matched_by


@dataclass(frozen=True, slots=True)
class _Conclusion:
    """What is known of a catalog when everything has been asked."""

    planned: CatalogPlan
    lookups: Mapping[str, Resolved]
    settled: Settled
    notes: tuple[Note, ...]
    ending: Ending
    settings: Settings
    options: Options
    today: date
    blocks: Mapping[str, Enriched]
    notable: Mapping[str, LinkCheck]

    @property
    def entries(self) -> Sequence[Entry]:
        return self.planned.given.entries

    @property
    def before(self) -> History:
        return self.planned.given.history

    def result(self) -> Result:
        statuses = {key: paper.status for key, paper in self.lookups.items()}
        settled = self.settled
        sight = Sight(self.entries, self.planned.chosen, settled.checks, settled.postponed, statuses)
        raw = {entry.key: self._findings_of(entry) for entry in self.planned.chosen}
        by_entry = {key: self._not_accepted(findings) for key, findings in raw.items()}
        single = [finding for those in by_entry.values() for finding in those]
        with_hosts = judge.with_hosts(single, sight, self.blocks)
        found = self._not_accepted(with_hosts)
        accepted = self._accepted(chain(*raw.values(), with_hosts))
        unseen = judge.unseen_findings(self.before.findings, sight)
        changed = judge.changed_findings(self.before.findings.values(), found)
        findings = past.with_states(found, self.before, self.today, unseen=unseen | changed)
        # What is accepted from now on is not fixed.
        accepted_ones = {each.finding.identity for each in accepted}
        findings = tuple(f for f in findings if f.state is not State.FIXED or f.identity not in accepted_ones)
        history = past.with_findings(self._history(by_entry), findings, unseen=unseen)
        report = self._report(findings, history)
        if self.options.links and self._saw_the_catalog(report):
            history = past.with_run(history, findings, self.today)
        return Result(replace(report, past_runs=history.runs, accepted=accepted), self.blocks, history)

    def _history(self, by_entry: Mapping[str, Sequence[Finding]]) -> History:
        urls = [url for entry in self.entries for url in entry.urls]
        checks, postponed = self.settled.checks, self.settled.postponed
        answered = Checks.first_of((url for url in checks if url not in postponed), [checks]) if postponed else checks
        history = past.with_links(self.before, urls, answered, self.today, self.options.vantage)
        # Those that wait since an earlier run keep their place: else the same few would be asked each night.
        unseen_yet = (url for url in self.before.postponed if url not in checks)
        waits = {*unseen_yet, *postponed}.intersection(urls)
        waiting = tuple(dict.fromkeys(url for url in chain(self.before.postponed, urls) if url in waits))
        return replace(history, entries=self._entries_past(by_entry), postponed=waiting)

    def _report(self, findings: tuple[Finding, ...], history: History) -> Report:
        entries = tuple(self._report_of(entry) for entry in self.planned.chosen)
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
        papers = sum(paper.status is Status.UNKNOWN for paper in self.lookups.values())
        urls = (url for url in self.settled.postponed if self.settled.checks[url].verdict is Verdict.UNKNOWN)
        return Unfinished(self.ending.stopped, papers, sum(1 for _ in urls))

    def _saw_the_catalog(self, report: Report) -> bool:
        """Whether the run took all entries, and a service or a site answered: else it does not tell how things are."""
        if self.ending.offline or not judge.is_complete(report, self.entries):
            return False
        checks = self.settled.checks.values()
        judged = any(check.verdict not in (Verdict.UNKNOWN, Verdict.SKIPPED) for check in checks)
        known = any(paper.status is not Status.UNKNOWN for paper in self.lookups.values())
        return judged or known or not report.unasked

    def _status(self, entry: Entry) -> Status:
        if not is_paper(entry):
            return Status.NOT_A_PAPER
        if paper := self.lookups.get(entry.key):
            return Status.FOUND if paper.status is Status.UNKNOWN and entry.enriched else paper.status
        before = self.before.entries.get(entry.key)
        return before.status if before else Status.FOUND if entry.enriched else Status.UNKNOWN

    def _findings_of(self, entry: Entry) -> list[Finding]:
        """Return the findings on one entry.

        Where a service could not be asked, its paper's earlier findings stay open.
        """
        paper = self.lookups.get(entry.key)
        case = Case(entry, Status.FOUND, self.notable)
        if paper is not None:
            case = Case(
                entry,
                self._status(entry),
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
        """Return why a finding is accepted as it is; None where it is not."""
        if inline := self.planned.given.accepted.get((finding.entry or "", finding.url or "")):
            return inline
        subjects = finding.url, finding.entry
        ignore = self.settings.ignore
        return next((row.reason for row in ignore if row.matches(subjects, self.today, finding.rule)), None)

    def _entries_past(self, by_entry: Mapping[str, Sequence[Finding]]) -> dict[str, EntryPast]:
        """Return what is remembered of each entry's lookup; what could not be asked everywhere is not called missing.

        So it is asked for again in the next run, and until then the findings of this one stay open.
        """
        present = {entry.key for entry in self.entries}
        remembered = {key: before for key, before in self.before.entries.items() if key in present}
        for key, paper in self.lookups.items():
            of_paper = tuple(replace(f, place=None) for f in by_entry[key] if f.rule in judge.PAPER_RULES)
            asked = lookup_hash(paper.entry)
            if not paper.not_asked:
                block = self.blocks.get(key) or paper.entry.enriched
                lacking = judge.lacking(paper.entry, block, self.settings.wanted_fields)
                remembered[key] = EntryPast(self.today, asked, paper.status, lacking, of_paper)
            elif before := remembered.get(key):
                remembered[key] = replace(before, findings=of_paper)
            elif paper.status is not Status.UNKNOWN:
                remembered[key] = EntryPast(self.today, asked, paper.status, findings=of_paper)
        return remembered

    def _report_of(self, entry: Entry) -> EntryReport:
        block = self.blocks.get(entry.key) or entry.enriched
        whole = replace(entry, enriched=block)
        return EntryReport(
            key=entry.key,
            type=entry.type,
            status=self._status(entry),
            matched_by=block.matched_by if block else None,
            identifiers={
                str(scheme): str(value) for scheme, field in IDENTIFIER_FIELDS.items() if (value := whole.known(field))
            },
            filled=_filled(block, entry.enriched or Enriched()),
            lacking=judge.lacking(entry, block, self.settings.wanted_fields) if is_paper(entry) else (),
            sources=block.sources if block else {},
            year=_number(whole.known("year")),
            citation_count=_number(whole.known("citation_count")),
            title=whole.full_title,
        )


def _links(planned: CatalogPlan, checks: Mapping[str, LinkCheck], history: History) -> LinkReports:
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

    def row(number: int) -> LinkReport:
        url, entry = urls[number], entries[of_entry[number]]
        link, seen = entry.links[of_link[number]], history.links.get(url, unknown)
        keys = tuple(dict.fromkeys((entry.key, *shared[url]))) if url in shared else (entry.key,)
        first_seen, last_ok = (str(day) if day else None for day in (seen.first_seen, seen.last_ok))
        return LinkReport(checks[url], keys, link.kind, first_seen, last_ok, link.place)

    return LinkReports(row, array("I", (number for number, url in enumerate(urls) if url in checks)))


def _unasked(notes: Iterable[Note]) -> tuple[Unasked, ...]:
    """Return a row per service that could not be asked, with the first reason, and about how many things."""
    whys: dict[str, str] = {}
    things: dict[str, set[str]] = {}
    for note in notes:
        whys.setdefault(note.service, note.why)
        things.setdefault(note.service, set()).add(note.what)
    return tuple(Unasked(service, why, len(things[service])) for service, why in sorted(whys.items()))


def _counts(checks: Mapping[str, LinkCheck], entries: Iterable[EntryReport]) -> dict[str, int]:
    verdicts = Counter(str(check.verdict) for _, check in notable(checks))
    verdicts[Verdict.OK] += len(checks) - verdicts.total()  # ordinary links are good
    statuses = Counter(f"entries-{entry.status}" for entry in entries)
    return {str(v): verdicts[v] for v in Verdict} | {f"entries-{s}": statuses[f"entries-{s}"] for s in Status}


def _filled(block: Enriched | None, before: Enriched) -> tuple[str, ...]:
    return tuple(n for n in judge.PRECEDENCE if block and getattr(block, n) not in (None, (), getattr(before, n)))


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
