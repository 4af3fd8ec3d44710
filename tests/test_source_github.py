from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.model import Found, Identifier, Missing, Repository, Scheme, Unknown
from enrich.sources import github
from enrich.sources.asking.replies import UnreadableError
from enrich.web import Web
from tests.fakes import FakeClock
from tests.replies import Service, reply

if TYPE_CHECKING:
    from enrich.model import Outcome

GRAPHQL = reply("github_graphql.json")
TOKEN = {"api.github.com": {"authorization": "Bearer made-up"}}


def look_up(service: Service, *names: str, keyed: bool = True) -> list[Outcome[Repository]]:
    async def call(web: Web) -> list[Outcome[Repository]]:
        return list((await github.look_up([Identifier(Scheme.GITHUB, name) for name in names], web)).values())

    return service.ask(FakeClock(), call, keys=TOKEN if keyed else None)


def test_a_query_of_many_repositories_tells_the_missing_from_the_forbidden() -> None:
    service = Service(lambda _: httpx.Response(200, content=GRAPHQL))
    found, missing, forbidden = look_up(service, "fminference/flexgen", "ada/gone", "ada/locked")
    assert isinstance(found, Found)
    assert found.value == Repository(
        "FMInference/FlexLLMGen",
        archived=True,
        pushed_at="2024-10-28T03:29:51Z",
        description="Runs big [31mmodels",
    )
    assert isinstance(missing, Missing)
    assert isinstance(forbidden, Unknown)
    sent = json.loads(service.requests[0].content)
    assert sent["variables"]["o0"] == "fminference"
    assert "fminference" not in sent["query"]


def test_50_repositories_cost_one_request() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        variables = json.loads(request.content)["variables"]
        count = len(variables) // 2
        data = {f"r{n}": {"nameWithOwner": f"{variables[f'o{n}']}/{variables[f'n{n}']}"} for n in range(count)}
        return httpx.Response(200, json={"data": data})

    service = Service(answer)
    assert all(isinstance(outcome, Found) for outcome in look_up(service, *(f"ada/r{n}" for n in range(101))))
    assert len(service.requests) == 3


LIMIT = {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query exceeded."}


def limited(most: int, how: str, poison: str = "") -> tuple[Service, list[int]]:
    """Return a GitHub that answers for `most` repositories at once and never for `poison`, and the sizes asked."""
    sizes: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        variables = json.loads(request.content)["variables"]
        names = [f"{variables[f'o{n}']}/{variables[f'n{n}']}" for n in range(len(variables) // 2)]
        sizes.append(len(names))
        good = {f"r{n}": {"nameWithOwner": name} for n, name in enumerate(names) if n < most and name != poison}
        bad = [f"r{n}" for n in range(len(names)) if f"r{n}" not in good]
        if not bad or how == "null":
            return httpx.Response(200, json={"data": {**good, **dict.fromkeys(bad)}})
        if how == "partial":
            errors = [{**LIMIT, "path": [alias]} for alias in bad]
            return httpx.Response(200, json={"data": {**good, **dict.fromkeys(bad)}, "errors": errors})
        if how == "no data":
            return httpx.Response(200, json={"data": None, "errors": [{**LIMIT, "path": ["r7"]}]})
        if how == "timeout":
            return httpx.Response(200, json={"data": None, "errors": [{"message": "Something went wrong. A timeout?"}]})
        return httpx.Response(int(how), json={"data": None, "errors": [{"message": "Bad gateway"}]})

    return Service(answer), sizes


@pytest.mark.parametrize("how", ["502", "504", "413", "no data", "timeout", "partial", "null"])
@pytest.mark.parametrize("most", [1, 3, 14, 49])
def test_a_query_that_is_too_large_is_divided(how: str, most: int) -> None:
    service, sizes = limited(most, how)
    outcomes = look_up(service, *(f"ada/r{n}" for n in range(100)))
    assert all(isinstance(outcome, Found) for outcome in outcomes)
    assert sizes[0] == 50
    if most > 1:
        assert len(sizes) <= 2 * 100 / most + 8
    if how != "null":
        assert max(sizes[len(sizes) // 2 :]) <= max(2 * most, 2)  # what was learned holds for the next query


@pytest.mark.parametrize("how", ["502", "no data", "partial", "null"])
def test_one_repository_that_github_cannot_answer_for_spoils_no_other(how: str) -> None:
    service, sizes = limited(50, how, poison="ada/r33")
    outcomes = look_up(service, *(f"ada/r{n}" for n in range(100)))
    unknown = [number for number, outcome in enumerate(outcomes) if isinstance(outcome, Unknown)]
    assert unknown == [33]
    assert len(sizes) <= 22


@pytest.mark.parametrize(("how", "reason"), [("502", "HTTP 502"), ("no data", "RESOURCE_LIMITS_EXCEEDED")])
def test_a_github_that_answers_for_nothing_is_left_with_its_reason(how: str, reason: str) -> None:
    service, sizes = limited(0, how)
    outcomes = look_up(service, *(f"ada/r{n}" for n in range(300)))
    assert all(isinstance(outcome, Unknown) and reason in outcome.why for outcome in outcomes)
    assert len(sizes) <= 13


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json={"data": None, "errors": [{"type": "RATE_LIMITED", "message": "spent"}]}),
        httpx.Response(200, json={"data": {"r0": None}}),
        httpx.Response(200, json={"errors": [{"message": "timeout"}]}),
        httpx.Response(200, json=[]),
        httpx.Response(502, text="Bad Gateway"),
        httpx.Response(403, json={"message": "You have exceeded a secondary rate limit."}),
    ],
)
def test_an_answer_of_no_use_proves_nothing(answer: httpx.Response) -> None:
    def again(_: httpx.Request) -> httpx.Response:
        return httpx.Response(answer.status_code, content=answer.content)

    (outcome,) = look_up(Service(again), "ada/gone")
    assert isinstance(outcome, Unknown)


def test_a_refused_token_is_said_once() -> None:
    service = Service(lambda _: httpx.Response(401, json={"message": "Bad credentials"}))
    outcomes = look_up(service, *(f"ada/r{n}" for n in range(250)))
    assert all(isinstance(outcome, Unknown) and "check GITHUB_TOKEN" in outcome.why for outcome in outcomes)
    assert len(service.requests) == 1


def test_without_a_token_repositories_are_asked_one_by_one() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/repos/ada/old":
            return httpx.Response(301, headers={"location": "https://api.github.com/repositories/7"}, json={})
        if path == "/repositories/7":
            return httpx.Response(200, json={"full_name": "Ada/New", "archived": True, "pushed_at": "soon"})
        if path == "/repos/ada/blocked":
            return httpx.Response(451, json={"message": "Repository access blocked"})
        return httpx.Response(404, json={"message": "Not Found"})

    renamed, missing, blocked = look_up(Service(answer), "ada/old", "ada/gone", "ada/blocked", keyed=False)
    assert isinstance(renamed, Found)
    assert renamed.value == Repository("Ada/New", archived=True)
    assert missing == Missing("not found", status=404, at=renamed.at)
    assert isinstance(blocked, Unknown)


def test_the_anonymous_limit_is_kept() -> None:
    left = iter(range(2, -9, -1))

    def answer(request: httpx.Request) -> httpx.Response:
        name = request.url.path.removeprefix("/repos/")
        return httpx.Response(200, headers={"x-ratelimit-remaining": str(next(left))}, json={"full_name": name})

    service = Service(answer)
    outcomes = look_up(service, *(f"ada/r{n}" for n in range(9)), keyed=False)
    assert [type(outcome) for outcome in outcomes] == [Found] * 3 + [Unknown] * 6
    assert len(service.requests) == 3
    assert isinstance(outcomes[-1], Unknown)
    assert "60 requests an hour" in outcomes[-1].why


def test_a_spent_limit_is_not_asked_again() -> None:
    service = Service(lambda _: httpx.Response(403, json={"message": "API rate limit exceeded for 203.0.113.7."}))
    assert all(isinstance(outcome, Unknown) for outcome in look_up(service, "ada/a", "ada/b", "ada/c", keyed=False))
    assert len(service.requests) == 1


def parts_of(service: Service, parts: dict[str, list[str]], *, keyed: bool = True) -> list[Outcome[Repository]]:
    names = {Identifier(Scheme.GITHUB, name): inside for name, inside in parts.items()}

    async def call(web: Web) -> list[Outcome[Repository]]:
        return list((await github.look_up(list(names), web, parts=names)).values())

    return service.ask(FakeClock(), call, keys=TOKEN if keyed else None)


def test_files_issues_and_releases_are_asked_for_with_their_repository() -> None:
    there = {"main:docs/a b.md", "feature/new:x.py", "refs/tags/v1.0", 7, "HEAD:gone"}

    def answer(request: httpx.Request) -> httpx.Response:
        sent = json.loads(request.content)
        known = {n: {"__typename": "Blob"} if v in there else None for n, v in sent["variables"].items() if n[0] == "p"}
        return httpx.Response(200, json={"data": {"r0": {"nameWithOwner": "Ada/A", **known}}})

    service = Service(answer)
    good = ["blob/main/docs/a b.md", "tree/feature/new/x.py", "releases/tag/v1.0", "issues/7", "pull/7/files"]
    bad = ["tree/main/gone", "issues/8", "blob/main^{}/x", "wiki/Home", "releases/download/v1/x.zip", "issues/new"]
    (found,) = parts_of(service, {"ada/a": [*good, *bad]})
    assert isinstance(found, Found)
    assert found.value.parts == tuple(sorted(good))
    assert len(service.requests) == 1


def test_a_server_that_knows_no_such_fields_is_asked_without_them() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if "object" in json.loads(request.content)["query"]:
            return httpx.Response(200, json={"errors": [{"message": "no field", "path": ["query", "r0", "object"]}]})
        return httpx.Response(200, json={"data": {"r0": {"nameWithOwner": "Ada/A"}}})

    service = Service(answer)
    (found,) = parts_of(service, {"ada/a": ["tree/main/docs"]})
    assert isinstance(found, Found)
    assert found.value == Repository("Ada/A")
    assert len(service.requests) == 2


def test_without_a_token_files_are_asked_for_when_all_repositories_were() -> None:
    there = {
        "/repos/Ada/New/contents/docs/a%20b.md?ref=main",
        "/repos/Ada/New/contents/?ref=slow",
        "/repos/Ada/New/contents/x.py?ref=refs%2Fheads%2Fmain",
        "/repos/Ada/New/issues/7",
        "/repos/Ada/New/commits/f4e26c1",
        "/repos/Ada/New/releases/tags/v1.0",
    }
    statuses = {"/repos/Ada/New/issues/8": 410, "/repos/Ada/New/contents/huge.bin?ref=main": 403}

    def answer(request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode()
        if request.method == "HEAD":
            return httpx.Response(200 if target in there else statuses.get(target, 404))
        return httpx.Response(200, json={"full_name": "Ada/New" if target.endswith("ada/a") else "Ada/B"})

    good = [
        "blob/main/docs/a b.md",
        "tree/slow",
        "raw/refs/heads/main/x.py",
        "issues/7",
        "commit/f4e26c1",
        "releases/tag/v1.0",
    ]
    bad = ["tree/main/gone", "issues/8", "blob/main/huge.bin", "wiki", "discussions/3"]
    service = Service(answer)
    found, other = parts_of(service, {"ada/a": [*good, *bad], "ada/b": [""]}, keyed=False)
    assert isinstance(found, Found)
    assert isinstance(other, Found)
    assert found.value == Repository("Ada/New", parts=tuple(sorted(good)))
    assert other.value == Repository("Ada/B")
    assert [request.method for request in service.requests] == ["GET"] * 2 + ["HEAD"] * (len(good) + 3)


@pytest.mark.parametrize("last", [{"x-ratelimit-remaining": "0"}, {"retry-after": "600"}])
def test_without_a_token_no_file_is_asked_for_beyond_the_limit(last: dict[str, str]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "HEAD":
            return httpx.Response(403 if "retry-after" in last else 200, headers=last)
        return httpx.Response(200, headers={"x-ratelimit-remaining": "9"}, json={"full_name": "Ada/A"})

    service = Service(answer)
    (found,) = parts_of(service, {"ada/a": ["tree/main/a", "tree/main/b"]}, keyed=False)
    assert isinstance(found, Found)
    assert found.value.parts == (() if "retry-after" in last else ("tree/main/a",))
    assert [request.method for request in service.requests] == ["GET", "HEAD"]


def test_the_last_request_of_the_limit_goes_to_a_repository() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        name = request.url.path.removeprefix("/repos/")
        return httpx.Response(200, headers={"x-ratelimit-remaining": "0"}, json={"full_name": name})

    service = Service(answer)
    (found,) = parts_of(service, {"ada/a": ["tree/main/a"]}, keyed=False)
    assert isinstance(found, Found)
    assert len(service.requests) == 1


@given(st.integers(0, len(GRAPHQL) - 1), st.binary(max_size=10), st.integers(0, 60))
def test_damaged_replies_are_read_or_refused(place: int, patch: bytes, cut: int) -> None:
    body = GRAPHQL[:place] + patch + GRAPHQL[place + cut :]
    for parse in (github.parse, github.parse_rest):
        try:
            parse(body)
        except UnreadableError:
            continue
