"""The report as one HTML file that needs no network and runs no script but its own; the markup is in `templates/`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from enrich.model import Place, Report
from enrich.report import charts, closing, combined, page, summary, tiles
from enrich.report.ignoring import ignore_lines


def render(report: Report) -> str:
    """Return the page on one catalog."""
    return render_all([report])


def render_all(reports: Sequence[Report], *, permalink: str | None = None) -> str:
    """Return a page with the summary, the findings, every link with its evidence, every entry, and the requests sent.

    With several catalogs, it has these sections for each, after a table of the catalogs. It is complete without its
    script, which adds search, filters, sorting and copying.

    Args:
        reports: The reports of one run.
        permalink: The address under which the repository's files are read, such as
            `https://github.com/owner/name/blob/COMMIT/`; places become links into it.
    """
    chunks = (
        _environment()
        .get_template("report.html")
        .generate(
            **page.frame(),
            title=summary.subject(reports[0]) if len(reports) == 1 else combined.subject(reports),
            sections=[
                _section(report, prefix) for report, prefix in zip(reports, _prefixes(len(reports)), strict=True)
            ],
            sentences=combined.sentences(reports) if len(reports) > 1 else (),
            severities=summary.SEVERITIES,
            few_days=charts.FEW_DAYS,
            requests=sorted(combined.requests(reports).items(), key=lambda row: (-row[1], row[0])),
            place_link=lambda place: _place(place, permalink),
        )
    )
    return "".join(chunks)


def _prefixes(count: int) -> Iterable[str]:
    """Return the prefix of the IDs of each catalog's sections."""
    return [""] if count == 1 else [f"catalog-{number}-" for number in range(1, count + 1)]


def _section(report: Report, prefix: str) -> Mapping[str, object]:
    return {
        "report": report,
        "prefix": prefix,
        "found": combined.found(report),
        "tiles": tiles.tiles(report),
        "verdicts": charts.verdict_slices(report),
        "rules": charts.rules(report),
        "days": charts.days(report.past_runs),
        "most_standing": max((run.standing for run in report.past_runs), default=0),
        "papers": charts.entries(report.entries),
    }


@cache
def _environment() -> Environment:
    environment = page.environment()
    environment.globals |= {"summary": summary, "closing": closing}
    environment.filters |= {
        "by_source": _by_source,
        "cited": charts.cited,
        "ignore": lambda finding: page.escaped_lines(ignore_lines(finding)),
        "known": lambda value: charts.UNKNOWN if value is None else value,
        "pairs": lambda named: map(" ".join, sorted(named.items())),
    }
    return environment


def _place(place: Place | None, permalink: str | None) -> Markup:
    return page.place_link(place, permalink) if place else Markup()


def _by_source(sources: Mapping[str, str]) -> Iterable[str]:
    """Yield each source with the fields that it filled."""
    fields: dict[str, list[str]] = {}
    for name, source in sorted(sources.items()):
        fields.setdefault(source, []).append(name)
    return (f"{summary.service(source)}: {', '.join(names)}" for source, names in sorted(fields.items()))
