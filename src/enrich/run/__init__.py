"""The conductor of the nightly job: what to ask whom, in which order; the only place that starts tasks."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from enrich import history as past
from enrich import judge, links
from enrich.history import EntryPast, History
from enrich.judge import Case
from enrich.model import (
    WANTED_FIELDS,
    Enriched,
    Entry,
    EntryReport,
    Finding,
    Link,
    LinkCheck,
    LinkReport,
    Report,
    Status,
    Unasked,
    Unfinished,
    Verdict,
)
from enrich.run.checking import Checks
from enrich.run.papers import Papers
from enrich.run.plan import Options, is_due, is_paper, not_reached_lately, print_of
from enrich.run.registries import Registries, vouchers
from enrich.run.searching import Searches
from enrich.settings import Loaded, Settings
from enrich.sources import retraction_watch
from enrich.text.urls import host_of
from enrich.web import Web

__all__ = ["Options", "Result", "run"]


@dataclass(frozen=True, slots=True)
class Result:
    """What a run brought: the report, the blocks `enriched:` to write by key, and the history for the next run."""

    report: Report
    blocks: Mapping[str, Enriched]
    history: History


async def run(
    entries: Sequence[Entry],
    web: Web,
    loaded: Loaded,
    history: History,
    *,
    options: Options,
    catalog: str | None = None,
) -> Result:
    """Resolves the entries, checks their links, and judges what came back.

    What the network does never raises: what could not be asked is in the report's `unasked`. Once `web` is stopped, by
    the deadline or from outside, nothing more is asked, and the report is partial.
    """
    async with _deadline(web, options.deadline):
        return await _run(entries, web, loaded, history, options=options, catalog=catalog)


@asynccontextmanager
async def _deadline(web: Web, seconds: float | None) -> AsyncIterator[None]:
    """Stops the asking after that many seconds, unless the block has ended by then."""

    async def strike(seconds: float) -> None:
        await web.clock.sleep(seconds)
        web.stop.set("the deadline came first")

    striking = None if seconds is None else asyncio.create_task(strike(seconds))
    try:
        yield
    finally:
        if striking:
            striking.cancel()


async def _run(
    entries: Sequence[Entry],
    web: Web,
    loaded: Loaded,
    history: History,
    *,
    options: Options,
    catalog: str | None,
) -> Result:
    if loaded.settings.retraction_watch:
        retraction_watch.check(loaded.settings.retraction_watch)
    started, today = web.clock.now(), web.clock.now().date()
    registries = Registries(web, loaded.base)
    chosen = [entry for entry in entries if options.keys is None or entry.key in options.keys][: options.limit]
    due = [entry for entry in chosen if options.metadata and _is_due(entry, history, today, loaded.settings, options)]
    waiting = not_reached_lately(due, history.entries)
    papers = Papers(due, registries, Searches(web, loaded.base, registries), waiting)
    async with asyncio.TaskGroup() as aside:
        checks = Checks(web, registries, loaded, today, aside)
        urls = checks.due(chosen, history.postponed) if options.links else []
        vouched = vouchers(urls, chosen)
        registries.first |= {vouched[url] for url in history.postponed if url in vouched}

        async def ask_registries() -> None:
            await registries.ask_all(papers.identifiers(), vouched)
            await checks.decide(vouched)

        async with asyncio.TaskGroup() as group:
            group.create_task(ask_registries())
            group.create_task(checks.look_at([url for url in urls if url not in vouched]))
            group.create_task(papers.look_ahead())
        await papers.resolve(checks.seen)
        papers.take_retractions(loaded.settings.retraction_watch)
        await checks.look_again()
    await checks.explain_outage()
    if web.stop.cut_short:
        papers.leave_open(checks.postponed)

    blocks = papers.blocks(today, timedelta(days=loaded.settings.refresh_days))
    pages = links.registered_pages(registries.answers.values())
    verdicts = _judged(links.seconded(checks.verdicts, pages), entries, history, today, options.vantage)
    verdicts = await checks.with_copies(verdicts, chosen, lambda url: history.links.get(url, past.LinkPast()).last_ok)
    night = _Night(
        entries, chosen, history, today, options.vantage, loaded.settings, papers, verdicts, blocks, checks.postponed
    )
    return night.result(web, registries, catalog, started, options)


def _judged(
    checks: Mapping[str, LinkCheck], entries: Iterable[Entry], history: History, today: date, vantage: str
) -> dict[str, LinkCheck]:
    """Return the verdicts in the light of what one look does not show: the run's other links, then earlier runs."""
    urls = {link.url for entry in entries for link in entry.links}
    ended = {url: seen.forwarded_to for url, seen in history.links.items() if seen.forwarded_to and url in urls}
    settled = links.settled_moves(checks, ended)
    return {url: past.judged_by_time(check, history.links.get(url), today, vantage) for url, check in settled.items()}


def _is_due(entry: Entry, history: History, today: date, settings: Settings, options: Options) -> bool:
    if not is_paper(entry):
        return False
    before = history.entries.get(entry.key)
    ages = settings.refresh_days, settings.retry_lacking_days
    return not options.only_missing or is_due(entry, before, today, *ages)


@dataclass(frozen=True, slots=True)
class _Night:
    """What is known when everybody has been asked."""

    entries: Sequence[Entry]
    chosen: Sequence[Entry]
    history: History
    today: date
    vantage: str
    settings: Settings
    papers: Papers
    verdicts: Mapping[str, LinkCheck]
    blocks: Mapping[str, Enriched]
    postponed: Collection[str]

    def result(
        self, web: Web, registries: Registries, catalog: str | None, started: datetime, options: Options
    ) -> Result:
        by_entry = {entry.key: self._findings_of(entry) for entry in self.chosen}
        unseen = self._unseen()
        found = self._in_order(by_entry)
        turned = judge.changed_findings(self.history.findings.values(), found)
        findings = past.compared(found, self.history, self.today, unseen=unseen | turned)
        urls = [link.url for entry in self.entries for link in entry.links]
        answered = {url: check for url, check in self.verdicts.items() if url not in self.postponed}
        history = past.with_links(self.history, urls, answered, self.today, self.vantage)
        # Those that wait since an earlier run keep their place: else the same few would be asked each night.
        unseen_yet = (url for url in self.history.postponed if url not in self.verdicts)
        waits = {*unseen_yet, *self.postponed} & set(urls)
        postponed = tuple(url for url in dict.fromkeys((*self.history.postponed, *urls)) if url in waits)
        history = replace(history, entries=self._entries_past(by_entry), postponed=postponed)
        history = past.with_findings(history, findings, unseen=unseen)
        if options.links and self._saw_the_catalog(web, registries):
            history = past.with_run(history, findings, self.today)
        reports = tuple(self._report_of(entry) for entry in self.chosen)
        report = Report(
            catalog=catalog,
            started=_stamp(started),
            finished=_stamp(web.clock.now()),
            entries=reports,
            links=self._links(history),
            findings=findings,
            unasked=tuple(Unasked(s, why, len(what)) for s, (why, what) in sorted(registries.unasked.items())),
            requests={host: number for host, number in sorted(web.requests.items()) if number},
            counts=_counts(self.verdicts.values(), reports),
            notes=_notes(web, offline=options.offline),
            past_runs=history.runs,
            first_run=catalog is not None and self.history == History(),
            unfinished=self._unfinished(web),
        )
        return Result(report, self.blocks, history)

    def _unfinished(self, web: Web) -> Unfinished | None:
        if web.stop.why is None or not web.stop.cut_short:
            return None
        papers = sum(paper.status is Status.UNKNOWN for paper in self.papers.by_key.values())
        urls = (url for url in self.postponed if self.verdicts[url].verdict is Verdict.UNKNOWN)
        return Unfinished(web.stop.why, papers, sum(1 for _ in urls))

    def _saw_the_catalog(self, web: Web, registries: Registries) -> bool:
        """Whether the run took all entries, and somebody answered: else it does not tell how the catalog stands."""
        if len(self.chosen) < len(self.entries) or web.offline_because or web.stop.cut_short:
            return False
        told = any(check.verdict not in (Verdict.UNKNOWN, Verdict.SKIPPED) for check in self.verdicts.values())
        known = any(paper.status is not Status.UNKNOWN for paper in self.papers.by_key.values())
        return told or known or not registries.unasked

    def _status(self, entry: Entry) -> Status:
        if not is_paper(entry):
            return Status.NOT_A_PAPER
        if paper := self.papers.by_key.get(entry.key):
            return Status.FOUND if paper.status is Status.UNKNOWN and entry.enriched else paper.status
        before = self.history.entries.get(entry.key)
        return before.status if before else Status.FOUND if entry.enriched else Status.UNKNOWN

    def _findings_of(self, entry: Entry) -> list[Finding]:
        """The findings on one entry; where somebody could not be asked tonight, its paper's earlier findings stand."""
        paper = self.papers.by_key.get(entry.key)
        case = Case(entry, Status.FOUND, self.verdicts)
        if paper is not None:
            case = Case(
                entry,
                self._status(entry),
                self.verdicts,
                paper.records,
                paper.wrong,
                tuple(paper.tried),
                paper.candidates,
                paper.doubts,
                paper.right,
            )
        found = [finding for rule in judge.RULES for finding in rule(case)]
        before = self.history.entries.get(entry.key)
        if before and (paper is None or paper.not_asked):
            places = {link.url: link.place for link in entry.links}
            told = {finding.identity for finding in found}
            unresolved = paper is None or not paper.records
            found += [
                replace(finding, place=places.get(finding.url or "", entry.place))
                for finding in before.findings
                if finding.identity not in told
                and (finding.url is None or finding.url in places)
                and (unresolved or finding.rule not in judge.UNRESOLVED_RULES)
                and (finding.replacement is None or finding.replacement.old == entry.title)
            ]
        return [f for f in found if not self._is_accepted(f)]

    def _is_accepted(self, finding: Finding) -> bool:
        subjects = (finding.url, finding.entry)
        return any(rule.matches(subjects, self.today, finding.rule) for rule in self.settings.ignore)

    def _in_order(self, by_entry: Mapping[str, Sequence[Finding]]) -> list[Finding]:
        outages, down = judge.outages(self.verdicts.values(), self.chosen)
        closed, forwarded = judge.closed_sites(self.verdicts.values(), self.chosen)
        spoken_for = down | forwarded
        resolved = {e.key: block for e in self.entries if (block := self.blocks.get(e.key) or e.enriched)}
        of_links = ("suspect-link", "broken-link", "unreachable-link", "site-closed")
        single = [f for those in by_entry.values() for f in those if f.rule not in of_links or f.url not in spoken_for]
        others = (*judge.duplicates(self.entries, resolved), *outages, *closed)
        return [*single, *(finding for finding in others if not self._is_accepted(finding))]

    def _unseen(self) -> set[str]:
        """The earlier findings that tonight can say nothing about, by identity: they are not called fixed."""
        if not self.history.findings:
            return set()
        listed = {entry.key for entry in self.entries}
        urls = {link.url for entry in self.entries for link in entry.links}
        passed_over = listed - {entry.key for entry in self.chosen}
        heard = _hosts(url for url, check in self.verdicts.items() if check.verdict is not Verdict.UNKNOWN)
        unseen = set()
        for identity, finding in self.history.findings.items():
            if finding.rule in judge.PAPER_RULES:
                paper = self.papers.by_key.get(finding.entry or "")
                hidden = finding.url in urls and self._is_unjudged(finding)
                hidden = paper.status is Status.UNKNOWN if paper else hidden
            elif finding.entry is None and finding.rule in judge.HOST_RULES:
                unheard = (_hosts(urls) - heard) | _hosts(urls - self.verdicts.keys()) | _hosts(self.postponed)
                hidden = bool(_hosts([finding.url or ""]) & unheard)
            else:
                hidden = finding.url in urls and self._is_unjudged(finding)
            if hidden or finding.entry in passed_over:
                unseen.add(identity)
        return unseen

    def _is_unjudged(self, finding: Finding) -> bool:
        """Whether the link of a finding was not judged, or a repository's page alone was seen: no word of archiving."""
        check = self.verdicts.get(finding.url or "")
        if check is None or check.verdict is Verdict.UNKNOWN or check.url in self.postponed:
            return True
        archived = finding.rule == "archived-repository"
        return archived and check.repository is None and check.verdict is not Verdict.BROKEN

    def _entries_past(self, by_entry: Mapping[str, Sequence[Finding]]) -> dict[str, EntryPast]:
        """What is remembered of each entry's lookup; what could not be asked everywhere is not called lacking.

        So it is asked for again in the next run, and until then the findings of this one stand.
        """
        present = {entry.key for entry in self.entries}
        remembered = {key: before for key, before in self.history.entries.items() if key in present}
        for key, paper in self.papers.by_key.items():
            of_paper = tuple(replace(f, place=None) for f in by_entry[key] if f.rule in judge.PAPER_RULES)
            if not paper.not_asked:
                lacking = judge.lacking(paper.entry, self.blocks.get(key) or paper.entry.enriched, WANTED_FIELDS)
                remembered[key] = EntryPast(self.today, print_of(paper.entry), paper.status, lacking, of_paper)
            elif before := remembered.get(key):
                remembered[key] = replace(before, findings=of_paper)
            elif paper.status is not Status.UNKNOWN:
                remembered[key] = EntryPast(self.today, print_of(paper.entry), paper.status, findings=of_paper)
        return remembered

    def _report_of(self, entry: Entry) -> EntryReport:
        block = self.blocks.get(entry.key) or entry.enriched
        whole = replace(entry, enriched=block)
        before = entry.enriched or Enriched()
        names = {"arxiv": "arxiv_id", "doi": "doi", "semantic_scholar": "semantic_scholar_id"}
        return EntryReport(
            key=entry.key,
            type=entry.type,
            status=self._status(entry),
            matched_by=block.matched_by if block else None,
            identifiers={name: str(value) for name, field in names.items() if (value := whole.known(field))},
            filled=tuple(
                n for n in judge.PRECEDENCE if block and getattr(block, n) not in (None, (), getattr(before, n))
            ),
            lacking=judge.lacking(entry, block, WANTED_FIELDS) if is_paper(entry) else (),
            sources=block.sources if block else {},
            year=_number(whole.known("year")),
            citation_count=_number(whole.known("citation_count")),
        )

    def _links(self, history: History) -> tuple[LinkReport, ...]:
        firsts: dict[str, tuple[Link, tuple[str, ...]]] = {}
        shared: dict[str, dict[str, None]] = {}
        for entry in self.chosen:
            alone: tuple[str, ...] = (entry.key,)
            for link in entry.links:
                if (first := firsts.setdefault(link.url, (link, alone)))[0] is not link:
                    shared.setdefault(link.url, dict.fromkeys(first[1]))[entry.key] = None
        unknown = past.LinkPast()
        days = {day: str(day) for seen in history.links.values() for day in (seen.first_seen, seen.last_ok) if day}
        rows = []
        for url, (link, those) in firsts.items():
            if check := self.verdicts.get(url):
                keys = tuple(shared.get(url, those))
                seen = history.links.get(url, unknown)
                first_seen, last_ok = (days.get(day) if day else None for day in (seen.first_seen, seen.last_ok))
                rows.append(LinkReport(check, keys, link.kind, first_seen, last_ok, link.place))
        return tuple(rows)


def _counts(checks: Iterable[LinkCheck], entries: Iterable[EntryReport]) -> dict[str, int]:
    verdicts = Counter(str(check.verdict) for check in checks)
    statuses = Counter(f"entries-{entry.status}" for entry in entries)
    return {str(v): verdicts[v] for v in Verdict} | {f"entries-{s}": statuses[f"entries-{s}"] for s in Status}


def _filled(block: Enriched | None, before: Enriched) -> tuple[str, ...]:
    return tuple(n for n in judge.PRECEDENCE if block and getattr(block, n) not in (None, (), getattr(before, n)))


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _hosts(urls: Iterable[str]) -> set[str]:
    """The hosts of web addresses; a link may also be what no address can be read from."""
    return {host_of(url) for url in urls}


def _notes(web: Web, *, offline: bool) -> tuple[str, ...]:
    notes = [web.cache.warning] if web.cache.warning else []
    if web.offline_because and not offline:
        notes.append(
            f"{web.offline_because.partition(':')[0]}: nothing was changed where a service did not answer. "
            "Try `enrich demo` to see a whole run without a network, or run again when the network is back."
        )
    return tuple(notes)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
