"""Whole runs over the demonstration's world, night after night."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from enrich import catalog, demo
from enrich.history import History, load, save
from enrich.model import ENRICHED_FIELDS, WANTED_FIELDS, Entry, EntryType, Link, State, Status, Verdict
from enrich.pipeline import CatalogInput, Options, run
from enrich.settings import HostPace, Ignore, Loaded, Settings
from enrich.web import Cache, Web
from tests.fakes import FakeClock
from tests.worlds import HOSTS, Night, Nights, listed

ALL = Options(links=False)
NIGHTLY = Options(only_missing=True, links=False)

# A paper of which everything is known, one whose citations nobody counts, and one that nobody knows.
SMALL = """\
version: 1
entries:
  - key: flexgen
    type: paper
    title: "FlexGen: High-Throughput Generative Inference of Large Language Models with a Single GPU"
    links: [{label: Paper, kind: paper, url: https://arxiv.org/abs/2303.06865}]
  - key: medusa
    type: paper
    name: Medusa
    links: [{label: Paper, kind: paper, url: https://arxiv.org/abs/2401.10774}]
  - key: nobody-knows
    type: paper
    title: A paper that nobody has ever written about anything
"""


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Nights, Night]:
    nights = Nights(listed(), tmp_path_factory.mktemp("answers"))
    return nights, nights.live()


def small() -> Nights:
    nights = Nights(SMALL)
    nights.live(options=ALL)
    return nights


def edited(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


# ---- one night


def test_the_report_holds_every_entry_and_every_link_once(first: tuple[Nights, Night]) -> None:
    nights, night = first
    report = night.result.report
    assert report.catalog == "catalog.yaml"
    assert report.started == f"{demo.NOW:%Y-%m-%dT%H:%M:%SZ}" < report.finished
    entries = catalog.parse(listed(), "catalog.yaml").entries
    assert [(row.key, row.type) for row in report.entries] == [(entry.key, entry.type) for entry in entries]
    links = [link for entry in entries for link in entry.links]
    assert [row.check.url for row in report.links] == list(dict.fromkeys(link.url for link in links))
    first_places = {link.url: link.place for link in reversed(links)}
    assert {row.check.url: row.place for row in report.links} == first_places
    holders = {row.check.url: row.entries for row in report.links}
    assert all(entry.key in holders[link.url] for entry in entries for link in entry.links)
    assert nights.history == night.result.history


def test_the_counts_are_those_of_the_rows(first: tuple[Nights, Night]) -> None:
    report = first[1].result.report
    verdicts = Counter(row.check.verdict for row in report.links)
    statuses = Counter(row.status for row in report.entries)
    expected = {str(v): verdicts[v] for v in Verdict} | {f"entries-{s}": statuses[s] for s in Status}
    assert report.counts == expected


def test_the_requests_are_those_that_were_sent(first: tuple[Nights, Night]) -> None:
    night = first[1]
    sent = Counter(request.url.host for request in night.upstream.asked)
    assert sent.pop("scheduler.vanished.example")  # looked for, and no connection to send anything over
    assert night.result.report.requests == sent


def test_the_slowest_hosts_are_listed_with_their_mean_seconds() -> None:
    clock = FakeClock()
    seconds = {f"h{n}.example": 1.0 + n for n in range(9)} | {
        "b.example": 2.51,
        "a.example": 2.49,
        "quick.example": 0.9,
    }

    async def answer(request: httpx.Request) -> httpx.Response:
        await clock.sleep(seconds.get(request.url.host, 30.0))
        return httpx.Response(200, html="<title>A page</title><p>It has a few words.</p>")

    async def night() -> Mapping[str, float]:
        urls = [f"https://{host}/{page}" for host in seconds for page in "12"]
        entries = [Entry(url, EntryType.OTHER, links=(Link(url),)) for url in (*urls, "https://once.example/")]
        web = Web(cache=Cache(None, clock), clock=clock, transport=httpx.MockTransport(answer))
        options = Options(metadata=False, copies=False)
        async with web:
            loaded = Loaded(settings=Settings(), origins={})
            (result,) = await run([CatalogInput("c.yaml", entries)], web, loaded, options=options)
        return result.report.slowest_hosts

    slowest = [*((f"h{n}.example", 1.0 + n) for n in range(8, 1, -1)), ("a.example", 2.5), ("b.example", 2.5)]
    assert list(asyncio.run(night()).items()) == [*slowest, ("h1.example", 2.0)]


def test_every_verdict_but_a_rule_of_the_persons_carries_evidence(first: tuple[Nights, Night]) -> None:
    for row in first[1].result.report.links:
        assert row.check.evidence, row.check.url
        assert all(evidence.saw for evidence in row.check.evidence)


def test_what_is_broken_was_seen_twice_or_by_two(first: tuple[Nights, Night]) -> None:
    broken = [row.check for row in first[1].result.report.links if row.check.verdict is Verdict.BROKEN]
    assert len(broken) == 4
    for check in broken:
        assert len(check.evidence) >= 2 or check.evidence[0].asked == "github"


def test_findings_come_in_catalog_order_with_their_places(first: tuple[Nights, Night]) -> None:
    report = first[1].result.report
    order = [row.key for row in report.entries]
    own = [order.index(finding.entry) for finding in report.findings if finding.entry and finding.url]
    assert own == sorted(own)
    assert all(finding.place for finding in report.findings if finding.entry)
    assert {finding.state for finding in report.findings} == {State.NEW}
    assert {finding.first_seen for finding in report.findings} == {f"{demo.NOW:%Y-%m-%d}"}


def test_a_block_says_what_the_services_say_and_who_said_it(first: tuple[Nights, Night]) -> None:
    block = first[1].result.blocks["flexgen"]
    assert (block.title or "").startswith("FlexGen: High-Throughput")
    assert (block.authors[0], len(block.authors), block.arxiv_id) == ("Ying Sheng", 14, "2303.06865")
    assert (block.published, block.matched_by, block.enriched_on) == ("2023-03-13", "arxiv_id", "2026-11-21")
    for key, block in first[1].result.blocks.items():
        filled = {name for name in ENRICHED_FIELDS if getattr(block, name) not in (None, (), {})}
        about = {"matched_by", "enriched_on", "sources", "citation_count_as_of"}
        assert filled - about == set(block.sources), key


def test_the_rows_tell_what_was_filled_and_what_is_lacking(first: tuple[Nights, Night]) -> None:
    night = first[1]
    after = {entry.key: entry for entry in catalog.parse(night.text, "catalog.yaml").entries}
    for row in night.result.report.entries:
        if row.type is EntryType.PAPER:
            block = night.result.blocks.get(row.key)
            assert set(row.filled) == set(block.sources if block else ())
            assert row.lacking == tuple(n for n in WANTED_FIELDS if after[row.key].known(n) in (None, ()))
        else:
            assert (row.status, row.filled, row.lacking) == (Status.NOT_A_PAPER, (), ())


def test_no_links_and_no_metadata_leave_the_other_half(first: tuple[Nights, Night]) -> None:
    whole = first[1].result
    papers = Nights(listed()).run(options=Options(links=False)).result
    assert papers.report.links == ()
    assert papers.blocks["flexgen"] == whole.blocks["flexgen"]
    links = Nights(listed()).run(options=Options(metadata=False)).result
    assert links.blocks == {}
    verdicts = {row.check.url: row.check.verdict for row in links.report.links}
    assert verdicts == {row.check.url: row.check.verdict for row in whole.report.links}


def test_a_choice_of_entries_asks_and_reports_of_no_others() -> None:
    chosen = Nights(SMALL).run(keys=frozenset({"medusa"}))
    assert [row.key for row in chosen.result.report.entries] == ["medusa"]
    assert set(chosen.result.blocks) == {"medusa"}
    assert not chosen.upstream.is_asked("2303.06865")
    limited = Nights(SMALL).run(options=Options(limit=1))
    assert [row.key for row in limited.result.report.entries] == ["flexgen"]
    assert not limited.upstream.is_asked("2401.10774")


def test_what_was_not_chosen_is_not_called_fixed(first: tuple[Nights, Night]) -> None:
    nights, night = first
    other = nights.run(1, keys=frozenset({"flexgen"}))
    assert [f.identity for f in other.result.report.findings if f.state is State.FIXED] == []
    assert set(other.result.history.findings) == set(night.result.history.findings)
    assert set(other.result.history.entries) == set(night.result.history.entries)


# ---- the next night


def test_the_same_answers_give_the_same_blocks_without_a_request(first: tuple[Nights, Night]) -> None:
    nights, night = first
    again = nights.run(options=Options())
    assert not again.upstream.hosts & set(HOSTS.values())
    assert again.result.blocks == night.result.blocks
    assert again.text == night.text
    good = {row.check.url for row in night.result.report.links if row.check.verdict is Verdict.OK}
    assert not good & {str(request.url) for request in again.upstream.asked}
    assert {f.state for f in again.result.report.findings} == {State.STILL}


def test_a_catalog_whose_links_are_well_costs_no_request_at_all(tmp_path: Path) -> None:
    nights = Nights(SMALL, tmp_path)
    before = nights.live()
    again = nights.live(options=Options(only_missing=True))
    assert (again.upstream.asked, again.text) == ([], before.text)


def test_offline_answers_come_from_the_cache_alone(tmp_path: Path) -> None:
    nights = Nights(SMALL, tmp_path)
    before = nights.live()
    offline = nights.run(options=Options(offline=True))
    assert (offline.upstream.asked, offline.result.blocks) == ([], before.result.blocks)
    assert offline.result.report.unasked == ()
    unknown = Nights(SMALL, tmp_path / "empty").run(options=Options(offline=True))
    assert (unknown.upstream.asked, unknown.text) == ([], SMALL)
    assert {row.check.verdict for row in unknown.result.report.links} == {Verdict.UNKNOWN}
    assert {row.service for row in unknown.result.report.unasked} >= {"arxiv"}


def test_what_went_away_is_fixed_and_what_stays_keeps_its_first_day() -> None:
    nights = Nights(listed())
    nights.live()
    nights.text = edited(
        nights.text, "https://github.com/FMInference/FlexGen}", "https://github.com/FMInference/FlexLLMGen}"
    )
    later = nights.live(3)
    fixed = [f.identity for f in later.result.report.findings if f.state is State.FIXED]
    assert fixed == ["renamed-repository|flexgen|https://github.com/FMInference/FlexGen|"]
    still = {f.first_seen for f in later.result.report.findings if f.state is State.STILL}
    assert still == {f"{demo.NOW:%Y-%m-%d}"}
    assert not any(f.state is State.FIXED for f in nights.live(4).result.report.findings)


def test_a_host_that_fails_for_days_is_unreachable_at_last() -> None:
    nights = Nights(listed())
    url = "https://slow.specimen.example/serving-talk.html"
    seen = []
    for day in range(4):
        rows = nights.live(day, Options(metadata=False)).result.report.links
        seen += [row.check for row in rows if row.check.url == url]
    assert [check.verdict for check in seen] == [Verdict.SUSPECT] * 4
    assert [check.is_unreachable for check in seen] == [False, False, False, True]


def test_the_history_goes_through_its_file(tmp_path: Path, first: tuple[Nights, Night]) -> None:
    nights, night = first
    save(tmp_path / "history.json", night.result.history)
    stored, warning = load(tmp_path / "history.json")
    assert warning is None
    again = Nights(nights.text, nights.folder, history=stored).run(options=Options())
    assert again.result.report == nights.run(options=Options()).result.report


def test_a_lost_history_costs_first_days_and_nothing_else(first: tuple[Nights, Night]) -> None:
    nights, night = first
    lost = Nights(nights.text, nights.folder).run(1, Options(only_missing=True))
    assert lost.text == night.text
    complete = {row.key for row in night.result.report.entries if not row.lacking}
    blocks = {key for key in lost.result.blocks if key in complete}
    assert blocks == set()


# ---- only what is missing


def test_a_complete_entry_costs_nothing_and_a_lacking_one_waits_its_days() -> None:
    nights = small()
    known = {entry.key: entry for entry in nights.entries()}
    assert all(known["flexgen"].known(name) for name in WANTED_FIELDS)
    assert not known["medusa"].known("citation_count")
    for day in (1, 2, 6):
        night = nights.live(day, NIGHTLY)
        assert night.upstream.asked == []
        assert [row.status for row in night.result.report.entries] == [Status.FOUND, Status.FOUND, Status.MISSING]
    week = nights.live(7, NIGHTLY)
    assert week.upstream.is_asked("2401.10774")
    assert "nobody has ever written" in week.upstream.words().replace("%20", " ").replace("+", " ")
    assert not week.upstream.is_asked("2303.06865")
    assert nights.live(8, NIGHTLY).upstream.asked == []


def test_the_wait_is_the_persons_to_set() -> None:
    nights = small()
    nights.settings = Settings(retry_lacking_days=2)
    assert nights.run(1, NIGHTLY).upstream.asked == []
    assert nights.run(2, NIGHTLY).upstream.is_asked("2401.10774")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("https://arxiv.org/abs/2303.06865", "https://arxiv.org/pdf/2303.06865v1"),
        ('    title: "FlexGen: High-Throughput', '    title: "FlexGen, High-Throughput'),
        ("  - key: flexgen\n", "  - key: flexgen\n    venue: ICML 2023\n"),
        ("  - key: flexgen\n", '  - key: flexgen\n    arxiv_id: "2303.06865"\n'),
    ],
    ids=["link", "title", "venue", "arxiv_id"],
)
def test_an_edited_entry_is_asked_at_once(old: str, new: str) -> None:
    nights = small()
    listed_part, block = nights.text.split("    enriched:", 1)
    nights.text = f"{edited(listed_part, old, new)}    enriched:{block}"
    night = nights.live(1, NIGHTLY)
    assert night.upstream.is_asked("2303.06865")
    assert not night.upstream.is_asked("2401.10774")
    assert nights.live(2, NIGHTLY).upstream.asked == []


def test_a_field_that_was_taken_out_is_asked_for_at_once() -> None:
    nights = small()
    nights.text, taken = re.subn(r"(?m)^      doi: 10\..*\n", "", nights.text, count=1)
    assert taken == 1
    night = nights.live(1, NIGHTLY)
    assert night.upstream.is_asked("2303.06865")
    assert nights.entries()[0].known("doi")


def test_a_field_that_the_person_wrote_is_not_lacking() -> None:
    nights = small()
    nights.text = edited(nights.text, "  - key: medusa\n", "  - key: medusa\n    citation_count: 12\n")
    for day in (7, 8):
        night = nights.live(day, NIGHTLY)
        assert not night.upstream.is_asked("2401.10774")
        rows = {row.key: row.lacking for row in night.result.report.entries}
        assert rows["medusa"] == ()


def test_records_are_refreshed_at_their_age_spread_by_key() -> None:
    nights = Nights(listed())
    nights.live(options=ALL)
    # Whoever lacks nothing is asked for the sake of its age alone.
    nights.settings = Settings(retry_lacking_days=3650)
    ids = {e.key: e.enriched.arxiv_id for e in nights.entries() if e.enriched and e.enriched.matched_by == "arxiv_id"}
    asked: dict[int, set[str]] = {}
    for day in (22, 25, 28, 30):
        upstream = nights.run(day, NIGHTLY).upstream
        asked[day] = {key for key, arxiv_id in ids.items() if arxiv_id and upstream.is_asked(arxiv_id)}
    assert asked[22] == set()
    assert set() < asked[25] < asked[28] < asked[30] == set(ids)
    nights.settings = Settings(retry_lacking_days=3650, refresh_days=10)
    assert nights.run(10, NIGHTLY).upstream.is_asked("2303.06865")


def test_a_count_that_hardly_moved_gives_no_diff_before_its_age() -> None:
    nights = small()
    text = nights.text
    nights.text = re.sub(r"citation_count: (\d+)", lambda m: f"citation_count: {int(m[1]) + 1}", text)
    assert nights.run(8, ALL).text == nights.text
    assert "citation_count_as_of: 2026-12-26" in nights.run(35, ALL).text


# ---- the person's own words


def test_what_the_person_wrote_decides_the_lookup_and_wins() -> None:
    title = "    title: A paper that nobody has ever written about anything\n"
    text = edited(SMALL, title, f'{title}    authors: [Me]\n    doi: "10.1145/3600006.3613175"\n')
    night = Nights(text).run(options=ALL)
    assert night.upstream.is_asked("10.1145/3600006.3613175")
    (row,) = [row for row in night.result.report.entries if row.key == "nobody-knows"]
    assert row.identifiers.get("doi") == "10.1145/3600006.3613175"
    assert "authors" not in row.lacking
    entry = catalog.parse(night.text, "catalog.yaml").entries[2]
    assert entry.known("authors") == ("Me",)


def test_only_the_blocks_change(first: tuple[Nights, Night]) -> None:
    after = first[1].text
    bare = re.sub(r"(?m)^    enriched:\n(?:      .*\n)+", "", after)
    assert bare == listed()


def test_what_the_person_accepts_is_not_reported() -> None:
    bad = "https://papers.specimen.example/tapfinger.pdf"
    rules = (
        Ignore(pattern=bad, reason="the author promised to mend it"),
        Ignore(pattern="atom", reason="the list means it so", rule="wrong-paper"),
        Ignore(pattern="gillis", reason="long ago", rule="wrong-paper", until=demo.NOW.date().replace(day=20)),
    )
    night = Nights(listed(), settings=Settings(ignore=rules)).run()
    found = {(f.rule, f.entry) for f in night.result.report.findings}
    assert ("wrong-paper", "atom") not in found
    assert ("wrong-paper", "gillis") in found
    assert ("broken-link", "tapfinger") not in found
    assert {r.check.verdict for r in night.result.report.links if r.check.url == bad} == {Verdict.SKIPPED}
    assert bad not in {str(request.url) for request in night.upstream.asked}


def test_statuses_that_the_person_accepts_are_fine() -> None:
    accept = {"members.specimen.example": (403,)}
    pace = {"members.specimen.example": HostPace(interval=1.0)}
    night = Nights(listed(), settings=Settings(accept=accept, pace=pace)).run()
    (row,) = [r for r in night.result.report.links if r.check.url.startswith("https://members.")]
    assert row.check.verdict is Verdict.OK


# ---- keys


def test_keys_are_in_nothing_that_is_kept_or_told(tmp_path: Path) -> None:
    key = "s3cr3t-key-of-nobody"

    def echo(request: httpx.Request, _: httpx.Response) -> httpx.Response:
        said = " ".join(request.headers.values())
        return httpx.Response(403, headers={"x-said": said}, text=f"<title>{said}</title> you said {said}")

    keys = {
        HOSTS["semantic_scholar"]: {"x-api-key": key},
        HOSTS["github"]: {"Authorization": f"Bearer {key}"},
    }
    nights = Nights(listed(), tmp_path, keys=keys)
    night = nights.live(faults={HOSTS["semantic_scholar"]: echo, HOSTS["github"]: echo})
    sent = {r.url.host for r in night.upstream.asked if any(key in value for value in r.headers.values())}
    assert sent == {HOSTS["semantic_scholar"], HOSTS["github"]}
    save(tmp_path / "history.json", nights.history)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert key.encode() not in kept
    assert key not in repr(night.result) + night.text
    assert replace(night.result, history=History()).report == night.result.report
