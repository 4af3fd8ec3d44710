"""The rules on papers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from enrich.identifiers import parse, url_of
from enrich.judge.cases import Case, finding
from enrich.judge.records import PRECEDENCE, same_paper
from enrich.matching import is_preprint_server, short_name
from enrich.model import Enriched, Entry, Evidence, Finding, Record, Severity, Status


def wrong_paper(case: Case) -> Iterator[Finding]:
    """A link that leads to another paper than the entry names."""
    for link in case.entry.links:
        if link.url in case.wrong:
            record, why = case.wrong[link.url]
            message = f"leads to {_quoted(record)}, the entry names {case.entry.title!r} ({why})"
            evidence = (Evidence(record.source, record.asked_at or "", f"title: {record.title}"),)
            named = (i for r in case.records.values() for text in (r.arxiv_id, r.doi) if text and (i := parse(text)))
            right = next((url_of(identifier) for identifier in named), None)
            yield finding("wrong-paper", Severity.ERROR, case, message, link=link, evidence=evidence, suggestion=right)


def gone_paper(case: Case) -> Iterator[Finding]:
    """The findings withdrawn and retracted: the paper's own record says so."""
    for rule in ("withdrawn", "retracted"):
        said = [(record, words) for record in case.records.values() if (words := getattr(record, rule))]
        if said:
            record, words = said[0]
            evidence = tuple(Evidence(r.source, r.asked_at or "", w) for r, w in said)
            yield finding(rule, Severity.ERROR, case, f"{rule}, says {record.source}: {words}", evidence=evidence)


def unresolved(case: Case) -> Iterator[Finding]:
    """unresolved-entry and ambiguous-entry: no source could say which paper the entry is."""
    if case.status is Status.MISSING:
        message = f"no paper found{_tried(case)}"
        yield finding(
            "unresolved-entry", Severity.WARNING, case, message, suggestion="write doi: or arxiv_id: on the entry"
        )
    if case.status is Status.AMBIGUOUS:
        listed = "; ".join(_quoted(record) for record in case.candidates[:3])
        message = f"could be {listed}{_tried(case)}"
        chosen = next(
            (_line_to_write(record) for record in case.candidates if _line_to_write(record)), "doi: or arxiv_id:"
        )
        yield finding(
            "ambiguous-entry",
            Severity.WARNING,
            case,
            message,
            suggestion=f"write on the entry which one it is: {chosen}",
        )


def published_since(case: Case) -> Iterator[Finding]:
    """An entry listed as a preprint that has appeared at a venue since; the suggestion is the line to paste."""
    if not is_preprint_server(case.entry.venue or ""):
        return
    records = [case.records[source] for source in PRECEDENCE["venue"] if source in case.records]
    # A journal_ref on arXiv is written by hand, and DataCite's venues are repositories.
    record = next((r for r in records if r.venue and r.source not in ("arxiv", "datacite")), None)
    if record is None or not record.venue:
        return
    # Who has no registration of the article dates the preprint.
    day = record.published or record.year if record.source == "crossref" else None
    doi = f"doi {record.doi}" if record.doi and not record.doi.startswith("10.48550/") else None
    said = ", ".join(str(word) for word in (record.venue, day, doi) if word)
    yield finding(
        "published-since",
        Severity.NOTE,
        case,
        f"listed as {case.entry.venue!r}, published since: {said} (says {record.source})",
        field="venue",
        evidence=(Evidence(record.source, record.asked_at or "", said),),
        suggestion=f"venue: {short_name(record.venue)}{f' {record.year}' if day and record.year else ''}",
    )


def corrected(case: Case) -> Iterator[Finding]:
    """A correction, an erratum or an expression of concern that is registered for the paper: not a retraction."""
    record = case.records.get("crossref")
    if record and record.comment:
        evidence = (Evidence(record.source, record.asked_at or "", record.comment),)
        yield finding("corrected", Severity.NOTE, case, record.comment, evidence=evidence)


def stale_metadata(case: Case) -> Iterator[Finding]:
    """A title that the paper no longer bears."""
    listed = Record("list", title=case.entry.title)
    titled = [record for record in case.records.values() if record.title and listed.title]
    if titled and not any(same_paper(listed, record) for record in titled):
        ranked = [case.records[source] for source in PRECEDENCE["title"] if source in case.records]
        record = next(record for record in ranked if record.title)
        evidence = (Evidence(record.source, record.asked_at or "", f"title: {record.title}"),)
        message = f"the paper is called {record.title!r} now"
        yield finding(
            "stale-metadata",
            Severity.NOTE,
            case,
            message,
            field="title",
            evidence=evidence,
            suggestion=f"title: {record.title}",
        )


PAPER_RULES = frozenset(
    (
        "wrong-paper",
        "withdrawn",
        "retracted",
        "unresolved-entry",
        "ambiguous-entry",
        "published-since",
        "corrected",
        "stale-metadata",
    )
)
"""The rules that rest on the paper's records: their findings stand until the paper is asked about again."""

UNRESOLVED_RULES = frozenset(("unresolved-entry", "ambiguous-entry"))
"""Those that no longer stand once a record is found."""


def duplicates(entries: Sequence[Entry], resolved: Mapping[str, Enriched]) -> Iterator[Finding]:
    """duplicate-entry: entries that turned out to be one paper (the later ones are reported)."""
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        enriched = resolved.get(entry.key)
        if not enriched:
            continue
        names = [(n, v.lower()) for n in ("arxiv_id", "doi", "semantic_scholar_id") if (v := getattr(enriched, n))]
        twin = next((first[name] for name in names if name in first), None)
        if twin and twin.key != entry.key:
            message = (
                f"is the same paper as {twin.key!r} ({twin.place})"
                if twin.place
                else f"is the same paper as {twin.key!r}"
            )
            yield Finding("duplicate-entry", Severity.WARNING, message, entry.key, place=entry.place)
        for name in names:
            first.setdefault(name, entry)


def _tried(case: Case) -> str:
    words = "; ".join(dict.fromkeys(case.tried))
    return f" ({words})" if words else ""


def _quoted(record: Record) -> str:
    name = (
        f"arXiv {record.arxiv_id}"
        if record.arxiv_id
        else f"doi {record.doi}"
        if record.doi
        else record.url or record.source
    )
    year = f", {record.year}" if record.year else ""
    return f"{record.title!r} ({name}{year})"


def _line_to_write(record: Record) -> str | None:
    return f'arxiv_id: "{record.arxiv_id}"' if record.arxiv_id else f"doi: {record.doi}" if record.doi else None
