from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.lists import Import, merge, read
from enrich.model import Enriched, Entry, EntryType, Link, LinkKind, Place
from tests.properties import COSTLY


def paper(name: str | None = None, title: str | None = None, venue: str | None = None, *urls: str) -> Entry:
    links = tuple(Link(url, LinkKind.PAPER, "Paper") for url in urls)
    return Entry("", name=name, title=title, venue=venue, links=links, place=Place("a.md", 1))


def apart(*entries: Entry) -> bool:
    return len(merge([], [entries]).new) == len(entries)


def only(entries: list[Entry]) -> tuple[Entry, Import]:
    found = merge([], [entries])
    (entry,) = found.new
    return entry, found


ARXIV = "https://arxiv.org/abs/2901.0000{}"


def test_a_shared_identifier_proves_it_whatever_form_the_links_have() -> None:
    entry, found = only(
        [
            paper("Kestrel", None, "arXiv 2023", ARXIV.format(1)),
            paper(None, "A Retitled Bird", None, "https://arxiv.org/pdf/2901.00001v2.pdf"),
        ]
    )
    assert (entry.key, entry.name, entry.title) == ("kestrel", "Kestrel", "A Retitled Bird")
    assert len(entry.links) == 2
    assert [(merged.key, merged.into, merged.proven) for merged in found.merges] == [("kestrel", "Kestrel", True)]
    assert "arxiv:2901.00001" in found.merges[0].because


def test_an_arxiv_id_given_as_the_venue_is_an_identifier() -> None:
    entry, _ = only([paper(None, "A survey", "arXiv 2901.00001"), paper(None, "All about it", None, ARXIV.format(1))])
    assert entry.title == "A survey"


def test_a_shared_page_proves_it_though_the_name_is_not_in_the_title() -> None:
    url = "www.usenix.org/conference/osdi31/presentation/bird"
    entry, found = only(
        [paper("Kest", None, "OSDI 2031", f"https://{url}/"), paper(None, "Microscale Birds", None, f"http://{url}")]
    )
    assert (entry.name, entry.title) == ("Kest", "Microscale Birds")
    assert found.merges[0].proven


def test_name_and_head_agree_with_venue_and_year() -> None:
    entry, found = only(
        [
            paper("MKite", None, "ATC 2019", "https://www.usenix.org/system/files/atc19-bird.pdf"),
            paper(None, "MKite: exploiting the wind for birds", "ATC'19", "https://dl.acm.org/doi/abs/10.5555/1.2"),
        ]
    )
    assert (entry.name, entry.venue, len(entry.links)) == ("MKite", "ATC 2019", 2)
    assert [merged.proven for merged in found.merges] == [False]


def test_a_long_head_is_enough_where_one_side_gives_a_venue() -> None:
    entry, found = only(
        [paper("DeepBird-Inference", None, "SC 2022"), paper(None, "DeepBird Inference: Enabling Birds")]
    )
    assert (entry.title, found.merges[0].proven) == ("DeepBird Inference: Enabling Birds", False)
    assert apart(paper("Sia", None, "SOSP 2023"), paper(None, "Sia: Birds That Schedule"))
    assert apart(paper("DeepBird-Inference"), paper(None, "DeepBird Inference: Enabling Birds"))


def test_the_same_whole_title_is_one_paper() -> None:
    only(
        [
            paper(None, "Serving Birds in the Clouds of Tomorrow"),
            paper(None, "Serving birds in the clouds of tomorrow."),
        ]
    )


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (paper(None, "FlashBird: Fast and Exact", "NeurIPS 2022"), paper(None, "FlashBird-2: Faster", "NeurIPS 2022")),
        (paper(None, "Orca: Serving Birds", "OSDI 2022"), paper(None, "Orca 2: Teaching Birds", "OSDI 2022")),
        (paper("Kestrel", None, "OSDI 2022"), paper(None, "Kestrel: Birds", "NSDI 2022")),
        (paper("Kestrel", None, "OSDI 2022"), paper(None, "Kestrel: Birds", "OSDI 2023")),
        (paper("Kestrel", None, "OSDI 2022", ARXIV.format(1)), paper("Kestrel", None, "OSDI 2022", ARXIV.format(2))),
        (
            paper(None, "A survey of birds", None, ARXIV.format(1)),
            paper(None, "A survey of bees", None, ARXIV.format(2)),
        ),
        (paper("Kestrel", None, "OSDI 2022"), replace(paper("Kestrel", None, "OSDI 2022"), type=EntryType.FRAMEWORK)),
    ],
)
def test_what_only_looks_alike_stays_apart(one: Entry, two: Entry) -> None:
    assert apart(one, two)
    assert apart(two, one)


def test_a_name_with_another_numeral_is_another_system() -> None:
    three, four = (paper("DeepBird-Inference", f"DeepBird Inference: Birds in {n} Flocks", "SC 2022") for n in (3, 4))
    assert apart(three, four)
    only([three, replace(four, title=three.title)])


def test_a_third_that_conflicts_with_one_of_two_joins_neither_wrongly() -> None:
    first = paper("Kestrel", None, "OSDI 2022", ARXIV.format(1))
    second = paper("Kestrel", None, "OSDI 2022")
    third = paper("Kestrel", None, "OSDI 2022", ARXIV.format(2))
    found = merge([], [[first, second, third]])
    assert [entry.key for entry in found.new] == ["kestrel", "kestrel-2"]


def test_a_part_of_a_series_does_not_join_another_by_way_of_their_name() -> None:
    series = "FlashWingServer"
    one, two = (paper(series, f"{series}: Birds in the Clouds, Part {number}", "OSDI 2022") for number in (1, 2))
    found = merge([], [[paper(series), one, two]])
    assert [entry.title for entry in found.new] == [one.title, two.title]


def test_an_item_without_a_title_finds_its_entry_again_among_others_of_its_link() -> None:
    items = [
        paper("Kestrel High", None, "OSDI 2022", ARXIV.format(0)),
        paper(None, "The Nest of Two Birds", None, ARXIV.format(0)),
        paper("Orca FlashWing", None, "OSDI 2022", ARXIV.format(1)),
        paper("Over the Nest", None, "OSDI 2022", ARXIV.format(0)),
        paper(None, "Orca FlashWing: three of them", None, ARXIV.format(0)),
    ]
    first = merge([], [items])
    again = merge(first.new, [items])
    assert (again.new, again.links, again.merges) == ((), {}, ())


def test_a_repository_makes_software_the_same_but_no_paper() -> None:
    code = (Link("https://github.com/birds/kestrel", LinkKind.CODE),)
    framework = Entry("", EntryType.FRAMEWORK, "Kestrel", links=code)
    again = Entry(
        "", EntryType.REPOSITORY, "kestrel (birds)", links=(Link("http://github.com/Birds/kestrel.git", LinkKind.CODE),)
    )
    named = Entry("", EntryType.PAPER, "Kestrel-Inference", venue="SC 2022", links=code)
    blog = Entry(
        "",
        EntryType.BLOG,
        title="Birds in a blog",
        links=(Link("https://github.com/birds/kestrel/tree/main/blogs/x", LinkKind.BLOG),),
    )
    found = merge([], [[framework, again, named, blog]])
    assert [(entry.key, entry.type.value) for entry in found.new] == [
        ("kestrel", "framework"),
        ("kestrel-inference", "paper"),
        ("birds-in-a-blog", "blog"),
    ]


def test_a_framework_is_not_its_paper_but_a_known_entry_may_have_any_type() -> None:
    framework = Entry("", EntryType.FRAMEWORK, "Kestrel", links=(Link(ARXIV.format(1), LinkKind.PAPER),))
    listed = [framework, paper(None, "A framework for birds", None, ARXIV.format(1))]
    assert apart(*listed)
    known = replace(framework, key="bird", type=EntryType.OTHER)
    assert merge([known], [listed[1:]]).new == ()


def test_a_shared_page_under_titles_that_differ_proves_nothing() -> None:
    url = "https://proceedings.mlr.press/v162/bird22p.html"
    assert apart(
        paper(None, "Calibrated Logits of Grown Birds", None, url),
        paper(None, "Private Learning of Late Owls", None, url),
    )


def test_a_shared_identifier_under_titles_that_differ_keeps_both_and_is_reported() -> None:
    one = replace(paper(None, "Calibrated Logits of Grown Birds", None, ARXIV.format(1)), place=Place("a.md", 40))
    two = replace(paper(None, "Private Learning of Late Owls", None, ARXIV.format(1)), place=Place("a.md", 77))
    found = merge([], [[one, two]])
    assert len(found.new) == 2
    (conflict,) = found.conflicts
    assert str(conflict.identifier) == "arxiv:2901.00001"
    assert conflict.titles == (one.title, two.title)
    assert [place.line for place in conflict.places] == [40, 77]
    again = merge(found.new, [[one, two]])
    assert (again.new, again.links) == ((), {})


def test_a_corrected_title_is_found_again_by_its_links() -> None:
    before = paper(None, "Calibrated Logits of Grown Birds", None, ARXIV.format(1))
    known = merge([], [[before]]).new
    after = replace(before, title="Something Else Than It Was Before")
    assert merge(known, [[after]]).new == ()
    # Where the old item still stands in the list, the other is another paper.
    assert len(merge(known, [[before, after]]).new) == 1


def test_the_first_wins_and_the_others_fill_its_gaps() -> None:
    one = Entry(
        "",
        name="Kestrel",
        institutions=("ETH",),
        sections=("A",),
        tags=("★",),
        remarks="Fast.",
        links=(Link(ARXIV.format(1), LinkKind.PAPER, "Paper"),),
        place=Place("a.md", 3),
    )
    two = Entry(
        "",
        name="KESTREL",
        title="Kestrel: Birds",
        venue="OSDI 2031",
        institutions=("eth", "CMU"),
        sections=("A", "B"),
        tags=("read",),
        remarks="Good.",
        own=Enriched(authors=("Ada",)),
        links=(
            Link("http://www.arxiv.org/abs/2901.00001/", LinkKind.PAPER, "PDF"),
            Link("https://github.com/b/k", LinkKind.CODE),
        ),
        place=Place("b.md", 4),
    )
    (entry,) = merge([], [[one], [two]]).new
    assert (entry.name, entry.title, entry.venue) == ("Kestrel", "Kestrel: Birds", "OSDI 2031")
    assert (entry.institutions, entry.sections, entry.tags) == (("ETH", "CMU"), ("A", "B"), ("★", "read"))
    assert (entry.remarks, entry.own.authors) == ("Fast. / Good.", ("Ada",))
    assert entry.links[0].label == "Paper"


LIST = """# Birds
| Name | Venue | Links | Remarks |
|-|-|-|-|
| Kestrel | OSDI 2031 | [Paper](https://www.usenix.org/osdi31-bird.pdf) [Code](https://github.com/birds/k) | Fast. |
| Wren | SOSP 2031 | | Linkless. |
| Owl | SOSP 2031 | [Paper](https://arxiv.org/pdf/2901.00001.pdf) | |

- [Kestrel: Birds on Wings](https://www.usenix.org/conference/osdi31/presentation/bird): accepted by OSDI'31
- [wing](https://github.com/birds/wing): a tool
- [wing](https://github.com/other/wing): another tool
- [A post on birds](https://birds.example/blog/1)
"""


def test_importing_again_adds_nothing() -> None:
    listed = read(LIST, "birds.md")
    first = merge([], [listed])
    assert [entry.key for entry in first.new] == ["kestrel", "wren", "owl", "wing", "wing-2", "a-post-on-birds"]
    assert (first.entries_read, first.links_read) == ({"birds.md": 7}, {"birds.md": 7})
    again = merge(first.new, [listed])
    assert (again.new, again.links, again.merges) == ((), {}, ())


def test_an_item_with_no_more_than_a_repository_is_found_again_by_it() -> None:
    lists = [
        [paper("Kestrel", None, "OSDI 2031", ARXIV.format(1))],
        [
            paper(None, "Wren: Birds that Hover", None, ARXIV.format(1)),
            paper("Wren", None, "OSDI 2031", "https://github.com/birds/wren"),
        ],
    ]
    first = merge([], lists)
    assert [entry.key for entry in first.new] == ["kestrel", "wren"]
    again = merge(first.new, lists)
    assert (again.new, again.links, again.merges) == ((), {}, ())


def test_importing_into_an_edited_catalog_keeps_every_edit() -> None:
    listed = read(LIST, "birds.md")
    edited = [
        replace(
            entry,
            name=None if entry.key == "owl" else entry.name and entry.name.upper(),
            title=entry.title and f"{entry.title}!",
            remarks=None,
            venue=entry.venue if entry.key == "wren" else "somewhere",
            links=tuple(
                replace(
                    link,
                    url=link.url.replace("https://", "http://").replace("/pdf/", "/abs/").removesuffix(".pdf"),
                    label="x",
                )
                if "arxiv" in link.url
                else link
                for link in entry.links
            ),
        )
        for entry in reversed(merge([], [listed]).new)
    ]
    again = merge(edited, [listed])
    assert (again.new, again.links, again.merges) == ((), {}, ())


def test_known_entries_get_new_links_only() -> None:
    known = Entry("bird", name="My bird", links=(Link(ARXIV.format(1), LinkKind.PAPER, "Mine"),))
    listed = Entry(
        "",
        name="Kestrel",
        title="Other title",
        place=Place("a.md", 7),
        links=(
            Link("https://arxiv.org/pdf/2901.00001", LinkKind.PAPER),
            Link("https://github.com/b/k", LinkKind.CODE, "Code"),
        ),
    )
    found = merge([known], [[listed]])
    assert found.new == ()
    assert {key: [link.url for link in links] for key, links in found.links.items()} == {
        "bird": ["https://github.com/b/k"]
    }
    assert [(merged.key, merged.into, merged.places) for merged in found.merges] == [
        ("bird", "My bird", (Place("a.md", 7),))
    ]


def test_what_enrich_found_out_tells_a_known_entry_again() -> None:
    known = Entry(
        "bird", name="Bird", enriched=Enriched(arxiv_id="2901.00001", doi="10.1000/xyz", semantic_scholar_id="f" * 40)
    )
    for url in (ARXIV.format(1), "https://doi.org/10.1000/XYZ", f"https://www.semanticscholar.org/paper/{'f' * 40}"):
        assert merge([known], [[paper(None, "Some title", None, url)]]).new == ()


def test_two_known_entries_are_never_merged() -> None:
    known = [replace(paper("One", None, None, ARXIV.format(1)), key=key) for key in ("a", "b")]
    assert merge(known, [[paper(None, "X", None, ARXIV.format(1))]]) == merge(
        known, [[paper(None, "X", None, ARXIV.format(1))]]
    )
    assert merge(known, [[paper(None, "X", None, ARXIV.format(1))]]).new == ()


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        (paper("CBA/AutoCBA"), "cba-autocba"),
        (paper(None, "Kestrel: Fast Birds for All"), "kestrel"),
        (paper(None, "Dynamic N:M Birds"), "dynamic-n-m-birds"),
        (paper(None, "Größe der Vögel"), "grosse-der-vogel"),
        (paper(None, "某个系统的论文标题"), "某个系统的论文标题"),
        (
            paper(None, "A survey of " + "very " * 30 + "large birds"),
            "a-survey-of-very-very-very-very-very-very-very-very-very",
        ),
        (paper(None, None, None, ARXIV.format(1)), "arxiv-2901-00001"),
        (Entry("", EntryType.OTHER), "other"),
    ],
)
def test_keys_are_made_of_names_and_titles(entry: Entry, key: str) -> None:
    assert [new.key for new in merge([], [[entry]]).new] == [key]


def test_keys_never_clash_with_known_ones() -> None:
    known = Entry("kestrel", EntryType.BLOG, title="Kestrel?")
    assert [entry.key for entry in merge([known], [[paper("Kestrel", None, "OSDI 2022")]]).new] == ["kestrel-2"]
    assert len(merge([], [[paper("！？")]]).new[0].key) == 10


WORDS = st.lists(
    st.sampled_from(
        ["birds", "fly", "high", "over", "the", "Kestrel", "nest", "of", "FlashWing", "2", "Orca", "clouds"]
    ),
    min_size=1,
    max_size=6,
)
URLS = st.sampled_from(
    [ARXIV.format(number) for number in range(4)] + [f"https://github.com/birds/{name}" for name in "abc"]
)


@st.composite
def markdown(draw: st.DrawFn) -> str:
    lines = ["# List", ""]
    for _ in range(draw(st.integers(0, 12))):
        title, url = " ".join(draw(WORDS)), draw(URLS)
        layout = draw(st.integers(0, 4))
        if layout == 0:
            lines += [f"- [{title} one]({url}): note"]
        elif layout == 1:
            lines += [f"- **{title} two.** ICML 2023. [[paper]({url})]"]
        elif layout == 2:
            lines += ["", "| Name | Venue | Paper |", "|-|-|-|", f"| {title} | OSDI 2022 | [Paper]({url}) |", ""]
        elif layout == 3:
            lines += [
                f"1. [ ] ⭐ [{title}: three of them]({url}) [code](https://github.com/x/{draw(st.integers(0, 3))})"
            ]
        else:
            lines += ["", f"## {title}", ""]
    return "\n".join(lines) + "\n"


@COSTLY
@given(st.lists(markdown(), max_size=3))
def test_nothing_is_lost_and_a_second_import_finds_nothing(texts: list[str]) -> None:
    lists = [read(text, f"{number}.md") for number, text in enumerate(texts)]
    found = merge([], lists)
    written = {part.rstrip(")") for text in texts for part in text.split("](")[1:] for part in [part.split(")")[0]]}
    assert written == {link.url for entry in found.new for link in entry.links}
    assert len({entry.key for entry in found.new}) == len(found.new)
    assert sum(found.entries_read.values()) == len(found.new) + len(found.merges)
    again = merge(found.new, lists)
    assert (again.new, again.links, again.merges) == ((), {}, ())
    assert merge([], lists) == found


@COSTLY
@given(markdown(), st.data())
def test_the_catalog_order_makes_no_difference(text: str, data: st.DataObject) -> None:
    listed = read(text, "a.md")
    found = merge([], [listed])
    again = merge(data.draw(st.permutations(found.new)), [listed])
    assert (again.new, again.links) == ((), {})


@given(st.text(alphabet="[]()*`_|#<>-:!&=\"'\n\t aB1.é⭐️/http://x.yz", max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    entries = read(text, "any.md")
    last = max(text.count("\n") + text.count("\r") + 1, 1)
    assert all(entry.place and 1 <= entry.place.line <= last for entry in entries)
    assert merge(merge([], [entries]).new, [entries]).new == ()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 5000,
        "- " + "[a](" * 3000,
        "> " * 5000 + "[a b c](http://x.y/z)",
        "<div>" * 5000 + '<a href="http://x.y/z">Foo bar</a>',
        "<table><tr><td>" * 1500 + "x",
        "<table>" + "<tr><td colspan=99999 rowspan=99999>a</td></tr>" * 300 + "</table>",
        "- [T x y z](http://arxiv.org/abs/2101.00001) " + "-" * 20000 + "a",
        "- [T x y z](http://arxiv.org/abs/2101.00001): " + "in A " * 5000,
        "\ufeff\x00- [x y z](http://x.y/z)\r\nfoo\r- [b c d](http://x.y/w)",
        "|" * 3000 + "\n" + "|-" * 3000,
    ],
)
def test_hostile_lists_are_read_in_time(text: str) -> None:
    assert len(read(text, "hostile.md")) < 10
