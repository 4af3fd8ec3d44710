"""The rules on links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from enrich.identifiers import of_url
from enrich.judge.cases import Case, checked, finding
from enrich.model import Finding, LinkCheck, Scheme, Severity, Verdict

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
        yield finding(rule, severity, case, message, link=link, evidence=check.evidence, suggestion=check.new_url)


_TROUBLES = frozenset((*(rule for rule, _ in _LINK_RULES.values()), "renamed-repository"))


def turned(before: Iterable[Finding], now: Collection[Finding]) -> set[str]:
    """The identities of earlier findings on links that are no better now: what was suspect, or an outage, is broken."""
    troubled = {(finding.entry, finding.url) for finding in now if finding.rule in _TROUBLES}
    dead = {urlsplit(finding.url or "").hostname for finding in now if finding.rule == "broken-link"}
    return {
        finding.identity
        for finding in before
        if (finding.rule in _TROUBLES and (finding.entry, finding.url) in troubled)
        or (finding.rule == "host-outage" and urlsplit(finding.url or "").hostname in dead)
    }


def archived_repository(case: Case) -> Iterator[Finding]:
    """A repository that its owner has archived."""
    for link, check in checked(case):
        if check.repository and check.repository.archived:
            message = f"{check.repository.full_name} is archived: no more changes will be made there"
            yield finding("archived-repository", Severity.WARNING, case, message, link=link, evidence=check.evidence)


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


def _are_repositories(*urls: str) -> bool:
    return all(any(identifier.scheme is Scheme.GITHUB for identifier in of_url(url)) for url in urls)


def _why(check: LinkCheck) -> str:
    return "; ".join(dict.fromkeys(f"{e.asked}: {e.saw}" for e in check.evidence)) or str(check.verdict)
