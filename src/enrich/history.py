"""history.json: what earlier runs saw; small, plain, and independent of the cache, which CI may evict."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from enrich.model import EnrichError, Evidence, Finding, LinkCheck, State, Status, Verdict

VERSION = 1
LASTING_RUNS = 3
LASTING_DAYS = 3
"""A soft failure (time-out, 5xx, reset) is broken when it lasted for three runs over three days: Wikipedia's rule for
its dead-link bots (three failed checks, days apart)."""


@dataclass(frozen=True, slots=True)
class LinkPast:
    """What earlier runs saw of a URL: since when it is in its present trouble, and on which days it failed softly."""

    first_seen: date | None = None
    last_ok: date | None = None
    failed_on: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryPast:
    """What the last lookup of an entry ended in; `asked` is a print of what the entry said then."""

    on: date
    asked: str
    status: Status
    lacking: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """All that is remembered between runs; `findings` maps a finding's identity to the day it was first seen."""

    version: int = VERSION
    links: Mapping[str, LinkPast] = field(default_factory=dict)
    entries: Mapping[str, EntryPast] = field(default_factory=dict)
    findings: Mapping[str, Finding] = field(default_factory=dict)


_FORM = TypeAdapter(History)


def load(path: Path) -> tuple[History, str | None]:
    """The history in the file, and a warning where the file was of no use and is set aside as `<name>.unreadable`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return History(), None
    except (OSError, UnicodeDecodeError) as error:
        raise EnrichError(
            f"{path}: cannot be read: {error}; mend its permissions or name another with --history"
        ) from None
    try:
        data = json.loads(text)
        if isinstance(data, dict) and isinstance(data.get("version"), int) and data["version"] > VERSION:
            raise EnrichError(f"{path}: written by a newer enrich (version {data['version']}); update enrich")
        return _FORM.validate_python(data), None
    except (ValueError, ValidationError, RecursionError):
        aside = path.with_name(path.name + ".unreadable")
        path.replace(aside)
        return History(), f"{path}: no valid history; set aside as {aside.name}, first-seen dates start anew"


def save(path: Path, history: History) -> None:
    """Writes the history atomically; the same history gives the same bytes.

    Raises:
        EnrichError: the folder cannot be written.
    """
    text = json.dumps(
        _FORM.dump_python(history, mode="json", exclude_defaults=True), ensure_ascii=False, indent=1, sort_keys=True
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise EnrichError(f"{path}: cannot be written: {error.strerror}; name another place with --history") from None


def judged_by_time(check: LinkCheck, past: LinkPast | None, today: date) -> LinkCheck:
    """A suspect link turns broken once its trouble lasted; all other checks come back as they are."""
    if check.verdict is not Verdict.SUSPECT or past is None:
        return check
    days = sorted({*past.failed_on, today})
    if len(days) < LASTING_RUNS or days[-1] - days[0] < timedelta(days=LASTING_DAYS):
        return check
    saw = f"failed on {len(days)} days since {days[0]}"
    return replace(check, verdict=Verdict.BROKEN, evidence=(*check.evidence, Evidence("history", str(today), saw)))


def with_links(history: History, urls: Iterable[str], checks: Mapping[str, LinkCheck], today: date) -> History:
    """The history after a run that checked some of the catalog's `urls`; URLs no longer among them are dropped."""
    links = {}
    for url in urls:
        past = history.links.get(url, LinkPast())
        links[url] = _after(past, checks[url], today) if url in checks else past
    return replace(history, links=links)


def _after(past: LinkPast, check: LinkCheck, today: date) -> LinkPast:
    match check.verdict:
        case Verdict.OK | Verdict.SKIPPED:
            return LinkPast(last_ok=today)
        case Verdict.UNKNOWN:
            return past
        case Verdict.SUSPECT | Verdict.BROKEN:
            failed = tuple(sorted({*past.failed_on, today}))
            kept = (failed[0], *failed[1:][-9:])
            return replace(past, first_seen=past.first_seen or today, failed_on=kept)
        case _:
            return replace(past, first_seen=past.first_seen or today, failed_on=())


def compared(
    findings: Iterable[Finding], history: History, today: date, *, unseen: Iterable[str] = ()
) -> tuple[Finding, ...]:
    """The findings with their state and first day, and after them those that are gone since the last run, as fixed.

    `unseen` are identities (or URLs, or entry keys) that this run could not judge: they are not called fixed.
    """
    marked = []
    for finding in findings:
        before = history.findings.get(finding.identity)
        first = before.first_seen if before else str(today)
        marked.append(replace(finding, first_seen=first, state=State.STILL if before else State.NEW))
    present, hidden = {finding.identity for finding in marked}, set(unseen)
    gone = [
        replace(finding, state=State.FIXED)
        for identity, finding in sorted(history.findings.items())
        if identity not in present and not hidden & {identity, finding.url, finding.entry}
    ]
    return (*marked, *gone)


def with_findings(history: History, findings: Iterable[Finding], *, unseen: Iterable[str] = ()) -> History:
    """The history that the next run compares with: what stands now, and what this run could not judge."""
    hidden = set(unseen)
    kept = {k: f for k, f in history.findings.items() if hidden & {k, f.url, f.entry}}
    standing = {
        finding.identity: replace(finding, evidence=(), place=None)
        for finding in findings
        if finding.state is not State.FIXED
    }
    return replace(history, findings={**kept, **standing})
