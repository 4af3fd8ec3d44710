"""Clean titles in lists: where an item's title is written in one piece, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.lists import read_any, retitled
from tests.loopback import Bench, Upstream

CLEAN = "FlexGen: High-Throughput Generative Inference of Large Language Models with a Single GPU"
OLD = f"{CLEAN} (ICML 2023), Y. Sheng et al."
ARXIV = "https://arxiv.org/abs/2303.06865"


def test_a_title_in_a_field_is_written_byte_for_byte() -> None:
    text = f"\ufeff% {OLD}\r\n@misc{{a,\r\n  title  = {{{OLD}}} ,\r\n  url = {{{ARXIV}}}\r\n}}"
    found = retitled(text, "refs.bib", {OLD: CLEAN})
    assert found.text == text.replace(f"{{{OLD}}}", f"{{{CLEAN}}}")
    assert [str(change.place) for change in found.done] == ["refs.bib:2"]


@pytest.mark.parametrize(
    "title", [f"{{FlexGen}}: {OLD[9:]}", OLD.replace("Single GPU", "Single\n  GPU"), f"Another {OLD}", OLD.lower()]
)
def test_a_title_in_several_pieces_stays(title: str) -> None:
    text = f"@misc{{a, title = {{{title}}}, url = {{{ARXIV}}}}}\n"
    assert retitled(text, "refs.bib", {OLD: CLEAN}).text == text


def test_a_title_that_an_item_says_twice_stays() -> None:
    text = f"@misc{{a, title = {{{OLD}}}, note = {{{OLD}}}}}\n"
    found = retitled(text, "refs.bib", {OLD: CLEAN})
    assert (found.text, list(map(str, found.left))) == (text, ["refs.bib:1"])


TITLES = st.sampled_from(["Paged Attention for Serving Large Models", "Orca: Serving Transformers at Scale", "Medusa"])
ITEMS = st.sampled_from(
    ["- @ [[Paper](URL)]\n", "- [@](URL)\n", "* **@**: [paper](URL), *OSDI 2022*\n", "| @ | [x](URL) |\n", "## @\n\n"]
)


@settings(max_examples=25)
@given(st.lists(st.tuples(ITEMS, TITLES), max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_in_any_list_only_the_title_changes(items: list[tuple[str, str]], line_break: str) -> None:
    text = "".join(
        item.replace("@", title).replace("URL", f"https://arxiv.org/abs/2303.0{number:04}")
        for number, (item, title) in enumerate(items)
    ).replace("\n", line_break)
    old, new = "Orca: Serving Transformers at Scale", "Serving Transformers at Scale"
    found = retitled(text, "README.md", {old: new})
    assert found.text.replace(old, new) == text.replace(old, new)
    before, after = ([entry.title for entry in read_any(each, "README.md")] for each in (text, found.text))
    places = {change.place.line for change in found.done}
    assert len(places) <= before.count(old)
    assert after == before or places


def test_fix_writes_titles_into_the_list_that_a_catalog_mirrors(tmp_path: Path, upstream: Upstream) -> None:
    bench: Bench = upstream.bench(tmp_path / "here")
    text = f"@misc{{flexgen,\n  title = {{{OLD}}},\n  url = {{{ARXIV}}}\n}}\n"
    bench.write("refs.bib", text)
    bench.call("import", "refs.bib", "--mirror")
    assert bench.call("run").code == 0
    done = bench.call("fix", "--titles")
    assert "\n0 links replaced\n2 titles replaced\n→ git diff catalog.yaml refs.bib " in done.out
    assert bench.read("refs.bib") == text.replace(OLD, CLEAN)
    after = bench.read()
    bench.call("run")
    assert bench.read() == after
