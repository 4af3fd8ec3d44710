"""The report in GitHub's Markdown: for a step summary, a pull request, an issue."""

from __future__ import annotations

from collections.abc import Sequence

from enrich.model import Finding, LinkReport, Report, State
from enrich.report import closing, combined, escape, summary
from enrich.report.ignoring import HINT, ignore_lines
from enrich.report.markdown_links import link_line, place_link, subject
from enrich.report.parts import ReportPart, joined, shared_out

_MOST_ACCEPTED = 50
_TABLE = "| catalog | errors | warnings | notes | new | fixed |\n| --- | --: | --: | --: | --: | --: |\n"


def render(report: Report, *, limit: int | None = None, permalink: str | None = None, is_part: bool = False) -> str:
    """Render the report as Markdown that shows text from outside as it is, without effect.

    Args:
        report: What the run has to say.
        limit: Bytes that the medium takes. Every section keeps its heading with its count, and its most severe items
            come before the rest of any other; what is cut is counted. GitHub takes 65,536 characters in an issue and
            1 MiB in a step summary.
        permalink: The address under which the repository's files are read, such as
            `https://github.com/owner/name/blob/COMMIT/`; places become links into it.
        is_part: Whether it is a section of `render_all`, which counts the requests at its end.

    Returns:
        Markdown that ends with a newline, within the limit.
    """
    head, foot = _head(report), _foot(report, is_part=is_part)
    parts = [
        *(_group(group, permalink) for group in summary.groups(report)),
        *_fixed(report),
        *folds(report, permalink),
        *lists_of_services(report),
    ]
    return joined(head, parts, foot, limit)


def render_all(reports: Sequence[Report], *, limit: int | None = None, permalink: str | None = None) -> str:
    """Return a table of the catalogs and a section for each, as `render` writes it; together within the limit."""
    table = "".join(_row(report) for report in reports)
    words = " ".join(map(escape.markdown, combined.sentences(reports)))
    head = f"# Report on {combined.subject(reports)}\n\n{words}\n\n{_TABLE}{table}"
    return shared_out(
        head,
        len(reports),
        limit,
        lambda index, share: render(reports[index], limit=share, permalink=permalink, is_part=True),
    )


def _row(report: Report) -> str:
    found, (new, fixed) = combined.found(report), summary.changed(report)
    cells = [
        escape.markdown(summary.subject(report)),
        *(found[severity] for severity in summary.SEVERITIES),
        new,
        fixed,
    ]
    return f"| {' | '.join(map(str, cells))} |\n"


def _head(report: Report) -> str:
    lines = [f"## Report on {escape.markdown(summary.subject(report))}", ""]
    lines += [escape.markdown(sentence) for sentence in summary.sentences(report, is_part=True)]
    return "\n".join(lines) + "\n"


def _foot(report: Report, *, is_part: bool) -> str:
    requests = "" if is_part else f" {escape.markdown(summary.on_requests(report.requests))}"
    return f"\n*{escape.markdown(summary.when(report))}.{requests}*\n"


def lists_of_services(report: Report) -> list[ReportPart]:
    """Return the end of a report: unavailable services, accepted findings, notes."""
    return [*_unasked(report), *_accepted(report), *_notes(report)]


def _unasked(report: Report) -> list[ReportPart]:
    items = tuple(f"- {escape.markdown(row)}\n" for row in summary.unasked_lines(report))
    intro = "\nWhat these services provide is unchecked; the next run tries again.\n"
    return [ReportPart(f"### Services unavailable ({len(items)})\n", items, intro)] if items else []


def _accepted(report: Report) -> list[ReportPart]:
    items = tuple(f"- {escape.markdown(row)}\n" for row in closing.accepted(report, _MOST_ACCEPTED))
    return [ReportPart(f"### Accepted ({len(report.accepted)})\n", items)] if items else []


def _notes(report: Report) -> list[ReportPart]:
    items = tuple(f"- {escape.markdown(note)}\n" for note in report.notes)
    return [ReportPart(f"### Notes ({len(items)})\n", items)] if items else []


def _group(group: summary.Group, permalink: str | None) -> ReportPart:
    heading = f"### {escape.markdown(group.section.title)} ({len(group.findings)})\n"
    advice = f"\n{group.section.advice}\n" if group.section.advice else ""
    return ReportPart(heading, tuple(_item(finding, permalink) for finding in group.findings), advice)


def _item(finding: Finding, permalink: str | None) -> str:
    about = subject(finding) or f"*{escape.markdown(finding.rule)}*"
    state = ", new" if finding.state is State.NEW else ""
    since = f" *(first seen {escape.markdown(finding.first_seen)}{state})*" if finding.first_seen else ""
    lines = [f"- {about}: {escape.markdown(finding.message)}{since}"]
    place = place_link(finding.source_place, permalink) if finding.source_place else ""
    if where := ", ".join(filter(None, (link_line(finding), place))):
        lines.append(f"  - {where}")
    if finding.evidence:
        lines.append("  - evidence: " + "; ".join(map(escape.markdown, summary.evidence(finding.evidence))))
    if accepting := ignore_lines(finding):
        lines.append(f"  - {HINT}")
        lines += [f"    {line}" for line in ("```toml", *accepting, "```")]
    return "\n".join(lines) + "\n"


def _fixed(report: Report) -> list[ReportPart]:
    gone = summary.fixed(report)
    items = tuple(
        f"- {escape.markdown(finding.rule)}: "
        + (
            ", ".join(escape.code(about) for about in (finding.entry, finding.url) if about)
            or escape.markdown(finding.message)
        )
        + "\n"
        for finding in gone
    )
    return [ReportPart(f"### Fixed since the last run ({len(gone)})\n", items)] if gone else []


def folds(report: Report, permalink: str | None) -> list[ReportPart]:
    """Return the links without known problems, folded."""
    parts = []
    for verdict, meaning in summary.FOLDS:
        listed = summary.unsettled(report, verdict)
        if listed:
            opening = f"<details><summary>{summary.number(len(listed), f'{verdict} link')}: {meaning}</summary>\n"
            parts.append(
                ReportPart(opening, tuple(_link(link, permalink) for link in listed), closing="\n</details>\n")
            )
    return parts


def _link(link: LinkReport, permalink: str | None) -> str:
    owners = ", ".join(map(escape.code, link.entries[:3]))
    place = place_link(link.place, permalink) if link.place else ""
    why = "; ".join(map(escape.markdown, summary.evidence(link.check.evidence)[-1:]))
    return "- " + ", ".join(part for part in (escape.code(link.check.url), owners, place, why) if part) + "\n"
