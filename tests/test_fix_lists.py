"""`enrich fix` on lists: those that a catalog mirrors, and those that were checked alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.loopback import Bench, Upstream, page

README = """\
# Papers

- FlexGen: High-Throughput Generative Inference of Large Language Models with a Single GPU [[Paper](@/good)]
- Orca: A Distributed Serving System for Transformer-Based Generative Models [[Paper](@/old)]

See `@/old`, <@/old> and <!-- @/old --> [the rest][r].

[r]: @/old "Orca"
"""
FIXED = README.replace("](@/old)", "](@/new)").replace("<@/old>", "<@/new>").replace("[r]: @/old", "[r]: @/new")
BIB = (
    "@misc{orca,\r\n  title = {Orca: A Distributed Serving System},\r\n  url   = {@/old},\r\n}\r\n@comment{ @/old }\r\n"
)


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    upstream.pages |= {"old": (301, {"location": "/pages/new"}, b""), "new": page("Orca"), "good": page("FlexGen")}
    bench = upstream.bench(tmp_path / "here")
    bench.write("README.md", filled(README, upstream))
    return bench


def filled(text: str, upstream: Upstream) -> str:
    return text.replace("@/", upstream.url("pages/"))


def test_a_list_is_checked_and_fixed_without_a_catalog(bench: Bench, upstream: Upstream) -> None:
    checked = bench.call("check", "README.md")
    assert "→ enrich fix README.md (updates 3 links)" in checked.out
    before = bench.read("README.md")
    rehearsed = bench.call("fix", "README.md", "--dry-run")
    assert "+- Orca: A Distributed Serving System" in rehearsed.out
    assert bench.read("README.md") == before
    done = bench.call("fix", "README.md")
    old, new = upstream.url("pages/old"), upstream.url("pages/new")
    assert f"README.md:4: {old} -> {new}" in done.out
    assert "3 links replaced" in done.out
    assert bench.read("README.md") == filled(FIXED, upstream)
    assert not (bench.folder / "catalog.yaml").exists()


def test_a_table_is_checked_and_fixed_cell_by_cell(bench: Bench, upstream: Upstream) -> None:
    table = "title,url,year\r\nOrca,@/old,2022\r\nFlexGen,@/good,2023\r\n"
    bench.write("list.csv", filled(table, upstream))
    checked = bench.call("check", "list.csv")
    assert checked.code == 0, checked.out
    assert (
        f"list.csv:2: {upstream.url('pages/old')} -> {upstream.url('pages/new')}" in bench.call("fix", "list.csv").out
    )
    assert bench.read("list.csv") == filled(table.replace("@/old", "@/new"), upstream)


def test_several_inputs_each_have_their_own_report(bench: Bench, upstream: Upstream) -> None:
    (bench.folder / "more").mkdir()
    bench.write("more/NOTES.md", filled("\ufeff* @/old\r\n* @/good", upstream))
    bench.write("refs.bib", filled(BIB, upstream))
    assert bench.call("check", "README.md", "more/NOTES.md", "refs.bib").code == 0
    assert "1 link replaced" in bench.call("fix", "more/NOTES.md").out
    assert bench.read("more/NOTES.md") == filled("\ufeff* @/new\r\n* @/good", upstream)
    assert bench.read("README.md") == filled(README, upstream)
    bench.call("fix", "README.md", "refs.bib")
    assert bench.read("README.md") == filled(FIXED, upstream)
    assert bench.read("refs.bib") == filled(BIB.replace("{@/old}", "{@/new}"), upstream)


def test_a_fix_of_a_catalog_writes_to_its_lists(bench: Bench, upstream: Upstream) -> None:
    bench.write("refs.bib", filled(BIB, upstream))
    bench.call("import", "README.md", "refs.bib", "--mirror")
    bench.call("run", "--no-metadata")
    done = bench.call("fix", "--dry-run")
    assert done.out.count("+++ ") == 3
    bench.call("fix")
    assert upstream.url("pages/old") not in bench.read()
    assert bench.read("README.md") == filled(FIXED, upstream)
    assert bench.read("refs.bib") == filled(BIB.replace("{@/old}", "{@/new}"), upstream)
    before = bench.read()
    assert bench.call("run", "--no-metadata").code == 0
    assert bench.read() == before


def test_a_catalog_that_was_only_checked_can_be_fixed(bench: Bench, upstream: Upstream) -> None:
    bench.call("import", "README.md", "--mirror")
    assert "no report yet" in bench.call("fix").err
    assert bench.call("check").code == 0
    bench.call("fix")
    assert bench.read("README.md") == filled(FIXED, upstream)
    assert upstream.url("pages/new") in bench.read()


def test_the_later_of_run_and_check_knows_better(bench: Bench, upstream: Upstream) -> None:
    bench.call("import", "README.md", "--mirror")
    bench.call("run", "--no-metadata")
    upstream.pages["old"] = page("Back again")
    bench.write("enrich.toml", "recheck_links_days = 0\n" + bench.read("enrich.toml"))
    bench.call("check")
    assert "0 links replaced" in bench.call("fix").out


def test_links_that_moved_about_are_found_again(bench: Bench, upstream: Upstream) -> None:
    bench.call("check", "README.md")
    bench.write("README.md", filled("# New heading\n\n" + README, upstream))
    bench.call("fix", "README.md")
    assert bench.read("README.md") == filled("# New heading\n\n" + FIXED, upstream)


def test_without_a_check_nothing_is_guessed(bench: Bench) -> None:
    before = bench.read("README.md")
    done = bench.call("fix", "README.md")
    assert (done.code, bench.read("README.md")) == (2, before)
    assert "run `enrich check README.md` first" in done.err
    bench.call("import", "README.md", "--mirror")
    done = bench.call("fix", "README.md")
    assert done.code == 2
    assert "run `enrich fix catalog.yaml`" in done.err
    assert "file not found" in bench.call("fix", "MISSING.md").err


def test_an_edit_during_the_fix_is_never_lost(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.call("check", "README.md")
    edited = bench.read("README.md") + "\nAn afterthought.\n"
    fsync = os.fsync

    def edit(descriptor: int) -> None:
        fsync(descriptor)
        bench.write("README.md", edited)

    monkeypatch.setattr(os, "fsync", edit)
    done = bench.call("fix", "README.md")
    assert done.code == 2
    assert "changed on disk" in done.err
    assert bench.read("README.md") == edited


def test_a_symbolic_link_stays_one(bench: Bench, upstream: Upstream) -> None:
    (bench.folder / "README.md").rename(bench.folder / "real.md")
    (bench.folder / "README.md").symlink_to("real.md")
    bench.call("check", "README.md")
    bench.call("fix", "README.md")
    assert (bench.folder / "README.md").is_symlink()
    assert bench.read("real.md") == filled(FIXED, upstream)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_list_stays(bench: Bench, upstream: Upstream) -> None:
    bench.call("check", "README.md")
    (bench.folder / "README.md").chmod(0o444)
    done = bench.call("fix", "README.md")
    assert (done.code, bench.read("README.md")) == (2, filled(README, upstream))


def test_what_a_catalog_must_not_take_a_list_does_not_take_either(bench: Bench, upstream: Upstream) -> None:
    upstream.pages["old"] = (301, {"location": "/pages/new?sessionid=0123456789abcdef0123456789abcdef"}, b"")
    before = bench.read("README.md")
    bench.call("check", "README.md")
    assert "0 links replaced" in bench.call("fix", "README.md").out
    assert bench.read("README.md") == before
