"""Links that carry identifiers: `python -m benchmarks.speed.identifiers`.

1,000 arXiv, 300 GitHub and 200 DOI links, under the limits that the services publish, against answers made up in this
process. Prints the requests of each service and the seconds against the bound: the largest, over services, of requests
times the seconds between two. A checker that looks at pages asks at least once for each link, 1,500 times, and one that
kept arXiv's published limit would need 3 seconds for each of the 1,000.
"""

from __future__ import annotations

import asyncio
import json
import re
import time

import httpx

from enrich.access import paces
from enrich.model import Entry, EntryType, Link
from enrich.pipeline import CatalogInput, Options, run
from enrich.settings import Loaded, Settings
from enrich.web import Cache, SystemClock, Web

_ENTRY = (
    "<entry><id>http://arxiv.org/abs/{0}v1</id><title>Part {0}</title><updated>2024-01-01T00:00:00Z</updated>"
    "<published>2024-01-01T00:00:00Z</published><summary>Short.</summary><author><name>Ada Example</name></author>"
    '<link href="https://arxiv.org/abs/{0}v1" rel="alternate" type="text/html"/></entry>'
)


def links() -> tuple[Link, ...]:
    """The 1,500 links."""
    arxiv = [f"https://arxiv.org/{('abs', 'pdf')[at % 2]}/24{1 + at % 12:02}.{10000 + at}" for at in range(1000)]
    github = [f"https://github.com/someone/system-{at}" for at in range(300)]
    dois = [f"https://doi.org/10.1145/3600000.{at}" for at in range(200)]
    return tuple(Link(url) for url in [*arxiv, *github, *dois])


def answer(request: httpx.Request) -> httpx.Response:
    """What the services would say: everything is there."""
    params = request.url.params
    match request.url.host:
        case "export.arxiv.org":
            entries = [_ENTRY.format(name) for name in params["id_list"].split(",")]
            head = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/">'
            total = f"<o:totalResults>{len(entries)}</o:totalResults><o:startIndex>0</o:startIndex>"
            text = f"{head}<title>arXiv Query</title>{total}{''.join(entries)}</feed>"
            return httpx.Response(200, text=text, headers={"content-type": "application/atom+xml"})
        case "api.github.com":
            given = json.loads(request.content)["variables"]
            named = {
                place[1:]: f"{owner}/{given['n' + place[1:]]}" for place, owner in given.items() if place[0] == "o"
            }
            fields = {"isArchived": False, "isDisabled": False, "isEmpty": False, "pushedAt": "2024-01-01T00:00:00Z"}
            nodes = {f"r{place}": {"nameWithOwner": name, **fields} for place, name in named.items()}
            return httpx.Response(200, json={"data": nodes})
        case "api.crossref.org":
            works = [{"DOI": doi, "title": [f"Part {doi}"]} for doi in re.findall(r"doi:([^,]+)", params["filter"])]
            return httpx.Response(200, json={"status": "ok", "message": {"items": works}})
    return httpx.Response(404)


async def measure() -> None:
    """Runs it and prints the table."""
    transport = httpx.MockTransport(answer)
    limits = paces(contact=True)
    web = Web(
        cache=Cache(None, SystemClock()),
        transport=transport,
        paces=limits,
        keys={"api.github.com": {"Authorization": "Bearer made-up"}},
        contact="list@example.org",
    )
    entry = Entry("list", EntryType.OTHER, links=links())
    begun = time.monotonic()
    async with web:
        loaded = Loaded(settings=Settings(), origins={})
        [result] = await run([CatalogInput(None, [entry])], web, loaded, options=Options(metadata=False))
    seconds = time.monotonic() - begun
    verdicts = {name: count for name, count in result.report.counts.items() if count}
    bound = max((count - 1) * limits[host].interval for host, count in web.requests.items() if host in limits)
    print("| service | requests |\n| --- | ---: |")
    for host, count in sorted(web.requests.items()):
        print(f"| {host} | {count} |")
    total = sum(web.requests.values())
    print(f"\n{total} requests for {len(entry.links)} links ({total / len(entry.links):.3f} a link), {seconds:.1f} s")
    print(f"bound by the limits {bound:.1f} s, ratio {seconds / bound:.2f}; verdicts {verdicts}")


if __name__ == "__main__":
    asyncio.run(measure())
