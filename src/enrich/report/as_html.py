"""The report as one HTML file that needs no network and runs no script but its own.

The markup is in `templates/`. All that they print passes through `escape.html`: hidden characters are made visible,
and nothing from outside is markup.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from enrich.model import Report
from enrich.report import charts, closing, combined, escape, summary
from enrich.text.urls import split_url


def render(report: Report) -> str:
    """Return the page on one catalog."""
    return render_all([report])


def render_all(reports: Sequence[Report]) -> str:
    """Return a page with the summary, the findings, every link with its evidence, every entry, and the requests sent.

    With several catalogs it has these sections for each, and a table of the catalogs before them.

    It is complete without its script, which adds search, filters and sorting; its Content-Security-Policy allows
    nothing else.
    """
    style, script = _asset("page.css"), _asset("page.js")
    template = _environment().get_template("report.html")
    chunks = template.generate(
        title=summary.subject(reports[0]) if len(reports) == 1 else combined.subject(reports),
        sections=[_section(report, prefix) for report, prefix in zip(reports, _prefixes(len(reports)), strict=True)],
        sentences=combined.sentences(reports) if len(reports) > 1 else (),
        severities=summary.SEVERITIES,
        style=style,
        script=script,
        policy=_policy(style, script),
        few_days=charts.FEW_DAYS,
        requests=sorted(combined.requests(reports).items(), key=lambda row: (-row[1], row[0])),
    )
    return "".join(chunks)


def _prefixes(count: int) -> Iterable[str]:
    """Return what the ids of each catalog's sections begin with."""
    return [""] if count == 1 else [f"catalog-{number}-" for number in range(1, count + 1)]


def _section(report: Report, prefix: str) -> Mapping[str, object]:
    return {
        "report": report,
        "prefix": prefix,
        "found": combined.found(report),
        "verdicts": charts.verdict_slices(report),
        "overview": charts.overview(report),
        "days": charts.days(report.past_runs),
        "most_standing": max((run.standing for run in report.past_runs), default=0),
        "papers": charts.entries(report.entries),
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("enrich.report"),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["summary"] = summary
    environment.globals["closing"] = closing
    environment.filters |= {
        "by_source": _by_source,
        "cited": charts.cited,
        "full_url": lambda text: _escaped(text, escape.LONGEST_SHOWN_URL),
        "host": escape.host,
        "known": lambda value: charts.UNKNOWN if value is None else value,
        "lines": lambda rows: Markup("<br>".join(map(escape.html, rows))),
        "link": _link,
        "pairs": lambda named: map(" ".join, sorted(named.items())),
        "whole": lambda text: _escaped(text, None),
    }
    return environment


def _shown(value: object) -> object:
    """Return what a template prints for a value: markup as it is, nothing for None, all else escaped."""
    if isinstance(value, Markup):
        return value
    return "" if value is None else _escaped(str(value))


def _escaped(text: str, longest: int | None = escape.LONGEST_SHOWN_TEXT) -> Markup:
    return Markup(escape.html(text, longest))


def _link(text: str) -> Markup:
    """Return a link where the text is a whole web address without hidden characters; else the text."""
    shown = _escaped(text, escape.LONGEST_SHOWN_URL)
    is_web = split_url(text).scheme in ("http", "https") and text == escape.plain(text, escape.LONGEST_SHOWN_URL)
    return Markup(f'<a href="{shown}">{shown}</a>') if is_web and " " not in text else shown


def _by_source(sources: Mapping[str, str]) -> Iterable[str]:
    """Yield each source with the fields that it gave."""
    fields: dict[str, list[str]] = {}
    for name, source in sorted(sources.items()):
        fields.setdefault(source, []).append(name)
    return (f"{summary.service(source)}: {', '.join(names)}" for source, names in sorted(fields.items()))


def _asset(name: str) -> Markup:
    return Markup("\n" + files("enrich.report").joinpath("templates", name).read_text(encoding="utf-8"))


def _policy(style: str, script: str) -> Markup:
    return Markup(
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)};"
        " base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
