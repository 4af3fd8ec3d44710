"""URLs and text to identifiers, and back; pure."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from enrich.model import Identifier, Scheme

ARXIV_NEW = r"\d{4}\.\d{4,5}"
ARXIV_OLD = r"[a-z]+(?:-[a-z]+)*(?:\.[A-Z]{2})?/\d{7}"
_ARXIV_ID = rf"(?P<id>{ARXIV_NEW}|{ARXIV_OLD})(?:v(?P<version>\d+))?"

_ARXIV_HOSTS = re.compile(r"(?:^|\.)(?:arxiv\.org|ar5iv\.org|alphaxiv\.org|xxx\.lanl\.gov)$")
_ARXIV_PATH = re.compile(rf"/(?:[a-z-]+/)*?{_ARXIV_ID}(?:\.pdf)?(?:\.ps\.gz)?(?=$|[/?#.,;)\]])")
_ARXIV_TEXT = re.compile(
    rf"arxiv(?:\.org)?\W{{0,3}}(?:preprint\W{{1,3}}(?:arxiv\W{{0,3}})?|e-?print\W{{1,3}}|abs/|pdf/)?{_ARXIV_ID}(?![\d.]*\d)",
    re.IGNORECASE,
)
_ARXIV_DOI = re.compile(rf"^10\.48550/arxiv\.{_ARXIV_ID}$", re.IGNORECASE)

# The DOI handbook allows any printable character in a suffix; these never occur in one that is quoted in running text.
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[^\s\"<>{}|\\^`?#]+")
_DOI_TEXT = re.compile(rf"(?:\bdoi\W{{1,3}}|doi\.org/|(?<![\w/.])){_DOI.pattern}", re.IGNORECASE)
# What publishers put behind the DOI in their own URLs.
_PUBLISHERS_TAIL = re.compile(
    r"(?:/(?:full|abstract|abs|summary|meta|pdf|epdf|epub|html|fulltext|references|citations|figures|media|issuetoc|full\.pdf))+$"
    r"|\.(?:full|abstract|pdf|html|full\.pdf|full-text)$",
    re.IGNORECASE,
)
_TRAILING = ".,;:'\"!*"

# GitHub's first path segments that belong to the site, not to an owner.
GITHUB_RESERVED = frozenset(
    re.findall(
        r"[a-z-]+",
        """about account apps blog business codespaces collections contact contributing copilot customer-stories
        dashboard discussions enterprise events explore features gist github-copilot home issues join login logout
        marketplace mobile models new nonprofit notifications orgs organizations partners pricing pulls readme search
        security sessions settings signup site solutions sponsors stars storage stories support team teams terms topics
        tos trending users watching wiki""",
    )
)
_GITHUB_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9-]*$")
_GITHUB_REPOSITORY = re.compile(r"^[\w.-]+$", re.ASCII)

_ACL_ID = re.compile(
    r"^/(?:anthology/)?(?P<id>\d{4}\.[a-z0-9]+-[a-z0-9]+\.\d+|[A-Z]\d{2}-\d{4})(?:\.pdf|\.bib|v\d+)*/?$", re.IGNORECASE
)
_S2_ID = re.compile(r"/paper/(?:[^/]+/)?(?P<id>[0-9a-f]{40})(?=$|[/?#])")

# Publishers whose paths hold a DOI's suffix without its prefix.
_SUFFIX_ONLY = (
    (
        re.compile(r"(?:^|\.)nature\.com$"),
        re.compile(r"^/articles/(s\d{5}-\d{3}-\d{4,6}-[\da-z])(?:\.pdf)?/?$"),
        "10.1038/{}",
    ),
    (re.compile(r"(?:^|\.)zenodo\.org$"), re.compile(r"^/records?/(\d+)"), "10.5281/zenodo.{}"),
)

_PAGES = {
    Scheme.ARXIV: "https://arxiv.org/abs/{}",
    Scheme.DOI: "https://doi.org/{}",
    Scheme.SEMANTIC_SCHOLAR: "https://www.semanticscholar.org/paper/{}",
    Scheme.OPENREVIEW: "https://openreview.net/forum?id={}",
    Scheme.ACL: "https://aclanthology.org/{}/",
    Scheme.GITHUB: "https://github.com/{}",
    Scheme.ACM: "https://dl.acm.org/doi/{}",
}

_NOISE = re.compile(r"^(?:utm_\w+|spm|fbclid|gclid|mc_[ce]id|igshid|hss_channel|ref_src|from_search)$")


def of_url(url: str) -> tuple[Identifier, ...]:
    """The identifiers that a URL holds, the surest first; () where it holds none or is no web address."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return ()
    if parts.scheme.lower() not in ("http", "https") or not host:
        return ()
    path = unquote(parts.path)
    found = [
        _arxiv(host, path),
        _doi_of_url(host, path, parts.query),
        _github(host, path),
        _forum(host, path, parts.query),
    ]
    if host.endswith(("aclanthology.org", "aclweb.org")) and (match := _ACL_ID.match(path)):
        found.append(Identifier(Scheme.ACL, match["id"]))
    if host.endswith("semanticscholar.org") and (match := _S2_ID.search(path)):
        found.append(Identifier(Scheme.SEMANTIC_SCHOLAR, match["id"]))
    return tuple(dict.fromkeys(identifier for identifier in found if identifier))


def of_text(text: str) -> tuple[Identifier, ...]:
    """The arXiv ids (with the word arXiv before them) and DOIs in running text, in order of appearance."""
    found = [(match.start(), Identifier(Scheme.ARXIV, match["id"])) for match in _ARXIV_TEXT.finditer(text)]
    found += [
        (match.start(), identifier)
        for match in _DOI_TEXT.finditer(text)
        if (bare := _DOI.search(match[0])) and (identifier := doi(bare[0]))
    ]
    return tuple(dict.fromkeys(identifier for _, identifier in sorted(found, key=lambda pair: pair[0])))


def parse(text: str) -> Identifier | None:
    """The identifier that a person typed (a URL, a DOI, an arXiv id, a Semantic Scholar id), or None."""
    text = text.strip()
    if identifiers := of_url(text):
        return identifiers[0]
    if match := re.fullmatch(_ARXIV_ID, re.sub(r"^arxiv\s*:\s*", "", text, flags=re.IGNORECASE)):
        return Identifier(Scheme.ARXIV, match["id"])
    bare = re.sub(r"^(?:doi\s*:\s*|(?:dx\.)?doi\.org/)", "", text, flags=re.IGNORECASE)
    if _DOI.fullmatch(bare):
        return doi(bare)
    if re.fullmatch(r"[0-9a-f]{40}", text):
        return Identifier(Scheme.SEMANTIC_SCHOLAR, text)
    return None


def doi(text: str) -> Identifier | None:
    """What a DOI names: an arXiv paper for 10.48550/arXiv.…, an ACM-internal number for 10.5555/…, else the DOI."""
    text = text.strip().rstrip(_TRAILING)
    while text.endswith((")", "]", "}")) and text.count(text[-1]) > text.count(
        {")": "(", "]": "[", "}": "{"}[text[-1]]
    ):
        text = text[:-1].rstrip(_TRAILING)
    if not _DOI.fullmatch(text):
        return None
    if match := _ARXIV_DOI.match(text):
        return Identifier(Scheme.ARXIV, match["id"])
    return Identifier(Scheme.ACM if text.startswith("10.5555/") else Scheme.DOI, text.lower())


def arxiv_version(url: str) -> int | None:
    """The version that an arXiv URL asks for, or None where it asks for the latest."""
    match = _ARXIV_PATH.search(unquote(urlsplit(url).path))
    return int(match["version"]) if match and match["version"] else None


def url_of(identifier: Identifier) -> str:
    """The address of the identifier's own page."""
    return _PAGES[identifier.scheme].format(quote(identifier.value, safe="/:;()._-"))


def normalise_url(url: str) -> str:
    """A form that is equal for URLs of the same page; for comparison only, never to be fetched.

    Scheme, `www.`, letter case of the host, default ports, fragments, trailing slashes, tracking parameters
    and the order of parameters make no difference.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower().removeprefix("www."), parts.port
    except ValueError:
        return url.strip()
    if not host:
        return url.strip()
    netloc = host if port in (None, 80, 443) else f"{host}:{port}"
    query = urlencode(sorted((k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _NOISE.match(k)))
    path = quote(unquote(parts.path), safe="/:;=@~!$&'()*+,._-").rstrip("/")
    return urlunsplit(("https", netloc, path, query, ""))


def _arxiv(host: str, path: str) -> Identifier | None:
    names_papers = _ARXIV_HOSTS.search(host) or (host == "huggingface.co" and path.startswith("/papers/"))
    match = _ARXIV_PATH.search(path) if names_papers else None
    return Identifier(Scheme.ARXIV, match["id"]) if match else None


def _doi_of_url(host: str, path: str, query: str) -> Identifier | None:
    if match := _DOI.search(path):
        text = match[0].rstrip("/")
        if not host.endswith("doi.org"):
            text = _PUBLISHERS_TAIL.sub("", text)
        return doi(text)
    for name, value in parse_qsl(query):
        if name.lower() in ("doi", "id", "url") and (match := _DOI.search(value)):
            return doi(match[0])
    for host_pattern, path_pattern, template in _SUFFIX_ONLY:
        if host_pattern.search(host) and (match := path_pattern.match(path)):
            return doi(template.format(match[1]))
    return None


def _github(host: str, path: str) -> Identifier | None:
    segments = [segment for segment in path.split("/") if segment]
    if host not in ("github.com", "www.github.com", "raw.githubusercontent.com"):
        return None
    if len(segments) < 2 or segments[0].lower() in GITHUB_RESERVED:
        return None
    owner, name = segments[0], segments[1].removesuffix(".git")
    if not _GITHUB_NAME.match(owner) or not _GITHUB_REPOSITORY.match(name) or name in ("", ".", ".."):
        return None
    return Identifier(Scheme.GITHUB, f"{owner}/{name}".lower())


def _forum(host: str, path: str, query: str) -> Identifier | None:
    if host.removeprefix("www.") != "openreview.net" or path.rstrip("/") not in ("/forum", "/pdf", "/attachment"):
        return None
    value = dict(parse_qsl(query)).get("id", "")
    return Identifier(Scheme.OPENREVIEW, value) if re.fullmatch(r"[\w-]{6,}", value) else None
