"""Comments in a list that accept a link: `<!-- enrich: ignore REASON -->` behind it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from enrich.links import ignored_urls
from tests.loopback import Bench, Upstream, page

A, B = "https://a.example.org/", "https://b.example.org/"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"[a]({A}) <!-- enrich: ignore moved often -->", {A: "moved often"}),
        (f"[a]({A}) [b]({B}) <!--enrich:ignore: x-->", {B: "x"}),
        (f"[a]({A}) <!-- enrich: ignore x --> [b]({B})", {A: "x"}),
        (f"- [a]({A})\n  text <!-- enrich: ignore x\n  y -->\n- [b]({B})", {A: "x y"}),
        (f"| x |\n| - |\n| [a]({A}) <!-- enrich: ignore x --> |\n| {B} |", {A: "x"}),
        (f"[a]({A})\n<!-- enrich: ignore x -->", {A: "x"}),
        (f"<a href='{A}'>a</a> <!-- enrich: ignore -->", {A: "no reason given"}),
        (f"[a][r] <!-- enrich: ignore x -->\n\n[r]: {A}", {A: "x"}),
        (f"[a]({A})\n\n<!-- enrich: ignore x -->", {}),
        (f"<!-- enrich: ignore x --> [a]({A})", {}),
        (f"[a]({A}) `<!-- enrich: ignore x -->`", {}),
        (f"[a]({A})\n```\n<!-- enrich: ignore x -->\n```", {}),
        (f"[a]({A}) <!-- enrich: ignored x -->", {}),
        (f"[a]({A}) <!-- enrich:begin ignore -->", {}),
    ],
)
def test_a_comment_belongs_to_the_link_before_it(text: str, expected: dict[str, str]) -> None:
    assert ignored_urls(text, "README.md") == expected
    assert ignored_urls(text.replace("\n", "\r\n"), "README.md") == expected


def test_html_has_them_too() -> None:
    assert ignored_urls(f"<p><a href='{A}'>a</a><!-- enrich: ignore x --></p>", "page.html") == {A: "x"}
    assert ignored_urls(f"{A} <!-- enrich: ignore x -->", "notes.txt") == {}


README = "# P\n\n- Orca: Serving Transformers [[Paper](@old)] <!-- enrich: ignore we like the old one -->\n- @gone\n"


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    upstream.pages |= {"old": (301, {"location": "/pages/new"}, b""), "new": page("Orca")}
    bench = upstream.bench(tmp_path / "here")
    bench.write("README.md", README.replace("@", upstream.url("pages/")))
    return bench


def test_check_tells_what_is_accepted_and_fix_leaves_it(bench: Bench) -> None:
    bench.write("README.md", bench.read("README.md") + "[x](missing.md) <!-- enrich: ignore soon -->\n")
    done = bench.call("check", "README.md", "--report", "json=out.json")
    report = json.loads(bench.read("out.json"))
    assert [finding["rule"] for finding in report["findings"]] == ["broken-link"]
    assert [(row["rule"], row["reason"], row["place"]) for row in report["accepted"]] == [
        ("moved-link", "we like the old one", "README.md:3"),
        ("broken-link", "soon", "README.md:5"),
    ]
    assert "accepted (we like the old one)" in done.out
    before = bench.read("README.md")
    assert "0 links replaced" in bench.call("fix", "README.md").out
    assert bench.read("README.md") == before


def test_a_run_accepts_what_its_lists_accept(bench: Bench) -> None:
    bench.call("import", "README.md", "--mirror")
    text = bench.read("README.md")
    bench.write("README.md", text.replace("<!-- enrich: ignore we like the old one -->", ""))
    bench.call("run", "--no-metadata", "--report", "json=out.json")
    assert "moved-link" in {finding["rule"] for finding in json.loads(bench.read("out.json"))["findings"]}
    bench.write("README.md", text)
    bench.call("run", "--no-metadata", "--report", "json=out.json", "--report", "html=out.html")
    report = json.loads(bench.read("out.json"))
    assert "moved-link" not in {finding["rule"] for finding in report["findings"]}
    assert [(row["rule"], row["reason"], row["list_place"]) for row in report["accepted"]] == [
        ("moved-link", "we like the old one", "README.md:3")
    ]
    assert "README.md:3 moved-link" in bench.call("report").out
    assert "we like the old one" in bench.read("out.html")
    assert "we like the old one" in bench.call("report", "--format", "markdown").out
    bench.call("fix")
    assert bench.read("README.md") == text


def test_settings_tell_their_reasons_as_well(bench: Bench) -> None:
    rule = '\n[[ignore]]\npattern = "*old"\nrule = "moved-link"\nreason = "known"\n'
    bench.write("enrich.toml", bench.read("enrich.toml") + rule)
    bench.call("import", "README.md")
    bench.call("run", "--no-metadata", "--report", "json=out.json")
    assert [row["reason"] for row in json.loads(bench.read("out.json"))["accepted"]] == ["known"]
