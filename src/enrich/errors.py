"""The error that ends a run."""

from __future__ import annotations


class EnrichError(Exception):
    """Enrich cannot run; the message says what happened, where, and what to do next (exit code 2)."""
