"""The data of the HTML report's charts; the templates draw them.

Widths are attributes of the SVG, as the page's Content-Security-Policy allows no `style` attribute.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from enrich.model import EntryReport, PastRun, Report, Severity, Status, Verdict
from enrich.report import escape, summary

UNKNOWN = "unknown"
"""Shown for an unknown year or citation count."""

FEW_DAYS = 20
"""The minimum number of columns in the chart of days, so that each keeps its width over time."""

_CITED = ((1000, "1000 or more"), (100, "100–999"), (10, "10–99"), (1, "1–9"))
_YEARS = 12
_MOST_CITED = 10
_LONGEST_NAME = 44


@dataclass(frozen=True, slots=True)
class Pick:
    """The filter for what a chart counts: the part of the page, the filter's name and its value."""

    part: str
    by: str
    value: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its value, its colour (a class of the style sheet); `pick` is None if nothing filters it."""

    name: str
    count: int
    color: str = "plain"
    pick: Pick | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars with a common caption; `kind` is their class in the style sheet."""

    caption: str
    bars: tuple[Bar, ...]
    kind: str = "bars"

    @property
    def most(self) -> int:
        """Return the count of the longest bar, at least 1."""
        return max(1, *(bar.count for bar in self.bars))


@dataclass(frozen=True, slots=True)
class VerdictSlice:
    """The links with one verdict, and their place in a bar that is 100 wide."""

    verdict: Verdict
    count: int
    start: float
    width: float

    @property
    def pick(self) -> Pick:
        """Return the filter that shows these links."""
        return Pick("links", "verdict", self.verdict)


@dataclass(frozen=True, slots=True)
class SeveritySlice:
    """The findings of one severity on one day, in a column of height 100."""

    severity: Severity
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the history; `slices` begin with the errors, at the bottom."""

    run: PastRun
    slices: tuple[SeveritySlice, ...]

    @property
    def severities(self) -> tuple[tuple[Severity, int], ...]:
        """Return the number of findings of each severity."""
        return _severities(self.run)

    @property
    def words(self) -> str:
        """Return the numbers of the day in one line."""
        kinds = ", ".join(summary.number(count, name) for name, count in self.severities)
        return f"{self.run.on}: {kinds}; {self.run.new} new, {self.run.fixed} fixed"


def verdict_slices(report: Report) -> tuple[VerdictSlice, ...]:
    """Return the links by verdict."""
    counts = summary.verdicts(report)
    total, start = sum(counts.values()), 0.0
    slices = []
    for verdict, count in counts.items():
        slices.append(VerdictSlice(verdict, count, start, 100 * count / total))
        start += 100 * count / total
    return tuple(slices)


def rules(report: Report) -> tuple[Bar, ...]:
    """Return the number of findings of each rule."""
    severities = {f.rule: f.severity for group in summary.groups(report) for f in group.findings[::-1]}
    counts = summary.by_rule(report).items()
    return tuple(Bar(rule, count, severities[rule], Pick("findings", "rule", rule)) for rule, count in counts)


def days(runs: Sequence[PastRun]) -> tuple[Day, ...]:
    """Return a column for each day."""
    most = max((run.standing for run in runs), default=0)
    return tuple(Day(run, tuple(_slices(run, max(most, 1)))) for run in runs)


def entries(held: Sequence[EntryReport]) -> tuple[Chart, ...]:
    """Return the charts above the entries: years, citations, the most cited, filled and missing fields."""
    filled = Counter(name for entry in held for name in entry.filled)
    missing = Counter(name for entry in held for name in entry.lacking)
    counts = {_name(entry): entry.citation_count for entry in held if entry.citation_count}
    return _charts(
        Chart("Year of publication", tuple(_years(held)), "bars short"),
        Chart("Citations", tuple(_citations(held)), "bars short"),
        Chart("Most cited", tuple(_ranked(counts, "plain"))[:_MOST_CITED]),
        Chart("Fields filled in by this run", tuple(_ranked(filled, "ok"))),
        Chart("Missing fields", tuple(_ranked(missing, "quiet"))),
    )


def _name(entry: EntryReport) -> str:
    return escape.plain(entry.title or entry.key, _LONGEST_NAME)


def cited(count: int | None) -> str:
    """Return the range of a citation count."""
    if count is None:
        return UNKNOWN
    return next((name for least, name in _CITED if count >= least), "0")


def _charts(*charts: Chart) -> tuple[Chart, ...]:
    return tuple(chart for chart in charts if chart.bars)


def _slices(run: PastRun, most: int) -> Iterator[SeveritySlice]:
    top = 100.0
    for severity, count in _severities(run):
        height = 100 * count / most
        top -= height
        if count:
            yield SeveritySlice(severity, top, height)


def _severities(run: PastRun) -> tuple[tuple[Severity, int], ...]:
    return (Severity.ERROR, run.errors), (Severity.WARNING, run.warnings), (Severity.NOTE, run.notes)


def _years(held: Sequence[EntryReport]) -> Iterator[Bar]:
    """Yield the latest years with a publication, after one bar for all earlier ones."""
    counted = Counter(entry.year for entry in held if entry.year is not None)
    if not counted:
        return
    latest = sorted(counted)[-_YEARS:]
    if earlier := counted.total() - sum(counted[year] for year in latest):
        yield Bar(f"before {latest[0]}", earlier)
    for year in latest:
        yield Bar(str(year), counted[year], pick=Pick("entries", "year", str(year)))
    yield from _not_known(entry.year is None for entry in held if entry.status is not Status.NOT_A_PAPER)


def _citations(held: Sequence[EntryReport]) -> Iterator[Bar]:
    counted = Counter(cited(entry.citation_count) for entry in held if entry.citation_count is not None)
    if not counted:
        return
    for name in ("0", *(name for _, name in reversed(_CITED))):
        yield Bar(name, counted[name], pick=Pick("entries", "citations", name) if counted[name] else None)
    yield from _not_known(entry.citation_count is None for entry in held if entry.status is not Status.NOT_A_PAPER)


def _not_known(unknown: Iterable[bool]) -> Iterator[Bar]:
    if count := sum(unknown):
        yield Bar(UNKNOWN, count, "quiet")


def _ranked(counts: Mapping[str, int], color: str) -> Iterator[Bar]:
    for name, count in sorted(counts.items(), key=lambda row: (-row[1], row[0])):
        yield Bar(name, count, color)
