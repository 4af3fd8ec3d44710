"""Find mistakes in entries as written: invalid identifiers and URLs, and duplicate papers; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from enrich import identifiers
from enrich.model import Entry, EntryType, Identifier, Link, LinkKind, Place, Scheme
from enrich.text import folding
from enrich.text.urls import host_of, is_at, split_url

_FORMS = {
    "doi": (Scheme.DOI, "a DOI", "10.1145/3600006.3613165"),
    "arxiv_id": (Scheme.ARXIV, "an arXiv id", "2303.06865"),
    "semantic_scholar_id": (Scheme.SEMANTIC_SCHOLAR, "a Semantic Scholar id", "CorpusId:257495837"),
}
_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?", re.ASCII)
_ARXIV_NEW = re.compile(r"(?P<year>[0-9]{2})(?P<month>[0-9]{2})\.(?P<number>[0-9]{4,5})", re.ASCII)
_ARXIV_PAPER = re.compile(r"/(?:abs|pdf|html)/", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in an entry, or in its link to `url`."""

    place: Place | None
    message: str
    entry: str
    url: str | None = None


def problems(entries: Sequence[Entry]) -> Iterator[Problem]:
    """Yield the mistakes in the entries of a catalog, in order; no service is asked."""
    for entry in entries:
        yield from _in_fields(entry)
        yield from _in_links(entry)
    yield from _twins(entry for entry in entries if entry.type is EntryType.PAPER)


def _in_fields(entry: Entry) -> Iterator[Problem]:
    for name, (scheme, form, example) in _FORMS.items():
        text = getattr(entry.own, name)
        found = identifiers.parse(text) if text else None
        if text and (found is None or found.scheme is not scheme or _is_cut(found)):
            yield Problem(entry.place, f"{name}: {text!r} is not {form}; write it as {example}", entry.key)
    for name in ("published", "issued"):
        text = getattr(entry.own, name)
        if text and not _DATE.fullmatch(text):
            yield Problem(
                entry.place, f"{name}: {text!r} is not a date; write it as 2024-05-17, 2024-05 or 2024", entry.key
            )


def _in_links(entry: Entry) -> Iterator[Problem]:
    first: dict[str, Link] = {}
    for link in entry.links:
        if wrong := _wrong_address(link.url):
            yield Problem(link.place, f"{link.url}: {wrong}", entry.key, link.url)
        before = first.setdefault(link.url, link)
        if before is not link:
            text = f"{link.url}: listed twice in this entry (first at {before.place})"
            yield Problem(link.place, text, entry.key, link.url)


def _wrong_address(url: str) -> str | None:
    parts = split_url(url.strip())
    scheme = parts.scheme.lower()
    # Without a scheme it is a relative link, which `run` skips and lists resolve.
    if not scheme or scheme == "mailto":
        return None
    if scheme not in ("http", "https"):
        return f"not a web address ({scheme}:); links begin with https://"
    host = host_of(url)
    if not host or re.search(r"\s", url.strip()):
        return "not a web address; check it for spaces and missing parts"
    found = identifiers.of_url(url)
    if is_at(host, ("doi.org",)) and parts.path.strip("/") and not found:
        return "has no valid DOI; a DOI starts with 10., as in https://doi.org/10.1145/3600006.3613165"
    if is_at(host, ("arxiv.org",)) and _ARXIV_PAPER.match(parts.path) and (not found or _is_cut(found[0])):
        return "has no valid arXiv ID; one looks like https://arxiv.org/abs/2303.06865"
    return None


def _is_cut(identifier: Identifier) -> bool:
    """Whether it is an arXiv ID with too few digits, or with an invalid month.

    Since 2015 they have five digits after the dot: https://info.arxiv.org/help/arxiv_identifier.html
    """
    match = _ARXIV_NEW.fullmatch(identifier.value)
    if identifier.scheme is not Scheme.ARXIV or match is None:
        return False
    return not 1 <= int(match["month"]) <= 12 or (int(match["year"]) >= 15) != (len(match["number"]) == 5)


def _twins(papers: Iterable[Entry]) -> Iterator[Problem]:
    """Yield papers with an earlier one's identifier or, if one of the two has no identifier, its title."""
    by_identifier: dict[Identifier, Entry] = {}
    by_title: dict[str, tuple[Entry, bool]] = {}
    for entry in papers:
        named = _identifiers(entry)
        title = folding.fold(entry.title or entry.name or "")
        shared = next((each for each in named if each in by_identifier), None)
        twin = by_identifier[shared] if shared else None
        if not twin and title in by_title and not (named and by_title[title][1]):
            twin = by_title[title][0]
        if twin:
            yield Problem(
                entry.place,
                f"same paper as `{twin.key}` ({twin.place}), by {shared or 'its title'}; "
                "merge the entries, or give each its own doi or arxiv_id",
                entry.key,
            )
        for each in named:
            by_identifier.setdefault(each, entry)
        if title:
            by_title.setdefault(title, (entry, bool(named)))


def _identifiers(entry: Entry) -> tuple[Identifier, ...]:
    typed = (identifiers.parse(text) for name in _FORMS if (text := getattr(entry.own, name)))
    linked = (each for link in entry.links if link.kind is LinkKind.PAPER for each in identifiers.of_url(link.url))
    return tuple(dict.fromkeys(each for each in (*typed, *linked) if each and each.scheme is not Scheme.GITHUB))
