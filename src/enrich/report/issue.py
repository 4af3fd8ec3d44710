"""The text of the one issue: new findings first, links that can be followed, and boxes to accept or fix a finding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from enrich.model import Finding, Report, State
from enrich.report import closing, combined, escape, summary
from enrich.report.ignoring import ignore_lines
from enrich.report.markdown import folds, lists_of_services
from enrich.report.markdown_links import link_line, place_link, subject
from enrich.report.parts import ReportPart, joined, shared_out
from enrich.report.ticks import NO_TICKS, Action, Ticks, box, finding_id

_HOW = (
    "Tick the box before a finding to **accept** it: the next run adds an `[[ignore]]` block to `enrich.toml`. "
    "Tick **fix** to let the next run write the new link or title. Both are part of that run's pull request."
)
_PENDING = "The files of the run have these changes; merge its pull request to keep them, or remove the tick.\n"


@dataclass(frozen=True, slots=True)
class _View:
    """How the findings of one report are shown."""

    report: Report
    permalink: str | None
    ticks: Ticks

    def has_tick(self, finding: Finding) -> bool:
        identity = finding_id(self.report.catalog, finding)
        return any(self.ticks.has(action, identity) for action in Action)


def render(
    report: Report,
    *,
    limit: int | None = None,
    permalink: str | None = None,
    ticks: Ticks = NO_TICKS,
    is_part: bool = False,
) -> str:
    """Return the dashboard on one catalog, within as many bytes.

    Args:
        report: What the run has to say.
        limit: Bytes that the issue takes: every section keeps its heading with its count, and its first items.
        permalink: The address under which the repository's files are read; places become links into it.
        ticks: The boxes that are ticked: they stay so, in a section of their own, until the finding is gone.
        is_part: Whether it is a section of `render_all`, which has the words on the boxes at its beginning.
    """
    view = _View(report, permalink, ticks)
    return joined(_head(report, is_part=is_part), list(_parts(view)), f"\n*{_when(report)}*\n", limit)


def render_all(
    reports: Sequence[Report], *, limit: int | None = None, permalink: str | None = None, ticks: Ticks = NO_TICKS
) -> str:
    """Return a dashboard for each catalog, together within the limit."""
    head = f"{escape.markdown(' '.join(combined.sentences(reports)))}\n\n{_HOW}\n"
    return shared_out(
        head,
        len(reports),
        limit,
        lambda index, share: render(reports[index], limit=share, permalink=permalink, ticks=ticks, is_part=True),
    )


def _head(report: Report, *, is_part: bool) -> str:
    lines = [f"## {escape.markdown(summary.subject(report))}\n"] if is_part else []
    lines.append(f"**{escape.markdown(closing.headline(report))}**\n")
    lines += [escape.markdown(sentence) + "\n" for sentence in (summary.partial(report),) if sentence]
    return "\n".join([*lines, *([] if is_part else [_HOW + "\n"])])


def _when(report: Report) -> str:
    return escape.markdown(closing.totals(report, is_part=True))


def _parts(view: _View) -> Iterable[ReportPart]:
    report = view.report
    groups = summary.groups(report)
    standing = [finding for finding in closing.open_findings(report) if not view.has_tick(finding)]
    new = [finding for finding in standing if finding.state is State.NEW]
    if new:
        yield ReportPart(f"### New on {escape.markdown(report.started[:10])} ({len(new)})\n", _items(new, view))
    for group in groups:
        if known := [f for f in group.findings if not view.has_tick(f) and not (new and f.state is State.NEW)]:
            yield _section(group, known, view)
    if ticked := [finding for finding in closing.open_findings(report) if view.has_tick(finding)]:
        yield ReportPart(f"### Ticked ({len(ticked)})\n", _items(ticked, view), f"\n{_PENDING}")
    yield from _gone(report)
    yield from folds(report, view.permalink)
    yield from lists_of_services(report)
    yield from _blocks(standing)


def _section(group: summary.Group, findings: Sequence[Finding], view: _View) -> ReportPart:
    heading = f"### {escape.markdown(group.section.title)} ({len(findings)})\n"
    advice = f"\n{group.section.advice}\n" if group.section.advice else ""
    if group.section.rules == closing.MOVES and summary.is_of_catalog(view.report):
        advice = "\nUpdate all of these links in the catalog:\n\n```sh\nenrich fix\n```\n"
    return ReportPart(heading, _items(findings, view), advice)


def _items(findings: Iterable[Finding], view: _View) -> tuple[str, ...]:
    return tuple(_item(finding, view) for finding in findings)


def _item(finding: Finding, view: _View) -> str:
    identity = finding_id(view.report.catalog, finding)
    accept, fix = (box(action, identity, view.ticks) for action in Action)
    line = " · ".join(filter(None, (_what(finding), link_line(finding), _place(finding, view.permalink))))
    if not _is_fixable(finding, view.report):
        return f"{accept}{line}\n" if ignore_lines(finding) else f"- {line}\n"
    nested = f"  {accept}accept\n" if ignore_lines(finding) else ""
    return f"{fix}fix: {line}\n{nested}"


def _is_fixable(finding: Finding, report: Report) -> bool:
    is_move = finding.rule in closing.MOVES and bool(finding.suggestion) and bool(finding.url)
    return summary.is_of_catalog(report) and (is_move or finding.replacement is not None)


def _what(finding: Finding) -> str:
    # The new URL of a moved link is beside it.
    is_said = finding.rule in closing.MOVES and finding.suggestion and subject(finding)
    return ": ".join(filter(None, (subject(finding), "" if is_said else escape.markdown(finding.message))))


def _place(finding: Finding, permalink: str | None) -> str:
    place = finding.source_place
    is_known = finding.first_seen and finding.state is not State.NEW
    seen = f"since {escape.markdown(finding.first_seen or '')}" if is_known else ""
    return " · ".join(filter(None, (place_link(place, permalink) if place else "", seen)))


def _gone(report: Report) -> Iterable[ReportPart]:
    gone = summary.fixed(report)
    items = tuple(
        f"- {escape.markdown(finding.rule)}: {escape.code(finding.url or finding.entry or finding.message)}\n"
        for finding in gone
    )
    if items:
        opening = f"<details><summary>Fixed since the last run ({len(gone)})</summary>\n"
        yield ReportPart(opening, items, closing="\n</details>\n")


def _blocks(findings: Sequence[Finding]) -> Iterable[ReportPart]:
    """Yield the blocks to paste that ignore the findings."""
    blocks = [lines for finding in findings if (lines := ignore_lines(finding))]
    items = tuple("\n".join(["```toml", *lines, "```", ""]) for lines in blocks)
    if items:
        opening = "<details><summary>Blocks for enrich.toml that accept these findings</summary>\n"
        yield ReportPart(opening, items, closing="\n</details>\n")
