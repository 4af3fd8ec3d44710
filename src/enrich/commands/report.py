"""`enrich report`: the reports of the last run on each catalog."""

from __future__ import annotations

from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from enrich import catalog as catalogs
from enrich.commands import NOT_ALL_ASKED
from enrich.commands.inputs import catalog_paths, load_all, names_of
from enrich.commands.issue import Checked, Desk
from enrich.commands.state import CatalogState
from enrich.commands.terminal import (
    check_outputs,
    exit_code_of_all,
    output_paths,
    put,
    renderer_for,
    report_files,
    write_reports,
)
from enrich.commands.workspace import Workspace
from enrich.model import EnrichError, Entry


def execute(arguments: Namespace) -> int:
    """Print the report of the last run on each catalog."""
    paths = catalog_paths(arguments.catalogs)
    names = names_of(paths)
    files, render = report_files(arguments.report, names), renderer_for(arguments, arguments.output)
    outputs = output_paths(arguments.output, names)
    workspace, own = Workspace.of_all(arguments, paths)
    read = (*paths, *(file for each in own for file in each.files))
    check_outputs((*outputs, *(each.path for each in files)), read)
    desk = Desk.of(arguments, workspace)
    states = [CatalogState.find(each, path, _readable_entries(path)) for each, path in zip(own, paths, strict=True)]
    reports = [state.last_report() for state in states]
    written = write_reports(reports, files)
    for output, group in zip(outputs, [[each] for each in reports] if len(outputs) > 1 else [reports], strict=True):
        put(output, render(group))
    code = exit_code_of_all(reports, arguments.fail_on or workspace.loaded.settings.fail_on, strict=arguments.strict)
    code = code if written else code or NOT_ALL_ASKED
    if desk is None:
        return code
    checked = [
        Checked(report, catalog.entries, state.remembered(arguments), state.history.exists())
        for report, catalog, state in zip(reports, load_all(paths), states, strict=True)
    ]
    return desk.keep(arguments, desk.with_ticks(checked), code)


def _readable_entries(path: Path) -> tuple[Entry, ...]:
    """Return the entries of the catalog, none if it cannot be read: a report can be shown without it."""
    with suppress(EnrichError):
        return catalogs.load(path).entries
    return ()
