"""Several catalogs in one run: asked together, each judged, saved, remembered and reported as in a run of its own."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import validate

from enrich.commands.inputs import catalog_paths, names_of
from enrich.commands.locks import run_lock
from enrich.report import as_json
from tests.loopback import TAG, Bench, Upstream
from tests.states import bench_without_cache, catalog, set_back

NAMES = ("a", "b", "c")
RUNS = ("started", "finished", "requests", "slowest_hosts")


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    return filled(bench_without_cache(tmp_path / "here", upstream), upstream)


def filled(bench: Bench, upstream: Upstream) -> Bench:
    for folder in ("lists", "out", "cache"):
        (bench.folder / folder).mkdir(exist_ok=True)
    bench.write("cache/CACHEDIR.TAG", TAG)
    for name, pages in zip(NAMES, (("dead", "down"), ("good", "down", "moved"), ("good",)), strict=True):
        bench.write(f"lists/{name}.yaml", catalog(upstream, "entry", *pages))
    return bench


def stripped(report: dict[str, Any]) -> dict[str, Any]:
    """A report without what belongs to the run and not to the catalog: times and requests."""
    rows = [*report["links"], *report["findings"]]
    kept = {name: part for name, part in report.items() if name not in RUNS}
    return kept | {"evidence": [[each | {"at": ""} for each in row.pop("evidence")] for row in rows]}


def test_three_nights_are_those_of_single_runs(bench: Bench, upstream: Upstream, tmp_path: Path) -> None:
    single = filled(bench_without_cache(tmp_path / "single", upstream), upstream)
    for night in range(3):
        together = bench.call("run", "lists/*.yaml", "--no-metadata", "--report", "json=out/{name}.json")
        codes = [
            single.call("run", f"lists/{name}.yaml", "--no-metadata", "--report", f"json=out/{name}.json").code
            for name in NAMES
        ]
        assert codes == [1, 0, 0], night
        assert together.code == 1, together.err
        for name in NAMES:
            own, other = (json.loads(each.read(f"out/{name}.json")) for each in (bench, single))
            assert stripped(own) == stripped(other), (night, name)
            assert own["catalog"] == f"lists/{name}.yaml"
        for each in (bench, single):
            set_back([each.folder, Path(each.environment["HOME"])])
    # Each catalog alone goes on from what it was with the others.
    again = bench.call("report", "lists/b.yaml", "--format", "json")
    assert "still" in {finding["state"] for finding in json.loads(again.out)["findings"]}


def test_what_several_catalogs_share_is_asked_once(bench: Bench, upstream: Upstream) -> None:
    assert bench.call("run", "lists/*.yaml", "--no-metadata").code == 1
    assert sum("pages/good" in line for line in upstream.asked) == 1


def test_one_report_covers_all_catalogs(bench: Bench) -> None:
    flags = [f"--report={name}=out/all.{name}" for name in ("json", "markdown", "html", "junit", "sarif", "github")]
    done = bench.call("run", "lists/*.yaml", "--no-metadata", *flags)
    whole = json.loads(bench.read("out/all.json"))
    validate(whole, as_json.schema())
    assert [each["catalog"] for each in whole["catalogs"]] == [f"lists/{name}.yaml" for name in NAMES]
    assert whole["counts"]["ok"] == sum(each["counts"]["ok"] for each in whole["catalogs"])
    assert whole["requests"] == whole["catalogs"][0]["requests"]
    assert [each.catalog for each in as_json.read_all(bench.read("out/all.json"))] == [
        each["catalog"] for each in whole["catalogs"]
    ]
    assert "3 catalogs: 1 error" in done.out
    for name in ("markdown", "html", "junit"):
        text = bench.read(f"out/all.{name}")
        assert all(f"lists/{each}.yaml" in text for each in NAMES), name
    (run,) = json.loads(bench.read("out/all.sarif"))["runs"]
    assert {row["properties"]["catalog"] for row in run["results"]} == {"lists/a.yaml", "lists/b.yaml"}
    assert "::error file=lists/a.yaml" in bench.read("out/all.github")
    again = bench.call("report", "lists/*.yaml", "--format", "json")
    assert [stripped(each) for each in json.loads(again.out)["catalogs"]] == [
        stripped(each) for each in whole["catalogs"]
    ]


def test_fix_and_export_take_several_catalogs(bench: Bench, upstream: Upstream) -> None:
    bench.call("run", "lists/*.yaml", "--no-metadata")
    assert "1 link replaced" in bench.call("fix", "lists/*.yaml").out
    assert upstream.url("pages/new") in bench.read("lists/b.yaml")
    assert bench.call("export", "lists/*.yaml", "--format", "csv", "-o", "out/{name}.csv").code == 0
    assert sorted(path.name for path in (bench.folder / "out").glob("*.csv")) == ["a.csv", "b.csv", "c.csv"]
    assert bench.call("export", "lists/*.yaml", "--format", "csv").out.count("entry") >= len(NAMES)


def test_check_takes_several_catalogs(bench: Bench) -> None:
    done = bench.call("check", "lists/*.yaml", "--format", "json")
    assert done.code == 1
    assert [each["catalog"] for each in json.loads(done.out)["catalogs"]] == [f"lists/{name}.yaml" for name in NAMES]


def test_a_broken_catalog_stops_the_run_before_anything_is_asked(bench: Bench, upstream: Upstream) -> None:
    bench.write("lists/b.yaml", "entries: [\n")
    before = {path: path.read_bytes() for path in bench.folder.rglob("*") if path.is_file()}
    done = bench.call("run", "lists/*.yaml")
    assert done.code == 2
    assert "lists/b.yaml" in done.err
    assert not upstream.asked
    assert {path: path.read_bytes() for path in bench.folder.rglob("*") if path.is_file()} == before


def test_a_catalog_that_another_run_holds_stops_the_run(bench: Bench, upstream: Upstream) -> None:
    with run_lock(bench.folder / "elsewhere", bench.folder / "lists" / "b.yaml"):
        done = bench.call("run", "lists/*.yaml")
    assert done.code == 2
    assert "lists/b.yaml" in done.err
    assert not upstream.asked


def test_a_pattern_without_files_is_an_error(bench: Bench) -> None:
    done = bench.call("run", "lists/*.yml")
    assert (done.code, "no file matches" in done.err) == (2, True)


def test_an_entry_must_be_in_one_of_the_catalogs(bench: Bench, upstream: Upstream) -> None:
    bench.write("lists/c.yaml", catalog(upstream, "other", "good"))
    assert bench.call("run", "lists/*.yaml", "--entry", "nowhere").code == 2
    done = bench.call("run", "lists/*.yaml", "--no-metadata", "--entry", "other", "--report", "json=out/{name}.json")
    assert done.code == 0
    assert [path.name for path in (bench.folder / "out").iterdir()] == ["c.json"]


def test_one_history_file_is_not_for_several_catalogs(bench: Bench) -> None:
    done = bench.call("run", "lists/*.yaml", "--history", "own.json")
    assert (done.code, "--history" in done.err) == (2, True)


def test_a_paper_in_several_catalogs_is_no_duplicate(bench: Bench) -> None:
    text = "version: 1\nentries:\n  - {key: paper, type: paper, links: [https://arxiv.org/abs/2303.06865]}\n"
    for name in NAMES:
        bench.write(f"lists/{name}.yaml", text)
    bench.call("run", "lists/*.yaml", "--report", "json=out/all.json")
    whole = json.loads(bench.read("out/all.json"))
    rules = {finding["rule"] for each in whole["catalogs"] for finding in each["findings"]}
    assert "duplicate-entry" not in rules
    assert len({bench.read(f"lists/{name}.yaml") for name in NAMES}) == 1


def test_a_file_is_taken_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").touch()
    (tmp_path / "link.yaml").symlink_to("a.yaml")
    assert catalog_paths([tmp_path / "a.yaml", f"{tmp_path}/*.yaml"]) == [tmp_path / "a.yaml"]


def test_equal_stems_are_told_apart_by_their_folders() -> None:
    paths = [Path("x/list.yaml"), Path("y/list.yaml"), Path("z/own.yaml")]
    assert names_of(paths) == ["x-list", "y-list", "own"]


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=250)
        | st.sampled_from([".", "..", "CON", "nul.old", "a#b", "a?b", "100%25", "\u202etxt", " .x. ", "é", "e\u0301"])
    )
)
def test_names_are_those_of_one_file_on_any_system(stems: list[str]) -> None:
    names = names_of([Path(f"{stem}.yaml") for stem in stems])
    assert len({unicodedata.normalize("NFC", name).casefold() for name in names}) == len(stems)
    for name in names:
        assert 0 < len(name.encode()) < 150
        assert name == name.strip(" .")
        assert not set(name) & set('<>:"/\\|?*#%&\n\u202e')
        assert name.partition(".")[0].casefold() not in ("con", "prn", "aux", "nul", "com1", "lpt9")


@given(st.lists(st.sampled_from(["a/x.yaml", "b/x.yaml", "a-x.yaml", "A/x.yaml", "../a/x.yaml", "c/a-x.yaml"])))
def test_names_are_unique(names: list[str]) -> None:
    given_names = [name.casefold() for name in names_of([Path(name) for name in names])]
    assert len(set(given_names)) == len(names)
