"""results.sqlite: a row per change, one transaction a run and catalog, and only in a file that is enrich's."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich import results
from enrich.model import (
    EnrichError,
    Entry,
    EntryReport,
    EntryType,
    Evidence,
    Finding,
    Link,
    LinkCheck,
    LinkKind,
    LinkReport,
    Report,
    Severity,
    Status,
    Verdict,
)
from tests.loopback import Bench, Upstream
from tests.states import bench_without_cache, catalog, set_back
from tests.test_docs import blocks, quoted, table

FIRST = date(2026, 11, 1)
CATALOG = "catalog.yaml"


def report(day: int, verdicts: Mapping[str, str], cited: int | None = None) -> Report:
    """A report of a run on that day; URLs are given by their last part."""
    moment = f"{FIRST + timedelta(days=day)}T03:00:00Z"
    links = [
        LinkReport(
            LinkCheck(url(name), Verdict(verdict), (Evidence("web", moment, f"saw {verdict}", 200),)),
            ("key",),
            LinkKind.PAPER,
        )
        for name, verdict in verdicts.items()
    ]
    entry = EntryReport("key", EntryType.PAPER, Status.FOUND, citation_count=cited)
    return Report(CATALOG, moment, moment, (entry,), tuple(links))


def url(name: str) -> str:
    return f"https://example.org/{name}"


def listed(*names: str) -> list[Entry]:
    return [Entry("key", title="A paper", links=tuple(Link(url(name)) for name in names))]


def broken(name: str, since: int) -> Finding:
    return Finding("broken-link", Severity.ERROR, "gone", "key", url(name), first_seen=str(FIRST + timedelta(since)))


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def spans(path: Path) -> list[tuple[object, ...]]:
    return rows(
        path, "SELECT replace(url, 'https://example.org/', ''), verdict, since, till FROM link_spans ORDER BY 1, 3"
    )


def test_a_night_without_change_leaves_the_links_alone(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    for day in range(5):
        results.record(path, CATALOG, report(day, {"a": "ok", "b": "ok"}, 7), listed("a", "b"), [])
    assert spans(path) == [("a", "ok", "2026-11-01", None), ("b", "ok", "2026-11-01", None)]
    assert rows(path, "SELECT count(*) FROM days") == [(5,)]
    assert rows(path, "SELECT citation_count, since, till FROM citation_spans") == [(7, "2026-11-01", None)]


def test_the_same_run_again_leaves_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    for _ in range(2):
        results.record(path, CATALOG, report(0, {"a": "broken"}), listed("a"), [broken("a", 0)])
    once = path.read_bytes()
    results.record(path, CATALOG, report(0, {"a": "broken"}), listed("a"), [broken("a", 0)])
    assert path.read_bytes() == once


def test_a_change_ends_a_span_and_begins_one(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    for day, verdict in enumerate(("ok", "suspect", "suspect", "broken", "ok")):
        results.record(path, CATALOG, report(day, {"a": verdict}, day // 2), listed("a"), [])
    assert spans(path) == [
        ("a", "ok", "2026-11-01", "2026-11-02"),
        ("a", "suspect", "2026-11-02", "2026-11-04"),
        ("a", "broken", "2026-11-04", "2026-11-05"),
        ("a", "ok", "2026-11-05", None),
    ]
    assert [row[0] for row in rows(path, "SELECT citation_count FROM citation_spans ORDER BY since")] == [0, 1, 2]
    assert rows(path, "SELECT saw FROM link_spans ORDER BY since") == [
        (None,),
        ("saw suspect",),
        ("saw broken",),
        (None,),
    ]


def test_what_could_not_be_asked_or_was_not_looked_at_stands(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    results.record(path, CATALOG, report(0, {"a": "ok", "b": "broken"}), listed("a", "b"), [broken("b", 0)])
    results.record(path, CATALOG, report(1, {"a": "unknown"}), listed("a", "b"), [broken("b", 0)])
    assert spans(path) == [("a", "ok", "2026-11-01", None), ("b", "broken", "2026-11-01", None)]
    assert rows(path, "SELECT ok, broken, errors, new, fixed FROM days") == [(1, 1, 1, 1, 0), (1, 1, 1, 0, 0)]


def test_links_and_entries_that_are_listed_no_longer_end(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    results.record(path, CATALOG, report(0, {"a": "ok", "b": "ok"}, 3), listed("a", "b"), [])
    results.record(path, CATALOG, report(1, {"a": "ok"}, 3), listed("a"), [])
    results.record(path, CATALOG, report(2, {}), [], [])
    assert spans(path) == [("a", "ok", "2026-11-01", "2026-11-03"), ("b", "ok", "2026-11-01", "2026-11-02")]
    assert rows(path, "SELECT * FROM current_links UNION ALL SELECT *, 1 FROM current_entries") == []
    results.record(path, CATALOG, report(3, {"a": "ok"}, 3), listed("a"), [])
    assert spans(path)[1] == ("a", "ok", "2026-11-04", None)
    assert len(rows(path, "SELECT * FROM current_entries")) == 1


def test_findings_have_a_first_and_a_last_day(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    # The history is older than the results.
    results.record(path, CATALOG, report(0, {"a": "broken"}), listed("a"), [broken("a", -20)])
    results.record(path, CATALOG, report(1, {"a": "ok"}), listed("a"), [])
    results.record(path, CATALOG, report(5, {"a": "broken"}), listed("a"), [broken("a", 5)])
    assert rows(path, "SELECT rule, url, since, till FROM finding_spans ORDER BY since") == [
        ("broken-link", url("a"), "2026-10-12", "2026-11-02"),
        ("broken-link", url("a"), "2026-11-06", None),
    ]
    course = results.read(path, [CATALOG, "other.yaml"])[CATALOG]
    assert [day.rules for day in course.days] == [{"broken-link": 1}, {}, {"broken-link": 1}]
    assert [(day.run.new, day.run.fixed, day.links) for day in course.days] == [
        (0, 0, {"broken": 1}),
        (0, 1, {"ok": 1}),
        (1, 0, {"broken": 1}),
    ]
    assert [(row.on, row.finding.url) for row in course.fixed] == [("2026-11-02", url("a"))]


def test_a_clock_that_was_wrong_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    results.record(path, CATALOG, report(5, {"a": "ok"}), listed("a"), [])
    results.record(path, CATALOG, report(4, {"a": "broken"}), listed("a"), [])
    assert rows(path, "SELECT day, ok, broken FROM trend") == [("2026-11-06", 0, 1)]
    before = path.read_bytes()
    with pytest.raises(EnrichError, match="the last run is dated 2026-11-06 and this one 2026-11-02; fix the clock"):
        results.record(path, CATALOG, report(1, {"a": "ok"}), listed("a"), [])
    assert path.read_bytes() == before


def test_a_finding_in_other_words_is_the_same_row(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    for day in range(3):
        finding = Finding(
            "unreachable-link", Severity.WARNING, f"({day} runs)", "key", "https://elsewhere.example.org/"
        )
        results.record(path, CATALOG, report(day, {"a": "suspect"}), listed("a"), [finding])
    assert rows(path, "SELECT message, url FROM open_findings") == [("(2 runs)", "https://elsewhere.example.org/")]


DAYS = st.lists(
    st.tuples(st.integers(0, 2), st.dictionaries(st.sampled_from("abc"), st.sampled_from(list(Verdict)), max_size=3)),
    max_size=8,
)


@settings(max_examples=30)  # each opens and syncs a file several times
@given(DAYS)
def test_spans_follow_each_other_and_tell_the_last_verdict_of_each_day(
    tmp_path_factory: pytest.TempPathFactory, nights: Sequence[tuple[int, Mapping[str, Verdict]]]
) -> None:
    path = tmp_path_factory.mktemp("spans") / "results.sqlite"
    day, told = 0, dict[tuple[str, str], str]()
    standing: dict[str, str] = {}
    for later, verdicts in nights:
        day += later
        results.record(path, CATALOG, report(day, verdicts), listed(*"abc"), [])
        standing |= {name: str(verdict) for name, verdict in verdicts.items() if verdict is not Verdict.UNKNOWN}
        told |= {(name, str(FIRST + timedelta(days=day))): verdict for name, verdict in standing.items()}
    found = spans(path) if nights else []
    for (name, on), verdict in told.items():
        assert [row[1] for row in found if row[0] == name and str(row[2]) <= on < str(row[3] or "9")] == [verdict]
    for before, after in pairwise(found):
        if before[0] == after[0]:
            assert before[3] == after[2]
            assert before[1] != after[1]
    assert all(row[3] is None or str(row[2]) < str(row[3]) for row in found)


def test_texts_that_no_file_can_hold_are_recorded(tmp_path: Path) -> None:
    finding = Finding("broken-link", Severity.ERROR, "half \ud800 a pair \0", "key", url("\ud800"))
    for day in range(2):
        results.record(tmp_path / "r", "\ud800.yaml", report(day, {"\ud800": "broken"}), listed("\ud800"), [finding])
    assert len(results.read(tmp_path / "r", ["\ud800.yaml"])["\ud800.yaml"].days) == 2
    assert rows(tmp_path / "r", "SELECT url, since FROM open_findings") == [(url("?"), "2026-11-01")]


FOREIGN = {
    "text": b"a letter\n",
    "another database": None,
    "cut short": b"SQLite format 3\0" + bytes(84),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_file_of_another_program_is_left_alone(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "results.sqlite"
    if (content := FOREIGN[kind]) is not None:
        path.write_bytes(content)
    else:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE letters (text)")
    before = path.read_bytes()
    for attempt in (results.require_recordable, lambda path: results.record(path, CATALOG, report(0, {}), [], [])):
        with pytest.raises(EnrichError, match="not a results file of enrich, and not changed"):
            attempt(path)
    assert path.read_bytes() == before


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_damaged_file_is_told_from_a_fault(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("damage") / "results.sqlite"
    for day, verdict in enumerate(("ok", "broken", "ok")):
        results.record(
            path, CATALOG, report(day, dict.fromkeys("abcdef", verdict)), listed(*"abcdef"), [broken("a", day)]
        )
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(100, len(content) - 20))
        content[at : at + 20] = data.draw(st.binary(min_size=20, max_size=20))
    path.write_bytes(content)
    for use in (
        lambda: results.require_recordable(path),
        lambda: results.read(path, [CATALOG]),
        lambda: results.states(path, {CATALOG: listed("a")}),
        lambda: results.record(path, CATALOG, report(4, {"a": "ok"}), listed("a"), []),
    ):
        with suppress(EnrichError):
            use()


@pytest.mark.parametrize("day", [10**7, 10**10, 10**18, "x"])
def test_a_day_that_is_none_is_damage(tmp_path: Path, day: object) -> None:
    path = tmp_path / "results.sqlite"
    results.record(path, CATALOG, report(0, {"a": "ok"}), listed("a"), [])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE days SET day = ?", (day,))
        connection.commit()
    for use in (
        lambda: results.read(path, [CATALOG]),
        lambda: results.states(path, {CATALOG: listed("a")}),
        lambda: results.record(path, CATALOG, report(1, {"a": "ok"}), listed("a"), []),
    ):
        with pytest.raises(EnrichError, match="damaged"):
            use()


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE links SET url = x'00ff'",
        "UPDATE links SET saw = x'00ff'",
        "UPDATE findings SET message = x'00ff'",
        "UPDATE entries SET title = x'00ff'",
    ],
)
def test_bytes_in_place_of_a_text_are_damage(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "results.sqlite"
    results.record(path, CATALOG, report(0, {"a": "broken"}), listed("a"), [broken("a", 0)])
    assert results.states(path, {CATALOG: listed("a")})[CATALOG].findings[0].message == "gone"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(harm)
        connection.commit()
    with pytest.raises(EnrichError, match="damaged"):
        results.states(path, {CATALOG: listed("a")})


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "results.sqlite")
    with pytest.raises(EnrichError, match="not a results file of enrich"):
        results.require_recordable(tmp_path / "results.sqlite")


@pytest.mark.parametrize(
    "added",
    [
        "CREATE TRIGGER t AFTER INSERT ON links BEGIN DELETE FROM findings; END",
        "CREATE VIEW v AS SELECT 1",
        "DROP VIEW trend",
    ],
)
def test_a_file_with_other_tables_than_ours_is_left_alone(tmp_path: Path, added: str) -> None:
    path = tmp_path / "results.sqlite"
    results.record(path, CATALOG, report(0, {"a": "ok"}), listed("a"), [])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(added)
    with pytest.raises(EnrichError, match="ATTACH"):
        results.record(path, CATALOG, report(1, {"a": "broken"}), listed("a"), [])
    with pytest.raises(EnrichError, match="ATTACH"):
        results.read(path, [CATALOG])


def test_a_file_of_a_newer_enrich_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    results.record(path, CATALOG, report(0, {"a": "ok"}), listed("a"), [])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(EnrichError, match=r"newer enrich \(version 2\)"):
        results.require_recordable(path)


def test_a_reader_of_a_file_in_wal_mode_does_not_disturb(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    results.record(path, CATALOG, report(0, {"a": "ok"}), listed("a"), [])
    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
        reader.execute("BEGIN")
        assert reader.execute("SELECT verdict FROM links").fetchall() == [("ok",)]
        results.record(path, CATALOG, report(1, {"a": "broken"}), listed("a"), [])
        assert reader.execute("SELECT verdict FROM links").fetchall() == [("ok",)]
        assert results.read(path, [CATALOG])[CATALOG].days[-1].links == {"broken": 1}


KILLED = """
import os, signal, sys
from pathlib import Path
from enrich import results
from tests.test_results import CATALOG, broken, listed, report
def standing():
    os.kill(os.getpid(), signal.SIGKILL)
    yield broken("a", 1)
results.record(Path(sys.argv[1]), CATALOG, report(int(sys.argv[2]), {"a": "broken"}), listed("a"), standing())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_run_that_is_killed_while_it_writes_leaves_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"

    def kill(day: int) -> None:
        done = subprocess.run([sys.executable, "-c", KILLED, str(path), str(day)], check=False, cwd=Path.cwd())
        assert done.returncode == -signal.SIGKILL

    kill(0)
    results.require_recordable(path)
    results.record(path, CATALOG, report(0, {"a": "ok"}), listed("a"), [])
    before = spans(path)
    kill(1)
    assert spans(path) == before
    results.record(path, CATALOG, report(1, {"a": "broken"}), listed("a"), [broken("a", 1)])
    assert [row[1] for row in spans(path)] == ["ok", "broken"]


# ---- by the command


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    made = bench_without_cache(tmp_path / "here", upstream)
    made.write("enrich.toml", 'results = "kept/results.sqlite"\n' + made.read("enrich.toml"))
    made.write("a.yaml", catalog(upstream, "entry", "good", "dead"))
    made.write("b.yaml", catalog(upstream, "entry", "good", "moved"))
    return made


def test_a_run_records_all_its_catalogs_and_a_rehearsal_none(bench: Bench, upstream: Upstream) -> None:
    path = bench.folder / "kept" / "results.sqlite"
    assert bench.call("run", "a.yaml", "b.yaml", "--no-metadata", "--dry-run").code == 1
    assert not path.exists()
    assert bench.call("run", "a.yaml", "b.yaml", "--no-metadata").code == 1
    assert sorted(rows(path, "SELECT catalog, verdict FROM current_links")) == [
        ("../a.yaml", "broken"),
        ("../a.yaml", "ok"),
        ("../b.yaml", "moved"),
        ("../b.yaml", "ok"),
    ]
    assert rows(path, "SELECT catalog, rule FROM open_findings ORDER BY 1") == [
        ("../a.yaml", "broken-link"),
        ("../b.yaml", "moved-link"),
    ]
    set_back([bench.folder, Path(bench.environment["HOME"])])
    upstream.pages["dead"] = upstream.pages["good"]
    assert bench.call("run", "a.yaml", "--no-metadata").code == 0
    assert rows(path, "SELECT catalog, sum(fixed) FROM trend GROUP BY 1") == [("../a.yaml", 1), ("../b.yaml", 0)]


def test_a_renamed_catalog_goes_on_and_another_one_begins(bench: Bench, upstream: Upstream) -> None:
    path = bench.folder / "kept" / "results.sqlite"
    bench.call("run", "a.yaml", "b.yaml", "--no-metadata")
    (bench.folder / "a.yaml").rename(bench.folder / "renamed.yaml")
    bench.write("copy.yaml", bench.read("b.yaml"))
    bench.write("other.yaml", catalog(upstream, "entry", "new"))
    bench.call("run", "renamed.yaml", "copy.yaml", "other.yaml", "--no-metadata")
    assert rows(path, "SELECT id, path FROM catalogs ORDER BY id") == [
        (1, "../renamed.yaml"),
        (2, "../b.yaml"),
        (3, "../copy.yaml"),
        (4, "../other.yaml"),
    ]
    assert rows(path, "SELECT catalog, new FROM trend WHERE new > 0 ORDER BY 1") == [
        ("../b.yaml", 1),
        ("../copy.yaml", 1),
        ("../renamed.yaml", 1),
    ]


def test_a_results_file_that_cannot_be_written_is_tried_once(bench: Bench, upstream: Upstream) -> None:
    bench.call("run", "a.yaml", "--no-metadata")
    path = bench.folder / "kept" / "results.sqlite"

    def damage() -> None:
        path.write_bytes(b"SQLite format 3\0" + b"x" * 4096)

    upstream.before_answer = damage
    done = bench.call("run", "a.yaml", "b.yaml", "--no-metadata", "--fail-on", "never")
    assert done.code == 3
    assert done.err.count("kept/results.sqlite") == 1


def test_the_environment_may_name_another_file(bench: Bench) -> None:
    bench.environment["ENRICH_RESULTS"] = str(bench.folder.parent / "elsewhere.sqlite")
    assert bench.call("run", "a.yaml", "--no-metadata").code == 1
    assert rows(bench.folder.parent / "elsewhere.sqlite", "SELECT count(*) FROM current_links") == [(2,)]
    assert not (bench.folder / "kept").exists()


def test_a_file_that_is_not_ours_stops_the_run_before_anything_is_asked(bench: Bench, upstream: Upstream) -> None:
    (bench.folder / "kept").mkdir()
    (bench.folder / "kept" / "results.sqlite").write_text("a letter")
    done = bench.call("run", "a.yaml")
    assert done.code == 2
    assert "not a results file of enrich" in done.err
    assert not upstream.asked


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "a.yaml", "--report", "json="),
        ("check", "a.yaml", "-o", ""),
        ("check", "a.yaml", "--report", "html="),
        ("report", "a.yaml", "-o", ""),
        ("export", "a.yaml", "--format", "csv", "-o", ""),
    ],
    ids=" ".join,
)
def test_no_report_takes_the_place_of_results_or_of_a_snapshot(bench: Bench, arguments: tuple[str, ...]) -> None:
    bench.call("run", "a.yaml", "--no-metadata")
    bench.write("dump", '{"id": "2401.00001", "title": "Engines"}\n')
    assert bench.call("snapshot", "build", "arxiv", "dump", "-o", "arxiv.sqlite").code == 0
    *words, last = arguments
    for name in ("kept/results.sqlite", "arxiv.sqlite"):
        before = (bench.folder / name).read_bytes()
        done = bench.call(*words, last + name)
        assert (done.code, "not overwritten" in done.err) == (2, True), done.err
        assert (bench.folder / name).read_bytes() == before


def test_the_manual_lists_every_table_view_and_column(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    results.record(path, CATALOG, report(0, {"a": "ok"}), listed("a"), [])
    shown = {
        quoted(name)[0]: quoted(columns)
        for kind in ("table", "view")
        for name, *_, columns in table("docs/results.md", kind)
    }
    names = [name for (name,) in rows(path, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")]
    columns = {name: [row[1] for row in rows(path, f"PRAGMA table_info({name})")] for name in map(str, names)}
    assert {name: sorted(each) for name, each in shown.items()} == {
        name: sorted(map(str, each)) for name, each in columns.items()
    }
    for query in ";".join(blocks("docs/results.md", "sql")).split(";"):
        rows(path, query)
