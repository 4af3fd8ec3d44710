"""`enrich run --dry-run --sample N`: a dress rehearsal on links spread over their hosts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.model import LinkCheck, Verdict
from enrich.pipeline.sample import hosts_to_look_at, spread_over_hosts
from enrich.text.urls import host_of
from tests.loopback import Bench, Upstream, page

URLS = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 30)), unique=True).map(
    lambda pairs: [f"https://{host}.example/{number}" for host, number in pairs]
)


@given(URLS, st.integers(1, 60))
def test_a_sample_is_spread_evenly(urls: list[str], most: int) -> None:
    taken = spread_over_hosts(urls, most)
    assert len(taken) == min(most, len(urls))
    assert taken <= set(urls)
    assert taken == spread_over_hosts(urls, most)
    counts = {host: [host_of(url) for url in taken].count(host) for host in map(host_of, urls)}
    for host, count in counts.items():
        rest = [url for url in urls if host_of(url) == host and url not in taken]
        # Who gave fewer than another, by more than one, has no more to give.
        assert not rest or max(counts.values()) - count <= 1
        assert [url for url in urls if host_of(url) == host][:count] == [
            url for url in urls if host_of(url) == host and url in taken
        ]


def test_hosts_without_an_ok_are_told_those_with_most_links_first() -> None:
    def checks(host: str, *verdicts: Verdict) -> list[LinkCheck]:
        return [LinkCheck(f"https://{host}/{number}", verdict) for number, verdict in enumerate(verdicts)]

    blocked, broken, ok, skipped = Verdict.BLOCKED, Verdict.BROKEN, Verdict.OK, Verdict.SKIPPED
    told = hosts_to_look_at(
        [
            *checks("few.example", broken, broken, skipped),
            *checks("well.example", broken, blocked, blocked, ok),
            *checks("wall.example", blocked, blocked, blocked),
            *checks("gone.example", broken, broken, broken, blocked),
        ]
    )
    assert told == (
        "No link is ok on gone.example (3 broken, 1 blocked): open some of them in a browser.",
        "No link is ok on wall.example (3 blocked): open some of them in a browser.",
    )


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    entries = [
        f"  - {{key: k{n}, type: blog, links: [{{label: a, kind: blog, url: '{upstream.url(f'pages/{n}')}'}}]}}\n"
        for n in range(8)
    ]
    return upstream.bench(tmp_path / "here", f"version: 1\nentries:\n{''.join(entries)}")


def test_a_rehearsal_asks_for_so_many_links_and_writes_nothing(bench: Bench, upstream: Upstream) -> None:
    before = bench.read()
    done = bench.call("run", "--dry-run", "--sample", "4", "--report", "json=r.json", "--report", "html=r.html")
    assert done.code == 1
    told = json.loads(bench.read("r.json"))
    assert [row["url"] for row in told["links"]] == [upstream.url(f"pages/{n}") for n in range(4)]
    assert [row["key"] for row in told["entries"]] == [f"k{n}" for n in range(4)]
    assert "No link is ok on 127.0.0.1 (4 broken)" in done.out.replace("\n", " ")
    assert "No link is ok on 127.0.0.1" in bench.read("r.html")
    assert not any(re.search(r"pages/[4-7]\b", line) for line in upstream.asked)
    assert bench.read() == before
    upstream.pages["2"] = page("A page")
    again = bench.call("run", "--dry-run", "--sample", "4")
    assert "No link is ok" not in again.out


def test_a_sample_is_for_rehearsals_only(bench: Bench, upstream: Upstream) -> None:
    for flags in (("--sample", "4"), ("--sample", "4", "--dry-run", "--no-links"), ("--sample", "0", "--dry-run")):
        assert bench.call("run", *flags).code == 2
    assert upstream.asked == []
