"""The entries of a part of a list, their order, and what a template knows about each; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from enrich.export.works import CitedWork, printable
from enrich.model import Entry, EntryType
from enrich.text import listing
from enrich.text.folding import fold
from enrich.text.suggestions import hint


class OptionError(ValueError):
    """An option that a template does not have, or an invalid value."""


@dataclass(frozen=True, slots=True)
class ItemLink:
    """A link of an item."""

    label: str
    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class TemplateEntry:
    """An entry for templates: one-line texts, empty if unknown; `citations` may be None."""

    key: str
    type: str
    name: str
    title: str
    authors: tuple[str, ...]
    venue: str
    year: str
    citations: int | None
    url: str
    doi: str
    arxiv_id: str
    abstract: str
    remarks: str
    institutions: tuple[str, ...]
    sections: tuple[str, ...]
    tags: tuple[str, ...]
    links: tuple[ItemLink, ...]

    @classmethod
    def of(cls, entry: Entry) -> TemplateEntry:
        """Return an entry for templates."""
        work = CitedWork(entry)
        count = entry.known("citation_count")
        url = work.url or ""
        links = (ItemLink(printable(link.label), link.kind.value, printable(link.url)) for link in entry.links)
        return cls(
            key=printable(entry.key),
            type=entry.type.value,
            name=printable(entry.name or ""),
            title=work.title,
            authors=work.authors,
            venue=work.venue or "",
            year=work.year or "",
            citations=count if isinstance(count, int) else None,
            url=url if listing.is_linkable(url) else "",
            doi=work.doi or "",
            arxiv_id=work.arxiv_id or "",
            abstract=work.text("abstract") or "",
            remarks=printable(entry.remarks or ""),
            institutions=tuple(map(printable, entry.institutions)),
            sections=tuple(map(printable, entry.sections)),
            tags=tuple(map(printable, entry.tags)),
            links=tuple(link for link in links if listing.is_linkable(link.url)),
        )


_ORDERS: Mapping[str, Callable[[TemplateEntry], Any]] = {
    "year": lambda item: -int(item.year[:4]) if item.year[:4].isdecimal() else 0,
    "citations": lambda item: -1 if item.citations is None else -item.citations - 2,
    "title": lambda item: fold(item.title),
    "name": lambda item: fold(item.name or item.title),
    "venue": lambda item: (not item.venue, fold(item.venue)),
    "key": lambda item: item.key,
}
"""The orders by name: years and citation counts are descending."""

_SHARED_OPTIONS = ("section", "type", "tag", "entry", "sort", "limit", "columns")


@dataclass(frozen=True, slots=True)
class Selection:
    """The items of a part, with its options."""

    items: tuple[TemplateEntry, ...]
    options: Mapping[str, str]

    @classmethod
    def of(cls, options: Mapping[str, str], entries: Sequence[Entry], *, more: bool = False) -> Selection:
        """Return the entries selected by options, in the order that the options state.

        With `more`, unknown options are left for a user-defined template.

        Raises:
            OptionError: An option is unknown, or has no such value.
        """
        for name in options if not more else ():
            if name not in _SHARED_OPTIONS:
                raise OptionError(f"unknown option `{name}`; {hint(name, _SHARED_OPTIONS)}")
        chosen = [entry for entry in entries if _is_wanted(entry, options)]
        if "entry" in options and not chosen:
            raise OptionError(f"no entry with the key `{options['entry']}`")
        items = [TemplateEntry.of(entry) for entry in chosen]
        if order := options.get("sort"):
            name = order.removeprefix("-")
            if name not in _ORDERS:
                raise OptionError(f"unknown order `{name}`; {hint(name, _ORDERS)}")
            items.sort(key=_ORDERS[name], reverse=order.startswith("-"))
        return cls(tuple(items[: _limit(options)]), options)

    def columns(self, known: Sequence[str], default: Sequence[str]) -> list[str]:
        """Return the columns in `columns=`.

        Raises:
            OptionError: One of them is unknown.
        """
        named = [name.strip() for name in self.options.get("columns", ",".join(default)).split(",")]
        for name in named:
            if name not in known:
                raise OptionError(f"unknown column `{name}`; {hint(name, known)}")
        return named


def _is_wanted(entry: Entry, options: Mapping[str, str]) -> bool:
    if (kind := options.get("type")) and kind not in list(EntryType):
        raise OptionError(f"unknown type `{kind}`; {hint(kind, list(EntryType))}")
    return (
        options.get("entry") in (None, entry.key)
        and options.get("type") in (None, entry.type.value)
        and ("tag" not in options or options["tag"] in entry.tags)
        and ("section" not in options or any(_is_in(options["section"], section) for section in entry.sections))
    )


def _is_in(wanted: str, section: str) -> bool:
    """Whether a path of headings leads to a section or through it: `Serving` is in `Papers / Serving / GPUs`."""
    path, way = (tuple(map(fold, text.split(" / "))) for text in (section, wanted))
    return any(path[start : start + len(way)] == way for start in range(len(path) - len(way) + 1))


def _limit(options: Mapping[str, str]) -> int | None:
    limit = options.get("limit")
    if limit is not None and not (limit.isdecimal() and len(limit) < 9 and int(limit)):
        raise OptionError(f"`limit` must be a positive integer (got {limit})")
    return int(limit) if limit else None
