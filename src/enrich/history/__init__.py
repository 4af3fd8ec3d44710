"""history.json: what earlier runs found; small, plain, and independent of the cache, which CI may evict."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, TypeAdapter

from enrich import files
from enrich.history.failures import Failures, LinkPast, after, judged_by_time
from enrich.model import (
    UNSETTLED_RULES,
    EnrichError,
    Finding,
    LinkCheck,
    PastRun,
    Severity,
    State,
    Status,
)

__all__ = [
    "EntryPast",
    "Failures",
    "History",
    "LinkPast",
    "judged_by_time",
    "load",
    "peek",
    "save",
    "with_findings",
    "with_links",
    "with_run",
    "with_states",
]

_VERSION = 1
_COMPACT = json.JSONEncoder(ensure_ascii=False).encode
DAYS_KEPT = 60
"""The number of days in `History.runs`: two months of nights, under 10 kB."""


@dataclass(frozen=True, slots=True)
class EntryPast:
    """The result of the last lookup of an entry; `asked` is a hash of the entry at that time."""

    on: date
    asked: str
    status: Status
    lacking: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def _counted(run: PastRun) -> PastRun:
    if min(run.errors, run.warnings, run.notes, run.new, run.fixed) < 0:
        raise ValueError("a count must not be negative")
    return run


@dataclass(frozen=True, slots=True)
class History:
    """All that is remembered between runs; `findings` maps a finding's identity to the day it was first seen.

    `runs` has a row for each of the last days with a whole run, oldest first. `postponed` are the URLs that the last
    run left unasked, as time ran out or their host kept refusing: the next run begins with them. `catalog` is
    the path of the catalog whose history this is, relative to the folder of the file.
    """

    version: int = _VERSION
    links: Mapping[str, LinkPast] = field(default_factory=dict)
    entries: Mapping[str, EntryPast] = field(default_factory=dict)
    findings: Mapping[str, Finding] = field(default_factory=dict)
    runs: tuple[Annotated[PastRun, AfterValidator(_counted)], ...] = ()
    postponed: tuple[str, ...] = ()
    catalog: str | None = None


@cache
def _form() -> TypeAdapter[History]:
    # Created when needed: many commands read no history.
    return TypeAdapter(History)


@cache
def _mappings() -> Mapping[str, TypeAdapter[Any]]:
    return {
        "links": TypeAdapter(LinkPast),
        "entries": TypeAdapter(EntryPast),
        "findings": TypeAdapter(Finding),
    }


_PARTS = frozenset(part.name for part in fields(History))
_BEGINNING = re.compile(rb'\s*\{\s*(?:\}|"(?:' + "|".join(sorted(_PARTS)).encode() + rb')"\s*:)')


def load(path: Path, *, is_own: bool = False) -> tuple[History, str | None]:
    """Return the history in the file, and a warning where it was damaged and is moved to `<name>.unreadable`.

    Args:
        path: The file.
        is_own: Whether the file lies where enrich alone writes. Elsewhere, a file that never was a history stays.

    Raises:
        EnrichError: The file cannot be read or moved, is something else, or a newer enrich wrote it.
    """
    data = _read(path)
    history = _parsed(data, path)
    if history is not None:
        return _taken_over(history), None
    if not (is_own or _was_written_here(data)):
        raise _not_ours(path)
    aside = path.with_name(path.name + ".unreadable")
    try:
        path.replace(aside)
    except OSError as error:
        raise EnrichError(
            f"{path}: invalid history file, and it cannot be moved to {aside.name} ({error.strerror}); move it away"
        ) from None
    return History(), f"{path}: invalid history file, moved to {aside.name}; first-seen dates are reset"


def peek(path: Path) -> History | None:
    """Return the history in the file, None without one; nothing is moved and nothing raised."""
    try:
        data = _read(path)
        return _parsed(data, path) if data.strip() else None
    except EnrichError:
        return None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise EnrichError(
            f"{path}: cannot be read ({error.strerror}); fix its permissions or choose another file with --history"
        ) from None


def _parsed(data: bytes, path: Path) -> History | None:
    """Return the history in the content of a file; None if it is something else, or damaged."""
    if data.strip() in (b"", b"{}"):
        return History()
    try:
        parts = json.loads(data)
        if not isinstance(parts, dict) or not isinstance(version := parts.get("version"), int):
            return None
        if version > _VERSION:
            raise EnrichError(f"{path}: written by a newer enrich (version {version}); update enrich")
        # A later enrich may add parts; a file with other parts and none of ours belongs to another program.
        foreign = parts.keys() - _PARTS and not parts.keys() & (_PARTS - {"version"})
        return None if foreign else _form().validate_python(parts)
    except (ValueError, RecursionError):
        return None


def _was_written_here(data: bytes) -> bool:
    """Whether damaged content was once a history: truncated, edited manually, merged with conflicts."""
    if not _BEGINNING.match(data):
        return False
    try:
        parts = json.loads(data)
    except (ValueError, RecursionError):
        return True
    return isinstance(parts, dict) and isinstance(parts.get("version"), int) and parts.keys() <= _PARTS


def _not_ours(path: Path) -> EnrichError:
    return EnrichError(
        f"{path}: not a history file of enrich, and not replaced; move it away or choose another file with --history"
    )


def save(path: Path, history: History, *, is_own: bool = False) -> None:
    """Write the history atomically; the same history gives the same bytes.

    The file keeps its permissions. A symbolic link stays, unless it is in a folder where only enrich writes (`is_own`).

    Raises:
        EnrichError: The folder cannot be written, or the file is something else than a history.
    """
    if not is_own and (old := _beginning(path)) and not _BEGINNING.match(old):
        raise _not_ours(path)
    try:
        Path(os.path.realpath(path)).parent.mkdir(parents=True, exist_ok=True)
        # "replace": pages' texts may have half a surrogate pair, which no file can store.
        files.write(path, files.encoded(_pieces(history), "replace"), follow_link=not is_own)
    except OSError as error:
        raise EnrichError(f"{path}: cannot be written ({error.strerror}); choose another file with --history") from None


def _pieces(history: History) -> Iterator[str]:
    """Yield the text of a history without ever having all of it in memory, as `json.dumps` with sorted keys."""
    rest = replace(history, links={}, entries={}, findings={})
    parts = _form().dump_python(rest, mode="json", exclude_defaults=True) | {"version": _VERSION}
    names = sorted({*parts, *(name for name in _mappings() if getattr(history, name))})
    for at, name in enumerate(names):
        yield f'{"," if at else "{"}\n "{name}": '
        if name in parts:
            yield _json(parts[name], 1)
        else:
            yield from _rows(getattr(history, name), _mappings()[name])
    yield "\n}\n"


def _rows(rows: Mapping[str, object], form: TypeAdapter[Any]) -> Iterator[str]:
    for at, key in enumerate(sorted(rows)):
        value = form.dump_python(rows[key], mode="json", exclude_defaults=True)
        yield f"{',' if at else '{'}\n  {_COMPACT(key)}: {_json(value, 2)}"
    yield "\n }"


def _json(value: object, margin: int) -> str:
    """Return a value as `json.dumps` does with sorted keys and an indent of 1, with a margin from the second line on.

    That would take four times as long, for it indents in Python code that is made for every call anew.
    """
    if not value or not isinstance(value, (dict, list)):
        return _COMPACT(value)
    inner = "\n" + " " * (margin + 1)
    if isinstance(value, list):
        items = (_json(item, margin + 1) for item in value)
    else:
        items = (f"{_COMPACT(name)}: {_json(value[name], margin + 1)}" for name in sorted(value))
    opening, closing = "[]" if isinstance(value, list) else "{}"
    return f"{opening}{inner}{f',{inner}'.join(items)}\n{' ' * margin}{closing}"


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(1000).lstrip()
    except OSError:
        return b""


# The words of findings about lasting failures when three days of them made a link broken.
_BY_TIME = re.compile(r"(?:^|; )(?:history: )?failed on \d+ days since \d{4}-\d\d-\d\d$")


def _taken_over(history: History) -> History:
    """Return the history with links as unreachable that an earlier enrich called broken only because of time."""
    findings = {}
    for identity, finding in history.findings.items():
        if finding.rule in ("broken-link", "host-outage") and _BY_TIME.search(finding.message):
            rule = "unreachable-link" if finding.rule == "broken-link" else finding.rule
            taken = replace(finding, rule=rule, severity=Severity.WARNING)
            findings[taken.identity] = taken
        else:
            findings[identity] = finding
    return replace(history, findings=findings)


def with_links(
    history: History, urls: Iterable[str], checks: Mapping[str, LinkCheck], today: date, vantage: str
) -> History:
    """Return the history after a run from `vantage` that checked some of the catalog's `urls`.

    URLs no longer among them are dropped, and so are URLs about which nothing is known.
    """
    links = {}
    unknown = LinkPast()
    alike: dict[LinkPast, LinkPast] = {}  # most links were last good today
    for url in urls:
        past = history.links.get(url, unknown)
        past = after(past, checks[url], today, vantage) if url in checks else past
        if past != unknown:
            links[url] = alike.setdefault(past, past)
    return replace(history, links=links)


def with_states(
    findings: Iterable[Finding], history: History, today: date, *, unseen: Iterable[str] = ()
) -> tuple[Finding, ...]:
    """Return the findings with their state and first day, then those gone since the last run, as fixed.

    `unseen` are the identities of findings that this run could not judge: they are not reported as fixed.
    """
    marked = []
    for finding in findings:
        before = history.findings.get(finding.identity)
        first = (before and before.first_seen) or str(today)
        marked.append(replace(finding, first_seen=first, state=State.STILL if before else State.NEW))
    present = {finding.identity for finding in marked} | set(unseen)
    gone = [
        replace(finding, state=State.FIXED)
        for identity, finding in sorted(history.findings.items())
        if identity not in present
    ]
    return (*marked, *gone)


def with_findings(history: History, findings: Iterable[Finding], *, unseen: Iterable[str] = ()) -> History:
    """Return the history for the next run: the open findings, and those that this run could not judge."""
    kept = {identity: history.findings[identity] for identity in unseen if identity in history.findings}
    standing = {
        finding.identity: replace(finding, evidence=(), place=None, state=State.NEW)
        for finding in findings
        if finding.state is not State.FIXED
    }
    return replace(history, findings={**kept, **standing})


def with_run(history: History, findings: Iterable[Finding], today: date) -> History:
    """Return the history with a row on this run, replacing that day's earlier one.

    One row a day, without the time: a run that finds nothing new leaves the day's row as it is. Days to come are of a
    clock that was wrong, and are dropped.

    Args:
        history: What is remembered after the run; its findings are the open ones.
        findings: What the run found, each new, still there or fixed: the result of `with_states`.
        today: The day of the run, UTC.
    """
    severities = Counter(f.severity for f in history.findings.values() if f.rule not in UNSETTLED_RULES)
    states = Counter(finding.state for finding in findings if finding.rule not in UNSETTLED_RULES)
    earlier = [run for run in history.runs if run.on == today]
    run = PastRun(
        today,
        errors=severities[Severity.ERROR],
        warnings=severities[Severity.WARNING],
        notes=severities[Severity.NOTE],
        new=states[State.NEW] + sum(row.new for row in earlier),
        fixed=states[State.FIXED] + sum(row.fixed for row in earlier),
    )
    before = sorted((row for row in history.runs if row.on < today), key=lambda row: row.on)
    return replace(history, runs=(*before, run)[-DAYS_KEPT:])
