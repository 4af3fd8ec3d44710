"""`enrich site`: write a static dashboard of catalogs from the data of earlier runs."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from enrich import catalog as catalogs
from enrich import history as past
from enrich import judge, results
from enrich.commands import CLEAN
from enrich.commands.inputs import catalog_paths, names_of
from enrich.commands.state import CatalogState
from enrich.commands.terminal import say, write_text
from enrich.commands.workspace import Workspace
from enrich.model import Course, EnrichError, Entry, Report
from enrich.report.dashboard import MARK, CatalogView, course_of, pages


def execute(arguments: Namespace) -> int:
    """Write the dashboard of the last run on each catalog, and of earlier ones as far as they are recorded."""
    paths = catalog_paths(arguments.catalogs)
    workspace, own = Workspace.of_all(arguments, paths)
    folder: Path = arguments.output
    _check_folder(folder)
    held = [_entries(path) for path in paths]
    states = [CatalogState.find(each, path, entries) for each, path, entries in zip(own, paths, held, strict=True)]
    courses = _courses(workspace.results, states)
    views = [
        _view(name, path, state, entries, course)
        for name, path, state, entries, course in zip(names_of(paths), paths, states, held, courses, strict=True)
    ]
    for path, each in zip(paths, views, strict=True):
        if not (each.report or each.days):
            catalogs.load(path)  # raises: a wrong path would be shown as a catalog without a run
    if not any(each.report or each.days for each in views):
        states[0].last_report()  # raises: says what is missing
    written = 0
    for file, text in pages(views):
        path = folder / file
        _check_inside(path, folder)
        write_text(path, text, follow_link=False)
        written += 1
    say(arguments, f"{written} files written to {folder}; open {folder / 'index.html'}")
    return CLEAN


def _entries(path: Path) -> tuple[Entry, ...]:
    """Return the entries of the catalog, none if it cannot be read: its runs can be shown without it."""
    with suppress(EnrichError):
        return catalogs.load(path).entries
    return ()


def _courses(file: Path | None, states: Sequence[CatalogState]) -> list[Course | None]:
    """Return the recorded history of each catalog, None without one."""
    if file is None or not file.exists():
        return [None for _ in states]
    names = [state.identity.path_from(file.resolve().parent) for state in states]
    found = results.read(file, names)
    return [found.get(name) for name in names]


def _view(name: str, path: Path, state: CatalogState, entries: Sequence[Entry], course: Course | None) -> CatalogView:
    report: Report | None = None
    if state.has_report():
        report = state.last_report()
        if history := past.peek(state.history):
            # A run on some entries leaves a report on these.
            report = judge.with_standing(report, history.findings, entries)
    titles = {entry.key: entry.title or entry.label for entry in entries}
    return CatalogView(name, path.as_posix(), report, course or course_of(report), titles)


def _check_folder(folder: Path) -> None:
    """Check that the folder contains only enrich's dashboards.

    Raises:
        EnrichError: It contains other files, or is not a folder.
    """
    try:
        held = [path.name for path in islice(folder.iterdir(), 2)]
    except FileNotFoundError:
        return
    except OSError as error:
        raise EnrichError(f"{folder}: not a folder ({error.strerror}); choose another with -o") from None
    if held and not (folder / MARK).is_file():
        raise EnrichError(
            f"{folder}: not empty, and not written by `enrich site` (it has no {MARK}); choose an empty folder with -o"
        )


def _check_inside(path: Path, folder: Path) -> None:
    """Check that a file would be written into the folder: the folder may contain a link to elsewhere.

    Raises:
        EnrichError: It would be written elsewhere.
    """
    if not path.parent.resolve().is_relative_to(folder.resolve()):
        raise EnrichError(f"{path.parent}: a symbolic link to outside of {folder}, not followed; remove it")
