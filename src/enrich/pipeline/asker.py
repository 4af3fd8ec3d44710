"""How services are asked in a run: the services, their searches, and the network."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any, NamedTuple, Protocol, cast

from enrich.model import Answer, Identifier, Outcome, Unknown
from enrich.pipeline.local import LocalCopies
from enrich.pipeline.values import Candidates, GapFillers, Note, Plan, Words
from enrich.services import ARCHIVE, SERVICES
from enrich.sources import arxiv, crossref, github, openalex, semantic_scholar
from enrich.sources.asking.lookup import without_stored
from enrich.text.urls import host_of
from enrich.web import Web


class Source(Protocol):
    """A service that can be asked about identifiers, in batches."""

    NAME: str
    BASE: str

    def look_up(self, wanted: Sequence[Identifier], web: Web, *, base: str) -> Awaitable[Mapping[Identifier, Answer]]:
        """Return exactly one outcome per wanted identifier."""
        ...


SOURCES: Mapping[str, Source] = {
    service.name: cast("Source", import_module(f"enrich.sources.{service.name}"))
    for service in SERVICES
    if service is not ARCHIVE  # it is asked about pages
}
"""The services by name, in the order in which their answers count as evidence."""


class Search(NamedTuple):
    """One way to search: the service that is asked, its base URL, the question."""

    service: str
    base: str
    ask: Callable[..., Awaitable[Mapping[Any, Candidates]]]


SEARCHES: Mapping[str, Search] = {
    # Many titles per request: an answer can prove Found, but not Missing.
    "arxiv": Search(arxiv.NAME, arxiv.BASE, arxiv.search),
    "bulk": Search(semantic_scholar.NAME, semantic_scholar.BASE, semantic_scholar.search),
    # Many names per request: a complete result also proves Missing.
    "names": Search(semantic_scholar.NAME, semantic_scholar.BASE, semantic_scholar.search_names),
    # One request per title or name.
    "crossref": Search(crossref.NAME, crossref.BASE, crossref.search),
    "match": Search(semantic_scholar.NAME, semantic_scholar.BASE, semantic_scholar.match),
    "named": Search(semantic_scholar.NAME, semantic_scholar.BASE, semantic_scholar.named),
    "openalex": Search(openalex.NAME, openalex.BASE, openalex.search),
}
"""The searches by their names; `named` asks for names, `names` for names with titles, all others for titles."""

_FOR_NAMES = ("names", "named")


def searched_at(name: str) -> str:
    """Return the service, or the snapshot, that a search uses."""
    return SEARCHES[name].service if name in SEARCHES else name


@dataclass(frozen=True, slots=True)
class Asker:
    """How services are asked in a run: the network, their base URLs, and what is asked before all else."""

    web: Web
    base: Callable[[str, str], str]
    plan: Plan
    local: LocalCopies = field(default_factory=LocalCopies)

    def has_key(self, service: str) -> bool:
        """Whether a service is asked with a key."""
        return self.web.has_key(self.base(service, SOURCES[service].BASE))

    def readmit(self, service: str) -> None:
        """Allow one more request to a service that was skipped because it rejected requests."""
        row = next(each for each in SERVICES if each.name == service)
        for address in row.addresses(self.base(service, row.base)):
            self.web.readmit(address)

    def can_ask(self, service: str) -> bool:
        """Whether a service can be used: some require a key."""
        return not any(each.needs_key for each in SERVICES if each.name == service) or self.has_key(service)

    def gap_fillers(self) -> GapFillers:
        """Return the usable services that fill gaps."""
        return {each.name: each.fills_gaps_of for each in SERVICES if each.fills_gaps_of and self.can_ask(each.name)}

    def notes(self, service: str, outcomes: Iterable[tuple[object, Outcome[Any]]]) -> list[Note]:
        """Return what a service could not be asked about.

        If the run was stopped, this is not the service's failure, and the report says it once.
        """
        because = self.web.stop.because
        open_ones = ((o.why, thing) for thing, o in outcomes if isinstance(o, Unknown) and o.why != because)
        return [replace(note, why=self._placed(service, note.why)) for note in Note.of(service, open_ones)]

    def _placed(self, service: str, why: str) -> str:
        """Return the reason of a failure, with the host if it is a mirror that is not named yet."""
        default = SOURCES[service].BASE
        base = self.base(service, default)
        host = host_of(base)
        return why if base == default or host in why else f"{why}, asked at {host}"

    async def look_up(
        self, service: str, wanted: Iterable[Identifier], online: Collection[Identifier] = ()
    ) -> Mapping[Identifier, Answer]:
        """Ask a service about identifiers: stored answers first, then (unless `online`) a snapshot, then it."""
        source = SOURCES[service]
        ordered = self._in_turn(wanted)
        asked_first = without_stored(ordered, service, self.web) if self.local.may_answer(service) else []
        found = await self.local.find(service, [each for each in asked_first if each not in online])
        rest = [identifier for identifier in ordered if identifier not in found]
        answers = await source.look_up(rest, self.web, base=self.base(service, source.BASE))
        found |= await self.local.stand_in(service, answers)
        return {identifier: found.get(identifier) or answers[identifier] for identifier in ordered}

    async def look_into(self, parts: Mapping[Identifier, frozenset[str]]) -> Mapping[Identifier, Answer]:
        """Ask GitHub about repositories and their parts."""
        base = self.base(github.NAME, github.BASE)
        return await github.look_up(self._in_turn(parts), self.web, base=base, parts=parts)

    def _in_turn(self, wanted: Iterable[Identifier]) -> list[Identifier]:
        return sorted(wanted, key=lambda identifier: (identifier not in self.plan.identifiers, identifier))

    async def search(self, name: str, wanted: Iterable[Words]) -> Mapping[Words, Candidates]:
        """Search for titles, or for names; what there was no room for along with others has no outcome."""
        ordered = sorted(wanted, key=lambda words: (words.text not in self.plan.titles, str(words)))
        if name not in SEARCHES:
            return await self.local.search(name, ordered)
        service, default, ask = SEARCHES[name]
        keys = {words: _key(words) if name in _FOR_NAMES else words.text for words in ordered}
        outcomes = await ask(list(dict.fromkeys(keys.values())), self.web, base=self.base(service, default))
        return {words: outcomes[key] for words, key in keys.items() if key in outcomes}


def _key(words: Words) -> semantic_scholar.Name | str:
    return (words.text, words.year) if words.is_name else words.text
