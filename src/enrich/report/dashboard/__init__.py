"""The dashboard: pages on all catalogs, on each, and on each rule; badges and a feed. Pure: views in, texts out.

The pages are static and work from a disk: every URL in them is relative, and nothing is loaded. They share the
templates, the style and the escaping of the HTML report (`report.page`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import PurePosixPath

from jinja2 import Environment

from enrich.report import badge, page, summary
from enrich.report.dashboard import feed, tiles, view
from enrich.report.dashboard.trend import trend
from enrich.report.dashboard.view import CatalogView, Overview, Whereabouts, course_of

__all__ = ["MARK", "CatalogView", "course_of", "pages"]

MARK = ".enrich-site"
"""The file that marks a folder as one of dashboards; nothing is written into a folder with other things in it."""

_MARK_TEXT = "This folder was created by `enrich site`, which replaces the files in it. It never deletes any.\n"


def pages(catalogs: Sequence[CatalogView]) -> Iterator[tuple[PurePosixPath, str]]:
    """Yield the files of the dashboard, by their path in its folder; the same catalogs give the same bytes.

    Args:
        catalogs: At least one, each with a name of its own that can be a folder's.
    """
    overview = Overview(tuple(catalogs))
    reports = [each.report for each in catalogs if each.report]
    yield PurePosixPath(MARK), _MARK_TEXT
    yield PurePosixPath("index.html"), _page("index", overview, Whereabouts(), trend=trend(overview.days))
    yield PurePosixPath("feed.atom"), feed.render(overview)
    if reports:
        yield PurePosixPath("badge.json"), badge.render_all(reports)
    for each in catalogs:
        folder = PurePosixPath("catalogs", each.name)
        where = Whereabouts("../../", f"catalogs/{each.name}/index.html")
        yield folder / "index.html", _page("catalog", overview, where, catalog=each, trend=trend(each.days))
        if each.report:
            yield folder / "badge.json", badge.render(each.report)
    for rule in view.RULES_WITH_PAGE:
        where = Whereabouts("../", view.rule_page(rule))
        yield PurePosixPath(where.path), _page("rule", overview, where, rule=overview.rule(rule))


def _page(name: str, overview: Overview, where: Whereabouts, **more: object) -> str:
    template = _environment().get_template(f"dashboard/{name}.html")
    return "".join(template.generate(**page.frame("dashboard/dashboard.css"), overview=overview, where=where, **more))


@cache
def _environment() -> Environment:
    environment = page.environment()
    environment.globals |= {
        "ages": view.ages,
        "hosts": view.host_chart,
        "most": view.MOST,
        "of_papers": view.of_papers,
        "oldest": view.oldest,
        "slowest_hosts": view.slowest_hosts,
        "summary": summary,
        "tiles": tiles.tiles,
        "verdicts": view.verdict_bars,
    }
    environment.filters |= {"first_upper": lambda text: text[:1].upper() + text[1:], "is_web": page.is_web}
    return environment
