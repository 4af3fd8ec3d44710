"""A made-up internet behind a proxy on the loopback, for whole runs over real lists; a process of its own.

    python -m benchmarks.scale.internet FACTS.json AUTHORITY.pem

It answers for every host, over HTTP and, by certificates of its own authority, over HTTPS. Services know the papers of
the facts; what a page is, its address decides: most are there, some redirect to other hosts once to three times, some
are gone, refuse or fail. A page takes 20 to 120 ms. Nothing else in the world is reached. What it was asked is at
`http://counts.example/`, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import sys
from collections import Counter
from collections.abc import Mapping
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from zlib import crc32

import trustme

_TEXT = "<p>Requests are put in line by the time they have waited, and the longest waits first.</p>" * 12
_ARXIV = (
    "<entry><id>http://arxiv.org/abs/{0}v1</id><title>{1}</title><updated>2024-01-01T00:00:00Z</updated>"
    "<published>2024-01-01T00:00:00Z</published><summary>Short.</summary><author><name>Ada Example</name></author>"
    '<link href="https://arxiv.org/abs/{0}v1" rel="alternate" type="text/html"/></entry>'
)
_FEED = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/">'
    "<title>arXiv Query</title><o:totalResults>{0}</o:totalResults><o:startIndex>0</o:startIndex>{1}</feed>"
)

_NOTHING: Mapping[str, object] = {  # what services say that find nothing
    "api.semanticscholar.org": {"total": 0, "data": []},
    "api.datacite.org": {"data": []},
    "api.openalex.org": {"results": [], "meta": {"count": 0}},
}

_SERVICES = {"export.arxiv.org", "api.crossref.org", "api.github.com", "doi.org", "archive.org", *_NOTHING}

Answer = tuple[int, Mapping[str, str], str]


class World:
    """What services and pages answer.

    Args:
        titles: Titles of papers by `arxiv:ID` and `doi:DOI`.
        pages: Titles of pages by URL; any other page is not there.
        origins: Where pages redirect to: scheme and host.
    """

    def __init__(self, titles: Mapping[str, str], pages: Mapping[str, str], origins: list[str]) -> None:
        self._titles, self._pages, self._origins = titles, pages, origins

    def answer(self, url: str, body: bytes) -> Answer:
        """Return status, headers and text."""
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if (parts.hostname, parts.path) == ("export.arxiv.org", "/api/query"):
            return 200, {"content-type": "application/atom+xml"}, self._feed(query.get("id_list", ""))
        said = self._said(parts.hostname or "", parts.path, query, body)
        return self._page(url, parts.path) if said is None else _json(said)

    def _said(self, host: str, path: str, query: Mapping[str, str], body: bytes) -> object | None:
        """Return what a service says in JSON; None where it is a page that is asked."""
        match host, path:
            case "api.semanticscholar.org", "/graph/v1/paper/batch":
                return [self._paper(each) for each in json.loads(body)["ids"]]
            case "api.crossref.org", _:
                dois = re.findall(r"doi:([^,]+)", query.get("filter", ""))
                return {"status": "ok", "message": {"items": self._works(dois)}}
            case "api.github.com", "/graphql":
                return {"data": _repositories(json.loads(body)["variables"])}
            case "doi.org", path if path.startswith("/api/handles/"):
                is_known = f"doi:{unquote(path[13:]).lower()}" in self._titles
                return {"responseCode": 1 if is_known else 100, "values": []}
            case "archive.org", "/wayback/available":
                copy = f"http://web.archive.org/web/20240101000000/{query.get('url', '')}"
                found = {"available": True, "status": "200", "timestamp": "20240101000000", "url": copy}
                return {"archived_snapshots": {"closest": found}}
        return _NOTHING.get(host)

    def _feed(self, ids: str) -> str:
        known = [(each, self._titles.get(f"arxiv:{re.sub('v[0-9]+$', '', each)}")) for each in ids.split(",")]
        entries = [_ARXIV.format(re.sub("v[0-9]+$", "", each), escape(title)) for each, title in known if title]
        return _FEED.format(len(entries), "".join(entries))

    def _paper(self, name: str) -> object:
        kind, _, value = name.partition(":")
        title = self._titles.get(f"{kind.lower()}:{value.lower()}")
        ids = {"ArXiv" if kind == "ARXIV" else "DOI": value}
        number = f"{crc32(name.encode()):040x}"
        return title and {"paperId": number, "title": title, "externalIds": ids, "year": 2024, "citationCount": 7}

    def _works(self, dois: list[str]) -> list[object]:
        known = {each: title for each in dois if (title := self._titles.get(f"doi:{each.lower()}"))}
        return [{"DOI": each, "title": [title], "issued": {"date-parts": [[2024]]}} for each, title in known.items()]

    def _page(self, url: str, path: str) -> Answer:
        lot = crc32(url.encode())
        if match := re.fullmatch(r"/moved/([0-9]+)/([0-3])", path):
            return self._onward(int(match[1]), int(match[2]) - 1) if match[2] != "0" else _html(200, "Moved here")
        title = self._pages.get(url)
        if title is None or lot % 100 < 7:
            return _html(410 if lot % 7 == 1 else 404, "Not found")
        if lot % 100 < 22:
            return self._onward(lot, lot // 100 % 3)
        if lot % 100 < 24:
            return _html(403 if lot % 2 else 500, "No")
        return _html(200, title)

    def _onward(self, lot: int, left: int) -> Answer:
        """Redirect to another host, from where so many redirects are left."""
        origin = self._origins[(lot // 300 + left) % len(self._origins)]
        status, headers, text = _html((301, 302, 303, 307, 308)[lot % 5], "Elsewhere")
        return status, {**headers, "location": f"{origin}/moved/{lot}/{left}", "set-cookie": "been=here"}, text


def _html(status: int, title: str) -> Answer:
    text = f"<!doctype html><html><head><title>{escape(title)}</title></head><body>{_TEXT}</body></html>"
    return status, {"content-type": "text/html; charset=utf-8"}, text


def _json(value: object) -> Answer:
    return 200, {"content-type": "application/json"}, json.dumps(value)


def _repositories(given: Mapping[str, str]) -> dict[str, object]:
    fields = {"isArchived": False, "isDisabled": False, "isEmpty": False, "pushedAt": "2024-01-01T00:00:00Z"}
    owners = {name[1:]: owner for name, owner in given.items() if name[0] == "o"}
    return {f"r{at}": {"nameWithOwner": f"{owner}/{given['n' + at]}", **fields} for at, owner in owners.items()}


class Proxy:
    """Speaks for all hosts, and counts what each is asked, and how much of that at once."""

    def __init__(self, world: World, authority: trustme.CA) -> None:
        self._world, self._authority = world, authority
        self._contexts: dict[str, ssl.SSLContext] = {}
        self.asked: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self._in_flight: Counter[str] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        origin = ""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                method, target, _ = head.split("\r\n", 1)[0].split(" ")
                if method == "CONNECT":
                    host = target.rpartition(":")[0]
                    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
                    await writer.start_tls(self._context(host))
                    origin = f"https://{target.removesuffix(':443')}"
                else:
                    length = re.search(r"(?im)^content-length: *([0-9]+)", head)
                    body = await reader.readexactly(int(length[1])) if length else b""
                    await self._answer(origin + target, body, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            writer.close()

    def _context(self, host: str) -> ssl.SSLContext:
        if host not in self._contexts:
            self._contexts[host] = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._authority.issue_cert(host).configure_cert(self._contexts[host])
        return self._contexts[host]

    async def _answer(self, url: str, body: bytes, writer: asyncio.StreamWriter) -> None:
        host = urlsplit(url).hostname or ""
        if host == "counts.example":
            await _send(writer, _json({"asked": self.asked, "most": self.most}))
            return
        self.asked[url] += 1
        self._in_flight[host] += 1
        self.most[host] = max(self.most[host], self._in_flight[host])
        try:
            if host not in _SERVICES:
                await asyncio.sleep(0.02 + crc32(url.encode()) % 101 / 1000)
            await _send(writer, self._world.answer(url, body))
        finally:
            self._in_flight[host] -= 1


async def _send(writer: asyncio.StreamWriter, answer: Answer) -> None:
    status, headers, text = answer
    body = text.encode()
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {status} X\r\n{lines}content-length: {len(body)}\r\n\r\n".encode() + body)
    await writer.drain()


async def main(world: World, authority: Path) -> None:
    """Serve until the process is ended."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(authority))
    proxy = Proxy(world, ca)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, backlog=1024, limit=2**20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(World(**json.loads(Path(sys.argv[1]).read_text())), Path(sys.argv[2])))
