"""Phase 5, `settle_links`: the verdicts on each catalog's links, based on this run and earlier ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from enrich import links
from enrich.model import LinkCheck, Verdict, notable
from enrich.pipeline.asker import Asker
from enrich.pipeline.pages import Looked
from enrich.pipeline.values import AllAnswers, CatalogPlan, Decided, Note, Options, OwnOutage, Settled
from enrich.pipeline.verdicts import Observations, apply_steps, is_lost
from enrich.services import WEB


def settle_links(
    asker: Asker,
    *,
    decided: Decided,
    looked: Looked,
    outage: OwnOutage,
    answers: Sequence[tuple[AllAnswers, ...]],
    notes: Sequence[Sequence[Note]],
    copies: Sequence[Mapping[str, str]],
    options: Options,
) -> tuple[Settled, ...]:
    """Return how the links of each catalog turned out, with the Internet Archive's copies of what is dead.

    Args:
        asker: How the Archive is asked.
        decided: What the registries settled.
        looked: What the pages said.
        outage: The links of which our own network says nothing.
        answers: What the registries said, per catalog.
        notes: What could not be asked so far, per catalog.
        copies: The Internet Archive's copies of what seemed dead, per catalog.
        options: Which network the run looks from.
    """
    settled = []
    parts = zip(asker.plan.catalogs, decided.checks, answers, notes, copies, strict=True)
    for planned, own, said, noted, copied in parts:
        checks = planned.gather(asker.plan.known, own, looked.checks)
        own_notes = tuple(_notes(checks, looked, outage, noted, asker))
        apply_steps(checks, _observations(asker, planned, said, outage, options), "catalog")
        dead = {url: copy for url, copy in copied.items() if url in checks and is_lost(checks[url])}
        apply_steps(checks, Observations(copies=dead), "archive")
        postponed = (decided.postponed | looked.postponed).intersection(planned.urls)
        settled.append(Settled(checks, postponed, own_notes))
    return tuple(settled)


def _observations(
    asker: Asker, planned: CatalogPlan, said: tuple[AllAnswers, ...], outage: OwnOutage, options: Options
) -> Observations:
    """Return what is known about a catalog's links besides their own replies."""
    return Observations(
        in_outage=frozenset(outage.whys),
        registered_pages=links.registered_pages(answers for each in said for answers in each.values()),
        past=planned.past(),
        today=asker.plan.today,
        vantage=options.vantage,
    )


def _notes(
    checks: Mapping[str, LinkCheck], looked: Looked, outage: OwnOutage, noted: Iterable[Note], asker: Asker
) -> list[Note]:
    """Return what could not be checked of a catalog's links."""
    local = (
        (check.evidence[-1].saw.partition(": ")[2], url)
        for url, check in notable(checks)
        if check.verdict is Verdict.UNKNOWN and looked.failures.get(url) in ("files", "proxy", "worker")
    )
    files = Note.of(WEB, local)
    if outage.whys:
        notes = [*files, *Note.of(WEB, ((outage.whys[url], url) for url in checks if url in outage.whys))]
    else:
        services = {note.service for note in (*noted, *files)}
        notes = [*files, *(note for note in _if_nothing_asked(checks) if note.service not in services)]
    return [note for note in notes if note.why != asker.web.stop.because]


def _if_nothing_asked(checks: Mapping[str, LinkCheck]) -> list[Note]:
    """Note that no link at all could be checked: a run without a verdict must not look clean."""
    open_ones: dict[str, list[tuple[str, str]]] = {}
    for check in checks.values():
        if check.verdict is Verdict.SKIPPED:
            continue
        if check.verdict is not Verdict.UNKNOWN or check.evidence[-1].status is not None:
            return []
        last = check.evidence[-1]
        open_ones.setdefault(last.asked, []).append((last.saw, check.url))
    return [note for service, identifiers in open_ones.items() for note in Note.of(service, identifiers)]
