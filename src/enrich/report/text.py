"""The report for a terminal: a line for each finding, its link and suggestion below, and a few lines to close with."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from enrich.model import Finding, Report, Severity, State
from enrich.report import closing, combined, escape, summary
from enrich.report.ignoring import HINT, ignore_lines
from enrich.report.style import DEFAULT_STYLE, TextStyle

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}
_TRAILING = re.compile(r"(?<! )[ ]+(?=(?:\x1b\[[\d;]*m)*$)", re.MULTILINE)
_INDENT = "    "
_SUBJECT = 40  # characters of a title before a message
_NEW = "NEW"


def render(report: Report, look: TextStyle = DEFAULT_STYLE, *, is_part: bool = False) -> str:
    """Return the report as lines of text; the same report and look give the same text.

    Args:
        report: What the run has to say.
        look: How to show it.
        is_part: Whether it is a section of `render_all`, which counts the requests at its end.
    """
    if look.quiet and closing.is_clean(report):
        return ""
    page = _Page(color=look.color)
    offline = closing.no_network(report)
    if offline and closing.saw_nothing(report) and not summary.groups(report):
        page.line(Text(f"{summary.subject(report)}: {offline}" if report.catalog else offline, "bold yellow"))
        return page.text()
    findings = closing.open_findings(report)
    is_news = not summary.has_earlier_run(report) or any(summary.changed(report))
    if findings and (is_news or not look.only_news):
        _findings(page, findings, look)
        _fixed(page, report)
        page.line(Text())
    else:
        _fixed(page, report)
    _closing(page, report, look, is_part=is_part)
    return page.text()


def render_all(reports: Sequence[Report], look: TextStyle = DEFAULT_STYLE) -> str:
    """Return a section for each catalog, as `render` writes it, and with several a closing summary."""
    if len(reports) == 1:
        return render(reports[0], look)
    sections = [render(report, look, is_part=True) for report in reports]
    if look.quiet and not any(sections):
        return ""
    page = _Page(color=look.color)
    page.line(Text(" ".join(combined.sentences(reports)), "bold"))
    return "\n".join([*filter(None, sections), page.text()])


class _Page:
    """Lines as they are written."""

    def __init__(self, *, color: bool) -> None:
        self._buffer = io.StringIO()
        self._color = color
        self._console = Console(
            file=self._buffer,
            color_system="standard" if color else None,
            force_terminal=color,
            force_interactive=False,
            force_jupyter=False,
            legacy_windows=False,
            no_color=not color,
            _environ={},
        )

    def line(self, text: Text) -> None:
        """Write a line, which is never wrapped."""
        if self._color:
            self._console.print(text, soft_wrap=True)
        else:
            self._buffer.write(f"{text.plain}\n")  # ten thousand findings take rich seconds

    def text(self) -> str:
        return escape.log(_TRAILING.sub("", self._buffer.getvalue()))


def _findings(page: _Page, findings: Sequence[Finding], look: TextStyle) -> None:
    places = [_place(finding) for finding in findings]
    widths = (
        max(map(len, places)),
        max(len(finding.severity) for finding in findings),
        max(len(escape.plain(finding.rule, 40)) for finding in findings),
    )
    for finding, place in zip(findings, places, strict=True):
        line = Text()
        if widths[0]:
            line.append(place, "cyan").append(" " * (widths[0] - len(place) + 2))
        line.append(finding.severity, _STYLES[finding.severity]).append(" " * (widths[1] - len(finding.severity) + 2))
        line.append(f"{escape.plain(finding.rule, 40):<{widths[2]}}  ")
        subject = _subject(finding)
        line.append(subject, "bold").append(": " if subject else "").append(escape.plain(finding.message))
        if finding.state is State.NEW:
            line.append(" " * max(2, look.width - len(line.plain) - len(_NEW))).append(_NEW, "bold magenta")
        page.line(line)
        if below := _below(finding):
            page.line(below)
        if look.evidence:
            _evidence(page, finding)


def _place(finding: Finding) -> str:
    place = finding.source_place
    if place is None:
        return ""
    return escape.plain(f"{place}:{place.column}" if place.column > 1 else str(place))


def _subject(finding: Finding) -> str:
    """Return what a message is about, unless it says so itself."""
    name = escape.plain(finding.title or finding.entry or "", _SUBJECT)
    is_said = name.removesuffix("…") in escape.plain(finding.message, None)
    is_said |= finding.entry in (finding.url, finding.place and finding.place.path)
    field = "" if finding.message.startswith(finding.field or "") else escape.plain(finding.field or "", _SUBJECT)
    return ", ".join(filter(None, ("" if is_said else name, field)))


def _below(finding: Finding) -> Text | None:
    line = Text(_INDENT)
    if finding.url:
        line.append(escape.url(finding.url), "underline")
    if finding.suggestion:
        line.append("  " if finding.url else "").append(f"→ {escape.url(finding.suggestion)}", "green")
    return line if finding.url or finding.suggestion else None


def _evidence(page: _Page, finding: Finding) -> None:
    for number, row in enumerate(summary.evidence(finding.evidence)):
        page.line(Text(_INDENT).append("why: " if number == 0 else "and: ", "dim").append(row))
    if finding.list_place and finding.place:
        page.line(Text(f"{_INDENT}in the catalog: {escape.plain(str(finding.place))}", "dim"))
    about = [f"entry {escape.plain(finding.entry)}"] if finding.entry else []
    about += [f"first seen {escape.plain(finding.first_seen)}"] if finding.first_seen else []
    if about:
        page.line(Text(f"{_INDENT}{', '.join(about)}", "dim"))
    if accepting := ignore_lines(finding):
        for row in (HINT, *(f"  {line}" for line in accepting)):
            page.line(Text(f"{_INDENT}{row}", "dim"))


def _fixed(page: _Page, report: Report) -> None:
    for finding in summary.fixed(report):
        about = " ".join(filter(None, (finding.title or finding.entry, finding.url))) or finding.message
        page.line(Text(f"fixed: {escape.plain(finding.rule)} {escape.url(about)}", "green"))


def _closing(page: _Page, report: Report, look: TextStyle, *, is_part: bool) -> None:
    page.line(Text(f"{summary.subject(report)}: {closing.headline(report)}", "bold"))
    if cut := summary.partial(report):
        page.line(Text(cut, "bold yellow"))
    if offline := closing.no_network(report):
        page.line(Text(offline, "bold yellow"))
    for row in () if offline else summary.unasked_lines(report):
        page.line(Text("Service unavailable: ", "bold yellow").append(row))
    if look.quiet:
        return
    page.line(Text(" · ".join(filter(None, (closing.totals(report, is_part=is_part), closing.unconfirmed(report))))))
    accepted = () if look.only_news and not any(summary.changed(report)) else closing.accepted(report)
    for row in (*(summary.folded(report) if look.evidence else ()), *accepted, *closing.notes(report)):
        page.line(Text(escape.plain(row, None)))
    if steps := closing.next_steps(report, with_evidence=look.evidence):
        page.line(Text("→ " + "   → ".join(steps), "green"))
