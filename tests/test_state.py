"""Each catalog has a history, a last report and a lock of its own, wherever they lie and whoever shares the cache."""

from __future__ import annotations

import json
import os
import re
import shutil
from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as few
from hypothesis import strategies as st

from enrich import settings
from enrich.commands.place import Place
from enrich.commands.state import State
from enrich.history import History, LinkPast, save
from enrich.model import (
    EnrichError,
    Entry,
    EntryType,
    Finding,
    Link,
    LinkCheck,
    LinkKind,
    LinkReport,
    Report,
    Severity,
    Verdict,
)
from enrich.report import as_json
from tests.loopback import TAG, Bench, Upstream, page

DAY = date(2026, 11, 1)


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    """A folder without a cache beside the catalogs; pages that are dead, out of order, moved and good."""
    upstream.pages |= {"down": page("Out of order", 503), "new": page("New"), "good": page("Good")}
    upstream.pages["moved"] = (301, {"location": "/pages/new"}, b"")
    bench = upstream.bench(tmp_path / "here", more="recheck_links_days = 0")
    shutil.rmtree(bench.folder / "cache")
    return bench


def catalog(upstream: Upstream, key: str, *pages: str) -> str:
    links = ", ".join(f'"{upstream.url(f"pages/{name}")}"' for name in pages)
    return f"version: 1\nentries:\n  - key: {key}\n    type: other\n    name: {key}\n    links: [{links}]\n"


def night(bench: Bench, name: str, *flags: str) -> dict[str, str]:
    """A run on a catalog, and the state of each of its findings."""
    done = bench.call("run", name, "--no-metadata", "--report", "json=out.json", *flags)
    assert done.code in (0, 1), done.err
    findings = json.loads(bench.read("out.json"))["findings"]
    return {f"{finding['entry']} {finding['rule']}": finding["state"] for finding in findings}


def histories(folder: Path) -> list[Path]:
    return sorted(folder.rglob("history.json"))


def set_back(folders: Iterable[Path]) -> None:
    """Make last night yesterday."""
    for path in (path for folder in folders for path in histories(folder)):
        path.write_text(re.sub(r"20\d\d-\d\d-\d\d", lambda day: str(_before(day[0])), path.read_text()))


def _before(day: str) -> date:
    return date.fromisoformat(day) - timedelta(2)


def remembered(bench: Bench, url: str) -> object:
    """The one history that tells of a URL, without the path of its catalog."""
    found = [json.loads(path.read_text()) for folder in homes(bench) for path in histories(folder)]
    (history,) = [history for history in found if url in history["links"]]
    return {name: part for name, part in history.items() if name != "catalog"}


def homes(bench: Bench) -> list[Path]:
    return [bench.folder, Path(bench.environment["HOME"])]


WAYS: Sequence[tuple[tuple[str, str], tuple[str, ...], Mapping[str, str]]] = (
    (("a.yaml", "b.yaml"), (), {}),
    (("a.yaml", "a.b.yaml"), ("--cache-dir", "cache"), {}),
    (("x/list.yaml", "y/list.yaml"), (), {"ENRICH_CACHE_DIR": "shared"}),
)
"""In one folder; in one folder with one cache of theirs; with one name in two folders, and a cache from elsewhere."""


def test_over_three_nights_two_catalogs_remember_what_each_would_alone(
    bench: Bench, upstream: Upstream, tmp_path: Path
) -> None:
    texts = [catalog(upstream, "a", "dead", "down", "moved"), catalog(upstream, "b", "good", "down", "gone")]
    alone = [bench_beside(bench, tmp_path / f"alone-{number}") for number in range(2)]
    shared = [bench_beside(bench, tmp_path / f"shared-{number}", **way[2]) for number, way in enumerate(WAYS)]
    for number, text in enumerate(texts):
        alone[number].write("own.yaml", text)
        for each, (names, _, _) in zip(shared, WAYS, strict=True):
            (each.folder / names[number]).parent.mkdir(exist_ok=True)
            each.write(names[number], text)
    for nightfall in range(3):
        for number in (0, 1) if nightfall % 2 else (1, 0):
            found = night(alone[number], "own.yaml")
            assert set(found.values()) == {"still" if nightfall else "new"} or nightfall == 2
            for each, (names, flags, _) in zip(shared, WAYS, strict=True):
                assert night(each, names[number], *flags) == found
        if nightfall < 2:
            set_back(folder for each in (*alone, *shared) for folder in homes(each))
    for each, (names, flags, _) in zip(shared, WAYS, strict=True):
        for number, name in enumerate(("dead", "gone")):
            url = upstream.url(f"pages/{name}")
            assert remembered(each, url) == remembered(alone[number], url)
            assert f"{names[number]}, " in each.call("report", names[number], *flags).out
        assert "pages/moved -> " in each.call("fix", names[0], "--dry-run", *flags).out
        assert each.call("fix", names[1], "--dry-run", *flags).out == "0 links would be replaced\n"


def bench_beside(bench: Bench, folder: Path, **environment: str) -> Bench:
    folder.mkdir()
    shutil.copy(bench.folder / "enrich.toml", folder)
    return Bench.at(folder, **environment)


def test_by_a_symbolic_link_it_is_the_same_catalog(bench: Bench, upstream: Upstream) -> None:
    (bench.folder / "links").mkdir()
    bench.write("a.yaml", catalog(upstream, "a", "dead"))
    (bench.folder / "links" / "b.yaml").symlink_to("../a.yaml")
    assert night(bench, "a.yaml") == {"a broken-link": "new"}
    assert night(bench, "links/b.yaml") == {"a broken-link": "still"}
    (bench.folder / "cache").mkdir()
    bench.write("cache/CACHEDIR.TAG", TAG)
    assert night(bench, "links/b.yaml") == {"a broken-link": "still"}
    assert night(bench, "a.yaml") == {"a broken-link": "still"}


# ---- any order


def place_at(cache: Path, *others: Path, history: Path | None = None) -> Place:
    return Place(settings.load(None, cache, {}), {}, cache, others, history)


def entries_of(*urls: str) -> list[Entry]:
    return [Entry(url.rpartition("/")[2], EntryType.OTHER, links=(Link(url),)) for url in urls]


def report_on(name: str, *urls: str) -> Report:
    rows = tuple(LinkReport(LinkCheck(url, Verdict.OK), (url,), LinkKind.OTHER) for url in urls)
    return Report(name, "2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z", (), rows, (), (), {}, {}, ())


def keep(place: Place, path: Path, urls: Sequence[str]) -> History:
    """What one run remembers of the runs before it, and leaves with one day more."""
    state = State.find(place, path, entries_of(*urls))
    with state.held(path):
        before = state.remembered(Namespace())
        days = {url: before.links.get(url, LinkPast()).failed_on for url in urls}
        after = {url: LinkPast("failing", DAY, None, (*old, DAY + timedelta(len(old)))) for url, old in days.items()}
        state.keep(report_on(path.name, *urls), History(links=after))
    return before


@few(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 3), max_size=8), st.booleans(), st.integers(0, 2))
def test_any_order_of_runs_gives_each_catalog_the_history_that_it_has_alone(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], named_alike: bool, shared: int
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    place = place_at(folder / "shared")
    paths = [folder / f"{number}" / "c.yaml" if named_alike else folder / f"c{number}.yaml" for number in range(4)]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    common = [f"https://common.example.org/{number}" for number in range(shared)]
    runs = dict.fromkeys(range(4), 0)
    for number in order:
        urls = [*common, *(f"https://{number}.example.org/{page}" for page in "ab")]
        before = keep(place, paths[number], urls)
        assert {len(past.failed_on) for past in before.links.values()} == ({runs[number]} if runs[number] else set())
        runs[number] += 1
        last = State.find(place, paths[number], entries_of(*urls)).last_report()
        assert [row.check.url for row in last.links] == urls


# ---- where the cache is


@pytest.mark.parametrize("content", [{}, {"CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# by cargo\n"}])
def test_another_programs_cache_beside_the_catalog_is_not_touched(
    bench: Bench, upstream: Upstream, content: Mapping[str, str]
) -> None:
    bench.write("catalog.yaml", catalog(upstream, "a", "dead", "moved"))
    night(bench, "catalog.yaml")
    (bench.folder / "cache").mkdir()
    for name, text in content.items():
        bench.write(f"cache/{name}", text)
    assert "pages/moved -> " in bench.call("fix", "--dry-run").out
    assert set(night(bench, "catalog.yaml").values()) == {"still"}
    assert {path.name for path in (bench.folder / "cache").iterdir()} == set(content)


def test_enrichs_own_cache_that_appears_beside_the_catalog_takes_the_history_over(
    bench: Bench, upstream: Upstream
) -> None:
    bench.write("catalog.yaml", catalog(upstream, "a", "dead", "moved"))
    night(bench, "catalog.yaml")
    (bench.folder / "cache").mkdir()
    bench.write("cache/CACHEDIR.TAG", TAG)
    assert "pages/moved -> " in bench.call("fix", "--dry-run").out
    assert not histories(bench.folder)
    assert set(night(bench, "catalog.yaml").values()) == {"still"}
    assert len(histories(bench.folder)) == 1
    assert not histories(Path(bench.environment["HOME"]))


def test_a_cache_that_enrich_makes_is_marked_and_ignored_by_git(bench: Bench, upstream: Upstream) -> None:
    bench.write("catalog.yaml", catalog(upstream, "a", "good"))
    night(bench, "catalog.yaml", "--cache-dir", "deep/store")
    store = bench.folder / "deep" / "store"
    assert (store / ".gitignore").read_text().splitlines()[-1] == "*"
    assert (store / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    bench.call("check", "catalog.yaml", "--cache-dir", "cache")
    assert (bench.folder / "cache" / "CACHEDIR.TAG").exists()
    night(bench, "catalog.yaml")
    assert len(histories(bench.folder / "cache")) == 1, "from now on it is used unasked"


def test_a_folder_with_other_files_is_not_hidden_from_git(bench: Bench, upstream: Upstream) -> None:
    bench.write("catalog.yaml", catalog(upstream, "a", "good"))
    (bench.folder / "docs" / "answers").mkdir(parents=True)
    bench.write("docs/answers/faq.md", "# Answers of our own")
    done = bench.call("run", "--no-metadata", "--cache-dir", "docs")
    assert "Answers of this run are not kept" in done.out
    assert bench.call("cache", "clear", "--cache-dir", "docs").code == 0
    assert sorted(path.name for path in (bench.folder / "docs").iterdir()) == ["answers", "catalogs"]
    assert bench.read("docs/answers/faq.md") == "# Answers of our own"


def test_answers_from_base_urls_of_a_found_file_are_kept_apart(tmp_path: Path) -> None:
    (tmp_path / "enrich.toml").write_text('[services]\narxiv = "https://mirror.example.org"\n')
    cache = str(tmp_path / "shared")
    for config in (tmp_path / "enrich.toml", None):
        given = Namespace(cache_dir=Path(cache), **({"config": config} if config else {}))
        answers = Place.of(given, tmp_path / "catalog.yaml").answers()
        answers.put("arxiv", "1", "of the stranger" if config is None else "of the mirror")
        answers.close()
    trusted = Place.of(Namespace(cache_dir=Path(cache)), tmp_path / "elsewhere" / "catalog.yaml").answers()
    assert trusted.get("arxiv", "1") == "of the mirror"
    trusted.close()


def test_a_found_file_slows_services_down_but_does_not_hurry_them(tmp_path: Path) -> None:
    fast = '[pace."export.arxiv.org"]\ninterval = 0.0\nconcurrency = 64\n[pace."own.example.org"]\nconcurrency = 8\n'
    path = tmp_path / "enrich.toml"
    path.write_text(fast + '[pace."doi.org"]\ninterval = 9.0\nconcurrency = 1\n')
    published = Place.of(Namespace(), tmp_path / "none" / "c.yaml").paces
    found = Place.of(Namespace(), tmp_path / "c.yaml").paces
    assert found["export.arxiv.org"] == published["export.arxiv.org"]
    assert (found["own.example.org"].concurrency, found["doi.org"].interval) == (8, 9.0)
    assert Place.of(Namespace(config=path), tmp_path / "c.yaml").paces["export.arxiv.org"].interval == 0.0


# ---- what earlier versions left


def leave(cache: Path, *urls: str, name: str | None = "catalog.yaml") -> None:
    """What an earlier version left of a run on these URLs."""
    cache.mkdir(parents=True, exist_ok=True)
    past = {url: LinkPast("failing", DAY, None, (DAY,)) for url in urls}
    save(cache / "history.json", History(links=past))
    if name:
        (cache / "last-report.json").write_text("".join(as_json.pieces(report_on(name, *urls))))


A, B, C, D = (f"https://{letter}.example.org/" for letter in "abcd")


@pytest.mark.parametrize("name", ["a.yaml", None])
def test_an_earlier_versions_history_is_adopted_once_and_by_the_catalog_whose_links_it_holds(
    tmp_path: Path, name: str | None
) -> None:
    cache = tmp_path / "cache"
    leave(cache, A, B, name=name)
    place = place_at(cache)
    for path in ("a.yaml", "b.yaml", "copy.yaml"):
        (tmp_path / path).touch()
    assert not keep(place, tmp_path / "b.yaml", [B, C, D]).links, "one link of two is not most of them"
    if name:
        assert State.find(place, tmp_path / "a.yaml", entries_of(A, B)).last_report().links
    assert keep(place, tmp_path / "a.yaml", [A, B, C]).links[A].failed_on == (DAY,)
    assert not (cache / "history.json").exists()
    assert not (cache / "last-report.json").exists()
    assert not keep(place, tmp_path / "copy.yaml", [A, B, C]).links


def test_nor_does_a_longer_catalog_take_what_its_neighbours_report_stands_beside(tmp_path: Path) -> None:
    leave(tmp_path / "cache", A, B, name="a.yaml")
    place = place_at(tmp_path / "cache")
    (tmp_path / "a.yaml").touch()
    assert not keep(place, tmp_path / "all.yaml", [A, B, C, D]).links
    assert keep(place, tmp_path / "a.yaml", [A, B]).links


def test_an_untagged_cache_with_an_earlier_versions_history_is_still_the_cache(
    bench: Bench, upstream: Upstream
) -> None:
    bench.write("catalog.yaml", catalog(upstream, "a", "dead"))
    leave(bench.folder / "cache", upstream.url("pages/dead"))
    night(bench, "catalog.yaml")
    assert {path.name for path in (bench.folder / "cache").iterdir()} == {"CACHEDIR.TAG", "answers", "catalogs"}
    assert '"failed_on": [\n    "2026-11-01"' in bench.kept("history.json").read_text()


def test_the_users_cache_of_earlier_versions_is_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    folder = tmp_path / "lists"
    folder.mkdir()
    place = Place.of(Namespace(), folder / "catalog.yaml")
    assert place.cache == tmp_path / "xdg" / "enrich"
    leave(place.other_caches[-1], A)
    assert keep(place, folder / "catalog.yaml", [A]).links[A].failed_on == (DAY,)


# ---- moves


def test_a_catalog_that_is_renamed_keeps_its_history_and_a_copy_gets_none(tmp_path: Path) -> None:
    place, old, new = place_at(tmp_path / "cache"), tmp_path / "old.yaml", tmp_path / "sub" / "new.yaml"
    old.touch()
    keep(place, old, [A, B, C])
    new.parent.mkdir()
    new.touch()
    assert not keep(place, tmp_path / "copy.yaml", [A, B, C]).links
    old.unlink()
    assert not keep(place, tmp_path / "other.yaml", [A, D]).links
    assert keep(place, new, [A, B, D]).links[A].failed_on == (DAY,)
    assert len(histories(tmp_path)) == 3, "it was moved"


@pytest.mark.parametrize("inside", [True, False], ids=["cache inside", "cache outside"])
def test_in_another_checkout_each_catalog_finds_its_own_history(tmp_path: Path, inside: bool) -> None:
    """As in CI, where the cache comes back beside a checkout under another path."""
    urls = {"a.yaml": [A, B, C], "all.yaml": [A, B, C, D], "sub/a.yaml": [B, C, D]}
    for night in range(3):
        checkout = tmp_path / f"build-{night}" / "list"
        cache = checkout / ".cache" if inside else tmp_path / "cache"
        (checkout / "sub").mkdir(parents=True)
        if night and inside:
            shutil.move(tmp_path / f"build-{night - 1}" / "list" / ".cache", cache)
        if night:
            shutil.rmtree(tmp_path / f"build-{night - 1}")
        for name in urls:
            (checkout / name).touch()
        for name in (list(urls), list(urls)[::-1])[night % 2]:
            before = keep(place_at(cache), checkout / name, urls[name])
            assert {len(past.failed_on) for past in before.links.values()} == ({night} if night else set()), name
            assert set(before.links) == (set(urls[name]) if night else set())
    assert len(histories(tmp_path)) == 3


@pytest.mark.parametrize("other", [[A, B, C, D], [A, B, C, D, *(f"https://{n}.example.org/" for n in range(4))]])
@pytest.mark.parametrize("is_beside", [True, False])
def test_in_another_checkout_no_new_catalog_takes_a_neighbours_history(
    tmp_path: Path, other: list[str], is_beside: bool
) -> None:
    place, old, new = place_at(tmp_path / "cache"), tmp_path / "old" / "a.yaml", tmp_path / "new" / "a.yaml"
    for path in (old, new):
        path.parent.mkdir()
        path.touch()
    keep(place, old, [A, B, C])
    shutil.rmtree(old.parent)
    if is_beside:
        assert not keep(place, new.with_name("all.yaml"), other).links
        assert keep(place, new, [A, B, C]).links
    else:
        new.unlink()
        assert bool(keep(place, new.with_name("all.yaml"), other).links) == (len(other) < 6), "renamed and edited"


def test_two_catalogs_at_one_path_in_two_containers_are_not_mixed(tmp_path: Path) -> None:
    place, path = place_at(tmp_path / "cache"), tmp_path / "work" / "catalog.yaml"
    path.parent.mkdir()
    path.touch()
    for number in range(3):
        for urls in ([A, B], [C, D]):
            before = keep(place, path, urls)
            assert set(before.links) == (set(urls) if number else set())
    assert keep(place, path, [A, "https://new.example.org/"]).links, "an edited catalog is the same catalog"


# ---- a history file that a person names


def test_a_named_history_belongs_to_one_catalog(tmp_path: Path) -> None:
    place = place_at(tmp_path / "cache", history=tmp_path / "kept" / "seen.json")
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).touch()
    keep(place, tmp_path / "a.yaml", [A, B])
    before = (tmp_path / "kept" / "seen.json").read_bytes()
    assert json.loads(before)["catalog"] == "../a.yaml"
    with pytest.raises(
        EnrichError, match=r"seen\.json: the history of another catalog \(\.\./a\.yaml\), not of b\.yaml"
    ):
        keep(place, tmp_path / "b.yaml", [B, C, D])
    assert (tmp_path / "kept" / "seen.json").read_bytes() == before
    assert keep(place, tmp_path / "a.yaml", [C]).links, "its own, however much was edited"
    (tmp_path / "a.yaml").unlink()
    assert keep(place, tmp_path / "b.yaml", [C, D]).links, "renamed"


@pytest.mark.parametrize("name", ["README.md", "package.json", "list.bib"])
def test_a_file_that_is_no_history_is_refused_before_anything_is_asked(
    bench: Bench, upstream: Upstream, name: str
) -> None:
    text = {"package.json": '{"name": "x", "version": "1.0.0"}\n'}.get(name, "# mine\n")
    bench.write("catalog.yaml", catalog(upstream, "$(touch ran)", "good"))
    bench.write(name, text)
    bench.write("enrich.toml", upstream.settings(f'history = "{name}"'))
    for flags in ((), ("--dry-run",), ("--history", name)):
        done = bench.call("run", *flags)
        assert (done.code, upstream.asked) == (2, [])
        assert f"{name}: not a history file of enrich, and not replaced; move it away" in done.err
    assert bench.read(name) == text
    assert not list(bench.folder.glob("*.unreadable"))


# ---- planted links, failures, durability


def test_no_planted_link_is_written_through(bench: Bench, upstream: Upstream) -> None:
    bench.write("catalog.yaml", catalog(upstream, "a", "good"))
    night(bench, "catalog.yaml", "--cache-dir", "cache")
    victim = bench.folder.with_name("victim")
    for name in ("history.json", "last-report.json", "run.lock"):
        planted = bench.kept(name)
        planted.unlink()
        planted.symlink_to(victim)
    night(bench, "catalog.yaml")
    assert not victim.exists()
    assert not bench.kept("history.json").is_symlink()
    victim.write_text("precious")
    for name in ("history.json", "last-report.json"):
        planted = bench.kept(name)
        planted.unlink()
        planted.symlink_to(victim)
    night(bench, "catalog.yaml")
    assert victim.read_text() == "precious"
    shutil.rmtree(bench.folder / "cache" / "catalogs")
    (bench.folder / "cache" / "catalogs").symlink_to(bench.folder.parent)
    done = bench.call("run")
    assert done.code == 2
    assert "leads out of cache; remove the symbolic link" in done.err


@pytest.mark.parametrize("name", ["history.json", "last-report.json"])
def test_each_of_the_two_files_is_kept_though_the_other_cannot_be(tmp_path: Path, name: str) -> None:
    place, path = place_at(tmp_path / "cache"), tmp_path / "a.yaml"
    path.touch()
    keep(place, path, [A])
    state = State.find(place, path, entries_of(A))
    (other,) = {"history.json", "last-report.json"} - {name}
    for each in state.folder.glob("*.json"):
        each.unlink()
    (state.folder / name).mkdir()
    with pytest.raises(EnrichError) as raised:
        state.keep(report_on("a.yaml", A), History(postponed=(A,)))
    assert [line.partition(": cannot be written")[0] for line in str(raised.value).split("\n")] == [
        str(state.folder / name)
    ]
    assert A in (state.folder / other).read_text()


def test_catalog_history_last_report_and_reports_are_synced_with_their_folders(
    tmp_path: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = upstream.bench(tmp_path / "here", PAPER)
    (bench.folder / "reports").mkdir()
    synced: list[str] = []
    real = os.fsync

    def spy(file: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{file}").readlink()))
        real(file)

    monkeypatch.setattr(os, "fsync", spy)
    bench.call("run", "--history", "kept/history.json", "--report", "json=reports/report.json")
    monkeypatch.undo()
    folders = {
        bench.folder: "the catalog",
        bench.folder / "kept": "the history",
        bench.kept("last-report.json").parent: "the last report",
        bench.folder / "reports": "a report",
    }
    for folder, what in folders.items():
        files = [path for path in synced if Path(path).parent == folder and path.endswith(".tmp")]
        assert len(files) == 1, what
        assert synced.index(str(folder)) > synced.index(files[0]), f"the folder of {what}"
        assert not list(folder.glob(".enrich-*"))


PAPER = "version: 1\nentries:\n  - key: flexgen\n    links: {paper: https://arxiv.org/abs/2303.06865}\n"


# ---- outputs, and what check offers


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--report", "json=catalog.yaml"),
        ("run", "--report", "json=other.yaml"),
        ("run", "--history", "seen.json", "--report", "json=seen.json"),
        ("export", "-o", "catalog.yaml"),
        ("check", "list.md", "-o", "list.md"),
        ("check", "list.md", "--report", "html=./list.md"),
        ("report", "-o", "catalog.yaml"),
    ],
    ids=" ".join,
)
def test_no_output_takes_the_place_of_what_is_read(
    bench: Bench, upstream: Upstream, arguments: tuple[str, ...]
) -> None:
    before = {"catalog.yaml": catalog(upstream, "a", "good"), "other.yaml": "a: 1\n", "list.md": "<http://x.example/>"}
    before["seen.json"] = '{"version": 1}'
    for name, text in before.items():
        bench.write(name, text)
    done = bench.call(*arguments)
    assert (done.code, "and not overwritten; choose another file" in done.err) == (2, True), done.err
    assert {name: bench.read(name) for name in before} == before
    assert upstream.asked == []


def test_a_planted_link_under_the_name_of_an_output_is_not_followed(bench: Bench, upstream: Upstream) -> None:
    bench.write("catalog.yaml", catalog(upstream, "a", "good"))
    victim = bench.folder.with_name("victim")
    for name in ("report.html", "seen.json"):
        (bench.folder / name).symlink_to(victim)
    for exists in (False, True):
        for flags in (("--report", "html=report.html"), ("--history", "seen.json")):
            done = bench.call("run", *flags)
            assert (done.code, upstream.asked) == (2, []), flags
            assert "a symbolic link to" in done.err or "not a history file of enrich" in done.err
        assert victim.exists() == exists
        victim.write_text("precious")
    assert victim.read_text() == "precious"
    (bench.folder / "latest.html").symlink_to("today.html")
    assert bench.call("run", "--no-metadata", "--report", "html=latest.html").code == 0
    assert (bench.folder / "today.html").exists()
    assert bench.call("check", "catalog.yaml", "-o", "/dev/stdout").code == 0


def test_a_catalog_that_is_a_loop_of_links_is_told(bench: Bench) -> None:
    (bench.folder / "catalog.yaml").symlink_to("catalog.yaml")
    done = bench.call("run")
    assert (done.code, "Traceback" in done.err) == (2, False)
    assert done.err.startswith("enrich: catalog.yaml: ")


@pytest.mark.parametrize("form", ["text", "markdown", "html", "sarif"])
def test_check_keeps_no_history_and_offers_no_fix(bench: Bench, upstream: Upstream, form: str) -> None:
    bench.write("list.md", f"[x]({upstream.url('pages/moved')})\n")
    bench.write("catalog.yaml", catalog(upstream, "a", "moved"))
    for name in ("list.md", "catalog.yaml"):
        done = bench.call("check", name, "--format", form, "--cache-dir", "cache")
        assert "/pages/new" in done.out
        assert "enrich fix" not in done.out
    assert not histories(bench.folder)
    bench.call("run", "--no-metadata", "--cache-dir", "cache")
    assert "enrich fix" in bench.call("report", "--format", form).out


def test_findings_alone_tell_whose_history_it_is(tmp_path: Path) -> None:
    finding = Finding("broken-link", Severity.ERROR, "dead", "a", A)
    cache = tmp_path / "cache"
    cache.mkdir()
    save(cache / "history.json", History(findings={finding.identity: finding}))
    (tmp_path / "a.yaml").touch()
    state = State.find(place_at(cache), tmp_path / "a.yaml", entries_of(A))
    assert state.remembered(Namespace()).findings
