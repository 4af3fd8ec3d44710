"""The one GitHub issue, against a GitHub of our own in memory."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.model import Evidence, Finding, Place, Report, Severity, State
from enrich.report import markdown
from enrich.tracker import (
    CANARIES,
    CATALOG,
    LABEL,
    LONGEST_BODY,
    Done,
    Kept,
    Night,
    TrackerError,
    body,
    fingerprint,
    upsert,
)
from enrich.web import Web
from tests.fakes import FakeClock
from tests.replies import Service

REPOSITORY = "ada/papers"
ISSUES = f"/repos/{REPOSITORY}/issues"
DEAD = Finding("broken-link", Severity.ERROR, "web: 404 Not Found", entry="engine", url="https://a.example.org/engine")
MOVED = Finding("moved-link", Severity.WARNING, "moved", entry="loom", url="http://b.example.org/", suggestion="https:")


def night(*standing: Finding, complete: bool = True, catalog: str = "catalog.yaml") -> Night:
    shown = Report(catalog, "2026-11-21T03:17:00Z", "2026-11-21T03:18:00Z", findings=standing)
    return Night(
        catalog,
        standing,
        lambda limit: markdown.render(shown, limit=limit),
        "https://github.com/ada/papers/actions/runs/7",
        complete,
    )


class GitHub:
    """Issues, labels and comments of one repository; `before` may answer in its place, `after` may lose its reply."""

    def __init__(self) -> None:
        self.issues: list[dict[str, object]] = []
        self.labels = {"bug"}
        self.comments: list[str] = []
        self.keeps_labels = True
        self.page = 100
        self.user: str | None = "ada"
        self.viewer: str | None = "github-actions[bot]"
        self.before: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
        self.after: Callable[[httpx.Request, httpx.Response], httpx.Response] = lambda _, reply: reply
        self.service = Service(self.answer)
        self.clock = FakeClock()
        self.written_at: list[float] = []

    def upsert(self, *nights: Night, repository: str = REPOSITORY) -> list[Kept]:
        """What becomes of nights that run side by side."""

        async def call(web: Web) -> list[Kept]:
            return await asyncio.gather(*(upsert(each, web, repository) for each in nights))

        return self.service.ask(self.clock, call)

    def done(self, *nights: Night) -> Done:
        (kept,) = {kept.done for kept in self.upsert(*nights)}
        return kept

    @property
    def writes(self) -> list[str]:
        return [f"{asked.method} {asked.url.path}" for asked in self.service.requests if asked.method != "GET"]

    def open(self) -> list[object]:
        return [issue["number"] for issue in self.issues if issue["state"] == "open"]

    def add(self, text: str, **more: object) -> dict[str, object]:
        issue = {
            "number": len(self.issues) + 1,
            "html_url": f"https://github.com/{REPOSITORY}/issues/{len(self.issues) + 1}",
            "title": "of a person",
            "body": text,
            "state": "open",
            "state_reason": None,
            "user": {"login": self.user or self.viewer or "github-actions[bot]"},
            "labels": [],
            **more,
        }
        self.issues.append(issue)
        return issue

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.method != "GET":
            self.written_at.append(self.clock.monotonic())
        return self.after(request, self.before(request) or self._answered(request))

    def _answered(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        sent = json.loads(request.content) if request.content else {}
        if path == "/user":
            refused = httpx.Response(403, json={"message": "Resource not accessible by integration"})
            return httpx.Response(200, json={"login": self.user}) if self.user else refused
        if path == "/graphql" and self.viewer:
            return httpx.Response(200, json={"data": {"viewer": {"login": self.viewer}}})
        if path == ISSUES and request.method == "GET":
            return self._listing(request)
        if path == ISSUES:
            named = [{"name": name} for name in sent.pop("labels") if self.keeps_labels]
            return httpx.Response(201, json=self.add(sent.pop("body"), labels=named, **sent))
        if match := re.fullmatch(rf"{ISSUES}/(\d+)(/comments)?", path):
            if match[2]:
                self.comments.append(sent["body"])
                return httpx.Response(201, json={})
            self.issues[int(match[1]) - 1].update(sent)
            return httpx.Response(200, json=self.issues[int(match[1]) - 1])
        if path == f"/repos/{REPOSITORY}/labels/{LABEL}":
            return httpx.Response(200 if LABEL in self.labels else 404, json={"message": "Not Found"})
        if path == f"/repos/{REPOSITORY}/labels":
            self.labels.add(sent["name"])
            return httpx.Response(201, json=sent)
        return httpx.Response(404, json={"message": "Not Found"})

    def _listing(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        label = asked.get("labels")
        rows = [
            issue
            for issue in reversed(self.issues)
            if asked.get("state") == "all"
            and (not label or {"name": label} in list(issue["labels"] if isinstance(issue["labels"], list) else []))
        ]
        start = int(asked.get("page", "1")) - 1
        more = str(request.url.copy_set_param("page", str(start + 2)))
        head = {"link": f'<{more}>; rel="next", <{more}>; rel="last"'} if len(rows) > (start + 1) * self.page else {}
        return httpx.Response(200, json=rows[start * self.page : (start + 1) * self.page], headers=head)


def test_the_life_of_the_issue() -> None:
    hub = GitHub()
    assert hub.done(night(DEAD)) is Done.CREATED
    assert hub.writes == [f"POST /repos/{REPOSITORY}/labels", f"POST {ISSUES}"]
    assert (hub.issues[0]["labels"], LABEL in hub.labels) == ([{"name": LABEL}], True)
    for change, done, writes in (
        ([DEAD], Done.UNCHANGED, 0),
        ([DEAD, MOVED], Done.UPDATED, 1),
        ([], Done.CLOSED, 2),
        ([], Done.UNCHANGED, 0),
        ([MOVED], Done.REOPENED, 1),
    ):
        before = len(hub.writes)
        assert hub.done(night(*change)) is done
        assert len(hub.writes) - before == writes
    assert len(hub.issues) == 1
    assert hub.open() == [1]
    assert "reopened if there are new ones" in hub.comments[0]
    assert "moved-link" in str(hub.issues[0]["body"])


def test_nothing_found_needs_no_issue() -> None:
    hub = GitHub()
    assert hub.upsert(night()) == [Kept(Done.NOT_NEEDED)]
    assert not hub.writes


def test_dates_evidence_states_and_archived_copies_are_no_change_but_where_a_move_leads_is() -> None:
    later = replace(DEAD, state=State.STILL, message="web: 410", evidence=(Evidence("web", "2026-11-22", "410"),))
    later = replace(later, suggestion="https://archive.example.org/2023/https://a.example.org/engine")
    assert fingerprint([DEAD, MOVED]) == fingerprint(
        [MOVED, replace(later, first_seen="2026-11-01", place=Place("c", 9))]
    )
    assert fingerprint([MOVED]) != fingerprint([replace(MOVED, suggestion="https://c.example.org/")])


def test_one_closed_as_not_planned_rests_until_the_findings_change() -> None:
    hub = GitHub()
    hub.upsert(night(DEAD))
    hub.issues[0].update(state="closed", state_reason="not_planned")
    assert hub.done(night(DEAD)) is Done.UNCHANGED
    assert hub.done(night(DEAD, MOVED)) is Done.REOPENED
    hub.issues[0].update(state="closed", state_reason="completed")
    assert hub.done(night(DEAD, MOVED)) is Done.REOPENED


def test_a_run_that_saw_a_part_closes_nothing() -> None:
    hub = GitHub()
    hub.upsert(night(DEAD))
    assert hub.done(night(complete=False)) is Done.UNCHANGED
    assert hub.open() == [1]


def test_a_title_given_by_a_person_stays() -> None:
    hub = GitHub()
    hub.upsert(night(DEAD))
    hub.issues[0]["title"] = "Our dead links"
    hub.upsert(night(MOVED))
    assert hub.issues[0]["title"] == "Our dead links"


def test_each_catalog_has_its_issue() -> None:
    hub = GitHub()
    hub.upsert(night(DEAD))
    hub.upsert(night(DEAD, catalog="more papers--2.yaml"))
    assert hub.open() == [1, 2]
    assert hub.done(night(DEAD, catalog="more papers--2.yaml")) is Done.UNCHANGED
    first_line = str(hub.issues[1]["body"]).partition("\n")[0]
    assert "--" not in first_line.removeprefix("<!--").removesuffix("-->")


def test_runs_at_the_same_time_leave_one_issue() -> None:
    hub = GitHub()
    assert {kept.url for kept in hub.upsert(*[night(DEAD)] * 3)} == {f"https://github.com/{REPOSITORY}/issues/1"}
    assert hub.open() == [1]
    assert hub.comments == ["Duplicate of #1: two runs created an issue at the same time."] * 2
    assert hub.done(night(DEAD)) is Done.UNCHANGED


def test_duplicates_left_by_a_run_that_was_killed_are_closed_by_the_next() -> None:
    hub = GitHub()
    for _ in range(2):
        hub.add(body(night(DEAD)), labels=[{"name": LABEL}])
    assert hub.done(night(DEAD)) is Done.UNCHANGED
    assert hub.open() == [1]
    assert hub.comments == ["Duplicate of #1: two runs created an issue at the same time."]
    assert hub.issues[1]["body"] == body(night(DEAD))
    assert hub.done(night(DEAD, MOVED)) is Done.UPDATED
    assert hub.open() == [1]


@pytest.mark.parametrize("happened", [True, False])
def test_a_creation_whose_answer_is_lost_makes_no_second_issue(happened: bool) -> None:
    hub = GitHub()
    lost: list[httpx.Request] = []

    def lose(request: httpx.Request) -> httpx.Response | None:
        if f"{request.method} {request.url.path}" != f"POST {ISSUES}" or lost:
            return None
        lost.append(request)
        if happened:
            hub.answer(request)
        if not happened:
            raise httpx.ReadError("connection lost")
        return httpx.Response(502, text="<h1>Bad Gateway</h1>")

    hub.before = lose
    assert hub.upsert(night(DEAD)) == [Kept(Done.CREATED, f"https://github.com/{REPOSITORY}/issues/1")]
    assert len(hub.issues) == 1


def test_where_github_creates_nothing_that_is_said() -> None:
    hub = GitHub()
    hub.before = lambda asked: httpx.Response(503, json={}) if asked.method == "POST" else None
    with pytest.raises(TrackerError, match="did not create an issue in ada/papers; the next run"):
        hub.upsert(night(DEAD))


def test_an_app_whose_name_only_its_issues_tell_keeps_one_issue() -> None:
    hub = GitHub()
    hub.user, hub.viewer = None, "my-app[bot]"
    hub.before = lambda asked: httpx.Response(404, json={}) if asked.url.path == "/graphql" else None
    for standing in ([DEAD], [DEAD], [DEAD, MOVED]):
        hub.upsert(night(*standing))
        assert hub.open() == [1]
    assert hub.issues[0]["body"] == body(night(DEAD, MOVED))


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    ("text", "user"),
    [
        (body(night(DEAD)), "mallory"),
        (body(night(DEAD)), "another-app[bot]"),
        (f"I see the same:\n\n> {body(night(DEAD))}", "ada"),
        (f"\n{body(night(DEAD))}", "ada"),
        (body(night(DEAD, catalog="other.yaml")), "ada"),
    ],
)
def test_no_issue_but_its_own_is_touched(text: str, user: str, first: bool) -> None:
    hub = GitHub()
    if not first:
        hub.upsert(night(DEAD))
    other = hub.add(text, user={"login": user}, labels=[{"name": LABEL}])
    before = dict(other)
    for standing in ([DEAD], [DEAD, MOVED], [], [MOVED]):
        hub.upsert(night(*standing))
    assert other == before
    assert hub.open() == [1, 2]


@pytest.mark.parametrize(
    ("user", "viewer"), [("ada", None), (None, "github-actions[bot]"), (None, "my-app[bot]"), (None, None)]
)
def test_without_its_label_the_issue_is_known_by_its_author(user: str | None, viewer: str | None) -> None:
    hub = GitHub()
    hub.user, hub.viewer, hub.keeps_labels = user, viewer, False
    hub.add(body(night(DEAD)), user={"login": "mallory"})
    assert hub.done(night(DEAD)) is Done.CREATED
    assert hub.done(night(DEAD)) is Done.UNCHANGED
    assert hub.open() == [1, 2]


def test_the_issue_is_found_on_any_page_and_is_no_pull_request() -> None:
    hub = GitHub()
    hub.upsert(night(DEAD))
    hub.page = 3
    for number in range(7):
        text = body(night(DEAD)) if number == 3 else "https://example.org <!-- enrich:issue -->"
        more: dict[str, object] = {"pull_request": {}} if number == 3 else {}
        hub.add(text, labels=[{"name": LABEL}], **more)
    hub.add("", labels=[{"name": LABEL}], body=None)
    assert hub.upsert(night(DEAD)) == [Kept(Done.UNCHANGED, f"https://github.com/{REPOSITORY}/issues/1")]


def test_a_renamed_repository_is_followed() -> None:
    hub = GitHub()
    hub.upsert(night(DEAD))

    def moved(request: httpx.Request) -> httpx.Response | None:
        if request.url.path.startswith("/repos/ada/old"):
            to = request.url.path.replace("/repos/ada/old", "/repositories/7")
            return httpx.Response(301, headers={"location": f"https://api.github.com{to}"})
        known = request.url.path == "/repositories/7"
        return httpx.Response(200, json={"full_name": REPOSITORY}) if known else None

    hub.before = moved
    assert hub.upsert(night(DEAD), repository="ada/old")[0].done is Done.UNCHANGED


def test_a_secondary_limit_is_waited_out_and_writes_keep_a_second_apart() -> None:
    hub = GitHub()
    refusals = iter(
        [
            httpx.Response(
                403, headers={"retry-after": "7"}, json={"message": "You have exceeded a secondary rate limit"}
            ),
            httpx.Response(429, json={"message": "You have exceeded a secondary rate limit"}),
        ]
    )
    hub.before = lambda asked: next(refusals, None) if asked.method == "POST" else None
    assert hub.done(night(DEAD)) is Done.CREATED
    hub.upsert(night())
    gaps = [later - earlier for earlier, later in pairwise(hub.written_at)]
    assert gaps[0] == 7
    assert gaps[1] >= 60
    assert min(gaps) >= 1
    assert len(hub.issues) == 1


@pytest.mark.parametrize(
    ("status", "message", "advice"),
    [
        (401, "Bad credentials", "GITHUB_TOKEN is invalid"),
        (403, "Resource not accessible by integration", "permissions: issues: write"),
        (403, "You have exceeded a secondary rate limit", "rate limited"),
        (404, "Not Found", "--repository"),
        (410, "Issues are disabled for this repo", "Settings > General > Features"),
        (422, "Validation Failed", "report this"),
        (500, "Oops", "next run"),
    ],
)
def test_a_refusal_says_what_is_missing(status: int, message: str, advice: str) -> None:
    hub = GitHub()
    hub.upsert(night(DEAD))
    refused = httpx.Response(status, json={"message": f"{message}\x1b[31m"})
    hub.before = lambda asked: httpx.Response(status, content=refused.content) if asked.method == "PATCH" else None
    with pytest.raises(TrackerError) as caught:
        hub.upsert(night(MOVED))
    assert REPOSITORY in str(caught.value)
    assert advice in str(caught.value)
    assert f"HTTP {status}: {message}" in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("text", ["", "<html>", "{}", "[1, null, {}]", "[" * 5000])
def test_replies_of_no_use_make_no_issue(text: str) -> None:
    hub = GitHub()
    hub.before = lambda _: httpx.Response(200, text=text)
    with pytest.raises(TrackerError, match="next run"):
        hub.upsert(night(DEAD))


def test_no_network_is_said_plainly() -> None:
    async def call(web: Web) -> Kept:
        return await upsert(night(DEAD), web, REPOSITORY)

    with pytest.raises(TrackerError, match="offline mode; the next run"):
        GitHub().service.ask(FakeClock(), call, offline=True)


HOSTILE = (
    "@everyone #12 <script>alert(1)</script> ![i](https://t.example/p.png) ::error::x \x1b[31m \u202egnp --> "
    + "é" * 5000
)


@settings(max_examples=15)
@given(st.lists(st.text(max_size=300), max_size=4), st.integers(0, 1000))
def test_the_body_fits_whatever_is_found(messages: Sequence[str], copies: int) -> None:
    found = [replace(DEAD, entry=f"e{n}", message=m) for n, m in enumerate([*messages, HOSTILE] * (copies // 5 + 1))]
    text = body(night(*found))
    assert len(text.encode()) <= LONGEST_BODY
    assert text.startswith(f"<!-- enrich:issue catalog=catalog.yaml digest={fingerprint(found)} -->\n")
    assert text.count("<!--") == text.count("-->") == 1 or "\\-->" in text or "--&gt;" in text


def test_hostile_text_reaches_github_harmless() -> None:
    hub = GitHub()
    hub.upsert(night(replace(DEAD, message=HOSTILE, entry=HOSTILE[:90], suggestion=HOSTILE)))
    _, _, told = str(hub.issues[0]["body"]).partition("\n")
    outside_code = re.sub(r"`[^`\n]*`", "", told)
    assert not re.search(r"@\w|#\d|<script|!\[|\x1b|\u202e|^::", outside_code, re.MULTILINE)


def test_issues_on_a_catalog_and_on_canaries_live_side_by_side() -> None:
    github = GitHub()
    canaries = replace(night(DEAD), name="live services and pages", subject=CANARIES)
    assert [github.done(night(DEAD)), github.done(canaries)] == [Done.CREATED, Done.CREATED]
    titles = [issue["title"] for issue in github.issues]
    assert titles == [
        "enrich: 1 broken link in catalog.yaml",
        "enrich: unexpected responses of live services and pages",
    ]
    assert [github.done(night(DEAD)), github.done(canaries)] == [Done.UNCHANGED, Done.UNCHANGED]
    assert github.done(replace(canaries, standing=())) is Done.CLOSED
    assert github.open() == [1]
    # A catalog that is called as the canaries are has an issue of its own.
    assert github.done(replace(canaries, subject=CATALOG)) is Done.CREATED
