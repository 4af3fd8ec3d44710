"""The phases of a run: frozen values between them, one public function each, several catalogs at once."""

from __future__ import annotations

import ast
import asyncio
import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import httpx
import pytest
from pydantic import TypeAdapter

from enrich import catalog, demo, pipeline
from enrich.access import paces
from enrich.model import Entry, EntryType, Link, LinkCheck, LinkKind, Verdict
from enrich.pipeline import CatalogInput, Options, Result, run, values
from enrich.pipeline.look import look
from enrich.pipeline.pages import Looked, LookSettings, ToLook
from enrich.pipeline.verdicts import VERDICT_STEPS, Observations, take_steps
from enrich.settings import Loaded, Settings
from enrich.web import Cache, Web
from tests.fakes import FakeClock
from tests.replies import Service
from tests.worlds import Fault, Upstream, down, listed, out_of_order

ROOM = Path(pipeline.__file__).parent
PHASES = {
    "conductor": "run",
    "plan": "plan",
    "ask/__init__": "ask",
    "ask/first": "ask_first",
    "ask/again": "ask_again",
    "ask/decide": "decide",
    "resolve/__init__": "resolve",
    "resolve/ahead": "search_ahead",
    "resolve/early": "search_early",
    "look/__init__": "look",
    "look/outage": "explain_outage",
    "look_again": "look_again",
    "copies": "find_copies",
    "settle": "settle_links",
    "conclude": "conclude",
}
TIMES = ("at", "asked_at", "started", "finished", "slowest_hosts")
LOADED = Loaded(settings=Settings(), origins={})


@pytest.mark.parametrize("module", PHASES)
def test_a_phase_has_one_public_function(module: str) -> None:
    tree = ast.parse((ROOM / f"{module}.py").read_text(encoding="utf-8"))
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [name for name in functions if not name.startswith("_")] == [PHASES[module]]
    assert [node.name for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")] == []


def test_what_phases_hand_on_is_frozen() -> None:
    nouns = [noun for _, noun in inspect.getmembers(values, inspect.isclass) if noun.__module__ == values.__name__]
    dataclass_nouns = [noun for noun in nouns if dataclasses.is_dataclass(noun)]
    assert len(dataclass_nouns) > 10
    for noun in dataclass_nouns:
        assert "__setattr__" in vars(noun), f"{noun} is not frozen"
    assert all(issubclass(noun, tuple) for noun in nouns if noun not in dataclass_nouns)


def test_the_conductor_is_the_list_of_its_phases() -> None:
    lines = (ROOM / "conductor.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 150


def test_steps_leave_what_they_are_given() -> None:
    checks = {"https://a.example/": LinkCheck("https://a.example/", Verdict.OK)}
    before = dict(checks)
    for when in VERDICT_STEPS:
        assert take_steps(checks, Observations(copies={"https://a.example/": "https://copy.example/"}), when)
    assert checks == before


# ---- several catalogs


def inputs() -> list[CatalogInput]:
    """Three catalogs that share entries, one of them with few titles and with keys of its own."""
    entries = catalog.parse(listed(), "catalog.yaml").entries
    half = len(entries) // 2
    titled = [entry for entry in entries if entry.title and not any("arxiv" in link.url for link in entry.links)][:2]
    others = [dataclasses.replace(entry, key=f"my-{entry.key}") for entry in (*titled, *entries[:3])]
    return [
        CatalogInput("a.yaml", entries[: half + 4]),
        CatalogInput("b.yaml", entries[half - 4 :]),
        CatalogInput("c.yaml", others),
    ]


def night(
    given: Sequence[CatalogInput], faults: Mapping[str, Fault] | None = None, options: Options | None = None
) -> tuple[tuple[Result, ...], int]:
    """One run over catalogs, and how many requests it sent."""
    upstream = Upstream(faults)

    async def main() -> tuple[Result, ...]:
        clock = FakeClock(demo.NOW)
        async with Web(cache=Cache(None, clock), clock=clock, transport=upstream, paces=paces(contact=False)) as web:
            return await run(given, web, LOADED, options=options or Options())

    return asyncio.run(main()), len(upstream.asked)


def timeless(value: object) -> object:
    """A value without the times of answers and the requests of the whole run."""
    if isinstance(value, dict):
        return {name: timeless(item) for name, item in value.items() if name not in (*TIMES, "requests")}
    return [timeless(item) for item in value] if isinstance(value, list | tuple) else value


def plain(result: Result) -> object:
    report = dataclasses.replace(result.report, links=tuple(result.report.links))
    return timeless(TypeAdapter(Result).dump_python(dataclasses.replace(result, report=report), mode="json"))


@pytest.mark.parametrize(
    "faults",
    [{}, {"api.crossref.org": down}, {"export.arxiv.org": out_of_order, "api.semanticscholar.org": out_of_order}],
    ids=["calm", "crossref down", "arxiv and semantic scholar out of order"],
)
def test_catalogs_in_one_run_come_out_as_each_for_itself(faults: Mapping[str, Fault]) -> None:
    together, requests = night(inputs(), faults)
    alone = [night([each], faults) for each in inputs()]
    for one, [[other], _] in zip(together, alone, strict=True):
        assert plain(one) == plain(other)
    assert requests < sum(number for _, number in alone)


def test_a_second_night_of_catalogs_goes_on_from_each_ones_history() -> None:
    given = inputs()
    first, _ = night(given)
    again = [dataclasses.replace(each, history=result.history) for each, result in zip(given, first, strict=True)]
    second, _ = night(again)
    for result in second:
        assert {finding.state for finding in result.report.findings} <= {"still"}
        assert not result.report.first_run


def test_keys_and_limit_hold_for_each_catalog() -> None:
    first, second, third = inputs()
    chosen = dataclasses.replace(second, keys=frozenset({second.entries[5].key}))
    results, _ = night([first, chosen, third], options=Options(limit=2, links=False))
    rows = [[row.key for row in result.report.entries] for result in results]
    assert rows == [
        [entry.key for entry in first.entries[:2]],
        [second.entries[5].key],
        [entry.key for entry in third.entries[:2]],
    ]


def test_a_paper_in_two_catalogs_is_no_duplicate_and_its_page_is_asked_once() -> None:
    link = Link("https://a.example/paper", LinkKind.PAPER)
    service = Service(lambda _: httpx.Response(200, html="<title>A Page of a Paper</title>"))
    given = [CatalogInput(name, [Entry("one", links=(link,))]) for name in ("a.yaml", "b.yaml")]
    results = service.ask(FakeClock(), lambda web: run(given, web, LOADED, options=Options(metadata=False)))
    assert [str(request.url) for request in service.requests] == [link.url]
    assert [[row.check.verdict for row in result.report.links] for result in results] == [[Verdict.OK]] * 2
    assert [finding for result in results for finding in result.report.findings] == []


def test_pages_are_looked_at_again_while_titles_are_searched() -> None:
    titles = [f"Waves of Kind {n} on the Beaches of Small Lakes" for n in range(60)]
    page = Entry("page", EntryType.OTHER, links=(Link("https://a.example/gone"),))
    at: dict[str, list[float]] = {}
    clock = FakeClock()

    def nothing(request: httpx.Request) -> httpx.Response:
        at.setdefault(request.url.host, []).append(clock.monotonic())
        if request.url.path.endswith("/search/bulk"):
            return httpx.Response(200, json={"total": 0, "token": None, "data": []})
        return httpx.Response(404, json={"error": "Title match not found"})

    async def main() -> tuple[Result, ...]:
        transport = httpx.MockTransport(nothing)
        async with Web(cache=Cache(None, clock), clock=clock, transport=transport, paces=paces(contact=True)) as web:
            given = CatalogInput(None, [page, *(Entry(f"e{n}", title=title) for n, title in enumerate(titles))])
            return await run([given], web, LOADED, options=Options(copies=False))

    [result] = asyncio.run(main())
    assert [row.check.verdict for row in result.report.links] == [Verdict.BROKEN]
    first, second = at["a.example"]
    assert first + 30 <= second < at["api.semanticscholar.org"][-1]


# ---- pages on their own


def pages(request: httpx.Request) -> httpx.Response:
    match request.url.path:
        case "/gone":
            return httpx.Response(404)
        case "/away":
            return httpx.Response(302, headers={"location": "https://elsewhere.example/page"})
        case "/dead":
            raise httpx.ConnectError("no connection", request=request)
    return httpx.Response(200, html="<title>A Page</title><p>words")


def writable(looked: Looked) -> Looked:
    """What the pages said, with its checks in a mapping that can be written."""
    return dataclasses.replace(looked, checks=dict(looked.checks))


def test_pages_are_looked_at_in_parts_and_what_comes_back_is_plain() -> None:
    urls = [f"https://{host}.example/{path}" for host in "ab" for path in ("good", "gone", "away", "dead")]
    form = TypeAdapter(Looked)

    def part(of: Sequence[ToLook]) -> Looked:
        service = Service(pages)
        looked = service.ask(FakeClock(), lambda web: look(of, web, LookSettings()))
        assert form.validate_json(form.dump_json(writable(looked))) == looked
        return looked

    a, b = (part([ToLook(url) for url in urls if f"//{host}." in url]) for host in "ab")
    whole = part([ToLook(url) for url in urls])
    assert a | b == whole
    assert {url: check.verdict for url, check in whole.checks.items()} == {
        url: Verdict.OK for url in urls if url.endswith(("good", "away"))
    }
    assert set(whole.doubtful) == {url for url in urls if url.endswith(("gone", "dead"))}
    again = part(whole.again({}))
    assert {url: check.verdict for url, check in again.checks.items()} == {
        url: Verdict.BROKEN if url.endswith("gone") else Verdict.SUSPECT for url in whole.doubtful
    }
    assert set((whole | again).checks) == set(urls)


def test_a_redirect_to_a_host_of_another_worker_is_handed_over_with_what_was_asked() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url} {request.headers.get('cookie')}")
        match request.method, request.url.path:
            case "HEAD", "/end.pdf":
                return httpx.Response(405)
            case _, "/start.pdf":
                headers = {"location": "https://b.example/wall", "set-cookie": "seen=yes; Domain=a.example"}
            case _, "/wall":
                headers = {"location": "https://www.a.example/end.pdf", "set-cookie": "b=2"}
            case _:
                return httpx.Response(404)
        return httpx.Response(302, headers=headers)

    def looked(link: ToLook, owns: Callable[[str], bool] | None) -> Looked:
        return Service(answer).ask(FakeClock(), lambda web: look([link], web, LookSettings(), owns=owns))

    whole = looked(ToLook("https://a.example/start.pdf"), None)
    together, asked[:] = list(asked), ()
    form, link = TypeAdapter(Looked), ToLook("https://a.example/start.pdf")
    workers = [partial(_is_below, f"{name}.example") for name in "abaab"]
    for owns in workers:
        through = form.validate_json(form.dump_json(writable(looked(link, owns))))
        if through.doubtful:
            break
        [link] = through.handed_over
    assert through.doubtful == whole.doubtful
    assert asked == together


def _is_below(domain: str, host: str) -> bool:
    return host.endswith(domain)
