"""A title is replaced in whatever style a person wrote it, and nothing else changes."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from enrich import catalog as catalogs
from tests.properties import COSTLY

WORDS = ["Fast", "serving", "é", "😀", "it's", 'say "x"', "C#", "a:b", "漢字", "50 %"]
PHRASES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(lambda words: "t " + " ".join(words))
STARTS = ["t", "- x", "#1", "null", "{a}", "@b", "a: b", "a #b", "[c", "'", '"', "2020", "50 %", "?", "\\x", ">", "|"]
TITLES = st.tuples(st.sampled_from(STARTS), st.sampled_from(["", *(f" {word}" for word in WORDS)])).map("".join)
PAD = " " * 6


@st.composite
def scalars(draw: st.DrawFn, *, flow: bool) -> tuple[str, str, str]:
    """A title in one of YAML's styles: what comes before its text, the text, and what follows on the line."""
    styles = ["plain", "single", "double", "tagged"] + ([] if flow else ["literal", "folded", "two lines"])
    style, words = draw(st.sampled_from(styles)), draw(PHRASES)
    comment = draw(st.sampled_from(["", "  # behind"]))
    if style in ("literal", "folded"):
        mark = "|" if style == "literal" else ">"
        mark += draw(st.sampled_from(["", "2"])) + draw(st.sampled_from(["", "-", "+"]))
        more = draw(st.sampled_from(["", f"\n{PAD}# more", f"\n\n{PAD}  deeper"]))
        blank = draw(st.sampled_from(["", "\n"]))
        return f"{mark}{comment}\n", f"{blank}{PAD}{words}{more}", draw(st.sampled_from(["", "\n", "\n    # next"]))
    if style == "two lines":
        return "", f"{words}\n{PAD}and more", comment
    text = {"single": "'" + words.replace("'", "''") + "'", "double": json.dumps(words, ensure_ascii=False)}.get(
        style, words
    )
    return "!!str  " if style == "tagged" else "", text, "" if flow else comment


@st.composite
def texts(draw: st.DrawFn) -> list[str]:
    """A catalog whose entries all have titles, in parts: every second one is a title's scalar."""
    parts = ["version: 1\nentries:"]
    for number in range(draw(st.integers(1, 3))):
        flow = draw(st.booleans())
        before, scalar, behind = draw(scalars(flow=flow))
        mine = draw(st.sampled_from(["", "mine: {a: [b]}", "links: ['https://host/p']", "enriched: {title: Other}"]))
        if flow:
            parts[-1] += f"\n  - {{key: k{number}{mine and f' , {mine}'}, title: {before}"
            behind += " , remarks: ok}" + draw(st.sampled_from(["", "  # of the entry"]))
        else:
            first = [f"key: k{number}  # key", *([mine] if mine else []), f"title: {before}"]
            parts[-1] += "\n  - " + "\n    ".join(first)
            behind += draw(st.sampled_from(["", "\n    remarks: ok"]))
        parts += [scalar, behind]
    parts[-1] += draw(st.sampled_from(["", "\n", "\n\n# end\n"]))
    line_break = draw(st.sampled_from(["\n", "\r\n"]))
    return [part.replace("\n", line_break) for part in parts]


def others(text: str) -> object:
    """What an ordinary YAML reader gets, the titles aside."""
    tree = yaml.load(text + "\n", Loader=yaml.CSafeLoader)
    return [{**entry, "title": None} for entry in tree["entries"]]


@COSTLY
@given(texts(), st.data())
def test_a_title_is_replaced_where_it_stands_and_nowhere_else(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    catalog = catalogs.parse(text)
    titles = data.draw(st.fixed_dictionaries({}, optional={entry.key: TITLES for entry in catalog.entries}))
    new = catalogs.with_scalars(catalog, {}, titles)
    found = re.fullmatch("(.*)".join(map(re.escape, parts[::2])), new, re.DOTALL)
    assert found, "every other byte is as it was"
    again = catalogs.parse(new)
    for entry, old, scalar, written in zip(again.entries, catalog.entries, parts[1::2], found.groups(), strict=True):
        if old.key in titles:
            assert (entry.title or "").rstrip("\n") == titles[old.key]
            assert "\n" not in written
            assert written[:1] == scalar[:1] or scalar[:1] not in ("'", '"', " "), "the style is kept"
        else:
            assert (entry.title, written) == (old.title, scalar)
    assert others(new) == others(text)
    assert catalogs.with_scalars(again, {}, titles) == new


def test_titles_and_urls_are_replaced_together() -> None:
    catalog = catalogs.parse(
        "entries:\n- key: a\n  title: T (2019)  # mine\n  links: [https://a]\n- {key: b, title: U}\n"
    )
    places = {link.place: "https://b" for link in catalog.entries[0].links if link.place}
    new = catalogs.with_scalars(catalog, places, {"a": "T", "b": "U: V"})
    assert new == 'entries:\n- key: a\n  title: T  # mine\n  links: [https://b]\n- {key: b, title: "U: V"}\n'


@pytest.mark.parametrize(
    ("entry", "titles", "words"),
    [
        ("{key: a, name: b}", {"a": "T"}, "has no title to replace"),
        ("{key: a, title: }", {"a": "T"}, "has no title to replace"),
        ("{key: a, title: &t T (2019)}", {"a": "T"}, "has an anchor"),
        ("{key: a, title: T}", {"b": "T"}, "no entry has the key `b`"),
        ("{key: a, title: T}", {"a": ""}, "not a URL or title"),
        ("{key: a, title: T}", {"a": "two\nlines"}, "not a URL or title"),
    ],
)
def test_what_cannot_be_written_is_refused_with_a_sentence(entry: str, titles: dict[str, str], words: str) -> None:
    catalog = catalogs.parse(f"entries:\n- {entry}\n")
    with pytest.raises(catalogs.CatalogError, match=words):
        catalogs.with_scalars(catalog, {}, titles)
