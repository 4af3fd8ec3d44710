"""Phase 3, `look`: fetch the pages of links, as many at once as their hosts accept; works for any part of the links."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from enrich import links
from enrich.limits import CPU_TIMER
from enrich.model import Checks, LinkCheck, Verdict
from enrich.pipeline.look.lanes import Lanes
from enrich.pipeline.look.page import SHARES, Look, look_at
from enrich.pipeline.look.store import Store, stored
from enrich.pipeline.pages import Looked, LookSettings, Seen, ToLook, Trail
from enrich.pipeline.verdicts import Observations, is_left_out, take_steps
from enrich.text.urls import host_of
from enrich.web import ElsewhereError, Journey, Web

__all__ = ["look", "stored"]

_WORKERS = 160  # as many as requests may be in flight

_APART = 5.0  # minimum seconds until a silent page is requested again, as long as there are others to request


async def look(
    wanted: Iterable[ToLook],
    web: Web,
    settings: LookSettings,
    *,
    owns: Callable[[str], bool] | None = None,
    keep: Callable[[Seen], None] | None = None,
) -> Looked:
    """Return what the pages of these links say.

    A link whose page seems broken or suspect at the first look is `doubtful`, and has a verdict after the second look,
    which this function takes for links that come with their first one. While the last hosts are busy, silent pages are
    looked at again here, unless others wait for the first looks.

    Args:
        wanted: The links, each URL once.
        web: The network.
        settings: How pages are asked for.
        owns: Whether a host is asked here; links that lead to another are handed over. None: all are.
        keep: Is given what was seen of each link, as soon as it was; None: verdicts go into the cache.
    """
    with CPU_TIMER, Store(web.cache) as store:
        looks = _Looks({each.url: each for each in wanted}, web, settings, owns, keep or store.keep)
        async with asyncio.TaskGroup() as group:

            async def job(url: str) -> None:
                await looks.take(looks.wanted.pop(url))
                if looks.silent and not settings.others_wait and (silent := looks.ripe(lanes.share_left())):
                    group.create_task(looks.take(silent))

            hosts = {each.url: host_of(each.address) for each in looks.wanted.values() if each.trail}
            lanes = Lanes(looks.wanted, job, web.concurrency, _WORKERS, settings.postponed_hosts, hosts)
            await lanes.run()
    return looks.result()


def _owns_all(_host: str) -> bool:
    return True


@dataclass(slots=True)
class _Looks:
    """The looks of one call; a task for each link would take more memory than everything else together."""

    wanted: dict[str, ToLook]
    web: Web
    settings: LookSettings
    owns: Callable[[str], bool] | None
    keep: Callable[[Seen], None]
    checks: Checks = field(default_factory=Checks)
    doubtful: dict[str, LinkCheck] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    postponed: set[str] = field(default_factory=set)
    handed_over: dict[str, ToLook] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    ends: set[tuple[str, str]] = field(default_factory=set)
    ended: dict[str, str] = field(default_factory=dict)  # until it is kept, as is `unsaid`
    unsaid: set[str] = field(default_factory=set)
    silent: deque[tuple[float, ToLook]] = field(default_factory=deque)
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.web.clock.monotonic()

    async def take(self, link: ToLook) -> None:
        """Look at a page for the first time or, if it stays silent, for the second and third time."""
        settled = None
        try:
            if link.first is None:
                settled = self._keep_first(link, await self._checked(link, 0))
            else:
                settled = self._settle(await self._looked_again(link, link.first))
        except ElsewhereError:
            pass  # it was handed over
        self.keep(self._seen(link.url, settled))
        if settled:
            self.web.progress("links", 1)

    def _seen(self, url: str, settled: LinkCheck | None) -> Seen:
        answered, self.unsaid = tuple(sorted(self.unsaid)), set()
        return Seen(
            url,
            settled,
            self.doubtful.get(url),
            self.failures.get(url),
            url in self.postponed,
            self.handed_over.get(url),
            answered,
            self.ended.pop(url, ""),
        )

    def _keep_first(self, link: ToLook, check: LinkCheck) -> LinkCheck | None:
        if not links.wants_second_look(check):
            return self._settle(check)
        self.doubtful[link.url] = check
        if self.failures.get(link.url) == "timeout":
            self.silent.append((self.web.clock.monotonic(), ToLook(link.url, link.registered, check)))
        return None

    async def _looked_again(self, link: ToLook, check: LinkCheck) -> LinkCheck:
        for number in range(link.trail.number if link.trail else 1, len(SHARES)):
            check = await self._checked(link, number)
            if self.failures.get(link.url) != "timeout":
                break
        return check

    def ripe(self, share_left: float) -> ToLook | None:
        """Return a silent page that was requested long enough ago, unless the others would have to wait for its looks.

        The rest is looked at again at the end of the run, with all doubtful links.
        """
        now = self.web.clock.monotonic()
        seconds_left = (now - self.began) * share_left / max(1 - share_left, 0.01)
        fits = share_left < 1 and seconds_left >= self.settings.timeout * sum(SHARES[1:])
        return self.silent.popleft()[1] if fits and self.silent[0][0] <= now - _APART else None

    def result(self) -> Looked:
        """Return what was seen."""
        return Looked(
            self.checks,
            self.doubtful,
            self.failures,
            frozenset(self.postponed),
            tuple(self.handed_over.values()),
            frozenset(self.answered),
            frozenset(self.ends),
        )

    async def _checked(self, link: ToLook, number: int) -> LinkCheck:
        """Return the verdict by the page, together with a registry's answer about what the link leads to."""
        address = link.start
        look = await self._look_at(link, number)
        self._note(link.url, look)
        check = look.check if address == link.url else replace(look.check, url=link.url)
        if not link.registered and not link.first:
            return check  # most links: nothing is known that a step could count
        return take_steps({link.url: check}, self._circumstances(link), "page")[link.url]

    async def _look_at(self, link: ToLook, number: int) -> Look:
        """Look at a page, or as far as its hosts are asked here.

        Raises:
            ElsewhereError: The look goes on elsewhere; the link is in `handed_over`.
        """
        if self.owns is None and link.trail is None:
            return await look_at(link.start, number, self.web, self.settings)
        begun = link.trail.steps if link.trail and link.trail.number == number else ()
        journey = Journey(self.web, begun, self.owns or _owns_all)
        try:
            return await look_at(link.start, number, journey, self.settings)
        except ElsewhereError as onward:
            trail = Trail(number, journey.trail(), onward.url)
            self.handed_over[link.url] = replace(link, trail=trail)
            raise

    def _note(self, url: str, look: Look) -> None:
        if look.failure:
            self.failures[url] = look.failure
        else:
            self.failures.pop(url, None)
            if look.answered:
                host, end = host_of(url), look.answered[-1]
                self.ended[url] = host if end == url else host_of(end)
                self.ends.add((host, self.ended[url]))
        schemes = {address.partition(":")[0] for address in look.answered} - self.answered
        self.answered |= schemes
        self.unsaid |= schemes

    def _circumstances(self, link: ToLook) -> Observations:
        return Observations(
            registered={link.url: link.registered} if link.registered else {},
            first_looks={link.url: link.first} if link.first else {},
            failures=self.failures,
            stopped=self.web.stop.because,
        )

    def _settle(self, check: LinkCheck) -> LinkCheck:
        self.checks.put(check)
        left = self.failures.get(check.url)
        is_unasked = left == "refusing" or (left == "failing" and check.verdict is Verdict.UNKNOWN)
        if is_unasked or is_left_out(check, self.web.stop.because):
            self.postponed.add(check.url)
        return check
