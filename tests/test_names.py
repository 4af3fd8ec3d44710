"""Names of systems, searched for together as far as one answer proves something, and one by one where it does not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.model import Entry, EntryType, Found, Missing, Status, Unknown
from enrich.sources import semantic_scholar
from enrich.sources.asking.stored import RECORDS, from_json, to_json
from tests.fakes import FakeClock
from tests.paper_world import CROSSREF, S2, World, named, row
from tests.properties import COSTLY
from tests.replies import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from enrich.model import Outcome, Record
    from enrich.sources.semantic_scholar import Name
    from enrich.web import Web

SHOALS = [
    row(f"{name}: A System for Sand", n, venue="OSDI", year=2023) for n, name in enumerate(("Ebb", "Surf", "Reef"))
]
LISTED = [named(name, "OSDI 2023") for name in ("Ebb", "Surf", "Reef")]


def search(
    answer: Callable[[httpx.Request], httpx.Response], *names: Name | str
) -> tuple[list[Outcome[tuple[Record, ...]]], Service]:
    service = Service(answer)

    async def call(web: Web) -> list[Outcome[tuple[Record, ...]]]:
        return list((await semantic_scholar.search_names(names, web)).values())

    return service.ask(FakeClock(), call), service


def found(outcome: Outcome[tuple[Record, ...]]) -> list[str | None]:
    assert isinstance(outcome, Found)
    return [record.title for record in outcome.value]


def paths(world: World) -> list[str]:
    """What Semantic Scholar was asked, request by request."""
    return [request.url.path.removeprefix("/graph/v1/paper/") for request in world.asked if request.url.host == S2]


# ---- the source


def test_several_names_cost_one_request_and_each_gets_the_papers_of_its_years() -> None:
    rows = [
        {"title": "Faster than Tide-2", "year": 2023},
        {"title": "Tide-2: Waves at Scale", "year": 2023},
        {"title": "Tide-2 in Old Harbours", "year": 2019},
        {"title": "Tides and Ebbs", "year": 2022},
        None,
    ]
    hits = {"total": 5, "token": None, "data": rows}
    (tide, old, missing, wordless), service = search(
        lambda _: httpx.Response(200, json=hits), ("Tide-2", 2023), ("Tide-2", 2020), ("Ebb", 2022), ("--", 2022)
    )
    assert found(tide) == ["Tide-2: Waves at Scale", "Faster than Tide-2"]
    assert found(old) == ["Tide-2 in Old Harbours"]
    assert isinstance(missing, Missing)
    assert isinstance(wordless, Missing)
    (request,) = service.requests
    assert request.url.params["query"] == '"tide 2" | "ebb"'
    assert request.url.params["year"] == "2018-2024"
    assert request.url.params["sort"] == "citationCount:desc"


@pytest.mark.parametrize(
    "more", [{"total": 1, "token": "next"}, {"total": 2, "token": None}, {"token": None}, {"total": "1", "token": None}]
)
def test_an_answer_that_may_lack_rows_proves_nothing_for_any_of_its_names(more: dict[str, object]) -> None:
    body = {**more, "data": [{"title": "Tide: Waves at Scale", "year": 2023}]}
    (tide, ebb), _ = search(lambda _: httpx.Response(200, json=body), ("Tide", 2023), ("Ebb", 2023))
    assert isinstance(tide, Found)
    assert isinstance(ebb, Found)
    assert (len(tide.value), len(ebb.value)) == (1, 0)
    assert tide.is_partial
    assert ebb.is_partial
    assert from_json(to_json(ebb, RECORDS), RECORDS) == ebb


def test_of_very_many_namesakes_some_are_taken_and_that_is_said() -> None:
    rows = [{"title": f"Tide of {number} Lakes", "year": 2023} for number in range(101)]
    (tide,), _ = search(lambda _: httpx.Response(200, json={"total": 101, "data": rows}), ("Tide", 2023))
    assert isinstance(tide, Found)
    assert tide.is_partial
    assert len(tide.value) == 100


@given(
    st.lists(st.tuples(st.text('abc -|"', max_size=6), st.none() | st.integers(1990, 2026)), max_size=40, unique=True)
)
def test_each_name_is_asked_once_among_twenty_of_near_years(names: Sequence[Name]) -> None:
    outcomes, service = search(lambda _: httpx.Response(200, json={"total": 0}), *names)
    assert len(outcomes) == len(names)
    assert all(isinstance(outcome, Missing) for outcome in outcomes)
    for request in service.requests:
        assert len(request.url.params["query"].split(" | ")) <= 20
        first, _, last = request.url.params.get("year", "2020-2028").partition("-")
        assert int(last) - int(first) <= 8
    wanted = {" ".join(semantic_scholar_words(name)) for name, _ in names} - {""}
    asked = " ".join(unquote_plus(str(request.url.params["query"])) for request in service.requests)
    assert all(f'"{words}"' in asked for words in wanted)


def semantic_scholar_words(name: str) -> list[str]:
    return [word for word in "".join(letter if letter.isalnum() else " " for letter in name).split() if word]


def test_one_name_that_spoils_a_search_does_not_cost_the_others() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500 if "reef" in request.url.params["query"] else 200, json={"total": 0})

    outcomes, _ = search(answer, ("Ebb", 2023), ("Reef", 2023), ("Surf", 2023))
    assert [type(outcome) for outcome in outcomes] == [Missing, Unknown, Missing]


def test_titles_are_searched_for_along_with_names_in_their_years() -> None:
    rows = [
        {"title": "Ebb and Flow of Small Lakes: A Study", "year": 2022},
        {"title": "Tide: Waves at Scale", "year": 2023},
    ]
    hits = {"total": 2, "token": None, "data": rows}
    (tide, titled, missing), service = search(
        lambda _: httpx.Response(200, json=hits), ("Tide", 2023), "Ebb & Flow of Small Lakes", "On Trout"
    )
    assert (found(tide), found(titled)) == (["Tide: Waves at Scale"], ["Ebb and Flow of Small Lakes: A Study"])
    assert isinstance(missing, Missing)
    (request,) = service.requests
    assert request.url.params["query"] == '"tide" | "Ebb & Flow of Small Lakes" | "On Trout"'
    assert request.url.params["year"] == "2021-2024"


def test_an_answer_that_was_cut_proves_nothing_for_its_titles_either() -> None:
    body = {"total": 1, "token": "next", "data": [{"title": "Tide: Waves at Scale", "year": 2023}]}
    (_, titled), _ = search(lambda _: httpx.Response(200, json=body), ("Tide", 2023), "Ebb and Flow of Small Lakes")
    assert isinstance(titled, Found)
    assert (titled.is_partial, titled.value) == (True, ())


@COSTLY
@given(
    st.lists(st.tuples(st.text("abc", min_size=1, max_size=6), st.none() | st.integers(2015, 2026)), max_size=45),
    st.lists(st.text("abc é", min_size=20, max_size=400), max_size=70, unique=True),
)
def test_titles_take_the_room_that_names_leave(names: Sequence[Name], titles: Sequence[str]) -> None:
    outcomes, with_titles = search(lambda _: httpx.Response(200, json={"total": 0}), *names, *titles)
    assert len(set(names)) <= len(outcomes) <= len({*names, *titles})
    assert all(len(str(request.url)) < 8_000 for request in with_titles.requests)
    _, alone = search(lambda _: httpx.Response(200, json={"total": 0}), *names)
    assert len(with_titles.requests) == len(alone.requests)
    if names and len(titles) < 3:
        assert len(outcomes) == len({*names, *titles})


# ---- in a run


def test_names_of_several_catalogs_are_found_by_one_search() -> None:
    world = World(named=SHOALS)
    results = world.look_at([LISTED[:2], LISTED[2:]])
    assert [sorted(result.blocks) for result in results] == [["ebb", "surf"], ["reef"]]
    assert paths(world).count("search/bulk") == 1
    assert "search" not in paths(world)


def test_where_no_paper_bears_the_name_nobody_else_is_asked() -> None:
    world = World()
    result = world.look(*LISTED)
    assert {entry.status for entry in result.report.entries} == {Status.MISSING}
    assert paths(world) == ["search/bulk"]
    assert CROSSREF not in world.requests


def test_candidates_that_are_not_sure_are_still_asked_for_at_crossref() -> None:
    world = World(named=[row("Ebb: A System for Sand", venue="POPL", year=2023)])
    result = world.look(LISTED[0])
    assert result.report.entries[0].status is Status.AMBIGUOUS
    assert (paths(world), world.requests[CROSSREF]) == (["search/bulk"], 1)


def test_of_an_answer_that_was_cut_the_sure_ones_are_taken_and_the_others_asked_one_by_one() -> None:
    world = World(named=SHOALS[:2], is_cut=True)
    result = world.look(*LISTED)
    assert sorted(result.blocks) == ["ebb", "surf"]
    assert (paths(world).count("search"), world.requests[CROSSREF]) == (1, 1)


@pytest.mark.parametrize("status", [429, 500])
def test_a_service_that_fails_says_nothing_of_a_name(status: int) -> None:
    world = World(others={S2: lambda _: httpx.Response(status)})
    result = world.look(*LISTED)
    assert {entry.status for entry in result.report.entries} == {Status.UNKNOWN}
    assert world.requests[CROSSREF] == len(LISTED)


def test_where_the_search_for_all_fails_each_is_asked_alone() -> None:
    whole = World(named=SHOALS)

    def answer(request: httpx.Request) -> httpx.Response:
        if "ebb" in request.url.params.get("query", "") and request.url.path.endswith("bulk"):
            return httpx.Response(500)
        return whole._s2(request)

    world = World(named=SHOALS, others={S2: answer})
    assert sorted(world.look(*LISTED).blocks) == ["ebb", "reef", "surf"]
    assert paths(world).count("search") == 1


WAVES = [f"Waves of Kind {number} on Small Lakes" for number in range(4)]


def titled(*titles: str) -> list[Entry]:
    return [Entry(f"e{number}", EntryType.PAPER, title=title) for number, title in enumerate(titles)]


def test_names_and_titles_cost_one_search_over_all_catalogs() -> None:
    world = World(named=[*SHOALS, *(row(title, number + 9) for number, title in enumerate(WAVES))])
    results = world.look_at([LISTED, titled(*WAVES)])
    assert [len(result.blocks) for result in results] == [3, 4]
    assert paths(world) == ["search/bulk"]


def test_titles_that_the_search_for_names_leaves_open_are_searched_for_together() -> None:
    old = [row(title, number + 9) for number, title in enumerate(WAVES)]

    def answer(request: httpx.Request) -> httpx.Response:
        is_dated = "year" in request.url.params
        return World(named=SHOALS if is_dated else old)._s2(request)

    world = World(others={S2: answer})
    assert len(world.look(*LISTED, *titled(*WAVES)).blocks) == 7
    assert paths(world) == ["search/bulk", "search/bulk"]


def test_a_title_left_open_by_a_cut_answer_is_not_taken_for_missing() -> None:
    whole = World(named=[*SHOALS, row(WAVES[0], 9)], matches={WAVES[0]: row(WAVES[0], 9)})

    def answer(request: httpx.Request) -> httpx.Response:
        if "year" in request.url.params:
            return httpx.Response(200, json={"total": 5_000, "token": "next", "data": SHOALS})
        return whole._s2(request)

    world = World(others={S2: answer})
    assert sorted(world.look(*LISTED, *titled(WAVES[0])).blocks) == ["e0", "ebb", "reef", "surf"]
    assert paths(world) == ["search/bulk", "search/match"]


def test_crossref_is_asked_about_a_title_though_the_search_with_names_found_nothing() -> None:
    world = World(named=SHOALS)
    result = world.look(*LISTED, *titled("Of Bees and Their Long Winter Dances"))
    assert len(result.blocks) == 3
    assert "Of Bees and Their Long Winter Dances" in [
        request.url.params.get("query.bibliographic") for request in world.asked if request.url.host == CROSSREF
    ]


def test_what_was_found_by_a_name_answers_for_the_title_that_a_page_gives() -> None:
    url = "https://waves.example/ebb"
    page = f'<title>{SHOALS[0]["title"]}</title><meta name="citation_title" content="{SHOALS[0]["title"]}">'
    world = World(named=SHOALS, pages={url: page})
    result = world.look(named("Ebb", "OSDI 2023", url), *LISTED[1:], links=True)
    assert sorted(result.blocks) == ["ebb", "reef", "surf"]
    assert paths(world) == ["search/bulk"]


def test_namesakes_of_two_years_are_both_searched_for_where_years_count_for_nothing() -> None:
    rows = [row("Ebb: A System for Sand", venue="POPL", year=2023), row("Ebb: Of Sand", 2, venue="POPL", year=2021)]
    world = World(named=rows)
    result = world.look(LISTED[0], replace(named("Ebb", "OSDI 2021"), key="older"))
    assert {entry.status for entry in result.report.entries} == {Status.AMBIGUOUS}
    assert world.requests[CROSSREF] == 1
