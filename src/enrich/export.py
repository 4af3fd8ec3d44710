"""The catalog for other tools: BibTeX, CSL-JSON, CSV and a Markdown list; pure.

What a person wrote wins over what enrich found out.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count

from enrich.model import Entry, EntryType, LinkKind
from enrich.text import listing

_NOT_CITED = (EntryType.PERSON, EntryType.LAB)

_PREPRINT = re.compile(
    r"\b(?:arxiv|corr|bioRxiv|medRxiv|preprint|ssrn|tech(?:nical)? report|openreview)\b", re.IGNORECASE
)
_CONFERENCE = re.compile(r"\b(?:conference|conf\.|symposium|workshop)\b", re.IGNORECASE)
# "Proceedings of the ACM on …", "… of the VLDB Endowment" and "… of the IEEE" are journals by name and by ISSN.
_JOURNAL = re.compile(
    r"\b(?:journal|transactions|trans\.|letters|magazine|review|surveys|annals|communications of|quarterly"
    r"|proceedings of the (?:acm on|vldb endowment|ieee\b|national academy)"
    r"|(?-i:CACM|CSUR|JMLR|TMLR|TACL|PVLDB|PACMPL|POMACS|PNAS|TOCS|TOS|TACO|TPDS|TKDE|TPAMI|TSE|TSC|TCC|TMC))\b"
    r"|^(?:nature|science)\b",
    re.IGNORECASE,
)
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_NOT_IN_BIBTEX_KEY = re.compile(r"[^\w:./+-]+")
# A name, an acronym or a symbol, whose capitals a bibliography style must keep.
_OWN_CAPITALS = re.compile(r"\S[^\s-]*[A-Z][^\s]*")
_PARTICLES = frozenset(
    [
        "von",
        "van",
        "der",
        "den",
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "du",
        "la",
        "le",
        "ter",
        "ten",
        "bin",
        "ibn",
        "al",
    ]
)
_SUFFIXES = frozenset(["jr", "jr.", "sr", "sr.", "ii", "iii", "iv"])
# What spreadsheets take for a formula, in full width too (https://owasp.org/www-community/attacks/CSV_Injection).
_FORMULA = tuple("=+-@\t\r＝＋－＠")
_MOST_AUTHORS = 3
_COLUMNS = (
    "key",
    "type",
    "name",
    "title",
    "authors",
    "year",
    "published",
    "venue",
    "doi",
    "arxiv_id",
    "semantic_scholar_id",
    "citation_count",
    "citation_count_as_of",
    "paper",
    "code",
    "links",
    "institutions",
    "sections",
    "tags",
    "remarks",
    "abstract",
)


@dataclass(frozen=True, slots=True)
class _Work:
    """An entry as all formats see it: one-line texts, None and () where nothing is known."""

    entry: Entry
    title: str
    venue: str | None
    authors: tuple[str, ...]
    abstract: str | None
    year: str | None
    published: str | None
    doi: str | None
    arxiv_id: str | None
    url: str | None

    @property
    def preprint(self) -> bool:
        return _PREPRINT.search(self.venue) is not None if self.venue else self.arxiv_id is not None

    @property
    def in_journal(self) -> bool:
        return self.venue is not None and not _CONFERENCE.search(self.venue) and bool(_JOURNAL.search(self.venue))


def bibtex(entries: Sequence[Entry]) -> str:
    """A BibTeX file in UTF-8: @article, @inproceedings, and @misc with its eprint for what is on arXiv only.

    The citation keys are the entries' keys, without the characters that BibTeX forbids. Persons and labs are left
    out; other things that are no papers are @misc.
    """
    cited = [entry for entry in entries if entry.type not in _NOT_CITED]
    keys = _unique(_NOT_IN_BIBTEX_KEY.sub("-", entry.key).strip("-") or "entry" for entry in cited)
    return "\n".join(_bibtex(key, _work(entry)) for key, entry in zip(keys, cited, strict=True))


def csl_json(entries: Sequence[Entry]) -> str:
    """A CSL-JSON array (https://github.com/citation-style-language/schema), for Zotero, Pandoc and the like.

    Persons and labs are left out.
    """
    items = [_csl(_work(entry)) for entry in entries if entry.type not in _NOT_CITED]
    return json.dumps(items, indent=2, ensure_ascii=False) + "\n"


def comma_separated(entries: Sequence[Entry]) -> str:
    """A CSV file with a header and a row for every entry; several values in a cell are parted by `; `.

    A cell that a spreadsheet would take for a formula has a `'` before it.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(_row(_work(entry)) for entry in entries)
    return buffer.getvalue()


def markdown(entries: Sequence[Entry]) -> str:
    """A Markdown list of every entry, under the headings of its sections as the lists had them."""
    sections: dict[str, list[str]] = {}
    for entry in entries:
        line = _bullet(_work(entry))
        for section in entry.sections or ("",):
            sections.setdefault(_line(section), []).append(line)
    parts = [
        (f"## {listing.escaped(section)}\n\n" if section else "") + "".join(f"{line}\n" for line in lines)
        for section, lines in sorted(sections.items(), key=lambda part: part[0] != "")
    ]
    return "\n".join(parts)


EXPORTS: Mapping[str, Callable[[Sequence[Entry]], str]] = {
    "bibtex": bibtex,
    "csl-json": csl_json,
    "csv": comma_separated,
    "markdown": markdown,
}
"""The formats by the names that the command line knows."""


def _work(entry: Entry) -> _Work:
    published = _text(entry, "published")
    authors = entry.known("authors")
    year = None if entry.own.published and not entry.own.year else _text(entry, "year")
    year = year or (published[:4] if published else None)
    return _Work(
        entry=entry,
        title=_line(entry.title or _text(entry, "title") or entry.name or entry.key),
        venue=_line(entry.venue) if entry.venue else _text(entry, "venue"),
        authors=tuple(map(_line, map(str, authors))) if isinstance(authors, tuple) else (),
        abstract=_text(entry, "abstract"),
        year=year,
        published=published if published and year and published.startswith(year) else None,
        doi=_text(entry, "doi"),
        arxiv_id=_text(entry, "arxiv_id"),
        url=_url(entry),
    )


def _text(entry: Entry, name: str) -> str | None:
    value = entry.known(name)
    return _line(str(value)) if value is not None else None


def _url(entry: Entry) -> str | None:
    first = sorted(entry.links, key=lambda link: link.kind is not LinkKind.PAPER)
    return _line(first[0].url) if first else None


def _line(text: str) -> str:
    """One line without control characters and other invisible ones; the joiners of scripts and emoji stay."""
    shown = " ".join(text.split())
    if shown.isprintable():
        return shown
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return "".join(c for c in shown if c in "\u200c\u200d" or unicodedata.category(c) not in hidden)


def _unique(keys: Iterable[str]) -> list[str]:
    """The keys in their order, a number behind each that was there before (BibTeX compares without case)."""
    taken: set[str] = set()
    given = []
    for key in keys:
        numbered = (f"{key}-{number}" for number in count(2))
        free = next(candidate for candidate in chain([key], numbered) if candidate.lower() not in taken)
        taken.add(free.lower())
        given.append(free)
    return given


def _bibtex(key: str, work: _Work) -> str:
    kind, fields = "misc", {"title": _protected(work.title), "author": " and ".join(map(_bibtex_author, work.authors))}
    paper = work.entry.type is EntryType.PAPER
    if paper and work.venue and not work.preprint:
        kind = "article" if work.in_journal else "inproceedings"
        fields["journal" if work.in_journal else "booktitle"] = _latex(work.venue)
    elif work.venue:
        fields["howpublished"] = _latex(work.venue)
    fields["year"] = _latex(work.year or "")
    if work.published and re.fullmatch(r"\d{4}-\d\d(-\d\d)?", work.published):
        fields["month"] = str(int(work.published[5:7]))
    fields["doi"] = _verbatim(work.doi or "")
    if work.arxiv_id:
        fields |= {"eprint": _verbatim(work.arxiv_id), "archivePrefix": "arXiv"}
    fields["url"] = _verbatim(work.url or "")
    fields["abstract"] = _latex(work.abstract or "")
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"@{kind}{{{key},\n{''.join(lines)}}}\n"


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)


def _verbatim(text: str) -> str:
    """What BibTeX styles pass on as a URL: as it is, but for what would end or open a group."""
    return re.sub(r"[{}\\ ]", lambda match: f"%{ord(match[0]):02X}", text)


def _protected(title: str) -> str:
    """A title in which words with capitals of their own keep them: `{FlexGen}: High-Throughput …`."""
    return " ".join(
        f"{{{_latex(word)}}}" if _OWN_CAPITALS.fullmatch(word) else _latex(word) for word in title.split(" ")
    )


def _bibtex_author(name: str) -> str:
    whole = _latex(name)
    return f"{{{whole}}}" if re.search(r"\band\b", name, re.IGNORECASE) or name.count(",") > 1 else whole


def _csl(work: _Work) -> dict[str, object]:
    item: dict[str, object] = {"id": _line(work.entry.key), "type": _csl_type(work), "title": work.title}
    if work.authors:
        item["author"] = [_csl_name(name) for name in work.authors]
    if date := _date_parts(work.published, work.year):
        item["issued"] = {"date-parts": [date]}
    if work.venue:
        item["container-title"] = work.venue
    if work.arxiv_id:
        item["number"] = f"arXiv:{work.arxiv_id}"
    optional = {
        "DOI": work.doi,
        "URL": work.url,
        "abstract": work.abstract,
        "keyword": ", ".join(map(_line, work.entry.tags)),
    }
    return item | {name: value for name, value in optional.items() if value}


def _csl_type(work: _Work) -> str:
    match work.entry.type:
        case EntryType.PAPER if work.preprint or not work.venue:
            return "article"
        case EntryType.PAPER:
            return "article-journal" if work.in_journal else "paper-conference"
        case EntryType.REPOSITORY | EntryType.FRAMEWORK:
            return "software"
        case EntryType.DATASET | EntryType.BENCHMARK:
            return "dataset"
        case EntryType.BLOG:
            return "post-weblog"
        case EntryType.VIDEO:
            return "motion_picture"
        case _:
            return "webpage"


def _csl_name(name: str) -> dict[str, str]:
    """Family and given name; a name of one word, or of many, is kept whole as a group's."""
    if name.count(",") == 1:
        family, given = (part.strip() for part in name.split(","))
        return {"family": family, "given": given} if family and given else {"literal": name}
    words = name.split(" ")
    if not 2 <= len(words) <= 6:
        return {"literal": name}
    suffix = words.pop() if len(words) > 2 and words[-1].lower() in _SUFFIXES else ""
    start = next((n for n, word in enumerate(words[1:-1], 1) if word in _PARTICLES), len(words) - 1)
    parts = {"family": " ".join(words[start:]), "given": " ".join(words[:start]), "suffix": suffix}
    return {part: value for part, value in parts.items() if value}


def _date_parts(published: str | None, year: str | None) -> list[int]:
    date = published if published and re.fullmatch(r"\d{4}(-\d\d){0,2}", published) else year
    return [int(part) for part in date.split("-")] if date and re.fullmatch(r"\d{4}(-\d\d){0,2}", date) else []


def _row(work: _Work) -> list[str]:
    entry = work.entry
    by_kind = {kind: [link.url for link in entry.links if link.kind is kind] for kind in LinkKind}
    values: dict[str, str | Sequence[str]] = {
        "key": entry.key,
        "type": str(entry.type),
        "name": entry.name or "",
        "title": work.title,
        "authors": work.authors,
        "year": work.year or "",
        "published": work.published or "",
        "venue": work.venue or "",
        "doi": work.doi or "",
        "arxiv_id": work.arxiv_id or "",
        "semantic_scholar_id": _text(entry, "semantic_scholar_id") or "",
        "citation_count": _text(entry, "citation_count") or "",
        "citation_count_as_of": _text(entry, "citation_count_as_of") or "",
        "paper": by_kind[LinkKind.PAPER],
        "code": by_kind[LinkKind.CODE],
        "links": [link.url for link in entry.links],
        "institutions": entry.institutions,
        "sections": entry.sections,
        "tags": entry.tags,
        "remarks": entry.remarks or "",
        "abstract": work.abstract or "",
    }
    return [_cell(values[column]) for column in _COLUMNS]


def _cell(value: str | Sequence[str]) -> str:
    text = _line(value if isinstance(value, str) else "; ".join(value))
    return f"'{text}" if text.startswith(_FORMULA) else text


def _bullet(work: _Work) -> str:
    """Return an entry as a line that `enrich import` reads back; authors that no person listed are shortened."""
    entry = work.entry
    links = [link for link in entry.links if listing.is_linkable(_line(link.url))]
    carried = min(range(len(links)), key=lambda place: links[place].kind is not LinkKind.PAPER, default=None)
    most = len(work.authors) if entry.own.authors == entry.known("authors") else _MOST_AUTHORS
    return listing.write(
        listing.Listed(
            name=_line(entry.name or ""),
            title=work.title if entry.title or entry.known("title") or not entry.name else "",
            authors=work.authors[:most],
            complete=len(work.authors) <= most,
            venue=work.venue or "",
            year=work.year or "",
            links=tuple(listing.ListedLink(_line(link.url), link.kind.value, _line(link.label)) for link in links),
            carried=carried,
            remarks=_line(entry.remarks or ""),
        )
    )
