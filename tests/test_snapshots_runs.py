"""Runs with snapshots: what they answer, what is asked online all the same, and what the report says of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from enrich.history import EntryPast, History
from enrich.model import Enriched, Entry, EntryType, Found, Identifier, Link, LinkKind, Record, Scheme, Status, Verdict
from enrich.pipeline import CatalogInput, Options, Result, run
from enrich.settings import Loaded, Settings, SettingsError, load
from enrich.snapshots import KINDS, BuildListener, SnapshotError, build
from enrich.sources.asking.lookup import store
from enrich.web import Cache, Web
from tests.dumps import DBLP, STATES, lines, paper, put
from tests.fakes import FakeClock
from tests.loopback import Bench
from tests.paper_world import ARXIV, CROSSREF, S2, World, preprint, row, work
from tests.worlds import run_one

TODAY = date(2026, 1, 31)  # by the fake clock
ENGINES, MILLS = "Engines of Many Gears in Parallel Mills", "Mills That Grind Exceedingly Small Numbers"


@pytest.fixture
def snapshot(tmp_path: Path) -> Callable[..., Settings]:
    def made(age: int = 3, name: str = "arxiv", text: str = "", **settings: object) -> Settings:
        dump = put(tmp_path, f"{name}.dump", text or lines(paper("2401.00001", ENGINES), paper("2401.00002", MILLS)))
        path, day = tmp_path / f"{name}.sqlite", TODAY - timedelta(days=age)
        listener = BuildListener(lambda _: None, lambda _: None)
        build(KINDS[name], [dump], path, listener, now=datetime(2026, 1, 31, tzinfo=UTC), day=day)
        return Settings.model_validate({"snapshots": {name: path}, **settings})

    return made


def listed(title: str = ENGINES, arxiv_id: str | None = "2401.00001", enriched: Enriched | None = None) -> Entry:
    links = (Link(f"https://arxiv.org/abs/{arxiv_id}", LinkKind.PAPER),) if arxiv_id else ()
    return Entry("engines", EntryType.PAPER, title=title, links=links, enriched=enriched)


def go(
    world: World | Callable[[httpx.Request], httpx.Response],
    settings: Settings,
    *entries: Entry,
    options: Options | None = None,
    history: History | None = None,
    cached: Record | None = None,
) -> Result:
    async def main() -> Result:
        clock = FakeClock()
        cache = Cache(None, clock)
        transport = httpx.MockTransport(world)
        offline = bool(options and options.offline)
        async with Web(cache=cache, clock=clock, transport=transport, offline=offline) as web:
            if cached and cached.arxiv_id:
                store(web, "arxiv", Identifier(Scheme.ARXIV, cached.arxiv_id), Found(cached, at="2026-01-31T08:00:00Z"))
            loaded = Loaded(settings=settings, origins={})
            return await run_one(entries, web, loaded, history or History(), options=options or Options(copies=False))

    return asyncio.run(main())


# ---- papers and links


def test_a_snapshot_answers_for_papers_and_links_and_says_so(snapshot: Callable[..., Settings]) -> None:
    world = World()
    result = go(world, snapshot(), listed())
    assert ARXIV not in world.requests
    block = result.blocks["engines"]
    assert block.authors == ("Ada Lovelace", "Alan M. Turing Jr.")
    assert block.sources["authors"] == "arxiv-snapshot@2026-01-28"
    (link,) = result.report.links
    assert link.check.verdict is Verdict.OK
    (evidence,) = link.check.evidence
    assert (evidence.asked, evidence.at) == ("arxiv-snapshot", "2026-01-28T00:00:00Z")
    assert evidence.saw == f'found in the snapshot of 2026-01-28: "{ENGINES}"'
    assert not any("arxiv" in row.service for row in result.report.unasked)


def test_what_is_not_in_it_is_asked_online_and_never_missing(snapshot: Callable[..., Settings]) -> None:
    world = World(preprints={"2401.00009": preprint("2401.00009", "Later Engines of the Parallel Mills")})
    result = go(world, snapshot(), listed("Later Engines of the Parallel Mills", "2401.00009"))
    assert world.requests[ARXIV] == 1
    assert result.blocks["engines"].sources["title"] == "arxiv"
    assert result.report.links[0].check.verdict is Verdict.OK


def test_links_are_asked_online_once_it_is_older_than_30_days(snapshot: Callable[..., Settings]) -> None:
    world = World(preprints={"2401.00001": preprint("2401.00001", ENGINES)})
    settings = snapshot(age=31, refresh_days=365)
    result = go(world, settings, listed())
    assert world.requests[ARXIV] == 1
    assert result.report.links[0].check.evidence[0].asked == "arxiv"
    world = World()
    assert go(world, settings, listed(), options=Options(links=False)).blocks["engines"].title == ENGINES
    assert ARXIV not in world.requests


def test_offline_an_old_one_fills_in_metadata_and_vouches_for_no_link(snapshot: Callable[..., Settings]) -> None:
    world = World()
    result = go(world, snapshot(age=45), listed(), options=Options(offline=True))
    assert not world.asked
    assert result.blocks["engines"].title == ENGINES
    assert result.report.links[0].check.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("asked_on", [date(2025, 12, 1), date(2026, 1, 30)])
def test_papers_at_refresh_age_are_asked_online_for_they_may_be_withdrawn(
    snapshot: Callable[..., Settings], asked_on: date
) -> None:
    gone = preprint("2401.00001", ENGINES, comment="This paper has been withdrawn by the authors")
    world = World(preprints={"2401.00001": gone})
    history = History(entries={"engines": EntryPast(asked_on, "", Status.FOUND)})
    result = go(world, snapshot(), listed(), history=history)
    is_due = asked_on < date(2026, 1, 1)
    assert (ARXIV in world.requests) is is_due
    assert ("withdrawn" in {finding.rule for finding in result.report.findings}) is is_due


def test_once_it_has_the_refresh_age_all_papers_are_asked_online(snapshot: Callable[..., Settings]) -> None:
    world = World(preprints={"2401.00001": preprint("2401.00001", ENGINES)})
    go(world, snapshot(age=8, refresh_days=7), listed(), options=Options(links=False))
    assert world.requests[ARXIV] == 1


GONE = preprint("2401.00001", ENGINES, comment="This paper has been withdrawn by the authors")


@pytest.mark.parametrize("known", ["2401.00001", None])
def test_at_refresh_age_the_preprint_of_a_paper_with_a_doi_is_asked_online(
    snapshot: Callable[..., Settings], known: str | None
) -> None:
    doi = "10.1145/1.2"
    before = Enriched(title=ENGINES, doi=doi, arxiv_id=known, matched_by="doi")
    entry = replace(listed(arxiv_id=None, enriched=before), links=(Link(f"https://doi.org/{doi}", LinkKind.PAPER),))
    rows = {f"DOI:{doi}": row(ENGINES, externalIds={"ArXiv": "2401.00001", "DOI": doi})}
    world = World(ids=rows, works={doi: work(doi, ENGINES)}, preprints={"2401.00001": GONE})
    history = History(entries={"engines": EntryPast(date(2025, 12, 1), "", Status.FOUND)})
    result = go(world, snapshot(), entry, history=history)
    assert "withdrawn" in {finding.rule for finding in result.report.findings}
    assert result.blocks["engines"].sources["arxiv_id"] == "arxiv"


def test_what_an_old_one_finds_by_title_is_asked_online(snapshot: Callable[..., Settings]) -> None:
    world = World(preprints={"2401.00001": GONE})
    result = go(world, snapshot(age=45), listed(arxiv_id=None))
    assert "withdrawn" in {finding.rule for finding in result.report.findings}
    assert result.blocks["engines"].sources["title"] == "arxiv"
    assert go(World(), snapshot(age=45), listed(arxiv_id=None)).blocks["engines"].title == ENGINES


def test_one_of_several_papers_with_the_title_is_taken_by_its_authors(snapshot: Callable[..., Settings]) -> None:
    strangers = {"authors": "Edsger Dijkstra", "authors_parsed": [["Dijkstra", "Edsger", ""]]}
    settings = snapshot(text=lines(paper("2401.00001", ENGINES), paper("2401.00009", ENGINES, **strangers)))
    for authors, found in (((), None), (("E. Dijkstra",), "2401.00009"), (("A. Lovelace",), "2401.00001")):
        entry = replace(listed(arxiv_id=None), own=Enriched(authors=authors))
        result = go(World(), settings, entry)
        assert (result.blocks["engines"].arxiv_id if result.blocks else None) == found


@pytest.mark.parametrize(
    "title", ["基于深度学习的图像识别研究综述", "О сходимости рядов Фурье на отрезке", "深層学習による画像認識"]
)
def test_a_title_in_any_script_is_found(snapshot: Callable[..., Settings], title: str) -> None:
    settings = snapshot(text=lines(paper("2401.00001", title), paper("2401.00002", MILLS)))
    assert go(World(), settings, listed(title, None)).blocks["engines"].arxiv_id == "2401.00001"


def test_a_paper_at_refresh_age_in_one_catalog_is_asked_online_for_all(snapshot: Callable[..., Settings]) -> None:
    world = World(preprints={"2401.00001": GONE, "2401.00002": preprint("2401.00002", MILLS)})
    old = History(entries={"engines": EntryPast(date(2025, 12, 1), "", Status.FOUND)})
    other = replace(listed(MILLS, "2401.00002"), key="mills")
    catalogs = [CatalogInput("a", [listed()], old), CatalogInput("b", [listed(), other], History())]

    async def main() -> tuple[Result, ...]:
        clock = FakeClock()
        async with Web(cache=Cache(None, clock), clock=clock, transport=httpx.MockTransport(world)) as web:
            return await run(catalogs, web, Loaded(settings=snapshot(), origins={}), options=Options(links=False))

    one, two = asyncio.run(main())
    assert world.requests[ARXIV] == 1
    assert [result.blocks["engines"].sources["title"] for result in (one, two)] == ["arxiv", "arxiv"]
    assert two.blocks["mills"].sources["title"] == "arxiv-snapshot@2026-01-28"


def test_when_arxiv_cannot_be_asked_it_stands_in(snapshot: Callable[..., Settings]) -> None:
    world = World(down=frozenset({ARXIV}))
    result = go(world, snapshot(age=40), listed(), options=Options(links=False))
    assert result.blocks["engines"].sources["title"] == "arxiv-snapshot@2025-12-22"


# ---- what is newer


def test_a_fresh_answer_of_arxiv_comes_first(snapshot: Callable[..., Settings]) -> None:
    cached = Record("arxiv", title=ENGINES, authors=("Grace Hopper",), arxiv_id="2401.00001")
    world = World()
    result = go(world, snapshot(), listed(), cached=cached)
    assert ARXIV not in world.requests
    assert result.blocks["engines"].authors == ("Grace Hopper",)
    assert result.blocks["engines"].sources["authors"] == "arxiv"


@pytest.mark.parametrize(
    ("said", "enriched_on", "authors"),
    [
        ("arxiv", "2026-01-30", ("Grace Hopper",)),
        ("arxiv", "2026-01-20", ("Ada Lovelace", "Alan M. Turing Jr.")),
        ("arxiv-snapshot@2026-01-29", "2026-01-20", ("Grace Hopper",)),
        ("arxiv-snapshot@2026-01-02", "2026-01-20", ("Ada Lovelace", "Alan M. Turing Jr.")),
    ],
)
def test_what_was_written_from_a_later_answer_stays(
    snapshot: Callable[..., Settings], said: str, enriched_on: str, authors: tuple[str, ...]
) -> None:
    before = Enriched(
        title=ENGINES, authors=("Grace Hopper",), enriched_on=enriched_on, sources={"authors": said, "title": "arxiv"}
    )
    block = go(World(), snapshot(), listed(enriched=before)).blocks["engines"]
    assert block.authors == authors
    assert block.sources["authors"] == (said if authors == before.authors else "arxiv-snapshot@2026-01-28")
    assert block.sources["title"] == "arxiv"


# ---- titles


def test_a_certain_match_of_the_same_title_spares_the_search(snapshot: Callable[..., Settings]) -> None:
    world = World()
    entries = [Entry(f"e{at}", title=title) for at, title in enumerate((ENGINES.upper(), MILLS))]
    result = go(world, snapshot(), *entries)
    assert result.blocks["e0"].arxiv_id == "2401.00001"
    assert result.blocks["e1"].matched_by == "title"
    assert result.blocks["e1"].sources["title"] == "arxiv-snapshot@2026-01-28"
    assert {request.url.path for request in world.asked} == {"/graph/v1/paper/batch"}


def test_what_it_finds_by_title_is_in_the_first_batch(snapshot: Callable[..., Settings]) -> None:
    doi = "10.5072/toys.7"
    text = lines(paper("2401.00001", ENGINES), paper("2401.00002", MILLS, doi=doi))
    world = World(
        ids={"ARXIV:2401.00001": row(ENGINES, 1, citationCount=4), f"DOI:{doi}": row(MILLS, 2, citationCount=5)},
        works={doi: work(doi, MILLS)},
    )
    entries = [listed(), Entry("mills", EntryType.PAPER, title=MILLS)]
    result = go(world, snapshot(text=text), *entries, options=Options(links=False))
    assert (result.blocks["engines"].citation_count, result.blocks["mills"].citation_count) == (4, 5)
    assert world.requests == {S2: 1, CROSSREF: 1}


@pytest.mark.parametrize(("age", "searches"), [(3, 0), (30, 0), (31, 1)])
def test_a_young_one_spares_arxivs_search_for_what_others_know(
    snapshot: Callable[..., Settings], age: int, searches: int
) -> None:
    titles = [f"Wheels of Kind {kind} Under Many Long Carts" for kind in ("Ab", "Cd", "Ef")]
    world = World(named=[row(title, number) for number, title in enumerate(titles)])
    entries = [Entry(f"e{number}", EntryType.PAPER, title=title) for number, title in enumerate(titles)]
    result = go(world, snapshot(age=age), *entries)
    assert len(result.blocks) == len(titles)
    assert world.requests[ARXIV] == searches


@pytest.mark.parametrize("down", [frozenset(), frozenset({S2}), frozenset({S2, CROSSREF})])
def test_what_others_do_not_know_is_searched_for_at_arxiv_all_the_same(
    snapshot: Callable[..., Settings], down: frozenset[str]
) -> None:
    title = "Wheels of a New Kind Under Many Long Carts"
    new = World(preprints={"": preprint("2601.00009", title)}, down=down)
    block = go(new, snapshot(), *(Entry(f"e{n}", title=title + " Too" * n) for n in range(4))).blocks["e0"]
    assert (block.arxiv_id, block.sources["title"]) == ("2601.00009", "arxiv")
    assert new.requests[ARXIV] == 1


def test_another_match_is_taken_after_the_searches_found_nothing(snapshot: Callable[..., Settings]) -> None:
    world = World()
    result = go(world, snapshot(), listed(ENGINES.replace("Parallel", "Paralel"), None))
    assert result.blocks["engines"].arxiv_id == "2401.00001"
    assert {ARXIV, S2, CROSSREF} <= set(world.requests)


def test_a_title_that_is_not_in_it_proves_nothing(snapshot: Callable[..., Settings]) -> None:
    world = World()
    result = go(world, snapshot(), listed("Something Else Entirely About Lakes", None))
    assert {ARXIV, S2, CROSSREF} <= set(world.requests)
    assert "snapshot" not in next(f.message for f in result.report.findings if f.rule == "unresolved-entry")


def test_the_right_link_of_a_wrong_paper_is_found_in_it(snapshot: Callable[..., Settings]) -> None:
    world = World()
    result = go(world, snapshot(), listed(MILLS, "2401.00001"), options=Options(links=False))
    (finding,) = [each for each in result.report.findings if each.rule == "wrong-paper"]
    assert "2401.00002" in (finding.suggestion or "")
    assert result.blocks == {}


def test_dblp_leads_to_the_doi_of_a_title(snapshot: Callable[..., Settings]) -> None:
    title = "Sorting k Engines & Their Gears"
    world = World(works={"10.5072/toys.7": work("10.5072/toys.7", title)})
    result = go(world, snapshot(name="dblp", text=DBLP), listed(title, None))
    block = result.blocks["engines"]
    assert (block.doi, block.sources["doi"]) == ("10.5072/toys.7", "crossref")
    assert block.sources["pages"] == "dblp-snapshot@2026-01-28"
    assert all(request.url.params.get("query.bibliographic") is None for request in world.asked)


def test_a_registered_doi_is_not_asked_at_its_registry(snapshot: Callable[..., Settings]) -> None:
    world = World()
    entry = Entry("set", EntryType.DATASET, links=(Link("https://doi.org/10.5072/set.1", LinkKind.PAPER),))
    (link,) = go(world, snapshot(name="datacite-states", text=STATES), entry).report.links
    assert link.check.verdict is Verdict.OK
    assert link.check.evidence[-1].asked == "datacite-snapshot"
    assert "doi.org" not in world.requests


# ---- snapshots that are not used


def test_one_that_is_too_old_or_missing_is_not_used_and_a_note_says_so(
    snapshot: Callable[..., Settings], tmp_path: Path
) -> None:
    world = World(preprints={"2401.00001": preprint("2401.00001", ENGINES)})
    result = go(world, snapshot(age=61), listed())
    assert result.blocks["engines"].sources["title"] == "arxiv"
    assert any("61 days old, more than max_age_days; not used" in note for note in result.report.notes)
    (tmp_path / "arxiv.sqlite").unlink()
    result = go(world, Settings.model_validate({"snapshots": {"arxiv": tmp_path / "arxiv.sqlite"}}), listed())
    assert any("snapshot not found" in note for note in result.report.notes)


def test_one_of_days_to_come_is_not_used(snapshot: Callable[..., Settings]) -> None:
    world = World(preprints={"2401.00001": preprint("2401.00001", ENGINES)})
    result = go(world, snapshot(age=-400), listed())
    assert result.blocks["engines"].sources["title"] == "arxiv"
    assert any("which is in the future; not used" in note for note in result.report.notes)


@pytest.mark.parametrize("at", [100, 30_000])
def test_one_that_is_damaged_gives_way_to_the_network_with_one_note(
    snapshot: Callable[..., Settings], tmp_path: Path, at: int
) -> None:
    settings, path = snapshot(), tmp_path / "arxiv.sqlite"
    path.write_bytes(path.read_bytes()[:at] + b"\xff" * (path.stat().st_size - at))
    result = go(World(preprints={"2401.00001": preprint("2401.00001", ENGINES)}), settings, listed())
    assert result.blocks["engines"].sources["title"] == "arxiv"
    assert sum("damaged" in note for note in result.report.notes) == 1


def test_a_file_of_another_form_ends_the_run(tmp_path: Path) -> None:
    place = put(tmp_path, "arxiv.sqlite", "a diary")
    with pytest.raises(SnapshotError, match="not a snapshot of enrich"):
        go(World(), Settings.model_validate({"snapshots": {"arxiv": place}}), listed())


@pytest.mark.parametrize("harm", ["removed", "overwritten"])
def test_one_that_is_lost_in_the_run_gives_way_to_the_network_with_one_note(
    snapshot: Callable[..., Settings], tmp_path: Path, harm: str
) -> None:
    settings = snapshot()
    path = tmp_path / "arxiv.sqlite"
    row = {"paperId": "1" * 40, "title": MILLS, "externalIds": {"ArXiv": "2401.00002"}}
    world = World(ids={"DOI:10.5072/mills": row}, preprints={"2401.00002": preprint("2401.00002", MILLS)})

    def harmful(request: httpx.Request) -> httpx.Response:
        if harm == "removed":
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(b"SQLite format 3\0" + b"x" * 4096)
        return world(request)

    entry = Entry("mills", title=MILLS, links=(Link("https://doi.org/10.5072/mills", LinkKind.PAPER),))
    result = go(harmful, settings, entry, options=Options(links=False))
    assert result.blocks["mills"].sources["authors"] == "arxiv"
    assert world.requests[ARXIV] == 1
    assert len([note for note in result.report.notes if "during the run" in note]) == 1


def test_a_settings_file_that_was_found_names_no_snapshot_elsewhere(tmp_path: Path) -> None:
    put(tmp_path, "enrich.toml", '[snapshots]\narxiv = "data/a.sqlite"\nmax_age_days = 7\n')
    chosen = load(None, tmp_path, {}).settings.snapshots
    assert (chosen.files, chosen.max_age_days) == ({"arxiv": tmp_path / "data" / "a.sqlite"}, 7)
    put(tmp_path, "enrich.toml", '[snapshots]\ndatacite-states = "../a.sqlite"\n')
    with pytest.raises(SettingsError, match=r"enrich.toml:2: snapshots.datacite-states: .* outside its folder"):
        load(None, tmp_path, {})
    assert load(tmp_path / "enrich.toml", tmp_path, {}).settings.snapshots.files


def test_one_in_the_users_cache_is_used_and_doctor_shows_it(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    bench = Bench.at(tmp_path / "here")
    bench.write("papers.jsonl", lines(paper("2401.00001", ENGINES)))
    bench.write("catalog.yaml", f'version: 1\nentries:\n  - key: engines\n    title: "{ENGINES}"\n')
    assert bench.call("snapshot", "build", "arxiv", "papers.jsonl").code == 0
    bench.call("run", "--offline")
    assert "arxiv-snapshot@" in bench.read()
    bench.environment["https_proxy"] = "http://127.0.0.1:9"
    assert "snapshot arxiv: 1 row of " in bench.call("doctor").out
    assert bench.call("snapshot", "build", "arxiv", "papers.jsonl", "--date", "2020-01-01").code == 0
    assert "days old, more than max_age_days" in bench.call("doctor").out
