"""A text held as bytes counts characters as a `str` does."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from enrich.catalog.text import Text

LETTERS = "a \n\r\u00e9\u4e2d\U0001f9ea\ud800\ufeff\u2028"
SHORT = st.text(LETTERS, max_size=30)
# Longer than the stretches of which it remembers where they begin.
LONG = st.builds(
    lambda before, part, times, after: before + part * times + after, SHORT, SHORT, st.integers(1, 200), SHORT
)


def bare(text: str) -> str:
    return text.removeprefix("\ufeff")


@given(LONG, st.data())
def test_every_part_is_that_of_the_string(text: str, data: st.DataObject) -> None:
    held, letters = Text.of(text), bare(text)
    assert (str(held), len(held)) == (text, len(letters))
    start = data.draw(st.integers(0, len(letters)))
    end = data.draw(st.integers(start, len(letters) + 3))
    assert held[start:end] == letters[start:end]
    assert held.character(held.byte(start)) == start
    assert held.byte(start) == len(text.encode("utf-8", "surrogatepass")) - len(
        letters[start:].encode("utf-8", "surrogatepass")
    )


@given(LONG, st.data())
def test_lines_end_where_they_do(text: str, data: st.DataObject) -> None:
    held, letters = Text.of(text), bare(text)
    position = data.draw(st.integers(0, len(letters)))
    found = re.compile(r"\r\n|\r|\n").search(letters, position)
    assert held.end_of_line(position) == ((found.start(), found[0]) if found else (len(letters), ""))
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", letters))]
    assert [held.character(start) for start in held.line_starts()] == starts
