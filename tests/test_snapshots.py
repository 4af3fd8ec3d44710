"""`enrich snapshot`: what build, info and remove do with files, good and bad."""

from __future__ import annotations

import gzip
import io
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest

from enrich import snapshots
from enrich.cli import main
from enrich.services import SNAPSHOTS
from enrich.settings import Snapshots
from enrich.snapshots import KINDS, BuildListener, Snapshot, SnapshotError
from tests.dumps import DBLP, STATES, lines, many, paper, put


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def build(here: Path, text: str | bytes, name: str = "arxiv", file: str = "dump", to: str = "made.sqlite") -> int:
    put(here, file, text)
    return main(["snapshot", "build", name, file, "-o", to])


def test_the_kinds_are_known_everywhere() -> None:
    fields = {field.alias or name for name, field in Snapshots.model_fields.items()} - {"max_age_days"}
    assert set(KINDS) == set(SNAPSHOTS) == fields


def test_a_snapshot_is_built_shown_and_removed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(here, "papers.jsonl", lines(paper("2401.00001", "Engines in Parallel"), paper("math.GT/0309136", "Old Knots")))
    assert main(["snapshot", "build", "arxiv", "papers.jsonl"]) == 0
    assert "2 rows of" in capsys.readouterr().err
    assert main(["snapshot", "info"]) == 0
    shown = capsys.readouterr().out
    place = here.parent / "user" / "enrich" / "snapshots" / "arxiv.sqlite"
    assert f"path: {place}" in shown
    assert "rows: 2\n" in shown
    assert "age: 0 days" in shown
    assert "dblp: none" in shown
    with closing(Snapshot.open("arxiv", place)) as snapshot:
        assert snapshot.known(["math/0309136", "2401.99999"]) == {"math/0309136"}
    assert main(["snapshot", "remove", "arxiv"]) == 0
    assert not place.exists()
    assert main(["snapshot", "info", "arxiv"]) == 2
    assert main(["snapshot", "remove", "arxiv"]) == 2


def test_several_files_become_one_and_the_last_row_of_an_id_counts(here: Path) -> None:
    put(here, "old.jsonl", lines(paper("2401.00001", "Engines"), paper("2401.00002", "Mills")))
    put(here, "new.jsonl.gz", gzip.compress(lines(paper("2401.00001", "Engines in Parallel")).encode()))
    assert main(["snapshot", "build", "arxiv", "old.jsonl", "new.jsonl.gz", "-o", "made.sqlite"]) == 0
    with closing(Snapshot.open("arxiv", here / "made.sqlite")) as snapshot:
        assert snapshot.info.rows == 2
        assert snapshot.records(["2401.00001"])["2401.00001"].title == "Engines in Parallel"
        assert [record.arxiv_id for record in snapshot.candidates("ENGINES in parallel!")] == ["2401.00001"]
        assert snapshot.candidates("Engines") == snapshot.candidates("engines")


@pytest.mark.parametrize("order", [("new", "old"), ("old", "new"), ("old", "new", "undated")])
def test_of_rows_of_an_id_the_latest_changed_counts_in_any_order(here: Path, order: tuple[str, ...]) -> None:
    put(here, "new", lines(paper("2401.00001", "Engines in Parallel", update_date="2026-11-20"), *named(3)))
    put(here, "old", lines(*named(2), paper("2401.00001", "Engines", update_date="2024-12-31")))
    put(here, "undated", lines(paper("2401.00001", "Gears", update_date=None)))
    assert main(["snapshot", "build", "arxiv", *order, "-o", "made.sqlite"]) == 0
    with closing(Snapshot.open("arxiv", here / "made.sqlite")) as snapshot:
        assert snapshot.info.rows == 4
        assert snapshot.records(["2401.00001"])["2401.00001"].title == "Engines in Parallel"
        assert [title for _, title in snapshot.titles()].count("Engines") == 0


def named(count: int) -> list[dict[str, object]]:
    return [paper(f"2402.{number:05}", f"Mills of Type {number}") for number in range(count)]


def test_quoted_patterns_stand_for_the_files_that_match(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, row in enumerate(named(3)):
        put(here, f"part-{number}.jsonl", lines(row))
    assert main(["snapshot", "build", "arxiv", "part-*.jsonl", "-o", "made.sqlite"]) == 0
    assert "3 rows of" in capsys.readouterr().err
    assert main(["snapshot", "build", "arxiv", "parts-*.jsonl", "-o", "made.sqlite"]) == 2
    assert "parts-*.jsonl: no file matches this pattern" in capsys.readouterr().err


def test_info_and_remove_take_one_name(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build(here, lines(paper("2401.00001", "Engines"))) == 0
    for action in ("info", "remove"):
        assert main(["snapshot", action, "arxiv", "dblp", "-o", "made.sqlite"]) == 2
        assert "takes one name" in capsys.readouterr().err
    assert (here / "made.sqlite").exists()


def test_info_says_if_a_snapshot_is_not_used(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(here, "enrich.toml", '[snapshots]\narxiv = "made.sqlite"\n')
    put(here, "dump", lines(paper("2401.00001", "Engines")))
    assert main(["snapshot", "build", "arxiv", "dump", "--date", "2025-01-02"]) == 0
    capsys.readouterr()
    assert main(["snapshot", "info", "arxiv"]) == 0
    assert "days (not used: " in capsys.readouterr().out


def test_titles_of_any_script_are_found_and_titles_of_signs_are_not_all_alike(here: Path) -> None:
    titles = (
        "深度学习综述",
        "Обзор методов",
        "Cafe\u0301 de\u0301ja\u0300 vu",
        "Ｆｕｌｌ Ｗｉｄｔｈ",
        'NEAR("AND" OR NOT*)^',
        "???",
        "!!!",
    )
    assert build(here, lines(*(paper(f"2401.0000{at}", title) for at, title in enumerate(titles)))) == 0
    with closing(Snapshot.open("arxiv", here / "made.sqlite")) as snapshot:
        for at, title in enumerate(titles):
            found = [record.arxiv_id for record in snapshot.candidates(title)]
            assert found == ([f"2401.0000{at}"] if at < 5 else [])
        assert [record.arxiv_id for record in snapshot.candidates("café déjà vu!")] == ["2401.00002"]


def test_malformed_rows_are_named_and_counted(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = lines(
        paper("2401.00001", "Engines"), '{"id": 2401.0001}', "[1]", "{", paper("2401.00002", " "), "", "x" * 99
    )
    assert build(here, rows) == 0
    said = capsys.readouterr().err
    for line, why in ((2, "`id` is not an arXiv ID"), (3, "not a JSON object"), (4, "not JSON"), (5, "no `title`")):
        assert f"dump:{line}: row skipped: {why}" in said
    assert "1 row of" in said
    assert "5 malformed rows skipped" in said


def archived(mode: Literal["w", "w:gz"]) -> bytes:
    held, made = lines(paper("2401.00001", "Engines"), paper("2401.00002", "Mills")).encode(), io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as archive:
        member = tarfile.TarInfo("papers.jsonl")
        member.size = len(held)
        archive.addfile(member, io.BytesIO(held))
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("arxiv", "# A list\n\n- [Paper](https://example.org)\n", "dump:1: not JSON; expected arXiv metadata"),
        ("arxiv", "", "dump: no rows found"),
        ("arxiv", gzip.compress(lines(*[paper("2401.00001", "Engines")] * 50).encode())[:-20], "damaged gzip file"),
        ("arxiv", b"PK\x03\x04", "dump: a ZIP archive; extract it first"),
        ("arxiv", archived("w"), "dump: a tar archive; extract it first"),
        ("arxiv", archived("w:gz"), "dump: a tar archive; extract it first"),
        ("arxiv", b"\x28\xb5\x2f\xfd\x04", "dump: compressed with Zstandard; decompress it first"),
        ("arxiv", lines(paper("2401.00001", "Engines")).encode("utf-16"), "dump: UTF-16; convert it to UTF-8"),
        ("dblp", b'<?xml version="1.0" encoding="big5"?><dblp></dblp>', "dump: its encoding cannot be read"),
        ("dblp", "<html><body>Not found</body></html>", "dump: not DBLP's XML"),
        ("dblp", DBLP[:-40], "not well-formed XML"),
        ("datacite-states", "doi;state\n10.5072/1;findable\n", "dump:1: must begin with a header"),
        ("datacite-states", "doi,state\n10.5072/1,draft\n", "dump: all rows are left out"),
    ],
)
def test_a_wrong_file_ends_the_build_and_leaves_nothing(
    here: Path, capsys: pytest.CaptureFixture[str], name: str, text: str | bytes, why: str
) -> None:
    assert build(here, text, name) == 2
    assert why in capsys.readouterr().err
    assert [path.name for path in here.iterdir()] == ["dump"]


def test_what_is_missing_in_the_call_is_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(here, "dump", lines(paper("2401.00001", "Engines")))
    os.mkfifo(here / "pipe")
    for call, why in (
        (["build"], "no name given; choose one of arxiv, dblp, datacite-states"),
        (["build", "arxive", "dump"], "did you mean arxiv?"),
        (["build", "arxiv"], "no file given"),
        (["build", "arxiv", "nowhere"], "nowhere: cannot be read"),
        (["build", "arxiv", "."], ".: a folder"),
        (["build", "arxiv", "pipe"], "pipe: not a regular file"),
        (["build", "arxiv", "dump", "--date", "yesterday"], "must be a date such as 2026-11-20"),
        (["build", "arxiv", "dump", "--date", "2999-01-01"], "--date 2999-01-01: is in the future"),
        (["build", "arxiv", "dump", "-o", "dump"], "not overwritten"),
        (["build", "arxiv", "dump", "-o", "-"], "cannot be written to standard output"),
    ):
        assert main(["snapshot", *call]) == 2
        assert why in capsys.readouterr().err


def test_a_file_that_is_no_snapshot_is_never_replaced_or_removed(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(here / "other.sqlite")) as database:
        database.execute("CREATE TABLE diary (day TEXT)")
        database.commit()
    (here / "link.sqlite").symlink_to(here / "other.sqlite")
    put(here, "notes.txt", "my notes")
    assert build(here, DBLP, "dblp", to="dblp.sqlite") == 0
    for name, why in (
        ("other.sqlite", "not a snapshot of enrich; not changed"),
        ("notes.txt", "not a snapshot of enrich; not changed"),
        ("link.sqlite", "a symbolic link; not changed"),
        ("dblp.sqlite", "a snapshot of dblp, not of arxiv; not changed"),
    ):
        before = (here / name).read_bytes()
        assert build(here, lines(paper("2401.00001", "Engines")), to=name) == 2
        assert why in capsys.readouterr().err
        assert main(["snapshot", "remove", "arxiv", "-o", name]) == 2
        assert why in capsys.readouterr().err
        assert main(["snapshot", "info", "arxiv", "-o", name]) == 2
        assert (here / name).read_bytes() == before


def test_one_bad_snapshot_does_not_hide_the_others(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(here, "dump", DBLP)
    assert main(["snapshot", "build", "dblp", "dump"]) == 0
    put(here.parent / "user" / "enrich" / "snapshots", "arxiv.sqlite", "my notes")
    assert main(["snapshot", "info"]) == 2
    said = capsys.readouterr()
    assert "rows: 1\n" in said.out
    assert "datacite-states: none" in said.out
    assert "arxiv.sqlite: not a snapshot of enrich" in said.err


def test_a_failed_build_leaves_the_old_snapshot(here: Path) -> None:
    assert build(here, lines(paper("2401.00001", "Engines"))) == 0
    before = (here / "made.sqlite").read_bytes()
    assert build(here, "{") == 2
    assert (here / "made.sqlite").read_bytes() == before
    assert build(here, lines(paper("2401.00002", "Mills"))) == 0
    with closing(Snapshot.open("arxiv", here / "made.sqlite")) as snapshot:
        assert snapshot.known(["2401.00001", "2401.00002"]) == {"2401.00002"}


KILLED = """
import os, signal
from datetime import UTC, datetime
from pathlib import Path
from enrich import snapshots

batches = []
def advance(rows):
    batches.append(rows)
    if len(batches) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
listener = snapshots.BuildListener(advance, lambda _: None)
snapshots.build(snapshots.KINDS["arxiv"], [Path("dump")], Path("made.sqlite"), listener, now=datetime.now(UTC))
"""


def kill_build(here: Path) -> None:
    """Kill the build of a snapshot of 20,001 papers in its second batch."""
    put(here, "dump", many(20_001))
    done = subprocess.run([sys.executable, "-c", KILLED], check=False)
    assert done.returncode == -signal.SIGKILL


AGAIN = ["snapshot", "build", "arxiv", "dump", "-o", "made.sqlite"]


def test_a_killed_build_goes_on_and_gives_the_same(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kill_build(here)
    assert not (here / "made.sqlite").exists()
    assert main(AGAIN) == 0
    assert "continuing an interrupted build at row " in capsys.readouterr().err
    assert sorted(path.name for path in here.iterdir()) == ["dump", "made.sqlite"]
    with closing(Snapshot.open("arxiv", here / "made.sqlite")) as snapshot:
        assert snapshot.info.rows == 20_001
        assert len(snapshot.known(f"2401.{at:05}" for at in range(20_001))) == 20_001
        assert [r.arxiv_id for r in snapshot.candidates("Engine number 15003 of many")] == ["2401.15003"]


def test_two_builds_never_write_one_file(here: Path) -> None:
    dump, place = put(here, "dump", lines(paper("2401.00001", "Engines"))), here / "made.sqlite"
    now = datetime(2026, 11, 28, tzinfo=UTC)
    refused = []

    def build_again(_: int) -> None:
        with pytest.raises(SnapshotError, match="another build of it is in progress") as error:
            snapshots.build(KINDS["arxiv"], [dump], place, BuildListener(lambda _: None, lambda _: None), now=now)
        refused.append(error)

    snapshots.build(KINDS["arxiv"], [dump], place, BuildListener(build_again, lambda _: None), now=now)
    assert len(refused) == 1
    with closing(Snapshot.open("arxiv", place)) as snapshot:
        assert snapshot.known(["2401.00001"])


def test_what_was_planted_beside_its_place_is_neither_followed_nor_read(here: Path) -> None:
    victim = put(here, "victim", "mine")
    for name in (".made.sqlite.building", ".made.sqlite.building-journal"):
        (here / name).symlink_to(victim)
        assert build(here, lines(paper("2401.00001", "Engines"))) == 0
        assert victim.read_text() == "mine"
    assert sorted(path.name for path in here.iterdir()) == ["dump", "made.sqlite", "victim"]


def interrupt_build(here: Path) -> None:
    def end(_: int) -> None:
        raise KeyboardInterrupt

    dump, place, now = put(here, "dump", lines(paper("2401.00001", "Engines"))), here / "made.sqlite", datetime.now(UTC)
    with pytest.raises(KeyboardInterrupt):
        snapshots.build(KINDS["arxiv"], [dump], place, BuildListener(end, lambda _: None), now=now)


def test_what_an_interrupted_build_left_is_removed_with_the_snapshot(here: Path) -> None:
    interrupt_build(here)
    assert (here / ".made.sqlite.building").exists()
    assert main(["snapshot", "remove", "arxiv", "-o", "made.sqlite"]) == 0
    assert [path.name for path in here.iterdir()] == ["dump"]


@pytest.mark.parametrize(
    "damage", ["UPDATE meta SET value = 'x' WHERE name = 'done'", "DELETE FROM meta WHERE name = 'latest'"]
)
def test_a_damaged_rest_of_a_build_is_removed(here: Path, capsys: pytest.CaptureFixture[str], damage: str) -> None:
    interrupt_build(here)
    with closing(sqlite3.connect(here / ".made.sqlite.building")) as database:
        database.execute(damage)
        database.commit()
    assert main(AGAIN) == 2
    assert "and was removed; run the command again" in capsys.readouterr().err
    assert main(AGAIN) == 0


def test_the_date_is_that_of_the_newest_file_or_the_given_one(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dump = put(here, "dump", lines(paper("2401.00001", "Engines")))
    os.utime(dump, times=(0, datetime(2026, 3, 4, tzinfo=UTC).timestamp()))
    for flags, day in (([], "2026-03-04"), (["--date", "2025-01-02"], "2025-01-02")):
        assert main(["snapshot", "build", "arxiv", "dump", "-o", "made.sqlite", *flags]) == 0
        assert f"1 row of {day}" in capsys.readouterr().err
        with closing(Snapshot.open("arxiv", here / "made.sqlite")) as snapshot:
            assert str(snapshot.info.day) == day


def test_dblp_and_datacite_are_read(here: Path) -> None:
    assert build(here, DBLP, "dblp", to="dblp.sqlite") == 0
    assert build(here, "\ufeff" + STATES, "datacite-states", to="states.sqlite") == 0
    with closing(Snapshot.open("dblp", here / "dblp.sqlite")) as snapshot:
        (record,) = snapshot.candidates("Sorting k engines and their gears")
        assert (snapshot.info.rows, snapshot.info.malformed) == (1, 1)
    assert record.title == "Sorting k Engines & Their Gears"
    assert record.authors == ("Ada Lovelace", "Jürgen Möller")
    assert (record.doi, record.year, record.venue, record.pages) == ("10.5072/toys.7", 2024, "J. Toys", "11-19")
    assert record.provenance.startswith("dblp-snapshot@")
    with closing(Snapshot.open("datacite-states", here / "states.sqlite")) as snapshot:
        asked = [f"10.5072/set.{number}" for number in (1, 2, 3, 4)] + ["10.48550/arxiv.2401.00001"]
        assert snapshot.known(asked) == {asked[0], asked[1], asked[4]}
        assert snapshot.info.malformed == 1
    with pytest.raises(SnapshotError, match="a snapshot of dblp, not of arxiv"):
        Snapshot.open("arxiv", here / "dblp.sqlite")


def test_a_record_says_what_arxivs_own_answer_would(here: Path) -> None:
    row = paper(
        "2401.00001",
        "Engines,\n  in Parall\\'el",
        comments="This paper has been withdrawn by the authors",
        doi="10.5072/X.1",
        **{"journal-ref": "Annals of Toys 7 (2024) 11"},
    )
    texts = ("Ada Lovelace and Alan M. Turing", 'Kurt G{\\"o}del', 'K. G{\\"o}del (Vienna), J. von Neumann')
    others = (
        paper(f"2401.0000{at}", "Mills", authors=text, authors_parsed=None) for at, text in enumerate(texts, start=2)
    )
    assert build(here, lines(row, *others)) == 0
    with closing(Snapshot.open("arxiv", here / "made.sqlite")) as snapshot:
        found = snapshot.records(["2401.00001", *(f"2401.0000{at}" for at in (2, 3, 4))])
    record = found["2401.00001"]
    assert record.title == "Engines, in Parallél"
    assert record.authors == ("Ada Lovelace", "Alan M. Turing Jr.")
    assert record.abstract == "We measure engines of several kinds."
    assert (record.year, record.published, record.venue) == (2024, "2024-01-04", "Annals of Toys 7 (2024) 11")
    assert (record.doi, record.url) == ("10.5072/x.1", "https://arxiv.org/abs/2401.00001v2")
    assert record.withdrawn == "This paper has been withdrawn by the authors"
    assert found["2401.00002"].authors == ("Ada Lovelace", "Alan M. Turing")
    assert found["2401.00003"].authors == ("Kurt Gödel",)
    assert found["2401.00004"].authors == ("K. Gödel", "J. von Neumann")


def test_datacites_lists_may_have_no_header_and_nothing_but_drafts(here: Path) -> None:
    put(here, "one.csv", "10.5072/set.1,findable\n10.5072/set.2,draft\n")
    put(here, "two.csv", "doi,state\n10.5072/set.3,draft\n")
    assert main(["snapshot", "build", "datacite-states", "one.csv", "two.csv", "-o", "made.sqlite"]) == 0
    with closing(Snapshot.open("datacite-states", here / "made.sqlite")) as snapshot:
        assert snapshot.known([f"10.5072/set.{number}" for number in (1, 2, 3)]) == {"10.5072/set.1"}
        assert snapshot.info.malformed == 0
