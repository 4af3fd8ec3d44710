"""The rules on links."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from enrich.identifiers import of_url, parse, url_of
from enrich.judge.cases import Case, checked, finding
from enrich.judge.on_hosts import host_of_finding, is_of_host
from enrich.judge.records import identity
from enrich.matching import Identity
from enrich.model import (
    NOT_FOUND,
    PASSED_ON,
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
from enrich.services import ARXIV, CROSSREF, FILE, GITHUB, URL, WEB, attributed, title_of

_LINK_RULES: Mapping[Verdict, tuple[str, Severity]] = {
    Verdict.BROKEN: ("broken-link", Severity.ERROR),
    Verdict.UNSAFE: ("unsafe-link", Severity.ERROR),
    Verdict.MOVED: ("moved-link", Severity.WARNING),
    Verdict.SUSPECT: ("suspect-link", Severity.NOTE),
    Verdict.BLOCKED: ("blocked-link", Severity.NOTE),
}
_UNREACHABLE = ("unreachable-link", Severity.WARNING)
_CLOSED = ("site-closed", Severity.WARNING)


def link_trouble(case: Case) -> Iterator[Finding]:
    """Report a link by its verdict: broken-link, moved-link, unreachable-link, site-closed, and so on."""
    for link, check in checked(case):
        if check.verdict not in _LINK_RULES:
            continue
        rule, severity = _rule(link, check)
        message = _moved(check) if check.verdict is Verdict.MOVED else _why(check)
        if rule == _CLOSED[0] and check.evidence:
            message = check.evidence[-1].saw
        suggestion = check.new_url
        if check.verdict is Verdict.BROKEN or check.is_unreachable:
            suggestion = (link.kind is LinkKind.PAPER and _elsewhere(case, link)) or check.copy
        yield finding(rule, severity, case, message, link=link, evidence=check.evidence, suggestion=suggestion)


def _rule(link: Link, check: LinkCheck) -> tuple[str, Severity]:
    if check.is_unreachable:
        return _UNREACHABLE
    if check.verdict is Verdict.SUSPECT and check.forwarded_to:
        return _CLOSED
    rule, severity = _LINK_RULES[check.verdict]
    # Without GitHub's API, its page shows the same: it is the same finding.
    if check.verdict is Verdict.MOVED and (check.repository or _are_repositories(link.url, check.new_url or "")):
        rule = "renamed-repository"
    return rule, severity


def _moved(check: LinkCheck) -> str:
    """Report the move; the new URL is the suggestion."""
    parts = (check.new_url or "").split("/")
    is_repository = check.repository or _are_repositories(check.url, check.new_url or "")
    return f"GitHub repository renamed to {'/'.join(parts[3:5])}" if is_repository else "moved permanently"


def tls_trouble(case: Case) -> Iterator[Finding]:
    """Report a page that exists, but that a browser warns about or does not show."""
    for link, check in checked(case):
        if check.tls_trouble and check.verdict is Verdict.OK:
            message = f"the page is there, but browsers may refuse it: {check.tls_trouble}"
            yield finding("tls-trouble", Severity.NOTE, case, message, link=link, evidence=check.evidence)


def internal_number(case: Case) -> Iterator[Finding]:
    """Report a link by an ACM-internal ID (10.5555/…) if the paper has a registered DOI."""
    for link, check in checked(case):
        if check.verdict is not Verdict.UNKNOWN:
            continue
        number = next((i for i in of_url(link.url) if i.scheme is Scheme.ACM), None)
        registered = number and next((i for i in _identifiers(case) if i.scheme is Scheme.DOI), None)
        if number and registered:
            message = (
                f"{number.value} is an ACM-internal ID, not a registered DOI; the paper's DOI is {registered.value}"
            )
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
    """Report a wrong paper by the page's citation tags, if only links were checked."""
    if case.records or case.wrong or case.doubts or case.tried or case.candidates:
        return
    for link, check in checked(case):
        record = check.page.record if check.page and link.kind is LinkKind.PAPER else None
        ruling = identity(case.entry, [record]) if record else None
        if record and ruling and ruling.identity is Identity.OTHER:
            message = f'links to "{record.title}", but the entry is "{case.entry.title}" ({ruling.why})'
            evidence = (Evidence(WEB, record.asked_at or "", f"title: {record.title}"),)
            yield finding("wrong-paper", Severity.ERROR, case, message, link=link, evidence=evidence)


# `Official implementation of the paper "…"`: a description with a paper's title shows the project.
_NAMES_ITS_PAPER = re.compile(
    r"\b(?:official|code|implementation|artifacts?|source|repository)\b[^\"“”]{0,80}\b(?:for|of)\b[^\"“”]{0,40}"
    r"[\"“](?P<title>[^\"“”]{20,250})[\"”]",
    re.IGNORECASE,
)


def wrong_project(case: Case) -> Iterator[Finding]:
    """Report a code link to a repository that says that it belongs to another paper."""
    name = (case.entry.name or "").lower()
    for link, check in checked(case):
        repository = check.repository if link.kind is LinkKind.CODE else None
        said = repository and _NAMES_ITS_PAPER.search(repository.description or "")
        if not repository or not said or (name and name in f"{repository.full_name} {repository.description}".lower()):
            continue
        if identity(case.entry, [Record(source=GITHUB.name, title=said["title"])]).identity is Identity.OTHER:
            message = f"{repository.full_name} says that it belongs to {said['title']!r}"
            yield finding("wrong-project", Severity.NOTE, case, message, link=link, evidence=check.evidence)


_TROUBLES = frozenset((*(rule for rule, _ in (*_LINK_RULES.values(), _UNREACHABLE, _CLOSED)), "renamed-repository"))
_MAY_TURN = _TROUBLES | {"tls-trouble"}


def changed_findings(before: Iterable[Finding], now: Collection[Finding]) -> set[str]:
    """Return the identities of earlier findings that have only become worse: a suspect link is broken, or an outage."""
    troubled = {(finding.entry, finding.url) for finding in now if finding.rule in _TROUBLES}
    bad = {
        host_of_finding(finding)
        for finding in now
        if finding.rule in ("broken-link", "unreachable-link", "site-closed")
    }
    out = {host_of_finding(finding) for finding in now if is_of_host(finding)}
    return {
        finding.identity
        for finding in before
        if (
            host_of_finding(finding) in bad | out
            if is_of_host(finding)
            else finding.rule in _MAY_TURN
            and ((finding.entry, finding.url) in troubled or host_of_finding(finding) in out)
        )
    }


def archived_repository(case: Case) -> Iterator[Finding]:
    """Report a repository that its owner has archived."""
    for link, check in checked(case):
        if check.repository and check.repository.archived:
            message = f"{check.repository.full_name} was archived by its owner"
            yield finding("archived-repository", Severity.WARNING, case, message, link=link, evidence=check.evidence)


def _elsewhere(case: Case, link: Link) -> str | None:
    """Return the URL of the link's paper by an identifier that the link does not have."""
    tried = set(of_url(link.url))
    return next((url_of(identifier) for identifier in _identifiers(case) if identifier not in tried), None)


def _identifiers(case: Case) -> Iterator[Identifier]:
    """Yield the identifiers of the entry's paper, DOI first: those written on the entry, then those found."""
    own, record, found = case.entry.own, case.records.get(CROSSREF.name), case.entry.enriched
    arxiv = case.records.get(ARXIV.name)
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
    if check.is_by_time:
        *seen, lasted = check.evidence
        return f"{lasted.saw}: {seen[-1].saw}" if seen else lasted.saw
    decisive = [row for row in check.evidence if not row.saw.startswith(PASSED_ON)]
    denied = [row for row in decisive if row.saw.startswith(NOT_FOUND)]
    if check.verdict is Verdict.BROKEN and denied and (named := of_url(check.url)):
        return _unknown_to(denied, named[0])
    return "; ".join(dict.fromkeys(map(_worded, decisive))) or str(check.verdict)


def _worded(row: Evidence) -> str:
    return row.saw if row.asked in (WEB, URL, FILE) else attributed(row.asked, row.saw)


def _unknown_to(denied: Sequence[Evidence], identifier: Identifier) -> str:
    """Report which registries do not know what a link leads to."""
    if identifier.scheme is Scheme.GITHUB:
        return "GitHub repository not found (404)"
    *others, last = dict.fromkeys(title_of(row.asked) for row in denied)
    names = f"{', '.join(others)} and {last} do" if others else f"{last} does"
    return f"No such paper: {names} not know {identifier.value}"
