"""Crossref, DataCite and doi.org."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.access import paces
from enrich.model import Found, Identifier, Missing, Scheme, Unknown
from enrich.sources import crossref, datacite, doi
from enrich.sources.asking.replies import UnreadableError
from enrich.web import Web
from tests.fakes import FakeClock
from tests.replies import Service, reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from enrich.access import paces
from enrich.model import Outcome, Record

WORKS = reply("crossref_list.json")
ARXIV = reply("datacite_arxiv.json")
FLEXGEN = Identifier(Scheme.ARXIV, "2303.06865")


def dois(*values: str) -> list[Identifier]:
    return [Identifier(Scheme.DOI, value) for value in values]


def work(name: str) -> dict[str, object]:
    return {"DOI": name, "title": [f"Work {name}"]}


def of_crossref(service: Service, *wanted: Identifier) -> list[Outcome[Record]]:
    async def call(web: Web) -> list[Outcome[Record]]:
        return list((await crossref.look_up(wanted, web)).values())

    return service.ask(FakeClock(), call)


def of_datacite(service: Service, *wanted: Identifier) -> list[Outcome[Record]]:
    async def call(web: Web) -> list[Outcome[Record]]:
        return list((await datacite.look_up(wanted, web)).values())

    return service.ask(FakeClock(), call)


def of_handles(service: Service, *wanted: Identifier) -> list[Outcome[str]]:
    async def call(web: Web) -> list[Outcome[str]]:
        return list((await doi.look_up(wanted, web)).values())

    return service.ask(FakeClock(), call)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("erratum", "Crossref lists an erratum: 10.1000/n"),
        ("expression_of_concern", "Crossref lists an expression of concern: 10.1000/n"),
        ("new_version", None),
        ("retraction", None),
    ],
)
def test_what_was_corrected_or_doubted_is_commented(kind: str, words: str | None) -> None:
    body = {"message": {**work("10.1000/p"), "updated-by": [{"DOI": "10.1000/N", "type": kind}]}}
    [record] = crossref.parse(json.dumps(body).encode())
    assert record.comment == words


def test_works_become_records() -> None:
    tides, bread, notice = crossref.parse(WORKS)
    assert tides.title == "Waves in KRAS (x) & tides where a < b: A study"
    assert tides.authors == ("Grace Hopper", "The Tide Group", "Solo")
    assert (tides.published, tides.year, tides.venue) == ("2021-03", 2021, "Journal of Tides")
    assert tides.abstract == "Tides come and go."
    assert (tides.doi, tides.citation_count, tides.retracted) == ("10.1000/case.one", 7, None)
    assert (bread.title, bread.published, bread.year) == ("Cold bread", None, None)
    assert bread.retracted == "retraction notice 10.1000/notice"
    assert (notice.retracted, notice.published) == (None, "2022-05")
    assert notice.comment == "a notice of the retraction of 10.1000/retracted"


@pytest.mark.parametrize(
    ("resource", "url"),
    [
        ({"primary": {"URL": "https://a.example/document/7/"}}, "https://a.example/document/7/"),
        ({"primary": {"URL": "javascript:alert(1)"}}, "https://doi.org/10.1000/x"),
        ({"primary": {"URL": ["https://a.example/"]}}, "https://doi.org/10.1000/x"),
        ({"primary": None}, "https://doi.org/10.1000/x"),
        (None, "https://doi.org/10.1000/x"),
    ],
)
def test_a_works_url_is_the_page_that_its_publisher_registered(resource: object, url: str) -> None:
    body = json.dumps({"message": {"DOI": "10.1000/X", "resource": resource}}).encode()
    assert [record.url for record in crossref.parse(body)] == [url]


@pytest.mark.parametrize(
    ("fields", "retracted"),
    [
        ({"updated-by": [{"DOI": "10.1000/n", "type": "erratum"}]}, False),
        ({"updated-by": [{"DOI": "10.1000/n", "type": "expression_of_concern"}]}, False),
        ({"updated-by": [{"DOI": "10.1000/n", "type": "withdrawal"}]}, True),
        ({"update-to": [{"DOI": "10.1000/p", "type": "retraction"}]}, True),
        ({"update-to": [{"DOI": "10.1000/other", "type": "retraction"}]}, False),
        ({"title": ["WITHDRAWN: Cold bread"]}, True),
        ({"title": ["Retracted: Cold bread"]}, True),
        ({"title": ["Retracted: Cold bread"], "update-to": [{"DOI": "10.1000/other", "type": "retraction"}]}, False),
        ({"title": ["Retracted papers and who cites them"]}, False),
        (
            {
                "update-to": [{"DOI": "10.1000/n", "type": "retraction"}],
                "updated-by": [{"DOI": "10.1000/n", "type": "retraction"}],
            },
            True,
        ),
    ],
)
def test_a_retraction_is_told_from_its_notice(fields: dict[str, object], *, retracted: bool) -> None:
    body = json.dumps({"message": {"DOI": "10.1000/P", "title": ["Cold bread"], **fields}})
    (record,) = crossref.parse(body.encode())
    assert bool(record.retracted) is retracted


@pytest.mark.parametrize("parse", [crossref.parse, datacite.parse, doi.parse])
@pytest.mark.parametrize("body", [b"", b"Resource not found.", b"[]", b"{}", b'{"message":[],"data":3}', b"\xff\xfe"])
def test_other_bodies_are_refused(parse: Callable[[bytes], object], body: bytes) -> None:
    with pytest.raises(UnreadableError):
        parse(body)


@given(st.data())
def test_damaged_bodies_are_read_or_refused(data: st.DataObject) -> None:
    parse, body = data.draw(st.sampled_from([(crossref.parse, WORKS), (datacite.parse, ARXIV)]))
    value = json.loads(body)
    for _ in range(data.draw(st.integers(1, 6))):
        damage(value, data)
    try:
        records = parse(json.dumps(value).encode())
    except UnreadableError:
        return
    assert len(records) <= 3


@pytest.mark.parametrize("piece", ["<", "<mml:annotation ", "<mml:annotation>", "<i ", "( ", "&lt;i ", "</p"])
def test_hostile_markup_costs_no_time(piece: str) -> None:
    body = json.dumps({"message": {"DOI": "10.1000/a", "title": [piece * 20_000], "abstract": piece * 50_000}})
    started = time.process_time()
    assert len(crossref.parse(body.encode())) == 1
    assert time.process_time() - started < 2


def damage(value: object, data: st.DataObject) -> None:
    """Puts something else in the place of one thing somewhere inside."""
    junk: st.SearchStrategy[object] = st.sampled_from(
        [None, 7, -1, 1e300, "", "a,b,c", "\ud800", [], [None], {}, [[None]], [["9999", 99]], True]
    )
    while isinstance(value, dict | list) and value:
        key = data.draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
        inner = value[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.integers(0, 3)) == 0:
            value[key] = data.draw(junk)
            return
        value = inner


def test_100_dois_go_into_one_request_and_one_with_a_comma_alone() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if listed := request.url.params.get("filter"):
            names = [part.removeprefix("doi:").upper() for part in listed.split(",")]
            return httpx.Response(200, json={"message": {"items": [work(name) for name in names if "404" not in name]}})
        return httpx.Response(200, json={"message": work("10.1000/with,comma")})

    wanted = dois(*(f"10.1000/{number}" for number in range(399, 510)), "10.1000/with,comma")
    outcomes = of_crossref(service := Service(answer), *wanted)
    assert [str(wanted[place]) for place, found in enumerate(outcomes) if not isinstance(found, Found)] == [
        "doi:10.1000/404"
    ]
    assert isinstance(outcomes[5], Missing)
    assert len(service.requests) == 3


def test_long_dois_are_fewer_in_a_request() -> None:
    service = Service(lambda _: httpx.Response(200, json={"message": {"items": []}}))
    of_crossref(service, *dois(*(f"10.1000/{'(long)' * 20}{number}" for number in range(100))))
    assert len(service.requests) > 2
    assert max(len(str(request.url)) for request in service.requests) < 4_500


def test_a_single_unknown_doi_is_missing() -> None:
    service = Service(lambda _: httpx.Response(404, text="Resource not found."))
    assert of_crossref(service, *dois("10.1000/a(b)c/d")) == [
        Missing("Resource not found.", status=404, at="2026-01-31T09:00:00Z")
    ]
    assert service.requests[0].url.raw_path == b"/works/10.1000%2Fa%28b%29c%2Fd"


def test_a_doi_that_breaks_the_filter_is_found_out() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        names = [part.removeprefix("doi:") for part in request.url.params.get("filter", "").split(",")]
        if any("bad" in name for name in names) or "bad" in request.url.path:
            return httpx.Response(400, json={"status": "failed", "message": []})
        if names == [""]:
            return httpx.Response(200, json={"message": work(request.url.path.removeprefix("/works/"))})
        return httpx.Response(200, json={"message": {"items": [work(name) for name in names]}})

    outcomes = of_crossref(Service(answer), *dois("10.1000/1", "10.1000/bad", "10.1000/3", "10.1000/4"))
    assert [type(outcome) for outcome in outcomes] == [Found, Unknown, Found, Found]


def test_titles_are_searched_one_by_one_without_the_copies() -> None:
    items = [{"DOI": "10.65215/copy", "title": ["Cold bread"]}, {"DOI": "10.1000/b", "title": ["Cold Bread"]}, {}]
    service = Service(lambda _: httpx.Response(200, json={"message": {"items": items}}))

    async def call(web: Web) -> list[Outcome[tuple[Record, ...]]]:
        return list((await crossref.search(["Cold bread", "Warm tea", ""], web)).values())

    found, missing, empty = service.ask(FakeClock(), call)
    assert isinstance(found, Found)
    assert [record.doi for record in found.value] == ["10.1000/b"]
    assert isinstance(missing, Missing)
    assert isinstance(empty, Missing)
    assert len(service.requests) == 2


def test_its_pace_depends_on_an_address() -> None:
    polite, public = (paces(contact=contact)["api.crossref.org"] for contact in (True, False))
    assert (polite.concurrency, public.concurrency, public.interval) == (3, 1, 1.0)


def test_an_arxiv_doi_becomes_a_record() -> None:
    (record,) = datacite.parse(ARXIV)
    assert record.title == "FlexGen: One card is enough"
    assert record.other_titles == ("An older name",)
    assert record.authors == ("Ying Sheng", "Lianmin Zheng", "Some Lab, Inc.", "Jo Soap")
    assert (record.published, record.year, record.venue) == ("2023-03-13", 2023, None)
    assert (record.arxiv_id, record.doi) == ("2303.06865", "10.48550/arXiv.2303.06865")
    assert record.abstract == "What it says."


def test_datacite_is_asked_for_a_list_and_then_for_the_absent_alone() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/dois":
            return httpx.Response(200, json={"data": [json.loads(ARXIV)["data"]]})
        return httpx.Response(404, json={"errors": [{"status": "404"}]})

    outcomes = of_datacite(service := Service(answer), FLEXGEN, *dois("10.5281/zenodo.1"))
    assert [type(outcome) for outcome in outcomes] == [Found, Missing]
    assert [request.url.path for request in service.requests] == ["/dois", "/dois/10.5281/zenodo.1"]
    assert service.requests[0].url.params["ids"] == "10.48550/arxiv.2303.06865,10.5281/zenodo.1"


def test_datacite_is_asked_one_by_one_where_it_takes_no_list() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404 if request.url.path == "/dois" else 200, content=ARXIV)

    outcomes = of_datacite(Service(answer), FLEXGEN, *dois("10.5281/zenodo.1"))
    assert [type(outcome) for outcome in outcomes] == [Found, Found]


def datacite_that_knows(
    alone: Callable[[str], bool], listed: Callable[[str], bool] = lambda _: False, total: int | None = None
) -> Service:
    """A DataCite that knows some DOIs alone, and some in lists, of which it may send a part."""

    def work(doi: str) -> dict[str, object]:
        return {"attributes": {"doi": doi, "titles": [{"title": doi}]}}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/dois":
            found = [work(doi) for doi in request.url.params["ids"].split(",") if listed(doi)]
            meta = {} if total is None else {"meta": {"total": total}}
            return httpx.Response(200, json={"data": found, **meta})
        doi = request.url.path.removeprefix("/dois/")
        return httpx.Response(200, json={"data": work(doi)}) if alone(doi) else httpx.Response(404, json={"errors": []})

    return Service(answer)


MANY = dois(*(f"10.5072/work-{number:03}" for number in range(200)))


def test_what_datacites_lists_lack_is_asked_for_alone_three_times() -> None:
    service = datacite_that_knows(lambda _: False, lambda doi: doi.endswith("7"))
    outcomes = of_datacite(service, *MANY)
    assert Counter(type(outcome) for outcome in outcomes) == {Found: 20, Missing: 180}
    paths = [request.url.path for request in service.requests]
    assert (paths.count("/dois"), len(paths)) == (4, 7)


def test_where_datacites_lists_are_behind_their_silence_proves_nothing() -> None:
    service = datacite_that_knows(lambda doi: doi.endswith("01"))
    outcomes = of_datacite(service, *MANY)
    assert Counter(type(outcome) for outcome in outcomes) == {Found: 1, Missing: 49, Unknown: 150}
    assert len(service.requests) == 54
    assert {outcome.why for outcome in outcomes if isinstance(outcome, Unknown)} == {"missing from the response"}


def test_a_list_that_datacite_cut_proves_nothing() -> None:
    service = datacite_that_knows(lambda _: True, lambda doi: doi.endswith("7"), total=50)
    assert Counter(type(outcome) for outcome in of_datacite(service, *MANY[:50])) == {Found: 50}
    assert len(service.requests) == 46


def test_handles_tell_what_is_registered() -> None:
    bodies = {
        "known": (
            200,
            {"responseCode": 1, "values": [{"type": "URL", "data": {"value": "https://example.org/known"}}]},
        ),
        "typed": (200, {"responseCode": 200, "handle": "10.1000/typed"}),
        "nothing": (404, {"responseCode": 100, "handle": "10.1000/nothing"}),
        "broken": (200, {"responseCode": 2}),
        "lost": (404, {"message": "no such page"}),
    }

    def answer(request: httpx.Request) -> httpx.Response:
        status, body = bodies[request.url.path.rpartition("/")[2]]
        return httpx.Response(status, json=body)

    outcomes = of_handles(service := Service(answer), *dois(*(f"10.1000/{name}" for name in bodies)))
    assert [type(outcome) for outcome in outcomes] == [Found, Found, Missing, Unknown, Unknown]
    assert [outcome.value for outcome in outcomes if isinstance(outcome, Found)] == [
        "https://example.org/known",
        "https://doi.org/10.1000/typed",
    ]
    assert {request.url.params["type"] for request in service.requests} == {"URL"}


def test_a_short_doi_tells_what_it_stands_for() -> None:
    values = {
        "alias": [{"index": 1, "type": "HS_ALIAS", "data": {"format": "string", "value": "10.1000/Case.(One)"}}],
        "url": [{"index": 1, "type": "URL", "data": {"format": "string", "value": "https://example.org/"}}],
        "odd": [{"type": "HS_ALIAS", "data": "10.1000/x"}, {"type": "HS_ALIAS"}, "HS_ALIAS"],
    }

    def answer(request: httpx.Request) -> httpx.Response:
        handle = request.url.path.removeprefix("/api/handles/")
        return httpx.Response(200, json={"responseCode": 1, "handle": handle, "values": values[handle[3:]]})

    outcomes = of_handles(service := Service(answer), *dois(*(f"10/{name}" for name in values)))
    assert [outcome.value for outcome in outcomes if isinstance(outcome, Found)] == [
        "https://doi.org/10.1000/Case.(One)",
        "https://example.org/",
        "https://doi.org/10/odd",
    ]
    assert {request.url.query for request in service.requests} == {b"type=URL&type=HS_ALIAS"}


def test_what_was_not_registered_is_asked_again_the_next_day() -> None:
    clock = FakeClock()
    service = Service(
        lambda request: httpx.Response(200, json={"responseCode": 1 if request.url.path.endswith("old") else 100})
    )

    async def call(web: Web) -> None:
        for hours in (0, 1, 24):
            clock.advance(3600 * hours)
            await doi.look_up(dois("10.1000/old", "10.1000/new"), web)

    service.ask(clock, call)
    assert sorted(request.url.path[-3:] for request in service.requests) == ["new", "new", "old"]


def test_an_arxiv_id_is_asked_by_its_doi_and_the_slash_stays() -> None:
    service = Service(lambda _: httpx.Response(404, json={"responseCode": 100}))
    of_handles(service, FLEXGEN, *dois("10.1002/(sici)1<1::aid>3.0.co;2-o"))
    assert {request.url.raw_path.partition(b"?")[0] for request in service.requests} == {
        b"/api/handles/10.48550/arXiv.2303.06865",
        b"/api/handles/10.1002/(sici)1%3C1::aid%3E3.0.co;2-o",
    }


def test_a_number_of_the_acm_is_no_doi() -> None:
    service = Service(lambda _: httpx.Response(500))
    (outcome,) = of_handles(service, Identifier(Scheme.ACM, "10.5555/1"))
    assert isinstance(outcome, Unknown)
    assert not service.requests


def test_offline_nothing_is_asked() -> None:
    async def call(web: Web) -> list[Outcome[str]]:
        return list((await doi.look_up(dois(*(f"10.1000/{n}" for n in range(40))), web)).values())

    service = Service(lambda _: httpx.Response(500))
    assert all(isinstance(outcome, Unknown) for outcome in service.ask(FakeClock(), call, offline=True))
    assert not service.requests


@pytest.mark.parametrize("status", [413, 414, 431])
def test_a_list_that_is_too_long_for_datacite_is_asked_for_in_parts(status: int) -> None:
    wanted = dois(*(f"10.5072/work-{number}" for number in range(40)))

    def answer(asked: httpx.Request) -> httpx.Response:
        ids = asked.url.params["ids"].split(",")
        if len(ids) > 12:
            return httpx.Response(status)
        return httpx.Response(200, json={"data": [{"attributes": {"doi": i, "titles": [{"title": i}]}} for i in ids]})

    service = Service(answer)
    assert all(isinstance(outcome, Found) for outcome in of_datacite(service, *wanted[:24]))
    assert all(asked.url.params["disable-facets"] == "true" for asked in service.requests)
    assert len(service.requests) == 3
