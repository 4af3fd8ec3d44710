"""The catalog as a Markdown list that `enrich import` reads back; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from enrich.export.works import CitedWork, printable
from enrich.model import Entry, LinkKind
from enrich.text import listing

_MOST_AUTHORS = 3
_HIGHEST, _LOWEST = 2, 6
"""The levels of headings; the first is left for the title of the document around the list."""


def markdown_list(entries: Sequence[Entry]) -> str:
    """Return a Markdown list of all entries under the headings of their sections."""
    root = _Section()
    for entry in entries:
        item = _bullet(CitedWork(entry))
        for section in entry.sections or ("",):
            root.at(printable(section)).items.append(item)
    return "\n".join(root.parts())


@dataclass
class _Section:
    """The content of a heading: items, then further headings in the order of their first appearance."""

    items: list[str] = field(default_factory=list)
    below: dict[str, _Section] = field(default_factory=dict)

    def at(self, path: str) -> _Section:
        """Return the section at a path of headings."""
        here = self
        for heading in path.split(" / ", _LOWEST - _HIGHEST) if path else ():
            here = here.below.setdefault(heading, _Section())
        return here

    def parts(self, level: int = _HIGHEST) -> Iterator[str]:
        """Yield the headings and the items under each."""
        if self.items:
            yield "".join(f"{item}\n" for item in self.items)
        for heading, section in self.below.items():
            yield f"{'#' * level} {listing.escaped(heading)}\n"
            yield from section.parts(level + 1)


def _bullet(work: CitedWork) -> str:
    """Return an entry as a line that `enrich import` reads back; authors that no person listed are shortened."""
    entry = work.entry
    links = [link for link in entry.links if listing.is_linkable(printable(link.url))]
    carried = min(range(len(links)), key=lambda place: links[place].kind is not LinkKind.PAPER, default=None)
    most = len(work.authors) if entry.own.authors == entry.known("authors") else _MOST_AUTHORS
    return listing.write_item(
        listing.Listed(
            name=printable(entry.name or ""),
            title=work.title if entry.title or entry.known("title") or not entry.name else "",
            authors=work.authors[:most],
            complete=len(work.authors) <= most,
            venue=work.venue or "",
            year="" if work.year and work.year in (work.venue or "") else work.year or "",
            citations=count if isinstance(count := entry.known("citation_count"), int) else None,
            links=tuple(
                listing.ListedLink(printable(link.url), link.kind.value, printable(link.label)) for link in links
            ),
            carried=carried,
            remarks=printable(entry.remarks or ""),
        )
    )
