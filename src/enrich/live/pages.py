"""Pages with known verdicts, from `pages.toml`, checked like the links of a run."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from enrich.live.outcomes import CanaryResult, CanaryState
from enrich.model import Entry, EntryType, Link, LinkCheck, Verdict
from enrich.pipeline import CatalogInput, Options, run
from enrich.services import WEB
from enrich.settings import Loaded
from enrich.text.urls import host_of
from enrich.web import Web

_THERE = frozenset({Verdict.OK, Verdict.MOVED, Verdict.BLOCKED})
_NOT_THERE = frozenset({Verdict.BROKEN, Verdict.SUSPECT, Verdict.BLOCKED})


@dataclass(frozen=True, slots=True)
class PageCanary:
    """A page, what it checks, and its correct verdicts."""

    case: str
    url: str
    allowed: frozenset[Verdict]


def load_pages() -> tuple[PageCanary, ...]:
    """Return the pages of `pages.toml`: single ones, then for each host an existing and a missing one."""
    table = tomllib.loads(files(__package__).joinpath("pages.toml").read_text(encoding="utf-8"))
    single = [PageCanary(row["case"], row["url"], frozenset(map(Verdict, row["allowed"]))) for row in table["page"]]
    for row in table["host"]:
        host = f"wall: {row['wall']}" if "wall" in row else host_of(row["good"])
        single.append(PageCanary(f"{host}: a page that is there", row["good"], _THERE))
        single.append(PageCanary(f"{host}: an invented address", row["invented"], _NOT_THERE))
    return tuple(single)


async def check_pages(canaries: Sequence[PageCanary], web: Web, loaded: Loaded) -> list[CanaryResult]:
    """Return how the verdict on each page compares; only a page that deviates is checked again."""
    first = await _checked(canaries, web, loaded, second_looks=False)
    deviating = [canary for canary in canaries if first[canary.url].state is CanaryState.DEVIATES]
    last = first | (await _checked(deviating, web, loaded, second_looks=True) if deviating else {})
    return [last[canary.url] for canary in canaries]


async def _checked(
    canaries: Sequence[PageCanary], web: Web, loaded: Loaded, *, second_looks: bool
) -> dict[str, CanaryResult]:
    """Return the results by URL; all pages are checked as the links of one entry."""
    entry = Entry("canaries", EntryType.OTHER, links=tuple(Link(canary.url) for canary in canaries))
    options = Options(metadata=False, copies=False, second_looks=second_looks)
    (done,) = await run([CatalogInput(None, [entry])], web, loaded, options=options)
    checked = {link.check.url: link.check for link in done.report.links}
    return {canary.url: _compared(canary, checked[canary.url]) for canary in canaries}


def _compared(canary: PageCanary, link: LinkCheck) -> CanaryResult:
    expected = " or ".join(sorted(canary.allowed))
    last = link.evidence[-1] if link.evidence else None
    saw = f"{link.verdict}: {last.saw}" if last else str(link.verdict)
    if last and last.status:
        saw += f" (HTTP {last.status})"
    if link.verdict in canary.allowed:
        state = CanaryState.AS_EXPECTED
    elif link.verdict is Verdict.SKIPPED:
        state = CanaryState.SKIPPED
    elif link.verdict is Verdict.BROKEN and not any(each.status for each in link.evidence):
        state, saw = CanaryState.SKIPPED, f"{saw}; the test page is gone; replace it in pages.toml"
    else:
        state = CanaryState.DEVIATES
    return CanaryResult(WEB, canary.case, state, expected, saw, canary.url)
