from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import httpx
import pytest

from enrich import catalog, demo
from enrich import lists as markdown
from enrich.access import paces
from enrich.history import History
from enrich.identifiers import parse
from enrich.model import (
    EntryType,
    Found,
    Identifier,
    Missing,
    Outcome,
    Record,
    Repository,
    Status,
    Unreachable,
    Verdict,
)
from enrich.pipeline import Options, Result
from enrich.settings import load
from enrich.sources import arxiv, crossref, datacite, doi, github, landing_page, semantic_scholar
from enrich.web import Cache, Web
from tests.forking import Forks
from tests.loopback import Bench
from tests.worlds import run_one

T = TypeVar("T")

PACES = paces(contact=False)
FLEXGEN = "FlexGen: High-Throughput Generative Inference of Large Language Models with a Single GPU"


class Search(Protocol):
    """A search for titles."""

    def __call__(self, titles: Sequence[str], web: Web) -> Awaitable[Mapping[str, Outcome[tuple[Record, ...]]]]: ...


class Watched(httpx.AsyncBaseTransport):
    """The world, and a note of every host that it was asked for."""

    def __init__(self) -> None:
        self.world = demo.transport()
        self.hosts: set[str] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.hosts.add(request.url.host)
        return await self.world.handle_async_request(request)


def ask(call: Callable[[Web], Awaitable[T]], *, token: bool = False) -> T:
    async def asking() -> T:
        clock = demo.DemoClock()
        keys = {"api.github.com": {"authorization": "Bearer t"}} if token else {}
        web = Web(cache=Cache(None, clock), clock=clock, transport=demo.transport(), paces=PACES, keys=keys)
        async with web:
            return await call(web)

    return asyncio.run(asking())


def named(*texts: str) -> list[Identifier]:
    return [identifier for text in texts if (identifier := parse(text))]


def record(outcome: Outcome[Record]) -> Record:
    assert isinstance(outcome, Found)
    return outcome.value


def repository(outcome: Outcome[Repository]) -> Repository:
    assert isinstance(outcome, Found)
    return outcome.value


# ---- the services


def test_arxiv_answers_about_ids_and_leaves_out_those_that_do_not_exist() -> None:
    known, withdrawn, unknown = named("2303.06865", "2613.00001", "2613.99999")
    outcomes = ask(lambda web: arxiv.look_up([known, withdrawn, unknown], web))
    found = record(outcomes[known])
    assert (found.title, found.published, len(found.authors)) == (FLEXGEN, "2023-03-13", 14)
    assert (found.abstract or "").startswith("[stand-in] ")
    assert record(outcomes[withdrawn]).withdrawn
    assert isinstance(outcomes[unknown], Missing)


def test_arxiv_knows_the_title_of_an_earlier_version() -> None:
    (paper,) = named("2303.06865")
    outcome = ask(lambda web: arxiv.look_up([paper], web, version=1))[paper]
    assert record(outcome).title == "High-throughput Generative Inference of Large Language Models with a Single GPU"


def test_arxiv_calls_a_malformed_id_by_its_name() -> None:
    reply = ask(lambda web: web.fetch("https://export.arxiv.org/api/query?id_list=abc"))
    assert reply.status == 400
    assert b"incorrect_id_format_for_abc" in reply.body
    assert arxiv.parse(reply.body) == []


def test_titles_are_found_by_every_search() -> None:
    title = "LLM in a flash: Efficient Large Language Model Inference with Limited Memory"
    strange = "A title that nobody chose"
    searches: tuple[Search, ...] = (arxiv.search, semantic_scholar.search, semantic_scholar.match, crossref.search)
    for search in searches:
        outcomes = ask(partial(search, [title, strange]))
        found = outcomes[title]
        assert isinstance(found, Found)
        assert found.value[0].title == title
        assert isinstance(outcomes[strange], Missing)


def test_semantic_scholar_keeps_the_order_of_a_batch() -> None:
    wanted = named(
        "10.1145/3542929.3563485", "2613.99999", "2303.06865", "https://aclanthology.org/2024.naacl-long.88/"
    )
    falcon, unknown, flexgen, rest = ask(lambda web: semantic_scholar.look_up(wanted, web)).values()
    assert record(falcon).doi == "10.1145/3542929.3563485"
    assert isinstance(unknown, Missing)
    assert (record(flexgen).citation_count, record(flexgen).arxiv_id) == (635, "2303.06865")
    assert record(rest).title == "REST: Retrieval-Based Speculative Decoding"


def test_crossref_tells_a_retraction_and_what_it_does_not_know() -> None:
    wanted = named("10.5072/specimen.retracted", "10.1145/3600006.3613175", "10.9999/nothing")
    outcomes = ask(lambda web: crossref.look_up(wanted, web))
    assert record(outcomes[wanted[0]]).retracted
    assert record(outcomes[wanted[1]]).venue == "Proceedings of the 29th Symposium on Operating Systems Principles"
    assert isinstance(outcomes[wanted[2]], Missing)
    assert ask(lambda web: crossref.look_up(wanted[1:2], web))[wanted[1]] == outcomes[wanted[1]]
    (alone,) = ask(lambda web: crossref.look_up(wanted[2:], web)).values()
    assert alone == Missing("Resource not found.", 404, alone.at)


def test_datacite_knows_preprints_one_by_one_and_in_a_list() -> None:
    wanted = named("2303.06865", "2401.10774", "2613.99999")
    for some in (wanted, wanted[:1], wanted[2:]):
        for paper, outcome in ask(partial(datacite.look_up, some)).items():
            assert isinstance(outcome, Missing) == (paper == wanted[2])


def test_handles_are_registered_or_not() -> None:
    wanted = named("10.5281/zenodo.7888058", "10.1145/3600006.3613175", "2303.06865", "2613.99999", "10.9999/nothing")
    outcomes = ask(lambda web: doi.look_up(wanted, web))
    urls = [outcome.value if isinstance(outcome, Found) else None for outcome in outcomes.values()]
    assert urls == [
        "https://zenodo.org/records/7888058",
        "https://dl.acm.org/doi/10.1145/3600006.3613175",
        "https://arxiv.org/abs/2303.06865",
        None,
        None,
    ]


@pytest.mark.parametrize("token", [False, True])
def test_github_knows_renamed_archived_and_deleted_repositories(*, token: bool) -> None:
    names = ("FMInference/FlexGen", "enrich-specimens/archived-repository", "enrich-specimens/deleted-repository")
    renamed, archived, deleted = named(*(f"https://github.com/{name}" for name in names))
    outcomes = ask(lambda web: github.look_up([renamed, archived, deleted], web), token=token)
    assert repository(outcomes[renamed]).full_name == "FMInference/FlexLLMGen"
    assert repository(outcomes[archived]).archived
    assert isinstance(outcomes[deleted], Missing)


@pytest.mark.parametrize(
    "url",
    [
        "https://export.arxiv.org/nothing",
        "https://api.semanticscholar.org/graph/v1/paper/nothing",
        "https://doi.org/10.9999/nothing",
        "https://api.github.com/nothing/at/all",
        "https://api.github.com/repositories/9999",
        "https://tridao.me/nothing",
    ],
)
def test_there_is_nothing_else(url: str) -> None:
    assert ask(lambda web: web.fetch(url)).status == 404


# ---- the pages


def test_a_publishers_page_presents_its_paper() -> None:
    reply = ask(lambda web: web.fetch("https://www.usenix.org/conference/osdi22/presentation/han"))
    page = landing_page.parse(reply.body, reply.url, reply.headers["content-type"])
    assert page.record
    assert page.record.title == "Microsecond-scale Preemption for Concurrent GPU-accelerated DNN Inferences"
    assert (page.record.authors[0], page.record.published) == ("Mingcong Han", "2022-07")


def test_a_publisher_turns_machines_away() -> None:
    reply = ask(lambda web: web.fetch("https://dl.acm.org/doi/10.1145/3600006.3613175"))
    assert (reply.status, reply.headers["cf-mitigated"]) == (403, "challenge")


def test_a_host_that_is_not_in_the_world_does_not_exist() -> None:
    with pytest.raises(Unreachable) as caught:
        ask(lambda web: web.fetch("https://nowhere.specimen.example/"))
    assert caught.value.kind == "dns-missing"


# ---- the whole job


def job(folder: Path, history: History, *, only_missing: bool = False) -> tuple[Result, set[str]]:
    path = folder / "catalog.yaml"
    if not path.exists():
        merged = markdown.merge((), [markdown.read(text, name, None) for name, text in demo.lists().items()])
        catalog.create(path, catalog.new_text(merged.new))
    known = catalog.load(path)
    watched = Watched()

    async def running() -> Result:
        clock = demo.DemoClock()
        cache = Cache(folder / "cache", clock)
        options = Options(only_missing=only_missing)
        async with Web(cache=cache, clock=clock, transport=watched, paces=PACES) as web:
            return await run_one(known.entries, web, load(None, folder, {}), history, options=options)

    result = asyncio.run(running())
    after = catalog.with_enriched(known, result.blocks)
    if after != known.text:
        catalog.save(known, after)
    return result, watched.hosts


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def night(folder: Path) -> tuple[Result, set[str]]:
    return job(folder, History())


def test_every_verdict_shows(night: tuple[Result, set[str]]) -> None:
    assert {row.check.verdict for row in night[0].report.links} == set(Verdict)


def test_every_kind_of_finding_shows(night: tuple[Result, set[str]]) -> None:
    findings = {(finding.rule, finding.entry) for finding in night[0].report.findings}
    assert findings >= {
        ("broken-link", "a-repository-that-was-deleted-specimen"),
        ("broken-link", "a-missing-specimen"),
        ("broken-link", "tapfinger"),
        ("moved-link", "the-key-value-cache-explained"),
        ("renamed-repository", "flexgen"),
        ("archived-repository", "a-repository-that-was-archived-specimen"),
        ("wrong-paper", "atom"),
        ("wrong-paper", "gillis"),
        ("withdrawn", "a-withdrawn-specimen"),
        ("retracted", "a-retracted-specimen"),
        ("published-since", "specinfer"),
        ("unresolved-entry", "a-missing-specimen"),
        ("ambiguous-entry", "inference-serving-using-dynamic-modality-selection"),
        ("duplicate-entry", "kairos-2"),
        ("suspect-link", "a-talk-on-serving"),
        ("blocked-link", "quantization-in-pictures"),
        ("host-outage", None),
    }
    assert "unsafe-link" in {rule for rule, _ in findings}


def test_papers_are_found_by_all_roads(night: tuple[Result, set[str]]) -> None:
    papers = [row for row in night[0].report.entries if row.type is EntryType.PAPER]
    statuses = [row.status for row in papers]
    assert len(papers) >= 40
    # One is missing, one ambiguous, and nothing is written where a link leads to another paper.
    assert statuses.count(Status.FOUND) == len(papers) - 4
    assert {row.matched_by for row in papers} >= {"arxiv_id", "doi", "acl", "page", "title", "name"}
    assert all(block.authors and block.abstract for block in night[0].blocks.values())


def test_no_private_address_is_asked_and_nothing_stays_unasked(night: tuple[Result, set[str]]) -> None:
    result, hosts = night
    assert "192.168.1.1" not in hosts
    assert result.report.unasked == ()


def test_the_paces_of_the_services_are_kept(night: tuple[Result, set[str]]) -> None:
    report = night[0].report
    requests = report.requests["export.arxiv.org"]
    assert report.started == f"{demo.NOW:%Y-%m-%dT%H:%M:%SZ}"
    assert report.finished >= f"{demo.NOW:%Y-%m-%dT%H:%M:}{3 * (requests - 1):02}Z"


def test_a_second_night_asks_no_service_and_changes_nothing(folder: Path, night: tuple[Result, set[str]]) -> None:
    before = (folder / "catalog.yaml").read_bytes()
    _, hosts = job(folder, night[0].history, only_missing=True)
    assert (folder / "catalog.yaml").read_bytes() == before
    assert not hosts & set(PACES)


# ---- the command

# What a program does before it reaches anybody; https://docs.python.org/3/library/audit_events.html
_NO_NETWORK = """
import sys
def guard(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        raise RuntimeError(f"the demonstration reached for the network: {event}")
sys.addaudithook(guard)
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    for name in ("here", "temporary"):
        (tmp_path / name).mkdir()
    return Bench.at(tmp_path / "here", TMPDIR=str(tmp_path / "temporary"))


def test_the_command_shows_the_whole_job_and_leaves_the_working_directory_alone(bench: Bench, forking: Forks) -> None:
    done = forking.start(bench, "demo").ended()
    assert (done.code, done.err) == (0, "")
    for words in ("4 broken links", "2 wrong papers", "1 withdrawn paper", "1 host outage", "1 duplicate entry"):
        assert words in done.out
    prose = " ".join(done.out.split())
    for words in (
        "GitHub repository not found (404)",
        "No such paper: arXiv, Semantic Scholar and doi.org do not know 2613.99999",
        "domain not found: scheduler.vanished.example",
        "catalog.yaml: 24 findings (first run): ",
    ):
        assert words in prose
    assert "NEW" not in done.out
    assert list(bench.folder.iterdir()) == []


def test_the_command_opens_no_connection_and_asks_for_no_name(bench: Bench, forking: Forks) -> None:
    done = forking.start(bench, "demo", "--no-progress", before=_NO_NETWORK).ended()
    assert done.code == 0, done.err
    assert "4 broken links" in done.out
