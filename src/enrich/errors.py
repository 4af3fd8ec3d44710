"""The error that ends a run."""

from __future__ import annotations


class EnrichError(Exception):
    """Enrich cannot run; the text tells what happened, where, and what to do next (exit code 2)."""
