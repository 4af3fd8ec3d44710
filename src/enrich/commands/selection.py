"""Select the entries of a run: `--entry` and `--since`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from enrich import catalog as catalogs
from enrich import lists
from enrich.model import EnrichError, Entry, Report, State

_EMPTY = "version: 1\nentries: []\n"


Earlier = Mapping[str, Entry]
"""The entries at an earlier revision by their keys, as written there."""


def chosen_keys(
    given: Sequence[catalogs.Catalog], entries: Iterable[str], earlier: Mapping[Path, Earlier] | None = None
) -> Mapping[Path, frozenset[str] | None]:
    """Return the keys of the entries that are taken, by the catalog's path; None for all of them.

    Args:
        given: The catalogs of the run.
        entries: The keys that `--entry` names. A catalog that has none of them is left out.
        earlier: By the catalog's path, what `--since` compares with: only what differs is taken.

    Raises:
        EnrichError: No catalog has one of the keys.
    """
    named = frozenset(entries)
    held = {catalog.path: named & {entry.key for entry in catalog.entries} for catalog in given}
    if unknown := named - frozenset().union(*held.values()):
        where = str(given[0].path) if len(given) == 1 else f"{given[0].path} and {len(given) - 1} more"
        raise EnrichError(f"{where}: no entry with the key {', '.join(sorted(unknown))}")
    return {
        catalog.path: _narrowed(catalog, held[catalog.path] or None, earlier[catalog.path] if earlier else None)
        for catalog in given
        if held[catalog.path] or not named
    }


def _narrowed(catalog: catalogs.Catalog, keys: frozenset[str] | None, earlier: Earlier | None) -> frozenset[str] | None:
    if earlier is None:
        return keys
    changed = frozenset(entry.key for entry in catalog.entries if earlier.get(entry.key) != _as_written(entry))
    return changed if keys is None else keys & changed


def entries_at(catalog: catalogs.Catalog, revision: str) -> Earlier:
    """Return the entries at a Git revision, of the catalog and of the lists that it mirrored.

    Raises:
        EnrichError: Git is not installed, or does not know the revision.
    """
    text = _text_at(catalog.path, catalog.path.name, revision)
    old = catalogs.parse(_EMPTY if text is None else text, f"{revision}:{catalog.path.name}")
    # A catalog that was created from lists since then is compared with the items of the lists.
    mirrored = catalog.lists if text is None else old.lists
    texts = [(each, _text_at(catalog.path, each.path, revision)) for each in mirrored]
    found = lists.merge(
        old.entries, [lists.read_any(text, each.path, each.base_url) for each, text in texts if text is not None]
    )
    return {entry.key: _as_written(entry) for entry in catalogs.with_additions(old, found.new, found.links).entries}


def with_known_links(report: Report, earlier: Earlier | None) -> Report:
    """Return the report with findings on existing links as known ones: `new` is what a change added."""
    if earlier is None:
        return report
    known = {(entry.key, link.url) for entry in earlier.values() for link in entry.links}
    findings = tuple(
        replace(finding, state=State.STILL)
        if finding.state is State.NEW and (finding.entry, finding.url) in known
        else finding
        for finding in report.findings
    )
    return replace(report, findings=findings)


def _text_at(catalog: Path, name: str, revision: str) -> str | None:
    """Return the text of a file beside the catalog at a Git revision, None if the revision has no such file.

    Raises:
        EnrichError: Git is not installed, or does not know the revision.
    """
    git = shutil.which("git")
    if git is None:
        raise EnrichError("--since needs git; install it or omit the flag")
    command = [git, "-C", str(catalog.resolve().parent), "show", "--end-of-options", f"{revision}:./{name}"]
    shown = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"})
    if shown.returncode == 0:
        return shown.stdout.decode("utf-8", "replace")
    if b"exists on disk, but not in" in shown.stderr or b"does not exist in" in shown.stderr:
        return None
    reason = shown.stderr.decode(errors="replace").strip().splitlines()
    raise EnrichError(f"--since {revision}: git says: {reason[0] if reason else 'no such revision'}")


def _as_written(entry: Entry) -> Entry:
    links = tuple(replace(link, place=None) for link in entry.links)
    return replace(entry, place=None, enriched=None, links=links)
