"""DBLP's XML: https://dblp.org/faq/What+do+I+find+in+dblp+xml.html."""

from __future__ import annotations

import html.entities
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.parsers import expat

from enrich.cleaning.texts import author_names, clean_title, doi_in, one_line, plain_text
from enrich.identifiers import parse
from enrich.model import LONGEST_TITLE, Record, Scheme
from enrich.services import DBLP
from enrich.snapshots.inputs import ByteStream, Dump, open_dump
from enrich.snapshots.rows import LONGEST_LISTS, Malformed, Row, SnapshotError, storable_text
from enrich.text.dates import checked_year

_PAPERS = ("article", "inproceedings", "proceedings", "book", "incollection", "phdthesis", "mastersthesis", "data")
_FIELDS = ("title", "author", "year", "journal", "booktitle", "volume", "number", "pages", "publisher", "ee")
_MANY = ("author", "ee")
_PIECE = 1 << 18
_LONGEST_FIELD = 20_000  # characters
_MOST_VALUES = 10_000  # of authors and links of one record
_HOMONYM = re.compile(r"\s\d{4}$", re.ASCII)  # `Wei Wang 0012`: https://dblp.org/faq/
_DOI = re.compile(r"https?://(?:dx\.)?doi\.org/(.+)", re.IGNORECASE)
# The character names in dblp.dtd are those of HTML 4; XML itself knows the last four.
_DTD = "".join(
    f'<!ENTITY {name} "&#{code};">'
    for name, code in html.entities.name2codepoint.items()
    if name not in ("amp", "lt", "gt", "quot")
).encode()
_LONGEST_TAG = 16_000_000  # bytes
_DEEPEST = 100


class _Reader:
    """Collects the records of a document while expat reads it."""

    def __init__(self, path: Path) -> None:
        self.found: list[Row | Malformed] = []
        self.is_dblp: bool | None = None
        self._path = path
        self._depth = 0
        self._record: dict[str, list[str]] | None = None
        self._key = ""
        self._updated: str | None = None
        self._field: str | None = None
        self._unknown: str | None = None
        self._texts: list[str] = []
        self._length = 0
        self._held = 0
        self._fed = 0
        self._parser = expat.ParserCreate()
        # A file gets our DTD, whichever it names, and no other file is ever opened.
        self._parser.UseForeignDTD(True)
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_ALWAYS)
        self._parser.ExternalEntityRefHandler = self._give_dtd
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.EntityDeclHandler = self._declared
        self._parser.SkippedEntityHandler = self._skipped

    def feed(self, data: bytes, *, last: bool) -> list[Row | Malformed]:
        """Return the records that end in the data.

        Raises:
            SnapshotError: It is not DBLP's XML.
        """
        try:
            self._parser.Parse(data, last)
        except (ValueError, LookupError) as error:
            raise SnapshotError(f"{self._path}: its encoding cannot be read ({error}); convert it to UTF-8") from None
        except expat.ExpatError as error:
            words = expat.ErrorString(error.code)
            raise SnapshotError(f"{self._path}:{error.lineno}: not well-formed XML ({words})") from None
        self._fed += len(data)
        if self._fed - self._parser.CurrentByteIndex > _LONGEST_TAG:
            raise SnapshotError(f"{self._path}: a tag of more than {_LONGEST_TAG / 1e6:.0f} MB; not read")
        found, self.found = self.found, []
        return found

    def _give_dtd(self, context: str | None, *_: object) -> int:
        self._parser.ExternalEntityParserCreate(context).Parse(_DTD, True)
        return 1

    def _declared(self, name: str, _: int, value: str | None, *__: object) -> None:
        """Accept a character name, as DBLP's DTD declares them, and nothing that expands."""
        if value is None or len(value) > 1:
            line = self._parser.CurrentLineNumber
            raise SnapshotError(f"{self._path}:{line}: the entity {name[:60]!r} is not a character; not read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise SnapshotError(f"{self._path}:{self._parser.CurrentLineNumber}: nested too deep; not read")
        if self._depth == 1:
            self.is_dblp = name == "dblp"
        elif self._depth == 2:
            is_withdrawn = "withdrawn" in attributes.get("publtype", "").split()
            self._record = {} if name in _PAPERS and not is_withdrawn else None
            self._key, self._updated = attributes.get("key", ""), attributes.get("mdate")
            self._unknown, self._held = None, 0
        elif self._depth == 3 and self._record is not None and name in _FIELDS:
            self._field, self._texts, self._length = name, [], 0

    def _skipped(self, name: str, _: object) -> None:
        """Remember an unknown character name: the field would be read without it."""
        if self._field is not None:
            self._unknown = name

    def _text(self, text: str) -> None:
        if self._field is not None and self._length < _LONGEST_FIELD:
            self._texts.append(text[: _LONGEST_FIELD - self._length])
            self._length += len(text)

    def _end(self, _: str) -> None:
        if self._depth == 3 and self._record is not None and self._field is not None:
            values = self._record.setdefault(self._field, [])
            self._held += self._length
            if len(values) < _MOST_VALUES and self._held <= LONGEST_LISTS:
                values.append("".join(self._texts))
            self._field = None
        elif self._depth == 2 and self._record is not None:
            self.found.append(self._row(self._record))
            self._record = None
        self._depth -= 1

    def _row(self, fields: dict[str, list[str]]) -> Row | Malformed:
        place = f"{self._path}:{self._parser.CurrentLineNumber}"
        title = storable_text((_first(fields, "title") or "").strip().removesuffix("."), LONGEST_TITLE)
        key = storable_text(self._key, 300)
        if key is None:
            return Malformed(place, "a record without `key`")
        if title is None:
            return Malformed(place, f"no title in {key}")
        if self._unknown is not None:
            return Malformed(place, f"unknown entity {self._unknown[:60]!r} in {key}")
        facts: list[object] = [fields.get(name, []) if name in _MANY else _first(fields, name) for name in _FIELDS]
        facts[0] = title
        return Row(key, title, facts, self._updated)


def _first(fields: dict[str, list[str]], name: str) -> str | None:
    return fields[name][0] if name in fields else None


def read(dump: Dump) -> Iterator[Row | Malformed]:
    """Yield the publications of a file, except those that DBLP marks as withdrawn, which are looked up online.

    Raises:
        SnapshotError: The file cannot be read, or is not DBLP's XML.
    """
    reader = _Reader(dump.path)
    with open_dump(dump) as file:
        yield from _pieces(reader, file)
        if reader.is_dblp is False:
            raise SnapshotError(f"{dump.path}: not DBLP's XML, which has the root element <dblp>")


def _pieces(reader: _Reader, file: ByteStream) -> Iterator[Row | Malformed]:
    while data := file.read(_PIECE):
        yield from reader.feed(data, last=False)
        if reader.is_dblp is False:
            return
    yield from reader.feed(b"", last=True)


def record(key: str, facts: Sequence[object]) -> Record:
    """Return the record of a stored row.

    Raises:
        ValueError: It is not one that `read` made.
    """
    title, authors, year, journal, booktitle, volume, number, pages, publisher, links = facts
    names = authors if isinstance(authors, list) else []
    dois = [match[1] for link in links if (match := _DOI.match(str(link)))] if isinstance(links, list) else []
    registered = next((doi for text in dois if (doi := doi_in(text))), None)
    preprint = parse(registered or "")
    is_preprint = preprint is not None and preprint.scheme is Scheme.ARXIV
    digits = str(year).strip() if isinstance(year, str) else ""
    return Record(
        source=DBLP,
        title=clean_title(title),
        authors=author_names(_HOMONYM.sub("", str(name)) for name in names),
        year=checked_year(int(digits)) if digits.isascii() and digits.isdigit() and len(digits) == 4 else None,
        venue=None if is_preprint else plain_text(journal) or plain_text(booktitle),
        volume=None if is_preprint else one_line(volume, 60),
        issue=one_line(number, 60),
        pages=one_line(pages, 60),
        publisher=plain_text(publisher, 300),
        doi=None if is_preprint else registered,
        arxiv_id=preprint.value if preprint and is_preprint else None,
        url=f"https://dblp.org/rec/{key}",
    )
