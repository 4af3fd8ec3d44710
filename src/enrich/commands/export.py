"""`enrich export`: the catalog in the formats of other tools."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from enrich import catalog, files
from enrich.commands import CLEAN
from enrich.commands.import_ import LARGEST_LIST
from enrich.commands.terminal import check_outputs, print_diff, put, read_bytes
from enrich.export import FORMATS, KEYS, updated
from enrich.model import EnrichError
from enrich.text.suggestions import hint


def execute(arguments: Namespace) -> int:
    """Prints the catalog for other tools."""
    if arguments.format not in FORMATS:
        raise EnrichError(f"unknown export format {arguments.format!r}; {hint(arguments.format, FORMATS)}")
    if arguments.keys not in KEYS:
        raise EnrichError(f"unknown kind of keys {arguments.keys!r}; {hint(arguments.keys, KEYS)}")
    if arguments.update:
        return _update(arguments)
    if arguments.only:
        raise EnrichError("--only goes with --update FILE")
    check_outputs([arguments.output], [arguments.catalog])
    put(arguments.output, FORMATS[arguments.format](catalog.load(arguments.catalog).entries, arguments.keys))
    return CLEAN


def _update(arguments: Namespace) -> int:
    """Bring a BibTeX file up to date in place."""
    path: Path = arguments.update
    if arguments.format != "bibtex" or arguments.output:
        raise EnrichError("--update rewrites a BibTeX file in place; leave out -o and any other --format")
    only = [word.strip() for flag in arguments.only for word in flag.split(",") if word.strip()]
    before = read_bytes(path, LARGEST_LIST)
    # Bytes that are not UTF-8 come back as they were.
    text = before.decode("utf-8", "surrogateescape")
    after = updated(text, catalog.load(arguments.catalog).entries, only)
    if arguments.dry_run:
        print_diff(text, after, path)
    elif after != text:
        files.write(path, files.encoded(after, "surrogateescape"))
    return CLEAN
