"""The report for programs: JSON, version 1. Fields are only ever added.

Writing, reading and the schema share one description: the nouns of `model`, and a form for each that differs in JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import groupby, islice
from json.encoder import encode_basestring as quoted
from operator import attrgetter
from types import GenericAlias
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from enrich.model import (
    Accepted,
    EnrichError,
    EntryReport,
    Evidence,
    Finding,
    LinkCheck,
    LinkReport,
    LinkReports,
    Place,
    PlainRow,
    Report,
    Verdict,
)
from enrich.report import combined, escape
from enrich.report.ignoring import ignore_block
from enrich.report.json_forms import AcceptedForm, CombinedForm, EvidenceForm, FindingForm, LinkForm, ReportForm
from enrich.services import WEB

VERSION = 1
"""The version of the JSON report; a reader rejects any other."""

_BATCH = 256  # rows that are written at once

_Form = TypeVar("_Form")


@cache
def _adapter(form: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(form)


def render(report: Report) -> str:
    """Return the whole report as JSON that is safe to print; `read` parses it."""
    return "".join(json_chunks(report))


def json_chunks(report: Report) -> Iterator[str]:
    """Yield the result of `render` row by row: the report of a long list would be in memory several times.

    The check's facts about a page or a repository (`LinkCheck.page`, `.repository`) are working data of the run, and
    left out.
    """
    shaped: Mapping[str, object] = {
        "version": VERSION,
        "entries": map(_entry, report.entries),
        "links": map(_link, LinkReports.of(report.links).rows()),
        "findings": map(_finding, report.findings),
        "accepted": map(_accepted, report.accepted),
        "requests": dict(sorted(report.requests.items())),
        "counts": dict(sorted(report.counts.items())),
    }
    shown = [field for field in fields(ReportForm) if field.name != "slowest_hosts" or report.slowest_hosts]
    yield "{"
    for number, field in enumerate(shown):
        value = shaped[field.name] if field.name in shaped else getattr(report, field.name)
        yield f'{"," if number else ""}\n  "{field.name}": '
        yield from _rows(value) if isinstance(value, (map, tuple)) else (_text(value, 2),)
    yield "\n}\n"


def json_lines(reports: Sequence[Report]) -> Iterator[str]:
    """Yield one line of JSON for each finding of the reports: the catalog, then the fields that a report has."""
    for report in reports:
        for finding in report.findings:
            row = {"catalog": report.catalog, **to_jsonable_python(_finding(finding))}
            yield escape.json_text(json.dumps(row, ensure_ascii=False)) + "\n"


def json_chunks_of_all(reports: Sequence[Report]) -> Iterator[str]:
    """Yield the reports of several catalogs as one JSON document; `read_all` parses them."""
    yield f'{{\n  "version": {VERSION},\n  "catalogs": ['
    for number, report in enumerate(reports):
        yield ",\n    " if number else "\n    "
        for chunk in json_chunks(report):
            yield chunk.removesuffix("\n").replace("\n", "\n    ")
    yield "\n  ]"
    for name, value in (
        ("requests", combined.requests(reports)),
        ("unasked", combined.unasked(reports)),
        ("counts", combined.counts(reports)),
    ):
        yield f',\n  "{name}": '
        yield from _rows(value) if isinstance(value, tuple) else (_text(value, 2),)
    yield "\n}\n"


def _rows(rows: Iterable[object]) -> Iterator[str]:
    is_first = True
    for kind, group in groupby(rows, type):
        while batch := tuple(islice(group, _BATCH)):
            yield f"{'[' if is_first else ','}\n    {_rows_text(kind, batch)}"
            is_first = False
    yield "[]" if is_first else "\n  ]"


def _rows_text(form: type[object], rows: tuple[Any, ...]) -> str:
    """Return rows of one type at once, without the brackets of a list, in half the time of one by one."""
    if form is PlainRow:
        return escape.json_text(",\n    ".join(map(_plain_text, rows)))
    kind: Any = GenericAlias(tuple, (form, ...))
    try:
        whole = _adapter(kind).dump_json(rows, indent=2).decode()
    except PydanticSerializationError:
        return ",\n    ".join(_text(row, 4) for row in rows)
    return escape.json_text(whole).removeprefix("[\n  ").removesuffix("\n]").replace("\n", "\n  ")


def _text(value: object, margin: int) -> str:
    kind: Any = type(value)
    try:
        whole = _adapter(kind).dump_json(value, indent=2).decode()
    except PydanticSerializationError:  # a lone surrogate, which json.dumps accepts and UTF-8 does not
        whole = json.dumps(to_jsonable_python(value), indent=2, ensure_ascii=False)
    whole = escape.json_text(whole)
    return whole.replace("\n", "\n" + " " * margin)


def read(text: str, source: str = "the JSON report") -> Report:
    """Return the report that `render` wrote; unknown fields, of later versions of enrich, are ignored.

    Args:
        text: The JSON.
        source: What to call it in an error, such as its file's name.

    Raises:
        EnrichError: It is not JSON, is of another version, or a field is missing or wrong.
    """
    return _read_form(_validated(ReportForm, text, source))


def read_all(text: str, source: str = "the JSON report") -> tuple[Report, ...]:
    """Return the reports in a JSON document: one catalog's, or several.

    Raises:
        EnrichError: As `read`.
    """
    # A value of that type distinguishes the forms; a report of one catalog has no such field.
    if not isinstance(_validated(_Shape, text, source).catalogs, list):
        return (read(text, source),)
    return tuple(map(_read_form, _validated(CombinedForm, text, source).catalogs))


@dataclass(slots=True, kw_only=True, eq=False)
class _Shape:
    """The form of a document."""

    catalogs: Any = None


def _validated(form: type[_Form], text: str, source: str) -> _Form:
    kind: Any = form
    adapter: TypeAdapter[_Form] = _adapter(kind)
    try:
        return adapter.validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
        reason = f"{where}: {first['msg']}" if where else first["msg"]
        raise EnrichError(
            f"{source}: not a report of version {VERSION}: {reason}; run `enrich run` to write a new one"
        ) from None


def _read_form(form: ReportForm) -> Report:
    same = {field.name: getattr(form, field.name) for field in fields(Report)}
    links, accepted = tuple(map(_read_link, form.links)), tuple(map(_read_accepted, form.accepted))
    findings = tuple(map(_read_finding, form.findings))
    return Report(**same | {"links": links, "findings": findings, "accepted": accepted})


def schema() -> dict[str, object]:
    """Return the JSON Schema of the report: of one catalog, or of several."""
    either: Any = ReportForm | CombinedForm
    whole: dict[str, Any] = _adapter(either).json_schema(mode="serialization")
    # At the top as well: not every tool follows `anyOf`.
    forms = whole["$defs"]
    named = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:enrich-catalog:schema:report:{VERSION}",
    }
    return named | whole | {"properties": forms["CombinedForm"]["properties"] | forms["ReportForm"]["properties"]}


def _entry(entry: EntryReport) -> EntryReport:
    identifiers, sources = (dict(sorted(named.items())) for named in (entry.identifiers, entry.sources))
    return replace(entry, identifiers=identifiers, sources=sources)


# A `LinkForm`, written without one: in a long list, nearly all rows are such.
_PLAIN = f"""{{{{
      "url": {{}},
      "entries": [
        {{}}
      ],
      "kind": "{{}}",
      "verdict": "{Verdict.OK}",
      "new_url": null,
      "evidence": [
        {{{{
          "asked": "{WEB}",
          "at": {{}},
          "status": 200,
          "saw": {{}}
        }}}}
      ],
      "first_seen": {{}},
      "last_ok": {{}},
      "place": {{}},
      "column": {{}},
      "list_place": null
    }}}}"""


def _plain_text(row: PlainRow) -> str:
    entries, place = ",\n        ".join(map(quoted, row.entries)), row.place
    return _PLAIN.format(
        quoted(row.url),
        entries,
        row.kind,
        quoted(row.at),
        quoted(row.saw),
        "null" if row.first_seen is None else quoted(row.first_seen),
        "null" if row.last_ok is None else quoted(row.last_ok),
        quoted(str(place)) if place else "null",
        place.column if place else "null",
    )


def _link(link: LinkReport | PlainRow) -> LinkForm | PlainRow:
    if isinstance(link, PlainRow):
        return link
    check, place = link.check, link.place
    return LinkForm(
        url=check.url,
        entries=link.entries,
        kind=link.kind,
        verdict=check.verdict,
        new_url=check.new_url,
        evidence=_evidence(check.evidence),
        first_seen=link.first_seen,
        last_ok=link.last_ok,
        place=_place_text(place),
        column=place.column if place else None,
        list_place=_place_text(link.list_place),
    )


_SAME_IN_FINDINGS = tuple(
    field.name
    for field in fields(FindingForm)
    if field.name not in ("evidence", "place", "column", "list_place", "ignore")
)
_same_in_findings = attrgetter(*_SAME_IN_FINDINGS)


def _finding(finding: Finding) -> FindingForm:
    return FindingForm(
        **dict(zip(_SAME_IN_FINDINGS, _same_in_findings(finding), strict=True)),
        evidence=_evidence(finding.evidence),
        place=_place_text(finding.place),
        column=finding.place.column if finding.place else None,
        list_place=_place_text(finding.list_place),
        ignore=ignore_block(finding),
    )


def _accepted(accepted: Accepted) -> AcceptedForm:
    finding = accepted.finding
    return AcceptedForm(
        rule=finding.rule,
        severity=finding.severity,
        entry=finding.entry,
        url=finding.url,
        message=finding.message,
        reason=accepted.reason,
        place=_place_text(finding.place),
        list_place=_place_text(finding.list_place),
    )


def _place_text(place: Place | None) -> str | None:
    return str(place) if place else None


def _evidence(rows: Iterable[Evidence]) -> tuple[EvidenceForm, ...]:
    return tuple(EvidenceForm(asked=row.asked, at=row.at, status=row.status, saw=row.saw) for row in rows)


def _read_link(form: LinkForm) -> LinkReport:
    return LinkReport(
        check=LinkCheck(form.url, form.verdict, _read_evidence(form.evidence), form.new_url),
        entries=form.entries,
        kind=form.kind,
        first_seen=form.first_seen,
        last_ok=form.last_ok,
        place=_read_place(form.place, form.column),
        list_place=_read_place(form.list_place),
    )


def _read_finding(form: FindingForm) -> Finding:
    return Finding(
        **dict(zip(_SAME_IN_FINDINGS, _same_in_findings(form), strict=True)),
        evidence=_read_evidence(form.evidence),
        place=_read_place(form.place, form.column),
        list_place=_read_place(form.list_place),
    )


def _read_accepted(form: AcceptedForm) -> Accepted:
    place, list_place = _read_place(form.place), _read_place(form.list_place)
    finding = Finding(form.rule, form.severity, form.message, form.entry, form.url, place=place, list_place=list_place)
    return Accepted(finding, form.reason)


def _read_evidence(rows: Iterable[EvidenceForm]) -> tuple[Evidence, ...]:
    return tuple(Evidence(row.asked, row.at, row.saw, row.status) for row in rows)


def _read_place(place: str | None, column: int | None = None) -> Place | None:
    if place is None:
        return None
    path, _, line = place.rpartition(":")
    return Place(path, int(line), column or 1)
