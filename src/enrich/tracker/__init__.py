"""The one GitHub issue on a subject: found by its author and a marker, written when the findings change.

Only an issue that the token's own account wrote, and whose body begins with the marker, is ever changed: anyone can
quote the marker, and a label does not show who wrote the text.

GitHub's terms: https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from enrich.model import Reply, Unreachable
from enrich.tracker.night import (
    CANARIES,
    CATALOG,
    CATALOGS,
    LONGEST_BODY,
    MARKER,
    Night,
    Subject,
    body,
    fingerprint,
    marked_as,
)
from enrich.tracker.replies import TrackerError, pause_asked, read_json, said, what_is_missing
from enrich.web import Terms, Web

__all__ = [
    "BASE",
    "CANARIES",
    "CATALOG",
    "CATALOGS",
    "LABEL",
    "LONGEST_BODY",
    "Done",
    "Kept",
    "Night",
    "OpenIssue",
    "Subject",
    "TrackerError",
    "body",
    "find",
    "fingerprint",
    "marked_as",
    "upsert",
]

BASE = "https://api.github.com"

LABEL = "enrich"
"""The label by which the issue is listed."""

_NEXT = re.compile(r'<([^<>]+)>;[^,<]*\brel="next"')
_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_ACTIONS = "github-actions[bot]"
_PAGES = 10  # of 100 issues each
_SECONDS_BETWEEN_WRITES = 1.0
_SETTLING = 2.0  # seconds until a new issue is certainly in the listings
_LONGEST_PAUSE = 120.0
_TRIES = 3


class Done(StrEnum):
    """What was done with the issue."""

    CREATED = "created"
    UPDATED = "updated"
    REOPENED = "reopened"
    CLOSED = "closed"
    UNCHANGED = "unchanged"
    NOT_NEEDED = "not needed"


@dataclass(frozen=True, slots=True)
class Kept:
    """What was done with the issue, and its URL; None without an issue."""

    done: Done
    url: str | None = None


async def upsert(night: Night, web: Web, repository: str, *, base: str = BASE, label: str = LABEL) -> Kept:
    """Create or update the one issue on a subject with as few writes as possible; none if nothing changed.

    Args:
        night: What the run has to tell.
        web: The network client; it carries the token for the host of `base`.
        repository: `owner/name`.
        base: GitHub's API, or that of a GitHub Enterprise server (`https://HOST/api/v3`), without a slash at the end.
        label: The issue's label, created where it is absent.

    Raises:
        TrackerError: GitHub rejected the request or could not be reached.
    """
    desk = _Desk(web, f"{base}/repos/{repository}", base, repository, label, night.marked)
    try:
        oldest = await desk.oldest(closing_others=True)
        if oldest is None:
            return await desk.create(night) if night.standing else Kept(Done.NOT_NEEDED)
        return await desk.bring_up_to_date(oldest, night)
    except Unreachable as failure:
        raise TrackerError(f"the issue could not be updated: {failure.why}; the next run tries again") from None


async def find(marked: str, web: Web, repository: str, *, base: str = BASE, label: str = LABEL) -> OpenIssue | None:
    """Return the one issue on a subject that this token's account wrote; None without one.

    Args:
        marked: What it is about: `marked_as(subject, name)`.
        web: The client, as for `upsert`.
        repository: `owner/name`.
        base: GitHub's API.
        label: The issue's label.

    Raises:
        TrackerError: GitHub rejected the request or could not be reached.
    """
    desk = _Desk(web, f"{base}/repos/{repository}", base, repository, label, marked)
    try:
        oldest = await desk.oldest()
    except Unreachable as failure:
        raise TrackerError(f"the issue could not be read: {failure.why}; the next run tries again") from None
    return OpenIssue(oldest.url, oldest.text) if oldest else None


@dataclass(frozen=True, slots=True)
class OpenIssue:
    """The URL and the text of an issue."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class _Issue:
    """What GitHub says about an issue with our marker."""

    number: int
    url: str
    author: str
    fingerprint: str
    title: str
    text: str
    is_open: bool
    is_unwanted: bool


class _Desk:
    """The issues of one repository."""

    def __init__(self, web: Web, url: str, base: str, repository: str, label: str, marked: str) -> None:
        self._web = web
        self._url = url
        self._base = base
        self._repository = repository
        self._label = label
        self._marked = marked
        self._login: str | None = None
        self._may_write_at = 0.0

    async def oldest(self, *, closing_others: bool = False) -> _Issue | None:
        """Return the issue on the subject; if several runs created one each, the oldest."""
        # If the label was dropped, renamed or removed, the author leads to it.
        issues = await self._own({"labels": self._label}) or await self._own({})
        if not issues:
            return None
        first, *others = sorted(issues, key=lambda issue: issue.number)
        for other in others:
            if closing_others and other.is_open:
                await self._close_duplicate(other, first)
        return first

    async def create(self, night: Night) -> Kept:
        """Create the issue; if two runs do so at once, the later one closes its own."""
        await self._ensure_label()
        for _ in range(2):
            made = await self._try_to_create(night)
            self._login = made.author if made else self._login
            await self._web.clock.sleep(_SETTLING)
            oldest = await self.oldest()
            if made and oldest and oldest.number < made.number:
                await self._close_duplicate(made, oldest)
                return await self.bring_up_to_date(oldest, night)
            # If the response was lost, the listing shows whether the issue was created.
            if issue := made or oldest:
                return Kept(Done.CREATED, issue.url)
        raise TrackerError(f"GitHub did not create an issue in {self._repository}; the next run tries again")

    async def bring_up_to_date(self, issue: _Issue, night: Night) -> Kept:
        """Write what changed, if anything."""
        changed = issue.fingerprint != night.fingerprint
        if not night.standing:
            if issue.is_open and changed and night.complete:
                return await self._close(issue, night)
            return Kept(Done.UNCHANGED, issue.url)
        # An issue closed as not planned means that these findings are not wanted again.
        if not changed and (issue.is_open or issue.is_unwanted):
            return Kept(Done.UNCHANGED, issue.url)
        change = {"body": body(night)} | ({} if issue.is_open else {"state": "open"})
        if night.is_own_title(issue.title):  # a title that a person changed stays
            change["title"] = night.title
        await self._write("PATCH", f"/issues/{issue.number}", change)
        return Kept(Done.UPDATED if issue.is_open else Done.REOPENED, issue.url)

    async def _close(self, issue: _Issue, night: Night) -> Kept:
        closed = {"body": body(night), "state": "closed", "state_reason": "completed"}
        await self._write("PATCH", f"/issues/{issue.number}", closed)
        run = f" [The run without findings]({night.run_url})." if night.run_url else ""
        comment = {"body": f"No findings are left.{run} The issue is reopened if there are new ones."}
        await self._write("POST", f"/issues/{issue.number}/comments", comment)
        return Kept(Done.CLOSED, issue.url)

    async def _close_duplicate(self, issue: _Issue, first: _Issue) -> None:
        await self._write("PATCH", f"/issues/{issue.number}", {"state": "closed", "state_reason": "not_planned"})
        words = f"Duplicate of #{first.number}: two runs created an issue at the same time."
        await self._write("POST", f"/issues/{issue.number}/comments", {"body": words})

    async def _ensure_label(self) -> None:
        """Create the label if it does not exist; if that is not allowed, GitHub drops it from the issue."""
        reply = await self._ask("GET", f"{self._url}/labels/{quote(self._label, safe='')}")
        if reply.status == 404:
            label = {"name": self._label, "color": "0e8a16", "description": "What enrich found"}
            await self._ask("POST", f"{self._url}/labels", label)

    async def _try_to_create(self, night: Night) -> _Issue | None:
        """Create the issue and return it; None if it is unknown whether GitHub created it."""
        sent = {"title": night.title, "body": body(night), "labels": [self._label]}
        try:
            reply = await self._ask("POST", f"{self._url}/issues", sent)
        except Unreachable as failure:
            if failure.kind in ("offline", "proxy", "unsafe", "scheme"):
                raise
            return None
        if reply.status >= 500:
            return None
        issue = _issue(read_json(self._granted(reply)), self._marked)
        if issue is None:
            raise TrackerError(f"GitHub's response has no issue in {self._repository}; the next run tries again")
        return issue

    async def _listed(self, query: Mapping[str, str]) -> list[_Issue]:
        """Return the issues on the subject that the query lists, without pull requests."""
        params = {"state": "all", "per_page": "100", **query}
        reply = await self._ask("GET", f"{self._url}/issues", params=params)
        if reply.hops:
            await self._learn_new_name()
            reply = await self._ask("GET", f"{self._url}/issues", params=params)
        self._granted(reply)
        found = self._ours(reply)
        for _ in range(_PAGES - 1):
            further = _NEXT.search(reply.headers.get("link", ""))
            if further is None:
                break
            reply = self._granted(await self._ask("GET", further[1]))
            found += self._ours(reply)
        return found

    def _ours(self, reply: Reply) -> list[_Issue]:
        rows = read_json(reply)
        if not isinstance(rows, list):
            raise TrackerError("GitHub's response is not a list of issues; the next run tries again")
        return [issue for row in rows if (issue := _issue(row, self._marked))]

    async def _learn_new_name(self) -> None:
        """Continue with the repository's current name: the redirect of a renamed repository may lose the query."""
        known = read_json(self._granted(await self._ask("GET", self._url)))
        name = known.get("full_name") if isinstance(known, dict) else None
        if not isinstance(name, str):
            raise TrackerError(f"{self._repository} was renamed; use the new name")
        self._repository, self._url = name, f"{self._base}/repos/{name}"

    async def _own(self, query: Mapping[str, str]) -> list[_Issue]:
        """Return the issues on the subject that the query lists and that this token's account wrote."""
        return [issue for issue in await self._listed(query) if issue.author == await self._account()]

    async def _account(self) -> str:
        """Return the login under which the token writes.

        A workflow's or an app's token has no user, but a viewer: `github-actions[bot]`, `NAME[bot]`. If the
        viewer is unknown, too, the token is taken for a workflow's until it creates an issue, which has the author.
        """
        if self._login is None:
            reply = await self._ask("GET", f"{self._base}/user")
            if reply.status >= 500 or reply.status == 429:
                self._granted(reply)
            known = read_json(reply) if reply.status == 200 else await self._viewer() or {"login": _ACTIONS}
            if not isinstance(known, dict) or not isinstance(known.get("login"), str):
                raise TrackerError("GitHub's response has no user; the next run tries again")
            self._login = str(known["login"])
        return self._login

    async def _viewer(self) -> object:
        # On an Enterprise server beside `/api/v3`: https://docs.github.com/graphql/guides/forming-calls-with-graphql
        url = f"{self._base.removesuffix('/v3')}/graphql"
        reply = await self._web.fetch(url, method="POST", json={"query": "{viewer{login}}"}, headers=_HEADERS)
        value = read_json(reply) if reply.status == 200 else None
        data = value.get("data") if isinstance(value, dict) else None
        return data.get("viewer") if isinstance(data, dict) else None

    async def _write(self, method: str, path: str, sent: object) -> None:
        self._granted(await self._ask(method, self._url + path, sent))

    async def _ask(
        self, method: str, url: str, sent: object | None = None, *, params: Mapping[str, str] | None = None
    ) -> Reply:
        """Send one request and return the reply; wait where a secondary rate limit says so."""
        # If the response to a POST was lost, it may have worked: a retry would do it twice.
        tries = 1 if method == "POST" else None
        for attempt in range(_TRIES):
            if method != "GET":
                await self._web.clock.sleep(max(0.0, self._may_write_at - self._web.clock.monotonic()))
            reply = await self._web.fetch(
                url, Terms(tries=tries, keyed=True), method=method, json=sent, params=params, headers=_HEADERS
            )
            if method != "GET":
                self._may_write_at = self._web.clock.monotonic() + _SECONDS_BETWEEN_WRITES
            pause = pause_asked(reply)
            if pause is None or pause > _LONGEST_PAUSE or attempt == _TRIES - 1:
                break
            await self._web.clock.sleep(pause)
        return reply

    def _granted(self, reply: Reply) -> Reply:
        if reply.status < 300:
            return reply
        words = f"{what_is_missing(reply, self._repository)} (HTTP {reply.status}{said(reply)})"
        raise TrackerError(f"the issue in {self._repository} could not be updated: {words}")


def _issue(row: object, marked: str) -> _Issue | None:
    """Return the issue in a row of a reply, if it is on that subject."""
    if not isinstance(row, dict) or "pull_request" in row or not isinstance(row.get("number"), int):
        return None
    marker = MARKER.match(str(row.get("body") or ""))
    if marker is None or marker[1] != marked:
        return None
    author = row.get("user")
    return _Issue(
        number=row["number"],
        url=str(row.get("html_url")),
        author=str(author.get("login")) if isinstance(author, dict) else "",
        fingerprint=marker[2],
        title=str(row.get("title") or ""),
        text=str(row.get("body") or ""),
        is_open=row.get("state") == "open",
        is_unwanted=row.get("state_reason") == "not_planned",
    )
