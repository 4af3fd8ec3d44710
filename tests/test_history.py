"""What is remembered between runs."""

from __future__ import annotations

import json
import os
import stat
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.history import (
    EntryPast,
    Failures,
    History,
    LinkPast,
    judged_by_time,
    load,
    peek,
    save,
    with_findings,
    with_links,
    with_states,
)
from enrich.model import EnrichError, Evidence, Finding, LinkCheck, Severity, State, Status, Verdict
from tests.properties import COSTLY

URL = "https://example.org/paper"
DAY = date(2026, 11, 1)


def check(verdict: Verdict, status: int | None = None, at: str = "", url: str = URL) -> LinkCheck:
    """A verdict that rests on one reply."""
    return LinkCheck(url, verdict, (Evidence("web", at, "as seen", status),))


def after(*nights: tuple[int, LinkCheck]) -> tuple[LinkPast, LinkCheck]:
    """What is remembered of the link, and its last check, after runs from one place on these days (from DAY)."""
    history, judged = History(), check(Verdict.UNKNOWN)
    for offset, seen in nights:
        today = DAY + timedelta(days=offset)
        judged = judged_by_time(seen, history.links.get(URL), today, "ci")
        history = with_links(history, [URL], {URL: judged}, today, "ci")
    return history.links[URL], judged


TIMEOUT, BUSY = check(Verdict.SUSPECT), check(Verdict.SUSPECT, 503)
SOFT_404, OK = check(Verdict.SUSPECT, 200), check(Verdict.OK, 200)
GONE = check(Verdict.BROKEN, 404)
BLOCKED, UNKNOWN = check(Verdict.BLOCKED, 403), check(Verdict.UNKNOWN)


@pytest.mark.parametrize(
    ("nights", "lasting"),
    [
        ([(0, TIMEOUT)], False),
        ([(0, TIMEOUT), (1, BUSY), (2, TIMEOUT)], False),
        ([(0, TIMEOUT), (3, TIMEOUT)], False),
        ([(0, TIMEOUT), (0, TIMEOUT), (3, TIMEOUT)], False),
        ([(0, TIMEOUT), (1, BUSY), (3, TIMEOUT)], True),
        ([(0, TIMEOUT), (1, UNKNOWN), (2, BUSY), (3, TIMEOUT)], True),
        ([(0, TIMEOUT), (1, OK), (2, TIMEOUT), (3, TIMEOUT)], False),
        ([(0, TIMEOUT), (1, BLOCKED), (2, TIMEOUT), (3, TIMEOUT)], False),
        ([(0, TIMEOUT), (1, GONE), (2, TIMEOUT), (3, TIMEOUT)], False),
        ([(0, SOFT_404), (1, SOFT_404), (2, SOFT_404), (9, SOFT_404)], False),
        ([(0, SOFT_404), (1, SOFT_404), (9, TIMEOUT)], False),
        ([(0, TIMEOUT), (1, TIMEOUT), (3, TIMEOUT), (4, TIMEOUT)], True),
        ([*((day, TIMEOUT) for day in range(60))], True),
    ],
)
def test_a_failure_without_an_answer_is_unreachable_by_lasting_and_never_broken(
    nights: list[tuple[int, LinkCheck]], *, lasting: bool
) -> None:
    judged = after(*nights)[1]
    assert judged.verdict is Verdict.SUSPECT
    assert judged.is_unreachable is lasting


def test_a_success_ends_it() -> None:
    past, judged = after((0, TIMEOUT), (1, TIMEOUT), (3, TIMEOUT), (4, OK))
    assert judged == OK
    assert past == LinkPast(last_ok=DAY + timedelta(days=4))


def test_the_evidence_says_since_when_and_in_how_many_runs() -> None:
    _, judged = after(*((day, TIMEOUT) for day in range(30)))
    saw = "could not be reached from here since 2026-11-01 (30 runs)"
    assert judged.evidence[-1] == Evidence("history", "2026-11-30", saw)


def test_a_check_without_evidence_is_left_alone() -> None:
    bare = LinkCheck(URL, Verdict.SUSPECT)
    assert judged_by_time(bare, LinkPast(failed_on=(DAY,)), DAY, "ci") is bare
    assert judged_by_time(TIMEOUT, None, DAY, "ci") is TIMEOUT


def test_first_seen_dates_the_present_trouble() -> None:
    assert after((0, BLOCKED), (2, BLOCKED))[0].first_seen == DAY
    assert after((0, BLOCKED), (2, TIMEOUT))[0].first_seen == DAY + timedelta(days=2)
    assert after((0, TIMEOUT), (2, check(Verdict.BROKEN, 404)))[0].first_seen == DAY
    assert after((0, TIMEOUT), (1, UNKNOWN), (2, TIMEOUT))[0].first_seen == DAY
    assert after((0, TIMEOUT), (1, OK))[0].first_seen is None


def test_last_ok_dates_the_answer_not_the_run() -> None:
    stored = check(Verdict.OK, 200, "2026-10-30T02:00:00Z")
    assert after((0, stored))[0].last_ok == date(2026, 10, 30)
    assert after((0, OK), (2, TIMEOUT))[0].last_ok == DAY
    assert after((0, check(Verdict.OK, 200, "2027-01-01T00:00:00Z")))[0].last_ok == DAY
    assert after((0, OK), (2, check(Verdict.SKIPPED)))[0] == LinkPast(last_ok=DAY)


def test_days_of_failure_do_not_pile_up() -> None:
    (failures,) = after(*[(day, TIMEOUT) for day in range(30)])[0].failures
    assert failures.days[0] == DAY
    assert failures.days[-1] == DAY + timedelta(days=29)
    assert (len(failures.days), failures.count) == (10, 30)


def test_links_that_left_the_catalog_are_forgotten_and_unchecked_ones_are_not() -> None:
    history = with_links(History(), [URL, "https://gone.example.org/"], {URL: OK}, DAY, "ci")
    history = with_links(history, [URL], {}, DAY + timedelta(days=1), "ci")
    assert dict(history.links) == {URL: LinkPast(last_ok=DAY)}


def finding(rule: str = "broken-link", entry: str | None = "key", url: str | None = URL) -> Finding:
    """A finding."""
    return Finding(rule, Severity.ERROR, "as seen", entry, url, evidence=(Evidence("web", "", "404", 404),))


def states(findings: tuple[Finding, ...]) -> list[tuple[str, State, str | None]]:
    return [(found.rule, found.state, found.first_seen) for found in findings]


def test_a_finding_is_new_then_still_then_fixed_once() -> None:
    history = History()
    seen = []
    for offset, found in enumerate([[finding()], [finding()], [], []]):
        today = DAY + timedelta(days=offset)
        findings = with_states(found, history, today)
        history = with_findings(history, findings)
        seen.append(states(findings))
    assert seen == [
        [("broken-link", State.NEW, "2026-11-01")],
        [("broken-link", State.STILL, "2026-11-01")],
        [("broken-link", State.FIXED, "2026-11-01")],
        [],
    ]
    assert history == History()


def test_what_could_not_be_judged_is_not_called_fixed() -> None:
    unseen = finding().identity
    history = with_findings(History(), with_states([finding()], History(), DAY))
    later = DAY + timedelta(days=1)
    findings = with_states([], history, later, unseen=[unseen])
    assert findings == ()
    history = with_findings(history, findings, unseen=[unseen])
    assert states(with_states([finding()], history, later)) == [("broken-link", State.STILL, "2026-11-01")]


def test_fixed_findings_come_last_in_a_stable_order() -> None:
    history = with_findings(History(), with_states([finding("b"), finding("a"), finding("c")], History(), DAY))
    findings = with_states([finding("c")], history, DAY)
    assert [(found.rule, found.state) for found in findings] == [
        ("c", State.STILL),
        ("a", State.FIXED),
        ("b", State.FIXED),
    ]


def test_without_a_file_there_is_no_history(tmp_path: Path) -> None:
    assert load(tmp_path / "history.json") == (History(), None)


verdicts = st.sampled_from([None, "failing", "blocked"])
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
texts = st.text(max_size=20)
failures = st.builds(Failures, texts, st.lists(days, max_size=3).map(tuple), st.integers(0, 99))
histories = st.builds(
    History,
    links=st.dictionaries(
        texts,
        st.builds(
            LinkPast,
            verdicts,
            st.none() | days,
            st.none() | days,
            st.lists(days, max_size=3).map(tuple),
            st.lists(failures, max_size=3).map(tuple),
            st.none() | texts,
        ),
        max_size=3,
    ),
    entries=st.dictionaries(
        texts,
        st.builds(
            EntryPast,
            days,
            texts,
            st.sampled_from(Status),
            st.lists(texts, max_size=2).map(tuple),
            st.lists(st.builds(Finding, texts, st.sampled_from(Severity), texts), max_size=2).map(tuple),
        ),
        max_size=3,
    ),
    findings=st.dictionaries(texts, st.builds(Finding, texts, st.sampled_from(Severity), texts, texts), max_size=3),
)


@COSTLY
@given(histories)
def test_what_is_saved_is_loaded(tmp_path_factory: pytest.TempPathFactory, history: History) -> None:
    path = tmp_path_factory.mktemp("history") / "history.json"
    save(path, history)
    first = path.read_bytes()
    assert load(path) == (history, None)
    save(path, history)
    assert path.read_bytes() == first
    # Written piece by piece, it is what `json` would write of the whole.
    whole = json.dumps(json.loads(first), ensure_ascii=False, indent=1, sort_keys=True)
    assert first == f"{whole}\n".encode()
    assert [file.name for file in path.parent.iterdir()] == ["history.json"]


def test_the_file_says_its_version_and_reads_plainly(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "history.json"
    url = "https://example.org/论文"
    save(path, with_links(History(), [url], {url: LinkCheck(url, Verdict.BLOCKED)}, DAY, "ci"))
    link = {"trouble": "blocked", "first_seen": str(DAY)}
    assert json.loads(path.read_text(encoding="utf-8")) == {"version": 1, "links": {url: link}}
    assert "论文" in path.read_text(encoding="utf-8")


def test_half_a_character_does_not_cost_the_history(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    save(path, with_findings(History(), [finding(url="https://example.org/\ud800")]))
    assert [found.url for found in load(path)[0].findings.values()] == ["https://example.org/?"]


def test_a_newer_enrichs_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    path.write_text('{"version": 2}', encoding="utf-8")
    with pytest.raises(EnrichError, match=r"history\.json: written by a newer enrich \(version 2\); update enrich"):
        load(path)
    assert path.exists()


DAMAGED = [
    b"{",
    b'{\n "links": {\n  "https://exa',
    b'{\n "findings": {},\n<<<<<<< HEAD\n "version": 1\n}',
    b'{"version": 1, "links": {"u": {"first_seen": "yesterday"}}}',
    b'{"version": 1, "entries": {"k": {}}}',
]
FOREIGN = [
    b"[]",
    b"\xff\xfe",
    b"[" * 100_000,
    b"# my own settings\nexport PATH\n",
    b'{"name": "x", "version": "1.0.0"}',
    b'{"version": 1, "name": "composer"}',
    b'{"links": ["https://example.org/"]}',
    b'{"version": 1, "links": [], "private": true}',
    b"null",
]


@pytest.mark.parametrize("data", DAMAGED[1:])
def test_a_damaged_history_is_set_aside(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "history.json"
    path.write_bytes(data)
    history, warning = load(path)
    assert history == History()
    assert warning is not None
    assert "moved to history.json.unreadable" in warning
    assert (tmp_path / "history.json.unreadable").read_bytes() == data
    assert load(path) == (History(), None)


@pytest.mark.parametrize("data", FOREIGN)
def test_what_never_was_a_history_is_neither_moved_nor_replaced(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "own.json"
    path.write_bytes(data)
    with pytest.raises(EnrichError, match=r"own\.json: not a history file of enrich, and not replaced; move it away"):
        load(path)
    assert peek(path) is None
    assert [file.name for file in tmp_path.iterdir()] == ["own.json"]
    assert path.read_bytes() == data


@pytest.mark.parametrize("data", FOREIGN[:5])
def test_nor_is_it_replaced_without_being_read_first(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "own.json"
    path.write_bytes(data)
    with pytest.raises(EnrichError, match="not a history file"):
        save(path, History())
    assert path.read_bytes() == data


@pytest.mark.parametrize("data", [*DAMAGED, *FOREIGN])
def test_where_enrich_alone_writes_whatever_is_unreadable_is_set_aside(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "history.json"
    path.write_bytes(data)
    history, warning = load(path, is_own=True)
    assert (history, warning is not None) == (History(), True)
    assert (tmp_path / "history.json.unreadable").read_bytes() == data


@pytest.mark.parametrize("data", [b"", b" \n", b"{}"])
def test_an_empty_file_is_an_empty_history(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "history.json"
    path.write_bytes(data)
    assert load(path) == (History(), None)
    save(path, History(postponed=(URL,)))
    assert load(path)[0].postponed == (URL,)


def test_a_part_of_a_later_enrich_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    path.write_text('{"version": 1, "postponed": ["https://example.org/"], "weather": "fine"}', encoding="utf-8")
    assert load(path) == (History(postponed=("https://example.org/",)), None)


def test_a_file_that_can_be_neither_used_nor_set_aside_stops_the_run(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    path.write_bytes(DAMAGED[1])
    (tmp_path / "history.json.unreadable").mkdir()
    with pytest.raises(EnrichError, match=r"cannot be moved to history\.json\.unreadable"):
        load(path)


def test_a_place_that_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "history.json").mkdir()
    with pytest.raises(EnrichError, match=r"history\.json: cannot be read"):
        load(tmp_path / "history.json")
    with pytest.raises(EnrichError, match=r"history\.json: cannot be written .*--history"):
        save(tmp_path / "history.json", History())
    assert [file.name for file in tmp_path.iterdir()] == ["history.json"]
    (tmp_path / "file").touch()
    with pytest.raises(EnrichError, match="cannot be written"):
        save(tmp_path / "file" / "history.json", History())


def test_permissions_and_symbolic_links_stay(tmp_path: Path) -> None:
    real = tmp_path / "real.json"
    save(real, History())
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(real.stat().st_mode) == 0o666 & ~mask
    real.chmod(0o640)
    link = tmp_path / "history.json"
    link.symlink_to(real)
    save(link, with_links(History(), [URL], {URL: OK}, DAY, "ci"))
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert load(real)[0].links == {URL: LinkPast(last_ok=DAY)}
