"""The report of a run, in every format: one renderer each, `Report` in, text out; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module

from enrich.model import Report
from enrich.report import as_json, badge, filled, github, junit, markdown, sarif


def _text(report: Report) -> str:
    """Render for a terminal; imported late, as other formats need no Rich."""
    words: str = import_module("enrich.report.text").render(report)
    return words


def _text_of_all(reports: Sequence[Report]) -> str:
    words: str = import_module("enrich.report.text").render_all(reports)
    return words


def _html(report: Report) -> str:
    """Render the page; imported late, as most runs need no template engine."""
    return _html_of_all([report])


def _html_of_all(reports: Sequence[Report], permalink: str | None = None) -> str:
    render: Callable[..., str] = import_module("enrich.report.as_html").render_all
    return render(reports, permalink=permalink)


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": _text,
    "markdown": markdown.render,
    "json": as_json.render,
    "jsonl": lambda report: "".join(as_json.json_lines([report])),
    "html": _html,
    "sarif": sarif.render,
    "junit": junit.render,
    "github": github.render,
}
"""The formats by their names on the command line."""

PARTS: Mapping[str, Callable[[Report], str]] = {"filled": filled.render, "badge": badge.render}
"""Formats, also known by name, that show one part of a report."""

CHUNKED: Mapping[str, Callable[[Report], Iterable[str]]] = {
    "json": as_json.json_chunks,
    "jsonl": lambda report: as_json.json_lines([report]),
}
"""The formats that can be written without having all of the report in memory."""

COMBINED: Mapping[str, Callable[[Sequence[Report]], str | Iterable[str]]] = {
    "text": _text_of_all,
    "markdown": markdown.render_all,
    "json": as_json.json_chunks_of_all,
    "jsonl": as_json.json_lines,
    "html": _html_of_all,
    "sarif": sarif.render_all,
    "junit": junit.render_all,
    "github": github.render_all,
    "filled": filled.render_all,
    "badge": badge.render_all,
}
"""The same formats, for several catalogs in one report."""

LINKED: Mapping[str, Callable[[Sequence[Report], str], str]] = {
    "html": _html_of_all,
    "markdown": lambda reports, permalink: (
        markdown.render(reports[0], permalink=permalink)
        if len(reports) == 1
        else markdown.render_all(reports, permalink=permalink)
    ),
}
"""The formats in which places are links if the URL of the repository's files is known."""
