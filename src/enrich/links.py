"""Which evidence decides a link, and what a fetched page says about it; pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from enrich.identifiers import normalise_url, of_url
from enrich.model import (
    Evidence,
    Found,
    Identifier,
    LinkCheck,
    Missing,
    Outcome,
    Page,
    Record,
    Repository,
    Scheme,
    Unknown,
    Verdict,
)
from enrich.web import Reply, Unreachable

PAGE_BYTES = 256 * 1024
"""As much of a page as is read: citation tags and the title stand in the head."""

Answers = Mapping[str, Outcome[Record] | Outcome[Repository] | Outcome[str]]
"""What each service said of one identifier, by the service's name."""

# Pages about a paper on a site of its own: the paper may be there and the page not, so the identifier is no proof.
_PAGES_ABOUT = ("huggingface.co", "alphaxiv.org", "www.alphaxiv.org")

# Answers that bots get from sites that people can read: they say nothing about the link.
# 999: LinkedIn; 418: IEEE Xplore; 412, 451 and 521: walls in front of Chinese and news sites.
WALL_STATUSES = frozenset({401, 402, 403, 407, 412, 418, 429, 451, 521, 999})

# Headers with which walls sign their challenges (Cloudflare, AWS WAF).
_WALL_HEADERS = ("cf-mitigated", "x-amzn-waf-action")

# Site, what it does, what is said of its links. A row for each site that answers otherwise than HTTP means it.
QUIRKS: tuple[tuple[re.Pattern[str], frozenset[int], str], ...] = (
    (re.compile(r"(?:^|\.)(?:semanticscholar|ieee)\.org$"), frozenset({202}), "an AWS challenge page"),
)

_CHALLENGE = re.compile(
    r"^(?:just a moment|attention required|access denied|request rejected|security check|"
    r"are you (?:a )?(?:human|robot)|verify(?:ing)? you are (?:a )?human|pardon our interruption|"
    r"ddos-guard|checking your browser|"
    r"bot verification|human verification|client challenge|robot check|sorry\.\.\.$)",
    re.IGNORECASE,
)
_SOFT_404 = re.compile(
    r"\b404\b|^not found\b|页面不存在|找不到(?:页面|网页)|页面未找到|"
    r"\b(?:page|file|document|article|content|site|resource) (?:(?:was|is|could|can) ?)?(?:not|n['’]t) (?:be )?"
    r"(?:found|available|exist)\b",
    re.IGNORECASE,
)
_PARKED = re.compile(
    r"\bdomain (?:name )?(?:is |may be )?(?:for sale|parked|expired)|\bis for sale\b|"
    r"buy this domain|\bparked (?:domain|page)\b",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"/(?:log-?in|sign-?in|signon|sso|auth|authorize|oauth2?|saml2?|shibboleth|idp|cas|consent|cookie-?(?:wall|consent|absent)|validate|captcha|challenge)\b",
    re.IGNORECASE,
)
_LOGIN_HOSTS = re.compile(r"^(?:login|signin|sso|auth|accounts?|idp|consent|validate)\.", re.IGNORECASE)


def voucher(url: str) -> Identifier | None:
    """The identifier whose registry can say whether the link is good, without a page; None where there is none."""
    identifiers = of_url(url)
    if not identifiers or _host(url) in _PAGES_ABOUT:
        return None
    vouching = (Scheme.ARXIV, Scheme.DOI, Scheme.ACM, Scheme.GITHUB, Scheme.SEMANTIC_SCHOLAR)
    return identifiers[0] if identifiers[0].scheme in vouching else None


def is_resolver(url: str) -> bool:
    """Whether the URL is the DOI resolver's own: there an unregistered DOI is a dead link."""
    return _host(url) in ("doi.org", "www.doi.org", "dx.doi.org")


def unfit(url: str) -> LinkCheck | None:
    """The check of a link that cannot be asked for at all (relative, mailto:, …); None for all others."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return LinkCheck(url, Verdict.SKIPPED, (Evidence("url", "", "not a valid web address"),))
    if usable:
        return None
    saw = (
        "a relative link; give its base with --base-url" if not parts.scheme else f"not a web address ({parts.scheme}:)"
    )
    return LinkCheck(url, Verdict.SKIPPED, (Evidence("url", "", saw),))


def decide(url: str, answers: Answers) -> LinkCheck | None:
    """The verdict that the registries' answers about the link's identifier prove; None where a page must be asked."""
    identifier = voucher(url)
    if identifier is None:
        return None
    evidence = tuple(_evidence(service, answer) for service, answer in answers.items())
    found = [answer.value for answer in answers.values() if isinstance(answer, Found)]
    gone = {service for service, answer in answers.items() if isinstance(answer, Missing)}
    if identifier.scheme is Scheme.GITHUB:
        return _of_repository(url, identifier, found, gone, evidence)
    if found:
        good = tuple(_evidence(service, answer) for service, answer in answers.items() if isinstance(answer, Found))
        return LinkCheck(url, Verdict.OK, good)
    if identifier.scheme is Scheme.SEMANTIC_SCHOLAR:
        return None
    if identifier.scheme is Scheme.ACM and not is_resolver(url):
        saw = f"{identifier.value} is an ACM-internal number, no registered DOI; nobody but ACM can be asked about it"
        return LinkCheck(url, Verdict.UNKNOWN, (Evidence("acm", "", saw),))
    if identifier.scheme is Scheme.ARXIV:
        return LinkCheck(url, Verdict.BROKEN if {"arxiv", "doi"} <= gone else Verdict.UNKNOWN, evidence)
    if "doi" in gone:
        return LinkCheck(url, Verdict.BROKEN, evidence) if is_resolver(url) else None
    return LinkCheck(url, Verdict.UNKNOWN, evidence) if is_resolver(url) else None


def classify(url: str, reply: Reply, page: Page, accepted: Collection[int] = ()) -> LinkCheck:
    """The verdict on a link from the reply to a GET and what the page says of itself.

    `accepted` are statuses that the settings call good for this host.
    """
    verdict, saw = _of_status(url, reply, page, accepted)
    new_url = None
    if verdict is Verdict.OK and reply.hops:
        verdict, saw, new_url = _of_redirects(url, reply, saw)
    evidence = tuple(Evidence("web", reply.at, f"redirect of {hop.url}", hop.status) for hop in reply.hops[:10])
    return LinkCheck(
        url,
        verdict,
        (*evidence, Evidence("web", reply.at, saw, reply.status)),
        new_url,
        page if verdict in (Verdict.OK, Verdict.MOVED) else None,
    )


def unreachable(url: str, error: Unreachable) -> LinkCheck:
    """The verdict on a link that gave no reply at all."""
    match error.kind:
        case "unsafe":
            verdict = Verdict.UNSAFE
        case "scheme":
            verdict = Verdict.SKIPPED
        case "offline":
            verdict = Verdict.UNKNOWN
        case "dns-missing":
            verdict = Verdict.BROKEN
        case _:
            verdict = Verdict.SUSPECT
    return LinkCheck(url, verdict, (Evidence("web", error.at, error.why),))


def wants_second_look(check: LinkCheck) -> bool:
    """Whether the page must be asked once more at the end of the run before its trouble is believed."""
    return check.verdict in (Verdict.BROKEN, Verdict.SUSPECT) and any(e.asked == "web" for e in check.evidence)


def confirmed(first: LinkCheck, second: LinkCheck) -> LinkCheck:
    """The verdict after the second look: trouble is believed when both say so, and then with the evidence of both."""
    if second.verdict not in (Verdict.BROKEN, Verdict.SUSPECT):
        return second
    verdict = Verdict.BROKEN if first.verdict is second.verdict is Verdict.BROKEN else Verdict.SUSPECT
    return LinkCheck(first.url, verdict, (*first.evidence, *second.evidence))


def _of_repository(
    url: str,
    identifier: Identifier,
    found: list[Record | Repository | str],
    gone: set[str],
    evidence: tuple[Evidence, ...],
) -> LinkCheck | None:
    repository = next((value for value in found if isinstance(value, Repository)), None)
    if repository is None:
        return LinkCheck(url, Verdict.BROKEN, evidence) if "github" in gone else None
    if repository.full_name.lower() == identifier.value:
        return LinkCheck(url, Verdict.OK, evidence, repository=repository)
    parts = urlsplit(url)
    rest = parts.path.strip("/").split("/")[2:]
    new_url = parts._replace(path="/" + "/".join([repository.full_name, *rest])).geturl()
    return LinkCheck(url, Verdict.MOVED, evidence, new_url, repository=repository)


def _evidence(service: str, answer: Outcome[Record] | Outcome[Repository] | Outcome[str]) -> Evidence:
    match answer:
        case Found(value=Record() as record):
            return Evidence(service, answer.at, f"knows it: {record.title}" if record.title else "knows it")
        case Found(value=Repository() as repository):
            state = " (archived)" if repository.archived else ""
            return Evidence(service, answer.at, f"repository {repository.full_name}{state}")
        case Found(value=value):
            return Evidence(service, answer.at, f"registered, leads to {value}")
        case Missing():
            return Evidence(service, answer.at, answer.saw, answer.status)
        case Unknown():
            return Evidence(service, answer.at, answer.why)


def _of_status(url: str, reply: Reply, page: Page, accepted: Collection[int]) -> tuple[Verdict, str]:
    title = page.title or ""
    if reply.status in accepted:
        return Verdict.OK, f"{reply.status}, accepted by the settings"
    if wall := _wall(url, reply, title):
        return Verdict.BLOCKED, wall
    if reply.status in (404, 410):
        return Verdict.BROKEN, f"{reply.status} {'Gone' if reply.status == 410 else 'Not Found'}"
    if not 200 <= reply.status < 300:
        return Verdict.SUSPECT, f"HTTP status {reply.status}"
    if page.record is None and _SOFT_404.search(title):
        return Verdict.SUSPECT, f"says that it is not there: {title!r}"
    if page.record is None and _PARKED.search(title):
        return Verdict.SUSPECT, f"a parked domain: {title!r}"
    if not reply.body:
        return Verdict.UNKNOWN, "an empty page"
    return Verdict.OK, title or reply.headers.get("content-type", "") or "an answer"


def _wall(url: str, reply: Reply, title: str) -> str | None:
    if any(name in reply.headers for name in _WALL_HEADERS):
        return f"a challenge for bots (HTTP status {reply.status})"
    if reply.status in WALL_STATUSES:
        return f"turns checkers away (HTTP status {reply.status})"
    if reply.status == 202 and not reply.body.strip():
        return "an empty challenge page (HTTP status 202)"
    if _CHALLENGE.match(title):
        return f"a challenge for bots: {title!r}"
    host = _host(reply.url or url)
    return next((saw for pattern, statuses, saw in QUIRKS if reply.status in statuses and pattern.search(host)), None)


def _of_redirects(url: str, reply: Reply, saw: str) -> tuple[Verdict, str, str | None]:
    start, end = urlsplit(url), urlsplit(reply.url)
    if (_LOGIN.search(end.path) or _LOGIN_HOSTS.match(end.hostname or "")) and not _LOGIN.search(start.path):
        return Verdict.BLOCKED, f"redirects to a login or consent page: {reply.url}", None
    if end.path in ("", "/") and not end.query and start.path.strip("/"):
        return Verdict.SUSPECT, f"redirects to a front page: {reply.url}", None
    target = _permanent_target(reply)
    if target is None or normalise_url(target) == normalise_url(url):
        return Verdict.OK, saw, None
    return Verdict.MOVED, f"moved permanently to {target}", target


def _permanent_target(reply: Reply) -> str | None:
    """Where the unbroken run of permanent redirects (301, 308) from the start leads."""
    target = None
    for number, hop in enumerate(reply.hops):
        if hop.status not in (301, 308):
            break
        target = reply.hops[number + 1].url if number + 1 < len(reply.hops) else reply.url
    return target


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
