"""Which source wins per field, and what a maintainer should know; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from enrich.identifiers import doi as read_doi
from enrich.identifiers import parse, url_of
from enrich.matching import Description, Likeness, Match, compare, retitled, year_of
from enrich.model import (
    ENRICHED_FIELDS,
    Enriched,
    Entry,
    Evidence,
    Finding,
    Link,
    LinkCheck,
    LinkKind,
    Record,
    Scheme,
    Severity,
    Status,
    Verdict,
)

PRECEDENCE: Mapping[str, tuple[str, ...]] = {
    # arXiv's record is kept by the authors; Semantic Scholar goes on showing a first version's title.
    "title": ("arxiv", "crossref", "page", "datacite", "semantic_scholar"),
    # Whole names in order; Semantic Scholar abbreviates some.
    "authors": ("arxiv", "crossref", "page", "datacite", "semantic_scholar"),
    # Crossref has an abstract for few, Semantic Scholar none for Springer's papers.
    "abstract": ("arxiv", "semantic_scholar", "datacite", "page", "crossref"),
    # The published version's year; Semantic Scholar and arXiv know the preprint's.
    "year": ("crossref", "page", "semantic_scholar", "arxiv", "datacite"),
    # The day it became public: the preprint's first version where there is one.
    "published": ("arxiv", "datacite", "page", "crossref", "semantic_scholar"),
    "venue": ("crossref", "semantic_scholar", "page", "arxiv"),
    # The publisher's own registration before what others repeat of it.
    "doi": ("crossref", "page", "semantic_scholar", "arxiv", "datacite"),
    "arxiv_id": ("arxiv", "datacite", "semantic_scholar", "page", "crossref"),
    "semantic_scholar_id": ("semantic_scholar",),
    # Crossref counts fewer citations: only where Semantic Scholar says nothing.
    "citation_count": ("semantic_scholar", "crossref"),
}
"""For each field, the sources that may fill it, the one that wins first."""

COUNT_MOVES = 0.05
"""A citation count is rewritten when it moved by this share: nightly changes stay small."""

_FORM = TypeAdapter(Enriched)


def describe(entry: Entry) -> Description:
    """What the list says of the paper, as `matching` wants it."""
    venue = entry.venue or ""
    own_year = entry.own.year
    return Description(
        title=entry.title,
        name=entry.name,
        authors=entry.own.authors,
        year=own_year or year_of(venue),
        venue=entry.venue,
    )


def described(record: Record) -> Description:
    """What a record says of the paper, as `matching` wants it."""
    return Description(
        title=record.title,
        authors=record.authors,
        year=record.year,
        venue=record.venue,
        other_titles=record.other_titles,
    )


def same_paper(one: Record, other: Record) -> bool:
    """Whether two records may be of one paper: only titles and authors that contradict each other say no."""
    return _compared(one, other).likeness is not Likeness.DIFFERENT


def contradicts(entry: Entry, records: Sequence[Record]) -> str | None:
    """Why these records of one identifier name another paper than the entry does; None where they may well be it.

    Every title that a source knows for the identifier counts, earlier versions' included, and so does one that is
    near enough to be a version's that no source shows. Years and venues do not count: lists and sources often give
    those of another version.
    """
    listed = Record("list", title=entry.title, authors=entry.own.authors)
    titled = [record for record in records if record.title and entry.title]
    matches = [_compared(listed, record) for record in titled]
    if not matches or any(match.likeness is not Likeness.DIFFERENT for match in matches):
        return None
    if any(retitled(listed.title or "", record.title or "") for record in titled):
        return None
    return "; ".join(dict.fromkeys(reason for match in matches for reason in match.against))


def _compared(one: Record, other: Record) -> Match:
    first, second = (
        Description(title=record.title, authors=record.authors, other_titles=record.other_titles)
        for record in (one, other)
    )
    return compare(first, second)


def merge(
    records: Mapping[str, Record], before: Enriched | None, matched_by: str, today: date, refresh: timedelta
) -> Enriched:
    """The block `enriched:` after a run: the winning source per field, and what was known before where none says.

    A field keeps its old value when the source that filled it did not answer this time and no better one did.
    `records` holds one record per source, all of one paper; the DOIs in them must be registered ones. `refresh` is
    the age at which a citation count is dated anew though it hardly moved.
    """
    before = before if before and _still_of(before, records.values()) else Enriched()
    values: dict[str, object] = {"matched_by": matched_by}
    sources: dict[str, str] = {}
    for name in PRECEDENCE:
        if candidates := _candidates(name, records, before):
            values[name], sources[name] = candidates[0]
    if "doi" not in values and "arxiv_id" in values:
        # Every arXiv paper has one: https://info.arxiv.org/help/doi.html
        values["doi"], sources["doi"] = f"10.48550/arXiv.{values['arxiv_id']}", "arxiv"
    if "year" not in values and (published := str(values.get("published", ""))[:4]).isdigit():
        values["year"], sources["year"] = int(published), sources["published"]
    if "citation_count" in values:
        count = int(str(values["citation_count"]))
        if _hardly_moved(count, before, today, refresh):
            values["citation_count"], values["citation_count_as_of"] = (
                before.citation_count,
                before.citation_count_as_of,
            )
        else:
            values["citation_count_as_of"] = str(today)
    merged = _FORM.validate_python({**values, "sources": dict(sorted(sources.items()))})
    changed = any(getattr(merged, name) != getattr(before, name) for name in ENRICHED_FIELDS if name != "enriched_on")
    return replace(merged, enriched_on=str(today) if changed else before.enriched_on)


def _still_of(before: Enriched, records: Iterable[Record]) -> bool:
    known = Record("before", title=before.title, authors=before.authors, year=before.year)
    return not before.title or any(same_paper(known, record) for record in records if record.title)


def _candidates(name: str, records: Mapping[str, Record], before: Enriched) -> list[tuple[object, str]]:
    """The values of a field with their sources, the winner first."""
    found: list[tuple[object, str]] = []
    old, old_source = getattr(before, name), before.sources.get(name, "")
    for source in PRECEDENCE[name]:
        value = getattr(records[source], name) if source in records else old if source == old_source else None
        if name == "doi":
            identifier = read_doi(value) if isinstance(value, str) else None
            value = identifier.value if identifier and identifier.scheme is Scheme.DOI else None
        if value not in (None, ()):
            found.append((value, source))
    if not found and old not in (None, ()):
        found.append((old, old_source or "enrich"))
    return found


def _hardly_moved(count: int, before: Enriched, today: date, refresh: timedelta) -> bool:
    if before.citation_count is None or before.citation_count_as_of is None:
        return False
    try:
        age = today - date.fromisoformat(before.citation_count_as_of)
    except ValueError:
        return False
    return age < refresh and abs(count - before.citation_count) < max(1, COUNT_MOVES * before.citation_count)


@dataclass(frozen=True, slots=True)
class Case:
    """All that a run knows of one entry, for the rules.

    `records` are those believed to be of its paper; `wrong` holds, per URL, the record of another paper that the
    link leads to, and why; `tried` says in words what was asked in vain; `candidates` could not be told apart.
    """

    entry: Entry
    status: Status
    checks: Mapping[str, LinkCheck] = field(default_factory=dict)
    records: Mapping[str, Record] = field(default_factory=dict)
    wrong: Mapping[str, tuple[Record, str]] = field(default_factory=dict)
    tried: tuple[str, ...] = ()
    candidates: tuple[Record, ...] = ()


_LINK_RULES: Mapping[Verdict, tuple[str, Severity]] = {
    Verdict.BROKEN: ("broken-link", Severity.ERROR),
    Verdict.UNSAFE: ("unsafe-link", Severity.ERROR),
    Verdict.MOVED: ("moved-link", Severity.WARNING),
    Verdict.SUSPECT: ("suspect-link", Severity.NOTE),
    Verdict.BLOCKED: ("blocked-link", Severity.NOTE),
}


def link_trouble(case: Case) -> Iterator[Finding]:
    """broken-link, moved-link, renamed-repository, suspect-link, blocked-link, unsafe-link."""
    for link, check in _checked(case):
        if check.verdict not in _LINK_RULES:
            continue
        rule, severity = _LINK_RULES[check.verdict]
        if check.verdict is Verdict.MOVED and check.repository:
            rule = "renamed-repository"
        message = f"moved to {check.new_url}" if check.verdict is Verdict.MOVED else _why(check)
        yield _finding(rule, severity, case, message, link=link, evidence=check.evidence, suggestion=check.new_url)


def archived_repository(case: Case) -> Iterator[Finding]:
    """A repository that its owner has archived."""
    for link, check in _checked(case):
        if check.repository and check.repository.archived:
            message = f"{check.repository.full_name} is archived: no more changes will be made there"
            yield _finding("archived-repository", Severity.WARNING, case, message, link=link, evidence=check.evidence)


def wrong_paper(case: Case) -> Iterator[Finding]:
    """A link that leads to another paper than the entry names."""
    for link in case.entry.links:
        if link.url in case.wrong:
            record, why = case.wrong[link.url]
            message = f"leads to {_quoted(record)}, the entry names {case.entry.title!r} ({why})"
            evidence = (Evidence(record.source, record.asked_at or "", f"title: {record.title}"),)
            named = (i for r in case.records.values() for text in (r.arxiv_id, r.doi) if text and (i := parse(text)))
            right = next((url_of(identifier) for identifier in named), None)
            yield _finding("wrong-paper", Severity.ERROR, case, message, link=link, evidence=evidence, suggestion=right)


def gone_paper(case: Case) -> Iterator[Finding]:
    """The findings withdrawn and retracted: the paper's own record says so."""
    for rule in ("withdrawn", "retracted"):
        said = [(record, words) for record in case.records.values() if (words := getattr(record, rule))]
        if said:
            record, words = said[0]
            evidence = tuple(Evidence(r.source, r.asked_at or "", w) for r, w in said)
            yield _finding(rule, Severity.ERROR, case, f"{rule}, says {record.source}: {words}", evidence=evidence)


def unresolved(case: Case) -> Iterator[Finding]:
    """unresolved-entry and ambiguous-entry: no source could say which paper the entry is."""
    if case.status is Status.MISSING:
        message = "no paper found" + (f" ({'; '.join(case.tried)})" if case.tried else "")
        yield _finding(
            "unresolved-entry", Severity.WARNING, case, message, suggestion="write doi: or arxiv_id: on the entry"
        )
    if case.status is Status.AMBIGUOUS:
        listed = "; ".join(_quoted(record) for record in case.candidates[:3])
        message = f"could be {listed}" + (f" ({'; '.join(case.tried)})" if case.tried else "")
        chosen = next(
            (_line_to_write(record) for record in case.candidates if _line_to_write(record)), "doi: or arxiv_id:"
        )
        yield _finding(
            "ambiguous-entry",
            Severity.WARNING,
            case,
            message,
            suggestion=f"write on the entry which one it is: {chosen}",
        )


def published_since(case: Case) -> Iterator[Finding]:
    """An entry listed as a preprint that a publisher has registered since."""
    listed = (case.entry.venue or "").lower()
    record = case.records.get("crossref")
    if record and record.venue and record.doi and any(word in listed for word in ("arxiv", "preprint", "corr")):
        message = (
            f"listed as {case.entry.venue!r}, published since in {record.venue} ({record.published or record.year})"
        )
        evidence = (Evidence(record.source, record.asked_at or "", f"doi {record.doi}"),)
        suggestion = f"venue: {record.venue} {record.year or ''}".strip()
        yield _finding(
            "published-since", Severity.NOTE, case, message, field="venue", evidence=evidence, suggestion=suggestion
        )


def stale_metadata(case: Case) -> Iterator[Finding]:
    """A title that the paper no longer bears."""
    listed = Record("list", title=case.entry.title)
    titled = [record for record in case.records.values() if record.title and listed.title]
    if titled and all(_compared(listed, record).likeness is Likeness.DIFFERENT for record in titled):
        ranked = [case.records[source] for source in PRECEDENCE["title"] if source in case.records]
        record = next(record for record in ranked if record.title)
        evidence = (Evidence(record.source, record.asked_at or "", f"title: {record.title}"),)
        message = f"the paper is called {record.title!r} now"
        yield _finding(
            "stale-metadata",
            Severity.NOTE,
            case,
            message,
            field="title",
            evidence=evidence,
            suggestion=f"title: {record.title}",
        )


RULES: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    link_trouble,
    wrong_paper,
    gone_paper,
    unresolved,
    published_since,
    stale_metadata,
    archived_repository,
)
"""One function per rule (or family of rules that exclude each other), asked for every entry in this order."""


PAPER_RULES = frozenset(
    (
        "wrong-paper",
        "withdrawn",
        "retracted",
        "unresolved-entry",
        "ambiguous-entry",
        "published-since",
        "stale-metadata",
    )
)
"""The rules that rest on the paper's records: their findings stand until the paper is asked about again."""


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


def outages(checks: Iterable[LinkCheck]) -> tuple[tuple[Finding, ...], frozenset[str]]:
    """One host-outage per host all of whose links (three or more) failed softly, and the URLs that it speaks for."""
    hosts: dict[str, list[LinkCheck]] = defaultdict(list)
    for check in checks:
        if any(evidence.asked == "web" for evidence in check.evidence):
            hosts[urlsplit(check.url).hostname or ""].append(check)
    findings: list[Finding] = []
    spoken_for: set[str] = set()
    for host, those in sorted(hosts.items()):
        if len(those) >= 3 and all(check.verdict is Verdict.SUSPECT for check in those):
            message = f"{host}: all {len(those)} links failed: {those[0].evidence[-1].saw}"
            findings.append(
                Finding("host-outage", Severity.WARNING, message, url=f"https://{host}/", evidence=those[0].evidence)
            )
            spoken_for.update(check.url for check in those)
    return tuple(findings), frozenset(spoken_for)


def lacking(entry: Entry, enriched: Enriched | None, wanted: Sequence[str]) -> tuple[str, ...]:
    """The wanted fields that neither the person nor enrich has filled."""
    whole = replace(entry, enriched=enriched)
    return tuple(name for name in wanted if whole.known(name) in (None, ()))


def _checked(case: Case) -> Iterator[tuple[Link, LinkCheck]]:
    for link in case.entry.links:
        if check := case.checks.get(link.url):
            yield link, check


def _finding(
    rule: str,
    severity: Severity,
    case: Case,
    message: str,
    *,
    link: Link | None = None,
    field: str | None = None,
    evidence: tuple[Evidence, ...] = (),
    suggestion: str | None = None,
) -> Finding:
    place = (link and link.place) or case.entry.place
    url = link.url if link else None
    return Finding(rule, severity, message, case.entry.key, url, field, suggestion, evidence, place=place)


def _why(check: LinkCheck) -> str:
    return "; ".join(dict.fromkeys(f"{e.asked}: {e.saw}" for e in check.evidence)) or str(check.verdict)


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


def is_paper_link(link: Link) -> bool:
    """Whether the link claims to lead to the entry's paper itself."""
    return link.kind is LinkKind.PAPER
