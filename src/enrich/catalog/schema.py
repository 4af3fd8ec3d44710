"""The JSON Schema of a catalog, for editors."""

from __future__ import annotations

from dataclasses import fields

from enrich.model import Enriched, EntryType, LinkKind

_TEXT = {"type": "string"}
_TEXTS = {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]}
# YAML reads a bare 2023-03-13 as a date and 2303.06865 as a number; enrich takes the text of both.
_SCALAR = {"type": ["string", "number", "null"]}


def schema() -> dict[str, object]:
    """The JSON Schema (2020-12) of catalog.yaml; keys that it does not name are the person's own, and allowed."""
    enriched = {field.name: _field(field.name) for field in fields(Enriched)}
    link = {
        "type": "object",
        "properties": {"label": _TEXT, "kind": {"enum": list(LinkKind)}, "url": _TEXT},
        "required": ["url"],
    }
    entry = {
        "type": "object",
        "properties": {
            **{name: shape for name, shape in enriched.items() if name not in ("sources", "matched_by", "enriched_on")},
            "key": _SCALAR,
            "type": {"enum": list(EntryType)},
            "name": _SCALAR,
            "institutions": _TEXTS,
            "sections": _TEXTS,
            "tags": _TEXTS,
            "remarks": _SCALAR,
            "links": {
                "oneOf": [
                    {"type": "array", "items": {"oneOf": [_TEXT, link]}},
                    {"type": "object", "additionalProperties": _TEXTS},
                ]
            },
            "enriched": {"type": ["object", "null"], "properties": enriched, "description": "Written by enrich."},
        },
        "required": ["key"],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "catalog.yaml",
        "type": "object",
        "properties": {"version": {"const": 1}, "entries": {"type": "array", "items": entry}},
        "required": ["version", "entries"],
    }


def _field(name: str) -> dict[str, object]:
    if name == "authors":
        return dict(_TEXTS)
    if name == "sources":
        return {"type": "object", "additionalProperties": _TEXT}
    return dict(_SCALAR)
