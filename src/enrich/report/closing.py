"""The beginning and end of a report for people: counts in a few words, and next steps; plain text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from enrich.model import RULE_NOUNS, Finding, Report, State, Status, Verdict
from enrich.report import escape, summary
from enrich.report.summary import number

MOVES = ("moved-link", "renamed-repository")
"""Rules whose findings `enrich fix` writes into the catalog."""

_OFFLINE = "no network"
_UNCHECKED = (Verdict.UNKNOWN, Verdict.SKIPPED)


def open_findings(report: Report) -> tuple[Finding, ...]:
    """Return the open findings: new ones first, then by severity, section and place."""
    standing = [finding for group in summary.groups(report) for finding in group.findings]
    return tuple(sorted(standing, key=lambda f: (f.state is not State.NEW, summary.SEVERITIES.index(f.severity))))


def is_clean(report: Report) -> bool:
    """Whether there is nothing to report: no open finding, and everything was checked."""
    return not (summary.groups(report) or report.unasked or report.partial)


def tally(findings: Iterable[Finding]) -> str:
    """Return the findings by rule: `4 broken links, 1 wrong paper`."""
    counts = Counter(finding.rule for finding in findings)
    return ", ".join(number(count, *_nouns(rule)) for rule, count in counts.items())


def _nouns(rule: str) -> tuple[str, str]:
    name = escape.plain(rule, 80)
    return RULE_NOUNS.get(rule, (name, name))


def headline(report: Report) -> str:
    """Return the number of findings, of new ones, and of each rule."""
    findings = open_findings(report)
    new, fixed = summary.changed(report)
    count = number(len(findings), "finding") if findings else "no findings"
    if not findings and (report.unasked or report.partial):
        count += " in what could be checked"
    if report.first_run and findings:
        count += " (first run)"
    elif summary.has_earlier_run(report) and (new or fixed):
        count += f" ({new} new, {fixed} fixed)"
    elif summary.has_earlier_run(report) and findings:
        count += ", none new"
    return f"{count}: {tally(findings)}" if findings else count


def totals(report: Report, *, is_part: bool = False) -> str:
    """Return what was checked: links, papers, fields filled in, requests, the time; requests only for a whole run."""
    counts = summary.verdicts(report)
    papers = [entry for entry in report.entries if entry.status is not Status.NOT_A_PAPER]
    filled = sum(len(entry.filled) for entry in report.entries)
    requests = sum(report.requests.values())
    parts = (
        f"{number(len(report.links), 'link')} ({counts.get(Verdict.OK, 0)} ok)" if report.links else "no links",
        f"{number(len(papers), 'paper')} ({sum(entry.status is Status.FOUND for entry in papers)} found)"
        if papers
        else "",
        f"{number(filled, 'field')} filled in" if filled else "",
        "" if is_part else number(requests, "request"),
        summary.when(report),
    )
    return " · ".join(filter(None, parts))


def unconfirmed(report: Report) -> str:
    """Return the number of links that are neither good nor known to be bad, in a phrase; empty without any."""
    counts = [(verdict, len(summary.unsettled(report, verdict))) for verdict, _ in summary.FOLDS]
    total = sum(count for _, count in counts)
    named = ", ".join(f"{count} {verdict}" for verdict, count in counts if count)
    return f"{number(total, 'link')} not confirmed: {named}" if total else ""


def next_steps(report: Report, *, with_evidence: bool = False) -> tuple[str, ...]:
    """Return the next steps: commands with their effects."""
    steps = []
    moves = sum(f.rule in MOVES and bool(f.suggestion) for f in open_findings(report))
    titles = sum(f.replacement is not None for f in open_findings(report))
    of_catalog = summary.is_of_catalog(report)
    lists = dict.fromkeys(path for path in map(_list_of, open_findings(report)) if path)
    if moves and (of_catalog or lists):
        command = " ".join(("enrich fix", *map(escape.plain, () if of_catalog else lists)))
        steps.append(f"{command} (updates {number(moves, 'link')})")
    if titles and summary.is_of_catalog(report):
        steps.append(f"enrich fix --titles (cleans {number(titles, 'title')})")
    if summary.groups(report) and not with_evidence:
        command = "enrich report -v" if summary.is_of_catalog(report) else "-v"
        steps.append(f"{command} (evidence, and how to ignore a finding)")
    return tuple(steps)


def _list_of(finding: Finding) -> str | None:
    """Return the checked file in which a link moved; not standard input."""
    path = finding.place.path if finding.place else None
    return path if finding.rule in MOVES and path == finding.entry and path != "-" else None


def no_network(report: Report) -> str:
    """Return one sentence on what could not be checked without a network; empty if there was one."""
    if not report.unasked or not any(note.startswith(_OFFLINE) for note in report.notes):
        return ""
    why = report.unasked[0].why.removeprefix("could not be reached: ").removeprefix(f"{_OFFLINE}: ")
    papers = [entry.status for entry in report.entries if entry.status is not Status.NOT_A_PAPER]
    parts = [
        _share(summary.verdicts(report).get(Verdict.UNKNOWN, 0), len(report.links), "link"),
        _share(papers.count(Status.UNKNOWN), len(papers), "paper"),
    ]
    what = " and ".join(filter(None, parts)) or "nothing"
    verb = "could not be checked" if any(parts) else "was left unchecked"
    return f"No network: {what} {verb} ({escape.plain(why)}). Run again when the network is back, or try `enrich demo`."


def saw_nothing(report: Report) -> bool:
    """Whether no request was sent and no link was judged."""
    return not any(report.requests.values()) and all(link.check.verdict in _UNCHECKED for link in report.links)


def _share(some: int, all_: int, noun: str) -> str:
    if not some:
        return ""
    return f"{some} of {number(all_, noun)}" if some < all_ else number(all_, noun)


def accepted(report: Report, most: int = 5) -> list[str]:
    """Return a line for each accepted finding, with the reason; at most so many."""
    lines = [
        " ".join(filter(None, (str(finding.source_place or ""), finding.rule, finding.url or finding.entry)))
        + f" accepted ({each.reason})"
        for each in report.accepted
        for finding in [each.finding]
    ]
    left = len(lines) - most
    return [*lines[:most], f"{left} more findings accepted"] if left > 1 else lines


def notes(report: Report) -> Sequence[str]:
    """Return the notes of a run that no sentence of this module repeats."""
    return [note for note in report.notes if not (report.unasked and note.startswith(_OFFLINE))]
