"""The catalog as a Markdown list that `enrich import` reads back; pure."""

from __future__ import annotations

from collections.abc import Sequence

from enrich.export.works import CitedWork, printable
from enrich.model import Entry, LinkKind
from enrich.text import listing

_MOST_AUTHORS = 3


def markdown_list(entries: Sequence[Entry]) -> str:
    """Return a Markdown list of every entry, under the headings of its sections as the lists had them."""
    sections: dict[str, list[str]] = {}
    for entry in entries:
        item = _bullet(CitedWork(entry))
        for section in entry.sections or ("",):
            sections.setdefault(printable(section), []).append(item)
    parts = [
        (f"## {listing.escaped(section)}\n\n" if section else "") + "".join(f"{item}\n" for item in items)
        for section, items in sorted(sections.items(), key=lambda part: part[0] != "")
    ]
    return "\n".join(parts)


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
            year=work.year or "",
            links=tuple(
                listing.ListedLink(printable(link.url), link.kind.value, printable(link.label)) for link in links
            ),
            carried=carried,
            remarks=printable(entry.remarks or ""),
        )
    )
