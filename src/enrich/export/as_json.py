"""The catalog as JSON, for programs: the content of `catalog.yaml`, valid against its schema; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields

from enrich.model import Enriched, Entry

_LISTED = ("name", "title", "venue", "institutions", "sections", "tags", "remarks")


def json_catalog(entries: Sequence[Entry]) -> str:
    """Return the entries as `{"version": 1, "entries": [...]}`, one per line, without empty fields.

    It is a catalog, too, as JSON is YAML.
    """
    rows = ",\n".join(json.dumps(_entry(entry), ensure_ascii=False) for entry in entries)
    lines = f"\n{rows}\n" if rows else ""
    return f'{{"version": 1, "entries": [{lines}]}}\n'


def _entry(entry: Entry) -> dict[str, object]:
    row: dict[str, object] = {"key": entry.key, "type": entry.type}
    row |= {name: value for name in _LISTED if (value := getattr(entry, name))}
    row |= _block(entry.own)
    if entry.links:
        row["links"] = [{"label": link.label, "kind": link.kind, "url": link.url} for link in entry.links]
    if entry.enriched is not None:
        row["enriched"] = _block(entry.enriched)
    return row


def _block(block: Enriched) -> dict[str, object]:
    values = ((each.name, getattr(block, each.name)) for each in fields(block))
    return {
        name: dict(value) if isinstance(value, Mapping) else value
        for name, value in values
        if value not in (None, (), {})
    }
