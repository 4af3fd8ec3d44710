"""An import into a catalog: which entries of the lists are the same, which are known, what is new; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from enrich import identifiers, matching
from enrich.lists import keys
from enrich.lists.evidence import (
    TELLING,
    Traits,
    evidence_of,
    holds_title,
    numerals_conflict,
    same_name,
    schemes_conflict,
    tell_apart,
    tokens_of_links,
    types_agree,
)
from enrich.model import Entry, EntryType, Identifier, Link, LinkKind, Place
from enrich.text import venue_names

# A title of this many letters, listed twice without a venue, is one paper.
_WHOLE_TITLE = 25
# Entries of one name are compared with so many others of it, so that a list of one name a million times ends.
_COMPARED = 40
# So many members of a group speak for it.
_ASKED = 5


@dataclass(frozen=True, slots=True)
class Merge:
    """One item that was found to be an entry that is there already; `proven` where an identifier or a URL says so.

    `first` is the place of that entry, `places` are those of the item.
    """

    key: str
    into: str
    because: str
    proven: bool
    places: tuple[Place, ...] = ()
    first: Place | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """One identifier that a list gives to items with different titles: at most one of them is right."""

    identifier: Identifier
    titles: tuple[str, str]
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """What an import adds: new entries with their keys, and links for known entries, by their keys."""

    new: tuple[Entry, ...] = ()
    links: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)
    merges: tuple[Merge, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    entries_read: Mapping[str, int] = field(default_factory=dict)
    links_read: Mapping[str, int] = field(default_factory=dict)


def merge(known: Sequence[Entry], lists: Sequence[Sequence[Entry]]) -> Import:
    """Return what the entries of some lists add to a catalog's.

    Two are the same where they share a paper's identifier or its page, and their titles do not differ; or where
    `matching` says so of their names and titles. A shared identifier under different titles is a conflict: both stay.

    Args:
        known: the catalog's entries, which are never changed and never merged with each other.
        lists: the entries of each list, as `read` returns them.

    Returns:
        New entries in the order of the lists, keys given; the links that known entries lack; every merge that
        led to one of both. The same input gives the same result, and importing again gives nothing new.
    """
    listed = [entry for entries in lists for entry in entries]
    groups = _Groups([*known, *listed], len(known))
    groups.join_known()
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
    return Import(
        tuple(new),
        links,
        tuple(merges),
        groups.conflicts(),
        _count(lists, entries=True),
        _count(lists, entries=False),
    )


class _Groups:
    """Entries joined into groups (union-find: the first member stands for its group)."""

    def __init__(self, entries: list[Entry], known: int) -> None:
        self.entries = entries
        self._known = known
        self._parent = list(range(len(entries)))
        self._members: dict[int, list[int]] = {place: [place] for place in range(len(entries))}
        self._traits = [Traits.of(entry) for entry in entries]
        self._because: dict[int, tuple[str, bool]] = {}
        self._conflicts: dict[tuple[int, int], Identifier] = {}

    def join_known(self) -> None:
        """Join each item with the known entry that was made from it: its links and its name tell which.

        A known entry that no item claims by its name is the one whose links an item has, though it was retitled.
        """
        if not self._known:
            return
        by_link: dict[str, list[int]] = defaultdict(list)
        by_name: dict[str, list[int]] = defaultdict(list)
        for place, entry in enumerate(self.entries[: self._known]):
            for token in dict.fromkeys(tokens_of_links(entry)):
                by_link[token].append(place)
            for name in self._traits[place].names:
                by_name[name].append(place)
        claimed: set[int] = set()
        left = []
        for place in range(self._known, len(self.entries)):
            tokens = dict.fromkeys(tokens_of_links(self.entries[place]))
            shared = Counter(other for token in tokens for other in by_link.get(token, ())[:_COMPARED])
            if not tokens:
                whole = self._traits[place].whole
                shared = Counter(
                    other for other in by_name.get(whole, ())[:_COMPARED] if not self._conflict(other, place)
                )
            found = max(shared, key=lambda other: self._kinship(other, place, shared, len(tokens)), default=None)
            kin = self._kinship(found, place, shared, len(tokens)) if found is not None else (0,)
            if found is not None and kin[0]:
                claimed.add(found)
                self._join(found, place, "the same item", proven=True, forced=True)
            elif shared and tokens:
                left.append((place, len(tokens), shared))
        for place, count, holders in left:
            whole_holders = [other for other, number in holders.items() if number == count and other not in claimed]
            if len(whole_holders) == 1 and self._is_paper_or_alone(whole_holders[0], place):
                self._join(whole_holders[0], place, "the same links", proven=True, forced=True)

    def _kinship(self, known: int, place: int, shared: Mapping[int, int], links: int) -> tuple[int, ...]:
        """Return how surely an item is a known entry; the first number is 0 where it may be another."""
        a, b = self._traits[known], self._traits[place]
        same, named, whole = a.whole == b.whole, bool(set(a.names) & set(b.names)), shared[known] >= links
        types = types_agree(self.entries[known].type, self.entries[place].type)
        differ = not (same or (named and not links)) and self._differ(known, place)
        may_be = not differ and (
            same or named or (whole and links > 0 and (types or bool(a.identifiers & b.identifiers)))
        )
        return int(may_be), int(whole and same), int(whole), int(same), int(types), int(named), shared[known], -known

    def _is_paper_or_alone(self, one: int, two: int) -> bool:
        """Whether links may make two the same: they lead to a paper, or both are of one kind."""
        shared = self._traits[one].identifiers & self._traits[two].identifiers
        return bool(shared) or types_agree(self.entries[one].type, self.entries[two].type)

    def join_by_evidence(self) -> None:
        """Join what shares an identifier or a page of its own, and is not called differently.

        A framework is not its paper, even where both are listed with it; but a known entry is found again
        whatever type a person has given it.
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
                self._join(other, place, f"both have {token}", proven=True, forced=True)
                return
        if identifier is not None and same:
            self._conflicts[(same[0], place)] = identifier

    def _may_share_page(self, one: int, two: int) -> bool:
        """Whether a page alone may make two the same: one says nothing that the other says otherwise."""
        a, b = self.entries[one], self.entries[two]
        if a.type is not EntryType.PAPER or b.type is not EntryType.PAPER:
            return True
        return a.title is None or b.title is None or self._compare(one, two) is matching.Likeness.SAME

    def _differ(self, one: int, two: int) -> bool:
        """Whether the titles of two, or their names where there are no titles, are those of different works."""
        for member in self._members[self._find(one)][:_ASKED]:
            a, b = self.entries[member], self.entries[two]
            if a.title and b.title:
                if (
                    self._compare(member, two) is matching.Likeness.DIFFERENT
                    and not holds_title(a, b)
                    and tell_apart(a, b)
                ):
                    return True
            elif (
                (
                    a.type is b.type is EntryType.PAPER
                    and a.name
                    and b.name
                    and not a.title
                    and not b.title
                    and member >= self._known
                )
                and matching.fold(a.name) != matching.fold(b.name)
                and not holds_title(a, b)
            ):
                return True
        return False

    def _compare(self, one: int, two: int) -> matching.Likeness:
        return matching.compare(self._traits[one].description, self._traits[two].description).likeness

    def conflicts(self) -> tuple[Conflict, ...]:
        """The identifiers that stand under different titles, where their items are still apart."""
        found = []
        for (one, two), identifier in self._conflicts.items():
            if self._find(one) != self._find(two):
                a, b = self.entries[one], self.entries[two]
                places = tuple(entry.place for entry in (a, b) if entry.place)
                found.append(Conflict(identifier, (a.title or a.label, b.title or b.label), places))
        return tuple(found)

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
            first = self.entries[members[0]].place
            found.append(Merge(into.key, into.label, because, proven, (place,) if place else (), first))
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
        if not types_agree(self.entries[one].type, self.entries[two].type):
            return True
        if schemes_conflict(a.identifiers, b.identifiers) or numerals_conflict(a, b):
            return True
        if a.venue and b.venue and venue_names.venues_agree(a.venue, b.venue) is False:
            return True
        return None not in (a.year, b.year) and a.year != b.year and not (a.is_preprint or b.is_preprint)

    def _agreement(self, group: int, place: int, name: str) -> str | None:
        """Return in what a group and an entry of the same name agree, None where that is too little."""
        entry, mine = self.entries[place], self._traits[place]
        for member in self._members[group][:_ASKED]:
            other, theirs = self.entries[member], self._traits[member]
            if not same_name(other, theirs, entry, mine):
                continue
            found = matching.compare(theirs.description, mine.description)
            if found.likeness is matching.Likeness.SAME:
                return ", ".join(found.evidence) or "the same title"
            if found.likeness is matching.Likeness.DIFFERENT:
                continue
            if (theirs.venue is None) != (mine.venue is None) and len(name) >= TELLING:
                return f"the same name of {len(name)} letters, and {theirs.venue or mine.venue} on one side only"
            if theirs.venue and mine.venue and not (other.title and entry.title):
                years = theirs.year, mine.year
                if venue_names.venues_agree(theirs.venue, mine.venue) and (None in years or years[0] == years[1]):
                    return f"the same name, and {theirs.venue} agrees with {mine.venue}"
            if mine.whole == theirs.whole and len(mine.whole) >= _WHOLE_TITLE:
                return "the same title"
        return None


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
