"""Decide which works are the same: a record and the entry that led to it, two records, two items of lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from enrich.matching.decision import Circumstances, Likeness, circumstances, compare
from enrich.matching.decoration import (
    Rest,
    authors_beside,
    find_within,
    is_decoration,
    is_no_title,
    is_quoted,
    name_before,
    undecorated,
)
from enrich.matching.descriptions import Description
from enrich.matching.parts import head, numerals
from enrich.matching.retitling import (
    REWORDED,
    SHARED,
    UNRELATED,
    common_words,
    differ_in_years,
    numerals_conflict,
    same_head,
    sign_of_retitling,
)
from enrich.matching.splitting import cut_out
from enrich.matching.titles import (
    Relation,
    Tie,
    begins_with_kind_of_work,
    is_distinctive,
    is_kind_of_work,
    opposites,
    relate,
    strip_retraction,
)
from enrich.text.dates import find_year
from enrich.text.folding import fold, tokens, without_markup
from enrich.text.venue_names import is_preprint_server, venues_agree


class Identity(IntEnum):
    """Whether a record is of the entry's paper, the surest last.

    `LIKELY`: it is, unless another paper has the entry's title. `DOUBTFUL`: retitled, or another paper.
    """

    OTHER = 0
    DOUBTFUL = 1
    LIKELY = 2
    SAME = 3


@dataclass(frozen=True)
class Ruling:
    """The answer of `identify`.

    `why` says in words what differs; `clean` is the paper's title as listed, if the listed title has decoration around
    it, and `left_out` a name before it that is not part of it; `contradicted`: the listed authors or year contradict
    it.
    """

    identity: Identity
    why: str = ""
    clean: str | None = None
    contradicted: bool = False
    left_out: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether the record is accepted as the paper's, as far as the record and the entry show."""
        return self.identity >= Identity.LIKELY


TELLING = 12
"""Letters; another system is unlikely to have the same name of this length by chance."""

WHOLE = 25
"""Letters; a title of this length that is listed twice without a venue is one paper."""


def identify(listed: Description, records: Sequence[Description]) -> Ruling:
    """Whether what an identifier or a page led to is the listed paper.

    Args:
        listed: what the list says of the paper.
        records: what the sources say under one identifier, the registry's record first; their `other_titles` count.

    Returns:
        SAME where a title of the records is the listed one, in another form or with decoration around it; LIKELY where
        a name or a subtitle is left out, letters differ, or something shows that the paper was retitled. DOUBTFUL and
        OTHER carry what differs from the registry's title.
    """
    titled = [record for record in records if record.title]
    if not titled:
        return Ruling(Identity.SAME)
    if not listed.title or _is_no_title(listed.title, titled):
        return _by_name(listed, titled)
    registered = best = _by_title(listed, titled[0].titles[0], titled)
    for title in (title for record in titled for title in record.titles[record is titled[0] :]):
        if best.identity is Identity.SAME:
            break
        best = max(best, _by_title(listed, title, titled), key=lambda ruling: ruling.identity)
    return best if best.is_accepted else replace(registered, identity=best.identity)


def _is_no_title(text: str, records: Sequence[Description]) -> bool:
    """Whether a listed title is only decoration, and not the title of a record."""
    if any(text == record.title for record in records):
        return False
    return is_no_title(text, [name for record in records for name in record.authors])


def bears_title(listed: Description, found: Description) -> bool:
    """Whether a paper that a search found has exactly the listed title, and nothing listed contradicts it."""
    if not found.title or not listed.title:
        return False
    known = _known(listed, None, [found])
    exact = any(relate(reading, found.title).tie is Tie.EQUAL for reading in _readings(listed.title))
    return exact and known.authors is not False and not known.far


def same_paper(one: Description, other: Description) -> bool:
    """Whether two descriptions may denote one paper: unless titles and authors contradict each other."""
    return any(
        identify(replace(listed, title=title), [record]).identity > Identity.OTHER
        for listed, record in ((one, other), (other, one))
        for title in listed.titles or (None,)
    )


def are_different_works(one: Description, two: Description) -> bool:
    """Whether the titles of two listed works, or their names if there are no titles, belong to different works.

    A title that begins with the other one proves nothing, nor do a few words, which may be another name of the work.
    """
    short, long = sorted((fold(listed.title or listed.name or "") for listed in (one, two)), key=len)
    if len(short) >= TELLING and long.startswith(short):
        return False
    if one.title and two.title:
        few = min(len(tokens(title)) for title in (one.title, two.title)) <= SHARED
        return not few and compare(one, two).likeness is Likeness.DIFFERENT
    return not one.title and not two.title and "" != fold(one.name or "") != fold(two.name or "") != ""


def contradict(one: Description, two: Description) -> bool:
    """Whether numerals, venues or years show that two listed works of one name are different."""
    if one.title and two.title and numerals(one.title) != numerals(two.title):
        return True
    if venues_agree(one.venue or "", two.venue or "") is False:
        return True
    preprint = any(is_preprint_server(listed.venue or "") for listed in (one, two))
    return not preprint and None not in (one.year, two.year) and one.year != two.year


def agreement(one: Description, two: Description) -> str | None:
    """Return what two listed works of one name have in common, if it makes them one work, else None."""
    if not _share_name(one, two):
        return None
    match = compare(one, two)
    if match.likeness is not Likeness.UNSURE:
        return (", ".join(match.evidence) or "the same title") if match.likeness is Likeness.SAME else None
    whole = {fold(listed.title or listed.name or "") for listed in (one, two)}
    return _name_and_venue(one, two) or ("the same title" if len(whole) == 1 and len(min(whole)) >= WHOLE else None)


def _name_and_venue(one: Description, two: Description) -> str | None:
    """Return what the venues say about two works of one name, None if they say nothing."""
    places = [listed.venue for listed in (one, two) if listed.venue and not is_preprint_server(listed.venue)]
    if len(places) == 1:
        letters = max(map(len, calls(one) & calls(two)), default=0)
        said = f"the same name of {letters} letters, and {places[0]} on one side only"
        return said if letters >= TELLING else None
    untitled = not (one.title and two.title)
    if len(places) == 2 and untitled and venues_agree(*places) and _years_agree(one, two):
        return f"the same name, and {places[0]} agrees with {places[1]}"
    return None


def calls(listed: Description) -> frozenset[str]:
    """Return the folded names of a work: name, title, head of the title."""
    title = listed.title or ""
    return frozenset(map(fold, (listed.name or "", title, head(title) or ""))) - {""}


def _share_name(one: Description, two: Description) -> bool:
    """Whether the name or title of one work is the name, the title or the head of the title of the other."""
    if one.title and two.title and not (one.name and two.name):
        return fold(one.title) == fold(two.title)
    own = [frozenset(map(fold, (listed.name or "", listed.title or ""))) - {""} for listed in (one, two)]
    return not own[0].isdisjoint(calls(two)) or not own[1].isdisjoint(calls(one))


def _years_agree(one: Description, two: Description) -> bool:
    return one.year == two.year or None in (one.year, two.year)


def _by_title(listed: Description, title: str, records: Sequence[Description]) -> Ruling:
    text, title = listed.title or "", strip_retraction(title)
    relation, rest, clean = relate(text, title), None, None
    if relation.tie is not Tie.EQUAL or fold(text) != fold(title):
        rest = find_within(title, text)
        authors = [name for record in records for name in record.authors]
        if rest and (is_decoration(rest, authors) or is_quoted(rest)):
            relation = Relation(Tie.EQUAL, "the titles are the same", tokens(title))
            clean = cut_out(title, text, rest) if rest.words else None
        elif rest and (name := name_before(rest, authors)):
            relation = Relation(Tie.PART, f"only one title has the beginning “{name}”", tokens(title), missing=name)
            clean = cut_out(title, text, rest) if tokens(rest.after) else None
        else:
            relation = _nearest(text, title)
    known = _known(listed, rest, records)
    contradicted = known.authors is False or known.far
    if relation.tie >= Tie.PART or _is_cut_short(text, title):
        left_out = relation.missing if clean and relation.tie is Tie.PART else ""
        return Ruling(*_alike(relation, known, _is_named(relation, listed)), clean, contradicted, left_out)
    ruling = _unlike(listed, title, relation, known, records, inside=rest is not None)
    return replace(ruling, contradicted=contradicted)


def _readings(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((undecorated(text), text)))


def _nearest(text: str, title: str) -> Relation:
    """Return how near a listed title is; words that make another work of it count even among decoration."""
    found = [relate(reading, title) for reading in _readings(text)]
    nearest = max(found, key=_nearness)
    conflict = next((relation for relation in found if relation.tie is Tie.CONFLICT), None)
    return conflict if conflict and nearest.tie is Tie.PART else nearest


def _nearness(relation: Relation) -> tuple[Tie, bool]:
    return relation.tie, relation.certain


def _known(listed: Description, rest: Rest | None, records: Sequence[Description]) -> Circumstances:
    """Return the evidence besides the titles, from the record that agrees most."""
    beside = f"{rest.before} {rest.after}" if rest else ""
    listed_authors = listed.authors or authors_beside(beside)
    year = listed.year or find_year(listed.venue or "") or find_year(beside)
    is_known = (listed_authors, year) == (listed.authors, listed.year)
    whole = listed if is_known else replace(listed, authors=listed_authors, year=year)
    found = [circumstances(whole, record) for record in records]
    gaps = [known.gap for known in found if known.gap is not None]
    said = {known.authors for known in found}
    authors = True if True in said else False if False in said else None
    gap = min(gaps, default=None)
    return (
        found[0] if (authors, gap) == (found[0].authors, found[0].gap) else replace(found[0], authors=authors, gap=gap)
    )


def _alike(relation: Relation, known: Circumstances, named: bool) -> tuple[Identity, str]:
    """Judge titles that are the same, differ in typing errors, or of which one is a part of the other."""
    equal, distinctive = relation.tie is Tie.EQUAL, is_distinctive(relation.shared)
    if known.authors is False:
        return (Identity.DOUBTFUL if equal and distinctive else Identity.OTHER), "no author is the same"
    years_agree = known.gap is None or known.gap <= (5 if distinctive else 3)
    if not years_agree and not (known.authors and distinctive):
        return Identity.DOUBTFUL, f"the years are {known.gap} apart"
    missing = relation.missing
    is_kind = is_kind_of_work(missing) or (not distinctive and begins_with_kind_of_work(missing))
    if relation.tie is Tie.PART and not known.authors and is_kind:
        return Identity.DOUBTFUL, relation.why
    if equal or known.authors or named:
        return Identity.SAME, relation.why
    return Identity.LIKELY, relation.why


def _is_named(relation: Relation, listed: Description) -> bool:
    return relation.tie is Tie.PART and fold(relation.missing) == fold(listed.name or "") != ""


def _is_cut_short(text: str, title: str) -> bool:
    """Whether a listed title is the beginning of the other, ending with an ellipsis."""
    whole = without_markup(text).rstrip()
    return whole.endswith(("...", "…")) and len(tokens(text)) >= 4 and fold(title).startswith(fold(text))


def _unlike(
    listed: Description,
    title: str,
    relation: Relation,
    known: Circumstances,
    records: Sequence[Description],
    *,
    inside: bool,
) -> Ruling:
    """Judge titles that differ in their words."""
    text = undecorated(listed.title or "")
    why = _difference(relation, title, text)
    if known.authors is False:
        # A person named in the title itself may not be an author.
        identity = Identity.DOUBTFUL if inside and not listed.authors else Identity.OTHER
        return Ruling(identity, f"{why}; no author is the same")
    if len(tokens(text)) <= 2 and (known.authors or _is_name(text)) and find_within(text, title):
        return _by_name(replace(listed, name=text), [replace(records[0], title=title)])
    common = common_words(text, title)
    opposed = opposites(sorted(common.only), sorted(common.added))
    conflict = relation.tie is Tie.CONFLICT or numerals_conflict(text, title) or opposed is not None
    if not conflict and not inside and (reason := sign_of_retitling(text, title, common, known, records)):
        return Ruling(Identity.LIKELY, reason)
    doubtful = common.share >= UNRELATED or inside or same_head(text, title) or len(tokens(text)) <= SHARED
    if doubtful and (inside or not conflict or common.share < REWORDED or differ_in_years(text, title)):
        return Ruling(Identity.DOUBTFUL, why)
    return Ruling(Identity.OTHER, why)


def _difference(relation: Relation, title: str, listed: str) -> str:
    """Describe the difference; for numbers, the paper's title comes first."""
    numbers = [", ".join(numerals(text)) or "none" for text in (title, listed)]
    if relation.tie is Tie.CONFLICT and numbers[0] != numbers[1]:
        return f"numbers differ: {numbers[0]} vs {numbers[1]}"
    return relation.why


def _by_name(listed: Description, records: Sequence[Description]) -> Ruling:
    """Judge a listed name without a title: only another version of it, or other authors, contradict."""
    match = compare(Description(name=listed.name), Description(title=records[0].title))
    if listed.name and match.likeness is Likeness.DIFFERENT:
        return Ruling(Identity.OTHER, "; ".join(match.against))
    if _known(listed, None, records).authors is False:
        return Ruling(Identity.DOUBTFUL, "no author is the same")
    return Ruling(Identity.SAME)


def _is_name(text: str) -> bool:
    """Whether a short title is a system's name, rather than common words: `Deep Learning`."""
    if text.isupper():
        return " " not in text
    return bool(re.search(r"[A-Z]\w*[A-Z]|\d", text))
