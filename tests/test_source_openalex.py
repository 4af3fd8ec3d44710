from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.model import Found, Identifier, Missing, Scheme, Unknown
from enrich.sources import openalex
from enrich.sources.asking.replies import UnreadableError
from tests.fakes import FakeClock
from tests.replies import Service

if TYPE_CHECKING:
    from enrich.model import Outcome, Record
    from enrich.web import Web

TIDES = {
    "doi": "https://doi.org/10.1000/tides",
    "title": "Tides of small lakes",
    "publication_year": 2021,
    "publication_date": "2021-03-04",
    "authorships": [
        {"raw_author_name": "Grace Hopper", "author": {"display_name": "G. Hopper"}},
        {"author": {"display_name": "Ada Lovelace"}},
    ],
    "abstract_inverted_index": {"Tides": [0, 3], "come": [1], "and": [2]},
    "cited_by_count": 12,
    "primary_location": {"source": {"display_name": "Journal of Tides"}},
}
PREPRINT = {
    "doi": "https://doi.org/10.48550/arxiv.2303.06865",
    "title": "Lakes",
    "primary_location": {"source": {"display_name": "arXiv (Cornell University)"}},
}
DOI = Identifier(Scheme.DOI, "10.1000/tides")
ARXIV = Identifier(Scheme.ARXIV, "2303.06865")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def listed(*works: object) -> httpx.Response:
    return httpx.Response(200, json={"meta": {"count": len(works)}, "results": list(works)})


def look_up(service: Service, *wanted: Identifier) -> list[Outcome[Record]]:
    async def call(web: Web) -> list[Outcome[Record]]:
        return list((await openalex.look_up(wanted, web)).values())

    return service.ask(FakeClock(), call)


def search(service: Service, *titles: str) -> list[Outcome[tuple[Record, ...]]]:
    async def call(web: Web) -> list[Outcome[tuple[Record, ...]]]:
        return list((await openalex.search(titles, web)).values())

    return service.ask(FakeClock(), call)


def test_works_become_records() -> None:
    tides, preprint = openalex.parse(listed(TIDES, PREPRINT).content)
    assert (tides.title, tides.authors) == ("Tides of small lakes", ("Grace Hopper", "Ada Lovelace"))
    assert tides.abstract == "Tides come and Tides"
    assert (tides.year, tides.published, tides.venue) == (2021, "2021-03-04", "Journal of Tides")
    assert (tides.doi, tides.citation_count, tides.arxiv_id) == ("10.1000/tides", 12, None)
    assert (preprint.arxiv_id, preprint.venue) == ("2303.06865", None)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"results":3}', b"<!doctype html>"])
def test_other_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        openalex.parse(body)


@given(st.dictionaries(st.sampled_from(sorted(TIDES)), JSON))
def test_any_values_are_read(values: dict[str, object]) -> None:
    assert len(openalex.parse(json.dumps({"results": [{**TIDES, **values}]}).encode())) == 1


def test_dois_and_preprints_go_into_one_request() -> None:
    service = Service(lambda _: listed(TIDES, PREPRINT))
    tides, preprint, absent, odd = look_up(
        service, DOI, ARXIV, Identifier(Scheme.DOI, "10.1000/ebb"), Identifier(Scheme.DOI, "10.1000/a,b|c")
    )
    assert isinstance(tides, Found)
    assert isinstance(preprint, Found)
    assert isinstance(absent, Missing)
    assert isinstance(odd, Missing)
    (request,) = service.requests
    assert request.url.params["filter"] == "doi:10.1000/tides|10.48550/arxiv.2303.06865|10.1000/ebb"


def test_a_403_is_a_refusal_that_passes() -> None:
    replies = iter([httpx.Response(403, json={"error": "Rate limit exceeded"}), listed(TIDES)])
    (found,) = look_up(Service(lambda _: next(replies)), DOI)
    assert isinstance(found, Found)
    (unknown,) = look_up(Service(lambda _: httpx.Response(403, json={"error": "Slow down"})), DOI)
    assert isinstance(unknown, Unknown)
    assert unknown.passing


@pytest.mark.parametrize(("status", "words"), [(401, "OPENALEX_API_KEY"), (429, "budget"), (500, "server error")])
def test_refusals_are_unknown_and_told(status: int, words: str) -> None:
    (outcome,) = look_up(Service(lambda _: httpx.Response(status, json={"error": "no"})), DOI)
    assert isinstance(outcome, Unknown)
    assert words in outcome.why


def test_titles_are_searched_by_their_words() -> None:
    service = Service(lambda _: listed(TIDES))
    found, other, wordless = search(service, "Tides, of: small|lakes", "On Bread", "--")
    assert isinstance(found, Found)
    assert isinstance(other, Missing)
    assert isinstance(wordless, Missing)
    assert service.requests[0].url.params["filter"] == "title.search:tides of small lakes"
