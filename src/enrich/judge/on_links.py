"""The rules on links."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from enrich.identifiers import of_url, parse, url_of
from enrich.judge.cases import Case, checked, finding
from enrich.judge.records import contradicts
from enrich.model import (
    PASSED_ON,
    Entry,
    Evidence,
    Finding,
    Identifier,
    Link,
    LinkCheck,
    LinkKind,
    Record,
    Scheme,
    Severity,
    Verdict,
)

_LINK_RULES: Mapping[Verdict, tuple[str, Severity]] = {
    Verdict.BROKEN: ("broken-link", Severity.ERROR),
    Verdict.UNSAFE: ("unsafe-link", Severity.ERROR),
    Verdict.MOVED: ("moved-link", Severity.WARNING),
    Verdict.SUSPECT: ("suspect-link", Severity.NOTE),
    Verdict.BLOCKED: ("blocked-link", Severity.NOTE),
}


def link_trouble(case: Case) -> Iterator[Finding]:
    """broken-link, moved-link, renamed-repository, suspect-link, blocked-link, unsafe-link."""
    for link, check in checked(case):
        if check.verdict not in _LINK_RULES:
            continue
        rule, severity = _LINK_RULES[check.verdict]
        # Its page tells, too, where GitHub's API cannot be asked: it is the same finding.
        if check.verdict is Verdict.MOVED and (check.repository or _are_repositories(link.url, check.new_url or "")):
            rule = "renamed-repository"
        message = f"moved to {check.new_url}" if check.verdict is Verdict.MOVED else _why(check)
        suggestion = check.new_url
        if check.verdict is Verdict.BROKEN:
            suggestion = (link.kind is LinkKind.PAPER and _elsewhere(case, link)) or check.copy
        yield finding(rule, severity, case, message, link=link, evidence=check.evidence, suggestion=suggestion)


def internal_number(case: Case) -> Iterator[Finding]:
    """A link by a number of ACM's own (10.5555/…), where the paper has a real DOI."""
    registered = next((i for i in _identifiers(case) if i.scheme is Scheme.DOI), None)
    for link, check in checked(case):
        if registered is None or check.verdict is not Verdict.UNKNOWN:
            continue
        if number := next((i for i in of_url(link.url) if i.scheme is Scheme.ACM), None):
            message = f"{number.value} is a number of ACM's own, no DOI; the paper's DOI is {registered.value}"
            yield finding(
                "internal-number",
                Severity.NOTE,
                case,
                message,
                link=link,
                evidence=check.evidence,
                suggestion=url_of(registered),
            )


def wrong_page(case: Case) -> Iterator[Finding]:
    """wrong-paper by the page's own citation tags, where nobody looked the paper up: links alone were checked."""
    if case.records or case.wrong or case.tried or case.candidates:
        return
    for link, check in checked(case):
        record = check.page.record if check.page and link.kind is LinkKind.PAPER else None
        why = contradicts(case.entry, [record]) if record else None
        if record and why is not None:
            message = f"leads to {record.title!r}, the entry names {case.entry.title!r} ({why})"
            evidence = (Evidence("web", record.asked_at or "", f"title: {record.title}"),)
            yield finding("wrong-paper", Severity.ERROR, case, message, link=link, evidence=evidence)


# `Official implementation of the paper "…"`: a description that names its paper says which project it is.
_NAMES_ITS_PAPER = re.compile(
    r"\b(?:official|code|implementation|artifacts?|source|repository)\b[^\"“”]{0,80}\b(?:for|of)\b[^\"“”]{0,40}"
    r"[\"“](?P<title>[^\"“”]{20,250})[\"”]",
    re.IGNORECASE,
)


def wrong_project(case: Case) -> Iterator[Finding]:
    """wrong-project: a code link to a repository that says itself that it belongs to another paper."""
    name = (case.entry.name or "").lower()
    for link, check in checked(case):
        repository = check.repository if link.kind is LinkKind.CODE else None
        said = repository and _NAMES_ITS_PAPER.search(repository.description or "")
        if not repository or not said or (name and name in f"{repository.full_name} {repository.description}".lower()):
            continue
        if contradicts(case.entry, [Record("github", title=said["title"])]) is not None:
            message = f"{repository.full_name} says that it belongs to {said['title']!r}"
            yield finding("wrong-project", Severity.NOTE, case, message, link=link, evidence=check.evidence)


_TROUBLES = frozenset((*(rule for rule, _ in _LINK_RULES.values()), "renamed-repository"))


def turned(before: Iterable[Finding], now: Collection[Finding]) -> set[str]:
    """The identities of earlier findings on links that are no better now: what was suspect is broken, or an outage."""
    troubled = {(finding.entry, finding.url) for finding in now if finding.rule in _TROUBLES}
    dead = {_host(finding.url or "") for finding in now if finding.rule == "broken-link"}
    out = {_host(finding.url or "") for finding in now if finding.rule == "host-outage"}
    return {
        finding.identity
        for finding in before
        if (finding.rule in _TROUBLES and ((finding.entry, finding.url) in troubled or _host(finding.url or "") in out))
        or (finding.rule == "host-outage" and _host(finding.url or "") in dead)
    }


def archived_repository(case: Case) -> Iterator[Finding]:
    """A repository that its owner has archived."""
    for link, check in checked(case):
        if check.repository and check.repository.archived:
            message = f"{check.repository.full_name} is archived: no more changes will be made there"
            yield finding("archived-repository", Severity.WARNING, case, message, link=link, evidence=check.evidence)


_LASTED = "history"  # whose word makes a soft failure that lasted a broken link


def outages(checks: Iterable[LinkCheck], entries: Iterable[Entry] = ()) -> tuple[tuple[Finding, ...], frozenset[str]]:
    """One host-outage per host all of whose links (three or more) failed softly, and the URLs that it speaks for.

    It is an error once such a failure has lasted. A host name that does not exist is no outage: there each link is
    broken by itself, for each has another way out.
    """
    seen = [check for check in checks if _seen_there(check) is not None]
    if not any(map(_failed_softly, seen)):
        return (), frozenset()
    hosts: dict[str, list[LinkCheck]] = defaultdict(list)
    for check in seen:
        hosts[_host(check.url)].append(check)
    down = {h: those for h, those in hosts.items() if len(those) >= 3 and all(_failed_softly(c) for c in those)}
    spoken_for = frozenset(check.url for those in down.values() for check in those)
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for entry in entries:
        for link in entry.links:
            if link.url in spoken_for:
                keys[_host(link.url)].add(entry.key)
    return tuple(_outage(host, those, len(keys[host])) for host, those in sorted(down.items())), spoken_for


def _outage(host: str, checks: Sequence[LinkCheck], entries: int) -> Finding:
    of_entries = f" (of {entries} {'entry' if entries == 1 else 'entries'})" if entries else ""
    lasted = [check for check in checks if check.verdict is Verdict.BROKEN]
    # What history says of a failure that lasted ends in its first day.
    check = min(lasted, key=lambda check: check.evidence[-1].saw[-10:]) if lasted else checks[0]
    words = "; ".join(e.saw for e in check.evidence[-2 if lasted else -1 :])
    return Finding(
        "host-outage",
        Severity.ERROR if lasted else Severity.WARNING,
        f"{host}: all {len(checks)} links{of_entries} failed: {words}",
        url=f"https://{host}/",
        evidence=check.evidence,
        suggestion=f"https://web.archive.org/web/*/{host}/*" if any(check.copy for check in checks) else None,
    )


def _seen_there(check: LinkCheck) -> Evidence | None:
    """What the page's own server did last; None where somebody else's word decided."""
    evidence = [e for e in check.evidence if e.asked != _LASTED]
    return evidence[-1] if evidence and evidence[-1].asked == "web" else None


def _failed_softly(check: LinkCheck) -> bool:
    """Whether the server failed; doubtful pages, which have a status below 500, are no outage."""
    seen = _seen_there(check)
    lasted = check.verdict is Verdict.BROKEN and check.evidence[-1].asked == _LASTED
    return seen is not None and (check.verdict is Verdict.SUSPECT or lasted) and (seen.status or 500) >= 500


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _elsewhere(case: Case, link: Link) -> str | None:
    """The address of the link's paper by an identifier that the link does not hold."""
    tried = set(of_url(link.url))
    return next((url_of(identifier) for identifier in _identifiers(case) if identifier not in tried), None)


def _identifiers(case: Case) -> Iterator[Identifier]:
    """The identifiers of the entry's paper, DOI first: the person's own, those found, those found before."""
    own, record, found = case.entry.own, case.records.get("crossref"), case.entry.enriched
    arxiv = case.records.get("arxiv")
    texts = (
        *(own.doi, record and record.doi, found and found.doi),
        *(own.arxiv_id, arxiv and arxiv.arxiv_id, found and found.arxiv_id),
    )
    for text in texts:
        identifier = parse(text) if text else None
        if identifier and identifier.scheme in (Scheme.DOI, Scheme.ARXIV):
            yield identifier


def _are_repositories(*urls: str) -> bool:
    return all(any(identifier.scheme is Scheme.GITHUB for identifier in of_url(url)) for url in urls)


def _why(check: LinkCheck) -> str:
    decisive = (e for e in check.evidence if not e.saw.startswith(PASSED_ON))
    return "; ".join(dict.fromkeys(f"{e.asked}: {e.saw}" for e in decisive)) or str(check.verdict)
