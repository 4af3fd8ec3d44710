"""The catalog as CSL-JSON, for Zotero, Pandoc and the like; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from enrich.export.authors import Authors
from enrich.export.keys import KEYS, unique_keys
from enrich.export.works import CitedWork, is_cited, printable
from enrich.model import Entry, EntryType
from enrich.text.names import Name

_TYPES: Mapping[str, str] = {
    "article": "article-journal",
    "inproceedings": "paper-conference",
    "incollection": "chapter",
    "book": "book",
    "phdthesis": "thesis",
    "techreport": "report",
    "misc": "article",
}
_OTHER_TYPES: Mapping[EntryType, str] = {
    EntryType.REPOSITORY: "software",
    EntryType.FRAMEWORK: "software",
    EntryType.DATASET: "dataset",
    EntryType.BENCHMARK: "dataset",
    EntryType.BLOG: "post-weblog",
    EntryType.VIDEO: "motion_picture",
}


def csl_json(entries: Sequence[Entry], keys: str = "entry") -> str:
    """Return a CSL-JSON array (https://github.com/citation-style-language/schema).

    Persons and labs are left out.
    """
    works = [CitedWork(entry) for entry in entries if is_cited(entry)]
    made = [KEYS[keys](work) for work in works]
    ids = list(map(printable, made)) if keys == "entry" else unique_keys(made)
    items = [_item(name, work) for name, work in zip(ids, works, strict=True)]
    return json.dumps(items, indent=2, ensure_ascii=False) + "\n"


def _item(name: str, work: CitedWork) -> dict[str, object]:
    is_paper = work.entry.type is EntryType.PAPER
    kind = _TYPES[work.bibtex_type] if is_paper else _OTHER_TYPES.get(work.entry.type, "webpage")
    optional: dict[str, object] = {
        "author": _authors(work.people),
        "issued": {"date-parts": [[int(part) for part in work.date.split("-")]]} if work.date else None,
        "container-title": work.container,
        "container-title-short": work.short_venue,
        "publisher": work.of_record("publisher"),
        "volume": work.of_record("volume"),
        "issue": work.of_record("issue"),
        "page": work.of_record("pages"),
        "number": f"arXiv:{work.arxiv_id}" if work.arxiv_id else None,
        "DOI": work.doi,
        "URL": work.url,
        "abstract": work.text("abstract"),
        "keyword": ", ".join(map(printable, work.entry.tags)),
    }
    known = {field: value for field, value in optional.items() if value}
    return {"id": name, "type": kind, "title": work.title} | known


def _authors(people: Authors) -> list[dict[str, str]]:
    """Return the authors; `others` is Pandoc's form of `et al.`."""
    return [*map(_name, people.names), *([] if people.complete or not people.names else [{"literal": "others"}])]


def _name(name: Name) -> dict[str, str]:
    if name.is_whole:
        return {"literal": name.family}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
    return {part: value for part, value in parts.items() if value}
