"""`enrich site`: write a static dashboard of catalogs from the data of earlier runs."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from enrich import catalog as catalogs
from enrich import history as past
from enrich import judge, results
from enrich.commands import CLEAN
from enrich.commands.inputs import catalog_paths, names_of
from enrich.commands.state import CatalogState
from enrich.commands.terminal import STREAM, say, write_text
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
    sources = [
        _Source(name, path, state, entries)
        for name, path, state, entries in zip(names_of(paths), paths, states, held, strict=True)
    ]
    views = _views(workspace.results, sources)
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


@dataclass(frozen=True, slots=True)
class _Source:
    """What the dashboard knows of a catalog: its name in addresses, its path, its state, its entries."""

    name: str
    path: Path
    state: CatalogState
    entries: Sequence[Entry]

    def report(self) -> Report | None:
        """Return the last report, with the findings of earlier runs on other entries; None without one."""
        if not self.state.has_report():
            return None
        report, history = self.state.last_report(), past.peek(self.state.history)
        return judge.with_standing(report, history.findings, self.entries) if history else report

    def completed(self, report: Report | None, recorded: Report | None) -> Report | None:
        """Return the last report, with what it left out, or all of it, as it is recorded."""
        if recorded is None:
            return report
        if report:
            return replace(report, entries=recorded.entries, links=recorded.links)
        bare = replace(recorded, catalog=str(self.path), findings=())
        return judge.with_standing(bare, {each.identity: each for each in recorded.findings}, self.entries)

    def view(self, report: Report | None, course: Course | None) -> CatalogView:
        """Return what the dashboard shows."""
        titles = {entry.key: entry.title or entry.label for entry in self.entries}
        return CatalogView(self.name, self.path.as_posix(), report, course or course_of(report), titles)


def _views(file: Path | None, sources: Sequence[_Source]) -> list[CatalogView]:
    """Return what is shown of each catalog: its last report, and what the results have."""
    reports = [source.report() for source in sources]
    if file is None or not file.exists():
        return [source.view(report, None) for source, report in zip(sources, reports, strict=True)]
    names = [source.state.identity.path_from(file.resolve().parent) for source in sources]
    courses = results.read(file, names)
    # A run on some entries leaves a report on these; after a move to another machine there is none.
    lacking = {
        name: source.entries
        for name, source, report in zip(names, sources, reports, strict=True)
        if not (report and judge.is_complete(report, source.entries))
    }
    recorded = results.states(file, lacking) if lacking else {}
    return [
        source.view(source.completed(report, recorded.get(name)), courses.get(name))
        for name, source, report in zip(names, sources, reports, strict=True)
    ]


def _check_folder(folder: Path) -> None:
    """Check that the folder contains only enrich's dashboards.

    Raises:
        EnrichError: It contains other files, or is not a folder.
    """
    if folder == STREAM:
        raise EnrichError("-o -: a dashboard cannot be written to standard output; pass a folder")
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
