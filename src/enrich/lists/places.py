"""Where the entries and links of a catalog are in the lists that it mirrors; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from enrich.identifiers import normalise_url
from enrich.model import Entry, Finding, LinkReport, Place, Report

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class ListPlaces:
    """Places in the lists of a catalog.

    Attributes:
        items: The place of the first item of each entry, by the entry's key.
        links: The place of each link of an entry, by the entry's key and the normalised URL.
        urls: The place of the first link to each normalised URL.
    """

    items: Mapping[str, Place]
    links: Mapping[tuple[str, str], Place]
    urls: Mapping[str, Place]

    @classmethod
    def of(cls, items: Mapping[str, Sequence[Entry]]) -> ListPlaces:
        """Return the places of items, given by the keys of their entries."""
        found = [(key, entry) for key, entries in items.items() for entry in entries]
        links = [
            (key, normalise_url(link.url), link.place or entry.place)
            for key, entry in found
            for link in entry.links
            if link.place or entry.place
        ]
        return cls(
            _first((key, entry.place) for key, entry in found if entry.place),
            _first(((key, url), place) for key, url, place in links if place),
            _first((url, place) for _, url, place in links if place),
        )

    def of_link(self, url: str, keys: Iterable[str]) -> Place | None:
        """Return where a link of some entries is; None if it is in no list."""
        form = normalise_url(url)
        own = (self.links.get((key, form)) for key in keys)
        return next(filter(None, own), None) or self.urls.get(form)

    def of_finding(self, finding: Finding) -> Place | None:
        """Return the place of a finding: its link, else its entry."""
        keys = [finding.entry] if finding.entry else []
        at_link = self.of_link(finding.url, keys) if finding.url else None
        return at_link or (self.items.get(finding.entry) if finding.entry else None)

    def placed(self, report: Report) -> Report:
        """Return the report with the places of its links and findings in the lists."""
        return replace(
            report,
            links=tuple(map(self._placed_link, report.links)),
            findings=tuple(replace(finding, list_place=self.of_finding(finding)) for finding in report.findings),
            accepted=tuple(
                replace(each, finding=replace(each.finding, list_place=self.of_finding(each.finding)))
                for each in report.accepted
            ),
        )

    def _placed_link(self, row: LinkReport) -> LinkReport:
        return replace(row, list_place=self.of_link(row.check.url, row.entries))


def _first(pairs: Iterable[tuple[Key, Place]]) -> dict[Key, Place]:
    found: dict[Key, Place] = {}
    for key, place in pairs:
        found.setdefault(key, place)
    return found
