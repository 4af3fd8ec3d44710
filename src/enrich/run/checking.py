"""Checking the links of a run: by a registry's answer where an identifier vouches, else by the page."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from pydantic import TypeAdapter, ValidationError

from enrich import links
from enrich.limits import PAGE_SECONDS, CpuLimit, OutOfTimeError
from enrich.model import Entry, Evidence, Found, Hop, Identifier, LinkCheck, Page, Reply, Unknown, Unreachable, Verdict
from enrich.run.lanes import Lanes
from enrich.run.registries import Registries
from enrich.settings import Loaded
from enrich.sources import archive, landing_page
from enrich.text.dates import find_year
from enrich.web import Terms, Web

_FORM = TypeAdapter(LinkCheck)

# How each verdict is stored; failures and doubts are not: they are asked again.
_STORED_AS = {Verdict.OK: "page", Verdict.MOVED: "page", Verdict.BLOCKED: "blocked"}

MOST_HOPS = 10
"""Redirects that a link may take."""

_CONTROL = "https://example.com/"  # kept for all to use: https://www.iana.org/help/example-domains

_HOSTS_THAT_TELL = 3  # hosts all of which fail before it is our own network that is out of order
_SILENCE = frozenset({"dns", "dns-missing", "connect", "timeout"})  # failures in which nobody said anything
_HOSTS_THAT_TELL_MORE = 10  # the same where registries answer: a firewall may let them through, and them alone

# Of the time that a service has for a batch, what a page gets at each look: while one lets the time pass, others of its
# host wait for it. Only a page that does so twice is looked at a third time.
_SHARES = (0.25, 0.25, 0.5)

_WORKERS = 160  # as many as requests may be in flight

_STORED_WITHIN = 0.01  # seconds: to commit each verdict for itself takes as long as to ask for it

_APART = 10.0  # seconds at least until a silent page is asked again, as long as there are others to ask

_OEMBED_BYTES = 64 * 1024

_MOST_REFRESHES = 2  # pages in a row that send their reader on by themselves


@dataclass(frozen=True, slots=True)
class _Look:
    """A reply and what its page says of itself; nothing where the page took too long to read."""

    reply: Reply
    facts: landing_page.Facts
    was_read: bool = True

    @property
    def is_wall(self) -> bool:
        """Whether a bot wall answered, which sends its visitors on as well."""
        return links.wall(self.reply.url, self.reply, self.facts.title or "") is not None

    def page(self, url: str) -> Page:
        """What is kept of it; most pages stand where their link says, and share its text."""
        record = replace(self.facts.record, asked_at=self.reply.at) if self.facts.record else None
        address = url if self.reply.url == url else self.reply.url
        return Page(address, self.reply.status, self.facts.title, record)


class Checks:
    """The verdicts of a run by URL; looks at silent pages that need not wait for its end are tasks in `aside`.

    Attributes:
        verdicts: What is known of each URL.
        postponed: URLs left unasked in this run, for want of time or because their host kept refusing; the next run
            asks for them first.
    """

    def __init__(
        self,
        web: Web,
        registries: Registries,
        loaded: Loaded,
        today: date,
        aside: asyncio.TaskGroup,
    ) -> None:
        self._aside = aside
        self._web, self._registries, self._today = web, registries, today
        self._settings, self._base = loaded.settings, loaded.base
        self._failures: dict[str, str] = {}
        self._first_looks: dict[str, LinkCheck] = {}
        self._silent: deque[tuple[float, str]] = deque()
        self._at_the_end: list[str] = []
        self._vouched: dict[str, LinkCheck] = {}
        self._answered: set[str] = set()  # schemes of the addresses that answered anything
        self._unstored: defaultdict[str, dict[str, object]] = defaultdict(dict)
        self._stored_at = 0.0
        self._first: dict[str, int] = {}
        self.verdicts: dict[str, LinkCheck] = {}
        self.postponed: set[str] = set()

    def due(self, entries: Iterable[Entry], first: Collection[str] = ()) -> list[str]:
        """The distinct URLs that must be asked: those of `first` in its order, then all others in catalog order.

        What need not be asked is settled at once.
        """
        due = []
        for url in dict.fromkeys(link.url for entry in entries for link in entry.links):
            if check := self._ignored(url) or links.unfit(url) or self._stored(url):
                self.verdicts[url] = check
            else:
                due.append(url)
        self._first = {url: place for place, url in enumerate(first)}
        return sorted(due, key=lambda url: self._first.get(url, len(self._first)))

    def seen(self, url: str) -> LinkCheck | None:
        """What is known of a URL so far, an unconfirmed failure included."""
        return self.verdicts.get(url) or self._first_looks.get(url)

    async def look_at(self, urls: Iterable[str]) -> None:
        """Fetches pages, side by side; while the last hosts are at work, those that stayed silent are asked again."""
        await self._side_by_side(urls, self._look_at)

    async def decide(self, vouched: Mapping[str, Identifier]) -> None:
        """Takes the registries' word where it settles a link, and looks at the page where it does not."""
        open_ones = []
        for url, identifier in vouched.items():
            answers = self._registries.answers.get(identifier, {})
            check = self._unsafe(url, answers) or links.decide(url, answers)
            if check is None or links.is_doubtful(url, answers):
                open_ones.append(url)
                if check is not None:
                    self._vouched[url] = check
            else:
                self._settle(check)
        self._store()
        await self.look_at(open_ones)

    def _unsafe(self, url: str, answers: links.Answers) -> LinkCheck | None:
        """The check of a DOI that is registered for a private address; None for all others."""
        for target in links.registered_targets(url, answers):
            if why := self._web.objection(target):
                at = next((answer.at for answer in answers.values() if isinstance(answer, Found)), "")
                return LinkCheck(url, Verdict.UNSAFE, (Evidence("doi", at, f"registered, leads to {target}: {why}"),))
        return None

    async def look_again(self) -> None:
        """One more GET, at the end of the run, for what would be broken or suspect."""
        urls = [*self._at_the_end, *(url for _, url in self._silent)]
        self._at_the_end.clear()
        self._silent.clear()
        await self._side_by_side(urls, self._look_again_at)

    async def _look_again_at(self, url: str) -> None:
        for number in range(1, len(_SHARES)):
            check = links.confirmed(self._first_looks[url], await self._checked(url, number))
            if self._failures.get(self._address(url)) != "timeout":
                break
        if self._is_left_out(check):
            check = replace(check, evidence=(*self._first_looks[url].evidence, *check.evidence))
        # Name servers that give no answer say nothing about the link.
        unnamed = check.verdict is Verdict.SUSPECT and self._failures.get(self._address(url)) == "dns"
        self._settle(replace(check, verdict=Verdict.UNKNOWN) if unnamed else check)

    async def explain_outage(self) -> None:
        """Without a network of our own, or a way to trust anybody, no failure says anything about a link."""
        self._store()  # what the last looks aside brought
        insecure = [url for url in self._first_looks if self._failures.get(self._address(url)) == "tls"]
        insecure += [url for url, check in self.verdicts.items() if check.tls_trouble]
        why, left_open = self._web.offline_because, list(self.verdicts)
        if why is None:
            why = await self._outage(self._first_looks, "http")
        if why is None:
            why, left_open = await self._outage(insecure, "https"), insecure
        if why is None:
            self._note_nothing_asked()
            return
        for url in left_open:
            check = self.verdicts[url]
            asked_in_vain = check.verdict is Verdict.UNKNOWN and check.evidence[-1].asked == "web"
            if check.tls_trouble or links.wants_second_look(check) or (asked_in_vain and not self._is_left_out(check)):
                self.verdicts[url] = replace(check, verdict=Verdict.UNKNOWN)
                self._registries.could_not_ask("web", why, url)

    def _note_nothing_asked(self) -> None:
        """Note it where not one link could be asked for: a run without a verdict must not look clean."""
        asked = [check for check in self.verdicts.values() if check.verdict is not Verdict.SKIPPED]
        if all(check.verdict is Verdict.UNKNOWN and check.evidence[-1].status is None for check in asked):
            noted = set(self._registries.unasked)
            for last, url in ((check.evidence[-1], check.url) for check in asked):
                if last.asked not in noted:
                    self._registries.could_not_ask(last.asked, last.saw, url)

    async def _outage(self, urls: Iterable[str], scheme: str) -> str | None:
        """Why these pages failed, where no page whose URL begins with the scheme answers at all."""
        answered = any(each.startswith(scheme) for each in self._answered)
        why = None if answered else self._nobody_answered(urls)
        return why if why and not await self._does_any_answer(scheme) else None

    async def _does_any_answer(self, scheme: str) -> bool:
        """Whether pages that were good on an earlier night, whose URLs begin so, or IANA's own, still answer.

        On most nights no good page is due, and those that failed, all of which are asked again, would speak for all.
        """
        good = {
            links.host_of(url): url for url, check in self.verdicts.items() if check.page and url.startswith(scheme)
        }
        urls = [*list(good.values())[: _HOSTS_THAT_TELL - 1], _CONTROL]
        return any(await asyncio.gather(*map(self._answers, urls)))

    async def _answers(self, url: str) -> bool:
        try:
            await self._web.fetch(url, Terms(limit=1, tries=1))
        except Unreachable:
            return False
        return True

    def _nobody_answered(self, urls: Iterable[str]) -> str | None:
        """How these pages failed, where they are enough to tell of our own network: none of them gave any answer."""
        failed = [self.verdicts[url] for url in urls]
        silent = [check for check in failed if check.verdict is not Verdict.BROKEN]
        hosts = len({links.host_of(check.url) for check in silent})
        registries = (answer for those in self._registries.answers.values() for answer in those.values())
        alone = len(silent) == len(failed) and all(isinstance(answer, Unknown) for answer in registries)
        # Where the links are all of one or two hosts, the control host tells whether it is them or us.
        few = all(self._failures.get(self._address(check.url)) in _SILENCE for check in silent)
        least = _HOSTS_THAT_TELL_MORE if not alone else 1 if few else _HOSTS_THAT_TELL
        if hosts < least:
            return None
        told = f"none of {hosts} hosts" if hosts > 1 else links.host_of(silent[0].url)
        saw = silent[0].tls_trouble or silent[0].evidence[-1].saw
        return f"{told} gave {'an' if hosts > 1 else 'no'} answer ({saw})"

    async def with_copies(
        self, verdicts: Mapping[str, LinkCheck], entries: Iterable[Entry], last_ok: Callable[[str], date | None]
    ) -> dict[str, LinkCheck]:
        """The verdicts, those on dead pages with the archive's copy nearest to a day on which the page was there.

        `last_ok` tells when an earlier run saw it; without that it is the year of the entry's paper that counts.
        """
        lost: dict[str, archive.Lost] = {}
        for entry in entries:
            for link in entry.links:
                # What a registry does not know was never there, so there is no copy either.
                gone = verdicts.get(link.url)
                if gone and _is_lost(gone) and not links.is_registered(link.url):
                    lost.setdefault(link.url, archive.Lost(link.url, last_ok(link.url) or _listed_on(entry)))
        found = await archive.look_up(list(lost.values()), self._web, base=self._base(archive.NAME, archive.BASE))
        copies = {place.url: copy.value for place, copy in found.items() if isinstance(copy, Found)}
        return {url: replace(check, copy=copies[url]) if url in copies else check for url, check in verdicts.items()}

    def _ignored(self, url: str) -> LinkCheck | None:
        for rule in self._settings.ignore:
            if rule.rule is None and rule.matches([url], self._today):
                return LinkCheck(url, Verdict.SKIPPED, (Evidence("settings", "", f"ignored: {rule.reason}"),))
        return None

    def _stored(self, url: str) -> LinkCheck | None:
        for kind in dict.fromkeys(_STORED_AS.values()):
            try:
                if (stored := self._web.cache.get(kind, url)) is not None:
                    return _FORM.validate_python(stored)
            except ValidationError:
                continue
        return None

    def _is_left_out(self, check: LinkCheck) -> bool:
        """Whether the run was stopped before the link could be judged."""
        return check.verdict is Verdict.UNKNOWN and self._web.stop.because in [e.saw for e in check.evidence]

    def _settle(self, check: LinkCheck) -> None:
        self.verdicts[check.url] = check
        failure = self._failures.get(self._address(check.url))
        if self._is_left_out(check) or failure == "refusing":
            self.postponed.add(check.url)  # no answer, so nothing to keep
            kind = None
        else:
            kind = None if check.tls_trouble else _STORED_AS.get(check.verdict)
        if check.verdict is Verdict.UNKNOWN and failure == "files":
            self._registries.could_not_ask("web", check.evidence[-1].saw.partition(": ")[2], check.url)
        if kind:
            loop = asyncio.get_running_loop()
            due = self._stored_at + _STORED_WITHIN
            if not self._unstored and loop.time() < due:
                loop.call_at(due, self._store)
            self._unstored[kind][check.url] = _FORM.dump_python(check, mode="json")
            if loop.time() >= due:
                self._store()
        self._web.progress("links", 1)

    def _store(self) -> None:
        if self._unstored:
            for kind, checks in self._unstored.items():
                self._web.cache.put_all(kind, checks)
            self._unstored.clear()
            self._stored_at = asyncio.get_running_loop().time()

    async def _side_by_side(self, urls: Iterable[str], job: Callable[[str], Awaitable[None]]) -> None:
        """Does a job for each URL: the hosts with most of them first, several at a host, until the host is done.

        Hosts with URLs that an earlier run left unasked come before all others. As many at once as the host takes now.
        Who stays with a host finds its connection open, and the host with most URLs decides how long all take. A task
        for each URL would cost more memory than everything else together.
        """

        async def look(url: str, *, is_last_host: bool) -> None:
            await job(url)
            if is_last_host and (silent := self._ripe()):
                self._aside.create_task(self._look_again_at(silent))

        try:
            first = {links.host_of(url) for url in self._first}
            await Lanes(urls, look, self._web.concurrency, _WORKERS, first).run()
        finally:
            self._store()

    def _ripe(self) -> str | None:
        """A silent page that was asked long enough ago; the others wait for the run's end."""
        if self._silent and self._silent[0][0] <= self._web.clock.monotonic() - _APART:
            return self._silent.popleft()[1]
        return None

    async def _look_at(self, url: str) -> None:
        check = await self._checked(url)
        if links.wants_second_look(check):
            self._first_looks[url] = check
            if self._failures.get(self._address(url)) == "timeout":
                self._silent.append((self._web.clock.monotonic(), url))
            else:
                self._at_the_end.append(url)
        else:
            self._settle(check)

    async def _checked(self, url: str, number: int = 0) -> LinkCheck:
        """The verdict by the page, together with what a registry says of the thing that the link leads to.

        `number` counts the looks at it, from 0; the first may take several tries, but for a page that stays silent.
        """
        address = self._address(url)
        by_page = await self._page(address, number)
        if address is not url:
            by_page = replace(by_page, url=url)
        if self._is_left_out(by_page):
            return by_page
        return links.weighed(by_page, self._vouched.get(url))

    def _address(self, url: str) -> str:
        """Where the page of a link is asked for: at its new place where a registry knows one."""
        known = self._vouched.get(url)
        return known.new_url if known and known.new_url else url

    async def _page(self, url: str, number: int) -> LinkCheck:
        """Return the verdict by the page, of a video by what its platform says of it first."""
        try:
            address = links.oembed_url(url)
            oembed = await self._web.fetch(address, Terms(tries=1, limit=_OEMBED_BYTES)) if address else None
        except Unreachable:
            oembed = None  # nor is its page, then, and that says why
        by_oembed = links.of_oembed(url, oembed) if oembed else None
        return by_oembed or links.of_video_page(await self._page_itself(url, number), oembed)

    async def _page_itself(self, url: str, number: int) -> LinkCheck:
        accepted = self._settings.accept.get(links.host_of(url), ()) if self._settings.accept else ()
        self._failures.pop(url, None)
        cpu = CpuLimit(PAGE_SECONDS)
        hops: tuple[Hop, ...] = ()  # by pages that send their reader on themselves
        try:
            look = await self._look(url, number, cpu)
            for _ in range(_MOST_REFRESHES):
                if look.facts.refresh is None or not 200 <= look.reply.status < 300 or look.is_wall:
                    break
                hops = (*hops, *look.reply.hops, Hop(look.reply.url, look.reply.status))
                look = await self._look(look.facts.refresh, number, cpu)
            if hops:
                look = replace(look, reply=replace(look.reply, hops=(*hops, *look.reply.hops)))
            page = look.page(url)
            beside = await self._beside(page.url) if links.seems_missing(look.reply, page) else None
        except Unreachable as error:
            self._failures[url] = error.kind
            hops = (*hops, *error.hops)
            self._note_answers(hop.url for hop in hops)
            return links.unreachable(url, error, hops)
        if look.was_read:
            with suppress(OutOfTimeError), cpu:
                return links.classify(
                    url, look.reply, page, accepted, beside=beside, names=self._names(url, look.reply)
                )
        return links.classify_by_status(url, look.reply, accepted)

    def _names(self, url: str, reply: Reply) -> frozenset[str] | None:
        """The names of a page's parts, where the link's must be among them and the whole page has come."""
        if not self._settings.fragments or links.fragment(url) is None or reply.truncated:
            return None
        return landing_page.element_names(reply.body, reply.headers.get("content-type", ""))

    async def _look(self, url: str, number: int, cpu: CpuLimit) -> _Look:
        limit = links.bytes_wanted(url)
        if links.is_binary(url) and number == 0:
            reply = await self._headers(url)
            if reply is not None:
                return _Look(reply, landing_page.Facts())
        # What lets the time pass is looked at again at the end of the run; till then its place in line is for others.
        reply = await self._web.fetch(
            url,
            Terms(
                follow=MOST_HOPS,
                limit=limit,
                tries=1 if number else None,
                final=links.is_final,
                timeout=self._settings.timeout * _SHARES[number],
                retry_timeouts=False,
                good=self._settings.accept.get(links.host_of(url), ()),
                page=True,
            ),
        )
        if reply.tls_trouble:
            self._failures[url] = "tls"
        else:
            self._note_answers([reply.url, *(hop.url for hop in reply.hops)])
        with suppress(OutOfTimeError), cpu:
            facts = landing_page.parse(reply.body, reply.url, reply.headers.get("content-type", ""))
            # Of a page that is not to be trusted no more than its title counts.
            return _Look(reply, landing_page.Facts(title=facts.title) if reply.tls_trouble else facts)
        return _Look(reply, landing_page.Facts(), was_read=False)

    def _note_answers(self, urls: Iterable[str]) -> None:
        self._answered.update(url.partition(":")[0] for url in urls)

    async def _headers(self, url: str) -> Reply | None:
        """What HEAD says of a large file, where it says that it is there: any other answer to HEAD proves nothing."""
        try:
            reply = await self._web.fetch(
                url, Terms(follow=MOST_HOPS, limit=1, tries=1, final=links.is_final, page=True), method="HEAD"
            )
        except Unreachable as error:
            if error.kind in ("unsafe", "offline", "stopped", "dns-missing", "refusing"):
                raise
            return None
        return replace(reply, body=b"HEAD") if reply.status in (200, 203, 206) else None

    async def _beside(self, url: str) -> Reply | None:
        try:
            return await self._web.fetch(
                links.sibling(url), Terms(follow=MOST_HOPS, limit=links.PAGE_BYTES, tries=1, page=True)
            )
        except Unreachable as error:
            if error.kind == "stopped":
                raise
            return None


def _is_lost(check: LinkCheck) -> bool:
    return check.verdict is Verdict.BROKEN or check.is_unreachable


def _listed_on(entry: Entry) -> date | None:
    """A day in about the year in which the entry came into the list."""
    year = entry.known("year") or find_year(entry.venue or "")
    return date(year, 12, 31) if isinstance(year, int) and 1990 <= year <= 2100 else None
