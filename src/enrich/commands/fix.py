"""`enrich fix`: apply the permanent redirects, and clean titles, that the last run found."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from enrich import catalog as catalogs
from enrich.catalog import Catalog
from enrich.commands import CLEAN
from enrich.commands.clean_titles import clean_titles, unwrapped
from enrich.commands.inputs import catalog_paths, load_all
from enrich.commands.printing import print_lines
from enrich.commands.state import CatalogState
from enrich.commands.terminal import print_diff, say
from enrich.commands.workspace import Workspace
from enrich.links import refusal, settled_moves
from enrich.model import Entry, Link, Report, Verdict


@dataclass(frozen=True, slots=True)
class _Fix:
    """What is to be replaced in one catalog, and what is left alone, each with the reason."""

    catalog: Catalog
    moved: Mapping[str, str]
    refused: Mapping[str, str]
    titles: Sequence[tuple[Entry, str]]
    titles_left: Sequence[tuple[Entry, str]]

    @property
    def links(self) -> list[Link]:
        """The links of the catalog in its order."""
        return [link for entry in self.catalog.entries for link in entry.links]

    @property
    def replaced(self) -> list[Link]:
        """The links that get a new URL."""
        return [link for link in self.links if link.url in self.moved and link.place]

    def text(self) -> str:
        """Return the catalog's text with everything replaced."""
        urls = {link.place: self.moved[link.url] for link in self.replaced if link.place}
        return catalogs.with_scalars(self.catalog, urls, {entry.key: title for entry, title in self.titles})


def execute(arguments: Namespace) -> int:
    """Write the permanent redirects of the last run into the links, and with `--titles` clean titles."""
    paths = catalog_paths(arguments.catalogs)
    _, own = Workspace.of_all(arguments, paths)
    fixes = [
        _fix(catalog, CatalogState.find(each, path, catalog.entries).last_report(), with_titles=arguments.titles)
        for catalog, each, path in zip(load_all(paths), own, paths, strict=True)
    ]
    # All texts are made before the first file is written.
    texts = [fix.text() for fix in fixes]
    for fix, after in zip(fixes, texts, strict=True):
        if arguments.dry_run:
            print_diff(fix.catalog.text, after, fix.catalog.path)
        else:
            catalogs.save(fix.catalog, after)
        _print(arguments, fix)
    would = "would be " if arguments.dry_run else ""
    print_lines(f"{sum(len(fix.replaced) for fix in fixes)} links {would}replaced")
    if arguments.titles:
        titles = sum(len(fix.titles) for fix in fixes)
        print_lines(f"{titles} title{'' if titles == 1 else 's'} {would}replaced")
    return CLEAN


def _fix(catalog: Catalog, last: Report, *, with_titles: bool) -> _Fix:
    moved, refused = _moves(last)
    titles, left = clean_titles(catalog, last) if with_titles else ([], [])
    return _Fix(catalog, moved, refused, titles, left)


def _print(arguments: Namespace, fix: _Fix) -> None:
    for link in fix.replaced:
        print_lines(f"{link.place}: {link.url} -> {fix.moved[link.url]}")
    for entry, title in fix.titles:
        print_lines(f"{entry.place}: {unwrapped(entry.title)} -> {title}")
    for link in fix.links:
        if why := fix.refused.get(link.url):
            say(arguments, f"{link.place}: unchanged: {link.url} leads to {why}")
    for entry, why in fix.titles_left:
        say(arguments, f"{entry.place}: title unchanged: {why}")


def _moves(report: Report) -> tuple[dict[str, str], dict[str, str]]:
    """Return the new address of each link that moved, and why others are not replaced.

    The report is only a file: an earlier version, or somebody else, may have written it.
    """
    checks = {row.check.url: row.check for row in report.links}
    proposed = {url: check.new_url for url, check in checks.items() if check.verdict is Verdict.MOVED and check.new_url}
    settled = settled_moves(checks)
    moved = {url: new for url, new in proposed.items() if settled[url].verdict is Verdict.MOVED}
    return moved, {
        url: refusal(url, new) or "the same page as other links" for url, new in proposed.items() if url not in moved
    }
