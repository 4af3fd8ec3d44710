from __future__ import annotations

import contextlib
import json
from datetime import date

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.model import Found, Outcome, Unknown
from enrich.sources import archive
from enrich.sources.archive import Lost
from enrich.sources.asking.replies import UnreadableError
from enrich.web import Web
from tests.fakes import FakeClock
from tests.replies import Service

URL = "https://a.example/paper.pdf"
CLOSEST = {
    "status": "200",
    "available": True,
    "url": f"http://web.archive.org/web/20230301101500/{URL}",
    "timestamp": "20230301101500",
}


def body(closest: object) -> bytes:
    return json.dumps({"url": URL, "archived_snapshots": {"closest": closest} if closest else {}}).encode()


def look_up(service: Service, *wanted: Lost) -> list[Outcome[str]]:
    async def call(web: Web) -> list[Outcome[str]]:
        return list((await archive.look_up(wanted, web)).values())

    return service.ask(FakeClock(), call)


def test_the_copy_nearest_to_a_day_is_asked_for_without_credentials() -> None:
    service = Service(lambda _: httpx.Response(200, content=body(CLOSEST)))
    (copy,) = look_up(service, Lost("https://ada:secret@a.example/paper.pdf#page=3", date(2023, 12, 31)))
    assert isinstance(copy, Found)
    assert copy.value == f"https://web.archive.org/web/20230301101500/{URL}"
    assert dict(service.requests[0].url.params) == {"url": "a.example/paper.pdf", "timestamp": "20231231"}


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=body(None)),
        httpx.Response(200, content=body({**CLOSEST, "status": "404"})),
        httpx.Response(200, content=body({**CLOSEST, "available": False})),
        httpx.Response(200, content=body({**CLOSEST, "url": "https://elsewhere.example/"})),
        httpx.Response(200, text="Down for maintenance"),
        httpx.Response(503),
        httpx.Response(429),
    ],
)
def test_an_answer_without_a_copy_proves_nothing(answer: httpx.Response) -> None:
    service = Service(lambda _: httpx.Response(answer.status_code, content=answer.content))
    assert [type(outcome) for outcome in look_up(service, Lost(URL))] == [Unknown]


INDEX = [["timestamp"], ["20230301101500"]]


@pytest.mark.parametrize("day", [None, date(2023, 12, 31)])
def test_the_index_is_asked_once_where_availability_names_no_copy(day: date | None) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=INDEX) if "cdx" in request.url.path else httpx.Response(200, content=body(None))

    service = Service(answer)
    (copy,) = look_up(service, Lost(URL, day))
    assert copy == Found(f"https://web.archive.org/web/20230301101500/{URL}", at=copy.at)
    asked = service.requests[1].url
    assert (asked.host, asked.path, asked.params["url"]) == (
        "web.archive.org",
        "/cdx/search/cdx",
        "a.example/paper.pdf",
    )
    assert asked.params.get("closest") == ("20231231" if day else None)
    assert len(service.requests) == 2


@pytest.mark.parametrize(
    "rows", [[], [["timestamp"]], [["timestamp"], ["<x>"]], [["timestamp"], []], {}, None, "x", [1, 2]]
)
def test_an_index_without_a_copy_proves_nothing(rows: object) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=rows) if "cdx" in request.url.path else httpx.Response(200, content=body(None))

    assert [type(outcome) for outcome in look_up(Service(answer), Lost(URL))] == [Unknown]


def test_a_run_asks_no_more_than_a_minutes_worth_and_ends_where_it_is_refused() -> None:
    service = Service(lambda _: httpx.Response(200, content=body(CLOSEST)))
    assert len(look_up(service, *(Lost(f"{URL}?{n}") for n in range(40)))) == archive.MOST
    without = Service(lambda _: httpx.Response(200, content=body(None)))
    look_up(without, *(Lost(f"{URL}?{n}") for n in range(40)))
    assert len(without.requests) == 15
    refusing = Service(lambda _: httpx.Response(429))
    look_up(refusing, *(Lost(f"{URL}?{n}") for n in range(40)))
    assert len(refusing.requests) == 1


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.text(),
        lambda x: st.dictionaries(st.sampled_from(["archived_snapshots", "closest", "url", "status"]), x),
    ).map(lambda value: json.dumps(value).encode())
)
def test_whatever_comes_is_a_copy_or_none(data: bytes) -> None:
    with contextlib.suppress(UnreadableError):
        assert archive.parse(data) is None
