"""Services that know a handful of papers, and what they say of them."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from enrich.history import History
from enrich.model import Entry, EntryType, Link, LinkKind
from enrich.pipeline import CatalogInput, Options, Result, run
from enrich.settings import Loaded, Settings
from enrich.web import Cache, Web
from tests.fakes import FakeClock
from tests.replies import arxiv_feed

S2, CROSSREF, ARXIV, DATACITE, OPENALEX = (
    f"{name}.org" for name in ("api.semanticscholar", "api.crossref", "export.arxiv", "api.datacite", "api.openalex")
)
TIDE = "Tide: Careful Placement of Waves on Shared Beaches"


def row(title: str, number: int = 1, **fields: object) -> dict[str, object]:
    """What Semantic Scholar says of a paper."""
    return {"paperId": f"{number:040x}", "title": title, "authors": [{"name": "Ada Lovelace"}], **fields}


def work(doi: str, title: str, **fields: object) -> dict[str, object]:
    """What Crossref says of a work."""
    return {"DOI": doi, "title": [title], "author": [{"given": "Ada", "family": "Lovelace"}], **fields}


def preprint(arxiv_id: str, title: str, abstract: str = "Waves.", comment: str = "") -> str:
    """An entry of arXiv's feed."""
    return (
        f"<entry><id>http://arxiv.org/abs/{arxiv_id}v2</id><title>{title}</title><summary>{abstract}</summary>"
        f"<updated>2023-04-01T00:00:00Z</updated><published>2023-03-01T00:00:00Z</published>"
        f"<arxiv:comment>{comment}</arxiv:comment><author><name>Ada Lovelace</name></author></entry>"
    )


@dataclass
class World:
    """Services that know these papers; hosts that are `down` answer 500, all others that nothing is there.

    If `is_cut`, Semantic Scholar has more than it sends at once.
    """

    ids: Mapping[str, object] = field(default_factory=dict)
    named: Sequence[object] = ()
    matches: Mapping[str, object] = field(default_factory=dict)
    works: Mapping[str, object] = field(default_factory=dict)
    preprints: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, Callable[[httpx.Request], httpx.Response]] = field(default_factory=dict)
    down: frozenset[str] = frozenset()
    is_cut: bool = False
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        host = request.url.host
        if host in self.down:
            return httpx.Response(500)
        services = {S2: self._s2, CROSSREF: self._crossref, ARXIV: self._arxiv, **self.others}
        if host in services:
            return services[host](request)
        page = self.pages.get(str(request.url))
        return httpx.Response(200, html=page) if page else httpx.Response(404)

    def _s2(self, request: httpx.Request) -> httpx.Response:
        match request.url.path.removeprefix("/graph/v1/paper/"):
            case "batch":
                return httpx.Response(200, json=[self.ids.get(i) for i in json.loads(request.content)["ids"]])
            case "search/match":
                found = self.matches.get(request.url.params["query"])
                unknown = httpx.Response(404, json={"error": "Title match not found"})
                return httpx.Response(200, json={"data": [found]}) if found else unknown
            case "search":
                return httpx.Response(200, json={"total": len(self.named), "data": list(self.named)})
            case _:
                phrases = [_words(phrase) for phrase in request.url.params["query"].split("|")]
                rows = [r for r in self.named if any(phrase in _words(str(r)) for phrase in phrases)]
                more = "next" if self.is_cut else None
                return httpx.Response(200, json={"total": len(rows), "token": more, "data": rows})

    def _crossref(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/works":
            found = self.works.get(request.url.path.removeprefix("/works/"))
            unknown = httpx.Response(404, text="Resource not found.")
            return httpx.Response(200, json={"message": found}) if found else unknown
        asked = [name.removeprefix("doi:") for name in request.url.params.get("filter", "").split(",")]
        return httpx.Response(200, json={"message": {"items": [self.works[doi] for doi in asked if doi in self.works]}})

    def _arxiv(self, request: httpx.Request) -> httpx.Response:
        ids = [name.split("v")[0] for name in request.url.params.get("id_list", "").split(",")]
        return httpx.Response(200, content=arxiv_feed(*(self.preprints[i] for i in ids if i in self.preprints)))

    @property
    def requests(self) -> Counter[str]:
        """How many requests came to each host."""
        return Counter(request.url.host for request in self.asked)

    def look(
        self, *entries: Entry, settings: Settings | None = None, keys: Sequence[str] = (), links: bool = False
    ) -> Result:
        """A run over the entries, links unchecked unless they are asked for."""
        (result,) = self.look_at([entries], settings=settings, keys=keys, links=links)
        return result

    def look_at(
        self,
        catalogs: Sequence[Sequence[Entry]],
        *,
        settings: Settings | None = None,
        keys: Sequence[str] = (),
        links: bool = False,
    ) -> tuple[Result, ...]:
        """A run over several catalogs."""
        inputs = [CatalogInput(None, entries, History()) for entries in catalogs]

        async def main() -> tuple[Result, ...]:
            clock, carried = FakeClock(), {host: {"x-key": "made-up"} for host in keys}
            loaded = Loaded(settings=settings or Settings(), origins={})
            async with Web(
                cache=Cache(None, clock), clock=clock, transport=httpx.MockTransport(self), keys=carried
            ) as web:
                return await run(inputs, web, loaded, options=Options(links=links))

        return asyncio.run(main())


def _words(text: str) -> str:
    return f" {' '.join(re.findall(r'[a-z0-9]+', text.casefold()))} "


def paper(url: str) -> tuple[Link, ...]:
    return (Link(url, LinkKind.PAPER),)


def named(name: str, venue: str, url: str = "https://waves.example/paper.pdf") -> Entry:
    return Entry(name.lower(), EntryType.PAPER, name=name, venue=venue, links=paper(url))
