"""What is held back so that it can be asked along with what the first answers bring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import httpx
import pytest

from enrich.model import Entry, EntryType, Link, LinkKind
from enrich.settings import Settings
from enrich.snapshots import KINDS, BuildListener, build
from tests import dumps
from tests.paper_world import ARXIV, CROSSREF, S2, World, named, paper, preprint, row, work
from tests.replies import arxiv_feed

REEF = "Reef: A System for Sand Under Water"
SHOAL = "10.1109/infocom50000.2023.10220001"
EBB = "10.1109/infocom50000.2023.10220002"
PLACE = {"container-title": ["IEEE INFOCOM 2023 - IEEE Conference on Computer Communications"]}

Copies = Callable[..., Settings]


@pytest.fixture
def copies(tmp_path: Path) -> Copies:
    """Snapshots of DBLP (title, venue, year, DOI) and of arXiv (ID, title)."""

    def made(*listed: tuple[str, str, int, str], preprints: tuple[tuple[str, str], ...] = ()) -> Settings:
        rows = "".join(
            f'<inproceedings key="conf/x/{place}"><author>Ada Lovelace</author><title>{escape(title)}.</title>'
            f"<booktitle>{venue}</booktitle><year>{year}</year>{f'<ee>https://doi.org/{doi}</ee>' if doi else ''}"
            "</inproceedings>\n"
            for place, (title, venue, year, doi) in enumerate(listed)
        )
        texts = {
            "dblp": f'<?xml version="1.0"?>\n<!DOCTYPE dblp SYSTEM "dblp.dtd">\n<dblp>\n{rows}</dblp>\n'
            if rows
            else "",
            "arxiv": dumps.lines(*(dumps.paper(*each) for each in preprints)) if preprints else "",
        }
        paths = {}
        for name, text in texts.items():
            if text:
                dump, paths[name] = dumps.put(tmp_path, f"{name}.dump", text), tmp_path / f"{name}.sqlite"
                listener = BuildListener(lambda _: None, lambda _: None)
                now = datetime(2026, 1, 31, tzinfo=UTC)
                build(KINDS[name], [dump], paths[name], listener, now=now, day=now.date())
        return Settings.model_validate({"snapshots": paths})

    return made


def queries(world: World, host: str, name: str) -> list[str]:
    return [request.url.params.get(name, "") for request in world.asked if request.url.host == host]


# ---- names that a snapshot lists


def test_a_name_that_dblp_lists_is_searched_for_by_its_title(copies: Copies) -> None:
    settings = copies((REEF, "OSDI", 2023, ""), ("Reef: Something Else", "POPL", 2021, ""))
    world = World(named=[row(REEF, venue="OSDI", year=2023, citationCount=7), row("Reef in Winter", 2, year=2023)])
    entries = [named("Reef", "OSDI 2023"), *(Entry(f"e{n}", title=f"Waves of Kind {n} on Lakes") for n in range(3))]
    block = world.look(*entries, settings=settings).blocks["reef"]
    assert (block.title, block.matched_by, block.citation_count) == (REEF, "name", 7)
    (query,) = [query for query in queries(world, S2, "query") if "Reef" in query]
    assert f'"{REEF.replace(":", "")}"' in query


def test_what_nobody_else_knows_is_taken_from_the_listing(copies: Copies) -> None:
    world = World()
    block = world.look(named("Reef", "OSDI 2023"), settings=copies((REEF, "OSDI", 2023, ""))).blocks["reef"]
    assert (block.title, block.matched_by) == (REEF, "name")
    assert block.sources["title"].startswith("dblp-snapshot@")
    assert "search" not in {request.url.path.rpartition("/")[2] for request in world.asked}


def test_the_title_that_dblp_lists_leads_to_a_preprint_in_the_other_snapshot(copies: Copies) -> None:
    settings = copies((REEF, "OSDI", 2023, ""), preprints=(("2301.00001", REEF),))
    world = World(ids={"ARXIV:2301.00001": row(REEF, citationCount=7)})
    block = world.look(named("Reef", "OSDI 2023"), settings=settings).blocks["reef"]
    assert (block.arxiv_id, block.matched_by, block.citation_count) == ("2301.00001", "name", 7)
    assert world.requests == {S2: 1}


def test_namesakes_of_one_venue_and_year_are_no_listing(copies: Copies) -> None:
    settings = copies((REEF, "OSDI", 2023, ""), ("Reef: Another System", "OSDI", 2023, ""))
    world = World(named=[row(REEF, venue="OSDI", year=2023)])
    assert world.look(named("Reef", "OSDI 2023"), settings=settings).blocks["reef"].title == REEF
    assert '"reef"' in queries(world, S2, "query")


# ---- few titles


def titled(*numbers: int) -> list[Entry]:
    return [Entry(f"e{n}", EntryType.PAPER, title=f"Waves of Kind {n} on Small Lakes") for n in numbers]


@pytest.mark.parametrize(
    ("catalogs", "together"),
    [([[1, 2]], 0), ([[1, 2], [3]], 1), ([[1], [2], [1]], 0), ([[1, 2, 3], [4]], 1)],
)
def test_titles_are_few_only_over_all_catalogs(catalogs: list[list[int]], together: int) -> None:
    world = World(named=[row(entry.title or "", number) for number, entry in enumerate(titled(1, 2, 3, 4))])
    world.look_at([titled(*numbers) for numbers in catalogs])
    paths = [request.url.path.rpartition("/")[2] for request in world.asked if request.url.host == S2]
    # What is asked one by one is searched for together at last, for here nobody has the one closest to a title.
    assert paths.count("bulk") == 1
    assert ("match" not in paths) is bool(together)


# ---- Crossref


def test_dois_that_records_name_are_asked_with_those_of_the_links() -> None:
    entries = [
        Entry("reef", title=REEF, links=paper("https://arxiv.org/abs/2303.00001")),
        Entry("tide", title="Tides of the Sea", links=paper("https://doi.org/10.1145/1.2")),
    ]
    world = World(
        ids={"ARXIV:2303.00001": row(REEF, externalIds={"ArXiv": "2303.00001", "DOI": "10.1145/3.4"})},
        works={"10.1145/1.2": work("10.1145/1.2", "Tides of the Sea"), "10.1145/3.4": work("10.1145/3.4", REEF)},
        preprints={"2303.00001": preprint("2303.00001", REEF)},
    )
    result = world.look(*entries)
    assert (result.blocks["reef"].doi, result.blocks["tide"].doi) == ("10.1145/3.4", "10.1145/1.2")
    assert world.requests[CROSSREF] == 1


def test_full_requests_do_not_wait() -> None:
    links = [Link(f"https://doi.org/10.1145/1.{number}", LinkKind.PAPER) for number in range(150)]
    entries = [Entry(f"e{n}", title=f"On the Number {n}", links=(link,)) for n, link in enumerate(links)]
    world = World()
    world.look(*entries)
    asked = [request for request in world.asked if request.url.host in (CROSSREF, S2)]
    sizes = [len(request.url.params["filter"].split(",")) for request in asked if "filter" in request.url.params]
    assert sizes == [100, 50]
    assert [request.url.host for request in asked][:3] in ([CROSSREF, S2, CROSSREF], [S2, CROSSREF, CROSSREF])


def test_links_without_papers_wait_for_nothing() -> None:
    order: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        order.append(request.url.host)
        return httpx.Response(500) if request.url.host == ARXIV else World()(request)

    world = World(others={ARXIV: answer, CROSSREF: answer})
    links = (
        Link("https://arxiv.org/abs/2303.00001", LinkKind.CODE),
        Link("https://doi.org/10.1145/1.2", LinkKind.CODE),
    )
    world.look(Entry("tool", EntryType.OTHER, links=links), links=True)
    assert order.index(CROSSREF) < len(order) - 1


@pytest.mark.parametrize("status", [429, 500])
def test_crossref_is_asked_though_semantic_scholar_fails(status: int) -> None:
    world = World(
        works={"10.1145/1.2": work("10.1145/1.2", "Tides of the Sea")},
        others={S2: lambda _: httpx.Response(status)},
    )
    entry = Entry("tide", title="Tides of the Sea", links=paper("https://doi.org/10.1145/1.2"))
    assert world.look(entry).blocks["tide"].doi == "10.1145/1.2"
    assert world.requests[CROSSREF] == 1


def test_a_named_doi_that_crossref_lacks_is_asked_for_once_at_doi_org() -> None:
    handle = httpx.Response(200, json={"responseCode": 1, "handle": "10.5281/zenodo.1", "values": []})
    world = World(
        ids={"ARXIV:2303.00001": row(REEF, externalIds={"ArXiv": "2303.00001", "DOI": "10.5281/zenodo.1"})},
        preprints={"2303.00001": preprint("2303.00001", REEF)},
        others={"doi.org": lambda _: handle},
    )
    block = world.look(Entry("reef", title=REEF, links=paper("https://arxiv.org/abs/2303.00001"))).blocks["reef"]
    assert block.doi == "10.5281/zenodo.1"
    assert (world.requests[CROSSREF], world.requests["doi.org"]) == (1, 1)


# ---- what searches find


def test_what_searches_find_is_looked_up_with_what_the_entries_name() -> None:
    entries = [
        Entry("reef", title=REEF, links=paper("https://arxiv.org/abs/2303.00001")),
        Entry("tide", title="Tides of the Sea", links=paper("https://doi.org/10.1145/1.2")),
        *titled(1, 2, 3),
        named("Shoal", "INFOCOM 2023"),
    ]
    world = World(
        ids={
            "ARXIV:2303.00001": row(REEF, externalIds={"ArXiv": "2303.00001", "DOI": "10.1145/3.4"}),
            "ARXIV:2303.00003": row(entries[4].title or "", 8, citationCount=5),
        },
        named=[
            row("Shoal: On High Water", 7, venue="INFOCOM", year=2023, externalIds={"DOI": SHOAL}),
            *(row(entry.title or "", n, externalIds={"DOI": f"10.1145/5.{n}"}) for n, entry in enumerate(entries[2:4])),
        ],
        works={
            SHOAL: work(SHOAL, "Shoal: On High Water", **PLACE),
            **{f"10.1145/{n}": work(f"10.1145/{n}", "") for n in ("1.2", "3.4", "5.0", "5.1")},
        },
        others={ARXIV: _arxiv(preprint("2303.00001", REEF), preprint("2303.00003", entries[4].title or ""))},
    )
    blocks = world.look(*entries).blocks
    assert [blocks[key].doi for key in ("reef", "shoal", "e1", "e2")] == [
        "10.1145/3.4",
        SHOAL,
        "10.1145/5.0",
        "10.1145/5.1",
    ]
    assert (blocks["e3"].arxiv_id, blocks["e3"].citation_count) == ("2303.00003", 5)
    assert (world.requests[S2], world.requests[CROSSREF]) == (2, 1)  # a search, and one batch each


def _arxiv(*known: str) -> Callable[[httpx.Request], httpx.Response]:
    """An arXiv that answers every question with all that it has."""
    return lambda _: httpx.Response(200, content=arxiv_feed(*known))


def test_a_service_that_fails_while_titles_are_searched_is_asked_about_papers_at_last() -> None:
    whole = World(ids={"DOI:10.1145/1.2": row("Tides of the Sea", citationCount=7)})
    tries: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        tries.append(request.url.path.rpartition("/")[2])
        return httpx.Response(503) if len(tries) <= 3 else whole._s2(request)

    entry = Entry("tide", title="Tides of the Sea", links=paper("https://doi.org/10.1145/1.2"))
    world = World(works={"10.1145/1.2": work("10.1145/1.2", "Tides of the Sea")}, others={S2: answer})
    result = world.look(entry, *titled(1, 2, 3))
    assert result.blocks["tide"].citation_count == 7
    assert tries[:4] == ["bulk", "bulk", "bulk", "batch"]
    assert result.report.unasked == ()


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_service_that_is_down_is_not_tried_at_every_step(copies: Copies, status: int) -> None:
    settings = copies(preprints=(("2301.00001", REEF), ("2301.00002", "Reef: An Old Story"), ("2301.00003", "Tides")))
    world = World(others={S2: lambda _: httpx.Response(status)})
    tides = Entry("tides", title="Tides", links=paper("https://arxiv.org/abs/2301.00003"))
    result = world.look(named("Reef", "OSDI 2023"), tides, *titled(1, 2, 3), settings=settings)
    assert world.requests[S2] <= 6
    (unasked,) = result.report.unasked
    assert (unasked.service, unasked.entries) == ("semantic_scholar", 5)  # no papers that only may be an entry's


def test_without_a_search_semantic_scholar_is_asked_at_once() -> None:
    entry = Entry("tide", title="Tides of the Sea", links=paper("https://doi.org/10.1145/1.2"))
    world = World(works={"10.1145/1.2": work("10.1145/1.2", "Tides of the Sea")})
    world.look(entry)
    assert [request.url.host for request in world.asked] == [S2, CROSSREF]


def test_a_name_is_not_searched_for_alone_while_its_page_may_say_the_title() -> None:
    url = "https://waves.example/shoal"
    head = f'<meta name="citation_title" content="{REEF}"><meta name="citation_doi" content="{SHOAL}">'
    world = World(pages={url: f"<title>{REEF}</title>{head}"}, works={SHOAL: work(SHOAL, REEF)})
    assert world.look(named("Reef", "INFOCOM 2023", url), links=True).blocks["reef"].doi == SHOAL
    assert not any(queries(world, S2, "query"))


def test_a_preprint_under_the_entrys_name_is_looked_up_along(copies: Copies) -> None:
    settings = copies(preprints=(("2301.00001", REEF), ("2301.00002", "Reef: An Old Story"), ("2301.00003", "Tides")))
    url = "https://waves.example/reef"
    world = World(
        ids={"ARXIV:2301.00001": row(REEF, citationCount=7), "ARXIV:2301.00003": row("Tides")},
        pages={url: f'<title>{REEF}</title><meta name="citation_title" content="{REEF}">'},
    )
    tides = Entry("tides", title="Tides", links=paper("https://arxiv.org/abs/2301.00003"))
    block = world.look(named("Reef", "OSDI 2023", url), tides, settings=settings, links=True).blocks["reef"]
    assert (block.arxiv_id, block.citation_count) == ("2301.00001", 7)
    assert world.requests[S2] == 1


TOWNS = ("Amalfi", "Bergen", "Cadiz", "Dakar", "Esbjerg", "Faro", "Genoa", "Haifa", "Izmir", "Jakarta", "Kiel", "Lagos")


def test_a_list_of_the_common_kind_costs_one_request_of_each_kind(copies: Copies) -> None:
    preprints = tuple((f"2301.{number:05}", f"Waves off {town}") for number, town in enumerate(TOWNS))
    registered = {f"10.1145/1.{number}": f"Tides of the Sea at {town}" for number, town in enumerate(TOWNS)}
    searched = {f"10.1145/2.{number}": f"Bees and Their Dances in {town}" for number, town in enumerate(TOWNS)}
    systems = {f"10.1145/3.{number}": f"{town}: A System for Sand" for number, town in enumerate(TOWNS)}
    by_id = {f"https://arxiv.org/abs/{i}": title for i, title in preprints}
    by_id |= {f"https://doi.org/{doi}": title for doi, title in registered.items()}
    entries = [
        *(Entry(title, title=title, links=paper(url)) for url, title in by_id.items()),
        *(Entry(title, title=title) for title in searched.values()),
        *(named(town, "OSDI 2023") for town in TOWNS),
    ]
    found = {**searched, **systems}
    rows = [
        row(title, n, venue="OSDI", year=2023, externalIds={"DOI": doi}) for n, (doi, title) in enumerate(found.items())
    ]
    known = {doi: work(doi, title) for doi, title in (registered | found).items()}
    world = World(ids={f"ARXIV:{i}": row(title) for i, title in preprints}, named=rows, works=known)
    result = world.look(*entries, settings=copies(preprints=preprints))
    assert len(result.blocks) == len(entries)
    assert world.requests == {S2: 2, CROSSREF: 1}


# ---- documents of the IEEE


def test_a_documents_doi_is_asked_with_those_that_suggest_it_and_no_search_follows(copies: Copies) -> None:
    settings = copies(("Shoal: On High Water", "INFOCOM", 2023, SHOAL))
    works = {SHOAL: work(SHOAL, "Shoal: On High Water", **PLACE), EBB: work(EBB, "On Low Water", **PLACE)}
    world = World(ids={f"DOI:{EBB}": row("On Low Water", citationCount=4)}, works=works)
    url = "https://ieeexplore.ieee.org/abstract/document/10220002"
    blocks = world.look(named("Shoal", "INFOCOM 2023"), named("Ebb", "INFOCOM 2023", url), settings=settings).blocks
    assert (blocks["shoal"].doi, blocks["ebb"].doi, blocks["ebb"].citation_count) == (SHOAL, EBB, 4)
    assert world.requests == {S2: 1, CROSSREF: 1}


def test_a_title_goes_before_the_number_of_a_document(copies: Copies) -> None:
    settings = copies(("Shoal: On High Water", "INFOCOM", 2023, SHOAL))
    works = {SHOAL: work(SHOAL, "Shoal: On High Water", **PLACE), EBB: work(EBB, "On Low Water", **PLACE)}
    world = World(works=works, matches={REEF: row(REEF, year=2023)})
    link = paper("https://ieeexplore.ieee.org/abstract/document/10220002")
    listed = Entry("reef", EntryType.PAPER, title=REEF, venue="INFOCOM 2023", links=link)
    assert world.look(named("Shoal", "INFOCOM 2023"), listed, settings=settings).blocks["reef"].title == REEF
