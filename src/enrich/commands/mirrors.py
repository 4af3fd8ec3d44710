"""Read the lists that a catalog mirrors before a run, only from inside the catalog's repository."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from urllib.parse import urljoin

from enrich import catalog as catalogs
from enrich import links, lists
from enrich.catalog import Catalog, MirroredList
from enrich.commands.relative_links import repository_root
from enrich.commands.terminal import read_text
from enrich.identifiers import normalise_url
from enrich.lists import ListPlaces
from enrich.model import EnrichError, Entry, Report

LARGEST_LIST = 5_000_000
"""Bytes; the largest lists of links on GitHub have 2 MB, and reading takes a minute for 200,000 items."""

_MOST_NAMED = 10
_NO_PLACES = ListPlaces({}, {}, {})


@dataclass(frozen=True, slots=True)
class Mirror:
    """A catalog with the new items of its lists, the paths of the lists, and the places in them."""

    catalog: Catalog
    paths: tuple[Path, ...] = ()
    places: ListPlaces = _NO_PLACES
    notes: tuple[str, ...] = field(default=())
    conflicts: tuple[lists.Conflict, ...] = field(default=())
    accepted: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def at(cls, path: Path) -> Mirror:
        """Load a catalog, then do the same as `of`.

        Raises:
            EnrichError: As `of`, or the catalog cannot be read.
        """
        return cls.of(catalogs.load(path))

    @classmethod
    def of(cls, catalog: Catalog) -> Mirror:
        """Read the lists of a catalog and merge new items, in memory.

        Raises:
            EnrichError: A list is missing, cannot be read, or is outside the catalog's repository.
        """
        if not catalog.lists:
            return cls(catalog)
        paths = list_paths(catalog)
        read = []
        unread: list[str] = []
        accepted: dict[str, str] = {}
        for each, path in zip(catalog.lists, paths, strict=True):
            try:
                text = read_list_text(path)
                read.append(lists.read_any(text, str(path), each.base_url))
            except EnrichError as error:
                raise EnrichError(f"{each.place}: {error}") from None
            unread += lists.unread(text, str(path))
            for url, reason in links.ignored_urls(text, str(path)).items():
                accepted[normalise_url(urljoin(each.base_url or "", url))] = reason
        found = lists.merge(catalog.entries, read)
        grown = catalogs.with_additions(catalog, found.new, found.links)
        return cls(
            grown,
            tuple(paths),
            ListPlaces.of(found.items),
            (*unread, *_news(found)),
            found.conflicts,
            {
                (entry.key, link.url): reason
                for entry in (grown.entries if accepted else ())
                for link in entry.links
                for reason in [accepted.get(normalise_url(link.url))]
                if reason
            },
        )

    def placed(self, report: Report) -> Report:
        """Return the report with the places of its links and findings in the lists."""
        return self.places.placed(report) if self.paths else report

    def gone(self, last: Report) -> Iterator[str]:
        """Yield a note about links of the last run that are only in the catalog now."""
        listed = {row.check.url for row in last.links if row.list_place}
        gone = [
            (entry, [link for link in entry.links if self._is_gone(entry, link.url, listed)])
            for entry in self.catalog.entries
        ]
        names = [
            f"{entry.label} ({entry.place})" if len(links) == len(entry.links) else f"{link.url} ({link.place})"
            for entry, links in gone
            for link in links
        ]
        if names:
            where = ", ".join(map(str, self.paths))
            yield (
                f"No longer in {where}, but still in {self.catalog.path}: {_some(dict.fromkeys(names))}. "
                "Remove there what you no longer want."
            )

    def has_own_links(self) -> bool:
        """Whether the catalog has links that are in none of its lists."""
        return bool(self.paths) and any(
            self.places.of_link(link.url, [entry.key]) is None for entry in self.catalog.entries for link in entry.links
        )

    def _is_gone(self, entry: Entry, url: str, listed: set[str]) -> bool:
        return url in listed and self.places.of_link(url, [entry.key]) is None


def read_list_text(path: Path) -> str:
    """Return the text of a list.

    Raises:
        EnrichError: It cannot be read.
    """
    if path.exists() and not path.is_file():
        raise EnrichError(f"{path}: not a file; name a list")
    return read_text(path, LARGEST_LIST)


def read_list(path: Path, base_url: str | None = None) -> tuple[Entry, ...]:
    """Return the entries of a list in any format that `import` reads.

    Raises:
        EnrichError: It cannot be read.
    """
    return lists.read_any(read_list_text(path), str(path), base_url)


def list_paths(catalog: Catalog) -> list[Path]:
    """Return the paths of the lists that a catalog mirrors.

    Raises:
        EnrichError: One of them is not a list in the repository of the catalog.
    """
    paths = []
    for each in catalog.lists:
        try:
            paths.append(list_path(catalog.path, each.path))
        except EnrichError as error:
            raise EnrichError(f"{each.place}: {error}") from None
    return paths


def list_path(catalog: Path, name: str) -> Path:
    """Return the path of a list that a catalog names, which anyone may have written there.

    Raises:
        EnrichError: It is not a list in the repository of the catalog.
    """
    folder = os.path.realpath(catalog.parent)
    root = Path(repository_root(folder))
    is_hostile = "\0" in name or PurePath(name).is_absolute()
    real = Path(os.path.realpath(folder if is_hostile else Path(folder, name)))
    inside = real.relative_to(root).parts if real.is_relative_to(root) else ()
    if is_hostile or not inside:
        raise EnrichError(f"{name}: outside the repository; a catalog mirrors lists of its own repository")
    if ".git" in inside or not lists.has_list_suffix(real.name):
        raise EnrichError(f"{name}: not a list; a catalog mirrors Markdown, BibTeX, CSL-JSON and CSV files")
    shown = Path(os.path.normpath(catalog.parent / name))
    return shown if os.path.realpath(shown) == str(real) else catalog.parent / name


def names_for(catalog: Path, paths: Sequence[Path], base_urls: dict[Path, str]) -> list[MirroredList]:
    """Return lists as a catalog names them.

    Raises:
        EnrichError: One of them cannot be mirrored there.
    """
    folder = os.path.realpath(catalog.parent)
    named = []
    for path in paths:
        name = PurePath(os.path.relpath(os.path.realpath(path.parent), folder), path.name).as_posix()
        list_path(catalog, name)
        named.append(MirroredList(name, base_urls.get(path)))
    return named


def _news(found: lists.Import) -> Iterator[str]:
    keys = [entry.key for entry in found.new]
    if keys:
        yield f"{len(keys)} new {'entry' if len(keys) == 1 else 'entries'} from the lists: {_some(keys)}."
    if found.links:
        added = sum(map(len, found.links.values()))
        yield f"{added} new {'link' if added == 1 else 'links'} from the lists, in {_some(found.links)}."
    for conflict in found.conflicts:
        one, two = conflict.titles
        places = " and ".join(map(str, conflict.places))
        yield f'Please check: {conflict.identifier} is given to two papers: "{one}" and "{two}" ({places}).'


def _some(names: Iterable[str]) -> str:
    given = list(names)
    more = len(given) - _MOST_NAMED
    return ", ".join(given[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
