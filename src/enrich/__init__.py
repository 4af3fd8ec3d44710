"""Metadata enrichment and link checking for curated lists of papers."""

__version__ = "0.1.0"
