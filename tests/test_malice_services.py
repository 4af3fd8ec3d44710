"""Services that lie: whatever they send, nothing of it is written that cannot be true, and nothing breaks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from enrich import catalog
from tests.loopback import Answer, Bench, Upstream

ENTRY = "version: 1\nentries:\n  - key: flexgen\n    links: {paper: https://arxiv.org/abs/2303.06865}\n"

PAPER = {
    "paperId": "42a14d824caa3348046eb34c37e2ab7985faa7a3",
    "externalIds": {"ArXiv": "2303.06865"},
    "title": "FlexGen: High-Throughput Generative Inference of Large Language Models with a Single GPU",
    "authors": [{"authorId": "1", "name": "Ying Sheng"}],
    "abstract": "An abstract of this test's own.",
    "year": 2023,
    "citationCount": 10,
}

LIES: Mapping[str, object] = {
    "ids that nobody asked for": [
        {**PAPER, "externalIds": {"ArXiv": "1706.03762"}, "title": "Attention Is All You Need"}
    ],
    "duplicates": [PAPER, PAPER, PAPER],
    "nulls": [dict.fromkeys(PAPER)],
    "null everywhere": [None] * 500,
    "a huge number": [{**PAPER, "citationCount": 10**30, "year": 10**12}],
    "a negative count": [{**PAPER, "citationCount": -5}],
    "the year 9999": [{**PAPER, "year": 9999, "publicationDate": "9999-12-31"}],
    "a date that is none": [{**PAPER, "publicationDate": "2023-02-31"}],
    "a title of 10 MB": [{**PAPER, "title": "FlexGen " * 1_300_000}],
    "10,000,000 letters of control": [{**PAPER, "abstract": "\u202e\x1b[31m" * 1_500_000}],
    "other types": [{name: [{"a": {"b": [value]}}] for name, value in PAPER.items()}],
    "an object for a list": {"data": {"0": PAPER}},
    "nothing but depth": json.loads("[" * 500 + "]" * 500),
}


def of_json(value: object, kind: str = "application/json") -> Answer:
    return 200, {"content-type": kind}, json.dumps(value).encode()


def check_sane(bench: Bench, services_down: tuple[str, ...] = ()) -> None:
    done = bench.call("run")
    assert done.code in (0, 1, 3), done.err
    assert "Traceback" not in done.err
    text = bench.read()
    assert text.startswith(ENTRY.rstrip())
    assert len(text) < 60_000
    block = catalog.parse(text).entries[0].enriched
    if block is None:
        assert services_down
        return
    assert (block.title or "FlexGen").startswith("FlexGen")
    assert block.arxiv_id in (None, "2303.06865")
    assert block.year in (None, 2023)
    assert (block.published or "2023").startswith("2023")
    assert block.citation_count is None or 0 <= block.citation_count < 10**8
    assert not any(ord(letter) < 32 or letter in "\u202e\x7f" for letter in f"{block.title}{block.abstract}")


@pytest.mark.parametrize("lie", LIES)
def test_what_cannot_be_true_is_not_written(tmp_path: Path, upstream: Upstream, lie: str) -> None:
    upstream.broken["semantic_scholar"] = of_json(LIES[lie])
    check_sane(upstream.bench(tmp_path / "here", ENTRY))


@pytest.mark.parametrize("lie", LIES)
def test_nor_where_nobody_else_answers(tmp_path: Path, upstream: Upstream, lie: str) -> None:
    upstream.broken |= dict.fromkeys(("arxiv", "crossref", "datacite", "openalex"), (503, {}, b""))
    upstream.broken["semantic_scholar"] = of_json(LIES[lie])
    check_sane(upstream.bench(tmp_path / "here", ENTRY), ("arxiv",))


def test_an_id_that_was_not_asked_for_fills_nothing(tmp_path: Path, upstream: Upstream) -> None:
    upstream.broken |= dict.fromkeys(("arxiv", "crossref", "datacite", "openalex"), (503, {}, b""))
    upstream.broken["semantic_scholar"] = of_json(LIES["ids that nobody asked for"])
    bench = upstream.bench(tmp_path / "here", ENTRY)
    assert bench.call("run").code == 3
    assert "Attention" not in bench.read()


BYTES: Mapping[str, Answer] = {
    "the wrong type": (200, {"content-type": "image/png"}, b"\x89PNG\r\n\x1a\n" + bytes(1000)),
    "UTF-16": (200, {"content-type": "application/json"}, json.dumps([PAPER]).encode("utf-16")),
    "Latin-1": (200, {"content-type": "application/json"}, '[{"title": "Größe"}]'.encode("latin-1")),
    "an entity bomb": (
        200,
        {"content-type": "application/atom+xml"},
        b'<!DOCTYPE f [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
        + b']><feed xmlns="http://www.w3.org/2005/Atom"><entry><title>&j;</title></entry></feed>',
    ),
    "a file of this machine": (
        200,
        {"content-type": "application/atom+xml"},
        b"""<!DOCTYPE f [<!ENTITY a SYSTEM "file:///etc/hostname">]>
        <feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/abs/2303.06865v1</id>
        <title>&a;</title><summary>&a;</summary></entry></feed>""",
    ),
    "deep JSON": (200, {"content-type": "application/json"}, b"[" * 200_000),
    "NaN": (200, {"content-type": "application/json"}, b'[{"citationCount": NaN, "year": Infinity, "title": "x"}]'),
}


@pytest.mark.parametrize("service", ["arxiv", "semantic_scholar", "crossref", "datacite", "doi", "github", "openalex"])
@pytest.mark.parametrize("lie", BYTES)
def test_bytes_of_any_kind_are_no_crash(tmp_path: Path, upstream: Upstream, service: str, lie: str) -> None:
    upstream.broken[service] = BYTES[lie]
    bench = upstream.bench(tmp_path / "here", ENTRY)
    bench.write("catalog.yaml", ENTRY + "  - key: code\n    links: {code: https://github.com/FMInference/FlexGen}\n")
    done = bench.call("run")
    assert done.code in (0, 1, 3), done.err
    assert "Traceback" not in done.err
    assert "broken-link" not in done.out
    hostname = Path("/etc/hostname")
    assert not hostname.exists() or f"title: {hostname.read_text().strip()}" not in bench.read()
