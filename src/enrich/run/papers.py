"""Bringing entries to their papers: by identifier, by the page behind a link, by title."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from enrich import judge
from enrich.identifiers import of_url, parse
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
    Unknown,
)
from enrich.run.paper import Lead, Paper, asked_in_round, choose_among, to_search
from enrich.run.plan import PAPER_KINDS, SURE, Clue, clues, ieee_dois, presented_at
from enrich.run.registries import Registries
from enrich.run.searching import SEARCHES, Searches, Words
from enrich.services import PAGE
from enrich.sources import arxiv, crossref, datacite, doi, github, retraction_watch, semantic_scholar
from enrich.text.venue_names import venues_agree

_FEW = 2
"""So few titles are searched for one by one: two searches of many titles would cost as much and prove less."""


class Papers:
    """The papers of a run; services are asked about the entries whose keys are in `first` before all others."""

    def __init__(
        self, entries: Sequence[Entry], registries: Registries, searches: Searches, first: Collection[str] = ()
    ) -> None:
        self._registries, self._searches = registries, searches
        self._pages: dict[str, Record] = {}
        self.by_key = {entry.key: Paper(entry, clues(entry)) for entry in entries}
        ahead = [self.by_key[key] for key in first]
        registries.first |= {clue.identifier for paper in ahead for clue in paper.clues}
        searches.first |= {words.text for paper in ahead if (words := paper.words())}

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
        await self._settle()
        await self._follow_up()

    async def _settle(self) -> None:
        """Search for the titles of entries whose links lead to another paper, or may.

        Semantic Scholar has them from everywhere; arXiv is asked where it does not settle who must be settled.
        """
        for name in ("bulk", "arxiv"):
            asked = [(words, paper) for paper in self.by_key.values() if (words := self._in_question(paper))]
            await self._searches.ask({name: [words for words, _ in asked]})
            for words, paper in asked:
                match self._searches.outcome(name, words):
                    case Unknown() if name == "arxiv" or paper.is_contested:
                        paper.withhold()
                    case Found(value=candidates):
                        paper.settle(candidates)

    def _in_question(self, paper: Paper) -> Words | None:
        """The title to search for next, None where there is nothing to ask, or nothing more."""
        words = paper.title_in_question()
        if words is None or paper.right:
            return None
        before = self._searches.outcome("bulk", words)
        return words if before is None or isinstance(before, Unknown) or paper.is_contested else None

    async def _search(self, papers: Sequence[Paper]) -> None:
        """Searches for what nobody knows yet."""
        open_ones = to_search(papers)
        titled = [words for words, paper in open_ones if paper.wanted().title]
        if sum(not self._searches.is_asked("arxiv", words) for words in titled) > _FEW:
            await self._searches.ask({"arxiv": titled, "bulk": titled})
        self._choose(open_ones, ("arxiv", "bulk"))
        await self._search_one_by_one(papers)
        # The few that were spared: Semantic Scholar goes on showing a first version's title, arXiv has the present one.
        open_ones = to_search(papers)
        titled = [words for words, paper in open_ones if paper.wanted().title]
        await self._searches.ask({"arxiv": titled, "bulk": titled})
        self._choose(open_ones, ("arxiv", "bulk"))

    async def _search_one_by_one(self, papers: Sequence[Paper]) -> None:
        for number in range(3):
            wanted: dict[str, list[Words]] = {name: [] for name in ("crossref", "match", "named", "openalex")}
            open_ones = to_search(papers)
            for words, paper in open_ones:
                wanted[asked_in_round(number, paper)].append(words)
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

    def leave_open(self, postponed: Collection[str]) -> None:
        """Notes what a run that was stopped cannot say: these pages, and the searches not made, may tell more."""
        for paper in self.by_key.values():
            paper.not_asked |= any(link.url in postponed for link in paper.entry.links if link.kind in PAPER_KINDS)
            if paper.not_asked:
                paper.candidates = ()

    def blocks(self, today: date, refresh: timedelta) -> dict[str, Enriched]:
        """The block `enriched:` of every entry whose paper was found, an empty one where it was another paper's."""
        removed = {key: Enriched() for key, paper in self.by_key.items() if paper.has_block_of_wrong()}
        return removed | {
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
        """The arXiv ids whose records do not bear the entry's title."""
        return {
            clue.identifier
            for clue in paper.clues
            if clue.identifier.scheme is Scheme.ARXIV
            and not judge.identity(paper.entry, self._registries.records(clue.identifier)).is_accepted
        }

    def _take_known(self, paper: Paper, seen: Callable[[str], LinkCheck | None]) -> None:
        leads = [lead for clue in paper.clues if (lead := self._lead(paper, clue))]
        for link in paper.entry.links:
            check = seen(link.url) if link.kind in PAPER_KINDS else None
            if check and check.page and (record := check.page.record) and record.title:
                ruling = judge.identity(paper.entry, [record])
                if link.kind is LinkKind.PAPER or not ruling.is_accepted:
                    leads.append(Lead(link.url, [replace(record, source=PAGE)], ruling, PAGE))
        paper.follow(leads)
        if presented := self._pages.get(paper.entry.key):
            paper.take([replace(presented, source=PAGE)], PAGE)

    def _lead(self, paper: Paper, clue: Clue) -> Lead | None:
        """What the services say of an identifier; None where none knows it, or an earlier title could not be asked."""
        answers = self._registries.answers.get(clue.identifier, {})
        paper.not_asked |= any(isinstance(answer, Unknown) for answer in answers.values())
        paper.tried += [f"{service}: {a.saw}" for service, a in answers.items() if isinstance(a, Missing)]
        records = self._registries.records(clue.identifier)
        match self._registries.first_versions.get(clue.identifier):
            case Unknown():
                paper.not_asked = paper.is_unjudged = True
                return None
            case Found(value=first) if first.title:
                earlier = first.title
                records = [
                    replace(r, other_titles=(*r.other_titles, earlier)) if r.source == arxiv.NAME else r
                    for r in records
                ]
        if not records:
            return None
        records = judge.by_authority(records)
        return Lead(clue.where, records, judge.identity(paper.entry, records), clue.matched_by, clue.is_own)

    async def _look_at_page(self, entry: Entry) -> None:
        urls = (page for link in entry.links if link.kind is LinkKind.PAPER and (page := presented_at(link.url)))
        record = await self._searches.page(url) if (url := next(urls, None)) else None
        if isinstance(record, Unknown):
            self.by_key[entry.key].not_asked = True
        elif record and record.title:
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
                        choose_among(paper, SEARCHES[name].service, candidates, self._repositories(paper.entry))
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
        rows = {
            identifier
            for paper in self.by_key.values()
            if paper.matched_by in ("title", "name", PAGE) and semantic_scholar.NAME not in paper.records
            if (identifier := paper.main())
        }
        for paper in self.by_key.values():
            self._learn(paper)
        await self._registries.ask_more({semantic_scholar.NAME: rows})
        guesses = self._guesses()
        dois = {i for those in guesses.values() for i in those}
        preprints: set[Identifier] = set()
        for paper in self.by_key.values():
            self._take_named(paper)
            dois |= paper.named(Scheme.DOI)
            if arxiv.NAME not in paper.records:
                preprints |= paper.named(Scheme.ARXIV)
        await self._registries.ask_more({crossref.NAME: dois, arxiv.NAME: preprints})
        for key, paper in self.by_key.items():
            self._take_guess(paper, guesses.get(key, ()))
            self._take_named(paper)
        await self._fill_gaps()

    def _guesses(self) -> dict[str, tuple[Identifier, ...]]:
        """The DOIs that the IEEE documents of papers not found can have, by key."""
        known = [i.value for paper in self.by_key.values() for i in paper.named(Scheme.DOI)]
        papers = [paper for paper in self.by_key.values() if not paper.clues and not paper.is_named]
        return {paper.entry.key: ieee_dois(paper.entry, known) for paper in papers}

    def _learn(self, paper: Paper) -> None:
        """Keeps what searches brought under the identifiers by which the next run will ask."""
        if (preprint := paper.records.get(arxiv.NAME)) and preprint.arxiv_id:
            self._registries.learn(arxiv.NAME, Identifier(Scheme.ARXIV, preprint.arxiv_id), preprint)
        if (row := paper.records.get(semantic_scholar.NAME)) and (identifier := paper.main()):
            self._registries.learn(semantic_scholar.NAME, identifier, row)

    async def _fill_gaps(self) -> None:
        """Asks Semantic Scholar by the DOIs found last, DataCite and OpenAlex for what the others could not say."""
        papers = [paper for paper in self.by_key.values() if paper.records and judge.gaps(paper.records.values())]
        unasked = {i for p in papers if semantic_scholar.NAME not in p.records if (i := p.main())}
        await self._registries.ask_more({semantic_scholar.NAME: unasked})
        for paper in papers:
            self._take_named(paper)
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
        answers = [answer for guess in guesses for answer in self._registries.answers.get(guess, {}).values()]
        paper.not_asked |= any(isinstance(answer, Unknown) for answer in answers)
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
