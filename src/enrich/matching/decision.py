"""Decide whether a candidate is the wanted paper, with the evidence for and against it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from enrich.matching.descriptions import Description
from enrich.matching.parts import head, numerals
from enrich.matching.people import same_authors
from enrich.matching.titles import Relation, Tie, is_distinctive, is_front_matter, relate, split_note
from enrich.text.dates import find_year
from enrich.text.folding import fold, tokens
from enrich.text.venue_names import venues_agree

SERIES_YEARS = 3
"""Years; after a longer time the same people may give the same short title to another work of a series."""

_LONG = 5
"""Words of a title that another paper of the same year is unlikely to contain."""


class Likeness(StrEnum):
    """Whether two descriptions denote one paper."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Match:
    """The result of `compare`: the evidence for it (`evidence`) and against it, in words for people.

    `score` has no unit; the candidate with the highest one among SAME ones is the best.
    """

    likeness: Likeness
    evidence: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    score: float = 0.0


@dataclass(frozen=True)
class Circumstances:
    """What is known beside the titles: authors and venue agree (None: cannot tell), years lie so far apart."""

    authors: bool | None
    venue: bool | None
    gap: int | None
    evidence: tuple[str, ...]
    against: tuple[str, ...]

    @property
    def near(self) -> bool:
        """Whether the years are known and differ by at most one."""
        return self.gap is not None and self.gap <= 1

    @property
    def far(self) -> bool:
        """Whether the years are known and differ by more than five."""
        return self.gap is not None and self.gap > 5

    @property
    def close(self) -> bool:
        """Whether the years, if known, differ by at most one."""
        return self.gap is None or self.near

    @property
    def by_authors(self) -> bool:
        """Whether the authors agree, and the years allow for one paper."""
        return self.authors is True and (self.gap is None or self.gap <= SERIES_YEARS)

    @property
    def by_venue(self) -> bool:
        """Whether the venues agree, and the editions as far as they are known."""
        return self.venue is True and self.close

    @property
    def score(self) -> float:
        """The weight of the circumstances when candidates are ranked; no unit."""
        of_authors = {True: 4.0, None: 0.0, False: -6.0}[self.authors]
        of_venue = {True: 1.0, None: 0.0, False: -0.5}[self.venue]
        of_year = 0.0 if self.gap is None else max(-3.0, 1.5 - 0.75 * self.gap)
        return of_authors + of_venue + of_year


def _placed(description: Description) -> tuple[str, int | None]:
    """Return the venue and the year, from the note in the title if the description has none."""
    note = split_note(description.title).note if description.title else ""
    venue = description.venue or note
    return venue, description.year or find_year(venue) or find_year(note)


def circumstances(one: Description, two: Description) -> Circumstances:
    """Return the evidence for and against two descriptions besides their titles."""
    (place, year), (other_place, other_year) = _placed(one), _placed(two)
    authors = same_authors(one.authors, two.authors)
    venue = venues_agree(place, other_place)
    years = sorted(known for known in (year, other_year) if known)
    gap = years[1] - years[0] if len(years) == 2 else None
    said = {
        "the authors agree": authors,
        "the venue agrees": venue,
        "the year agrees": None if gap is None or 1 < gap <= SERIES_YEARS else gap <= 1,
    }
    evidence = [text for text, holds in said.items() if holds]
    against = []
    if authors is False:
        against.append("no author is the same")
    if venue is False:
        against.append(f"the venues differ: {place} and {other_place}")
    if gap is not None and gap > SERIES_YEARS:
        against.append(f"the years differ: {years[0]} and {years[1]}")
    return Circumstances(authors, venue, gap, tuple(evidence), tuple(against))


def compare(wanted: Description, candidate: Description) -> Match:
    """Whether the candidate is the paper that is wanted.

    Returns:
        SAME only where the titles agree and nothing contradicts them, or where a name and enough beside it agree;
        DIFFERENT where a numeral, a negation, a notice or the titles as a whole tell two works apart; UNSURE
        otherwise. The likeness does not depend on which of the two is wanted.
    """
    known = circumstances(wanted, candidate)
    if wanted.titles and candidate.titles:
        relations = [relate(one, two) for one in wanted.titles for two in candidate.titles]
        relation = max(relations, key=lambda found: (found.tie, found.certain, len(found.shared)))
        return _by_title(relation, known, _named(relation, wanted, candidate))
    for named, titled in ((wanted, candidate), (candidate, wanted)):
        if named.name and titled.titles:
            return _by_name(named.name, titled.titles, known)
    return Match(Likeness.UNSURE, known.evidence, (*known.against, "there is no title to compare"), known.score)


def _named(relation: Relation, one: Description, two: Description) -> bool:
    """Whether a listed name is the part that one title does not have, or the beginning of both."""
    names = {fold(name) for name in (one.name, two.name) if name} - {""}
    if relation.tie is Tie.PART:
        return fold(relation.missing) in names
    return any(fold(head(title) or "") in names for title in (*one.titles, *two.titles))


def _begins(name: str, title: str) -> bool:
    return fold(name) in {fold(head(title) or ""), fold(title)} - {""}


def _by_title(relation: Relation, known: Circumstances, named: bool) -> Match:
    likeness = _likeness(relation, known, named)
    good = relation.tie in {Tie.EQUAL, Tie.NEAR, Tie.PART}
    evidence = ((relation.why,) if good else ()) + known.evidence + (("the listed name agrees",) if named else ())
    against = known.against + (() if good else (relation.why,))
    if likeness is Likeness.UNSURE and good and not against:
        against = ("the title alone could be another paper's",)
    score = 10.0 * relation.tie + known.score + (2.0 if named else 0.0)
    return Match(likeness, evidence, against, score)


@dataclass(frozen=True)
class _Pair:
    """Two titles, the circumstances, and whether a listed name agrees."""

    relation: Relation
    known: Circumstances
    named: bool

    def is_tied(self, tie: Tie) -> bool:
        return self.relation.tie is tie

    @property
    def is_sure(self) -> bool:
        """Whether the titles are conclusive by themselves, and differ in typing errors at most."""
        return self.relation.certain and is_distinctive(self.relation.shared)

    @property
    def is_part_of_more(self) -> bool:
        """Whether the circumstances are sufficient if one title is a part of the other."""
        of_year = self.known.gap == 0 and len(self.relation.shared) >= _LONG
        beside = self.known.authors is True or self.named or of_year
        return not self.known.far and (beside or (self.known.by_venue and self.known.near))

    @property
    def is_backed(self) -> bool:
        """Whether the circumstances support a title that other papers may have."""
        of_year = self.known.gap == 0 and self.known.venue is not False
        of_name = self.named and not self.known.far
        return self.known.by_authors or self.known.by_venue or of_year or of_name


_ENOUGH: tuple[tuple[Callable[[_Pair], bool], Callable[[_Pair], bool]], ...] = (
    (lambda pair: pair.is_tied(Tie.ALIKE), lambda _: False),
    (lambda pair: is_front_matter(pair.relation.shared), lambda pair: pair.known.by_authors and pair.known.close),
    (lambda pair: pair.is_tied(Tie.PART), lambda pair: pair.is_part_of_more),
    (lambda pair: pair.is_sure, lambda pair: pair.known.authors is True or not pair.known.far),
    (lambda pair: pair.is_tied(Tie.NEAR), lambda pair: pair.known.by_authors),
    (lambda _: True, lambda pair: pair.is_backed),
)
"""The kinds of agreement between titles, and whether the circumstances suffice; the first row that matches counts."""


def _likeness(relation: Relation, known: Circumstances, named: bool) -> Likeness:
    if relation.tie <= Tie.UNLIKE:
        return Likeness.DIFFERENT
    if known.authors is False:
        equal = relation.tie is Tie.EQUAL and is_distinctive(relation.shared)
        return Likeness.UNSURE if equal else Likeness.DIFFERENT
    pair = _Pair(relation, known, named)
    enough = next(enough for fits, enough in _ENOUGH if fits(pair))
    return Likeness.SAME if enough(pair) else Likeness.UNSURE


def _by_name(name: str, titles: Sequence[str], known: Circumstances) -> Match:
    """Compare a name with a title, if one side has no title."""
    begins = any(_begins(name, title) for title in titles)
    evidence, against = known.evidence, known.against
    if begins:
        evidence = (f"the title begins with the name {name}", *evidence)
    elif all(_other_version(name, title) for title in titles):
        against = (f"{name} is not {head(titles[0]) or titles[0]}", *against)
        return Match(Likeness.DIFFERENT, evidence, against, known.score)
    elif any(_holds(name, title) for title in titles):
        evidence = (f"the title contains the name {name}", *evidence)
    else:
        against = (f"the title does not contain the name {name}", *against)
    beside = known.authors is True or (known.venue is True and known.near and known.authors is not False)
    if begins and beside and not known.far:
        return Match(Likeness.SAME, evidence, against, 30.0 + known.score)
    if not beside:
        against = (*against, "a name alone could be another paper's")
    return Match(Likeness.UNSURE, evidence, against, (20.0 if begins else 0.0) + known.score)


def _other_version(name: str, title: str) -> bool:
    """Whether the title's head is the name with another numeral: HexGen, HexGen-2."""
    first = head(title) or title
    stems = [[word.rstrip("0123456789") for word in tokens(text)] for text in (name, first)]
    alike = "".join(stems[0]) == "".join(stems[1]) or numerals(first)[:1] == tokens(first)[-1:]
    return numerals(name) != numerals(first) and alike and bool("".join(stems[0]))


def _holds(name: str, title: str) -> bool:
    words = f" {' '.join(tokens(title))} "
    return bool(tokens(name)) and f" {' '.join(tokens(name))} " in words


def choose(wanted: Description, candidates: Sequence[Description]) -> tuple[int | None, tuple[Match, ...]]:
    """Return the one candidate that is the paper wanted, and the match of each candidate.

    Records of the same work (the same title, authors that agree) count as one, and the best of them is chosen.

    Returns:
        The candidate's index, None when there is none or when several different works could be it; and the matches
        in the order of the candidates.
    """
    matches = tuple(compare(wanted, candidate) for candidate in candidates)
    same = [place for place, match in enumerate(matches) if match.likeness is Likeness.SAME]
    if not same:
        return None, matches
    best = max(same, key=lambda place: (matches[place].score, -place))
    rivals = [place for place in same if place != best and matches[best].score - matches[place].score < 3.0]
    if any(compare(candidates[best], candidates[place]).likeness is not Likeness.SAME for place in rivals):
        return None, matches
    return best, matches
