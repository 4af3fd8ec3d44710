"""The text of a catalog, packed while a run is at work, and spliced piece by piece."""

from __future__ import annotations

import tracemalloc
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich import catalog as catalogs
from enrich.catalog.packing import PackedText, spliced_pieces
from enrich.catalog.skimming import Skimmer
from enrich.catalog.slots import hash_of
from enrich.catalog.text import Text
from enrich.model import Enriched


@given(st.binary(max_size=40), st.lists(st.integers(0, 40)), st.lists(st.tuples(st.integers(0, 40), st.text())))
def test_a_text_is_spliced_alike_however_it_is_cut(
    data: bytes, cuts: list[int], given_edits: list[tuple[int, str]]
) -> None:
    places = sorted({min(place, len(data)) for place, _ in given_edits})
    new = [text.encode("utf-8", "replace").decode() for _, text in given_edits]
    edits = [(start, end, text) for start, end, text in zip(places[::2], places[1::2], new, strict=False)]
    ends = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(ends)]
    whole = bytearray(data)
    for start, end, text in reversed(edits):
        whole[start:end] = text.encode()
    assert b"".join(spliced_pieces(pieces, edits)) == bytes(whole)


@pytest.mark.parametrize("size", [0, 1, 1_000_000])
def test_a_packed_text_is_given_back(size: int) -> None:
    packed = PackedText(Text(b"\xef\xbb\xbf" + b"x" * size))
    assert b"".join(packed.pieces()) == packed.text().data == b"\xef\xbb\xbf" + b"x" * size


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nentries:\n- &a {key: a, links: {paper: u}}\n- {<<: *a, key: b}\nmore: *a",
        "x: {y: [1, ~, 'null']}\nentries:\n- key: a\n  enriched: &e {title: t}\n- key: b\n  enriched: *e\n- *e\n",
        "entries: []\nlists: [README.md]",
        "entries:\n- key: a\n  remarks: |+\n    kept\n\n\n",
        "\ufeffentries:\n- key: a\n  remarks: |\n    no line break",
    ],
)
def test_what_is_skimmed_is_what_was_read(text: str) -> None:
    skimmer = Skimmer(BytesIO(text.encode()))
    skimmed = [(each.rest, each.links, hash_of(each.block)) for each in skimmer.entries()]
    try:
        read = catalogs.parse(text)
    except catalogs.CatalogError:  # an entry without a key
        return
    assert skimmed == [(slot.rest, slot.links, slot.enriched) for slot in read.slots]
    assert skimmer.frame == read.frame


@pytest.mark.parametrize(
    "text", ["entries:\n- key: a\n  key: b\n", "- a", "entries: [*a]", "entries: [1]", "a: 1\n---\nb: 2\n", "a: '", ""]
)
def test_what_is_no_catalog_is_skimmed_with_an_error(text: str) -> None:
    with pytest.raises(catalogs.CatalogError):
        list(Skimmer(BytesIO(text.encode())).entries())


def test_a_file_that_reads_back_differently_is_never_kept(tmp_path: Path) -> None:
    """A hash of the frame that is wrong stands for any mistake of ours."""
    path = tmp_path / "catalog.yaml"
    path.write_text("entries:\n- key: a\n", encoding="utf-8")
    catalog = catalogs.load(path)
    object.__setattr__(catalog, "frame", catalog.frame + 1)
    with pytest.raises(catalogs.CatalogError, match="nothing was changed"):
        catalogs.save_enriched(catalog, {"a": Enriched(title="t")})
    assert path.read_text(encoding="utf-8") == "entries:\n- key: a\n"
    assert [each.name for each in tmp_path.iterdir()] == ["catalog.yaml"]


def test_saving_blocks_takes_no_memory_for_the_whole_text(tmp_path: Path) -> None:
    path = tmp_path / "catalog.yaml"
    path.write_text("entries:\n" + "".join(f"- key: k{at}\n" for at in range(800)), encoding="utf-8")
    catalog = catalogs.load(path)
    blocks = {entry.key: Enriched(abstract=f"{entry.key} " + "tenants wait " * 400) for entry in catalog.entries}
    tracemalloc.start()
    try:
        catalogs.save_enriched(catalog, blocks)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert path.stat().st_size > 4_000_000
    assert peak < 2_000_000
    assert catalogs.load(path).entries[-1].enriched == blocks["k799"]
