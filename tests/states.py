"""Runs on catalogs and what is kept of them: by the command, and without a network."""

from __future__ import annotations

import json
import re
import shutil
from argparse import Namespace
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

from enrich import settings
from enrich.commands.state import CatalogState
from enrich.commands.workspace import Workspace
from enrich.history import History, LinkPast, save
from enrich.model import (
    Entry,
    EntryType,
    Link,
    LinkCheck,
    LinkKind,
    LinkReport,
    Report,
    Verdict,
)
from enrich.report import as_json
from tests.loopback import Bench, Upstream, page

DAY = date(2026, 11, 1)


def bench_without_cache(folder: Path, upstream: Upstream) -> Bench:
    """A folder without a cache beside the catalogs; pages that are out of order, moved and good, all others dead."""
    upstream.pages |= {"down": page("Out of order", 503), "new": page("New"), "good": page("Good")}
    upstream.pages["moved"] = (301, {"location": "/pages/new"}, b"")
    bench = upstream.bench(folder, more="recheck_links_days = 0")
    shutil.rmtree(bench.folder / "cache")
    return bench


def catalog(upstream: Upstream, key: str, *pages: str) -> str:
    links = ", ".join(f'"{upstream.url(f"pages/{name}")}"' for name in pages)
    return f"version: 1\nentries:\n  - key: {key}\n    type: other\n    name: {key}\n    links: [{links}]\n"


def night(bench: Bench, name: str, *flags: str) -> dict[str, str]:
    """A run on a catalog, and the state of each of its findings."""
    done = bench.call("run", name, "--no-metadata", "--report", "json=out.json", *flags)
    assert done.code in (0, 1), done.err
    findings = json.loads(bench.read("out.json"))["findings"]
    return {f"{finding['entry']} {finding['rule']}": finding["state"] for finding in findings}


def histories(folder: Path) -> list[Path]:
    return sorted(folder.rglob("history.json"))


def set_back(folders: Iterable[Path]) -> None:
    """Make last night yesterday."""
    for path in (path for folder in folders for path in histories(folder)):
        path.write_text(re.sub(r"20\d\d-\d\d-\d\d", lambda day: str(_before(day[0])), path.read_text()))


def _before(day: str) -> date:
    return date.fromisoformat(day) - timedelta(2)


def remembered(bench: Bench, url: str) -> object:
    """The one history that tells of a URL, without the path of its catalog."""
    found = [json.loads(path.read_text()) for folder in homes(bench) for path in histories(folder)]
    (history,) = [history for history in found if url in history["links"]]
    return {name: part for name, part in history.items() if name != "catalog"}


def homes(bench: Bench) -> list[Path]:
    return [bench.folder, Path(bench.environment["HOME"])]


def workspace_at(cache: Path, *others: Path, history: Path | None = None) -> Workspace:
    return Workspace(settings.load(None, cache, {}), {}, cache, others, history)


def entries_of(*urls: str) -> list[Entry]:
    return [Entry(url.rpartition("/")[2], EntryType.OTHER, links=(Link(url),)) for url in urls]


def report_on(name: str, *urls: str) -> Report:
    rows = tuple(LinkReport(LinkCheck(url, Verdict.OK), (url,), LinkKind.OTHER) for url in urls)
    return Report(name, "2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z", (), rows, (), (), {}, {}, ())


def keep(workspace: Workspace, path: Path, urls: Sequence[str]) -> History:
    """What one run remembers of the runs before it, and leaves with one day more."""
    state = CatalogState.find(workspace, path, entries_of(*urls))
    with state.held(path):
        before = state.remembered(Namespace())
        days = {url: before.links.get(url, LinkPast()).failed_on for url in urls}
        after = {url: LinkPast("failing", DAY, None, (*old, DAY + timedelta(len(old)))) for url, old in days.items()}
        state.keep(report_on(path.name, *urls), History(links=after))
    return before


def leave(cache: Path, *urls: str, name: str | None = "catalog.yaml") -> None:
    """What an earlier version left of a run on these URLs."""
    cache.mkdir(parents=True, exist_ok=True)
    past = {url: LinkPast("failing", DAY, None, (DAY,)) for url in urls}
    save(cache / "history.json", History(links=past))
    if name:
        (cache / "last-report.json").write_text("".join(as_json.json_chunks(report_on(name, *urls))))


A, B, C, D = (f"https://{letter}.example.org/" for letter in "abcd")
