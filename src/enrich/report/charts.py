"""The small charts of the HTML report: inline SVG beside the same figures as text.

Widths are attributes of the SVG, as the page's Content-Security-Policy allows no `style` attribute.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from enrich.model import EntryReport, PastRun, Report, Severity, Status
from enrich.report import digest, escape

UNKNOWN = "unknown"
"""What stands for a year or a count of citations that nobody knows."""

_CITED = ((1000, "1000 or more"), (100, "100–999"), (10, "10–99"), (1, "1–9"))
_YEARS = 12
_MOST_CITED = 10
_FEW_RUNS = 20  # fewer columns than these leave room, so that each looks the same as the nights go by


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, how much, its colour (a class of the style sheet), and the filter that shows what it counts.

    `pick` is the part of the page, the filter's name and its value; None where the page has no such filter.
    """

    name: str
    count: int
    color: str = "plain"
    pick: tuple[str, str, str] | None = None


def overview(report: Report) -> Iterator[str]:
    """The charts at the top of the page: links by verdict, findings by rule, and findings over the last runs."""
    yield '<div class="charts">'
    yield from _verdicts(report)
    severities = {finding.rule: finding.severity for group in digest.groups(report) for finding in group.findings[::-1]}
    rules = digest.by_rule(report)
    yield from _figure(
        "Findings by rule",
        (Bar(rule, count, severities[rule], ("findings", "rule", rule)) for rule, count in rules.items()),
    )
    yield from _runs(report.past_runs)
    yield "</div>"


def entries(held: Sequence[EntryReport]) -> Iterator[str]:
    """The charts above the entries: years, citations, the most cited; which fields were filled, and which lack."""
    filled: Counter[str] = Counter()
    lacking: Counter[str] = Counter()
    for entry in held:
        filled.update(entry.filled)
        lacking.update(entry.lacking)
    yield '<div class="charts">'
    yield from _figure("Year of publication", _years(held), "bars short")
    yield from _figure("Citations", _citations(held), "bars short")
    yield from _figure("Most cited", _most_cited(held))
    yield from _figure("Fields filled by this run", _ranked(filled, "ok"))
    yield from _figure("Fields lacking still", _ranked(lacking, "quiet"))
    yield "</div>"


def cited(count: int | None) -> str:
    """The range that a count of citations falls in."""
    if count is None:
        return UNKNOWN
    return next((name for least, name in _CITED if count >= least), "0")


def bar(count: int, most: int, color: str = "plain") -> str:
    """One bar as SVG, `count` of `most` wide; hidden from screen readers, as the figure stands beside it."""
    width = 100 * count / max(most, 1)
    return (
        '<svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="{color}" width="{width:.2f}" height="1"></rect></svg>'
    )


def _verdicts(report: Report) -> Iterator[str]:
    counts = digest.verdicts(report)
    if not counts:
        return
    total, start = sum(counts.values()), 0.0
    yield '<figure class="verdicts"><figcaption>Links by verdict</figcaption>'
    yield '<svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
    for verdict, count in counts.items():
        share = 100 * count / total
        yield f'<rect class="{verdict}" x="{start:.2f}" width="{share:.2f}" height="1"></rect>'
        start += share
    yield "</svg>"
    yield "<ul>"
    for verdict, count in counts.items():
        mark = f'<strong class="{verdict}">{count}</strong>'
        yield f"<li>{_picked(f'{mark} {verdict}', ('links', 'verdict', verdict))}</li>"
    yield "</ul></figure>"


def _runs(runs: Sequence[PastRun]) -> Iterator[str]:
    """A column for each day, errors at the bottom; one day alone has no course to show."""
    if len(runs) < 2:
        return
    most = max(run.standing for run in runs)
    yield '<figure class="runs"><figcaption>Findings over the last runs</figcaption>'
    yield f'<svg viewBox="0 0 {max(len(runs), _FEW_RUNS)} 100" preserveAspectRatio="none" aria-hidden="true">'
    for place, run in enumerate(runs):
        yield f"<g><title>{_told(run)}</title>"
        top, x = 100.0, f'x="{place + 0.1:.1f}" width="0.8"'
        for color, count in _severities(run):
            height = 100 * count / max(most, 1)
            top -= height
            if count:
                yield f'<rect class="{color}" {x} y="{top:.2f}" height="{height:.2f}"></rect>'
        yield "</g>"
    yield "</svg>"
    last = runs[-1]
    kinds = ", ".join(
        f'<strong class="{name}">{count}</strong> {digest.noun(count, name)}' for name, count in _severities(last)
    )
    yield f"<p>{last.on}: {kinds}</p>"
    yield f'<p class="quiet">From {runs[0].standing} on {runs[0].on}; {most} at most.</p>'
    rows = "".join(f"<li>{_told(run)}</li>" for run in reversed(runs))
    yield f"<details><summary>All {len(runs)} days</summary><ul>{rows}</ul></details></figure>"


def _severities(run: PastRun) -> tuple[tuple[Severity, int], ...]:
    return (Severity.ERROR, run.errors), (Severity.WARNING, run.warnings), (Severity.NOTE, run.notes)


def _told(run: PastRun) -> str:
    kinds = ", ".join(digest.number(count, name) for name, count in _severities(run))
    return f"{run.on}: {kinds}; {run.new} new, {run.fixed} fixed"


def _years(held: Sequence[EntryReport]) -> Iterator[Bar]:
    """The latest years in which something appeared, and all before them in one."""
    counted = Counter(entry.year for entry in held if entry.year is not None)
    if not counted:
        return
    latest = sorted(counted)[-_YEARS:]
    if earlier := counted.total() - sum(counted[year] for year in latest):
        yield Bar(f"before {latest[0]}", earlier)
    for year in latest:
        yield Bar(str(year), counted[year], pick=("entries", "year", str(year)))
    yield from _not_known(entry.year is None for entry in held if entry.status is not Status.NOT_A_PAPER)


def _citations(held: Sequence[EntryReport]) -> Iterator[Bar]:
    counted = Counter(cited(entry.citation_count) for entry in held if entry.citation_count is not None)
    if not counted:
        return
    for name in ("0", *(name for _, name in reversed(_CITED))):
        yield Bar(name, counted[name], pick=("entries", "citations", name) if counted[name] else None)
    yield from _not_known(entry.citation_count is None for entry in held if entry.status is not Status.NOT_A_PAPER)


def _not_known(lacks: Iterable[bool]) -> Iterator[Bar]:
    if count := sum(lacks):
        yield Bar(UNKNOWN, count, "quiet")


def _most_cited(held: Iterable[EntryReport]) -> Iterator[Bar]:
    counts = {entry.key: entry.citation_count for entry in held if entry.citation_count}
    yield from list(_ranked(counts, "plain"))[:_MOST_CITED]


def _figure(caption: str, bars: Iterable[Bar], kind: str = "bars") -> Iterator[str]:
    held = list(bars)
    if not held:
        return
    most = max(row.count for row in held)
    yield f'<figure class="{kind}"><figcaption>{escape.html(caption)}</figcaption><ul>'
    for row in held:
        yield f"<li>{_picked(escape.html(row.name), row.pick)}{bar(row.count, most, row.color)}<b>{row.count}</b></li>"
    yield "</ul></figure>"


def _ranked(counts: Mapping[str, int], color: str) -> Iterator[Bar]:
    for name, count in sorted(counts.items(), key=lambda row: (-row[1], row[0])):
        yield Bar(name, count, color)


def _picked(shown: str, pick: tuple[str, str, str] | None) -> str:
    if pick is None:
        return f"<span>{shown}</span>"
    part, by, value = pick
    return f'<a href="#{part}" data-by="{by}" data-value="{escape.html(value)}">{shown}</a>'
