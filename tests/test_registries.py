from __future__ import annotations

import json
from datetime import date

import httpx
import pytest

from enrich import links
from enrich.model import Enriched, Entry, EntryType, Identifier, Link, LinkKind, Scheme, Unknown, Verdict
from enrich.pipeline import CatalogInput, Options
from enrich.pipeline.ask import ask, ask_first
from enrich.pipeline.asker import Asker
from enrich.pipeline.inquiry import Inquiry, Questions, run_inquiries
from enrich.pipeline.plan import plan
from enrich.pipeline.values import Named, Plan
from enrich.settings import Settings
from enrich.web import Web
from tests.fakes import FakeClock
from tests.replies import Service

KEY = {"api.semanticscholar.org": {"x-api-key": "made-up"}}
ANTHOLOGY = "https://aclanthology.org"


def crossref(request: httpx.Request, *known: str) -> httpx.Response:
    """What Crossref says, to a list or a single DOI, when it knows these DOIs."""
    asked = request.url.params.get("filter", "")
    items = [{"DOI": doi, "title": [f"Paper {doi}"]} for doi in known if doi in asked or doi in request.url.path]
    if "filter" in request.url.params:
        return httpx.Response(200, json={"status": "ok", "message": {"items": items}})
    return httpx.Response(200, json={"message": items[0]}) if items else httpx.Response(404, text="Resource not found.")


def semantic_scholar(request: httpx.Request, *known: str) -> httpx.Response:
    """The rows of a batch, when these ACL ids are known."""
    ids = [name.removeprefix("ACL:") for name in json.loads(request.content)["ids"]]
    rows = [{"paperId": "a" * 40, "title": "A Paper", "externalIds": {"ACL": name}} for name in ids]
    return httpx.Response(200, json=[row if name in known else None for name, row in zip(ids, rows, strict=True)])


def planned_for(*entries: Entry, metadata: bool = True) -> Plan:
    """The plan of a run over one catalog."""
    given = CatalogInput(None, entries)
    return plan([given], Settings(), Options(metadata=metadata), date(2026, 11, 1), lambda _: {})


def judged(service: Service, *urls: str, keyed: bool = True, listed: bool = False) -> list[Verdict | None]:
    """The verdict on each link by the registries alone, None where its page must say; `listed`: as papers' links."""
    kind = LinkKind.PAPER if listed else LinkKind.CODE
    planned = planned_for(Entry("one", EntryType.PAPER, links=tuple(Link(url, kind) for url in urls)), metadata=listed)
    vouched = planned.catalogs[0].vouched

    async def call(web: Web) -> list[Verdict | None]:
        asker, found = Asker(web, lambda _, base: base, planned), [Named()]
        asked = await ask(asker, await ask_first(asker, found), found)
        answers = {url: asked.answers[0].get(identifier, {}) for url, identifier in vouched.items()}
        checks = {
            url: links.registered_check(url, answers[url], lambda _: None)
            for url in vouched
            if not links.is_doubtful(url, answers[url])
        }
        return [check.verdict if (check := checks.get(url)) else None for url in urls]

    return service.ask(FakeClock(), call, keys=KEY if keyed else None)


def test_papers_of_the_anthology_are_vouched_for_by_two_batches() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.crossref.org":
            return crossref(request, "10.18653/v1/2021.acl-long.1", "10.3115/v1/d14-1162", "10.18653/v1/p18-1234")
        return semantic_scholar(request, "P10-1001")

    urls = [
        f"{ANTHOLOGY}/2021.acl-long.1",
        f"{ANTHOLOGY}/2021.acl-long.1.pdf",
        f"{ANTHOLOGY}/D14-1162/",
        "https://www.aclweb.org/anthology/papers/P/P18/P18-1234/",
        "http://aclweb.org/anthology/P10-1001",
        f"{ANTHOLOGY}/2021.acl-long.1v2.pdf",
        f"{ANTHOLOGY}/2021.acl-long.1.bib",
        f"{ANTHOLOGY}/p18-1234",
        f"{ANTHOLOGY}/attachments/2021.acl-long.1.Software.zip",
        f"{ANTHOLOGY}/C18-9999",
    ]
    service = Service(answer)
    assert judged(service, *urls) == [Verdict.OK] * 5 + [None] * 5
    assert sorted(request.url.host for request in service.requests) == ["api.crossref.org", "api.semanticscholar.org"]


@pytest.mark.parametrize("listed", [False, True])
def test_nobody_is_asked_whether_a_doi_is_registered_that_was_only_made_from_an_anthology_id(*, listed: bool) -> None:
    service = Service(lambda request: crossref(request) if "crossref" in request.url.host else httpx.Response(404))
    assert judged(service, f"{ANTHOLOGY}/C18-1107", keyed=False, listed=listed) == [None]
    assert "doi.org" not in {request.url.host for request in service.requests}


def test_a_link_to_the_resolver_by_such_a_doi_is_judged_by_its_handle() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "doi.org":
            return httpx.Response(404, json={"responseCode": 100})
        return crossref(request)

    service = Service(answer)
    urls = [f"{ANTHOLOGY}/P18-9999", "https://doi.org/10.18653/v1/P18-9999"]
    assert judged(service, *urls, keyed=False) == [None, Verdict.BROKEN]


def test_semantic_scholar_is_not_asked_for_the_sake_of_links_that_crossref_vouches_for() -> None:
    service = Service(lambda request: crossref(request, "10.18653/v1/2021.acl-long.1"))
    assert judged(service, f"{ANTHOLOGY}/2021.acl-long.1") == [Verdict.OK]
    assert [request.url.host for request in service.requests] == ["api.crossref.org"]


def test_without_a_key_semantic_scholar_is_not_asked_for_the_sake_of_links() -> None:
    service = Service(crossref)
    judged(service, f"{ANTHOLOGY}/P10-1001", keyed=False)
    assert [request.url.host for request in service.requests] == ["api.crossref.org"]


def test_the_doi_that_a_catalog_has_vouches_for_a_publishers_page_of_the_paper() -> None:
    urls = ["https://ieeexplore.ieee.org/document/7", "https://www.usenix.org/a", "https://doi.org/10.1145/1.2"]
    links_ = tuple(Link(url, LinkKind.PAPER) for url in urls)
    code = Link("https://ieeexplore.ieee.org/document/8", LinkKind.CODE)
    entry = Entry("one", links=(*links_, code), enriched=Enriched(doi="10.1109/X.2023.7"))
    unknown = Entry("two", links=(Link("https://ieeexplore.ieee.org/document/9", LinkKind.PAPER),))
    preprint = Entry("three", links=unknown.links, own=Enriched(doi="10.48550/arXiv.2303.06865"))
    entries = [entry, unknown, preprint]
    assert planned_for(*entries).catalogs[0].vouched == {
        urls[0]: Identifier(Scheme.DOI, "10.1109/x.2023.7"),
        urls[2]: Identifier(Scheme.DOI, "10.1145/1.2"),
    }


def test_a_service_that_answers_nothing_is_asked_no_more_in_the_run() -> None:
    service = Service(lambda _: httpx.Response(403, text="Forbidden"))
    papers = [Identifier(Scheme.DOI, f"10.1000/{number}") for number in range(3)]

    async def call(web: Web) -> tuple[int, int]:
        asker = Asker(web, lambda _, base: base, planned_for())
        requests = []

        def inquiry() -> Inquiry[None]:
            yield Questions({"crossref": papers[:2]})
            requests.append(len(service.requests))
            replies = yield Questions({"crossref": papers[2:]})
            assert isinstance(replies.lookups["crossref"][papers[2]], Unknown)

        outcome = await run_inquiries([inquiry()], asker, {})
        assert papers[2] in [each for note in outcome.notes[0] if note.service == "crossref" for each in note.things]
        return requests[0], len(service.requests)

    before, after = service.ask(FakeClock(), call)
    assert before > 0
    assert after == before
