"""The catalog as RIS, for EndNote, Mendeley, Zotero and library catalogs; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from enrich.export.keys import KEYS, unique_keys
from enrich.export.works import CitedWork, is_cited, printable
from enrich.model import Entry, EntryType
from enrich.text.names import Name

# https://web.archive.org/web/20120526103719/http://refman.com/support/risformat_intro.asp
_TYPES: Mapping[str, str] = {
    "article": "JOUR",
    "inproceedings": "CPAPER",
    "incollection": "CHAP",
    "book": "BOOK",
    "phdthesis": "THES",
    "techreport": "RPRT",
    "misc": "UNPB",
}
_OTHER_TYPES: Mapping[EntryType, str] = {
    EntryType.REPOSITORY: "COMP",
    EntryType.FRAMEWORK: "COMP",
    EntryType.DATASET: "DATA",
    EntryType.BENCHMARK: "DATA",
    EntryType.BLOG: "BLOG",
    EntryType.VIDEO: "VIDEO",
}


def ris(entries: Sequence[Entry], keys: str = "entry") -> str:
    """Return a RIS file: one tag and value per line, `ER` at the end of a reference. Persons and labs are left out."""
    works = [CitedWork(entry) for entry in entries if is_cited(entry)]
    named = zip(unique_keys(KEYS[keys](work) for work in works), works, strict=True)
    return "\n".join("".join(f"{tag}  - {value}\n" for tag, value in _lines(key, work)) for key, work in named)


def _lines(key: str, work: CitedWork) -> Iterator[tuple[str, str]]:
    is_paper = work.entry.type is EntryType.PAPER
    yield "TY", _TYPES[work.bibtex_type] if is_paper else _OTHER_TYPES.get(work.entry.type, "ELEC")
    first, _, last = work.of_record("pages").replace("\u2013", "-").partition("-")
    values = [
        ("ID", key),
        ("TI", work.title),
        *(("AU", _name(name)) for name in work.people.names),
        ("T2", work.container),
        ("J2", work.short_venue),
        ("PB", work.of_record("publisher")),
        ("VL", work.of_record("volume")),
        ("IS", work.of_record("issue")),
        ("SP", first.strip()),
        ("EP", last.strip("- ")),
        ("PY", work.year),
        ("DA", work.date.replace("-", "/") if work.date else None),
        ("DO", work.doi),
        ("AN", f"arXiv:{work.arxiv_id}" if work.arxiv_id else None),
        ("UR", work.url),
        *(("KW", printable(tag)) for tag in work.entry.tags),
        ("AB", work.text("abstract")),
    ]
    yield from ((tag, value) for tag, value in values if value)
    yield "ER", ""


def _name(name: Name) -> str:
    return ", ".join(filter(None, (name.family, name.given, name.suffix)))
