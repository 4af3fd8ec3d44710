"""`enrich import` and `enrich export`: lists in, the catalog out to other tools."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from enrich import catalog, lists
from enrich.commands import CLEAN
from enrich.commands.printing import print_lines
from enrich.commands.terminal import check_outputs, print_diff, put, read_text
from enrich.export import EXPORTS
from enrich.model import EnrichError

LARGEST_LIST = 5_000_000
"""Bytes; the largest lists of links on GitHub have 2 MB, and reading takes a minute for 200,000 items."""


def import_lists(arguments: Namespace) -> int:
    """Turns lists into a catalog, or merges them into the one that is there."""
    bases = _base_urls(arguments.base_url, arguments.lists)
    read = [lists.read(read_text(path, LARGEST_LIST), str(path), bases.get(path)) for path in arguments.lists]
    known = catalog.load(arguments.output) if arguments.output.exists() else None
    merged = lists.merge(known.entries if known else (), read)
    before = known.text if known else ""
    after = catalog.with_entries(known, merged.new, merged.links) if known else catalog.new_text(merged.new)
    if arguments.dry_run:
        print_diff(before, after, arguments.output)
    elif known is None:
        catalog.create(arguments.output, after)
    elif after != before:
        catalog.save(known, after)
    for path, entries in merged.entries_read.items():
        print_lines(f"{path}: {entries} items, {merged.links_read[path]} links")
    for merge in merged.merges:
        if not merge.proven:
            print_lines(f"merged though no identifier proves it: {merge.into} [{merge.key}]: {merge.because}")
    added = sum(len(links) for links in merged.links.values())
    print_lines(f"{arguments.output}: {len(merged.new)} new entries, {added} new links of known entries")
    return CLEAN


def export(arguments: Namespace) -> int:
    """Prints the catalog for other tools."""
    if arguments.format not in EXPORTS:
        raise EnrichError(f"unknown export format {arguments.format!r}; there are {', '.join(EXPORTS)}")
    check_outputs([arguments.output], [arguments.catalog])
    put(arguments.output, EXPORTS[arguments.format](catalog.load(arguments.catalog).entries))
    return CLEAN


def _base_urls(given: Sequence[str], paths: Sequence[Path]) -> dict[Path, str]:
    """The base URL of each list: `URL` for all, `LIST=URL` for one."""
    bases: dict[Path, str] = {}
    for flag in given:
        name, _, url = flag.partition("=")
        own = [path for path in paths if url and name in (str(path), path.name)]
        address = url if own else flag
        if urlsplit(address).scheme not in ("http", "https"):
            raise EnrichError(f"--base-url {flag}: neither a web address nor LIST=URL with one of the lists")
        bases.update(dict.fromkeys(own or paths, address))
    return bases
