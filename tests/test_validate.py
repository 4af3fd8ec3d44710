"""`enrich validate`: what is wrong with catalogs, lists and settings, read without a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from enrich import catalog
from enrich.judge import as_written
from tests.loopback import Bench

GOOD = """\
version: 1
owner: ada
entries:
  - key: loom
    type: paper
    title: Weaving Long Contexts
    mood: curious
    status: read
    doi: 10.5072/loom
    links:
      - {label: Paper, kind: paper, url: https://arxiv.org/abs/2301.00001}
      - {label: Notes, kind: notes, url: notes/loom.md}
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    folder = tmp_path / "here"
    folder.mkdir()
    return Bench.at(folder)


def test_a_good_catalog_has_no_problems(bench: Bench) -> None:
    bench.write("catalog.yaml", GOOD)
    done = bench.call("validate")
    assert (done.code, done.out, done.err) == (0, "", "enrich: catalog.yaml: 1 entry, no problems\n")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    title:", "    titel:", "catalog.yaml:6: unknown key `titel`; did you mean `title`?"),
        ("{label:", "{lable:", "catalog.yaml:11: unknown key `lable`; did you mean `label`?"),
        ("owner:", "entires:", "catalog.yaml:2: unknown key `entires`; did you mean `entries`?"),
        ("mood:", "auhtors:", "catalog.yaml:7: unknown key `auhtors`; did you mean `authors`?"),
        ("type: paper", "type: papr", "catalog.yaml:5: the type `papr` is unknown and read as `other`; did you mean"),
        ("kind: notes", "kind: note", "catalog.yaml:12: the kind `note` is unknown and read as `other`; did you mean"),
        ("10.5072/loom", "5072/loom", "catalog.yaml:4: doi: '5072/loom' is not a DOI; write it as 10."),
        ("doi: 10.5072/loom", "arxiv_id: 10.5072/loom", "arxiv_id: '10.5072/loom' is not an arXiv id"),
        ("doi: 10.5072/loom", "arxiv_id: '2301.0001'", "arxiv_id: '2301.0001' is not an arXiv id"),
        ("doi: 10.5072/loom", "published: May 2024", "published: 'May 2024' is not a date; write it as 2024-05-17"),
        ("abs/2301.00001", "abs/2301.001", "catalog.yaml:11: https://arxiv.org/abs/2301.001: has no valid arXiv ID"),
        (
            "abs/2301.00001",
            "abs/2313.00001",
            "catalog.yaml:11: https://arxiv.org/abs/2313.00001: has no valid arXiv ID",
        ),
        ("arxiv.org/abs/2301.00001", "doi.org/loom", "catalog.yaml:11: https://doi.org/loom: has no valid DOI"),
        (
            "https://arxiv",
            "htps://arxiv",
            "catalog.yaml:11: htps://arxiv.org/abs/2301.00001: not a web address (htps:)",
        ),
        ("notes/loom.md", "https://arxiv.org/abs/2301.00001", "listed twice in this entry (first at catalog.yaml:11)"),
        ("version: 1", "version: 1\nlists: [gone.md]", "catalog.yaml:2: gone.md: file not found"),
        ("version: 1", "version: 1\nlists: [../gone.md]", "catalog.yaml:2: ../gone.md: outside the repository"),
        ("key: loom", "key: [loom]", "catalog.yaml:4: `key` must be a string"),
        ("  - key", "\t- key", "catalog.yaml:4: tab used for indentation"),
    ],
)
def test_each_problem_is_a_line_that_says_where_and_what(old: str, new: str, says: str, bench: Bench) -> None:
    bench.write("catalog.yaml", GOOD.replace(old, new, 1))
    done = bench.call("validate")
    assert done.code == 1
    (line,) = done.out.splitlines()
    assert says in line
    assert "1 problem\n" in done.err


def twin(**changes: str) -> str:
    """A second entry; without changes it is the first once more."""
    text = GOOD.partition("entries:\n")[2].replace("key: loom", "key: twin")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return GOOD + text


@pytest.mark.parametrize(
    ("text", "how"),
    [
        (twin(), "doi:10.5072/loom"),
        (twin(loom="other"), "arxiv:2301.00001"),
        (twin(doi="venue", arxiv="example"), "its title"),
        (twin(doi="venue", arxiv="example", Weaving="On"), ""),
        (twin(loom="other", arxiv="example"), ""),  # two papers of one title
        (twin(paper="blog"), ""),
    ],
)
def test_the_same_paper_twice_is_one_problem(text: str, how: str) -> None:
    found = [f"{each.place}: {each.message}" for each in as_written.problems(catalog.parse(text).entries)]
    wanted = (
        f"catalog.yaml:13: same paper as `loom` (catalog.yaml:4), by {how}; merge the entries, or give each its own"
    )
    assert [line.removesuffix(" doi or arxiv_id") for line in found] == ([wanted] if how else [])


def test_settings_lists_and_several_catalogs_are_one_report(bench: Bench) -> None:
    bench.write("a.yaml", GOOD.replace("titel", "title"))
    bench.write("b.yaml", GOOD.replace("title:", "titel:"))
    bench.write("enrich.toml", 'fail_on = "nver"\n[[ignore]]\npattern = "x"\n')
    bench.trusted = False
    done = bench.call("validate", "*.yaml")
    assert done.code == 1
    assert [line.partition(": ")[0] for line in done.out.splitlines()] == ["b.yaml:6", "enrich.toml:1", "enrich.toml:2"]


def test_one_identifier_under_two_titles_of_a_list_is_a_problem(bench: Bench) -> None:
    paper = "[[Paper](https://arxiv.org/abs/2301.00001)]"
    one, two = "Weaving Long Contexts on Small Looms", "A Distributed Theory of Kites, Winds and Strings"
    bench.write("README.md", f"# Papers\n\n- {one} {paper}\n- {two} {paper}\n")
    bench.write("catalog.yaml", "version: 1\nlists: [README.md]\nentries: []\n")
    done = bench.call("validate")
    assert (done.code, done.out.partition(": ")[0]) == (1, "README.md:4")
    assert "arxiv:2301.00001 is given to two papers" in done.out


def test_what_a_list_brings_is_read_too_and_its_line_is_named(bench: Bench) -> None:
    bench.write("README.md", "# Papers\n\n- Weaving Long Contexts [[Paper](https://arxiv.org/abs/2301.01)]\n")
    bench.write("catalog.yaml", "version: 1\nlists: [README.md]\nentries: []\n")
    wrong = "https://arxiv.org/abs/2301.01: has no valid arXiv ID; one looks like https://arxiv.org/abs/2303.06865"
    assert bench.call("validate").out == f"README.md:3: {wrong}\n"
    bench.call("run", "--offline", "--no-links")
    assert bench.call("validate").out == f"catalog.yaml:9: {wrong} (in the list: README.md:3)\n"


def test_what_is_not_there_cannot_be_validated(bench: Bench) -> None:
    done = bench.call("validate")
    assert (done.code, done.out) == (2, "")
    assert "catalog.yaml: file not found" in done.err
