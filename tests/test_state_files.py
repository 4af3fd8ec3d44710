"""State and outputs are written durably, through no planted link, and over nothing that is not theirs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from enrich.commands.state import CatalogState
from enrich.history import History
from enrich.model import (
    EnrichError,
)
from tests.loopback import Bench, Upstream
from tests.states import (
    A,
    bench_without_cache,
    catalog,
    entries_of,
    histories,
    keep,
    night,
    report_on,
    workspace_at,
)


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    return bench_without_cache(tmp_path / "here", upstream)


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
    workspace, path = workspace_at(tmp_path / "cache"), tmp_path / "a.yaml"
    path.touch()
    keep(workspace, path, [A])
    state = CatalogState.find(workspace, path, entries_of(A))
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
    assert (done.code, "not overwritten; choose another" in done.err) == (2, True), done.err
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
def test_check_keeps_no_history(bench: Bench, upstream: Upstream, form: str) -> None:
    bench.write("list.md", f"[x]({upstream.url('pages/moved')})\n")
    bench.write("catalog.yaml", catalog(upstream, "a", "moved"))
    for name in ("list.md", "catalog.yaml"):
        done = bench.call("check", name, "--format", form, "--cache-dir", "cache")
        assert "/pages/new" in done.out
    assert not histories(bench.folder)
    bench.call("run", "--no-metadata", "--cache-dir", "cache")
    assert "enrich fix" in bench.call("report", "--format", form).out
