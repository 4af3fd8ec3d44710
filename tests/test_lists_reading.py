from __future__ import annotations

import pytest

from enrich.lists import read
from enrich.model import Entry, EntryType, LinkKind
from enrich.text import dates


def links(entry: Entry) -> list[tuple[str, str, str]]:
    return [(link.label, link.kind.value, link.url) for link in entry.links]


def titles(text: str) -> list[str | None]:
    return [entry.title or entry.name for entry in read(text, "list.md")]


def test_pipe_table_with_html_lists_in_its_cells() -> None:
    text = """# Serving

## Systems

| Name | Conference | Institution | Links | Remarks |
| :-: | --- | --- | --- | --- |
| **Kestrel** | [OSDI 2031](../notes/osdi-2031.md) | <ul><li>Institute of Birds, Academy of Air</li><li>ETH</li>\
</ul> | \
<ul><li><a href="../notes/kestrel.md">Personal Notes</a></li><li><a href="https://arxiv.org/abs/2901.00001">Paper</a></li>\
<li><a href="https://github.com/birds/kestrel">Code</a></li>\
<li><a href="https://github.com/birds/k-ae">Artifact</a></li></ul> \
| _Fast_ flight; **small** bird. |
| **Wren** | null | - | <ul><li><a href="https://arxiv.org/abs/2901.00002">Paper</a></li></ul> | 　　 |
"""
    kestrel, wren = read(text, "list.md")
    assert (kestrel.name, kestrel.title, kestrel.venue) == ("Kestrel", None, "OSDI 2031")
    assert kestrel.institutions == ("Institute of Birds, Academy of Air", "ETH")
    assert kestrel.sections == ("Systems",)
    assert kestrel.remarks == "Fast flight; small bird."
    assert links(kestrel) == [
        ("OSDI 2031", "venue", "../notes/osdi-2031.md"),
        ("Personal Notes", "notes", "../notes/kestrel.md"),
        ("Paper", "paper", "https://arxiv.org/abs/2901.00001"),
        ("Code", "code", "https://github.com/birds/kestrel"),
        ("Artifact", "artifact", "https://github.com/birds/k-ae"),
    ]
    assert (wren.venue, wren.institutions, wren.remarks) == (None, (), None)
    assert str(wren.place) == "list.md:8"


def test_relative_links_are_resolved_against_a_base_only() -> None:
    text = "| Name | Venue | Paper |\n|-|-|-|\n| Kestrel | [ATC 2031](../atc/) | [Paper](p.pdf) |\n"
    (kept,) = read(text, "list.md")
    (resolved,) = read(text, "list.md", "https://github.com/birds/list/blob/main/a/b.md")
    assert [link.url for link in kept.links] == ["../atc/", "p.pdf"]
    assert [link.url for link in resolved.links] == [
        "https://github.com/birds/list/blob/main/atc/",
        "https://github.com/birds/list/blob/main/a/p.pdf",
    ]


def test_html_table_on_one_line_whose_last_column_has_no_head() -> None:
    text = (
        "<table><thead><tr><th>Name</th><th>Conference</th><th>Links</th><th></th></tr></thead><tbody>"
        '<tr><td><strong>Kestrel</strong></td><td><a href="../x/">ATC 2031</a></td><td><ul>'
        '<li><a href="https://www.usenix.org/conference/atc31/presentation/bird">Paper</a></li></ul></td><td>null</td></tr>'
        "<tr><td>Wren</td><td>SoCC 2031</td><td></td><td>good</td></tr></tbody></table>\n"
    )
    kestrel, wren = read(text, "list.md")
    assert (kestrel.name, kestrel.venue, kestrel.remarks) == ("Kestrel", "ATC 2031", None)
    assert (wren.name, wren.venue, wren.remarks) == ("Wren", "SoCC 2031", "good")


def test_html_table_over_many_lines_with_spans_and_heads_that_are_plain_cells() -> None:
    text = """<table>
  <tr>
    <td rowspan='2'>Model</td>
    <td colspan='2'>Memory</td>
    <td rowspan='2'>Paper</td>
  </tr>
  <tr>
    <td>Operation</td>
    <td>Structure</td>
  </tr>
  <tr>
    <td>Kestrel</td>
    <td>Read/Write</td>
    <td>-</td>
    <td><a href="https://arxiv.org/abs/2901.00001">Paper</a></td>
  </tr>
  <tr><td colspan="4">Small birds</td></tr>
  <tr>
    <td>Wren</td>
    <td>-</td>
    <td>Tree</td>
    <td><a href="https://arxiv.org/abs/2901.00002">Paper</a></td>
  </tr>
</table>
"""
    kestrel, wren = read(text, "list.md")
    assert (kestrel.name, kestrel.remarks) == ("Kestrel", "Memory Operation: Read/Write.")
    assert (wren.name, wren.remarks, wren.sections) == ("Wren", "Memory Structure: Tree.", ("Small birds",))
    assert kestrel.links[0].place is not None
    assert kestrel.links[0].place.line == 15


def test_table_without_heads_is_read_by_what_its_cells_hold() -> None:
    text = '<table><tr><td>Kestrel</td><td>OSDI 2021</td><td>2021</td><td>★</td><td><a \
href="https://arxiv.org/abs/2901.00001">Paper</a></td></tr><tr><td>Wren</td><td>SOSP \
2021</td><td>2021</td><td>●</td><td><a \
href="https://arxiv.org/abs/2901.00002">Paper</a></td></tr></table>'
    assert [(entry.name, entry.venue, entry.tags) for entry in read(text, "list.md")] == [
        ("Kestrel", "OSDI 2021", ("★",)),
        ("Wren", "SOSP 2021", ("●",)),
    ]


def test_columns_of_every_kind() -> None:
    text = """| Scheduler | Year | Series | Target | **Paper** | Code | Link | Video | Slides | \
Authors | Abstract | Reporter |
|-|-|-|-|-|-|-|-|-|-|-|-|
| Kestrel | 2021 | OSDI　　 | ★ ● | [Paper](https://arxiv.org/pdf/2901.00001.pdf) | [Code](https://github.com/birds/k) \
| [Link](https://blog.csdn.net/a/b) | [Talk](https://youtu.be/abc) | [PPT](https://birds.example/k.pdf) \
| Ada Lovelace, Alan Turing | We fly. | Somebody |
| Wren | 2022 | | | [Wren: A Very Small System](https://arxiv.org/abs/2901.00002) | none | | | | et al. | | Nobody |
"""
    kestrel, wren = read(text, "list.md")
    assert (kestrel.name, kestrel.venue, kestrel.tags) == ("Kestrel", "OSDI 2021", ("★", "●"))
    assert [kind for _, kind, _ in links(kestrel)] == ["paper", "code", "blog", "video", "slides"]
    assert kestrel.own.authors == ("Ada Lovelace", "Alan Turing")
    assert kestrel.own.abstract == "We fly."
    assert kestrel.remarks is None
    assert (wren.name, wren.title, wren.venue, wren.own.year) == ("Wren", "Wren: A Very Small System", None, 2022)


def test_table_in_chinese() -> None:
    text = """# 论文列表
| 名称 | 论文题目 | 会议 | 年份 | 机构 | 链接 | 备注 |
|--|--|--|--|--|--|--|
| 红隼 | 红隼：一种高效的推理服务系统 | NSDI | 2022 | 清华大学、北京大学 | [论文](https://arxiv.org/abs/2901.00001) \
[代码](https://github.com/birds/k) [解读](https://zhuanlan.zhihu.com/p/1) | 很快 |
"""
    (entry,) = read(text, "list.md")
    assert (entry.name, entry.title, entry.venue) == ("红隼", "红隼：一种高效的推理服务系统", "NSDI 2022")
    assert entry.institutions == ("清华大学", "北京大学")
    assert [kind for _, kind, _ in links(entry)] == ["paper", "code", "blog"]
    assert entry.remarks == "很快"


def test_cell_that_lists_several_papers() -> None:
    text = """| Topic | Papers |
|-|-|
| Caching | [Caching for Birds](https://arxiv.org/abs/2901.00001) (OSDI'20)<br>[Nesting for \
Birds](https://arxiv.org/abs/2901.00002) |
"""
    first, second = read(text, "list.md")
    assert (first.title, first.venue, first.sections) == ("Caching for Birds", "OSDI'20", ("Caching",))
    assert (second.title, second.sections) == ("Nesting for Birds", ("Caching",))


def test_a_title_cell_may_hold_authors_and_the_venue_below() -> None:
    text = """| Title | Publication | Affiliation |
|-|-|-|
| **A Long Title About Birds**<br>Ada Lovelace, Alan Turing<br>ICML 2023 | \
[arXiv](https://arxiv.org/abs/2901.00001) | CMU / MIT |
| Another Title About Birds :star: | NeurIPS 2022 | Google, Meta |
"""
    first, second = read(text, "list.md")
    assert (first.own.authors, first.venue) == (("Ada Lovelace", "Alan Turing"), "ICML 2023")
    assert first.institutions == ("CMU", "MIT")
    assert (second.title, second.venue, second.tags) == ("Another Title About Birds", "NeurIPS 2022", ("starred",))
    assert second.institutions == ("Google", "Meta")


def test_table_of_frameworks_with_badges_and_papers() -> None:
    text = """| Platform | Papers | Affiliations | SG | Materials |
|-|-|-|-|-|
| [Kestrel](https://github.com/birds/k)<br />[![Stars](https://img.shields.io/github/stars/birds/k.svg)]\
(https://github.com/birds/k/stargazers) | [A generic framework for birds](https://arxiv.org/abs/2901.00001) \
| [Birds Inc.](https://birds.example/) | :white_check_mark: | [[DOC](https://docs.birds.example/k)] |
| [Wren](https://wren.example) |  | Wrens |  |  |
"""
    kestrel, wren = read(text, "list.md")
    assert (kestrel.type, kestrel.name, kestrel.title) == (
        EntryType.FRAMEWORK,
        "Kestrel",
        "A generic framework for birds",
    )
    assert kestrel.institutions == ("Birds Inc.",)
    assert [kind for _, kind, _ in links(kestrel)] == ["code", "paper", "other", "other"]
    assert (wren.type, wren.institutions) == (EntryType.FRAMEWORK, ("Wrens",))


def test_table_of_venues_is_no_list_of_entries() -> None:
    text = """| Venue | 2024 | before |
|-|-|-|
| [IJCAI](https://dblp.org/search?q=birds) | [24](https://www.ijcai.org/proceedings/2024/) | \
[22](https://dl.acm.org/doi/proceedings/10.1145/1) |
"""
    assert read(text, "list.md") == ()


def test_bullets_with_institutions_and_an_identifier_in_escaped_brackets() -> None:
    text = r"* \[Bird University & Nest Inc. | arXiv 2203.09040] [A survey of birds](https://arxiv.org/abs/2203.09040)"
    (entry,) = read(text, "list.md")
    assert (entry.title, entry.venue) == ("A survey of birds", "arXiv 2203.09040")
    assert entry.institutions == ("Bird University", "Nest Inc.")
    assert links(entry) == [("", "paper", "https://arxiv.org/abs/2203.09040")]


def test_check_boxes_stars_and_remarks() -> None:
    text = """### Speculation üí°

- [x] ‚≠ê [Kestrel: Fast Birds](https://arxiv.org/abs/2901.00001): 3.6√ó faster, accepted by SOSP'23 (many like it)
- [ ] [Wren: Small Birds](https://arxiv.org/abs/2901.00002): [flight \
github](https://github.com/birds/flight), by Google, in MLSys'23
- [ ] [Owl: Late Birds](https://arxiv.org/abs/2901.00003): opening of *Night Flight*, in review of MLSys'24
- [ ] [Hawk: Big Birds](https://dl.acm.org/doi/10.1145/1.2): accpted by TACO'October-2023, wise
""".replace("üí°", "\uf8ffüí°")
    kestrel, wren, owl, hawk = read(text, "list.md")
    assert kestrel.sections == ("Speculation",)
    assert (kestrel.tags, kestrel.venue) == (("read", "starred"), "SOSP'23")
    assert kestrel.remarks == "3.6× faster, accepted by SOSP'23 (many like it)"
    assert (wren.tags, wren.venue) == ((), "MLSys'23")
    assert [kind for _, kind, _ in links(wren)] == ["paper", "code"]
    assert (owl.venue, owl.own.authors) == (None, ())
    assert owl.remarks == "opening of Night Flight, in review of MLSys'24"
    assert hawk.venue == "TACO'October-2023"


def test_correct_text_is_not_taken_for_mojibake() -> None:
    text = "- [Größe „und“ ‚Äpfel‘ – naïve √2 ⭐ ½](https://arxiv.org/abs/2901.00001): l’été “é”, √π\n"
    (entry,) = read(text, "list.md")
    assert entry.title == "Größe „und“ ‚Äpfel‘ – naïve √2 ½"
    assert entry.remarks == "l’été “é”, √π"


def test_persons_labs_and_lines_without_bullets() -> None:
    text = """## Person/Lab

**In no particular order!!**

[Ada LOVELACE](https://ada.example/~ada/): engines, the class [*On Engines*](https://engines.example), \
affiliated with MIT
[NEST](https://nest.example/pub/): Nice Eggs Lab, affiliated with ETHz
[Alan TURING](https://turing.github.io/)
"""
    ada, nest, alan = read(text, "list.md")
    assert (ada.type, ada.name, ada.institutions) == (EntryType.PERSON, "Ada LOVELACE", ("MIT",))
    assert links(ada) == [
        ("Ada LOVELACE", "homepage", "https://ada.example/~ada/"),
        ("On Engines", "other", "https://engines.example"),
    ]
    assert (nest.type, nest.institutions) == (EntryType.LAB, ("ETHz",))
    assert (alan.type, alan.remarks) == (EntryType.PERSON, None)


@pytest.mark.parametrize(
    ("heading", "item", "expected"),
    [
        ("Person Re-identification", "Mean Teaching of Cameras for Finding People [[CVPR 2020]]({arxiv})", "paper"),
        (
            "Papers from the Widget Lab, Delft",
            "1. (2015 JMLR) **Causes of Widget Failures.** _Ann Lee_. [[pdf]({arxiv})]",
            "paper",
        ),
        ("Group Activity Recognition", "[Widgets](https://widgets.example.org)", "other"),
        ("Code Generation", "[Widgets: How Programs Write Programs of Their Own]({arxiv})", "paper"),
        ("Library Resource", "[widgets](https://github.com/lee/widgets)", "framework"),
        ("Research Groups", "[Widget Group](https://widgets.example.org)", "lab"),
        ("People to follow", "[Ann Lee](https://lee.example.org)", "person"),
        ("Tools for Person Search", "[widgets](https://github.com/lee/widgets)", "framework"),
        (
            "Factorization",
            "[Factorization of Widgets](https://github.com/lee/list/blob/main/papers/F%20W.pdf)",
            "paper",
        ),
    ],
)
def test_what_an_item_is_goes_before_what_its_heading_names(heading: str, item: str, expected: str) -> None:
    text = f"# Things\n\n## {heading}\n\n{item if item[0].isdigit() else f'- {item}'}\n"
    entries = read(text.format(arxiv="https://arxiv.org/abs/2401.01234"), "list.md")
    assert [entry.type.value for entry in entries] == [expected]


def test_the_site_of_a_conference_is_no_paper() -> None:
    text = """# Birds

Papers from these conferences:

- Vision
   * [CVPR](http://cvpr2019.thecvf.com/)
   * [NeurIPS](https://nips.cc/)
"""
    found = [(entry.name, entry.type) for entry in read(text, "list.md")]
    assert found == [("CVPR", EntryType.OTHER), ("NeurIPS", EntryType.OTHER)]


@pytest.mark.parametrize(
    ("reference", "title", "authors", "year"),
    [
        (
            "Lee, A., van der Berg, B. C., & O'Neil, Ö. (2017). Birds are all you need. Advances in bird systems, 30.",
            "Birds are all you need",
            ("A. Lee", "B. C. van der Berg", "Ö O'Neil"),
            2017,
        ),
        (
            "Lee, A., Ito, B., & Garcia-Cruz, C. Bird-Specific Song Design with Models of Wings. In Advances in Birds.",
            "Bird-Specific Song Design with Models of Wings",
            ("A. Lee", "B. Ito", "C Garcia-Cruz"),
            None,
        ),
        (
            "Lee, A.B. and Ito, C., 2016. Songs of semi-supervised birds. arXiv preprint arXiv:1609.02907.",
            "Songs of semi-supervised birds",
            ("A.B. Lee", "C Ito"),
            2016,
        ),
        (
            "Lee A, Ito B-C, Cruz D. Deep birds. Nature. 2015;521(7553):436-44.",
            "Deep birds",
            ("A Lee", "B-C Ito", "D Cruz"),
            2015,
        ),
        (
            "A. Lee, B. Ito, and C. Cruz. Deep birds again. Nature, 521(7553):436–444, 2015.",
            "Deep birds again",
            ("A. Lee", "B. Ito", "C. Cruz"),
            2015,
        ),
        (
            "Lee, A., & Ito, B. (2008). Visualizing birds using t-SNE. Journal of bird research, 9(11), 25-26.",
            "Visualizing birds using t-SNE",
            ("A. Lee", "B Ito"),
            2008,
        ),
        ("Lee A, Ito B, et al. Many birds of one list. Cell. 2020.", "Many birds of one list", (), 2020),
        (
            "Lee, Ann; van der Berg, B. C.: Birds of the lake. In: Journal of Birds 30 (2019), S. 1-9.",
            "Birds of the lake",
            ("Ann Lee", "B. C van der Berg"),
            2019,
        ),
        (
            "Lee, A.; Ito, B.C.; Cruz, D. Birds of the lake: a survey. Birds 2021, 13, 2442.",
            "Birds of the lake: a survey",
            ("A. Lee", "B.C. Ito", "D Cruz"),
            2021,
        ),
        ("Lee A. Deep birds. Nature. 2015;521(7553):436-44.", "Deep birds", ("A Lee",), 2015),
        ("**Towards Stable and Faithful Birds**, ICML 2015.", "Towards Stable and Faithful Birds", (), 2015),
        ("Vitamin A. Its role in birds. Nature 2015.", "Vitamin A. Its role in birds", (), 2015),
        (
            "**Lee, A., & Ito, B.** (2019). Birds of the lake. *Nature*.",
            "Birds of the lake",
            ("A. Lee", "B Ito"),
            2019,
        ),
        (
            "**Ann Lee, Bo Ito, Cem Cruz**. Birds of the lake. ICML 2019.",
            "Birds of the lake",
            ("Ann Lee", "Bo Ito", "Cem Cruz"),
            2019,
        ),
        (
            "Lee, A. (2020). A paper of one author on birds. NeurIPS.",
            "A paper of one author on birds",
            ("A Lee",),
            2020,
        ),
    ],
)
def test_references_in_the_styles_of_bibliographies(
    reference: str, title: str, authors: tuple[str, ...], year: int | None
) -> None:
    entry = read(f"# Papers\n\n- {reference} [pdf](https://arxiv.org/abs/2901.00001)\n", "list.md")[0]
    found = entry.own.year or dates.find_year(entry.venue or "")
    assert (entry.title, entry.own.authors, found) == (title, authors, year)


def test_the_title_of_a_list_is_no_entry() -> None:
    text = """# Awesome Bird Research Papers
[![Awesome](https://birds.example.org/d7305f/media/badge.svg)](https://github.com/lee/awesome)
[![lee](https://img.shields.io/twitter/follow/lee?style=social)](https://twitter.com/lee)

A collection of papers on birds.
"""
    assert titles(text) == []
    in_html = text.replace("# Awesome Bird Research Papers", "# <p align=center>`awesome birds`</p>")
    assert titles(in_html) == []


def test_headings_of_a_year_and_a_venue_are_the_venue_of_papers() -> None:
    text = (
        "## Conference Papers\n\n### 2015 ICCV\n\n- Eight Birds on a Fence. [[PDF]](https://arxiv.org/abs/2901.00001)\n"
    )
    assert [entry.venue for entry in read(text, "list.md")] == ["2015 ICCV"]


def test_the_description_of_a_tool_is_not_its_title() -> None:
    text = """# Tools

- **[tabix](https://github.com/a/tabix)** - Table file index. [ [paper-2011](https://arxiv.org/abs/2901.00001) ]
- [orca](https://github.com/a/orca) - Serving Systems for Models of Transformers. [[paper](https://arxiv.org/abs/2901.00002)]
- [otter](https://github.com/a/otter) - Otters in rivers of the world. Ann Lee, Bo Ito. ICML 2020.
"""
    found = [(entry.name, entry.title, entry.remarks) for entry in read(text, "list.md")]
    assert found == [
        ("tabix", None, "Table file index."),
        ("orca", "Serving Systems for Models of Transformers", None),
        ("otter", "Otters in rivers of the world", None),
    ]


@pytest.mark.parametrize(
    ("line", "name", "remark"),
    [
        ("[orca](https://github.com/a/orca) - Run birds on any lake", "orca", "Run birds on any lake"),
        ("[orca](https://github.com/a/orca) - **Python** tool for many birds", "orca", "Python tool for many birds"),
        ("[orca](https://github.com/a/orca) - [R] - Counts birds from data", "orca", "R Counts birds from data"),
        ("[Orca](https://orca.example.org/a) - a tool that counts birds", "Orca", "a tool that counts birds"),
        (
            "[Orca](https://github.com/a/orca) - Counts Birds. Get the Best Count -- all at once",
            "Orca",
            "Counts Birds. Get the Best Count -- all at once",
        ),
    ],
)
def test_a_description_without_a_full_stop(line: str, name: str, remark: str) -> None:
    (entry,) = read(f"# Tools\n\n- {line}\n", "list.md")
    assert (entry.name, entry.title, entry.remarks) == (name, None, remark)


def test_a_sentence_case_title_after_a_name_remains_a_title() -> None:
    for line in (
        "- [Otter](https://github.com/a/otter) - Otters in rivers of the world [[paper](https://arxiv.org/abs/2901.00002)]",
        "- [Otter](https://arxiv.org/abs/2901.00002) - Otters in rivers of the world",
        "- [Otter](https://otter.example.org) - Otters in rivers of the world, Ann Lee, Bo Ito, ICML 2020",
    ):
        (entry,) = read(f"# Papers\n\n{line}\n", "list.md")
        assert (entry.name, entry.title) == ("Otter", "Otters in rivers of the world")


def test_papers_that_a_remark_only_cites() -> None:
    text = """# Papers

- [Deep Birds of Lakes](https://arxiv.org/abs/2901.00001) - We improve on \
[Lee et al. (2018)](https://arxiv.org/abs/2901.00003), the [first paper on birds](https://arxiv.org/abs/2901.00004), \
see [Great Birds in Flight](https://arxiv.org/abs/2901.00005), \
[Hopper 2019](https://arxiv.org/abs/2901.00006) and the [Kestrel paper](https://arxiv.org/abs/2901.00007).

A picture from [Brown et al.](https://arxiv.org/abs/2901.00008) shows birds.
"""
    found = [(entry.name, entry.title, entry.own.authors, entry.own.year) for entry in read(text, "list.md")]
    assert found == [
        (None, "Deep Birds of Lakes", (), None),
        (None, None, ("Lee et al.",), 2018),
        (None, None, (), None),
        (None, "Great Birds in Flight", (), None),
        (None, None, ("Hopper",), 2019),
        ("Kestrel", None, (), None),
        (None, None, ("Brown et al.",), None),
    ]
    assert read(text, "list.md")[0].venue is None


def test_posts_below_a_heading_of_people_are_no_persons() -> None:
    text = """# People and Blogs to Follow

- Ann Lee [@lee](https://twitter.com/lee) [[Blog](https://lee.example.org/tags/birds/)]
- How to Feed Birds in Winter [[Blog](https://lee.example.org/blog/how-to-feed/)]
- [Bo Ito](https://ito.example.org)
"""
    assert [entry.type for entry in read(text, "list.md")] == [EntryType.PERSON, EntryType.BLOG, EntryType.PERSON]


@pytest.mark.parametrize(
    "rest",
    [
        ", Ann Lee; Bo Ito; Cem Cruz. CVPR 2019",
        ", Ann Lee ; Bo Ito ; Cem Cruz, CVPR 2019.",
        " by Ann Lee, Bo Ito, Cem Cruz, CVPR 2019.",
        "\n  - Ann Lee; Bo Ito; Cem Cruz. *CVPR 2019*",
    ],
)
def test_people_before_a_venue(rest: str) -> None:
    for item in (
        "[Deep Birds of Lakes](https://arxiv.org/abs/2901.00001)",
        "<[Deep Birds](https://arxiv.org/abs/2901.00001)>",
    ):
        (entry,) = read(f"# Papers\n\n- {item}{rest}\n", "list.md")
        assert (entry.venue, entry.own.authors) == ("CVPR 2019", ("Ann Lee", "Bo Ito", "Cem Cruz"))


def test_prose_that_presents_links() -> None:
    text = """## Repositories
For example, [Birds-PaperList](https://github.com/birds/Birds-PaperList) contains much.
[Awesome-Nests](https://github.com/birds/Awesome-Nests) is also worth reading. See [here](https://x.example/y) and \
[CONTRIBUTING](CONTRIBUTING.md), or [the issue](https://github.com/birds/x/issues/3).

The log ["Large Bird Optimization"](https://ada.github.io/posts/2023-01-10-birds/) helps. Written with [some \
tool](https://tool.example/z).

[Kestrel: Simple Framework for Accelerating Birds](https://sites.google.com/view/kestrel)
prior paper: [Blockwise Flight for Deep Birds](https://arxiv.org/abs/2901.00001)
"""
    first, second, blog, kestrel, prior = read(text, "list.md")
    assert (first.type, first.name) == (EntryType.LIST, "Birds-PaperList")
    assert first.remarks == "For example, Birds-PaperList contains much."
    assert (second.type, second.name) == (EntryType.LIST, "Awesome-Nests")
    assert (blog.type, blog.title) == (EntryType.BLOG, "Large Bird Optimization")
    assert (kestrel.type, kestrel.links[0].kind) == (EntryType.PAPER, LinkKind.HOMEPAGE)
    assert (prior.title, prior.remarks) == ("Blockwise Flight for Deep Birds", "prior paper")


def test_captions_of_bare_links_and_rules_that_end_them() -> None:
    text = """# Birds

=======

flying software suite

  [Kestrel](https://github.com/birds/kestrel)

      [Wren](https://github.com/birds/wren)

=======

**Resource = ●**

| Name | Paper |
|-|-|
| Owl | [Paper](https://arxiv.org/abs/2901.00001) |
"""
    kestrel, wren, owl = read(text, "list.md")
    assert kestrel.sections == wren.sections == ("flying software suite",)
    assert kestrel.type is wren.type is EntryType.FRAMEWORK
    assert owl.sections == ("Birds",)


def test_nested_bullets_belong_to_their_item_or_are_items() -> None:
    text = """# Papers
- **Serving**
  - [Kestrel: Fast Birds for All](https://arxiv.org/abs/2901.00001)
    - *Ada Lovelace, Alan Turing*
    - NeurIPS 2024
    - [[Code](https://github.com/birds/k)] [[Slides](https://birds.example/s.pdf)]
    - It is fast.
  - Wren: A Small System (OSDI 2020) [[paper](https://www.usenix.org/x)]
- Some Title Without A Link
  - Paper: https://arxiv.org/abs/2901.00002
  - Code: [birds/w](https://github.com/birds/w)
  - Affiliation: ETH; CMU
  - Abstract: We nest.
  - Year: 2021
"""
    kestrel, wren, unlinked = read(text, "list.md")
    assert kestrel.sections == wren.sections == ("Serving",)
    assert (kestrel.own.authors, kestrel.venue) == (("Ada Lovelace", "Alan Turing"), "NeurIPS 2024")
    assert [kind for _, kind, _ in links(kestrel)] == ["paper", "code", "slides"]
    assert kestrel.remarks == "It is fast."
    assert (wren.title, wren.venue) == ("Wren: A Small System", "OSDI 2020")
    assert unlinked.title == "Some Title Without A Link"
    assert links(unlinked) == [
        ("Paper", "paper", "https://arxiv.org/abs/2901.00002"),
        ("birds/w", "code", "https://github.com/birds/w"),
    ]
    assert (unlinked.institutions, unlinked.own.abstract, unlinked.own.year) == (("ETH", "CMU"), "We nest.", 2021)


def test_numbered_items_with_authors_and_venue_behind_the_title() -> None:
    text = """## Project
1. [**kestrel.**](https://github.com/birds/kestrel) *Birds.*
* It flies.

## Papers
1. **Great Paper on Birds.** ICML 2023. [paper](https://arxiv.org/abs/2901.00001)

    *Lovelace, Ada K and Turing, Alan M.*

2. [**Keys for Birds.**](https://arxiv.org/abs/2901.00002) *Ada Lovelace, Alan Turing.* Arxiv 2024.
3. Another Great Paper. Carl Gauss, Leonhard Euler. arXiv 2022. [pdf](https://arxiv.org/pdf/2901.00003.pdf)
4. "Quoted Title of Birds", *Birds Quarterly*, 2021. [paper]()
"""
    project, great, keys, another, quoted = read(text, "list.md")
    assert (project.name, project.institutions, project.remarks) == ("kestrel", ("Birds",), "It flies.")
    assert (great.venue, great.own.authors) == ("ICML 2023", ("Ada K Lovelace", "Alan M Turing"))
    assert (keys.title, keys.venue, keys.own.authors) == (
        "Keys for Birds",
        "Arxiv 2024",
        ("Ada Lovelace", "Alan Turing"),
    )
    assert (another.title, another.venue, another.own.authors) == (
        "Another Great Paper",
        "arXiv 2022",
        ("Carl Gauss", "Leonhard Euler"),
    )
    assert (quoted.title, quoted.venue, quoted.links) == ("Quoted Title of Birds", "Birds Quarterly, 2021", ())


def test_an_incomplete_list_of_authors_is_not_taken_for_the_authors() -> None:
    (entry,) = read(
        "- [Birds in the Air](https://arxiv.org/abs/2901.00001) *Ada Lovelace, et al.* ICML \
2023\n",
        "l.md",
    )
    assert (entry.own.authors, entry.venue) == ((), "ICML 2023")


def test_badges_count_where_nothing_else_says_it() -> None:
    text = """[![License](https://img.shields.io/github/license/me/list)](LICENSE)

## Papers
- [Birds of One Feather](https://arxiv.org/abs/2901.00001) \
[![Star](https://img.shields.io/github/stars/x/y.svg)](https://github.com/x/y/stargazers)
- [Birds of Two Feathers](https://arxiv.org/abs/2901.00002) \
[![](https://img.shields.io/badge/Code-x)](https://github.com/q/r) [code](https://github.com/z/z)
- [me/list](https://github.com/me/list)
"""
    one, two = read(text, "list.md")
    assert [url for _, kind, url in links(one) if kind == "code"] == ["https://github.com/x/y"]
    assert [url for _, kind, url in links(two) if kind == "code"] == ["https://github.com/z/z"]


def test_details_reference_links_front_matter_and_setext_headings() -> None:
    text = """---
title: My list
see: https://no.example/x
---

Title of list
=============

<details>
<summary>Small birds</summary>

* [Birds Found by Reference][r1] ([code][r2])

</details>
<details><summary>more</summary>
<ul><li><a href="https://arxiv.org/abs/2901.00002">Birds Inside HTML</a>, ICML 2022</li></ul>
</details>

Sub heading
-----------
* [Birds After All](https://doi.org/10.1000/xyz)

[r1]: https://arxiv.org/abs/2901.00001
[r2]: https://github.com/u/v "title"
"""
    reference, inside, after = read(text, "list.md")
    assert (reference.sections, len(reference.links)) == (("Small birds",), 2)
    assert (inside.title, inside.venue, inside.sections) == ("Birds Inside HTML", "ICML 2022", ("Title of list",))
    assert after.sections == ("Sub heading",)
    assert str(after.place) == "list.md:21"


def test_what_speaks_about_the_list_is_left_out() -> None:
    text = """# Awesome Birds [![Awesome](https://awesome.re/badge.svg)](https://awesome.re)
![map](https://maps.example/x.png) ask [us](mailto:a@b.example)
## Contents
- [Tools](#tools)
## News
- [2024/05] We released [Kestrel](https://arxiv.org/abs/2901.00001) at [our site](https://birds.example/).
## Tools
- [Wren](https://github.com/birds/wren) - A small engine ([paper](https://arxiv.org/abs/2901.00002), \
[docs](https://docs.example)).
- [A talk on birds](https://www.youtube.com/watch?v=abc)
- [Eggs](https://huggingface.co/datasets/birds/eggs)
## Contributing
- Read [this guide](https://x.example/y).
## License
[CC0](https://creativecommons.org/)
"""
    found = [(entry.type.value, entry.title or entry.name) for entry in read(text, "list.md")]
    assert found == [
        ("paper", "Kestrel"),
        ("framework", "Wren"),
        ("video", "A talk on birds"),
        ("dataset", "Eggs"),
    ]


def test_prefixes_before_the_title() -> None:
    text = """- (ICML 2023) [Prefix Venue Birds](https://arxiv.org/abs/2901.00001)
- `NeurIPS 2022` [Chip Venue Birds](https://arxiv.org/abs/2901.00002)
- 2023.05, [Date Prefix Birds](https://arxiv.org/abs/2901.00003), ACL
- **[FlexBird]** Flexible Things for All, ICML 2020 [[paper]](https://arxiv.org/abs/2901.00004)
- [2023/08] **SomeBird**: [Some System of Birds](https://arxiv.org/abs/2901.00005)
- Paper: [Birds Named by Label](https://arxiv.org/abs/2901.00006)
- [[PDF](https://arxiv.org/abs/2901.00007)] [[Code](https://github.com/a/b)] Title Behind Links. ICLR 2021
- 【OSDI'22】[某个系统的论文标题](https://www.usenix.org/conference/osdi22/presentation/mou)
- [Survey] [All the Birds](https://arxiv.org/abs/2901.00008)
- https://arxiv.org/abs/2901.00009
- https://github.com/birds/bare
- [ATC'22] Linkless Birds in Here
- [[FlexBird2] Things for All the Birds](https://arxiv.org/abs/2901.00010)
- [[Survey]All of the Birds](https://arxiv.org/abs/2901.00011)
- [[Re]built Birds of the World](https://arxiv.org/abs/2901.00012)
"""
    found = [(entry.name, entry.title, entry.venue, entry.own.year) for entry in read(text, "list.md")]
    assert found == [
        (None, "Prefix Venue Birds", "ICML 2023", None),
        (None, "Chip Venue Birds", "NeurIPS 2022", None),
        (None, "Date Prefix Birds", "ACL 2023", None),
        ("FlexBird", "Flexible Things for All", "ICML 2020", None),
        ("SomeBird", "Some System of Birds", None, 2023),
        (None, "Birds Named by Label", None, None),
        (None, "Title Behind Links", "ICLR 2021", None),
        (None, "某个系统的论文标题", "OSDI'22", None),
        (None, "All the Birds", None, None),
        (None, None, None, None),
        ("bare", None, None, None),
        (None, "Linkless Birds in Here", "ATC'22", None),
        ("FlexBird2", "Things for All the Birds", None, None),
        (None, "All of the Birds", None, None),
        (None, "[Re]built Birds of the World", None, None),
    ]


def test_headings_tell_venue_and_year() -> None:
    text = """## 2025
### IJCAI
- Birds Learn to Fly. [[PUB](https://www.ijcai.org/proceedings/2025/767)] [[SILDES](https://birds.example/s.pdf)]
### Mach Learn
- Birds Learn to Sing. [[PUB](https://link.springer.com/article/10.1007/s10994-1)]
- Birds Without Any Link At All.
### AAAI
- [kestrel](https://github.com/birds/kestrel)
## NeurIPS 2024
- [Birds Learn to Nest](https://arxiv.org/abs/2901.00001)
"""
    fly, sing, unlinked, tool, nest = read(text, "list.md")
    assert [fly.venue, sing.venue, unlinked.venue, tool.venue, nest.venue] == [
        "IJCAI 2025",
        "Mach Learn 2025",
        "Mach Learn 2025",
        None,
        "NeurIPS 2024",
    ]
    assert [label for label, _, _ in links(fly)] == ["PUB", "SILDES"]


def test_paragraphs_and_headings_as_items() -> None:
    text = """## Birds
**A Bold Title on Birds**
*Ada Lovelace, Alan Turing*
NeurIPS 2021. [[Paper](https://arxiv.org/abs/2901.00001)] [[Code](https://github.com/e/f)]

### [Heading Title on Birds](https://arxiv.org/abs/2901.00002)
- Authors: Ada Lovelace, Alan Turing
- [Code](https://github.com/g/h)

### Heading With Links Below
[Paper](https://arxiv.org/abs/2901.00003) [Code](https://github.com/i/j)
"""
    bold, linked, below = read(text, "list.md")
    assert (bold.title, bold.venue, bold.own.authors) == (
        "A Bold Title on Birds",
        "NeurIPS 2021",
        ("Ada Lovelace", "Alan Turing"),
    )
    assert (linked.title, linked.own.authors, len(linked.links)) == (
        "Heading Title on Birds",
        ("Ada Lovelace", "Alan Turing"),
        2,
    )
    assert (below.title, below.sections, len(below.links)) == ("Heading With Links Below", ("Birds",), 2)


def test_another_paper_in_a_remark_is_an_entry_of_its_own() -> None:
    text = """- [Kestrel: Fast Birds](https://arxiv.org/abs/2901.00001): builds on [Older Birds](https://arxiv.org/abs/1901.00001)
- [wren](https://github.com/birds/wren), [owl](https://github.com/birds/owl)
- [Accelerating Birds with Wings](https://birds.example/blog/wings/): a blog, \
[wing-fast](https://github.com/birds/wing)
"""
    assert titles(text) == ["Kestrel: Fast Birds", "Older Birds", "wren", "owl", "Accelerating Birds with Wings"]
    blog = read(text, "list.md")[-1]
    assert (blog.type, [kind for _, kind, _ in links(blog)]) == (EntryType.BLOG, ["blog", "code"])


def test_markdown_between_html_tags() -> None:
    text = "<div>\n**Birds** see [Kestrel for Birds](https://arxiv.org/abs/2901.00001), https://github.com/a/Birds\n</div>\n"
    assert "Kestrel for Birds" in titles(text)
