"""Determine whose history a file is: a catalog knows its own by the path in it, or by the links in it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from enrich.history import History
from enrich.model import Entry


@dataclass(frozen=True, slots=True)
class CatalogIdentity:
    """What a history is compared with: the catalog's real path, the URLs of its links, the keys of its entries."""

    path: Path
    entries: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, catalog: Path, entries: Iterable[Entry] = ()) -> CatalogIdentity:
        """Return the identity of a catalog, regardless of symbolic links to it."""
        return cls(Path(os.path.realpath(catalog)), tuple(entries))

    # Neither is stored: they are used once, and large for a long list.

    @property
    def urls(self) -> AbstractSet[str]:
        """The URLs of the catalog's links."""
        return {link.url for entry in self.entries for link in entry.links}

    @property
    def keys(self) -> AbstractSet[str]:
        """The keys of its entries."""
        return {entry.key for entry in self.entries}

    def path_from(self, folder: Path) -> str:
        """Return the catalog's path relative to a folder, so that both can be moved together."""
        try:
            return Path(os.path.relpath(self.path, folder.resolve())).as_posix()
        except ValueError:  # on another drive
            return self.path.as_posix()

    def is_path_in(self, history: History, file: Path) -> bool:
        """Whether the history names this catalog."""
        return history.catalog == self.path_from(file.resolve().parent)

    def has_most_of(self, urls: AbstractSet[str]) -> bool:
        """Whether the catalog has more than half of these URLs."""
        return 2 * len(self.urls & urls) > len(urls)

    def is_stranger_to(self, history: History) -> bool:
        """Whether the catalog and the history have nothing in common, although neither is empty.

        Two containers may have two catalogs at the same path, with one cache.
        """
        urls = remembered_urls(history)
        keys = {*history.entries, *(finding.entry for finding in history.findings.values() if finding.entry)}
        both_hold = bool(self.keys) and bool(urls or keys)
        return both_hold and not (self.urls & urls or self.keys & keys)

    def may_use(self, history: History, file: Path) -> bool:
        """Whether a history file that the user named belongs to this catalog, or to none yet."""
        urls = remembered_urls(history)
        if not urls or self.is_path_in(history, file):
            return True
        return self.has_most_of(urls) and (not _has_catalog(history, file) or self._is_mostly_in(urls))

    def was_moved_from(self, history: History, file: Path) -> bool:
        """Whether the history belongs to a catalog that was moved from its path and, by its links, is this one."""
        if history.catalog is None or _has_catalog(history, file):
            return False
        # If a whole checkout was moved, as in CI, the catalog itself may be beside us.
        name = Path(history.catalog).name
        if name != self.path.name and self.path.with_name(name).exists():
            return False
        urls = remembered_urls(history)
        return self.has_most_of(urls) and self._is_mostly_in(urls)

    def likeness(self, history: History) -> tuple[bool, int]:
        """Return what ranks several histories: the same file name, then the number of common URLs."""
        same_name = history.catalog is not None and Path(history.catalog).name == self.path.name
        return same_name, len(self.urls & remembered_urls(history))

    def _is_mostly_in(self, urls: AbstractSet[str]) -> bool:
        return 2 * len(self.urls & urls) > len(self.urls)


def remembered_urls(history: History) -> set[str]:
    """Return the URLs in a history."""
    return {*history.links, *(finding.url for finding in history.findings.values() if finding.url)}


def _has_catalog(history: History, file: Path) -> bool:
    """Whether there is a catalog at the path in the history."""
    return history.catalog is not None and (file.resolve().parent / history.catalog).exists()
