"""What each command does: files in, the rooms at work, files and words out."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import TypeAdapter
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from enrich import catalog as catalogs
from enrich import history as past
from enrich import lists, settings
from enrich.cli import CLEAN, FINDINGS, NOT_ALL_ASKED
from enrich.export import EXPORTS
from enrich.identifiers import parse
from enrich.model import Enriched, EnrichError, Entry, Link, LinkKind, Report, Scheme, Severity, State, Status, Verdict
from enrich.report import FORMATS, as_json, text
from enrich.run import Options, Result, run
from enrich.settings import Loaded
from enrich.sources import arxiv, crossref, datacite, doi, github, semantic_scholar
from enrich.web import Answers, Pace, SystemClock, Web


def do_import(arguments: Namespace) -> int:
    """Turns lists into a catalog, or merges them into the one that is there."""
    bases = _base_urls(arguments.base_url, arguments.lists)
    read = [lists.read(_text_of(path), str(path), bases.get(str(path))) for path in arguments.lists]
    known = catalogs.load(arguments.output) if arguments.output.exists() else None
    merged = lists.merge(known.entries if known else (), read)
    before = known.text if known else ""
    after = catalogs.with_entries(known, merged.new, merged.links) if known else catalogs.new_text(merged.new)
    if arguments.dry_run:
        _print_diff(before, after, arguments.output)
    elif known is None:
        catalogs.create(arguments.output, after)
    elif after != before:
        catalogs.save(known, after)
    for path, entries in merged.entries_read.items():
        print(f"{path}: {entries} items, {merged.links_read[path]} links")
    for merge in merged.merges:
        if not merge.proven:
            print(f"merged without an identifier to prove it: {merge.into} [{merge.key}]: {merge.because}")
    links = sum(len(added) for added in merged.links.values())
    print(f"{arguments.output}: {len(merged.new)} new entries, {links} new links of known entries")
    return CLEAN


def do_run(arguments: Namespace) -> int:
    """The nightly job."""
    files = _report_files(arguments.report)
    place = _Place.of(arguments, arguments.catalog.parent)
    catalog = catalogs.load(arguments.catalog)
    for warning in catalog.warnings:
        _say(arguments, warning)
    options = Options(
        only_missing=arguments.only_missing,
        metadata=not arguments.no_metadata,
        links=not arguments.no_links,
        keys=_chosen(arguments, catalog),
        limit=arguments.limit,
    )
    history = place.past(arguments)
    result = _run(arguments, place, catalog.entries, history, options, str(arguments.catalog))
    after = catalogs.with_enriched(catalog, result.blocks)
    if arguments.dry_run:
        _print_diff(catalog.text, after, arguments.catalog)
    else:
        if after != catalog.text:
            catalogs.save(catalog, after)
        place.keep(result)
    _write_reports(result.report, files)
    print(text.render(result.report, color=_is_colored(arguments)), end="")
    return exit_code(result.report, arguments.fail_on or place.loaded.settings.fail_on, strict=arguments.strict)


def do_resolve(arguments: Namespace) -> int:
    """Finds the record of one title, URL or identifier."""
    query = " ".join(arguments.query)
    entry = _entry_of(query)
    place = _Place.of(arguments, Path())
    result = _run(arguments, place, [entry], past.History(), Options(links=False), None)
    report = result.report.entries[0]
    block = result.blocks.get(entry.key)
    for finding in result.report.findings:
        _say(arguments, f"{finding.rule}: {finding.message}")
    for row in result.report.unasked:
        _say(arguments, f"could not ask {row.service}: {row.why}")
    if block is None:
        return NOT_ALL_ASKED if report.status is Status.UNKNOWN else FINDINGS
    found = replace(
        entry, key=block.semantic_scholar_id or block.arxiv_id or "paper", title=None, own=Enriched(), enriched=block
    )
    print(_RECORD_FORMS[arguments.format](found), end="")
    return CLEAN


def do_fix(arguments: Namespace) -> int:
    """Writes the permanent moves of the last run into the links."""
    catalog = catalogs.load(arguments.catalog)
    report = _last_report(_Place.of(arguments, arguments.catalog.parent))
    moved = {
        row.check.url: row.check.new_url
        for row in report.links
        if row.check.verdict is Verdict.MOVED and row.check.new_url
    }
    replacements = {
        link.place: moved[link.url]
        for entry in catalog.entries
        for link in entry.links
        if link.url in moved and link.place is not None
    }
    after = catalogs.with_urls(catalog, replacements)
    if arguments.dry_run:
        _print_diff(catalog.text, after, arguments.catalog)
    elif after != catalog.text:
        catalogs.save(catalog, after)
    for spot, url in sorted(replacements.items()):
        print(f"{spot}: {url}")
    print(f"{len(replacements)} links {'would be ' if arguments.dry_run else ''}replaced")
    return CLEAN


def do_report(arguments: Namespace) -> int:
    """Prints the last run's report again."""
    files = _report_files(arguments.report)
    place = _Place.of(arguments, Path())
    report = _last_report(place)
    _write_reports(report, files)
    _put(arguments.output, _renderer(arguments.format)(report))
    return exit_code(report, arguments.fail_on or place.loaded.settings.fail_on, strict=arguments.strict)


def do_cache(arguments: Namespace) -> int:
    """Looks at or empties the cache; the history stays."""
    place = _Place.of(arguments, Path())
    answers = Answers(place.cache, SystemClock())
    try:
        if arguments.action == "clear":
            answers.clear()
        elif arguments.action == "prune":
            answers.prune()
        for name, value in answers.info().items():
            print(f"{name}: {value}")
    finally:
        answers.close()
    print(f"folder: {place.cache}")
    return CLEAN


_RECORD_FORMS: Mapping[str, Callable[[Entry], str]] = {
    "yaml": lambda entry: catalogs.new_text([entry]),
    "json": lambda entry: TypeAdapter(Enriched).dump_json(entry.enriched or Enriched(), indent=2).decode() + "\n",
    "bibtex": lambda entry: EXPORTS["bibtex"]([entry]),
}


def exit_code(report: Report, fail_on: str, *, strict: bool = False) -> int:
    """The exit code that a report stands for."""
    failing = {"never": (), "error": (Severity.ERROR,), "warning": (Severity.ERROR, Severity.WARNING)}[fail_on]
    found = any(f.severity in failing and f.state is not State.FIXED for f in report.findings)
    if report.unasked and (strict or not found):
        return NOT_ALL_ASKED
    return FINDINGS if found else CLEAN


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a run keeps what it knows: settings, keys, cache, history."""

    loaded: Loaded
    keys: Mapping[str, str]
    cache: Path
    history: Path

    @classmethod
    def of(cls, arguments: Namespace, folder: Path) -> _Place:
        loaded = settings.load(getattr(arguments, "config", None), folder, os.environ)
        beside = folder / "cache"
        cache = getattr(arguments, "cache_dir", None) or loaded.settings.cache_dir
        cache = cache or (beside if beside.is_dir() else _user_cache())
        history = getattr(arguments, "history", None) or loaded.settings.history or cache / "history.json"
        return cls(loaded, settings.keys(os.environ), cache, history)

    def past(self, arguments: Namespace) -> past.History:
        history, warning = past.load(self.history)
        if warning:
            _say(arguments, warning)
        return history

    def keep(self, result: Result) -> None:
        """Remembers a run for the next one, and for `report` and `fix`; a run that reached nobody leaves no trace."""
        past.save(self.history, result.history)
        _write(self.cache / "last-report.json", as_json.render(result.report))


def _run(
    arguments: Namespace,
    place: _Place,
    entries: Sequence[Entry],
    history: past.History,
    options: Options,
    catalog: str | None,
) -> Result:
    async def job(progress: Callable[[str, int], None]) -> Result:
        async with _web(place, offline=arguments.offline) as web:
            return await run(entries, web, place.loaded, history, options=options, catalog=catalog, progress=progress)

    with _progress(arguments) as progress:
        return asyncio.run(job(progress))


def _web(place: _Place, *, offline: bool) -> Web:
    chosen, loaded = place.loaded.settings, place.loaded
    answers = Answers(place.cache, SystemClock(), {"page": chosen.recheck_links_days * 86400})
    own = {host: Pace(pace.interval, pace.concurrency) for host, pace in chosen.pace.items()}
    return Web(
        answers=answers,
        paces={**paces(contact=bool(chosen.contact)), **own},
        keys=_keys_by_host(loaded, place.keys),
        contact=chosen.contact,
        allow_private=chosen.allow_private,
        offline=offline,
        timeout=chosen.timeout,
        tries=chosen.tries,
    )


def paces(*, contact: bool) -> dict[str, Pace]:
    """The published limits of all services by host; with a contact address Crossref allows more."""
    return {
        **arxiv.PACES,
        **semantic_scholar.PACES,
        **crossref.paces(contact=contact),
        **datacite.PACES,
        **doi.PACES,
        **github.PACES,
    }


def _keys_by_host(loaded: Loaded, keys: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Each key for the one host that it belongs to; a host that only a catalog's folder names gets none."""
    headers = {
        "SEMANTIC_SCHOLAR_API_KEY": ("semantic_scholar", semantic_scholar.BASE, "x-api-key", "{}"),
        "GITHUB_TOKEN": ("github", github.BASE, "Authorization", "Bearer {}"),
    }
    found = {}
    for name, (service, default, header, form) in headers.items():
        base = loaded.base(service, default)
        if name in keys and (loaded.trusts_services or base == default):
            found[urlsplit(base).hostname or ""] = {header: form.format(keys[name])}
    return found


@contextmanager
def _progress(arguments: Namespace) -> Iterator[Callable[[str, int], None]]:
    """A line per service on a terminal; nothing where nobody looks."""
    silent = getattr(arguments, "quiet", False) or getattr(arguments, "no_progress", False)
    if silent or not sys.stderr.isatty():
        yield lambda _service, _answers: None
        return
    console = Console(stderr=True, no_color=not _is_colored(arguments))
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:.0f}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        rows: dict[str, TaskID] = {}

        def advance(service: str, answers: int) -> None:
            if service not in rows:
                rows[service] = bar.add_task(service.replace("_", " "), total=None)
            bar.advance(rows[service], answers)

        yield advance


def _is_colored(arguments: Namespace) -> bool:
    return sys.stdout.isatty() and not getattr(arguments, "no_color", False) and "NO_COLOR" not in os.environ


def _say(arguments: Namespace, words: str) -> None:
    if not getattr(arguments, "quiet", False):
        print(f"enrich: {words}", file=sys.stderr)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise EnrichError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise EnrichError(f"{path}: cannot be read: {error.strerror}; check the name") from None


def _base_urls(given: Sequence[str], paths: Sequence[Path]) -> dict[str, str]:
    """The base URL of each list: `URL` for all, `LIST=URL` for one."""
    bases: dict[str, str] = {}
    for flag in given:
        name, separator, url = flag.partition("=")
        own = [str(path) for path in paths if separator and name in (str(path), path.name)]
        address = url if own else flag
        if urlsplit(address).scheme not in ("http", "https"):
            raise EnrichError(f"--base-url {flag}: neither a web address nor LIST=URL with one of the lists")
        bases.update(dict.fromkeys(own or [str(path) for path in paths], address))
    return bases


def _chosen(arguments: Namespace, catalog: catalogs.Catalog) -> frozenset[str]:
    keys = frozenset(arguments.entry)
    if unknown := keys - {entry.key for entry in catalog.entries}:
        raise EnrichError(f"{arguments.catalog}: no entry with the key {', '.join(sorted(unknown))}")
    if arguments.since is None:
        return keys
    changed = frozenset(entry.key for entry in _changed(catalog, arguments.since))
    # No entry at all is a choice, too; an empty set would mean all of them.
    return (keys & changed if keys else changed) or frozenset({""})


def _changed(catalog: catalogs.Catalog, revision: str) -> Iterable[Entry]:
    """The entries that a person added or changed since a git revision."""
    folder, name = catalog.path.resolve().parent, catalog.path.resolve().name
    git = shutil.which("git")
    if git is None:
        raise EnrichError("--since needs git; install it or leave the flag out")
    command = [git, "-C", str(folder), "show", "--end-of-options", f"{revision}:./{name}"]
    shown = subprocess.run(command, capture_output=True, check=False)
    if shown.returncode and b"exists on disk, but not in" not in shown.stderr:
        reason = shown.stderr.decode(errors="replace").strip().splitlines()
        raise EnrichError(f"--since {revision}: git says: {reason[0] if reason else 'no such revision'}")
    old = catalogs.parse(shown.stdout.decode("utf-8"), f"{revision}:{name}").entries if not shown.returncode else ()
    before = {entry.key: _as_written(entry) for entry in old}
    return [entry for entry in catalog.entries if before.get(entry.key) != _as_written(entry)]


def _as_written(entry: Entry) -> Entry:
    links = tuple(replace(link, place=None) for link in entry.links)
    return replace(entry, place=None, enriched=None, links=links)


def _entry_of(query: str) -> Entry:
    """The entry that a query stands for: by its identifier, by the page at a URL, by its title."""
    identifier = parse(query)
    names = {Scheme.ARXIV: "arxiv_id", Scheme.DOI: "doi", Scheme.SEMANTIC_SCHOLAR: "semantic_scholar_id"}
    if identifier and identifier.scheme in names:
        return Entry("query", own=Enriched(**{names[identifier.scheme]: identifier.value}))
    if urlsplit(query).scheme in ("http", "https"):
        return Entry("query", links=(Link(query, LinkKind.PAPER),))
    return Entry("query", title=query)


def _report_files(given: Sequence[str]) -> list[tuple[Callable[[Report], str], Path]]:
    """The reports to write, checked before the work begins."""
    files = []
    for flag in given:
        name, separator, file = flag.partition("=")
        if not separator or not file:
            raise EnrichError(f"--report {flag}: write it as FORMAT=FILE, such as markdown=report.md")
        path = Path(file)
        if not path.parent.is_dir():
            raise EnrichError(f"--report {flag}: there is no folder {path.parent}")
        files.append((_renderer(name), path))
    return files


def _renderer(name: str) -> Callable[[Report], str]:
    if name not in FORMATS:
        raise EnrichError(f"unknown report format {name!r}; there are {', '.join(FORMATS)}")
    return FORMATS[name]


def _write_reports(report: Report, files: Iterable[tuple[Callable[[Report], str], Path]]) -> None:
    for render, path in files:
        _write(path, render(report))


def _put(path: Path | None, words: str) -> None:
    if path is None:
        print(words, end="")
    else:
        _write(path, words)


def _write(path: Path, words: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise EnrichError(f"{path}: cannot be written: {error.strerror}") from None


def _last_report(place: _Place) -> Report:
    path = place.cache / "last-report.json"
    if not path.exists():
        raise EnrichError(f"{path}: no run has left a report here; run `enrich run` first, or name its --cache-dir")
    return as_json.read(_text_of(path), str(path))


def _print_diff(before: str, after: str, path: Path) -> None:
    lines = unified_diff(before.splitlines(), after.splitlines(), str(path), str(path), lineterm="")
    for line in lines:
        print(line)


def _user_cache() -> Path:
    """The user's own cache, a folder for each folder with a catalog: histories must not mix."""
    here = Path.cwd()
    name = f"{here.name}-{hashlib.sha256(str(here).encode()).hexdigest()[:8]}"
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        home = Path(tempfile.gettempdir())
    return home / "enrich" / name
