"""What becomes of links over several nights: a page behind a wall, a host that is down and comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import httpx

from enrich.history import History
from enrich.model import Entry, EntryType, Link, LinkKind, Severity, State, Verdict
from enrich.pipeline import Options, Result
from enrich.settings import Loaded, Settings
from enrich.web import Web
from tests.fakes import FakeClock
from tests.replies import Service
from tests.worlds import run_one

PAGE = "https://ieeexplore.ieee.org/document/10228920"
TITLE = "Serving large models at the edge of the network with elastic batches"
WORK = {
    "DOI": "10.1109/INFOCOM53939.2023.10228920",
    "title": [TITLE],
    "author": [{"given": "Ada", "family": "Lovelace"}],
    "container-title": ["IEEE INFOCOM 2023"],
    "issued": {"date-parts": [[2023]]},
    "resource": {"primary": {"URL": f"{PAGE}/"}},
}
ENTRY = Entry("edge", title=TITLE, venue="INFOCOM 2023", links=(Link(PAGE, LinkKind.PAPER),))


def world(request: httpx.Request) -> httpx.Response:
    """Crossref knows the paper, IEEE lets no program in, and nobody else knows anything."""
    match request.url.host:
        case "ieeexplore.ieee.org":
            return httpx.Response(202, headers={"x-amzn-waf-action": "challenge"})
        case "api.crossref.org":
            message = WORK if request.url.path.startswith("/works/") else {"items": [WORK]}
            return httpx.Response(200, json={"message": message})
        case "api.semanticscholar.org" if request.method == "POST":
            return httpx.Response(200, json=[None])
    return httpx.Response(404, json={"error": "Title match not found"})


def night(
    entry: Entry,
    options: Options,
    history: History,
    answer: Callable[[httpx.Request], httpx.Response] = world,
    clock: FakeClock | None = None,
) -> tuple[Service, Result]:
    async def call(web: Web) -> Result:
        return await run_one([entry], web, Loaded(settings=Settings(), origins={}), history, options=options)

    service = Service(answer)
    return service, service.ask(clock or FakeClock(), call)


def test_a_walled_page_is_good_by_the_record_of_its_paper_and_then_asked_no_more() -> None:
    service, first = night(ENTRY, Options(), History())
    (row,) = first.report.links
    assert [e.asked for e in row.check.evidence] == ["web", "crossref"]
    assert row.check.verdict is Verdict.OK
    assert [finding.rule for finding in first.report.findings] == []
    asked = [request.url.host for request in service.requests]
    assert asked.count("ieeexplore.ieee.org") == 1

    known = replace(ENTRY, enriched=first.blocks["edge"])
    service, second = night(known, Options(metadata=False), first.history)
    assert [row.check.verdict for row in second.report.links] == [Verdict.OK]
    assert [request.url.host for request in service.requests] == ["api.crossref.org"]


def test_a_host_that_stays_down_is_one_finding_from_the_first_night_to_the_last() -> None:
    urls = [*(f"https://down.example/{n}" for n in range(3)), "https://up.example/"]
    entry = Entry("links", EntryType.OTHER, links=tuple(Link(url) for url in urls))
    mended = False

    def answer(request: httpx.Request) -> httpx.Response:
        good = mended or request.url.host == "up.example"
        return httpx.Response(200, html="<title>A Page</title>") if good else httpx.Response(503)

    clock, history, seen = FakeClock(), History(), []
    for _ in range(4):
        _, result = night(entry, Options(metadata=False), history, answer, clock)
        seen.append([(f.rule, f.severity, f.state) for f in result.report.findings])
        history = result.history
        clock.advance(24 * 3600)
    assert result.report.counts["broken"] == 0
    mended = True
    _, result = night(entry, Options(metadata=False), history, answer, clock)
    outage = ("host-outage", Severity.WARNING)
    assert seen[:2] == [[(*outage, State.NEW)], [(*outage, State.STILL)]]
    assert seen[3] == [(*outage, State.STILL)]
    assert [(f.rule, f.state) for f in result.report.findings] == [("host-outage", State.FIXED)]
