"""What is fuzzed: every reader of bytes that somebody else wrote, and the errors that it may answer with."""

from __future__ import annotations

import json
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from enrich import catalog, demo, history, identifiers, lists, matching, settings
from enrich.cleaning.texts import LONGEST_ABSTRACT
from enrich.export import FORMATS as EXPORTS
from enrich.links import classify, find_urls, unfit
from enrich.model import Enriched, EnrichError, Found, Page, Record, Reply
from enrich.report import FORMATS, as_json
from enrich.sources import (
    archive,
    arxiv,
    crossref,
    datacite,
    doi,
    github,
    landing_page,
    openalex,
    retraction_watch,
    semantic_scholar,
)
from enrich.sources.asking.replies import UnreadableError
from enrich.sources.asking.stored import RECORD, from_json, to_json
from enrich.text.venue_names import venues_agree

ROOT = Path(__file__).parents[2]
REPLIES = ROOT / "tests" / "replies"


@dataclass(frozen=True)
class Target:
    """A reader, good bytes to begin from, and the folder of recorded replies that suit it."""

    read: Callable[[bytes], None]
    seeds: Callable[[], Sequence[bytes]]
    folder: str | None = None


def _sources(read: Callable[[bytes], Iterable[object]]) -> Callable[[bytes], None]:
    def check(data: bytes) -> None:
        with suppress(UnreadableError):
            for value in read(data):
                if isinstance(value, Record):
                    _check_record(value)

    return check


def _check_record(record: Record) -> None:
    texts = [record.title, record.abstract, record.venue, record.doi, record.url, *record.authors]
    for text in texts:
        if text is not None:
            text.encode()
            if len(text) > LONGEST_ABSTRACT or any(
                unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in text
            ):
                raise AssertionError(f"let through: {text[:80]!r}")
    if record.citation_count is not None and record.citation_count < 0:
        raise AssertionError("a negative count")
    found = Found(record, at="2026-11-21T06:00:00Z")
    if from_json(json.loads(json.dumps(to_json(found, RECORD))), RECORD) != found:
        raise AssertionError(f"stored otherwise: {record}")
    block = Enriched(
        title=record.title,
        authors=record.authors,
        abstract=record.abstract,
        year=record.year,
        published=record.published,
        venue=record.venue,
        doi=record.doi,
        citation_count=record.citation_count,
    )
    known = catalog.parse(_CATALOG)
    after = catalog.with_enriched(known, {"flexgen": block})
    if catalog.parse(after).entries[0].enriched != block:
        raise AssertionError(f"written otherwise: {block}")


_CATALOG = """\
version: 1
entries:
  - key: flexgen
    links: {paper: https://arxiv.org/abs/2303.06865}
  - key: orca # what a person wrote
    type: paper
    title: "Orca: a serving system"
    sections: [Serving]
    links:
      - {label: Paper, kind: paper, url: https://www.usenix.org/conference/osdi22/presentation/yu}
      - label: Code
        url: >-
          https://github.com/example/orca
    enriched:
      authors: &who [A. Person, B. Person]
      abstract: |
        Two lines
        of it.
      citation_count: 7
  - &shared
    key: again
    authors: *who
"""


def _catalog(data: bytes) -> None:
    with suppress(EnrichError):
        text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
        known = catalog.parse(text, "catalog.yaml")
        block = Enriched(title="A: b", authors=("C # D",), abstract="E\n- f", citation_count=1)
        catalog.with_enriched(known, dict.fromkeys((entry.key for entry in known.entries), block))
        catalog.with_entries(known, lists.read(_LIST, "list.md"), {})
        for render in EXPORTS.values():
            render(known.entries)


_LIST = """\
# Papers of a kind
## Serving
| Title | Venue | Links |
| --- | --- | --- |
| Orca: *serving* <sub>new</sub> | OSDI'22 | [[paper]](https://example.org/p.pdf) [code](https://github.com/a/b) |

- **FlexGen**: [High-Throughput Inference](https://arxiv.org/abs/2303.06865), Y. Sheng et al., ICML 2023 ⭐
  - [slides](<https://example.org/a b>) `code` <details><summary>more</summary>text</details>
1. "A title", Some One and Any One. *NSDI 2021*. [[Paper](http://example.org)]
"""


def _list(data: bytes) -> None:
    entries = lists.read(data.decode("utf-8", "replace"), "list.md", "https://example.org/list/")
    merged = lists.merge(catalog.parse(_CATALOG).entries, [entries])
    catalog.parse(catalog.new_text(merged.new))
    find_urls(data.decode("utf-8", "replace"), "list.md")


def _identifier(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    found = [*identifiers.of_url(text), *identifiers.of_text(text)]
    if one := identifiers.parse(text):
        found.append(one)
    for identifier in found:
        identifiers.url_of(identifier)
    identifiers.normalise_url(text)
    identifiers.repository_part(text)
    identifiers.arxiv_version(text)
    unfit(text)


def _page(data: bytes) -> None:
    url = "https://example.org/paper#part"
    facts = landing_page.parse(data, url, "text/html")
    if facts.record:
        _check_record(facts.record)
    page = Page(url, 200, facts.title, facts.record)
    for status in (200, 202, 403, 404, 500):
        reply = Reply(url, status, {"content-type": "text/html", "server": "cloudflare"}, data, "2026-01-31T09:00:00Z")
        classify(url, reply, page, names=landing_page.element_names(data, "text/html"), beside=reply)


def _settings(data: bytes) -> None:
    folder = Path(_folder().name)
    (folder / "enrich.toml").write_bytes(data)
    with suppress(EnrichError):
        loaded = settings.load(None, folder, {})
        for rule in loaded.settings.ignore:
            rule.matches(("https://example.org/" + "a" * 200,), demo.NOW.date())


def _history(data: bytes) -> None:
    path = Path(_folder().name) / "history.json"
    path.write_bytes(data)
    with suppress(EnrichError):
        known, _ = history.load(path)
        history.save(path, known)
        history.with_states((), known, demo.NOW.date())


def _report(data: bytes) -> None:
    with suppress(EnrichError):
        report = as_json.read(data.decode("utf-8", "replace"), "report.json")
        for render in FORMATS.values():
            render(report)


def _retractions(data: bytes) -> None:
    path = Path(_folder().name) / "retractions.csv"
    path.write_bytes(data)
    with suppress(EnrichError):
        retraction_watch.find(path, {"10.1000/1"})


def _titles(data: bytes) -> None:
    one, _, other = data.decode("utf-8", "replace").partition("\n")
    wanted, candidate = matching.Description(one), matching.Description(other or one)
    matching.compare(wanted, candidate)
    matching.choose(wanted, [candidate])
    venues_agree(one, other)
    matching.same_authors([one], [other])


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


_SETTINGS = b"""\
contact = "a@example.org"
cache_dir = "cache"
refresh_days = 30.5
fail_on = "warning"
accept = {"example.org" = [403, 999]}
allow_private = ["10.0.0.0/8", "intranet.example.org"]
[[ignore]]
pattern = "https://example.org/*[a-z]?"
reason = "known"
until = 2027-01-01
[pace."example.org"]
interval = 1.5
concurrency = 2
[services]
arxiv = "https://mirror.example.org/arxiv"
"""

_HISTORY = b"""{"version": 1, "links": {"https://example.org/": {"trouble": "failing", "first_seen": "2026-01-01",
"last_ok": "2025-12-31", "failed_on": ["2026-01-01", "2026-01-03"]}}, "entries": {"orca": {"on": "2026-01-03", "asked":
"abc", "status": "found", "lacking": ["doi"], "findings": []}}, "findings": {"broken-link:orca": {"rule": "broken-link",
"severity": "error", "message": "gone", "entry": "orca", "url": "https://example.org/", "first_seen": "2026-01-01"}}}"""

_REPORT = b"""{"version": 1, "catalog": "catalog.yaml", "started": "2026-01-01T00:00:00Z", "finished":
"2026-01-01T00:00:09Z", "entries": [{"key": "orca", "type": "paper", "status": "found", "matched_by": "doi",
"identifiers": {"doi": "10.1000/1"}, "filled": ["authors"], "lacking": ["abstract"]}], "links": [{"url":
"https://example.org/", "entries": ["orca"], "kind": "paper", "verdict": "broken", "new_url": null, "evidence":
[{"asked": "web", "at": "2026-01-01T00:00:00Z", "status": 404, "saw": "404"}], "first_seen": "2026-01-01", "place":
"catalog.yaml:12"}], "findings": [{"rule": "broken-link", "severity": "error", "entry": "orca", "url":
"https://example.org/", "message": "gone", "suggestion": null, "first_seen": "2026-01-01", "state": "new", "place":
"catalog.yaml:12"}], "unasked": [{"service": "arxiv", "why": "down", "entries": 3}], "requests": {"example.org": 2},
"counts": {"broken": 1}}"""

_RETRACTIONS = b"""Record ID,Title,OriginalPaperDOI,RetractionNature,RetractionDate,Reason,RetractionDOI
1,"A, b",10.1000/1,Retraction,1/1/2026 0:00,+Error;,10.1000/2
"""

_URLS = (
    b"https://arxiv.org/pdf/2303.06865v2.pdf#page=3",
    b"https://dl.acm.org/doi/10.1145/3544548.3580999?utm_source=x",
    b"https://doi.org/10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2",
    b"https://github.com/owner/name/tree/main/folder?x=1",
    b"https://aclanthology.org/2020.acl-main.1.pdf see arXiv:math.GT/0309136 and doi: 10.1000/182",
    b"https://openreview.net/forum?id=abcdefghij&noteId=x",
    b"http://[::ffff:10.0.0.1]:80/ http://0x7f.1/ http://user:pw@2130706433/",
)

_TITLES = (
    b"FlexGen: High-Throughput Generative Inference\nFlexGen -- High-Throughput Generative Inference (v2)",
    b"$\\alpha$-Na\\\"{\\i}ve \\textbf{Bayes}: Part II <sub>2</sub> & more\nProceedings of the 12th Symposium '22",
)


def _replies(*names: str) -> Callable[[], Sequence[bytes]]:
    return lambda: [(REPLIES / name).read_bytes() for name in names]


def _given(*texts: bytes) -> Callable[[], Sequence[bytes]]:
    return lambda: texts


_GITHUB = b"""{"full_name": "a/b", "archived": true, "pushed_at": "2026-01-01T00:00:00Z", "html_url": "https://x",
"description": "d", "stargazers_count": 3}"""
_COPY = b"""{"url": "example.org", "archived_snapshots": {"closest": {"status": "200", "available": true, "url":
"http://web.archive.org/web/20250101000000/http://example.org/", "timestamp": "20250101000000"}}}"""
_OPENALEX = b"""{"meta": {"count": 1}, "results": [{"id": "https://openalex.org/W1", "doi": "https://doi.org/10.1000/1",
"title": "T", "publication_date": "2026-01-01", "publication_year": 2026, "is_retracted": false, "cited_by_count": 3,
"authorships": [{"author": {"display_name": "A B"}}], "abstract_inverted_index": {"of": [1], "Two": [0], "it": [2]},
"primary_location": {"source": {"display_name": "V"}}, "ids": {"doi": "https://doi.org/10.1000/1"}}]}"""
_HANDLE = b"""{"responseCode": 1, "handle": "10.1000/1", "values": [{"index": 1, "type": "URL", "data": {"format":
"string", "value": "https://example.org"}, "ttl": 86400}]}"""

TARGETS: Mapping[str, Target] = {
    "catalog": Target(_catalog, _given(_CATALOG.encode())),
    "lists": Target(_list, lambda: [_LIST.encode(), *(text.encode()[:6000] for text in demo.lists().values())]),
    "identifiers": Target(_identifier, _given(*_URLS)),
    "titles": Target(_titles, _given(*_TITLES)),
    "settings": Target(_settings, _given(_SETTINGS)),
    "history": Target(_history, _given(_HISTORY)),
    "report": Target(_report, _given(_REPORT)),
    "retractions": Target(_retractions, _given(_RETRACTIONS)),
    "pages": Target(_page, _replies("page_citation.html", "page_json_ld.html")),
    "arxiv": Target(_sources(arxiv.parse), _replies("arxiv_batch.xml"), "arxiv"),
    "semantic_scholar": Target(_sources(semantic_scholar.parse), _replies("semantic_scholar_batch.json"), "s2"),
    "crossref": Target(_sources(crossref.parse), _replies("crossref_list.json"), "crossref"),
    "datacite": Target(_sources(datacite.parse), _replies("datacite_arxiv.json"), "datacite"),
    "openalex": Target(_sources(openalex.parse), _given(_OPENALEX), "openalex"),
    "doi": Target(_sources(doi.parse), _given(_HANDLE), "doi"),
    "github": Target(_sources(lambda data: github.parse(data).values()), _replies("github_graphql.json"), "github"),
    "github_rest": Target(_sources(lambda data: [github.parse_rest(data)]), _given(_GITHUB), "github"),
    "archive": Target(_sources(lambda data: [archive.parse(data)]), _given(_COPY), "wayback"),
}
"""Each reader by its name."""
