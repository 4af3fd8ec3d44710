"""Is this record the entry's paper? The one rule for records that an identifier or a page led to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import NamedTuple

from enrich.matching.decision import Circumstances, Description, Likeness, circumstances, compare
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
from enrich.matching.parts import head, numerals
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
from enrich.text.folding import fold, tokens, without_markup, word_set


class Identity(IntEnum):
    """Whether a record is of the entry's paper, the surest last.

    `LIKELY`: it is, unless another paper bears the entry's title. `DOUBTFUL`: retitled, or another paper.
    """

    OTHER = 0
    DOUBTFUL = 1
    LIKELY = 2
    SAME = 3


@dataclass(frozen=True)
class Ruling:
    """The answer of `identify`.

    `why` says in words what differs; `clean` is the paper's title, as listed, where the listed one has more around it,
    and `left_out` a name before it that is not part of it; `contradicted` tells that the listed authors or year speak
    against it.
    """

    identity: Identity
    why: str = ""
    clean: str | None = None
    contradicted: bool = False
    left_out: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether the record is taken for the paper's, as far as it and the entry can tell."""
        return self.identity >= Identity.LIKELY


RETITLED = 0.5
"""The share of the shorter title's words that a later title of the same paper keeps, at the least. Six papers that
changed their titles on arXiv kept from 0.3 to 0.75 of them."""

UNRELATED = 0.25
"""Below this share of common words two titles are of different papers: those met by a wrong digit in an arXiv id
have less, retitled ones more."""

REWORDED = 0.75
"""From this share on, titles that differ in a numeral or a negation are of two works of one series or debate; below it
too much else differs to tell."""

TOLD = 0.66
"""The share of a title's words that a text has which tells of that paper: the abstract of a retitled paper, of the
words that only the listed title has; the description of a repository, of all."""

SHARED = 3
"""Content words that two titles of one paper have in common, at the least; a title of no more says little."""

LONG = 6
"""Content words that tell: of a listed title whose words the abstract has, and in common where the years agree. Of
pairs of different papers of one narrow field (inference of language models) one in 1,000 passes for retitled."""

_SMALL = word_set("a an the and or of for in on to with by from via at as is are its their using towards toward")


def identify(listed: Description, records: Sequence[Description]) -> Ruling:
    """Whether what an identifier or a page led to is the listed paper.

    Args:
        listed: what the list says of the paper.
        records: what the sources say under one identifier, the registry's record first; their `other_titles` count.

    Returns:
        SAME where a title of the records is the listed one, in another form or with decoration around it; LIKELY where
        a name or a subtitle is left out, letters differ, or something tells that the paper was retitled. DOUBTFUL and
        OTHER carry what differs from the registry's title.
    """
    titled = [record for record in records if record.title]
    if not titled:
        return Ruling(Identity.SAME)
    if not listed.title or is_no_title(listed.title, [name for record in titled for name in record.authors]):
        return _by_name(listed, titled)
    registered = best = _by_title(listed, titled[0].titles[0], titled)
    for title in (title for record in titled for title in record.titles[record is titled[0] :]):
        if best.identity is Identity.SAME:
            break
        best = max(best, _by_title(listed, title, titled), key=lambda ruling: ruling.identity)
    return best if best.is_accepted else replace(registered, identity=best.identity)


def bears_title(listed: Description, found: Description) -> bool:
    """Whether a paper that a search found bears exactly the listed title, and nothing that is listed contradicts."""
    if not found.title or not listed.title:
        return False
    known = _known(listed, None, [found])
    exact = any(relate(reading, found.title).tie is Tie.EQUAL for reading in _readings(listed.title))
    return exact and known.authors is not False and not known.far


def may_be_retitled(one: str, two: str) -> bool:
    """Whether two titles are of one system by name, and share the words of an earlier and a later title."""
    common = _common(one, two)
    kept = common.number >= SHARED and common.share >= RETITLED
    return kept and _same_head(one, two) and not _numerals_conflict(one, two)


def is_told(title: str, text: str) -> bool:
    """Whether a text holds most words of a title, which has enough of them to tell."""
    words = {word for word in tokens(title) if len(word) > 3}
    return len(words) > SHARED and len(words & set(tokens(text))) >= TOLD * len(words)


class _Common(NamedTuple):
    """What the content words of two titles have in common; the listed one alone has `only`, the other `added`."""

    number: int
    share: float
    listed: int
    only: frozenset[str]
    added: frozenset[str]


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
            relation = Relation(Tie.PART, f"one title lacks the beginning “{name}”", tokens(title), lacking=name)
            clean = cut_out(title, text, rest) if tokens(rest.after) else None
        else:
            relation = _nearest(text, title)
    known = _known(listed, rest, records)
    contradicted = known.authors is False or known.far
    if relation.tie >= Tie.PART or _is_cut_short(text, title):
        left_out = relation.lacking if clean and relation.tie is Tie.PART else ""
        return Ruling(*_alike(relation, known, _is_named(relation, listed)), clean, contradicted, left_out)
    ruling = _unlike(listed, title, relation, known, records, inside=rest is not None)
    return replace(ruling, contradicted=contradicted)


def _readings(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((undecorated(text), text)))


def _nearest(text: str, title: str) -> Relation:
    """Return how near a listed title is; what makes another work of it counts, though decoration may hide it."""
    found = [relate(reading, title) for reading in _readings(text)]
    nearest = max(found, key=_nearness)
    conflict = next((relation for relation in found if relation.tie is Tie.CONFLICT), None)
    return conflict if conflict and nearest.tie is Tie.PART else nearest


def _nearness(relation: Relation) -> tuple[Tie, bool]:
    return relation.tie, relation.certain


def _known(listed: Description, rest: Rest | None, records: Sequence[Description]) -> Circumstances:
    """What speaks for and against beside the titles: of several records the one that agrees most counts."""
    beside = f"{rest.before} {rest.after}" if rest else ""
    whole = replace(
        listed,
        authors=listed.authors or authors_beside(beside),
        year=listed.year or find_year(listed.venue or "") or find_year(beside),
    )
    found = [circumstances(whole, record) for record in records]
    gaps = [known.gap for known in found if known.gap is not None]
    said = {known.authors for known in found}
    authors = True if True in said else False if False in said else None
    return replace(found[0], authors=authors, gap=min(gaps, default=None))


def _alike(relation: Relation, known: Circumstances, named: bool) -> tuple[Identity, str]:
    """Rule on titles that are the same, the same but for slips, or one the other's part."""
    equal, distinctive = relation.tie is Tie.EQUAL, is_distinctive(relation.shared)
    if known.authors is False:
        return (Identity.DOUBTFUL if equal and distinctive else Identity.OTHER), "no author is the same"
    years_agree = known.gap is None or known.gap <= (5 if distinctive else 3)
    if not years_agree and not (known.authors and distinctive):
        return Identity.DOUBTFUL, f"the years are {known.gap} apart"
    lacking = relation.lacking
    is_kind = is_kind_of_work(lacking) or (not distinctive and begins_with_kind_of_work(lacking))
    if relation.tie is Tie.PART and not known.authors and is_kind:
        return Identity.DOUBTFUL, relation.why
    if equal or known.authors or named:
        return Identity.SAME, relation.why
    return Identity.LIKELY, relation.why


def _is_named(relation: Relation, listed: Description) -> bool:
    return relation.tie is Tie.PART and fold(relation.lacking) == fold(listed.name or "") != ""


def _is_cut_short(text: str, title: str) -> bool:
    """Whether a listed title is the beginning of the other, cut with an ellipsis."""
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
    """Rule on titles that differ in what they say."""
    text = undecorated(listed.title or "")
    why = _difference(relation, title, text)
    if known.authors is False:
        # Who is named in the title itself may be no author.
        identity = Identity.DOUBTFUL if inside and not listed.authors else Identity.OTHER
        return Ruling(identity, f"{why}; no author is the same")
    if len(tokens(text)) <= 2 and (known.authors or _is_name(text)) and find_within(text, title):
        return _by_name(replace(listed, name=text), [replace(records[0], title=title)])
    common = _common(text, title)
    opposed = opposites(sorted(common.only), sorted(common.added))
    conflict = relation.tie is Tie.CONFLICT or _numerals_conflict(text, title) or opposed is not None
    if not conflict and not inside and (told := _is_retitled(text, title, common, known, records)):
        return Ruling(Identity.LIKELY, told)
    doubtful = common.share >= UNRELATED or inside or _same_head(text, title) or len(tokens(text)) <= SHARED
    if doubtful and (inside or not conflict or common.share < REWORDED or _differ_in_years(text, title)):
        return Ruling(Identity.DOUBTFUL, why)
    return Ruling(Identity.OTHER, why)


def _difference(relation: Relation, title: str, listed: str) -> str:
    """What differs, in words; of numbers, those of the paper's title first."""
    numbers = [", ".join(numerals(text)) or "none" for text in (title, listed)]
    if relation.tie is Tie.CONFLICT and numbers[0] != numbers[1]:
        return f"numbers differ: {numbers[0]} vs {numbers[1]}"
    return relation.why


def _is_retitled(
    text: str, title: str, common: _Common, known: Circumstances, records: Sequence[Description]
) -> str | None:
    """What tells that the listed title is an earlier one of the same paper; None where nothing does."""
    said = {_stem(word) for record in records for word in tokens(record.abstract or "")}
    told = len(common.only & said)
    kept = common.number >= SHARED and common.share >= RETITLED
    if kept and known.authors and not known.far:
        return "the authors agree"
    related = common.share >= UNRELATED and common.listed >= LONG and _heads_agree(text, title, said)
    if related and told >= max(2, TOLD * len(common.only)):
        return "the abstract has the words of the title"
    if _same_head(text, title) and _is_coined(head(text) or "") and told and known.authors is None:
        return "the name is the same, and the abstract has words of the title"
    reworded = min(len(common.only), len(common.added)) >= SHARED
    if kept and reworded and common.number >= LONG and known.near:
        return "most words and the year agree"
    return None


def _by_name(listed: Description, records: Sequence[Description]) -> Ruling:
    """Rule where the list gives a name alone: only another version of it, or other authors, say no."""
    match = compare(Description(name=listed.name), Description(title=records[0].title))
    if listed.name and match.likeness is Likeness.DIFFERENT:
        return Ruling(Identity.OTHER, "; ".join(match.against))
    if _known(listed, None, records).authors is False:
        return Ruling(Identity.DOUBTFUL, "no author is the same")
    return Ruling(Identity.SAME)


def _common(listed: str, title: str) -> _Common:
    words = [frozenset(_stem(word) for word in tokens(text) if word not in _SMALL) for text in (listed, title)]
    count = len(words[0] & words[1])
    return _Common(count, count / max(1, min(map(len, words))), len(words[0]), words[0] - words[1], words[1] - words[0])


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _numerals_conflict(one: str, two: str) -> bool:
    first, second = set(numerals(one)), set(numerals(two))
    return first != second and not first & second


def _differ_in_years(listed: str, title: str) -> bool:
    """Whether a listed title has all numerals of the other, and but for years no more: it may be part of a citation."""
    first, second = set(numerals(listed)), set(numerals(title))
    return first > second and all(find_year(numeral) for numeral in first - second)


def _same_head(one: str, two: str) -> bool:
    return fold(head(one) or "") == fold(head(two) or "") != ""


def _heads_agree(listed: str, title: str, said: set[str]) -> bool:
    """Whether no name of another system heads the listed title: the abstract tells of its own."""
    first = head(listed)
    return first is None or _same_head(listed, title) or {_stem(word) for word in tokens(first)} <= said


def _is_name(text: str) -> bool:
    """Whether a short title is a system's name, and not words that stand in the titles of many: `Deep Learning`."""
    if text.isupper():
        return " " not in text
    return bool(re.search(r"[A-Z]\w*[A-Z]|\d", text))


def _is_coined(name: str) -> bool:
    """Whether a name is no word that others might use, too: CacheGen, S3FD."""
    return len(name) >= 5 and " " not in name and bool(re.search(r"[a-z][A-Z]|\d", name))
