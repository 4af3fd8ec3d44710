"""`enrich init`: set up a folder based on its files; asks nothing, overwrites nothing."""

from __future__ import annotations

import json
import re
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from enrich import catalog, lists, settings
from enrich.catalog import MirroredList
from enrich.commands import CLEAN
from enrich.commands.inputs import DEFAULT_CATALOG
from enrich.commands.mirrors import read_list
from enrich.commands.printing import print_lines
from enrich.commands.terminal import check_outputs, print_diff, read_bytes, read_text, write_text
from enrich.model import EnrichError, Entry
from enrich.report.summary import number

_CATALOG = Path(DEFAULT_CATALOG)
SETTINGS = Path("enrich.toml")
WORKFLOW = Path(".github", "workflows", "enrich.yml")
IGNORED = ("/report.html", "/report.json", "/report.md")

_SETTINGS_TEXT = """\
# Settings of enrich; all are optional. `enrich doctor` shows those in effect.

# fail_on = "error"       # what makes the exit code 1: never, error, warning or new
# refresh_days = 30       # days before metadata is looked up again
# recheck_links_days = 7  # days before a working link is checked again

# [[ignore]]              # a finding to ignore; reports offer these lines
# pattern = "https://example.org/*"
# reason = "down on weekends"
"""
_WORKFLOW_TEXT = """\
name: enrich

on:
  schedule:
    - cron: "{cron}"
  workflow_dispatch:
  pull_request:
    paths: [{paths}]

permissions:
  contents: write # the branch of the pull request
  issues: write # the issue with the findings
  pull-requests: write

concurrency: enrich-${{{{ github.ref }}}}

jobs:
  enrich:
    if: ${{{{ !github.event.repository.fork }}}}
    runs-on: ubuntu-latest
    timeout-minutes: 120
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with:
          persist-credentials: false
      - uses: {action}
"""


@dataclass(frozen=True, slots=True)
class _File:
    """A file to write, and the message about it."""

    path: Path
    text: str
    before: str
    about: str


def execute(arguments: Namespace) -> int:
    """Write what is missing of catalog, settings, workflow and .gitignore, and say what was done and what comes next.

    Raises:
        EnrichError: There is neither a catalog nor a list with papers, or a file cannot be written.
    """
    found = {} if _CATALOG.exists() else _lists()
    if not found and not _CATALOG.exists():
        raise EnrichError(
            "no list found here: expected README.md with links to papers, or a .bib file; "
            "create a catalog with `enrich import LIST`"
        )
    files = [*_catalog(found), *_settings(), *_workflow(list(found)), *_gitignore()]
    check_outputs([file.path for file in files], [])
    for file in files:
        if arguments.dry_run:
            print_diff(file.before, file.text, file.path)
        else:
            write_text(file.path, file.text)
        print_lines(f"{file.path}: {file.about}")
    for path, why in _untouched([file.path for file in files]):
        print_lines(f"{path}: {why}")
    print_lines(*_next(files))
    return CLEAN


def _lists() -> dict[Path, tuple[Entry, ...]]:
    """Return the lists of the folder with their entries: the README if it links papers, and every BibTeX file."""
    readme = sorted(path for path in Path().glob("*.md") if path.name.lower() == "readme.md")
    found = {}
    for path in [*readme[:1], *sorted(Path().glob("*.bib"))]:
        entries = read_list(path)
        is_list = path.suffix == ".bib" or lists.cover(read_text(path), str(path), entries).links
        if entries and is_list:
            found[path] = entries
    return found


def _catalog(found: dict[Path, tuple[Entry, ...]]) -> Iterator[_File]:
    if found:
        text = catalog.new_text(lists.merge((), list(found.values())).new)
        mirrored = [MirroredList(path.as_posix()) for path in found]
        text = catalog.with_lists(catalog.parse(text, str(_CATALOG)), mirrored)
        counts = ", ".join(f"{number(len(entries), 'item')} of {path}" for path, entries in found.items())
        yield _File(_CATALOG, text, "", f"made from {counts}; later runs merge what is new there")


def _settings() -> Iterator[_File]:
    if not SETTINGS.exists() and not settings.is_configured(Path()):
        yield _File(SETTINGS, _SETTINGS_TEXT, "", "settings, all commented out")


def _workflow(found: Sequence[Path]) -> Iterator[_File]:
    if not Path(".git").exists() or _used_workflow():
        return
    paths = [path.as_posix() for path in found] or [each.path for each in catalog.load(_CATALOG).lists]
    # Off the full hour, when GitHub delays and drops jobs, and not at the same minute for everyone.
    minute = sum(Path.cwd().name.encode()) % 50 + 5
    quoted = ", ".join(json.dumps(path) for path in [*paths, _CATALOG.as_posix()])  # valid as quoted YAML, too
    text = _WORKFLOW_TEXT.format(cron=f"{minute} 3 * * *", paths=quoted, action=_action())
    yield _File(WORKFLOW, text, "", "checks each night and in pull requests")


def _used_workflow() -> Path | None:
    """Return the workflow that already uses enrich, or the file that would be overwritten."""
    for path in sorted([*WORKFLOW.parent.glob("*.yml"), *WORKFLOW.parent.glob("*.yaml")]):
        if path == WORKFLOW or re.search(r"uses:\s*\S+/enrich@|\benrich run\b", read_text(path)):
            return path
    return None


def _action() -> str:
    """Return the action of the repository that this package names as its source."""
    links = (text.partition(", ") for text in metadata.metadata("enrich-catalog").get_all("Project-URL", []))
    source = next((url for name, _, url in links if name == "Source"), "")
    return f"{source.removeprefix('https://github.com/') or 'OWNER/enrich'}@v1"


def _gitignore() -> Iterator[_File]:
    """Yield the file with the missing lines added at its end."""
    path = Path(".gitignore")
    if not Path(".git").exists():
        return
    before = _as_is(path) if path.exists() else ""
    missing = [line for line in IGNORED if line not in before.splitlines()]
    if missing:
        end = "\r\n" if "\r\n" in before else "\n"
        gap = end if before and not before.endswith("\n") else ""
        added = "".join(f"{line}{end}" for line in ["# Reports of enrich", *missing])
        yield _File(path, f"{before}{gap}{added}", before, f"{number(len(missing), 'line')} added")


def _as_is(path: Path) -> str:
    """Return a text with its line ends.

    Raises:
        EnrichError: It cannot be read, or is not UTF-8 and could not be written again as it is.
    """
    try:
        return read_bytes(path).decode()
    except UnicodeDecodeError as error:
        raise EnrichError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from None


def _untouched(written: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    if _CATALOG not in written:
        yield _CATALOG, "exists, unchanged"
    if SETTINGS not in written:
        yield SETTINGS if SETTINGS.exists() else Path("pyproject.toml"), "has settings, unchanged"
    if WORKFLOW not in written:
        used = _used_workflow()
        yield used or WORKFLOW, "exists, unchanged" if used else "not written: this is not the root of a Git repository"


def _next(files: Sequence[_File]) -> Iterator[str]:
    written = [file.path for file in files]
    if not written:
        yield "Nothing to do. Next: `enrich run`"
        return
    yield "Next:"
    yield "  enrich run --dry-run --limit 20   # what a run would write"
    yield "  enrich run                        # metadata and links"
    yield f"  git add {' '.join(path.as_posix() for path in written)}   # and commit"
    if WORKFLOW in written:
        yield "On GitHub, allow pull requests by workflows: Settings > Actions > General."
        if "OWNER/" in _action():
            yield f"In {WORKFLOW}, replace OWNER by the owner of the enrich repository."
