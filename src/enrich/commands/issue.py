"""`--open-issue`: what a run contributes to the one GitHub issue, and where the issue is."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from enrich import judge, tracker
from enrich.access import paces
from enrich.commands import CLEAN, NOT_ALL_ASKED
from enrich.commands.jobs import run_job
from enrich.commands.permalinks import REPOSITORY_NAME, permalink
from enrich.commands.terminal import complain, say
from enrich.commands.workspace import Workspace
from enrich.history import History
from enrich.model import EnrichError, Entry, Finding, Report
from enrich.report import issue as issue_text
from enrich.report import summary
from enrich.report.ticks import NO_TICKS, Action, Ticks, finding_id, read_ticks
from enrich.services import GITHUB
from enrich.text.urls import host_of
from enrich.tracker import CATALOG, CATALOGS, Kept, Night, OpenIssue, marked_as
from enrich.web import Cache, SystemClock, Web, scope_of

ALL_CATALOGS = "all catalogs"
"""The subject of the shared issue of all catalogs."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A catalog after a run.

    Attributes:
        report: The report of the run.
        entries: All entries of the catalog.
        history: What is remembered after the run, findings included that it could not judge.
        has_history: Whether earlier runs left a history.
        ticks: What is ticked in the issue on the catalog.
        issue_url: The address of that issue.
        is_issue_unread: Whether GitHub did not say what is ticked: writing the issue would lose it.
    """

    report: Report
    entries: Sequence[Entry]
    history: History
    has_history: bool
    ticks: Ticks = NO_TICKS
    issue_url: str = ""
    is_issue_unread: bool = False

    def whole(self) -> Report:
        """Return the report with the findings of earlier runs that this run could not judge."""
        return judge.with_standing(self.report, self.history.findings, self.entries)

    @property
    def is_complete(self) -> bool:
        """Whether "no findings" means that there are none."""
        # Without a history, a finding of the issue may be among the links that could not be checked.
        return judge.is_complete(self.report, self.entries) and (self.has_history or not self.report.unasked)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the issue is kept: the repository, GitHub's API with the token for it, and the addresses to link to."""

    workspace: Workspace
    repository: str
    base: str
    files: str
    run_url: str | None

    @classmethod
    def of(cls, arguments: Namespace, workspace: Workspace, environment: Mapping[str, str] = os.environ) -> Desk | None:
        """Return the desk for `--open-issue`, None without the flag.

        Raises:
            EnrichError: the repository or the token is not known.
        """
        if not arguments.open_issue:
            return None
        repository = arguments.repository or environment.get("GITHUB_REPOSITORY", "")
        if not REPOSITORY_NAME.fullmatch(repository):
            shown = f"not OWNER/NAME: {repository!r}" if repository else "repository unknown"
            raise EnrichError(f"--open-issue: {shown}; set --repository OWNER/NAME or GITHUB_REPOSITORY")
        if "GITHUB_TOKEN" not in workspace.keys:
            raise EnrichError(
                "--open-issue needs a token with write access to issues in GITHUB_TOKEN; in a workflow, set "
                "`env: GITHUB_TOKEN: ${{ github.token }}` with `permissions: issues: write`"
            )
        default = environment.get("GITHUB_API_URL") or tracker.BASE
        server = environment.get("GITHUB_SERVER_URL") or "https://github.com"
        run = environment.get("GITHUB_RUN_ID")
        return cls(
            workspace=workspace,
            repository=repository,
            base=workspace.loaded.base(GITHUB.name, default)
            if workspace.loaded.trusts_services
            else default.rstrip("/"),
            files=permalink({**environment, "GITHUB_REPOSITORY": repository}) or "",
            run_url=f"{server}/{repository}/actions/runs/{run}" if run else None,
        )

    @property
    def _is_shared(self) -> bool:
        return self.workspace.loaded.settings.issue == "shared"

    def with_ticks(self, checked: Sequence[Checked]) -> list[Checked]:
        """Return the catalogs with the ticks in their issues; a rejection by GitHub is printed."""
        subjects = [(CATALOGS, ALL_CATALOGS) if self._is_shared else (CATALOG, _name(each.report)) for each in checked]
        try:
            issues = run_job(self._find(dict.fromkeys(marked_as(*subject) for subject in subjects)))
        except tracker.TrackerError as error:
            complain(EnrichError(f"--open-issue: {error}"))
            return [replace(each, is_issue_unread=True) for each in checked]
        found = [issues.get(marked_as(*subject)) for subject in subjects]
        return [
            replace(each, ticks=read_ticks(issue.text), issue_url=issue.url) if issue else each
            for each, issue in zip(checked, found, strict=True)
        ]

    async def _find(self, marks: Iterable[str]) -> dict[str, OpenIssue | None]:
        async with self._web() as web:
            return {marked: await tracker.find(marked, web, self.repository, base=self.base) for marked in marks}

    def keep(self, arguments: Namespace, checked: Sequence[Checked], code: int) -> int:
        """Bring the issue of each catalog up to date, or with the setting `issue = "shared"` the one issue of all.

        Args:
            arguments: The command's.
            checked: The catalogs of the run.
            code: The exit code without the issue.

        Returns:
            The exit code; where that was 0, but GitHub did not create or update an issue, 3.
        """
        if any(each.is_issue_unread for each in checked):
            return NOT_ALL_ASKED if code == CLEAN else code
        for night in [self._shared_night(checked)] if self._is_shared else map(self._night, checked):
            code = self.keep_night(arguments, night, code)
        return code

    def _night(self, checked: Checked) -> Night:
        whole = checked.whole()
        return Night(
            name=_name(whole),
            standing=_open(whole),
            render=lambda limit: issue_text.render(whole, limit=limit, permalink=self.files, ticks=checked.ticks),
            run_url=self.run_url,
            complete=checked.is_complete,
            ticks=_ticked(whole, checked.ticks),
        )

    def _shared_night(self, checked: Sequence[Checked]) -> Night:
        reports = [each.whole() for each in checked]
        ticks = checked[0].ticks  # one issue
        return Night(
            name=ALL_CATALOGS,
            standing=tuple(finding for report in reports for finding in _open(report)),
            render=lambda limit: issue_text.render_all(reports, limit=limit, permalink=self.files, ticks=ticks),
            run_url=self.run_url,
            complete=all(each.is_complete for each in checked),
            subject=CATALOGS,
            ticks=[name for report in reports for name in _ticked(report, ticks)],
        )

    def keep_night(self, arguments: Namespace, night: Night, code: int) -> int:
        """Update the issue on a night's subject and return the exit code, as `keep` does."""
        try:
            kept = run_job(self._upsert(night))
        except tracker.TrackerError as error:
            # An issue that is not updated without notice would be worse than none.
            complain(EnrichError(f"--open-issue: {error}"))
            return NOT_ALL_ASKED if code == CLEAN else code
        say(arguments, f"issue {kept.done}{f': {kept.url}' if kept.url else ''}")
        return code

    async def _upsert(self, night: Night) -> Kept:
        async with self._web() as web:
            return await tracker.upsert(night, web, self.repository, base=self.base)

    def _web(self) -> Web:
        # Not the run's own client: on GitHub Enterprise the token belongs to another host than lookups go to, and
        # that host may well be inside a private network.
        host = host_of(self.base)
        chosen = self.workspace.loaded.settings
        return Web(
            cache=Cache(None, SystemClock()),
            keys={
                scope_of(self.base, with_port=True): {"Authorization": f"Bearer {self.workspace.keys['GITHUB_TOKEN']}"}
            },
            paces=paces(contact=False, base=lambda name, default: self.base if name == GITHUB.name else default),
            contact=chosen.contact,
            allow_private=(*chosen.allow_private, host),
            timeout=chosen.timeout,
            tries=chosen.tries,
            system_certificates=chosen.system_certificates,
        )


def _open(report: Report) -> tuple[Finding, ...]:
    return tuple(finding for group in summary.groups(report) for finding in group.findings)


def _name(report: Report) -> str:
    return Path(report.catalog or "links").as_posix()


def _ticked(report: Report, ticks: Ticks) -> list[str]:
    """Return the ticks of open findings of a report."""
    names = [finding_id(report.catalog, finding) for finding in _open(report)]
    return [f"{action}={name}" for name in names for action in Action if ticks.has(action, name)]
