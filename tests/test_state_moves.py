"""A history is found again by its catalog: left by an earlier version, after a move, under a name of its own."""

from __future__ import annotations

import json
import shutil
from argparse import Namespace
from pathlib import Path

import pytest

from enrich.commands.state import CatalogState
from enrich.commands.workspace import Workspace
from enrich.history import History, save
from enrich.model import (
    EnrichError,
    Finding,
    Severity,
)
from tests.loopback import Bench, Upstream
from tests.states import (
    DAY,
    A,
    B,
    C,
    D,
    bench_without_cache,
    catalog,
    entries_of,
    histories,
    keep,
    leave,
    night,
    workspace_at,
)


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    return bench_without_cache(tmp_path / "here", upstream)


@pytest.mark.parametrize("name", ["a.yaml", None])
def test_an_earlier_versions_history_is_adopted_once_and_by_the_catalog_whose_links_it_holds(
    tmp_path: Path, name: str | None
) -> None:
    cache = tmp_path / "cache"
    leave(cache, A, B, name=name)
    workspace = workspace_at(cache)
    for path in ("a.yaml", "b.yaml", "copy.yaml"):
        (tmp_path / path).touch()
    assert not keep(workspace, tmp_path / "b.yaml", [B, C, D]).links, "one link of two is not most of them"
    if name:
        assert CatalogState.find(workspace, tmp_path / "a.yaml", entries_of(A, B)).last_report().links
    assert keep(workspace, tmp_path / "a.yaml", [A, B, C]).links[A].failed_on == (DAY,)
    assert not (cache / "history.json").exists()
    assert not (cache / "last-report.json").exists()
    assert not keep(workspace, tmp_path / "copy.yaml", [A, B, C]).links


def test_nor_does_a_longer_catalog_take_what_its_neighbours_report_stands_beside(tmp_path: Path) -> None:
    leave(tmp_path / "cache", A, B, name="a.yaml")
    workspace = workspace_at(tmp_path / "cache")
    (tmp_path / "a.yaml").touch()
    assert not keep(workspace, tmp_path / "all.yaml", [A, B, C, D]).links
    assert keep(workspace, tmp_path / "a.yaml", [A, B]).links


def test_an_untagged_cache_with_an_earlier_versions_history_is_still_the_cache(
    bench: Bench, upstream: Upstream
) -> None:
    bench.write("catalog.yaml", catalog(upstream, "a", "down"))
    leave(bench.folder / "cache", upstream.url("pages/down"))
    night(bench, "catalog.yaml")
    assert {path.name for path in (bench.folder / "cache").iterdir()} == {"CACHEDIR.TAG", "answers", "catalogs"}
    assert '"failed_on": [\n    "2026-11-01"' in bench.kept("history.json").read_text()


def test_the_users_cache_of_earlier_versions_is_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    folder = tmp_path / "lists"
    folder.mkdir()
    workspace = Workspace.of(Namespace(), folder / "catalog.yaml")
    assert workspace.cache == tmp_path / "xdg" / "enrich"
    leave(workspace.other_caches[-1], A)
    assert keep(workspace, folder / "catalog.yaml", [A]).links[A].failed_on == (DAY,)


# ---- moves


def test_a_catalog_that_is_renamed_keeps_its_history_and_a_copy_gets_none(tmp_path: Path) -> None:
    workspace, old, new = workspace_at(tmp_path / "cache"), tmp_path / "old.yaml", tmp_path / "sub" / "new.yaml"
    old.touch()
    keep(workspace, old, [A, B, C])
    new.parent.mkdir()
    new.touch()
    assert not keep(workspace, tmp_path / "copy.yaml", [A, B, C]).links
    old.unlink()
    assert not keep(workspace, tmp_path / "other.yaml", [A, D]).links
    assert keep(workspace, new, [A, B, D]).links[A].failed_on == (DAY,)
    assert len(histories(tmp_path)) == 3, "it was moved"


@pytest.mark.parametrize("inside", [True, False], ids=["cache inside", "cache outside"])
def test_in_another_checkout_each_catalog_finds_its_own_history(tmp_path: Path, inside: bool) -> None:
    """As in CI, where the cache comes back beside a checkout under another path."""
    urls = {"a.yaml": [A, B, C], "all.yaml": [A, B, C, D], "sub/a.yaml": [B, C, D]}
    for build in range(3):
        checkout = tmp_path / f"build-{build}" / "list"
        cache = checkout / ".cache" if inside else tmp_path / "cache"
        (checkout / "sub").mkdir(parents=True)
        if build and inside:
            shutil.move(tmp_path / f"build-{build - 1}" / "list" / ".cache", cache)
        if build:
            shutil.rmtree(tmp_path / f"build-{build - 1}")
        for name in urls:
            (checkout / name).touch()
        for name in (list(urls), list(urls)[::-1])[build % 2]:
            before = keep(workspace_at(cache), checkout / name, urls[name])
            assert {len(past.failed_on) for past in before.links.values()} == ({build} if build else set()), name
            assert set(before.links) == (set(urls[name]) if build else set())
    assert len(histories(tmp_path)) == 3


@pytest.mark.parametrize("other", [[A, B, C, D], [A, B, C, D, *(f"https://{n}.example.org/" for n in range(4))]])
@pytest.mark.parametrize("is_beside", [True, False])
def test_in_another_checkout_no_new_catalog_takes_a_neighbours_history(
    tmp_path: Path, other: list[str], is_beside: bool
) -> None:
    workspace, old, new = workspace_at(tmp_path / "cache"), tmp_path / "old" / "a.yaml", tmp_path / "new" / "a.yaml"
    for path in (old, new):
        path.parent.mkdir()
        path.touch()
    keep(workspace, old, [A, B, C])
    shutil.rmtree(old.parent)
    if is_beside:
        assert not keep(workspace, new.with_name("all.yaml"), other).links
        assert keep(workspace, new, [A, B, C]).links
    else:
        new.unlink()
        assert bool(keep(workspace, new.with_name("all.yaml"), other).links) == (len(other) < 6), "renamed and edited"


def test_two_catalogs_at_one_path_in_two_containers_are_not_mixed(tmp_path: Path) -> None:
    workspace, path = workspace_at(tmp_path / "cache"), tmp_path / "work" / "catalog.yaml"
    path.parent.mkdir()
    path.touch()
    for number in range(3):
        for urls in ([A, B], [C, D]):
            before = keep(workspace, path, urls)
            assert set(before.links) == (set(urls) if number else set())
    assert keep(workspace, path, [A, "https://new.example.org/"]).links, "an edited catalog is the same catalog"


# ---- a history file that a person names


def test_a_named_history_belongs_to_one_catalog(tmp_path: Path) -> None:
    workspace = workspace_at(tmp_path / "cache", history=tmp_path / "kept" / "seen.json")
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).touch()
    keep(workspace, tmp_path / "a.yaml", [A, B])
    before = (tmp_path / "kept" / "seen.json").read_bytes()
    assert json.loads(before)["catalog"] == "../a.yaml"
    with pytest.raises(
        EnrichError, match=r"seen\.json: the history of another catalog \(\.\./a\.yaml\), not of b\.yaml"
    ):
        keep(workspace, tmp_path / "b.yaml", [B, C, D])
    assert (tmp_path / "kept" / "seen.json").read_bytes() == before
    assert keep(workspace, tmp_path / "a.yaml", [C]).links, "its own, however much was edited"
    (tmp_path / "a.yaml").unlink()
    assert keep(workspace, tmp_path / "b.yaml", [C, D]).links, "renamed"


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


def test_findings_alone_tell_whose_history_it_is(tmp_path: Path) -> None:
    finding = Finding("broken-link", Severity.ERROR, "dead", "a", A)
    cache = tmp_path / "cache"
    cache.mkdir()
    save(cache / "history.json", History(findings={finding.identity: finding}))
    (tmp_path / "a.yaml").touch()
    state = CatalogState.find(workspace_at(cache), tmp_path / "a.yaml", entries_of(A))
    assert state.remembered(Namespace()).findings
