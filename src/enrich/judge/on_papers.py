"""The rules on papers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from enrich.identifiers import parse, repaired_doi, url_of
from enrich.judge.cases import Case, Tried, finding
from enrich.judge.records import PRECEDENCE
from enrich.model import IDENTIFIER_FIELDS, Enriched, Entry, Evidence, Finding, Record, Severity, Status
from enrich.services import ARXIV, CROSSREF, DATACITE, SERVICES, title_of
from enrich.text.venue_names import is_preprint_server, short_name


def wrong_paper(case: Case) -> Iterator[Finding]:
    """Report a link, or an identifier on the entry, that leads to another paper than the entry's."""
    if not case.wrong:
        return
    known = [case.right] if case.right else list(case.records.values())
    named = (i for r in known for text in (r.arxiv_id, r.doi) if text and (i := parse(text)))
    right = next((url_of(identifier) for identifier in named), None)
    for where, mismatch in case.wrong.items():
        message = f"{_leads(case, where, mismatch.record)} ({mismatch.why})"
        yield _mismatch("wrong-paper", Severity.ERROR, case, where, message, right)


def doubtful_paper(case: Case) -> Iterator[Finding]:
    """Report a link whose paper was retitled, or is another one; which is unknown."""
    for where, mismatch in case.doubts.items():
        message = f"{_leads(case, where, mismatch.record)} (retitled? {mismatch.why})"
        line = None if mismatch.contradicted else _line_to_write(mismatch.record)
        advice = (
            f"if this is the paper, add `{line}` to the entry; otherwise fix the link"
            if line
            else "fix the link, or the entry's title, authors and year"
        )
        yield _mismatch("ambiguous-entry", Severity.WARNING, case, where, message, advice)


def _leads(case: Case, where: str, record: Record) -> str:
    subject = "links" if any(link.url == where for link in case.entry.links) else f"its {where} leads"
    return f'{subject} to {_quoted(record)}, but the entry is "{case.entry.title or case.entry.name}"'


def _mismatch(rule: str, severity: Severity, case: Case, where: str, message: str, suggestion: str | None) -> Finding:
    record = (case.wrong.get(where) or case.doubts[where]).record
    link = next((link for link in case.entry.links if link.url == where), None)
    evidence = (Evidence(record.asked, record.asked_at or "", f"title: {record.title}"),)
    field = None if link else where
    return finding(rule, severity, case, message, link=link, field=field, evidence=evidence, suggestion=suggestion)


def unregistered(case: Case) -> Iterator[Finding]:
    """Report an identifier on the entry that no registry knows, with the likely right one."""
    own = case.entry.own
    evidence = dict(case.unregistered)
    if own.doi and parse(own.doi) is None:
        evidence["doi"] = ()
    for name, saw in evidence.items():
        written = getattr(own, name)
        label = "DOI" if name == "doi" else "arXiv ID"
        *most, last = [title_of(each.asked) for each in saw] or [""]
        asked = f"{', '.join(most)} and {last}" if most else last
        verb = "does" if len(saw) == 1 else "do"
        message = f"{label} not registered: {asked} {verb} not know {written}" if saw else f"not a {label}: {written}"
        right = _right_identifier(case, name)
        line = f"{name}: {right}" if right else f"fix or remove {name}"
        yield finding(
            "unregistered-identifier", Severity.ERROR, case, message, field=name, evidence=saw, suggestion=line
        )


def _right_identifier(case: Case, name: str) -> str | None:
    """Return the identifier of the paper that was found in another way, or what was likely meant."""
    written = str(getattr(case.entry.own, name))
    records = [case.records[source] for source in PRECEDENCE[name] if source in case.records]
    found = [value for record in records if (value := getattr(record, name)) and value.lower() != written.lower()]
    if name == "doi":
        return found[0] if found else repaired_doi(written)
    return f'"{found[0]}"' if found else None


def gone_paper(case: Case) -> Iterator[Finding]:
    """Report a paper that its record marks as withdrawn or retracted."""
    for rule in ("withdrawn", "retracted"):
        said = [(record, words) for record in case.records.values() if (words := getattr(record, rule))]
        if said:
            record, words = said[0]
            evidence = tuple(Evidence(r.asked, r.asked_at or "", w) for r, w in said)
            yield finding(
                rule,
                Severity.ERROR,
                case,
                f"{rule} ({title_of(record.provenance)}): {_as_said(record, words)}",
                evidence=evidence,
            )


def unresolved(case: Case) -> Iterator[Finding]:
    """Report an entry whose paper no source could determine: unresolved-entry or ambiguous-entry."""
    if case.wrong or case.doubts:
        return
    if case.status is Status.MISSING:
        message = f"no paper found{_tried(case)}"
        yield finding(
            "unresolved-entry", Severity.WARNING, case, message, suggestion="add `doi` or `arxiv_id` to the entry"
        )
    if case.status is Status.AMBIGUOUS:
        listed = "; ".join(_quoted(record) for record in case.candidates[:3])
        message = f"could be {listed}{_tried(case)}"
        chosen = next((_line_to_write(record) for record in case.candidates if _line_to_write(record)), "doi: ...")
        yield finding(
            "ambiguous-entry",
            Severity.WARNING,
            case,
            message,
            suggestion=f"if this is the paper, add `{chosen}` to the entry",
        )


def published_since(case: Case) -> Iterator[Finding]:
    """Report an entry listed as a preprint that was published since; the suggestion is the line to paste."""
    record = _published(case) if is_preprint_server(case.entry.venue or "") else None
    if record is None:
        return
    venue = record.venue or ""
    # A source without the article's registration dates the preprint.
    is_dated = record.source == CROSSREF.name
    day = (record.published or record.year) if is_dated else None
    doi = f"doi {record.doi}" if record.doi and not record.doi.startswith("10.48550/") else None
    said = ", ".join(str(word) for word in (venue, day, doi) if word)
    year = f" {record.year}" if is_dated and record.year else ""
    yield finding(
        "published-since",
        Severity.NOTE,
        case,
        f"listed as {case.entry.venue!r}; now published: {said} ({title_of(record.provenance)})",
        field="venue",
        evidence=(Evidence(record.asked, record.asked_at or "", said),),
        suggestion=f"venue: {short_name(venue)}{year}",
    )


def _published(case: Case) -> Record | None:
    """Return the record with the place of publication."""
    # On arXiv, a journal_ref is typed by authors, and DataCite's venues are repositories.
    sources = (source for source in PRECEDENCE["venue"] if source not in (ARXIV.name, DATACITE.name))
    records = (case.records[source] for source in sources if source in case.records)
    return next((r for r in records if r.venue and not is_preprint_server(r.venue)), None)


def corrected(case: Case) -> Iterator[Finding]:
    """Report a correction, an erratum or an expression of concern: not a retraction."""
    record = case.records.get(CROSSREF.name)
    if record and record.comment:
        evidence = (Evidence(record.asked, record.asked_at or "", record.comment),)
        yield finding("corrected", Severity.NOTE, case, record.comment, evidence=evidence)


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
        "unregistered-identifier",
    )
)
"""The rules that depend on the paper's records: their findings stay open until the paper is looked up again."""

UNRESOLVED_RULES = frozenset(("unresolved-entry", "ambiguous-entry"))
"""The rules whose findings are closed once a record is found."""


def duplicates(entries: Sequence[Entry], resolved: Mapping[str, Enriched]) -> Iterator[Finding]:
    """Report entries that turned out to be one paper (the later ones)."""
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        enriched = resolved.get(entry.key)
        if not enriched:
            continue
        names = [(n, v.lower()) for n in IDENTIFIER_FIELDS.values() if (v := getattr(enriched, n))]
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
    """Report which services were asked, and the candidates that they had, in an order that does not tell when."""
    tried = sorted(set(case.tried), key=_rank)
    searched = dict.fromkeys(title_of(each.service) for each in tried if not each.candidates)
    listed = [f"searched {', '.join(searched)}"] if searched else []
    for each in (each for each in tried if each.candidates):
        noun = "candidate" if each.candidates == 1 else "candidates"
        listed.append(f"{title_of(each.service)}: {each.candidates} {noun}, no confident match")
    return f" ({'; '.join(listed)})" if listed else ""


def _rank(tried: Tried) -> tuple[int, str, int]:
    names = [service.name for service in SERVICES]
    place = names.index(tried.service) if tried.service in names else len(names)
    return place, tried.service, tried.candidates


def _as_said(record: Record, words: str) -> str:
    # arXiv's words are the authors' comment, all others are enrich's.
    return f'"{words}"' if record.source == ARXIV.name else words


def _quoted(record: Record) -> str:
    name = (
        f"arXiv {record.arxiv_id}"
        if record.arxiv_id
        else f"doi {record.doi}"
        if record.doi
        else record.url or record.source
    )
    year = f", {record.year}" if record.year else ""
    return f'"{record.title}" ({name}{year})'


def _line_to_write(record: Record) -> str | None:
    return f'arxiv_id: "{record.arxiv_id}"' if record.arxiv_id else f"doi: {record.doi}" if record.doi else None
