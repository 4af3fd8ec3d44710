"""What a web page says about the paper that it presents: citation tags, Dublin Core, JSON-LD.

https://scholar.google.com/intl/en/scholar/inclusion.html#indexing lists the tags of publishers' pages.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from lxml import etree

from enrich import identifiers
from enrich.charsets import codec_of
from enrich.cleaning.texts import (
    LONGEST_ABSTRACT,
    author_names,
    clean_title,
    doi_in,
    one_line,
    plain_text,
)
from enrich.model import Record, Scheme
from enrich.services import PAGE
from enrich.text.dates import find_date
from enrich.text.names import given_first

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


_LONGEST_PAGE = 1_000_000  # bytes that are read
_LONGEST_JSON = 500_000
_LONGEST_HREF = 2_000  # characters
_SOONEST = 10  # seconds: a page that reloads later than that is not a redirect

# A script, or a handler of the body, that only redirects the reader.
# An alternative is empty because of https://github.com/python/cpython/issues/106052.
_SCRIPTED = re.compile(
    r"(?:(?:window|document|self|top|parent)\.|)*+location"
    r"(?:(?:\.href)?+\s*+=\s*+|\.(?:replace|assign)\s*+\(\s*+)(?P<quote>[\"'])(?P<url>[^\"'\\<>\s]{1,2000}+)(?P=quote)\s*+\)?\s*+;?"
)
_SCRIPT_MARKS = re.compile(r"^\s*+(?://)?<!--|(?://\s*+)?-->\s*+$")
_WAIT_AND_TARGET = re.compile(r"\s*(\d{1,6})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?[\"']?([^\"']+)", re.IGNORECASE)
# Limits for a page that only says where it has gone; the last two in characters.
_FEW_SCRIPTS, _LITTLE_TEXT, _LONG_SCRIPT = 3, 400, 3_000

_HTML = re.compile(r"(?:text/(?:html|xml|plain)|application/(?:xhtml\+xml|xml))$|^$")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{2,40})", re.IGNORECASE)
_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MOST_ATTRIBUTES = 1_000  # of one tag; lxml takes quadratic time for them, 5 s for 30,000
# At least a tag up to its `>`: a quotation mark only begins a value after `=`.
# An alternative is empty because of https://github.com/python/cpython/issues/106052.
_TAG = re.compile(r"""<[a-zA-Z](?:[^=>]++|=\s*+(?:"[^"]*+"?|'[^']*+'?|)|)*+""")
_VALUE = re.compile(r"""=\s*+(?:"[^"]*+"?|'[^']*+'?)""")

_PARSER = etree.HTMLParser(encoding="utf-8", no_network=True)  # creating one takes as long as parsing a small page


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page says about itself; `canonical` and `refresh` are absolute http(s) URLs.

    There is a `record` only if the page presents one paper: with citation tags, Dublin Core or a ScholarlyArticle.
    """

    title: str | None = None
    record: Record | None = None
    canonical: str | None = None
    refresh: str | None = None


def parse(body: bytes, url: str, content_type: str = "", refresh: str = "") -> Facts:
    """Return the facts of a page fetched from `url`; PDFs, images and empty bodies have none.

    `refresh` is the content of the Refresh header, which comes before the page's own.

    It raises nothing of its own; use it with a `CpuLimit`, as pages may be made to waste time.
    """
    sent_on = _sent_on(refresh, url, url)
    root = _tree(body, content_type)
    if root is None:
        return Facts(refresh=sent_on)
    nodes: defaultdict[str, list[etree._Element]] = defaultdict(list)
    for node in root.iter("title", "meta", "link", "base", "script", "body"):
        nodes[str(node.tag)].append(node)
    metas = _metas(nodes["meta"])
    base = next((_absolute(url, str(node.get("href") or "")) for node in nodes["base"]), None) or url
    canonical = next((_absolute(base, href) for href in _canonicals(nodes["link"])), None)
    titles = [one_line(_inside(node)) for node in nodes["title"][:1]] + metas.get("og:title", [])[:1]
    return Facts(
        title=next(filter(None, titles), None),
        record=(_of_metas(metas, canonical or url) if metas else None) or _of_json(nodes["script"], canonical or url),
        canonical=canonical,
        refresh=sent_on or _refresh(nodes["meta"], base, url) or _scripted(root, nodes, base, url),
    )


def element_names(body: bytes, content_type: str = "") -> frozenset[str] | None:
    """Return the names that a URL's fragment can point to: ids, and names of anchors; None for no HTML.

    https://html.spec.whatwg.org/multipage/browsing-the-web.html#find-a-potential-indicated-element
    """
    root = _tree(body, content_type)
    if root is None:
        return None
    anchors = (str(node.get("name")) for node in root.iter("a") if node.get("name"))
    return frozenset((*(str(node.get("id")) for node in root.iter("*") if node.get("id")), *anchors))


def _tree(body: bytes, content_type: str) -> etree._Element | None:
    kind = content_type.partition(";")[0].strip().lower()
    if not _HTML.search(kind) or body[:1024].lstrip().startswith(b"%PDF-"):
        return None
    text = _without_floods(decode(body[:_LONGEST_PAGE], content_type).replace("\0", ""))
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser=_PARSER)  # None: only comments
    except (etree.LxmlError, ValueError):
        return None


def _without_floods(text: str) -> str:
    """Return the page without tags that have more attributes than any page needs."""
    if len(text) <= 2 * _MOST_ATTRIBUTES:
        return text
    kept, at = [], 0
    for tag in _TAG.finditer(text):
        if tag.end() - tag.start() <= 2 * _MOST_ATTRIBUTES:
            continue
        if len(_VALUE.sub(" ", tag[0]).replace("/", " ").split()) > _MOST_ATTRIBUTES:
            kept.append(text[at : tag.start()])
            at = tag.end()
    return "".join([*kept, text[at:]])


def decode(body: bytes, content_type: str = "") -> str:
    """Decode a page by its byte order mark, the HTTP charset, its own charset, or as UTF-8; never raise."""
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(charset, "replace")
    try:
        # Valid UTF-8 is UTF-8, whatever charset its server states; the last character may be incomplete.
        return codecs.utf_8_decode(body)[0]
    except UnicodeDecodeError:
        labels = [match[1] for match in (_HTTP_CHARSET.search(content_type),) if match]
        labels += [match[1].decode("ascii") for match in (_META_CHARSET.search(body[:4096]),) if match]
        named = (codec for label in labels if (codec := codec_of(label)))
        return body.decode(next(named, "windows-1252"), "replace")


def _metas(nodes: Iterable[etree._Element]) -> defaultdict[str, list[str]]:
    """Return the contents of the meta elements, in order, by name in lower case."""
    metas: defaultdict[str, list[str]] = defaultdict(list)
    for node in nodes:
        name = str(node.get("name") or node.get("property") or "").strip().lower()
        if name and (content := one_line(node.get("content"), LONGEST_ABSTRACT)):
            metas[name].append(content)
    return metas


def _inside(node: etree._Element) -> str:
    return "".join(map(str, node.itertext())) if len(node) else node.text or ""


def _absolute(base: str, href: str) -> str | None:
    if len(href) > _LONGEST_HREF:
        return None
    try:
        url = urljoin(base, href.strip())
        parts = urlsplit(url)
    except ValueError:
        return None
    named = href.strip() and parts.scheme in ("http", "https") and parts.hostname
    return url if named and len(url) <= _LONGEST_HREF and url.isprintable() else None


def _canonicals(nodes: Iterable[etree._Element]) -> Iterator[str]:
    for node in nodes:
        if "canonical" in str(node.get("rel") or "").lower().split():
            yield str(node.get("href") or "")


def _refresh(nodes: Iterable[etree._Element], base: str, url: str) -> str | None:
    """Return where the page redirects its reader at once; not the page for readers without JavaScript."""
    for node in nodes:
        if str(node.get("http-equiv") or "").strip().lower() != "refresh":
            continue
        if next(node.iterancestors("noscript"), None) is not None:
            continue
        if target := _sent_on(str(node.get("content") or ""), base, url):
            return target
    return None


def _scripted(root: etree._Element, nodes: Mapping[str, Sequence[etree._Element]], base: str, url: str) -> str | None:
    """Return where a script redirects the reader of a page with hardly anything else; no script is run."""
    scripts = nodes["script"]
    if len(scripts) > _FEW_SCRIPTS:
        return None
    code = [_inside(node) for node in scripts] + [str(body.get("onload") or "") for body in nodes["body"]]
    short = (text for text in code if "location" in text and len(text) < _LONG_SCRIPT)
    match = next(filter(None, (_SCRIPTED.fullmatch(_SCRIPT_MARKS.sub("", text).strip()) for text in short)), None)
    if match is None or any(node.get("src") for node in scripts) or len(_shown(root)) > _LITTLE_TEXT:
        return None
    target = _absolute(base, match["url"])
    return target if target != url else None


def _shown(root: etree._Element) -> str:
    """Return the visible text of a page, or the beginning of it."""
    shown = ""
    for node in root.iter():
        if node.tag not in ("script", "style", "title", "noscript", "template", etree.Comment):
            shown += f" {node.text or ''}"
        shown = f"{shown} {node.tail or ''}".strip()
        if len(shown) > _LITTLE_TEXT:
            break
    return shown


def _sent_on(content: str, base: str, url: str) -> str | None:
    """Return the target of `5; url=/next` if it takes effect soon; None if it is the page itself."""
    match = _WAIT_AND_TARGET.match(content)
    if match and int(match[1]) <= _SOONEST and (target := _absolute(base, match[2])) and target != url:
        return target
    return None


def _of_metas(metas: Mapping[str, Sequence[str]], url: str) -> Record | None:
    def first(*names: str) -> str | None:
        return next((value for name in names for value in metas.get(name, ())), None)

    title = clean_title(first("citation_title", "bepress_citation_title", "eprints.title"))
    if not title and first("dc.creator", "dcterms.creator", "dc.contributor", "dc.identifier"):
        title = clean_title(first("dc.title", "dcterms.title"))
    if not title:
        return None
    authors = [
        *(name for listed in metas.get("citation_authors", ()) for name in listed.split(";")),
        *metas.get("citation_author", metas.get("bepress_citation_author", ())),
    ] or [*metas.get("dc.creator", metas.get("dcterms.creator", ()))]
    dois = ("citation_doi", "bepress_citation_doi", "prism.doi", "dc.identifier", "dcterms.identifier")
    venue = first("citation_conference_title", "citation_journal_title", "citation_inbook_title", "citation_book_title")
    dates = ("citation_publication_date", "citation_date", "citation_online_date", "citation_year")
    days = (day for name in (*dates, "dc.date", "dcterms.issued") for day in metas.get(name, ()))
    published = next((text for day in days if (text := find_date(day))), None)
    return Record(
        source=PAGE,
        title=title,
        authors=author_names(given_first(name.strip()) for name in authors),
        abstract=first("citation_abstract", "dcterms.abstract"),
        year=int(published[:4]) if published else None,
        published=published,
        venue=one_line(venue or first("prism.publicationname")),
        volume=one_line(first("citation_volume", "prism.volume"), 60),
        issue=one_line(first("citation_issue", "prism.number"), 60),
        pages=_pages(one_line(first("citation_firstpage"), 30), one_line(first("citation_lastpage"), 30)),
        publisher=one_line(first("citation_publisher"), 300),
        doi=next((doi for name in dois for text in metas.get(name, ()) if (doi := doi_in(text))), None),
        arxiv_id=_arxiv_id([*metas.get("citation_arxiv_id", ())], [*metas.get("citation_pdf_url", ())]),
        url=url,
    )


def _pages(first: str | None, last: str | None) -> str | None:
    return f"{first}-{last}" if first and last and first != last else first


def _arxiv_id(ids: Iterable[str], urls: Iterable[str]) -> str | None:
    named = [identifiers.parse(f"arxiv:{text}") for text in ids]
    named += [identifier for url in urls for identifier in identifiers.of_url(url)]
    return next((found.value for found in named if found and found.scheme is Scheme.ARXIV), None)


def _of_json(nodes: Iterable[etree._Element], url: str) -> Record | None:
    for node in nodes:
        if str(node.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            value: object = json.loads(_inside(node)[:_LONGEST_JSON])
        except (ValueError, RecursionError):
            continue
        for item in _articles(value):
            if title := _text(item.get("headline")) or _text(item.get("name")):
                return _of_article(item, title, url)
    return None


def _articles(value: object, depth: int = 0) -> Iterator[Mapping[str, object]]:
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value[:100]:
            yield from _articles(item, depth + 1)
    elif isinstance(value, dict):
        kinds = value.get("@type")
        if any(str(kind).endswith("ScholarlyArticle") for kind in (kinds if isinstance(kinds, list) else [kinds])):
            yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _articles(value.get(name), depth + 1)


def _of_article(item: Mapping[str, object], title: str, url: str) -> Record:
    published = next(
        (day for name in ("datePublished", "dateCreated") if (day := find_date(_text(item.get(name)) or ""))), None
    )
    people = item.get("author")
    names = [_text(person) for person in (people if isinstance(people, list) else [people])]
    named = [text for name in ("identifier", "sameAs", "@id", "url") for text in _texts(item.get(name))]
    return Record(
        source=PAGE,
        title=title,
        authors=author_names(given_first(name) for name in names if name),
        abstract=plain_text(_text(item.get("abstract")) or _text(item.get("description")), LONGEST_ABSTRACT),
        year=int(published[:4]) if published else None,
        published=published,
        venue=_venue(item.get("isPartOf")),
        doi=next((doi for text in named if (doi := doi_in(text))), None),
        arxiv_id=_arxiv_id((), named),
        url=url,
    )


def _text(value: object) -> str | None:
    """Return a text, or the name of an object."""
    return one_line(value.get("name") if isinstance(value, dict) else value, LONGEST_ABSTRACT)


def _texts(value: object) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        text = item.get("value") or item.get("@id") if isinstance(item, dict) else item
        if isinstance(text, str):
            yield text


def _venue(part_of: object) -> str | None:
    """Return the outermost container of the article: issue, volume, journal."""
    venue = None
    for _ in range(5):
        if isinstance(part_of, list):
            part_of = part_of[0] if part_of else None
        if not isinstance(part_of, dict):
            break
        venue = one_line(part_of.get("name")) or venue
        part_of = part_of.get("isPartOf")
    return venue
