"""The open findings after a run: what it found, and earlier findings that it could not judge; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from enrich.judge.cases import Case
from enrich.judge.on_hosts import closed_sites, is_of_host, outages
from enrich.judge.on_papers import PAPER_RULES, UNRESOLVED_RULES, duplicates
from enrich.model import Enriched, Entry, Finding, LinkCheck, Report, State, Status, Verdict, notable
from enrich.text.urls import host_of

Rule = Callable[[Case], Iterable[Finding]]

# The words of a finding on a whole host that replaces findings on links.
_ON_SINGLE_LINKS = ("suspect-link", "broken-link", "unreachable-link", "site-closed")


@dataclass(frozen=True, slots=True)
class Sight:
    """What a run saw of a catalog.

    Attributes:
        entries: All entries of the catalog.
        chosen: The entries that the run took.
        checks: The verdicts by URL.
        postponed: URLs that the run left unasked.
        statuses: How the lookups ended, by the entries' keys.
    """

    entries: Sequence[Entry]
    chosen: Sequence[Entry]
    checks: Mapping[str, LinkCheck]
    postponed: frozenset[str]
    statuses: Mapping[str, Status]

    def is_unjudged(self, finding: Finding) -> bool:
        """Whether a finding's link was not judged, or only a repository's page was seen, which shows no archiving."""
        check = self.checks.get(finding.url or "")
        if check is None or check.verdict is Verdict.UNKNOWN or check.url in self.postponed:
            return True
        archived = finding.rule == "archived-repository"
        return archived and check.repository is None and check.verdict is not Verdict.BROKEN


def findings_of(case: Case, rules: Iterable[Rule], before: Iterable[Finding]) -> list[Finding]:
    """Return the rules' findings on an entry, and earlier findings on its paper (`before`) that are still open."""
    found = [finding for rule in rules for finding in rule(case)]
    entry = case.entry
    open_before = tuple(before)
    places = {link.url: link.place for link in entry.links} if open_before else {}
    known = {finding.identity for finding in found}
    return found + [
        replace(finding, place=places.get(finding.url or "", entry.place))
        for finding in open_before
        if finding.identity not in known
        and (finding.url is None or finding.url in places)
        and (not case.records or finding.rule not in UNRESOLVED_RULES)
        and (finding.replacement is None or finding.replacement.old == entry.title)
    ]


def with_hosts(findings: Iterable[Finding], sight: Sight, blocks: Mapping[str, Enriched]) -> list[Finding]:
    """Return findings on single entries with those on whole hosts and duplicates, which replace some of them."""
    seen = [check for _, check in notable(sight.checks)]
    # Ordinary links only show that their hosts work.
    every = sight.checks.values() if any(check.is_unanswered for check in seen) else ()
    hosts, down = outages(every, sight.chosen)
    closed, forwarded = closed_sites(seen, sight.chosen)
    included = down | forwarded
    resolved = {e.key: block for e in sight.entries if (block := blocks.get(e.key) or e.enriched)}
    single = [f for f in findings if f.rule not in _ON_SINGLE_LINKS or f.url not in included]
    return [*single, *duplicates(sight.entries, resolved), *hosts, *closed]


def unseen_findings(before: Mapping[str, Finding], sight: Sight) -> set[str]:
    """Return the earlier findings, by identity, that this run cannot judge: they are not reported as fixed."""
    if not before:
        return set()
    urls = {url for entry in sight.entries for url in entry.urls}
    passed_over = {entry.key for entry in sight.entries} - {entry.key for entry in sight.chosen}
    unheard = _unheard_hosts(sight, urls) if any(is_of_host(finding) for finding in before.values()) else set()
    return {
        identity
        for identity, finding in before.items()
        if finding.entry in passed_over or _is_hidden(finding, sight, urls, unheard)
    }


def _unheard_hosts(sight: Sight, urls: set[str]) -> set[str]:
    heard = _hosts(url for url, check in sight.checks.items() if check.verdict is not Verdict.UNKNOWN)
    return (_hosts(urls) - heard) | _hosts(urls - sight.checks.keys()) | _hosts(sight.postponed)


def _is_hidden(finding: Finding, sight: Sight, urls: set[str], unheard: set[str]) -> bool:
    if finding.rule in PAPER_RULES and (status := sight.statuses.get(finding.entry or "")):
        return status is Status.UNKNOWN
    if is_of_host(finding):
        return bool(_hosts([finding.url or ""]) & unheard)
    return finding.url in urls and sight.is_unjudged(finding)


def with_standing(report: Report, remembered: Mapping[str, Finding], entries: Sequence[Entry]) -> Report:
    """Return the report with earlier findings that this run could not judge, which are assumed to be still open.

    `remembered` are the findings of the history after the run, by identity.
    """
    known = {finding.identity for finding in report.findings}
    unjudged = [finding for identity, finding in remembered.items() if identity not in known]
    if not unjudged:
        return report
    places = {entry.key: entry.place for entry in entries}
    titles = {entry.key: entry.full_title for entry in entries}
    links = {(entry.key, link.url): link.place for entry in entries for link in entry.links}

    def placed(finding: Finding) -> Finding:
        place = links.get((finding.entry or "", finding.url or "")) or places.get(finding.entry or "")
        return replace(finding, state=State.STILL, place=place, title=titles.get(finding.entry or ""))

    return replace(report, findings=(*report.findings, *map(placed, unjudged)))


def is_complete(report: Report, entries: Sequence[Entry]) -> bool:
    """Whether a run checked every entry and links: only then does "nothing found" mean that nothing is wrong."""
    if report.partial:
        return False
    seen = {entry.key for entry in report.entries}
    return all(entry.key in seen for entry in entries) and (
        bool(report.links) or not any(entry.links for entry in entries)
    )


def _hosts(urls: Iterable[str]) -> set[str]:
    """Return the hosts of URLs; a link may also be something without a host."""
    return {host_of(url) for url in urls}
