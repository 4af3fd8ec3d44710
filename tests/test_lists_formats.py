from __future__ import annotations

from pathlib import Path

import pytest

from enrich.cli import main
from enrich.lists import cover, merge, read, read_any, unread
from enrich.model import EnrichError, EntryType

BIB = r"""@inproceedings{lovelace2021birds,
  title = {Deep {B}irds for M{\"u}ller},
  author = {Lovelace, Ada and van der Berg, Jan and others},
  booktitle = {Proceedings of the Bird Conference},
  year = 2021,
  eprint = {2104.00001}, archivePrefix = {arXiv},
  url = {https://arxiv.org/abs/2104.00001}
}
@software{wren, title = {Wren}, url = {https://github.com/birds/wren}}
"""
CSL = """[{"id": "lovelace", "type": "paper-conference", "title": "Deep Birds", "DOI": "10.1000/xyz",
"author": [{"family": "Lovelace", "given": "Ada"}, {"literal": "The Bird Group"}],
"issued": {"date-parts": [[2021, 4]]}, "URL": "https://arxiv.org/abs/2104.00001"}]"""


def test_bibtex_keeps_keys_names_and_accents() -> None:
    paper, software = read_any(BIB, "refs.bib")
    assert (paper.key, paper.title, paper.own.year) == ("lovelace2021birds", "Deep Birds for Müller", 2021)
    assert paper.own.authors == ("Ada Lovelace", "Jan van der Berg", "et al.")
    assert (paper.own.arxiv_id, str(paper.place)) == ("2104.00001", "refs.bib:1")
    assert (software.key, software.type) == ("wren", EntryType.REPOSITORY)
    found = merge([], [[paper, software]])
    assert [entry.key for entry in found.new] == ["lovelace2021birds", "wren"]
    again = merge(found.new, [[paper, software]])
    assert (again.new, again.links) == ((), {})


def test_of_entries_with_one_key_the_first_counts() -> None:
    (entry,) = read_any("@misc{a, title = {First}}\n@misc{a, title = {Second}}\n", "refs.bib")
    assert entry.title == "First"


@pytest.mark.parametrize("title", ["Ends with \\ ", "Sets \\{x}", "Only \\"])
def test_latex_that_does_not_end_well_is_read(title: str) -> None:
    (entry,) = read_any(f"@misc{{a, title = {{{title}}}}}\n", "refs.bib")
    assert entry.title is not None


def test_csl_json_is_read() -> None:
    (entry,) = read_any(CSL, "library.json")
    assert (entry.key, entry.title, entry.own.authors) == ("lovelace", "Deep Birds", ("Ada Lovelace", "The Bird Group"))
    assert (entry.own.year, entry.own.doi) == (2021, "10.1000/xyz")


def test_csv_with_any_headers() -> None:
    text = "Paper Title,Link,When\nDeep Birds,https://arxiv.org/abs/2104.00001,2021\n"
    (entry,) = read_any(text, "x.csv", columns={"title": "Paper Title", "url": "Link", "year": "When"})
    assert (entry.title, entry.own.year, len(entry.links)) == ("Deep Birds", 2021, 1)
    with pytest.raises(EnrichError, match="no column 'Titel'"):
        read_any(text, "x.csv", columns={"title": "Titel"})


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.rst", "Papers\n======\n\n- `Birds <https://arxiv.org/abs/2104.00001>`_\n", "reStructuredText"),
        ("a.adoc", "= Papers\n\n* https://arxiv.org/abs/2104.00001[Birds]\n", "AsciiDoc"),
        ("a.org", "* Papers\n- [[https://arxiv.org/abs/2104.00001][Birds]]\n", "Org"),
        ("a.html", "<!doctype html><html></html>", "HTML"),
        ("a.tex", r"\documentclass{article}", "LaTeX"),
        ("papers.txt", "- [[https://arxiv.org/abs/2104.00001][Birds]]\n", "Org"),
        ("data.yaml", "- title: Birds\n", "YAML"),
        ("catalog.yaml", "version: 1\nentries:\n  - key: a\n", "a catalog already"),
        ("refs.bib", "@article{a, title = {x", "invalid BibTeX"),
        ("x.json", '{"a": 1}', "not CSL-JSON"),
    ],
)
def test_what_is_not_read_is_refused_with_advice(name: str, text: str, says: str) -> None:
    with pytest.raises(EnrichError, match=says):
        read_any(text, name)


def test_an_import_of_nothing_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.md").write_text("Just a few words about birds.\n", encoding="utf-8")
    assert main(["import", "empty.md"]) == 2
    assert not Path("catalog.yaml").exists()


LIST = """# Birds

## Flight
- [Fast Birds for Everyone](https://arxiv.org/abs/2901.00001)

## Contributing
Read it [here](https://arxiv.org/abs/2901.00002).
"""


def test_a_picture_of_a_paper_is_no_paper_link() -> None:
    text = "Below:\n\n![](https://birds.example/papers/2019/teaser.jpg)\n\n<img src='https://arxiv.org/html/2104.00001/x1.png'>\n"
    assert cover(text, "README.md", []).links == 0


def test_a_sign_after_a_link_is_no_part_of_its_url() -> None:
    text = "- [Birds on Fences and Trees](https://birds.example/a_(b)/one.pdf)- Ann Lee (see https://birds.example/two.pdf)\n"
    found = cover(text, "README.md", read(text, "README.md"))
    assert [left.url for left in found.left] in ([], ["https://birds.example/two.pdf"])


def test_the_coverage_report_names_what_was_left_out() -> None:
    found = cover(LIST, "README.md", read(LIST, "README.md"))
    assert (found.links, found.taken) == (2, 1)
    (left,) = found.left
    assert (str(left.place), left.section, left.why) == (
        "README.md:7",
        "Contributing",
        "in a section about the list itself",
    )


def test_strict_fails_where_a_paper_link_was_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("README.md").write_text(LIST, encoding="utf-8")
    assert main(["import", "README.md"]) == 0
    assert main(["import", "README.md", "--strict"]) == 1
    assert "README.md: 2 paper links, 1 taken" in capsys.readouterr().out


def test_one_entry_that_is_not_valid_costs_no_other() -> None:
    text = """\
@string{osdi = "OSDI"}
@article{open, title = {Sets of the form {x : x > 0}, year = {2010}}

@article{comma, title = {No comma} year = {2011}}
% @misc{left-out, title = {Left out}}
@inproceedings{good, % ours
  title = {Good}, % {
  % note = {no},
  booktitle = osdi,
  journal = undefined,
  pages = {1 % of 2}
}
"""
    read = read_any(text, "refs.bib")
    assert [(entry.key, entry.title, entry.venue) for entry in read] == [
        ("comma", "No comma", None),
        ("good", "Good", "OSDI"),
    ]
    assert read[1].own.pages == "1 % of 2"
    assert [told.partition(": not valid")[0] for told in unread(text, "refs.bib")] == ["refs.bib:2", "refs.bib:4"]
    assert unread("@misc{a, title = {x}}", "refs.bib") == []


def test_addresses_in_bibtex_are_read_without_latex() -> None:
    text = r"@misc{a, url = {https://x.example/a\_b\%20c}, note = {See \url{https://y.example/\~{}z} (2020).}}"
    (entry,) = read_any(text, "refs.bib")
    assert [link.url for link in entry.links] == ["https://x.example/a_b%20c", "https://y.example/~z"]


def test_bibliographies_are_imported_again_without_growing() -> None:
    text = "@article{bare}\n@article{a, title = {First}}\n@misc{b, author = {Roe, R.}, url = {https://x.example/}}\n"
    known = merge((), [read_any(text, "refs.bib")]).new
    found = merge(known, [read_any(text.replace("{First}", "{{F}irst}"), "refs.bib")])
    assert (found.new, found.links) == ((), {})


def test_one_key_for_two_papers_does_not_make_them_one() -> None:
    known = merge(
        (), [read_any("- Orca: A Distributed Serving System for Transformers [[P](https://a.example/o)]", "README.md")]
    ).new
    text = "@article{orca, title = {Progressive Learning from Complex Explanation Traces}, url = {https://b.example/}}"
    for _ in range(2):
        found = merge(known, [read_any(text, "refs.bib")])
        known = (*known, *found.new)
        assert not found.links
    assert len(known) == 2


def test_an_identifier_in_a_field_counts_as_taken() -> None:
    text = "@misc{a, title = {X}, doi = {https://doi.org/10.48550/arXiv.2309.06180}}\n"
    covered = cover(text, "refs.bib", read_any(text, "refs.bib"))
    assert (covered.links, covered.left) == (1, ())


def test_a_csv_cell_may_be_as_long_as_it_likes_and_places_are_where_rows_start() -> None:
    text = f'title,url,abstract\n"A Bird of\nTwo Lines",https://arxiv.org/abs/2901.00001,{"x" * 200_000}\nLate Birds,https://a.example/b,\n'
    assert [(entry.place.line, entry.links[0].url) for entry in read_any(text, "list.csv") if entry.place] == [
        (2, "https://arxiv.org/abs/2901.00001"),
        (4, "https://a.example/b"),
    ]
