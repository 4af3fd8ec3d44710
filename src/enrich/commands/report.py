"""`enrich report`: the report of the last run."""

from __future__ import annotations

from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from enrich import catalog as catalogs
from enrich.commands import NOT_ALL_ASKED
from enrich.commands.issue import Desk
from enrich.commands.state import State
from enrich.commands.terminal import check_outputs, exit_code, put, renderer, report_files, write_reports
from enrich.commands.workspace import Workspace
from enrich.model import EnrichError, Entry


def execute(arguments: Namespace) -> int:
    """The last run's report again."""
    files = report_files(arguments.report)
    render = renderer(arguments.format)
    path = arguments.catalog
    workspace = Workspace.of(arguments, path)
    check_outputs((arguments.output, *(file for _, file in files)), (path, *workspace.files))
    desk = Desk.of(arguments, workspace)
    state = State.find(workspace, path, _readable_entries(path))
    last = state.last_report()
    written = write_reports(last, files)
    put(arguments.output, render(last))
    code = exit_code(last, arguments.fail_on or workspace.loaded.settings.fail_on, strict=arguments.strict)
    code = code if written else code or NOT_ALL_ASKED
    if desk is None:
        return code
    entries, history = catalogs.load(path).entries, state.remembered(arguments)
    return desk.keep(arguments, last, entries, history, code, has_history=state.history.exists())


def _readable_entries(path: Path) -> tuple[Entry, ...]:
    """The entries of the catalog, none where it cannot be read: a report can be shown without it."""
    with suppress(EnrichError):
        return catalogs.load(path).entries
    return ()
