"""Dumps and snapshots that somebody made to harm: whatever is in them, they are read in bounds or refused."""

from __future__ import annotations

import gzip
import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.snapshots import KINDS, BuildListener, DamagedError, Snapshot, SnapshotError, build, parquet
from enrich.snapshots.inputs import Dump
from tests.dumps import DBLP, STATES, lines, many, paper, put

NOW = datetime(2026, 11, 28, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def built(folder: Path, name: str, text: str | bytes) -> Path:
    said: list[str] = []
    path = folder / f"{name}.sqlite"
    build(KINDS[name], [put(folder, "dump", text)], path, BuildListener(lambda _: None, said.append), now=NOW)
    return path


@settings(max_examples=25)
@given(st.dictionaries(st.sampled_from(sorted(paper("1", ""))), JSON), st.text(min_size=1, max_size=60))
def test_whatever_an_arxiv_row_holds_it_is_a_record_or_malformed(
    tmp_path_factory: pytest.TempPathFactory, fields: dict[str, object], title: str
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    rows = lines(paper("2401.00001", "Engines"), {**paper("2401.00002", title), **fields})
    with closing(Snapshot.open("arxiv", built(folder, "arxiv", rows))) as snapshot:
        assert 1 <= snapshot.info.rows <= 2
        assert snapshot.info.rows + snapshot.info.malformed >= 1
        snapshot.records(["2401.00001", "2401.00002"])
        snapshot.candidates(title)


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_whatever_bytes_a_dump_holds_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    for name, before in (("arxiv", lines(paper("2401.00001", "A"))), ("dblp", DBLP[:300]), ("datacite-states", STATES)):
        for text in (data, before.encode() + data):
            dump = put(folder, "dump", text)
            with suppress(SnapshotError):
                list(KINDS[name].read(Dump(dump)))


def test_a_line_without_end_is_skipped_in_bounded_memory(tmp_path: Path) -> None:
    long = f'{{"id":"2401.00003","title":"{"x" * 40_000_000}"}}\n'
    with closing(Snapshot.open("arxiv", built(tmp_path, "arxiv", many(1) + long + many(2)))) as snapshot:
        assert (snapshot.info.rows, snapshot.info.malformed) == (2, 1)


@pytest.mark.parametrize(
    "declarations",
    [
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">',
        '<!ENTITY b SYSTEM "file:///etc/passwd">',
        '<!ENTITY % p SYSTEM "file:///etc/passwd"> %p; <!ENTITY b "bb">',
    ],
)
def test_entities_that_grow_or_read_files_are_refused(tmp_path: Path, declarations: str) -> None:
    text = f'<!DOCTYPE dblp [{declarations}]><dblp><book key="k"><title>&b;</title></book></dblp>'
    with pytest.raises(SnapshotError, match="is not a character; not read"):
        built(tmp_path, "dblp", text)


def test_names_of_characters_are_read_with_any_dtd_and_without(tmp_path: Path) -> None:
    for doctype in ("", '<!DOCTYPE dblp SYSTEM "dblp.dtd">', '<!DOCTYPE dblp [<!ENTITY uuml "&#252;">]>'):
        text = f'{doctype}<dblp><book key="k"><author>J&uuml;rgen</author><title>Gears &amp; Oil</title></book></dblp>'
        with closing(Snapshot.open("dblp", built(tmp_path, "dblp", text))) as snapshot:
            (record,) = snapshot.candidates("Gears and Oil")
            assert record.authors == ("Jürgen",)


def test_what_dblp_marks_as_withdrawn_or_names_with_an_unknown_entity_is_no_row(tmp_path: Path) -> None:
    text = DBLP.replace('mdate="2024-07-09"', 'publtype="informal withdrawn"').replace(
        "</dblp>",
        '<article key="a/b"><title>An &nosuch; Engine.</title></article>'
        '<article key="a/c" publtype="informal"><title>Mills.</title></article></dblp>',
    )
    with closing(Snapshot.open("dblp", built(tmp_path, "dblp", text))) as snapshot:
        assert list(snapshot.titles()) == [("a/c", "Mills")]
        assert snapshot.info.malformed == 2


def rows_with_many_names(count: int, people: int) -> bytes:
    names = [["F" * 300, "G" * 300, "S" * 300]] * people
    return lines(
        *(paper(f"2401.{at:05}", f"Engine {at} of Several", authors_parsed=names) for at in range(count))
    ).encode()


def record_with_many_names() -> bytes:
    names = f"<author>{'x' * 19_000}</author>" * 500
    return f'<dblp><article key="a/1"><title>Engines</title>{names}</article></dblp>'.encode()


@pytest.mark.parametrize(
    ("name", "text"), [("arxiv", rows_with_many_names(2, 5000)), ("dblp", record_with_many_names())]
)
def test_a_row_is_as_long_as_can_be_read_back(tmp_path: Path, name: str, text: bytes) -> None:
    with closing(Snapshot.open(name, built(tmp_path, name, text))) as snapshot:
        (_, title), *_ = snapshot.titles()
        (found,) = snapshot.candidates(title)
        assert 0 < sum(map(len, found.authors)) <= 500_000


def test_batches_are_bounded_whatever_rows_hold(tmp_path: Path) -> None:
    batches: list[int] = []
    dump = put(tmp_path, "dump", rows_with_many_names(110, 550))
    build(KINDS["arxiv"], [dump], tmp_path / "made", BuildListener(batches.append, lambda _: None), now=NOW)
    assert sum(batches) == 110
    assert max(batches) <= 102


def test_the_number_of_rows_is_estimated_while_dumps_are_read(tmp_path: Path) -> None:
    plain = put(tmp_path, "plain", many(10_500))
    packed = put(tmp_path, "packed", gzip.compress(many(2_000).encode()))
    seen: list[tuple[str, int]] = []

    def note(kind: str) -> Callable[[int], None]:
        return lambda count: seen.append((kind, count))

    listener = BuildListener(note("read"), lambda _: None, note("expected"))
    build(KINDS["arxiv"], [plain, packed], tmp_path / "made", listener, now=NOW)
    assert [sum(count for kind, count in seen if kind == each) for each in ("read", "expected")] == [12_500, 12_500]
    # By the first 10,000 rows; the packed file is the smaller one.
    assert seen[0] == ("read", 10_000)
    assert 10_500 <= seen[1][1] <= 12_500


def test_texts_of_parquet_are_cut_before_they_fill_the_memory(tmp_path: Path) -> None:
    duckdb: ModuleType = pytest.importorskip("duckdb")
    query = "SELECT '2401.0000' || n AS id, repeat('A', 30000000) AS abstract, ['B'] AS versions FROM range(5) t(n)"
    relation = duckdb.sql(query)
    relation.write_parquet(str(tmp_path / "dump.parquet"))
    seen = [
        len(str(row["abstract"])) for row in parquet.rows(Dump(tmp_path / "dump.parquet"), ("id", "abstract"), ("id",))
    ]
    assert seen == [200_000] * 5


def test_nesting_and_tags_without_end_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="nested too deep"):
        built(tmp_path, "dblp", "<dblp>" + "<i>" * 200_000)
    with pytest.raises(SnapshotError, match="a tag of more than 16 MB"):
        built(tmp_path, "dblp", '<dblp><book key="' + "x" * 20_000_000)


def test_parquet_without_its_extra_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(SnapshotError, match=r"pip install 'enrich-catalog\[snapshots\]'"):
        built(tmp_path, "arxiv", b"PAR1....PAR1")


@pytest.mark.parametrize("as_texts", [False, True])
def test_parquet_is_read_as_json_lines_are(tmp_path: Path, as_texts: bool) -> None:
    duckdb: ModuleType = pytest.importorskip("duckdb")
    rows = lines(paper("2401.00001", "Engines in Parallel"), paper("2401.00002", "Mills"))
    dump = put(tmp_path, "rows.jsonl", rows)
    columns = "* REPLACE (to_json(versions)::VARCHAR AS versions, to_json(authors_parsed)::VARCHAR AS authors_parsed)"
    relation = duckdb.read_json(str(dump))
    (relation.project(columns) if as_texts else relation).write_parquet(str(tmp_path / "dump.parquet"))
    path = built(tmp_path, "arxiv", (tmp_path / "dump.parquet").read_bytes())
    (tmp_path / "other").mkdir()
    with (
        closing(Snapshot.open("arxiv", path)) as one,
        closing(Snapshot.open("arxiv", built(tmp_path / "other", "arxiv", rows))) as two,
    ):
        ids = ["2401.00001", "2401.00002"]
        assert one.records(ids) == two.records(ids)
    with pytest.raises(SnapshotError, match="not a readable Parquet file"):
        built(tmp_path, "arxiv", b"PAR1....PAR1")


def test_columns_of_parquet_may_be_in_other_case_and_order(tmp_path: Path) -> None:
    duckdb: ModuleType = pytest.importorskip("duckdb")
    names = "['Ada Lovelace', 'Alan M. Turing'] AS authors"
    duckdb.sql(f"SELECT {names}, 'J. Toys' AS Journal_Ref, 'Mills' AS Title, '2401.00001' AS ID").write_parquet(
        str(tmp_path / "dump.parquet")
    )
    with closing(
        Snapshot.open("arxiv", built(tmp_path, "arxiv", (tmp_path / "dump.parquet").read_bytes()))
    ) as snapshot:
        record = snapshot.records(["2401.00001"])["2401.00001"]
    assert (record.title, record.venue) == ("Mills", "J. Toys")
    assert record.authors == ("Ada Lovelace", "Alan M. Turing")
    duckdb.sql("SELECT '2401.00001' AS id, 'Mills' AS name").write_parquet(str(tmp_path / "other.parquet"))
    with pytest.raises(SnapshotError, match="has no column `title`"):
        built(tmp_path, "arxiv", (tmp_path / "other.parquet").read_bytes())


def with_trigger(database: sqlite3.Connection) -> None:
    database.execute("CREATE TRIGGER t AFTER INSERT ON rows BEGIN DELETE FROM rows; END")


def with_view(database: sqlite3.Connection) -> None:
    database.execute("DROP TABLE words")
    database.execute("CREATE VIEW words AS SELECT 'x' AS word, load_extension('/tmp/x.so') AS rows")


def without_rows(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM meta WHERE name = 'rows'")


def of_another_version(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (with_trigger, "not a complete snapshot"),
        (with_view, "not a complete snapshot"),
        (without_rows, "not a complete snapshot"),
        (of_another_version, "built by another version of enrich"),
    ],
)
def test_a_snapshot_of_another_form_is_not_opened(
    tmp_path: Path, change: Callable[[sqlite3.Connection], None], why: str
) -> None:
    path = built(tmp_path, "arxiv", lines(paper("2401.00001", "Engines")))
    with closing(sqlite3.connect(path)) as database:
        change(database)
        database.commit()
    with pytest.raises(SnapshotError, match=why):
        Snapshot.open("arxiv", path)


@settings(max_examples=25)
@given(st.data())
def test_a_damaged_snapshot_is_never_believed_silently_wrong(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damage")
    path = built(folder, "arxiv", lines(*(paper(f"2401.{at:05}", f"Engine {at} of Several") for at in range(5))))
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at : at + 50] = data.draw(st.binary(min_size=50, max_size=50))
    path.write_bytes(content)
    with suppress(SnapshotError), closing(Snapshot.open("arxiv", path)) as snapshot:
        for arxiv_id, record in snapshot.records(f"2401.{at:05}" for at in range(5)).items():
            assert (record.arxiv_id, record.authors) == (arxiv_id, ("Ada Lovelace", "Alan M. Turing Jr."))
        snapshot.candidates("Engine 3 of Several")


@pytest.mark.parametrize("damaged", ["index", "table"])
def test_a_damaged_identifier_leads_to_no_other_paper(tmp_path: Path, damaged: str) -> None:
    rows = [paper(f"2401.{at:05}", f"Engine {at} of Several") for at in (1, 2, 4)]
    path = built(tmp_path, "arxiv", lines(*rows))
    content = path.read_bytes()
    at = content.find(b"2401.00002") if damaged == "table" else content.rfind(b"2401.00002")
    path.write_bytes(content[:at] + b"2401.00003" + content[at + 10 :])
    with closing(Snapshot.open("arxiv", path)) as snapshot:
        if damaged == "index":
            with pytest.raises(DamagedError, match="does not match"):
                snapshot.records(["2401.00003"])
            with pytest.raises(DamagedError, match="does not match"):
                snapshot.known(["2401.00003"])
        else:
            assert not snapshot.known(["2401.00003"])
        for title in ("Engine 2 of Several", "Engine 2 of Severals"):
            with pytest.raises(DamagedError, match="does not match"):
                snapshot.candidates(title)


def test_a_build_does_not_disturb_those_who_read_the_snapshot_that_it_replaces(tmp_path: Path) -> None:
    path = built(tmp_path, "arxiv", lines(paper("2401.00001", "Engines")))
    with closing(Snapshot.open("arxiv", path)) as one, closing(Snapshot.open("arxiv", path)) as other:
        built(tmp_path, "arxiv", lines(paper("2401.00002", "Mills")))
        for snapshot in (one, other):
            assert snapshot.known(["2401.00001", "2401.00002"]) == {"2401.00001"}
    with closing(Snapshot.open("arxiv", path)) as snapshot:
        assert snapshot.known(["2401.00001", "2401.00002"]) == {"2401.00002"}


def test_a_snapshot_that_changes_while_it_is_open_is_not_asked_any_more(tmp_path: Path) -> None:
    path = built(tmp_path, "arxiv", lines(paper("2401.00001", "Engines")))
    with closing(Snapshot.open("arxiv", path)) as snapshot:
        assert snapshot.known(["2401.00001"])
        path.write_bytes(path.read_bytes() + b"x")
        with pytest.raises(DamagedError, match="overwritten during the run"):
            snapshot.known(["2401.00001"])
        path.unlink()
        with pytest.raises(DamagedError, match="removed during the run"):
            snapshot.candidates("Engines")


def test_rows_that_were_planted_are_damage(tmp_path: Path) -> None:
    path = built(tmp_path, "arxiv", lines(paper("2401.00001", "Engines")))
    for facts in (b"", b"x\x9c", json.dumps([1]).encode(), "text", None, bytes(9_000_000)):
        with closing(sqlite3.connect(path)) as database:
            database.execute("UPDATE rows SET facts = ?", (facts,))
            database.commit()
        with closing(Snapshot.open("arxiv", path)) as snapshot, pytest.raises(DamagedError, match="damaged"):
            snapshot.records(["2401.00001"])
