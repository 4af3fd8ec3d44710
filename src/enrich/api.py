"""The public interface, which `enrich` exports: everything else may move between versions."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypedDict, TypeVar, Unpack, overload

from enrich import catalog as catalogs
from enrich import history as past
from enrich import settings as configuration
from enrich.access import open_web, user_cache
from enrich.catalog import Catalog
from enrich.identifiers import parse
from enrich.model import (
    IDENTIFIER_FIELDS,
    Enriched,
    EnrichError,
    Entry,
    EntryType,
    Finding,
    Link,
    LinkKind,
    Report,
    Status,
)
from enrich.pipeline import CatalogInput, Options, Result
from enrich.pipeline import run as run_catalogs
from enrich.services import title_of
from enrich.settings import Loaded, Settings
from enrich.web import Cache, SystemClock

if TYPE_CHECKING:
    from enrich.web import Transport

__all__ = [
    "EnrichError",
    "Entry",
    "Finding",
    "Options",
    "Report",
    "Settings",
    "check",
    "check_sync",
    "load",
    "resolve",
    "resolve_sync",
    "run",
    "run_sync",
]

P = ParamSpec("P")
T = TypeVar("T")
AnyCatalog = Catalog | str | Path
Catalogs = Sequence[Catalog | Path] | list[str] | list[AnyCatalog] | tuple[AnyCatalog, ...]
"""Several catalogs. Not `Sequence[AnyCatalog]`, as every `str` is a sequence of `str`."""


def load(path: str | Path = "catalog.yaml") -> Catalog:
    """Read a catalog.

    Args:
        path: The catalog's file.

    Returns:
        The catalog; its `entries` are `Entry` values, and `entry.known("doi")` gives a field as a reader should see
        it: what a person wrote before what enrich found.

    Raises:
        EnrichError: The file cannot be read, or is not a catalog; the message says the line and what to do.
    """
    return catalogs.load(Path(path))


class _RunArguments(TypedDict, total=False):
    settings: Settings | None
    options: Options | None
    cache_dir: str | Path | None
    history: str | Path | Sequence[str | Path] | None
    save: bool
    transport: Transport | None


@overload
async def run(catalog: AnyCatalog = ..., **arguments: Unpack[_RunArguments]) -> Report: ...


@overload
async def run(catalog: Catalogs, **arguments: Unpack[_RunArguments]) -> tuple[Report, ...]: ...


async def run(
    catalog: AnyCatalog | Catalogs = "catalog.yaml",
    *,
    settings: Settings | None = None,
    options: Options | None = None,
    cache_dir: str | Path | None = None,
    history: str | Path | Sequence[str | Path] | None = None,
    save: bool = True,
    transport: Transport | None = None,
) -> Report | tuple[Report, ...]:
    """Look up the papers of a catalog, check its links, and write what was found into its `enriched:` blocks.

    Services that do not answer change nothing: what could not be asked is in the report's `unasked`. Keys of services
    are taken from the environment, as by the command. Several catalogs share their requests; each is judged alone.

    Args:
        catalog: A catalog from `load`, or the path of one; or a list of them.
        settings: By default those of `enrich.toml` or `pyproject.toml` beside the catalogs; if these are in several
            folders, the settings of the current folder.
        options: What to do; by default everything.
        cache_dir: Where answers are kept between runs; by default the settings' `cache_dir`, else they are not kept.
        history: A file that remembers what runs saw, for first-seen dates; one per catalog for a list of catalogs.
        save: Whether to write to the catalogs' files.
        transport: An `httpx.AsyncBaseTransport` in place of the network, for tests.

    Returns:
        The report: `findings`, the state of each link and entry, and what could not be asked; a tuple for a list.

    Raises:
        EnrichError: The settings or a catalog are invalid, or a file cannot be written (all others are).
    """
    jobs = _jobs([catalog] if isinstance(catalog, AnyCatalog) else catalog, history)
    loaded = _loaded(settings, _folder_of(jobs))
    given = [job.given(save=save) for job in jobs]
    results = await _run(given, loaded, options or Options(), cache_dir, transport)
    _keep(jobs, results, save=save)
    reports = tuple(_plain(result.report) for result in results)
    return reports[0] if isinstance(catalog, AnyCatalog) else reports


async def check(
    links: Iterable[str | Entry],
    *,
    settings: Settings | None = None,
    offline: bool = False,
    cache_dir: str | Path | None = None,
    transport: Transport | None = None,
) -> Report:
    """Check only links.

    Args:
        links: URLs, or entries whose links are checked.
        settings: The settings; by default those of the current folder.
        offline: Whether to use cached answers only.
        cache_dir: Where answers are kept between runs; by default the settings' `cache_dir`, else they are not kept.
        transport: An `httpx.AsyncBaseTransport` in place of the network, for tests.

    Returns:
        The report; `report.links` has the verdict on each URL with its evidence.

    Raises:
        EnrichError: The settings are invalid.
    """
    entries = [
        each if isinstance(each, Entry) else Entry(each, EntryType.OTHER, links=(Link(each),))
        for each in ([links] if isinstance(links, str) else links)
    ]
    options = Options(metadata=False, offline=offline)
    [result] = await _run([CatalogInput(None, entries)], _loaded(settings), options, cache_dir, transport)
    return _plain(result.report)


async def resolve(
    query: str,
    *,
    settings: Settings | None = None,
    offline: bool = False,
    cache_dir: str | Path | None = None,
    transport: Transport | None = None,
) -> Entry | None:
    """Find the paper that a title, a URL or an identifier names.

    Args:
        query: `10.1145/3600006.3613165`, `arXiv:2303.06865`, the URL of a paper's page, or a title.
        settings: The settings; by default those of the current folder.
        offline: Whether to use cached answers only.
        cache_dir: Where answers are kept between runs; by default the settings' `cache_dir`, else they are not kept.
        transport: An `httpx.AsyncBaseTransport` in place of the network, for tests.

    Returns:
        An entry whose `enriched` holds what is known of the paper; None if there is no such paper, or no
        confident match.

    Raises:
        EnrichError: The settings are invalid, or the services that could tell did not answer.
    """
    entry = entry_of(query)
    options = Options(links=bool(entry.links), offline=offline)
    [result] = await _run([CatalogInput(None, [entry])], _loaded(settings), options, cache_dir, transport)
    block = result.blocks.get(entry.key)
    if block is None and result.report.entries[0].status is Status.UNKNOWN:
        reasons = "; ".join(f"{title_of(row.service)}: {row.why}" for row in result.report.unasked)
        raise EnrichError(f"{query}: could not be resolved: {reasons or 'no service was asked'}; try again later")
    key = block and (block.arxiv_id or block.doi or block.semantic_scholar_id)
    return Entry(key or entry.key, title=entry.title, links=entry.links, enriched=block) if block else None


def entry_of(query: str) -> Entry:
    """Return the entry for a query: an identifier, the URL of a page, or a title."""
    if (identifier := parse(query)) and (name := IDENTIFIER_FIELDS.get(identifier.scheme)):
        known: dict[str, Any] = {name: identifier.value}
        return Entry("query", own=Enriched(**known))
    if query.lower().startswith(("http://", "https://")):
        return Entry("query", links=(Link(query, LinkKind.PAPER),))
    return Entry("query", title=query)


@dataclass(frozen=True, slots=True)
class _Job:
    """A catalog of a run, and the file of its history."""

    catalog: Catalog
    history: Path | None

    def given(self, *, save: bool) -> CatalogInput:
        """Return the input of a run for a catalog, after checking that its result can be written."""
        if save:
            catalogs.check_unshared(self.catalog, {entry.key for entry in self.catalog.entries})
            catalogs.check_writable(self.catalog.path)
        remembered = past.load(self.history)[0] if self.history else past.History()
        return CatalogInput(str(self.catalog.path), self.catalog.entries, remembered)

    def keep(self, result: Result, *, save: bool) -> None:
        """Write the blocks into the catalog, and the history into its file."""
        if save:
            catalogs.save_enriched(self.catalog, result.blocks)
        if self.history:
            past.save(self.history, result.history)


def _plain(report: Report) -> Report:
    """Return the report with all rows created, so that it can be copied and serialised like any dataclass."""
    return replace(report, links=tuple(report.links))


def _jobs(given: Sequence[AnyCatalog], history: str | Path | Sequence[str | Path] | None) -> list[_Job]:
    files = [history] * len(given) if history is None or isinstance(history, str | Path) else history
    if len(files) != len(given):
        raise EnrichError(f"{len(files)} history files for {len(given)} catalogs; pass one for each")
    read = [each if isinstance(each, Catalog) else load(each) for each in given]
    jobs = [_Job(each, Path(file) if file else None) for each, file in zip(read, files, strict=True)]
    paths = [os.path.realpath(path) for job in jobs for path in (job.catalog.path, job.history) if path]
    for path, count in Counter(paths).items():
        if count > 1:
            raise EnrichError(f"{path}: given {count} times; each catalog and each history needs a file of its own")
    return jobs


def _folder_of(jobs: Sequence[_Job]) -> Path | None:
    """Return the folder of all catalogs, None if they are in several."""
    folders = {os.path.realpath(job.catalog.path.parent): job.catalog.path.parent for job in jobs}
    return folders.popitem()[1] if len(folders) == 1 else None


def _keep(jobs: Sequence[_Job], results: Sequence[Result], *, save: bool) -> None:
    """Write everything that can be written.

    Raises:
        EnrichError: Some file cannot be written; the message has a line for each.
    """
    errors = []
    for job, result in zip(jobs, results, strict=True):
        try:
            job.keep(result, save=save)
        except EnrichError as error:
            errors.append(str(error))
    if errors:
        raise EnrichError("\n".join(errors))


def _loaded(settings: Settings | None, folder: Path | None = None) -> Loaded:
    if settings is None:
        return configuration.load(None, folder or Path(), os.environ)
    return Loaded(settings=settings, origins={})


async def _run(
    given: Sequence[CatalogInput],
    loaded: Loaded,
    options: Options,
    cache_dir: str | Path | None,
    transport: Transport | None,
) -> tuple[Result, ...]:
    folder = cache_dir or loaded.settings.cache_dir
    cache = Cache(Path(folder) if folder else None, SystemClock())
    keys = configuration.keys(os.environ)
    paces = None if transport else user_cache() / "paces"
    way_out = open_web(
        loaded, keys, os.environ, cache, shared_paces=paces, offline=options.offline, transport=transport
    )
    async with way_out as web:
        return await run_catalogs(given, web, loaded, options=options)


def _sync(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        return asyncio.run(function(*args, **kwargs))

    call.__name__ = call.__qualname__ = f"{function.__name__}_sync"
    call.__doc__ = f"Call `{function.__name__}` and wait for its result; for code without an event loop."
    return call


run_sync = _sync(run)
check_sync = _sync(check)
resolve_sync = _sync(resolve)
