"""One look at one page: the request, its redirects, and the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from enrich import links
from enrich.limits import PAGE_SECONDS, CpuLimit, OutOfTimeError
from enrich.model import Hop, LinkCheck, Page, Reply, Unreachable, Verdict
from enrich.pipeline.pages import LookSettings
from enrich.sources import landing_page
from enrich.text.urls import host_of
from enrich.web import Journey, Terms, Web

MOST_HOPS = 10
"""The number of redirects that a link may have."""

# Of the time that a service has for a batch, what a page gets at each look: while one lets the time pass, others of its
# host wait for it. Only a page that does so twice is looked at a third time.
SHARES = (0.25, 0.25, 0.5)

_SHARE_OF_QUICK = 0.125  # the same for all looks but the last, if the host has answered everything else quickly

_OEMBED_BYTES = 64 * 1024

_MOST_REFRESHES = 2  # consecutive pages that redirect their reader by themselves


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a page saw; `failure` is the kind of failure, `answered` are the addresses that answered."""

    check: LinkCheck
    failure: str | None = None
    answered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sight:
    """A reply and the facts of its page; none if the page took too long to load."""

    reply: Reply
    facts: landing_page.Facts
    was_read: bool = True

    @property
    def is_wall(self) -> bool:
        """Whether a bot wall answered, which may also redirect its visitors."""
        return links.wall(self.reply.url, self.reply, self.facts.title or "") is not None

    @property
    def sends_on(self) -> bool:
        """Whether the page redirects its reader by itself; a parked domain is judged by itself."""
        if self.facts.refresh is None or not 200 <= self.reply.status < 300 or self.is_wall:
            return False
        return not links.is_parked(self.facts.title or "", self.reply.body[: 16 * 1024])

    def page(self, url: str) -> Page:
        """Return what is kept of it; most pages are at their link's URL, and share its text."""
        record = replace(self.facts.record, asked_at=self.reply.at) if self.facts.record else None
        address = url if self.reply.url == url else self.reply.url
        return Page(address, self.reply.status, self.facts.title, record)


async def look_at(url: str, number: int, web: Web | Journey, settings: LookSettings) -> Look:
    """Return the verdict by the page, of a video by what its platform says of it first.

    `number` counts the looks at it, from 0; the first may take several tries, but for a page that stays silent.
    """
    try:
        address = links.oembed_url(url)
        oembed = await web.fetch(address, Terms(tries=1, limit=_OEMBED_BYTES)) if address else None
    except Unreachable:
        oembed = None  # nor is its page, then, and the registry's answer gives the reason
    if oembed and (check := links.of_oembed(url, oembed)):
        return Look(check)
    look = await _look_at_page(url, number, web, settings)
    check = links.of_video_page(look.check, oembed)
    return look if check is look.check else replace(look, check=check)


async def _look_at_page(url: str, number: int, web: Web | Journey, settings: LookSettings) -> Look:
    accepted = settings.accept.get(host_of(url), ()) if settings.accept else ()
    cpu = CpuLimit(PAGE_SECONDS)
    hops: tuple[Hop, ...] = ()  # by pages that redirect their reader
    try:
        sight = await _see(url, number, cpu, web, settings)
        for _ in range(_MOST_REFRESHES):
            if not sight.sends_on:
                break
            hops = (*hops, *sight.reply.hops, Hop(sight.reply.url, sight.reply.status))
            sight = await _see(sight.facts.refresh or "", number, cpu, web, settings)
        if hops:
            sight = replace(sight, reply=replace(sight.reply, hops=(*hops, *sight.reply.hops)))
        page = sight.page(url)
        beside = await _beside(page.url, web) if links.seems_missing(url, sight.reply, page) else None
    except Unreachable as error:
        hops = (*hops, *error.hops)
        if error.kind == "cookies" and hops:
            web.showed(hops[-1].url, "a redirect loop that wants a cookie")
        return Look(links.unreachable(url, error, hops), error.kind, tuple(hop.url for hop in hops))
    reply = sight.reply
    failure = "tls" if reply.tls_trouble else None
    answered = tuple(_answered(reply)) if not failure else tuple(hop.url for hop in hops)
    if not sight.was_read:
        return Look(links.classify_by_status(url, reply, accepted), failure, answered)
    try:
        with cpu:
            names = _names(url, reply, settings)
            check = links.classify(url, reply, page, accepted, beside=beside, names=names)
            _tell_host(check, url, sight, web)
    except OutOfTimeError:
        check = links.classify_by_status(url, reply, accepted)
    return Look(check, failure, answered)


def _tell_host(check: LinkCheck, url: str, sight: _Sight, web: Web | Journey) -> None:
    """Note whether the host of a page shows pages at all; `web` itself counts rejecting statuses."""
    reply = sight.reply
    if not 200 <= reply.status < 300:
        return
    if check.page:
        web.showed(reply.url, None)
    elif check.verdict is Verdict.BLOCKED:
        if wall := links.certain_wall(url, reply, sight.facts.title or ""):
            web.showed(reply.url, wall)
        elif door := links.common_door(url, reply):
            web.showed(url, door)


def _answered(reply: Reply) -> Iterable[str]:
    return (*(hop.url for hop in reply.hops), reply.url)


def _names(url: str, reply: Reply, settings: LookSettings) -> frozenset[str] | None:
    """Return the names of a page's parts, where the link's must be among them and the whole page has come.

    Plain text has no named elements, and the elements of an application are created by its scripts.
    """
    if not settings.fragments or links.fragment(url) is None or reply.truncated or links.is_application(reply):
        return None
    kind = reply.headers.get("content-type", "")
    return None if kind.startswith("text/plain") else landing_page.element_names(reply.body, kind)


@lru_cache(maxsize=64)
def _terms(number: int, limit: int, timeout: float, good: tuple[int, ...]) -> Terms:
    """Return the terms of a look; a page that times out is requested again at the end of the run."""
    return Terms(
        follow=MOST_HOPS,
        limit=limit,
        tries=1 if number else None,
        final=links.is_final,
        timeout=timeout,
        retry_timeouts=False,
        good=good,
        page=True,
    )


async def _see(url: str, number: int, cpu: CpuLimit, web: Web | Journey, settings: LookSettings) -> _Sight:
    if links.is_binary(url) and number == 0:
        reply = await _headers(url, web)
        if reply is not None:
            return _Sight(reply, landing_page.Facts())
    host = host_of(url)
    share = _SHARE_OF_QUICK if number < len(SHARES) - 1 and web.is_quick(host) else SHARES[number]
    terms = _terms(number, links.bytes_wanted(url), settings.timeout * share, settings.accept.get(host, ()))
    reply = await web.fetch(url, terms)
    kind, refresh = reply.headers.get("content-type", ""), reply.headers.get("refresh", "")
    try:
        with cpu:
            facts = landing_page.parse(reply.body, reply.url, kind, refresh)
    except OutOfTimeError:
        return _Sight(reply, landing_page.Facts(), was_read=False)
    # Only the title of an untrusted page counts.
    return _Sight(reply, landing_page.Facts(title=facts.title) if reply.tls_trouble else facts)


async def _headers(url: str, web: Web | Journey) -> Reply | None:
    """Return what HEAD says about a large file, if it exists; any other answer proves nothing."""
    try:
        reply = await web.fetch(
            url, Terms(follow=MOST_HOPS, limit=1, tries=1, final=links.is_final, page=True), method="HEAD"
        )
    except Unreachable as error:
        if error.kind in ("unsafe", "offline", "proxy", "stopped", "dns-missing", "refusing", "failing"):
            raise
        return None
    return replace(reply, body=b"HEAD") if reply.status in (200, 203, 206) else None


async def _beside(url: str, web: Web | Journey) -> Reply | None:
    try:
        return await web.fetch(links.sibling(url), Terms(follow=MOST_HOPS, limit=links.PAGE_BYTES, tries=1, page=True))
    except Unreachable as error:
        if error.kind == "stopped":
            raise
        return None
