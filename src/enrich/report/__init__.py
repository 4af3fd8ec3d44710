"""The report of a run, in every format: one renderer each, `Report` in, text out; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module

from enrich.model import Report
from enrich.report import as_json, badge, filled, github, junit, markdown, sarif, text


def _html(report: Report) -> str:
    """Render the page; imported late, as most runs need no template engine."""
    return _html_of_all([report])


def _html_of_all(reports: Sequence[Report]) -> str:
    render: Callable[[Sequence[Report]], str] = import_module("enrich.report.as_html").render_all
    return render(reports)


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": text.render,
    "markdown": markdown.render,
    "json": as_json.render,
    "jsonl": lambda report: "".join(as_json.json_lines([report])),
    "html": _html,
    "sarif": sarif.render,
    "junit": junit.render,
    "github": github.render,
}
"""The formats by the names that the command line knows."""

PARTS: Mapping[str, Callable[[Report], str]] = {"filled": filled.render, "badge": badge.render}
"""Formats, known by name as well, that show one part of a report."""

CHUNKED: Mapping[str, Callable[[Report], Iterable[str]]] = {
    "json": as_json.json_chunks,
    "jsonl": lambda report: as_json.json_lines([report]),
}
"""The formats that can be written without ever being in memory whole."""

COMBINED: Mapping[str, Callable[[Sequence[Report]], str | Iterable[str]]] = {
    "text": text.render_all,
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
