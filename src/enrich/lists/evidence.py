"""What proves an entry to be itself, and what speaks against two being one; pure."""

from __future__ import annotations

from dataclasses import dataclass

from enrich import identifiers, matching
from enrich.model import Enriched, Entry, EntryType, Identifier, Link, LinkKind, Scheme
from enrich.text import dates, venue_names

OF_PAPERS = frozenset({*Scheme} - {Scheme.GITHUB})


SOFTWARE = frozenset(
    {EntryType.REPOSITORY, EntryType.FRAMEWORK, EntryType.LIST, EntryType.BENCHMARK, EntryType.DATASET, EntryType.OTHER}
)


# A head of this many letters is hardly ever another system's name by chance.
TELLING = 12


_FEW_WORDS = 3


@dataclass(frozen=True, slots=True)
class Traits:
    """What entries are compared by: `venue` is None for a preprint server, `whole` the folded title, else the name."""

    identifiers: frozenset[Identifier]
    names: tuple[str, ...]
    whole: str
    numerals: tuple[str, ...] | None
    venue: str | None
    year: int | None
    is_preprint: bool
    description: matching.Description

    @classmethod
    def of(cls, entry: Entry) -> Traits:
        """Return what an entry is compared by."""
        preprint = venue_names.is_preprint_server(entry.venue or "")
        return cls(
            _identifiers(entry),
            tuple(_names(entry)),
            matching.fold(entry.title or entry.name or ""),
            matching.numerals(entry.title) if entry.title else None,
            None if preprint else entry.venue,
            (dates.find_year(entry.venue) if entry.venue else None) or entry.own.year,
            preprint,
            matching.Description(
                entry.title, entry.name, entry.own.authors, entry.own.year, None if preprint else entry.venue
            ),
        )


def _names(entry: Entry) -> list[str]:
    """The folded texts under which an entry may be found: name, title, head of the title."""
    head = matching.head(entry.title) if entry.title else None
    found = [matching.fold(text) for text in (entry.name, entry.title, head) if text]
    return list(dict.fromkeys(text for text in found if text))


def same_name(one: Entry, ones: Traits, two: Entry, twos: Traits) -> bool:
    """Whether the name (or whole title) of one is the name, the whole title or the head of the title of the other."""
    if one.title and two.title and not (one.name and two.name):
        return ones.whole == twos.whole
    calls = [{matching.fold(text) for text in (entry.name, entry.title) if text} for entry in (one, two)]
    return bool(calls[0] & set(twos.names) or calls[1] & set(ones.names))


def numerals_conflict(one: Traits, two: Traits) -> bool:
    """Whether the numerals of two titles are those of different works."""
    return None not in (one.numerals, two.numerals) and one.numerals != two.numerals


def tell_apart(one: Entry, two: Entry) -> bool:
    """Whether two titles are long enough to be those of different works; a few words may be another name of one."""
    return min(len(matching.tokens(entry.title or "")) for entry in (one, two)) > _FEW_WORDS


def holds_title(one: Entry, two: Entry) -> bool:
    """Whether the title or name of one stands whole in that of the other: a subtitle or a version more."""
    folded = [matching.fold(entry.title or entry.name or "") for entry in (one, two)]
    short, long = sorted(folded, key=len)
    return len(short) >= TELLING and long.startswith(short)


def _identifiers(entry: Entry) -> frozenset[Identifier]:
    """The identifiers of the paper that an entry is: of its links of kind paper, its venue, its fields."""
    found = [
        identifier for link in entry.links if link.kind is LinkKind.PAPER for identifier in identifiers.of_url(link.url)
    ]
    found += identifiers.of_text(entry.venue or "")
    for record in (entry.own, entry.enriched or Enriched()):
        if record.arxiv_id and (parsed := identifiers.parse(record.arxiv_id)):
            found.append(parsed)
        if record.doi and (parsed := identifiers.doi(record.doi)):
            found.append(parsed)
        if record.semantic_scholar_id:
            found.append(Identifier(Scheme.SEMANTIC_SCHOLAR, record.semantic_scholar_id))
    return frozenset(identifier for identifier in found if identifier.scheme in OF_PAPERS)


def tokens_of_links(entry: Entry) -> list[str]:
    """Return what tells the links of an entry, whatever form their addresses have."""
    found = []
    for link in entry.links:
        named = [str(identifier) for identifier in identifiers.of_url(link.url) if identifier.scheme in OF_PAPERS]
        found.append(named[0] if named and link.kind is LinkKind.PAPER else identifiers.normalise_url(link.url))
    return found


def evidence_of(entry: Entry, traits: Traits, *, is_known: bool) -> list[tuple[str, Identifier | None]]:
    """Return what proves an entry to be itself: identifiers, a paper's page; for what is no paper its own URL.

    An item that has nothing of the kind is found again by a name and a link of the known entry that was made from it.
    """
    found: list[tuple[str, Identifier | None]] = [
        (str(identifier), identifier) for identifier in sorted(traits.identifiers)
    ]
    pages = [
        link.url
        for link in entry.links
        if link.kind is LinkKind.PAPER and not identifiers.of_url(link.url) and _is_page(link.url)
    ]
    others = [identifiers.normalise_url(url) for url in pages]
    if not entry.links and entry.venue:
        others.append(f"the item {matching.fold(entry.title or entry.name or '')}, {entry.venue}")
    if entry.type in SOFTWARE:
        own = next((link.url for link in entry.links if link.kind is LinkKind.CODE), None)
        others += [f"repository {_repository(own)}"] if own else [_typed(entry, link) for link in entry.links[:1]]
    elif entry.type is not EntryType.PAPER:
        own_links = [link for link in entry.links if link.kind not in (LinkKind.CODE, LinkKind.VENUE, LinkKind.PAPER)]
        others += [_typed(entry, link) for link in own_links[:1]]
    if is_known or not (found or others):
        urls = [identifiers.normalise_url(link.url) for link in entry.links]
        others += [f"the item {name}, {url}" for name in traits.names for url in urls]
    return [*found, *((token, None) for token in others)]


def _typed(entry: Entry, link: Link) -> str:
    return f"{entry.type.value} {identifiers.normalise_url(link.url)}"


def _repository(url: str) -> str:
    """The repository of a URL that leads to its front, else the URL."""
    normal = identifiers.normalise_url(url)
    named = [identifier for identifier in identifiers.of_url(url) if identifier.scheme is Scheme.GITHUB]
    return named[0].value if named and normal.count("/") == 4 else normal


def _is_page(url: str) -> bool:
    """Whether a URL is of one page: a host alone, or a relative path, proves nothing."""
    return url.startswith(("http://", "https://")) and identifiers.normalise_url(url).count("/") >= 3


def types_agree(one: EntryType, two: EntryType) -> bool:
    """Whether two types may be those of one thing."""
    return one is two or {one, two} <= SOFTWARE


def schemes_conflict(one: frozenset[Identifier], two: frozenset[Identifier]) -> bool:
    """Whether both have identifiers of one registry, and none in common."""
    if one & two:
        return False
    return bool({identifier.scheme for identifier in one} & {identifier.scheme for identifier in two})
