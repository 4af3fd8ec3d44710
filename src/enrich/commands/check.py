"""`enrich check`: the links of catalogs, files, URLs or standard input."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urljoin

from enrich import catalog, links
from enrich.commands import INTERRUPTED, NOT_ALL_ASKED
from enrich.commands.interrupts import INTERRUPTS
from enrich.commands.relative_links import Disk, is_relative, read_document, reported
from enrich.commands.terminal import (
    check_outputs,
    exit_code,
    put,
    renderer,
    report_files,
    say,
    write_reports,
)
from enrich.commands.workspace import Workspace
from enrich.model import Entry, EntryType, Link, LinkCheck
from enrich.pipeline import CatalogInput, Options


def execute(arguments: Namespace) -> int:
    """Checks links, and nothing else."""
    files, render = report_files(arguments.report), renderer(arguments.format)
    names = arguments.inputs or ["catalog.yaml"]
    check_outputs((arguments.output, *(path for _, path in files)), [Path(name) for name in names])
    workspace = Workspace.of(arguments)
    disk = Disk()
    inputs = [_input(name, arguments.base_url, disk) for name in names]
    entries = [entry for each in inputs for entry in each.entries]
    if not any(entry.links for entry in entries) and not any(each.checks for each in inputs):
        say(arguments, f"no link in {', '.join(names)}")
    with INTERRUPTS.noted():
        options = Options(metadata=False, offline=arguments.offline)
        [result] = workspace.run(arguments, [CatalogInput(None, entries)], options)
        report = replace(result.report, entries=())
        for name, each in zip(names, inputs, strict=True):
            report = reported(report, name, each.relative, each.checks, workspace.loaded.settings.ignore)
        written = write_reports(report, files)
        put(arguments.output, render(report))
    if INTERRUPTS.came:
        say(arguments, "interrupted; the report covers what was checked so far")
        return INTERRUPTED
    code = exit_code(report, arguments.fail_on or workspace.loaded.settings.fail_on, strict=arguments.strict)
    return code if written else code or NOT_ALL_ASKED


@dataclass(frozen=True, slots=True)
class _Input:
    """What `check` was given: the entries whose links are asked for, and the relative links checked on disk by URL."""

    entries: tuple[Entry, ...]
    relative: tuple[Link, ...] = ()
    checks: Mapping[str, LinkCheck] = field(default_factory=dict)


def _input(name: str, base_url: str | None, disk: Disk) -> _Input:
    """Reads a URL, a catalog, a file of any kind, or standard input."""
    if _is_web(name):
        return _Input((Entry(name, EntryType.OTHER, links=(Link(name),)),))
    path = Path(name)
    if path.suffix.lower() in (".yaml", ".yml") and name != "-":
        return _Input(catalog.load(path).entries)
    document = _standard_input() if name == "-" else read_document(path)
    found = tuple(_resolved(link, base_url) for link in document.links if link.url)
    checks = {} if name == "-" else disk.checks(path, replace(document, links=found))
    relative = tuple(link for link in found if link.url in checks)
    asked = tuple(link for link in found if link.url not in checks)
    return _Input((Entry(name, EntryType.OTHER, links=asked),), relative, checks)


def _standard_input() -> links.LinkDocument:
    data = sys.stdin.buffer.read()
    text = data.decode("utf-8-sig", "replace")
    return links.read_html(data, "-") if links.looks_like_html(text) else links.read_markdown(text, "-")


def _resolved(link: Link, base_url: str | None) -> Link:
    """The link with its scheme, or with its base where one is given and the link is not within the document."""
    if link.url.startswith("//"):
        return replace(link, url=f"https:{link.url}")
    if base_url is None or link.url.startswith("#") or not is_relative(link.url):
        return link
    return replace(link, url=urljoin(base_url, link.url))


def _is_web(text: str) -> bool:
    # Not urlsplit, which raises over `http://[`: that is a link too, and the check says what is wrong with it.
    return text.lower().startswith(("http://", "https://"))
