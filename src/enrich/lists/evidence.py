"""The evidence that two entries are the same, or are not; pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Iterator, MutableMapping
from dataclasses import dataclass, replace

from enrich import identifiers, matching
from enrich.model import Enriched, Entry, EntryType, Identifier, Link, LinkKind, Scheme
from enrich.text.folding import without_accents
from enrich.text.venue_names import is_preprint_server

_LONGEST = 60
_PARTS = re.compile(r"[^\W_]+")

OF_PAPERS = frozenset({*Scheme} - {Scheme.GITHUB})

SOFTWARE = frozenset(
    {EntryType.REPOSITORY, EntryType.FRAMEWORK, EntryType.LIST, EntryType.BENCHMARK, EntryType.DATASET, EntryType.OTHER}
)


@dataclass(frozen=True, slots=True)
class Traits:
    """The traits by which entries are compared: `names` to find them; `whole` is the folded title, else the name."""

    identifiers: frozenset[Identifier]
    names: tuple[str, ...]
    whole: str
    description: matching.Description

    @classmethod
    def of(cls, entry: Entry) -> Traits:
        """Return the traits of an entry; the year of a preprint server is not the year of a venue."""
        listed = matching.describe(entry)
        if is_preprint_server(entry.venue or ""):
            listed = replace(listed, year=entry.own.year)
        whole = matching.fold(entry.title or entry.name or "")
        return cls(frozenset(_identifiers(entry)), tuple(sorted(matching.calls(listed))), whole, listed)


def _identifiers(entry: Entry) -> Iterator[Identifier]:
    """Yield the identifiers of an entry's paper: in its links of kind paper, its venue, its fields."""
    found = [*identifiers.of_text(entry.venue or "")]
    for link in entry.links:
        found += identifiers.of_url(link.url) if link.kind is LinkKind.PAPER else ()
    for record in (entry.own, entry.enriched or Enriched()):
        typed = (record.arxiv_id and identifiers.parse(record.arxiv_id), record.doi and identifiers.doi(record.doi))
        found += [identifier for identifier in typed if isinstance(identifier, Identifier)]
        if record.semantic_scholar_id:
            found.append(Identifier(Scheme.SEMANTIC_SCHOLAR, record.semantic_scholar_id))
    yield from (identifier for identifier in found if identifier.scheme in OF_PAPERS)


def tokens_of_links(entry: Entry) -> list[str]:
    """Return the identifier or normalised URL of each link of an entry, each once."""
    found = []
    for link in entry.links:
        named = [str(identifier) for identifier in identifiers.of_url(link.url) if identifier.scheme in OF_PAPERS]
        found.append(named[0] if named and link.kind is LinkKind.PAPER else identifiers.normalise_url(link.url))
    return list(dict.fromkeys(found))


def evidence_of(entry: Entry, traits: Traits, *, is_known: bool) -> list[tuple[str, Identifier | None]]:
    """Return what identifies an entry: identifiers, a paper's page; for other types its own URL.

    An item without any is recognised by a name and a link of the known entry that was made from it.
    """
    found: list[tuple[str, Identifier | None]] = [(str(named), named) for named in sorted(traits.identifiers)]
    found += [(token, None) for token in (*_pages(entry), *_own_page(entry))]
    if not entry.links and entry.venue:
        found.append((f"the item {traits.whole}, {entry.venue}", None))
    if is_known or not found:
        urls = [identifiers.normalise_url(link.url) for link in entry.links]
        found += [(f"the item {name}, {url}", None) for name in traits.names for url in urls]
    return found


def _pages(entry: Entry) -> Iterator[str]:
    """Yield the pages of a paper; a host alone, or a relative path, identifies nothing."""
    for link in entry.links:
        url = identifiers.normalise_url(link.url)
        is_page = link.url.startswith(("http://", "https://")) and url.count("/") >= 3
        if link.kind is LinkKind.PAPER and is_page and not identifiers.of_url(link.url):
            yield url


def _own_page(entry: Entry) -> Iterator[str]:
    """Yield the page of an entry that is not a paper: its repository, or else its first link."""
    if entry.type is EntryType.PAPER:
        return
    links = entry.links
    if entry.type in SOFTWARE:
        if code := next((link.url for link in links if link.kind is LinkKind.CODE), None):
            yield f"repository {_repository(code)}"
            return
    else:
        links = tuple(link for link in links if link.kind not in (LinkKind.CODE, LinkKind.VENUE, LinkKind.PAPER))
    yield from (_typed(entry, link) for link in links[:1])


def _typed(entry: Entry, link: Link) -> str:
    return f"{entry.type.value} {identifiers.normalise_url(link.url)}"


def _repository(url: str) -> str:
    """Return the repository if a URL leads to its main page, else the URL."""
    normal = identifiers.normalise_url(url)
    named = [identifier for identifier in identifiers.of_url(url) if identifier.scheme is Scheme.GITHUB]
    return named[0].value if named and normal.count("/") == 4 else normal


def types_agree(one: EntryType, two: EntryType) -> bool:
    """Whether entries of two types may be one thing."""
    return one is two or {one, two} <= SOFTWARE


def schemes_conflict(one: frozenset[Identifier], two: frozenset[Identifier]) -> bool:
    """Whether both have identifiers of one registry, and none in common."""
    schemes = [{identifier.scheme for identifier in found} for found in (one, two)]
    return not one & two and not schemes[0].isdisjoint(schemes[1])


def unique_key(entry: Entry, taken: Container[str], numbers: MutableMapping[str, int]) -> str:
    """Return the entry's key, with `-2`, `-3`, … if it is taken; `numbers` has the next number of each key."""
    base = entry.key or slug(entry)
    key, number = base, numbers.get(base, 2)
    while key in taken:
        key, number = f"{base}-{number}", number + 1
        numbers[base] = number
    return key


def slug(entry: Entry) -> str:
    """Return the base of an entry's key: name, else the title's head or the title, else an identifier.

    It has lower-case ASCII letters and digits, words joined by `-`, and at most 60 characters, cut between words.
    Letters of other scripts are kept, as keys are for people.
    """
    head, colon, _ = (entry.title or "").partition(": ")
    text = entry.name or (head if colon and len(head.split()) <= 4 else entry.title) or _fallback(entry)
    parts = _PARTS.findall(without_accents(text).casefold())
    slugged = parts[0][:_LONGEST] if parts else hashlib.sha256(text.encode()).hexdigest()[:10]
    for part in parts[1:]:
        if len(slugged) + 1 + len(part) > _LONGEST:
            break
        slugged += f"-{part}"
    return slugged


def _fallback(entry: Entry) -> str:
    urls = [link.url for link in entry.links if link.kind is LinkKind.PAPER] or [link.url for link in entry.links]
    named = [str(identifier) for url in urls for identifier in identifiers.of_url(url)]
    return (named or urls or [entry.type.value])[0]
