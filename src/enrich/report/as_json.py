"""The report for programs: JSON, version 1. Fields are only ever added."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from enrich.model import (
    EnrichError,
    EntryReport,
    EntryType,
    Evidence,
    Finding,
    LinkCheck,
    LinkKind,
    LinkReport,
    PastRun,
    Place,
    Replacement,
    Report,
    Severity,
    State,
    Status,
    Unasked,
    Unfinished,
    Verdict,
)
from enrich.report import escape

VERSION = 1
"""Of the JSON report; a reader refuses any other."""


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)


class EvidenceForm(_Form):
    """One reply that a verdict rests on."""

    asked: str
    at: str
    status: int | None = None
    saw: str


class EntryForm(_Form):
    """How one entry stands."""

    key: str
    type: EntryType
    status: Status
    matched_by: str | None = None
    identifiers: Mapping[str, str] = {}
    filled: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    sources: Mapping[str, str] = {}
    year: int | None = None
    citation_count: int | None = None


class LinkForm(_Form):
    """How one URL stands; `place` is file:line, `column` counts from 1."""

    url: str
    entries: tuple[str, ...]
    kind: LinkKind
    verdict: Verdict
    new_url: str | None = None
    evidence: tuple[EvidenceForm, ...] = ()
    first_seen: str | None = None
    last_ok: str | None = None
    place: str | None = Field(default=None, pattern=r"^(?s:.*):[0-9]{1,9}$")
    column: PositiveInt | None = None


class ReplacementForm(_Form):
    """What `enrich fix` may write into the finding's field, and what the field said."""

    old: str
    new: str


class FindingForm(_Form):
    """One thing that a maintainer should know."""

    rule: str
    severity: Severity
    entry: str | None = None
    url: str | None = None
    field: str | None = None
    message: str
    suggestion: str | None = None
    replacement: ReplacementForm | None = None
    evidence: tuple[EvidenceForm, ...] = ()
    first_seen: str | None = None
    state: State
    place: str | None = Field(default=None, pattern=r"^(?s:.*):[0-9]{1,9}$")
    column: PositiveInt | None = None


class UnaskedForm(_Form):
    """A service that could not be asked."""

    service: str
    why: str
    entries: NonNegativeInt


class UnfinishedForm(_Form):
    """Why a run stopped asking early, and how many entries and links it had not checked by then."""

    why: str
    entries: NonNegativeInt
    links: NonNegativeInt


class PastRunForm(_Form):
    """How the catalog stood after the last run of a day (UTC); `new` and `fixed` add up over that day's runs."""

    on: date
    errors: NonNegativeInt
    warnings: NonNegativeInt
    notes: NonNegativeInt
    new: NonNegativeInt
    fixed: NonNegativeInt


class ReportForm(_Form):
    """The report of a run of enrich; times are UTC, ISO 8601."""

    version: Literal[1] = 1
    catalog: str | None
    started: str
    finished: str
    partial: bool = False
    unfinished: UnfinishedForm | None = None
    entries: tuple[EntryForm, ...]
    links: tuple[LinkForm, ...]
    findings: tuple[FindingForm, ...]
    unasked: tuple[UnaskedForm, ...] = ()
    requests: Mapping[str, NonNegativeInt] = {}
    counts: Mapping[str, NonNegativeInt] = {}
    notes: tuple[str, ...] = ()
    past_runs: tuple[PastRunForm, ...] = ()
    first_run: bool = False


def render(report: Report) -> str:
    """The whole report as JSON, safe to print; `read` gives it back."""
    return "".join(pieces(report))


def pieces(report: Report) -> Iterator[str]:
    """What `render` gives, piece by piece: whole, the report of a long list would be in memory several times.

    What a check saw of a page or a repository (`LinkCheck.page`, `.repository`) is working matter of the run, and is
    left out.
    """
    form = {
        "version": VERSION,
        "catalog": report.catalog,
        "started": report.started,
        "finished": report.finished,
        "partial": report.partial,
        "unfinished": _unfinished(report.unfinished) if report.unfinished else None,
        "entries": map(_entry, report.entries),
        "links": map(_link, report.links),
        "findings": map(_finding, report.findings),
        "unasked": [{"service": row.service, "why": row.why, "entries": row.entries} for row in report.unasked],
        "requests": dict(sorted(report.requests.items())),
        "counts": dict(sorted(report.counts.items())),
        "notes": report.notes,
        "past_runs": map(_past_run, report.past_runs),
        "first_run": report.first_run,
    }
    yield "{"
    for number, (name, value) in enumerate(form.items()):
        yield f'{"," if number else ""}\n  "{name}": '
        yield from _rows(value) if isinstance(value, map) else (_text(value, 2),)
    yield "\n}\n"


def _rows(rows: Iterable[object]) -> Iterator[str]:
    number = 0
    for number, row in enumerate(rows, 1):
        yield f"{',' if number > 1 else '['}\n    {_text(row, 4)}"
    yield "\n  ]" if number else "[]"


def _text(value: object, margin: int) -> str:
    try:
        whole = to_json(value, indent=2).decode()
    except PydanticSerializationError:  # a lone surrogate, which json.dumps lets pass and UTF-8 does not
        whole = json.dumps(value, indent=2, ensure_ascii=False)
    whole = escape.json_text(whole)
    return whole.replace("\n", "\n" + " " * margin)


def read(text: str, source: str = "the JSON report") -> Report:
    """The report that `render` wrote; unknown fields, of later versions of enrich, are passed over.

    Args:
        text: The JSON.
        source: What to call it in an error, such as its file's name.

    Raises:
        EnrichError: it is no JSON, of another version, or a field is missing or wrong.
    """
    try:
        form = ReportForm.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
        told = f"{where}: {first['msg']}" if where else first["msg"]
        raise EnrichError(
            f"{source}: not a report of version {VERSION}: {told}; `enrich run` writes a new one"
        ) from None
    return Report(
        catalog=form.catalog,
        started=form.started,
        finished=form.finished,
        entries=tuple(_read_entry(row) for row in form.entries),
        links=tuple(_read_link(row) for row in form.links),
        findings=tuple(_read_finding(row) for row in form.findings),
        unasked=tuple(Unasked(row.service, row.why, row.entries) for row in form.unasked),
        requests=dict(form.requests),
        counts=dict(form.counts),
        notes=form.notes,
        past_runs=tuple(PastRun(r.on, r.errors, r.warnings, r.notes, r.new, r.fixed) for r in form.past_runs),
        first_run=form.first_run,
        unfinished=Unfinished(cut.why, cut.entries, cut.links) if (cut := form.unfinished) else None,
    )


def schema() -> dict[str, object]:
    """The JSON Schema of the report."""
    return ReportForm.model_json_schema(mode="serialization")


def _entry(entry: EntryReport) -> dict[str, object]:
    return {
        "key": entry.key,
        "type": entry.type,
        "status": entry.status,
        "matched_by": entry.matched_by,
        "identifiers": dict(sorted(entry.identifiers.items())),
        "filled": entry.filled,
        "lacking": entry.lacking,
        "sources": dict(sorted(entry.sources.items())),
        "year": entry.year,
        "citation_count": entry.citation_count,
    }


def _link(link: LinkReport) -> dict[str, object]:
    return {
        "url": link.check.url,
        "entries": link.entries,
        "kind": link.kind,
        "verdict": link.check.verdict,
        "new_url": link.check.new_url,
        "evidence": _evidence(link.check.evidence),
        "first_seen": link.first_seen,
        "last_ok": link.last_ok,
        "place": str(link.place) if link.place else None,
        "column": link.place.column if link.place else None,
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "entry": finding.entry,
        "url": finding.url,
        "field": finding.field,
        "message": finding.message,
        "suggestion": finding.suggestion,
        "replacement": {"old": edit.old, "new": edit.new} if (edit := finding.replacement) else None,
        "evidence": _evidence(finding.evidence),
        "first_seen": finding.first_seen,
        "state": finding.state,
        "place": str(finding.place) if finding.place else None,
        "column": finding.place.column if finding.place else None,
    }


def _unfinished(cut: Unfinished) -> dict[str, object]:
    return {"why": cut.why, "entries": cut.entries, "links": cut.links}


def _past_run(run: PastRun) -> dict[str, object]:
    return {
        "on": str(run.on),
        "errors": run.errors,
        "warnings": run.warnings,
        "notes": run.notes,
        "new": run.new,
        "fixed": run.fixed,
    }


def _evidence(rows: tuple[Evidence, ...]) -> list[dict[str, object]]:
    return [{"asked": row.asked, "at": row.at, "status": row.status, "saw": row.saw} for row in rows]


def _read_entry(row: EntryForm) -> EntryReport:
    return EntryReport(
        row.key,
        row.type,
        row.status,
        row.matched_by,
        dict(row.identifiers),
        row.filled,
        row.lacking,
        dict(row.sources),
        row.year,
        row.citation_count,
    )


def _read_link(row: LinkForm) -> LinkReport:
    return LinkReport(
        check=LinkCheck(row.url, row.verdict, _read_evidence(row.evidence), row.new_url),
        entries=row.entries,
        kind=row.kind,
        first_seen=row.first_seen,
        last_ok=row.last_ok,
        place=_read_place(row.place, row.column),
    )


def _read_finding(row: FindingForm) -> Finding:
    return Finding(
        rule=row.rule,
        severity=row.severity,
        message=row.message,
        entry=row.entry,
        url=row.url,
        field=row.field,
        suggestion=row.suggestion,
        evidence=_read_evidence(row.evidence),
        first_seen=row.first_seen,
        state=row.state,
        place=_read_place(row.place, row.column),
        replacement=Replacement(edit.old, edit.new) if (edit := row.replacement) else None,
    )


def _read_evidence(rows: tuple[EvidenceForm, ...]) -> tuple[Evidence, ...]:
    return tuple(Evidence(row.asked, row.at, row.saw, row.status) for row in rows)


def _read_place(place: str | None, column: int | None) -> Place | None:
    if place is None:
        return None
    path, _, line = place.rpartition(":")
    return Place(path, int(line), column or 1)
