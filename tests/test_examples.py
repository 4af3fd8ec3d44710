"""The examples of the pages run: each command line of a page, one after the other, in a folder with what pages name."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from enrich import commands
from tests import dumps
from tests.loopback import Bench, Upstream
from tests.runner import git
from tests.test_docs import blocks
from tests.test_site import PAGES

README = """\
# Papers

- FlexGen: High-Throughput Generative Inference of Large Language Models with a Single GPU
  [[Paper](https://arxiv.org/abs/2303.06865)] [[Code](https://github.com/FMInference/FlexGen)]

<!-- enrich:begin stats --><!-- enrich:end -->
"""
BIB = (
    "@misc{sheng, title={FlexGen: High-Throughput Generative Inference}, eprint={2303.06865}, archiveprefix={arXiv}}\n"
)
CATALOG = """\
version: 1
entries:
  - {key: flexgen, title: FlexGen, links: [{label: Paper, kind: paper, url: https://arxiv.org/abs/2303.06865}]}
"""
ELSEWHERE = {"docs/tutorial.md", "docs/scale.md", "docs/snapshots.md", "docs/live.md", "docs/mcp.md"}
"""Pages with tests of their own, or with commands that need other machines or files."""

NEEDS = ("--open-issue", "--cluster", "--workers", "--live")
"""What needs a token, a cluster, processes or the network."""


def lines(page: str) -> Iterator[list[str]]:
    """The calls of enrich on a page, without what is piped into or out of them."""
    for block in blocks(page, "sh"):
        for line in block.splitlines():
            for part in re.split(r" \| | > ", line):
                words = shlex.split(part, comments=True)
                if words and words[0] == "enrich" and not set(words) & set(NEEDS):
                    yield words[1:]


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    bench = upstream.bench(tmp_path / "here", CATALOG)
    for folder in ("lists", "docs", "out"):
        (bench.folder / folder).mkdir()
    texts = {"README.md": README, "reading-list.md": README, "refs.bib": BIB, "notes.txt": "https://arxiv.org/abs/1\n"}
    texts |= {"lists/a.yaml": CATALOG, "lists/b.yaml": CATALOG, "docs/page.html": "<a href='#top' id='top'>Top</a>"}
    texts |= {"arxiv-metadata-oai-snapshot.json": dumps.lines(dumps.paper("2401.00001", "Engines of Several Kinds"))}
    for name, text in texts.items():
        bench.write(name, text)
    git(bench.folder, "init", "-q")
    git(bench.folder, "add", ".")
    git(bench.folder, "commit", "-q", "-m", "Papers")
    bench.call("run", "lists/*.yaml", "--offline")  # whose report some commands read
    return bench


@pytest.mark.parametrize("page", [page for page in PAGES if page not in ELSEWHERE and any(lines(page))])
def test_the_examples_of_a_page_run(page: str, bench: Bench) -> None:
    for words in lines(page):
        # What pages name outside of the world is not asked for.
        offline = ["--offline"] if any("example.org" in word for word in words) else []
        done = bench.call(*words, *offline, stdin=b"https://arxiv.org/abs/2303.06865\n")
        assert done.code in (commands.CLEAN, commands.FINDINGS, commands.NOT_ALL_ASKED), (words, done.err)
