"""`enrich init`: what it writes from what lies in a folder, and what it leaves alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from enrich import catalog
from tests.loopback import Bench
from tests.runner import ACTION, git
from tests.test_docs import page

README = "# Papers\n\n- Weaving Long Contexts [[Paper](https://arxiv.org/abs/2301.00001)]\n"
BIB = "@article{loom, title={Weaving Long Contexts}, eprint={2301.00001}}\n@misc{kite, title={A Theory of Kites}}\n"
WORKFLOW = ".github/workflows/enrich.yml"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    folder = tmp_path / "here"
    folder.mkdir()
    git(folder, "init", "-q")
    return Bench.at(folder)


def files(bench: Bench) -> dict[str, bytes]:
    """The files of the folder."""
    paths = [path for path in bench.folder.rglob("*") if path.is_file() and ".git" not in path.parts]
    return {path.relative_to(bench.folder).as_posix(): path.read_bytes() for path in paths}


def test_a_folder_with_lists_gets_all_and_a_second_time_nothing(bench: Bench) -> None:
    bench.write("README.md", README)
    bench.write("refs.bib", BIB)
    bench.write(".gitignore", "*.log\r\n/report.md")
    done = bench.call("init")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("catalog.yaml: made from 1 item of README.md, 2 items of refs.bib;")
    assert [each.path for each in catalog.parse(bench.read()).lists] == ["README.md", "refs.bib"]
    assert len(catalog.parse(bench.read()).entries) == 2
    assert bench.read(".gitignore") == "*.log\r\n/report.md\r\n# Reports of enrich\r\n/report.html\r\n/report.json\r\n"
    assert "  git add catalog.yaml enrich.toml .github/workflows/enrich.yml .gitignore" in done.out
    assert bench.call("validate").code == 0
    before = files(bench)
    done = bench.call("init")
    assert done.code == 0
    assert done.out.splitlines()[:3] == [
        "catalog.yaml: exists, unchanged",
        "enrich.toml: has settings, unchanged",
        f"{WORKFLOW}: exists, unchanged",
    ]
    assert files(bench) == before


def test_the_workflow_uses_the_action_as_it_is(bench: Bench) -> None:
    bench.write("README.md", README)
    bench.write('a "b".bib', BIB)
    bench.call("init")
    written = yaml.safe_load(bench.read(WORKFLOW))
    assert written[True]["pull_request"]["paths"] == ["README.md", 'a "b".bib', "catalog.yaml"]
    minute, hour, *_ = written[True]["schedule"][0]["cron"].split()
    assert (0 < int(minute) < 60, hour) == (True, "3")
    first, second = written["jobs"]["enrich"]["steps"]
    assert first["uses"] in page(".github/workflows/ci.yml")
    assert re.fullmatch(r"\S+/enrich@v1", second["uses"])
    assert second.get("with", {}).keys() <= ACTION["inputs"].keys()
    assert set(written["permissions"]) == {"contents", "issues", "pull-requests"}


def test_what_is_there_is_not_overwritten(bench: Bench) -> None:
    bench.write("README.md", README)
    bench.write("catalog.yaml", "version: 1\nlists: [README.md]\nentries: []\n")
    bench.write("pyproject.toml", '[tool.enrich]\nfail_on = "never"\n')
    workflow = bench.folder / ".github/workflows/nightly.yaml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text("jobs: {a: {steps: [{uses: ada/enrich@v1}]}}\n", encoding="utf-8")
    before = files(bench)
    done = bench.call("init")
    assert done.out.splitlines()[1:4] == [
        "catalog.yaml: exists, unchanged",
        "pyproject.toml: has settings, unchanged",
        ".github/workflows/nightly.yaml: exists, unchanged",
    ]
    assert {name: text for name, text in files(bench).items() if name in before} == before
    assert set(files(bench)) - set(before) <= {".gitignore"}


def test_outside_of_git_there_is_no_workflow(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    bench = Bench.at(tmp_path / "here")
    bench.write("refs.bib", BIB)
    done = bench.call("init")
    assert done.code == 0
    assert f"{WORKFLOW}: not written: this is not the root of a Git repository" in done.out
    assert sorted(files(bench)) == ["catalog.yaml", "enrich.toml", "refs.bib"]


def test_a_dry_run_shows_it_and_writes_nothing(bench: Bench) -> None:
    bench.write("README.md", README)
    done = bench.call("init", "--dry-run")
    assert "+lists: [README.md]" in done.out
    assert list(files(bench)) == ["README.md"]


@pytest.mark.parametrize("readme", [None, "# A program\n\nSee [the manual](https://example.org/manual).\n", ""])
def test_a_folder_without_a_list_is_left_alone(readme: str | None, bench: Bench) -> None:
    if readme is not None:
        bench.write("README.md", readme)
    before = files(bench)
    done = bench.call("init")
    assert (done.code, done.out) == (2, "")
    assert "no list found here" in done.err
    assert files(bench) == before


def test_a_link_to_elsewhere_is_not_followed(bench: Bench, tmp_path: Path) -> None:
    bench.write("README.md", README)
    (tmp_path / "theirs").write_text("theirs\n", encoding="utf-8")
    (bench.folder / ".gitignore").symlink_to(tmp_path / "theirs")
    done = bench.call("init")
    assert done.code == 2
    assert "symbolic link" in done.err
    assert not (bench.folder / "catalog.yaml").exists()
    assert (tmp_path / "theirs").read_text(encoding="utf-8") == "theirs\n"
