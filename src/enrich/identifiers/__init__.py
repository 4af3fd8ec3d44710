"""URLs and text to identifiers, and back; pure."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, quote_plus, unquote, unquote_to_bytes, urlsplit, urlunsplit

from enrich.identifiers.tables import ABOUT_ARXIV, HOSTS_TAIL, PUBMED, SUFFIX_ONLY, WRAPPERS
from enrich.model import Identifier, Scheme
from enrich.text.urls import LONGEST_URL, host_of, is_at, split_url

# re.ASCII throughout: no registry gives out full-width digits or letters with accents.
ARXIV_NEW = r"[0-9]{4}\.[0-9]{4,5}"
ARXIV_OLD = r"[a-z]{1,10}(?:-[a-z]{1,10}){0,2}(?:\.[A-Z]{2})?/[0-9]{7}"
_ARXIV_ID = rf"(?P<id>{ARXIV_NEW}|{ARXIV_OLD})(?:v(?P<version>[0-9]{{1,9}}))?"

_ARXIV_HOSTS = ("arxiv.org", "ar5iv.org", "alphaxiv.org", "xxx.lanl.gov")
_ARXIV_PATH = re.compile(
    rf"/(?:arxiv:)?{_ARXIV_ID}(?:\.pdf|\.ps\.gz)?(?=$|[\s/?#&.,;:)\]}}\"'])", re.ASCII | re.IGNORECASE
)
_ARXIV_TEXT = re.compile(
    rf"arxiv(?:\.org)?\W{{0,3}}(?:preprint\W{{1,3}}(?:arxiv\W{{0,3}})?|e-?print\W{{1,3}}|(?:abs|pdf|html)/)?"
    rf"{_ARXIV_ID}(?![\d.]*\d)",
    re.ASCII | re.IGNORECASE,
)
# As arXiv prints it under "Cite as" and on the first page: arXiv:1706.03762v5 [cs.CL] 6 Dec 2017.
_TYPED_ARXIV = re.compile(
    rf"(?:arxiv\s*:\s*)?{_ARXIV_ID}(?:\s*\[[\w., -]{{2,60}}\](?:\s+[0-9]{{1,2}}\s\w{{3}}\s[0-9]{{4}})?)?",
    re.ASCII | re.IGNORECASE,
)
_TYPED_PUBMED = re.compile(
    r"pmid\s*+:?\s*+(?P<pmid>[1-9][0-9]{0,8})|(?:pmcid\s*+:?\s*+)?PMC(?P<pmc>[1-9][0-9]{0,8})", re.ASCII | re.IGNORECASE
)
_ARXIV_DOI = re.compile(rf"10\.48550/arxiv\.{_ARXIV_ID}", re.ASCII | re.IGNORECASE)
# Old ids are also written with their subject class (math.GT/0309136); arXiv answers without it:
# https://info.arxiv.org/help/arxiv_identifier.html
_SUBJECT_CLASS = re.compile(r"\.[a-z]{2}/")

_DOI_PREFIX = r"10\.[0-9]{4,9}(?:\.[0-9]{1,9}){0,4}/"
# Old suffixes hold any printable character, 10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2.
_DOI = re.compile(rf"{_DOI_PREFIX}[!-~]+")
_LONGEST_DOI = 2_000  # letters: the standard sets no limit, the longest that are registered have a few hundred
# In running text and in URLs some of them are what ends a DOI.
_QUOTED_DOI = re.compile(rf"{_DOI_PREFIX}[^\x00-\x20\"<>{{}}|\\^`?#\x7f-\U0010ffff]+")
_DOI_TEXT = re.compile(
    rf"(?:\bdoi\W{{1,3}}|doi\.org/|(?<![\w/.]))(?P<doi>{_QUOTED_DOI.pattern})", re.ASCII | re.IGNORECASE
)
_ENCODED_SLASH = re.compile(r"(?<=\b10\.[0-9]{4})(?P<more>[0-9]{0,5})%2F", re.IGNORECASE)
# What BibTeX and Markdown escape, and what was percent-encoded on its way through a URL.
_ESCAPED = re.compile(r"\\(?=[_&%#$])")
_ENCODED = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
# Where one quoted DOI ends and another thing begins: `[10.1145/1](https://…)`, `10.1145/1,10.1145/2`.
_SEAM = re.compile(r"(?<=[\],;])(?=\(|10\.)")
# What publishers put behind the DOI in their own URLs.
_PUBLISHERS_TAIL = re.compile(
    r"(?:/(?:full|abstract|abs|summary|meta|pdf|epdf|epub|html|fulltext|references|citations|figures|media|issuetoc|full\.pdf)){1,3}$"
    r"|\.(?:full|abstract|pdf|html|svg|full\.pdf|full-text|short)$",
    re.IGNORECASE,
)
# Copies, files of repositories, and paths that only look like a DOI's.
_NO_DOI_HOSTS = ("archive.org", "delivery.acm.org", "github.com", "githubusercontent.com")
_TRAILING = ".,;:'\"!*"
_OPENING = {")": "(", "]": "[", "}": "{"}

# GitHub's first path segments that belong to the site, not to an owner.
GITHUB_RESERVED = frozenset(
    re.findall(
        r"[a-z-]+",
        """about account advisories apps blog business codespaces collections contact contributing copilot
        customer-stories dashboard discussions enterprise events explore features gist git-guides github-copilot home
        issues join login logout marketplace mcp mobile models new newsroom nonprofit notifications open-source orgs
        organizations partners premium-support pricing pulls readme resources search security sessions settings signup
        site solutions spark sponsors stars storage stories support team teams terms topics tos trending users watching
        why-github wiki""",
    )
)
_GITHUB_HOSTS = ("github.com", "www.github.com", "raw.githubusercontent.com", "codeload.github.com")
_GITHUB_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_GITHUB_NAME = re.compile(r"(?!\.{0,2}$)[A-Za-z0-9._-]+")

_ACL_PATH = re.compile(
    r"/(?:anthology/)?(?:papers/)?(?:[A-Z]/[A-Z][0-9]{2}/)?"
    r"(?P<id>[0-9]{4}\.[a-z0-9]+-[a-z0-9]+\.[0-9]+|[A-Z][0-9]{2}-[0-9]{4})(?P<other>v[0-9]+|\.bib)?(?:\.pdf)?/?",
    re.IGNORECASE,
)
_S2_PATH = re.compile(r"/paper/(?:[^/]+/)?(?P<id>[0-9a-f]{40})(?=$|/)")
_CORPUS_ID = re.compile(r"(?:/(?:graph/v1/paper/|paper/)?)?corpusid:(?P<id>[1-9][0-9]{0,11})/?", re.IGNORECASE)
_FORUM = re.compile(r"[A-Za-z0-9_-]{6,}")

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

_NOISE = re.compile(rb"utm_\w+|spm|fbclid|gclid|mc_[ce]id|igshid|hss_channel|ref_src|from_search")


@lru_cache(maxsize=4096)
def of_url(url: str) -> tuple[Identifier, ...]:
    """Return the identifiers that a URL holds, the surest first; () where it holds none or is no web address.

    An archived copy, or a redirect that names its target, holds the identifiers of the paper at the address inside.
    """
    parts = split_url(url.strip())
    host = parts.hostname or ""
    if parts.scheme.lower() not in ("http", "https") or not host:
        return ()
    if inner := wrapped_url(url):
        return tuple(identifier for identifier in of_url(inner) if identifier.scheme is not Scheme.GITHUB)
    path = unquote(parts.path)
    found = (
        _arxiv(host, path),
        _doi_of_url(host, path, parts.query),
        _github(host, path),
        _forum(host, path, parts.query),
        _acl(host, path),
        _semantic_scholar(host, path),
        _pubmed(host, path),
    )
    return tuple(dict.fromkeys(identifier for identifier in found if identifier))


def wrapped_url(url: str) -> str | None:
    """Return the address inside that of an archived copy or of a redirect; None where there is none."""
    parts = split_url(url.strip())
    host = parts.hostname or ""
    rest = f"{parts.path}?{parts.query}" if parts.query else parts.path
    for domain, pattern in WRAPPERS:
        if is_at(host, (domain,)) and (match := pattern.match(rest)):
            inner = match["url"] if "url" in match.groupdict() else unquote(match["encoded"])
            inner = re.sub(r"^(https?):/{1,3}", r"\1://", unquote(inner) if "%3A" in inner[:8].upper() else inner)
            if not inner.startswith(("http://", "https://")):
                inner = f"http://{inner}"
            target = host_of(inner)
            return None if any(is_at(target, (each,)) for each, _ in WRAPPERS) else inner
    return None


def of_text(text: str) -> tuple[Identifier, ...]:
    """The arXiv ids (with the word arXiv before them) and DOIs in running text, in order of appearance."""
    if "." not in text and "/" not in text:
        return ()
    text = _ENCODED_SLASH.sub(r"\g<more>/", _SEAM.sub(" ", text.replace("\\_", "_")))
    found = [(match.start(), _of_arxiv(match["id"])) for match in _ARXIV_TEXT.finditer(text)]
    found += [(m.start(), identifier) for m in _DOI_TEXT.finditer(text) if (identifier := doi(m["doi"]))]
    return tuple(dict.fromkeys(identifier for _, identifier in sorted(found, key=lambda pair: pair[0])))


def parse(text: str) -> Identifier | None:
    """The identifier that a person typed (a URL, a DOI, an arXiv id, a Semantic Scholar id), or None."""
    text = text.strip()
    if identifiers := of_url(text):
        return identifiers[0]
    if match := _TYPED_ARXIV.fullmatch(text):
        return _of_arxiv(match["id"])
    if match := _CORPUS_ID.fullmatch(text):
        return _corpus_id(match["id"])
    if match := _TYPED_PUBMED.fullmatch(text):
        return Identifier(Scheme.PMID, match["pmid"]) if match["pmid"] else Identifier(Scheme.PMC, f"PMC{match['pmc']}")
    if re.fullmatch(r"[0-9a-f]{40}", text):
        return Identifier(Scheme.SEMANTIC_SCHOLAR, text)
    if identifier := doi(re.sub(r"^doi(?:\s*:\s*|\s+)", "", text, flags=re.IGNORECASE)):
        return identifier
    return next(iter(of_url(f"https://{text}")), None)


def doi(text: str) -> Identifier | None:
    """What a DOI names: an arXiv paper for 10.48550/arXiv.…, an ACM-internal number for 10.5555/…, else the DOI.

    Punctuation that a sentence put behind the DOI is not part of it; None where the text is no DOI.
    """
    text = _ESCAPED.sub("", text.strip())
    if len(text) > _LONGEST_DOI:
        return None
    text = (unquote(text) if _ENCODED.search(text) else text).strip().rstrip(_TRAILING)
    while text and (opening := _OPENING.get(text[-1])) and text.count(text[-1]) > text.count(opening):
        text = text[:-1].rstrip(_TRAILING)
    if not _DOI.fullmatch(text):
        return None
    if match := _ARXIV_DOI.fullmatch(text):
        return _of_arxiv(match["id"])
    return Identifier(Scheme.ACM if text.startswith("10.5555/") else Scheme.DOI, text.lower())


def repository_part(url: str) -> str:
    """What a GitHub URL names inside its repository: `tree/main/docs`, `issues/7`; empty for the repository itself.

    Raw files are named as on the site: `raw/main/README.md`.
    """
    parts = split_url(url.strip())
    host = parts.hostname or ""
    segments = [segment for segment in unquote(parts.path).split("/") if segment]
    if not _github(host, unquote(parts.path)) or len(segments) < 3:
        return ""
    return "/".join(["raw", *segments[2:]] if host == "raw.githubusercontent.com" else segments[2:])


def anthology_dois(identifier: Identifier) -> tuple[Identifier, ...]:
    """The DOIs that a paper of the ACL Anthology can have; () for identifiers of other schemes.

    Its DOIs are made from its ids (https://aclanthology.org/faq/doi/), those of 2014 and 2015 under another prefix,
    too: 10.3115/v1/D14-1162. Not every paper has one.
    """
    if identifier.scheme is not Scheme.ACL:
        return ()
    name = identifier.value.lower()
    prefixes = ["10.18653/v1", *(["10.3115/v1"] if re.match(r"[a-z]1[45]-", name) else [])]
    return tuple(Identifier(Scheme.DOI, f"{prefix}/{name}") for prefix in prefixes)


def is_anthology_page(url: str) -> bool:
    """Whether the URL is that of an Anthology paper's own page or PDF, and neither a version's nor its BibTeX's."""
    match = _ACL_PATH.fullmatch(unquote(split_url(url.strip()).path))
    return match is not None and not match["other"] and Identifier(Scheme.ACL, match["id"]) in of_url(url)


def arxiv_version(url: str) -> int | None:
    """The version that an arXiv URL asks for, or None where it asks for the latest."""
    match = _ARXIV_PATH.search(unquote(split_url(url.strip()).path))
    # Python refuses numbers of more than 4,300 digits, and no paper has 1,000 versions.
    return int(match["version"]) if match and match["version"] and len(match["version"]) < 4 else None


def url_of(identifier: Identifier) -> str:
    """The address of the identifier's own page."""
    if identifier.value.startswith("CorpusId:"):
        return f"https://api.semanticscholar.org/CorpusID:{identifier.value.removeprefix('CorpusId:')}"
    return _PAGES[identifier.scheme].format(quote(identifier.value, safe="/:;()._-"))


@lru_cache(maxsize=4096)
def normalise_url(url: str) -> str:
    """A form that is equal for URLs of the same page; for comparison only, never to be fetched.

    Scheme, `www.`, letter case of the host, default ports, fragments, trailing slashes, tracking parameters
    and the order of parameters make no difference. What is no web address, or too long for one, comes back as it is.
    """
    if len(url) > LONGEST_URL:
        return url
    # A lone surrogate is no character: nothing could be percent-encoded from it.
    url = url.strip().encode("utf-8", "replace").decode()
    try:
        parts = urlsplit(url)
        host, port = re.sub(r"^(?:www\.)+", "", (parts.hostname or "").lower()), parts.port
    except ValueError:
        return url
    if not host or parts.scheme not in ("http", "https"):
        return url
    netloc = f"[{host}]" if ":" in host else host
    if port not in (None, 80, 443):
        netloc += f":{port}"
    # Bytes, for a percent-encoded path need not be UTF-8.
    path = quote(unquote_to_bytes(parts.path), safe="/:;=@~!$&'()*+,._-").rstrip("/")
    return urlunsplit(("https", netloc, path, _normalised_query(parts.query), ""))


def _normalised_query(query: str) -> str:
    pairs = []
    for part in filter(None, query.split("&")):
        name, _, value = part.replace("+", " ").partition("=")
        pairs.append((unquote_to_bytes(name), unquote_to_bytes(value)))
    return "&".join(f"{quote_plus(k)}={quote_plus(v)}" for k, v in sorted(pairs) if not _NOISE.fullmatch(k))


def _of_arxiv(text: str) -> Identifier:
    return Identifier(Scheme.ARXIV, _SUBJECT_CLASS.sub("/", text.lower()))


def _arxiv(host: str, path: str) -> Identifier | None:
    if is_at(host, _ARXIV_HOSTS):
        match = _ARXIV_PATH.search(path)
        return _of_arxiv(match["id"]) if match else None
    for domain, pattern in ABOUT_ARXIV:
        if is_at(host, (domain,)) and (match := pattern.match(path)):
            named = match.groupdict()
            return _of_arxiv(named.get("id") or f"{named['first']}.{named['second']}")
    return None


def _doi_of_url(host: str, path: str, query: str) -> Identifier | None:
    if is_at(host, _NO_DOI_HOSTS):
        return None
    path = _ENCODED_SLASH.sub(r"\g<more>/", path)
    if is_at(host, ("doi.org",)):
        match = _DOI.search(path)
        return doi(match[0].rstrip("/")) if match else None
    if match := _QUOTED_DOI.search(path):
        text = _PUBLISHERS_TAIL.sub("", match[0].rstrip("/"))
        for domains, tail in HOSTS_TAIL:
            text = tail.sub("", text) if is_at(host, domains) else text
        return doi(text)
    for domain, pattern, template in SUFFIX_ONLY:
        if is_at(host, (domain,)) and (match := pattern.match(f"{path}?{query}" if query else path)):
            return doi(template.format(*match.groups()))
    named = {
        name.lower(): value for name, value in parse_qsl(query) if name.lower() in ("doi", "id", "persistentid", "url")
    }
    match = next((match for value in named.values() if (match := _QUOTED_DOI.search(value))), None)
    return doi(match[0]) if match else None


def _github(host: str, path: str) -> Identifier | None:
    segments = [segment for segment in path.split("/") if segment]
    if host not in _GITHUB_HOSTS or len(segments) < 2 or segments[0].lower() in GITHUB_RESERVED:
        return None
    owner, name = segments[0], segments[1].removesuffix(".git")
    if not _GITHUB_OWNER.fullmatch(owner) or not _GITHUB_NAME.fullmatch(name):
        return None
    return Identifier(Scheme.GITHUB, f"{owner}/{name}".lower())


def _forum(host: str, path: str, query: str) -> Identifier | None:
    if not is_at(host, ("openreview.net",)) or path.rstrip("/") not in ("/forum", "/pdf", "/attachment"):
        return None
    value = dict(parse_qsl(query)).get("id", "").strip()
    return Identifier(Scheme.OPENREVIEW, value) if _FORUM.fullmatch(value) else None


def _acl(host: str, path: str) -> Identifier | None:
    if is_at(host, ("aclanthology.info",)):  # closed in 2019: /papers/P16-1160/p16-1160
        path = re.sub(r"(?<=[0-9])/.*$", "", path)
    elif not is_at(host, ("aclanthology.org", "aclweb.org")):
        return None
    match = _ACL_PATH.fullmatch(path)
    if match is None:
        return None
    return Identifier(Scheme.ACL, match["id"].upper() if match["id"][0].isalpha() else match["id"].lower())


def _semantic_scholar(host: str, path: str) -> Identifier | None:
    if not is_at(host, ("semanticscholar.org",)):
        return None
    if match := _CORPUS_ID.fullmatch(path):
        return _corpus_id(match["id"])
    match = _S2_PATH.search(path)
    return Identifier(Scheme.SEMANTIC_SCHOLAR, match["id"]) if match else None


def _corpus_id(number: str) -> Identifier:
    """Return the number that Semantic Scholar's exports name a paper by, in the form in which it can be asked for."""
    return Identifier(Scheme.SEMANTIC_SCHOLAR, f"CorpusId:{number}")


def _pubmed(host: str, path: str) -> Identifier | None:
    for domain, pattern in PUBMED:
        if is_at(host, (domain,)) and (match := pattern.match(path)):
            named = match.groupdict()
            if "pmid" in named:
                return Identifier(Scheme.PMID, named["pmid"])
            return Identifier(Scheme.PMC, f"PMC{named['pmc']}")
    return None
