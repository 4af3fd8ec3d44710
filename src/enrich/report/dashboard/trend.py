"""The chart of a catalog's days, as coordinates of an SVG: lines for open findings, bars for fixed ones.

They are attributes, as the pages' Content-Security-Policy allows no `style` attribute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise
from statistics import median

from enrich.model import CourseDay
from enrich.report import summary

_LEAST_DAYS = 14  # the width of the chart, so that a week does not look like a year
_GAP = 3  # times the usual days between two runs, from which a chart shows that there were none


@dataclass(frozen=True, slots=True)
class Line:
    """One course: its name, its colour (a class of the style sheet), its corners, and its first and last value."""

    name: str
    color: str
    points: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class FixedBar:
    """What was fixed on one day."""

    x: float
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class DayColumn:
    """A day of the chart, for the pointer and for readers of the table: its place, and its numbers."""

    on: date
    x: float
    width: float
    numbers: tuple[tuple[str, int], ...]

    @property
    def words(self) -> str:
        """Return the day in one line."""
        return f"{self.on}: {', '.join(f'{count} {name}' for name, count in self.numbers)}"


@dataclass(frozen=True, slots=True)
class Gap:
    """Days without a run, where the lines are level because nothing is known: its place, its first and last day."""

    x: float
    width: float
    first: date
    last: date

    @property
    def words(self) -> str:
        """Return the gap in one line."""
        return f"no run from {self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class Trend:
    """The chart, 100 wide and 100 high; `most` is the value at its top, `most_fixed` that of the longest bar."""

    lines: tuple[Line, ...]
    bars: tuple[FixedBar, ...]
    columns: tuple[DayColumn, ...]
    gaps: tuple[Gap, ...]
    most: int
    most_fixed: int
    bar_width: float


def trend(days: Sequence[CourseDay]) -> Trend | None:
    """Return the chart of the days; None if there are fewer than two, which have no course."""
    if len(days) < 2:
        return None
    courses = _courses(days)
    first, last = days[0].run.on, days[-1].run.on
    span = max((last - first).days + 1, _LEAST_DAYS)
    # To the end of the last day; on the right, as time goes.
    start = last + timedelta(days=1) - timedelta(days=span)
    starts = [100 * (day.run.on - start).days / span for day in days]
    ends = [*starts[1:], 100.0]
    most = max(1, *(value for _, _, values in courses for value in values))
    most_fixed = max(1, *(day.run.fixed for day in days))
    return Trend(
        lines=tuple(
            Line(name, color, _corners(starts, ends, values, most), values[0], values[-1])
            for name, color, values in courses
        ),
        bars=tuple(
            FixedBar(x, 100 - 100 * day.run.fixed / most_fixed, 100 * day.run.fixed / most_fixed)
            for day, x in zip(days, starts, strict=True)
            if day.run.fixed
        ),
        columns=tuple(
            DayColumn(day.run.on, x, end - x, (*numbers, ("new", day.run.new), ("fixed", day.run.fixed)))
            for day, x, end, numbers in zip(days, starts, ends, _numbers(courses), strict=True)
        ),
        gaps=tuple(_gaps([day.run.on for day in days], starts, 100 / span)),
        most=most,
        most_fixed=most_fixed,
        bar_width=100 / span,
    )


def _gaps(days: Sequence[date], starts: Sequence[float], width: float) -> Iterator[Gap]:
    """Yield the gaps between runs, which are much longer than usual; `width` is that of a day."""
    between = [(next_day - day).days for day, next_day in pairwise(days)]
    least = _GAP * median(between)
    for day, count, x in zip(days, between, starts, strict=False):
        if count > least:
            yield Gap(x + width, width * (count - 1), day + timedelta(1), day + timedelta(count - 1))


def _numbers(courses: Sequence[tuple[str, str, list[int]]]) -> list[list[tuple[str, int]]]:
    """Return the values of all lines with their names, for each day."""
    names = [name for name, _, _ in courses]
    by_day = zip(*(values for _, _, values in courses), strict=True)
    return [list(zip(names, values, strict=True)) for values in by_day]


def _courses(days: Sequence[CourseDay]) -> list[tuple[str, str, list[int]]]:
    """Return name, colour and values of each line: links where results tell of them, else findings by severity."""
    by_link: Mapping[str, tuple[str, Callable[[CourseDay], int]]] = {
        "broken": ("error", lambda day: sum(day.links.get(verdict, 0) for verdict in summary.DEAD)),
        "unreachable": ("warning", lambda day: sum(day.rules.get(rule, 0) for rule in summary.UNREACHABLE_RULES)),
        "findings": ("quiet", lambda day: day.run.standing),
    }
    by_severity: Mapping[str, tuple[str, Callable[[CourseDay], int]]] = {
        summary.noun(2, "error"): ("error", lambda day: day.run.errors),
        summary.noun(2, "warning"): ("warning", lambda day: day.run.warnings),
        summary.noun(2, "note"): ("quiet", lambda day: day.run.notes),
    }
    chosen = by_link if all(day.links for day in days) else by_severity
    return [(name, color, [count(day) for day in days]) for name, (color, count) in chosen.items()]


def _corners(starts: Sequence[float], ends: Sequence[float], values: Sequence[int], most: int) -> str:
    """Return the corners of a line that is level from each day to the next."""
    corners: list[str] = []
    for value, same in groupby(zip(starts, ends, values, strict=True), key=lambda step: step[2]):
        steps = list(same)
        y = 100 - 100 * value / most
        corners += [f"{steps[0][0]:.2f},{y:.2f}", f"{steps[-1][1]:.2f},{y:.2f}"]
    return " ".join(corners)
