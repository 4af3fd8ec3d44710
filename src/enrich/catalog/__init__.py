"""The catalog: read with places, rewritten byte for byte around enrich's blocks, saved atomically."""

from enrich.catalog.files import check_writable, create, load, save, save_enriched
from enrich.catalog.mirroring import with_additions, with_lists
from enrich.catalog.nodes import CatalogError
from enrich.catalog.reading import Catalog, MirroredList, parse
from enrich.catalog.replacing import with_scalars
from enrich.catalog.schema import schema
from enrich.catalog.splicing import check_unshared, enriched_diff, new_text, with_enriched, with_entries

__all__ = [
    "Catalog",
    "CatalogError",
    "MirroredList",
    "check_unshared",
    "check_writable",
    "create",
    "enriched_diff",
    "load",
    "new_text",
    "parse",
    "save",
    "save_enriched",
    "schema",
    "with_additions",
    "with_enriched",
    "with_entries",
    "with_lists",
    "with_scalars",
]
