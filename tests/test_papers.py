"""How entries come to their papers, against services that know a handful of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from enrich.model import Enriched, EnrichError, Entry, Link, LinkKind, Status
from enrich.pipeline.clues import has_doi, ieee_dois, ieee_stems, presented_at
from enrich.settings import Settings
from tests.paper_world import ARXIV, CROSSREF, DATACITE, OPENALEX, S2, TIDE, World, named, paper, preprint, row, work
from tests.replies import arxiv_feed

# ---- names


def test_a_name_is_taken_from_among_its_namesakes_by_venue_and_year() -> None:
    world = World(
        named=[
            row("Tide: A Language for Clocks", 1, venue="POPL", year=2022),
            row(TIDE, 2, venue="USENIX Symposium on Operating Systems Design and Implementation", year=2023),
        ]
    )
    block = world.look(named("Tide", "OSDI 2023")).blocks["tide"]
    assert (block.title, block.matched_by) == (TIDE, "name")


@pytest.mark.parametrize("venue", ["SOSP 2023", "OSDI 2011", "a workshop"])
def test_a_name_alone_is_never_enough(venue: str) -> None:
    world = World(named=[row(TIDE, venue="OSDI", year=2023)])
    result = world.look(named("Tide", venue))
    assert result.blocks == {}
    assert result.report.entries[0].status in (Status.AMBIGUOUS, Status.MISSING)


def test_the_page_of_a_bare_pdf_tells_the_title() -> None:
    page = f'<meta name="citation_title" content="{TIDE}"><meta name="citation_author" content="Ada Lovelace">'
    world = World(
        pages={"https://www.usenix.org/conference/osdi23/presentation/lovelace": page},
        matches={TIDE: row(TIDE, citationCount=7, year=2023)},
    )
    entry = named("Tide", "OSDI 2023", "https://www.usenix.org/system/files/osdi23-lovelace.pdf")
    block = world.look(entry).blocks["tide"]
    assert (block.title, block.matched_by, block.citation_count) == (TIDE, "page", 7)


@pytest.mark.parametrize(
    ("pdf", "page"),
    [
        ("https://www.usenix.org/system/files/nsdi22-paper-ada.pdf", "usenix.org/conference/nsdi22/presentation/ada"),
        ("https://openreview.net/pdf?id=Ab_1-x&name=b", "https://openreview.net/forum?id=Ab_1-x"),
        (
            "https://proceedings.mlsys.org/paper_files/paper/2023/file/" + "0" * 32 + "-Paper-mlsys2023.pdf",
            "/2023/hash/" + "0" * 32 + "-Abstract-mlsys2023.html",
        ),
        ("https://proceedings.mlr.press/v202/ada23a/ada23a.pdf", "https://proceedings.mlr.press/v202/ada23a.html"),
        ("https://waves.example/paper.pdf", None),
        ("https://proceedings.mlr.press/v202/ada23a/other.pdf", None),
    ],
)
def test_some_pdfs_have_a_page_of_a_known_address(pdf: str, page: str | None) -> None:
    found = presented_at(pdf)
    assert (found or "").endswith(page or "") if page else found is None


def test_an_ieee_document_has_the_doi_that_others_of_its_conference_suggest() -> None:
    listed = named("Ebb", "INFOCOM 2023", "https://ieeexplore.ieee.org/abstract/document/10220002")
    other = Entry("tide", title=TIDE, links=paper("https://doi.org/10.1109/INFOCOM50000.2023.10220001"))
    place = {"container-title": ["IEEE INFOCOM 2023 - IEEE Conference on Computer Communications"]}
    works = {
        "10.1109/infocom50000.2023.10220001": work("10.1109/infocom50000.2023.10220001", TIDE, **place),
        "10.1109/infocom50000.2023.10220002": work("10.1109/infocom50000.2023.10220002", "On Low Water", **place),
    }
    ids = {"DOI:10.1109/infocom50000.2023.10220002": row("On Low Water", citationCount=4)}
    block = World(ids, works=works).look(listed, other).blocks["ebb"]
    assert (block.title, block.doi, block.matched_by) == ("On Low Water", "10.1109/infocom50000.2023.10220002", "doi")
    assert block.citation_count == 4
    assert ieee_dois(named("Ebb", "ICDE 2023", listed.links[0].url), ieee_stems(works)) == ()


# ---- identifiers


def handles(**aliases: str) -> Callable[[httpx.Request], httpx.Response]:
    """doi.org, which knows these short DOIs."""

    def answer(request: httpx.Request) -> httpx.Response:
        short = request.url.path.removeprefix("/api/handles/10/")
        if short not in aliases:
            return httpx.Response(404, json={"responseCode": 100, "handle": f"10/{short}"})
        alias = {"index": 1, "type": "HS_ALIAS", "data": {"format": "string", "value": aliases[short]}}
        return httpx.Response(200, json={"responseCode": 1, "handle": f"10/{short}", "values": [alias]})

    return answer


@pytest.mark.parametrize("url", ["https://doi.org/10/gc5sjn", "https://doi.org/gc5sjn", "http://dx.doi.org/10/GC5SJN"])
def test_a_short_doi_is_looked_up_as_the_doi_that_it_stands_for(url: str) -> None:
    world = World(
        ids={"DOI:10.1145/1.2": row(TIDE, citationCount=3)},
        works={"10.1145/1.2": work("10.1145/1.2", TIDE)},
        others={"doi.org": handles(gc5sjn="10.1145/1.2")},
    )
    block = world.look(Entry("tide", title=TIDE, links=paper(url))).blocks["tide"]
    assert (block.title, block.doi, block.matched_by, block.citation_count) == (TIDE, "10.1145/1.2", "doi", 3)
    assert world.requests == {"doi.org": 1, CROSSREF: 1, S2: 1}


def test_so_is_one_that_a_person_wrote_on_the_entry() -> None:
    world = World(works={"10.1145/1.2": work("10.1145/1.2", TIDE)}, others={"doi.org": handles(gc5sjn="10.1145/1.2")})
    result = world.look(Entry("tide", title=TIDE, own=Enriched(doi="10/gc5sjn")))
    assert (result.blocks["tide"].title, result.report.findings) == (TIDE, ())


@pytest.mark.parametrize("alias", ["gc5sjn", "10/gc5sjn", "https://elsewhere.example/"])
def test_a_short_doi_that_stands_for_no_doi_is_asked_as_it_is(alias: str) -> None:
    world = World(others={"doi.org": handles(gc5sjn=alias)})
    result = world.look(Entry("tide", title=TIDE, links=paper("https://doi.org/10/gc5sjn")))
    assert result.blocks == {}
    assert world.requests["doi.org"] == 1


def test_short_dois_are_tried_again_when_doi_org_was_down() -> None:
    world = World(down=frozenset({"doi.org"}))
    result = world.look(Entry("tide", title=TIDE, links=paper("https://doi.org/10/gc5sjn")))
    assert "doi" in {row.service for row in result.report.unasked}
    assert result.report.entries[0].status is not Status.FOUND


def test_an_anthology_id_is_asked_as_the_doi_that_it_implies() -> None:
    doi = "10.18653/v1/2024.acl-long.7"
    world = World(works={doi: work(doi, TIDE)})
    block = world.look(Entry("tide", title=TIDE, links=paper("https://aclanthology.org/2024.acl-long.7/"))).blocks[
        "tide"
    ]
    assert (block.doi, block.matched_by) == (doi, "acl")


def test_a_withdrawn_preprint_of_a_paper_listed_by_its_doi_is_told() -> None:
    world = World(
        ids={"DOI:10.1145/1.2": row(TIDE, externalIds={"ArXiv": "2303.00001", "DOI": "10.1145/1.2"})},
        works={"10.1145/1.2": work("10.1145/1.2", TIDE)},
        preprints={"2303.00001": preprint("2303.00001", TIDE, comment="This paper has been withdrawn")},
    )
    result = world.look(Entry("tide", title=TIDE, links=paper("https://doi.org/10.1145/1.2")))
    assert [finding.rule for finding in result.report.findings] == ["withdrawn"]
    assert world.requests == {S2: 1, CROSSREF: 1, ARXIV: 1}


def test_the_publishers_doi_of_a_preprint_found_by_title_is_asked_for() -> None:
    world = World(
        ids={"ARXIV:2303.00001": row(TIDE, externalIds={"ArXiv": "2303.00001", "DOI": "10.1145/1.2"})},
        works={"10.1145/1.2": work("10.1145/1.2", TIDE)},
        matches={},
        others={ARXIV: lambda _: httpx.Response(200, content=arxiv_feed(preprint("2303.00001", TIDE)))},
    )
    others = [Entry(f"e{n}", title=f"On Pebbles of the {kind} Kind") for n, kind in enumerate(("First", "Second"))]
    block = world.look(Entry("tide", title=TIDE), *others).blocks["tide"]
    assert (block.doi, block.arxiv_id, block.sources["doi"]) == ("10.1145/1.2", "2303.00001", "crossref")


@pytest.mark.parametrize(("title", "rules"), [(TIDE, []), ("Ebb: Counting Pebbles in the Desert", ["wrong-paper"])])
def test_a_title_that_the_abstract_tells_is_no_other_papers(title: str, rules: list[str]) -> None:
    abstract = "Placement of waves is hard. We are careful, and place waves of shared beaches so that each tide ends."
    world = World(preprints={"2303.00001": preprint("2303.00001", "Swell: Beaches for All", abstract)})
    listed = title.partition(": ")[2] if not rules else title
    entry = Entry("tide", title=f"{listed} with Tides", links=paper("https://arxiv.org/abs/2303.00001"))
    found = {finding.rule for finding in world.look(entry).report.findings}
    assert found & {"wrong-paper"} == set(rules)


# ---- another paper


OTHERS_TITLE = "Tide: Careful Placement of Rocks on Shared Beaches"


def by_strangers(arxiv_id: str, title: str) -> str:
    return preprint(arxiv_id, title).replace("Ada Lovelace", "Edsger Dijkstra")


def linked(title: str, authors: tuple[str, ...] = ()) -> Entry:
    return Entry("tide", title=title, links=paper("https://arxiv.org/abs/2303.00009"), own=Enriched(authors=authors))


def arxiv_with(*found: str, **preprints: str) -> Callable[[httpx.Request], httpx.Response]:
    """An arXiv whose search finds these entries; it knows the preprints by their ids."""

    def answer(request: httpx.Request) -> httpx.Response:
        ids = [name.split("v")[0] for name in request.url.params.get("id_list", "").split(",")]
        known = [text for name, text in preprints.items() if name.strip("_").replace("_", ".") in ids]
        return httpx.Response(200, content=arxiv_feed(*(known if "id_list" in request.url.params else found)))

    return answer


def test_an_exact_title_elsewhere_makes_the_link_wrong_and_is_suggested() -> None:
    there = arxiv_with(preprint("2303.00001", TIDE), _2303_00009=by_strangers("2303.00009", OTHERS_TITLE))
    world = World(others={ARXIV: there})
    result = world.look(linked(TIDE))
    [finding] = result.report.findings
    assert (finding.rule, finding.suggestion) == ("wrong-paper", "https://arxiv.org/abs/2303.00001")
    assert (result.blocks, result.report.entries[0].filled) == ({}, ())
    assert world.requests[ARXIV] == 3  # the id, its first version, the title


def test_other_authors_make_the_link_wrong_without_a_search_that_finds() -> None:
    world = World(preprints={"2303.00009": by_strangers("2303.00009", OTHERS_TITLE)})
    result = world.look(linked(TIDE, authors=("Ada Lovelace",)))
    [finding] = result.report.findings
    assert (finding.rule, finding.suggestion, result.blocks) == ("wrong-paper", None, {})


def test_what_nobody_can_tell_is_ambiguous_and_not_written_until_the_person_says() -> None:
    world = World(preprints={"2303.00009": by_strangers("2303.00009", OTHERS_TITLE)})
    result = world.look(linked(TIDE))
    [finding] = result.report.findings
    assert (finding.rule, finding.url, result.blocks) == ("ambiguous-entry", "https://arxiv.org/abs/2303.00009", {})
    assert "retitled?" in finding.message
    assert 'arxiv_id: "2303.00009"' in (finding.suggestion or "")
    told = world.look(replace(linked(TIDE), own=Enriched(arxiv_id="2303.00009")))
    assert told.blocks["tide"].title == OTHERS_TITLE
    assert [finding.rule for finding in told.report.findings] == ["stale-metadata"]


def test_an_identifier_of_the_persons_own_that_leads_to_an_unrelated_paper_is_not_believed() -> None:
    world = World(preprints={"2303.00009": by_strangers("2303.00009", "Of Bees and Their Long Winter Dances")})
    result = world.look(Entry("tide", title=TIDE, own=Enriched(arxiv_id="2303.00009")))
    [finding] = result.report.findings
    assert (finding.rule, finding.field, result.blocks) == ("wrong-paper", "arxiv_id", {})


def test_a_record_without_the_name_is_taken_unless_another_bears_the_whole_title() -> None:
    bare = TIDE.partition(": ")[2]
    twin = row(TIDE, authors=[{"name": "Edsger Dijkstra"}], externalIds={"ArXiv": "2303.00001"})
    for found, rules in (((), []), ((twin,), ["wrong-paper"])):

        def bulk(request: httpx.Request, found: Sequence[object] = found) -> httpx.Response:
            if request.url.path.endswith("batch"):
                return httpx.Response(200, json=[None for _ in json.loads(request.content)["ids"]])
            return httpx.Response(200, json={"total": len(found), "token": None, "data": list(found)})

        world = World(preprints={"2303.00009": preprint("2303.00009", bare)}, others={S2: bulk})
        result = world.look(linked(TIDE))
        assert [finding.rule for finding in result.report.findings] == rules
        assert bool(result.blocks) is not bool(rules)
        assert world.requests[ARXIV] == 1


@pytest.mark.parametrize("others", [[f"Waves of Kind {number} on Lakes" for number in range(4)], []])
@pytest.mark.parametrize("name", ["Reef", None])
def test_another_paper_of_the_title_is_seen_where_it_was_searched_for_along_with_others(
    others: list[str], name: str | None
) -> None:
    bare = TIDE.partition(": ")[2]
    twin = row(TIDE, authors=[{"name": "Edsger Dijkstra"}], externalIds={"ArXiv": "2303.00001"})
    world = World(preprints={"2303.00009": preprint("2303.00009", bare)}, named=[twin])
    along = [Entry(f"e{number}", title=title) for number, title in enumerate(others)]
    result = world.look(linked(TIDE), *along, *([named(name, "OSDI 2023")] if name else []))
    assert [finding.rule for finding in result.report.findings if finding.entry == "tide"] == ["wrong-paper"]
    assert "tide" not in result.blocks


def test_a_title_that_could_not_be_searched_for_is_not_taken_for_proven() -> None:
    doi = "10.1145/1.2"
    world = World(works={doi: work(doi, TIDE.partition(": ")[2])}, down=frozenset({S2, ARXIV}))
    result = world.look(Entry("tide", title=TIDE, links=paper(f"https://doi.org/{doi}")))
    assert (result.blocks, result.report.entries[0].status) == ({}, Status.UNKNOWN)
    assert [finding.rule for finding in result.report.findings] == []


def test_what_was_written_of_a_wrong_paper_goes_once_the_right_one_is_found_and_not_on_mere_doubt() -> None:
    before = Enriched(title=OTHERS_TITLE, abstract="Rocks.", arxiv_id="2303.00009", matched_by="arxiv_id")
    entry = replace(linked(TIDE), enriched=before)
    known = {"_2303_00009": by_strangers("2303.00009", OTHERS_TITLE)}
    right = preprint("2303.00001", TIDE)
    assert World(others={ARXIV: arxiv_with(**known)}).look(entry).blocks == {}
    assert World(others={ARXIV: arxiv_with(right, **known)}).look(entry).blocks == {"tide": Enriched()}
    good = replace(entry, enriched=replace(before, title=TIDE, arxiv_id="2303.00001"))
    assert World(others={ARXIV: arxiv_with(right, **known)}).look(good).blocks == {}


def test_the_registry_of_a_doi_outranks_an_index() -> None:
    doi = "10.1145/1.2"
    row_of_trout = row("On Lakes and Their Trout", externalIds={"DOI": doi}, abstract="Trout.", citationCount=7)
    world = World(ids={f"DOI:{doi}": row_of_trout}, works={doi: work(doi, TIDE)})
    result = world.look(Entry("tide", title=TIDE, links=paper(f"https://doi.org/{doi}")))
    block = result.blocks["tide"]
    assert (block.title, block.doi, block.abstract, result.report.findings) == (TIDE, doi, None, ())
    mistaken = World(ids={f"DOI:{doi}": row(TIDE)}, works={doi: work(doi, "On Lakes and Their Trout")})
    result = mistaken.look(Entry("tide", title=TIDE, links=paper(f"https://doi.org/{doi}")))
    assert ([finding.rule for finding in result.report.findings], result.blocks) == (["wrong-paper"], {})


def test_a_title_in_decoration_is_filled_and_the_clean_one_is_suggested() -> None:
    world = World(preprints={"2303.00009": preprint("2303.00009", TIDE)})
    result = world.look(linked(f"{TIDE} (2023), A. Lovelace et al."))
    [finding] = result.report.findings
    assert (finding.rule, finding.suggestion) == ("stale-metadata", f'title: "{TIDE}"')
    assert result.blocks["tide"].title == TIDE


def test_an_institution_among_the_authors_is_told_and_hides_nothing() -> None:
    world = World(preprints={"2303.00009": preprint("2303.00009", TIDE)})
    result = world.look(linked(TIDE, authors=("HKUST",)))
    [finding] = result.report.findings
    assert (finding.rule, finding.field) == ("stale-metadata", "authors")
    assert finding.suggestion == 'authors: ["Ada Lovelace"]'
    assert result.blocks["tide"].title == TIDE


def test_a_doubtful_link_is_followed_where_its_authors_are_those_of_a_good_one() -> None:
    doi = "10.1145/1.2"
    world = World(
        preprints={"2303.00001": preprint("2303.00001", TIDE)},
        works={doi: work(doi, "Placing Waves on Beaches by the Moon")},
    )
    links = (*paper("https://arxiv.org/abs/2303.00001"), *paper(f"https://doi.org/{doi}"))
    result = world.look(Entry("tide", title=TIDE, links=links))
    assert (result.report.findings, result.blocks["tide"].doi) == ((), doi)


def test_a_candidate_that_the_entry_contradicts_is_not_suggested() -> None:
    found = row(TIDE, externalIds={"ArXiv": "2303.00001"}, year=2023)
    world = World(matches={TIDE: found})
    result = world.look(Entry("tide", title=TIDE, own=Enriched(authors=("Edsger Dijkstra",))))
    assert [finding.rule for finding in result.report.findings] == ["unresolved-entry"]
    assert result.blocks == {}


def test_an_earlier_title_of_the_same_system_is_a_candidate() -> None:
    listed = "Tide: Plug-and-play Placement of Waves on Beaches"
    world = World(matches={listed: row(TIDE, externalIds={"ArXiv": "2303.00001"}, year=2023)})
    [finding] = world.look(Entry("tide", title=listed)).report.findings
    assert finding.rule == "ambiguous-entry"
    assert 'arxiv_id: "2303.00001"' in (finding.suggestion or "")


def test_the_year_is_that_of_the_edition_listed_unless_the_link_knows_better() -> None:
    doi = "10.1145/1.2"
    place = {
        "container-title": ["Symposium on Operating Systems Principles"],
        "issued": {"date-parts": [[2022, 12, 30]]},
    }
    world = World(works={doi: work(doi, TIDE, **place)})
    link = paper(f"https://doi.org/{doi}")
    block = world.look(Entry("tide", title=TIDE, venue="SOSP'23", links=link)).blocks["tide"]
    assert (block.year, block.sources["year"]) == (2023, "list")
    better = (*link, Link("https://sosp.example/sosp22/tide", LinkKind.HOMEPAGE))
    block = world.look(Entry("tide", title=TIDE, venue="SOSP'23", links=better)).blocks["tide"]
    assert (block.year, block.sources["year"]) == (2022, "crossref")


# ---- how much is asked


def test_thirty_titles_cost_two_searches_and_one_request_for_each_that_is_left() -> None:
    titles = [f"Waves of Kind {chr(97 + n)}{chr(98 + n)} on the Beaches of Small Lakes" for n in range(20)]
    world = World(matches={title: row(title, n) for n, title in enumerate(titles)})
    result = world.look(*(Entry(f"e{n}", title=title) for n, title in enumerate(titles)))
    assert len(result.blocks) == 20
    assert world.requests == {ARXIV: 1, S2: 21}


def bulk_queries(world: World) -> list[list[str]]:
    """The titles of each search for several."""
    asked = [request for request in world.asked if request.url.path.endswith("/bulk")]
    return [request.url.params["query"].split(" | ") for request in asked]


def test_titles_that_do_not_fill_a_request_wait_for_those_that_come_to_be_in_question() -> None:
    world = World(preprints={"2303.00009": by_strangers("2303.00009", OTHERS_TITLE)})
    titles = [f"Waves of Kind {n} on the Beaches of Small Lakes" for n in range(60)]
    result = world.look(*(Entry(f"e{n}", title=title) for n, title in enumerate(titles)), linked(TIDE))
    first, second = bulk_queries(world)
    assert len(first) + len(second) == 61
    assert f'"{TIDE.replace(":", "")}"' in second
    assert [finding.rule for finding in result.report.findings if finding.entry == "tide"] == ["ambiguous-entry"]


def test_a_title_in_question_is_searched_for_once_though_it_came_along_with_others() -> None:
    there = arxiv_with(_2303_00009=by_strangers("2303.00009", OTHERS_TITLE))
    right = row(TIDE, externalIds={"ArXiv": "2303.00001"})
    world = World(named=[right], others={ARXIV: there})
    others = [Entry(f"e{n}", title=f"Waves of Kind {n} on the Beaches of Small Lakes") for n in range(3)]
    result = world.look(linked(TIDE), *others)
    (told,) = [finding for finding in result.report.findings if finding.entry == "tide"]
    assert (told.rule, told.suggestion) == ("wrong-paper", "https://arxiv.org/abs/2303.00001")
    assert sum(f'"{TIDE.replace(":", "")}"' in query for query in bulk_queries(world)) == 1


def test_services_search_for_many_titles_side_by_side() -> None:
    world = World()
    world.look(*(Entry(f"e{n}", title=f"Waves of Kind {n} on the Beaches of Small Lakes") for n in range(30)))
    assert world.requests == {ARXIV: 1, S2: 31, CROSSREF: 30}
    hosts = [request.url.host for request in world.asked]
    assert hosts.index(CROSSREF) < len(hosts) / 2


def test_a_service_that_answers_nothing_is_asked_no_more() -> None:
    world = World(down=frozenset({ARXIV}))
    entries = [Entry("a", title=TIDE, links=paper("https://arxiv.org/abs/2303.00001"))]
    entries += [Entry(f"e{n}", title=f"{TIDE} of Lake {chr(97 + n)}{chr(98 + n)}") for n in range(5)]
    result = world.look(*entries)
    assert world.requests[ARXIV] <= 9  # two questions at once and one at the end, three tries each
    assert [row.service for row in result.report.unasked if row.service == "arxiv"] == ["arxiv"]


@pytest.mark.parametrize(
    ("venue", "url", "known"),
    [
        ("OSDI'23", "https://www.usenix.org/conference/osdi23/presentation/ada", False),
        ("ICML 2023", "https://dl.acm.org/doi/10.5555/1.2", False),
        ("SC'20", "https://dl.acm.org/doi/10.5555/1.2", False),
        ("SC'20", "https://ieeexplore.ieee.org/document/9355312", True),
        (None, "https://link.springer.com/article/10.1007/s1-2", True),
        (None, "https://waves.example/tide.pdf", None),
    ],
)
def test_who_is_asked_first_goes_by_whether_a_doi_is_likely(venue: str | None, url: str, known: bool | None) -> None:
    assert has_doi(Entry("tide", venue=venue, links=paper(url))) is known


# ---- others step in


def test_openalex_counts_where_semantic_scholar_is_out_and_answers_none_without_a_key() -> None:
    there = {"doi": "https://doi.org/10.1145/1.2", "title": TIDE, "cited_by_count": 12}
    entry = Entry("tide", title=TIDE, links=paper("https://doi.org/10.1145/1.2"))

    def world() -> World:
        return World(
            works={"10.1145/1.2": work("10.1145/1.2", TIDE)},
            others={OPENALEX: lambda _: httpx.Response(200, json={"results": [there]})},
            down=frozenset({S2}),
        )

    block = world().look(entry, keys=[OPENALEX]).blocks["tide"]
    assert (block.citation_count, block.sources["citation_count"]) == (12, "openalex")
    keyless = world()
    assert keyless.look(entry).blocks["tide"].citation_count is None
    assert not keyless.requests[OPENALEX]


def test_datacite_tells_of_preprints_what_arxiv_cannot_say_now() -> None:
    said = {
        "doi": "10.48550/arxiv.2303.00001",
        "titles": [{"title": TIDE}],
        "creators": [{"name": "Lovelace, Ada", "nameType": "Personal"}],
        "descriptions": [{"descriptionType": "Abstract", "description": "Waves."}],
    }
    world = World(
        ids={"ARXIV:2303.00001": row(TIDE, externalIds={"ArXiv": "2303.00001"}, citationCount=3)},
        others={DATACITE: lambda _: httpx.Response(200, json={"data": {"attributes": said}})},
        down=frozenset({ARXIV}),
    )
    block = world.look(Entry("tide", title=TIDE, links=paper("https://arxiv.org/abs/2303.00001"))).blocks["tide"]
    assert (block.abstract, block.sources["abstract"], block.citation_count) == ("Waves.", "datacite", 3)


def test_a_file_of_retractions_is_read_and_a_wrong_one_refused_before_anything_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "retraction_watch.csv"
    path.write_text(
        "OriginalPaperDOI,RetractionNature,RetractionDOI,RetractionDate,Reason\n10.1145/1.2,Retraction,,,\n"
    )
    world = World(works={"10.1145/1.2": work("10.1145/1.2", TIDE)})
    entry = Entry("tide", title=TIDE, links=paper("https://doi.org/10.1145/1.2"))
    result = world.look(entry, settings=Settings(retraction_watch=path))
    assert [finding.rule for finding in result.report.findings] == ["retracted"]
    path.write_text("a,b\n")
    idle = World()
    with pytest.raises(EnrichError, match="retraction_watch"):
        idle.look(entry, settings=Settings(retraction_watch=path))
    assert not idle.asked


@pytest.mark.parametrize(("page", "rules"), [(404, ["unresolved-entry"]), (503, [])])
def test_a_name_whose_page_cannot_be_read_is_not_called_unknown(page: int, rules: list[str]) -> None:
    url = "https://www.usenix.org/conference/osdi23/presentation/lovelace"
    world = World(others={"www.usenix.org": lambda _: httpx.Response(page)})
    result = world.look(Entry("tide", name="Tide", links=paper(url)), links=True)
    assert [finding.rule for finding in result.report.findings if finding.url is None] == rules
    assert result.report.entries[0].status is (Status.MISSING if rules else Status.UNKNOWN)
