"""Bringing entries to their papers: by identifier, by the page behind a link, by title."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from enrich import judge
from enrich.identifiers import of_url, parse
from enrich.matching import Description, Likeness, Match, choose, fold, head, retitled, venues_agree
from enrich.model import (
    Enriched,
    Entry,
    Found,
    Identifier,
    LinkCheck,
    LinkKind,
    Missing,
    Record,
    Repository,
    Scheme,
    Status,
    Unknown,
)
from enrich.run.plan import PAPER_KINDS, SURE, Clue, clues, has_doi, ieee_dois, main_identifier, presented_at
from enrich.run.registries import Registries
from enrich.run.searching import SEARCHES, Searches, Words
from enrich.sources import (
    arxiv,
    crossref,
    datacite,
    doi,
    github,
    retraction_watch,
    semantic_scholar,
    words_of,
)

PAGE = "page"
"""The source name of what a landing page says of itself."""

LIST = "list"
"""The source name of the year of a venue's edition as listed."""

_FEW = 2
"""So few titles are searched for one by one: two searches of many titles would cost as much and prove less."""


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


class Papers:
    """The papers of a run."""

    def __init__(self, entries: Sequence[Entry], registries: Registries, searches: Searches) -> None:
        self._registries, self._searches = registries, searches
        self._pages: dict[str, Record] = {}
        self.by_key = {entry.key: Paper(entry, clues(entry)) for entry in entries}

    def identifiers(self) -> set[Identifier]:
        """All identifiers that the entries carry."""
        return {clue.identifier for paper in self.by_key.values() for clue in paper.clues}

    async def look_ahead(self) -> None:
        """Does at once what need not wait: titles that come without a sure identifier, pages of bare PDFs."""
        papers = [p for p in self.by_key.values() if not any(c.identifier.scheme in SURE for c in p.clues)]
        titles = [Words(paper.entry.title) for paper in papers if paper.entry.title]
        async with asyncio.TaskGroup() as group:
            if len(titles) > _FEW:
                group.create_task(self._searches.ask({"arxiv": titles, "bulk": titles}))
            for paper in papers:
                if not paper.entry.title:
                    group.create_task(self._look_at_page(paper.entry))

    async def resolve(self, seen: Callable[[str], LinkCheck | None]) -> None:
        """Takes the records of the entries' identifiers and pages, searches for the rest, and asks what records name.

        `seen` tells what a link's check saw. Before an arXiv id is called another paper's, its first version is asked
        for the title that it had; meanwhile the search goes on for all others.
        """
        doubtful = {key: ids for key, paper in self.by_key.items() if (ids := self._doubtful(paper))}
        sure = [paper for key, paper in self.by_key.items() if key not in doubtful]
        for paper in sure:
            self._take_known(paper, seen)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._registries.ask_first_versions(sorted(set().union(*doubtful.values()))))
            group.create_task(self._search(sure))
        others = [self.by_key[key] for key in doubtful]
        for paper in others:
            self._take_known(paper, seen)
        await self._search(others)
        await self._follow_up()

    async def _search(self, papers: Sequence[Paper]) -> None:
        """Searches for what nobody knows yet."""
        open_ones = _open(papers)
        titled = [words for words, paper in open_ones if paper.wanted().title]
        if sum(not self._searches.is_asked("arxiv", words) for words in titled) > _FEW:
            await self._searches.ask({"arxiv": titled, "bulk": titled})
        self._choose(open_ones, ("arxiv", "bulk"))
        await self._search_one_by_one(papers)
        # The few that were spared: Semantic Scholar goes on showing a first version's title, arXiv has the present one.
        open_ones = _open(papers)
        titled = [words for words, paper in open_ones if paper.wanted().title]
        await self._searches.ask({"arxiv": titled, "bulk": titled})
        self._choose(open_ones, ("arxiv", "bulk"))

    async def _search_one_by_one(self, papers: Sequence[Paper]) -> None:
        for number in range(3):
            wanted: dict[str, list[Words]] = {name: [] for name in ("crossref", "match", "named", "openalex")}
            open_ones = _open(papers)
            for words, paper in open_ones:
                wanted[_asked_in_round(number, paper)].append(words)
            await self._searches.ask(wanted)
            self._choose(open_ones, tuple(wanted))

    def take_retractions(self, file: Path | None) -> None:
        """Takes what Retraction Watch's file says of the papers found.

        Raises:
            EnrichError: the file cannot be read, or is no such file.
        """
        named = {key: {i.value for i in paper.named(Scheme.DOI)} for key, paper in self.by_key.items()}
        retracted = retraction_watch.find(file, set().union(*named.values())) if file else {}
        for key, dois in named.items():
            for record in (retracted[name] for name in sorted(dois & set(retracted))):
                self.by_key[key].records[record.source] = record

    def blocks(self, today: date, refresh: timedelta) -> dict[str, Enriched]:
        """The block `enriched:` of every entry whose paper was found."""
        return {
            key: judge.merge(
                self._proven(paper) | judge.edition(paper.entry, paper.records.values()),
                paper.entry.enriched,
                matched_by,
                today,
                refresh,
            )
            for key, paper in self.by_key.items()
            if paper.records and (matched_by := paper.matched_by_all())
        }

    def _doubtful(self, paper: Paper) -> set[Identifier]:
        """The arXiv ids whose records seem to be of another paper than the entry names."""
        return {
            clue.identifier
            for clue in paper.clues
            if clue.identifier.scheme is Scheme.ARXIV
            and judge.contradicts(paper.entry, self._registries.records(clue.identifier)) is not None
        }

    def _take_known(self, paper: Paper, seen: Callable[[str], LinkCheck | None]) -> None:
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
        if presented := self._pages.get(paper.entry.key):
            paper.take([replace(presented, source=PAGE)], PAGE)

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

    async def _look_at_page(self, entry: Entry) -> None:
        urls = (page for link in entry.links if link.kind is LinkKind.PAPER and (page := presented_at(link.url)))
        if (url := next(urls, None)) and (record := await self._searches.page(url)) and record.title:
            self._pages[entry.key] = record

    def _choose(self, wanted: Iterable[tuple[Words, Paper]], searches: Iterable[str]) -> None:
        """Takes what the searches brought, where it is the paper for sure."""
        for words, paper in wanted:
            for name in searches:
                match self._searches.outcome(name, words) if name not in paper.searched else None:
                    case Unknown():
                        paper.not_asked = True
                    case Missing(saw=saw):
                        paper.tried.append(f"{SEARCHES[name].service}: {saw}")
                    case Found(value=candidates):
                        _choose(paper, SEARCHES[name].service, candidates, self._repositories(paper.entry))
                    case None:
                        continue
                paper.searched.add(name)

    def _repositories(self, entry: Entry) -> str:
        """What the entry's repositories say of themselves."""
        named = (i for link in entry.links if link.kind is LinkKind.CODE for i in of_url(link.url))
        answers = (self._registries.answers.get(i, {}).get(github.NAME) for i in named)
        found = (a.value for a in answers if isinstance(a, Found))
        return " ".join(r.description for r in found if isinstance(r, Repository) and r.description)

    async def _follow_up(self) -> None:
        """Asks about the identifiers that records name, and takes what the registries say of them.

        Crossref is asked for every DOI, arXiv for every preprint (for it may be withdrawn), Semantic Scholar where
        the paper came from elsewhere.
        """
        dois = [i.value for paper in self.by_key.values() for i in paper.named(Scheme.DOI)]
        guesses = {
            key: ieee_dois(paper.entry, dois)
            for key, paper in self.by_key.items()
            if not (paper.clues or paper.is_named)
        }
        wanted: dict[str, set[Identifier]] = {
            crossref.NAME: {i for those in guesses.values() for i in those},
            arxiv.NAME: set(),
            semantic_scholar.NAME: set(),
        }
        for paper in self.by_key.values():
            self._learn(paper)
            wanted[crossref.NAME] |= paper.named(Scheme.DOI)
            if arxiv.NAME not in paper.records:
                wanted[arxiv.NAME] |= paper.named(Scheme.ARXIV)
            searched = paper.matched_by in ("title", "name", PAGE)
            if searched and semantic_scholar.NAME not in paper.records and (identifier := paper.main()):
                wanted[semantic_scholar.NAME].add(identifier)
        await self._registries.ask_more(wanted)
        for key, paper in self.by_key.items():
            self._take_guess(paper, guesses.get(key, ()))
            self._take_named(paper)
        await self._fill_gaps()

    def _learn(self, paper: Paper) -> None:
        """Keeps what searches brought under the identifiers by which the next run will ask."""
        if (preprint := paper.records.get(arxiv.NAME)) and preprint.arxiv_id:
            self._registries.learn(arxiv.NAME, Identifier(Scheme.ARXIV, preprint.arxiv_id), preprint)
        if (row := paper.records.get(semantic_scholar.NAME)) and (identifier := paper.main()):
            self._registries.learn(semantic_scholar.NAME, identifier, row)

    async def _fill_gaps(self) -> None:
        """Asks DataCite and OpenAlex for what the others could not say of a paper."""
        papers = [paper for paper in self.by_key.values() if paper.records and judge.gaps(paper.records.values())]
        main = {identifier for paper in papers if (identifier := paper.main())}
        await self._registries.ask_fallbacks(main.union(*(paper.named(Scheme.ARXIV) for paper in papers)))
        for paper in papers:
            self._take_named(paper)

    def _take_named(self, paper: Paper) -> None:
        for scheme in (Scheme.DOI, Scheme.ARXIV, Scheme.SEMANTIC_SCHOLAR):
            for identifier in sorted(paper.named(scheme)):
                answers = self._registries.answers.get(identifier, {})
                paper.take(self._registries.records(identifier), paper.matched_by or "title")
                paper.not_asked |= any(isinstance(answer, Unknown) for answer in answers.values())

    def _take_guess(self, paper: Paper, guesses: Iterable[Identifier]) -> None:
        """Takes the one registered DOI that an IEEE document can have, if it is of the venue that is listed."""
        records = [record for guess in guesses for record in self._registries.records(guess)]
        listed = judge.describe(paper.entry)
        if len(records) == 1 and venues_agree(listed.venue or "", records[0].venue or "") is True:
            paper.take(records, "doi")

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
        for agency in (crossref.NAME, datacite.NAME):
            registered = self._registries.answers.get(identifier, {}).get(agency)
            if isinstance(registered, Found) and isinstance(registered.value, Record):
                return all(judge.same_paper(registered.value, record) for record in paper.records.values())
        return self._registries.found(identifier, doi.NAME)


def _open(papers: Iterable[Paper]) -> list[tuple[Words, Paper]]:
    """The papers that must be searched for, with the words to search for."""
    return [(words, paper) for paper in papers if not paper.is_named and (words := paper.words())]


def _asked_in_round(number: int, paper: Paper) -> str:
    """Which search a paper is put to in one of three rounds: first the one likelier to know it, then the other."""
    if number == 2:
        return "openalex"
    if paper.wanted().title is None:
        return "named" if number == 0 else "crossref"
    return "crossref" if (has_doi(paper.entry) is True) is (number == 0) else "match"


def _choose(paper: Paper, service: str, candidates: Sequence[Record], repository: str) -> None:
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
