from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import arxiv as client
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.model import Found, Identifier, Missing, Scheme, Unknown
from enrich.sources import arxiv
from enrich.sources.asking.replies import UnreadableError
from enrich.web import Listener, Web
from tests.fakes import FakeClock
from tests.replies import Service, arxiv_entry, arxiv_error, arxiv_feed, reply

if TYPE_CHECKING:
    from enrich.model import Outcome, Record

BATCH = reply("arxiv_batch.xml")


def ids(*values: str) -> list[Identifier]:
    return [Identifier(Scheme.ARXIV, value) for value in values]


def knowing(*known: str, total: int | None = None) -> Service:
    """arXiv, if these were its papers; in another order than asked."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked = request.url.params["id_list"].split(",")
        return httpx.Response(200, content=arxiv_feed(*map(arxiv_entry, sorted({*asked} & {*known})), total=total))

    return Service(answer)


def look_up(service: Service, clock: FakeClock, *values: str) -> list[Outcome[Record]]:
    async def call(web: Web) -> list[Outcome[Record]]:
        return list((await arxiv.look_up(ids(*values), web)).values())

    return service.ask(clock, call)


def test_a_feed_becomes_records() -> None:
    knots, flexgen, zero = arxiv.parse(BATCH)
    assert flexgen.arxiv_id == "2303.06865"
    assert flexgen.authors == ("Ying Sheng", "Lianmin Zheng")
    assert (flexgen.published, flexgen.year) == ("2023-03-13", 2023)
    assert (flexgen.doi, flexgen.venue) == ("10.1234/abc.5", "Proc. of a conference (2023) 1-9")
    assert zero.title == "0"
    assert knots.title == "On knots and their neighbours"
    assert knots.abstract == "Two lines of abstract."
    assert knots.authors == ("The Knot Collaboration", "Émilie du Châtelet")
    assert knots.withdrawn == "This paper has been withdrawn by the author: Lemma 2 does not hold."
    assert flexgen.withdrawn is None


def test_arxiv_py_still_reads_feeds_through_the_session_that_we_give_it() -> None:
    assert client.Client()._session.get_adapter(client.Client.query_url_format)
    assert len(arxiv.parse(BATCH)) == 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Rate exceeded.",
        b"<html><body>Busy</body></html>",
        BATCH[:-200],
        b'<!DOCTYPE feed [<!ENTITY a "b">]><feed xmlns="http://www.w3.org/2005/Atom">&a;</feed>',
        b"<rss/>",
    ],
)
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        arxiv.parse(body)


@given(st.integers(0, len(BATCH) - 1), st.binary(max_size=12), st.integers(0, 40))
def test_a_damaged_feed_is_read_or_refused(place: int, patch: bytes, cut: int) -> None:
    body = BATCH[:place] + patch + BATCH[place + cut :]
    try:
        records = arxiv.parse(body)
    except UnreadableError:
        return
    assert len(records) <= 3


def test_entries_with_broken_dates_do_not_spoil_the_others() -> None:
    broken = arxiv_entry("2303.00001").replace("2023-03-13T05:19:28Z", "0001-01-01T00:00:00+09:00")
    assert [record.arxiv_id for record in arxiv.parse(arxiv_feed(broken, arxiv_entry("2303.00002"), total=99))] == [
        "2303.00002"
    ]


@pytest.mark.parametrize(
    "comment",
    [
        "This paper has been withdrawn by the author due to a gap in the proof",
        "Withdrawn: Theorem 3 is wrong",
        "12 pages. This article was withdrawn",
        "Withdrawn by arXiv admins",
        "We have decided to withdraw this manuscript, the data were mislabelled",
        "The current version is being withdrawn until the data are checked",
        "I kindly ask for the withdrawal of my submission",
        "7 pages, withdrawn due to a wrong sign in eq. 4",
        "The authors have withdrawn this preprint",
        "v3: withdrawn, the inequality holds only for large n",
        "arXiv admin note: removed by arXiv administrators, it was another's text",
        "Withdrew this paper, for the data set leaked into the training",
        "Two claims fail, and it therefore needs to be withdrawn",
        "This note as been withdrawn",
        "Withdrawal due to a slip in the second table",
    ],
)
def test_a_withdrawal_is_told_by_its_words(comment: str) -> None:
    (record,) = arxiv.parse(arxiv_feed(arxiv_entry("2303.00001", comment=comment)))
    assert record.withdrawn
    assert record.withdrawn in comment


@pytest.mark.parametrize(
    "comment",
    [
        "We withdrew the public funding data of 2019",
        "An earlier version of this paper was withdrawn because of a wrong figure",
        "Replaces the withdrawn manuscript 1911.00001",
        "This paper was withdrawn from a workshop for lack of a visa",
        "Section 4 of v1 is withdrawn",
        "The previous version was withdrawn since a bound failed; here it holds",
        "Withdrawn arXiv:1911.00001 is absorbed into this one",
        "Withdrawal of heat from small reservoirs, 12 pages",
        "Withdrawal symptoms in mice, 4 figures",
        "It may be withdrawn by the authors if the journal asks for it",
        "9 pages, 3 figures",
    ],
)
def test_other_withdrawals_are_not_this_papers(comment: str) -> None:
    (record,) = arxiv.parse(arxiv_feed(arxiv_entry("2303.00001", comment=comment)))
    assert record.withdrawn is None


def test_answers_are_told_apart_by_id(clock: FakeClock) -> None:
    service = knowing("2303.00001", "2303.00002")
    found = look_up(service, clock, "2303.00002", "2303.00001")
    assert [outcome.value.arxiv_id for outcome in found if isinstance(outcome, Found)] == ["2303.00002", "2303.00001"]
    assert [outcome.at for outcome in found] == ["2026-01-31T09:00:00Z"] * 2
    assert len(service.requests) == 1
    assert service.requests[0].url.params["max_results"] == "2"


def test_an_old_id_goes_with_and_without_its_class(clock: FakeClock) -> None:
    service = Service(lambda _: httpx.Response(200, content=BATCH))
    (outcome,) = look_up(service, clock, "math.GT/0309136")
    assert isinstance(outcome, Found)


def test_an_absent_id_is_missing_once_it_was_asked_for_alone(clock: FakeClock) -> None:
    service = knowing("2303.00001")
    found, missing = look_up(service, clock, "2303.00001", "2303.99999")
    assert isinstance(found, Found)
    assert isinstance(missing, Missing)
    assert [request.url.params["id_list"] for request in service.requests] == ["2303.00001,2303.99999", "2303.99999"]


def test_a_silent_fault_is_no_proof(clock: FakeClock) -> None:
    many = [f"2303.{number:05}" for number in range(12)]
    service = knowing()
    assert all(isinstance(outcome, Unknown) for outcome in look_up(service, clock, *many))
    assert len(service.requests) == 2


def test_a_feed_that_counts_what_it_does_not_show_is_no_proof(clock: FakeClock) -> None:
    (outcome,) = look_up(knowing(total=1), clock, "2303.00001")
    assert isinstance(outcome, Unknown)


def test_many_absent_ids_are_asked_for_together_before_they_are_asked_for_alone(clock: FakeClock) -> None:
    absent = [f"2303.{number:05}" for number in range(11)]
    turns: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked = request.url.params["id_list"].split(",")
        turns.append(len(asked))
        shown = asked[:1] if len(turns) == 1 else asked
        return httpx.Response(200, content=arxiv_feed(*map(arxiv_entry, shown)))

    assert all(isinstance(outcome, Found) for outcome in look_up(Service(answer), clock, *absent, "2303.00011"))
    assert turns == [12, 11]


def test_a_malformed_id_does_not_spoil_its_batch(clock: FakeClock) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if "2303.00009" in request.url.params["id_list"]:
            return httpx.Response(400, content=arxiv_error("incorrect id format for 2303.00009"))
        return httpx.Response(200, content=arxiv_feed(arxiv_entry("2303.00001")))

    service = Service(answer)
    found, malformed, junk = look_up(service, clock, "2303.00001", "2303.00009", "no-id")
    assert isinstance(found, Found)
    assert isinstance(malformed, Missing)
    assert isinstance(junk, Missing)
    assert len(service.requests) == 2


@pytest.mark.parametrize("body", [b"Rate exceeded.", b"<html>busy</html>", BATCH[:900]])
def test_a_200_that_is_no_feed_is_tried_again_and_never_proves_anything(clock: FakeClock, body: bytes) -> None:
    service = Service(lambda _: httpx.Response(200, content=body))
    (outcome,) = look_up(service, clock, "2303.00001")
    assert isinstance(outcome, Unknown)
    assert len(service.requests) == 3


def test_an_outage_is_not_hammered(clock: FakeClock) -> None:
    service = Service(lambda _: httpx.Response(503))
    outcomes = look_up(service, clock, *(f"2303.{number:05}" for number in range(1000)))
    assert all(isinstance(outcome, Unknown) and "503" in outcome.why for outcome in outcomes)
    assert len(outcomes) == 1000
    assert len(service.requests) == 9


def test_answers_are_kept_and_the_unknown_is_not(clock: FakeClock) -> None:
    service = knowing("2303.00001")
    counts: list[tuple[str, int]] = []

    async def call(web: Web) -> None:
        wanted = ids("2303.00001", "2303.99999")
        first = await arxiv.look_up(wanted, web)
        asked = len(service.requests)
        clock.advance(3600)
        assert await arxiv.look_up(wanted, web) == first
        assert len(service.requests) == asked
        assert sum(count for _, count in counts) == 4
        web.cache.put("arxiv", str(wanted[0]), {"found": {"source": "arxiv", "title": 7}, "at": "x"})
        assert await arxiv.look_up(wanted, web) == {
            **first,
            wanted[0]: Found(first_value(first[wanted[0]], "2026-01-31T10:00:00Z"), at="2026-01-31T10:00:00Z"),
        }

    service.ask(clock, call, listener=Listener(lambda name, count: counts.append((name, count))))


def first_value(outcome: Outcome[Record], at: str) -> Record:
    assert isinstance(outcome, Found)
    return replace(outcome.value, asked_at=at)


def test_other_identifiers_are_unknown_to_it(clock: FakeClock) -> None:
    doi = Identifier(Scheme.DOI, "10.1000/x")

    async def call(web: Web) -> Outcome[Record]:
        return (await arxiv.look_up([doi], web))[doi]

    assert isinstance(Service(lambda _: httpx.Response(500)).ask(clock, call), Unknown)


def test_the_title_of_an_earlier_version_can_be_asked_for(clock: FakeClock) -> None:
    service = Service(lambda _: httpx.Response(200, content=arxiv_feed(arxiv_entry("2303.06865", "Its first name"))))

    async def call(web: Web) -> Outcome[Record]:
        return (await arxiv.look_up(ids("2303.06865"), web, version=1))[ids("2303.06865")[0]]

    outcome = service.ask(clock, call)
    assert isinstance(outcome, Found)
    assert outcome.value.title == "Its first name"
    assert service.requests[0].url.params["id_list"] == "2303.06865v1"


def test_titles_are_searched_together(clock: FakeClock) -> None:
    titles = ['Bread: cold, un-buttered "loaves"', "0", "Tides (a study)", "???"]
    feed = arxiv_feed(
        arxiv_entry("2303.00001", "Tides: a study"),
        arxiv_entry("2303.00002", "Bread: Cold, Un-buttered Loaves"),
        arxiv_entry("2303.00003", "0"),
        arxiv_entry("2303.00004", "Something else"),
    )
    service = Service(lambda _: httpx.Response(200, content=feed))

    async def call(web: Web) -> dict[str, Outcome[tuple[Record, ...]]]:
        return await arxiv.search(titles, web)

    hits = service.ask(clock, call)
    assert list(hits) == titles
    first = {title: hit.value[0].arxiv_id for title, hit in hits.items() if isinstance(hit, Found)}
    assert first == {titles[0]: "2303.00002", "0": "2303.00003", titles[2]: "2303.00001"}
    assert isinstance(hits["???"], Missing)
    assert [request.url.params["search_query"] for request in service.requests] == [
        'ti:"Bread cold un buttered loaves" OR ti:"0" OR ti:"Tides a study"'
    ]


@given(st.lists(st.text(max_size=600), max_size=30, unique=True))
@settings(max_examples=20)
def test_a_query_of_titles_never_gets_too_long(titles: list[str]) -> None:
    service = Service(lambda _: httpx.Response(200, content=arxiv_feed()))

    async def call(web: Web) -> dict[str, Outcome[tuple[Record, ...]]]:
        return await arxiv.search(titles, web)

    assert list(service.ask(FakeClock(), call)) == titles
    assert all(len(str(request.url)) < 3_000 for request in service.requests)


@pytest.mark.parametrize("status", [413, 414, 431])
def test_a_list_that_is_too_long_is_asked_for_in_parts(clock: FakeClock, status: int) -> None:
    known = [f"2401.{number:05}" for number in range(40)]
    service = knowing(*known)
    answer = service.answer
    service.answer = lambda asked: (
        httpx.Response(status) if asked.url.params["id_list"].count(",") >= 12 else answer(asked)
    )
    assert all(isinstance(outcome, Found) for outcome in look_up(service, clock, *known))
    before = len(service.requests)
    service.answer = lambda _: httpx.Response(status)
    assert all(isinstance(outcome, Unknown) for outcome in look_up(service, clock, *known))
    assert len(service.requests) - before < 10
