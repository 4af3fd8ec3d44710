"""The local checks of `enrich doctor`: the catalog, its lists, git, the settings, keys and snapshots."""

from __future__ import annotations

import json
import os
import shutil
from argparse import Namespace
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from enrich import catalog as catalogs
from enrich import results
from enrich.commands import snapshot
from enrich.commands.inputs import DEFAULT_CATALOG
from enrich.commands.mirrors import list_paths
from enrich.commands.notify import Notifier
from enrich.commands.state import CatalogState
from enrich.commands.workspace import Workspace
from enrich.model import EnrichError
from enrich.report import closing
from enrich.report.summary import number
from enrich.services import SERVICES


class Mark(StrEnum):
    """The state of a checked item: good, bad, needing attention, or neutral."""

    GOOD = "✓"
    BAD = "✗"
    ADVICE = "!"
    PLAIN = "–"


@dataclass(frozen=True, slots=True)
class CheckupLine:
    """One line of the check-up."""

    mark: Mark
    words: str

    def __str__(self) -> str:
        return f"  {self.mark} {self.words}"


def folder_items(workspace: Workspace) -> Iterator[CheckupLine]:
    """Yield the state of the folder's catalog, its lists, its last run and its repository."""
    path = Path(DEFAULT_CATALOG)
    if not path.exists():
        yield CheckupLine(Mark.ADVICE, f"no {path} here: `enrich init` sets up this folder")
    else:
        try:
            catalog = catalogs.load(path)
        except EnrichError as error:
            yield CheckupLine(Mark.BAD, f"{error}; `enrich validate` shows all mistakes")
        else:
            yield from _catalog_items(workspace, catalog)
    yield _git(path)


def _catalog_items(workspace: Workspace, catalog: catalogs.Catalog) -> Iterator[CheckupLine]:
    links = sum(len(entry.links) for entry in catalog.entries)
    sizes = f"{number(len(catalog.entries), 'entry', 'entries')}, {number(links, 'link')}"
    yield CheckupLine(Mark.GOOD, f"{catalog.path}: {sizes}")
    try:
        for path in list_paths(catalog):
            is_there = path.is_file()
            yield CheckupLine(
                Mark.GOOD if is_there else Mark.BAD, f"{path}: {'mirrored' if is_there else 'file not found'}"
            )
    except EnrichError as error:
        yield CheckupLine(Mark.BAD, str(error))
    state = CatalogState.find(workspace, catalog.path, catalog.entries)
    last = None
    with suppress(EnrichError):
        last = state.last_report()
    if last:
        yield CheckupLine(Mark.GOOD, f"last run {last.started[:10]}: {closing.headline(last)}")
    else:
        yield CheckupLine(Mark.PLAIN, f"no run yet: `enrich run {catalog.path}`")


def _git(path: Path) -> CheckupLine:
    root = next((folder for folder in path.absolute().parents if (folder / ".git").exists()), None)
    if root is None:
        return CheckupLine(
            Mark.PLAIN, "not in a Git repository: nothing shows what a run changed, and --since needs one"
        )
    if shutil.which("git") is None:
        return CheckupLine(Mark.ADVICE, f"Git repository {root}, but no git: install it for --since")
    return CheckupLine(Mark.GOOD, f"Git repository {root}")


def setting_items(arguments: Namespace, workspace: Workspace) -> Iterator[CheckupLine]:
    """Yield the settings that differ from the defaults (all with `--verbose`), and advice on missing ones."""
    chosen, origins = workspace.loaded.settings, workspace.loaded.origins
    shown = chosen.model_dump(mode="json")
    for name, value in shown.items():
        if name in origins or getattr(arguments, "verbose", False):
            yield CheckupLine(Mark.PLAIN, f"{name} = {json.dumps(value)}  ({origins.get(name, 'default')})")
    if not origins:
        yield CheckupLine(Mark.PLAIN, "defaults; `enrich doctor -v` lists them")
    if chosen.contact is None:
        yield CheckupLine(
            Mark.ADVICE,
            "no contact: set `contact` or ENRICH_CONTACT to an e-mail address; Crossref then allows more requests",
        )


def key_items(workspace: Workspace) -> Iterator[CheckupLine]:
    """Yield which keys are set, and the consequences of missing ones."""
    for service in SERVICES:
        if service.key is None:
            continue
        if service.key in workspace.keys:
            yield CheckupLine(Mark.GOOD, f"{service.key}: set")
        elif service.needs_key:
            yield CheckupLine(
                Mark.PLAIN, f"{service.key}: not set; {service.title} is not asked without it ({service.docs})"
            )
        else:
            yield CheckupLine(
                Mark.ADVICE,
                f"{service.key}: not set; {service.title} allows fewer requests without it ({service.docs})",
            )


def webhook_items(workspace: Workspace) -> Iterator[CheckupLine]:
    """Yield whether findings can be sent to the webhook in the settings."""
    try:
        notifier = Notifier.of(workspace)
    except EnrichError as error:
        yield CheckupLine(Mark.BAD, str(error))
        return
    if notifier is None:
        return
    if why := notifier.missing_secret:
        yield CheckupLine(Mark.BAD, f"webhook: nothing is sent to {notifier.host}: {why}")
    else:
        yield CheckupLine(Mark.GOOD, f"webhook: new and fixed findings are sent to {notifier.host}")


def _results_items(workspace: Workspace) -> Iterator[CheckupLine]:
    path = workspace.results
    if path is None:
        return
    try:
        results.require_recordable(path)
    except EnrichError as error:
        yield CheckupLine(Mark.BAD, f"results: {error}")
    else:
        yield CheckupLine(Mark.GOOD, f"results: {path}{'' if path.exists() else ' (not created yet)'}")


def storage_items(workspace: Workspace) -> Iterator[CheckupLine]:
    """Yield where the cache, histories and results are, and which snapshots are used."""
    cache = workspace.cache
    parent = next((folder for folder in (cache, *cache.absolute().parents) if folder.exists()), Path("/"))
    if not os.access(parent, os.W_OK | os.X_OK):
        yield CheckupLine(Mark.BAD, f"cache: {cache} cannot be written; fix its permissions or pass --cache-dir")
    else:
        yield CheckupLine(Mark.GOOD, f"cache: {cache}{'' if cache.is_dir() else ' (not created yet)'}")
    history = CatalogState.find(workspace, Path(DEFAULT_CATALOG)).history
    yield CheckupLine(
        Mark.PLAIN, f"history of {DEFAULT_CATALOG}: {history}{'' if history.exists() else ' (not created yet)'}"
    )
    yield from _results_items(workspace)
    for line in snapshot.states(workspace):
        yield CheckupLine(Mark.ADVICE if "not used" in line else Mark.GOOD, line)
