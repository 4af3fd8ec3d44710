"""The JSON Schema of a catalog, for editors."""

from __future__ import annotations

from enrich.model import ENRICHED_FIELDS, OWN_FIELDS, EntryType, LinkKind, Shape

_TEXT = {"type": "string"}
_TEXTS = {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]}
# YAML reads a bare 2023-03-13 as a date and 2303.06865 as a number; enrich takes the text of both.
_SCALAR = {"type": ["string", "number", "null"]}


def schema() -> dict[str, object]:
    """Return the JSON Schema (2020-12) of catalog.yaml; other keys are the person's own, and allowed."""
    enriched = {name: _form(shape) for name, shape in ENRICHED_FIELDS.items()}
    link = {
        "type": "object",
        "properties": {"label": _TEXT, "kind": {"enum": list(LinkKind)}, "url": _TEXT},
        "required": ["url"],
    }
    entry = {
        "type": "object",
        "properties": {
            **{name: enriched[name] for name in ("title", "venue", *OWN_FIELDS)},
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
    mirrored = {"type": "object", "properties": {"path": _TEXT, "base_url": _TEXT}, "required": ["path"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "catalog.yaml",
        "type": "object",
        "properties": {
            "version": {"const": 1},
            "lists": {"oneOf": [_TEXT, {"type": "array", "items": {"oneOf": [_TEXT, mirrored]}}]},
            "entries": {"type": "array", "items": entry},
        },
        "required": ["version", "entries"],
    }


def _form(shape: Shape) -> dict[str, object]:
    if shape is Shape.SOURCES:
        return {"type": "object", "additionalProperties": _TEXT}
    return dict(_TEXTS if shape is Shape.TEXTS else _SCALAR)
