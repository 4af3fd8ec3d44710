"""Bringing entries to their papers: by identifier, by the page behind a link, by title."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from enrich import judge
from enrich.identifiers import parse
from enrich.matching import Description, Likeness, choose
from enrich.model import (
    Enriched,
    Entry,
    Found,
    Identifier,
    LinkCheck,
    LinkKind,
    Missing,
    Record,
    Scheme,
    Status,
    Unknown,
)
from enrich.run.plan import PAPER_KINDS, Clue, clues, main_identifier
from enrich.run.registries import SEARCHES, Candidates, Registries
from enrich.sources import crossref, doi

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

    def words(self) -> str | None:
        """What to search for: the title, or a name that a venue narrows down; None where there is too little."""
        wanted = self.wanted()
        return wanted.title or (wanted.name if wanted.name and wanted.venue and len(wanted.name) > 2 else None)


class Papers:
    """The papers of a run."""

    def __init__(self, entries: Sequence[Entry], registries: Registries) -> None:
        self._registries = registries
        self.by_key = {entry.key: Paper(entry, clues(entry)) for entry in entries}

    def identifiers(self) -> set[Identifier]:
        """All identifiers that the entries carry."""
        return {clue.identifier for paper in self.by_key.values() for clue in paper.clues}

    async def take_known(self, seen: Callable[[str], LinkCheck | None]) -> None:
        """Takes the records of the entries' identifiers and pages; `seen` tells what a link's check saw.

        Before an arXiv id is called another paper's, its first version is asked for the title that it had.
        """
        retitled = {
            clue.identifier
            for paper in self.by_key.values()
            for clue in paper.clues
            if clue.identifier.scheme is Scheme.ARXIV
            and judge.contradicts(paper.entry, self._registries.records(clue.identifier)) is not None
        }
        await self._registries.ask_first_versions(sorted(retitled))
        for paper in self.by_key.values():
            for clue in paper.clues:
                self._take_identified(paper, clue)
            for link in paper.entry.links:
                check = seen(link.url) if link.kind in PAPER_KINDS else None
                if check and check.page and (record := check.page.record):
                    why = judge.contradicts(paper.entry, [record])
                    if why is not None:
                        paper.wrong[link.url] = (record, why)
                    elif link.kind is LinkKind.PAPER and record.title:
                        paper.take([replace(record, source=PAGE)], PAGE)

    async def search(self) -> None:
        """Searches by title for what nobody knows yet, then asks the registries about what all records name."""
        for number in range(len(SEARCHES)):
            wanted: dict[str, list[Paper]] = defaultdict(list)
            for paper in self.by_key.values():
                if not paper.is_named and (words := paper.words()):
                    wanted[words].append(paper)
            if not wanted:
                break
            for service, outcomes in await self._registries.search(number, sorted(wanted)):
                for words, papers in wanted.items():
                    for paper in papers:
                        _choose(paper, service, outcomes[words])
        await self._follow_up()

    def blocks(self, today: date, refresh: timedelta) -> dict[str, Enriched]:
        """The block `enriched:` of every entry whose paper was found."""
        return {
            key: judge.merge(self._proven(paper), paper.entry.enriched, matched_by, today, refresh)
            for key, paper in self.by_key.items()
            if paper.records and (matched_by := paper.matched_by_all())
        }

    def _take_identified(self, paper: Paper, clue: Clue) -> None:
        answers = self._registries.answers.get(clue.identifier, {})
        paper.not_asked |= any(isinstance(answer, Unknown) for answer in answers.values())
        paper.tried += [f"{service}: {a.saw}" for service, a in answers.items() if isinstance(a, Missing)]
        records = self._registries.records(clue.identifier)
        first = self._registries.first_versions.get(clue.identifier)
        if isinstance(first, Unknown):
            paper.not_asked = True
            return
        why = judge.contradicts(paper.entry, [*records, first.value] if isinstance(first, Found) else records)
        if why is not None:
            paper.wrong[clue.url or str(clue.identifier)] = (records[0], why)
        else:
            paper.take(records, clue.matched_by)

    async def _follow_up(self) -> None:
        """Asks about the identifiers that records name, and takes what the registries say of them.

        What was found by title is looked up by the identifier so found; a publisher's DOI is asked for in any case.
        """
        named: dict[Identifier, list[Paper]] = defaultdict(list)
        for paper in self.by_key.values():
            if (identifier := paper.main()) and (not paper.clues or identifier.scheme is Scheme.DOI):
                named[identifier].append(paper)
        found_by_title = [i for i, those in named.items() if any(not paper.clues for paper in those)]
        await self._registries.ask_about(named, found_by_title)
        for identifier, papers in named.items():
            for paper in papers:
                paper.take(self._registries.records(identifier), paper.matched_by or "title")
                answers = self._registries.answers[identifier].values()
                paper.not_asked |= any(isinstance(answer, Unknown) for answer in answers)

    def _proven(self, paper: Paper) -> dict[str, Record]:
        """The paper's records, without DOIs that no registry confirms: what others repeat of a DOI may be junk."""
        return {
            source: record
            if source == crossref.NAME or self._is_proven(paper, record.doi)
            else replace(record, doi=None)
            for source, record in paper.records.items()
        }

    def _is_proven(self, paper: Paper, doi_text: str | None) -> bool:
        identifier = parse(doi_text or "")
        if identifier is None or identifier.scheme is not Scheme.DOI:
            return False
        registered = self._registries.answers.get(identifier, {}).get(crossref.NAME)
        if isinstance(registered, Found) and isinstance(registered.value, Record):
            return all(judge.same_paper(registered.value, record) for record in paper.records.values())
        return self._registries.found(identifier, doi.NAME)


def _choose(paper: Paper, service: str, outcome: Candidates) -> None:
    match outcome:
        case Unknown():
            paper.not_asked = True
        case Missing(saw=saw):
            paper.tried.append(f"{service}: {saw}")
        case Found(value=candidates):
            wanted = paper.wanted()
            index, matches = choose(wanted, [judge.described(record) for record in candidates])
            if index is not None:
                paper.take([candidates[index]], "title" if wanted.title else "name")
                paper.candidates = ()
                return
            likely = [r for r, m in zip(candidates, matches, strict=True) if m.likeness is not Likeness.DIFFERENT]
            paper.candidates = paper.candidates or tuple(likely)
            paper.tried.append(f"{service}: {len(candidates)} candidates, none of them for sure")
