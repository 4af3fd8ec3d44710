"""The built-in templates for parts of a list; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from statistics import median
from urllib.parse import quote, urlsplit

from enrich.export.sections.markup import linked, shown
from enrich.export.sections.selection import ItemLink, OptionError, Selection, TemplateEntry
from enrich.identifiers import of_url
from enrich.model import EntryType, LinkKind, Scheme
from enrich.text.venue_names import is_unpublished

_SHIELDS = "https://img.shields.io"
_MOST_AUTHORS = 3
_MOST_VENUES = 5


def table(selection: Selection) -> str:
    """Return a table, one row per entry."""
    names = selection.columns(list(_COLUMNS), ("title", "venue", "year", "citations", "links"))
    heads = [_HEADS.get(name, name.capitalize()) for name in names]
    aligned = ["---:" if name in ("citations", "year") else "---" for name in names]
    rows = [heads, aligned, *([_COLUMNS[name](item) for name in names] for item in selection.items)]
    return "\n".join(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in rows)


def bullets(selection: Selection) -> str:
    """Return a list, one line per entry: title, venue, year, citations and further links."""
    return "\n".join(map(_bullet, selection.items))


def badges(selection: Selection) -> str:
    """Return badges: for one entry its citations and its repositories' stars, for all entries their numbers."""
    if "entry" in selection.options:
        return " ".join(_badges_of(selection.items[0]))
    papers = sum(item.type == EntryType.PAPER for item in selection.items)
    cited = sum(item.citations or 0 for item in selection.items)
    links = len({link.url for item in selection.items for link in item.links})
    return " ".join((_badge("papers", f"{papers:,}"), _badge("links", f"{links:,}"), _badge("citations", f"{cited:,}")))


def stats(selection: Selection) -> str:
    """Return numbers about the catalog."""
    papers = [item for item in selection.items if item.type == EntryType.PAPER]
    others = Counter(item.type for item in selection.items if item.type != EntryType.PAPER)
    years = sorted(int(item.year[:4]) for item in papers if item.year[:4].isdecimal())
    counts = [item.citations for item in papers if item.citations is not None]
    venues = Counter(item.venue for item in papers if item.venue and not is_unpublished(item.venue))
    parts = [_number(len(papers), "paper"), *(_number(count, kind) for kind, count in sorted(others.items()))]
    lines = [", ".join(parts)]
    if years:
        lines.append(f"published {years[0]}" if years[0] == years[-1] else f"published {years[0]} to {years[-1]}")
    if counts:
        lines.append(f"cited {sum(counts):,} times, half of the papers {median(counts):,.0f} times or more")
    if venues:
        ranked = sorted(venues.items(), key=lambda row: (-row[1], row[0]))[:_MOST_VENUES]
        lines.append("venues: " + ", ".join(f"{shown(name)} ({count})" for name, count in ranked))
    return "; ".join(lines) + "."


def _bullet(item: TemplateEntry) -> str:
    title = linked(item.title, item.url)
    head = f"**{shown(item.name)}**: {title}" if item.name and item.name not in item.title else title
    year = item.year if item.year not in item.venue else ""
    about = ", ".join(filter(None, (shown(item.venue), year, _citations(item))))
    others = " ".join(f"\\[{linked(_label(link), link.url)}\\]" for link in _further(item))
    return f"- {' '.join(filter(None, (head, f'({about})' if about else '', others)))}"


def _citations(item: TemplateEntry) -> str:
    return "" if item.citations is None else f"{_number(item.citations, 'citation')}"


def _further(item: TemplateEntry) -> list[ItemLink]:
    return [link for link in item.links if link.url != item.url]


def _label(link: ItemLink) -> str:
    return link.label or link.kind


def _names(item: TemplateEntry) -> str:
    more = " et al." if len(item.authors) > _MOST_AUTHORS else ""
    return shown(", ".join(item.authors[:_MOST_AUTHORS])) + more


_COLUMNS: Mapping[str, Callable[[TemplateEntry], str]] = {
    "name": lambda item: linked(item.name or item.title, item.url),
    "title": lambda item: linked(item.title, item.url),
    "authors": _names,
    "venue": lambda item: shown(item.venue),
    "year": lambda item: shown(item.year),
    "citations": lambda item: "" if item.citations is None else f"{item.citations:,}",
    "links": lambda item: " ".join(linked(_label(link), link.url) for link in _further(item)),
    "tags": lambda item: shown(", ".join(item.tags)),
    "institutions": lambda item: shown(", ".join(item.institutions)),
    "remarks": lambda item: shown(item.remarks),
    "stars": lambda item: " ".join(_stars(item)),
}
"""The columns of a table by name."""

_HEADS = {"title": "Paper"}


def _badges_of(item: TemplateEntry) -> list[str]:
    if item.type != EntryType.PAPER and not list(_stars(item)):
        raise OptionError(f"`{item.key}` is not a paper and has no repository on GitHub")
    cited = [_badge("citations", f"{item.citations:,}")] if item.citations is not None else []
    return [*cited, *_stars(item)]


def _stars(item: TemplateEntry) -> list[str]:
    """Return a badge for each repository; shields.io counts its stars when the page is read."""
    found: dict[str, str] = {}
    for link in item.links:
        name = urlsplit(link.url).path.strip("/").removesuffix(".git")
        is_repository = any(each.scheme is Scheme.GITHUB for each in of_url(link.url)) and name.count("/") == 1
        if link.kind == LinkKind.CODE and is_repository:
            badge = f"![stars of {shown(name)}]({_SHIELDS}/github/stars/{quote(name)}?style=flat)"
            found.setdefault(name.casefold(), f"[{badge}]({_target(link)})")
    return list(found.values())


def _target(link: ItemLink) -> str:
    return linked("x", link.url).removeprefix("[x](").removesuffix(")")


def _badge(label: str, value: str) -> str:
    return f"![{label}: {value}]({_SHIELDS}/badge/{label}-{quote(value)}-blue)"


def _number(count: int, noun: str) -> str:
    plural = {"repository": "repositories"}.get(noun, f"{noun}s")
    return f"{count:,} {noun if count == 1 else plural}"
