"""results.sqlite: verdicts, findings and citation counts over time, of any number of catalogs; a row per change.

The schema is public: docs/results.md describes it.
"""

from __future__ import annotations

from enrich.results.reading import read
from enrich.results.recording import record
from enrich.results.schema import require_recordable
from enrich.results.state import states

__all__ = ["read", "record", "require_recordable", "states"]
