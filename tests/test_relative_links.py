"""Relative links and anchors: checked on disk, inside the repository, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.loopback import Bench, Outcome


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A repository with a few files, and a secret beside it."""
    (tmp_path / "secret.md").write_text("# Key\n")
    bench = Bench.at(tmp_path / "here")
    (bench.folder / "docs").mkdir(parents=True)
    (bench.folder / ".git").mkdir()
    bench.write("docs/guide.md", "# Set up\n\n[home](../README.md#links) [up](../../secret.md)\n")
    bench.write("docs/page.html", '<h1 id="Top-1">x</h1><a href="guide.md"></a><a href="/site-root"></a>')
    bench.write("Read Me.txt", "text\n")
    (bench.folder / "out").symlink_to(tmp_path)
    (bench.folder / "inside").symlink_to("docs")
    return bench


def verdicts(done: Outcome) -> dict[str, tuple[str, str]]:
    """Return the verdict on each URL, and what was seen."""
    rows = done.report["links"]
    assert isinstance(rows, list)
    return {row["url"]: (row["verdict"], row["evidence"][-1]["saw"]) for row in rows}


CASES = {
    "docs/guide.md": ("ok", "found: docs/guide.md"),
    "docs/guide.md#set-up": ("ok", "found: docs/guide.md#set-up"),
    "docs/guide.md#setup": ("suspect", "no heading or id `setup` in docs/guide.md"),
    "docs/guide.md?raw=true": ("ok", "found: docs/guide.md"),
    "docs": ("ok", "found: docs"),
    "docs/": ("ok", "found: docs/"),
    "./docs/../docs/page.html#Top-1": ("ok", "found: ./docs/../docs/page.html#Top-1"),
    "/docs/guide.md": ("ok", "found: /docs/guide.md"),
    "inside/guide.md": ("ok", "found: inside/guide.md"),
    "Read%20Me.txt#L3": ("ok", "found: Read Me.txt"),
    "#links": ("ok", "found: README.md#links"),
    "#nowhere": ("suspect", "no heading or id `nowhere` in README.md"),
    "CONTRIBUTING.md": ("broken", "file not found: CONTRIBUTING.md"),
    "docs/GUIDE.md": ("broken", "file not found: docs/GUIDE.md (there is guide.md)"),
    "docs/guide.md/x": ("broken", "file not found: docs/guide.md/x"),
    "%00": ("broken", "file not found: \0"),
    "../secret.md": ("skipped", "outside the repository"),
    "docs/../../secret.md#key": ("skipped", "outside the repository"),
    "out/secret.md": ("skipped", "a symbolic link leads out of the repository"),
    "out/no-such.md": ("skipped", "a symbolic link leads out of the repository"),
    "../../issues": ("skipped", "outside the repository"),
    "{{site.url}}/x": ("skipped", "a template placeholder"),
    "mailto:a@b.example": ("skipped", "not a web address (mailto:)"),
}


def test_each_kind_of_relative_link(bench: Bench) -> None:
    bench.write("README.md", "# Links\n\n" + "".join(f"- [x](<{url}>)\n" for url in CASES))
    done = bench.call("check", "README.md", "--format", "json")
    assert verdicts(done) == CASES
    assert done.code == 1
    findings = done.report["findings"]
    assert isinstance(findings, list)
    assert {(f["rule"], f["severity"], f["url"]) for f in findings} == {
        ("broken-link", "error", url) if verdict == "broken" else ("missing-anchor", "warning", url)
        for url, (verdict, _) in CASES.items()
        if verdict in ("broken", "suspect")
    }
    assert {f["place"] for f in findings if f["url"] == "CONTRIBUTING.md"} == {"README.md:15"}
    counts = done.report["counts"]
    assert isinstance(counts, dict)
    assert (counts["broken"], counts["suspect"], counts["skipped"]) == (4, 2, 7)


def test_a_missing_file_and_a_missing_anchor_are_shown_with_their_places(bench: Bench) -> None:
    bench.write("README.md", "# Links\n\n[a](gone.md), [b](#gone)\n")
    done = bench.call("check", "README.md")
    assert re.search(r"^README\.md:3  error +broken-link +file not found: gone.md$", done.out, re.MULTILINE)
    assert re.search(r"^README\.md:3  warning +missing-anchor +no heading or id `gone` in", done.out, re.MULTILINE)
    assert "suspect links" not in done.out


def test_links_are_relative_to_their_own_file(bench: Bench) -> None:
    bench.write("README.md", "# Links\n")
    both = verdicts(bench.call("check", "docs/guide.md", "docs/page.html", "--format", "json"))
    assert both == {
        "../README.md#links": ("ok", "found: ../README.md#links"),
        "../../secret.md": ("skipped", "outside the repository"),
        "guide.md": ("ok", "found: guide.md"),
        "/site-root": ("skipped", "relative to the root of the site; set --base-url"),
    }


def test_without_a_repository_the_files_own_folder_is_the_border(bench: Bench) -> None:
    (bench.folder / ".git").rmdir()
    bench.write("README.md", "# Links\n")
    assert verdicts(bench.call("check", "docs/guide.md", "--format", "json"))["../README.md#links"][0] == "skipped"


def test_a_base_makes_them_web_addresses(bench: Bench) -> None:
    bench.write("README.md", "[a](docs/x.md) [b](/y) [c](//e.example/z) [d](#gone)\n")
    done = bench.call("check", "README.md", "--base-url", "https://b.example/r/", "--offline", "--format", "json")
    assert list(verdicts(done)) == [
        "https://b.example/r/docs/x.md",
        "https://b.example/y",
        "https://e.example/z",
        "#gone",
    ]
    refused = bench.call("check", "README.md", "--base-url", "b.example")
    assert refused.code == 2
    assert "must be an http or https URL (got 'b.example')" in refused.err


def test_standard_input_has_no_base(bench: Bench) -> None:
    done = bench.call("check", "-", "--format", "json", stdin=b"[a](docs/guide.md) [b](#x)")
    assert {verdict for verdict, _ in verdicts(done).values()} == {"skipped"}
    assert done.code == 0


def test_what_is_ignored_is_no_finding(bench: Bench) -> None:
    bench.write("enrich.toml", 'ignore = [{pattern = "gone.md", reason = "made by the build"}]\n')
    bench.write("README.md", "[a](gone.md)\n")
    done = bench.call("check", "README.md", "--format", "json")
    assert (done.code, done.report["findings"]) == (0, [])


def test_a_file_too_large_for_the_parser_is_refused_and_its_anchors_pass(bench: Bench) -> None:
    with (bench.folder / "large.md").open("wb") as file:
        file.truncate(5_000_001)
    bench.write("README.md", "[a](large.md#x)\n")
    assert verdicts(bench.call("check", "README.md", "--format", "json"))["large.md#x"][0] == "ok"
    refused = bench.call("check", "large.md")
    assert (refused.code, "the limit is 5 MB" in refused.err) == (2, True)


def test_a_file_that_is_given_twice_is_checked_once(bench: Bench) -> None:
    bench.write("README.md", "# Papers\n\n[guide](docs/guide.md)\n")
    done = bench.call("check", "README.md", "README.md", "--format", "json")
    assert done.code == 0
    assert list(verdicts(done)) == ["docs/guide.md"]
