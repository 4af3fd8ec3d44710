"""`enrich import`: import lists into a new catalog, or merge them into an existing one."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from enrich import catalog, lists
from enrich.catalog import MirroredList
from enrich.commands import CLEAN, FINDINGS
from enrich.commands.inputs import DEFAULT_CATALOG
from enrich.commands.mirrors import LARGEST_LIST, names_for
from enrich.commands.printing import print_lines
from enrich.commands.terminal import print_diff, read_text
from enrich.commands.workspace import relax_gc
from enrich.model import EnrichError

MOST_LINES = 20
"""The number of links that are named for each section with untaken links."""


def execute(arguments: Namespace) -> int:
    """Import lists into a new catalog, or merge them into an existing one."""
    relax_gc()
    bases = _base_urls(arguments.base_url, arguments.lists)
    columns = _columns(arguments.map)
    if arguments.mirror and columns:
        raise EnrichError("--map cannot be combined with --mirror; name the columns of the list as enrich does")
    mirrored = names_for(arguments.output, arguments.lists, bases) if arguments.mirror else []
    found = _merged(arguments.lists, bases, columns, arguments.output)
    changed = _write(arguments, found, mirrored)
    _print_summary(found)
    print_lines(f"{arguments.output}: {_news(found.merged)}")
    if changed and not (arguments.dry_run or getattr(arguments, "quiet", False)):
        name = "" if arguments.output == Path(DEFAULT_CATALOG) else f" {arguments.output}"
        print_lines(f"→ enrich run{name} (looks up the papers, checks the links)")
    left_out = bool(found.unread) or any(coverage.left for coverage in found.covered)
    return FINDINGS if arguments.strict and left_out else CLEAN


@dataclass(frozen=True, slots=True)
class _Found:
    """The import of lists into a catalog.

    `known` is the catalog, None if it is new; `empty` are the lists without an item; `covered` has the number of taken
    links per list, and `unread` says in words what could not be read.
    """

    known: catalog.Catalog | None
    merged: lists.Import
    empty: tuple[str, ...]
    covered: tuple[lists.Coverage, ...]
    unread: tuple[str, ...]


def _merged(paths: Sequence[Path], bases: Mapping[Path, str], columns: Mapping[str, str], output: Path) -> _Found:
    """Read lists, and merge their items with the existing catalog.

    Raises:
        EnrichError: A file cannot be read, or no list has an item.
    """
    texts = [read_text(path, LARGEST_LIST) for path in paths]
    read = [lists.read_any(text, str(path), bases.get(path), columns) for path, text in zip(paths, texts, strict=True)]
    empty = tuple(str(path) for path, entries in zip(paths, read, strict=True) if not entries)
    if len(empty) == len(read):
        raise EnrichError(
            f"no items found in {', '.join(empty)}; is it a list of papers in Markdown, BibTeX, CSL-JSON or CSV?"
        )
    known = catalog.load(output) if output.exists() else None
    merged = lists.merge(known.entries if known else (), read)
    covered = tuple(
        lists.cover(text, str(path), entries) for path, text, entries in zip(paths, texts, read, strict=True)
    )
    unread = tuple(line for path, text in zip(paths, texts, strict=True) for line in lists.unread(text, str(path)))
    return _Found(known, merged, empty, covered, unread)


def _write(arguments: Namespace, found: _Found, mirrored: Sequence[MirroredList]) -> bool:
    """Write the catalog, or print the diff; return whether anything in it is new."""
    known, merged = found.known, found.merged
    before = known.text if known else ""
    after = catalog.with_entries(known, merged.new, merged.links) if known else catalog.new_text(merged.new)
    if mirrored:
        after = catalog.with_lists(catalog.parse(after, str(arguments.output)), mirrored)
    if arguments.dry_run:
        print_diff(before, after, arguments.output)
    elif known is None:
        catalog.create(arguments.output, after)
    elif after != before:
        catalog.save(known, after)
    return after != before


def _print_summary(found: _Found) -> None:
    """Print what was read from each list, and what may need attention."""
    for path in found.empty:
        print_lines(f"{path}: no items found")
    for path, entries in found.merged.entries_read.items():
        print_lines(f"{path}: {_number(entries, 'item')}, {_number(found.merged.links_read[path], 'link')}")
    print_lines(*found.unread)
    _print_merges(found.merged)
    _print_coverage(found.covered)


def _news(merged: lists.Import) -> str:
    added = sum(len(links) for links in merged.links.values())
    return f"{_number(len(merged.new), 'new entry', 'new entries')}, {_number(added, 'new link')} of known entries"


def _number(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def _print_merges(merged: lists.Import) -> None:
    """Print a line for each merge without proof, and for each identifier with two titles."""
    for merge in merged.merges:
        if not merge.proven:
            places = " and ".join(str(place) for place in (merge.first, *merge.places) if place)
            print_lines(f"please check: merged 2 items as {merge.into} [{merge.key}]: {merge.because} ({places})")
    for conflict in merged.conflicts:
        one, two = conflict.titles
        places = " and ".join(map(str, conflict.places))
        print_lines(f'please check: the list gives {conflict.identifier} to two papers: "{one}" and "{two}" ({places})')


def _print_coverage(covered: Sequence[lists.Coverage]) -> None:
    """Print how many paper links of each list were taken, and where the others are."""
    for coverage in covered:
        if coverage.links:
            print_lines(f"{coverage.path}: {coverage.links} paper links, {coverage.taken} taken")
        for where, left in lists.by_section(coverage.left):
            print_lines(f"  {len(left)} not taken {where}:")
            for one in left[:MOST_LINES]:
                print_lines(f"    {one.place}: {one.url}")
            if len(left) > MOST_LINES:
                print_lines(f"    and {len(left) - MOST_LINES} more")


def _columns(given: Sequence[str]) -> dict[str, str]:
    """Return the columns named for fields: `title=Title,url=Link`."""
    columns = {}
    for pair in (pair for flag in given for pair in flag.split(",")):
        field, equals, head = pair.partition("=")
        if not equals or not head.strip():
            raise EnrichError(f"--map {pair}: must be FIELD=HEADER, such as title=Title")
        columns[field.strip()] = head.strip()
    return columns


def _base_urls(given: Sequence[str], paths: Sequence[Path]) -> dict[Path, str]:
    """Return the base URL of each list: `URL` for all, `LIST=URL` for one."""
    bases: dict[Path, str] = {}
    for flag in given:
        name, _, url = flag.partition("=")
        own = [path for path in paths if url and name in (str(path), path.name)]
        address = url if own else flag
        if urlsplit(address).scheme not in ("http", "https"):
            raise EnrichError(f"--base-url {flag}: must be a URL, or LIST=URL with one of the lists")
        bases.update(dict.fromkeys(own or paths, address))
    return bases
