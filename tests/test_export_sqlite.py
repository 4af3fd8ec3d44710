"""The catalog as an SQLite file: its tables, what the last run adds, and the same bytes for the same catalog."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from enrich.export import Exported, database
from enrich.model import Enriched, Entry, Link
from tests.loopback import Bench, Upstream
from tests.states import bench_without_cache, catalog
from tests.test_export import FLEXGEN


def rows(content: bytes, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(content)
        return connection.execute(query).fetchall()


WHOLE = database([Exported("catalog.yaml", [FLEXGEN, Entry("other", name="Other")])])


def test_an_entry_has_its_values_in_tables() -> None:
    query = "SELECT key, type, name, title, venue, year, published, arxiv_id, citation_count, url, status FROM entries"
    assert rows(WHOLE, query) == [
        (
            "flexgen",
            "paper",
            "FlexGen",
            "FlexGen: High-Throughput Generative Inference with a Single GPU & 100% {care}",
            "ICML'23",
            2023,
            "2023-03-13",
            "2303.06865",
            635,
            "https://arxiv.org/abs/2303.06865",
            None,
        ),
        ("other", "paper", "Other", "Other", None, None, None, None, None, None, None),
    ]
    authors = (
        "SELECT authors.name FROM authors JOIN entries ON entries.id = entry WHERE key = 'flexgen' ORDER BY position"
    )
    assert rows(WHOLE, authors)[:2] == [
        ("Ying Sheng",),
        ("Lianmin Zheng",),
    ]
    assert rows(WHOLE, "SELECT position, name FROM institutions") == [(1, "Stanford"), (2, "UC Berkeley")]
    assert rows(WHOLE, "SELECT scheme, value FROM identifiers") == [
        ("arxiv", "2303.06865"),
        ("github", "fminference/flexgen"),
    ]
    assert rows(WHOLE, "SELECT position, kind, label, verdict FROM links") == [
        (1, "code", "Code", None),
        (2, "paper", "Paper", None),
    ]
    assert rows(WHOLE, "PRAGMA integrity_check") == [("ok",)]
    assert rows(WHOLE, "PRAGMA foreign_key_check") == []


TEXT = st.text(st.characters(exclude_categories=()), max_size=20)


@given(TEXT, st.integers())
def test_any_entry_can_be_exported_and_gives_the_same_bytes(text: str, count: int) -> None:
    entry = Entry(
        text, name=text, title=text, links=(Link(text),), enriched=Enriched(authors=(text,), citation_count=count)
    )
    once, again = (database([Exported(text, [entry, entry])]) for _ in range(2))
    assert once == again
    assert rows(once, "SELECT count(*) FROM entries") == [(2,)]


def test_the_last_run_adds_verdicts_and_findings(tmp_path: Path, upstream: Upstream) -> None:
    bench: Bench = bench_without_cache(tmp_path / "here", upstream)
    bench.write("a.yaml", catalog(upstream, "one", "good", "dead"))
    bench.write("b.yaml", catalog(upstream, "two", "moved"))
    assert bench.call("run", "a.yaml", "--no-metadata").code == 1
    assert bench.call("export", "a.yaml", "b.yaml", "--format", "sqlite", "-o", "all.sqlite").code == 0
    content = (bench.folder / "all.sqlite").read_bytes()
    assert rows(content, "SELECT path, last_run IS NULL FROM catalogs") == [("a.yaml", 0), ("b.yaml", 1)]
    assert rows(content, "SELECT verdict, status FROM links") == [("ok", 200), ("broken", 404), (None, None)]
    assert rows(content, "SELECT key, rule FROM findings JOIN entries ON entries.id = entry") == [
        ("one", "broken-link")
    ]
    assert rows(content, "SELECT status FROM entries") == [("not-a-paper",), (None,)]
    assert bench.call("export", "*.yaml", "--format", "sqlite", "-o", "{name}.sqlite").code == 0
    assert (bench.folder / "b.sqlite").exists()


def test_a_link_that_was_not_asked_has_no_time_of_a_check(tmp_path: Path, upstream: Upstream) -> None:
    bench: Bench = bench_without_cache(tmp_path / "here", upstream)
    bench.write("a.yaml", catalog(upstream, "one", "good").replace('["', '["mailto:ada@example.org", "'))
    assert bench.call("run", "a.yaml", "--no-metadata").code == 0
    assert bench.call("export", "a.yaml", "--format", "sqlite", "-o", "a.sqlite").code == 0
    content = (bench.folder / "a.sqlite").read_bytes()
    assert rows(content, "SELECT verdict, checked_at IS NULL FROM links") == [("skipped", 1), ("ok", 0)]


def test_a_database_is_not_printed_and_takes_no_place_of_results(tmp_path: Path, upstream: Upstream) -> None:
    bench = upstream.bench(tmp_path / "here", catalog(upstream, "one", "good"))
    done = bench.call("export", "--format", "sqlite")
    assert done.code == 2
    assert "--format sqlite requires -o FILE" in done.err
    bench.write("enrich.toml", 'results = "results.sqlite"\n' + bench.read("enrich.toml"))
    bench.write("results.sqlite", "")
    assert bench.call("export", "--format", "sqlite", "-o", "results.sqlite").code == 2
    assert bench.call("export", "--format", "sqlite", "-o", "-").code == 2
    assert not (bench.folder / "-").exists()


def test_a_database_replaces_exports_and_nothing_else(tmp_path: Path, upstream: Upstream) -> None:
    bench = upstream.bench(tmp_path / "here", catalog(upstream, "one", "good"))
    with closing(sqlite3.connect(bench.folder / "diary.sqlite")) as connection:
        connection.execute("CREATE TABLE diary (day TEXT)")
    bench.write("notes.txt", "mine")
    for name in ("diary.sqlite", "notes.txt"):
        before = (bench.folder / name).read_bytes()
        done = bench.call("export", "--format", "sqlite", "-o", name)
        assert (done.code, f"{name}: exists and is not an export of enrich" in done.err) == (2, True)
        assert (bench.folder / name).read_bytes() == before
    for _ in range(2):
        assert bench.call("export", "--format", "sqlite", "-o", "papers.sqlite").code == 0
