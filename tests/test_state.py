"""Each catalog has a history, a last report and a lock of its own, wherever they lie and whoever shares the cache."""

from __future__ import annotations

import shutil
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as few
from hypothesis import strategies as st

from enrich.access import paces_of
from enrich.commands.state import CatalogState
from enrich.commands.workspace import Workspace
from tests.loopback import TAG, Bench, Upstream
from tests.states import (
    bench_without_cache,
    catalog,
    entries_of,
    histories,
    homes,
    keep,
    night,
    remembered,
    set_back,
    workspace_at,
)


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    return bench_without_cache(tmp_path / "here", upstream)


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
            assert f"{names[number]}: " in each.call("report", names[number], *flags).out
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


@few(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 3), max_size=8), st.booleans(), st.integers(0, 2))
def test_any_order_of_runs_gives_each_catalog_the_history_that_it_has_alone(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], named_alike: bool, shared: int
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    workspace = workspace_at(folder / "shared")
    paths = [folder / f"{number}" / "c.yaml" if named_alike else folder / f"c{number}.yaml" for number in range(4)]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    common = [f"https://common.example.org/{number}" for number in range(shared)]
    runs = dict.fromkeys(range(4), 0)
    for number in order:
        urls = [*common, *(f"https://{number}.example.org/{page}" for page in "ab")]
        before = keep(workspace, paths[number], urls)
        assert {len(past.failed_on) for past in before.links.values()} == ({runs[number]} if runs[number] else set())
        runs[number] += 1
        last = CatalogState.find(workspace, paths[number], entries_of(*urls)).last_report()
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
    assert "Cache not used" in done.out
    assert bench.call("cache", "clear", "--cache-dir", "docs").code == 0
    assert sorted(path.name for path in (bench.folder / "docs").iterdir()) == ["answers", "catalogs"]
    assert bench.read("docs/answers/faq.md") == "# Answers of our own"


def test_answers_from_base_urls_of_a_found_file_are_kept_apart(tmp_path: Path) -> None:
    (tmp_path / "enrich.toml").write_text('[services]\narxiv = "https://mirror.example.org"\n')
    cache = str(tmp_path / "shared")
    for config in (tmp_path / "enrich.toml", None):
        given = Namespace(cache_dir=Path(cache), **({"config": config} if config else {}))
        answers = Workspace.of(given, tmp_path / "catalog.yaml").open_cache()
        answers.put("arxiv", "1", "of the stranger" if config is None else "of the mirror")
        answers.close()
    trusted = Workspace.of(Namespace(cache_dir=Path(cache)), tmp_path / "elsewhere" / "catalog.yaml").open_cache()
    assert trusted.get("arxiv", "1") == "of the mirror"
    trusted.close()


def test_a_found_file_slows_services_down_but_does_not_hurry_them(tmp_path: Path) -> None:
    fast = '[pace."export.arxiv.org"]\ninterval = 0.0\nconcurrency = 64\n[pace."own.example.org"]\nconcurrency = 8\n'
    path = tmp_path / "enrich.toml"
    path.write_text(fast + '[pace."doi.org"]\ninterval = 9.0\nconcurrency = 1\n')
    published = paces_of(Workspace.of(Namespace(), tmp_path / "none" / "c.yaml").loaded)
    found = paces_of(Workspace.of(Namespace(), tmp_path / "c.yaml").loaded)
    assert found["export.arxiv.org"] == published["export.arxiv.org"]
    assert (found["own.example.org"].concurrency, found["doi.org"].interval) == (8, 9.0)
    assert (
        paces_of(Workspace.of(Namespace(config=path), tmp_path / "c.yaml").loaded)["export.arxiv.org"].interval == 0.0
    )
