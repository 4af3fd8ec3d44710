"""What services answered: kept, aged, and safe from what was planted in the cache."""

from __future__ import annotations

import json
import pickle
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.web import AGES, Cache
from tests.fakes import FakeClock

HOUR = 3600.0
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class Planted:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.trace), "w")


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    return tmp_path / "unpickled"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def rows(cache: Path) -> sqlite3.Connection:
    return sqlite3.connect(cache / "answers" / "cache.db")


def alter(cache: Path, sql: str, *values: object) -> None:
    database = rows(cache)
    with database:
        database.execute(sql, values)
    database.close()


def filled(cache: Path, clock: FakeClock, value: object = "yes") -> Cache:
    """Return answers that hold one, written and closed."""
    answers = Cache(cache, clock)
    answers.put("doi", "10.1000/1", value)
    answers.close()
    return answers


@settings(max_examples=25)
@given(kind=st.sampled_from(sorted(AGES)), key=st.text(), value=JSON)
def test_what_is_put_is_got(kind: str, key: str, value: object) -> None:
    answers = Cache(None, FakeClock())
    answers.put(kind, key, value)
    assert answers.get(kind, key) == json.loads(json.dumps(value))


@settings(max_examples=25)
@given(answers=st.dictionaries(st.text(), JSON, max_size=40), on_disk=st.booleans())
def test_many_are_got_at_once_as_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, answers: dict[str, object], on_disk: bool
) -> None:
    kept = Cache(tmp_path_factory.mktemp("cache") if on_disk else None, FakeClock())
    kept.put_all("page", answers)
    kept.put("page", "long", "x" * 100_000)  # in a file of its own
    keys = [*answers, "long", *(f"{key} is not there" for key in answers)]
    wanted = {key: value for key in keys if (value := kept.get("page", key)) is not None}
    assert dict(kept.get_all("page", keys)) == wanted
    kept.close()


def test_a_short_answer_takes_the_place_of_a_long_one_and_of_its_file(cache: Path, clock: FakeClock) -> None:
    answers = filled(cache, clock, "x" * 200_000)
    answers.put_all("doi", {"10.1000/0": "new", "10.1000/1": "short", "10.1000/2": "new"})
    answers.put_all("doi", {"10.1000/0": "newer"})
    answers.close()
    kept = Cache(cache, clock)
    assert dict(kept.get_all("doi", [f"10.1000/{n}" for n in range(4)])) == {
        "10.1000/0": "newer",
        "10.1000/1": "short",
        "10.1000/2": "new",
    }
    assert kept.info()["count"] == 3
    assert not list((cache / "answers").rglob("*.val"))
    kept.close()


def test_answers_outlive_the_run(cache: Path, clock: FakeClock) -> None:
    large = {"page": "ä" * 300_000, "surrogate": "\udce4"}
    answers = Cache(cache, clock)
    answers.put("page", "https://example.org/ü", large)
    answers.put("doi", "k", None)
    answers.close()
    again = Cache(cache, clock)
    assert again.get("page", "https://example.org/ü") == large
    assert again.get("page", "https://example.org/u") is None
    assert again.get("search", "https://example.org/ü") is None
    assert again.info()["count"] == 2
    assert again.info()["bytes"] > 300_000
    assert again.warning is None
    again.close()


def test_an_answer_is_on_disk_as_soon_as_it_is_put(cache: Path, clock: FakeClock) -> None:
    first, second = Cache(cache, clock), Cache(cache, clock)
    first.put("doi", "k", 1)
    assert second.get("doi", "k") == 1
    first.close()
    second.close()


@pytest.mark.parametrize("kind", sorted(AGES))
def test_answers_age_by_their_kind(clock: FakeClock, kind: str) -> None:
    answers = Cache(None, clock)
    for n in range(50):
        answers.put(kind, str(n), n)
    clock.advance(0.84 * AGES[kind])
    assert [answers.get(kind, str(n)) for n in range(50)] == list(range(50))
    clock.advance(0.08 * AGES[kind])
    due = sum(answers.get(kind, str(n)) is None for n in range(50))
    assert 10 < due < 40
    clock.advance(0.08 * AGES[kind])
    assert [n for n in range(50) if answers.get(kind, str(n)) is not None] == []


def test_ages_can_be_set(clock: FakeClock) -> None:
    answers = Cache(None, clock, {"doi": 60.0})
    answers.put("doi", "k", 1)
    clock.advance(61)
    assert answers.get("doi", "k") is None


@pytest.mark.parametrize(("hours", "fresh"), [(2, True), (23, True), (25, False), (10_000, False)])
def test_a_clock_set_back_is_believed_for_a_day(clock: FakeClock, hours: int, fresh: bool) -> None:
    answers = Cache(None, clock)
    answers.put("doi", "k", 1)
    clock.advance(-timedelta(hours=hours).total_seconds())
    assert answers.get("doi", "k") == (1 if fresh else None)


def test_prune_removes_what_is_stale_and_clear_everything(cache: Path, clock: FakeClock) -> None:
    for answers in (Cache(cache, clock), Cache(None, clock)):
        answers.put("search", "old", 1)
        answers.put("doi", "new", 1)
        clock.advance(21 * HOUR)
        assert answers.prune() == 1
        assert (answers.get("search", "old"), answers.get("doi", "new")) == (None, 1)
        assert answers.clear() == 1
        assert answers.get("doi", "new") is None
        assert answers.info()["count"] == 0
        answers.put("doi", "new", 2)
        assert answers.get("doi", "new") == 2
        answers.close()


def test_clear_leaves_what_stands_beside(cache: Path, clock: FakeClock) -> None:
    answers = filled(cache, clock)
    history = cache / "history.json"
    history.write_text("{}")
    answers.clear()
    answers.close()
    assert history.read_text() == "{}"


def test_a_planted_value_is_never_unpickled(cache: Path, trace: Path, clock: FakeClock) -> None:
    filled(cache, clock)
    alter(cache, "UPDATE Cache SET mode = 4, value = ?", pickle.dumps(Planted(trace)))
    answers = Cache(cache, clock)
    assert not list(answers.get_all("doi", ["10.1000/1"]))
    assert answers.get("doi", "10.1000/1") is None
    assert answers.info()["count"] == 0
    answers.put("doi", "10.1000/1", "new")
    assert answers.get("doi", "10.1000/1") == "new"
    answers.close()
    assert not trace.exists()


def test_a_planted_pickle_in_a_file_is_never_unpickled(cache: Path, trace: Path, clock: FakeClock) -> None:
    filled(cache, clock)
    (cache / "answers" / "planted.val").write_bytes(pickle.dumps(Planted(trace)))
    alter(cache, "UPDATE Cache SET mode = 4, value = NULL, filename = 'planted.val'")
    answers = Cache(cache, clock)
    assert not list(answers.get_all("doi", ["10.1000/1"]))
    assert answers.get("doi", "10.1000/1") is None
    answers.close()
    assert not trace.exists()


def test_a_planted_key_is_never_unpickled(cache: Path, trace: Path, clock: FakeClock) -> None:
    filled(cache, clock)
    alter(cache, "UPDATE Cache SET key = ?, raw = 0", sqlite3.Binary(pickle.dumps(Planted(trace))))
    answers = Cache(cache, clock)
    assert not list(answers.get_all("doi", ["10.1000/1"]))
    assert answers.get("doi", "10.1000/1") is None
    assert answers.prune() == 1
    assert answers.info()["count"] == 0
    answers.close()
    assert not trace.exists()


def test_files_outside_the_cache_are_neither_read_nor_removed(cache: Path, tmp_path: Path, clock: FakeClock) -> None:
    filled(cache, clock)
    outside = tmp_path / "outside"
    text = json.dumps({"v": 1, "at": "2026-01-31T09:00:00Z", "value": "stolen"})
    outside.write_text(text)
    alter(cache, "UPDATE Cache SET mode = 3, value = NULL, filename = '../../outside'")
    answers = Cache(cache, clock)
    assert not list(answers.get_all("doi", ["10.1000/1"]))
    assert answers.get("doi", "10.1000/1") is None
    answers.clear()
    answers.close()
    assert outside.read_text() == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        "null",
        '{"v": 2, "at": "2026-01-31T09:00:00Z", "value": 1}',
        '{"v": 1, "value": 1}',
        '{"v": 1, "at": 7, "value": 1}',
        '{"v": 1, "at": "yesterday", "value": 1}',
        '{"v": 1, "at": "2026-01-31T09:00:00Z"}',
        "[" * 100_000,
        b"\xff\x00",
        7,
        None,
    ],
)
def test_what_enrich_did_not_write_is_absent(cache: Path, clock: FakeClock, text: object) -> None:
    filled(cache, clock)
    alter(cache, "UPDATE Cache SET value = ?", text)
    answers = Cache(cache, clock)
    assert not list(answers.get_all("doi", ["10.1000/1"]))
    assert answers.get("doi", "10.1000/1") is None
    assert answers.prune() in {0, 1}
    assert answers.info()["count"] == 0
    assert answers.warning is None
    answers.close()


def test_a_lost_value_file_is_absent(cache: Path, clock: FakeClock) -> None:
    filled(cache, clock, "x" * 200_000)
    for path in (cache / "answers").rglob("*.val"):
        path.unlink()
    answers = Cache(cache, clock)
    assert not list(answers.get_all("doi", ["10.1000/1"]))
    assert answers.get("doi", "10.1000/1") is None
    answers.put("doi", "10.1000/1", 1)
    assert answers.get("doi", "10.1000/1") == 1
    answers.close()


@pytest.mark.parametrize(
    "damage",
    ["DROP TABLE Cache", "INSERT INTO Settings VALUES ('disk_bomb', 1)", "INSERT INTO Settings VALUES ('close', 'x')"],
)
def test_a_cache_that_is_not_ours_is_set_aside(cache: Path, clock: FakeClock, damage: str) -> None:
    filled(cache, clock)
    alter(cache, damage)
    answers = Cache(cache, clock)
    answers.put("doi", "10.1000/2", 1)
    assert answers.get("doi", "10.1000/2") == 1
    answers.close()


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100, b"SQLite format 3\x00" + b"\x07" * 5000])
def test_a_corrupt_cache_is_set_aside(cache: Path, clock: FakeClock, content: bytes) -> None:
    filled(cache, clock)
    (cache / "answers" / "cache.db").write_bytes(content)
    for n in range(2):
        answers = Cache(cache, clock)
        answers.put("doi", "k", n)
        assert answers.get("doi", "k") == n
        answers.close()
        assert (answers.warning is None) == (n > 0 or not content)
        if answers.warning:
            assert "moved to" in answers.warning
            assert (cache / "answers.damaged").exists()


def test_a_truncated_cache_is_no_crash(cache: Path, clock: FakeClock) -> None:
    answers = Cache(cache, clock)
    for n in range(300):
        answers.put("doi", str(n), "x" * 500)
    answers.close()
    path = cache / "answers" / "cache.db"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    again = Cache(cache, clock)
    assert {again.get("doi", str(n)) for n in range(300)} <= {None, "x" * 500}
    again.put("doi", "new", 1)
    assert again.get("doi", "new") == 1
    assert again.warning
    again.close()


def test_a_directory_that_cannot_be_written_leaves_the_memory(tmp_path: Path, clock: FakeClock) -> None:
    file = tmp_path / "file"
    file.write_text("not a directory")
    answers = Cache(file, clock)
    answers.put("doi", "k", 1)
    assert answers.get("doi", "k") == 1
    assert answers.warning
    assert str(file) in answers.warning
    assert answers.info()["count"] == 1
    answers.close()


def test_a_full_disk_leaves_the_memory(cache: Path, clock: FakeClock) -> None:
    filled(cache, clock, "old")
    alter(cache, "INSERT OR REPLACE INTO Settings VALUES ('sqlite_max_page_count', 1)")
    answers = Cache(cache, clock)
    for n in range(200):
        answers.put("doi", str(n), "x" * 2000)
    assert answers.get("doi", "10.1000/1") == "old"
    assert [answers.get("doi", str(n)) for n in range(200)] == ["x" * 2000] * 200
    assert answers.warning
    assert "full" in answers.warning
    answers.close()


@pytest.mark.parametrize("planted", ["answers", "answers/cache.db", "answers/cache.db-wal"])
def test_a_planted_link_leads_to_no_other_database(tmp_path: Path, clock: FakeClock, planted: str) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    with sqlite3.connect(victim / "cache.db") as database:
        database.execute("CREATE TABLE mine (x)")
    database.close()
    before = {path.name: path.read_bytes() for path in victim.iterdir()}
    link = tmp_path / "cache" / planted
    link.parent.mkdir(parents=True)
    link.symlink_to(victim if planted == "answers" else victim / "cache.db")
    answers = Cache(tmp_path / "cache", clock)
    answers.put("arxiv", "1", "x")
    assert answers.get("arxiv", "1") == "x"
    assert answers.warning
    assert "was not created by enrich" in answers.warning
    answers.clear()
    assert {path.name: path.read_bytes() for path in victim.iterdir()} == before
    assert link.is_symlink()
