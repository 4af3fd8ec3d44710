"""`enrich run`: fill in metadata, check links, save and report."""

from __future__ import annotations

import os
import shutil
import subprocess
from argparse import Namespace
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import replace

from enrich import catalog as catalogs
from enrich import settings
from enrich.commands import INTERRUPTED, NOT_ALL_ASKED
from enrich.commands.interrupts import INTERRUPTS
from enrich.commands.issue import Desk
from enrich.commands.printing import print_result
from enrich.commands.state import State
from enrich.commands.terminal import (
    check_outputs,
    complain,
    exit_code,
    is_colored,
    print_diff,
    report_files,
    say,
    write_reports,
)
from enrich.commands.workspace import Workspace, relax_gc
from enrich.history import History
from enrich.model import EnrichError, Entry, Report
from enrich.pipeline import CatalogInput, Options
from enrich.pipeline.clues import is_paper
from enrich.pipeline.sample import hosts_to_look_at
from enrich.report import text


def execute(arguments: Namespace) -> int:
    """The nightly job."""
    if arguments.sample and (not arguments.dry_run or arguments.no_links):
        raise EnrichError("--sample needs --dry-run and cannot be combined with --no-links")
    files = report_files(arguments.report)
    workspace = Workspace.of(arguments, arguments.catalog)
    check_outputs((path for _, path in files), (arguments.catalog, *workspace.files))
    desk = Desk.of(arguments, workspace)
    relax_gc()
    catalog = catalogs.load(arguments.catalog)
    state = State.find(workspace, arguments.catalog, catalog.entries)
    for warning in catalog.warnings:
        say(arguments, warning)
    options = Options(
        only_missing=arguments.only_missing,
        metadata=not arguments.no_metadata,
        links=not arguments.no_links,
        limit=arguments.limit,
        sample=arguments.sample,
        offline=arguments.offline,
        vantage=settings.vantage(os.environ),
        deadline=arguments.deadline,
    )
    keys = _chosen(arguments, catalog)
    _check_writable(arguments, state, catalog, options, keys)
    # From here on, what is known when a signal comes is saved and reported before the end.
    with INTERRUPTS.noted():
        has_history = state.history.exists()
        report, history, kept = _run(arguments, workspace, state, catalog, options, keys)
        listed = catalog.entries if desk else ()
        del catalog  # the report of a long list needs the room
        kept = write_reports(report, files) and kept
        print_result([text.render(report, color=is_colored(arguments))], flush=True)
        code = exit_code(report, arguments.fail_on or workspace.loaded.settings.fail_on, strict=arguments.strict)
        code = code if kept else code or NOT_ALL_ASKED
        if desk and arguments.dry_run:
            say(arguments, "--dry-run: the issue is unchanged")
        elif desk:
            code = desk.keep(arguments, report, listed, history, code, has_history=has_history)
    if not INTERRUPTS.came:
        return code
    say(arguments, "interrupted; results so far are saved; run again to continue")
    return INTERRUPTED


def _run(
    arguments: Namespace,
    workspace: Workspace,
    state: State,
    catalog: catalogs.Catalog,
    options: Options,
    keys: frozenset[str] | None,
) -> tuple[Report, History, bool]:
    """The run itself; saves what it brought, and tells whether the next one will know of it."""
    # A dry run writes nothing that another could be writing.
    with nullcontext() if arguments.dry_run else state.held(arguments.catalog):
        given = CatalogInput(str(arguments.catalog), catalog.entries, state.remembered(arguments), keys)
        [result] = workspace.run(arguments, [given], options)
        if options.sample is not None:
            looked_at = hosts_to_look_at([link.check for link in result.report.links])
            result = replace(result, report=replace(result.report, notes=(*result.report.notes, *looked_at)))
        if arguments.dry_run:
            print_diff(catalog.text, catalogs.with_enriched(catalog, result.blocks), arguments.catalog)
        else:
            INTERRUPTS.take_a_step()
            catalogs.save_enriched(catalog, result.blocks)
        INTERRUPTS.take_a_step()
        return result.report, result.history, arguments.dry_run or _keep(state, result.report, result.history)


def _check_writable(
    arguments: Namespace, state: State, catalog: catalogs.Catalog, options: Options, keys: frozenset[str] | None
) -> None:
    """Sees to it that what the run brings can be written, before anybody is asked.

    Raises:
        EnrichError: an entry that may get a block shares parts with others, or a folder cannot be written.
    """
    if options.metadata:
        chosen = CatalogInput(None, catalog.entries, keys=keys).chosen(options.limit)
        catalogs.check_unshared(catalog, {entry.key for entry in chosen if is_paper(entry)})
    if not arguments.dry_run:
        catalogs.check_writable(arguments.catalog)
        state.check_writable()


def _keep(state: State, report: Report, history: History) -> bool:
    """Whether the run could be kept: the catalog is saved by now, and what was done has to be told all the same."""
    try:
        state.keep(report, history)
    except EnrichError as error:
        complain(error)
        return False
    return True


def _chosen(arguments: Namespace, catalog: catalogs.Catalog) -> frozenset[str] | None:
    keys = frozenset(arguments.entry) or None
    if unknown := (keys or frozenset()) - {entry.key for entry in catalog.entries}:
        raise EnrichError(f"{arguments.catalog}: no entry with the key {', '.join(sorted(unknown))}")
    if arguments.since is None:
        return keys
    changed = frozenset(entry.key for entry in _changed(catalog, arguments.since))
    return changed if keys is None else keys & changed


def _changed(catalog: catalogs.Catalog, revision: str) -> Iterable[Entry]:
    """The entries that a person added or changed since a git revision."""
    path, git = catalog.path.resolve(), shutil.which("git")
    if git is None:
        raise EnrichError("--since needs git; install it or omit the flag")
    command = [git, "-C", str(path.parent), "show", "--end-of-options", f"{revision}:./{path.name}"]
    shown = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"})
    old: tuple[Entry, ...] = ()
    if shown.returncode == 0:
        old = catalogs.parse(shown.stdout.decode("utf-8", "replace"), f"{revision}:{path.name}").entries
    elif b"exists on disk, but not in" not in shown.stderr:
        reason = shown.stderr.decode(errors="replace").strip().splitlines()
        raise EnrichError(f"--since {revision}: git says: {reason[0] if reason else 'no such revision'}")
    before = {entry.key: _as_written(entry) for entry in old}
    return [entry for entry in catalog.entries if before.get(entry.key) != _as_written(entry)]


def _as_written(entry: Entry) -> Entry:
    links = tuple(replace(link, place=None) for link in entry.links)
    return replace(entry, place=None, enriched=None, links=links)
