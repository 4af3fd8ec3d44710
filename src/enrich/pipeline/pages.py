"""Values about pages that are handed on: the links to look at, and what was seen of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from enrich.model import Checks, LinkCheck
from enrich.web import Step


@dataclass(frozen=True, slots=True)
class Trail:
    """A look that another worker has begun: its number, what was asked for it, and the URL that comes next."""

    number: int
    steps: tuple[Step, ...]
    onward: str


@dataclass(frozen=True, slots=True)
class ToLook:
    """A link whose page is requested: a registry's answer about it, and the first look if this is the second.

    `trail` is the progress of another worker, if redirects left its hosts.
    """

    url: str
    registered: LinkCheck | None = None
    first: LinkCheck | None = None
    trail: Trail | None = None

    @property
    def address(self) -> str:
        """The URL that is requested next."""
        if self.trail:
            return self.trail.onward
        return self.start

    @property
    def start(self) -> str:
        """The URL of the page: a registry may know a newer one."""
        return (self.registered.new_url if self.registered else None) or self.url


@dataclass(frozen=True, slots=True)
class LookSettings:
    """The settings for looking at pages: seconds, statuses accepted by host, whether to check fragments.

    The URLs of `postponed` hosts come first. `others_wait`: papers are looked up once all pages were looked at.
    """

    timeout: float = 20.0
    accept: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    fragments: bool = False
    postponed_hosts: frozenset[str] = frozenset()
    others_wait: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """The result for one link: a verdict, a first look that needs a second one, or a look that continues elsewhere.

    `failure` is the failure of the last request; `is_postponed`: the link was not checked; `answered` are the schemes
    of URLs that answered, if none of the links before had any; `end` is the host that gave the page.
    """

    url: str
    check: LinkCheck | None = None
    first: LinkCheck | None = None
    failure: str | None = None
    is_postponed: bool = False
    handed_over: ToLook | None = None
    answered: tuple[str, ...] = ()
    end: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What the pages of some links said; it holds plain values only, and may come from another process.

    Attributes:
        checks: The verdicts.
        doubtful: The first look at each link that was, or must be, looked at again: links without a verdict.
        failures: How the last request for a page failed, by the URL of the link.
        postponed: Links that were not checked, because time ran out or their host kept rejecting requests.
        handed_over: Links whose redirects lead to hosts that others ask, as far as they were followed.
        answered: The schemes of the addresses that answered anything.
        ends: The hosts of links that gave a page, each with the host that gave it.
        doubts: Why what a page said proves nothing, by the URL of the link: name servers seem to err.
    """

    checks: Mapping[str, LinkCheck] = field(default_factory=dict)
    doubtful: Mapping[str, LinkCheck] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    postponed: frozenset[str] = frozenset()
    handed_over: tuple[ToLook, ...] = ()
    answered: frozenset[str] = frozenset()
    ends: frozenset[tuple[str, str]] = frozenset()
    doubts: Mapping[str, str] = field(default_factory=dict)

    def __or__(self, later: Looked) -> Looked:
        """Return both; of a link in both, the later result."""
        failures = {u: f for u, f in self.failures.items() if u not in later.checks and u not in later.doubtful}
        checks = self.checks
        if later.checks:
            checks = Checks(checks)
            checks.update(later.checks)
        return Looked(
            checks,
            {**self.doubtful, **later.doubtful},
            {**failures, **later.failures},
            self.postponed | later.postponed,
            (*self.handed_over, *later.handed_over),
            self.answered | later.answered,
            self.ends | later.ends,
        )

    def again(self, registered: Mapping[str, LinkCheck | None]) -> tuple[ToLook, ...]:
        """Return the links that must be looked at again, the silent ones last."""
        urls = [url for url in self.doubtful if url not in self.checks]
        urls.sort(key=lambda url: self.failures.get(url) == "timeout")
        return tuple(ToLook(url, registered.get(url), self.doubtful[url]) for url in urls)
