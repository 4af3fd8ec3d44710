"""Update a BibTeX file in place: changes are written, every other byte stays; pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from enrich import identifiers
from enrich.export.authors import authors_of
from enrich.export.bibtex import braced, fields_of, joined
from enrich.export.works import CitedWork, is_cited
from enrich.model import Entry
from enrich.text.bibtex import BibtexEntry, Field, items_of, names_in, plain_value
from enrich.text.dates import month_number
from enrich.text.folding import fold

_CONTAINERS = ("journal", "booktitle", "howpublished", "journaltitle")
_RECORD = ("publisher", "volume", "number", "pages", "year", "month")
GROUPS: Mapping[str, tuple[str, ...]] = {
    "published": (*_CONTAINERS, *_RECORD),
    "eprint": ("eprint", "archivePrefix", "primaryClass"),
}
"""The fields of a group for `--only`, besides the field with the group's name."""
_UNASKED = ("url", "abstract", "series")
"""Fields that are added only on request."""
_SAID_BY = {
    "year": "date",
    "month": "date",
    "archivePrefix": "eprinttype",
    "primaryClass": "eprintclass",
    "publisher": "institution",
}
"""The name of a field in biblatex, used if a file has it."""
_PREPRINTS = ("misc", "online", "electronic", "unpublished")
"""The types of entries that arXiv and reference managers use for preprints."""
_CORR = re.compile(r"abs/\d{4}\.\d{4,5}")


def updated(text: str, entries: Sequence[Entry], only: Collection[str] = ()) -> str:
    """Return a BibTeX file updated with the catalog's fields.

    Entries are found by their keys, else by their DOI or arXiv ID. A value from a macro of the file stays, and so does
    one that says the same in other words.

    Args:
        text: the file.
        entries: the catalog's.
        only: names of fields, or of `GROUPS`, to write; all where it is empty.
    """
    wanted = {name for word in only for name in GROUPS.get(word, (word,))}
    works = _Works(entries)
    pieces: list[str] = []
    place = 0
    seen: set[str] = set()
    for item in items_of(text):
        # If entries have the same key, the catalog has the first.
        work = None if item.key.lower() in seen else works.of(item)
        seen.add(item.key.lower())
        changes = sorted(_changes(text, item, work, wanted)) if work else []
        for begin, end, new in changes:
            pieces += [text[place:begin], new]
            place = end
    return "".join([*pieces, text[place:]])


class _Works:
    """The works of a catalog by the names that a file may use."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        works = [CitedWork(entry) for entry in entries if is_cited(entry)]
        self._by_key = {work.entry.key: work for work in works}
        self._by_id = {name: work for work in works for name in (_id(work.doi), _id(work.arxiv_id)) if name}

    def of(self, item: BibtexEntry) -> CitedWork | None:
        """Return the work of an entry in a file."""
        named = (_id(field.value) for field in item.fields if field.name in ("doi", "eprint", "url"))
        return self._by_key.get(item.key) or next((self._by_id[name] for name in named if name in self._by_id), None)


def _id(text: str | None) -> str | None:
    identifier = identifiers.parse(text) if text else None
    return str(identifier) if identifier else None


def _changes(text: str, item: BibtexEntry, work: CitedWork, wanted: set[str]) -> Iterator[tuple[int, int, str]]:
    """Yield the places of an entry that change, with their new texts."""
    work = _as_listed(item, work)
    present = {field.name: field for field in item.fields}
    new = []
    for name, value in _fields(work, present, wanted).items():
        old = present.get(name.lower())
        if name in _CONTAINERS:
            old = next((present[each] for each in _CONTAINERS if each in present), None)
            if old and not (work.superseded and old.value):
                continue
        if old is None:
            new.append((name, value))
        elif old.value is not None and (name != old.name.lower() or not _says_same(name, old.value, value)):
            begin = old.begin if name in _CONTAINERS else old.start
            label = _renamed(text[old.begin : old.start], name) if name in _CONTAINERS else ""
            yield begin, old.end, label + value
    if work.superseded and (not wanted or wanted & set(_CONTAINERS)):
        yield from _as_published(item, work, present)
    if new and item.fields:
        yield item.end, item.end, "".join(_added(text, item.fields[-1], name, value) for name, value in new)


def _fields(work: CitedWork, present: Mapping[str, Field], wanted: set[str]) -> dict[str, str]:
    """Return the fields of a work that an entry should have, by the entry's own field names."""
    fields = fields_of(work)
    if _CORR.search(fields.get("volume", "")):
        del fields["volume"]
    if not (work.entry.title or work.text("title")):
        del fields["title"]  # it is the key, or a name
    if "author" in fields and "author" in present and "," in (present["author"].value or ""):
        fields["author"] = braced(joined(work.people, family_first=True))
    return {
        name: value
        for name, value in fields.items()
        if (name in wanted if wanted else name not in _UNASKED) and _SAID_BY.get(name) not in present
    }


def _as_published(item: BibtexEntry, work: CitedWork, present: Mapping[str, Field]) -> Iterator[tuple[int, int, str]]:
    """Yield the changes that make a preprint's entry the published paper: its type, its date, no volume of CoRR."""
    if item.kind.lower() != work.bibtex_type:
        yield item.begin, item.begin + len(item.kind), work.bibtex_type
    date = present.get("date")
    if date and work.date and not (date.value or "").startswith(work.date[:4]):
        yield date.start, date.end, braced(work.date)
    volume = present.get("volume")
    if volume and _CORR.fullmatch(volume.value or ""):
        place = item.fields.index(volume)
        yield (item.fields[place - 1].end if place else volume.begin), volume.end, ""


def _as_listed(item: BibtexEntry, work: CitedWork) -> CitedWork:
    """Return the work as an entry lists it; an entry without a venue may be a preprint."""
    has_venue = any(field.name in _CONTAINERS[:2] or field.name == "journaltitle" for field in item.fields)
    if work.entry.venue or has_venue or item.kind.lower() not in _PREPRINTS or not work.arxiv_id:
        return work
    preprint = CitedWork(replace(work.entry, venue="arXiv"))
    return preprint if preprint.superseded else work


def _renamed(label: str, name: str) -> str:
    """Return the text before a value with another field name; biblatex's own name for a journal stays."""
    old = re.match(r"\w+", label)
    if old is None or (name == "journal" and old[0].lower() == "journaltitle"):
        return label
    return name + label[old.end() :]


def _added(text: str, last: Field, name: str, value: str) -> str:
    """Return an added field in the layout of the last one."""
    line = text.rfind("\n", 0, last.begin) + 1
    newline, indent = "", " "
    if line and not text[line : last.begin].strip(" \t"):
        newline, indent = "\r\n" if text[line - 2 : line] == "\r\n" else "\n", text[line : last.begin]
    before_sign, _, after_sign = text[last.begin : last.start].partition("=")
    gap = len(before_sign) - len(last.name)
    # A gap wider than a space means that equals signs are aligned.
    padded = name.ljust(len(before_sign)) if gap > 1 else name
    padded += " " if gap and not padded.endswith(" ") else ""
    return f",{newline}{indent}{padded}={after_sign}{value}"


def _says_same(name: str, old: str, new: str) -> bool:
    """Whether a value says the same as another in different words."""
    one, other = plain_value(old), plain_value(new)
    if name == "author":
        return _authors(old) == _authors(new[1:-1])
    if name == "month":
        return month_number(one) == month_number(other)
    if name == "pages":
        return re.sub(r"\W+", "-", one) == re.sub(r"\W+", "-", other)
    if name in ("doi", "eprint"):
        return (_id(one) or one) == (_id(other) or other)
    return one == other or fold(one) == fold(other)


def _authors(value: str) -> tuple[object, ...]:
    """Return the normal form of a list of authors: their names in parts, and whether there are more."""
    people = authors_of(tuple(map(plain_value, names_in(value))))
    return people.complete, [(fold(name.family), fold(name.given), fold(name.suffix)) for name in people.names]
