"""Merge an import into a catalog: which entries of the lists are the same, known or new; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from enrich import identifiers, matching
from enrich.lists.evidence import Traits, evidence_of, schemes_conflict, slug, tokens_of_links, types_agree, unique_key
from enrich.model import Entry, EntryType, Identifier, Link, LinkKind, Place

T = TypeVar("T")

# An entry is compared with at most this many others of its name, in case a list repeats a name a million times.
_COMPARED = 40
# The number of members by which a group is compared.
_ASKED = 5


@dataclass(frozen=True, slots=True)
class Merge:
    """An item that is a known entry; `proven` if an identifier or a URL shows it.

    `first` is the place of that entry, `places` are the places of the item.
    """

    key: str
    into: str
    because: str
    proven: bool
    places: tuple[Place, ...] = ()
    first: Place | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """An identifier of items with different titles: at most one of them is right."""

    identifier: Identifier
    titles: tuple[str, str]
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """The additions of an import: new entries with their keys, and links for known entries, by their keys.

    `items` are the items of the lists from which each entry was made, by its key.
    """

    new: tuple[Entry, ...] = ()
    links: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)
    merges: tuple[Merge, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    entries_read: Mapping[str, int] = field(default_factory=dict)
    links_read: Mapping[str, int] = field(default_factory=dict)
    items: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)


def merge(known: Sequence[Entry], lists: Sequence[Sequence[Entry]]) -> Import:
    """Return what the entries of some lists add to a catalog's.

    Two are the same where they share a paper's identifier or its page, and their titles do not differ; or where
    `matching` says so of their names and titles. A shared identifier under different titles is a conflict: both stay.

    Args:
        known: the catalog's entries, which are never changed and never merged with each other.
        lists: the entries of each list, as `read` returns them.

    Returns:
        New entries in the order of the lists, keys given; the links that known entries do not have; every merge that
        led to one of both. The same input gives the same result, and importing again gives nothing new.
    """
    listed = [entry for entries in lists for entry in entries]
    groups = _Groups([*known, *listed], len(known))
    groups.join_known()
    groups.join_by_evidence()
    groups.join_by_key()
    groups.join_by_name()
    additions = _Additions(known)
    items: dict[str, tuple[Entry, ...]] = {}
    for members in groups.in_order():
        entries = [groups.entries[member] for member in members]
        is_known = members[0] < len(known)
        into = additions.add_links(*entries) if is_known else additions.add_entry(entries)
        key = into.key if into is not None else entries[0].key
        items[key] = tuple(entries[is_known:])
        if into is not None:
            additions.merges.extend(groups.merges(members, into))
    return Import(
        tuple(additions.new),
        additions.links,
        tuple(additions.merges),
        groups.conflicts(),
        _count(lists, entries=True),
        _count(lists, entries=False),
        items,
    )


class _Additions:
    """The collected additions of the groups to the catalog."""

    def __init__(self, known: Sequence[Entry]) -> None:
        self.new: list[Entry] = []
        self.links: dict[str, tuple[Link, ...]] = {}
        self.merges: list[Merge] = []
        self._keys = {entry.key for entry in known}
        self._numbers: dict[str, int] = {}

    def add_links(self, entry: Entry, *items: Entry) -> Entry | None:
        """Add the links that a known entry does not have; return the entry, None if it has them all."""
        if not (links := _new_links(entry, items)):
            return None
        self.links[entry.key] = links
        return entry

    def add_entry(self, items: Sequence[Entry]) -> Entry:
        """Add one new entry for several items, and return it with its key."""
        united = _united(items)
        entry = replace(united, key=unique_key(united, self._keys, self._numbers))
        self._keys.add(entry.key)
        self.new.append(entry)
        return entry


class _Groups:
    """Entries joined into groups (union-find: the first member represents its group)."""

    def __init__(self, entries: list[Entry], known: int) -> None:
        self.entries = entries
        self._known = known
        self._parent = list(range(len(entries)))
        self._members: dict[int, list[int]] = {place: [place] for place in range(len(entries))}
        self._traits = [Traits.of(entry) for entry in entries]
        self._because: dict[int, tuple[str, bool]] = {}
        self._conflicts: dict[tuple[int, int], Identifier] = {}

    def join_known(self) -> None:
        """Join each item with the known entry that was made from it, based on its links and its name.

        A known entry whose name no item has was retitled if an item has its links.
        """
        by_link = self._index_known(lambda place: tokens_of_links(self.entries[place]))
        by_name = self._index_known(lambda place: self._traits[place].names)
        claimed: set[int] = set()
        left: list[tuple[int, list[int]]] = []
        for place in range(self._known, len(self.entries)) if self._known else ():
            links = tokens_of_links(self.entries[place])
            if links:
                shared = Counter(other for token in links for other in by_link.get(token, ())[:_COMPARED])
            else:
                bearing = by_name.get(self._traits[place].whole, ())[:_COMPARED]
                shared = Counter(other for other in bearing if not self._conflict(other, place))
            kin = {other: self._kinship(other, place, shared[other], len(links)) for other in shared}
            found = max(kin, key=lambda other: kin[other], default=None)
            if found is not None and kin[found][0]:
                claimed.add(found)
                self._join(found, place, "the same item", proven=True)
            elif links:
                left.append((place, [other for other, number in shared.items() if number == len(links)]))
        for place, holders in left:
            unclaimed = [other for other in holders if other not in claimed]
            if len(unclaimed) == 1 and self._may_be_one(unclaimed[0], place):
                self._join(unclaimed[0], place, "the same links", proven=True)

    def _index_known(self, keys: Callable[[int], Iterable[str]]) -> dict[str, list[int]]:
        """Return the known entries by some of their keys."""
        found: dict[str, list[int]] = defaultdict(list)
        for place in range(self._known):
            for key in keys(place):
                found[key].append(place)
        return found

    def _kinship(self, known: int, place: int, shared: int, links: int) -> tuple[int, ...]:
        """Return how certainly an item is a known entry; the first number is 0 if it may be another."""
        a, b = self._traits[known], self._traits[place]
        same, named, whole = a.whole == b.whole, not set(a.names).isdisjoint(b.names), shared >= links
        types = types_agree(self.entries[known].type, self.entries[place].type)
        differ = not (same or (named and not links)) and self._are_different(known, place)
        by_links = whole and links > 0 and self._may_be_one(known, place)
        may_be = not differ and (same or named or by_links)
        return int(may_be), int(whole and same), int(whole), int(same), int(types), int(named), shared, -known

    def _may_be_one(self, one: int, two: int) -> bool:
        """Whether shared links may identify two entries: the links lead to a paper, or both have one type."""
        shared = self._traits[one].identifiers & self._traits[two].identifiers
        return bool(shared) or types_agree(self.entries[one].type, self.entries[two].type)

    def join_by_evidence(self) -> None:
        """Join entries that share an identifier or a page, unless their names or titles differ.

        A framework is not its paper, even if both are listed with it. But a known entry is found again even if its
        type was edited.
        """
        seen: dict[str, list[int]] = defaultdict(list)
        for place, entry in enumerate(self.entries):
            for token, identifier in evidence_of(entry, self._traits[place], is_known=place < self._known):
                others = seen[token]
                if place >= self._known:
                    self._join_by_token(place, others, token, identifier)
                if len(others) < _COMPARED:
                    others.append(place)

    def _join_by_token(self, place: int, others: Sequence[int], token: str, identifier: Identifier | None) -> None:
        kind = self.entries[place].type
        same = [other for other in others if types_agree(self.entries[other].type, kind)]
        same = same or [other for other in others if other < self._known]
        for other in same:
            if self._find(other) == self._find(place):
                return
            if not self._differ(other, place) and (identifier is not None or self._may_share_page(other, place)):
                self._join(other, place, f"both have {token}", proven=True)
                return
        if identifier is not None and same:
            self._conflicts[(same[0], place)] = identifier

    def _may_share_page(self, one: int, two: int) -> bool:
        """Whether a shared page may identify two entries: nothing that one says contradicts the other."""
        a, b = self.entries[one], self.entries[two]
        if not (a.type is b.type is EntryType.PAPER and a.title and b.title):
            return True
        match = matching.compare(self._traits[one].description, self._traits[two].description)
        return match.likeness is matching.Likeness.SAME

    def _differ(self, one: int, two: int) -> bool:
        """Whether a member of an entry's group is known to differ from another entry."""
        return any(self._are_different(member, two) for member in self._members[self._find(one)][:_ASKED])

    def _are_different(self, one: int, two: int) -> bool:
        """Whether two entries are different works by their titles; names alone only distinguish papers in lists."""
        a, b = self.entries[one], self.entries[two]
        if not (a.title or b.title) and (not a.type is b.type is EntryType.PAPER or one < self._known):
            return False
        return matching.are_different_works(self._traits[one].description, self._traits[two].description)

    def conflicts(self) -> tuple[Conflict, ...]:
        """Return the identifiers under different titles, where their items are still apart."""
        found = []
        for (one, two), identifier in self._conflicts.items():
            if self._find(one) != self._find(two):
                a, b = self.entries[one], self.entries[two]
                places = tuple(entry.place for entry in (a, b) if entry.place)
                found.append(Conflict(identifier, (a.title or a.label, b.title or b.label), places))
        return tuple(found)

    def join_by_key(self) -> None:
        """Join an item with the known entry that was made from it, by key, if there is no other evidence.

        The key is its key in a bibliography or, without links, the one made from its name.
        """
        made = {entry.key: place for place, entry in enumerate(self.entries[: self._known])}
        unlinked = {key: place for key, place in made.items() if not self.entries[place].links}
        for place in range(self._known, len(self.entries)) if made else ():
            entry = self.entries[place]
            found = made.get(entry.key) if entry.key else unlinked.get(slug(entry)) if not entry.links else None
            if found is None or self._conflict(found, place) or (entry.key and self._are_different(found, place)):
                continue
            self._join(found, place, "the same item", proven=True)

    def join_by_name(self) -> None:
        """Join entries of the same name if nothing contradicts it."""
        named: dict[str, list[int]] = defaultdict(list)
        for place, traits in enumerate(self._traits):
            for name in traits.names:
                others = dict.fromkeys(self._find(other) for other in named[name])
                for other in list(others)[:_COMPARED]:
                    because = self._agreement(other, place) if other != self._find(place) else None
                    if because and self._join(other, place, because, proven=False):
                        break
                if len(others) < _COMPARED and self._find(place) not in {self._find(other) for other in others}:
                    named[name].append(place)

    def in_order(self) -> list[list[int]]:
        """Return the groups by their first members, each in the order of the input."""
        return [sorted(members) for _, members in sorted(self._members.items())]

    def merges(self, members: list[int], into: Entry) -> list[Merge]:
        """Return the reasons why the later members of a group are in it."""
        found = []
        for member in members[1:]:
            because, proven = self._because.get(member, ("both are the same as a third", True))
            place = self.entries[member].place
            first = self.entries[members[0]].place
            found.append(Merge(into.key, into.label, because, proven, (place,) if place else (), first))
        return found

    def _find(self, place: int) -> int:
        while self._parent[place] != place:
            self._parent[place] = self._parent[self._parent[place]]
            place = self._parent[place]
        return place

    def _join(self, one: int, two: int, because: str, *, proven: bool) -> bool:
        first, second = sorted((self._find(one), self._find(two)))
        if first == second or second < self._known:
            return False
        pairs = ((a, b) for a in self._members[first][:_COMPARED] for b in self._members[second][:_COMPARED])
        if not proven and any(self._conflict(a, b) for a, b in pairs):
            return False
        self._parent[second] = first
        self._members[first] += self._members.pop(second)
        self._because.setdefault(second, (because, proven))
        return True

    def _conflict(self, one: int, two: int) -> bool:
        """Whether type, identifiers, numerals, venue or year show that two entries are different."""
        a, b = self._traits[one], self._traits[two]
        return (
            not types_agree(self.entries[one].type, self.entries[two].type)
            or schemes_conflict(a.identifiers, b.identifiers)
            or matching.contradict(a.description, b.description)
        )

    def _agreement(self, group: int, place: int) -> str | None:
        """Return what a group and an entry of the same name have in common, None if it is too little."""
        mine = self._traits[place].description
        found = (matching.agreement(self._traits[m].description, mine) for m in self._members[group][:_ASKED])
        return next(filter(None, found), None)


def _new_links(entry: Entry, others: Iterable[Entry]) -> tuple[Link, ...]:
    """Return the links of others that an entry does not have; another form of a paper's address is the same link."""
    present = {form for link in entry.links for form in _forms(link, LinkKind)}
    found = []
    for link in (link for other in others for link in other.links):
        forms = _forms(link, (LinkKind.PAPER,))
        if present.isdisjoint(forms):
            present.add(forms[0])
            found.append(link)
    return tuple(found)


def _forms(link: Link, kinds: Iterable[LinkKind]) -> list[str]:
    """Return a link's normalised URL and, for links of some kinds, its identifiers."""
    named = identifiers.of_url(link.url) if link.kind in kinds else ()
    return [identifiers.normalise_url(link.url), *(f"{link.kind} {identifier}" for identifier in named)]


def _first(values: Sequence[T]) -> T:
    return next((value for value in values if value), values[0])


def _union(values: Sequence[Sequence[Any]], key: Callable[[Any], Any] = lambda value: value) -> tuple[Any, ...]:
    """Return the items of several lists in order, the first of each key."""
    found: dict[Any, Any] = {}
    for value in (value for some in values for value in some):
        found.setdefault(key(value), value)
    return tuple(found.values())


_FIELDS: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "name": _first,
    "title": _first,
    "venue": _first,
    "institutions": lambda values: _union(values, matching.fold),
    "sections": _union,
    "tags": _union,
    "remarks": lambda values: " / ".join(dict.fromkeys(filter(None, values))) or None,
    "links": lambda values: _union(values, lambda link: identifiers.normalise_url(link.url)),
}
"""How the values of several items are merged, by field; other fields take the first item's value."""
_OWN_FIELDS = ("authors", "abstract", "year")


def _united(entries: Sequence[Entry]) -> Entry:
    """Return several entries merged into one."""
    if len(entries) == 1:
        return entries[0]
    values = {name: unite([getattr(entry, name) for entry in entries]) for name, unite in _FIELDS.items()}
    own = {name: _first([getattr(entry.own, name) for entry in entries]) for name in _OWN_FIELDS}
    return replace(entries[0], own=replace(entries[0].own, **own), **values)


def _count(lists: Sequence[Sequence[Entry]], *, entries: bool) -> dict[str, int]:
    """Return the number of entries, or links, of each list."""
    counts: dict[str, int] = defaultdict(int)
    for entry in (entry for listed in lists for entry in listed):
        path = entry.place.path if entry.place else ""
        counts[path] += 1 if entries else len(entry.links)
    return dict(counts)
