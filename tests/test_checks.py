"""Checks and rows on links in little memory: they give back what was put in."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.links import read_plain_text
from enrich.model import (
    Checks,
    Entry,
    Evidence,
    Link,
    LinkCheck,
    LinkKind,
    LinkReport,
    LinkReports,
    Links,
    Page,
    Place,
    Verdict,
    notable,
)

AT = "2026-11-28T06:00:00Z"
texts = st.text(st.characters() | st.sampled_from("\ud800 +-\n"), max_size=8)
urls = st.sampled_from(("https://a.example/", "https://b.example/p"))
statuses = st.sampled_from((200, 206, None))


@st.composite
def checks(draw: st.DrawFn) -> LinkCheck:
    """Checks that are ordinary, and such as differ from these in some detail."""
    url, saw, at = draw(urls), draw(texts), draw(st.just(AT) | texts)
    evidence = [Evidence(draw(st.sampled_from(("web", "arxiv"))), at, saw, draw(statuses))]
    page = Page(
        draw(st.just(url) | urls), draw(st.sampled_from((200, 203))), draw(st.sampled_from((None, saw, "else")))
    )
    return LinkCheck(
        url,
        draw(st.sampled_from((Verdict.OK, Verdict.OK, Verdict.MOVED))),
        tuple(evidence * draw(st.sampled_from((1, 1, 2, 0)))),
        page=draw(st.sampled_from((page, page, None))),
        tls_trouble=draw(st.sampled_from((None, None, "expired"))),
    )


def ordinary(url: str = "https://a.example/", title: str | None = "A Page") -> LinkCheck:
    return LinkCheck(url, Verdict.OK, (Evidence("web", AT, title or "text/html", 200),), page=Page(url, 200, title))


@settings(max_examples=50)
@given(st.lists(checks(), max_size=4))
def test_checks_give_back_what_was_put_in(given: list[LinkCheck]) -> None:
    kept, plain = Checks(), {check.url: check for check in given}
    for check in given:
        kept.put(check)
    assert kept == plain
    assert list(kept) == list(plain)
    assert Checks(kept) == Checks(plain) == plain
    assert Checks.first_of(reversed(list(plain)), [{}, kept]) == plain
    assert dict(notable(kept)).items() <= dict(notable(plain)).items()
    assert all(plain[url].verdict is Verdict.OK for url in kept.keys() - dict(notable(kept)))


@pytest.mark.parametrize("title", ["A Page", None, "Ünïcode \ud800"])
def test_an_ordinary_link_is_not_notable(title: str | None) -> None:
    kept = Checks({"https://a.example/": ordinary(title=title)})
    assert not list(notable(kept))
    assert kept["https://a.example/"] == ordinary(title=title)
    again = " https://a.example/".strip()
    kept.put(replace(ordinary(title=title), tls_trouble="expired"), again)
    assert kept[again].url is again
    assert [url for url, _ in notable(kept)] == ["https://a.example/"]


def test_ordinary_links_take_little_memory() -> None:
    many = [f"https://a.example/{number}" for number in range(2_000)]
    tracemalloc.start()
    try:
        links, kept = Links(Link(url, place=Place("links.txt", 1)) for url in many), Checks()
        for url in many:
            kept.put(ordinary(url, f"The page of {url}"))
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(links) == len(kept) == len(many)
    assert size / len(many) < 200  # three times as much as objects


def test_the_first_mapping_that_has_a_check_counts() -> None:
    first, second = ordinary(title="first"), ordinary(title="second")
    other = LinkCheck("https://b.example/p", Verdict.BROKEN)
    found = Checks.first_of(
        [first.url, other.url, "https://c.example/"],
        [Checks({first.url: first}), {first.url: second, other.url: other}],
    )
    assert found == {first.url: first, other.url: other}


def test_rows_are_made_when_they_are_asked_for() -> None:
    made: list[int] = []

    def make(number: int) -> LinkReport:
        made.append(number)
        return row(number)

    rows = LinkReports(make, [1, 2, 5])
    longer = LinkReports.of(rows).followed_by([row(7)])
    assert (len(rows), len(longer), made) == (3, 4, [])
    assert longer[-1] == row(7)
    assert longer[1] == row(2)
    assert made == [2]
    assert longer == (row(1), row(2), row(5), row(7))
    assert longer[1:3] == (row(2), row(5))
    assert hash(longer) == hash((row(1), row(2), row(5), row(7)))
    assert longer.where(lambda each: each.entries != ("e2",)) == (row(1), row(5), row(7))
    assert LinkReports.of((row(3), row(4))).followed_by([row(1)]) == (row(3), row(4), row(1))
    assert longer != (row(1),)
    with pytest.raises(IndexError):
        longer[4]


def test_rows_are_counted_and_chosen_by_verdict() -> None:
    broken = LinkReport(LinkCheck("https://gone.example/", Verdict.BROKEN), ("key",), LinkKind.OTHER)
    rows = (row(1), broken, row(2))
    kept = Checks({each.check.url: each.check for each in rows})
    for links in (
        LinkReports.of(rows),
        LinkReports.of(rows[:1]).followed_by(rows[1:]),
        LinkReports(rows.__getitem__, range(3), verdict_of=lambda number: kept.verdict(rows[number].check.url)),
    ):
        assert +links.verdicts() == {Verdict.OK: 2, Verdict.BROKEN: 1}
        assert links.with_verdict(Verdict.OK) == (row(1), row(2))
        assert links.with_verdict(Verdict.BROKEN) == (broken,)
        assert links.where(lambda each: each != row(1)).with_verdict(Verdict.OK) == (row(2),)


def row(number: int) -> LinkReport:
    return LinkReport(ordinary(f"https://{number}.example/"), (f"e{number}",), LinkKind.OTHER)


places = st.none() | st.builds(Place, st.sampled_from(("a.txt", "b.txt")), st.integers(0, 9), st.integers(0, 9))
listed = st.lists(st.builds(Link, urls, st.sampled_from(LinkKind), st.sampled_from(("", "PDF")), places), max_size=4)


@given(listed, st.sets(urls))
def test_links_of_a_document_are_given_back(given: list[Link], wanted: set[str]) -> None:
    links = Links(iter(given))
    assert links == tuple(given)
    assert [links[number] for number in range(len(given))] == given
    assert links[1:] == tuple(given[1:])
    assert hash(links) == hash(tuple(given))
    short, long = Entry("key", links=tuple(given)), Entry("key", links=links)
    assert short == long
    assert list(short.urls) == list(long.urls)
    assert list(short.links_to(wanted)) == list(long.links_to(wanted))


@given(
    st.lists(
        st.sampled_from(("https://a.example/p", " and ", ",", "\n", "\r\n", "\u2028", "https://b.example")), max_size=8
    )
)
def test_a_link_in_plain_text_is_where_it_is_in_its_line(parts: list[str]) -> None:
    text = "".join(parts)
    lines = text.split("\n")
    for link in read_plain_text(text, "links.txt").links:
        assert link.place
        assert lines[link.place.line - 1][link.place.column - 1 :].startswith(link.url)
    by_line = [[link.url for link in read_plain_text(line, "links.txt").links] for line in lines]
    assert [link.url for link in read_plain_text(text, "links.txt").links] == list(chain.from_iterable(by_line))
