"""The report for a terminal."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from enrich.model import Finding, Report, Severity, State
from enrich.report import combined, escape, summary

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}
_TRAILING = re.compile(r"(?<! )[ ]+(?=(?:\x1b\[[\d;]*m)*$)", re.MULTILINE)
_INDENT = 4


def render(report: Report, *, color: bool = False, width: int = 100, is_part: bool = False) -> str:
    """Render the report as lines of text: a summary, the findings, unavailable services, counts.

    Args:
        report: What the run has to say.
        color: Whether to put in ANSI colours; nothing is read from the environment or the terminal.
        width: Columns to wrap prose at; URLs are never wrapped, so that they can be copied.
        is_part: Whether it is a section of `render_all`, which counts the requests at its end.

    Returns:
        Lines that end with a newline; the same report gives the same text.
    """
    page = _Page(color=color, width=max(width, 40))
    page.prose(Text(f"{summary.subject(report)}, {summary.when(report)}", "bold"))
    page.prose(Text(" ".join(summary.sentences(report, is_part=is_part))))
    for group in summary.groups(report):
        _group(page, group)
    _fixed(page, report)
    _folded(page, report)
    _unasked(page, report)
    for note in report.notes:
        page.gap()
        page.prose(Text(f"note: {escape.plain(note)}"))
    _counts(page, report)
    return page.text()


def render_all(reports: Sequence[Report], *, color: bool = False, width: int = 100) -> str:
    """Return a section for each catalog, as `render` writes it, and with several a closing summary."""
    if len(reports) == 1:
        return render(reports[0], color=color, width=width)
    page = _Page(color=color, width=max(width, 40))
    page.prose(Text(f"All {combined.subject(reports)}", "bold"))
    page.prose(Text(" ".join(combined.sentences(reports))))
    sections = [render(report, color=color, width=width, is_part=True) for report in reports]
    return "\n\n".join([*sections, page.text()])


class _Page:
    """Lines as they are written, wrapped by display width."""

    def __init__(self, *, color: bool, width: int) -> None:
        self._buffer = io.StringIO()
        self._color, self._width = color, width
        self._console = Console(
            file=self._buffer,
            width=width,
            color_system="standard" if color else None,
            force_terminal=color,
            force_interactive=False,
            force_jupyter=False,
            legacy_windows=False,
            no_color=not color,
            _environ={},
        )

    def gap(self) -> None:
        self._buffer.write("\n")

    def prose(self, text: Text, indent: int = 0, hang: int = 0) -> None:
        """Wrap a paragraph; lines after the first are indented by `hang` columns."""
        for number, line in enumerate(text.wrap(self._console, self._width - indent - hang)):
            self.line(line, indent + (hang if number else 0))

    def line(self, text: Text, indent: int = 0) -> None:
        """Return a line that is never wrapped."""
        self._buffer.write(" " * indent)
        if self._color:
            self._console.print(text, soft_wrap=True)
        else:
            self._buffer.write(f"{text.plain}\n")  # ten thousand findings take rich seconds

    def text(self) -> str:
        return escape.log(_TRAILING.sub("", self._buffer.getvalue()))


def _group(page: _Page, group: summary.Group) -> None:
    page.gap()
    page.prose(Text(f"{group.section.title} ({len(group.findings)})", _STYLES[group.severity]))
    if group.section.advice:
        page.prose(Text(group.section.advice.replace("`", ""), "dim"))
    for finding in group.findings:
        _finding(page, finding)


def _finding(page: _Page, finding: Finding) -> None:
    page.prose(_where(finding).append(escape.plain(finding.message)), 2, hang=2)
    if finding.url:
        page.line(Text(escape.url(finding.url), "underline"), _INDENT)
    for number, row in enumerate(summary.evidence(finding.evidence)):
        page.prose(Text().append("why: " if number == 0 else "and: ", "dim").append(row), _INDENT, hang=5)
    if finding.first_seen:
        since = " (new)" if finding.state is State.NEW else ""
        page.prose(Text(f"first seen {escape.plain(finding.first_seen)}{since}", "dim"), _INDENT)
    if finding.suggestion:
        suggestion = Text(f"→ {escape.url(finding.suggestion)}", "green")
        if "://" in finding.suggestion:
            page.line(suggestion, _INDENT)
        else:
            page.prose(suggestion, _INDENT, hang=2)


def _where(finding: Finding) -> Text:
    text = Text()
    if finding.source_place:
        text.append(f"{escape.plain(str(finding.source_place))} ", "cyan")
    if finding.entry:
        text.append(f"{escape.plain(finding.entry)}: ", "bold")
    if finding.field:
        text.append(f"{escape.plain(finding.field)}: ")
    return text


def _fixed(page: _Page, report: Report) -> None:
    gone = summary.fixed(report)
    if gone:
        page.gap()
        page.prose(Text(f"Fixed since the last run ({len(gone)})", "bold green"))
    for finding in gone:
        about = " ".join(filter(None, (finding.entry, finding.url))) or finding.message
        page.line(Text(f"{escape.plain(finding.rule)} {escape.url(about)}"), 2)


def _folded(page: _Page, report: Report) -> None:
    sentences = summary.folded(report)
    if sentences:
        page.gap()
    for sentence in sentences:
        page.prose(Text(sentence))


def _unasked(page: _Page, report: Report) -> None:
    if not report.unasked:
        return
    page.gap()
    page.prose(Text("Services unavailable", "bold yellow"))
    for row in summary.unasked_lines(report):
        page.prose(Text(row), 2, hang=2)


def _counts(page: _Page, report: Report) -> None:
    if not summary.groups(report):
        return
    rules = summary.by_rule(report)
    page.gap()
    page.prose(Text("Counts: " + ", ".join(f"{escape.plain(rule)} {count}" for rule, count in rules.items()) + "."))
