"""What services write is made harmless."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.cleaning.texts import MOST_AUTHORS, clean_lines, doi_in, one_line, rank_by_shared_words
from enrich.model import Found, Record, Repository
from enrich.sources.asking.stored import RECORD, RECORDS, REPOSITORY, from_json, to_json
from enrich.text.dates import bounded_int, checked_year, iso_date, leading_date
from enrich.text.names import given_first


@given(st.text(), st.integers(1, 30))
def test_a_clean_text_is_one_line_of_visible_characters(text: str, limit: int) -> None:
    cleaned = one_line(text, limit)
    assert cleaned is None or (cleaned.strip() == cleaned and 0 < len(cleaned) <= limit)
    for letter in cleaned or "":
        assert unicodedata.category(letter) not in ("Cc", "Cs")
        assert unicodedata.bidirectional(letter) not in ("RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI")
    assert one_line(cleaned, limit) == cleaned


def test_clean_cuts_what_is_huge_and_keeps_what_is_script() -> None:
    assert len(one_line("x" * 10_000_000) or "") == 2_000
    assert one_line(" a\u202eb\x1b[31m\n\n c\u200b\ud800 ") == "ab[31m c"
    assert one_line("می\u200cخواهم e\u0301") == "می\u200cخواهم é"
    assert one_line("\u200b \n") is None
    assert one_line(7) is None
    assert len(clean_lines("a" for _ in range(10 * MOST_AUTHORS))) == MOST_AUTHORS


@pytest.mark.parametrize(
    ("value", "kept"),
    [(7, 7), (0, 0), (-1, None), (10**20, None), ("7", None), (True, None), (7.0, None), (None, None)],
)
def test_counts_are_whole_and_sound(value: object, kept: int | None) -> None:
    assert bounded_int(value) == kept


def test_dates_keep_their_precision() -> None:
    assert iso_date(2023) == "2023"
    assert iso_date(2023, 3) == "2023-03"
    assert iso_date(2023, 2, 31) == "2023-02"
    assert iso_date(2023, 13, 1) == "2023"
    assert iso_date(9999, 1, 1) is None
    assert leading_date("2017-06-12T17:57:34Z") == "2017-06-12"
    assert leading_date("20170612") is None
    assert checked_year(-44) is None


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1000/ABC", "10.1000/abc"),
        ("https://doi.org/10.1000/ABC", "10.1000/abc"),
        ("doi:10.1162/tacl\\_a\\_00276", "10.1162/tacl_a_00276"),
        ("10.1000/a; 10.1000/b", "10.1000/a"),
        ("10.1000/a;10.1000/b,10.1000/c", "10.1000/a"),
        ("10.1000/a,https://doi.org/10.1000/b", "10.1000/a"),
        (
            "10.1000/(SICI)1097-0258(19980815)17:15<1661::AID-1>3.0.CO;2-2",
            "10.1000/(sici)1097-0258(19980815)17:15<1661::aid-1>3.0.co;2-2",
        ),
        ("10.48550/ARXIV.2303.06865", "10.48550/arXiv.2303.06865"),
        ("10.5555/3295222", None),
        ("arXiv:2303.06865", None),
        ("see the journal", None),
        ("", None),
        (None, None),
        (["10.1000/a"], None),
    ],
)
def test_dois_are_told_from_junk(text: object, doi: str | None) -> None:
    assert doi_in(text) == doi


def test_names_are_turned_round_only_where_that_is_sure() -> None:
    assert given_first("Lovelace, Ada") == "Ada Lovelace"
    assert given_first("Ada Lovelace") == "Ada Lovelace"
    assert given_first("Lovelace,") == "Lovelace,"
    assert given_first("One, Two, Three") == "One, Two, Three"


def test_candidates_are_ordered_by_shared_words() -> None:
    titles = ["Cold bread and tea", "Something", "Cold bread", "Bread, cold!", ""]
    records = [Record(source="x", title=title) for title in titles]
    assert [record.title for record in rank_by_shared_words("Cold bread", records)] == [
        "Cold bread",
        "Bread, cold!",
        titles[0],
    ]
    assert rank_by_shared_words("", records) == ()


KNOWN = st.builds(
    Record,
    source=st.text(),
    title=st.none() | st.text(),
    authors=st.lists(st.text(), max_size=3).map(tuple),
    year=st.none() | st.integers(),
    other_titles=st.lists(st.text(), max_size=2).map(tuple),
)


@given(KNOWN)
def test_a_record_comes_back_from_json(record: Record) -> None:
    one = Found(record, at="2026")
    several: Found[tuple[Record, ...]] = Found((record, record), at="2026")
    assert from_json(json.loads(json.dumps(to_json(one, RECORD))), RECORD) == one
    assert from_json(json.loads(json.dumps(to_json(several, RECORDS))), RECORDS) == several


def test_a_repository_comes_back_from_json() -> None:
    found = Found(Repository("ada/x", archived=True, pushed_at="2024-10-28T03:29:51Z"), at="2026")
    assert from_json(json.loads(json.dumps(to_json(found, REPOSITORY))), REPOSITORY) == found


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "x",
        {},
        {"source": 3},
        {"source": "x", "year": "long ago"},
        {"source": "x", "title": ["A", "title"]},
        {"source": "x", "authors": "Ada"},
    ],
)
def test_a_broken_stored_record_counts_as_absent(value: object) -> None:
    assert from_json({"found": value, "at": "2026"}, RECORD) is None
    assert from_json({"found": [value], "at": "2026"}, RECORDS) is None
    assert from_json({"found": value}, RECORD) is None


def test_what_another_version_stored_beside_a_record_is_left_out() -> None:
    stored = {"found": {"source": "x", "title": "A title", "colour": "1-9"}, "at": "2026"}
    assert from_json(stored, RECORD) == Found(Record(source="x", title="A title"), at="2026")
