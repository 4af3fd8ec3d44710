"""`--open-issue`: what of a run belongs on the one GitHub issue, and where that issue is kept."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from enrich import judge, tracker
from enrich.access import paces
from enrich.commands import CLEAN, NOT_ALL_ASKED
from enrich.commands.jobs import run_job
from enrich.commands.permalinks import REPOSITORY, permalink
from enrich.commands.terminal import complain, say
from enrich.commands.workspace import Workspace
from enrich.history import History
from enrich.model import EnrichError, Entry, Finding, Report
from enrich.report import markdown, summary
from enrich.services import GITHUB
from enrich.text.urls import host_of
from enrich.tracker import CATALOGS, Kept, Night
from enrich.web import Cache, SystemClock, Web, scope_of


@dataclass(frozen=True, slots=True)
class Checked:
    """A catalog after a run.

    Attributes:
        report: The report of the run.
        entries: All entries of the catalog.
        history: What is remembered after the run, findings included that it could not judge.
        has_history: Whether earlier runs left a history.
    """

    report: Report
    entries: Sequence[Entry]
    history: History
    has_history: bool

    def whole(self) -> Report:
        """Return the report with the findings of earlier runs that this one could not judge."""
        return judge.with_standing(self.report, self.history.findings, self.entries)

    @property
    def is_complete(self) -> bool:
        """Whether no findings means that there are none."""
        # Without a history, what could not be asked may hide a finding of the issue.
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
        if not REPOSITORY.fullmatch(repository):
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

    def keep(self, arguments: Namespace, checked: Sequence[Checked], code: int) -> int:
        """Bring the issue of each catalog up to date, or with the setting `issue = "shared"` the one issue of all.

        Args:
            arguments: The command's.
            checked: The catalogs of the run.
            code: The exit code without the issue.

        Returns:
            The exit code; where that was 0, but GitHub did not create or update an issue, 3.
        """
        shared = self.workspace.loaded.settings.issue == "shared"
        for night in [self._shared_night(checked)] if shared else map(self._night, checked):
            code = self.keep_night(arguments, night, code)
        return code

    def _night(self, checked: Checked) -> Night:
        whole = checked.whole()
        return Night(
            name=Path(whole.catalog or "links").as_posix(),
            standing=_open(whole),
            render=lambda limit: markdown.render(whole, limit=limit, permalink=self.files),
            run_url=self.run_url,
            complete=checked.is_complete,
        )

    def _shared_night(self, checked: Sequence[Checked]) -> Night:
        reports = [each.whole() for each in checked]
        return Night(
            name="all catalogs",
            standing=tuple(finding for report in reports for finding in _open(report)),
            render=lambda limit: markdown.render_all(reports, limit=limit, permalink=self.files),
            run_url=self.run_url,
            complete=all(each.is_complete for each in checked),
            subject=CATALOGS,
        )

    def keep_night(self, arguments: Namespace, night: Night, code: int) -> int:
        """Bring the issue on a night's subject up to date and return the exit code, as `keep` does."""
        try:
            kept = run_job(self._upsert(night))
        except tracker.TrackerError as error:
            # An issue that silently stays as it was is worse than none.
            complain(EnrichError(f"--open-issue: {error}"))
            return NOT_ALL_ASKED if code == CLEAN else code
        say(arguments, f"issue {kept.done}{f': {kept.url}' if kept.url else ''}")
        return code

    async def _upsert(self, night: Night) -> Kept:
        # Not the run's own client: on GitHub Enterprise the token belongs to another host than lookups go to, and
        # that host may well be inside a private network.
        host = host_of(self.base)
        chosen = self.workspace.loaded.settings
        async with Web(
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
        ) as web:
            return await tracker.upsert(night, web, self.repository, base=self.base)


def _open(report: Report) -> tuple[Finding, ...]:
    return tuple(finding for group in summary.groups(report) for finding in group.findings)
