"""The conductor of the nightly job: the list of its phases.

`plan` decides what to ask; `ask`, `look` and `resolve` ask; `conclude` judges. Phases pass on frozen values of
`values`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain

from enrich.pipeline.aliases import find_aliases
from enrich.pipeline.ask import ask, ask_again, ask_first, decide
from enrich.pipeline.asker import Asker
from enrich.pipeline.conclude import conclude
from enrich.pipeline.ending import ending_of
from enrich.pipeline.local import local_copies
from enrich.pipeline.look import stored
from enrich.pipeline.look.outage import explain_outage
from enrich.pipeline.look.settings import look_settings
from enrich.pipeline.look_again import look_again
from enrich.pipeline.pages import Looked, ToLook
from enrich.pipeline.parts.looking import Looking, Workers, looking_through
from enrich.pipeline.plan import plan
from enrich.pipeline.resolve import resolve, search_ahead, search_early, search_snapshots
from enrich.pipeline.settle import settle_links
from enrich.pipeline.values import Asked, CatalogInput, Decided, FirstSearches, Options, Result
from enrich.settings import Loaded, Settings
from enrich.sources import retraction_watch
from enrich.web import Web


async def run(
    catalogs: Sequence[CatalogInput],
    web: Web,
    loaded: Loaded,
    *,
    options: Options,
    workers: Workers | None = None,
) -> tuple[Result, ...]:
    """Resolve the entries of catalogs, check their links, and judge the results, for each catalog on its own.

    Requests to services and pages cover all catalogs. Network failures never raise: what could not be asked is in the
    report's `unasked`. After `web` is stopped, by the deadline or from outside, nothing more is asked, and the reports
    are partial. With `workers`, these look at the pages, with the same results.
    """
    if loaded.settings.retraction_watch:
        retraction_watch.require_readable(loaded.settings.retraction_watch)
    async with web.stop.after(options.deadline):
        return await _run(catalogs, web, loaded, options, workers)


async def _run(
    catalogs: Sequence[CatalogInput], web: Web, loaded: Loaded, options: Options, workers: Workers | None
) -> tuple[Result, ...]:
    started = web.clock.now()
    chosen = [entry for each in catalogs for entry in each.chosen(options.limit)]
    aliases = await find_aliases(chosen, web, loaded.base)
    planned = plan(catalogs, loaded.settings, options, started.date(), partial(stored, cache=web.cache), aliases)
    vouched = set(chain.from_iterable(each.vouched for each in planned.catalogs))
    web.expect("links", len(planned.pages) + len(vouched.difference(planned.pages)))
    settings = look_settings(planned, loaded.settings)
    with local_copies(planned, loaded.settings) as local:
        asker = Asker(web, loaded.base, planned, local)
        async with looking_through(workers, planned, web, loaded, settings, options.deadline) as looking:
            return await _carry_out(asker, looking, loaded.settings, options, started)


async def _carry_out(
    asker: Asker, looking: Looking, settings: Settings, options: Options, started: datetime
) -> tuple[Result, ...]:
    planned = asker.plan
    asked, decided, ahead, looked = await _ask_side_by_side(asker, looking)
    asked, decided, ahead = await ask_again(asker, asked, decided, ahead)

    seen = [
        each.gather(planned.known, settled, looked.checks, looked.doubtful) if each.due else {}
        for each, settled in zip(planned.catalogs, decided.checks, strict=True)
    ]
    resolving = asyncio.create_task(resolve(asker, asked, ahead, seen, settings.retraction_watch))
    # No task group: it would wrap the error about a file that `resolve` cannot read.
    second_looks = look_again(asker, decided, looked, looking, resolving, options)
    lookups, (looked, copies) = await asyncio.gather(resolving, second_looks)
    await asyncio.sleep(0)  # until then, the loop keeps what was waited for

    outage = await explain_outage(looked, planned.known, [*asked.answers, *lookups.answers], asker.web)
    answers = list(zip(asked.answers, lookups.answers, strict=True))
    notes = [list(chain(*each)) for each in zip(asked.notes, ahead.notes, lookups.notes, strict=True)]
    settle = partial(settle_links, asker, decided=decided, looked=looked, outage=outage)
    settled = settle(answers=answers, notes=notes, copies=copies, options=options)
    # Of a long list, what was asked takes as much room as what is made of it.
    by_key = [dict(each) for each in lookups.by_key]  # `conclude` empties them
    del resolving, second_looks, asked, decided, ahead, looked, seen, lookups, copies, outage, answers, settle
    concluding = partial(conclude, ending=ending_of(asker, started, options), settings=settings, options=options)
    return tuple(
        concluding(each, found, of_links, [*noted, *of_links.notes])
        for each, found, of_links, noted in zip(planned.catalogs, by_key, settled, notes, strict=True)
    )


async def _ask_side_by_side(asker: Asker, looking: Looking) -> tuple[Asked, Decided, FirstSearches, Looked]:
    """Ask registries and pages at the same time, and search; what registries leave open is looked at, too."""
    planned = asker.plan
    local = await search_snapshots(asker)

    async def ask_registries() -> tuple[Asked, FirstSearches, Decided, Looked]:
        found = [each.named for each in local]
        first = await ask_first(asker, found)
        ahead, named = await search_early(asker, first, await searching)
        failing = {service: failure for service, failure in ahead.out.items() if failure.passing}
        first = replace(first, out={**failing, **first.out})  # `ask_again` asks these
        asked = await ask(asker, first, [one | two for one, two in zip(found, named, strict=True)])
        decided = decide(planned, asked, asker.web)
        return asked, ahead, decided, await looking(decided.open)

    async with asyncio.TaskGroup() as group:
        pages = group.create_task(looking(ToLook(url) for url in planned.pages))
        searching = group.create_task(search_ahead(asker, local))
        asking = group.create_task(ask_registries())
    asked, ahead, decided, of_vouched = asking.result()
    return asked, decided, ahead, pages.result() | of_vouched
