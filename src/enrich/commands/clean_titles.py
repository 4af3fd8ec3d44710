"""Choose the titles that `enrich fix --titles` writes: titles from which only decoration is removed."""

from __future__ import annotations

from collections.abc import Iterable

from enrich.catalog import Catalog, CatalogError, check_unshared
from enrich.matching import is_cut_from
from enrich.model import Entry, Replacement, Report, State


def clean_titles(
    catalog: Catalog, reports: Iterable[Report]
) -> tuple[list[tuple[Entry, str]], list[tuple[Entry, str]]]:
    """Return the entries with their new titles, and the entries whose titles stay, with the reasons."""
    proposed = {
        finding.entry: finding.replacement
        for report in reports
        for finding in report.findings
        if finding.rule == "stale-metadata"
        and finding.field == "title"
        and finding.replacement
        and finding.state is not State.FIXED
    }
    titles: list[tuple[Entry, str]] = []
    left: list[tuple[Entry, str]] = []
    for entry in catalog.entries:
        replacement = proposed.get(entry.key)
        if replacement is None or entry.title is None or unwrapped(entry.title) == replacement.new:
            continue
        if why := _obstacle(catalog, entry, replacement):
            left.append((entry, why))
        else:
            titles.append((entry, replacement.new))
    return titles, left


def unwrapped(title: str | None) -> str:
    """Return a title without the line breaks that it may have in a catalog."""
    return " ".join((title or "").split())


def _obstacle(catalog: Catalog, entry: Entry, replacement: Replacement) -> str | None:
    """Return why a title must not be replaced, in words; None if it may be.

    The report is only a file: an earlier version, or another program, may have written it.
    """
    if entry.title != replacement.old:
        return "edited since the last run; run `enrich run` again"
    if not is_cut_from(replacement.new, replacement.old):
        return "the proposed title is not part of it"
    try:
        check_unshared(catalog, {entry.key})
    except CatalogError:
        return "the entry has an anchor, an alias or a merge key; write its values out"
    return None
