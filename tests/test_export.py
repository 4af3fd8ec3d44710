"""The catalog for other tools."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import validate
from markdown_it import MarkdownIt

from enrich import catalog
from enrich.export import FORMATS
from enrich.model import Enriched, Entry, EntryType, Link, LinkKind

CATALOG = Path(__file__).resolve().parent.parent / "catalog.yaml"
FLEXGEN = Entry(
    "flexgen",
    name="FlexGen",
    venue="ICML'23",
    institutions=("Stanford", "UC Berkeley"),
    sections=("Serving", "Offloading"),
    tags=("starred",),
    links=(
        Link("https://github.com/FMInference/FlexGen", LinkKind.CODE, "Code"),
        Link("https://arxiv.org/abs/2303.06865", LinkKind.PAPER, "Paper"),
    ),
    enriched=Enriched(
        title="FlexGen: High-Throughput Generative Inference with a Single GPU & 100% {care}",
        authors=("Ying Sheng", "Lianmin Zheng", "Laurens van der Maaten", "Robert Downey Jr."),
        abstract="Costs $1_000 ~ 5 ^ 2 # a\\b.",
        year=2023,
        published="2023-03-13",
        venue="International Conference on Machine Learning",
        arxiv_id="2303.06865",
        citation_count=635,
    ),
)


def bibtex(*entries: Entry) -> str:
    return FORMATS["bibtex"](entries)


def items(*entries: Entry) -> list[dict[str, object]]:
    read: list[dict[str, object]] = json.loads(FORMATS["csl-json"](entries))
    return read


def rows(*entries: Entry) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(FORMATS["csv"](entries))))


def test_bibtex_of_a_paper() -> None:
    assert bibtex(FLEXGEN) == (
        "@inproceedings{flexgen,\n"
        "  title = {{FlexGen}: High-Throughput Generative Inference with a Single {GPU} \\& 100\\% \\{care\\}},\n"
        "  author = {Ying Sheng and Lianmin Zheng and Laurens van der Maaten and Downey, Jr., Robert},\n"
        "  booktitle = {International Conference on Machine Learning},\n"
        "  series = {ICML'23},\n"
        "  year = {2023},\n"
        "  eprint = {2303.06865},\n"
        "  archivePrefix = {arXiv},\n"
        "  url = {https://arxiv.org/abs/2303.06865},\n"
        "  abstract = {Costs \\$1\\_000 \\textasciitilde{} 5 \\textasciicircum{} 2 \\# a\\textbackslash{}b.},\n"
        "}\n"
    )


@pytest.mark.parametrize(
    ("venue", "arxiv", "kind", "csl"),
    [
        ("SOSP'23", None, "inproceedings", "paper-conference"),
        ("International Conference on Data Science", None, "inproceedings", "paper-conference"),
        (
            "Proceedings of the 29th Symposium on Operating Systems Principles",
            None,
            "inproceedings",
            "paper-conference",
        ),
        ("Proceedings of the VLDB Endowment", None, "article", "article-journal"),
        ("Proc. ACM Meas. Anal. Comput. Syst. (POMACS)", None, "article", "article-journal"),
        ("IEEE Transactions on Computers", "2303.06865", "article", "article-journal"),
        ("Nature", None, "article", "article-journal"),
        ("arXiv 2303.06865", "2303.06865", "misc", "article"),
        ("arXiv.org", None, "misc", "article"),
        (None, "2303.06865", "misc", "article"),
        (None, None, "misc", "article"),
    ],
)
def test_the_venue_says_what_a_paper_is(venue: str | None, arxiv: str | None, kind: str, csl: str) -> None:
    paper = Entry("key", title="A Title", venue=venue, enriched=Enriched(arxiv_id=arxiv))
    assert bibtex(paper).startswith(f"@{kind}{{key,\n")
    assert items(paper)[0]["type"] == csl


def test_what_a_person_wrote_wins() -> None:
    paper = Entry(
        "key",
        title="Their Title",
        venue="Their Venue",
        own=Enriched(authors=("Their Author",), doi="10.1000/theirs"),
        enriched=Enriched(title="Ours", venue="Ours", authors=("Our Author",), doi="10.1000/ours", year=2020),
    )
    for name, export in FORMATS.items():
        shown = export([paper])
        assert "Their Title" in shown, name
        assert "Their Venue" in shown, name
        assert "2020" in shown, name
        if name != "json":  # which has both
            assert "Our" not in shown, name
            assert "10.1000/ours" not in shown, name


@pytest.mark.parametrize(
    "listed",
    [
        ("A. Lovelace et al.",),
        ("Lovelace, A., et al.",),
        ("Ada Lovelace", "et al."),
        ("Ada Lovelace", "others"),
        ("et al.",),
    ],
)
def test_a_whole_list_of_authors_wins_over_the_first_of_them(listed: tuple[str, ...]) -> None:
    paper = Entry(
        "k", title="T", own=Enriched(authors=listed), enriched=Enriched(authors=("Ada Lovelace", "Alan Turing"))
    )
    assert "author = {Ada Lovelace and Alan Turing}," in bibtex(paper)


@pytest.mark.parametrize(
    "listed", [("G. Hopper et al.",), ("Ada Lovelace", "Grace Hopper", "et al."), ("A. Lovelace",)]
)
def test_authors_that_a_record_does_not_have_stay(listed: tuple[str, ...]) -> None:
    paper = Entry(
        "k", title="T", own=Enriched(authors=listed), enriched=Enriched(authors=("Ada Lovelace", "Alan Turing"))
    )
    assert paper.known("authors") == listed


def test_bibtex_keys_are_the_entries_own_and_never_twice_the_same() -> None:
    shown = bibtex(*(Entry(key) for key in ("a", "A", "a b", "论文", "{}", "a-2")))
    keys = re.findall(r"^@\w+\{(.*),$", shown, re.MULTILINE)
    assert keys == ["a", "A-2", "a-b", "论文", "entry", "a-2-2"]


def test_persons_and_labs_are_not_cited() -> None:
    person, lab = Entry("p", EntryType.PERSON, name="Ada"), Entry("l", EntryType.LAB, name="Lab")
    assert bibtex(person, lab) == ""
    assert items(person, lab) == []
    assert [row["key"] for row in rows(person, lab)] == ["p", "l"]


@pytest.mark.parametrize(
    ("kind", "csl"),
    [
        (EntryType.REPOSITORY, "software"),
        (EntryType.DATASET, "dataset"),
        (EntryType.BLOG, "post-weblog"),
        (EntryType.VIDEO, "motion_picture"),
        (EntryType.LIST, "webpage"),
    ],
)
def test_what_is_no_paper_is_cited_as_what_it_is(kind: EntryType, csl: str) -> None:
    thing = Entry("key", kind, name="Thing", venue="Somewhere", links=(Link("https://example.org/a_b%20{c}"),))
    assert "@misc{key," in bibtex(thing)
    assert "  howpublished = {Somewhere},\n  url = {https://example.org/a_b%20%7Bc%7D},\n" in bibtex(thing)
    assert items(thing)[0]["type"] == csl


def test_bibtex_takes_a_name_with_and_in_it_as_one() -> None:
    paper = Entry("key", title="T", own=Enriched(authors=("Smith and Sons", "Ada Lovelace")))
    assert "author = {{Smith and Sons} and Ada Lovelace}," in bibtex(paper)


@given(st.text(), st.text(), st.lists(st.text(min_size=1), max_size=3))
def test_bibtex_is_always_balanced(title: str, key: str, authors: list[str]) -> None:
    paper = Entry(key, title=title, remarks=title, own=Enriched(authors=tuple(authors), doi=title, abstract=title))
    shown = bibtex(paper, paper)
    bare = re.sub(r"\\[{}]", "", shown)
    assert bare.count("{") == bare.count("}")
    assert len(re.findall(r"^@misc\{[^{},\s]+,$", shown, re.MULTILINE)) == 2
    assert all(re.match(r"@misc\{|  [a-zA-Z]+ = \{.*\},$|\}$|$", line) for line in shown.split("\n"))


def test_csl_json_of_a_paper() -> None:
    item = items(FLEXGEN)[0]
    assert item["id"] == "flexgen"
    assert item["author"] == [
        {"family": "Sheng", "given": "Ying"},
        {"family": "Zheng", "given": "Lianmin"},
        {"family": "van der Maaten", "given": "Laurens"},
        {"family": "Downey", "given": "Robert", "suffix": "Jr."},
    ]
    assert item["issued"] == {"date-parts": [[2023]]}
    assert item["container-title"] == "International Conference on Machine Learning"
    assert item["container-title-short"] == "ICML'23"
    assert item["URL"] == "https://arxiv.org/abs/2303.06865"
    assert item["number"] == "arXiv:2303.06865"
    assert item["keyword"] == "starred"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Plato", {"literal": "Plato"}),
        ("Lovelace, Ada", {"family": "Lovelace", "given": "Ada"}),
        ("Lovelace,", {"literal": "Lovelace,"}),
        ("Guido van Rossum", {"family": "van Rossum", "given": "Guido"}),
        ("The Many Members of the Collaboration Team", {"literal": "The Many Members of the Collaboration Team"}),
    ],
)
def test_csl_names(name: str, parts: dict[str, str]) -> None:
    assert items(Entry("key", title="T", own=Enriched(authors=(name,))))[0]["author"] == [parts]


@pytest.mark.parametrize(
    ("published", "year", "parts"),
    [
        ("2023", None, [2023]),
        ("2023-03", None, [2023, 3]),
        (None, 1999, [1999]),
        ("in press", 1999, [1999]),
        ("2022-12-31", 2023, [2023]),
    ],
)
def test_csl_dates_have_the_precision_that_is_known(published: str | None, year: int | None, parts: list[int]) -> None:
    paper = Entry("key", title="T", own=Enriched(published=published, year=year))
    assert items(paper)[0]["issued"] == {"date-parts": [parts]}
    assert "issued" not in items(Entry("key", title="T", own=Enriched(published="in press")))[0]


@pytest.mark.parametrize(
    ("own", "parts"),
    [(Enriched(year=2024), [2024]), (Enriched(published="2024-05"), [2024, 5]), (Enriched(), [2023, 1])],
)
def test_a_year_or_date_of_the_persons_own_wins_over_both_of_ours(own: Enriched, parts: list[int]) -> None:
    paper = Entry("key", title="T", own=own, enriched=Enriched(year=2023, published="2023-01"))
    assert items(paper)[0]["issued"] == {"date-parts": [parts]}
    assert rows(paper)[0]["year"] == str(parts[0])


def test_csv_of_a_paper() -> None:
    row = rows(FLEXGEN)[0]
    assert row["authors"] == "Ying Sheng; Lianmin Zheng; Laurens van der Maaten; Robert Downey Jr."
    assert row["paper"] == "https://arxiv.org/abs/2303.06865"
    assert row["code"] == "https://github.com/FMInference/FlexGen"
    assert row["sections"] == "Serving; Offloading"
    assert row["citation_count"] == "635"


@given(st.text() | st.sampled_from(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", ' "=1"', "a\nb,c"]))
def test_no_cell_is_a_formula_and_no_row_breaks(text: str) -> None:
    shown = FORMATS["csv"]([Entry(text, name=text, title=text, remarks=text, tags=(text,), links=(Link(text),))])
    read = list(csv.reader(io.StringIO(shown)))
    assert len(read) == 2
    assert not any(cell.startswith(tuple("=+-@\t\r＝＋－＠")) for cell in read[1])
    assert len(shown.splitlines()) == 2


def test_markdown_lists_an_entry_in_each_of_its_sections() -> None:
    line = (
        "- **FlexGen**: [FlexGen: High-Throughput Generative Inference with a Single GPU \\& 100% {care}]"
        "(<https://arxiv.org/abs/2303.06865>). Ying Sheng, Lianmin Zheng, Laurens van der Maaten et al., *ICML'23*, "
        "2023, 635 citations. \\[[Code](<https://github.com/FMInference/FlexGen>)\\] "
        "\\[[Paper](<https://arxiv.org/abs/2303.06865>)\\]\n"
    )
    assert FORMATS["markdown"]([FLEXGEN]) == f"## Serving\n\n{line}\n## Offloading\n\n{line}"


def test_markdown_says_a_year_once() -> None:
    paper = Entry("a", title="Orca", venue="OSDI 2022", enriched=Enriched(year=2022, citation_count=1))
    assert FORMATS["markdown"]([paper]) == "- Orca. *OSDI 2022*, 1 citation\n"


def test_markdown_of_an_entry_with_a_name_alone() -> None:
    named = Entry("key", EntryType.REPOSITORY, name="vLLM", links=(Link("https://github.com/vllm-project/vllm"),))
    assert FORMATS["markdown"]([named]) == "- **vLLM**: [link](<https://github.com/vllm-project/vllm>)\n"
    assert FORMATS["markdown"]([Entry("key", name="vLLM")]) == "- **vLLM**\n"
    assert FORMATS["markdown"]([Entry("key", title="1984", venue="Secker")]) == "- 1984\\. *Secker*\n"


NASTY = (
    st.sampled_from(["<b>", "](x)", "1. a", "- a", "# a", "`a", "\n\n# a", "javascript:x", "<!-- a", "a\\"]) | st.text()
)


@given(NASTY, NASTY, NASTY)
def test_markdown_holds_nothing_but_the_list(title: str, name: str, url: str) -> None:
    item = Entry("key", title=title, name=name, remarks=title, sections=(name,), links=(Link(url), Link(title)))
    kinds = {"heading", "bullet_list", "list_item", "paragraph", "inline"}
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(FORMATS["markdown"]([item, item]))
    assert {token.type.removesuffix("_open").removesuffix("_close") for token in tokens} <= kinds
    assert sum(token.type == "list_item_open" for token in tokens) == 2
    children = [child for token in tokens for child in token.children or []]
    assert not any(child.type in ("html_inline", "image", "code_inline", "s_open", "softbreak") for child in children)


def test_json_is_the_catalog_in_another_form() -> None:
    known = catalog.parse(CATALOG.read_text(encoding="utf-8"))
    written = FORMATS["json"](known.entries)
    validate(json.loads(written), catalog.schema())
    assert [unplaced(entry) for entry in catalog.parse(written).entries] == [unplaced(entry) for entry in known.entries]
    assert written.count("\n") == len(known.entries) + 2


@given(st.text(), st.text())
def test_json_carries_any_text(title: str, url: str) -> None:
    (row,) = json.loads(FORMATS["json"]([Entry("k", title=title, links=(Link(url),))]))["entries"]
    assert (row.get("title", ""), row["links"][0]["url"]) == (title, url)


def unplaced(entry: Entry) -> Entry:
    return replace(entry, place=None, links=tuple(replace(link, place=None) for link in entry.links))


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_an_empty_catalog_is_an_empty_export(name: str) -> None:
    assert len(FORMATS[name]([]).splitlines()) <= 1
