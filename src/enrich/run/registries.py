"""Asking the services about identifiers and titles, and keeping what they answered."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from enrich import links
from enrich.identifiers import anthology_dois, parse, repository_part
from enrich.model import Entry, Found, Identifier, Missing, Outcome, Record, Repository, Scheme, Unknown
from enrich.run.plan import PAPER_KINDS
from enrich.sources import arxiv, crossref, datacite, doi, github, openalex, semantic_scholar
from enrich.sources.asking.lookup import store
from enrich.text.urls import host_of
from enrich.web import Web

Answer = Outcome[Record] | Outcome[Repository] | Outcome[str]


class Source(Protocol):
    """A service that can be asked about identifiers, in batches."""

    NAME: str
    BASE: str

    def look_up(self, wanted: Sequence[Identifier], web: Web, *, base: str) -> Awaitable[Mapping[Identifier, Answer]]:
        """Exactly one outcome per wanted identifier."""
        ...


SOURCES: Mapping[str, Source] = {
    arxiv.NAME: arxiv,
    semantic_scholar.NAME: semantic_scholar,
    crossref.NAME: crossref,
    datacite.NAME: datacite,
    doi.NAME: doi,
    github.NAME: github,
    openalex.NAME: openalex,
}

# What Semantic Scholar's batch can be asked about: https://api.semanticscholar.org/api-docs/graph
_IN_SEMANTIC_SCHOLAR = frozenset({*Scheme} - {Scheme.OPENREVIEW, Scheme.GITHUB})
# What nobody else can be asked about.
_THERE_ALONE = (Scheme.SEMANTIC_SCHOLAR, Scheme.PMID, Scheme.PMC)


def vouchers(urls: Iterable[str], entries: Iterable[Entry]) -> dict[str, Identifier]:
    """The identifiers whose registries can say of links whether they are good (url to identifier).

    That is the link's own, or at a publisher who registers its pages the DOI that the catalog has of the paper.
    """
    urls = list(urls)
    own = {url: identifier for url in urls if (identifier := links.voucher(url))}
    known = {
        link.url: identifier
        for entry in entries
        if (doi := entry.known("doi")) and (identifier := parse(str(doi))) and identifier.scheme is Scheme.DOI
        for link in entry.links
        if link.kind in PAPER_KINDS and links.may_be_registered(link.url)
    }
    own |= {url: known[url] for url in urls if url in known}
    return {url: own[url] for url in urls if url in own}


class Registries:
    """What each service said of each identifier in this run, and which services could not be asked.

    Each service is asked about the identifiers in `first` before all others.
    """

    def __init__(self, web: Web, base: Callable[[str, str], str]) -> None:
        self._web, self._base = web, base
        self.first: set[Identifier] = set()
        self.answers: defaultdict[Identifier, dict[str, Answer]] = defaultdict(dict)
        self.first_versions: dict[Identifier, Outcome[Record]] = {}
        self.unasked: dict[str, tuple[str, set[str]]] = {}
        self.out: dict[str, str] = {}

    async def ask_all(self, papers: Iterable[Identifier], vouched: Mapping[str, Identifier]) -> None:
        """Asks about papers (their metadata) and about the identifiers that vouch for links (url to identifier).

        A paper of the ACL Anthology is known by the DOIs that it can have, too; about links to those that have none
        Semantic Scholar is asked where its answer is sure to come. That such a DOI is not registered says nothing.
        """
        papers, vouching = set(papers), set(vouched.values())
        every = papers | vouching
        of = {scheme: sorted(i for i in every if i.scheme is scheme) for scheme in Scheme}
        papers_of = {doi: paper for paper in of[Scheme.ACL] for doi in anthology_dois(paper)}
        asked = {i for i in papers if i.scheme in _IN_SEMANTIC_SCHOLAR}
        asked |= {i for scheme in _THERE_ALONE for i in of[scheme]}
        asked |= {doi for doi, paper in papers_of.items() if paper in papers}
        async with asyncio.TaskGroup() as group:
            group.create_task(self.ask(arxiv.NAME, of[Scheme.ARXIV]))
            group.create_task(self.ask(crossref.NAME, sorted({*of[Scheme.DOI], *papers_of})))
            group.create_task(self.ask_repositories(vouched))
            group.create_task(self.ask(semantic_scholar.NAME, sorted(asked)))
        for name, paper in papers_of.items():
            if self.found(name, crossref.NAME):
                of_doi = self.answers[name]
                self.answers[paper] |= {service: of_doi[service] for service in of_doi if self.found(name, service)}
        if self._has_key(semantic_scholar):
            await self.ask(semantic_scholar.NAME, [i for i in of[Scheme.ACL] if i not in asked and not self.found(i)])
        resolved = {i for url, i in vouched.items() if i.scheme is Scheme.ACM and links.is_resolver(url)}
        dois = [i for i in of[Scheme.DOI] if i in vouching or i not in papers_of]
        await self.second_opinions(of[Scheme.ARXIV], [*dois, *sorted(resolved)])

    async def ask_more(self, wanted: Mapping[str, Iterable[Identifier]]) -> None:
        """Asks services (by their names) about identifiers that records named, each what it was not asked before."""
        new = {
            service: [i for i in sorted(set(those)) if service not in self.answers[i]]
            for service, those in wanted.items()
        }
        async with asyncio.TaskGroup() as group:
            for service, those in new.items():
                group.create_task(self.ask(service, those))
        await self.second_opinions([], [i for i in new.get(crossref.NAME, ()) if doi.NAME not in self.answers[i]])

    async def ask_fallbacks(self, papers: Iterable[Identifier]) -> None:
        """Asks DataCite about papers (by the identifiers that stand for them) where it may know more, and OpenAlex.

        DataCite knows arXiv's papers, and what doi.org knows and Crossref does not. OpenAlex answers none without key.
        """
        papers = set(papers)
        unasked = {i for i in papers if isinstance(self.answers[i].get(arxiv.NAME), Unknown)}
        others = {i for i in papers if self.found(i, doi.NAME) and not self.found(i, crossref.NAME)}
        there = papers if self._has_key(openalex) else set()
        await self.ask_more(
            {
                datacite.NAME: unasked | {i for i in others if i.scheme is Scheme.DOI},
                openalex.NAME: {i for i in there if i.scheme in (Scheme.DOI, Scheme.ARXIV)},
            }
        )

    async def second_opinions(self, preprints: Sequence[Identifier], dois: Sequence[Identifier]) -> None:
        """Asks DataCite about preprints that arXiv could not be asked about, and doi.org about what is still open.

        An arXiv id that arXiv does not know is dead only if its DOI 10.48550/arXiv.ID has no handle either.
        """
        unasked = [i for i in preprints if isinstance(self.answers[i].get(arxiv.NAME), Unknown) and not self.found(i)]
        await self.ask(datacite.NAME, unasked)
        absent = [i for i in preprints if isinstance(self.answers[i].get(arxiv.NAME), Missing)]
        handles = {Identifier(Scheme.DOI, f"10.48550/arxiv.{i.value}"): i for i in absent}
        handles |= {Identifier(Scheme.DOI, i.value): i for i in dois if not self.found(i, crossref.NAME)}
        for handle, answer in (await self._outcomes(doi.NAME, sorted(handles))).items():
            self.answers[handles[handle]][doi.NAME] = answer

    async def ask(self, service: str, wanted: Sequence[Identifier]) -> None:
        """Asks one service about identifiers and keeps its answers."""
        for identifier, answer in (await self._outcomes(service, wanted)).items():
            self.answers[identifier][service] = answer

    async def ask_repositories(self, vouched: Mapping[str, Identifier]) -> None:
        """Asks GitHub about repositories, and about what the links (url to identifier) name inside them."""
        parts: defaultdict[Identifier, set[str]] = defaultdict(set)
        for url, identifier in vouched.items():
            if identifier.scheme is Scheme.GITHUB:
                parts[identifier].add(repository_part(url))
        base = self._base(github.NAME, github.BASE)
        wanted = self._in_order(sorted(parts))
        for identifier, outcome in (await github.look_up(wanted, self._web, base=base, parts=parts)).items():
            self.answers[identifier][github.NAME] = outcome
            if isinstance(outcome, Unknown):
                self.could_not_ask(github.NAME, outcome.why, str(identifier))

    async def ask_first_versions(self, preprints: Sequence[Identifier]) -> None:
        """Asks arXiv what the first versions of preprints say: lists often hold the title that a paper had then."""
        if why := self.out.get(arxiv.NAME):
            self.first_versions |= {identifier: Unknown(why) for identifier in preprints}
        elif preprints:
            base = self._base(arxiv.NAME, arxiv.BASE)
            self.first_versions |= await arxiv.look_up(preprints, self._web, base=base, version=1)

    def found(self, identifier: Identifier, *services: str) -> bool:
        """Whether one of the services (any, when none is named) knows the identifier."""
        answers = self.answers.get(identifier, {})
        return any(isinstance(answers.get(service), Found) for service in services or tuple(answers))

    def records(self, identifier: Identifier) -> list[Record]:
        """What the services that know the identifier say of its paper."""
        answers = self.answers.get(identifier, {}).values()
        return [a.value for a in answers if isinstance(a, Found) and isinstance(a.value, Record)]

    def learn(self, service: str, identifier: Identifier, record: Record) -> None:
        """Keeps what a search of a service brought as its answer for the identifier: it need not be asked for again."""
        if service not in self.answers[identifier]:
            answer = Found(record, at=record.asked_at or "")
            self.answers[identifier][service] = answer
            store(self._web, service, identifier, answer)

    def note(self, service: str, outcomes: Mapping[Any, Outcome[Any]]) -> None:
        """Notes what a service could not be asked about; one that answers nothing is asked no more."""
        unknown = {thing: outcome.why for thing, outcome in outcomes.items() if isinstance(outcome, Unknown)}
        for thing, why in unknown.items():
            self.could_not_ask(service, why, str(thing))
        if unknown and len(unknown) == len(outcomes):
            self.out.setdefault(service, next(iter(unknown.values())))

    def could_not_ask(self, service: str, why: str, what: str) -> None:
        """Notes that a service could not be asked about something (an identifier, a title, a URL).

        A run that was stopped is not the service's fault, and is told of by the report as a whole.
        """
        if why != self._web.stop.because:
            self.unasked.setdefault(service, (self._placed(service, why), set()))[1].add(what)

    def _placed(self, service: str, why: str) -> str:
        """The words on a failure, with the host that was asked where it is a mirror and not named yet."""
        source = SOURCES.get(service)
        base = self._base(service, source.BASE) if source else ""
        host = host_of(base)
        return why if source is None or base == source.BASE or host in why else f"{why}, asked at {host}"

    def _in_order(self, wanted: Iterable[Identifier]) -> list[Identifier]:
        return sorted(wanted, key=lambda identifier: identifier not in self.first)

    def _has_key(self, source: Source) -> bool:
        return self._web.has_key(self._base(source.NAME, source.BASE))

    async def _outcomes(self, service: str, wanted: Sequence[Identifier]) -> Mapping[Identifier, Answer]:
        if not wanted:
            return {}
        source, why = SOURCES[service], self.out.get(service)
        if why is None:
            base = self._base(service, source.BASE)
            outcomes = await source.look_up(self._in_order(wanted), self._web, base=base)
        else:
            outcomes = {identifier: Unknown(why) for identifier in wanted}
        self.note(service, outcomes)
        return outcomes
