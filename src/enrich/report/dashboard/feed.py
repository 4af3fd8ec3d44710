"""The changes as an Atom feed (RFC 4287)."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from uuid import UUID
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from enrich.report import escape
from enrich.report.dashboard.view import DatedFinding, Overview
from enrich.text.urls import split_url

_NAMESPACE = "http://www.w3.org/2005/Atom"
_NEVER = "1970-01-01"


def render(overview: Overview) -> str:
    """Return the feed: an entry for each finding that is new or was fixed, latest first."""
    names = ",".join(each.name for each in overview.catalogs)
    feed = Element("feed", {"xmlns": _NAMESPACE})
    _text(feed, "title", "Links and papers: what changed")
    _text(feed, "id", _id("feed", names))
    _text(feed, "updated", _time(str(overview.as_of or _NEVER)))
    SubElement(feed, "link", {"rel": "self", "href": "feed.atom", "type": "application/atom+xml"})
    SubElement(feed, "link", {"rel": "alternate", "href": "index.html", "type": "text/html"})
    _text(SubElement(feed, "author"), "name", "enrich")
    feed.extend(map(_entry, overview.changes))
    indent(feed)
    body = tostring(feed, encoding="unicode")
    return escape.xml_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n')


def _entry(row: DatedFinding) -> Element:
    finding = row.finding
    entry = Element("entry")
    subject = row.title or finding.url or row.catalog.path
    _text(entry, "title", f"{'Fixed' if row.fixed_on else 'New'}: {row.noun}: {subject}")
    _text(entry, "id", _id(row.catalog.name, finding.identity, finding.first_seen or "", row.fixed_on or ""))
    _text(entry, "updated", _time(row.on))
    rule = escape.xml(finding.rule)
    SubElement(entry, "link", {"rel": "alternate", "href": f"rules/{rule}.html", "type": "text/html"})
    if finding.url and split_url(finding.url).scheme in ("http", "https"):
        SubElement(entry, "link", {"rel": "related", "href": escape.xml(finding.url)})
    SubElement(entry, "category", {"term": rule})
    _text(entry, "summary", " · ".join(_words(row)))
    return entry


def _words(row: DatedFinding) -> Iterator[str]:
    yield row.catalog.path
    yield row.finding.message
    if row.finding.url:
        yield row.finding.url
    if row.finding.suggestion and not row.fixed_on:
        yield f"suggestion: {row.finding.suggestion}"


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = escape.xml(text)


def _id(*parts: str) -> str:
    """Return an address that is always the same for the same thing (RFC 9562, a UUID from a hash)."""
    digest = sha256("\n".join(parts).encode("utf-8", "replace")).digest()
    return UUID(bytes=digest[:16], version=5).urn


def _time(day: str) -> str:
    return f"{escape.xml(day[:10] or _NEVER)}T00:00:00Z"
