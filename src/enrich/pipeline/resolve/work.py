"""The papers of one catalog while they are resolved, and the answers of searches and registries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from enrich import judge
from enrich.identifiers import of_url, parse
from enrich.matching import Ruling, describe
from enrich.model import (
    Entry,
    Evidence,
    Found,
    Identifier,
    LinkCheck,
    LinkKind,
    Missing,
    Outcome,
    Record,
    Repository,
    Scheme,
    Unknown,
)
from enrich.pipeline.asker import Asker, searched_at
from enrich.pipeline.clues import PAPER_KINDS, Clue, has_sure_clue, ieee_dois, ieee_stems, presented_at
from enrich.pipeline.inquiry import Inquiry, Questions
from enrich.pipeline.known import Known
from enrich.pipeline.resolve.paper import Lead, Paper, certain_match, choose_among, titled_match
from enrich.pipeline.values import AllAnswers, Candidates, CatalogPlan, FirstSearches, Resolved, Searched, Words
from enrich.services import PAGE
from enrich.sources import arxiv, crossref, datacite, doi, github
from enrich.text.venue_names import venues_agree

_NOTHING: Mapping[str, Record] = {}
_NO_WORDS: Mapping[str, tuple[Words, ...]] = {}


class Work:
    """The papers of one catalog; it exists as long as this phase."""

    def __init__(
        self,
        planned: CatalogPlan,
        answers: AllAnswers,
        searched: Searched,
        ahead: FirstSearches,
        seen: Mapping[str, LinkCheck],
        local: tuple[str, ...] = (),
        *,
        listings: Mapping[str, Record] = _NOTHING,
        spares_arxiv: bool = False,
    ) -> None:
        self.papers = {due.entry.key: Paper(due.entry, due.clues, due.is_old) for due in planned.due}
        for key, listing in listings.items():
            self.papers[key].listing = listing
        self.known = Known(answers)
        self.local, self.spares_arxiv = local, spares_arxiv
        self._searched = dict(searched)
        self._ahead, self._seen = ahead.pages, seen
        self._rulings: dict[tuple[str, Identifier], tuple[list[Record], Ruling]] = {}
        self.doubtful = {key: ids for key, paper in self.papers.items() if (ids := self._doubtful(paper))}

    def ask(
        self, wanted: Mapping[str, Iterable[Words]], along: Mapping[str, Iterable[Words]] = _NO_WORDS
    ) -> Inquiry[None]:
        """Search for texts in several services concurrently, each text only once per service.

        Texts in `along` are searched for unless they are few; see `Questions`.
        """
        new, more = (
            {name: {words for words in those if (name, words) not in self._searched} for name, those in each.items()}
            for each in (wanted, along)
        )
        replies = yield Questions(searches=new, along=more)
        for name, outcomes in replies.searches.items():
            self._searched.update(((name, words), outcome) for words, outcome in outcomes.items())

    @property
    def searched(self) -> Searched:
        """The results of all searches."""
        return self._searched

    def outcome(self, name: str, words: Words) -> Candidates | None:
        """Return the result of a search; None if it was not made."""
        return self._searched.get((name, words))

    def is_searched(self, name: str, words: Words) -> bool:
        """Whether a search returned everything that it has."""
        outcome = self.outcome(name, words)
        return isinstance(outcome, Missing) or (isinstance(outcome, Found) and not outcome.is_partial)

    def take_known(
        self, papers: Iterable[Paper], first_versions: Mapping[Identifier, Outcome[Record]] | None = None
    ) -> None:
        """Take the records of the papers' identifiers and pages if they belong to the entries' papers."""
        for paper in papers:
            leads = [lead for clue in paper.clues if (lead := self._lead(paper, clue, first_versions or {}))]
            paper.follow([*leads, *self._leads_of_pages(paper)])
            url = presenting_page(paper.entry, paper.clues)
            match self._ahead.get(url) if url else None:
                case Unknown():
                    paper.not_asked = True
                case Record(title=title) as presented if title:
                    paper.take([replace(presented, source=PAGE)], PAGE)

    def questionable(self, paper: Paper) -> Words | None:
        """Return the title to search for because another paper may have it."""
        return paper.title_to_prove() if paper.entry.key in self.doubtful else paper.title_in_question()

    def choose(self, wanted: Iterable[tuple[Words, Paper]], searches: Iterable[str]) -> None:
        """Take the result of a search if it is certainly the paper."""
        for words, paper in wanted:
            for name in searches:
                match self.outcome(name, words) if name not in paper.searched else None:
                    case Unknown():
                        paper.not_asked = True
                    case Missing() if name not in self.local:
                        paper.tried += (judge.Tried(searched_at(name)),)
                    case Found() as found:
                        choose_among(paper, searched_at(name), found, self._repositories(paper.entry))
                    case None:
                        continue
                    case _:
                        pass
                paper.searched |= {name}

    def take_certain(self, wanted: Iterable[tuple[Words, Paper]]) -> None:
        """Take a snapshot's result if the title is the same and it is certainly the paper."""
        for words, paper in wanted:
            for name in self.local:
                outcome = None if paper.is_named else self.outcome(name, words)
                if isinstance(outcome, Found) and (certain := certain_match(paper.wanted(), outcome.value)):
                    paper.take([certain], paper.sought_by)

    def take_found_by_name(self, papers: Iterable[Paper]) -> None:
        """Take what a search for an entry's name found, if a page has given the same title since."""
        for paper in papers:
            words = None if paper.is_named or not paper.wanted().title else paper.name_words()
            outcome = self.outcome("names", words) if words else None
            if isinstance(outcome, Found) and (match := titled_match(paper.wanted(), outcome.value)):
                paper.take([match], paper.sought_by)

    def learn(
        self, service: str, identifier: Identifier, record: Record
    ) -> dict[tuple[str, Identifier], Found[Record]]:
        """Take a service's search result as its answer about the identifier; return what is new to it."""
        if record.snapshot or service in self.known.of(identifier):
            return {}
        answer = Found(record, at=record.asked_at or "")
        self.known.add(identifier, service, answer)
        return {(service, identifier): answer}

    def take_named(self, paper: Paper) -> None:
        """Take what the registries say about the identifiers in the paper's records."""
        for scheme in (Scheme.DOI, Scheme.ARXIV, Scheme.SEMANTIC_SCHOLAR):
            for identifier in sorted(paper.named(scheme)):
                answers = self.known.of(identifier)
                paper.take(self.known.records(identifier), paper.matched_by or "title")
                paper.not_asked |= any(isinstance(answer, Unknown) for answer in answers.values())

    def guesses(self) -> dict[str, tuple[Identifier, ...]]:
        """Return the DOIs that the IEEE documents of papers not found may have, by key."""
        papers = [paper for paper in self.papers.values() if not paper.clues and not paper.is_named]
        records = (record for paper in self.papers.values() for record in paper.records.values())
        stems = ieee_stems(record.doi.lower() for record in records if record.doi) if papers else ()
        return {paper.entry.key: ieee_dois(paper.entry, stems) for paper in papers}

    def take_known_guesses(self) -> None:
        """Take the DOIs of IEEE documents that are already known, for entries without a title.

        The number of the document is more reliable than a name.
        """
        for key, guesses in self.guesses().items():
            if not self.papers[key].entry.title and any(crossref.NAME in self.known.of(i) for i in guesses):
                self.take_guess(self.papers[key], guesses)

    def take_guess(self, paper: Paper, guesses: Iterable[Identifier]) -> None:
        """Take the one registered DOI that an IEEE document may have, if it belongs to the listed venue."""
        guesses = list(guesses)
        # An index that knows such a DOI does not prove that it is registered.
        registries = (crossref.NAME, doi.NAME)
        answers = [answer for guess in guesses for name, answer in self.known.of(guess).items() if name in registries]
        paper.not_asked |= any(isinstance(answer, Unknown) for answer in answers)
        records = [a.value for a in answers if isinstance(a, Found) and isinstance(a.value, Record)]
        listed = describe(paper.entry)
        if len(records) == 1 and venues_agree(listed.venue or "", records[0].venue or "") is True:
            paper.take(records, "doi")

    def dois(self) -> set[str]:
        """Return the DOIs of all papers found."""
        return {i.value for paper in self.papers.values() for i in paper.named(Scheme.DOI)}

    def resolved(self, retracted: Mapping[str, Record]) -> dict[str, Resolved]:
        """Return the results of the lookups, with what `retracted` (by DOI) says about the papers; the last step.

        Each paper is released, as the papers of a long catalog take much memory.
        """
        for paper in self.papers.values():
            for name in sorted({i.value for i in paper.named(Scheme.DOI)} & set(retracted)):
                paper.records[retracted[name].source] = retracted[name]
        return {key: self._resolved(self.papers.pop(key)) for key in tuple(self.papers)}

    def _resolved(self, paper: Paper) -> Resolved:
        return paper.resolved(self._proven(paper))

    def _doubtful(self, paper: Paper) -> set[Identifier]:
        """Return the arXiv IDs whose records have another title than the entry."""
        return {
            clue.identifier
            for clue in paper.clues
            if clue.identifier.scheme is Scheme.ARXIV
            and self.known.records(clue.identifier)
            and not self._judged(paper, clue.identifier).is_accepted
        }

    def _judged(self, paper: Paper, identifier: Identifier) -> Ruling:
        """Return whether the records of an identifier belong to the entry's paper, and remember the answer."""
        records = self.known.records(identifier)
        ruling = judge.identity(paper.entry, records)
        self._rulings[paper.entry.key, identifier] = records, ruling
        return ruling

    def _ruling(self, paper: Paper, identifier: Identifier, records: list[Record]) -> Ruling:
        """Return the same for records that may have changed since."""
        before, ruling = self._rulings.pop((paper.entry.key, identifier), (None, None))
        return ruling if ruling and before == records else judge.identity(paper.entry, records)

    def _lead(self, paper: Paper, clue: Clue, first_versions: Mapping[Identifier, Outcome[Record]]) -> Lead | None:
        """Return what the services say about an identifier.

        None if no service knows it, or an earlier title could not be looked up.
        """
        answers = self.known.of(clue.identifier)
        paper.not_asked |= any(isinstance(answer, Unknown) for answer in answers.values())
        missing = [(service, answer) for service, answer in answers.items() if isinstance(answer, Missing)]
        paper.tried += tuple(judge.Tried(service) for service, _ in missing)
        if clue.is_own and isinstance(answers.get(doi.NAME), Missing) and not self.known.found(clue.identifier):
            saw = tuple(Evidence(service, a.at, a.saw, a.status) for service, a in missing)
            paper.unregistered = {**paper.unregistered, str(clue.where): saw}
        records = self.known.records(clue.identifier)
        match first_versions.get(clue.identifier):
            case Unknown():
                paper.not_asked = paper.is_unjudged = True
                return None
            case Found(value=first) if first.title:
                records = [
                    replace(r, other_titles=(*r.other_titles, first.title)) if r.source == arxiv.NAME else r
                    for r in records
                ]
        if not records:
            return None
        ruling = self._ruling(paper, clue.identifier, records)
        return Lead(clue.where, judge.by_authority(records), ruling, clue.matched_by, clue.is_own)

    def _leads_of_pages(self, paper: Paper) -> list[Lead]:
        """Return what the pages behind the entry's links say about the paper that they present."""
        leads = []
        for link in paper.entry.links:
            check = self._seen.get(link.url) if link.kind in PAPER_KINDS else None
            if check and check.page and (record := check.page.record) and record.title:
                ruling = judge.identity(paper.entry, [record])
                if link.kind is LinkKind.PAPER or not ruling.is_accepted:
                    leads.append(Lead(link.url, [replace(record, source=PAGE)], ruling, PAGE))
        return leads

    def _repositories(self, entry: Entry) -> str:
        """Return what the entry's repositories say about themselves."""
        named = (i for link in entry.links if link.kind is LinkKind.CODE for i in of_url(link.url))
        answers = (self.known.of(i).get(github.NAME) for i in named)
        found = (a.value for a in answers if isinstance(a, Found))
        return " ".join(r.description for r in found if isinstance(r, Repository) and r.description)

    def _proven(self, paper: Paper) -> dict[str, Record]:
        """Return the paper's records without DOIs that no registry confirms, which other sources may have copied."""
        unproven = {
            source: replace(record, doi=None)
            for source, record in paper.records.items()
            if not (record.doi is None or source == crossref.NAME or self._is_proven(paper, record.doi))
        }
        return paper.records | unproven if unproven else paper.records

    def _is_proven(self, paper: Paper, doi_text: str | None) -> bool:
        identifier = parse(doi_text or "")
        if identifier is None or identifier.scheme is not Scheme.DOI:
            return False
        for agency in (crossref.NAME, datacite.NAME):
            registered = self.known.of(identifier).get(agency)
            if isinstance(registered, Found) and isinstance(registered.value, Record):
                return all(judge.may_be_one_paper(registered.value, record) for record in paper.records.values())
        return self.known.found(identifier, doi.NAME)


def works_of(
    catalogs: Sequence[CatalogPlan],
    asker: Asker,
    answers: Sequence[AllAnswers],
    ahead: FirstSearches,
    seen: Sequence[Mapping[str, LinkCheck]],
) -> list[Work]:
    """Return the papers of each catalog, with the answers of registries, what was searched, and what pages said."""
    parts = zip(catalogs, answers, ahead.searched, ahead.listings, seen, strict=True)
    return [
        Work(
            planned,
            said,
            searched,
            ahead,
            checks,
            asker.local.searches,
            listings=listings,
            spares_arxiv=asker.local.spares_arxiv,
        )
        for planned, said, searched, listings, checks in parts
    ]


def presenting_page(entry: Entry, clues: Iterable[Clue]) -> str | None:
    """Return the page that presents the paper of an entry with only a link to a PDF, if any."""
    if entry.title or has_sure_clue(clues):
        return None
    pages = (page for link in entry.links if link.kind is LinkKind.PAPER and (page := presented_at(link.url)))
    return next(pages, None)
