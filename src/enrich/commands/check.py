"""`enrich check`: check the links of catalogs, files, URLs or standard input."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from enrich import links
from enrich.commands import INTERRUPTED, NOT_ALL_ASKED
from enrich.commands.crews import forget_parts, workers_of
from enrich.commands.inputs import DEFAULT_CATALOG, catalog_paths, expanded, names_of
from enrich.commands.interrupts import INTERRUPTS
from enrich.commands.relative_links import Disk, is_relative, read_document, reported
from enrich.commands.state import LAST_CHECK, LAST_REPORT, CatalogState
from enrich.commands.terminal import (
    check_outputs,
    exit_code_of_all,
    put,
    read_bytes,
    renderer_for,
    report_files,
    say,
    write_reports,
)
from enrich.commands.workspace import Workspace
from enrich.model import EnrichError, Entry, EntryType, Link, LinkCheck, LinkReport, LinkReports, Links, Report
from enrich.pipeline import CatalogInput, Options
from enrich.settings import Ignore

if TYPE_CHECKING:
    from enrich.commands.mirrors import Mirror


def execute(arguments: Namespace) -> int:
    """Check only links; with several catalogs, the report has a section for each."""
    names = list(dict.fromkeys(expanded(arguments.inputs or [DEFAULT_CATALOG])))
    are_catalogs = all(map(_is_catalog, names))
    if are_catalogs:
        names = list(map(str, catalog_paths(names)))
    render = renderer_for(arguments, arguments.output)
    files = report_files(arguments.report, names_of(list(map(Path, names))) if are_catalogs else ())
    workspace = Workspace.of(arguments)
    check_outputs((arguments.output, *(each.path for each in files)), (*map(Path, names), *workspace.files))
    disk = Disk()
    inputs = {name: _input(name, arguments.base_url, disk) for name in names}
    if not any(each.checks or any(entry.links for entry in each.entries) for each in inputs.values()):
        say(arguments, f"no link in {', '.join(names)}")
    with INTERRUPTS.noted():
        options = Options(metadata=False, offline=arguments.offline)
        given = _each_alone(inputs) if are_catalogs and len(inputs) > 1 else _all_as_one(inputs.values())
        with workers_of(arguments, workspace, names) as workers:
            results = workspace.run(arguments, given, options, workers)
            forget_parts(workers, [result.report for result in results])
        reports = [replace(result.report, entries=()) for result in results]
        if are_catalogs:
            reports = _placed_in_lists(inputs.values(), reports)
        else:
            reports = [_with_relative_links(inputs, reports[0], workspace.loaded.settings.ignore)]
        written = write_reports(reports, files)
        put(arguments.output, render(reports))
        _keep(arguments, inputs, reports if are_catalogs else reports * len(inputs))
    if INTERRUPTS.came:
        say(arguments, "interrupted; the report covers what was checked so far")
        return INTERRUPTED
    code = exit_code_of_all(reports, arguments.fail_on or workspace.loaded.settings.fail_on, strict=arguments.strict)
    return code if written else code or NOT_ALL_ASKED


@dataclass(frozen=True, slots=True)
class _Input:
    """An input of `check`: the entries whose links are requested, and the relative links checked on disk by URL.

    `is_list`: it is a file whose links `fix` can write; `accepted` are the reasons for accepted links in its comments,
    by entry and URL. `mirror` is a catalog with its lists.
    """

    entries: tuple[Entry, ...]
    is_list: bool = False
    relative: tuple[Link, ...] = ()
    checks: Mapping[str, LinkCheck] = field(default_factory=dict)
    accepted: Mapping[tuple[str, str], str] = field(default_factory=dict)
    mirror: Mirror | None = None


def _input(name: str, base_url: str | None, disk: Disk) -> _Input:
    """Read a URL, a catalog, a file of any kind, or standard input."""
    if _is_web(name):
        return _Input((Entry(name, EntryType.OTHER, links=(Link(name),)),))
    path = Path(name)
    if _is_catalog(name):
        # Imported late: a list of links needs no reader of catalogs.
        mirror: Mirror = import_module("enrich.commands.mirrors").Mirror.at(path)
        return _Input(mirror.catalog.entries, accepted=mirror.accepted, mirror=mirror)
    document = _standard_input() if name == "-" else read_document(path)
    found = _all_resolved(document.links, base_url)
    checks = {} if name == "-" else disk.checks(path, replace(document, links=found))
    relative = tuple(found.to(checks))
    asked = Links(link for link in found if link.url not in checks) if checks else found
    accepted = {} if name == "-" else {(name, url): why for url, why in _accepted(path, base_url).items()}
    return _Input((Entry(name, EntryType.OTHER, links=asked),), name != "-", relative, checks, accepted)


def _each_alone(inputs: Mapping[str, _Input]) -> list[CatalogInput]:
    return [CatalogInput(name, each.entries, accepted=each.accepted) for name, each in inputs.items()]


def _all_as_one(inputs: Collection[_Input]) -> list[CatalogInput]:
    accepted = {link: why for each in inputs for link, why in each.accepted.items()}
    return [CatalogInput(None, [entry for each in inputs for entry in each.entries], accepted=accepted)]


def _placed_in_lists(inputs: Iterable[_Input], reports: Iterable[Report]) -> list[Report]:
    """Return the reports on catalogs, with the places in the lists that they mirror."""
    return [each.mirror.placed(report) if each.mirror else report for each, report in zip(inputs, reports, strict=True)]


def _with_relative_links(inputs: Mapping[str, _Input], report: Report, ignore: Sequence[Ignore]) -> Report:
    """Return the report with the relative links of files, which were checked on disk."""
    for name, each in inputs.items():
        if each.checks:
            inline = {url: why for (_, url), why in each.accepted.items()}
            report = reported(report, name, each.relative, each.checks, ignore, inline)
    return report


def _accepted(path: Path, base_url: str | None) -> dict[str, str]:
    if not (links.is_markdown(str(path)) or links.is_html(str(path))):
        return {}
    text = read_bytes(path).decode("utf-8-sig", "replace")
    return {_resolved(Link(url), base_url).url: why for url, why in links.ignored_urls(text, str(path)).items()}


def _keep(arguments: Namespace, inputs: Mapping[str, _Input], reports: Sequence[Report]) -> None:
    """Keep the report on each catalog and each list for `enrich fix`."""
    for (name, given), report in zip(inputs.items(), reports, strict=True):
        if not (given.is_list or given.mirror):
            continue
        keys = {entry.key for entry in given.entries}
        rows = LinkReports.of(report.links)
        if len(inputs) > 1:
            rows = rows.where(partial(_is_of, keys))
        findings = tuple(finding for finding in report.findings if finding.entry in keys)
        accepted = tuple(each for each in report.accepted if each.finding.entry in keys)
        path = Path(name)
        state = CatalogState.of_list(Workspace.of(arguments, path), path)
        own = replace(report, catalog=name, links=rows, findings=findings, accepted=accepted)
        try:
            state.keep_check(own, LAST_REPORT if given.is_list else LAST_CHECK)
        except EnrichError as error:
            say(arguments, f"`enrich fix {name}` will not know of this check: {error}")


def _is_of(keys: set[str], row: LinkReport) -> bool:
    return not keys.isdisjoint(row.entries)


def _is_catalog(name: str) -> bool:
    return not _is_web(name) and Path(name).suffix.lower() in (".yaml", ".yml")


def _standard_input() -> links.LinkDocument:
    data = sys.stdin.buffer.read()
    text = data.decode("utf-8-sig", "replace")
    return links.read_html(data, "-") if links.looks_like_html(text) else links.read_markdown(text, "-")


def _all_resolved(found: Sequence[Link], base_url: str | None) -> Links:
    """Return the links that have an address, resolved; those of a long list as they are, if nothing changes."""
    if isinstance(found, Links) and base_url is None and not any(url[:2] in ("", "//") for url in found.urls):
        return found
    return Links(_resolved(link, base_url) for link in found if link.url)


def _resolved(link: Link, base_url: str | None) -> Link:
    """Return the link with its scheme, or resolved against a given base if the link leaves the document."""
    if link.url.startswith("//"):
        return replace(link, url=f"https:{link.url}")
    if base_url is None or link.url.startswith("#") or not is_relative(link.url):
        return link
    return replace(link, url=urljoin(base_url, link.url))


def _is_web(text: str) -> bool:
    # Not urlsplit, which raises for `http://[`: that is a link, too, and the check reports what is wrong with it.
    return text.lower().startswith(("http://", "https://"))
