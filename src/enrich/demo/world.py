"""The network of the demonstration: a transport that answers within the process."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from urllib.parse import urlsplit

import httpx

from enrich.demo import services
from enrich.demo.facts import DemoFacts, DemoPaper, Site
from enrich.demo.services import DemoReply
from enrich.model import Unreachable


class World(httpx.AsyncBaseTransport):
    """Answers requests like the services and sites of `facts`; opens no socket and resolves no name.

    `moment` is the time in feeds, `2026-11-21T06:00:00Z`.
    """

    def __init__(self, facts: DemoFacts, moment: str) -> None:
        self._facts, self._moment = facts, moment
        self._pages = {**_of_papers(facts), **facts.pages}
        self._hosts: dict[str, Callable[[httpx.Request], DemoReply]] = {
            **{urlsplit(url).hostname or "": self._page for url in self._pages},
            **dict.fromkeys(facts.walls, _wall),
            "export.arxiv.org": self._arxiv,
            "api.semanticscholar.org": self._semantic_scholar,
            "api.crossref.org": self._crossref,
            "api.datacite.org": self._datacite,
            "doi.org": self._doi,
            "api.github.com": self._github,
            "archive.org": self._archive,
        }

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the reply to one request.

        Raises:
            Unreachable: the world has no such host.
        """
        answerer = self._hosts.get(request.url.host)
        if answerer is None:
            why = f"domain not found: {request.url.host}"
            raise Unreachable("dns-missing", why, self._moment)
        answer = answerer(request)
        headers = {"content-type": answer.kind, **answer.headers}
        return httpx.Response(answer.status, headers=headers, content=answer.body, request=request)

    def _arxiv(self, request: httpx.Request) -> DemoReply:
        if request.url.path != "/api/query":
            return _html(404, "404 Not Found")
        return services.arxiv(self._facts, dict(request.url.params), self._moment)

    def _semantic_scholar(self, request: httpx.Request) -> DemoReply:
        params = request.url.params
        query, fields = params.get("query", ""), params.get("fields", "title")
        match request.url.path.removeprefix("/graph/v1/paper/"):
            case "batch":
                return services.s2_batch(self._facts, json.loads(request.content)["ids"], fields)
            case "search":
                return services.s2_search(self._facts, query, fields, params.get("year", ""))
            case "search/bulk":
                return services.s2_bulk(self._facts, query, fields)
            case "search/match":
                return services.s2_match(self._facts, query, fields)
            case _:
                return services.in_json({"error": "Not found"}, 404)

    def _crossref(self, request: httpx.Request) -> DemoReply:
        if request.url.path == "/works":
            return services.crossref_works(self._facts, dict(request.url.params))
        return services.crossref_work(self._facts, request.url.path.removeprefix("/works/"))

    def _datacite(self, request: httpx.Request) -> DemoReply:
        one = request.url.path.removeprefix("/dois").strip("/")
        dois = [one] if one else request.url.params.get("ids", "").split(",")
        return services.datacite(self._facts, dois, one=bool(one))

    def _doi(self, request: httpx.Request) -> DemoReply:
        if not request.url.path.startswith("/api/handles/"):
            return _html(404, "DOI Not Found")
        return services.handle(self._facts, request.url.path.removeprefix("/api/handles/"))

    def _github(self, request: httpx.Request) -> DemoReply:
        if request.url.path == "/graphql":
            asked = json.loads(request.content)
            return services.github_graphql(self._facts, asked["query"], asked["variables"])
        return services.github_rest(self._facts, request.url.path)

    def _archive(self, request: httpx.Request) -> DemoReply:
        return services.archive(request.url.params.get("url", ""), request.url.params.get("timestamp", ""))

    def _page(self, request: httpx.Request) -> DemoReply:
        page = self._pages.get(str(request.url))
        if page is None:
            return _html(404, "404 Not Found")
        if page.location:
            return DemoReply(page.status, b"", "text/html", {"location": page.location})
        if str(request.url).endswith(".pdf") and page.status == 200:
            return DemoReply(200, b"%PDF-1.5\n% a stand-in\n", "application/pdf")
        paper = next((paper for paper in self._facts.papers if paper.title == page.page_of), None)
        answer = _html(page.status, page.title or (paper.title if paper else ""), _tags(paper) if paper else "")
        return DemoReply(answer.status, answer.body, answer.kind, page.headers)


def _of_papers(facts: DemoFacts) -> dict[str, Site]:
    return {url: Site(page_of=paper.title) for paper in facts.papers for url in (paper.page, paper.pdf) if url}


def _html(status: int, title: str, head: str = "") -> DemoReply:
    page = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n{head}</head>\n<body><h1>{escape(title)}</h1></body></html>\n"
    )
    return DemoReply(status, page.encode(), "text/html; charset=utf-8")


def _tags(paper: DemoPaper) -> str:
    """Return the citation tags of a publisher's page."""
    tags = (
        ("citation_title", paper.title),
        *(("citation_author", name) for name in paper.authors),
        ("citation_publication_date", paper.dated or str(paper.year)),
        ("citation_conference_title", paper.venue),
        ("citation_doi", paper.doi),
    )
    return "".join(f'<meta name="{name}" content="{escape(text)}">\n' for name, text in tags if text)


def _wall(_: httpx.Request) -> DemoReply:
    """Return the page that Cloudflare shows to programs: https://developers.cloudflare.com/cloudflare-challenges/."""
    page = _html(403, "Just a moment...")
    return DemoReply(page.status, page.body, page.kind, {"server": "cloudflare", "cf-mitigated": "challenge"})
