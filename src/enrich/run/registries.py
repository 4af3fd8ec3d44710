"""Asking the services about identifiers and titles, and keeping what they answered."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Protocol

from enrich import links
from enrich.identifiers import repository_part
from enrich.model import Found, Identifier, Missing, Outcome, Record, Repository, Scheme, Unknown
from enrich.sources import arxiv, crossref, datacite, doi, github, semantic_scholar
from enrich.web import Web

Answer = Outcome[Record] | Outcome[Repository] | Outcome[str]
Candidates = Outcome[tuple[Record, ...]]


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
}

Search = Callable[..., Awaitable[Mapping[str, Candidates]]]

SEARCHES: tuple[tuple[tuple[str, str, Search], ...], ...] = (
    # Many titles a request; one request a title only for what is left, and first where the answer says most.
    ((arxiv.NAME, arxiv.BASE, arxiv.search), (semantic_scholar.NAME, semantic_scholar.BASE, semantic_scholar.search)),
    ((semantic_scholar.NAME, semantic_scholar.BASE, semantic_scholar.match),),
    ((crossref.NAME, crossref.BASE, crossref.search),),
)
"""The title searches, round after round for what is not found yet: service, base URL, search."""

# What Semantic Scholar's batch can be asked about: https://api.semanticscholar.org/api-docs/graph
_IN_SEMANTIC_SCHOLAR = frozenset({Scheme.ARXIV, Scheme.DOI, Scheme.SEMANTIC_SCHOLAR, Scheme.ACL})


class Registries:
    """What each service said of each identifier in this run, and which services could not be asked."""

    def __init__(self, web: Web, base: Callable[[str, str], str]) -> None:
        self._web, self._base = web, base
        self.answers: defaultdict[Identifier, dict[str, Answer]] = defaultdict(dict)
        self.first_versions: dict[Identifier, Outcome[Record]] = {}
        self.unasked: dict[str, tuple[str, set[str]]] = {}

    async def ask_all(self, papers: Iterable[Identifier], vouched: Mapping[str, Identifier]) -> None:
        """Asks about papers (their metadata) and about the identifiers that vouch for links (url to identifier)."""
        papers, vouching = set(papers), set(vouched.values())
        every = papers | vouching
        of = {scheme: sorted(i for i in every if i.scheme is scheme) for scheme in Scheme}
        asked = {i for i in papers if i.scheme in _IN_SEMANTIC_SCHOLAR} | set(of[Scheme.SEMANTIC_SCHOLAR])
        async with asyncio.TaskGroup() as group:
            group.create_task(self.ask(arxiv.NAME, of[Scheme.ARXIV]))
            group.create_task(self.ask(crossref.NAME, of[Scheme.DOI]))
            group.create_task(self.ask_repositories(vouched))
            group.create_task(self.ask(semantic_scholar.NAME, sorted(asked)))
        resolved = {i for url, i in vouched.items() if i.scheme is Scheme.ACM and links.is_resolver(url)}
        await self.second_opinions(of[Scheme.ARXIV], [*of[Scheme.DOI], *sorted(resolved)])

    async def ask_about(self, named: Iterable[Identifier], papers: Iterable[Identifier]) -> None:
        """Asks the registrars about identifiers that records named, and everybody about those that stand for `papers`.

        Each service is asked only for what it has not been asked in this run.
        """
        named, papers = set(named), set(papers)
        async with asyncio.TaskGroup() as group:
            group.create_task(
                self.ask(semantic_scholar.NAME, self._new(papers, semantic_scholar.NAME, _IN_SEMANTIC_SCHOLAR))
            )
            group.create_task(self.ask(arxiv.NAME, self._new(papers, arxiv.NAME, {Scheme.ARXIV})))
            group.create_task(self.ask(crossref.NAME, self._new(named | papers, crossref.NAME, {Scheme.DOI})))
        await self.second_opinions([], self._new(named | papers, doi.NAME, {Scheme.DOI}))

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
        for identifier, outcome in (await github.look_up(sorted(parts), self._web, base=base, parts=parts)).items():
            self.answers[identifier][github.NAME] = outcome
            if isinstance(outcome, Unknown):
                self.could_not_ask(github.NAME, outcome.why, str(identifier))

    async def ask_first_versions(self, preprints: Sequence[Identifier]) -> None:
        """Asks arXiv what the first versions of preprints say: lists often hold the title that a paper had then."""
        if preprints:
            base = self._base(arxiv.NAME, arxiv.BASE)
            self.first_versions |= await arxiv.look_up(preprints, self._web, base=base, version=1)

    async def search(self, number: int, titles: Sequence[str]) -> list[tuple[str, Mapping[str, Candidates]]]:
        """The candidates per title from each service of a round of SEARCHES, asked side by side."""

        async def one(service: str, default: str, search: Search) -> tuple[str, Mapping[str, Candidates]]:
            outcomes = await search(titles, self._web, base=self._base(service, default))
            for title, outcome in outcomes.items():
                if isinstance(outcome, Unknown):
                    self.could_not_ask(service, outcome.why, title)
            return service, outcomes

        return await asyncio.gather(*(one(*search) for search in SEARCHES[number]))

    def found(self, identifier: Identifier, *services: str) -> bool:
        """Whether one of the services (any, when none is named) knows the identifier."""
        answers = self.answers.get(identifier, {})
        return any(isinstance(answers.get(service), Found) for service in services or tuple(answers))

    def records(self, identifier: Identifier) -> list[Record]:
        """What the services that know the identifier say of its paper."""
        answers = self.answers.get(identifier, {}).values()
        return [a.value for a in answers if isinstance(a, Found) and isinstance(a.value, Record)]

    def could_not_ask(self, service: str, why: str, what: str) -> None:
        """Notes that a service could not be asked about something (an identifier, a title, a URL)."""
        self.unasked.setdefault(service, (why, set()))[1].add(what)

    def _new(self, wanted: Iterable[Identifier], service: str, schemes: Iterable[Scheme]) -> list[Identifier]:
        schemes = set(schemes)
        return sorted(i for i in wanted if i.scheme in schemes and service not in self.answers[i])

    async def _outcomes(self, service: str, wanted: Sequence[Identifier]) -> Mapping[Identifier, Answer]:
        if not wanted:
            return {}
        source = SOURCES[service]
        outcomes = await source.look_up(wanted, self._web, base=self._base(service, source.BASE))
        for identifier, outcome in outcomes.items():
            if isinstance(outcome, Unknown):
                self.could_not_ask(service, outcome.why, str(identifier))
        return outcomes
