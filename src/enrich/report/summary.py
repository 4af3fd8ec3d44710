"""What a report says, before any format: its sections, its summary, its evidence in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from enrich.model import (
    UNSETTLED_RULES,
    Evidence,
    Finding,
    LinkReport,
    LinkReports,
    Report,
    Severity,
    State,
    Status,
    Unasked,
    Verdict,
)
from enrich.report import escape
from enrich.services import PAGE, WEB, attributed, title_of


@dataclass(frozen=True, slots=True)
class Section:
    """A kind of problem: its heading, its rules, and what to do about it.

    `needs_catalog` is true if the advice requires a run on a catalog: `enrich check` keeps no last report.
    """

    title: str
    rules: tuple[str, ...]
    advice: str = ""
    needs_catalog: bool = False


SECTIONS = (
    Section(
        "Broken",
        ("broken-link",),
        "Confirmed broken: the server or the registry said so, or two networks could not reach them for days.",
    ),
    Section("Missing anchors", ("missing-anchor",), "These links point to a heading or id that does not exist."),
    Section("Unsafe", ("unsafe-link",), "These links point to a private address; they were not fetched."),
    Section("Wrong paper", ("wrong-paper",), "These links lead to a different paper."),
    Section(
        "Unregistered identifiers", ("unregistered-identifier",), "No registry knows these; readers cannot follow them."
    ),
    Section(
        "Withdrawn or retracted", ("withdrawn", "retracted"), "Withdrawn by the authors or retracted by the publisher."
    ),
    Section(
        "Moved",
        ("moved-link", "renamed-repository"),
        "Run `enrich fix` to update these links in the catalog.",
        needs_catalog=True,
    ),
    Section(
        "Unreachable",
        ("unreachable-link",),
        "These links could not be reached from here for days. They may work from other networks.",
    ),
    Section(
        "Closed or reorganised sites",
        ("site-closed",),
        "These links now redirect to a front page, a listing or a shared page. Look up each new URL.",
    ),
    Section("Published since", ("published-since",), "Now published."),
    Section("Archived repositories", ("archived-repository",), "These repositories are archived (read-only)."),
    Section("Host outages", ("host-outage",), "Host down: its links are not listed one by one."),
    Section(
        "Unresolved and ambiguous",
        ("unresolved-entry", "ambiguous-entry"),
        "Add a link to the paper, or its doi or arxiv_id, to settle these.",
    ),
    Section(
        "Duplicates", ("duplicate-entry",), "Same paper twice: merge the entries, or give each its own doi or arxiv_id."
    ),
    Section(
        "Stale metadata",
        ("stale-metadata",),
        "Run `enrich fix --titles` to remove years, venues and authors from the titles in the catalog.",
        needs_catalog=True,
    ),
    Section("ACM-internal IDs", ("internal-number",), "Use the DOI: it keeps working when the publisher's page moves."),
    Section(
        "TLS problems",
        ("tls-trouble",),
        "These pages work, but browsers may show a warning. Find another URL, or tell the site's owner.",
    ),
    Section("Code for another paper", ("wrong-project",), "These repositories belong to a different paper."),
)
"""The sections in their order within one severity; a rule without a section gets one of its own name."""

_SECTION_OF = {rule: section for section in SECTIONS for rule in section.rules}

FOLDS = (
    (Verdict.BLOCKED, "these sites block automated requests; the links may still work"),
    (Verdict.SUSPECT, "unconfirmed, or failing for less than 3 days"),
    (Verdict.UNKNOWN, "could not be checked"),
)
"""Verdicts of links of which nothing bad is known, and what each means."""

SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
"""Most severe first."""

_VERDICTS = (
    Verdict.OK,
    Verdict.MOVED,
    Verdict.BROKEN,
    Verdict.UNSAFE,
    Verdict.SUSPECT,
    Verdict.BLOCKED,
    Verdict.UNKNOWN,
    Verdict.SKIPPED,
)
_STATUSES = {
    Status.FOUND: "found",
    Status.MISSING: "not found",
    Status.AMBIGUOUS: "ambiguous",
    Status.UNKNOWN: "not checked",
}
# Rules on suspect links that have a section.
WORKING = (Verdict.OK, Verdict.MOVED)
DEAD = (Verdict.BROKEN, Verdict.UNSAFE)
"""The verdicts on links that lead to their page, and on links that must be replaced or removed."""

UNREACHABLE_RULES = ("unreachable-link", "host-outage", "site-closed")
"""The rules whose links failed for days, without proof that they are broken."""

_ON_SUSPECTS = (*UNREACHABLE_RULES, "missing-anchor")
_NAMED = 6
_EVIDENCE_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one section, most severe first, else in catalog order; never empty."""

    section: Section
    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity:
        """That of the most severe finding."""
        return self.findings[0].severity


def section(rule: str) -> Section:
    """Return the section that a rule belongs to."""
    return _SECTION_OF.get(rule) or Section(escape.plain(rule).replace("-", " ").capitalize(), (rule,))


def advice(rule: str, report: Report) -> str:
    """Return what to do about the findings of a rule in this report, empty if nothing is known."""
    return _advising(section(rule), report).advice


def _advising(kind: Section, report: Report) -> Section:
    return replace(kind, advice="") if kind.needs_catalog and not is_of_catalog(report) else kind


def is_of_catalog(report: Report) -> bool:
    """Return whether the report is of a run on a catalog, and not of a check of links, which has no entries."""
    return report.catalog is not None and (bool(report.entries) or not report.links)


def has_earlier_run(report: Report) -> bool:
    """Whether there is an earlier run to compare with: not in a first run, and not in a check of links."""
    return is_of_catalog(report) and not report.first_run


def groups(report: Report) -> tuple[Group, ...]:
    """Return the open findings by section, most severe first, without what is folded or fixed."""
    held: dict[Section, list[Finding]] = {section: [] for section in SECTIONS}
    for finding in report.findings:
        if finding.state is not State.FIXED and finding.rule not in UNSETTLED_RULES:
            # Where no earlier run is remembered, all findings are new: marking each one would say nothing.
            shown = finding if has_earlier_run(report) else replace(finding, state=State.STILL)
            held.setdefault(section(finding.rule), []).append(shown)
    found = [
        Group(_advising(kind, report), tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))))
        for kind, findings in held.items()
        if findings
    ]
    return tuple(sorted(found, key=lambda group: SEVERITIES.index(group.severity)))


def fixed(report: Report) -> tuple[Finding, ...]:
    """Return the findings of the last run that are gone."""
    return tuple(finding for finding in report.findings if finding.state is State.FIXED)


def links(report: Report, verdict: Verdict) -> tuple[LinkReport, ...]:
    """Return the links with this verdict, in catalog order."""
    return LinkReports.of(report.links).with_verdict(verdict)


def unsettled(report: Report, verdict: Verdict) -> tuple[LinkReport, ...]:
    """Return the links with this verdict that no section contains, by themselves or as links of their host."""
    standing = [f for f in report.findings if f.rule in _ON_SUSPECTS and f.state is not State.FIXED and f.url]
    urls = {finding.url for finding in standing if finding.entry}
    hosts = {escape.host(finding.url or "") for finding in standing if not finding.entry}
    found = links(report, verdict)
    if verdict is not Verdict.SUSPECT or not standing:
        return found
    return tuple(row for row in found if row.check.url not in urls and escape.host(row.check.url) not in hosts)


def verdicts(report: Report) -> dict[Verdict, int]:
    """How many links have each verdict; verdicts that no link has are left out."""
    counted = LinkReports.of(report.links).verdicts()
    return {verdict: counted[verdict] for verdict in _VERDICTS if counted[verdict]}


def sentences(report: Report, *, is_part: bool = False) -> tuple[str, ...]:
    """Summarise the report in a few sentences of plain text, safe to escape for any medium.

    The last one counts the requests of the run, unless the report is a part of a longer one (`is_part`).
    """
    return tuple(
        sentence
        for sentence in (
            partial(report),
            _on_links(report),
            _on_entries(report),
            _on_change(report),
            "" if is_part else on_requests(report.requests),
        )
        if sentence
    )


def changed(report: Report) -> tuple[int, int]:
    """How many findings are new since the last run, and how many are fixed; what is folded is not counted."""
    shown = Counter(finding.state for finding in report.findings if finding.rule not in UNSETTLED_RULES)
    return shown[State.NEW], shown[State.FIXED]


def by_rule(report: Report) -> dict[str, int]:
    """How many findings each rule has, in the order of the sections."""
    return dict(Counter(finding.rule for group in groups(report) for finding in group.findings))


def service(name: str) -> str:
    """Return the title of a service."""
    return escape.plain(title_of(name), 80)


def partial(report: Report) -> str:
    """Return a sentence on what a run that stopped early left out; empty for a whole run."""
    if (cut := report.unfinished) is None:
        return ""
    left = [
        number(count, *nouns) for count, nouns in ((cut.entries, ("entry", "entries")), (cut.links, ("link",))) if count
    ]
    what = f"{' and '.join(left)} not checked" if left else "some follow-up requests were not sent"
    return f"Partial report ({escape.plain(cut.why)}): {what}; the next run starts there."


def unasked_lines(report: Report) -> tuple[str, ...]:
    """Return a line for each reason why services were unavailable: which, for how many, why."""
    rows: dict[str, list[Unasked]] = {}
    for row in report.unasked:
        why = row.why.removeprefix(f"{title_of(row.service)}: ")
        rows.setdefault(why.removeprefix("unreachable: ").removeprefix("could not be reached: "), []).append(row)
    return tuple(f"{_services(same)}: {escape.plain(why)}" for why, same in rows.items())


def _services(rows: Sequence[Unasked]) -> str:
    if len(rows) == 1:
        return f"{_unavailable(rows[0].service)} ({number(rows[0].entries, 'entry or link', 'entries or links')})"
    return ", ".join(f"{_unavailable(row.service)} ({row.entries})" for row in rows)


def _unavailable(name: str) -> str:
    return "web pages" if name in (PAGE, WEB) else service(name)


def subject(report: Report) -> str:
    """Return what was checked, for a heading."""
    return escape.plain(report.catalog) if report.catalog else "links"


def when(report: Report) -> str:
    """When the run was, and how long it took: `2026-11-21 03:17 UTC, 41 s`."""
    try:
        started, finished = datetime.fromisoformat(report.started), datetime.fromisoformat(report.finished)
        took = f", {(finished - started).total_seconds():.0f} s"
    except (ValueError, TypeError):
        return escape.plain(report.started, 40)
    return f"{started:%Y-%m-%d %H:%M} UTC{took}"


def evidence(rows: Iterable[Evidence]) -> tuple[str, ...]:
    """Why, in plain words, each reply once with the days on which it came; older ones are counted only."""
    days: dict[str, list[str]] = {}
    for row in rows:
        days.setdefault(_words(row), []).append(escape.plain(row.at[:10]))
    shown = [", ".join([words, *dict.fromkeys(filter(None, on))]) for words, on in days.items()]
    earlier = len(shown) - _EVIDENCE_SHOWN
    return (f"{earlier} earlier replies", *shown[earlier:]) if earlier > 0 else tuple(shown)


def folded(report: Report) -> tuple[str, ...]:
    """Return sentences on the links that have no finding."""
    shown = ((verdict, meaning, unsettled(report, verdict)) for verdict, meaning in FOLDS)
    return tuple(
        f"{number(len(listed), f'{verdict} link')} ({meaning}): {hosts(listed)}."
        for verdict, meaning, listed in shown
        if listed
    )


def hosts(listed: Iterable[LinkReport]) -> str:
    """Return the hosts of links with their counts, most frequent first: `ieee.org 4, acm.org 2 and 3 other hosts 3`."""
    return ranked(Counter(escape.host(link.check.url) for link in listed))


def ranked(counts: Mapping[str, int], other: str = "other host") -> str:
    """Names with their counts, most frequent first; `other` is what one of the names left out is called."""
    order = sorted(
        ((escape.plain(name, 80), count) for name, count in counts.items()), key=lambda row: (-row[1], row[0])
    )
    named = ", ".join(f"{name} {count}" for name, count in order[:_NAMED])
    rest = order[_NAMED:]
    if rest:
        named += f" and {number(len(rest), other)} {sum(count for _, count in rest)}"
    return named


def number(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: `1 link`, `2 links`."""
    return f"{count} {noun(count, one, many)}"


def noun(count: int, one: str, many: str = "") -> str:
    """Return the noun for a count: `link`, `links`."""
    return one if count == 1 else many or one + "s"


def _on_links(report: Report) -> str:
    counts = verdicts(report)
    if not counts:
        return "No link was checked."
    skipped = counts.get(Verdict.SKIPPED, 0)
    asked = len(report.links) - skipped
    if asked and counts.get(Verdict.OK, 0) == asked:
        good = "The one link works" if asked == 1 else f"All {asked} links work"
        return f"{good} ({skipped} skipped)." if skipped else f"{good}."
    shown = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return f"{number(len(report.links), 'link')}: {shown}."


def _on_entries(report: Report) -> str:
    counted: Counter[Status] = Counter(
        entry.status for entry in report.entries if entry.status is not Status.NOT_A_PAPER
    )
    papers = counted.total()
    if not papers:
        return ""
    if counted[Status.FOUND] == papers:
        shown = "The one paper was found" if papers == 1 else f"All {papers} papers were found"
    else:
        parts = ", ".join(f"{counted[status]} {word}" for status, word in _STATUSES.items() if counted[status])
        shown = f"{number(papers, 'paper')}: {parts}"
    filled = [len(entry.filled) for entry in report.entries if entry.filled]
    if filled:
        shown += f"; {number(sum(filled), 'field')} filled in {number(len(filled), 'entry', 'entries')}"
    return f"{shown}."


def _on_change(report: Report) -> str:
    if not is_of_catalog(report):  # links of the moment: no run before this one is remembered
        return ""
    new, gone = changed(report)
    if report.first_run:
        return f"First run: {number(new, 'finding')}."
    if new or gone:
        return f"Since the last run: {new} new, {gone} fixed."
    return "Nothing new since the last run." if groups(report) else ""


def on_requests(requests: Mapping[str, int]) -> str:
    """Return a sentence on the requests sent, with the hosts that took most."""
    total = sum(requests.values())
    return f"{number(total, 'request')}: {ranked(requests)}." if total else "No request was sent."


def _words(reply: Evidence) -> str:
    saw = escape.plain(reply.saw)
    status = f" (HTTP status {reply.status})" if reply.status is not None and str(reply.status) not in saw else ""
    return f"{escape.plain(attributed(reply.asked, saw))}{status}"
