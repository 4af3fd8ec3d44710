"""A world in which every canary is answered as expected, made from what the canaries expect; and changes to it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import httpx

from enrich.live import PageCanary, load_pages
from enrich.model import Verdict
from enrich.services import SERVICES, Service
from enrich.text.urls import host_of
from tests.replies import arxiv_entry, arxiv_feed

Change = Callable[[httpx.Request, httpx.Response], httpx.Response]
"""What a service does otherwise from today on."""

WITHDRAWN = "This paper has been withdrawn by the author"


def _known(service: str) -> dict[str, Mapping[str, Any]]:
    """What a service knows by identifier, without its scheme."""
    (row,) = [each for each in SERVICES if each.name == service]
    rows = [(thing, wanted) for canary in row.canaries for thing, wanted in canary.expected.items() if wanted]
    found: dict[str, Mapping[str, Any]] = {
        thing.partition(":")[2]: w for thing, w in rows if re.match("[a-z]+:", thing)
    }
    for thing, wanted in rows:
        found |= {str(wanted[name]): {"title": thing} for name in ("arxiv_id", "doi") if name in wanted}
    return found


class World(httpx.AsyncBaseTransport):
    """Services and pages as the canaries expect them, but for `changes` by host."""

    def __init__(self, changes: Mapping[str, Change] | None = None) -> None:
        self._changes = changes or {}
        self._services = {host_of(service.base): service for service in SERVICES}
        self._pages = {page.url: page for page in load_pages()}
        self.asked: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        host = request.headers["host"]
        service = self._services.get(host)
        if host == "web.archive.org":
            reply = httpx.Response(200, json=[])
        else:
            reply = _of_service(service, request) if service else self._of_page(request)
        change = self._changes.get(host)
        return change(request, reply) if change else reply

    def _of_page(self, request: httpx.Request) -> httpx.Response:
        page: PageCanary | None = self._pages.get(str(request.url))
        if page is None or Verdict.OK not in page.allowed:
            if page and page.allowed == {Verdict.SUSPECT}:
                raise httpx.ConnectError("TLS handshake failed")
            return httpx.Response(404, html="<title>Not found</title>")
        return httpx.Response(200, html=f"<title>{page.case}</title><p>Some words about it.</p>")


def _of_service(service: Service, request: httpx.Request) -> httpx.Response:
    return _ANSWERS[service.name](request, _known(service.name))


def _arxiv(request: httpx.Request, known: Mapping[str, Mapping[str, Any]]) -> httpx.Response:
    ids = request.url.params.get("id_list")
    wanted = re.sub(r"v\d+\b", "", ids).split(",") if ids else list(known)
    entries = [
        arxiv_entry(i, known[i]["title"], WITHDRAWN if known[i].get("withdrawn") else "9 pages")
        for i in wanted
        if i in known
    ]
    return httpx.Response(200, content=arxiv_feed(*entries), headers={"content-type": "application/atom+xml"})


def _semantic_scholar(request: httpx.Request, known: Mapping[str, Mapping[str, Any]]) -> httpx.Response:
    def row(name: str) -> dict[str, Any]:
        ids = {"DOI": name} if name.startswith("10.") else {"ArXiv": name}
        return {"paperId": f"{abs(hash(name)):040x}"[-40:], "externalIds": ids, "title": known[name]["title"]}

    if request.url.path.endswith("/batch"):
        wanted = [i.partition(":")[2] for i in json.loads(request.content)["ids"]]
        if not any(re.match(r"10\.\S+/[^\\]+$|\d", i) for i in wanted):
            return httpx.Response(400, json={"error": "No valid paper ids given"})
        return httpx.Response(200, json=[row(i) if i in known else None for i in wanted])
    if request.url.path.endswith("/match"):
        hits = [row(i) for i in known if known[i]["title"] == request.url.params["query"]]
        return (
            httpx.Response(200, json={"data": hits[:1]})
            if hits
            else httpx.Response(404, json={"error": "Title match not found"})
        )
    return httpx.Response(200, json={"total": len(known), "data": [row(i) for i in known]})


def _crossref(request: httpx.Request, known: Mapping[str, Mapping[str, Any]]) -> httpx.Response:
    def work(doi: str) -> dict[str, Any]:
        update = [{"DOI": "10.1000/notice", "type": "retraction", "source": "retraction-watch"}]
        return {
            "DOI": doi,
            "title": [known[doi]["title"]],
            **({"updated-by": update} if known[doi].get("retracted") else {}),
        }

    alone = unquote(request.url.path.removeprefix("/works").removeprefix("/"))
    if alone:
        return (
            httpx.Response(200, json={"message": work(alone)})
            if alone in known
            else httpx.Response(404, text="Resource not found.")
        )
    dois = re.findall(r"doi:([^,]+)", request.url.params.get("filter", "")) or list(known)
    return httpx.Response(200, json={"message": {"items": [work(doi) for doi in dois if doi in known]}})


def _datacite(request: httpx.Request, known: Mapping[str, Mapping[str, Any]]) -> httpx.Response:
    def work(doi: str) -> dict[str, Any] | None:
        wanted = known.get(doi.removeprefix("10.48550/arxiv."))
        return {"attributes": {"doi": doi, "titles": [{"title": wanted["title"]}]}} if wanted else None

    if ids := request.url.params.get("ids"):
        return httpx.Response(200, json={"data": [found for doi in ids.split(",") if (found := work(doi))]})
    found = work(unquote(request.url.path.removeprefix("/dois/")))
    return httpx.Response(200, json={"data": found}) if found else httpx.Response(404, json={"errors": []})


def _doi(request: httpx.Request, known: Mapping[str, Mapping[str, Any]]) -> httpx.Response:
    handle = unquote(request.url.path.removeprefix("/api/handles/"))
    wanted = known.get(handle) or known.get(re.sub(r"^10\.48550/arxiv\.", "", handle, flags=re.IGNORECASE))
    if wanted is None:
        return httpx.Response(404, json={"responseCode": 100, "handle": handle})
    value = {"type": "URL", "data": {"format": "string", "value": f"https://{wanted['url']}"}}
    return httpx.Response(200, json={"responseCode": 1, "handle": handle, "values": [value]})


def _github(request: httpx.Request, known: Mapping[str, Mapping[str, Any]]) -> httpx.Response:
    name = request.url.path.removeprefix("/repos/")
    wanted = known.get(name)
    if wanted is None:
        return httpx.Response(404, json={"message": "Not Found"})
    row = {"full_name": wanted.get("full_name", name), "archived": bool(wanted.get("archived"))}
    return httpx.Response(200, json=row)


def _openalex(request: httpx.Request, known: Mapping[str, Mapping[str, Any]]) -> httpx.Response:
    asked = request.url.params["filter"]
    dois = asked.removeprefix("doi:").split("|") if asked.startswith("doi:") else list(known)
    rows = [{"doi": f"https://doi.org/{doi}", "title": known[doi]["title"]} for doi in dois if doi in known]
    rows += [{"title": "Splitwise: Efficient generative LLM inference using phase splitting"}] * ("search" in asked)
    return httpx.Response(200, json={"results": rows})


def _archive(request: httpx.Request, _: Mapping[str, Mapping[str, Any]]) -> httpx.Response:
    url = request.url.params["url"]
    copy = {"status": "200", "available": True, "url": f"http://web.archive.org/web/20230305100000/{url}"}
    return httpx.Response(200, json={"archived_snapshots": {} if "no-such" in url else {"closest": copy}})


_ANSWERS: Mapping[str, Callable[[httpx.Request, Mapping[str, Mapping[str, Any]]], httpx.Response]] = {
    "arxiv": _arxiv,
    "semantic_scholar": _semantic_scholar,
    "crossref": _crossref,
    "datacite": _datacite,
    "doi": _doi,
    "github": _github,
    "openalex": _openalex,
    "archive": _archive,
}


def renamed(*names: str) -> Change:
    """Every field of these names has another one from today on, in JSON and in XML."""

    def change(_: httpx.Request, reply: httpx.Response) -> httpx.Response:
        text = reply.text
        for name in names:
            text = re.sub(rf'(?<=["<:/]){re.escape(name)}(?=[">\s])', f"{name}Value", text)
        return httpx.Response(reply.status_code, text=text, headers={"content-type": reply.headers["content-type"]})

    return change


def answering(status: int, text: str = "") -> Change:
    """Everything is answered with one status."""
    return lambda _, __: httpx.Response(status, html=text)
