"""Verdicts on links, and the evidence for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from enrich.model.records import Record, Repository
from enrich.services import EARLIER_RUNS, WEB


class Verdict(StrEnum):
    """What is known about a link."""

    OK = "ok"
    MOVED = "moved"
    BROKEN = "broken"
    SUSPECT = "suspect"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    UNSAFE = "unsafe"
    SKIPPED = "skipped"


PASSED_ON = "redirect of "
"""How evidence of a redirect on the way to what decided begins; the URL follows."""

NOT_FOUND = "not found"
"""The beginning of evidence that a registry does not know what the link leads to."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reply that a verdict rests on: whom we asked, when (UTC, ISO 8601), what came back."""

    asked: str
    at: str
    saw: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What a fetched page says of itself; `record` holds its citation metadata, if it has any."""

    url: str
    status: int
    title: str | None = None
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """The verdict on one URL, with the evidence for it; `new_url` if it moved permanently.

    `page` and `repository` are what the check saw there, for rules that need more than the verdict; `copy` is an
    archive's copy of a dead page; `forwarded_to` is the front page, the listing or the one page for many links to which
    a site redirects it; `tls_trouble` is what a browser warns about before it shows an existing page.
    """

    url: str
    verdict: Verdict
    evidence: tuple[Evidence, ...] = ()
    new_url: str | None = None
    page: Page | None = None
    repository: Repository | None = None
    copy: str | None = None
    forwarded_to: str | None = None
    tls_trouble: str | None = None

    @property
    def is_by_time(self) -> bool:
        """Whether the verdict is based on earlier runs: the failure has lasted."""
        return bool(self.evidence) and self.evidence[-1].asked == EARLIER_RUNS

    @property
    def is_unreachable(self) -> bool:
        """Whether the link has been unreachable long enough for a finding."""
        return self.verdict is Verdict.SUSPECT and self.is_by_time

    @property
    def is_unanswered(self) -> bool:
        """Whether its own server gave no response, or a server error; a doubtful page is a response."""
        if self.verdict is not Verdict.SUSPECT and not (self.verdict is Verdict.BROKEN and self.is_by_time):
            return False
        seen = [row for row in self.evidence if row.asked != EARLIER_RUNS][-1:]
        return any(row.asked == WEB and (row.status or 500) >= 500 for row in seen)
