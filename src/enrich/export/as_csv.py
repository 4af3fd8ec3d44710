"""The catalog as CSV, for spreadsheets and data frames; pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from enrich.export.works import CitedWork, printable
from enrich.model import ENRICHED_FIELDS, Entry, LinkKind

# Characters that spreadsheets read as a formula, full-width ones, too (https://owasp.org/www-community/attacks/CSV_Injection).
_FORMULA = tuple("=+-@\t\r＝＋－＠")
_HOUSEKEEPING = ("matched_by", "enriched_on", "sources")
_LAST = ("paper", "code", "links", "institutions", "sections", "tags", "remarks", "abstract")
_FIRST = ("key", "type", "name")
_COLUMNS = (
    *_FIRST,
    *(name for name in ENRICHED_FIELDS if name not in (*_HOUSEKEEPING, *_LAST)),
    *_LAST,
)
"""The columns: the fields of an entry and of `enriched:`, except for enrich's own."""


def comma_separated(entries: Sequence[Entry]) -> str:
    """Return a CSV file with a header and a row for every entry; `; ` separates several values in a cell.

    A cell that a spreadsheet would read as a formula begins with `'`.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(_row(CitedWork(entry)) for entry in entries)
    return buffer.getvalue()


def _row(work: CitedWork) -> list[str]:
    entry = work.entry
    by_kind = {kind: [link.url for link in entry.links if link.kind is kind] for kind in LinkKind}
    values: dict[str, str | Sequence[str]] = {
        "key": entry.key,
        "type": str(entry.type),
        "name": entry.name or "",
        "title": work.title,
        "authors": work.authors,
        "year": work.year or "",
        "published": _published(work),
        "venue": work.venue or "",
        "paper": by_kind[LinkKind.PAPER],
        "code": by_kind[LinkKind.CODE],
        "links": [link.url for link in entry.links],
        "institutions": entry.institutions,
        "sections": entry.sections,
        "tags": entry.tags,
        "remarks": entry.remarks or "",
    }
    return [_cell(values[column] if column in values else work.text(column) or "") for column in _COLUMNS]


def _published(work: CitedWork) -> str:
    """Return the day of first publication, unless the year of the version of record contradicts it."""
    published = work.text("published")
    return published if published and work.year and published.startswith(work.year) else ""


def _cell(value: str | Sequence[str]) -> str:
    text = printable(value if isinstance(value, str) else "; ".join(value))
    return f"'{text}" if text.startswith(_FORMULA) else text
