"""The small charts of the HTML report: inline SVG beside the same figures as text.

Widths are attributes of the SVG, as the page's Content-Security-Policy allows no `style` attribute.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from enrich.model import EntryReport, Report
from enrich.report import digest, escape


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
    """The charts at the top of the page: links by verdict, findings by rule."""
    yield '<div class="charts">'
    yield from _verdicts(report)
    severities = {finding.rule: finding.severity for group in digest.groups(report) for finding in group.findings[::-1]}
    rules = digest.by_rule(report)
    yield from _figure(
        "Findings by rule",
        (Bar(rule, count, severities[rule], ("findings", "rule", rule)) for rule, count in rules.items()),
    )
    yield "</div>"


def fields(entries: Iterable[EntryReport]) -> Iterator[str]:
    """The charts above the entries: how many have which field filled by this run, and how many lack which."""
    filled: Counter[str] = Counter()
    lacking: Counter[str] = Counter()
    for entry in entries:
        filled.update(entry.filled)
        lacking.update(entry.lacking)
    yield '<div class="charts">'
    yield from _figure("Fields filled by this run", _ranked(filled, "ok"))
    yield from _figure("Fields lacking still", _ranked(lacking, "quiet"))
    yield "</div>"


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


def _figure(caption: str, bars: Iterable[Bar]) -> Iterator[str]:
    held = list(bars)
    if not held:
        return
    most = max(row.count for row in held)
    yield f'<figure class="bars"><figcaption>{escape.html(caption)}</figcaption><ul>'
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
