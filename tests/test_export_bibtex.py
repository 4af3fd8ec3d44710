"""BibTeX as other programs read it: titles, names, formulas, dates, keys."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pybtex.database import parse_string

from enrich import lists
from enrich.cli import main
from enrich.export import FORMATS
from enrich.model import Enriched, Entry, Link, LinkKind

PAPER = Entry(
    "paged-attention",
    title="Efficient Memory Management for Large Language Model Serving",
    venue="SOSP'23",
    links=(Link("https://arxiv.org/abs/2309.06180", LinkKind.PAPER),),
    enriched=Enriched(
        authors=("Woosuk Kwon", "Zhuohan Li"),
        year=2023,
        published="2023-09-12",
        venue="Proceedings of the 29th Symposium on Operating Systems Principles",
        doi="10.1145/3600006.3613165",
        arxiv_id="2309.06180",
    ),
)


def bibtex(*entries: Entry, keys: str = "entry") -> str:
    return FORMATS["bibtex"](entries, keys)


def fields(entry: Entry) -> dict[str, str]:
    """The fields as pybtex reads them."""
    (item,) = parse_string(bibtex(entry), "bibtex").entries.values()
    return {name.lower(): value for name, value in item.fields.items()}


@pytest.mark.parametrize(
    ("title", "written"),
    [
        (r"Search for $B_s^0\to\mu^+\mu^-$ decays", r"Search for {$B_s^0\to\mu^+\mu^-$} decays"),
        (r"An $O(n \log n)$ Sort & 50% More", r"An {$O(n \log n)$} Sort \& 50\% More"),
        ("2-4$\\times$ Faster", "2-4{$\\times$} Faster"),
        ("From $5 to $10 a Month", r"From \$5 to \$10 a Month"),
        ("Spend $5 and save$ Much", r"Spend \$5 and save\$ Much"),
        ("C# and F_1 at #1", r"{C}\# and {F\_1} at \#1"),
        ("Sets {x : x > 0} and More", r"Sets \textbraceleft{}x : x > 0\textbraceright{} and More"),
        ("A {closed} Set", r"A \{closed\} Set"),
        ("Sets of the form {x and beyond", r"Sets of the form \textbraceleft{}x and beyond"),
        ("Lost } here", r"Lost \textbraceright{} here"),
        ("Cost in $ and {$x$", r"Cost in \$ and \textbraceleft{}{$x$}"),
        (r"Bad $\frac{1$ Math", r"Bad \$\textbackslash{}frac\textbraceleft{}1\$ Math"),
        ("FlexGen: A GPU-Based System for LLMs", "{FlexGen}: A {GPU-Based} System for {LLMs}"),
        ("Vitamin C in H100 and L2-Norm Cafés", "Vitamin {C} in {H100} and {L2-Norm} Cafés"),
        ("High-Throughput Über-Systems", "High-Throughput Über-Systems"),
        ("Try --help, ''a'' and C--", "Try -{}-help, '{}'a'{}' and {C}-{}-"),
        ('"iPhone" (BERT)', '"{iPhone}" ({BERT})'),
    ],
)
def test_titles(title: str, written: str) -> None:
    assert f"  title = {{{written}}},\n" in bibtex(Entry("k", title=title))


NAMES = [
    ("Ada Lovelace", "Ada Lovelace", ("Ada", "Lovelace", "")),
    ("Lovelace, Ada", "Ada Lovelace", ("Ada", "Lovelace", "")),
    ("Guy L. Steele Jr.", "Steele, Jr., Guy L.", ("Guy L.", "Steele", "Jr.")),
    ("Steele, Jr., Guy L.", "Steele, Jr., Guy L.", ("Guy L.", "Steele", "Jr.")),
    ("Steele, Guy L., Jr.", "Steele, Jr., Guy L.", ("Guy L.", "Steele", "Jr.")),
    ("Steele Jr., Guy L.", "Steele, Jr., Guy L.", ("Guy L.", "Steele", "Jr.")),
    ("Martin Luther King, Jr.", "King, Jr., Martin Luther", ("Martin Luther", "King", "Jr.")),
    ("Hal Daumé III", "Daumé, III, Hal", ("Hal", "Daumé", "III")),
    ("Jane Roe PhD", "Jane Roe", ("Jane", "Roe", "")),
    ("Laurens van der Maaten", "Laurens van der Maaten", ("Laurens", "van der Maaten", "")),
    ("Gerard 't Hooft", "'t Hooft, Gerard", ("Gerard", "'t Hooft", "")),
    ("Jean d'Alembert", "Jean d'Alembert", ("Jean", "d'Alembert", "")),
    ("Pieter op de Beeck", "Pieter op de Beeck", ("Pieter", "op de Beeck", "")),
    ("Jan uit de Haag", "Jan uit de Haag", ("Jan", "uit de Haag", "")),
    ("Karl zu Guttenberg", "Karl zu Guttenberg", ("Karl", "zu Guttenberg", "")),
    ("Marie ver Eecke", "Marie ver Eecke", ("Marie", "ver Eecke", "")),
    ("Rolf vander Straten", "Rolf vander Straten", ("Rolf", "vander Straten", "")),
    ("Benjamin Van Durme", "Van Durme, Benjamin", ("Benjamin", "Van Durme", "")),
    ("José Ortega y Gasset", "Ortega y Gasset, José", ("José", "Ortega y Gasset", "")),
    ("Gabriel García Márquez", "Gabriel García Márquez", ("Gabriel García", "Márquez", "")),
    ("Ada King-Noel", "Ada King-Noel", ("Ada", "King-Noel", "")),
    ("陈 天奇", "天奇 陈", ("天奇", "陈", "")),
    ("Bo Li", "Bo Li", ("Bo", "Li", "")),
]


@pytest.mark.parametrize(("name", "written", "parts"), NAMES)
def test_names(name: str, written: str, parts: tuple[str, str, str]) -> None:
    paper = Entry("k", title="T", own=Enriched(authors=(name, "Ada Lovelace")))
    assert f"author = {{{written} and Ada Lovelace}}," in bibtex(paper)
    person = parse_string(bibtex(paper), "bibtex").entries["k"].persons["author"][0]
    given = " ".join(person.first_names + person.middle_names)
    family = " ".join(person.prelast_names + person.last_names)
    assert (given, family, " ".join(person.lineage_names)) == parts


@pytest.mark.parametrize(
    "name",
    [
        "The ATLAS Collaboration",
        "ATLAS Collaboration",
        "Gemini Team",
        "Qwen Team",
        "BigScience Workshop",
        "Gemma Team, Google DeepMind",
        "Smith and Sons",
        "University of Toronto",
        "Institute of Widgets",
        "Google Research",
        "R Core Team",
        "Johnson & Johnson",
        "Event Horizon Telescope Collaboration",
        "COVID-19 Study Group",
    ],
)
def test_a_group_is_one_name(name: str) -> None:
    paper = Entry("k", title="T", own=Enriched(authors=(name, "Ada Lovelace")))
    (group, person) = parse_string(bibtex(paper), "bibtex").entries["k"].persons["author"]
    assert " ".join(group.last_names) == f"{{{name.replace('&', chr(92) + '&')}}}"
    assert str(person) == "Lovelace, Ada"


@pytest.mark.parametrize(
    ("listed", "written"),
    [
        (("Ada Lovelace et al.",), "Ada Lovelace and others"),
        (("Ada Lovelace", "et al."), "Ada Lovelace and others"),
        (("Ada Lovelace", "Alan Turing", "and 12 others"), "Ada Lovelace and Alan Turing and others"),
        (("Lovelace, A., et al.",), "A. Lovelace and others"),
    ],
)
def test_there_are_more_authors(listed: tuple[str, ...], written: str) -> None:
    assert f"author = {{{written}}}," in bibtex(Entry("k", title="T", own=Enriched(authors=listed)))


def test_the_version_of_record_has_its_own_date_doi_and_proceedings() -> None:
    assert bibtex(PAPER) == (
        "@inproceedings{paged-attention,\n"
        "  title = {Efficient Memory Management for Large Language Model Serving},\n"
        "  author = {Woosuk Kwon and Zhuohan Li},\n"
        "  booktitle = {Proceedings of the 29th Symposium on Operating Systems Principles},\n"
        "  series = {SOSP'23},\n"
        "  year = {2023},\n"
        "  doi = {10.1145/3600006.3613165},\n"
        "  eprint = {2309.06180},\n"
        "  archivePrefix = {arXiv},\n"
        "  url = {https://doi.org/10.1145/3600006.3613165},\n"
        "}\n"
    )


OF_RECORD = replace(
    PAPER.enriched or Enriched(),
    issued="2023-10-23",
    container="Proceedings of the 29th Symposium on Operating Systems Principles",
    venue="Symposium on Operating Systems Principles",
    volume="29",
    issue="2",
    pages="611-626",
    publisher="ACM",
    publication_type="proceedings-article",
)


def test_the_version_of_record_has_all_its_fields_and_its_own_month() -> None:
    written = fields(replace(PAPER, enriched=OF_RECORD))
    assert (written["year"], written["month"], written["pages"]) == ("2023", "October", "611--626")
    assert (written["volume"], written["number"], written["publisher"]) == ("29", "2", "ACM")
    assert (written["booktitle"], written["series"]) == (OF_RECORD.container, "SOSP'23")


@pytest.mark.parametrize(
    ("kind", "bibtex_type", "field"),
    [
        ("journal-article", "article", "journal"),
        ("book-chapter", "incollection", "booktitle"),
        ("dissertation", "phdthesis", "school"),
        ("report", "techreport", "institution"),
        ("book", "book", "publisher"),
        ("posted-content", "inproceedings", "booktitle"),
    ],
)
def test_the_registry_says_what_a_work_is(kind: str, bibtex_type: str, field: str) -> None:
    text = bibtex(replace(PAPER, enriched=replace(OF_RECORD, publication_type=kind)))
    assert text.startswith(f"@{bibtex_type}{{")
    assert f"  {field} = " in text


def test_what_a_bibliography_says_comes_back() -> None:
    text = """@article{a, title = {Fast Birds}, author = {Ada Roe and others}, journal = {Birds}, year = 2020,
      month = mar, volume = 7, number = {2}, pages = {1--9}, publisher = {Nest}}"""
    (found,) = lists.read_any(text, "a.bib")
    own = Enriched(
        authors=("Ada Roe", "et al."), year=2020, issued="2020-03", volume="7", issue="2", pages="1-9", publisher="Nest"
    )
    assert found.own == own
    (again,) = lists.read_any(bibtex(found), "a.bib")
    assert again.own == own


def test_a_preprint_has_its_day_and_its_own_doi() -> None:
    found = replace(PAPER.enriched or Enriched(), venue=None, doi="10.48550/arXiv.2309.06180")
    written = fields(replace(PAPER, venue=None, enriched=found))
    assert (written["year"], written["month"]) == ("2023", "September")
    assert (written["doi"], written["url"]) == ("10.48550/arXiv.2309.06180", "https://arxiv.org/abs/2309.06180")


def test_a_published_paper_does_not_have_the_doi_of_its_preprint() -> None:
    found = replace(PAPER.enriched or Enriched(), doi="10.48550/arXiv.2309.06180")
    written = fields(replace(PAPER, enriched=found))
    assert "doi" not in written
    assert (written["eprint"], written["url"]) == ("2309.06180", "https://arxiv.org/abs/2309.06180")


@pytest.mark.parametrize(
    ("arxiv_id", "group"), [("hep-th/9901001", "hep-th"), ("cs/0112017", "cs"), ("2309.06180", None)]
)
def test_an_old_arxiv_id_names_its_archive(arxiv_id: str, group: str | None) -> None:
    written = fields(Entry("k", title="T", own=Enriched(arxiv_id=arxiv_id)))
    assert (written["eprint"], written["archiveprefix"]) == (arxiv_id, "arXiv")
    assert written.get("primaryclass") == group


@pytest.mark.parametrize(
    ("title", "authors", "key"),
    [
        ("Efficient Memory Management", ("Woosuk Kwon",), "kwon2023efficient"),
        ("The Über-System: A Survey", ("Jürgen von Öst",), "vonost2023uber"),
        ("On the Cost of $O(n)$ Sorting", ("Guy L. Steele Jr.",), "steele2023cost"),
        ("1984", ("The ATLAS Collaboration",), "theatlascollaboration20231984"),
        ("The", (), "2023"),
        ("深度学习", ("陈 天奇",), "陈2023深度学习"),
    ],
)
def test_keys_of_author_year_and_title(title: str, authors: tuple[str, ...], key: str) -> None:
    paper = Entry("mine", title=title, own=Enriched(authors=authors, year=2023))
    assert bibtex(paper, keys="author-year").startswith(f"@misc{{{key},\n")
    assert bibtex(paper, paper, keys="author-year").count(f"@misc{{{key}-2,\n") == 1
    assert bibtex(paper).startswith("@misc{mine,\n")


def test_the_command_makes_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("catalog.yaml").write_text(
        "version: 1\nentries:\n  - key: a\n    title: Fast Birds\n    authors: [Ada Roe]\n    year: 2020\n",
        encoding="utf-8",
    )
    assert main(["export", "--keys", "author-year"]) == 0
    assert capsys.readouterr().out.startswith("@misc{roe2020fast,\n")
    assert main(["export", "--keys", "random"]) == 2
    assert "author-year" in capsys.readouterr().err


HOSTILE = (
    st.text()
    | st.text(st.sampled_from("{}\\$%&#_~^\"@, =ab-'`?!\u00e9\u8bba"), max_size=24)
    | st.sampled_from(["}", "{", "\\{", "\\", "$", "@article{x,", "}, evil = {", 'a" # b # "', "%", "$x$ { $y$"])
)
LINE = HOSTILE.map(lambda text: " ".join(text.split())).filter(lambda text: bool(text) and text.isprintable())


@settings(deadline=None)  # the first text loads the tables of LaTeX
@given(st.lists(st.tuples(HOSTILE, HOSTILE), min_size=1, max_size=3))
def test_a_hostile_text_never_makes_the_file_unreadable(texts: list[tuple[str, str]]) -> None:
    entries = [
        Entry(
            f"key{number}",
            title=one,
            venue=other,
            own=Enriched(authors=(one, other), abstract=other, doi=one, year=1999),
        )
        for number, (one, other) in enumerate(texts)
    ]
    text = bibtex(*entries)
    assert list(parse_string(text, "bibtex").entries) == [entry.key for entry in entries]
    library = pytest.importorskip("bibtexparser").parse_string(text)
    assert not library.failed_blocks
    assert [entry.key for entry in library.entries] == [entry.key for entry in entries]


@settings(deadline=None)  # the first text loads the tables of LaTeX
@given(LINE, LINE)
def test_what_is_exported_is_imported_as_it_was(title: str, abstract: str) -> None:
    paper = Entry("k", title=title, own=Enriched(abstract=abstract))
    (found,) = lists.read_any(bibtex(paper), "a.bib")
    assert _without_formulas(found.title or "") == _without_formulas(title)
    assert _without_formulas(found.own.abstract or "") == _without_formulas(abstract)


def _without_formulas(text: str) -> str:
    """A text whose formulas may have a backslash before a percent sign, which begins a comment there."""
    return re.sub(r"\\(?=%)", "", text)


@settings(deadline=None)  # the first text loads the tables of LaTeX
@given(st.lists(LINE, min_size=1, max_size=4))
def test_any_list_of_authors_keeps_its_length(authors: list[str]) -> None:
    named = [name for name in authors if re.search(r"[^\W\d_]", name)]
    paper = Entry("k", title="T", own=Enriched(authors=tuple(named)))
    read = parse_string(bibtex(paper), "bibtex").entries["k"].persons.get("author", [])
    assert len(read) == len(named)
