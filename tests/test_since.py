"""`enrich run --since`: what changed since a Git revision, in the catalog and in its lists, and what is new of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.loopback import Bench, Upstream, page
from tests.runner import git

README = "# Papers\n\n- Weaving Long Contexts [[Slides](GONE)]\n- A Theory of Kites and Strings [[Slides](GOOD)]\n"


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    upstream.pages["good"] = page("Kites")
    bench = upstream.bench(tmp_path / "here")
    bench.write("README.md", listed(upstream))
    bench.write("catalog.yaml", "version: 1\nlists: [README.md]\nentries: []\n")
    git(bench.folder, "init", "-q")
    git(bench.folder, "add", "README.md")
    return bench


def listed(upstream: Upstream, more: str = "") -> str:
    text = f"{README}{more}"
    return text.replace("GONE", upstream.url("pages/gone")).replace("GOOD", upstream.url("pages/good"))


def report_of(bench: Bench, *flags: str) -> dict[str, Any]:
    done = bench.call("run", "--since", "HEAD", "--no-metadata", "--dry-run", "--report", "json=out.json", *flags)
    assert done.code in (0, 1), done.err
    report: dict[str, Any] = json.loads(bench.read("out.json"))
    return {**report, "code": done.code}


@pytest.mark.parametrize("with_catalog", [False, True])
def test_what_a_list_held_before_is_not_new(with_catalog: bool, bench: Bench, upstream: Upstream) -> None:
    git(bench.folder, "add", *(["catalog.yaml"] if with_catalog else []), "README.md")
    git(bench.folder, "commit", "-q", "-m", "Papers")
    assert report_of(bench)["links"] == []
    bench.write("README.md", listed(upstream, "- A Shuttle for Many Threads [[Slides](GONE)]\n"))
    report = report_of(bench, "--fail-on", "new")
    assert [entry["key"] for entry in report["entries"]] == ["a-shuttle-for-many-threads"]
    assert ([finding["state"] for finding in report["findings"]], report["code"]) == (["new"], 1)


def test_a_link_that_the_entry_had_is_known(bench: Bench, upstream: Upstream) -> None:
    git(bench.folder, "commit", "-q", "-m", "Papers")
    bench.write("README.md", listed(upstream).replace("gone)]", f"gone)] [[Poster]({upstream.url('pages/lost')})]"))
    report = report_of(bench, "--fail-on", "new")
    states = {finding["url"].rpartition("/")[2]: finding["state"] for finding in report["findings"]}
    assert (states, report["code"]) == ({"gone": "still", "lost": "new"}, 1)
    bench.write("README.md", listed(upstream).replace("gone)]", f"gone)] [[Poster]({upstream.url('pages/good')})]"))
    report = report_of(bench, "--fail-on", "new")
    assert ([finding["state"] for finding in report["findings"]], report["code"]) == (["still"], 0)


def test_a_revision_that_is_not_there_is_an_error(bench: Bench) -> None:
    git(bench.folder, "commit", "-q", "-m", "Papers")
    done = bench.call("run", "--since", "nowhere")
    assert (done.code, "--since nowhere: git says: " in done.err) == (2, True)
