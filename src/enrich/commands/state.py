"""The data of one catalog between runs: its history, its last report and its lock, in a folder of its own."""

from __future__ import annotations

import hashlib
import os
import re
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from enrich import files
from enrich import history as past
from enrich.commands import cache_folders
from enrich.commands.locks import LOCK_FILE, run_lock
from enrich.commands.ownership import CatalogIdentity, remembered_urls
from enrich.commands.terminal import read_text, say, write_text
from enrich.commands.workspace import Workspace
from enrich.model import EnrichError, Entry, Report
from enrich.report import as_json

HISTORY, LAST_REPORT, LAST_CHECK = "history.json", "last-report.json", "last-check.json"
_CATALOGS = "catalogs"


@dataclass(frozen=True, slots=True)
class CatalogState:
    """Where the history and the last report of a catalog are.

    Attributes:
        identity: What the catalog knows its history by.
        cache: The folder of answers, which other catalogs may share.
        folder: The folder in it that is this catalog's alone.
        named_history: The history file that a person named, in place of the one in the folder.
        elsewhere: Files of this catalog, by name, that lie where it was before, or where earlier versions left them.
    """

    identity: CatalogIdentity
    cache: Path
    folder: Path
    named_history: Path | None = None
    elsewhere: Mapping[str, Path] = field(default_factory=dict)

    @classmethod
    def find(cls, workspace: Workspace, catalog: Path, entries: Iterable[Entry] = ()) -> CatalogState:
        """Find the data of a catalog; nothing is moved or written.

        Raises:
            EnrichError: The folder leads out of the cache by a symbolic link.
        """
        identity = CatalogIdentity.of(catalog, entries)
        folder = _folder(workspace.cache, identity)
        is_kept = (folder / (LAST_REPORT if workspace.named_history else HISTORY)).exists()
        elsewhere = {} if is_kept else _elsewhere(identity, workspace.cache, workspace.other_caches)
        if workspace.named_history:
            elsewhere.pop(HISTORY, None)
        return cls(identity, workspace.cache, folder, workspace.named_history, elsewhere)

    @classmethod
    def of_list(cls, workspace: Workspace, path: Path) -> CatalogState:
        """Find the data of a checked list: its last report, and no history.

        Raises:
            EnrichError: The folder leads out of the cache by a symbolic link.
        """
        identity = CatalogIdentity.of(path)
        return cls(identity, workspace.cache, _folder(workspace.cache, identity))

    @property
    def history(self) -> Path:
        """The history file, if there is one."""
        return self.named_history or self._present(HISTORY)

    @contextmanager
    def held(self, catalog: Path) -> Iterator[None]:
        """Lock the catalog against other runs while the block runs, and move its files to their place.

        Raises:
            EnrichError: Another run is at work on it, or the folder cannot be written.
        """
        cache_folders.make(self.cache)
        with run_lock(self.folder, catalog):
            self._adopt()
            yield

    def _adopt(self) -> None:
        # The history comes last: once it exists, nothing else is searched for.
        for name in (LAST_REPORT, HISTORY):
            if source := self.elsewhere.get(name):
                try:
                    self.folder.mkdir(parents=True, exist_ok=True)
                    with suppress(FileNotFoundError):  # another run was faster
                        files.write(self.folder / name, [source.read_bytes()], follow_link=False)
                    _remove(source)
                except OSError as error:
                    raise EnrichError(f"{source}: cannot be moved to {self.folder} ({error.strerror})") from None

    def remembered(self, arguments: Namespace) -> past.History:
        """Return the findings of earlier runs.

        Raises:
            EnrichError: The history cannot be read, or belongs to another catalog.
        """
        if self.named_history and self.named_history.is_symlink() and not self.named_history.exists():
            raise EnrichError(f"{self.named_history}: a symbolic link to a missing file; pass that file to --history")
        history, warning = past.load(self.history, is_own=self.named_history is None)
        if self.named_history and not self.identity.may_use(history, self.named_history):
            owner = f" ({history.catalog})" if history.catalog else ""
            raise EnrichError(
                f"{self.named_history}: the history of another catalog{owner}, not of {self.identity.path.name}; "
                "choose another file with --history"
            )
        if warning:
            say(arguments, warning)
        return history

    def check_writable(self) -> None:
        """Check, before anything is asked, that the results of a run can be saved.

        Raises:
            EnrichError: The folder of the history, or that of the last report, cannot be written.
        """
        history = self.named_history or self.folder / HISTORY
        for path, flag in ((history, "--history"), (self.folder / LAST_REPORT, "--cache-dir")):
            parent = next(parent for parent in path.absolute().parents if parent.exists())
            if not os.access(parent, os.W_OK | os.X_OK):
                raise EnrichError(
                    f"{path}: cannot be written (no permission in {parent}); choose another location with {flag}"
                )

    def keep(self, report: Report, history: past.History) -> None:
        """Save a run for the next one, and for `report` and `fix`; each file is written even if the other fails.

        Raises:
            EnrichError: One of the two files cannot be written, or both.
        """
        failures = []
        path = self.named_history or self.folder / HISTORY
        recorded = replace(history, catalog=self.identity.path_from(path.resolve().parent))
        try:
            past.save(path, recorded, is_own=self.named_history is None)
        except EnrichError as error:
            failures.append(str(error))
        try:
            write_text(self.folder / LAST_REPORT, as_json.json_chunks(report), follow_link=False)
        except EnrichError as error:
            failures.append(str(error))
        if failures:
            raise EnrichError("\n".join(failures))

    def keep_check(self, report: Report, name: str = LAST_REPORT) -> None:
        """Save the report of a check for `fix`; for a catalog as `LAST_CHECK`, beside the last run's.

        Raises:
            EnrichError: It cannot be written.
        """
        cache_folders.make(self.cache)
        write_text(self.folder / name, as_json.json_chunks(report), follow_link=False)

    def has_report(self) -> bool:
        """Whether there is a report of a run or a check."""
        return self._present(LAST_REPORT).exists()

    def last_reports(self) -> list[Report]:
        """Return the reports of the last run on the catalog and of the last check of it, the later one last.

        Raises:
            EnrichError: There was none.
        """
        check = self.folder / LAST_CHECK
        checks = [as_json.read(read_text(check), str(check))] if check.exists() else []
        runs = [self.last_report()] if self.has_report() or not checks else []
        return sorted([*runs, *checks], key=lambda report: report.finished)

    def last_report(self) -> Report:
        """Return the report of the last run on the catalog.

        Raises:
            EnrichError: There was none.
        """
        path = self._present(LAST_REPORT)
        if not path.exists():
            command = "run" if self.identity.path.suffix.lower() in (".yaml", ".yml", ".json") else "check"
            raise EnrichError(
                f"{path}: no report yet on {self.identity.path.name}; run `enrich {command}` on it first, "
                "name another catalog, or pass the same --cache-dir"
            )
        return as_json.read(read_text(path), str(path))

    def _present(self, name: str) -> Path:
        path = self.folder / name
        return path if path.exists() else self.elsewhere.get(name, path)


def _folder(cache: Path, identity: CatalogIdentity) -> Path:
    """Return the catalog's folder in a cache, named by its relative path: both can be moved together."""
    stem = re.sub(r"[^A-Za-z0-9._-]", "-", identity.path.stem)[:40]
    way = identity.path_from(cache).encode("utf-8", "surrogateescape")
    name = f"{stem}-{hashlib.sha256(way).hexdigest()[:12]}"
    number, folder = 1, cache / _CATALOGS / name
    while (known := past.peek(folder / HISTORY)) and identity.is_stranger_to(known):
        number += 1
        folder = folder.with_name(f"{name}-{number}")
    check_inside(folder, cache)
    return folder


def check_inside(folder: Path, cache: Path) -> None:
    """Check that a folder of the cache is inside it.

    Raises:
        EnrichError: A symbolic link leads out of it.
    """
    with suppress(OSError, RuntimeError):  # RuntimeError: a loop of links
        if folder.resolve().is_relative_to(cache.resolve()):
            return
    raise EnrichError(f"{folder}: leads out of {cache}; remove the symbolic link, or choose another --cache-dir")


def _elsewhere(identity: CatalogIdentity, cache: Path, others: Sequence[Path]) -> dict[str, Path]:
    """Return the catalog's files by name: in another cache, under its old path, or from earlier versions."""
    exact = (_files_in(_folder(other, identity)) for other in others)
    earlier = (dict(_of_earlier_version(identity, each)) for each in (cache, *others))
    return next((found for found in (*exact, _moved(identity, cache), *earlier) if found), {})


def _moved(identity: CatalogIdentity, cache: Path) -> dict[str, Path]:
    """Return the files of the catalog under another path, if there is no catalog there now."""
    likeliest: tuple[tuple[bool, int], Path] | None = None
    for path in sorted((cache / _CATALOGS).glob(f"*/{HISTORY}")):
        known = past.peek(path)
        if known and identity.was_moved_from(known, path):
            likeness = identity.likeness(known)
            likeliest = max(likeliest or (likeness, path.parent), (likeness, path.parent), key=lambda row: row[0])
    return _files_in(likeliest[1]) if likeliest else {}


def _files_in(folder: Path) -> dict[str, Path]:
    return {name: path for name in (HISTORY, LAST_REPORT) if _is_plain(path := folder / name)}


def _of_earlier_version(identity: CatalogIdentity, cache: Path) -> Iterator[tuple[str, Path]]:
    """Return the files of an earlier version in a cache that several catalogs may share, each on its own."""
    report, history = cache / LAST_REPORT, cache / HISTORY
    last: Report | None = None
    if _is_plain(report):
        with suppress(EnrichError):
            last = as_json.read(read_text(report), str(report))
    if last and _is_anothers(last, identity.path):
        return
    if last and identity.has_most_of({row.check.url for row in last.links}):
        yield LAST_REPORT, report
    known = past.peek(history) if _is_plain(history) else None
    if known and known.catalog is None and identity.has_most_of(remembered_urls(known)):
        yield HISTORY, history


def _is_anothers(report: Report, catalog: Path) -> bool:
    """Whether the report is about another catalog beside this one."""
    name = Path(report.catalog or "").name
    return name not in ("", catalog.name) and (other := catalog.with_name(name)).exists() and other.resolve() != catalog


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _remove(source: Path) -> None:
    """Remove a file that was moved, and its folder if only the lock remains."""
    with suppress(OSError):
        source.unlink(missing_ok=True)
        if source.parent.parent.name == _CATALOGS and {path.name for path in source.parent.iterdir()} <= {LOCK_FILE}:
            (source.parent / LOCK_FILE).unlink(missing_ok=True)
            source.parent.rmdir()
