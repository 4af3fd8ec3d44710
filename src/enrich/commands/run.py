"""`enrich run`: fill in metadata, check links, save and report."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from enrich import catalog as catalogs
from enrich import results as series
from enrich import settings
from enrich.commands import INTERRUPTED, NOT_ALL_ASKED
from enrich.commands.crews import forget_parts, workers_of
from enrich.commands.inputs import catalog_paths, load_all, names_of
from enrich.commands.interrupts import INTERRUPTS
from enrich.commands.issue import Checked, Desk
from enrich.commands.mirrors import Mirror
from enrich.commands.notify import Notifier
from enrich.commands.printing import print_diff_lines, print_result
from enrich.commands.selection import Earlier, chosen_keys, entries_at, with_known_links
from enrich.commands.state import CatalogState
from enrich.commands.terminal import (
    check_outputs,
    complain,
    exit_code_of_all,
    look_for,
    print_diff,
    report_files,
    say,
    write_reports,
)
from enrich.commands.ticked import apply_ticks
from enrich.commands.workspace import Workspace, relax_gc
from enrich.model import EnrichError
from enrich.pipeline import CatalogInput, Options, Result, Workers
from enrich.pipeline.clues import is_paper
from enrich.pipeline.sample import hosts_to_look_at
from enrich.report import text


@dataclass(frozen=True, slots=True)
class Job:
    """One catalog of the run.

    `keys` are the keys of the entries that are taken, None for all; `earlier` is the state for `--since`.
    """

    path: Path
    name: str
    mirror: Mirror
    state: CatalogState
    keys: frozenset[str] | None
    earlier: Earlier | None = None

    @property
    def catalog(self) -> catalogs.Catalog:
        """The catalog with the new items of its lists."""
        return self.mirror.catalog

    @property
    def taken(self) -> CatalogInput:
        """The catalog as input of the run, without a history."""
        return CatalogInput(str(self.path), self.catalog.entries, keys=self.keys, accepted=self.mirror.accepted)


def execute(arguments: Namespace) -> int:
    """Run on one or several catalogs: requests cover all of them, and each is judged alone."""
    if arguments.sample and (not arguments.dry_run or arguments.no_links):
        raise EnrichError("--sample needs --dry-run and cannot be combined with --no-links")
    paths = catalog_paths(arguments.catalogs)
    workspace, own = Workspace.of_all(arguments, paths)
    desk, notifier = Desk.of(arguments, workspace), Notifier.of(workspace)
    options = options_of(arguments)
    relax_gc()
    jobs = jobs_of(arguments, paths, own)
    files = report_files(arguments.report, [job.name for job in jobs])
    listed = [path for job in jobs for path in job.mirror.paths]
    check_outputs((each.path for each in files), (*paths, *listed, *(file for each in own for file in each.files)))
    _check_writable(arguments, workspace, jobs, options)
    # From here on, a signal saves and reports what is known before the end.
    with INTERRUPTS.noted():
        checked, kept = _run_with_workers(arguments, workspace, jobs, options, with_entries=desk is not None)
        own_paths = [job.path for job in jobs]
        del jobs  # the report of a long list needs the memory
        reports = [each.report for each in checked]
        if desk and not arguments.dry_run:
            checked = desk.with_ticks(checked)
            reports = [apply_ticks(arguments, path, each) for path, each in zip(own_paths, checked, strict=True)]
        if notifier and not arguments.dry_run:
            reports = notifier.deliver(arguments, reports)
        kept = write_reports(reports, files) and kept
        print_result([text.render_all(reports, look_for(arguments, only_news=True))], flush=True)
        fail_on = arguments.fail_on or workspace.loaded.settings.fail_on
        code = exit_code_of_all(reports, fail_on, strict=arguments.strict)
        code = code if kept else code or NOT_ALL_ASKED
        if desk and arguments.dry_run:
            say(arguments, "--dry-run: the issue is unchanged")
        elif desk:
            code = desk.keep(arguments, checked, code)
    if not INTERRUPTS.came:
        return code
    say(arguments, "interrupted; results so far are saved; run again to continue")
    return INTERRUPTED


def options_of(arguments: Namespace) -> Options:
    """Return the options of a run that correspond to its flags."""
    return Options(
        only_missing=arguments.only_missing,
        metadata=not arguments.no_metadata,
        links=not arguments.no_links,
        limit=arguments.limit,
        sample=arguments.sample,
        offline=arguments.offline,
        vantage=settings.vantage(os.environ),
        deadline=arguments.deadline,
    )


def jobs_of(arguments: Namespace, paths: Sequence[Path], own: Sequence[Workspace]) -> list[Job]:
    """Return the catalogs of the run; a catalog without any entry of `--entry` is left out.

    Raises:
        EnrichError: A catalog cannot be read, or has not what a flag names.
    """
    mirrors = list(map(Mirror.of, load_all(paths)))
    loaded = [mirror.catalog for mirror in mirrors]
    for warning in (warning for catalog in loaded for warning in catalog.warnings):
        say(arguments, warning)
    earlier = {each.path: entries_at(each, arguments.since) for each in loaded} if arguments.since else {}
    keys = chosen_keys(loaded, arguments.entry, earlier or None)
    return [
        Job(
            path,
            name,
            mirror,
            CatalogState.find(each, path, mirror.catalog.entries),
            keys[mirror.catalog.path],
            earlier.get(mirror.catalog.path),
        )
        for path, name, mirror, each in zip(paths, names_of(paths), mirrors, own, strict=True)
        if mirror.catalog.path in keys
    ]


def _run_with_workers(
    arguments: Namespace, workspace: Workspace, jobs: Sequence[Job], options: Options, *, with_entries: bool
) -> tuple[list[Checked], bool]:
    """Run with the workers in the flags; return what the issue needs, and whether everything was saved.

    Entries, which take much memory, are only kept if the issue needs them.
    """
    had_history = [job.state.history.exists() for job in jobs]
    with workers_of(arguments, workspace, [job.path for job in jobs]) as workers:
        results, kept = _run(arguments, workspace, jobs, options, workers)
        if kept:
            forget_parts(workers, [result.report for result in results])
    checked = [
        Checked(result.report, job.catalog.entries if with_entries else (), result.history, had)
        for job, result, had in zip(jobs, results, had_history, strict=True)
    ]
    return checked, kept


def _run(
    arguments: Namespace, workspace: Workspace, jobs: Sequence[Job], options: Options, workers: Workers | None
) -> tuple[list[Result], bool]:
    """Run and save the result; return whether the next run will have all of it."""
    with ExitStack() as locks:
        # A dry run writes nothing that another run could be writing. The order prevents deadlocks between two runs.
        for job in [] if arguments.dry_run else sorted(jobs, key=lambda job: str(job.state.identity.path)):
            locks.enter_context(job.state.held(job.path))
        given = [replace(job.taken, history=job.state.remembered(arguments)) for job in jobs]
        results = [
            _with_hosts(_with_lists(job, result), options)
            for job, result in zip(jobs, workspace.run(arguments, given, options, workers), strict=True)
        ]
        if arguments.dry_run:
            for job, result in zip(jobs, results, strict=True):
                _print_diff(job, result)
            return results, True
        return results, _save(jobs, results, workspace.results)


def _print_diff(job: Job, result: Result) -> None:
    """Print what the run would change in the file of a catalog."""
    if job.catalog.on_disk is None:
        print_diff_lines(catalogs.enriched_diff(job.catalog, result.blocks))
    else:  # what is new in its lists is added, too
        print_diff(str(job.catalog.on_disk.text()), catalogs.with_enriched(job.catalog, result.blocks), job.path)


def _with_lists(job: Job, result: Result) -> Result:
    """Return the result with what it has to do with the lists that the catalog mirrors, and with `--since`."""
    result = replace(result, report=with_known_links(result.report, job.earlier))
    if not job.mirror.paths:
        return result
    notes = job.mirror.notes
    if job.mirror.has_own_links():
        with suppress(EnrichError):  # no report yet, or one of another version
            notes = (*notes, *job.mirror.gone(job.state.last_report()))
    report = job.mirror.placed(result.report)
    return replace(result, report=replace(report, notes=(*notes, *report.notes)))


def _with_hosts(result: Result, options: Options) -> Result:
    """Return the result of a dry run with notes on the hosts that were asked."""
    if options.sample is None:
        return result
    notes = hosts_to_look_at([link.check for link in result.report.links])
    return replace(result, report=replace(result.report, notes=(*result.report.notes, *notes)))


def _save(jobs: Sequence[Job], results: list[Result], series_file: Path | None) -> bool:
    """Save each catalog with its state; return whether all could be saved.

    If a catalog could not be saved, its state is not saved either, so that the next run asks again.

    Raises:
        EnrichError: No catalog could be saved.
    """
    errors, whole = [], True
    for at, job in enumerate(jobs):
        result = results[at]
        INTERRUPTS.take_a_step()
        try:
            catalogs.save_enriched(job.catalog, result.blocks)
        except EnrichError as error:
            errors.append(error)
            continue
        # After saving, the blocks of a long list only take memory.
        results[at] = result = replace(result, blocks={})
        INTERRUPTS.take_a_step()
        try:
            job.state.keep(result.report, result.history)
            if series_file:
                catalog = job.state.identity.path_from(series_file.resolve().parent)
                standing = result.history.findings.values()
                series.record(series_file, catalog, result.report, job.catalog.entries, standing)
        except EnrichError as error:
            # The catalog is saved by now, and its report must be printed in any case.
            complain(error)
            whole = False
            series_file = None  # locked or full for the next catalog as well, and waiting for a lock takes time
    if len(errors) == len(jobs):
        raise EnrichError("\n".join(map(str, errors)))
    for each in errors:
        complain(each)
    return whole and not errors


def _check_writable(arguments: Namespace, workspace: Workspace, jobs: Sequence[Job], options: Options) -> None:
    """Check, before anything is asked, that the results of the run can be written.

    Raises:
        EnrichError: An entry that may get a block shares parts with others, or a folder cannot be written.
    """
    for job in jobs:
        if options.metadata:
            chosen = job.taken.chosen(options.limit)
            catalogs.check_unshared(job.catalog, {entry.key for entry in chosen if is_paper(entry)})
        if not arguments.dry_run:
            catalogs.check_writable(job.path)
            job.state.check_writable()
    if workspace.results and not arguments.dry_run:
        series.require_recordable(workspace.results)
