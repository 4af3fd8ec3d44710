"""Read the files of reference managers into entries: BibTeX and CSL-JSON; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from pybtex import errors
from pybtex.database import BibliographyDataError, Person
from pybtex.database import Entry as Item
from pybtex.database.input.bibtex import Parser, UndefinedMacro
from pybtex.exceptions import PybtexError

from enrich import identifiers
from enrich.lists.drafts import kind_of
from enrich.model import Enriched, EnrichError, Entry, EntryType, Link, LinkKind, Place
from enrich.text.bibtex import plain_value, urls_in, without_comments
from enrich.text.dates import full_year_in, month_number
from enrich.text.spacing import squeeze

_STARTS = re.compile(r"^[ \t]*@(\w+)[ \t]*[{(][ \t]*([^,\s}]+)", re.MULTILINE)
_BLOCKS = re.compile(r"^[ \t]*@\w+[ \t]*[{(]", re.MULTILINE)
_MACRO = re.compile(r"[ \t]*@(?:string|preamble|comment)\b", re.IGNORECASE)
_VENUES = ("booktitle", "journal", "journaltitle", "eventtitle", "howpublished", "series")
_TYPES = {
    "software": EntryType.REPOSITORY,
    "dataset": EntryType.DATASET,
    "video": EntryType.VIDEO,
    "motion_picture": EntryType.VIDEO,
    "post-weblog": EntryType.BLOG,
    "post": EntryType.BLOG,
}


def read_bibtex(text: str, path: str) -> tuple[Entry, ...]:
    """Return the entries of a BibTeX file, with their keys.

    Raises:
        EnrichError: the text is not BibTeX.
    """
    lines = {match[2]: text.count("\n", 0, match.start()) + 1 for match in _STARTS.finditer(text)}
    parsed, malformed = _parsed(text)
    if malformed and not parsed:
        line, why = malformed[0]
        raise EnrichError(f"{path}:{line}: invalid BibTeX: {why}")
    found = []
    for key, item in parsed.items():
        fields = {name.lower(): plain_value(value) for name, value in item.fields.items()}
        authors = _open_ended(tuple(filter(None, (_name(person) for person in item.persons.get("author", [])))))
        venue = next((fields[name] for name in _VENUES if fields.get(name) and "url" not in fields[name]), None)
        raw = {name.lower(): squeeze(value) for name, value in item.fields.items()}
        place = Place(path, lines.get(key, 1))
        found.append(
            _entry(
                key=key,
                kind=_bibtex_type(item.type, fields),
                fields=fields,
                authors=authors,
                venue=venue,
                urls=_urls(raw),
                place=place,
            )
        )
    return tuple(found)


def malformed_bibtex(text: str, path: str) -> list[str]:
    """Return a sentence about each invalid entry of a BibTeX file, which was left out or read in part."""
    return [f"{path}:{line}: not valid BibTeX, skipped or read in part: {why}" for line, why in _parsed(text)[1]]


def _parsed(text: str) -> tuple[dict[str, Item], list[tuple[int, str]]]:
    """Return the entries of a BibTeX file, and the lines of invalid ones with the reasons.

    If the file is not valid as a whole, each entry is read by itself, so that a missing brace affects one entry only.
    """
    text = without_comments(text)
    found, why = _parse(text)
    if why is None:
        return found, []
    starts = [*(match.start() for match in _BLOCKS.finditer(text)), len(text)]
    blocks = [(start, text[start:end]) for start, end in pairwise(starts)]
    macros = "".join(block for _, block in blocks if _MACRO.match(block) and _parse(block)[1] is None)
    entries: dict[str, Item] = {}
    malformed = []
    for start, block in blocks:
        if _MACRO.match(block):
            continue
        found, why = _parse(macros + block)
        for key, item in found.items():
            if item.fields or why is None:
                entries.setdefault(key, item)
        if why is not None:
            malformed.append((text.count("\n", 0, start) + 1, why))
    return entries, malformed


def _parse(text: str) -> tuple[dict[str, Item], str | None]:
    """Return the entries of a text, and what is wrong with it."""
    parser = Parser()
    why = None
    try:
        with errors.capture() as reported:
            parser.parse_string(text)
    except PybtexError as error:
        reported = [error]
    for one in reported:
        # As in BibTeX, the first of several entries with the same key counts. Macros may be defined in a style.
        if not isinstance(one, BibliographyDataError | UndefinedMacro):
            why = why or re.sub(r"^syntax error in line \d+: ", "", squeeze(str(one)))
    return dict(parser.data.entries), why


def read_csl(text: str, path: str) -> tuple[Entry, ...]:
    """Return the entries of a CSL-JSON file, with their ids.

    Raises:
        EnrichError: the text is not a CSL-JSON array.
    """
    try:
        items = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EnrichError(f"{path}: invalid JSON: {error}") from None
    items = items.get("items") if isinstance(items, dict) else items
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise EnrichError(f"{path}: not CSL-JSON; export your library as CSL-JSON, or as BibTeX")
    return tuple(_csl_entry(item, path, number) for number, item in enumerate(items, 1))


def _csl_entry(item: Mapping[str, Any], path: str, number: int) -> Entry:
    fields = {str(name).lower(): squeeze(str(value)) for name, value in item.items() if isinstance(value, str | int)}
    people = [person for person in item.get("author") or () if isinstance(person, dict)]
    authors = _open_ended(tuple(filter(None, (_csl_name(person) for person in people))))
    parts = item.get("issued") or {}
    dates = parts.get("date-parts") if isinstance(parts, dict) else None
    if isinstance(dates, list) and dates and isinstance(dates[0], list) and dates[0]:
        fields["year"] = str(dates[0][0])
        fields["date"] = "-".join(f"{part:02}" if isinstance(part, int) else str(part) for part in dates[0])
    number_text = fields.pop("number", "")
    if number_text.lower().startswith("arxiv:"):
        fields["eprint"] = number_text[6:]
    kind = _TYPES.get(fields.get("type", ""), EntryType.PAPER)
    key = fields.get("citation-key") or fields.get("id") or ""
    return _entry(
        key=key,
        kind=kind,
        fields=fields,
        authors=authors,
        venue=fields.get("container-title"),
        urls=_urls(fields),
        place=Place(path, number),
    )


def _entry(
    *,
    key: str,
    kind: EntryType,
    fields: Mapping[str, str],
    authors: tuple[str, ...],
    venue: str | None,
    urls: Iterator[tuple[str, str]],
    place: Place,
) -> Entry:
    links: dict[str, Link] = {}
    for field, url in urls:
        found = kind_of("", url)
        is_paper = field == "url" and kind is EntryType.PAPER and found is LinkKind.OTHER
        links.setdefault(identifiers.normalise_url(url), Link(url, LinkKind.PAPER if is_paper else found, "", place))
    return Entry(
        key=re.sub(r"\s+", "-", key.strip()),
        type=kind,
        title=fields.get("title") or None,
        venue=venue or None,
        tags=tuple(
            dict.fromkeys(filter(None, re.split(r"\s*[,;]\s*", fields.get("keywords") or fields.get("keyword") or "")))
        ),
        remarks=fields.get("note") or None,
        links=tuple(links.values()),
        own=_own(fields, authors),
        place=place,
    )


def _own(fields: Mapping[str, str], authors: tuple[str, ...]) -> Enriched:
    """Return the fields that correspond to fields of `enriched:`."""
    year = full_year_in(fields.get("year") or fields.get("date") or "")
    doi = identifiers.doi(_bare_doi(fields.get("doi", "")))
    return Enriched(
        authors=authors,
        abstract=fields.get("abstract") or None,
        year=year,
        issued=_month_of(fields, str(year)) if year else None,
        volume=fields.get("volume") or None,
        issue=fields.get("number") or fields.get("issue") or None,
        pages=re.sub(r"\s*[-\u2013]+\s*", "-", fields.get("pages") or fields.get("page") or "") or None,
        publisher=fields.get("publisher") or None,
        doi=_bare_doi(fields["doi"]) if doi else None,
        arxiv_id=_arxiv_id(fields),
    )


def _month_of(fields: Mapping[str, str], year: str) -> str | None:
    """Return the ISO date of the month of issue, where it is given: `oct`, `October`, `10`, `2023-10-23`."""
    text = fields.get("date") or ""
    if re.fullmatch(r"\d{4}-(?:0[1-9]|1[0-2])(?:-\d\d)?", text):
        return text
    month = month_number(fields.get("month") or "")
    return f"{year}-{month:02}" if month else None


def _bare_doi(text: str) -> str:
    return re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", text.strip(), flags=re.IGNORECASE)


def _arxiv_id(fields: Mapping[str, str]) -> str | None:
    """Return the arXiv ID in `eprint`; None if it is not one."""
    if fields.get("archiveprefix", fields.get("eprinttype", "arxiv")).lower() != "arxiv":
        return None
    found = identifiers.parse(f"arXiv:{fields['eprint']}") if fields.get("eprint") else None
    return found.value if found else None


def _urls(fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Return the URLs in the fields, each with its field."""
    for name in ("url", "howpublished", "pdf", "code", "note"):
        for _, _, url in urls_in(f"{{{fields.get(name, '')}}}"):
            yield name, url


def _bibtex_type(name: str, fields: Mapping[str, str]) -> EntryType:
    if name.lower() in _TYPES:
        return _TYPES[name.lower()]
    only_code = name.lower() in ("misc", "online", "electronic") and "github.com" in fields.get("url", "")
    return EntryType.REPOSITORY if only_code and not fields.get("eprint") else EntryType.PAPER


def _name(person: Person) -> str:
    names = [
        *person.first_names,
        *person.middle_names,
        *person.prelast_names,
        *person.last_names,
        *person.lineage_names,
    ]
    return plain_value(" ".join(names))


def _open_ended(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names with `et al.` for what BibTeX and Pandoc write: `and others`."""
    return (*names[:-1], "et al.") if len(names) > 1 and names[-1].casefold() == "others" else names


def _csl_name(person: Mapping[str, Any]) -> str:
    literal = person.get("literal")
    parts = [person.get(part) for part in ("given", "non-dropping-particle", "dropping-particle", "family", "suffix")]
    return squeeze(str(literal) if literal else " ".join(str(part) for part in parts if part))
