"""The report of a run, in every format: one renderer each, `Report` in, text out; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from enrich.model import Report
from enrich.report import as_html, as_json, filled, github, junit, markdown, sarif, text

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": text.render,
    "markdown": markdown.render,
    "json": as_json.render,
    "html": as_html.render,
    "sarif": sarif.render,
    "junit": junit.render,
    "github": github.render,
}
"""The formats by the names that the command line knows."""

PARTS: Mapping[str, Callable[[Report], str]] = {"filled": filled.render}
"""Formats, known by name as well, that show one part of a report."""

CHUNKED: Mapping[str, Callable[[Report], Iterable[str]]] = {"json": as_json.json_chunks}
"""The formats that can be written without ever being in memory whole."""
