"""Abstracts that are kept on disk are those that were given."""

from __future__ import annotations

import copy
import resource
import tracemalloc
from dataclasses import replace
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.model import Enriched, Record
from enrich.spooling import Spool

M = TypeVar("M", Record, Enriched)
LONG = "Tenants share machines. " * 40


@given(st.lists(st.text(st.characters(), max_size=400)), st.integers(1, 20))
def test_a_record_is_equal_to_the_one_that_was_given(texts: list[str], times: int) -> None:
    spool = Spool()
    records = [Record("arxiv", title=text, abstract=text * times) for text in texts]
    kept = [spool.keep(record) for record in records]
    assert kept == records
    assert [each.abstract for each in reversed(kept)] == [each.abstract for each in reversed(records)]


@pytest.mark.parametrize("plain", [Record("arxiv", title="t", abstract=LONG), Enriched(year=2024, abstract=LONG)])
def test_what_is_kept_behaves_as_if_it_were_in_memory(plain: M) -> None:
    kept = Spool().keep(plain)
    assert kept is not plain
    assert kept == plain
    assert plain == kept
    assert kept != replace(plain, year=1999)
    assert replace(kept, title="u") == replace(plain, title="u")
    assert replace(kept, abstract=None).abstract is None
    assert Spool().keep(kept) == plain
    assert copy.deepcopy(replace(kept)) == copy.copy(kept) == plain


def test_what_several_say_of_a_paper_is_stored_once() -> None:
    spool = Spool()
    records = [Record(name, title=f"{'T'}itle", authors=(f"{'A'}da",), abstract=LONG) for name in ("arxiv", "crossref")]
    one, two = map(spool.keep, records)
    assert one.title is two.title
    assert one.authors[0] is two.authors[0]


def test_short_abstracts_are_left_alone() -> None:
    short = Record("arxiv", abstract="Short.")
    assert Spool().keep(short) is short
    assert hash(Spool().keep(Record("arxiv", abstract=LONG))) == hash(Record("arxiv", abstract=LONG))


def test_thousands_of_abstracts_take_little_memory() -> None:
    tracemalloc.start()
    try:
        spool = Spool()
        kept = [spool.keep(Enriched(abstract=f"{at} {LONG * 4}")) for at in range(2000)]
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 3_000_000, "4 kB each, without the abstract 0.3 kB; a megabyte waits to be written"
    assert [each.abstract for each in kept] == [f"{at} {LONG * 4}" for at in range(2000)]


def test_on_a_full_disk_they_stay_in_memory() -> None:
    spool = Spool()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        kept = [spool.keep(Enriched(abstract=f"{at} {LONG}")) for at in range(3000)]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [each.abstract for each in kept] == [f"{at} {LONG}" for at in range(3000)]


@pytest.mark.parametrize("text", ["\ud800" * 300, "é" * 300, "🧪" * 300])
def test_any_text_is_given_back(text: str) -> None:
    assert Spool().keep(Enriched(abstract=text)).abstract == text
