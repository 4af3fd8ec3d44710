"""The exports of enrich, imported again: what comes back of an entry."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich import lists
from enrich.export import FORMATS
from enrich.model import Enriched, Entry, EntryType, Link, LinkKind
from enrich.text import listing

SUFFIXES = {"markdown": "list.md", "bibtex": "list.bib", "csl-json": "list.json", "csv": "list.csv"}


def again(form: str, *entries: Entry) -> tuple[Entry, ...]:
    """Export the entries and import them into an empty catalog."""
    read_item = lists.read_any(FORMATS[form](entries), SUFFIXES[form])
    return lists.merge((), [read_item]).new


WEAVING = Entry(
    "weave",
    name="Weave",
    title="Weave: Engines That Weave Algebra, Vol. 1 - A *Survey*",
    venue="Proc. of Looms, Berlin",
    sections=("Engines / Weaving", "Starred"),
    remarks="Read first. [sic] - twice",
    links=(
        Link("https://github.com/ada/weave", LinkKind.CODE, "Code"),
        Link("https://arxiv.org/abs/2901.00001", LinkKind.PAPER, "pdf"),
        Link("https://example.org/talk", LinkKind.VIDEO),
    ),
    own=Enriched(authors=("Ada Lovelace", "Charles Babbage", "Alan Turing", "Smith, Jr."), year=1843),
)


def essence(entry: Entry) -> tuple[object, ...]:
    links = [(link.url, link.kind, link.label) for link in entry.links]
    own = entry.own.authors, entry.own.year
    return entry.key, entry.type, entry.name, entry.title, entry.venue, own, entry.sections, entry.remarks, links


@pytest.mark.parametrize(
    "entry",
    [
        WEAVING,
        Entry("engines", title="Engines", links=(Link("https://arxiv.org/abs/2901.00001", LinkKind.PAPER),)),
        Entry(
            "loom", EntryType.REPOSITORY, name="Loom", links=(Link("https://github.com/a/loom", LinkKind.CODE, "Loom"),)
        ),
        Entry("loom", EntryType.REPOSITORY, name="Loom", links=(Link("https://github.com/a/loom", LinkKind.CODE),)),
        Entry("arxiv-2901-00001", links=(Link("https://arxiv.org/abs/2901.00001", LinkKind.PAPER, "paper"),)),
        Entry("1-a-story", title="1. A Story", links=(Link("https://example.org/1.pdf", LinkKind.PAPER),)),
    ],
)
def test_markdown_brings_back_what_it_was_made_from(entry: Entry) -> None:
    assert [essence(found) for found in again("markdown", entry)] == [essence(entry)]


def test_sections_come_back_from_nested_headings() -> None:
    paths = {"A": ("X / Y",), "B": (), "C": ("X", "Z / Y"), "D": ("X / Y / Z / Q / R / S / T",)}
    entries = [
        Entry(name.lower(), name=name, sections=sections, links=(Link(f"https://example.org/{name}", LinkKind.PAPER),))
        for name, sections in paths.items()
    ]
    written = FORMATS["markdown"](entries)
    assert written.startswith('- **B**: [link](<https://example.org/B> "paper")\n\n## X\n\n- **C**: ')
    assert "### Y\n\n- **A**: " in written
    assert {entry.name: entry.sections for entry in again("markdown", *entries)} == paths


def test_a_label_that_repeats_the_title_is_left_out() -> None:
    labelled = Entry("a", title="Engines", links=(Link("https://arxiv.org/abs/2901.00001", LinkKind.PAPER, "Engines"),))
    assert FORMATS["markdown"]([labelled]) == "- [Engines](<https://arxiv.org/abs/2901.00001>)\n"
    assert again("markdown", labelled)[0].links[0].label == ""


def test_authors_that_no_person_listed_do_not_become_a_persons_word() -> None:
    names = ("Ada Lovelace", "Alan Turing", "Grace Hopper", "Barbara Liskov")
    link = Link("https://arxiv.org/abs/2901.00001", LinkKind.PAPER, "Engines")
    found = again("markdown", Entry("engines", title="Engines", links=(link,), enriched=Enriched(authors=names)))
    assert found[0].own.authors == ()


def test_a_list_of_people_in_the_same_style_is_read_as_any_list() -> None:
    text = "- [Engines That Weave](<https://arxiv.org/abs/2901.00001>). Ada Lovelace, Alan Turing, ICML 2019\n"
    (entry,) = lists.read_any(text, "list.md")
    assert entry.venue == "ICML 2019"


@pytest.mark.parametrize("form", ["bibtex", "csl-json", "csv"])
def test_other_exports_bring_back_what_their_formats_hold(form: str) -> None:
    own = Enriched(
        authors=("Ada Lovelace", "Alan Turing"),
        year=1843,
        issued="1843-10",
        volume="7",
        issue="2",
        pages="1-9",
        publisher="Analytical Press",
        doi="10.1000/weave",
        arxiv_id="2901.00001",
    )
    link = Link("https://looms.example/weave", LinkKind.PAPER)
    title = r"Engines ~ 5^2 {sic} \ & 100% of $\sqrt{x_1}$ {"
    paper = Entry("weave", title=title, venue="Looms 1843", links=(link,), own=own)
    (found,) = again(form, paper)
    assert (found.key, found.title, found.venue, found.own) == (paper.key, paper.title, paper.venue, own)
    assert [(one.url, one.kind) for one in found.links] == [(link.url, link.kind)]


def test_csv_brings_back_names_and_the_order_and_kinds_of_links() -> None:
    links = (
        Link("https://github.com/a/loom", LinkKind.CODE),
        Link("https://arxiv.org/abs/2901.00001", LinkKind.PAPER),
        Link("https://example.org/", LinkKind.HOMEPAGE),
    )
    (found,) = again("csv", Entry("loom", EntryType.FRAMEWORK, name="Loom", sections=("A", "B"), links=links))
    assert (found.type, found.name, found.title, found.sections) == (EntryType.FRAMEWORK, "Loom", None, ("A", "B"))
    assert [(link.url, link.kind) for link in found.links] == [(link.url, link.kind) for link in links]


WORDS = st.text(st.sampled_from("ab .,-*[]()<>\\&#:1\u00e9\u8bba_`|~$+=!"), max_size=12).map(
    lambda text: " ".join(text.split())
)
TEXTS = WORDS | st.sampled_from(["1. a", "1984", "a - b", "a.", "et al.", "a, b", "2016"])
NAMES = TEXTS.filter(lambda text: any(letter.isalpha() for letter in text))
LINKS = st.builds(
    listing.ListedLink,
    st.integers(0, 9).map(lambda number: f"https://example.org/{number}(a).html?b=c,d"),
    st.sampled_from([kind.value for kind in LinkKind]),
    TEXTS,
)


@st.composite
def listed(draw: st.DrawFn) -> listing.Listed:
    name, title = draw(NAMES | st.just("")), draw(NAMES | st.just(""))
    links = draw(st.lists(LINKS, max_size=4, unique_by=lambda link: link.url))
    if title:  # a label that repeats it says nothing
        links = [replace(link, label="") if link.label == title else link for link in links]
    return listing.Listed(
        name=name,
        title=title if title != "link" else "",
        authors=tuple(draw(st.lists(NAMES, max_size=4))),
        venue=draw(TEXTS),
        year=draw(st.sampled_from(["", "1843", "2029"])),
        links=tuple(links),
        carried=draw(st.integers(0, len(links) - 1)) if links else None,
        remarks=draw(TEXTS),
    )


@given(listed().filter(lambda item: bool(item.name or item.title)), st.none() | st.integers(0, 10**9))
def test_an_item_reads_back_as_it_was_written(item: listing.Listed, citations: int | None) -> None:
    assert listing.read_item(listing.write_item(replace(item, citations=citations))) == item


@given(st.text() | st.text(st.sampled_from('- *[]().,\\<>ab" ')).map("- ".__add__))
def test_any_line_is_read_without_trouble(line: str) -> None:
    listing.read_item(line)
