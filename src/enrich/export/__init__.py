"""The catalog for other tools; pure. A format is a module and a row here; values that a person wrote win."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from enrich.export.as_csv import comma_separated
from enrich.export.as_json import json_catalog
from enrich.export.as_sqlite import EXPORT_MARK, Exported, database
from enrich.export.bibtex import bibtex
from enrich.export.csl import csl_json
from enrich.export.keys import KEYS
from enrich.export.markdown import markdown_list
from enrich.export.ris import ris
from enrich.export.updating import GROUPS, updated
from enrich.model import Entry

__all__ = ["EXPORT_MARK", "FORMATS", "GROUPS", "KEYS", "SQLITE", "Exported", "Format", "database", "updated"]

SQLITE = "sqlite"
"""The only binary format, and the only one with the results of the last run; `database` writes it."""


@dataclass(frozen=True, slots=True)
class Format:
    """An export format: `write` takes the entries, and `keys` if its references have citation keys."""

    write: Callable[..., str]
    has_keys: bool = False

    def __call__(self, entries: Sequence[Entry], keys: str = "entry") -> str:
        """Return the entries in this format."""
        return self.write(entries, keys) if self.has_keys else self.write(entries)


FORMATS: Mapping[str, Format] = {
    "bibtex": Format(bibtex, has_keys=True),
    "csl-json": Format(csl_json, has_keys=True),
    "ris": Format(ris, has_keys=True),
    "json": Format(json_catalog),
    "csv": Format(comma_separated),
    "markdown": Format(markdown_list),
}
"""The formats by their names on the command line."""
