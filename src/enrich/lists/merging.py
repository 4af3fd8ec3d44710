"""An import into a catalog: which entries of the lists are the same, which are known, what is new; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from enrich import identifiers, matching
from enrich.lists import keys
from enrich.model import Enriched, Entry, EntryType, Identifier, Link, LinkKind, Place, Scheme

_OF_PAPERS = frozenset({Scheme.ARXIV, Scheme.DOI, Scheme.OPENREVIEW, Scheme.ACL, Scheme.ACM, Scheme.SEMANTIC_SCHOLAR})
_SOFTWARE = frozenset(
    {EntryType.REPOSITORY, EntryType.FRAMEWORK, EntryType.LIST, EntryType.BENCHMARK, EntryType.DATASET, EntryType.OTHER}
)
# A head of this many letters is hardly ever another system's name by chance.
_TELLING = 12
# A title of this many letters, listed twice without a venue, is one paper.
_WHOLE_TITLE = 25
# Entries of one name are compared with so many others of it, so that a list of one name a million times ends.
_COMPARED = 40
# So many members of a group speak for it.
_ASKED = 5


@dataclass(frozen=True, slots=True)
class Merge:
    """One item that was found to be an entry that is there already; `proven` where an identifier or a URL says so."""

    key: str
    into: str
    because: str
    proven: bool
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """What an import adds: new entries with their keys, and links for known entries, by their keys."""

    new: tuple[Entry, ...] = ()
    links: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)
    merges: tuple[Merge, ...] = ()
    entries_read: Mapping[str, int] = field(default_factory=dict)
    links_read: Mapping[str, int] = field(default_factory=dict)


def merge(known: Sequence[Entry], lists: Sequence[Sequence[Entry]]) -> Import:
    """What the entries of some lists add to a catalog's.

    Two are the same where they share a paper's identifier or URL (repositories: the repository), or where the name
    of one is the name of the other, or the head of its title, while type, numerals and identifiers do not conflict
    and venue and year agree, or stand on one side only under a head of at least 12 letters.

    Args:
        known: the catalog's entries, which are never changed and never merged with each other.
        lists: the entries of each list, as `read` returns them.

    Returns:
        New entries in the order of the lists, keys given; the links that known entries lack; every merge that
        led to one of both. The same input gives the same result, and importing again gives nothing new.
    """
    listed = [entry for entries in lists for entry in entries]
    groups = _Groups([*known, *listed], len(known))
    groups.join_by_evidence()
    groups.join_by_key()
    groups.join_by_name()
    new: list[Entry] = []
    links: dict[str, tuple[Link, ...]] = {}
    merges: list[Merge] = []
    taken = {entry.key for entry in known}
    numbers: dict[str, int] = {}
    for members in groups.in_order():
        first = groups.entries[members[0]]
        if members[0] < len(known):
            added = _lacking(first, [groups.entries[member] for member in members[1:]])
            if added:
                links[first.key] = added
            else:
                continue
        else:
            first = _united([groups.entries[member] for member in members])
            first = replace(first, key=keys.unique(first, taken, numbers))
            taken.add(first.key)
            new.append(first)
        merges.extend(groups.merges(members, first))
    return Import(tuple(new), links, tuple(merges), _count(lists, entries=True), _count(lists, entries=False))


class _Groups:
    """Entries joined into groups (union-find: the first member stands for its group)."""

    def __init__(self, entries: list[Entry], known: int) -> None:
        self.entries = entries
        self._known = known
        self._parent = list(range(len(entries)))
        self._members: dict[int, list[int]] = {place: [place] for place in range(len(entries))}
        self._traits = [_Traits.of(entry) for entry in entries]
        self._because: dict[int, tuple[str, bool]] = {}

    def join_by_evidence(self) -> None:
        """Join what shares an identifier or a URL of its own.

        A framework is not its paper, even where both are listed with it; but a known entry is found again
        whatever type a person has given it.
        """
        seen: dict[str, list[int]] = defaultdict(list)
        for place, entry in enumerate(self.entries):
            for token in _evidence(entry, self._traits[place], is_known=place < self._known):
                others = seen[token]
                same = [other for other in others if _types_agree(self.entries[other].type, entry.type)]
                found = next(iter(same or [other for other in others if other < self._known <= place]), None)
                if found is None or place < self._known:
                    others.append(place)
                else:
                    self._join_proven(found, place, token)

    def _join_proven(self, one: int, two: int, token: str) -> None:
        agree = _titles_agree(self.entries[one], self.entries[two])
        because = f"both have {token}" if agree else f"both have {token}, but they are called differently"
        self._join(one, two, because, proven=agree, forced=True)

    def join_by_key(self) -> None:
        """Join an item without links with the known entry that was made from it: nothing else tells it again."""
        made = {entry.key: place for place, entry in enumerate(self.entries[: self._known]) if not entry.links}
        for place in range(self._known, len(self.entries)):
            entry = self.entries[place]
            found = made.get(keys.slug(entry)) if made and not entry.links else None
            if found is not None and not self._conflict(found, place):
                self._join(found, place, "the same item", proven=True)

    def join_by_name(self) -> None:
        """Join what the names say is the same, where nothing speaks against it."""
        named: dict[str, list[int]] = defaultdict(list)
        for place, traits in enumerate(self._traits):
            for name in traits.names:
                others = dict.fromkeys(self._find(other) for other in named[name])
                for other in list(others)[:_COMPARED]:
                    because = self._agreement(other, place, name) if other != self._find(place) else None
                    if because and self._join(other, place, because, proven=False):
                        break
                if len(others) < _COMPARED and self._find(place) not in {self._find(other) for other in others}:
                    named[name].append(place)

    def in_order(self) -> list[list[int]]:
        """The groups by their first members, each in the order of the input."""
        return [sorted(members) for _, members in sorted(self._members.items())]

    def merges(self, members: list[int], into: Entry) -> list[Merge]:
        """Why the later members of a group are in it."""
        found = []
        for member in members[1:]:
            because, proven = self._because.get(member, ("both are the same as a third", True))
            place = self.entries[member].place
            found.append(Merge(into.key, into.label, because, proven, (place,) if place else ()))
        return found

    def _find(self, place: int) -> int:
        while self._parent[place] != place:
            self._parent[place] = self._parent[self._parent[place]]
            place = self._parent[place]
        return place

    def _join(self, one: int, two: int, because: str, *, proven: bool, forced: bool = False) -> bool:
        first, second = sorted((self._find(one), self._find(two)))
        if first == second or second < self._known:
            return False
        pairs = ((a, b) for a in self._members[first][:_COMPARED] for b in self._members[second][:_COMPARED])
        if not (proven or forced) and any(self._conflict(a, b) for a, b in pairs):
            return False
        self._parent[second] = first
        self._members[first] += self._members.pop(second)
        self._because.setdefault(second, (because, proven))
        return True

    def _conflict(self, one: int, two: int) -> bool:
        """Whether something says that two are different: type, identifiers, numerals, venue or year."""
        a, b = self._traits[one], self._traits[two]
        if not _types_agree(self.entries[one].type, self.entries[two].type):
            return True
        if _schemes_conflict(a.identifiers, b.identifiers) or _numerals_conflict(a, b):
            return True
        if a.venue and b.venue and matching.venues_agree(a.venue, b.venue) is False:
            return True
        return None not in (a.year, b.year) and a.year != b.year and not (a.is_preprint or b.is_preprint)

    def _agreement(self, group: int, place: int, name: str) -> str | None:
        """In what a group and an entry of the same name agree, None where that is too little."""
        entry, mine = self.entries[place], self._traits[place]
        for member in self._members[group][:_ASKED]:
            other, theirs = self.entries[member], self._traits[member]
            if not _same_name(other, theirs, entry, mine):
                continue
            if theirs.venue and mine.venue:
                years = theirs.year, mine.year
                if matching.venues_agree(theirs.venue, mine.venue) and (None in years or years[0] == years[1]):
                    return f"the same name, and {theirs.venue} agrees with {mine.venue}"
            elif theirs.venue or mine.venue:
                if len(name) >= _TELLING:
                    return f"the same name of {len(name)} letters, and {theirs.venue or mine.venue} on one side only"
            elif mine.whole == theirs.whole and len(mine.whole) >= _WHOLE_TITLE:
                return "the same title"
        return None


@dataclass(frozen=True, slots=True)
class _Traits:
    """What entries are compared by: `venue` is None for a preprint server, `whole` the folded title, else the name."""

    identifiers: frozenset[Identifier]
    names: tuple[str, ...]
    whole: str
    numerals: tuple[str, ...] | None
    venue: str | None
    year: int | None
    is_preprint: bool

    @classmethod
    def of(cls, entry: Entry) -> _Traits:
        preprint = _is_preprint(entry.venue)
        return cls(
            _identifiers(entry),
            tuple(_names(entry)),
            matching.fold(entry.title or entry.name or ""),
            matching.numerals(entry.title) if entry.title else None,
            None if preprint else entry.venue,
            (matching.year_of(entry.venue) if entry.venue else None) or entry.own.year,
            preprint,
        )


def _names(entry: Entry) -> list[str]:
    """The folded texts under which an entry may be found: name, title, head of the title."""
    head = matching.head(entry.title) if entry.title else None
    found = [matching.fold(text) for text in (entry.name, entry.title, head) if text]
    return list(dict.fromkeys(text for text in found if text))


def _same_name(one: Entry, ones: _Traits, two: Entry, twos: _Traits) -> bool:
    """Whether the name (or whole title) of one is the name, the whole title or the head of the title of the other."""
    if one.title and two.title and not (one.name and two.name):
        return ones.whole == twos.whole
    calls = [{matching.fold(text) for text in (entry.name, entry.title) if text} for entry in (one, two)]
    return bool(calls[0] & set(twos.names) or calls[1] & set(ones.names))


def _numerals_conflict(one: _Traits, two: _Traits) -> bool:
    return None not in (one.numerals, two.numerals) and one.numerals != two.numerals


def _titles_agree(one: Entry, two: Entry) -> bool:
    """Whether two titles, where both are given, have half of the shorter one's words in common."""
    if not one.title or not two.title:
        return True
    words = [set(matching.tokens(entry.title or "")) for entry in (one, two)]
    return 2 * len(words[0] & words[1]) >= min(map(len, words))


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
    return frozenset(identifier for identifier in found if identifier.scheme in _OF_PAPERS)


def _evidence(entry: Entry, traits: _Traits, *, is_known: bool) -> list[str]:
    """What proves an entry to be itself, in words: identifiers, a paper's URL; for what is no paper its own URL.

    An item that has nothing of the kind is found again by a name and a link of the known entry that was made from it.
    """
    found = sorted(str(identifier) for identifier in traits.identifiers)
    for link in entry.links:
        if link.kind is LinkKind.PAPER and not identifiers.of_url(link.url) and _is_page(link.url):
            found.append(identifiers.normalise_url(link.url))
    if not entry.links and entry.venue:
        found.append(f"the item {matching.fold(entry.title or entry.name or '')}, {entry.venue}")
    if entry.type in _SOFTWARE:
        own = next((link.url for link in entry.links if link.kind is LinkKind.CODE), None)
        found += [f"repository {_repository(own)}"] if own else [_typed(entry, link) for link in entry.links[:1]]
    elif entry.type is not EntryType.PAPER or not found:
        own_links = [link for link in entry.links if link.kind not in (LinkKind.CODE, LinkKind.VENUE, LinkKind.PAPER)]
        found += [_typed(entry, link) for link in own_links[:1]]
    if is_known or not found:
        urls = [identifiers.normalise_url(link.url) for link in entry.links]
        found += [f"the item {name}, {url}" for name in traits.names for url in urls]
    return found


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


def _types_agree(one: EntryType, two: EntryType) -> bool:
    return one is two or {one, two} <= _SOFTWARE


def _schemes_conflict(one: frozenset[Identifier], two: frozenset[Identifier]) -> bool:
    """Whether both have identifiers of one registry, and none in common."""
    if one & two:
        return False
    return bool({identifier.scheme for identifier in one} & {identifier.scheme for identifier in two})


def _is_preprint(venue: str | None) -> bool:
    return bool(venue) and any(word in (venue or "").casefold() for word in ("rxiv", "preprint", "corr ", "ssrn"))


def _lacking(entry: Entry, others: Iterable[Entry]) -> tuple[Link, ...]:
    """The links of others that an entry lacks; another form of the same paper's or repository's address is no lack."""
    present = {identifiers.normalise_url(link.url) for link in entry.links}
    present |= {f"{link.kind} {named}" for link in entry.links for named in identifiers.of_url(link.url)}
    found = []
    for link in (link for other in others for link in other.links):
        named = (
            {f"{link.kind} {identifier}" for identifier in identifiers.of_url(link.url)}
            if link.kind is LinkKind.PAPER
            else set()
        )
        if identifiers.normalise_url(link.url) not in present and not named & present:
            present.add(identifiers.normalise_url(link.url))
            found.append(link)
    return tuple(found)


def _united(entries: list[Entry]) -> Entry:
    """One entry of several: what the first says wins, the others fill its gaps; lists are joined in order."""
    first, others = entries[0], entries[1:]
    if not others:
        return first
    links: dict[str, Link] = {}
    for entry in entries:
        for link in entry.links:
            links.setdefault(identifiers.normalise_url(link.url), link)
    institutions = {matching.fold(name): name for entry in reversed(entries) for name in reversed(entry.institutions)}
    return replace(
        first,
        name=next((entry.name for entry in entries if entry.name), None),
        title=next((entry.title for entry in entries if entry.title), None),
        venue=next((entry.venue for entry in entries if entry.venue), None),
        institutions=tuple(reversed(institutions.values())),
        sections=tuple(dict.fromkeys(section for entry in entries for section in entry.sections)),
        tags=tuple(dict.fromkeys(tag for entry in entries for tag in entry.tags)),
        remarks=" / ".join(dict.fromkeys(entry.remarks for entry in entries if entry.remarks)) or None,
        links=tuple(links.values()),
        own=replace(
            first.own,
            authors=next((entry.own.authors for entry in entries if entry.own.authors), ()),
            abstract=next((entry.own.abstract for entry in entries if entry.own.abstract), None),
            year=next((entry.own.year for entry in entries if entry.own.year), None),
        ),
    )


def _count(lists: Sequence[Sequence[Entry]], *, entries: bool) -> dict[str, int]:
    """How many entries, or links, each list gave."""
    counts: dict[str, int] = defaultdict(int)
    for entry in (entry for listed in lists for entry in listed):
        path = entry.place.path if entry.place else ""
        counts[path] += 1 if entries else len(entry.links)
    return dict(counts)
