"""`enrich fix`: apply the permanent redirects, and clean titles, that the last run or check found."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from enrich import catalog as catalogs
from enrich import links
from enrich.catalog import Catalog
from enrich.commands import CLEAN
from enrich.commands.clean_titles import clean_titles, unwrapped
from enrich.commands.inputs import DEFAULT_CATALOG, catalog_paths, load_all
from enrich.commands.list_files import ListFix
from enrich.commands.mirrors import list_paths
from enrich.commands.printing import print_lines
from enrich.commands.state import CatalogState
from enrich.commands.terminal import print_diff, say
from enrich.commands.workspace import Workspace
from enrich.model import EnrichError, Entry, Finding, Link, LinkReport, Report, Verdict

_MOVES = ("moved-link", "renamed-repository")
_REACHED = (Verdict.OK, Verdict.MOVED, Verdict.BROKEN)


@dataclass(frozen=True, slots=True)
class _Fix:
    """What will be replaced in one catalog, and what stays, with the reasons."""

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
        """Return the catalog's text with all replacements."""
        urls = {link.place: self.moved[link.url] for link in self.replaced if link.place}
        return catalogs.with_scalars(self.catalog, urls, {entry.key: title for entry, title in self.titles})


def execute(arguments: Namespace) -> int:
    """Write the permanent redirects of the last run into the links and, with `--titles`, clean titles."""
    paths = catalog_paths(arguments.catalogs)
    _, own = Workspace.of_all(arguments, paths)
    workspaces = dict(zip(paths, own, strict=True))
    of_catalogs = [path for path in paths if _is_catalog(path)]
    fixes = [
        _fix(catalog, _last_reports(workspaces[path], path, catalog.entries), with_titles=arguments.titles)
        for path, catalog in zip(of_catalogs, load_all(of_catalogs), strict=True)
    ]
    of_lists = list(_list_fixes(fixes, {path: workspaces[path] for path in paths if not _is_catalog(path)}))
    # All texts are created before the first file is written.
    texts = [fix.text() for fix in fixes]
    for fix, after in zip(fixes, texts, strict=True):
        if arguments.dry_run:
            print_diff(fix.catalog.text, after, fix.catalog.path)
    for each in of_lists:
        if arguments.dry_run:
            print_diff(each.before, each.after, each.file.path)
        else:
            each.check_writable()
    for fix, after in [] if arguments.dry_run else zip(fixes, texts, strict=True):
        catalogs.save(fix.catalog, after)
    for each in [] if arguments.dry_run else of_lists:
        each.save()
    for fix in fixes:
        _print(arguments, fix)
    for each in of_lists:
        _print_list(arguments, each)
    _print_sums(arguments, fixes, of_lists)
    if not getattr(arguments, "quiet", False):
        _print_next(arguments, fixes, of_lists)
    return CLEAN


def fix_some(arguments: Namespace, path: Path, report: Report, findings: Sequence[Finding]) -> None:
    """Write what some findings of a report propose into the catalog and its lists, under the rules of `enrich fix`.

    Raises:
        EnrichError: A file cannot be read or written.
    """
    urls = {finding.url for finding in findings if finding.rule in _MOVES}
    keys = {finding.entry for finding in findings if finding.replacement}
    catalog = catalogs.load(path)
    whole = _fix(catalog, [report], with_titles=bool(keys))
    fix = replace(
        whole,
        moved={url: new for url, new in whole.moved.items() if url in urls},
        refused={url: why for url, why in whole.refused.items() if url in urls},
        titles=[(entry, title) for entry, title in whole.titles if entry.key in keys],
        titles_left=[(entry, why) for entry, why in whole.titles_left if entry.key in keys],
    )
    of_lists = list(_list_fixes([fix], {}))
    after = fix.text()
    for each in of_lists:
        each.check_writable()
    catalogs.save(catalog, after)
    for each in of_lists:
        each.save()
    _print(arguments, fix)
    for each in of_lists:
        _print_list(arguments, each)


def _is_catalog(path: Path) -> bool:
    return path.suffix.lower() in (".yaml", ".yml", ".json")


def _last_reports(workspace: Workspace, path: Path, entries: Iterable[Entry]) -> list[Report]:
    return CatalogState.find(workspace, path, entries).last_reports()


def _fix(catalog: Catalog, reports: Sequence[Report], *, with_titles: bool) -> _Fix:
    moved, refused = _moves(_together(reports))
    titles, left = clean_titles(catalog, reports) if with_titles else ([], [])
    return _Fix(catalog, moved, refused, titles, left)


def _together(reports: Sequence[Report]) -> Report:
    """Return reports as one: a link has the verdict of the last report that reached it."""
    rows: dict[str, LinkReport] = {}
    for row in (row for report in reports for row in report.links):
        if row.check.url not in rows or row.check.verdict in _REACHED:
            rows[row.check.url] = row
    accepted = tuple(each for report in reports for each in report.accepted)
    return replace(reports[-1], links=tuple(rows.values()), accepted=accepted)


def _list_fixes(fixes: Sequence[_Fix], named: Mapping[Path, Workspace]) -> Iterator[ListFix]:
    """Yield the changes for the lists that catalogs mirror and for the named lists, each list once."""
    wanted: dict[str, tuple[Path, dict[str, str], dict[str, str]]] = {}

    def add(path: Path, moved: Mapping[str, str], titles: Mapping[str, str]) -> None:
        _, all_moved, all_titles = wanted.setdefault(os.path.realpath(path), (path, {}, {}))
        all_moved.update(moved)
        all_titles.update(titles)

    for fix in fixes:
        for path in list_paths(fix.catalog):
            add(path, fix.moved, {unwrapped(entry.title): title for entry, title in fix.titles})
    for path, workspace in named.items():
        state = CatalogState.of_list(workspace, path)
        if state.has_report():
            add(path, _moves(state.last_report())[0], {})
        elif os.path.realpath(path) not in wanted:
            raise _no_report(path)
    for path, moved, titles in wanted.values():
        yield ListFix.of(path, moved, titles)


def _no_report(path: Path) -> EnrichError:
    if not path.exists():
        return EnrichError(f"{path}: file not found; check the path")
    catalog = path.with_name(DEFAULT_CATALOG)
    if catalog.exists() and path.name in (each.path for each in catalogs.load(catalog).lists):
        return EnrichError(
            f"{path}: no check yet, but {catalog} mirrors it; run `enrich fix {catalog}`, which writes to both"
        )
    return EnrichError(f"{path}: no check yet; run `enrich check {path}` first, or pass the same --cache-dir")


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


def _print_list(arguments: Namespace, fix: ListFix) -> None:
    for link in fix.rewritten.done:
        print_lines(f"{link.place}: {link.old} -> {link.new}")
    for title in fix.retitled.done:
        print_lines(f"{title.place}: {title.old} -> {title.new}")
    for place, url in fix.rewritten.left:
        say(arguments, f"{place}: unchanged: the new URL of {url} cannot be written there")
    for place in fix.retitled.left:
        say(arguments, f"{place}: title unchanged: not written there in one piece")


def _print_sums(arguments: Namespace, fixes: Sequence[_Fix], of_lists: Sequence[ListFix]) -> None:
    would = "would be " if arguments.dry_run else ""
    count = sum(len(fix.replaced) for fix in fixes) + sum(len(each.rewritten.done) for each in of_lists)
    print_lines(f"{count} link{'' if count == 1 else 's'} {would}replaced")
    if arguments.titles:
        titles = sum(len(fix.titles) for fix in fixes) + sum(len(each.retitled.done) for each in of_lists)
        print_lines(f"{titles} title{'' if titles == 1 else 's'} {would}replaced")


def _print_next(arguments: Namespace, fixes: Sequence[_Fix], of_lists: Sequence[ListFix]) -> None:
    names = [str(fix.catalog.path) for fix in fixes if fix.replaced or fix.titles]
    names += [str(each.file.path) for each in of_lists if each.after != each.before]
    if names and arguments.dry_run:
        print_lines("→ run it without --dry-run to write this")
    elif names:
        print_lines(f"→ git diff {' '.join(names)} (what was written)")


def _moves(report: Report) -> tuple[dict[str, str], dict[str, str]]:
    """Return the new URL of each moved link, and why others are not replaced.

    The report is only a file: an earlier version, or another program, may have written it.
    """
    accepted = {each.finding.url for each in report.accepted if each.finding.rule in _MOVES}
    checks = {row.check.url: row.check for row in report.links}
    proposed = {
        url: check.new_url
        for url, check in checks.items()
        if check.verdict is Verdict.MOVED and check.new_url and url not in accepted
    }
    settled = links.settled_moves(checks)
    moved = {url: new for url, new in proposed.items() if settled[url].verdict is Verdict.MOVED}
    return moved, {
        url: links.refusal(url, new) or "the same page as other links"
        for url, new in proposed.items()
        if url not in moved
    }
