"""What the settings do, by the command: files, then the environment, then flags."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path

import pytest

from tests.loopback import Bench, Upstream, page

CATALOG = """\
version: 1
entries:
  - key: flexgen
    links: {paper: https://arxiv.org/abs/2303.06865}
  - key: post
    type: blog
    links: [{label: Post, kind: blog, url: "POST"}]
"""


@pytest.fixture
def upstream(upstream: Upstream) -> Upstream:
    upstream.pages["post"] = page("Forbidden", 403)
    return upstream


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    return upstream.bench(tmp_path / "here", CATALOG.replace("POST", upstream.url("pages/post")))


def verdict(bench: Bench) -> str:
    """The verdict on the post after a run."""
    done = bench.call("run", "--report", "json=report.json", "--fail-on", "never")
    assert done.code == 0, done.err
    (row,) = [row for row in json.loads(bench.read("report.json"))["links"] if "/pages/" in row["url"]]
    return str(row["verdict"])


def test_statuses_are_accepted_per_host(bench: Bench, upstream: Upstream) -> None:
    assert verdict(bench) == "blocked"
    bench.call("cache", "clear")
    bench.write("enrich.toml", upstream.settings('[accept]\n"127.0.0.1" = [403]\n'))
    assert verdict(bench) == "ok"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('pattern = "http://127.0.0.1*/pages/*"', "skipped"),
        ('pattern = "http://127.0.0.1*/pages/*"\nuntil = 2999-12-31', "skipped"),
        ('pattern = "http://127.0.0.1*/pages/*"\nuntil = 2020-01-01', "blocked"),
        ('pattern = "https://elsewhere.example.org/*"', "blocked"),
    ],
    ids=["for ever", "until a day to come", "until a day that is over", "another place"],
)
def test_links_are_ignored_by_rule(bench: Bench, upstream: Upstream, rule: str, expected: str) -> None:
    bench.write("enrich.toml", upstream.settings(f'[[ignore]]\nreason = "it is known"\n{rule}\n'))
    assert verdict(bench) == expected
    assert any("/pages/post" in line for line in upstream.asked) == (expected == "blocked")


def test_a_finding_is_accepted_by_its_rule(bench: Bench, upstream: Upstream) -> None:
    upstream.pages["post"] = page("404 Not Found", 404)
    assert bench.call("run").code == 1
    for pattern in ("post", upstream.url("pages/post")):
        rule = f'[[ignore]]\nreason = "it is known"\nrule = "broken-link"\npattern = "{pattern}"\n'
        bench.write("enrich.toml", upstream.settings(rule))
        assert bench.call("run").code == 0


def test_the_ignore_rules_that_a_report_offers_can_be_pasted_one_below_the_other(
    bench: Bench, upstream: Upstream
) -> None:
    names = ("one", "two", "three")
    upstream.pages |= {name: page("404 Not Found", 404) for name in names}
    links = ", ".join(f'{{kind: blog, url: "{upstream.url(f"pages/{name}")}"}}' for name in names)
    bench.write("catalog.yaml", f"version: 1\nentries:\n  - key: a\n    type: blog\n    links: [{links}]\n")
    assert bench.call("run", "--report", "markdown=report.md").code == 1
    shown = bench.read("report.md")
    offered = [textwrap.dedent(block) for block in re.findall(r"```toml\n(.*?)```", shown, re.DOTALL)]
    assert len(offered) == 3
    bench.write("enrich.toml", upstream.settings("".join(offered)))
    assert bench.call("run").code == 0


def test_what_fails_a_run_is_in_the_settings_or_a_flag(bench: Bench, upstream: Upstream) -> None:
    upstream.pages |= {"post": (301, {"location": "/pages/new"}, b""), "new": page("Post")}
    assert bench.call("run").code == 0
    bench.write("enrich.toml", upstream.settings('fail_on = "warning"\n'))
    assert bench.call("run").code == 1
    assert bench.call("report").code == 1
    assert bench.call("run", "--fail-on", "error").code == 0


def test_links_are_checked_again_at_their_age(bench: Bench, upstream: Upstream) -> None:
    upstream.pages["post"] = page("Post")
    bench.call("run")
    asked = len(upstream.asked)
    bench.call("run")
    assert upstream.asked[asked:] == []
    bench.write("enrich.toml", upstream.settings("recheck_links_days = 0\n"))
    bench.call("run", "--no-metadata")
    assert [line for line in upstream.asked[asked:] if "/pages/post" in line]


def test_a_contact_is_told_to_everybody(bench: Bench, upstream: Upstream) -> None:
    bench.write("enrich.toml", upstream.settings('contact = "file@example.org"\n'))
    bench.call("run")
    assert all("(mailto:file@example.org)" in head for head in upstream.headers)
    upstream.headers.clear()
    bench.environment["ENRICH_CONTACT"] = "me@example.org"
    bench.call("cache", "clear")
    bench.call("run")
    assert upstream.headers
    assert all("(mailto:me@example.org)" in head for head in upstream.headers)


def test_the_cache_and_the_history_are_where_they_are_wanted(bench: Bench, upstream: Upstream) -> None:
    bench.write("enrich.toml", upstream.settings('cache_dir = "of-file"\nhistory = "kept/seen.json"\n'))
    bench.call("run")
    assert (bench.folder / "of-file" / "answers").is_dir()
    assert (bench.folder / "kept" / "seen.json").exists()
    bench.environment["ENRICH_CACHE_DIR"] = str(bench.folder / "of-environment")
    bench.call("run")
    assert (bench.folder / "of-environment" / "answers").is_dir()
    bench.call("run", "--cache-dir", "of-flag", "--history", "flag.json")
    assert (bench.folder / "of-flag" / "answers").is_dir()
    assert (bench.folder / "flag.json").exists()
    assert [path.name for path in (bench.folder / "cache").iterdir()] == ["CACHEDIR.TAG"]


def test_settings_and_cache_are_those_beside_the_catalog(bench: Bench, tmp_path: Path) -> None:
    elsewhere = Bench(tmp_path / "elsewhere", bench.environment)
    elsewhere.folder.mkdir()
    assert elsewhere.call("run", "../here/catalog.yaml", "--config", "../here/enrich.toml").code == 0
    assert bench.kept("history.json").exists()
    assert list(elsewhere.folder.iterdir()) == []
    for name, table in (("enrich.toml", ""), ("pyproject.toml", "[tool.enrich]\n")):
        (bench.folder / "enrich.toml").unlink()
        bench.write(name, f"{table}tries = 0\n")
        found = elsewhere.call("run", "../here/catalog.yaml")
        assert (found.code, f"../here/{name}:" in found.err) == (2, True)


def test_a_private_address_is_asked_only_where_it_is_allowed(bench: Bench, upstream: Upstream) -> None:
    settings = upstream.settings().replace('allow_private = ["127.0.0.1"]', "allow_private = []")
    bench.write("enrich.toml", settings)
    done = bench.call("run", "--report", "json=report.json")
    assert done.code == 1
    assert upstream.asked == []
    (row,) = [row for row in json.loads(bench.read("report.json"))["links"] if "/pages/" in row["url"]]
    assert row["verdict"] == "unsafe"


def test_an_answer_that_takes_too_long_is_not_waited_for(bench: Bench, upstream: Upstream) -> None:
    bench.write("enrich.toml", upstream.settings().replace("timeout = 400", "timeout = 0.2"))
    with upstream.silent():
        done = bench.call("run", "--report", "json=report.json", "--limit", "1")
    assert done.code == 3
    report = json.loads(bench.read("report.json"))
    assert {row["service"] for row in report["unasked"]} >= {"arxiv"}
    assert {row["verdict"] for row in report["links"]} == {"unknown"}
