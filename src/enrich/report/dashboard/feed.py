"""The changes as an Atom feed (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from uuid import UUID
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from enrich.report import escape, page
from enrich.report.dashboard.view import DatedFinding, Overview

_NAMESPACE = "http://www.w3.org/2005/Atom"
_NEVER = "1970-01-01"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3])(?::[0-5]\d){2}Z", re.ASCII)
_LONGEST = 1000  # characters of a text


def render(overview: Overview) -> str:
    """Return the feed: an entry for each finding that is new or was fixed, latest first."""
    names = ",".join(each.name for each in overview.catalogs)
    feed = Element("feed", {"xmlns": _NAMESPACE})
    _text(feed, "title", "Links and papers: what changed")
    _text(feed, "id", _id("feed", names))
    _text(feed, "updated", _updated(overview))
    SubElement(feed, "link", {"rel": "self", "href": "feed.atom", "type": "application/atom+xml"})
    SubElement(feed, "link", {"rel": "alternate", "href": "index.html", "type": "text/html"})
    _text(SubElement(feed, "author"), "name", "enrich")
    # What came and went twice on one day is one entry: no two may have one id (RFC 4287, 4.1.1).
    feed.extend({_id_of(row): _entry(row) for row in overview.changes}.values())
    indent(feed)
    body = tostring(feed, encoding="unicode")
    return escape.xml_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n')


def _entry(row: DatedFinding) -> Element:
    finding = row.finding
    entry = Element("entry")
    subject = row.title or finding.url or row.catalog.path
    _text(entry, "title", f"{'Fixed' if row.fixed_on else 'New'}: {row.noun}: {subject}")
    _text(entry, "id", _id_of(row))
    _text(entry, "updated", _time(row.on))
    href = row.page or row.catalog.href
    SubElement(entry, "link", {"rel": "alternate", "href": href, "type": "text/html"})
    if finding.url and page.is_web(finding.url):
        SubElement(entry, "link", {"rel": "related", "href": escape.xml(finding.url)})
    SubElement(entry, "category", {"term": escape.xml(finding.rule)})
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
    SubElement(parent, name).text = escape.xml(escape.plain(text, _LONGEST))


def _id(*parts: str) -> str:
    """Return an address that is always the same for the same thing (RFC 9562, a UUID from a hash)."""
    digest = sha256("\n".join(parts).encode("utf-8", "replace")).digest()
    return UUID(bytes=digest[:16], version=5).urn


def _id_of(row: DatedFinding) -> str:
    finding = row.finding
    return _id(row.catalog.name, finding.identity, finding.first_seen or "", row.fixed_on or "")


def _updated(overview: Overview) -> str:
    """Return when the last run ended: of two runs on a day, the second has other changes (RFC 4287, 4.2.15)."""
    ends = (each.report.finished.replace("+00:00", "Z") for each in overview.catalogs if each.report)
    return max((_time(str(overview.as_of or _NEVER)), *(end for end in ends if _is_moment(end))))


def _is_moment(text: str) -> bool:
    return _MOMENT.fullmatch(text) is not None and _time(text) != _time(_NEVER)


def _time(day: str) -> str:
    """Return the beginning of a day (RFC 3339)."""
    try:
        return f"{date.fromisoformat(day[:10])}T00:00:00Z"
    except ValueError:
        return f"{_NEVER}T00:00:00Z"
