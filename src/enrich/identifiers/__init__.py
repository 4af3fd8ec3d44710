"""Convert URLs and text to identifiers, and back; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote

from enrich.identifiers.forms import (
    ANY_DOI,
    ARXIV_ID,
    ARXIV_NEW,
    ARXIV_OLD,
    ENCODED_SLASH,
    PUBLISHERS_TAIL,
    QUOTED_DOI,
    arxiv_id,
    doi,
    is_short_doi,
    of_text,
    repaired_doi,
    short_doi,
    short_doi_at,
)
from enrich.identifiers.github import GITHUB_HOSTS, GITHUB_RESERVED, repository, repository_part
from enrich.identifiers.normal import normalise_url
from enrich.identifiers.sites import Rules, rules_of
from enrich.model import Identifier, Scheme
from enrich.text.urls import host_of, is_at, is_ordinary, split_url

__all__ = [
    "ARXIV_NEW",
    "ARXIV_OLD",
    "GITHUB_RESERVED",
    "anthology_dois",
    "arxiv_version",
    "doi",
    "is_anthology_page",
    "is_short_doi",
    "normalise_url",
    "of_text",
    "of_url",
    "parse",
    "repaired_doi",
    "repository_part",
    "url_of",
    "wrapped_url",
]

_VERSION = re.compile(rf"/(?:arxiv:)?{ARXIV_ID}(?:\.pdf|\.ps\.gz)?(?=$|[\s/?#&.,;:)\]}}\"'])", re.ASCII | re.IGNORECASE)
# As arXiv prints it under "Cite as" and on the first page: arXiv:1706.03762v5 [cs.CL] 6 Dec 2017.
_TYPED_ARXIV = re.compile(
    rf"(?:arxiv\s*:\s*)?{ARXIV_ID}(?:\s*\[[\w., -]{{2,60}}\](?:\s+[0-9]{{1,2}}\s\w{{3}}\s[0-9]{{4}})?)?",
    re.ASCII | re.IGNORECASE,
)
_TYPED_PUBMED = re.compile(
    r"pmid\s*+:?\s*+(?P<pmid>[1-9][0-9]{0,8})|(?:pmcid\s*+:?\s*+)?PMC(?P<pmc>[1-9][0-9]{0,8})", re.ASCII | re.IGNORECASE
)
_IN_QUERIES = frozenset(("doi", "id", "persistentid", "url"))
_ACL_PATH = re.compile(
    r"/(?:anthology/)?(?:papers/)?(?:[A-Z]/[A-Z][0-9]{2}/)?"
    r"(?P<id>[0-9]{4}\.[a-z0-9]+-[a-z0-9]+\.[0-9]+|[A-Z][0-9]{2}-[0-9]{4})(?P<other>v[0-9]+|\.bib)?(?:\.pdf)?/?",
    re.IGNORECASE,
)
_TYPED_CORPUS_ID = re.compile(r"corpusid:(?P<id>[1-9][0-9]{0,11})", re.IGNORECASE)

_PAGES = {
    Scheme.ARXIV: "https://arxiv.org/abs/{}",
    Scheme.DOI: "https://doi.org/{}",
    Scheme.SEMANTIC_SCHOLAR: "https://www.semanticscholar.org/paper/{}",
    Scheme.OPENREVIEW: "https://openreview.net/forum?id={}",
    Scheme.ACL: "https://aclanthology.org/{}/",
    Scheme.GITHUB: "https://github.com/{}",
    Scheme.ACM: "https://dl.acm.org/doi/{}",
    Scheme.PMID: "https://pubmed.ncbi.nlm.nih.gov/{}/",
    Scheme.PMC: "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
}


@lru_cache(maxsize=4096)
def of_url(url: str) -> tuple[Identifier, ...]:
    """Return the identifiers in a URL, the surest first; () if it has none or is not a web address.

    An archived copy, or a redirect that contains its target, has the identifiers of the paper at the URL inside.
    """
    if ":" not in url or _is_plain(url):  # DOIs and other identifiers without a scheme come here, too
        return ()
    parts = split_url(url.strip())
    host = parts.hostname or ""
    if parts.scheme.lower() not in ("http", "https") or not host:
        return ()
    rules = rules_of(host)
    if rules.wraps and (inner := wrapped_url(url)):
        return tuple(identifier for identifier in of_url(inner) if identifier.scheme is not Scheme.GITHUB)
    path = unquote(parts.path)
    if found := repository(host, path):
        return (found,)
    return tuple(dict.fromkeys(_found(host, path, parts.query, rules)))


def _is_plain(url: str) -> bool:
    """Whether a URL cannot contain an identifier: no known site writes one there, and nothing in it begins a DOI."""
    if "10" in url or "%" in url or "doi.org" in url or not is_ordinary(url):
        return False
    host = host_of(url)
    return host not in GITHUB_HOSTS and rules_of(host).is_plain


def _found(host: str, path: str, query: str, rules: Rules) -> Iterator[Identifier]:
    """Yield the identifiers by the rows of the host, and the DOI written in full, surer than all but an arXiv ID."""
    whole = f"{path}?{query}" if query else path
    own = next(filter(None, (row.read(whole) for row in rules.rows)), None)
    if own and own.scheme is Scheme.ARXIV:
        yield own
    written = _doi_in_path(host, path, rules) if rules.holds_dois and ("10" in path or "doi.org" in host) else None
    if written:
        yield written
    if own and not (written and own.scheme is Scheme.DOI):
        yield own
    if not own and not written and rules.holds_dois and "10." in query:
        yield from _doi_in_query(query)


def _doi_in_path(host: str, path: str, rules: Rules) -> Identifier | None:
    path = ENCODED_SLASH.sub(r"\g<more>/", path)
    if is_at(host, ("doi.org",)):
        match = ANY_DOI.search(path)
        return doi(match[0].rstrip("/")) if match else short_doi_at(path)
    match = QUOTED_DOI.search(path)
    if match is None:
        return None
    text = PUBLISHERS_TAIL.sub("", match[0].rstrip("/"))
    for tail in rules.tails:
        text = tail.sub("", text)
    return doi(text)


def _doi_in_query(query: str) -> Iterator[Identifier]:
    for name, value in parse_qsl(query):
        match = QUOTED_DOI.search(value) if name.lower() in _IN_QUERIES else None
        if match and (found := doi(match[0])):
            yield found
            return


def wrapped_url(url: str) -> str | None:
    """Return the URL inside an archived copy or a redirect; None without one."""
    parts = split_url(url.strip())
    rest = f"{parts.path}?{parts.query}" if parts.query else parts.path
    for pattern in rules_of(parts.hostname or "").wraps:
        if match := pattern.match(rest):
            inner = match["url"] if "url" in match.groupdict() else unquote(match["encoded"])
            inner = re.sub(r"^(https?):/{1,3}", r"\1://", unquote(inner) if "%3A" in inner[:8].upper() else inner)
            if not inner.startswith(("http://", "https://")):
                inner = f"http://{inner}"
            return None if rules_of(host_of(inner)).wraps else inner
    return None


@lru_cache(maxsize=4096)
def parse(text: str) -> Identifier | None:
    """Return the identifier that a person typed (a URL, a DOI, an arXiv ID, a Semantic Scholar ID), or None."""
    text = text.strip()
    if identifiers := of_url(text):
        return identifiers[0]
    if match := _TYPED_ARXIV.fullmatch(text):
        return arxiv_id(match["id"])
    if match := _TYPED_CORPUS_ID.fullmatch(text):
        return Identifier(Scheme.SEMANTIC_SCHOLAR, f"CorpusId:{match['id']}")
    if match := _TYPED_PUBMED.fullmatch(text):
        return Identifier(Scheme.PMID, match["pmid"]) if match["pmid"] else Identifier(Scheme.PMC, f"PMC{match['pmc']}")
    if re.fullmatch(r"[0-9a-f]{40}", text):
        return Identifier(Scheme.SEMANTIC_SCHOLAR, text)
    bare = re.sub(r"^doi(?:\s*:\s*|\s+)", "", text, flags=re.IGNORECASE)
    if identifier := doi(bare) or short_doi(bare):
        return identifier
    return next(iter(of_url(f"https://{text}")), None)


def anthology_dois(identifier: Identifier) -> tuple[Identifier, ...]:
    """Return the DOIs that a paper of the ACL Anthology may have; () for identifiers of other schemes.

    Its DOIs are made from its IDs (https://aclanthology.org/faq/doi/); those of 2014 and 2015 may also have another
    prefix: 10.3115/v1/D14-1162. Not every paper has one.
    """
    if identifier.scheme is not Scheme.ACL:
        return ()
    name = identifier.value.lower()
    prefixes = ["10.18653/v1", *(["10.3115/v1"] if re.match(r"[a-z]1[45]-", name) else [])]
    return tuple(Identifier(Scheme.DOI, f"{prefix}/{name}") for prefix in prefixes)


def is_anthology_page(url: str) -> bool:
    """Whether the URL is an Anthology paper's own page or PDF, not a version's or its BibTeX."""
    match = _ACL_PATH.fullmatch(unquote(split_url(url.strip()).path))
    return match is not None and not match["other"] and Identifier(Scheme.ACL, match["id"]) in of_url(url)


def arxiv_version(url: str) -> int | None:
    """Return the version in an arXiv URL, or None for the latest."""
    match = _VERSION.search(unquote(split_url(url.strip()).path))
    # Python refuses numbers of more than 4,300 digits, and no paper has 1,000 versions.
    return int(match["version"]) if match and match["version"] and len(match["version"]) < 4 else None


def url_of(identifier: Identifier) -> str:
    """Return the URL of the identifier's page."""
    if identifier.value.startswith("CorpusId:"):
        return f"https://api.semanticscholar.org/CorpusID:{identifier.value.removeprefix('CorpusId:')}"
    return _PAGES[identifier.scheme].format(quote(identifier.value, safe="/:;()._-"))
