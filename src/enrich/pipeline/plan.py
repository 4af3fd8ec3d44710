"""Phase 1, `plan`: the entries and links that are due, and which registries can answer for them; pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain

from enrich import links
from enrich.history import EntryPast, History
from enrich.identifiers import parse
from enrich.judge import missing_fields
from enrich.model import Checks, Entry, Evidence, Identifier, LinkCheck, Scheme, Verdict
from enrich.pipeline.ages import date_of, is_at_refresh_age, is_old
from enrich.pipeline.clues import PAPER_KINDS, clues, is_paper, lookup_hash
from enrich.pipeline.sample import spread_over_hosts
from enrich.pipeline.values import CatalogInput, CatalogPlan, Due, Options, Plan
from enrich.settings import Settings


def plan(
    catalogs: Sequence[CatalogInput],
    settings: Settings,
    options: Options,
    today: date,
    stored: Callable[[Iterable[str]], Mapping[str, LinkCheck]],
    aliases: Mapping[Identifier, Identifier] = {},
) -> Plan:
    """Return what a run over these catalogs asks.

    `stored` has the verdicts of earlier runs that are still valid; `aliases` maps identifiers to those that are asked
    instead.
    """
    postponed = tuple(dict.fromkeys(url for each in catalogs for url in each.history.postponed))
    chosen = [each.chosen(options.limit) for each in catalogs]
    urls = [_urls(entries) if options.links else () for entries in chosen]
    known, due = _split((url for listed in urls for url in listed), settings, today, stored)
    if options.sample is not None:
        taken = spread_over_hosts(due, options.sample)
        known, due = Checks(), [url for url in due if url in taken]
        chosen = [_with_links(entries, taken) for entries in chosen]
        urls = [tuple(url for url in own if url in taken) for own in urls]
    turns = {url: turn for turn, url in enumerate(postponed)}
    due.sort(key=lambda url: turns.get(url, len(turns)))
    own_names = {url: identifier for url in due if (identifier := links.voucher(url))}
    # A paper's link and its clue have the same identifier: in a long catalog, thousands are stored once.
    shared = {**{identifier: identifier for identifier in own_names.values()}, **aliases}
    plans = tuple(
        CatalogPlan(
            given=each,
            chosen=entries,
            due=_papers_due(entries, each.history, today, settings, options, shared),
            urls=own,
            vouched={url: aliases.get(i, i) for url, i in _vouchers(due, own_names, own, entries).items()},
        )
        for each, entries, own in zip(catalogs, chosen, urls, strict=True)
    )
    return _plan(plans, known, due, postponed, today)


def _split(
    urls: Iterable[str], settings: Settings, today: date, stored: Callable[[Iterable[str]], Mapping[str, LinkCheck]]
) -> tuple[Checks, list[str]]:
    """Return the verdicts on links that need no request, and the other links."""
    known, due = Checks(), []
    for url in dict.fromkeys(urls):
        if check := _ignored(url, settings, today) or links.unfit(url):
            known.put(check)
        else:
            due.append(url)
    before = stored(due)
    known.update(before)
    return known, [url for url in due if url not in before]


def _plan(
    plans: tuple[CatalogPlan, ...],
    known: Mapping[str, LinkCheck],
    due: Sequence[str],
    postponed: tuple[str, ...],
    today: date,
) -> Plan:
    """Return the plan over all catalogs, beginning with what earlier runs did not reach."""
    waiting = [each for planned in plans for each in _not_reached_lately(planned)]
    identifiers = {planned.vouched[url] for planned in plans for url in postponed if url in planned.vouched}
    return Plan(
        catalogs=plans,
        today=today,
        known=known,
        pages=_pages(plans, due),
        postponed=postponed,
        identifiers=frozenset(identifiers | {clue.identifier for each in waiting for clue in each.clues}),
        titles=frozenset(text for each in waiting if (text := each.entry.title or each.entry.name)),
    )


def _pages(plans: Sequence[CatalogPlan], due: Sequence[str]) -> tuple[str, ...]:
    """Return the URLs for which no registry can vouch in at least one of their catalogs."""
    vouched = set(chain.from_iterable(each.vouched for each in plans))
    open_ones = {url for each in plans for url in each.urls if url in vouched and url not in each.vouched}
    return tuple(url for url in due if url not in vouched or url in open_ones)


def _with_links(entries: Iterable[Entry], urls: Collection[str]) -> list[Entry]:
    return [entry for entry in entries if any(link.url in urls for link in entry.links)]


def _urls(entries: Iterable[Entry]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(url for entry in entries for url in entry.urls))


def _ignored(url: str, settings: Settings, today: date) -> LinkCheck | None:
    for rule in settings.ignore:
        if rule.rule is None and rule.matches([url], today):
            return LinkCheck(url, Verdict.SKIPPED, (Evidence("settings", "", f"ignored: {rule.reason}"),))
    return None


def _vouchers(
    due: Iterable[str], own: Mapping[str, Identifier], listed: Iterable[str], entries: Iterable[Entry]
) -> dict[str, Identifier]:
    """Return the identifiers whose registries can decide a catalog's links (URL to identifier).

    That is the link's own, or the DOI in the catalog if the publisher registers its pages.
    """
    known = {
        link.url: identifier
        for entry in entries
        if (doi := entry.known("doi")) and (identifier := parse(str(doi))) and identifier.scheme is Scheme.DOI
        for link in entry.links
        if link.kind in PAPER_KINDS and links.may_be_registered(link.url)
    }
    vouched = {url for url in listed if url in own or url in known}
    return {url: known.get(url) or own[url] for url in due if url in vouched} if vouched else {}


def _papers_due(
    entries: Iterable[Entry],
    history: History,
    today: date,
    settings: Settings,
    options: Options,
    aliases: Mapping[Identifier, Identifier],
) -> tuple[Due, ...]:
    papers = [entry for entry in entries if options.metadata and is_paper(entry)]
    if options.only_missing:
        papers = [each for each in papers if _is_missing(each, history.entries.get(each.key), today, settings)]
    return tuple(
        Due(entry, clues(entry, aliases), is_at_refresh_age(entry, history, today, settings.refresh_days))
        for entry in papers
    )


def _is_missing(entry: Entry, before: EntryPast | None, today: date, settings: Settings) -> bool:
    """Whether `--only-missing` must look up the entry.

    Due are entries with an empty wanted field (unless found so in the last `retry_lacking_days`), edited entries, and
    those older than their refresh age.
    """
    missing = set(missing_fields(entry, entry.enriched, settings.wanted_fields))
    enriched_on = date_of(entry.enriched.enriched_on if entry.enriched else None)
    if before is None:
        return bool(missing) or enriched_on is None or is_old(entry, enriched_on, today, settings.refresh_days)
    if before.asked != lookup_hash(entry) or missing - set(before.lacking):
        return True
    if missing and today - before.on >= timedelta(days=settings.retry_lacking_days):
        return True
    return is_old(entry, before.on, today, settings.refresh_days)


def _not_reached_lately(planned: CatalogPlan) -> list[Due]:
    """Return the entries that the last run with lookups did not reach, if it reached others."""
    history = planned.given.history.entries
    last = [history[due.entry.key].on if due.entry.key in history else date.min for due in planned.due]
    latest = max(last, default=date.min)
    return [due for due, on in zip(planned.due, last, strict=True) if on < latest]
