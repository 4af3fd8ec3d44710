"""Lists that a catalog mirrors: named in it, merged by every run, and shown in its findings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from enrich import catalog as catalogs
from enrich.catalog import MirroredList
from tests.loopback import Bench, Upstream, page

README = """\
# Papers

- FlexGen: High-Throughput Generative Inference of Large Language Models with a Single GPU
  [[Paper](GOOD)]
- Orca: A Distributed Serving System for Transformer-Based Generative Models
  [[Paper](OLD)]
"""


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    upstream.pages |= {"old": (301, {"location": "/pages/new"}, b""), "new": page("Orca"), "good": page("FlexGen")}
    bench = upstream.bench(tmp_path / "here")
    bench.write("README.md", _with_urls(README, upstream))
    return bench


def _with_urls(text: str, upstream: Upstream) -> str:
    return text.replace("GOOD", upstream.url("pages/good")).replace("OLD", upstream.url("pages/old"))


def report_of(bench: Bench, *flags: str) -> dict[str, Any]:
    done = bench.call("run", "--no-metadata", "--report", "json=out.json", *flags)
    assert done.code in (0, 1), done.err
    report = json.loads(bench.read("out.json"))
    assert isinstance(report, dict)
    return report


# ---- the key `lists:`


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("version: 1\nentries: []\n", "version: 1\nlists: [README.md]\nentries: []\n"),
        ("version: 1 # ours\r\nentries: []\r\n", "version: 1 # ours\r\nlists: [README.md]\r\nentries: []\r\n"),
        ("# ours\nentries: []\n", "# ours\nlists: [README.md]\nentries: []\n"),
        ("lists: refs.bib\nentries: []\n", "lists: [refs.bib, README.md]\nentries: []\n"),
        ("lists: [refs.bib] # x\nentries: []\n", "lists: [refs.bib, README.md] # x\nentries: []\n"),
        ("lists:\n- refs.bib\nentries: []\n", "lists:\n- refs.bib\n- README.md\nentries: []\n"),
        ("lists: []\nentries: []\n", "lists:\n  - README.md\nentries: []\n"),
        ("lists:\nentries: []\n", "lists:\n  - README.md\nentries: []\n"),
        ('{"version": 1, "entries": []}\n', '{"version": 1, "lists": ["README.md"], "entries": []}\n'),
        ("lists: [./README.md, README.md]\nentries: []\n", "lists: [./README.md, README.md]\nentries: []\n"),
    ],
)
def test_lists_are_named_in_the_catalog_and_nothing_else_changes(before: str, after: str) -> None:
    written = catalogs.with_lists(catalogs.parse(before), [MirroredList("README.md")])
    assert written == after
    assert catalogs.with_lists(catalogs.parse(written), [MirroredList("README.md")]) == written


@pytest.mark.parametrize(
    "lists", ["[null]", "[[a]]", "{README.md: x}", "[{base_url: x}]", "[{path: a.md, base_url: x}]"]
)
def test_lists_of_another_form_are_refused_with_their_line(lists: str) -> None:
    with pytest.raises(catalogs.CatalogError, match=r"^catalog\.yaml:1: "):
        catalogs.parse(f"lists: {lists}\nentries: []\n")


def test_the_base_url_of_a_list_is_kept(bench: Bench) -> None:
    base = "https://github.com/example/papers/blob/main/"
    bench.write(
        "docs.md", "- Orca: Serving Transformers at Scale [[Notes](notes/orca.md)] [[Paper](https://a.example/o)]\n"
    )
    assert bench.call("import", "docs.md", "--mirror", "--base-url", base).code == 0
    assert f"lists: [{{path: docs.md, base_url: {base}}}]" in bench.read().replace('"', "")
    before = bench.read()
    assert report_of(bench, "--no-links")["notes"] == []
    assert bench.read() == before


def test_map_and_mirror_exclude_each_other(bench: Bench) -> None:
    done = bench.call("import", "README.md", "--mirror", "--map", "title=Title")
    assert (done.code, bench.folder.joinpath("catalog.yaml").exists()) == (2, False)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ('"a\\0b.md"', "outside the repository"),
        ("/etc/hosts.md", "outside the repository"),
        ("../other.md", "outside the repository"),
        ("x/../../other.md", "outside the repository"),
        ("link.md", "outside the repository"),
        (".git/notes.md", "not a list"),
        ("secrets.env", "not a list"),
        ("pipes", "not a list"),
        ("folder.md", "not a file"),
        ("missing.md", "file not found"),
        ("latin.md", "not UTF-8"),
        ("broken.bib", "invalid BibTeX"),
    ],
)
def test_a_run_reads_nothing_but_lists_of_the_repository(bench: Bench, name: str, why: str) -> None:
    (bench.folder / "folder.md").mkdir()
    (bench.folder / ".git").mkdir()
    (bench.folder / "link.md").symlink_to("/etc/hosts")
    (bench.folder / "latin.md").write_bytes(b"- caf\xe9\n")
    bench.write("broken.bib", "@article{x,\n title = {\n")
    text = f"version: 1\nlists: [{name}]\nentries: []\n"
    bench.write("catalog.yaml", text)
    done = bench.call("run")
    assert done.code == 2
    assert done.err.startswith("enrich: catalog.yaml:2: ")
    assert why in done.err
    assert bench.read() == text


def test_import_names_no_list_that_a_run_would_refuse(bench: Bench) -> None:
    outside = bench.folder.parent / "outside.md"
    outside.write_text(bench.read("README.md"))
    assert bench.call("import", str(outside), "--mirror").code == 2
    assert not (bench.folder / "catalog.yaml").exists()


def test_lists_may_lie_above_the_catalog_in_one_repository(bench: Bench) -> None:
    (bench.folder / ".git").mkdir()
    (bench.folder / "data").mkdir()
    assert bench.call("import", "README.md", "--mirror", "-o", "data/catalog.yaml").code == 0
    assert 'lists: ["../README.md"]' in bench.read("data/catalog.yaml")
    assert {link["list_place"] for link in report_of(bench, "data/catalog.yaml")["links"]} == {
        "README.md:4",
        "README.md:6",
    }


# ---- what a run does with them


def test_a_run_merges_what_is_new_and_says_so(bench: Bench, upstream: Upstream) -> None:
    bench.call("import", "README.md", "--mirror")
    before = bench.read()
    report_of(bench)
    item = "- Medusa: Simple Inference Acceleration Framework with Multiple Heads [[Paper](GOOD)](GOOD)\n"
    more = bench.read("README.md") + _with_urls(item, upstream).replace("good", "new")
    bench.write("README.md", more.replace("Single GPU\n", "Single GPU [[Code](https://github.com/x/flexgen)]\n"))
    dry = bench.call("run", "--no-metadata", "--dry-run", "--no-links")
    assert "+  - key: medusa" in dry.out
    assert bench.read() == before
    report = report_of(bench)
    assert bench.read().startswith(before.rpartition("      - {label: Paper")[0].partition("  - key: orca")[0])
    assert report["notes"] == [
        "1 new entry from the lists: medusa.",
        "1 new link from the lists, in flexgen.",
    ]
    after = bench.read()
    assert report_of(bench)["notes"] == []
    assert bench.read() == after


def test_findings_tell_the_line_in_the_list(bench: Bench) -> None:
    bench.call("import", "README.md", "--mirror")
    (finding,) = report_of(bench)["findings"]
    assert (finding["rule"], finding["list_place"]) == ("moved-link", "README.md:6")
    assert finding["place"].startswith("catalog.yaml:")
    assert "file=README.md,line=6" in bench.call("report", "--format", "github").out


def test_a_check_of_the_catalog_tells_the_line_in_the_list_too(bench: Bench, upstream: Upstream) -> None:
    bench.call("import", "README.md", "--mirror")
    before = bench.read()
    text = bench.read("README.md") + _with_urls("- Medusa: Simple Heads [[Paper](GONE)]\n", upstream)
    bench.write("README.md", text.replace("GONE", upstream.url("pages/gone")))
    found = bench.call("check", "--format", "json").report["findings"]
    assert isinstance(found, list)
    assert {(row["rule"], row["list_place"]) for row in found} == {
        ("moved-link", "README.md:6"),
        ("broken-link", "README.md:7"),
    }
    assert bench.read() == before


def test_what_left_the_list_stays_with_a_note(bench: Bench) -> None:
    bench.call("import", "README.md", "--mirror")
    report_of(bench)
    before = bench.read()
    bench.write("README.md", bench.read("README.md").partition("- Orca")[0])
    (note,) = report_of(bench)["notes"]
    assert note.startswith("No longer in README.md, but still in catalog.yaml: Orca: A Distributed")
    assert bench.read() == before
    assert report_of(bench)["notes"] == []


def test_an_edit_of_the_catalog_during_the_run_is_kept(bench: Bench, upstream: Upstream) -> None:
    bench.call("import", "README.md", "--mirror")
    bench.write("README.md", bench.read("README.md") + "- Sarathi: Chunked Prefills [[Paper](https://a.example/s)]\n")
    edited = bench.read() + "# a thought\n"

    def edit() -> None:
        bench.write("catalog.yaml", edited)

    upstream.before_answer = edit
    done = bench.call("run", "--no-metadata")
    assert done.code == 2
    assert "changed on disk" in done.err
    assert bench.read() == edited


def test_no_report_takes_the_place_of_a_list(bench: Bench) -> None:
    bench.call("import", "README.md", "--mirror")
    before = bench.read("README.md")
    assert bench.call("run", "--report", "markdown=README.md").code == 2
    assert bench.read("README.md") == before
