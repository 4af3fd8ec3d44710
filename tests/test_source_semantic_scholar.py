from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.model import Found, Identifier, Missing, Scheme, Unknown
from enrich.sources import semantic_scholar
from enrich.sources.asking.replies import UnreadableError
from enrich.web import Web
from tests.fakes import FakeClock
from tests.replies import Service, reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from enrich.model import Outcome, Record

BATCH = reply("semantic_scholar_batch.json")
HOST = "api.semanticscholar.org"
FLEXGEN = Identifier(Scheme.ARXIV, "2303.06865")
UNKNOWN = Identifier(Scheme.ACL, "2020.acl-main.9999")
TRUST = Identifier(Scheme.DOI, "10.2139/ssrn.288970")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def look_up(
    service: Service, *wanted: Identifier, keys: Mapping[str, Mapping[str, str]] | None = None
) -> list[Outcome[Record]]:
    async def call(web: Web) -> list[Outcome[Record]]:
        outcomes = await semantic_scholar.look_up(wanted, web)
        return [outcomes[identifier] for identifier in wanted]

    return service.ask(FakeClock(), call, keys=keys)


def asked_ids(request: httpx.Request) -> list[str]:
    ids: list[str] = json.loads(request.content)["ids"]
    return ids


def row(arxiv_id: str) -> dict[str, object]:
    return {"paperId": "a" * 40, "title": f"Paper {arxiv_id}", "externalIds": {"ArXiv": arxiv_id}}


def many(count: int) -> list[Identifier]:
    return [Identifier(Scheme.ARXIV, f"2303.{number:05}") for number in range(count)]


def test_a_batch_becomes_rows() -> None:
    flexgen, nothing, trust = semantic_scholar.parse(BATCH)
    assert nothing is None
    assert flexgen is not None
    assert trust is not None
    assert flexgen.authors == ("Ying Sheng", "Lianmin Zheng")
    assert (flexgen.arxiv_id, flexgen.doi) == ("2303.06865", "10.48550/arXiv.2303.06865")
    assert (flexgen.citation_count, flexgen.venue) == (635, "International Conference on Machine Learning")
    assert (flexgen.published, flexgen.year, flexgen.abstract) == ("2023-03-13", 2023, None)
    assert (trust.citation_count, trust.venue, trust.authors, trust.published) == (None, None, (), None)


@pytest.mark.parametrize("body", [b"", b"[", b"{}", b'{"message":"Forbidden"}', b'{"data":3}', b"[" * 100_000])
def test_other_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        semantic_scholar.parse(body)


@given(st.dictionaries(st.sampled_from(sorted(json.loads(BATCH)[0])), JSON), JSON)
def test_any_values_in_a_row_are_read(values: dict[str, object], names: object) -> None:
    rows = [{**json.loads(BATCH)[0], **values}, {**values, "authors": [{"name": names}], "externalIds": {"DOI": names}}]
    assert len(semantic_scholar.parse(json.dumps(rows).encode())) == 2


def test_rows_are_taken_by_their_place(clock: FakeClock) -> None:
    service = Service(lambda _: httpx.Response(200, content=BATCH))
    flexgen, missing, trust = look_up(service, FLEXGEN, UNKNOWN, TRUST)
    assert isinstance(flexgen, Found)
    assert flexgen.value.asked_at == f"{clock.now():%Y-%m-%dT%H:%M:%SZ}"
    assert isinstance(missing, Missing)
    assert isinstance(trust, Found)
    assert asked_ids(service.requests[0]) == ["ARXIV:2303.06865", "ACL:2020.acl-main.9999", "DOI:10.2139/ssrn.288970"]


def test_rows_in_another_order_are_taken_by_what_they_name() -> None:
    service = Service(lambda _: httpx.Response(200, json=json.loads(BATCH)[::-1]))
    flexgen, missing, trust = look_up(service, FLEXGEN, UNKNOWN, TRUST)
    assert isinstance(flexgen, Found)
    assert flexgen.value.arxiv_id == "2303.06865"
    assert isinstance(missing, Missing)
    assert isinstance(trust, Found)
    assert trust.value.doi == TRUST.value


def test_a_row_of_another_paper_is_not_taken_and_will_not_be_tomorrow() -> None:
    service = Service(lambda _: httpx.Response(200, json=[row("2303.77777"), {}, {**row("x"), "externalIds": None}]))
    other, empty, silent = look_up(service, FLEXGEN, TRUST, UNKNOWN)
    assert isinstance(other, Missing)
    assert other.saw == "not found: the response is about another paper"
    assert isinstance(empty, Missing)
    assert isinstance(silent, Found)


def test_a_paper_of_the_anthology_is_taken_by_the_id_that_its_row_names() -> None:
    wanted = [Identifier(Scheme.ACL, name) for name in ("P18-1234", "2021.acl-long.1", "N19-1423")]
    named = [
        {"paperId": "a" * 40, "title": name, "externalIds": {"ACL": name}} for name in ("2021.acl-long.1", "P18-1234")
    ]
    service = Service(lambda _: httpx.Response(200, json=[*named, {**named[0], "externalIds": {"ACL": "D14-1162"}}]))
    first, second, third = look_up(service, *wanted)
    assert isinstance(first, Found)
    assert first.value.title == "P18-1234"
    assert isinstance(second, Found)
    assert second.value.title == "2021.acl-long.1"
    assert isinstance(third, Missing)


def test_rows_that_were_not_sent_are_unknown() -> None:
    service = Service(lambda _: httpx.Response(200, json=[row("2303.06865")]))
    found, lost = look_up(service, FLEXGEN, UNKNOWN)
    assert isinstance(found, Found)
    assert isinstance(lost, Unknown)


def test_an_internal_number_of_the_acm_is_asked_like_a_doi_and_never_becomes_one() -> None:
    number = Identifier(Scheme.ACM, "10.5555/3571885.3571946")
    answer = {"paperId": "b" * 40, "title": "On Tides", "externalIds": {"DOI": "10.5555/3571885.3571946"}}
    (outcome,) = look_up(service := Service(lambda _: httpx.Response(200, json=[answer])), number)
    assert isinstance(outcome, Found)
    assert outcome.value.doi is None
    assert asked_ids(service.requests[0]) == ["DOI:10.5555/3571885.3571946"]


def test_500_ids_go_into_one_request() -> None:
    service = Service(lambda request: httpx.Response(200, json=[row(i[6:]) for i in asked_ids(request)]))
    assert all(isinstance(outcome, Found) for outcome in look_up(service, *many(1_001)))
    assert [len(asked_ids(request)) for request in service.requests] == [500, 500, 1]


def test_a_batch_without_any_valid_id_is_missing() -> None:
    service = Service(lambda _: httpx.Response(400, json={"error": "No valid paper ids given"}))
    assert all(isinstance(outcome, Missing) for outcome in look_up(service, *many(3)))


@pytest.mark.parametrize("status", [400, 500])
def test_one_bad_row_does_not_cost_the_batch(status: int) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        ids = asked_ids(request)
        if "ARXIV:2303.00077" in ids:
            return httpx.Response(status, json={"message": "Internal Server Error"})
        return httpx.Response(200, json=[row(i[6:]) for i in ids])

    outcomes = look_up(service := Service(answer), *many(500))
    assert [place for place, outcome in enumerate(outcomes) if not isinstance(outcome, Found)] == [77]
    assert isinstance(outcomes[77], Unknown)
    assert len(service.requests) <= 50


def test_an_outage_is_not_searched_for_a_bad_row() -> None:
    service = Service(lambda _: httpx.Response(500, json={"message": "Internal Server Error"}))
    assert all(isinstance(outcome, Unknown) for outcome in look_up(service, *many(500)))
    assert len(service.requests) <= 9


def test_a_refused_key_is_said_once() -> None:
    service = Service(lambda _: httpx.Response(403, json={"message": "Forbidden"}))
    outcomes = look_up(service, *many(2_000), keys={HOST: {"x-api-key": "made-up"}})
    assert all(isinstance(outcome, Unknown) and "SEMANTIC_SCHOLAR_API_KEY" in outcome.why for outcome in outcomes)
    assert len(service.requests) == 1


def test_too_many_requests_are_unknown() -> None:
    service = Service(lambda _: httpx.Response(429, json={"message": "Too Many Requests.", "code": "429"}))
    (outcome,) = look_up(service, FLEXGEN)
    assert isinstance(outcome, Unknown)
    assert "429" in outcome.why


def test_identifiers_that_it_does_not_know_are_not_asked() -> None:
    service = Service(lambda _: httpx.Response(500))
    (outcome,) = look_up(service, Identifier(Scheme.OPENREVIEW, "abcdef"))
    assert isinstance(outcome, Unknown)
    assert not service.requests


def test_titles_are_searched_in_one_request() -> None:
    titles = ['Paper | with "operators" (and -more)', "Tides", "--"]
    hits = {"total": 2, "token": None, "data": [{"title": "Tides"}, {"title": "Paper with operators and more"}]}
    service = Service(lambda _: httpx.Response(200, json=hits))

    async def call(web: Web) -> list[Outcome[tuple[Record, ...]]]:
        return list((await semantic_scholar.search(titles, web)).values())

    first, second, third = service.ask(FakeClock(), call)
    assert isinstance(first, Found)
    assert [record.title for record in first.value] == ["Paper with operators and more"]
    assert isinstance(second, Found)
    assert isinstance(third, Missing)
    (request,) = service.requests
    assert request.url.params["query"] == '"Paper with operators and more" | "Tides"'


def test_a_title_is_matched_alone() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        query = request.url.params["query"]
        if query == "Bread & butter":
            return httpx.Response(200, json={"data": [{"title": "Bread and butter", "matchScore": 99.5}]})
        if query == "Tides":
            return httpx.Response(200, json={"data": [{"title": "Something else", "matchScore": 80}]})
        return httpx.Response(404, json={"error": "Title match not found"})

    async def call(web: Web) -> list[Outcome[tuple[Record, ...]]]:
        return list((await semantic_scholar.match(["Bread & butter", "Tides", "Nothing"], web)).values())

    found, other, missing = Service(answer).ask(FakeClock(), call)
    assert isinstance(found, Found)
    # It is lenient; whether it is that paper is not for the source to say.
    assert isinstance(other, Found)
    assert isinstance(missing, Missing)
    assert missing.status == 404


def test_a_name_is_searched_in_its_years_and_those_that_begin_with_it_come_first() -> None:
    rows = [{"title": "Faster than Tide-2"}, {"title": "Tide-2: Waves at Scale"}, {"title": "Tidal Waves"}]

    async def call(web: Web) -> list[Outcome[tuple[Record, ...]]]:
        return list((await semantic_scholar.named([("Tide-2", 2023), ("Ebb", None), ("--", 2020)], web)).values())

    def answer(request: httpx.Request) -> httpx.Response:
        known = request.url.params["query"] == "tide 2"
        return httpx.Response(200, json={"total": 3, "data": rows} if known else {"total": 0, "offset": 0})

    service = Service(answer)
    found, missing, wordless = service.ask(FakeClock(), call)
    assert isinstance(found, Found)
    assert [record.title for record in found.value] == ["Tide-2: Waves at Scale", "Faster than Tide-2"]
    assert isinstance(missing, Missing)
    assert isinstance(wordless, Missing)
    assert [request.url.params.get("year") for request in service.requests] == ["2021-2024", None]
