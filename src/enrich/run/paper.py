"""One entry on its way to its paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from enrich import judge
from enrich.identifiers import parse
from enrich.matching import Description, Likeness, Match, choose, fold, head, retitled
from enrich.model import Entry, Identifier, Record, Scheme, Status
from enrich.run.plan import Clue, has_doi, main_identifier
from enrich.run.searching import Words
from enrich.sources import words_of

PAGE = "page"
"""The source name of what a landing page says of itself."""


@dataclass(slots=True)
class Paper:
    """One entry on its way to its paper; the fields are those of `judge.Case`."""

    entry: Entry
    clues: tuple[Clue, ...]
    records: dict[str, Record] = field(default_factory=dict)
    wrong: dict[str, tuple[Record, str]] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)
    candidates: tuple[Record, ...] = ()
    matched_by: str | None = None
    not_asked: bool = False
    searched: set[str] = field(default_factory=set)

    @property
    def status(self) -> Status:
        """What the run found out so far."""
        if self.records:
            return Status.FOUND
        if self.candidates:
            return Status.AMBIGUOUS
        return Status.UNKNOWN if self.not_asked else Status.MISSING

    @property
    def is_named(self) -> bool:
        """Whether a registry knows the paper, or a page names its identifier: then there is no need to search."""
        return bool(set(self.records) - {PAGE}) or self.main() is not None

    def named(self, scheme: Scheme) -> set[Identifier]:
        """The identifiers of a scheme that the records name."""
        texts = [t for r in self.records.values() for t in (r.doi, r.arxiv_id, r.semantic_scholar_id) if t]
        return {identifier for text in texts if (identifier := parse(text)) and identifier.scheme is scheme}

    def main(self) -> Identifier | None:
        """The identifier that the records name: the publisher's DOI, else the arXiv id, else Semantic Scholar's."""
        ranked = [self.records[s] for s in judge.PRECEDENCE["doi"] if s in self.records]
        return main_identifier(
            (record.doi for record in ranked),
            (record.arxiv_id for record in ranked),
            (record.semantic_scholar_id for record in ranked),
        )

    def take(self, records: Iterable[Record], matched_by: str) -> None:
        """Takes one record per source, unless it plainly contradicts those taken before."""
        for record in records:
            if record.source not in self.records and all(judge.same_paper(record, r) for r in self.records.values()):
                self.records[record.source] = record
                self.matched_by = self.matched_by or matched_by

    def matched_by_all(self) -> str | None:
        """How the paper was found; as before where somebody who may have found it then could not be asked now."""
        before = self.entry.enriched and self.entry.enriched.matched_by
        return before if before and self.not_asked else self.matched_by

    def wanted(self) -> Description:
        """What is known of the paper that is looked for: what the list says, and what the page behind its link says."""
        listed, page = judge.describe(self.entry), self.records.get(PAGE)
        if page is None:
            return listed
        return replace(
            listed,
            title=listed.title or page.title,
            authors=listed.authors or page.authors,
            year=listed.year or page.year,
        )

    def words(self) -> Words | None:
        """What to search for: the title, else a name that a venue narrows down; None where there is too little."""
        wanted = self.wanted()
        if wanted.title:
            return Words(wanted.title)
        return Words(wanted.name, wanted.year) if wanted.name and wanted.venue and len(wanted.name) > 2 else None


def to_search(papers: Iterable[Paper]) -> list[tuple[Words, Paper]]:
    """The papers that must be searched for, with the words to search for."""
    return [(words, paper) for paper in papers if not paper.is_named and (words := paper.words())]


def asked_in_round(number: int, paper: Paper) -> str:
    """Which search a paper is put to in one of three rounds: first the one likelier to know it, then the other."""
    if number == 2:
        return "openalex"
    if paper.wanted().title is None:
        return "named" if number == 0 else "crossref"
    return "crossref" if (has_doi(paper.entry) is True) is (number == 0) else "match"


def choose_among(paper: Paper, service: str, candidates: Sequence[Record], repository: str) -> None:
    """Takes the candidate that is the paper for sure; those that may be it are kept as candidates."""
    wanted = paper.wanted()
    index, matches = choose(wanted, [judge.described(record) for record in candidates])
    likely = [place for place, match in enumerate(matches) if _is_likely(wanted, candidates[place], match)]
    if index is None and wanted.title is None and len(likely) == 1 and _is_told(candidates[likely[0]], repository):
        index = likely[0]
    if index is not None:
        paper.take([candidates[index]], "title" if wanted.title else "name")
        paper.candidates = ()
        return
    paper.candidates = paper.candidates or tuple(candidates[place] for place in likely)
    paper.tried.append(f"{service}: {len(candidates)} candidates, none for sure")


def _is_likely(wanted: Description, candidate: Record, match: Match) -> bool:
    """Whether a candidate that is not the paper for sure may be it: an earlier title of the same system counts, too."""
    if match.likeness is not Likeness.DIFFERENT:
        return True
    ours, theirs = wanted.title or "", candidate.title or ""
    return fold(head(ours) or "") == fold(head(theirs) or "") != "" and retitled(ours, theirs)


def _is_told(candidate: Record, repository: str) -> bool:
    """Whether a repository's description holds most words of the candidate's title."""
    words = {word for word in words_of(candidate.title or "") if len(word) > 3}
    return len(words) > 3 and len(words & set(words_of(repository))) >= 0.6 * len(words)
