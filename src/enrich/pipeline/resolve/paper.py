"""An entry whose paper is being looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Never

from enrich import judge
from enrich.identifiers import parse
from enrich.judge import Mismatch, Tried
from enrich.matching import (
    Description,
    Identity,
    Likeness,
    Match,
    Ruling,
    bears_title,
    choose,
    circumstances,
    describe,
    described,
    fold,
    has_most_words,
    may_be_retitled,
    same_authors,
    tokens,
    undecorated,
)
from enrich.model import Enriched, Entry, Evidence, Found, Identifier, Record, Scheme
from enrich.pipeline.clues import Clue, has_doi, main_identifier
from enrich.pipeline.values import Resolved, Words
from enrich.services import PAGE

_TITLE_WORDS = 2
"""A title with fewer words is a system's name, which other systems may have, too."""

_NOTHING: Mapping[str, Never] = {}


def _nothing() -> Mapping[str, Never]:
    """Return one mapping for all: most lookups of a long list have nothing there."""
    return _NOTHING


@dataclass(frozen=True, slots=True)
class Lead:
    """What an identifier or a page of the entry led to, and whether that is the entry's paper.

    `where` is the URL of a link or the name of a field, None for a match of an earlier run.
    """

    where: str | None
    records: Sequence[Record]
    ruling: Ruling
    matched_by: str
    is_own: bool = False

    @property
    def is_accepted(self) -> bool:
        """Whether the records are accepted; if this is unknown, an identifier written by a person decides."""
        return self.ruling.is_accepted or (self.is_own and self.ruling.identity is Identity.DOUBTFUL)

    def mismatch(self) -> Mismatch:
        """Return the differences from the entry, for the rules."""
        return Mismatch(self.records[0], self.ruling.why, self.ruling.contradicted)


@dataclass(slots=True)
class Paper:
    """An entry whose paper is being looked up, with the fields of `judge.Case`.

    `questioned` holds unproven records: another paper may have exactly the entry's title. `is_unjudged`: earlier titles
    or other papers could not be looked up, so it is unknown whether the record is right. `listing` is a snapshot's
    paper under the entry's name, which is searched by its title. `is_old`: the paper may have been withdrawn since its
    last lookup.
    """

    entry: Entry
    clues: tuple[Clue, ...]
    is_old: bool = False
    records: dict[str, Record] = field(default_factory=dict)
    wrong: Mapping[str, Mismatch] = field(default_factory=_nothing)
    doubts: Mapping[str, Mismatch] = field(default_factory=_nothing)
    questioned: Mapping[str, Mismatch] = field(default_factory=_nothing)
    right: Record | None = None
    tried: tuple[Tried, ...] = ()
    candidates: tuple[Record, ...] = ()
    matched_by: str | None = None
    not_asked: bool = False
    is_unjudged: bool = False
    searched: frozenset[str] = frozenset()
    unregistered: Mapping[str, tuple[Evidence, ...]] = field(default_factory=_nothing)
    listing: Record | None = None

    @property
    def is_named(self) -> bool:
        """Whether a registry knows the paper, or a page has its identifier: then no search is needed."""
        return bool(set(self.records) - {PAGE}) or self.main() is not None

    @property
    def is_contested(self) -> bool:
        """Whether everything that the entry leads to is or may be another paper: then nothing is written."""
        return bool(self.wrong or self.doubts or self.is_unjudged) and not self.records

    def named(self, scheme: Scheme) -> set[Identifier]:
        """Return the identifiers of a scheme in the records."""
        texts = [t for r in self.records.values() for t in (r.doi, r.arxiv_id, r.semantic_scholar_id) if t]
        return {identifier for text in texts if (identifier := parse(text)) and identifier.scheme is scheme}

    def main(self) -> Identifier | None:
        """Return the identifier in the records: a DOI, else the arXiv ID, else Semantic Scholar's."""
        ranked = [self.records[s] for s in judge.PRECEDENCE["doi"] if s in self.records]
        return main_identifier(
            (record.doi for record in ranked),
            (record.arxiv_id for record in ranked),
            (record.semantic_scholar_id for record in ranked),
        )

    def take(self, records: Iterable[Record], matched_by: str) -> None:
        """Take one record per source, unless it contradicts those taken before; a service outranks its snapshot."""
        for record in records:
            taken = self.records.get(record.source)
            known = [other for other in self.records.values() if other is not taken]
            is_new = taken is None or _is_newer(record, taken)
            if is_new and all(judge.may_be_one_paper(record, other) for other in known):
                self.records[record.source] = record
                self.matched_by = self.matched_by or matched_by

    def follow(self, leads: Sequence[Lead]) -> None:
        """Take what the entry's identifiers and pages led to, and note what is or may be another paper.

        A lead with a doubtful title is followed if it has the authors of a lead that is not doubtful.
        """
        wrong, doubts = dict(self.wrong), dict(self.doubts)
        accepted = [lead for lead in leads if lead.is_accepted]
        for lead in accepted:
            self.take(lead.records, lead.matched_by)
        for lead in leads:
            if lead.is_accepted:
                continue
            if lead.ruling.identity is Identity.DOUBTFUL and self._has_authors_of(lead.records[0]):
                self.take(lead.records, lead.matched_by)
            elif lead.where:
                noted = wrong if lead.ruling.identity is Identity.OTHER else doubts
                noted[lead.where] = lead.mismatch()
        self.wrong, self.doubts = wrong or _NOTHING, doubts or _NOTHING
        if all(lead.ruling.identity is Identity.LIKELY and not lead.is_own for lead in accepted):
            self.questioned = {lead.where: lead.mismatch() for lead in accepted if lead.where}

    def _has_authors_of(self, record: Record) -> bool:
        return any(same_authors(record.authors, known.authors) is True for known in self.records.values())

    def title_in_question(self) -> Words | None:
        """Return the title to search for if another paper may have it; None if there is no doubt."""
        if not (self.is_contested or self.questioned):
            return None
        words = self.title_to_prove()
        return words if words and (self.is_contested or len(tokens(words.text)) >= _TITLE_WORDS) else None

    def title_to_prove(self) -> Words | None:
        """Return the title by which to search for another paper that has it."""
        title = self.entry.title and undecorated(self.entry.title)
        return Words(title) if title else None

    def settle(self, candidates: Iterable[Record]) -> None:
        """Decide by the papers that a search for the entry's title found: a paper with that title is the right one."""
        listed = describe(self.entry)
        bearing = [r for r in candidates if (r.arxiv_id or r.doi) and bears_title(listed, described(r))]
        wrong, doubts = dict(self.wrong), dict(self.doubts)
        for where, mismatch in [*self.wrong.items(), *self.doubts.items(), *self.questioned.items()]:
            wanted = (False,) if where in self.questioned else (False, None)
            others = (record for record in bearing if _is_same_work(record, mismatch.record) in wanted)
            if right := next(others, None):
                self.right, wrong[where] = right, mismatch
                doubts.pop(where, None)
        self.wrong, self.doubts = wrong or _NOTHING, doubts or _NOTHING
        if set(self.questioned) & set(self.wrong):
            self.records, self.matched_by = {}, None

    def withhold(self) -> None:
        """Write nothing this time, as it is unknown whether another paper has the title."""
        self.not_asked = self.is_unjudged = True
        self.records, self.matched_by = {}, None

    def resolved(self, proven: Mapping[str, Record]) -> Resolved:
        """Return the result of the lookup."""
        return Resolved(
            entry=self.entry,
            records=self.records,
            proven=proven,
            wrong=self.wrong,
            doubts=self.doubts,
            right=self.right,
            tried=self.tried,
            candidates=self.candidates,
            matched_by=self.matched_by,
            not_asked=self.not_asked,
            is_revoked=self._has_block_of_wrong(),
            unregistered=self.unregistered,
        )

    def _has_block_of_wrong(self) -> bool:
        """Whether an earlier run wrote the paper of a link that is now known to be wrong."""
        before = self.entry.enriched or Enriched()
        named = {value.lower() for value in (before.arxiv_id, before.doi, before.semantic_scholar_id) if value}
        wrong = (mismatch.record for mismatch in self.wrong.values())
        ids = {i.lower() for r in wrong for i in (r.arxiv_id, r.doi, r.semantic_scholar_id) if i}
        return self.is_contested and self.right is not None and not named.isdisjoint(ids)

    def wanted(self) -> Description:
        """Return what is known about the paper to find, from the list, the page behind its link, a snapshot."""
        listed, page = describe(self.entry), self.records.get(PAGE) or self.listing
        if page is None:
            return listed
        return replace(
            listed,
            title=listed.title or page.title,
            authors=listed.authors or page.authors,
            year=listed.year or page.year,
        )

    @property
    def sought_by(self) -> str:
        """Return the name of a match by a search in the catalog."""
        return "title" if self.entry.title else "name"

    def words(self) -> Words | None:
        """Return what to search for: the title, else a name with a venue; None if there is too little."""
        wanted = self.wanted()
        if wanted.title:
            return Words(wanted.title)
        return self.name_words()

    def name_words(self) -> Words | None:
        """Return the name to search for, None if a title is listed or there is too little."""
        listed = describe(self.entry)
        if listed.title or not listed.name or not listed.venue or len(listed.name) <= 2:
            return None
        return Words(listed.name, listed.year, is_name=True)


def _is_newer(record: Record, taken: Record) -> bool:
    """Whether the service itself said this about what a snapshot of it has said."""
    return bool(taken.snapshot and not record.snapshot) and record.arxiv_id == taken.arxiv_id


def _is_same_work(one: Record, other: Record) -> bool | None:
    """Whether two records of almost the same title are one work: arXiv gives each an ID, else the authors decide."""
    if one.arxiv_id and other.arxiv_id:
        return one.arxiv_id == other.arxiv_id
    return same_authors(one.authors, other.authors)


def to_search(papers: Iterable[Paper]) -> list[tuple[Words, Paper]]:
    """Return the papers that must be searched for, with the words to search for."""
    open_ones = (paper for paper in papers if not paper.is_named and not paper.is_contested)
    return [(words, paper) for paper in open_ones if (words := paper.words())]


def asked_in_round(number: int, paper: Paper) -> str:
    """Return the search for a paper in one of three rounds: first the service that is likelier to know it."""
    if number == 2:
        return "openalex"
    if paper.wanted().title is None:
        return "named" if number == 0 else "crossref"
    return "crossref" if (has_doi(paper.entry) is True) is (number == 0) else "match"


def choose_among(paper: Paper, service: str, found: Found[tuple[Record, ...]], repository: str) -> None:
    """Take the candidate that is certainly the paper; others that may be it are kept as candidates.

    If a search returned only a part, nothing else is noted, and its service is asked again.
    """
    wanted, candidates = paper.wanted(), found.value
    index, matches = choose(wanted, [described(record) for record in candidates])
    likely = [place for place, match in enumerate(matches) if _is_likely(wanted, candidates[place], match)]
    is_named_so = len(likely) == 1 and has_most_words(candidates[likely[0]].title or "", repository)
    if index is None and wanted.title is None and is_named_so:
        index = likely[0]
    if index is not None:
        paper.take([candidates[index]], paper.sought_by)
        paper.candidates = ()
        return
    paper.candidates = paper.candidates or tuple(candidates[place] for place in likely)
    if not found.is_partial:
        paper.tried += (Tried(service, len(candidates)),)


def likely_matches(wanted: Description, candidates: Sequence[Record]) -> list[Record]:
    """Return the candidates that may be the paper."""
    _, matches = choose(wanted, [described(record) for record in candidates])
    return [record for record, match in zip(candidates, matches, strict=True) if _is_likely(wanted, record, match)]


def sure_match(wanted: Description, candidates: Sequence[Record]) -> Record | None:
    """Return the candidate that is certainly the paper, None without one."""
    index, _ = choose(wanted, [described(record) for record in candidates])
    return None if index is None else candidates[index]


def certain_match(wanted: Description, candidates: Sequence[Record]) -> Record | None:
    """Return the candidate that makes further searches unnecessary, None without one.

    It is certainly the paper, has the listed title (if there is one) and an identifier for other services.
    """
    match = titled_match(wanted, candidates)
    return match if match and (match.doi or match.arxiv_id) else None


def titled_match(wanted: Description, candidates: Sequence[Record]) -> Record | None:
    """Return the candidate that is certainly the paper and has the listed title (if there is one), None without one."""
    match = sure_match(wanted, candidates)
    titles = {fold(title) for title in (wanted.title, undecorated(wanted.title or "")) if title}
    return match if match and (not titles or fold(match.title or "") in titles) else None


def _is_likely(wanted: Description, candidate: Record, match: Match) -> bool:
    """Whether an uncertain candidate may be the paper: an earlier title of the same system counts, too.

    A candidate that the listed authors or year contradict is never suggested.
    """
    known = circumstances(wanted, described(candidate))
    if known.authors is False or known.far:
        return False
    return match.likeness is not Likeness.DIFFERENT or may_be_retitled(wanted.title or "", candidate.title or "")
