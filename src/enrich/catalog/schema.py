"""The JSON Schema of a catalog, for editors."""

from __future__ import annotations

from collections.abc import Mapping

from enrich.model import ENRICHED_FIELDS, OWN_FIELDS, EntryType, LinkKind, Shape

_TEXT = {"type": "string"}
_TEXTS = {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]}
# YAML reads an unquoted 2023-03-13 as a date and 2303.06865 as a number; enrich uses the text of both.
_SCALAR = {"type": ["string", "number", "null"]}


ID = "urn:enrich-catalog:schema:catalog:1"
"""The identifier of the schema for editors and validators."""

_FIELDS: Mapping[str, str] = {
    "title": "The title of the paper.",
    "authors": "The names of the authors, in their order.",
    "abstract": "The abstract.",
    "year": "The year of publication.",
    "published": "The day on which the paper became public, as a preprint or not: 2023-03-13, 2023-03 or 2023.",
    "issued": "The date of the version of record: 2023-10-23, 2023-10 or 2023.",
    "venue": "Where it appeared, as you name it: OSDI 2023, arXiv.",
    "container": "The journal or the proceedings, in full.",
    "volume": "The volume of the journal.",
    "issue": "The issue of the journal.",
    "pages": "The pages: 611-626.",
    "publisher": "The publisher.",
    "publication_type": "The type of the publication, as Crossref names it: journal-article, proceedings-article.",
    "doi": "The DOI, without https://doi.org/: 10.1145/3600006.3613165.",
    "arxiv_id": 'The arXiv ID, in quotes: "2309.06180".',
    "semantic_scholar_id": "The ID of the paper at Semantic Scholar.",
    "citation_count": "How often it was cited.",
    "citation_count_as_of": "The day of the citation count.",
    "matched_by": "How the paper was found: arxiv_id, doi, title, page and others.",
    "enriched_on": "The day on which the block last changed.",
    "sources": "Which service each field is from.",
}


def schema() -> dict[str, object]:
    """Return the JSON Schema (2020-12) of catalog.yaml; other keys belong to the user, and are allowed."""
    enriched = {name: _described(_form(shape), _FIELDS.get(name, "")) for name, shape in ENRICHED_FIELDS.items()}
    mirrored = {
        "type": "object",
        "properties": {
            "path": _described(_TEXT, "The path of the list, relative to the catalog."),
            "base_url": _described(_TEXT, "What relative links of the list belong to."),
        },
        "required": ["path"],
    }
    lists = {"oneOf": [_TEXT, {"type": "array", "items": {"oneOf": [_TEXT, mirrored]}}]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "catalog.yaml",
        "description": "A catalog of papers that enrich keeps. Keys of your own are allowed everywhere.",
        "type": "object",
        "properties": {
            "version": {"const": 1, "description": "The version of this form."},
            "lists": _described(lists, "Lists that the catalog mirrors: README.md, refs.bib."),
            "entries": {"type": "array", "items": _entry(enriched), "description": "The items, in the list's order."},
        },
        "required": ["version", "entries"],
    }


def _entry(enriched: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    link = {
        "type": "object",
        "properties": {
            "label": _described(_TEXT, "The text of the link in the list."),
            "kind": {"enum": list(LinkKind), "description": "What the link leads to."},
            "url": _described(_TEXT, "The address."),
        },
        "required": ["url"],
    }
    short = {"type": "object", "additionalProperties": _TEXTS}
    links = {"oneOf": [{"type": "array", "items": {"oneOf": [_TEXT, link]}}, short]}
    own = {name: enriched[name] for name in ("title", "venue", *OWN_FIELDS)}
    block = {"type": ["object", "null"], "properties": dict(enriched)}
    return {
        "type": "object",
        "properties": {
            **own,
            "key": _described(_SCALAR, "The entry's name for programs: unique, and never changed."),
            "type": {"enum": list(EntryType), "description": "What the entry is; only papers are looked up."},
            "name": _described(_SCALAR, "What the list calls it: FlexGen."),
            "institutions": _described(_TEXTS, "The institutions that the list names."),
            "sections": _described(_TEXTS, "The headings above the entry: Serving / Caching."),
            "tags": _described(_TEXTS, "Tags of your own."),
            "remarks": _described(_SCALAR, "What the list says besides."),
            "links": _described(links, "The links, as a list, or as kind and address: {paper: https://…}."),
            "enriched": _described(block, "Written by enrich; what you write on the entry itself wins."),
        },
        "required": ["key"],
    }


def _described(form: Mapping[str, object], words: str) -> dict[str, object]:
    return {**form, "description": words} if words else dict(form)


def _form(shape: Shape) -> dict[str, object]:
    if shape is Shape.SOURCES:
        return {"type": "object", "additionalProperties": _TEXT}
    return dict(_TEXTS if shape is Shape.TEXTS else _SCALAR)
