"""`enrich validate`: read catalogs, their lists and the settings strictly; nothing is requested or written."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path

from enrich import catalog as catalogs
from enrich.catalog import Catalog, CatalogError, MirroredList
from enrich.commands import CLEAN, FINDINGS
from enrich.commands.inputs import catalog_paths
from enrich.commands.mirrors import Mirror, list_path, read_list
from enrich.commands.printing import print_lines
from enrich.commands.terminal import say
from enrich.commands.workspace import Workspace
from enrich.judge import as_written
from enrich.judge.as_written import Problem
from enrich.model import EnrichError
from enrich.report.summary import number
from enrich.settings import SettingsError

_PLACE = re.compile(r"(?P<file>.*?):(?P<line>[0-9]+)(?::[0-9]+)?: ", re.ASCII)


def execute(arguments: Namespace) -> int:
    """Print each mistake as `file:line: what to correct`; exit with 1 if there are any."""
    paths = catalog_paths(arguments.catalogs)
    for path in paths:
        if not path.is_file():
            raise EnrichError(
                f"{path}: file not found; pass the catalog's path or create one with `enrich import LIST`"
            )
    found = list(_of_settings(arguments, paths))
    for path in paths:
        found += _of_catalog(arguments, path)
    lines = list(dict.fromkeys(found))
    print_lines(*sorted(lines, key=_order))
    if lines:
        say(arguments, number(len(lines), "problem"))
    return FINDINGS if lines else CLEAN


def _of_settings(arguments: Namespace, paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        try:
            Workspace.of(arguments, path)
        except SettingsError as error:
            yield from str(error).splitlines()


def _of_catalog(arguments: Namespace, path: Path) -> Iterator[str]:
    try:
        catalog = catalogs.load(path)
    except CatalogError as error:
        yield from str(error).splitlines()
        return
    unread = [text for each in catalog.lists if (text := _unreadable(catalog, each))]
    mirror = Mirror(catalog) if unread else Mirror.of(catalog)
    written = {entry.key: {link.url for link in entry.links} for entry in catalog.entries}
    found = [*catalog.warnings, *unread]
    found += [_worded(problem, mirror, written) for problem in as_written.problems(mirror.catalog.entries)]
    for conflict in mirror.conflicts:
        one, two = conflict.titles
        found.append(f'{conflict.places[-1]}: {conflict.identifier} is given to two papers: "{one}" and "{two}"')
    yield from found
    if not found:
        counts = [number(len(catalog.entries), "entry", "entries")]
        counts += [number(len(catalog.lists), "list")] if catalog.lists else []
        say(arguments, f"{path}: {', '.join(counts)}, no problems")


def _worded(problem: Problem, mirror: Mirror, written: Mapping[str, Container[str]]) -> str:
    """Return a line for a problem: at its place in the catalog, else in the list where a run would take it from.

    Args:
        problem: What to correct.
        mirror: The catalog with what is new in its lists.
        written: The URLs of the entries that are in the catalog's file, by their keys.
    """
    is_written = problem.entry in written and (problem.url is None or problem.url in written[problem.entry])
    listed = mirror.places.items.get(problem.entry)
    if problem.url:
        listed = mirror.places.of_link(problem.url, [problem.entry])
    if not is_written:
        return f"{listed or problem.place}: {problem.message}"
    return f"{problem.place}: {problem.message}{f' (in the list: {listed})' if listed else ''}"


def _unreadable(catalog: Catalog, mirrored: MirroredList) -> str | None:
    """Return what is wrong with a list as a whole."""
    try:
        read_list(list_path(catalog.path, mirrored.path), mirrored.base_url)
    except EnrichError as error:
        return f"{mirrored.place}: {error}"
    return None


def _order(line: str) -> tuple[str, int]:
    match = _PLACE.match(line)
    return (match["file"], int(match["line"])) if match else ("", 0)
