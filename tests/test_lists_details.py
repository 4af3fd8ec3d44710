"""What stands before, in and after the titles of public lists; each case is a kind of layout that was misread."""

from __future__ import annotations

import pytest

from enrich.lists import read
from enrich.lists.words import is_furniture, kind_of_url, types_of_section
from enrich.model import Entry, EntryType, LinkKind

ONE = "https://arxiv.org/abs/2901.00001"


def only(item: str, heading: str = "Papers") -> Entry:
    (entry,) = read(f"# {heading}\n\n- {item}\n", "list.md")
    return entry


@pytest.mark.parametrize(
    ("item", "title", "venue"),
    [
        (
            "arXiv 2025.01, Tracking 4D Birds from Monocular Videos",
            "Tracking 4D Birds from Monocular Videos",
            "arXiv 2025",
        ),
        ("arXiv 2023, Segment Birds", "Segment Birds", "arXiv 2023"),
        ("arXiv 2024.04, **Bird-Guided Diffusion**", "Bird-Guided Diffusion", "arXiv 2024"),
        ("ICML 2024, The **Platonic Bird** Hypothesis", "The Platonic Bird Hypothesis", "ICML 2024"),
        ("arXiv 2024.07, Lessons from **Spinning “Nests”**", "Lessons from Spinning “Nests”", "arXiv 2024"),
        ("CVPR 2023 award candidate, Bird-oriented Driving", "Bird-oriented Driving", "CVPR 2023 award candidate"),
    ],
)
def test_a_venue_before_the_title(item: str, title: str, venue: str) -> None:
    entry = only(f"{item}, [arXiv]({ONE}) / [Website](https://birds.example.org/a)")
    assert (entry.title, entry.venue) == (title, venue)


def test_a_submission_is_no_venue() -> None:
    entry = only(f"CVPR 2024 submission, **Latent Bird Diffusion**: A Framework for Nests, [arXiv]({ONE})")
    assert (entry.title, entry.venue) == ("Latent Bird Diffusion: A Framework for Nests", None)
    assert entry.remarks == "CVPR 2024 submission"


@pytest.mark.parametrize(
    ("item", "name", "title"),
    [
        ("**:gem: Scan2Bird: From Scans to Birds**", None, "Scan2Bird: From Scans to Birds"),
        ('TranB: "Bird Tracking" CVPR.', "TranB", "Bird Tracking"),
        ('Nine Great Birds "In Flight"', None, 'Nine Great Birds "In Flight"'),
        ("Bird learning (2015), A. Lee, B. Ito and C. Cruz", None, "Bird learning"),
        (f"[The Weight of $|V_{{ts}}|$ in Birds]({ONE})", None, "The Weight of $|V_{ts}|$ in Birds"),
        (f"[How Birds Fly (Part 1)]({ONE})", None, "How Birds Fly (Part 1)"),
    ],
)
def test_marks_around_a_title(item: str, name: str | None, title: str) -> None:
    entry = only(f"{item} [[pdf]]({ONE})")
    assert (entry.name, entry.title) == (name, title)


@pytest.mark.parametrize(
    ("text", "names"),
    [("New York, USA", ()), ("Python, JavaScript", ()), ("Lee, A.", ("A Lee",)), ("Lee, Ann", ("Ann Lee",))],
)
def test_places_and_languages_in_brackets_are_no_people(text: str, names: tuple[str, ...]) -> None:
    assert only(f"[Deep Birds of Lakes]({ONE}) ({text})").own.authors == names


def test_links_in_brackets_that_end_in_paper_are_labels() -> None:
    entry = only(
        f"(2017-01) Birds for health [[open access paper]({ONE})] [[Bird Medicine preprint](https://b.example.org/a.pdf)]"
    )
    assert (entry.title, entry.own.year) == ("Birds for health", 2017)
    assert [link.kind for link in entry.links] == [LinkKind.PAPER, LinkKind.PAPER]


def test_a_paragraph_with_such_a_label_is_an_item() -> None:
    text = f"# Papers\n\n(2018-04) Birds for health [[bioRxiv preprint]({ONE})][[J Nest Soc paper](https://b.example.org/a.pdf)]\n"
    (entry,) = read(text, "list.md")
    assert (entry.title, entry.own.year, len(entry.links)) == ("Birds for health", 2018, 2)


def test_numbered_parts_are_links_of_one_post() -> None:
    entry = only(
        "Birds at scale [Part 1](https://eng.birds.example.org/a), [Part 2](https://eng.birds.example.org/b) "
        "`Nest` `2020`"
    )
    assert (entry.type, entry.title, entry.own.year) == (EntryType.BLOG, "Birds at scale", 2020)
    assert (entry.institutions, [link.label for link in entry.links]) == (("Nest",), ["Part 1", "Part 2"])


@pytest.mark.parametrize("label", ["Benchmark", "Code", "Blog", "Video", "Project"])
def test_a_page_of_arxiv_is_a_paper_however_it_is_labelled(label: str) -> None:
    assert only(f"Deep Birds of Lakes [[{label}]({ONE})]").links[0].kind is LinkKind.PAPER
    (entry,) = read(f"| Title | {label} |\n|---|---|\n| Deep Birds of Lakes | [{label}]({ONE}) |\n", "list.md")
    assert entry.links[0].kind is LinkKind.PAPER


def test_a_link_labelled_with_the_venue_leads_to_the_paper_if_no_other_does() -> None:
    entry = only("Mean Birds [[SGP 2012](https://x.example.org/view?a=1)] [[C++](https://github.com/a/b)]")
    assert [link.kind for link in entry.links] == [LinkKind.PAPER, LinkKind.CODE]
    entry = only(f"Mean Birds [[SGP 2012](https://x.example.org/view?a=1)] [[pdf]({ONE})]")
    assert [link.kind for link in entry.links] == [LinkKind.VENUE, LinkKind.PAPER]
    assert only("Mean Birds, [SGP 2012](https://sgp.example.org/)").links[0].kind is LinkKind.VENUE


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("papers/birds.pdf", LinkKind.PAPER),
        ("notes/birds.md", LinkKind.OTHER),
        ("https://eng.birds.example.org/flight", LinkKind.BLOG),
        ("https://birdstechblog.com/flight", LinkKind.BLOG),
        ("https://birds.example.org/how-birds-fly-5941d3231762", LinkKind.BLOG),
        ("https://birds.example.org/how-birds-fly", LinkKind.OTHER),
        ("https://citeseerx.ist.psu.edu/viewdoc/summary?doi=10.1.1.1", LinkKind.PAPER),
    ],
)
def test_what_an_address_leads_to(url: str, kind: LinkKind) -> None:
    assert kind_of_url(url) is kind


@pytest.mark.parametrize(
    ("url", "furniture"),
    [
        ("https://lee.github.io/birds/papers/?author=Ann+Lee", True),
        ("https://ieeexplore.ieee.org/xpl/RecentIssue.jsp?punumber=1", True),
        ("https://lee.example.org/birds.pdf?q=birds", False),
        ("https://doi.org/10.1000/birds?author=x", False),
    ],
)
def test_filters_and_journals_are_no_items(url: str, *, furniture: bool) -> None:
    assert is_furniture(url) is furniture


@pytest.mark.parametrize(
    ("heading", "found"),
    [
        ("Distributed Systems", ()),
        ("Systems", (EntryType.FRAMEWORK,)),
        ("Lake Constance Bird Laboratory", ()),
        ("Labs", (EntryType.LAB,)),
        ("Researcher & Group", (EntryType.PERSON, EntryType.LAB)),
    ],
)
def test_topics_and_names_of_labs_announce_no_types(heading: str, found: tuple[EntryType, ...]) -> None:
    assert types_of_section(heading) == found


def test_a_dated_title_with_code_alone_is_a_paper() -> None:
    assert only("Sketching Great Birds (2017) [[Code](https://github.com/a/b)]").type is EntryType.PAPER
    assert only("Sketching Great Birds [[Code](https://github.com/a/b)]").type is EntryType.REPOSITORY


def test_the_account_of_a_person_is_no_institution() -> None:
    assert only(f"[Deep Birds of Lakes]({ONE}) @lee's introduction to birds").institutions == ()
    assert only(f"[Deep Birds of Lakes]({ONE}), from Ann Lee ([@lee](https://twitter.com/lee))").institutions == ()
    for item, found in (("[Deep Birds]({}) @Google", "Google"), ("[Deep Birds(@nest.edu)]({})", "nest.edu")):
        entry = only(item.format(ONE))
        assert (entry.title, entry.institutions) == ("Deep Birds", (found,))


@pytest.mark.parametrize(
    ("rest", "authors", "venue"),
    [
        ("Ann Lee et al, IEEE TKDE 2010", ("Ann Lee et al.",), "IEEE TKDE 2010"),
        ("Rob Lee, Journal of the Bird Society 1996", ("Rob Lee",), "Journal of the Bird Society 1996"),
    ],
)
def test_people_before_the_venue_are_no_part_of_it(rest: str, authors: tuple[str, ...], venue: str) -> None:
    entry = only(f"[A Survey of Birds]({ONE}). *{rest}*")
    assert (entry.own.authors, entry.venue) == (authors, venue)
    assert entry.institutions == ()


def test_a_title_that_resembles_a_venue_is_a_title_if_it_is_the_text_of_a_link_to_a_paper() -> None:
    entry = only(f"[Online Electron Birds at CLAS12]({ONE}) [[DOI](https://doi.org/10.1000/birds)]")
    assert (entry.title, entry.venue) == ("Online Electron Birds at CLAS12", None)


def test_notes_below_titles_without_links_are_remarks() -> None:
    text = """# Birds

## DAC 2022

- **Mapping Very Large Birds to Hardware**
  - for flexible wings, combine units to generate a bigger bird
- **Towards Great Birds on Chips**

## Topics

- Great Birds of Lakes
  - Deep Birds of Lakes, ICML 2020
"""
    found = [(entry.title, entry.venue, entry.remarks) for entry in read(text, "list.md")]
    assert found == [
        (
            "Mapping Very Large Birds to Hardware",
            "DAC 2022",
            "for flexible wings, combine units to generate a bigger bird",
        ),
        ("Towards Great Birds on Chips", "DAC 2022", None),
        ("Deep Birds of Lakes", "ICML 2020", None),
    ]


def test_a_row_with_one_bold_cell_is_a_heading() -> None:
    text = f"| Name | Paper | Code |\n|---|---|---|\n| **2D Birds** | | |\n| Orca | [Orca: Great Birds]({ONE}) | - |\n"
    (entry,) = read(text, "list.md")
    assert (entry.name, entry.sections) == ("Orca", ("2D Birds",))


def test_a_label_begins_a_line_and_a_wrapped_title_goes_on() -> None:
    text = f"""# Birds

1. Ann Lee, Bo Ito (2014) - An empirical study of the birds of lakes
Tasks: examine birds
2. [Deep Learning for
Models: A Guide]({ONE})
"""
    first, second = read(text, "list.md")
    assert (first.title, first.own.authors) == ("An empirical study of the birds of lakes", ("Ann Lee", "Bo Ito"))
    assert (first.own.year, first.remarks) == (2014, "Tasks: examine birds")
    assert second.title == "Deep Learning for Models: A Guide"


def test_a_few_words_after_the_links_are_no_institution() -> None:
    entry = only(f"**Deep Birds of Lakes** [[paper]({ONE})] *Human Feedback*")
    assert (entry.institutions, entry.remarks) == ((), "Human Feedback")
    assert only(f"**Deep Birds of Lakes** *DeepNest* [[paper]({ONE})]").institutions == ("DeepNest",)


def test_the_introduction_of_a_list_is_no_paper() -> None:
    text = f"""# Readings

A list of papers that explain birds. It is kept by Ann Lee ([@lee](https://twitter.com/lee)). Please add to it.

## Lakes

- [Deep Birds of Lakes]({ONE})

# Posts

[A Post on Great Birds](https://lee.example.org/blog/great-birds)<br>
"""
    assert [entry.title for entry in read(text, "list.md")] == ["Deep Birds of Lakes", "A Post on Great Birds"]


def test_a_heading_that_links_a_file_of_the_list_is_no_item() -> None:
    text = """# Birds

### [Transfer of Nests](nests/papers.md)

- Moving a Nest to a Lake, ICML 2021.
- Building a Nest of Great Birds, CVPR 2020
"""
    found = [(entry.title, entry.venue, entry.sections) for entry in read(text, "list.md")]
    assert found == [
        ("Moving a Nest to a Lake", "ICML 2021", ("Transfer of Nests",)),
        ("Building a Nest of Great Birds", "CVPR 2020", ("Transfer of Nests",)),
    ]


def test_labels_beside_a_name_in_a_table_are_no_part_of_it() -> None:
    text = f"""## Datasets

| Dataset | Size |
|--|--|
| NYT29 [[link](https://github.com/a/b) &#124; [paper]({ONE})] | 63,306 |
"""
    (entry,) = read(text, "list.md")
    assert (entry.name, [link.label for link in entry.links]) == ("NYT29", ["link", "paper"])


def test_numbered_labels() -> None:
    entry = only(
        f"A. Lee, B. Ito, “Deep Birds of Lakes”, IEEE WCL, 2018. [[Letter]({ONE})], [[Journal2](https://b.org/c.pdf)]"
    )
    assert (entry.title, entry.remarks, len(entry.links)) == ("Deep Birds of Lakes", None, 2)


@pytest.mark.parametrize(
    ("rest", "authors", "venue", "year"),
    [
        ("Wang and Raj, 2017", ("Wang", "Raj"), None, 2017),
        ("Wang et al., 2017", ("Wang et al.",), None, 2017),
        ("Science and Engineering, 2017", (), "Science and Engineering, 2017", None),
    ],
)
def test_family_names_and_a_year_in_brackets(
    rest: str, authors: tuple[str, ...], venue: str | None, year: int | None
) -> None:
    entry = only(f"[On the Origin of Great Birds]({ONE}) ({rest}): why birds emerge")
    assert (entry.own.authors, entry.venue, entry.own.year) == (authors, venue, year)


@pytest.mark.parametrize(
    ("people", "authors"),
    [
        ("Lee, A., Ito, B., & Cruz, C.", ("A. Lee", "B. Ito", "C Cruz")),
        ("Ann Lee, Bo Ito, Cem Cruz", ("Ann Lee", "Bo Ito", "Cem Cruz")),
        ("Lee, A., Ito, B., ... & Cruz, C. D.", ()),
    ],
)
def test_a_paragraph_that_begins_with_people_is_an_item(people: str, authors: tuple[str, ...]) -> None:
    text = f"""# Birds

{people} [**The Bird Neuron: an Efficient Bird**]({ONE}) arXiv (2023)

More of [A Bird of the Sea]({ONE}2) here.
"""
    first, second = read(text, "list.md")
    assert (first.title, first.own.authors, first.venue) == (
        "The Bird Neuron: an Efficient Bird",
        authors,
        "arXiv 2023",
    )
    assert (first.remarks, second.remarks) == (None, "More of A Bird of the Sea here.")
