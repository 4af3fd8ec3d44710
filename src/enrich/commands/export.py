"""`enrich export`: the catalog in the formats of other tools."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

from enrich import catalog as catalogs
from enrich import files
from enrich.catalog import Catalog
from enrich.commands import CLEAN
from enrich.commands.exact_files import ExactFile
from enrich.commands.inputs import catalog_paths, load_all, names_of
from enrich.commands.mirrors import LARGEST_LIST
from enrich.commands.selection import chosen_keys
from enrich.commands.state import CatalogState
from enrich.commands.terminal import STREAM, check_outputs, output_paths, print_diff, put, write_bytes
from enrich.commands.workspace import Workspace
from enrich.export import EXPORT_MARK, FORMATS, KEYS, SQLITE, Exported, database, updated
from enrich.model import EnrichError, Entry
from enrich.text.suggestions import hint


def execute(arguments: Namespace) -> int:
    """Export the entries of all catalogs to one file, or with `{name}` in its name one file per catalog."""
    known = (*FORMATS, SQLITE)
    if arguments.format not in known:
        raise EnrichError(f"unknown export format {arguments.format!r}; {hint(arguments.format, known)}")
    if arguments.keys not in KEYS:
        raise EnrichError(f"unknown kind of keys {arguments.keys!r}; {hint(arguments.keys, KEYS)}")
    if arguments.update:
        return _update(arguments)
    if arguments.only:
        raise EnrichError("--only requires --update FILE")
    paths = catalog_paths(arguments.catalogs)
    outputs = output_paths(arguments.output, names_of(paths))
    check_outputs(outputs, paths, are_databases=arguments.format == SQLITE)
    if arguments.format == SQLITE:
        return _databases(arguments, paths, outputs)
    loaded = [_standard_input()] if paths == [STREAM] else load_all(paths)
    keys = chosen_keys(loaded, arguments.entry)
    each = [_chosen(catalog, keys) for catalog in loaded]
    for output, entries in zip(outputs, each if len(outputs) > 1 else [list(chain(*each))], strict=True):
        put(output, FORMATS[arguments.format](entries, arguments.keys))
    return CLEAN


def _databases(arguments: Namespace, paths: Sequence[Path], outputs: Sequence[Path | None]) -> int:
    """Write SQLite files, with the verdicts of the last run on each catalog."""
    if None in outputs or STREAM in outputs:
        raise EnrichError("--format sqlite requires -o FILE")
    for place in filter(None, outputs):
        _check_replaceable(place)
    _, own = Workspace.of_all(arguments, paths)
    check_outputs(outputs, (file for each in own for file in each.files), are_databases=True)
    loaded, exported = load_all(paths), []
    keys = chosen_keys(loaded, arguments.entry)
    for path, catalog, workspace in zip(paths, loaded, own, strict=True):
        state = CatalogState.find(workspace, path, catalog.entries)
        report = state.last_report() if state.has_report() else None
        exported.append(Exported(path.as_posix(), _chosen(catalog, keys), report))
    for output, each in zip(outputs, [[one] for one in exported] if len(outputs) > 1 else [exported], strict=True):
        if output:
            write_bytes(output, [database(each)])
    return CLEAN


def _check_replaceable(output: Path) -> None:
    """Check that no other database would be replaced: a wrong name could delete a year of results.

    Raises:
        EnrichError: There is a file that is not an export.
    """
    has_content = not files.is_stream(output) and output.is_file() and output.stat().st_size > 0
    if has_content and files.database_mark(output) != EXPORT_MARK:
        raise EnrichError(f"{output}: exists and is not an export of enrich; not changed; choose another file")


def _standard_input() -> Catalog:
    """Return the catalog on standard input.

    Raises:
        EnrichError: It is not UTF-8 or not a catalog.
    """
    try:
        return catalogs.parse(sys.stdin.buffer.read().decode("utf-8-sig"), str(STREAM))
    except UnicodeDecodeError as error:
        raise EnrichError(f"standard input: not UTF-8 (byte {error.start})") from None


def _chosen(catalog: Catalog, keys: Mapping[Path, frozenset[str] | None]) -> Sequence[Entry]:
    """Return the entries selected by `--entry`, all without it."""
    named = keys.get(catalog.path, frozenset())
    return [entry for entry in catalog.entries if named is None or entry.key in named]


def _update(arguments: Namespace) -> int:
    """Update a BibTeX file in place."""
    path: Path = arguments.update
    if arguments.format != "bibtex" or arguments.output:
        raise EnrichError("--update rewrites a BibTeX file in place; leave out -o and any other --format")
    only = [word.strip() for flag in arguments.only for word in flag.split(",") if word.strip()]
    file = ExactFile.read(path, LARGEST_LIST)
    # Bytes that are not UTF-8 are written back unchanged.
    text = file.data.decode("utf-8", "surrogateescape")
    entries = [entry for catalog in load_all(catalog_paths(arguments.catalogs)) for entry in catalog.entries]
    after = updated(text, entries, only)
    if arguments.dry_run:
        print_diff(text, after, path)
    else:
        file.replace(after.encode("utf-8", "surrogateescape"))
    return CLEAN
