from __future__ import annotations

import pytest

from enrich.lists import read
from enrich.lists.layouts import LAYOUTS, Layout
from enrich.model import Entry, EntryType

ONE = "https://arxiv.org/abs/2901.00001"
TWO = "https://arxiv.org/abs/2901.00002"


def only(text: str) -> Entry:
    (entry,) = read(text, "list.md")
    return entry


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_each_row_of_the_table_reads_its_example(layout: Layout) -> None:
    entry = only(f"# Papers\n\n{layout.example}\n")
    assert (entry.name, entry.title, entry.venue, entry.own.year) == layout.expected


@pytest.mark.parametrize(
    ("item", "title", "venue"),
    [
        (f"- 2019-CVPR - Seeing Birds from Above. [[Paper]]({ONE})", "Seeing Birds from Above", "2019-CVPR"),
        (f"- (*NAACL'24*) Talking Birds at Dawn [[paper]({ONE})]", "Talking Birds at Dawn", "NAACL'24"),
        (f"- NeurIPS'23 Test-Time Birds for Everyone [[paper]({ONE})]", "Test-Time Birds for Everyone", "NeurIPS'23"),
        (f"- 20200405 CVPR-20 [Birds of Few Labels]({ONE})", "Birds of Few Labels", "CVPR-20"),
        (f"- [Serving Birds at Scale OSDI'21]({ONE})", "Serving Birds at Scale", "OSDI'21"),
        (f"- **Birds in Graphs (ArXiv 2020)**\n  - [[Paper]]({ONE})", "Birds in Graphs", "ArXiv 2020"),
        (
            f"- Serving Birds in Flight ([ASPLOS 2024](../notes/)) \\[[Paper]({ONE})]",
            "Serving Birds in Flight",
            "ASPLOS 2024",
        ),
        (
            f"- [Name](https://x.example/y): Long Walks of Small Birds | [pdf]({ONE})",
            "Name: Long Walks of Small Birds",
            None,
        ),
        (f'- "Can Birds Be "Lost at Sea"?" [2025-02] [[paper]({ONE})]', 'Can Birds Be "Lost at Sea"?', None),
        (f"- Counting (Very) Small Birds from Space [[pdf]]({ONE})", "Counting (Very) Small Birds from Space", None),
        (
            f"- Ada Lovelace, Alan Turing, A. B. Hopper, A Brief Survey of Birds (TPAMI 2017) [[DOI]]({ONE})",
            "A Brief Survey of Birds",
            "TPAMI 2017",
        ),
        (f"- Ada Lovelace and Alan Turing, Flight: An Introduction [[pdf]]({ONE})", "Flight: An Introduction", None),
        (
            f"- A. Lovelace, A. M. Turing, et al., Birds in a Nutshell, ESANN, 2007. [[pdf]]({ONE})",
            "Birds in a Nutshell",
            "ESANN, 2007",
        ),
        (
            f"- **2016-02** | DeepBird: flight prediction | *Ada Lovelace, Alan Turing* | [Frontiers in Birds]({ONE})",
            "DeepBird: flight prediction",
            None,
        ),
        (
            f"- **Learning from rare birds (IEEE TKDE, 2009, 6000+ citations) [[**Paper**]({ONE})]**",
            "Learning from rare birds",
            "IEEE TKDE, 2009",
        ),
        (
            f"- [Security of Birds in Space]({ONE}) by Turing A, Hopper G. Birds Weekly.",
            "Security of Birds in Space",
            None,
        ),
        (f'- **"zero-shot" flight of small birds** [[pdf]]({ONE})', '"zero-shot" flight of small birds', None),
        (
            f"- Tour of the Birds (Annu. Rev. Birds Robot. Auton. Syst. 2019) [[pdf]]({ONE})",
            "Tour of the Birds",
            "Syst. 2019",
        ),
        (f"- :1st_place_medal: :page_facing_up: [Wings of Two Cultures]({ONE})", "Wings of Two Cultures", None),
    ],
)
def test_what_stands_beside_a_title_is_taken_off(item: str, title: str, venue: str | None) -> None:
    entry = only(f"# Papers\n\n{item}\n")
    assert (entry.title, entry.venue) == (title, venue)


def test_a_contents_heading_hides_nothing_but_its_anchors() -> None:
    entry = only(f"# List\n\n## Contents\n- [Flight](#flight)\n\n### Flight\n- Wings for Small Birds [[pdf]]({ONE})\n")
    assert (entry.title, entry.sections) == ("Wings for Small Birds", ("Flight",))


def test_a_bold_line_is_the_title_of_the_labelled_bullets_below() -> None:
    text = f"""## Birds

**Kestrel: Structured Flight for All Birds**

- Homepage: https://birds.example/kestrel/
- Paper(Oral): {ONE}
- Code: https://github.com/birds/kestrel

**Wren: Small Birds from a Single Video**

- Paper: {TWO}
- Code: None
"""
    kestrel, wren = read(text, "list.md")
    assert (kestrel.title, len(kestrel.links)) == ("Kestrel: Structured Flight for All Birds", 3)
    assert (wren.title, wren.type, len(wren.links)) == (
        "Wren: Small Birds from a Single Video",
        EntryType.PAPER,
        1,
    )


@pytest.mark.parametrize(
    "below",
    [
        f"<{ONE}>",
        f"[{ONE}]({ONE})",
        f"![wings](wings.png)\n\n- intro: ICCV 2017, Flight Lab\n- arxiv: <{ONE}>",
        f"- Flight Lab\n- arxiv: {ONE}",
        f"- keywords: CC-Net\n- a chain of birds, 81.1% on WINGS\n- arxiv: <{ONE}>",
    ],
)
def test_a_bold_line_is_the_title_of_what_stands_below(below: str) -> None:
    one, two = read(
        f"## Birds\n\n**Kestrels of Few Labels**\n\n{below}\n\n**Owls of Few Labels**\n\n<{TWO}>\n", "list.md"
    )
    assert [(entry.title, [link.url for link in entry.links]) for entry in (one, two)] == [
        ("Kestrels of Few Labels", [ONE]),
        ("Owls of Few Labels", [TWO]),
    ]


@pytest.mark.parametrize(
    "above",
    ["### <h3 id='owls'>Owls<h3/>\n\n- ", "## Owls\n\n#### 综述一：小样本检测｜"],
    ids=["tag closed by a slip", "heading with a full-width bar"],
)
def test_headings_of_uncommon_forms_hide_no_item(above: str) -> None:
    assert only(f"{above}[Owls of Few Labels]({ONE})\n").title == "Owls of Few Labels"


def test_a_summary_is_an_item_and_its_body_a_remark() -> None:
    entry = only(
        f"<details><summary>Deceiving Birds by Song (2023) [<a href='{ONE}'>Paper</a>]</summary>\n\n"
        "- songs that lie\n</details>\n"
    )
    assert (entry.title, entry.own.year, entry.remarks) == ("Deceiving Birds by Song", 2023, "songs that lie")


def test_a_line_of_linked_people_is_no_line_of_entries() -> None:
    text = f"""**Feather: Generative Birds with Wings.**<br>
*[Ada Lovelace](https://ada.example), [Alan Turing](https://alan.example).*<br>
CVPR 2024. [[PDF]({ONE})] [[Project](https://birds.example/feather)]
"""
    entry = only(text)
    assert entry.own.authors == ("Ada Lovelace", "Alan Turing")
    assert (entry.venue, len(entry.links)) == ("CVPR 2024", 2)


def test_several_papers_in_one_line_are_several_entries() -> None:
    text = f'- **Birds**: "Birds That Sing in Code" [2024-05] [[paper]({ONE})] "Birds at Larger Scale" [[paper]({TWO})]'
    assert [entry.title for entry in read(text, "list.md")] == ["Birds That Sing in Code", "Birds at Larger Scale"]


def test_columns_of_citations_are_papers_whatever_their_head_says() -> None:
    text = f"""| Date | Benchmark | Source |
|-|-|-|
| 2018-02 | Nest2Text | "From Nests to Text and Back" [[paper]({ONE})] |
| 2018-08 | EggCode | "Code for Eggs in Context" [[paper]({TWO})] |
"""
    assert [(entry.name, entry.title) for entry in read(text, "list.md")] == [
        ("Nest2Text", "From Nests to Text and Back"),
        ("EggCode", "Code for Eggs in Context"),
    ]


def test_a_comment_between_rows_does_not_end_the_table_and_papers_in_it_are_tagged() -> None:
    text = f"""| Name | Paper |
|-|-|
| Kestrel | [Fast Birds for Everyone]({ONE}) |
<!-- a remark of mine -->
| Wren | [Small Birds for Everyone]({TWO}) |
<!-- | Owl | [Late Birds for Everyone](https://arxiv.org/abs/2901.00003) | -->
"""
    found = read(text, "list.md")
    assert [(entry.name, entry.tags) for entry in found] == [("Kestrel", ()), ("Wren", ()), ("Owl", ("commented out",))]
    assert [entry.place.line for entry in found if entry.place] == [3, 5, 6]


def test_footnotes_belong_to_the_item_that_refers_to_them() -> None:
    text = f"- A Distributed Nest for Transformers of Birds[^1]\n\n[^1]: OSDI 2022, see [the paper]({ONE})\n"
    entry = only(text)
    assert (entry.title, entry.links[0].url) == ("A Distributed Nest for Transformers of Birds", ONE)


def test_an_identifier_in_the_text_is_a_link() -> None:
    entry = only('- Lovelace, Ada, and Alan Turing. "Engines that weave algebra." arXiv:2901.00001 (2019).\n')
    assert (entry.title, entry.links[0].url) == ("Engines that weave algebra", ONE)


@pytest.mark.parametrize(
    ("heading", "item", "kind"),
    [
        (
            "Conferences",
            "[NestConf: Conference on Nests and Other Homes](https://nestconf.example.org/)",
            EntryType.OTHER,
        ),
        ("Conferences", "ACM Conference on Nests, [NEST](https://nest.example.org/2031/)", EntryType.OTHER),
        ("Top Journals", "[Transactions on Birds and Their Machines](https://www.nature.com/birds)", EntryType.OTHER),
        ("Workshops 2031", "[The third workshop on systems for birds](http://nest.example/2031/cfp)", EntryType.OTHER),
        ("Online Courses", "[BIRD 101: An Introduction to Birds at Nest](http://nest.example.edu/)", EntryType.OTHER),
        ("Companies", "[Nest: a company that trains large birds](https://nest.example.com)", EntryType.OTHER),
        ("Datasets", "[EggNet: a large database of pictures of eggs](https://eggnet.example.org/)", EntryType.DATASET),
        ("Datasets", "[Nests of all birds - by kind and country](https://data.example/nests/kinds)", EntryType.DATASET),
        ("Tools", "[Eggs & Nests: a tracker for teams that breed birds](https://eggs.example/)", EntryType.FRAMEWORK),
        ("Blogs", "[Feather: a digital magazine about research on birds](https://feather.example/)", EntryType.BLOG),
        # Papers are papers below such headings too.
        ("Conferences", f"[Small Birds for Everyone]({ONE})", EntryType.PAPER),
        ("Journals", "[Small Birds for Everyone](https://openreview.net/forum?id=bird)", EntryType.PAPER),
        ("Journals", "Ada Lovelace, Alan Turing. [Workshop Birds](http://nest.example/w). 2031.", EntryType.PAPER),
        ("Workshops", "[How Birds Are Counted: Methods and Results](http://nest.example/study/birds)", EntryType.PAPER),
        ("Community Detection", "[Nests: Finding Homes of Birds in Graphs](https://nest.example/)", EntryType.PAPER),
        ("Conference Papers", "[Nests: Finding Homes of Birds in Graphs](https://nest.example/)", EntryType.PAPER),
    ],
)
def test_the_heading_and_the_item_decide_what_is_not_a_paper(heading: str, item: str, kind: EntryType) -> None:
    text = f"# Birds\n\n## {heading}\n\n- {item}\n- [Large Birds for Everyone]({TWO})\n\n## More\n"
    assert read(text, "list.md")[0].type is kind


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ("- Flight: Serving Birds Made Simple [[GitHub]](https://github.com/birds/flight)", EntryType.REPOSITORY),
        ("- Talks on Birds and Engineering [[YouTube]](https://www.youtube.com/playlist?list=x)", EntryType.VIDEO),
        ("- Notes on a course about Birds [[Blog]](https://example.org/2018/notes/)", EntryType.BLOG),
        (f"- Flight: Serving Birds Made Simple [[Website]]({ONE})", EntryType.PAPER),
    ],
)
def test_links_decide_the_type(item: str, kind: EntryType) -> None:
    assert only(f"## Flight\n\n{item}\n").type is kind


def test_the_issue_of_a_journal_is_an_item() -> None:
    text = "# Reading\n\n## Periodicals\n\n- [Issue 3 of the bird letters](https://letters.example.org/issue/3)\n"
    urls = [link.url for entry in read(text, "README.md") for link in entry.links]
    assert urls == ["https://letters.example.org/issue/3"]
