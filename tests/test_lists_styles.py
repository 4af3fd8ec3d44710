"""Lists in the styles of public ones, each a section of `golden/list_styles.txt`, and what each must come to."""

from __future__ import annotations

from pathlib import Path

import pytest

from enrich import catalog
from enrich.lists import cover, merge, read
from enrich.model import Entry

GOLDEN = Path(__file__).parent / "golden" / "list_styles.txt"
STYLES = [
    (name.strip(), text, rows.strip().splitlines())
    for section in GOLDEN.read_text(encoding="utf-8").split("=== ")[1:]
    for name, _, rest in [section.partition("\n")]
    for text, _, rows in [rest.rpartition("\n---\n")]
]


def row(entry: Entry) -> str:
    """Return name, title, venue, year, authors and links of an entry as the golden file has them."""
    links = ", ".join(f"{link.kind} {link.url.rpartition('/')[2] or link.url}" for link in entry.links)
    own = entry.own
    fields = (entry.name, entry.title, entry.venue, own.year, "; ".join(own.authors), links)
    return " | ".join(str(field or "") for field in fields)


@pytest.mark.parametrize(("text", "rows"), [style[1:] for style in STYLES], ids=[style[0] for style in STYLES])
def test_a_list_in_a_public_style_is_read_whole(text: str, rows: list[str]) -> None:
    found = read(text, "list.md")
    assert [row(entry).strip() for entry in found] == [line.strip() for line in rows]
    assert cover(text, "list.md", found).left == ()
    new = merge([], [found]).new
    assert merge(new, [found]).new == ()


def test_the_address_of_a_doi_is_quoted_so_that_no_brace_is_taken_for_a_part_of_it() -> None:
    links = (
        "- [Small Birds in Long Flight](https://doi.org/10.1000/birds.1) [[arXiv]](https://arxiv.org/abs/2901.00001)"
    )
    text = catalog.new_text(merge([], [read(f"# Birds\n\n{links}\n", "list.md")]).new)
    assert 'kind: paper, url: "https://doi.org/10.1000/birds.1"}' in text
    assert "kind: paper, url: https://arxiv.org/abs/2901.00001}" in text
