"""Searching for papers that no identifier names, and keeping what the searches brought."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from enrich.limits import PAGE_SECONDS, CpuLimit, OutOfTimeError
from enrich.model import Outcome, Record, Unknown, Unreachable
from enrich.run.registries import Registries
from enrich.sources import arxiv, crossref, landing_page, openalex, semantic_scholar
from enrich.web import Terms, Web

Candidates = Outcome[tuple[Record, ...]]


class Words(NamedTuple):
    """What is searched for: a title, or the name of a system with the year of its paper (None: not known)."""

    text: str
    year: int | None = None


class Search(NamedTuple):
    """One way to search: the service that is asked, its base URL, the question."""

    service: str
    base: str
    ask: Callable[..., Awaitable[Mapping[Any, Candidates]]]


SEARCHES: Mapping[str, Search] = {
    # Many titles a request: each can prove Found, none Missing.
    "arxiv": Search(arxiv.NAME, arxiv.BASE, arxiv.search),
    "bulk": Search(semantic_scholar.NAME, semantic_scholar.BASE, semantic_scholar.search),
    # One request a title or name.
    "crossref": Search(crossref.NAME, crossref.BASE, crossref.search),
    "match": Search(semantic_scholar.NAME, semantic_scholar.BASE, semantic_scholar.match),
    "named": Search(semantic_scholar.NAME, semantic_scholar.BASE, semantic_scholar.named),
    "openalex": Search(openalex.NAME, openalex.BASE, openalex.search),
}
"""The searches by their names; `named` asks for names, all others for titles."""


class Searches:
    """What each search brought in this run; nothing is asked twice, and what is in `first` before all others."""

    def __init__(self, web: Web, base: Callable[[str, str], str], registries: Registries) -> None:
        self._web, self._base, self._registries = web, base, registries
        self._outcomes: dict[tuple[str, Words], Candidates] = {}
        self.first: set[str] = set()

    def can_ask(self, name: str) -> bool:
        """Whether the search is open to us: OpenAlex answers nobody without a key."""
        base = self._base(SEARCHES[name].service, SEARCHES[name].base)
        return name != "openalex" or self._web.has_key(base)

    def is_asked(self, name: str, words: Words) -> bool:
        """Whether it was searched for in this run."""
        return (name, words) in self._outcomes

    async def ask(self, wanted: Mapping[str, Sequence[Words]]) -> None:
        """Asks several searches side by side, each for what it has not been asked for yet."""
        async with asyncio.TaskGroup() as group:
            for name, those in wanted.items():
                new = sorted({words for words in those if (name, words) not in self._outcomes}, key=self._turn)
                if new and self.can_ask(name):
                    group.create_task(self._ask(name, new))

    def outcome(self, name: str, words: Words) -> Candidates | None:
        """What a search brought; None where it was not asked."""
        return self._outcomes.get((name, words))

    async def page(self, url: str) -> Record | Unknown | None:
        """What a page says of the paper that it presents; None where it could not be read or presents none."""
        try:
            reply = await self._web.fetch(url, Terms(tries=2, page=True))
        except Unreachable as error:
            return Unknown(error.why, error.at) if error.kind == "stopped" else None
        if reply.status != 200:
            return None
        with suppress(OutOfTimeError), CpuLimit(PAGE_SECONDS):
            return landing_page.parse(reply.body, reply.url, reply.headers.get("content-type", "")).record
        return None

    def _turn(self, words: Words) -> tuple[bool, str]:
        return words.text not in self.first, str(words)

    async def _ask(self, name: str, wanted: Sequence[Words]) -> None:
        service, default, ask = SEARCHES[name]
        keys = {words if name == "named" else words.text: words for words in wanted}
        if why := self._registries.out.get(service):
            outcomes: Mapping[Any, Candidates] = {key: Unknown(why) for key in keys}
        else:
            outcomes = await ask(list(keys), self._web, base=self._base(service, default))
        self._outcomes |= {(name, words): outcomes[key] for key, words in keys.items()}
        self._registries.note(service, {words.text: outcomes[key] for key, words in keys.items()})
