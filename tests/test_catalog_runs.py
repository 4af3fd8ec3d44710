"""Whole runs on catalogs of every shape: what the person wrote stays, byte for byte."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from enrich import catalog
from enrich.model import Status
from enrich.pipeline import Options
from tests.test_catalog_properties import loaded, texts, without_blocks
from tests.worlds import HOSTS, Fault, Nights, down, out_of_order

PAPERS = (
    "https://arxiv.org/abs/2303.06865",
    "https://arxiv.org/abs/2401.10774",
    "https://doi.org/10.1145/3600006.3613175",
)
CODE = ("https://github.com/FMInference/FlexGen", "https://github.com/FasterDecoding/Medusa")


def of_the_world(text: str) -> str:
    """The catalog with links that lead somewhere in the demonstration's world."""
    text = re.sub(r"https://host/p(\d)", lambda match: PAPERS[int(match[1]) % len(PAPERS)], text)
    return re.sub(r"https://host/c(\d)", lambda match: CODE[int(match[1]) % len(CODE)], text)


@settings(max_examples=40)
@given(texts().map(of_the_world), st.sampled_from([Options(), Options(only_missing=True), Options(links=False)]))
def test_a_run_changes_the_blocks_and_nothing_else(text: str, options: Options) -> None:
    nights = Nights(text)
    night = nights.live(options=options)
    assert without_blocks(night.text) == without_blocks(text)
    assert loaded(night.text) == loaded(text)
    found = {row.key for row in night.result.report.entries if row.status is Status.FOUND}
    after = {entry.key: entry for entry in catalog.parse(night.text, "catalog.yaml").entries}
    assert all(after[key].enriched for key in found)
    assert nights.run(options=options).text == night.text


@settings(max_examples=20)
@given(texts().map(of_the_world), st.sampled_from([down, out_of_order]), st.sampled_from(list(HOSTS.values())))
def test_a_run_that_cannot_ask_takes_nothing_out(text: str, fault: Fault, host: str) -> None:
    nights = Nights(text)
    nights.live()
    known = {entry.key: entry.enriched for entry in nights.entries()}
    night = nights.live(40, faults={host: fault})
    assert without_blocks(night.text) == without_blocks(text)
    for entry in nights.entries():
        before = known[entry.key]
        if before:
            assert entry.enriched
            assert (entry.enriched.title, entry.enriched.authors) == (before.title, before.authors)
            assert (entry.enriched.abstract, entry.enriched.doi) == (before.abstract, before.doi)
