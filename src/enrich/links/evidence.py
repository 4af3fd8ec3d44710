"""Decide which registry can vouch for a link, and what its answers prove; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from enrich.identifiers import arxiv_version, is_anthology_page, normalise_url, of_url, repository_part, wrapped_url
from enrich.model import (
    NOT_FOUND,
    Answer,
    Answers,
    Evidence,
    Found,
    Identifier,
    LinkCheck,
    Missing,
    Record,
    Repository,
    Scheme,
    Unknown,
    Verdict,
    notable,
)
from enrich.services import ACM, ARXIV, CROSSREF, DOI, GITHUB, snapshot_of
from enrich.text.urls import host_of, is_at, split_url

# Pages about a paper on a separate site: the paper may exist without the page, so its identifier is no proof.
_PAGES_ABOUT = (
    "huggingface.co",
    "hf.co",
    "alphaxiv.org",
    "scirate.com",
    "papers.cool",
    "inspirehep.net",
    "arxiv-vanity.com",
    "emergentmind.com",
    "adsabs.harvard.edu",
    "dblp.org",
    "dblp.uni-trier.de",
    "aclanthology.info",
)

# Things that an index may not know although they exist.
_OF_AN_INDEX = (Scheme.SEMANTIC_SCHOLAR, Scheme.ACL, Scheme.PMID, Scheme.PMC)

VOUCHING_DAYS = 30
"""The age from which a snapshot vouches for no link."""

_VOUCHING = (Scheme.ARXIV, Scheme.DOI, Scheme.ACM, Scheme.GITHUB, *_OF_AN_INDEX)

# Publishers whose URLs contain no DOI, and who register these URLs with Crossref, letter for letter.
_REGISTERING = ("ieeexplore.ieee.org", "sciencedirect.com", "ojs.aaai.org", "mdpi.com")

# Two of them have several URLs for a paper, which have its number in common.
_NUMBERED = (
    ((".ieee.org",), re.compile(r"(?:/document/|/iel\w{0,3}/(?:[^/]*/){1,4}|[?&]arnumber=)0*(?P<number>[1-9][0-9]*)")),
    ((".sciencedirect.com", ".elsevier.com"), re.compile(r"/pii/(?P<number>[A-Z0-9]{10,25})")),
)

_ARXIV_HTML = re.compile(r"https?://(?:(?:www|export)\.)?arxiv\.org/html/")

# Pages that every repository has.
_OF_EVERY_REPOSITORY = frozenset(
    (
        "",
        "activity",
        "branches",
        "commits",
        "contributors",
        "forks",
        "issues",
        "pulls",
        "releases",
        "stargazers",
        "tags",
    )
)


@lru_cache(maxsize=4096)
def voucher(url: str) -> Identifier | None:
    """Return the identifier whose registry can decide the link, None if there is none."""
    identifiers = of_url(url)
    if not identifiers or wrapped_url(url) or is_at(host_of(url), _PAGES_ABOUT):
        return None
    return identifiers[0] if identifiers[0].scheme in _VOUCHING else None


def may_be_registered(url: str) -> bool:
    """Whether Crossref's record of a paper may contain this URL, although no identifier can be read from it."""
    return host_of(url).removeprefix("www.") in _REGISTERING and voucher(url) is None


def is_resolver(url: str) -> bool:
    """Whether the URL is the DOI resolver's: an unregistered DOI there is a dead link."""
    return host_of(url) in ("doi.org", "www.doi.org", "dx.doi.org")


def is_registered(url: str) -> bool:
    """Whether the link leads to a paper by an identifier that a registry assigns: arXiv's, or a DOI."""
    identifier = voucher(url)
    return identifier is not None and identifier.scheme in (Scheme.ARXIV, Scheme.DOI, Scheme.ACM)


def registered_check(url: str, answers: Answers, objection: Callable[[str], str | None]) -> LinkCheck | None:
    """Return the verdict that the registries' answers prove; None if a page must be fetched.

    `objection` returns why a URL may not be fetched, as a DOI can be registered for a private address.
    """
    for target in _registered_targets(url, answers):
        if why := objection(target):
            at = next((answer.at for answer in answers.values() if isinstance(answer, Found)), "")
            return LinkCheck(url, Verdict.UNSAFE, (Evidence(DOI.name, at, f"registered, leads to {target}: {why}"),))
    return _proven(url, answers)


def _registered_targets(url: str, answers: Answers) -> tuple[str, ...]:
    """Return the URLs to which a link of the DOI resolver leads, according to the registries."""
    if not is_resolver(url):
        return ()
    values = [answer.value for answer in answers.values() if isinstance(answer, Found)]
    targets = (value.url if isinstance(value, Record) else value for value in values)
    return tuple(target for target in targets if isinstance(target, str))


def _proven(url: str, answers: Answers) -> LinkCheck | None:
    identifier = voucher(url)
    if identifier is None:
        return _of_registered_page(url, registered_pages([answers]))
    evidence = tuple(_evidence(service, answer) for service, answer in answers.items())
    found = [answer.value for answer in answers.values() if isinstance(answer, Found)]
    gone = {service for service, answer in answers.items() if isinstance(answer, Missing)}
    if not found and any(isinstance(answer, Unknown) and answer.unsafe for answer in answers.values()):
        return LinkCheck(url, Verdict.UNSAFE, evidence)
    if identifier.scheme is Scheme.GITHUB:
        return _of_repository(url, identifier, found, gone, evidence)
    if found:
        good = tuple(_evidence(service, answer) for service, answer in answers.items() if isinstance(answer, Found))
        return LinkCheck(url, Verdict.OK, good)
    return _of_unregistered(url, identifier, gone, evidence)


def _of_unregistered(
    url: str, identifier: Identifier, gone: set[str], evidence: tuple[Evidence, ...]
) -> LinkCheck | None:
    if identifier.scheme in _OF_AN_INDEX:
        return None
    if identifier.scheme is Scheme.ACM and not is_resolver(url):
        saw = f"{identifier.value} is an ACM-internal ID, not a registered DOI; only ACM can resolve it"
        return LinkCheck(url, Verdict.UNKNOWN, (Evidence(ACM, "", saw),))
    if identifier.scheme is Scheme.ARXIV:
        return LinkCheck(url, Verdict.BROKEN if {ARXIV.name, DOI.name} <= gone else Verdict.UNKNOWN, evidence)
    if DOI.name in gone:
        return LinkCheck(url, Verdict.BROKEN, evidence) if is_resolver(url) else None
    return LinkCheck(url, Verdict.UNKNOWN, evidence) if is_resolver(url) else None


def vouching(answers: Answers, today: date) -> Answers:
    """Return the answers, with those of snapshots that are too old to vouch for a link as unknown."""
    return {service: _unless_stale(answer, today) for service, answer in answers.items()}


def _unless_stale(answer: Answer, today: date) -> Answer:
    if not isinstance(answer, Found) or answer.by != snapshot_of(ARXIV.name):
        return answer
    age = today - date.fromisoformat(answer.at[:10])
    if age.days <= VOUCHING_DAYS:
        return answer
    return Unknown(f"only in a snapshot of {answer.at[:10]}, older than {VOUCHING_DAYS} days", at=answer.at)


def is_doubtful(url: str, answers: Answers) -> bool:
    """Whether a registry vouches for the paper or repository but not for this very link, so that its page decides.

    That is a file, folder or page of a repository that GitHub did not list, an arXiv version later than the latest, an
    HTML version, which not every paper has (https://info.arxiv.org/about/accessible_HTML.html), and a version or a
    BibTeX file at the ACL Anthology.
    """
    values = [answer.value for answer in answers.values() if isinstance(answer, Found)]
    if (repository := _repository(values)) is not None:
        part = repository_part(url).rstrip("/")
        return part not in _OF_EVERY_REPOSITORY and part not in {known.rstrip("/") for known in repository.parts}
    identifier = voucher(url)
    if identifier and identifier.scheme is Scheme.ACL:
        return not is_anthology_page(url)
    if identifier is None or identifier.scheme is not Scheme.ARXIV or not values or is_resolver(url):
        return False
    return _ARXIV_HTML.match(url) is not None or _is_later_version(url, values)


def _is_later_version(url: str, values: Iterable[object]) -> bool:
    """Whether a link asks for a later version of a preprint than arXiv's latest."""
    records = [value for value in values if isinstance(value, Record) and value.source == ARXIV.name]
    latest = max((arxiv_version(record.url or "") or 0 for record in records), default=0)
    return 0 < latest < (arxiv_version(url) or 0)


def registered_pages(answers: Iterable[Answers]) -> dict[str, Found[Record]]:
    """Return what Crossref says about papers, by the URL of each in normal form."""
    found = (by_service.get(CROSSREF.name) for by_service in answers)
    return {
        _address(answer.value.url): Found(answer.value, answer.at)
        for answer in found
        if isinstance(answer, Found) and isinstance(answer.value, Record) and answer.value.url
    }


def seconded(checks: Mapping[str, LinkCheck], pages: Mapping[str, Found[Record]]) -> dict[str, LinkCheck]:
    """Return the notable checks; blocked pages are good if they are among `registered_pages`."""
    seen = dict(notable(checks))
    seconds = {url: _of_registered_page(url, pages) for url, check in seen.items() if check.verdict is Verdict.BLOCKED}
    good = {
        url: replace(second, evidence=(*checks[url].evidence, *second.evidence))
        for url, second in seconds.items()
        if second is not None
    }
    return {**seen, **good}


def weighed(by_page: LinkCheck, by_registry: LinkCheck | None) -> LinkCheck:
    """Return the verdict on a link from its page and from the registry that vouches for its target.

    The page shows whether the link itself is dead or moved; if the page could not be fetched, the registry's answer
    still counts. The existence of a repository does not prove that of its files.
    """
    if by_registry is None:
        return by_page
    if by_registry.verdict is Verdict.MOVED and by_page.verdict is Verdict.OK:
        return replace(by_registry, evidence=(*by_registry.evidence, *by_page.evidence))
    if by_page.verdict in (Verdict.SUSPECT, Verdict.BLOCKED, Verdict.UNKNOWN) and by_registry.repository is None:
        return replace(by_registry, evidence=(*by_page.evidence, *by_registry.evidence))
    return replace(by_page, repository=by_registry.repository)


def _of_registered_page(url: str, pages: Mapping[str, Found[Record]]) -> LinkCheck | None:
    answer = pages.get(_address(url))
    if answer is None:
        return None
    saw = f"the page of DOI {answer.value.doi}: {answer.value.title}"
    return LinkCheck(url, Verdict.OK, (Evidence(CROSSREF.name, answer.at, saw),))


def _address(url: str) -> str:
    for domains, pattern in _NUMBERED:
        if f".{host_of(url)}".endswith(domains) and (match := pattern.search(url)):
            return f"{domains[0]}/{match['number']}"
    return normalise_url(url)


def _repository(values: list[Record | Repository | str]) -> Repository | None:
    return next((value for value in values if isinstance(value, Repository)), None)


def _of_repository(
    url: str,
    identifier: Identifier,
    found: list[Record | Repository | str],
    gone: set[str],
    evidence: tuple[Evidence, ...],
) -> LinkCheck | None:
    repository = _repository(found)
    if repository is None:
        return LinkCheck(url, Verdict.BROKEN, evidence) if GITHUB.name in gone else None
    if repository.full_name.lower() == identifier.value:
        return LinkCheck(url, Verdict.OK, evidence, repository=repository)
    parts = split_url(url)
    rest = parts.path.strip("/").split("/")[2:]
    new_url = parts._replace(path="/" + "/".join([repository.full_name, *rest])).geturl()
    return LinkCheck(url, Verdict.MOVED, evidence, new_url, repository=repository)


def _evidence(service: str, answer: Answer) -> Evidence:
    match answer:
        case Found(value=value, by=snapshot) if snapshot:
            title = f': "{value.title}"' if isinstance(value, Record) and value.title else ""
            said = "found" if isinstance(value, Record) else "registered"
            return Evidence(snapshot, answer.at, f"{said} in the snapshot of {answer.at[:10]}{title}")
        case Found(value=Record() as record):
            return Evidence(service, answer.at, f'found: "{record.title}"' if record.title else "found")
        case Found(value=Repository() as repository):
            state = " (archived)" if repository.archived else ""
            return Evidence(service, answer.at, f"repository {repository.full_name}{state}")
        case Found(value=value):
            return Evidence(service, answer.at, f"registered, leads to {value}")
        case Missing():
            saw = answer.saw if answer.saw.startswith(NOT_FOUND) else f"{NOT_FOUND}: {answer.saw}"
            return Evidence(service, answer.at, saw, answer.status)
        case Unknown():
            return Evidence(service, answer.at, answer.why)
