"""A BibTeX file brought up to date in place: every other byte as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pybtex.database import parse_string

from enrich import lists
from enrich.cli import main
from enrich.export import updated
from enrich.model import Enriched, Entry
from enrich.text.bibtex import items_of

BIB = r"""% My library, since 2009
@string{sosp = "Symposium on Operating Systems Principles"}
@comment{@misc{draft, title = {not this one}}}

@misc{kwon,
  title     = {Efficient {M}emory Management},
  author    = "Kwon, Woosuk and Li, Zhuohan and others",
  howpublished = {arXiv preprint arXiv:2309.06180},
  year      = 2023,
  eprint    = {2309.06180}
}

@inproceedings{roe, title = {Fast Birds}, booktitle = sosp, year = {2020},}
@article(old, title = "It is {\"u}ber", journal = {Birds} # { and Bees}, year = 1999)
@book{broken, title = {never closed
"""
FOUND = Enriched(
    title="Efficient Memory Management",
    authors=("Woosuk Kwon", "Zhuohan Li", "Ying Sheng"),
    year=2023,
    issued="2023-10-23",
    published="2023-09-12",
    venue="Proceedings of the 29th Symposium on Operating Systems Principles",
    pages="611-626",
    publisher="ACM",
    publication_type="proceedings-article",
    doi="10.1145/3600006.3613165",
    arxiv_id="2309.06180",
)


def catalog_of(text: str) -> tuple[Entry, ...]:
    """The entries that an import of the file makes, the first of them looked up."""
    read = lists.read_any(text.partition("@book")[0], "refs.bib")
    return tuple(replace(entry, enriched=FOUND) if entry.key == "kwon" else entry for entry in read)


def test_a_preprint_becomes_the_paper_that_it_was_published_as() -> None:
    after = updated(BIB, catalog_of(BIB))
    changed = BIB.replace("@misc{kwon,\n", "@inproceedings{kwon,\n").replace(
        '"Kwon, Woosuk and Li, Zhuohan and others"', "{Kwon, Woosuk and Li, Zhuohan and Sheng, Ying}"
    )
    changed = changed.replace(
        "howpublished = {arXiv preprint arXiv:2309.06180}",
        "booktitle = {Proceedings of the 29th Symposium on Operating Systems Principles}",
    )
    changed = changed.replace(
        "  eprint    = {2309.06180}\n",
        "  eprint    = {2309.06180},\n"
        "  publisher = {ACM},\n"
        "  pages     = {611--626},\n"
        "  month     = oct,\n"
        "  doi       = {10.1145/3600006.3613165},\n"
        "  archivePrefix = {arXiv}\n",
    )
    assert after == changed
    assert updated(after, catalog_of(BIB)) == after


def test_only_what_is_asked_for_is_written() -> None:
    after = updated(BIB, catalog_of(BIB), ["doi"])
    line = "  eprint    = {2309.06180}"
    assert after == BIB.replace(line, f"{line},\n  doi       = {{10.1145/3600006.3613165}}")


def test_what_says_the_same_and_what_a_macro_says_stays() -> None:
    entries = lists.read_any(BIB.partition("@book")[0], "refs.bib")
    assert updated(BIB, entries, ["title", "author", "published"]) == BIB


def test_an_entry_on_one_line_gets_its_field_there() -> None:
    text = "@misc{a, title = {T}, year = 2020}\r\n@misc{b,\r\n\ttitle={T}\r\n}\r\n"
    entries = [Entry(key, title="T", own=Enriched(doi="10.1000/x")) for key in "ab"]
    assert updated(text, entries) == (
        "@misc{a, title = {T}, year = 2020, doi = {10.1000/x}}\r\n"
        "@misc{b,\r\n\ttitle={T},\r\n\tdoi={10.1000/x}\r\n}\r\n"
    )


def test_an_entry_is_found_by_its_doi_or_arxiv_id() -> None:
    text = "@misc{mine, title = {T}, eprint = {2309.06180}}\n@misc{other, title = {T}}\n"
    assert updated(text, [Entry("kwon", title="T", enriched=FOUND)], ["doi"]) == text.replace(
        "{2309.06180}", "{2309.06180}, doi = {10.1145/3600006.3613165}"
    )


def test_the_command_keeps_bytes_that_are_not_utf_8(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("catalog.yaml").write_text(
        "version: 1\nentries:\n  - key: a\n    title: T\n    doi: 10.1000/x\n", encoding="utf-8"
    )
    before = b"\xef\xbb\xbf% caf\xe9\r\n@misc{a,\r\n  title = {T},\r\n}\r\n"
    Path("refs.bib").write_bytes(before)
    assert main(["export", "--update", "refs.bib", "--dry-run"]) == 0
    assert "+  doi = {10.1000/x}" in capsys.readouterr().out
    assert Path("refs.bib").read_bytes() == before
    assert main(["export", "--update", "refs.bib"]) == 0
    assert Path("refs.bib").read_bytes() == before.replace(b"{T},\r\n", b"{T},\r\n  doi = {10.1000/x},\r\n")
    assert main(["export", "--only", "doi"]) == 2
    assert main(["export", "--update", "refs.bib", "--format", "csv"]) == 2


PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "@misc{a, title = {T}}",
                "@misc{a,\n  title = {T},\n}",
                "@article(a, title = {T})",
                "@misc{a}",
                "@misc{a,}",
            ),
            *(
                '@misc{a, title = "T" # x}',
                "@misc{a, doi = {10.1000/y}}",
                "@comment{@misc{a, title = {T}}}",
                "@misc{a,",
            ),
            *("@string{x = {y}}", "% text\r\n", "}", "{", '"', ",", "title = {T}", "\u8bba", "a@b.c", "\n"),
        ]
    )
    | st.text(max_size=8),
    max_size=6,
)


@settings(deadline=None)  # the first text loads the tables of LaTeX
@given(PIECES)
def test_whatever_the_file_every_other_byte_is_as_it_was(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert updated(text, []) == text
    assert updated(text, [Entry("nobody", title="Other", own=Enriched(doi="10.1000/other"))]) == text
    after = updated(text, [Entry("a", title="T", own=Enriched(doi="10.1000/x"))], ["doi"])
    rest = after
    for piece in text.split("{10.1000/y}"):
        for letter in piece:  # what was there is there, in its order
            rest = rest[rest.index(letter) + 1 :] if letter in rest else "\0"
    assert "\0" not in rest or "\0" in text
    assert updated(after, [Entry("a", title="T", own=Enriched(doi="10.1000/x"))], ["doi"]) == after
    assert len(list(items_of(after))) == len(list(items_of(text)))


@settings(deadline=None)
@given(st.text(st.sampled_from("{}\\$%&#_~^\"@, =ab-'`"), max_size=24))
def test_a_hostile_title_leaves_the_file_readable(title: str) -> None:
    text = "@misc{a,\n  title = {Old},\n}\n@misc{b, title = {Next}}\n"
    after = updated(text, [Entry("a", title=title or "x")])
    assert list(parse_string(after, "bibtex").entries) == ["a", "b"]
    assert after.endswith("@misc{b, title = {Next}}\n")


ARXIV = replace(FOUND, venue="SC", publication_type="proceedings-article", pages=None)


def brought_up_to_date(text: str, found: Enriched = ARXIV) -> str:
    entries = [replace(entry, enriched=found) for entry in lists.read_any(text, "refs.bib")]
    return updated(text, entries, ["published", "doi"])


def test_corrs_record_of_a_preprint_loses_its_volume() -> None:
    text = """\
@article{DBLP:journals/corr/abs-2309-06180,
  title     = {Efficient Memory Management},
  journal   = {CoRR},
  volume    = {abs/2309.06180},
  year      = {2023},
  doi       = {10.48550/arXiv.2309.06180},
  eprint    = {2309.06180}
}
"""
    after = text.replace("@article", "@inproceedings").replace("journal   = {CoRR}", "booktitle   = {SC}")
    after = after.replace("  volume    = {abs/2309.06180},\n", "").replace("10.48550/arXiv.2309.06180", FOUND.doi or "")
    after = after.replace("{2309.06180}\n", "{2309.06180},\n  publisher = {ACM},\n  month     = oct\n")
    assert brought_up_to_date(text) == after


def test_a_bare_preprint_becomes_the_paper_as_well() -> None:
    text = "@misc{kwon, title = {Efficient Memory Management}, year = {2023}, eprint = {2309.06180}}\n"
    after = brought_up_to_date(text)
    assert after.startswith("@inproceedings{kwon, ")
    assert "booktitle = {SC}" in after
    unpublished = replace(ARXIV, venue=None, publication_type="preprint", issued=None, publisher=None, doi=None)
    assert brought_up_to_date(text, unpublished).startswith("@misc{kwon, ")
    assert "howpublished" not in brought_up_to_date(text, unpublished)


def test_biblatex_keeps_its_own_terms() -> None:
    text = (
        "@online{kwon, title = {Efficient Memory Management}, date = {2022-01-02}, eprinttype = {arxiv}, "
        "eprint = {2309.06180}}\n"
    )
    entries = [replace(entry, enriched=ARXIV) for entry in lists.read_any(text, "refs.bib")]
    after = updated(text, entries)
    assert "date = {2023-10-23}" in after
    assert not {"year", "month", "archivePrefix"} & {field.name for item in items_of(after) for field in item.fields}
    journal = "@article{kwon, title = {Efficient Memory Management}, journaltitle = {Birds}, year = {2023}}\n"
    assert "journaltitle = {Birds}" in brought_up_to_date(journal)


def test_only_the_first_of_two_equal_keys_is_updated() -> None:
    second = "@misc{kwon, title = {Another One}, year = {2001}}\n"
    assert updated(BIB.partition("@book")[0] + second, catalog_of(BIB)).endswith(second)


def test_a_key_is_never_written_as_a_title() -> None:
    text = "@article{nothing, title = {}, year = {2001}}\n"
    assert updated(text, lists.read_any(text, "refs.bib")) == text
