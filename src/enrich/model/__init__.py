"""The nouns of the field: frozen, without input or output, known to every room."""

from enrich.model.entries import (
    ENRICHED_FIELDS,
    FACT_FIELDS,
    OWN_FIELDS,
    WANTED_FIELDS,
    Enriched,
    Entry,
    EntryType,
    Link,
    LinkKind,
    Place,
    is_open_ended,
)
from enrich.model.errors import EnrichError
from enrich.model.findings import UNSETTLED_RULES, Finding, Replacement, Severity, State
from enrich.model.links import PASSED_ON, Evidence, LinkCheck, Page, Verdict
from enrich.model.metadata import Metadata, Shape
from enrich.model.records import (
    IDENTIFIER_FIELDS,
    Found,
    Identifier,
    Missing,
    Outcome,
    Record,
    Repository,
    Scheme,
    Unknown,
)
from enrich.model.replies import Hop, Kind, Reply, Unreachable
from enrich.model.reports import EntryReport, LinkReport, PastRun, Report, Status, Unasked, Unfinished

__all__ = [
    "ENRICHED_FIELDS",
    "FACT_FIELDS",
    "IDENTIFIER_FIELDS",
    "OWN_FIELDS",
    "PASSED_ON",
    "UNSETTLED_RULES",
    "WANTED_FIELDS",
    "EnrichError",
    "Enriched",
    "Entry",
    "EntryReport",
    "EntryType",
    "Evidence",
    "Finding",
    "Found",
    "Hop",
    "Identifier",
    "Kind",
    "Link",
    "LinkCheck",
    "LinkKind",
    "LinkReport",
    "Metadata",
    "Missing",
    "Outcome",
    "Page",
    "PastRun",
    "Place",
    "Record",
    "Replacement",
    "Reply",
    "Report",
    "Repository",
    "Scheme",
    "Severity",
    "Shape",
    "State",
    "Status",
    "Unasked",
    "Unfinished",
    "Unknown",
    "Unreachable",
    "Verdict",
    "is_open_ended",
]
