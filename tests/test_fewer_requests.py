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
            "dblp": f'<?xml version="1.0"?>\n<!DOCTYPE dblp SYSTEM "dblp.dtd">\n<dblp>\n{rows}</dblp>\n',
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
