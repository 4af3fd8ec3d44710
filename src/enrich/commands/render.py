"""`enrich render`: fill the parts of Markdown files that are written from a catalog."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from enrich import catalog as catalogs
from enrich import links
from enrich.commands import CLEAN, FINDINGS
from enrich.commands.exact_files import ExactFile
from enrich.commands.inputs import DEFAULT_CATALOG, expanded
from enrich.commands.mirrors import LARGEST_LIST
from enrich.commands.printing import print_lines
from enrich.commands.relative_links import repository_root
from enrich.commands.terminal import print_diff, read_text
from enrich.export.sections import BLOCKS, TEMPLATES, OptionError, TemplateError, built_in_section, from_template
from enrich.limits import CpuLimit, OutOfTimeError
from enrich.model import EnrichError, Entry
from enrich.text.markers import MarkerError, Region, regions
from enrich.text.suggestions import hint

LARGEST_TEMPLATE = 100_000
"""Bytes."""
RENDER_SECONDS = 10.0
"""Processor time for all parts of a file; a table of 5,000 papers takes half a second."""


def execute(arguments: Namespace) -> int:
    """Fill the parts of files from a catalog; with `--check` only report whether that would change them."""
    paths = [Path(name) for name in expanded(arguments.files)]
    entries_of = cache(lambda path: catalogs.load(path).entries)
    changes: list[tuple[ExactFile, str]] = []
    counts: list[int] = []
    for path in paths:
        if not links.is_markdown(str(path)):
            raise EnrichError(f"{path}: not Markdown; `enrich render` fills parts of .md files")
        file = ExactFile.read(path, LARGEST_LIST)
        found = _regions(file)
        counts.append(len(found))
        entries = entries_of(arguments.catalog or path.with_name(DEFAULT_CATALOG)) if found else ()
        changes.append((file, rendered(file, found, entries)))
    if not any(counts):
        names = ", ".join(map(str, paths))
        raise EnrichError(f"{names}: no parts to fill; add `<!-- enrich:begin table -->` and `<!-- enrich:end -->`")
    return _check(changes) if arguments.check else _write(changes, counts)


def _write(changes: Sequence[tuple[ExactFile, str]], counts: Sequence[int]) -> int:
    for file, after in changes:
        file.check_writable(after.encode())
    for (file, after), count in zip(changes, counts, strict=True):
        file.replace(after.encode())
        done = "unchanged" if after == file.text() else "written"
        print_lines(f"{file.path}: {count} part{'' if count == 1 else 's'} {done}")
    return CLEAN


def _check(changes: Sequence[tuple[ExactFile, str]]) -> int:
    outdated = [(file, after) for file, after in changes if after != file.text()]
    for file, after in outdated:
        print_diff(file.text(), after, file.path)
        print_lines(f"{file.path}: not up to date; run `enrich render {file.path}`")
    return FINDINGS if outdated else CLEAN


def _regions(file: ExactFile) -> tuple[Region, ...]:
    try:
        return regions(file.text())
    except MarkerError as error:
        raise EnrichError(f"{file.path}:{error.line}: {error}") from None


def rendered(
    file: ExactFile, found: Sequence[Region], entries: Sequence[Entry], seconds: float = RENDER_SECONDS
) -> str:
    """Return the file's text with its parts filled, in at most so much processor time.

    Raises:
        EnrichError: A part cannot be filled; the message says the line.
    """
    text, parts, place = file.text(), [], 0
    try:
        with CpuLimit(seconds):
            for region in found:
                parts += [text[place : region.start], region.filled(_content(file.path, region, entries))]
                place = region.end
    except OutOfTimeError:
        raise EnrichError(f"{file.path}: its parts take more than {seconds:g} s; simplify the template") from None
    after = "".join((*parts, text[place:]))
    _check_markers(file.path, found, after)
    return after


def _check_markers(path: Path, found: Sequence[Region], after: str) -> None:
    """Check that nothing in the output is read as a marker, or hides one."""
    try:
        again = regions(after)
    except MarkerError:
        again = ()
    if [(each.name, each.options) for each in again] != [(each.name, each.options) for each in found]:
        raise EnrichError(f"{path}: a template writes markers of its own, or leaves a comment or code open; correct it")


def _content(path: Path, region: Region, entries: Sequence[Entry]) -> str:
    where = f"{path}:{region.line}"
    try:
        if region.name in TEMPLATES:
            if region.name in BLOCKS and not region.is_block:
                raise EnrichError(f"{where}: `{region.name}` needs its markers on lines of their own")
            return built_in_section(region.name, region.options, entries)
        return _own(path, region, entries)
    except OptionError as error:
        raise EnrichError(f"{where}: {error}") from None


def _own(path: Path, region: Region, entries: Sequence[Entry]) -> str:
    template = _template_path(path, region)
    source = read_text(template, LARGEST_TEMPLATE)
    try:
        return from_template(source, _own_options(region.options), entries)
    except TemplateError as error:
        line = f":{error.line}" if error.line else ""
        raise EnrichError(f"{template}{line}: {error}") from None


def _own_options(options: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in options.items() if name != "columns"}


def _template_path(path: Path, region: Region) -> Path:
    """Return the template's file, which must be in the folder of the list, or in its repository."""
    folder = os.path.realpath(path.parent)
    real = Path(os.path.realpath(Path(folder, region.name)))
    where = f"{path}:{region.line}"
    root = Path(repository_root(folder))
    if not real.is_relative_to(root) or ".git" in real.relative_to(root).parts:
        raise EnrichError(f"{where}: {region.name}: outside the repository; move the template into it")
    if not real.is_file():
        raise EnrichError(
            f"{where}: no template `{region.name}`, and no file of that name; {hint(region.name, TEMPLATES)}"
        )
    return path.parent / region.name
